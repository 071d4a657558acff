//! The SQL of what servers have said of the size of mails.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;

const SIZE: &str = "SELECT bytes FROM mail_sizes WHERE server_id = :server";

const PUT_SIZE: &str = "
    INSERT INTO mail_sizes (server_id, bytes) VALUES (:server, :bytes)
    ON CONFLICT (server_id) DO UPDATE SET bytes = excluded.bytes";

const DROP_SIZE: &str = "DELETE FROM mail_sizes WHERE server_id = :server";

/// The most bytes of a mail that a server has said it takes.
pub(in crate::mail::outbox) fn size(tx: &Tx<'_>, server: i64) -> Result<Option<u64>> {
    let mut statement = tx.sql().prepare_cached(SIZE)?;
    Ok(statement
        .query_row(named_params! { ":server": server }, |row| row.get::<_, i64>(0))
        .optional()?
        .map(i64::unsigned_abs))
}

/// What a server says now, which may be nothing.
pub(in crate::mail::outbox) fn put_size(tx: &Tx<'_>, server: i64, bytes: Option<u64>) -> Result<()> {
    let Some(bytes) = bytes else {
        tx.sql().prepare_cached(DROP_SIZE)?.execute(named_params! { ":server": server })?;
        return Ok(());
    };
    let parameters = named_params! { ":server": server, ":bytes": i64::try_from(bytes).unwrap_or(i64::MAX) };
    Ok(one_row(tx.sql().prepare_cached(PUT_SIZE)?.execute(parameters)?, "mail_sizes", server)?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[SIZE, PUT_SIZE, DROP_SIZE];
