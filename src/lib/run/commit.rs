//! Applying a plan, in one short transaction.

use std::collections::HashMap;

use super::effect::{AffectedPeople, Loss, Measured};
use super::plan::{Plan, plan_in};
use super::store::{self, ChangeRow, NewRun, Run};
use super::summary::PEOPLE;
use super::target::{Coming, Engine, Step, is_refusal};
use super::{Action, BinLosses, Change, Error, KIND, NAMED, Planner, Spec, State, Summary, audited, brake};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::{Failure, Kind, Result};
use crate::store::Tx;

/// What became of a plan.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    /// The run, `held` or `applied`; none when there was nothing to change, or it was a plain change.
    pub(crate) run: Option<Run>,
    /// How many changes the plan held.
    pub(crate) summary: Summary,
    /// What no longer fitted when the plan was applied, and was skipped.
    pub(crate) left: Left,
    /// Who loses what, where that was asked for.
    pub(crate) losses: Vec<Loss>,
    /// From whom in the bin something is taken.
    pub(crate) in_bin: BinLosses,
}

/// Subjects that were skipped.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// The first of them, with why.
    pub(crate) named: Vec<(String, String)>,
    /// How many of these are people.
    pub(crate) people: u64,
    /// How many there are.
    pub(crate) count: u64,
}

impl Left {
    /// Fails when something was left out, after it was named; `run` is the one that is kept of it.
    pub(crate) fn check(&self, run: Option<&Run>) -> Result<(), Error> {
        let run = run.map(|run| run.id.clone());
        if self.count == 0 { Ok(()) } else { Err(Error::SomeLeftOut { count: self.count, run }) }
    }

    /// Counts one, and names it if there are not too many.
    pub(super) fn add(&mut self, change: &Change, why: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push((change.subject.clone(), why));
            self.people += u64::from(change.names_somebody());
        }
    }
}

/// Applies a plan in a transaction of its own, or keeps it as a held run.
pub(crate) fn commit(cx: &Context, engine: &mut Engine, plan: Plan) -> Result<Committed> {
    cx.write(|tx| commit_in(cx, tx, engine, plan))
}

/// Plans and applies in a transaction of the caller.
pub(crate) fn execute_in(
    cx: &Context,
    tx: &Tx<'_>,
    engine: &mut Engine,
    spec: &Spec<'_>,
    work: impl FnOnce(&mut Planner<'_>) -> Result<()>,
) -> Result<Committed> {
    let plan = plan_in(cx, tx, engine, spec, work)?;
    commit_in(cx, tx, engine, plan)
}

/// Applies a plan in a transaction of the caller, or keeps it as a held run.
fn commit_in(cx: &Context, tx: &Tx<'_>, engine: &mut Engine, mut plan: Plan) -> Result<Committed> {
    if plan.is_empty() {
        return Ok(Committed { summary: plan.summary, ..Committed::default() });
    }
    tx.expect_many()?;
    let is_fresh = audit::next_seq(tx)? == plan.next_row;
    store::insert(
        tx,
        &NewRun {
            id: &plan.run,
            kind: &plan.kind,
            source: (&plan.source, plan.source_id),
            actor: &cx.actor,
            meant: plan.meant.as_deref(),
            reason: cx.reason.as_deref(),
            now: cx.now(),
        },
    )?;
    store::keep_stage(tx, &plan.run)?;
    let affected =
        if is_fresh { std::mem::take(&mut plan.affected) } else { super::affected_by_stage(tx, engine)? };
    let work = Work {
        run: Some(&plan.run),
        made_by: &plan.kind,
        summary: &plan.summary,
        meant: plan.meant.as_deref(),
        is_fresh,
        is_whole: plan.is_whole,
        with_losses: false,
    };
    let planned = audited::plan_sha256(tx, &plan.run)?;
    let mut attempt = || {
        record_plan(cx, tx, (&plan, &plan.kind), &audited::fields_of_run(&planned, None))?;
        let done = carry_out(cx, tx, engine, &work, &affected)?;
        let of_plan = (plan.limits, plan.held_because.as_slice());
        let held_because = brake::holds(&cx.settings, &done.measured, plan.in_scope, of_plan);
        Ok((held_because.is_none(), (done, held_because)))
    };
    // What takes nothing is never held, and is not worth being able to take it back.
    let is_harmless = affected.is_empty() && plan.held_because.is_empty();
    let (done, held_because) =
        if is_harmless { attempt().map(|(_, done)| done)? } else { tx.attempt(attempt)? };
    let (mut summary, mut left) = (done.summary, done.left);
    match held_because {
        None => store::set_applied(tx, &plan.run, done.first, &summary, cx.now())?,
        Some(because) => {
            left = Left::default();
            summary = Summary { effect: summary.effect, ..plan.summary.clone() };
            store::set_held(tx, &plan.run, &summary, &because)?;
            record_plan(cx, tx, (&plan, "run.hold"), &audited::fields_of_run(&planned, Some(&because)))?;
            engine.mails.tell_held(cx, tx, &super::get(tx, &plan.run)?, &plan.cause(&cx.actor))?;
        }
    }
    if plan.repeats {
        supersede(cx, tx, &plan)?;
    }
    Ok(Committed { run: Some(super::get(tx, &plan.run)?), summary, left, ..Committed::default() })
}

/// Records what became of a plan.
fn record_plan(cx: &Context, tx: &Tx<'_>, (plan, action): (&Plan, &str), fields: &Fields) -> Result<()> {
    audit::note(cx, tx, event(action, &plan.run), fields)?;
    Ok(())
}

/// Planned changes that are made.
pub(super) struct Work<'a> {
    /// The run whose they are; none for those that were staged last, as plain changes.
    pub(super) run: Option<&'a str>,
    pub(super) made_by: &'a str,
    pub(super) summary: &'a Summary,
    pub(super) meant: Option<&'a str>,
    /// Nothing has been changed since they were planned.
    pub(super) is_fresh: bool,
    /// What no longer fits ends it, instead of being left out.
    pub(super) is_whole: bool,
    /// Whether it is to be told who loses what.
    pub(super) with_losses: bool,
}

