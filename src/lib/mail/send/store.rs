//! The SQL of how large a mail may be.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;

const SIZE_LIMIT: &str = "
    SELECT s.bytes
    FROM mail_sizes s
    JOIN mail_accounts a ON a.server_id = s.server_id
    WHERE a.id = :account";

/// The most bytes of a mail that the server of an account takes, once it has said so.
pub(super) fn size_limit(tx: &Tx<'_>, account: i64) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(SIZE_LIMIT)?;
    Ok(statement.query_row(named_params! { ":account": account }, |row| row.get(0)).optional()?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[SIZE_LIMIT];
