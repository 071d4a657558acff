//! A connection to the store, and what closing one means: the last to close moves everything from the write-ahead log into
//! the file, and locks the file for that. Ctrl-Z stops nobody meanwhile.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use rusqlite::Connection;

use super::stops::Unstopped;

/// A connection that is not stopped while it closes.
#[derive(Debug)]
pub(super) struct StoreConnection {
    connection: Connection,
    /// The number of the schema that this connection has read while it had the store to write.
    schema: Cell<Option<i64>>,
    /// Dropped after the connection.
    unstopped: Option<Unstopped>,
}

impl StoreConnection {
    pub(super) const fn new(connection: Connection) -> Self {
        Self { connection, schema: Cell::new(None), unstopped: None }
    }

    /// One that has the store alone for as long as it is open, and is not stopped as long.
    pub(super) fn alone(connection: Connection) -> Self {
        Self { connection, schema: Cell::new(None), unstopped: Some(Unstopped::begin()) }
    }

    /// Has the schema that stands in the file be the one in force. A trigger that this connection has read, and that was then
    /// taken out of the file past SQLite, would run and be nowhere.
    ///
    /// To be called at the beginning of a transaction that writes.
    pub(super) fn take_schema_of_file(&self) -> rusqlite::Result<()> {
        let number = self.connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
        // Whoever puts something else there in between changes the number, or this connection does not read it.
        if self.schema.replace(Some(number)) != Some(number) {
            self.connection.execute_batch("PRAGMA writable_schema = RESET")?;
        }
        Ok(())
    }
}

impl Drop for StoreConnection {
    fn drop(&mut self) {
        self.unstopped.get_or_insert_with(Unstopped::begin);
    }
}

impl Deref for StoreConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for StoreConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
