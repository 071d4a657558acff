//! Whether a stored run is still what was planned.
//!
//! Releasing and undoing a run do what its stored changes say, so who could write those past secboard could give anybody
//! anything, and the audit would tell of it as done by whoever released or undid it. So the audit row that a run begins
//! with, which takes the store's key to write, has the SHA-256 of the plan.

use serde_json::json;

use super::store::{self, Run};
use super::{Error, State};
use crate::audit::{self, Fields};
use crate::crypto::hex::hex;
use crate::error::Result;
use crate::store::Tx;

/// The field of the audit that holds the hash of a plan.
const FIELD: &str = "plan_sha256";

/// What the audit keeps of a run that was just stored.
pub(super) fn of(tx: &Tx<'_>, run: &str) -> Result<Fields> {
    Ok(Fields::from_iter([(FIELD.to_owned(), json!(hex(&store::digest(tx, run)?)))]))
}

/// Refuses a run that is not as it was planned, or not where the audit has it. Runs of an older secboard left no hash, and
/// are taken as they are.
pub(super) fn check(tx: &Tx<'_>, run: &Run) -> Result<()> {
    let altered = || Error::Altered { id: run.id.clone() };
    let kept = audit::first_fields_of_run(tx, &run.id)?;
    if let Some(kept) = kept.get(FIELD)
        && *kept != json!(hex(&store::digest(tx, &run.id)?))
    {
        return Err(altered().into());
    }
    let begins = |first: i64| audit::begins_run(tx, first - 1, &run.id);
    match (run.state, run.first_audit_seq) {
        (State::Applied | State::PartlyUndone, Some(first)) if begins(first)? => Ok(()),
        (State::Applied | State::PartlyUndone, _) => Err(altered().into()),
        _ => Ok(()),
    }
}
