//! Opening and creating a store, with every pragma that safety and speed want.

use std::cell::Cell;
use std::cmp::Ordering;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::connection::StoreConnection;
use super::read_only::connect_to_read;
use super::{Error, LATEST, Store, files_beside, functions, migrate};

/// How long a change waits for another writer.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The page cache of a connection, in KiB and with the sign that tells SQLite so: 16 MiB, …
pub(super) const USUAL_PAGES: i64 = -16_384;

/// … and 128 MiB for many thousand changes in one transaction.
pub(super) const MANY_PAGES: i64 = -131_072;

/// After how many steps of its machine SQLite asks whether to go on: a fraction of a millisecond.
pub(super) const STEPS_BETWEEN_WISHES: i32 = 1000;

/// How many bytes a database of SQLite has at least.
const SMALLEST_PAGE: u64 = 512;

impl Store {
    /// Opens the store at `path`, upgrading an older schema in one transaction.
    ///
    /// # Errors
    /// Missing, unreadable, not a secboard store, newer than this program, corrupt, busy: each is an [`Error`] of its own.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let (store, schema) = connect_to_store(path)?;
        if schema < LATEST {
            migrate::upgrade(&store.connection)?;
        }
        Ok(store)
    }

    /// Opens the store at `path` to look and never to change, for whoever was not asked to work on it.
    ///
    /// # Errors
    /// Those of [`Store::open`]; and [`Error::Older`] where that would upgrade the schema.
    pub(crate) fn open_to_look(path: &Path) -> Result<Self, Error> {
        let store = connect_as_it_is(path)?;
        // Not opened read-only: such a connection leaves the write-ahead log behind where it is the last to close.
        store.connection.pragma_update(None, "query_only", true)?;
        Ok(store)
    }

    /// Opens the store at `path` like [`Store::open_to_look`], to be one of several that read it, one after the other for
    /// whoever comes.
    pub(crate) fn open_reader(path: &Path) -> Result<Self, Error> {
        let store = connect_as_it_is(path)?;
        if store.may_be_kept()? {
            store.connection.pragma_update(None, "query_only", true)?;
            store.kept.set(true);
        }
        Ok(store)
    }

    /// From now on waits no longer than that for whoever else holds the store.
    pub(crate) fn wait_no_longer_than(&self, patience: Duration) -> Result<(), Error> {
        Ok(self.connection.busy_timeout(patience)?)
    }

    /// Opens the store at `path` to change it for whoever comes.
    pub(super) fn open_writer(path: &Path) -> Result<Self, Error> {
        let store = connect_as_it_is(path)?;
        store.kept.set(store.may_be_kept()?);
        Ok(store)
    }

    /// Whether it can stay open beside others: not where it has the store alone, may not see it change, or was opened while
    /// the file could not be written, for then it never can.
    fn may_be_kept(&self) -> Result<bool, Error> {
        let mode: String = self.connection.pragma_query_value(None, "locking_mode", |row| row.get(0))?;
        Ok(self.frozen.is_none() && mode == "normal" && !self.connection.is_readonly(rusqlite::MAIN_DB)?)
    }

    /// Whether it can be kept for others: it has nothing of its own, such as temporary tables.
    pub(crate) fn is_kept(&self) -> bool {
        self.kept.get()
    }

    /// Makes a connection that reads for others one that may have something of its own.
    pub(super) fn keep_to_oneself(&self) -> Result<(), Error> {
        if self.kept.replace(false) {
            self.connection.pragma_update(None, "query_only", false)?;
        }
        Ok(())
    }

    /// Whether it is still the store at `path`, and no other was put in its place.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        self.file.is_some() && self.file == fs::metadata(path).ok().map(|found| FileId::of(&found))
    }

    /// A number that is another one after another connection has changed the store.
    pub(crate) fn data_version(&self) -> Result<i64, Error> {
        Ok(self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// Refuses a store whose schema is not, or no longer, the one this program writes.
    pub(crate) fn check_schema(&self, path: &Path) -> Result<(), Error> {
        check_schema(path, migrate::version(&self.connection)?)
    }

    /// Creates a store at `path`, mode 0600, with the newest schema.
    ///
    /// # Errors
    /// When anything stands at `path` already, or the folder cannot be written.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        drop(file.map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
            _ => Error::CannotCreate { path: path.to_owned(), source },
        })?);
        let connection = connect(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        migrate::upgrade(&connection)?;
        Ok(Self::made(connection))
    }

    /// An empty store in memory, gone when it is dropped.
    pub(crate) fn temporary() -> Result<Self, Error> {
        let connection = connect(Path::new(":memory:"))?;
        migrate::upgrade(&connection)?;
        Ok(Self::made(connection))
    }

    const fn made(connection: StoreConnection) -> Self {
        Self { connection, frozen: None, file: None, kept: Cell::new(false) }
    }

    /// A store in memory, for tests.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Self {
        Self::temporary().unwrap()
    }

    /// Fails for a statement that does not fit the schema.
    #[cfg(test)]
    pub(crate) fn assert_prepares(lists: &[&[&str]]) {
        let store = Self::in_memory();
        for sql in lists.iter().copied().flatten() {
            drop(store.connection.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}")));
        }
    }

    /// Whether people other than the owner can read the file: worth a warning.
    pub(crate) fn is_too_open(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
    }

    /// Interrupts every statement that runs, now or later, while `is_wished` says so.
    pub(crate) fn interrupt_when(&mut self, is_wished: impl Fn() -> bool + Send + 'static) {
        // Refused by a library without progress handlers alone, and ours is built in.
        self.connection.progress_handler(STEPS_BETWEEN_WISHES, Some(is_wished)).ok();
    }
}

