//! What the audit tells of runs: when each was held, applied, taken back and ended, and the hash of what was planned.

use serde_json::Value;

use super::{KIND, store};
use crate::audit::{self, Fields, RowOfRun, Tally};
use crate::crypto::hex::hex;
use crate::error::Result;
use crate::store::Tx;

/// The field of the first row about a run that has the SHA-256 of its plan.
const PLAN: &str = "plan_sha256";

/// The field of the row about a run that is held that says why.
const BECAUSE: &str = "held_because";

/// A run as its rows tell of it.
#[derive(Debug, Default)]
pub(crate) struct AuditedRun {
    /// Its id.
    pub(crate) id: String,
    /// Who made it.
    pub(crate) actor: String,
    /// The given reason.
    pub(crate) reason: Option<String>,
    /// What made it; of a run that was held no row says that.
    pub(crate) kind: Option<String>,
    /// The SHA-256 of its plan, in hexadecimal; an older secboard did not write it.
    plan: Option<Value>,
    /// Why it was held; an older secboard did not write it.
    pub(crate) held_because: Option<Value>,
    /// How it ended without being applied.
    ended: Option<&'static str>,
    /// The row of its first change, once it was applied.
    pub(crate) first: Option<i64>,
    /// Somebody took it back, or what could be taken back of it.
    pub(crate) is_undone: bool,
}

impl AuditedRun {
    /// The word for how far it has come; whether all of it was taken back its changes tell.
    pub(crate) const fn state(&self) -> &'static str {
        match (self.first, self.ended) {
            (Some(_), _) => "applied",
            (None, Some(ended)) => ended,
            (None, None) => "held",
        }
    }

    /// Whether the stored changes are those that were planned. Where no hash was written they are taken as they are.
    pub(crate) fn has_plan(&self, tx: &Tx<'_>) -> Result<bool> {
        let Some(plan) = &self.plan else { return Ok(true) };
        Ok(plan.as_str() == Some(plan_sha256(tx, &self.id)?.as_str()))
    }

    fn of(told: &RowOfRun) -> Self {
        let (actor, reason) = (told.actor.clone(), told.reason.clone());
        Self { id: told.run.clone(), actor, reason, ..Self::default() }
    }

    fn follow(&mut self, told: &RowOfRun) -> Result<()> {
        let mut fields = audit::decode(told.seq, "after", told.after.as_deref())?;
        self.plan = self.plan.take().or_else(|| fields.remove(PLAN));
        match told.action.as_str() {
            "run.hold" => self.held_because = fields.remove(BECAUSE),
            "run.release" => self.first = Some(told.seq + 1),
            "run.discard" => self.ended = Some("discarded"),
            "run.supersede" => self.ended = Some("superseded"),
            "run.undo" => self.is_undone = true,
            kind if audit::may_make_runs(kind) => {
                self.kind = Some(kind.to_owned());
                self.first = Some(told.seq + 1);
            }
            unknown => {
                let reason = format!("tells of a run by `{unknown}`, by which none is made");
                return Err(audit::Error::Damaged { seq: told.seq, column: "action", reason }.into());
            }
        }
        Ok(())
    }
}

/// Calls `each` with every run that the audit tells of, or with the one of that id, and counts the rows.
///
/// # Errors
/// When a row of the audit does not decode.
pub(crate) fn each_audited(
    tx: &Tx<'_>,
    only: Option<&str>,
    tally: &mut Tally,
    mut each: impl FnMut(AuditedRun) -> Result<()>,
) -> Result<()> {
    let mut run: Option<AuditedRun> = None;
    audit::rows_of_runs(tx, only, |told| {
        tally.add(told.seq, KIND, told.subject_id);
        if let Some(ended) = run.take_if(|run| run.id != told.run) {
            each(ended)?;
        }
        run.get_or_insert_with(|| AuditedRun::of(&told)).follow(&told)
    })?;
    run.map_or(Ok(()), each)
}

/// What the audit tells of a run, if it tells of it.
///
/// # Errors
/// When a row of the audit does not decode.
pub(super) fn audited(tx: &Tx<'_>, id: &str) -> Result<Option<AuditedRun>> {
    let mut found = None;
    each_audited(tx, Some(id), &mut Tally::default(), |run| {
        found = Some(run);
        Ok(())
    })?;
    Ok(found)
}

/// SHA-256 of the plan of a stored run, in hexadecimal.
pub(super) fn plan_sha256(tx: &Tx<'_>, run: &str) -> Result<String> {
    Ok(hex(&store::plan_digest(tx, run)?))
}

/// What the first row about a run tells of its plan, and of why it is held.
pub(super) fn fields_of_run(plan_sha256: &str, held_because: Option<&str>) -> Fields {
    let mut fields = Fields::from_iter([(PLAN.to_owned(), plan_sha256.into())]);
    fields.extend(held_because.map(|because| (BECAUSE.to_owned(), because.into())));
    fields
}
