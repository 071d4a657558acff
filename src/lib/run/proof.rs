//! Whether a stored run is still what was planned.
//!
//! Releasing and undoing a run do what its stored changes say, so who could write those past secboard could give anybody
//! anything, and the audit would tell of it as done by whoever released or undid it. So the audit row that a run begins
//! with, which takes the store's key to write, has the SHA-256 of the plan, and the rows after it tell what became of it.
//! `audit verify --state` holds every run against them, these two the one they are about to trust.

use super::audited::{self, AuditedRun};
use super::store::Run;
use super::{Error, State};
use crate::error::Result;
use crate::store::Tx;

/// Refuses a run that is not as it was planned, is not in the state that the audit tells, or not where the audit has it.
pub(super) fn check(tx: &Tx<'_>, run: &Run) -> Result<()> {
    let is_as_told = match audited::audited(tx, &run.id)? {
        Some(told) => is_in_place(run, &told) && told.has_plan(tx)?,
        None => false,
    };
    if is_as_told { Ok(()) } else { Err(Error::Altered { id: run.id.clone() }.into()) }
}

fn is_in_place(run: &Run, told: &AuditedRun) -> bool {
    let is_applied = matches!(run.state, State::Applied | State::PartlyUndone);
    let state = if is_applied { State::Applied.name() } else { run.state.name() };
    told.state() == state && (!is_applied || told.first == run.first_audit_seq)
}
