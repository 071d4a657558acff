//! Whether two walks over the audit met the same rows.
//!
//! The chain is proved row by row, and state is worked forward subject by subject, which takes an index. Whoever writes into
//! the file could hide a row from the index, and with it a change; so both walks keep a tally. Each row they meet gives a
//! number that nobody can foretell, and these are added up, in whatever order.

use std::hash::{BuildHasher as _, RandomState};

use super::Event;

/// The rows that a walk met. Those of its clones are comparable.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    keys: RandomState,
    rows: u64,
    sum: u64,
    last: (i64, i64),
    /// The kinds from whose rows state follows, beside people and runs.
    things: &'static [&'static str],
}

impl Tally {
    /// Of walks that go by rows of these kinds, people and runs.
    pub(crate) fn of(things: &'static [&'static str]) -> Self {
        Self { things, ..Self::default() }
    }

    /// Counts a row about something of this kind.
    pub(crate) fn add(&mut self, seq: i64, kind: &str, subject_id: Option<i64>) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(self.keys.hash_one((seq, kind, subject_id)));
    }

    /// Counts a row of a walk by subject and number. One that comes out of this order is not counted, so that it is missed.
    pub(crate) fn add_next(&mut self, seq: i64, kind: &str, subject_id: i64) {
        if (subject_id, seq) > self.last {
            self.last = (subject_id, seq);
            self.add(seq, kind, Some(subject_id));
        }
    }

    /// Counts a row of the chain, if state follows from it.
    pub(super) fn add_told(&mut self, seq: i64, event: &Event<'_>) {
        let tells = match event.kind {
            "user" => event.subject_id.is_some(),
            "run" => event.action != "run.leave_out",
            kind => self.things.contains(&kind),
        };
        if tells && event.action != "permission.denied" {
            self.add(seq, event.kind, event.subject_id);
        }
    }

    /// Whether those met, together, the same rows.
    pub(super) fn is_of(&self, others: &[Self]) -> bool {
        let rows = others.iter().map(|other| other.rows).sum::<u64>();
        let sum = others.iter().fold(0_u64, |sum, other| sum.wrapping_add(other.sum));
        (self.rows, self.sum) == (rows, sum)
    }
}
