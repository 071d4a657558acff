//! Companies: whose people, departments and positions everything else is.
//!
//! A company is named by its name in any letter case, or by its slug. It cannot be deleted while anything refers to it;
//! people in the bin do not count, they lose the company, which is told, and must name another when they are restored.

pub(crate) mod cli;
pub(crate) mod control_word;
mod error;
mod store;
pub(crate) mod target;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use error::Error;
pub(crate) use store::{Company, Uses, control_word_hash};

use serde_json::json;

use crate::audit::{self, Event, Fields};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::run::{self, Ask, BinRemoval, Committed, Engine, Spec};
use crate::store::Tx;
use crate::text::count::{counted, named_among};
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::text::note::check_note;
use crate::text::slug::{is_slug, slug};
use crate::text::suggest::nearest_one;

/// The word for a company in the audit and in runs.
pub(crate) const KIND: &str = "company";

/// A company to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct New {
    /// Its name.
    pub(crate) name: String,
    /// Its slug; made from the name when absent.
    pub(crate) slug: Option<String>,
    /// A note.
    pub(crate) note: Option<String>,
}

/// What to change; absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The new name.
    pub(crate) name: Option<String>,
    /// The new slug.
    pub(crate) slug: Option<String>,
    /// The new note; an empty one removes it.
    pub(crate) note: Option<String>,
}

/// Makes a company; returns it and whether it is new (`if_absent` accepts the one there is).
pub(crate) fn create(cx: &Context, new: &New, if_absent: bool) -> Result<(Company, bool)> {
    cx.write(|tx| {
        cx.actor.require("companies.add", None)?;
        if if_absent && let Some(found) = store::find_by_name(tx, &fold(&check_title(&new.name)?))? {
            return Ok((found, false));
        }
        let id = create_in(cx, tx, new, None)?;
        Ok((store::get(tx, id)?, true))
    })
}

/// The name of a company that is to be made, if the actor may make it.
pub(crate) fn check_new(cx: &Context, tx: &Tx<'_>, name: &str) -> Result<String> {
    cx.actor.require("companies.add", None)?;
    let name = check_name(tx, name, None)?;
    check_never_anothers(cx, tx, &name, None)?;
    Ok(name)
}

/// Makes a company in a transaction of the caller; returns its id.
pub(crate) fn create_in(cx: &Context, tx: &Tx<'_>, new: &New, run: Option<&str>) -> Result<i64> {
    let name = check_new(cx, tx, &new.name)?;
    let slug = match &new.slug {
        Some(given) => check_slug(tx, given, None)?,
        None => free_slug(cx, tx, &name)?,
    };
    check_never_anothers(cx, tx, &slug, None)?;
    let note = new.note.as_deref().map_or(Ok(None), check_note)?;
    let id = audit::new_id(tx, (KIND, "companies"))?;
    let mut after = Fields::new();
    after.insert("name".into(), json!(name));
    after.insert("slug".into(), json!(slug));
    if let Some(note) = &note {
        after.insert("note".into(), json!(note));
    }
    let subject = Event::of("company.create", (KIND, id), &name).in_run(run);
    let revision = audit::change(cx, tx, subject, &Fields::new(), &after)?;
    let note = note.as_deref();
    store::insert(tx, &store::Values { id, name: &name, slug: &slug, note, revision, now: cx.now() })?;
    Ok(id)
}

/// How much refers to a company.
pub(crate) fn uses(cx: &Context, company: &Company) -> Result<Uses> {
    cx.read(|tx| store::uses(tx, company.id))
}

/// Calls `each` with every company that the actor may see and how much refers to it, by name.
pub(crate) fn list(cx: &Context, mut each: impl FnMut(Company, Uses) -> Result<()>) -> Result<()> {
    let seen = cx.actor.scope("org.view");
    cx.read(|tx| {
        list_in(tx, |company| {
            if !seen.contain(Some(company.id)) {
                return Ok(());
            }
            let uses = store::uses(tx, company.id)?;
            each(company, uses)
        })
    })
}

/// Calls `each` with every company, by name, in a transaction of the caller.
pub(crate) fn list_in(tx: &Tx<'_>, each: impl FnMut(Company) -> Result<()>) -> Result<()> {
    store::list(tx, each)
}

/// The company of that name or slug.
pub(crate) fn get(cx: &Context, name: &str) -> Result<Company> {
    cx.read(|tx| {
        cx.actor.require_anywhere("org.view")?;
        get_in(tx, name, &cx.actor.scope("org.view"))
    })
}

fn to_delete(cx: &Context, tx: &Tx<'_>, name: &str) -> Result<Company> {
    cx.actor.require_anywhere("companies.delete")?;
    let company = get_in(tx, name, &cx.actor.scope_of_any(&["org.view", "companies.delete"]))?;
    cx.actor.require("companies.delete", Some(company.id))?;
    Ok(company)
}

