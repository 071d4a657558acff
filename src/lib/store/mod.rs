//! The SQLite store: opening, migrating, transactions, and what SQLite's refusals mean.
//!
//! Everything that is SQLite's own (pragmas, full-text search, scalar functions) stays in this frame; the SQL of a
//! feature stands in the feature's `store.rs` and reaches the connection through [`Tx::sql`]. A change runs in one
//! `IMMEDIATE` transaction, a read in one snapshot, so no command ever sees half of another's work.

mod alone;
mod beside;
mod connection;
mod error;
mod files_beside;
mod functions;
mod ids;
mod in_use;
mod indexes;
mod info;
mod memory;
mod migrate;
mod open;
mod read_only;
mod sealed;
mod search;
pub(crate) mod stops;
pub(crate) mod value;
mod writer;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use alone::Alone;
pub(crate) use error::Error;
pub(crate) use in_use::is_in_use;
pub(crate) use indexes::SetAside;
pub(crate) use info::{Alteration, schema};
pub(crate) use memory::Memory;
pub(crate) use migrate::LATEST;
pub(crate) use sealed::SealedColumn;
pub(crate) use search::{Indexed, SearchAside, SearchIndex};
pub(crate) use writer::Writer;

use crate::error::Result;
use connection::StoreConnection;
use in_use::InUse;
use open::{FileId, MANY_PAGES, USUAL_PAGES};
use read_only::Frozen;
use stops::Unstopped;

/// An open store. Each thread opens its own.
#[derive(Debug)]
pub(crate) struct Store {
    connection: StoreConnection,
    /// Set where the store is read without locks.
    frozen: Option<Frozen>,
    /// Which file it is; none for one that was made just now.
    file: Option<FileId>,
    /// Whether it can be kept for others when it is no longer needed here.
    kept: Cell<bool>,
}

/// A transaction of a [`Store`]; the handle through which features run their SQL.
#[derive(Debug)]
pub(crate) struct Tx<'store> {
    connection: &'store Connection,
    bulk: Cell<bool>,
    waiting: RefCell<Vec<search::Change>>,
    search_is_aside: Cell<bool>,
    memories: RefCell<Vec<Box<dyn Memory>>>,
}

impl Store {
    /// Runs `work` in one snapshot that sees no later change.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let (_in_use, transaction) = (InUse::begin(), self.begin(TransactionBehavior::Deferred)?);
        let value = work(&Tx::on(&transaction));
        self.frozen.as_ref().map_or(Ok(()), Frozen::check)?;
        value
    }

    /// Runs `work` like [`Store::read`]; what it puts into temporary tables, which are the connection's own, stays.
    pub(crate) fn stage<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.keep_to_oneself()?;
        let (_in_use, transaction) = (InUse::begin(), self.begin(TransactionBehavior::Deferred)?);
        let value = work(&Tx::on(&transaction));
        self.frozen.as_ref().map_or(Ok(()), Frozen::check)?;
        let value = value?;
        transaction.commit()?;
        Ok(value)
    }

    /// Runs `work` in one `IMMEDIATE` transaction and commits, or rolls everything back when it fails.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.keep_to_oneself()?;
        // Dropped after the transaction.
        let _unstopped = Unstopped::begin();
        let (_in_use, transaction) = (InUse::begin(), self.begin_to_write()?);
        let tx = Tx::on(&transaction);
        let value = work(&tx)?;
        tx.settle()?;
        transaction.commit()?;
        Ok(value)
    }

    /// Runs `work` like [`Store::write`], then takes everything back: the whole of a dry run.
    pub(crate) fn rehearse<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.keep_to_oneself()?;
        // Dropped after the transaction.
        let _unstopped = Unstopped::begin();
        let (_in_use, transaction) = (InUse::begin(), self.begin_to_write()?);
        let value = work(&Tx::on(&transaction))?;
        transaction.rollback()?;
        Ok(value)
    }

    fn begin_to_write(&self) -> rusqlite::Result<Transaction<'_>> {
        let transaction = self.begin(TransactionBehavior::Immediate)?;
        self.connection.take_schema_of_file()?;
        Ok(transaction)
    }

    fn begin(&self, behavior: TransactionBehavior) -> rusqlite::Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.connection, behavior)
    }
}

