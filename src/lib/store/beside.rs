//! Work beside a transaction: in a thread, and on a connection of its own, where there can be one.

use std::path::Path;
use std::thread::{self, JoinHandle};

use rusqlite::{Transaction, TransactionBehavior};

use super::connection::StoreConnection;
use super::open::{STEPS_BETWEEN_WISHES, connect};
use super::{Error, Tx};
use crate::error::Result;

/// Work that was begun. It sees the store as it was committed then, not as the transaction has it that began it.
#[derive(Debug)]
#[must_use = "work is begun to be asked what came of it"]
pub(crate) struct Beside<F, T> {
    work: F,
    /// None where the file cannot be opened twice: then the work is done when it is asked for.
    thread: Option<JoinHandle<Result<T>>>,
}

impl Tx<'_> {
    /// Begins work that only reads and is done beside what this transaction does, as long as nobody says that it is
    /// unwanted.
    pub(crate) fn begin_beside<T, F>(
        &self,
        is_unwanted: impl Fn() -> bool + Send + 'static,
        work: F,
    ) -> Result<Beside<F, T>>
    where
        T: Send + 'static,
        F: Fn(&Tx<'_>) -> Result<T> + Clone + Send + 'static,
    {
        let Some(mut connection) = self.beside()? else { return Ok(Beside { work, thread: None }) };
        let begun = work.clone();
        let thread = thread::Builder::new().spawn(move || {
            connection.progress_handler(STEPS_BETWEEN_WISHES, Some(is_unwanted))?;
            let transaction = Transaction::new_unchecked(&connection, TransactionBehavior::Deferred)?;
            begun(&Tx::on(&transaction))
        });
        // Where the system gives no thread, it is done in this one.
        Ok(Beside { work, thread: thread.ok() })
    }

    /// Another connection to the same file; none to a store in memory, and none where only one can have the file.
    fn beside(&self) -> Result<Option<StoreConnection>> {
        let locking: String = self.sql().pragma_query_value(None, "locking_mode", |row| row.get(0))?;
        let path = self.sql().path().filter(|path| !path.is_empty() && locking == "normal");
        Ok(path.and_then(|path| connect(Path::new(path)).ok()))
    }

    /// What SQLite finds wrong with the whole file, so many damages at most: pages that are damaged, rows that an index
    /// lacks. It looks every row up in every index.
    pub(crate) fn damages(&self, most: u32) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        self.sql().pragma(None, "integrity_check", most, |row| {
            found.push(row.get::<_, String>(0)?);
            Ok(())
        })?;
        found.retain(|line| line != "ok");
        Ok(found)
    }
}

impl<F: Fn(&Tx<'_>) -> Result<T>, T> Beside<F, T> {
    /// What came of it, once it is done. What kept it from being done beside `tx` does not keep it from being done in it.
    pub(crate) fn end(self, tx: &Tx<'_>) -> Result<T> {
        match self.thread.map(JoinHandle::join) {
            Some(Ok(Ok(done))) => Ok(done),
            _ => (self.work)(tx),
        }
    }
}
