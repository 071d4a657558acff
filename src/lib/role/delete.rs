//! Deleting roles, and taking them from people.

use super::store::{self, Holder};
use super::{Error, KIND, Role, check_may_give, target, which_in};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::run::{
    self, Ask, Assignment, BinRemoval, Committed, Engine, Planner, Spec, Step, check_out_of_bin,
};
use crate::store::Tx;
use crate::text::count::named_among;

/// A role that was deleted.
pub(crate) struct Deleted {
    /// The role as it was.
    pub(crate) role: Role,
    /// Who held it outside the bin, in words; none for nobody.
    holders: Option<String>,
    /// What became of it.
    pub(crate) committed: Committed,
}

impl Deleted {
    /// Who held it, as the rest of a sentence.
    pub(crate) fn held(&self) -> String {
        self.holders.as_ref().map(|holders| format!(", held by {holders}")).unwrap_or_default()
    }
}

/// Deletes a role; one that somebody holds only by `force`, which takes it from them first. People in the bin do not keep
/// it: they lose it too, which is told.
/// What takes something from somebody is a run, when `ask` lets it.
pub(crate) fn delete(
    cx: &Context,
    engine: &mut Engine,
    role: &str,
    force: bool,
    ask: &Ask<'_>,
) -> Result<Deleted> {
    let spec = Spec { kind: "role.delete", source: "", repeats: false, is_whole: true };
    let (plan, (role, holders)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let role = which_in(cx, tx, role, "roles.delete")?;
        role.require(cx, "roles.delete")?;
        planner.comes_from(&role.slug);
        planner.concerns_all(cx, "roles.edit")?;
        let mut holders = store::holders(tx, role.id)?;
        holders.retain(|holder| !holder.in_bin);
        let told = said(cx, &holders);
        if let (Some(holders), false) = (&told, force) {
            return Err(Error::InUse { role: role.slug, holders: holders.clone() }.into());
        }
        if !holders.is_empty() {
            check_may_give(cx, tx, &role.groups)?;
            take(cx, planner, &role, &holders)?;
        }
        planner.take_from_bin(cx, BinRemoval::by_all(KIND, role.id))?;
        planner.change(&target::ending(&role))?;
        Ok((role, told))
    })?;
    Ok(Deleted { role, holders, committed: run::propose(cx, engine, plan, ask)? })
}

/// Ends a role that nobody holds any more.
pub(super) fn delete_in(cx: &Context, tx: &Tx<'_>, role: &Role, step: &Step<'_>) -> Result<()> {
    role.require(cx, "roles.delete")?;
    let holders = store::holders(tx, role.id)?;
    if let Some(holders) = said(cx, &holders) {
        return Err(Error::InUse { role: role.slug.clone(), holders }.into());
    }
    check_out_of_bin(!holders.is_empty(), (KIND, &role.slug))?;
    let subject = Event::of(step.made_by, (KIND, role.id), &role.slug).in_run(step.run);
    audit::change(cx, tx, subject, &role.fields(), &Fields::new())?;
    store::delete(tx, role.id)
}

/// Plans to take a role from those who could not hold it as it will be, because it is no longer for their company; only by
/// `force`. Who is in the bin loses it without.
pub(super) fn take_from_others(
    cx: &Context,
    tx: &Tx<'_>,
    planner: &mut Planner<'_>,
    (old, new): (&Role, &Role),
    force: bool,
) -> Result<()> {
    let mut others = store::holders(tx, old.id)?;
    others.retain(|holder| !new.suits(holder.company_id));
    let in_bin: Vec<i64> = others.iter().filter(|holder| holder.in_bin).map(|holder| holder.id).collect();
    planner.take_from_bin(cx, BinRemoval { kind: KIND, id: old.id, only: Some(&in_bin) })?;
    others.retain(|holder| !holder.in_bin);
    if let (Some(holders), false) = (said(cx, &others), force) {
        return Err(Error::HeldElsewhere { role: old.slug.clone(), holders }.into());
    }
    take(cx, planner, old, &others)
}

/// Refuses a change of companies that somebody does not fit who holds the role.
pub(super) fn check_held_by_none_elsewhere(cx: &Context, tx: &Tx<'_>, old: &Role, new: &Role) -> Result<()> {
    let mut others = store::holders(tx, old.id)?;
    others.retain(|holder| !new.suits(holder.company_id));
    match said(cx, &others) {
        Some(holders) => Err(Error::HeldElsewhere { role: old.slug.clone(), holders }.into()),
        None => Ok(check_out_of_bin(!others.is_empty(), (KIND, &old.slug))?),
    }
}

fn take(cx: &Context, planner: &mut Planner<'_>, role: &Role, holders: &[Holder]) -> Result<()> {
    let ids: Vec<i64> = holders.iter().map(|holder| holder.id).collect();
    planner.let_go(cx, &Assignment::Role(&role.slug), &ids)
}

/// How many people outside the bin, and who the first are; none for nobody.
fn said(cx: &Context, holders: &[Holder]) -> Option<String> {
    let (mut people, mut told, named_of) = (0, Vec::new(), cx.actor.reach_of_names());
    for holder in holders.iter().filter(|holder| !holder.in_bin) {
        people += 1;
        if named_of.contain(holder.company_id) {
            told.push(holder.email.clone());
        }
    }
    (people > 0).then(|| named_among(people, &told, "person", "people"))
}
