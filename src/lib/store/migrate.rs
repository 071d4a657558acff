//! Migrations: numbered SQL files, forward only, each applied once, all of an upgrade in one transaction.
//!
//! `PRAGMA user_version` holds the number of the last one applied. A file, once released, is never edited; a change of
//! the schema is a new file here and a line in [`MIGRATIONS`].

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::Error;
use super::stops::Unstopped;

/// Every migration, in order: its file name and its SQL.
pub(crate) const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_people.sql", include_str!("../../../migrations/0001_people.sql")),
    ("0002_record.sql", include_str!("../../../migrations/0002_record.sql")),
    ("0003_access.sql", include_str!("../../../migrations/0003_access.sql")),
    ("0004_search.sql", include_str!("../../../migrations/0004_search.sql")),
    ("0005_run_owners.sql", include_str!("../../../migrations/0005_run_owners.sql")),
    ("0006_order_of_lists.sql", include_str!("../../../migrations/0006_order_of_lists.sql")),
    ("0007_keyed_audit.sql", include_str!("../../../migrations/0007_keyed_audit.sql")),
    ("0008_one_key.sql", include_str!("../../../migrations/0008_one_key.sql")),
    ("0009_runs_by_id.sql", include_str!("../../../migrations/0009_runs_by_id.sql")),
    ("0010_audit_head.sql", include_str!("../../../migrations/0010_audit_head.sql")),
    ("0011_mail.sql", include_str!("../../../migrations/0011_mail.sql")),
    ("0012_outbox.sql", include_str!("../../../migrations/0012_outbox.sql")),
    ("0013_notices.sql", include_str!("../../../migrations/0013_notices.sql")),
    ("0014_empty_json.sql", include_str!("../../../migrations/0014_empty_json.sql")),
    ("0015_throttle.sql", include_str!("../../../migrations/0015_throttle.sql")),
    ("0016_sessions.sql", include_str!("../../../migrations/0016_sessions.sql")),
    ("0017_tokens.sql", include_str!("../../../migrations/0017_tokens.sql")),
    ("0018_two_factor.sql", include_str!("../../../migrations/0018_two_factor.sql")),
    ("0019_directory.sql", include_str!("../../../migrations/0019_directory.sql")),
    ("0020_directory_people.sql", include_str!("../../../migrations/0020_directory_people.sql")),
    ("0021_directory_sync.sql", include_str!("../../../migrations/0021_directory_sync.sql")),
    ("0022_run_sources.sql", include_str!("../../../migrations/0022_run_sources.sql")),
    ("0023_contact.sql", include_str!("../../../migrations/0023_contact.sql")),
    ("0024_directory_cursors.sql", include_str!("../../../migrations/0024_directory_cursors.sql")),
    ("0025_sites.sql", include_str!("../../../migrations/0025_sites.sql")),
    ("0026_mail_given.sql", include_str!("../../../migrations/0026_mail_given.sql")),
    ("0027_directory_syncs.sql", include_str!("../../../migrations/0027_directory_syncs.sql")),
];

/// The migration that makes the keys again by which names and addresses are compared.
const REFOLDING: &str = "0008_one_key.sql";

/// What has one key by the rules of [`REFOLDING`] and had two before.
const CLASHES: &str = "
    SELECT group_concat(email, '`, `') FROM users WHERE deleted_at IS NULL GROUP BY email_key(email) HAVING count(*) > 1
    UNION ALL
    SELECT group_concat(name, '`, `') FROM companies GROUP BY fold(name) HAVING count(*) > 1
    UNION ALL
    SELECT group_concat(name, '`, `') FROM departments GROUP BY company_id, fold(name) HAVING count(*) > 1
    UNION ALL
    SELECT group_concat(name, '`, `') FROM positions GROUP BY department_id, fold(name) HAVING count(*) > 1
    UNION ALL
    SELECT group_concat(name, '`, `') FROM groups GROUP BY company_id, fold(name) HAVING count(*) > 1
    UNION ALL
    SELECT group_concat(name, '`, `') FROM roles GROUP BY fold(name) HAVING count(*) > 1";

/// The migration from which on the tables of runs refuse what does not read.
const STRICTER_RUNS: &str = "0009_runs_by_id.sql";

/// What they would refuse: column, table and row.
const UNREADABLE_RUNS: &str = "
    SELECT 'summary', 'runs', id FROM runs WHERE NOT json_valid(summary)
    UNION ALL
    SELECT 'state', 'runs', id FROM runs WHERE state NOT IN ('held', 'applied', 'undone', 'partly_undone')
    UNION ALL
    SELECT iif(json_valid(before) IS 0, 'before', iif(json_valid(after) IS 0, 'after', 'action')), 'run_changes',
        run_id || ' ' || seq
    FROM run_changes
    WHERE json_valid(before) IS 0 OR json_valid(after) IS 0
        OR action NOT IN ('create', 'update', 'deactivate', 'delete')
    UNION ALL
    SELECT 'run_id', 'run_changes', run_id || ' ' || seq
    FROM run_changes
    WHERE run_id NOT IN (SELECT id FROM runs)";

/// The schema this program writes.
#[expect(clippy::cast_possible_wrap, reason = "a handful of files")]
pub(crate) const LATEST: i64 = MIGRATIONS.len() as i64;

/// Marks a file as a secboard store: the letters `SECB`.
pub(super) const APPLICATION_ID: i64 = 0x5345_4342;

/// The schema a store has; 0 for an empty file.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a store to the schema [`LATEST`]; a store that another process upgraded meanwhile is left alone.
pub(super) fn upgrade(connection: &Connection) -> Result<(), Error> {
    let _unstopped = Unstopped::begin();
    let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let from = usize::try_from(version(&tx)?).unwrap_or(usize::MAX);
    for (name, sql) in MIGRATIONS.iter().skip(from) {
        if *name == REFOLDING {
            check_keys(&tx)?;
        }
        if *name == STRICTER_RUNS {
            check_runs(&tx)?;
        }
        tx.execute_batch(sql).map_err(|error| unlike_its_number(error, from))?;
    }
    if from < MIGRATIONS.len() {
        tx.pragma_update(None, "user_version", LATEST)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    tx.commit()?;
    Ok(())
}

/// What a migration cannot build on or makes a second time: the number of the schema says another than there is.
fn unlike_its_number(error: rusqlite::Error, from: usize) -> Error {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => Error::Undecodable {
            what: format!("it says that its schema is number {from}, and it is not: {msg}"),
        },
        _ => error.into(),
    }
}

/// Refuses to upgrade a store in which two things would have one name: which of them is to keep it, nobody but its
/// administrator can say.
fn check_keys(tx: &Transaction<'_>) -> Result<(), Error> {
    let names: Option<String> = tx.query_row(CLASHES, [], |row| row.get(0)).optional()?;
    names.map_or(Ok(()), |names| Err(Error::Clash { names }))
}

/// Refuses to upgrade a store with a run that does not read: what it was is to be found in a copy.
fn check_runs(tx: &Transaction<'_>) -> Result<(), Error> {
    let found = tx.query_row(UNREADABLE_RUNS, [], |row| {
        let (column, table, row): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("the column `{column}` of `{table}`, row `{row}`, does not read"))
    });
    found.optional()?.map_or(Ok(()), |what| Err(Error::Undecodable { what }))
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[CLASHES, UNREADABLE_RUNS];
