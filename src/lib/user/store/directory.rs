//! The SQL of what directories know of people.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension as _, ToSql, named_params};

use super::{BY_GUID, User, user};
use crate::error::Result;
use crate::store::Tx;
use crate::text::guid::Guid;
use crate::text::instant::Instant;

pub(super) const OF_CONNECTION: &str = "
    SELECT directory_guid, id, deleted_at IS NOT NULL
    FROM users
    WHERE directory_id = :connection
    ORDER BY directory_guid";

pub(super) const COUNT_OF: &str = "
    SELECT count(*) - count(deleted_at), count(deleted_at) FROM users WHERE directory_id = :connection";

pub(super) const CONNECTION_NAME: &str = "SELECT name FROM directory_connections WHERE id = :id";

pub(super) const SET_SEEN: &str = "
    UPDATE users SET directory_seen_at = :at
    WHERE directory_id = :connection AND directory_guid = :guid";

/// The 16 bytes.
impl FromSql for Guid {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::of_bytes(value.as_blob()?)
            .ok_or(FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: 0 })
    }
}

impl ToSql for Guid {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.bytes())))
    }
}

/// Whoever is that entry, also in the bin.
pub(in crate::user) fn by_guid(tx: &Tx<'_>, connection: i64, guid: Guid) -> Result<Option<User>> {
    let values = named_params! { ":connection": connection, ":guid": guid };
    Ok(tx.sql().prepare_cached(BY_GUID)?.query_row(values, user).optional()?)
}

/// Calls `each` with everybody of a connection, by GUID: the entry, the id, whether they are in the bin.
pub(in crate::user) fn each_of(
    tx: &Tx<'_>,
    connection: i64,
    mut each: impl FnMut(Guid, i64, bool) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(OF_CONNECTION)?;
    let mut rows = statement.query(named_params! { ":connection": connection })?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get(1)?, row.get(2)?)?;
    }
    Ok(())
}

/// How many people a connection has outside the bin, and in it.
pub(in crate::user) fn count_of(tx: &Tx<'_>, connection: i64) -> Result<(u64, u64)> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let (live, in_bin) =
        tx.sql().prepare_cached(COUNT_OF)?.query_row(named_params! { ":connection": connection }, read)?;
    Ok((live.unsigned_abs(), in_bin.unsigned_abs()))
}

/// How a connection is called; none where there is none.
pub(in crate::user) fn connection_name(tx: &Tx<'_>, id: i64) -> Result<Option<String>> {
    let mut statement = tx.sql().prepare_cached(CONNECTION_NAME)?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| row.get(0)).optional()?)
}

/// Notes when an entry was seen; whether it is somebody.
pub(in crate::user) fn set_seen(tx: &Tx<'_>, (connection, guid): (i64, Guid), at: Instant) -> Result<bool> {
    let values = named_params! { ":connection": connection, ":guid": guid, ":at": at.micros() };
    Ok(tx.sql().prepare_cached(SET_SEEN)?.execute(values)? > 0)
}
