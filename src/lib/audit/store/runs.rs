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

const FIRST_OF_RUN: &str = "
    SELECT seq, after FROM audit
    WHERE run_id = :run AND kind = 'run' AND subject = :run AND after IS NOT NULL
    ORDER BY seq
    LIMIT 1";

const BEGINS_RUN: &str = "
    SELECT EXISTS (
        SELECT 1 FROM audit a JOIN runs r ON r.id = a.run_id
        WHERE a.seq = :seq AND a.run_id = :run AND a.kind = 'run' AND a.subject = :run
            AND a.action IN (r.kind, 'run.release'))";

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

/// The fields of the first row about a run itself that has any, with its number.
pub(in crate::audit) fn first_of_run(tx: &Tx<'_>, run: &str) -> Result<Option<(i64, String)>> {
    let mut statement = tx.sql().prepare_cached(FIRST_OF_RUN)?;
    let found = statement.query_row(named_params! { ":run": run }, |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

pub(in crate::audit) fn begins_run(tx: &Tx<'_>, seq: i64, run: &str) -> Result<bool> {
    let parameters = named_params! { ":seq": seq, ":run": run };
    Ok(tx.sql().prepare_cached(BEGINS_RUN)?.query_row(parameters, |row| row.get(0))?)
}

#[cfg(test)]
pub(in crate::audit) const STATEMENTS: &[&str] = &[BEFORE_UNDONE, FIRST_OF_RUN, BEGINS_RUN];
