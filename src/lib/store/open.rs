//! Opening and creating a store, with every pragma that safety and speed want.

use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, InterruptHandle, OpenFlags};

use super::reach::connect_to_read;
use super::{Error, LATEST, Store, functions, migrate};

/// How long a command waits for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The first bytes of every SQLite file.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

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
        let (store, found) = connect_to_store(path)?;
        if found < LATEST {
            return Err(Error::Older { path: path.to_owned(), found, known: LATEST });
        }
        // Not opened read-only: such a connection leaves the write-ahead log behind where it is the last to close.
        store.connection.pragma_update(None, "query_only", true)?;
        Ok(store)
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
        Ok(Self { connection, frozen: None })
    }

    /// An empty store in memory, gone when it is dropped.
    pub(crate) fn temporary() -> Result<Self, Error> {
        let connection = connect(Path::new(":memory:"))?;
        migrate::upgrade(&connection)?;
        Ok(Self { connection, frozen: None })
    }

    /// A store in memory, for tests.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Self {
        Self::temporary().unwrap()
    }

    /// Whether people other than the owner can read the file: worth a warning.
    pub(crate) fn is_too_open(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
    }

    /// A handle that stops a running statement from another thread.
    pub(crate) fn interrupt_handle(&self) -> InterruptHandle {
        self.connection.get_interrupt_handle()
    }
}

fn check_is_sqlite(path: &Path) -> Result<(), Error> {
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => Error::Missing { path: path.to_owned() },
        _ => Error::Unreadable { path: path.to_owned(), source },
    };
    // Asked before it is opened: opening a pipe waits for somebody to write into it.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Error::NotAStore { path: path.to_owned() });
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let mut magic = [0; 16];
    match file.read_exact(&mut magic) {
        Ok(()) if &magic == SQLITE_MAGIC => Ok(()),
        Ok(()) => Err(Error::NotAStore { path: path.to_owned() }),
        Err(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(Error::NotAStore { path: path.to_owned() })
        }
        Err(source) => Err(unreadable(source)),
    }
}

/// A store that this program understands, and the schema it has.
fn connect_to_store(path: &Path) -> Result<(Store, i64), Error> {
    check_is_sqlite(path)?;
    let (connection, frozen) = connect_to_read(path)?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != migrate::APPLICATION_ID {
        return Err(Error::NotAStore { path: path.to_owned() });
    }
    let found = migrate::version(&connection)?;
    if found > LATEST {
        return Err(Error::Newer { path: path.to_owned(), found, known: LATEST });
    }
    Ok((Store { connection, frozen }, found))
}

/// A connection that shares the store with others.
pub(super) fn connect(path: &Path) -> Result<Connection, Error> {
    connect_as(path, OpenFlags::SQLITE_OPEN_READ_WRITE, "NORMAL")
}

/// A connection with this `PRAGMA locking_mode`, which counts only before the file is first looked at.
#[expect(clippy::disallowed_methods, reason = "the one place that opens a connection")]
pub(super) fn connect_as(path: &Path, flags: OpenFlags, locking: &str) -> Result<Connection, Error> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "locking_mode", locking)?;
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
         PRAGMA cache_size = -16384;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    // Else a statement is prepared anew whenever a value that a partial index could care about changes.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(128);
    functions::add(connection)?;
    Ok(())
}
