//! The SQL of what a run is held against: the plan that its row in the audit has the hash of, and the rows of its changes.

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, named_params};
use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::store::Tx;

/// What was planned, but for what applying and undoing write beside it.
const PLANNED: &str = "
    SELECT seq, action, kind, subject, subject_id, before, after, ids, reason
    FROM run_changes
    WHERE run_id = :run
    ORDER BY seq";

const PLANNED_FOR: &str = "SELECT kind, source, actor_id, meant FROM runs WHERE id = :run";

/// Apart, and nothing where there is none: so the hash of a run of an older secboard is what it was.
const PLANNED_FROM: &str = "SELECT source_id FROM runs WHERE id = :run AND source_id IS NOT NULL";

const STORED: &str =
    "SELECT kind, state, actor, reason, held_because, first_audit_seq FROM runs WHERE id = :run";

const IDS: &str = "SELECT id FROM runs NOT INDEXED ORDER BY id";

/// The ids of runs that have changes and are not there; it goes from one run to the next, whatever they hold.
const ORPHANS: &str = "
    WITH RECURSIVE kept (id) AS (
        SELECT min(run_id) FROM run_changes
        UNION ALL
        SELECT (SELECT min(run_id) FROM run_changes WHERE run_id > kept.id) FROM kept WHERE kept.id IS NOT NULL
    )
    SELECT id FROM kept WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = kept.id)";

/// The changes of a run beside the rows that they have in the audit when it was applied. A change was taken back if more of
/// the later rows about its subject take the run back than make changes of it: the rows of its changes come first, one each,
/// so whatever stands behind them takes back, by whichever action. Only of a run that was undone it is asked.
const CHANGES: &str = "
    SELECT c.seq,
        a.seq IS NOT NULL AND a.run_id IS c.run_id
            AND (a.action = 'run.leave_out' AND a.kind = 'run' AND a.subject = c.subject
                OR a.kind = c.kind AND (coalesce(c.subject_id, -1) < 0 OR a.subject_id IS c.subject_id)),
        iif(a.action = 'run.leave_out', json_extract(a.after, '$.why'), NULL),
        c.left_out,
        a.action <> 'run.leave_out',
        CASE WHEN :undone THEN (
            SELECT sum(iif(u.seq < :first + (SELECT max(seq) FROM run_changes WHERE run_id = :run), -1, 1))
            FROM audit u
            WHERE u.kind = a.kind AND u.subject_id = a.subject_id AND u.seq > a.seq AND +u.run_id = :run
                AND u.action <> 'permission.denied'
        ) > 0 ELSE 0 END,
        c.undo_refused IS NOT NULL
    FROM run_changes c LEFT JOIN audit a ON a.seq = :first + c.seq - 1
    WHERE c.run_id = :run
    ORDER BY c.seq";

/// A run as it is stored.
pub(crate) struct StoredRun {
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) actor: String,
    pub(crate) reason: Option<String>,
    pub(crate) held_because: Option<String>,
    pub(crate) first: Option<i64>,
}

/// A stored change of a run, held against its row.
pub(crate) struct StoredChange {
    pub(crate) seq: i64,
    /// The row is about this change.
    pub(crate) has_its_row: bool,
    /// Why the row says that it was left out.
    pub(crate) told_left_out: Option<String>,
    /// Why it was left out, by the store.
    pub(crate) left_out: Option<String>,
    /// The row tells that it was made.
    pub(crate) was_made: bool,
    /// Later rows tell that it was taken back.
    pub(crate) was_taken_back: bool,
    /// An undo left it, by the store.
    pub(crate) is_refused: bool,
}

/// SHA-256 of what was planned, and by whom.
pub(in crate::run) fn plan_digest(tx: &Tx<'_>, run: &str) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    for sql in [PLANNED_FOR, PLANNED_FROM, PLANNED] {
        let mut statement = tx.sql().prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(named_params! { ":run": run })?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                feed(&mut hasher, row.get_ref(column)?);
            }
        }
    }
    Ok(hasher.finalize().into())
}

/// Each value with its type and length, so that no two rows have the same bytes.
fn feed(hasher: &mut Sha256, value: ValueRef<'_>) {
    let (kind, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(number) => (1, &number.to_le_bytes()),
        ValueRef::Real(number) => (2, &number.to_le_bytes()),
        ValueRef::Text(text) => (3, text),
        ValueRef::Blob(blob) => (4, blob),
    };
    hasher.update([kind]);
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

pub(crate) fn stored_run(tx: &Tx<'_>, run: &str) -> Result<Option<StoredRun>> {
    let mut statement = tx.sql().prepare_cached(STORED)?;
    let stored = statement.query_row(named_params! { ":run": run }, |row| {
        Ok(StoredRun {
            kind: row.get(0)?,
            state: row.get(1)?,
            actor: row.get(2)?,
            reason: row.get(3)?,
            held_because: row.get(4)?,
            first: row.get(5)?,
        })
    });
    Ok(stored.optional()?)
}

/// The runs that are stored.
pub(crate) fn ids_of_runs(tx: &Tx<'_>, each: impl FnMut(&str)) -> Result<()> {
    ids(tx, IDS, each)
}

/// The runs of which changes are there and nothing else.
pub(crate) fn orphaned_changes(tx: &Tx<'_>, each: impl FnMut(&str)) -> Result<()> {
    ids(tx, ORPHANS, each)
}

fn ids(tx: &Tx<'_>, sql: &str, mut each: impl FnMut(&str)) -> Result<()> {
    let mut statement = tx.sql().prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
    }
    Ok(())
}

/// Calls `each` with the changes of a run, the first of which has the row `first`, in their order. Of a run that was not
/// undone nothing was taken back.
pub(crate) fn changes_of_run(
    tx: &Tx<'_>,
    (run, first, is_undone): (&str, Option<i64>, bool),
    mut each: impl FnMut(&StoredChange),
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(CHANGES)?;
    let mut rows = statement.query(named_params! { ":run": run, ":first": first, ":undone": is_undone })?;
    while let Some(row) = rows.next()? {
        each(&StoredChange {
            seq: row.get(0)?,
            has_its_row: row.get(1)?,
            told_left_out: row.get(2)?,
            left_out: row.get(3)?,
            was_made: row.get::<_, Option<bool>>(4)?.unwrap_or_default(),
            was_taken_back: row.get::<_, Option<bool>>(5)?.unwrap_or_default(),
            is_refused: row.get(6)?,
        });
    }
    Ok(())
}

#[cfg(test)]
pub(in crate::run) const STATEMENTS: &[&str] =
    &[PLANNED, PLANNED_FOR, PLANNED_FROM, STORED, IDS, ORPHANS, CHANGES];