impl<'store> Tx<'store> {
    /// The transaction that is open on a connection.
    fn on(connection: &'store Connection) -> Self {
        Self {
            connection,
            bulk: Cell::new(false),
            waiting: RefCell::default(),
            search_is_aside: Cell::new(false),
            memories: RefCell::default(),
        }
    }
}

impl Tx<'_> {
    /// The connection, for the SQL of a feature's `store.rs`.
    pub(crate) fn sql(&self) -> &Connection {
        self.connection
    }

    /// Runs `work`, and takes back what it changed unless it says, by the first it returns, to keep that. An error ends the
    /// whole transaction.
    pub(crate) fn attempt<T>(&self, work: impl FnOnce() -> Result<(bool, T)>) -> Result<T> {
        self.settle()?;
        self.connection.execute_batch("SAVEPOINT attempt")?;
        let (keep, value) = work()?;
        if !keep {
            self.forget();
            self.connection.execute_batch("ROLLBACK TO attempt")?;
        }
        self.connection.execute_batch("RELEASE attempt")?;
        Ok(value)
    }

    /// Insists that a statement looks memberships up, of persons or of groups, and never reads those of everybody.
    #[cfg(test)]
    pub(crate) fn assert_no_walk_of_memberships(&self, sql: &str) {
        let mut statement = self.sql().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let count = statement.parameter_count();
        let steps =
            statement.query_map(rusqlite::params_from_iter(vec![1; count]), |row| row.get(3)).unwrap();
        let steps: Vec<String> = steps.collect::<Result<_, _>>().unwrap();
        let tables = ["memberships_by_group", "user_roles_by_role", "SCAN memberships", "SCAN user_roles"];
        let walks =
            |step: &&String| step.starts_with("SCAN") && tables.iter().any(|table| step.contains(table));
        assert_eq!(steps.iter().find(walks), None, "{sql}");
    }

    /// Gives this connection the page cache that many thousand changes in one transaction want.
    pub(crate) fn expect_many(&self) -> Result<()> {
        if !self.bulk.replace(true) {
            self.connection.pragma_update(None, "cache_size", MANY_PAGES)?;
        }
        Ok(())
    }

    /// Takes that back, where the connection goes on to others.
    fn expect_few(&self) -> Result<()> {
        if self.bulk.replace(false) {
            self.connection.pragma_update(None, "cache_size", USUAL_PAGES)?;
        }
        Ok(())
    }

    /// Gives the temporary tables of this connection a page cache in which much can be looked up (32 MiB), or takes it back:
    /// what is only written and read through in order needs none.
    pub(crate) fn look_up_in_temporary_tables(&self, much: bool) -> Result<()> {
        let size = if much { -32_768 } else { -2000 };
        Ok(self.connection.pragma_update(Some("temp"), "cache_size", size)?)
    }

    /// Runs `walk`, which reads many rows once, in their order: pages that are not read again are best read into those
    /// that the processor still has at hand (2 MiB).
    pub(crate) fn walk<T>(&self, walk: impl FnOnce() -> Result<T>) -> Result<T> {
        self.with_cache(2048, walk)
    }

    /// Runs `work` with a page cache of so many KiB.
    fn with_cache<T>(&self, kib: i64, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let usual: i64 = self.connection.pragma_query_value(None, "cache_size", |row| row.get(0))?;
        self.connection.pragma_update(None, "cache_size", -kib)?;
        let done = work();
        self.connection.pragma_update(None, "cache_size", usual)?;
        done
    }
}
