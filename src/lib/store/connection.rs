//! A connection to the store, and what closing one means: the last to close moves everything from the write-ahead log into
//! the file, and locks the file for that. Ctrl-Z stops nobody meanwhile.

use std::ops::{Deref, DerefMut};

use rusqlite::Connection;

use super::stops::Unstopped;

/// A connection that is not stopped while it closes.
#[derive(Debug)]
pub(super) struct StoreConnection {
    connection: Connection,
    /// Dropped after the connection.
    unstopped: Option<Unstopped>,
}

impl StoreConnection {
    pub(super) const fn new(connection: Connection) -> Self {
        Self { connection, unstopped: None }
    }

    /// One that has the store alone for as long as it is open, and is not stopped as long.
    pub(super) fn alone(connection: Connection) -> Self {
        Self { connection, unstopped: Some(Unstopped::begin()) }
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
