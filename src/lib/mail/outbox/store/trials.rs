//! The SQL of the trial of an account whose rest is over, until a mail has left by it.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// How many attempts an account has begun since, though no more than are asked for.
const BEGUN_SINCE: &str = "
    SELECT count(*)
    FROM (SELECT 1 FROM mail_attempts WHERE account = :account AND at >= :since LIMIT :most)";

/// How many attempts an account has begun since, though no more than `most`.
pub(in crate::mail::outbox) fn begun_since(
    tx: &Tx<'_>,
    account: &str,
    since: Instant,
    most: u32,
) -> Result<u32> {
    let parameters = named_params! { ":account": account, ":since": since.micros(), ":most": most };
    Ok(tx.sql().prepare_cached(BEGUN_SINCE)?.query_row(parameters, |row| row.get(0))?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[BEGUN_SINCE];
