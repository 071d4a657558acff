//! Runs: changes in bulk that are planned first, held when they would hurt too many, applied in one transaction, listed,
//! and undone.
//!
//! Whoever changes many things (an import, a verb on many people, later the directory sync) plans one subject at a time
//! ([`plan()`]) and hands each [`Change`] to the [`Planner`], which keeps it in a temporary table: a million changes take
//! little memory, and nothing is locked, however slow what is read or asked meanwhile. The plan is applied in one short
//! transaction ([`commit()`]). If something was changed in the store since it was planned, each change is checked first
//! against what its subject has become, and what no longer fits is left out and named.
//!
//! The *brake* looks at how many people would lose something of what they may do, whatever kind of change takes it: before
//! and after the changes, one function ([`Measure`]) is asked what those have whom they can reach. A plan it holds stays in
//! the store as a held run, which `run release` applies, by the same checks, and `run discard` ends. A change keeps the fields as they were, which is all
//! that `run undo` needs. With `--dry-run` the very same happens in a transaction that is taken back at the end.
//!
//! What may take something and mostly takes nothing, such as an edit of a role, is proposed ([`propose()`]): it is a plain
//! change unless it does.
//!
//! The engine knows none of the things it changes. Each kind of subject has a [`Target`], listed in the registry, that
//! applies one change with exactly one audit row, and reverts it unless its subject has been changed since.

mod audited;
mod bin;
mod brake;
mod change;
pub(crate) mod cli;
mod commit;
mod effect;
mod error;
mod held;
mod mails;
mod makers;
mod plan;
mod proof;
mod propose;
mod recorded;
mod store;
mod summary;
mod target;
mod undo;
mod users;

#[cfg(test)]
mod tests;

pub(crate) use audited::{AuditedRun, each_audited};
pub(crate) use bin::{BinLosses, check_out_of_bin, take_from_bin};
#[cfg(test)]
pub(crate) use brake::BRAKE_PERCENT;
pub(crate) use brake::{BRAKE_PEOPLE, Reason, SETTINGS};
pub(crate) use change::{Action, Change, Ids};
pub(crate) use commit::{Committed, Left, commit, execute_in, is_any_held, supersede_all};
pub(crate) use effect::{AffectedPeople, Effect, Loss, Measure, Measured, Tense};
pub(crate) use error::Error;
pub(crate) use held::HELD;
pub(crate) use mails::{Mails, WaitingMails};
pub(crate) use makers::MAKING;
pub(crate) use plan::{Plan, Planner, Spec, plan, plan_for, staged};
pub(crate) use propose::{Ask, propose, propose_run};
pub(crate) use recorded::Recorded;
pub(crate) use store::{
    Run, SEALED, State, StoredRun, changes_of_run, ids_of_runs, orphaned_changes, stored_run,
};
pub(crate) use summary::{Summary, UserCounts};
pub(crate) use target::{Coming, Done, Engine, Reverted, Step, Target, revert_creation};
pub(crate) use undo::Undone;
pub(crate) use users::{Assignment, BinLoss, BinRemoval, Users};

use crate::audit::{self, Fields};
use crate::context::{Actor, Context};
use crate::error::{Kind, Result};
use crate::store::Tx;

/// The word for a run in the audit.
pub(crate) const KIND: &str = "run";

/// Subjects that a message about a run names; the rest is counted.
const NAMED: usize = 1000;

/// Runs that a message names.
const ALIKE_NAMED: usize = 10;

/// The run whose id begins with `id`.
pub(crate) fn get(tx: &Tx<'_>, id: &str) -> Result<Run> {
    only(tx, id, |_| true)
}

/// The run whose id begins with `id`, among those that are seen.
fn only(tx: &Tx<'_>, id: &str, is_seen: impl Fn(&Run) -> bool) -> Result<Run> {
    let not_found = || Error::NotFound { id: id.to_owned() };
    // Every id begins with nothing: an empty variable in a script must not name the only run there is.
    if id.is_empty() {
        return Err(not_found().into());
    }
    let mut found = store::find(tx, id)?;
    found.retain(is_seen);
    match found.as_slice() {
        [_, _, ..] => {
            let runs = found.into_iter().take(ALIKE_NAMED).map(|run| run.id).collect();
            Err(Error::Ambiguous { id: id.to_owned(), runs }.into())
        }
        _ => Ok(found.pop().ok_or_else(not_found)?),
    }
}

