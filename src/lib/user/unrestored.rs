//! What somebody who comes back from the bin is without: what they had when they were moved there, and what is gone since.

use std::collections::BTreeSet;

use serde_json::Value;

use super::past::binned_by;
use super::{KIND, store};
use crate::audit::{self, Row};
use crate::company;
use crate::error::Result;
use crate::state::History;
use crate::store::Tx;

/// What somebody had and has no longer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unrestored {
    /// Kinds and names, from the largest to the smallest; as all was called when it was theirs.
    things: Vec<(&'static str, String)>,
    /// The runs that took it and whose undo gives it back, the last first.
    pub(crate) runs: Vec<String>,
}

impl Unrestored {
    /// Whether there is nothing.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.things.is_empty()
    }

    /// Whoever is of another company from now on misses no company, and no undo gives the rest back.
    pub(super) fn be_elsewhere(&mut self) {
        self.things.retain(|(kind, _)| *kind != company::KIND);
        self.runs.clear();
    }

    /// What it is, in words.
    pub(crate) fn said(&self) -> String {
        let said: Vec<String> = self.things.iter().map(|(kind, name)| format!("{kind} `{name}`")).collect();
        said.join(", ")
    }
}

/// The audit row by which somebody is in the bin.
pub(super) fn in_bin_since(tx: &Tx<'_>, id: i64) -> Result<Option<i64>> {
    Ok(binned_by(&audit::changes_of(tx, KIND, id)?)?.map(|row| row.seq))
}

/// The run whose undo gives somebody the company back that they lost last.
pub(super) fn run_that_took_company(tx: &Tx<'_>, id: i64) -> Result<Option<String>> {
    for row in audit::changes_of(tx, KIND, id)? {
        if row.fields_after()?.get(company::KIND).is_some_and(Value::is_null) {
            let is_undo = row.is_undo();
            return Ok(row.run.filter(|_| !is_undo));
        }
    }
    Ok(None)
}

/// What somebody had when the audit had come to the row `seq`, and has no longer.
pub(super) fn since(tx: &Tx<'_>, history: &History, (id, seq): (i64, i64)) -> Result<Unrestored> {
    let mut things = history.lost_since(tx, (id, seq))?;
    // Whoever is of another company now was given it.
    let has_company = store::by_id(tx, id)?.is_some_and(|user| user.company_id.is_some());
    things.retain(|(kind, _)| !(has_company && *kind == company::KIND));
    let mut runs = Vec::new();
    if !things.is_empty() {
        let rows = audit::changes_of(tx, KIND, id)?;
        let undone: BTreeSet<&str> = rows.iter().filter(|row| row.is_undo()).filter_map(run).collect();
        for row in rows.iter().filter(|row| row.seq > seq) {
            runs.extend(run(row).filter(|run| !undone.contains(run)).map(str::to_owned));
        }
        runs.dedup();
    }
    Ok(Unrestored { things, runs })
}

fn run(row: &Row) -> Option<&str> {
    row.run.as_deref()
}
