//! Deleting groups.

use super::name::{RequiredAccess, resolve_selector};
use super::{Error, Found, Group, KIND, Selector, check_may_give, grant, show, store, target};
use crate::audit::{self, Event, Fields};
use crate::catalog::Origin;
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Ask, Assignment, BinRemoval, Committed, Engine, Spec, Step};
use crate::store::Tx;
use crate::text::count::named_among;

/// A group that was deleted.
pub(crate) struct Deleted {
    /// The group as it was.
    pub(crate) group: Group,
    /// Who was in it and which roles brought it, in words; empty for nobody.
    pub(crate) uses: String,
    /// What became of it.
    pub(crate) committed: Committed,
}

/// Deletes a group that nobody is in and no role brings; with `force` it is taken from them first. People in the bin do
/// not keep a group alive: they lose it too, which is told. What takes something from somebody is a run, when `ask` lets
/// it.
pub(crate) fn delete(
    cx: &Context,
    engine: &mut Engine,
    which: &Selector,
    force: bool,
    ask: &Ask<'_>,
) -> Result<Deleted> {
    let spec = Spec { kind: "group.delete", source: "", repeats: false, is_whole: true };
    let (plan, (group, uses)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let group = resolve_selector(cx, tx, which, RequiredAccess::Change("groups.delete"))?;
        planner.comes_from(&group.canonical());
        planner.concerns_all(cx, "groups.delete")?;
        let uses = uses(cx, tx, &group)?;
        if !uses.is_empty() {
            if !force {
                return Err(Error::InUse { group: group.canonical(), uses }.into());
            }
            check_may_give(cx, tx, &Found::from(group.clone()), true)?;
        }
        let (name, people) = (group.canonical(), put_in(tx, &group)?);
        planner.let_go(cx, &Assignment::Group(group.id, &name), &people)?;
        planner.take_from_bin(cx, BinRemoval::by_all(KIND, group.id))?;
        planner.change(&target::ending(&group, &grant::grants_in(tx, group.id)?))?;
        Ok((group, uses))
    })?;
    Ok(Deleted { group, uses, committed: run::propose(cx, engine, plan, ask)? })
}

/// Ends a group that nobody is in any more.
pub(super) fn delete_in(cx: &Context, tx: &Tx<'_>, group: &Group, step: &Step<'_>) -> Result<()> {
    cx.actor.require("groups.delete", group.company_id)?;
    let uses = uses(cx, tx, group)?;
    if !uses.is_empty() {
        return Err(Error::InUse { group: group.canonical(), uses }.into());
    }
    let mut before = group.properties().fields();
    before.extend(grant::fields(&grant::grants_in(tx, group.id)?));
    let name = group.canonical();
    let subject = Event::of(step.made_by, (KIND, group.id), &name).in_run(step.run);
    audit::change(cx, tx, subject, &before, &Fields::new())?;
    store::delete(tx, group.id)
}

/// The ids of those outside the bin who were put into the group by hand or by a directory.
fn put_in(tx: &Tx<'_>, group: &Group) -> Result<Vec<i64>> {
    let mut people = Vec::new();
    store::members(tx, group.id, |member| {
        if member.origins.iter().any(|origin| !matches!(origin, Origin::Role(_))) {
            people.push(member.id);
        }
        Ok(())
    })?;
    Ok(people)
}

/// Who is in the group and which roles bring it, counted, with the first of each; empty when there is nothing.
fn uses(cx: &Context, tx: &Tx<'_>, group: &Group) -> Result<String> {
    let (mut people, mut told, named_of) = (0, Vec::new(), cx.actor.reach_of_names());
    store::members(tx, group.id, |member| {
        people += 1;
        if named_of.contain(member.company_id) {
            told.push(member.email);
        }
        Ok(())
    })?;
    let roles = show::roles(tx, group.id)?;
    let told_roles = show::roles_told(cx, tx, group.id)?;
    let mut uses = Vec::new();
    if people > 0 {
        uses.push(named_among(people, &told, "person", "people"));
    }
    if !roles.is_empty() {
        uses.push(named_among(roles.len(), &told_roles, "role", "roles"));
    }
    Ok(uses.join(", "))
}