/// The company of that name or slug, in a transaction of the caller, if there is one, whoever may look at it.
pub(crate) fn find_in(tx: &Tx<'_>, name: &str) -> Result<Option<Company>> {
    store::find(tx, &fold(name))
}

/// The company of that name or slug among those that the actor has to do with, in a transaction of the caller. Of any other
/// is said what is said of one there is not.
pub(crate) fn get_in(tx: &Tx<'_>, name: &str, seen: &CompanyScope) -> Result<Company> {
    match find_in(tx, name)?.filter(|company| seen.contain(Some(company.id))) {
        Some(company) => Ok(company),
        None => not_found(tx, name, seen),
    }
}

/// Its id alone.
pub(crate) fn id_in(tx: &Tx<'_>, name: &str, seen: &CompanyScope) -> Result<i64> {
    match store::find_id(tx, &fold(name))?.filter(|id| seen.contain(Some(*id))) {
        Some(id) => Ok(id),
        None => not_found(tx, name, seen),
    }
}

/// The error for a name that no company has of those that the actor has to do with, which are offered.
pub(crate) fn not_found<T>(tx: &Tx<'_>, name: &str, seen: &CompanyScope) -> Result<T> {
    let mut names = store::names(tx)?;
    names.retain(|(id, _)| seen.contain(Some(*id)));
    let names = names.iter().map(|(_, name)| name.as_str());
    let near = nearest_one(name, names);
    Err(Error::NotFound { name: name.to_owned(), near }.into())
}

/// Changes a company; returns it and the names of the fields that changed.
pub(crate) fn edit(cx: &Context, name: &str, edit: &Edit) -> Result<(Company, Vec<String>)> {
    cx.write(|tx| {
        cx.actor.require_anywhere("companies.edit")?;
        let old = get_in(tx, name, &cx.actor.scope_of_any(&["org.view", "companies.edit"]))?;
        cx.actor.require("companies.edit", Some(old.id))?;
        let mut new = old.clone();
        if let Some(typed) = &edit.name {
            new.name = check_name(tx, typed, Some(old.id))?;
        }
        if let Some(typed) = &edit.slug {
            new.slug = check_slug(tx, typed, Some(old.id))?;
        }
        for (old_name, name) in [(&old.name, &new.name), (&old.slug, &new.slug)] {
            if fold(old_name) != fold(name) {
                check_never_anothers(cx, tx, name, Some(old.id))?;
            }
        }
        if let Some(typed) = &edit.note {
            new.note = check_note(typed)?;
        }
        let (before, after) = audit::difference(&old.fields(), &new.fields());
        if after.is_empty() {
            return Ok((old, Vec::new()));
        }
        let changed = after.keys().cloned().collect();
        let subject = Event::of("company.edit", (KIND, old.id), &new.name);
        let revision = audit::change(cx, tx, subject, &before, &after)?;
        let (name, slug, note) = (&new.name, &new.slug, new.note.as_deref());
        store::update(tx, &store::Values { id: old.id, name, slug, note, revision, now: cx.now() })?;
        Ok((store::get(tx, old.id)?, changed))
    })
}

/// Deletes a company that nothing refers to; who is in the bin loses it, and then it is a run.
pub(crate) fn delete(cx: &Context, engine: &mut Engine, name: &str) -> Result<(Company, Committed)> {
    let spec = Spec { kind: "company.delete", source: "", repeats: false, is_whole: true };
    let (plan, company) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let company = to_delete(cx, tx, name)?;
        planner.comes_from(&company.name);
        check_unused(cx, tx, &company)?;
        planner.take_from_bin(cx, BinRemoval::by_all(KIND, company.id))?;
        planner.change(&target::ending(&company))?;
        Ok(company)
    })?;
    Ok((company, run::propose(cx, engine, plan, &Ask::nothing(false))?))
}

/// Ends a company that nothing refers to.
fn delete_in(
    cx: &Context,
    tx: &Tx<'_>,
    company: &Company,
    (action, run): (&str, Option<&str>),
) -> Result<()> {
    check_unused(cx, tx, company)?;
    let subject = Event::of(action, (KIND, company.id), &company.name).in_run(run);
    audit::change(cx, tx, subject, &company.fields(), &Fields::new())?;
    store::delete(tx, company.id)
}