/// Calls `each` with every run, newest first.
///
/// Who may not edit everybody sees their own, as long as they could make them still.
pub(crate) fn list(
    cx: &Context,
    engine: &Engine,
    limit: Option<u32>,
    mut each: impl FnMut(Run) -> Result<()>,
) -> Result<()> {
    makers::check(cx)?;
    if makers::is_over_all(&cx.actor) {
        return cx.read(|tx| store::list(tx, limit, each));
    }
    let mut left = limit.unwrap_or(u32::MAX);
    cx.read(|tx| {
        store::list(tx, None, |run| {
            if left == 0 || !run.is_seen(engine, &cx.actor) {
                return Ok(());
            }
            left -= 1;
            each(run)
        })
    })
}

/// The run whose id begins with `id`, for an actor who made it and could make it still, or may edit everybody.
pub(crate) fn get_to_see(cx: &Context, tx: &Tx<'_>, engine: &Engine, id: &str) -> Result<Run> {
    makers::check(cx)?;
    only(tx, id, |run| run.is_seen(engine, &cx.actor))
}

/// Calls `each` with the changes of a run, in their order, each with why it was skipped.
pub(crate) fn changes(
    tx: &Tx<'_>,
    run: &str,
    mut each: impl FnMut(Change, LeftOut) -> Result<()>,
) -> Result<()> {
    store::each_change(tx, run, |row| each(row.change, row.left_out))
}

/// Why a change of a run was left as it is, if it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// When the run was applied.
    pub(crate) of_run: Option<String>,
    /// When it was taken back.
    pub(crate) of_undo: Option<String>,
}

/// The people from whom the plan that was made last can take something.
fn affected_by_stage(tx: &Tx<'_>, engine: &mut Engine) -> Result<AffectedPeople> {
    let mut affected = AffectedPeople::default();
    store::each_staged(tx, |row| {
        engine.target("", &row.change.kind)?.affected(tx, &row.change, &mut affected)
    })?;
    Ok(affected)
}

/// The people from whom a run can take something.
fn affected_by_run(tx: &Tx<'_>, engine: &mut Engine, run: &Run) -> Result<AffectedPeople> {
    let mut affected = AffectedPeople::default();
    store::each_change(tx, &run.id, |row| {
        engine.target(&run.id, &row.change.kind)?.affected(tx, &row.change, &mut affected)
    })?;
    Ok(affected)
}

/// The run whose id begins with `id`, if the brake holds it and the actor may apply it.
pub(crate) fn get_to_release(cx: &Context, tx: &Tx<'_>, id: &str) -> Result<Run> {
    cx.actor.require("users.edit", None)?;
    held(tx, id)
}

/// Applies a run that the brake holds; what no longer fits is left out, and without the thing that it ends or changes nothing
/// of it is applied. It takes the rights of whoever releases it and of whoever made it, both of today: what who made it may not
/// do any more is left out. What only who releases it may not do ends the release, and the run stays held: else who is to
/// lose something by a run could end it.
pub(crate) fn release(cx: &mut Context, engine: &mut Engine, id: &str) -> Result<Committed> {
    let maker = cx.read(|tx| {
        let run = get_to_release(cx, tx, id)?;
        proof::check(tx, &run)?;
        maker_of(cx, tx, engine, &run)
    })?;
    match maker {
        Some(maker) => cx.on_behalf_of(maker, |cx| apply_held(cx, engine, id)),
        None => apply_held(cx, engine, id),
    }
}

/// Who made a run, with what they may do today; none where that is nobody else than who acts.
fn maker_of(cx: &Context, tx: &Tx<'_>, engine: &Engine, run: &Run) -> Result<Option<Actor>> {
    if run.actor_id == cx.actor.account_id() {
        return Ok(None);
    }
    let Some(id) = run.actor_id else { return Ok(Some(Actor::system(None))) };
    match (engine.account)(cx, tx, id) {
        Ok(maker) => Ok(Some(maker)),
        Err(failure) if target::is_refusal(failure.kind()) => {
            let (id, maker) = (run.id.clone(), run.actor.clone());
            Err(Error::MakerMayNot { id, maker, why: failure.to_string() }.into())
        }
        Err(failure) => Err(failure),
    }
}

