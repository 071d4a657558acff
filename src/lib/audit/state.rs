//! What the tables hold, beside what the audit tells.

use serde::Serialize;

use super::Tally;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// What the tables hold and the audit does not tell, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// The table.
    pub(crate) table: &'static str,
    /// The row.
    pub(crate) row: String,
    /// The field.
    pub(crate) field: String,
    /// As the audit has it.
    pub(crate) expected: String,
    /// As the table has it.
    pub(crate) found: String,
}

impl Difference {
    /// What differs, as a sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { table, row, field, expected, found } = self;
        format!("row {row} of `{table}`: {field} is {found}, and by the audit {expected}")
    }
}

/// What holding the tables against the audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// People, companies and the rest that were looked at.
    pub(crate) subjects: i64,
    /// How many fields differ.
    pub(crate) differences: i64,
    /// The first of them.
    pub(crate) first: Vec<Difference>,
}

/// The most differences that are named.
const NAMED: usize = 20;

impl State {
    /// Whether another difference is to be named.
    pub(crate) const fn has_room(&self) -> bool {
        self.first.len() < NAMED
    }

    /// Both together.
    #[must_use]
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.subjects += other.subjects;
        self.differences += other.differences;
        self.first.extend(other.first);
        self.first.truncate(NAMED);
        self
    }
}

/// Both halves of holding every table against what the audit tells, about as long as each other; each counts the rows that
/// it went by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HoldTables {
    /// The kinds of rows that `subjects` goes by, people apart.
    pub(crate) things: &'static [&'static str],
    /// People, and everything else but runs.
    pub(crate) subjects: fn(&Context, &Tx<'_>, &mut Tally) -> Result<State>,
    /// Runs and their changes.
    pub(crate) runs: fn(&Tx<'_>, &mut Tally) -> Result<State>,
}
