//! The runs that the audit tells of, held against those that are stored: whoever releases or undoes one does what is stored.
//!
//! That a plan is what was planned its hash tells; what was left out, made and taken back of it, the rows of its changes.
//! The counts of a run and why an undo left something are told to people and decide nothing, and no row has them.

use std::collections::BTreeSet;

use serde_json::json;

use super::{RowRef, State};
use crate::audit::Tally;
use crate::error::Result;
use crate::run::{self, AuditedRun, StoredRun, each_audited};
use crate::store::Tx;

/// The table of runs.
const RUNS: &str = "runs";

/// How many changes of a run were made, and how many of these were taken back.
#[derive(Default)]
struct Made {
    all: i64,
    taken_back: i64,
}

pub(super) fn check(tx: &Tx<'_>, tally: &mut Tally) -> Result<State> {
    let mut state = State::default();
    let mut known = BTreeSet::new();
    each_audited(tx, None, tally, |told| {
        state.check_run(tx, &told)?;
        known.insert(told.id);
        Ok(())
    })?;
    run::ids_of_runs(tx, |id| {
        if !known.contains(id) {
            state.note_row(RowRef { table: RUNS, row: &id }, true);
        }
    })?;
    run::orphaned_changes(tx, |id| state.note_row(RowRef { table: "run_changes", row: &id }, true))?;
    Ok(state)
}

impl State {
    fn check_run(&mut self, tx: &Tx<'_>, told: &AuditedRun) -> Result<()> {
        self.subjects += 1;
        let at = RowRef { table: RUNS, row: &told.id };
        let Some(stored) = run::stored_run(tx, &told.id)? else {
            self.note_row(at, false);
            return Ok(());
        };
        if !told.has_plan(tx)? {
            self.note(at, "the plan", (&json!("as it was planned"), &json!("another")));
        }
        let made = self.check_changes(tx, told)?;
        self.compare_run(at, told, &stored, &made);
        Ok(())
    }

    fn compare_run(&mut self, at: RowRef<'_>, told: &AuditedRun, stored: &StoredRun, made: &Made) {
        let state = match (told.is_undone, made.taken_back) {
            (true, all) if all == made.all => "undone",
            (true, 1..) => "partly_undone",
            _ => told.state(),
        };
        self.compare(at, "state", &json!(state), &json!(stored.state));
        self.compare(at, "first_audit_seq", &json!(told.first), &json!(stored.first));
        self.compare(at, "actor", &json!(told.actor), &json!(stored.actor));
        self.compare(at, "reason", &json!(told.reason), &json!(stored.reason));
        if let Some(kind) = &told.kind {
            self.compare(at, "kind", &json!(kind), &json!(stored.kind));
        }
        // A run that was applied at once, whose row says what made it, was never held.
        let because = told.held_because.clone().or_else(|| told.kind.is_some().then(|| json!(null)));
        if let Some(because) = &because {
            self.compare(at, "held_because", because, &json!(stored.held_because));
        }
    }

    fn check_changes(&mut self, tx: &Tx<'_>, told: &AuditedRun) -> Result<Made> {
        let mut made = Made::default();
        run::changes_of_run(tx, (&told.id, told.first, told.is_undone), |change| {
            let row = format!("{} {}", told.id, change.seq);
            let at = RowRef { table: "run_changes", row: &row };
            if told.first.is_some() && !change.has_its_row {
                return self.note_row(at, true);
            }
            self.compare(at, "left_out", &json!(change.told_left_out), &json!(change.left_out));
            made.all += i64::from(change.was_made);
            made.taken_back += i64::from(change.was_taken_back);
            let is_refused = told.is_undone && change.was_made && !change.was_taken_back;
            self.compare(at, "being left by an undo", &json!(is_refused), &json!(change.is_refused));
        })?;
        Ok(made)
    }
}
