//! Taking a run back.

use std::collections::HashMap;

use super::commit::{Left, insist_on_rows};
use super::store::{self, Run};
use super::target::{Coming, Engine, Reverted, Step};
use super::{AffectedPeople, Effect, State, UserCounts};
use crate::audit;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// What an undo did.
#[derive(Debug, Default)]
pub(crate) struct Undone {
    /// Changes taken back.
    pub(crate) reverted: u64,
    /// Subjects that were skipped.
    pub(crate) left: Left,
    /// Those that were taken back without something that is gone meanwhile, which is told.
    pub(crate) without: Left,
    /// The runs that took that, and whose undo gives it back.
    pub(crate) taken_by: Vec<String>,
    /// What that took from people.
    pub(crate) effect: Effect,
    /// Mails of the run that still waited, and are not sent.
    pub(crate) mails_dropped: u64,
    /// Mails that tell people of the undo.
    pub(crate) mails_queued: u64,
}

/// Takes back what can be taken back, the last change first, and marks the run.
pub(super) fn revert(cx: &Context, tx: &Tx<'_>, engine: &mut Engine, run: &Run) -> Result<Undone> {
    let mut undone = Undone::default();
    let mut affected = AffectedPeople::default();
    store::each_not_made(tx, &run.id, |change| {
        engine.target(&run.id, &change.kind)?.affected(tx, &change, &mut affected)
    })?;
    engine.begin(cx, tx, &affected)?;
    let made_by = format!("{}.undo", run.kind);
    let again = run.state == State::PartlyUndone;
    let mails = engine.mails.waiting(tx, &run.id, 0)?;
    // Whom an undo left is there still.
    let gone = if again { 0 } else { run.summary.people.create };
    let people = UserCounts { delete: gone, ..UserCounts::default() };
    let coming = Coming { run: Some(&run.id), people: &people, meant: None, is_undo: true };
    engine.each(|target| target.begin(cx, tx, &coming))?;
    let made = HashMap::new();
    store::each_done(tx, run, again, |seq, was_left, done| {
        let step = Step { run: Some(&run.id), made_by: &made_by, seq, is_fresh: false, made: &made };
        let subject = &done.change.subject;
        let next = audit::next_seq(tx)?;
        match engine.target(&run.id, &done.change.kind)?.revert(cx, tx, &step, &done)? {
            reverted @ (Reverted::Yes | Reverted::Without { .. }) => {
                insist_on_rows(tx, next + 1, &run.id, subject)?;
                undone.reverted += 1;
                if let Reverted::Without { what, runs } = reverted {
                    undone.without.add(&done.change, what);
                    let is_new = |run: &String| !undone.taken_by.contains(run);
                    let new: Vec<String> = runs.into_iter().filter(is_new).collect();
                    undone.taken_by.extend(new);
                }
                if was_left {
                    store::set_undo_refused(tx, &run.id, seq, None)?;
                }
            }
            Reverted::No(reason) => {
                insist_on_rows(tx, next, &run.id, subject)?;
                store::set_undo_refused(tx, &run.id, seq, Some(&reason))?;
                undone.left.add(&done.change, reason);
            }
        }
        Ok(())
    })?;
    engine.each(|target| target.finish(cx, tx))?;
    undone.effect = engine.measure(cx, tx, &affected, false)?.effect;
    undone.mails_queued = engine.mails.waiting(tx, &run.id, mails.last)?.count;
    let stayed = engine.mails.waiting(tx, &run.id, 0)?.count.saturating_sub(undone.mails_queued);
    undone.mails_dropped = mails.count.saturating_sub(stayed);
    match (undone.reverted, undone.left.count) {
        (_, 0) => store::set_state(tx, &run.id, State::Undone, cx.now())?,
        (0, _) => {}
        (_, _) => store::set_state(tx, &run.id, State::PartlyUndone, cx.now())?,
    }
    Ok(undone)
}
