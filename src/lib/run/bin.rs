//! What is taken from people in the bin when something ends, or is no longer for them.
//!
//! Nobody in the bin keeps a thing alive, and nobody loses it in silence: whoever ends it is told of how many it is taken,
//! each of them has a change of their own, and with it a row in the audit, and an undo gives it back to them. They can do
//! nothing while they are there, so the brake does not count them.

use std::collections::HashMap;

use super::target::{Engine, Step};
use super::users::{BinLoss, BinRemoval};
use super::{Error, Loss, Planner};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::count;

/// The people in the bin who lose something, or would.
#[derive(Debug, Clone, Default)]
pub(crate) struct BinLosses {
    count: u64,
    /// Those of them whom the actor may be told of, with what each loses.
    told: Vec<Loss>,
}

impl BinLosses {
    /// Whether there is nobody.
    pub(crate) const fn is_nobody(&self) -> bool {
        self.count == 0
    }

    /// What a question about ending the thing says of them; nothing where there is nobody.
    pub(crate) fn asked(&self) -> String {
        if self.is_nobody() { String::new() } else { format!(" and take it from {}", self.counted()) }
    }

    /// How many there are, such as `2 people in the bin`.
    pub(crate) fn counted(&self) -> String {
        format!("{} in the bin", count::people(self.count))
    }

    /// How many there are, and the first of those whom the actor may be told of.
    pub(crate) fn named(&self) -> String {
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        let emails: Vec<String> = self.told.iter().map(|loss| loss.email.clone()).collect();
        count::named_among(count, &emails, "person in the bin", "people in the bin")
    }

    /// Those whom the actor may be told of, with what each loses.
    pub(crate) fn told(&self) -> &[Loss] {
        &self.told
    }

    /// Adds those who lose something else.
    pub(crate) fn join(&mut self, more: Self) {
        self.count += more.count;
        self.told.extend(more.told);
    }

    fn add(&mut self, losing: BinLoss) {
        self.count += 1;
        self.told.extend(losing.told);
    }
}

/// Takes a thing from those in the bin by a plain change, which `made_by` says.
pub(crate) fn take_from_bin(
    cx: &Context,
    tx: &Tx<'_>,
    engine: &mut Engine,
    made_by: &str,
    lost: BinRemoval<'_>,
) -> Result<BinLosses> {
    let mut in_bin = BinLosses::default();
    let made = HashMap::new();
    for losing in engine.users.losing(cx, tx, lost)? {
        let step = Step { run: None, made_by, seq: 0, is_fresh: true, made: &made };
        engine.target("", &losing.change.kind)?.apply(cx, tx, &step, &losing.change)?;
        in_bin.add(losing);
    }
    Ok(in_bin)
}

impl Planner<'_> {
    /// Plans to take a thing from those in the bin, which makes the plan a run, told and undone as any other.
    pub(crate) fn take_from_bin(&mut self, cx: &Context, lost: BinRemoval<'_>) -> Result<()> {
        for losing in self.engine.users.losing(cx, self.tx, lost)? {
            self.change(&losing.change)?;
            self.plan.in_bin.add(losing);
        }
        Ok(())
    }
}

/// Refuses to end a thing that somebody in the bin got since the plan was made: nobody was told of them.
pub(crate) fn check_out_of_bin(in_bin: bool, (kind, name): (&'static str, &str)) -> Result<(), Error> {
    if in_bin { Err(Error::Changed { kind, name: name.to_owned() }) } else { Ok(()) }
}
