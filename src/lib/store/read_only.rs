//! Reading where SQLite cannot have its files beside the store.
//!
//! To read a store takes a write-ahead log and an index of it beside the file, and where those cannot be made SQLite
//! refuses. Two places have a way around that is as good:
//!
//! - *A full disk.* Whoever has the store alone keeps the index in memory. Others wait meanwhile, as they do for a writer.
//! - *A file system mounted read-only*, with nothing left in the log. The file is then read as one that never changes, without
//!   locks. It may still be written from elsewhere, when only this view of it is read-only, so after each read the file
//!   has to be as it was; otherwise the read fails.
//!
//! A folder that only this user may not write has none: others write there, and no lock would tell.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rusqlite::OpenFlags;
use rustix::fs::{StatVfsMountFlags, statvfs};

use super::Error;
use super::connection::StoreConnection;
use super::migrate;
use super::open::{Locking, connect, connect_as};

/// A connection that can read, and for a store that is read without locks, what tells whether it changes.
pub(super) fn connect_to_read(path: &Path) -> Result<(StoreConnection, Option<Frozen>), Error> {
    let failure = match connect(path).and_then(tried) {
        Ok(connection) => return Ok((connection, None)),
        Err(failure) => failure,
    };
    match failure {
        Error::Full { .. } => Ok((alone(path)?, None)),
        Error::ReadOnly { source } if is_read_only(path) => match Frozen::of(path) {
            Some(frozen) => Ok((frozen.connect().and_then(tried)?, Some(frozen))),
            None => Err(Error::Unfinished { path: path.to_owned(), source }),
        },
        Error::ReadOnly { source } => Err(Error::NoRoomBeside { path: path.to_owned(), source }),
        other => Err(other),
    }
}

/// The connection, if it can read.
fn tried(connection: StoreConnection) -> Result<StoreConnection, Error> {
    migrate::version(&connection)?;
    Ok(connection)
}

/// A connection that has the store alone, and its index in memory.
fn alone(path: &Path) -> Result<StoreConnection, Error> {
    tried(connect_as(path, OpenFlags::SQLITE_OPEN_READ_WRITE, Locking::Alone)?)
}

/// Whether the file system of a file is mounted read-only.
fn is_read_only(path: &Path) -> bool {
    statvfs(path).is_ok_and(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY))
}

/// A store that is read as if it never changed.
#[derive(Debug)]
pub(super) struct Frozen {
    path: PathBuf,
    state: State,
}

/// What is different after any change: when, in seconds and nanoseconds, and bytes.
#[derive(Debug, PartialEq, Eq)]
struct State {
    modified: (i64, i64),
    size: u64,
    inode: u64,
}

impl State {
    /// None while a write-ahead log has something in it.
    fn of(path: &Path) -> Option<Self> {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
            return None;
        }
        let found = fs::metadata(path).ok()?;
        Some(Self { modified: (found.mtime(), found.mtime_nsec()), size: found.size(), inode: found.ino() })
    }
}

impl Frozen {
    /// None where something is left in the write-ahead log, which would be passed over.
    fn of(path: &Path) -> Option<Self> {
        Some(Self { path: path.to_owned(), state: State::of(path)? })
    }

    /// SQLite reads such a file without locks and without a log.
    fn connect(&self) -> Result<StoreConnection, Error> {
        let mut uri = "file:".to_owned();
        for byte in self.path.as_os_str().as_bytes() {
            match byte {
                b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                    uri.push(char::from(*byte));
                }
                other => drop(write!(uri, "%{other:02X}")),
            }
        }
        uri.push_str("?immutable=1");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        connect_as(Path::new(&uri), flags, Locking::Shared)
    }

    /// Refuses what was read when the file has changed since it was opened.
    pub(super) fn check(&self) -> Result<(), Error> {
        match State::of(&self.path) {
            Some(state) if state == self.state => Ok(()),
            _ => Err(Error::Changed { path: self.path.clone() }),
        }
    }
}