/// What was done.
pub(super) struct Applied {
    /// The audit row of the first change.
    pub(super) first: i64,
    pub(super) left: Left,
    /// What was planned, without what was left.
    pub(super) summary: Summary,
    /// Why the actor may not make one of the changes, the first of them.
    pub(super) denied: Option<Failure>,
    /// Nothing was changed.
    pub(super) is_nothing: bool,
    /// What it took from people.
    pub(super) measured: Measured,
}

/// Makes every change, and measures what that takes from people.
pub(super) fn carry_out(
    cx: &Context,
    tx: &Tx<'_>,
    engine: &mut Engine,
    work: &Work<'_>,
    affected: &AffectedPeople,
) -> Result<Applied> {
    engine.begin(cx, tx, affected)?;
    let applied = apply(cx, tx, engine, work)?;
    let measured = engine.measure(cx, tx, affected, work.with_losses)?;
    let summary = Summary { effect: measured.effect, ..applied.summary };
    Ok(Applied { summary, measured, ..applied })
}

/// Makes every change with one audit row each.
fn apply(cx: &Context, tx: &Tx<'_>, engine: &mut Engine, work: &Work<'_>) -> Result<Applied> {
    let meant = work.meant.filter(|_| !work.is_fresh);
    let coming = Coming { run: work.run, people: &work.summary.people, meant, is_undo: false };
    engine.each(|target| target.begin(cx, tx, &coming))?;
    let first = audit::next_seq(tx)?;
    let mut left = Left::default();
    let (mut summary, mut denied, mut is_nothing) = (work.summary.clone(), None, true);
    let mut made = HashMap::new();
    let run = work.run.unwrap_or_default();
    let one = |row: ChangeRow| {
        cx.cancel.check()?;
        let (seq, change) = (row.seq, &row.change);
        let step = Step { run: work.run, made_by: work.made_by, seq, is_fresh: work.is_fresh, made: &made };
        let target = engine.target(run, &change.kind)?;
        let subject = match target.apply(cx, tx, &step, change) {
            Ok(subject) => subject,
            Err(failure) if work.is_left(&failure) && audit::next_seq(tx)? == first + seq - 1 => {
                let why = failure.to_string();
                if could_who_made_it(cx, tx, || target.apply(cx, tx, &step, change))? {
                    return Err(Error::of_releaser(cx, run, change, &why).into());
                }
                if !may_be_left(change.action, target.counted()) {
                    let denied = Some(failure).filter(|failure| failure.kind() == Kind::Denied);
                    return Err(
                        denied.unwrap_or_else(|| Error::NoLongerFits { id: run.to_owned(), why }.into())
                    );
                }
                leave(cx, tx, run, seq, &change.subject, &why)?;
                left.add(change, why);
                summary.leave_out(target.counted(), change.action);
                if failure.kind() == Kind::Denied {
                    denied.get_or_insert(failure);
                }
                return Ok(());
            }
            Err(failure) => return Err(failure),
        };
        is_nothing = false;
        made.extend(change.ids.planned.map(|planned| (planned, subject)));
        // An undo finds the subject of a change by its place in the audit; one row too few would lead it to another's.
        insist_on_rows(tx, first + seq, run, &change.subject)
    };
    match work.run {
        Some(run) => store::each_change(tx, run, one)?,
        None => store::each_staged(tx, one)?,
    }
    engine.each(|target| target.finish(cx, tx))?;
    if let Some(run) = work.run {
        store::wipe_sealed(tx, run)?;
        summary.mails = engine.mails.waiting(tx, run, 0)?.count;
    }
    Ok(Applied { first, left, summary, denied, is_nothing, measured: Measured::default() })
}