/// Which file stands at a path: another has another, though it has the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn of(found: &fs::Metadata) -> Self {
        Self { device: found.dev(), inode: found.ino() }
    }
}

/// The file at a path, which may be read and may be a store.
///
/// It is not opened for it: closing a file gives back every lock that this process has on it, also those of SQLite on its
/// other connections, and then who reads the store elsewhere takes themself for the last, and removes the log.
fn check_is_file(path: &Path) -> Result<FileId, Error> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => Error::Missing { path: path.to_owned() },
        _ => Error::Unreadable { path: path.to_owned(), source },
    };
    // Opening a pipe would wait for somebody to write into it.
    let found = fs::metadata(path).map_err(unreadable)?;
    if !found.is_file() || found.len() < SMALLEST_PAGE {
        return Err(Error::NotAStore { path: path.to_owned() });
    }
    accessat(CWD, path, Access::READ_OK, AtFlags::EACCESS).map_err(|errno| unreadable(errno.into()))?;
    Ok(FileId::of(&found))
}

/// Says of a file that is no database that it is no store.
fn no_database(path: &Path, error: Error) -> Error {
    match &error {
        Error::Corrupt { source } if source.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Error::NotAStore { path: path.to_owned() }
        }
        _ => error,
    }
}

/// A store that this program understands, and the schema it has.
fn connect_to_store(path: &Path) -> Result<(Store, i64), Error> {
    // Asked before it is opened: one that is put there in between is then met as another, and opened again.
    let file = check_is_file(path)?;
    files_beside::check_are_files(path)?;
    files_beside::mend_modes(path);
    let (connection, frozen) = connect_to_read(path).map_err(|error| no_database(path, error))?;
    let application: i64 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|error| no_database(path, error.into()))?;
    if application != migrate::APPLICATION_ID {
        return Err(Error::NotAStore { path: path.to_owned() });
    }
    let found = migrate::version(&connection)?;
    if found > LATEST {
        check_schema(path, found)?;
    }
    if found < 0 {
        let what = format!("it says that its schema is number {found}, and there is none below 0");
        return Err(Error::Undecodable { what });
    }
    Ok((Store { connection, frozen, file: Some(file), kept: Cell::new(false) }, found))
}

/// A store of the schema that this program writes, which is not upgraded.
fn connect_as_it_is(path: &Path) -> Result<Store, Error> {
    let (store, found) = connect_to_store(path)?;
    check_schema(path, found)?;
    Ok(store)
}

fn check_schema(path: &Path, found: i64) -> Result<(), Error> {
    let path = path.to_owned();
    match found.cmp(&LATEST) {
        Ordering::Less => Err(Error::Older { path, found, known: LATEST }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::Newer { path, found, known: LATEST }),
    }
}

/// A connection that shares the store with others.
pub(super) fn connect(path: &Path) -> Result<StoreConnection, Error> {
    connect_as(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Locking::Shared)
}

/// How a connection has the store.
#[derive(Debug, Clone, Copy)]
pub(super) enum Locking {
    /// With others.
    Shared,
    /// Alone.
    Alone,
}

impl Locking {
    /// As `PRAGMA locking_mode` has it.
    const fn name(self) -> &'static str {
        match self {
            Self::Shared => "NORMAL",
            Self::Alone => "EXCLUSIVE",
        }
    }
}

/// A connection with this locking mode, which counts only before the file is first looked at.
#[expect(clippy::disallowed_methods, reason = "the one place that opens a connection")]
pub(super) fn connect_as(path: &Path, flags: OpenFlags, locking: Locking) -> Result<StoreConnection, Error> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let connection = match locking {
        Locking::Shared => StoreConnection::new(connection),
        Locking::Alone => StoreConnection::alone(connection),
    };
    connection.pragma_update(None, "locking_mode", locking.name())?;
    prepare(&connection)?;
    Ok(connection)
}

/// Sets what every connection needs: durability, foreign keys, no traces of deleted text, no trust in a schema somebody
/// else may have written.
fn prepare(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    connection.pragma_update(None, "cache_size", USUAL_PAGES)?;
    // Else a statement is prepared again whenever a value that a partial index could care about changes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(128);
    functions::add(connection)?;
    Ok(())
}
