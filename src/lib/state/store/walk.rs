//! The walk of the audit by everything but people.

use rusqlite::named_params;

use crate::audit::Error;
use crate::error::Result;
use crate::state::things::Change;
use crate::store::Tx;

/// Refusals change nothing.
pub(in crate::state) const CHANGES_OF_THINGS: &str = "
    SELECT seq, kind, subject_id, subject, before, after, at
    FROM audit
    WHERE kind IN ('company', 'department', 'position', 'group', 'role', 'operator', 'setting', 'org', 'mail_server',
            'mail_account', 'mail_route', 'directory')
        AND +seq <= :seq AND action <> 'permission.denied'
    ORDER BY seq";

/// From which row on things may be others than they were at `seq`: that of the next change, or the one that is still to come.
pub(in crate::state) const UNCHANGED_UNTIL: &str = "
    SELECT coalesce(
        (SELECT min(seq)
        FROM audit
        WHERE kind IN ('company', 'department', 'position', 'group', 'role', 'operator', 'setting', 'org',
                'mail_server', 'mail_account', 'mail_route', 'directory')
            AND +seq > :seq AND action <> 'permission.denied'),
        (SELECT max(seq) + 1 FROM audit),
        1)";

/// Hands on what became of things up to the row `seq`, that one too.
pub(in crate::state) fn changes_of_things(
    tx: &Tx<'_>,
    seq: i64,
    mut each: impl FnMut(&Change) -> Result<(), Error>,
) -> Result<()> {
    let mut statement = tx.sql().prepare(CHANGES_OF_THINGS)?;
    let mut rows = statement.query(named_params! { ":seq": seq })?;
    while let Some(row) = rows.next()? {
        each(&Change {
            seq: row.get(0)?,
            kind: row.get(1)?,
            id: row.get(2)?,
            subject: row.get(3)?,
            before: row.get(4)?,
            after: row.get(5)?,
            at: row.get(6)?,
        })?;
    }
    Ok(())
}

/// From which row on things may be others than they were at `seq`.
pub(in crate::state) fn unchanged_until(tx: &Tx<'_>, seq: i64) -> Result<i64> {
    Ok(tx.sql().query_row(UNCHANGED_UNTIL, named_params! { ":seq": seq }, |row| row.get(0))?)
}