/// Refuses to end a company that something refers to, people in the bin apart.
fn check_unused(cx: &Context, tx: &Tx<'_>, company: &Company) -> Result<()> {
    let uses = store::uses(tx, company.id)?;
    let things = counted(&[
        (uses.people.unsigned_abs(), "person", "people"),
        (uses.departments.unsigned_abs(), "department", "departments"),
        (uses.positions.unsigned_abs(), "position", "positions"),
        (uses.groups.unsigned_abs(), "group", "groups"),
        (uses.mail_accounts.unsigned_abs(), "mail account", "mail accounts"),
        (uses.mail_routes.unsigned_abs(), "mail route", "mail routes"),
        (uses.connections.unsigned_abs(), "connection to a directory", "connections to directories"),
    ]);
    let mut all = Vec::from_iter(Some(things).filter(|things| !things.is_empty()));
    // What grants something for the company, or is for it, is found nowhere else.
    let seen = cx.actor.scope("groups.view");
    let granting = store::granting(tx, company.id)?;
    if !granting.is_empty() {
        let told = granting.iter().filter_map(|granting| match &granting.company {
            Some(company) => {
                seen.contain(granting.company_id).then(|| format!("`{}@{company}`", granting.group))
            }
            None => (!seen.is_empty()).then(|| format!("`{}`", granting.group)),
        });
        let told: Vec<String> = told.collect();
        let grants = counted(&[(uses.grants.unsigned_abs(), "grant", "grants")]);
        all.push(format!("{grants} of {}", named_among(granting.len(), &told, "group", "groups")));
    }
    let roles = store::roles_for(tx, company.id)?;
    if !roles.is_empty() {
        let is_told = cx.actor.has_any(&["roles.view"], Some(company.id));
        let told: Vec<String> = roles.iter().filter(|_| is_told).map(|slug| format!("`{slug}`")).collect();
        all.push(named_among(roles.len(), &told, "role", "roles"));
    }
    if all.is_empty() {
        return Ok(());
    }
    Err(Error::InUse { name: company.name.clone(), uses: all.join(", ") }.into())
}

/// Writes a company that was deleted as it was then, with its id.
fn put_back(cx: &Context, tx: &Tx<'_>, company: &Company, step: (&str, Option<&str>)) -> Result<()> {
    cx.actor.require("companies.add", None)?;
    check_name(tx, &company.name, None)?;
    check_slug(tx, &company.slug, None)?;
    for name in [&company.name, &company.slug] {
        check_never_anothers(cx, tx, name, Some(company.id))?;
    }
    let (action, run) = step;
    let subject = Event::of(action, (KIND, company.id), &company.name).in_run(run);
    let revision = audit::change(cx, tx, subject, &Fields::new(), &company.fields())?;
    let (id, name, slug, note) = (company.id, &company.name, &company.slug, company.note.as_deref());
    store::put_back(tx, &store::Values { id, name, slug, note, revision, now: cx.now() }, company.created_at)
}

impl Company {
    /// All that an administrator decides of it, as the audit has it.
    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert("name".into(), json!(self.name));
        fields.insert("slug".into(), json!(self.slug));
        fields.insert("note".into(), json!(self.note));
        fields
    }
}

/// A name as it is stored, which no other company has for a name or slug: that one could no longer be named by it.
fn check_name(tx: &Tx<'_>, typed: &str, own: Option<i64>) -> Result<String> {
    let name = check_title(typed)?;
    match other(tx, &name, own)? {
        Some(other) if fold(&other.name) != fold(&name) => Err(Error::NameIsSlug { name }.into()),
        Some(other) if own.is_some() => Err(Error::NameTaken { name: other.name }.into()),
        Some(other) => Err(Error::Exists { name: other.name }.into()),
        None => Ok(name),
    }
}

/// A slug as it is typed, which no other company has for a slug or name.
fn check_slug(tx: &Tx<'_>, typed: &str, own: Option<i64>) -> Result<String> {
    if !is_slug(typed) {
        return Err(Error::BadSlug { slug: typed.to_owned() }.into());
    }
    match other(tx, typed, own)? {
        Some(_) => Err(Error::SlugTaken { slug: typed.to_owned() }.into()),
        None => Ok(typed.to_owned()),
    }
}

/// A slug made from the name that no company has for a slug or name, nor had if the actor may not take it: `acme`,
/// `acme-2`, `acme-3`, ….
fn free_slug(cx: &Context, tx: &Tx<'_>, name: &str) -> Result<String> {
    let stem = slug(name).unwrap_or_else(|| "company".to_owned());
    let mut candidate = stem.clone();
    let mut number = 2;
    while other(tx, &candidate, None)?.is_some() || !may_take(cx, tx, &candidate, None)? {
        candidate = format!("{stem}-{number}");
        number += 1;
    }
    Ok(candidate)
}

/// Refuses a name or slug that another company has had, unless a superuser gives it: who names a company in a script would
/// mean another one under a swapped name.
fn check_never_anothers(cx: &Context, tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<()> {
    if may_take(cx, tx, name, own)? {
        return Ok(());
    }
    Err(cx
        .actor
        .denied(format!("`{name}` was another company's before, and only superusers pass it on"))
        .into())
}

/// Whether the actor may give a company this name or slug, as far as it was another's. What was deleted is forgotten:
/// nothing is left that could be taken for it.
fn may_take(cx: &Context, tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<bool> {
    Ok(cx.actor.is_superuser() || !store::was_anothers(tx, &fold(name), own)?)
}

/// Another company of that name or slug.
fn other(tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<Option<Company>> {
    Ok(find_in(tx, name)?.filter(|found| Some(found.id) != own))
}

/// The company with that id.
pub(crate) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Company>> {
    store::by_id(tx, id)
}