impl<'a> Work<'a> {
    /// That of a held run: what no longer fits, and what who made it may not do any more, is left out.
    pub(super) fn of_held(run: &'a Run) -> Self {
        Self {
            run: Some(&run.id),
            made_by: &run.kind,
            summary: &run.summary,
            meant: run.meant.as_deref(),
            is_fresh: false,
            is_whole: false,
            with_losses: false,
        }
    }

    /// Whether a change that is refused so is left out.
    fn is_left(&self, failure: &Failure) -> bool {
        !self.is_fresh && !self.is_whole && is_refusal(failure.kind())
    }
}

/// Whether whoever made a run may make a change of it that they and who releases it may not: of that nothing stays.
fn could_who_made_it(cx: &Context, tx: &Tx<'_>, apply: impl FnOnce() -> Result<i64>) -> Result<bool> {
    tx.attempt(|| match cx.actor.as_who_decided(apply) {
        None => Ok((false, false)),
        Some(Ok(_)) => Ok((false, true)),
        Some(Err(failure)) if is_refusal(failure.kind()) => Ok((false, false)),
        Some(Err(failure)) => Err(failure),
    })
}

/// Whether a run is itself without a change. What it takes from people it takes for the sake of a thing that it changes or
/// ends: without that it is not.
fn may_be_left(action: Action, counted: &str) -> bool {
    action == Action::Create || counted == PEOPLE
}

/// Keeps and records that a change no longer fitted: the one audit row that it has.
fn leave(cx: &Context, tx: &Tx<'_>, run: &str, seq: i64, subject: &str, why: &str) -> Result<()> {
    store::set_left_out(tx, run, seq, why)?;
    let why = Fields::from_iter([("why".to_owned(), why.into())]);
    audit::note(cx, tx, Event::without_id("run.leave_out", KIND, subject).in_run(Some(run)), &why)?;
    Ok(())
}

/// Refuses to go on unless the next audit row is this one.
pub(super) fn insist_on_rows(tx: &Tx<'_>, next: i64, run: &str, subject: &str) -> Result<()> {
    if audit::next_seq(tx)? == next {
        Ok(())
    } else {
        Err(Error::NotOneRow { id: run.to_owned(), subject: subject.to_owned() }.into())
    }
}

/// What happened to a run itself.
pub(super) fn event<'a>(action: &'a str, run: &'a str) -> Event<'a> {
    Event::without_id(action, KIND, run).in_run(Some(run))
}

/// Ends the held runs whose place a newer one of the same source takes.
fn supersede(cx: &Context, tx: &Tx<'_>, plan: &Plan) -> Result<()> {
    for older in store::held_of(tx, &plan.kind, (&plan.source, plan.source_id), &cx.actor)? {
        if older != plan.run {
            end(cx, tx, &older, State::Superseded)?;
        }
    }
    Ok(())
}

/// Whether a run of a kind and of what has that id is held, whoever made it.
pub(crate) fn is_any_held(tx: &Tx<'_>, spec: &Spec<'_>, source_id: i64) -> Result<bool> {
    Ok(!store::held_by_anybody(tx, spec.kind, (spec.source, Some(source_id)))?.is_empty())
}

/// Ends every held run of a kind and a source, by its id if that has one, whoever made it, but the newest.
pub(crate) fn supersede_all(
    cx: &Context,
    spec: &Spec<'_>,
    source_id: Option<i64>,
    newest: Option<&str>,
) -> Result<()> {
    let held = |tx: &Tx<'_>| store::held_by_anybody(tx, spec.kind, (spec.source, source_id));
    let is_older = |id: &String| Some(id.as_str()) != newest;
    if !cx.read(held)?.iter().any(is_older) {
        return Ok(());
    }
    cx.write(|tx| {
        held(tx)?.iter().filter(|id| is_older(id)).try_for_each(|id| end(cx, tx, id, State::Superseded))
    })
}

/// Ends a held run without applying it.
pub(super) fn end(cx: &Context, tx: &Tx<'_>, run: &str, state: State) -> Result<()> {
    let action = if state == State::Superseded { "run.supersede" } else { "run.discard" };
    audit::note(cx, tx, event(action, run), &Fields::new())?;
    store::wipe_sealed(tx, run)?;
    store::set_state(tx, run, state, cx.now())
}
