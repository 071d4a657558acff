//! SQLite's own check of the whole file: pages that are damaged, rows that an index lacks.
//!
//! It looks every row up in every index, which takes longer than all that is read beside it; so it runs in a thread and on
//! a connection of its own, where there can be one.

use std::path::Path;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::open::connect;
use super::{Error, Tx};
use crate::error::Result;

/// A check of the file that was begun. It sees the store as it was then, not as the transaction has it that began it.
#[derive(Debug)]
#[must_use = "a check is begun to be asked what it found"]
pub(crate) struct Checking {
    most: u32,
    /// None where the file cannot be opened twice: then it is checked when it is asked for.
    thread: Option<JoinHandle<Result<Vec<String>, Error>>>,
}

impl Tx<'_> {
    /// Begins to check the whole file, for so many damages at most.
    pub(crate) fn begin_check(&self, most: u32) -> Result<Checking> {
        let thread = self.beside()?.map(|beside| thread::spawn(move || damages(&beside, most)));
        Ok(Checking { most, thread })
    }

    /// Another connection to the same file; none to a store in memory, and none where only one can have the file.
    fn beside(&self) -> Result<Option<Connection>> {
        let locking: String = self.sql().pragma_query_value(None, "locking_mode", |row| row.get(0))?;
        let path = self.sql().path().filter(|path| !path.is_empty() && locking == "normal");
        Ok(path.and_then(|path| connect(Path::new(path)).ok()))
    }
}

impl Checking {
    /// What it found, once it is through. What kept it from being made beside `tx` does not keep it from being made in it.
    pub(crate) fn damages(self, tx: &Tx<'_>) -> Result<Vec<String>> {
        match self.thread.map(JoinHandle::join) {
            Some(Ok(Ok(found))) => Ok(found),
            _ => Ok(damages(tx.sql(), self.most)?),
        }
    }
}

fn damages(connection: &Connection, most: u32) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    connection.pragma(None, "integrity_check", most, |row| {
        found.push(row.get::<_, String>(0)?);
        Ok(())
    })?;
    found.retain(|line| line != "ok");
    Ok(found)
}
