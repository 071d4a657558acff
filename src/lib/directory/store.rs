//! The SQL of tries, and of what a directory is held against.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Tries of an account that were refused, by the audit. One that was begun and of which nothing else is told counts too, and
/// one that failed when the password was on its way: they may have been. What never reached the server does not count.
const FAILED_TRIES: &str = "
    SELECT
        count(*) FILTER (WHERE json_extract(after, '$.outcome') = 'begun')
        - count(*) FILTER (WHERE json_extract(after, '$.outcome') IN ('opened', 'unreached')),
        count(*) FILTER (WHERE json_extract(after, '$.outcome') = 'begun')
        - count(*) FILTER (WHERE json_extract(after, '$.outcome') <> 'begun')
    FROM audit
    WHERE kind = 'directory_login' AND subject_id = :connection AND at > :since AND json_extract(after, '$.dn') = :dn";

const LOGIN_TRIES: &str = "
    SELECT count(*) FROM directory_tries WHERE connection_id = :connection AND dn = :dn AND tried_at > :since";

const BEGIN_LOGIN_TRY: &str = "
    INSERT INTO directory_tries (connection_id, dn, tried_at) VALUES (:connection, :dn, :now) RETURNING id";

const FORGET_OVER: &str =
    "DELETE FROM directory_tries WHERE connection_id = :connection AND tried_at <= :over";

const FORGET_LOGIN_TRY: &str = "DELETE FROM directory_tries WHERE id = :id";

const FORGET_LOGIN_TRIES: &str = "DELETE FROM directory_tries WHERE connection_id = :connection AND dn = :dn";

const IS_LOCAL: &str = "
    SELECT EXISTS (
        SELECT 1 FROM users WHERE email_folded = :email AND deleted_at IS NULL AND origin = 'local'
    )";

const GROUP_NAMES: &str = "SELECT name FROM groups WHERE company_id IS NULL OR company_id = :company";

const SYNC_TIMES: &str = "
    SELECT begun_at, failing_since FROM directory_syncs WHERE connection_id = :connection";

const BEGIN_SYNC: &str = "
    INSERT INTO directory_syncs (connection_id, begun_at) VALUES (:connection, :now)
    ON CONFLICT (connection_id) DO UPDATE SET begun_at = excluded.begun_at";

const END_SYNC: &str = "
    UPDATE directory_syncs SET failing_since = iif(:failed, coalesce(failing_since, :now), NULL)
    WHERE connection_id = :connection";

/// When a connection was followed last, and since when every sync has failed, if the last one did.
pub(super) fn sync_times(tx: &Tx<'_>, connection: i64) -> Result<Option<(Instant, Option<Instant>)>> {
    let mut statement = tx.sql().prepare_cached(SYNC_TIMES)?;
    let times = statement.query_row(named_params! { ":connection": connection }, |row| {
        let failing: Option<i64> = row.get(1)?;
        Ok((Instant::from_micros(row.get(0)?), failing.map(Instant::from_micros)))
    });
    Ok(times.optional()?)
}

/// Notes that a connection is followed now.
pub(super) fn begin_sync(tx: &Tx<'_>, connection: i64, now: Instant) -> Result<()> {
    let values = named_params! { ":connection": connection, ":now": now.micros() };
    tx.sql().prepare_cached(BEGIN_SYNC)?.execute(values)?;
    Ok(())
}

/// Notes whether that failed.
pub(super) fn end_sync(tx: &Tx<'_>, connection: i64, (failed, now): (bool, Instant)) -> Result<()> {
    let values = named_params! { ":connection": connection, ":failed": failed, ":now": now.micros() };
    tx.sql().prepare_cached(END_SYNC)?.execute(values)?;
    Ok(())
}

/// Whether an account that is none of a directory has the email of that key.
pub(super) fn is_local(tx: &Tx<'_>, key: &str) -> Result<bool> {
    Ok(tx.sql().prepare_cached(IS_LOCAL)?.query_row(named_params! { ":email": key }, |row| row.get(0))?)
}

/// The names of the groups for people of a company.
pub(super) fn group_names(tx: &Tx<'_>, company: i64) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(GROUP_NAMES)?;
    let names = statement.query_map(named_params! { ":company": company }, |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// How many tries of an account were not seen to open it since then, and how many of these have not ended, so that the
/// directory may not have counted them.
pub(super) fn failed_tries(tx: &Tx<'_>, connection: i64, (dn, since): (&str, Instant)) -> Result<(u32, u32)> {
    let parameters = named_params! { ":connection": connection, ":dn": dn, ":since": since.micros() };
    let counts = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let (failed, begun) = tx.sql().prepare_cached(FAILED_TRIES)?.query_row(parameters, counts)?;
    Ok((u32::try_from(failed).unwrap_or(0), u32::try_from(begun).unwrap_or(0)))
}

/// How many passwords of an account logins have tried since then.
pub(super) fn login_tries(tx: &Tx<'_>, connection: i64, (dn, since): (&str, Instant)) -> Result<u32> {
    let values = named_params! { ":connection": connection, ":dn": dn, ":since": since.micros() };
    let count: i64 = tx.sql().prepare_cached(LOGIN_TRIES)?.query_row(values, |row| row.get(0))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Keeps that a password is tried now, and forgets those of the connection that are over; its number.
pub(super) fn begin_login_try(
    tx: &Tx<'_>,
    (connection, dn): (i64, &str),
    (now, over): (Instant, Instant),
) -> Result<i64> {
    let values = named_params! { ":connection": connection, ":over": over.micros() };
    tx.sql().prepare_cached(FORGET_OVER)?.execute(values)?;
    let values = named_params! { ":connection": connection, ":dn": dn, ":now": now.micros() };
    Ok(tx.sql().prepare_cached(BEGIN_LOGIN_TRY)?.query_row(values, |row| row.get(0))?)
}

/// Forgets a try.
pub(super) fn forget_login_try(tx: &Tx<'_>, id: i64) -> Result<()> {
    tx.sql().prepare_cached(FORGET_LOGIN_TRY)?.execute(named_params! { ":id": id })?;
    Ok(())
}

/// Forgets the tries of an account.
pub(super) fn forget_login_tries(tx: &Tx<'_>, connection: i64, dn: &str) -> Result<()> {
    let values = named_params! { ":connection": connection, ":dn": dn };
    tx.sql().prepare_cached(FORGET_LOGIN_TRIES)?.execute(values)?;
    Ok(())
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    LOGIN_TRIES,
    BEGIN_LOGIN_TRY,
    FORGET_OVER,
    FORGET_LOGIN_TRY,
    FORGET_LOGIN_TRIES,
    FAILED_TRIES,
    SYNC_TIMES,
    BEGIN_SYNC,
    END_SYNC,
    IS_LOCAL,
    GROUP_NAMES,
];
