//! The SQL of the rows that runs have in the audit.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;

/// The change that the row `seq` took back, and the rows of its subject that stood before each of the two; refusals change
/// nothing.
const UNDONE_BY: &str = "
    SELECT d.seq,
        (
            SELECT max(o.seq)
            FROM audit o
            WHERE o.kind = :kind AND o.subject_id = :subject_id AND o.action <> 'permission.denied' AND o.seq < d.seq),
        (
            SELECT max(o.seq)
            FROM audit o
            WHERE o.kind = :kind AND o.subject_id = :subject_id AND o.action <> 'permission.denied' AND o.seq < u.seq)
    FROM audit u
    JOIN audit d ON d.seq = (
        SELECT max(c.seq)
        FROM audit c
        WHERE c.kind = :kind AND c.subject_id = :subject_id AND c.run_id = u.run_id AND c.seq < u.seq
            AND u.action = c.action || '.undo')
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

/// A change that was taken back.
pub(in crate::audit) struct UndoneChange {
    /// Its row.
    pub(in crate::audit) seq: i64,
    /// The row of its subject before it; none for what it made.
    pub(in crate::audit) before: Option<i64>,
    /// The row of its subject before that of the undo.
    pub(in crate::audit) before_undo: i64,
}

/// The change of a subject that the row `seq` took back, if it did.
pub(in crate::audit) fn undone_by(
    tx: &Tx<'_>,
    (kind, subject_id): (&str, i64),
    seq: i64,
) -> Result<Option<UndoneChange>> {
    let mut statement = tx.sql().prepare_cached(UNDONE_BY)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id, ":seq": seq };
    let undone = statement.query_row(parameters, |row| {
        Ok(UndoneChange { seq: row.get(0)?, before: row.get(1)?, before_undo: row.get(2)? })
    });
    Ok(undone.optional()?)
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
pub(in crate::audit) const STATEMENTS: &[&str] = &[UNDONE_BY, TOLD];
