//! Changing groups.

use super::name::{self, RequiredAccess, resolve_selector};
use super::{Error, Grant, Group, KIND, Selector, grant, rules, store, target};
use crate::audit::{self, Event};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Ask, BinRemoval, Committed, Engine, Spec, check_out_of_bin};
use crate::store::Tx;
use crate::text::color::Color;
use crate::text::count::counted;
use crate::text::note::check_note;

/// What to change; absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The new name.
    pub(crate) name: Option<String>,
    /// The new description; an empty one removes it.
    pub(crate) description: Option<String>,
    /// The new colour; an empty one removes it.
    pub(crate) color: Option<String>,
    /// The name or slug of the company it shall be of; an empty one makes it a group of none.
    pub(crate) company: Option<String>,
    /// Whether operators may give and take it without holding its grants. Absent, it stays as it is, but where the group
    /// comes to be of another company or of all: that it reaches there was not decided.
    pub(crate) assignable: Option<bool>,
}

/// What an edit did.
pub(crate) struct Edited {
    /// The group as it will be or is.
    pub(crate) group: Group,
    /// The names of the fields that change.
    pub(crate) changed: Vec<String>,
    /// What became of it.
    pub(crate) committed: Committed,
}

/// Changes a group. What takes something from somebody is a run, when `ask` lets it. Who is in the bin and not of the
/// company that it shall be of loses it, which is told.
pub(crate) fn edit(
    cx: &Context,
    engine: &mut Engine,
    which: &Selector,
    edit: &Edit,
    ask: &Ask<'_>,
) -> Result<Edited> {
    let spec = Spec { kind: "group.edit", source: "", repeats: false, is_whole: true };
    let (plan, (group, changed)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let old = resolve_selector(cx, tx, which, RequiredAccess::Change("groups.edit"))?;
        planner.comes_from(&old.canonical());
        planner.concerns_all(cx, "groups.edit")?;
        let new = edited(cx, tx, &old, edit)?;
        let Some(change) = target::changing(&old, &new) else { return Ok((old, Vec::new())) };
        check(cx, tx, &old, &new)?;
        let elsewhere = in_bin_elsewhere(tx, &old, &new)?;
        planner.take_from_bin(cx, BinRemoval { kind: KIND, id: old.id, only: Some(&elsewhere) })?;
        planner.change(&change)?;
        Ok((new, change.after.into_iter().map(|(field, _)| field).collect()))
    })?;
    let committed = run::propose(cx, engine, plan, ask)?;
    let group = now(cx, group)?;
    Ok(Edited { group, changed, committed })
}

/// The group as it is; as it would be, when nothing is changed.
pub(super) fn now(cx: &Context, group: Group) -> Result<Group> {
    if cx.dry_run { Ok(group) } else { cx.read(|tx| store::get(tx, group.id)) }
}

/// Writes what differs, with one audit row.
pub(super) fn write(
    cx: &Context,
    tx: &Tx<'_>,
    (old, new): (&Group, &Group),
    (action, run): (&str, Option<&str>),
) -> Result<()> {
    cx.actor.require("groups.edit", old.company_id)?;
    name::check_free(tx, &new.name, new.company_id, Some(old.id))?;
    check(cx, tx, old, new)?;
    check_out_of_bin(!in_bin_elsewhere(tx, old, new)?.is_empty(), (KIND, &old.canonical()))?;
    let (before, after) = audit::difference(&old.properties().fields(), &new.properties().fields());
    let name = new.canonical();
    let subject = Event::of(action, (KIND, old.id), &name).in_run(run);
    let revision = audit::change(cx, tx, subject, &before, &after)?;
    let properties = new.properties();
    store::update(tx, &store::Values { id: old.id, properties, revision, now: cx.now() })
}

/// The group as it will be.
fn edited(cx: &Context, tx: &Tx<'_>, old: &Group, edit: &Edit) -> Result<Group> {
    let mut new = old.clone();
    if let Some(typed) = &edit.name {
        new.name = name::check(typed)?;
    }
    if let Some(typed) = &edit.description {
        new.description = check_note(typed)?;
    }
    if let Some(typed) = &edit.color {
        new.color = Color::parse_optional(typed)?.map(|color| color.to_string());
    }
    if let Some(typed) = &edit.company {
        let seen = cx.actor.scope_of_any(&["org.view", "groups.edit"]);
        let company = if typed.is_empty() { None } else { Some(company::get_in(tx, typed, &seen)?) };
        new.company_id = company.as_ref().map(|company| company.id);
        new.company = company.map(|company| company.name);
    }
    let reaches_elsewhere = old.company_id.is_some() && new.company_id != old.company_id;
    new.assignable = edit.assignable.unwrap_or(old.assignable && !reaches_elsewhere);
    name::check_free(tx, &new.name, new.company_id, Some(old.id))?;
    Ok(new)
}

/// Refuses what the actor may not do, and a company that does not fit.
fn check(cx: &Context, tx: &Tx<'_>, old: &Group, new: &Group) -> Result<()> {
    let grants = grant::grants_in(tx, old.id)?;
    if new.company_id != old.company_id {
        cx.actor.require("groups.edit", new.company_id)?;
        let who = "who changes for whom a group is";
        rules::check_has(cx, old.company_id, &grants, who)?;
        rules::check_has(cx, new.company_id, &grants, who)?;
        check_fits(tx, old, new, &grants)?;
    }
    if new.name != old.name {
        // Whoever gives the group by its name, in a list or a script, would give another under a swapped one.
        rules::check_has(cx, old.company_id, &grants, "who renames a group")?;
    }
    if (&new.name, new.company_id, new.assignable) != (&old.name, old.company_id, old.assignable) {
        rules::check_not_in(cx, tx, old.id)?;
    }
    if new.assignable && !old.assignable {
        rules::check_has(cx, new.company_id, &grants, "who makes a group assignable")?;
    }
    Ok(())
}

/// Who is in the bin and of another company than the group will be: they do not hinder that, and lose the group.
fn in_bin_elsewhere(tx: &Tx<'_>, old: &Group, new: &Group) -> Result<Vec<i64>> {
    match new.company_id {
        Some(company) if new.company_id != old.company_id => store::members_in_bin(tx, old.id, Some(company)),
        _ => Ok(Vec::new()),
    }
}

/// Refuses a company to which somebody in the group, a role that brings it, or something it grants, does not belong.
fn check_fits(tx: &Tx<'_>, old: &Group, new: &Group, grants: &[Grant]) -> Result<()> {
    let (Some(company_id), Some(company)) = (new.company_id, &new.company) else { return Ok(()) };
    let people = store::members_elsewhere(tx, old.id, company_id)?;
    let roles = store::roles_elsewhere(tx, old.id, company_id)?;
    let elsewhere = |grant: &&Grant| grant.company_id.is_some_and(|id| id != company_id);
    let grants = grants.iter().filter(elsewhere).count() as u64;
    let what = counted(&[
        (people, "person of another company", "people of other companies"),
        (roles, "role for another company", "roles for other companies"),
        (grants, "grant for another company", "grants for other companies"),
    ]);
    if what.is_empty() {
        return Ok(());
    }
    Err(Error::DoesNotFit { group: old.canonical(), company: company.clone(), what }.into())
}
