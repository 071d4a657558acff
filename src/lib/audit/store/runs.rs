//! The SQL of the rows that runs have in the audit.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;

/// The row of a subject that stood before the change which the row `seq` took back; refusals change nothing.
const BEFORE_UNDONE: &str = "
    SELECT (
        SELECT max(o.seq)
        FROM audit o
        WHERE o.kind = :kind AND o.subject_id = :subject_id AND o.action <> 'permission.denied' AND o.seq < (
            SELECT max(d.seq)
            FROM audit d
            WHERE d.kind = :kind AND d.subject_id = :subject_id AND d.run_id = u.run_id AND d.seq < u.seq
                AND u.action = d.action || '.undo'))
    FROM audit u
    WHERE u.seq = :seq AND u.run_id IS NOT NULL";

/// What the audit tells of runs themselves, run by run, or of one; what was left out is told of with the changes.
const TOLD: &str = "
    SELECT subject, seq, subject_id, action, actor, reason, after
    FROM audit
    WHERE kind = 'run' AND action NOT IN ('permission.denied', 'run.leave_out') AND (:run IS NULL OR subject = :run)
    ORDER BY subject, seq";

/// A row about a run itself.
pub(crate) struct RowOfRun {
    pub(crate) run: String,
    pub(crate) seq: i64,
    pub(crate) subject_id: Option<i64>,
    pub(crate) action: String,
    pub(crate) actor: String,
    pub(crate) reason: Option<String>,
    pub(crate) after: Option<String>,
}

pub(in crate::audit) fn before_undone(
    tx: &Tx<'_>,
    kind: &str,
    subject_id: i64,
    seq: i64,
) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(BEFORE_UNDONE)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id, ":seq": seq };
    Ok(statement.query_row(parameters, |row| row.get(0)).optional()?.flatten())
}

/// Calls `each` with the rows about runs themselves, or about one, run by run, each in its order.
pub(crate) fn rows_of_runs(
    tx: &Tx<'_>,
    only: Option<&str>,
    mut each: impl FnMut(RowOfRun) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare(TOLD)?;
    let mut rows = statement.query(named_params! { ":run": only })?;
    while let Some(row) = rows.next()? {
        each(RowOfRun {
            run: row.get(0)?,
            seq: row.get(1)?,
            subject_id: row.get(2)?,
            action: row.get(3)?,
            actor: row.get(4)?,
            reason: row.get(5)?,
            after: row.get(6)?,
        })?;
    }
    Ok(())
}

#[cfg(test)]
pub(in crate::audit) const STATEMENTS: &[&str] = &[BEFORE_UNDONE, TOLD];
