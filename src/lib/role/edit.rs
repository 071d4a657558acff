//! Changing roles. Whoever holds one has what it brings at once.

use super::dashboard::Dashboard;
use super::delete::{check_held_by_none_elsewhere, take_from_others};
use super::{
    Error, KIND, OfCompany, OfGroup, Role, check_may_give, check_name, check_slug, store, target, which_in,
};
use crate::audit::{self, Event};
use crate::catalog::Module;
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::group;
use crate::run::{self, Ask, Committed, Engine, Planner, Spec};
use crate::store::Tx;
use crate::text::color::Color;
use crate::text::note::check_note;

/// What to change; absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The new name.
    pub(crate) name: Option<String>,
    /// The new slug.
    pub(crate) slug: Option<String>,
    /// The new description; an empty one removes it.
    pub(crate) description: Option<String>,
    /// The new colour; an empty one removes it.
    pub(crate) color: Option<String>,
    /// The new place in lists.
    pub(crate) order: Option<i64>,
    /// Whether it is offered and brings its groups.
    pub(crate) active: Option<bool>,
    /// The companies whose people may hold it.
    pub(crate) companies: Changes,
    /// The groups it brings.
    pub(crate) groups: Changes,
    /// The modules whose widgets its dashboard may show.
    pub(crate) modules: Changes,
    /// Take it from people of companies it is no longer for, instead of refusing.
    pub(crate) force: bool,
}

/// Names to put into a list and to take out; what is in it already, or not in it, is no change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// To put in.
    pub(crate) add: Vec<String>,
    /// To take out.
    pub(crate) remove: Vec<String>,
}

/// What an edit did.
pub(crate) struct Edited {
    /// The role as it will be or is.
    pub(crate) role: Role,
    /// The names of the fields that change.
    pub(crate) changed: Vec<String>,
    /// What became of it.
    pub(crate) committed: Committed,
}

/// Changes a role. What takes something from somebody is a run, when `ask` lets it.
pub(crate) fn edit(
    cx: &Context,
    engine: &mut Engine,
    role: &str,
    edit: &Edit,
    ask: &Ask<'_>,
) -> Result<Edited> {
    let spec = Spec { kind: "role.edit", source: "", repeats: false, is_whole: true };
    let (plan, (role, changed)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let old = which_in(cx, tx, role, "roles.edit")?;
        planner.comes_from(&old.slug);
        planner.concerns_all(cx, "roles.edit")?;
        old.require(cx, "roles.edit")?;
        let new = edited(cx, tx, &old, edit)?;
        check(cx, tx, &old, &new)?;
        if new.companies != old.companies {
            take_from_others(cx, tx, planner, (&old, &new), edit.force)?;
        }
        let Some(change) = target::changing(&old, &new) else { return Ok((new, Vec::new())) };
        planner.change(&change)?;
        Ok((new, change.after.into_iter().map(|(field, _)| field).collect()))
    })?;
    let committed = run::propose(cx, engine, plan, ask)?;
    let role = if cx.dry_run { role } else { cx.read(|tx| store::get(tx, role.id))? };
    Ok(Edited { role, changed, committed })
}

/// Plans that a role brings a group no longer.
pub(crate) fn plan_without_group(
    cx: &Context,
    tx: &Tx<'_>,
    planner: &mut Planner<'_>,
    slug: &str,
    group: i64,
) -> Result<()> {
    let old = which_in(cx, tx, slug, "roles.edit")?;
    let mut new = old.clone();
    new.groups.retain(|brought| brought.id != group);
    check(cx, tx, &old, &new)?;
    target::changing(&old, &new).iter().try_for_each(|change| planner.change(change))
}

/// Refuses what the actor may not do, and groups that do not fit.
fn check(cx: &Context, tx: &Tx<'_>, old: &Role, new: &Role) -> Result<()> {
    old.require(cx, "roles.edit")?;
    new.require(cx, "roles.edit")?;
    new.check_groups(cx)?;
    check_may_give(cx, tx, touched(old, new))?;
    check_not_own(cx, tx, old, new)
}

/// Writes what differs, if it may be changed so.
pub(super) fn write(
    cx: &Context,
    tx: &Tx<'_>,
    (old, new): (&Role, Role),
    recorded: (&str, Option<&str>),
) -> Result<()> {
    check(cx, tx, old, &new)?;
    check_name(cx, tx, &new.name, Some(old.id))?;
    check_slug(cx, tx, &new.slug, Some(old.id))?;
    if new.companies != old.companies {
        check_held_by_none_elsewhere(cx, tx, old, &new)?;
    }
    save(cx, tx, old, new, recorded).map(drop)
}

/// Refuses an operator who would change what a role they hold brings them: an assignable group may be given to others only.
fn check_not_own(cx: &Context, tx: &Tx<'_>, old: &Role, new: &Role) -> Result<()> {
    if touched(old, new).next().is_none() {
        return Ok(());
    }
    let holders = store::holders(tx, old.id)?.into_iter().map(|holder| holder.id);
    group::check_not_own(cx, holders, "nobody changes what their own roles bring")
}

/// Changes the dashboard of a role; returns the role and whether anything changed.
pub(super) fn dashboard(
    cx: &Context,
    role: &str,
    change: impl FnOnce(&Dashboard) -> Result<Dashboard, Error>,
) -> Result<(Role, bool)> {
    cx.write(|tx| {
        let old = which_in(cx, tx, role, "roles.edit")?;
        old.require(cx, "roles.edit")?;
        let new = Role { dashboard: change(&old.dashboard)?, ..old.clone() };
        let (role, changed) = save(cx, tx, &old, new, ("role.edit", None))?;
        Ok((role, !changed.is_empty()))
    })
}

