//! A change that is a run only when it takes something from somebody.

use super::commit::{self, Committed, Work};
use super::effect::{Effect, Measured};
use super::plan::Plan;
use super::target::Engine;
use super::{Error, affected_by_stage};
use crate::audit;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// What is asked before something is taken from somebody.
pub(crate) struct Ask<'a> {
    /// Whether each person who loses something is to be told.
    pub(crate) with_losses: bool,
    /// Refuses unless it is let; returns whether somebody was asked, to whom what is done was promised.
    pub(crate) question: &'a dyn Fn(&Effect) -> Result<bool>,
}

impl Ask<'_> {
    /// Nothing is asked, or was asked before.
    pub(crate) const fn nothing(with_losses: bool) -> Self {
        Self { with_losses, question: &|_| Ok(false) }
    }
}

/// Makes the change of a plan as a plain one if it is the only one and takes nothing from anybody; else as a run, when that
/// is let. Several changes are a run whatever they take: where a thing ends, what others had of it goes too, which an undo
/// has to give back, also to those who may do as much without it, and to people in the bin.
///
/// Nothing is locked while it is asked. What is done after the answer takes the same from the same people, or nothing is done.
pub(crate) fn propose(cx: &Context, engine: &mut Engine, plan: Plan, ask: &Ask<'_>) -> Result<Committed> {
    proposed(cx, engine, plan, ask, IsRun::WhereItTakes)
}

/// Like [`propose()`], and a run even where nothing that is in force is taken: its question names what goes.
pub(crate) fn propose_run(cx: &Context, engine: &mut Engine, plan: Plan, ask: &Ask<'_>) -> Result<Committed> {
    proposed(cx, engine, plan, ask, IsRun::Always)
}

/// When a proposed change is a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IsRun {
    /// When it takes something from somebody.
    WhereItTakes,
    /// Whatever it takes.
    Always,
}

fn proposed(
    cx: &Context,
    engine: &mut Engine,
    mut plan: Plan,
    ask: &Ask<'_>,
    is_run: IsRun,
) -> Result<Committed> {
    if plan.is_empty() {
        return Ok(Committed { summary: plan.summary, ..Committed::default() });
    }
    let in_bin = std::mem::take(&mut plan.in_bin);
    let mut takes = None;
    let made = cx.write(|tx| {
        let measured = change_plainly(cx, tx, engine, &plan, ask.with_losses)?;
        if is_run == IsRun::WhereItTakes && measured.is_harmless() && plan.changes == 1 {
            return Ok(());
        }
        takes = Some((measured, cx.asked.meaning()));
        Err(Error::TakesAccess.into())
    });
    let Some((Measured { effect, losses, .. }, meaning)) = takes else {
        made?;
        return Ok(Committed { summary: plan.summary, ..Committed::default() });
    };
    // What is held for another reason takes nothing that could be asked about, and nothing before it is released.
    if (is_run == IsRun::Always || !effect.is_nothing())
        && (ask.question)(&effect)?
        && let Some(meaning) = meaning
    {
        cx.asked.promise(meaning);
    }
    Ok(Committed { losses, in_bin, ..commit::commit(cx, engine, plan)? })
}

fn change_plainly(
    cx: &Context,
    tx: &Tx<'_>,
    engine: &mut Engine,
    plan: &Plan,
    with_losses: bool,
) -> Result<Measured> {
    let work = Work {
        run: None,
        made_by: &plan.kind,
        summary: &plan.summary,
        meant: None,
        is_fresh: audit::next_seq(tx)? == plan.next_row,
        is_whole: plan.is_whole,
        with_losses,
    };
    let affected = affected_by_stage(tx, engine)?;
    Ok(commit::carry_out(cx, tx, engine, &work, &affected)?.measured)
}