fn apply_held(cx: &Context, engine: &mut Engine, id: &str) -> Result<Committed> {
    cx.write(|tx| {
        let run = held(tx, id)?;
        proof::check(tx, &run)?;
        if maker_of(cx, tx, engine, &run)?.is_some_and(|maker| !cx.actor.is_on_behalf_of(&maker)) {
            return Err(Error::MakerChanged { id: run.id, maker: run.actor }.into());
        }
        tx.expect_many()?;
        audit::note(cx, tx, commit::event("run.release", &run.id), &Fields::new())?;
        let affected = affected_by_run(tx, engine, &run)?;
        let done = commit::carry_out(cx, tx, engine, &commit::Work::of_held(&run), &affected)?;
        // The run waits for somebody who may.
        if let Some(denied) = done.denied.filter(|_| done.is_nothing) {
            return Err(denied);
        }
        let summary = done.summary;
        store::set_applied(tx, &run.id, done.first, &summary, cx.now())?;
        Ok(Committed { run: Some(get(tx, &run.id)?), summary, left: done.left, ..Committed::default() })
    })
}

/// The run whose id begins with `id`, if the actor may take it back and there is something to take back.
pub(crate) fn get_to_undo(cx: &Context, tx: &Tx<'_>, engine: &Engine, id: &str) -> Result<Run> {
    let run = get_to_see(cx, tx, engine, id)?;
    if !run.is_to_undo(&cx.actor) {
        return Err(cx.actor.denied("an operator takes back only what they did themselves").into());
    }
    match run.state {
        State::Applied | State::PartlyUndone => Ok(run),
        _ => Err(Error::not_applied(run, &cx.actor).into()),
    }
}

/// Ends a run that the brake holds, without applying it. That is for whoever made it, or could apply all of it and loses
/// nothing by it: else who is to lose something would end what takes it.
pub(crate) fn discard(cx: &Context, engine: &mut Engine, id: &str) -> Result<Run> {
    cx.write(|tx| {
        let run = get_to_see(cx, tx, engine, id)?;
        let run = held(tx, &run.id)?;
        if !run.is_of(&cx.actor) {
            check_could_release(cx, tx, engine, &run)?;
        }
        commit::end(cx, tx, &run.id, State::Discarded)?;
        get(tx, &run.id)
    })
}

/// Refuses who could not apply all of a held run, and who is affected by it.
fn check_could_release(cx: &Context, tx: &Tx<'_>, engine: &mut Engine, run: &Run) -> Result<()> {
    let affected = affected_by_run(tx, engine, run)?;
    if affected.people().into_iter().any(|person| cx.actor.is_account(person)) {
        let why = "nobody ends a held run that is about themself, but who made it";
        return Err(cx.actor.denied(why).into());
    }
    if cx.actor.is_superuser() {
        return Ok(());
    }
    let is_denied = tx.attempt(|| {
        let done = commit::carry_out(cx, tx, engine, &commit::Work::of_held(run), &affected);
        let is_denied = match done {
            Ok(done) => done.denied.is_some(),
            Err(failure) if target::is_refusal(failure.kind()) => failure.kind() == Kind::Denied,
            Err(failure) => return Err(failure),
        };
        Ok((false, is_denied))
    })?;
    if is_denied {
        let why = "a held run is ended by who made it, or who could apply all of it";
        return Err(cx.actor.denied(why).into());
    }
    Ok(())
}

fn held(tx: &Tx<'_>, id: &str) -> Result<Run> {
    let run = get(tx, id)?;
    if run.state == State::Held { Ok(run) } else { Err(Error::not_held(run).into()) }
}

/// Takes a run back: the last change first, each subject as it was, but for those changed since.
pub(crate) fn undo(cx: &Context, engine: &mut Engine, id: &str) -> Result<Undone> {
    cx.write(|tx| {
        let run = get_to_undo(cx, tx, engine, id)?;
        proof::check(tx, &run)?;
        tx.expect_many()?;
        audit::note(cx, tx, commit::event("run.undo", &run.id), &Fields::new())?;
        undo::revert(cx, tx, engine, &run)
    })
}