/// The companies of these names or slugs, for who changes roles by that permission.
pub(super) fn companies_in(
    cx: &Context,
    tx: &Tx<'_>,
    names: &[String],
    permission: &str,
) -> Result<Vec<OfCompany>> {
    let seen = cx.actor.scope_of_any(&["org.view", "roles.view", permission]);
    let found = names.iter().map(|name| {
        let company = company::get_in(tx, name, &seen)?;
        Ok(OfCompany { id: company.id, name: company.name })
    });
    Ok(put_in(Vec::new(), found.collect::<Result<Vec<_>>>()?))
}

/// The groups of these names, for who changes roles by that permission.
pub(super) fn groups_in(
    cx: &Context,
    tx: &Tx<'_>,
    names: &[String],
    permission: &str,
) -> Result<Vec<OfGroup>> {
    let scope = cx.actor.scope_of_any(&["groups.view", permission]);
    let found = names.iter().map(|name| {
        let Some(group) = group::find_id_in(tx, name, &scope)? else {
            return Err(group::not_found(tx, name, &scope)?.into());
        };
        Ok(OfGroup { id: group.id, name: group.canonical(), company_id: group.company_id })
    });
    Ok(put_in(Vec::new(), found.collect::<Result<Vec<_>>>()?))
}

/// The modules of these names.
pub(super) fn modules_of(names: &[String]) -> Result<Vec<String>> {
    let found = names.iter().map(|name| Ok(Module::parse(name)?.name.to_owned()));
    Ok(put_in(Vec::new(), found.collect::<Result<Vec<_>>>()?))
}

/// Writes what differs; nothing when nothing does.
fn save(
    cx: &Context,
    tx: &Tx<'_>,
    old: &Role,
    mut new: Role,
    (action, run): (&str, Option<&str>),
) -> Result<(Role, Vec<String>)> {
    let (before, after) = audit::difference(&old.fields(), &new.fields());
    let changed: Vec<String> = after.keys().cloned().collect();
    if changed.is_empty() {
        return Ok((new, changed));
    }
    let subject = Event::of(action, (KIND, old.id), &new.slug).in_run(run);
    new.revision = audit::change(cx, tx, subject, &before, &after)?;
    new.updated_at = cx.now();
    store::update(tx, &new)?;
    Ok((store::get(tx, old.id)?, changed))
}

/// The groups that somebody gets or loses by the change: those that come or go, and all when the role holds for others or
/// is called otherwise, for it may be given by its name.
fn touched<'a>(old: &'a Role, new: &'a Role) -> impl Iterator<Item = &'a OfGroup> {
    let names = |role: &'a Role| (&role.name, &role.slug);
    let all = old.active != new.active || old.companies != new.companies || names(old) != names(new);
    let gone = old.groups.iter().filter(move |group| all || !new.groups.contains(group));
    gone.chain(new.groups.iter().filter(move |group| all || !old.groups.contains(group)))
}

/// The role as it will be.
fn edited(cx: &Context, tx: &Tx<'_>, old: &Role, edit: &Edit) -> Result<Role> {
    let mut new = old.clone();
    if let Some(typed) = &edit.name {
        new.name = check_name(cx, tx, typed, Some(old.id))?;
    }
    if let Some(typed) = &edit.slug {
        new.slug = check_slug(cx, tx, typed, Some(old.id))?;
    }
    if let Some(typed) = &edit.description {
        new.description = check_note(typed)?;
    }
    if let Some(typed) = &edit.color {
        new.color = Color::parse_optional(typed)?.map(|color| color.to_string());
    }
    new.order = edit.order.unwrap_or(old.order);
    new.active = edit.active.unwrap_or(old.active);
    let companies = |names: &[String]| companies_in(cx, tx, names, "roles.edit");
    let (add, remove) = (companies(&edit.companies.add)?, companies(&edit.companies.remove)?);
    check_apart(&add, &remove, |company| &company.name)?;
    new.companies = take_out(put_in(new.companies, add), &remove);
    let groups = |names: &[String]| groups_in(cx, tx, names, "roles.edit");
    let (add, remove) = (groups(&edit.groups.add)?, groups(&edit.groups.remove)?);
    check_apart(&add, &remove, |group| &group.name)?;
    new.groups = take_out(put_in(new.groups, add), &remove);
    let (add, remove) = (modules_of(&edit.modules.add)?, modules_of(&edit.modules.remove)?);
    check_apart(&add, &remove, |module| module)?;
    new.modules = take_out(put_in(new.modules, add), &remove);
    Ok(new)
}

/// Refuses to put in and take out the same, however each is spelled.
fn check_apart<T: PartialEq>(add: &[T], remove: &[T], name: impl Fn(&T) -> &str) -> Result<(), Error> {
    match add.iter().find(|one| remove.contains(one)) {
        Some(one) => Err(Error::AddedAndRemoved { name: name(one).to_owned() }),
        None => Ok(()),
    }
}

fn put_in<T: PartialEq>(mut list: Vec<T>, more: Vec<T>) -> Vec<T> {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
    list
}

fn take_out<T: PartialEq>(mut list: Vec<T>, less: &[T]) -> Vec<T> {
    list.retain(|one| !less.contains(one));
    list
}
