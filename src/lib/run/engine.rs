//! Planning, applying and reverting, in the caller's transaction.

use super::store::{self, NewRun, Run};
use super::{
    Action, Change, Error, KIND, People, REFUSED_NAMED, Reverted, Step, Summary, Target, Undone, brake,
};
use crate::audit::{self, Entry};
use crate::context::Context;
use crate::crypto::rng::short_id;
use crate::error::Result;
use crate::store::Tx;

/// What is to be run.
pub(crate) struct Spec<'a> {
    /// What makes the run, such as `user.import`.
    pub(crate) kind: &'a str,
    /// What it comes from: a file's name, the filters of a verb.
    pub(crate) source: &'a str,
    /// Live people that the plan could concern, for the brake.
    pub(crate) in_scope: u64,
}

/// Takes the changes of a plan, one at a time.
pub(crate) struct Planner<'a> {
    tx: &'a Tx<'a>,
    run: String,
    next_seq: i64,
    summary: Summary,
}

impl Planner<'_> {
    /// The id of the run.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// The place the next change will have.
    pub(crate) fn next_seq(&self) -> i64 {
        self.next_seq
    }

    /// Adds a change.
    pub(crate) fn change(&mut self, change: &Change) -> Result<()> {
        store::insert_change(self.tx, &self.run, self.next_seq, change)?;
        self.next_seq += 1;
        let people = &mut self.summary.people;
        let also = &mut self.summary.also;
        match (change.kind.as_str(), change.action) {
            ("user", Action::Create) => people.create += 1,
            ("user", Action::Update) => people.update += 1,
            ("user", Action::Deactivate) => people.deactivate += 1,
            ("user", Action::Delete) => people.delete += 1,
            ("company", _) => also.companies += 1,
            ("department", _) => also.departments += 1,
            ("position", _) => also.positions += 1,
            _ => {}
        }
        Ok(())
    }

    /// Counts a person who stays as they are.
    pub(crate) fn unchanged(&mut self) {
        self.summary.people.unchanged += 1;
    }

    /// Counts a person whose change a rule refuses.
    pub(crate) fn refused(&mut self) {
        self.summary.people.refused += 1;
    }
}

/// Plans, brakes, applies. The returned run is `held`, `applied`, or none when there was nothing to change.
pub(crate) fn execute(
    cx: &Context,
    tx: &Tx<'_>,
    targets: &mut [Box<dyn Target>],
    spec: &Spec<'_>,
    plan: impl FnOnce(&mut Planner<'_>) -> Result<()>,
) -> Result<(Option<Run>, Summary)> {
    tx.expect_many()?;
    let id = short_id(&*cx.rng)?;
    store::insert(
        tx,
        &NewRun {
            id: &id,
            kind: spec.kind,
            source: spec.source,
            actor: &cx.actor,
            reason: cx.reason.as_deref(),
            now: cx.now(),
        },
    )?;
    let mut planner = Planner { tx, run: id.clone(), next_seq: 1, summary: Summary::default() };
    plan(&mut planner)?;
    let (summary, changes) = (planner.summary, planner.next_seq - 1);
    if changes == 0 {
        store::delete(tx, &id)?;
        return Ok((None, summary));
    }
    let held_because = brake::holds(&cx.settings, &summary.people, spec.in_scope);
    store::set_plan(tx, &id, &summary, held_because.as_deref(), cx.now())?;
    let entry = Entry { run: Some(&id), ..Entry::new(spec.kind, KIND, &id) };
    if held_because.is_some() {
        audit::record(cx, tx, Entry { action: "run.hold", ..entry })?;
    } else {
        audit::record(cx, tx, entry)?;
        begin(tx, targets, &summary.people)?;
        apply(cx, tx, targets, (&id, spec.kind), None)?;
    }
    Ok((Some(super::get(tx, &id)?), summary))
}

/// Tells the targets what is coming, before [`apply`].
pub(super) fn begin(tx: &Tx<'_>, targets: &mut [Box<dyn Target>], people: &People) -> Result<()> {
    targets.iter_mut().try_for_each(|target| target.begin(tx, people))
}

/// Applies every change of a planned run, made by that verb, and marks it applied.
pub(super) fn apply(
    cx: &Context,
    tx: &Tx<'_>,
    targets: &mut [Box<dyn Target>],
    (run, made_by): (&str, &str),
    named_at: Option<i64>,
) -> Result<()> {
    let first = audit::next_seq(tx)?;
    store::each_change(tx, run, |row| {
        let step = Step { run, made_by, seq: row.seq, named_at };
        target(targets, run, &row.change.kind)?.apply(cx, tx, &step, &row.change)?;
        // An undo finds the subject of a change by its place in the audit; one row too few would lead it to another's.
        if audit::next_seq(tx)? == first + row.seq {
            Ok(())
        } else {
            Err(Error::NotOneRow { id: run.to_owned(), subject: row.change.subject.clone() }.into())
        }
    })?;
    finish(cx, tx, targets)?;
    store::wipe_sealed(tx, run)?;
    store::set_applied(tx, run, first, cx.now())
}

/// Takes back what can be taken back and marks the run.
pub(super) fn revert(
    cx: &Context,
    tx: &Tx<'_>,
    targets: &mut [Box<dyn Target>],
    run: &Run,
) -> Result<Undone> {
    let mut undone = Undone { reverted: 0, refused: Vec::new(), refused_count: 0 };
    let made_by = format!("{}.undo", run.kind);
    let again = run.state == "partly_undone";
    store::each_done(tx, run, again, |seq, done| {
        let step = Step { run: &run.id, made_by: &made_by, seq, named_at: Some(done.revision) };
        match target(targets, &run.id, &done.change.kind)?.revert(cx, tx, &step, &done)? {
            Reverted::Yes => {
                undone.reverted += 1;
                if again {
                    store::set_undo_refused(tx, &run.id, seq, None)?;
                }
            }
            Reverted::No(reason) => {
                store::set_undo_refused(tx, &run.id, seq, Some(&reason))?;
                undone.refused_count += 1;
                if undone.refused.len() < REFUSED_NAMED {
                    undone.refused.push((done.change.subject.clone(), reason));
                }
            }
        }
        Ok(())
    })?;
    finish(cx, tx, targets)?;
    match (undone.reverted, undone.refused_count) {
        (_, 0) => store::set_state(tx, &run.id, "undone", cx.now())?,
        (0, _) => {}
        (_, _) => store::set_state(tx, &run.id, "partly_undone", cx.now())?,
    }
    Ok(undone)
}

fn finish(cx: &Context, tx: &Tx<'_>, targets: &mut [Box<dyn Target>]) -> Result<()> {
    targets.iter_mut().try_for_each(|target| target.finish(cx, tx))
}

fn target<'a>(
    targets: &'a mut [Box<dyn Target>],
    run: &str,
    kind: &str,
) -> Result<&'a mut Box<dyn Target>, Error> {
    targets
        .iter_mut()
        .find(|target| target.kind() == kind)
        .ok_or_else(|| Error::UnknownKind { id: run.to_owned(), kind: kind.to_owned() })
}
