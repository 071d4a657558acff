//! The SQL of tries.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Tries of an account that were refused, by the audit. One that was begun and of which nothing else is told counts too: it
/// may have been.
const FAILED_TRIES: &str = "
    SELECT
        count(*) FILTER (WHERE json_extract(after, '$.outcome') = 'begun')
        - count(*) FILTER (WHERE json_extract(after, '$.outcome') = 'opened')
    FROM audit
    WHERE kind = 'directory_login' AND subject_id = :connection AND at > :since AND json_extract(after, '$.dn') = :dn";

/// How many tries of an account were not seen to open it since then.
pub(super) fn failed_tries(tx: &Tx<'_>, connection: i64, (dn, since): (&str, Instant)) -> Result<u32> {
    let parameters = named_params! { ":connection": connection, ":dn": dn, ":since": since.micros() };
    let tries: i64 = tx.sql().prepare_cached(FAILED_TRIES)?.query_row(parameters, |row| row.get(0))?;
    Ok(u32::try_from(tries).unwrap_or(0))
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[FAILED_TRIES];
