//! What can be wrong with a store, in words that say how to go on.

use std::path::PathBuf;

use rusqlite::{ErrorCode, ffi};

use super::value::Unreadable;
use crate::error::{Explain, Failure, Kind};

/// A store that cannot be used, or SQLite's refusal of one statement.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no file.
    #[error("there is no store at `{path}`", path = path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The path exists but cannot be opened.
    #[error("cannot open the store `{path}`", path = path.display())]
    Unreadable {
        /// The store.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is in the way of a new store.
    #[error("`{path}` exists already", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be made.
    #[error("cannot create `{path}`", path = path.display())]
    CannotCreate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("`{path}` is not a secboard store", path = path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// A later secboard wrote it.
    #[error("the store `{path}` has schema {found}; this secboard knows schemas up to {known}", path = path.display())]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// An earlier secboard wrote it, and whoever looks must not upgrade it.
    #[error("the store `{path}` has schema {found} and waits to be upgraded to {known}", path = path.display())]
    Older {
        /// The store.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// Two things that had two names before have one by the rules of this secboard.
    #[error("the store cannot be upgraded: `{names}` are the same by the rules of this secboard")]
    Clash {
        /// The names, with what stands between them.
        names: String,
    },
    /// SQLite found damage.
    #[error("the store is damaged")]
    Corrupt {
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// A value is not what its column holds.
    #[error("the store is damaged: {what}")]
    Undecodable {
        /// Which one, and what is wrong with it.
        what: String,
    },
    /// A statement about one row did not change just that row.
    #[error("the store is damaged: a change of row {row} in `{table}` changed {changed} rows")]
    Astray {
        /// The table.
        table: &'static str,
        /// The row.
        row: String,
        /// How many were changed.
        changed: usize,
    },
    /// Something waits for a row that is still to come, and would be that one's.
    #[error("the store is damaged: `{by}` has a row for one of `{table}` that is still to come")]
    Awaited {
        /// Where the row is to come.
        table: &'static str,
        /// What waits for it.
        by: String,
    },
    /// Others held the store for longer than the busy time-out.
    #[error("the store is busy: others have been writing to it for 10 seconds")]
    Busy {
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// What was made in one transaction with the change took all of it back.
    #[error("the change was taken back with another that was made together with it")]
    TakenBack,
    /// The file or its folder cannot be written.
    #[error("the store cannot be written")]
    ReadOnly {
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// The folder cannot be written, and reading takes files of SQLite in it.
    #[error("the folder of the store `{path}` cannot be written, which even reading takes", path = path.display())]
    NoRoomBeside {
        /// The store.
        path: PathBuf,
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// The file system is read-only, and the write-ahead log holds changes.
    #[error("the store `{path}` cannot be read where nothing can be written: its latest changes are in `-wal` beside it", path = path.display())]
    Unfinished {
        /// The store.
        path: PathBuf,
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// Somebody wrote to a store that is read without locks.
    #[error("the store `{path}` was changed from elsewhere while it was read", path = path.display())]
    Changed {
        /// The store.
        path: PathBuf,
    },
    /// No space is left.
    #[error("the disk is full; nothing was changed")]
    Full {
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// Reading or writing failed.
    #[error("reading or writing the store failed")]
    Io {
        /// SQLite's words.
        source: rusqlite::Error,
    },
    /// Ctrl-C arrived while SQLite worked.
    #[error("interrupted; nothing was changed")]
    Interrupted,
    /// SQLite refused for a reason that only a defect of ours explains.
    #[error("a statement failed")]
    Statement {
        /// SQLite's words.
        source: rusqlite::Error,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "store.missing",
            Self::Unreadable { .. } => "store.unreadable",
            Self::Exists { .. } => "store.exists",
            Self::CannotCreate { .. } => "store.cannot_create",
            Self::NotAStore { .. } => "store.not_a_store",
            Self::Newer { .. } => "store.newer",
            Self::Older { .. } => "store.older",
            Self::Clash { .. } => "store.clash",
            Self::Corrupt { .. } => "store.corrupt",
            Self::Undecodable { .. } => "store.undecodable",
            Self::Astray { .. } => "store.astray",
            Self::Awaited { .. } => "store.awaited",
            Self::Busy { .. } => "store.busy",
            Self::TakenBack => "store.taken_back",
            Self::ReadOnly { .. } => "store.read_only",
            Self::NoRoomBeside { .. } => "store.no_room_beside",
            Self::Unfinished { .. } => "store.unfinished",
            Self::Changed { .. } => "store.changed",
            Self::Full { .. } => "store.full",
            Self::Io { .. } => "store.io",
            Self::Interrupted => "interrupted",
            Self::Statement { .. } => "store.statement",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Missing { .. } | Self::Unreadable { .. } => Kind::NoInput,
            Self::NotAStore { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Clash { .. }
            | Self::Corrupt { .. }
            | Self::Undecodable { .. }
            | Self::Astray { .. }
            | Self::Awaited { .. } => Kind::Config,
            Self::Exists { .. }
            | Self::CannotCreate { .. }
            | Self::ReadOnly { .. }
            | Self::NoRoomBeside { .. }
            | Self::Unfinished { .. } => Kind::CannotCreate,
            Self::Busy { .. } | Self::TakenBack | Self::Changed { .. } => Kind::Busy,
            Self::Full { .. } | Self::Io { .. } => Kind::Io,
            Self::Interrupted => Kind::Interrupted,
            Self::Statement { .. } => Kind::Bug,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("secboard init".to_owned()),
            Self::Older { .. } => Some("secboard setting list".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        let hint = match self {
            Self::Missing { .. } => {
                "name another with `--store PATH`, try things out with `secboard quickstart`, or make one"
            }
            Self::Unreadable { .. } => {
                "run secboard as the user that owns the store, or name another with `--store PATH`"
            }
            Self::Exists { .. } => "nothing was touched; name another place with `--store PATH`",
            Self::CannotCreate { .. } => {
                "the folder must exist and be writable; name another place with `--store PATH`"
            }
            Self::NotAStore { .. } => "nothing was touched; name the store with `--store PATH`",
            Self::Newer { .. } => {
                "use the newer secboard that wrote it, or restore a copy made before the upgrade"
            }
            Self::Older { .. } => "nothing was changed; upgrade it, as every command of this secboard does",
            Self::Clash { .. } => {
                "nothing was changed; with the secboard that wrote the store, give all but one of them another email or name, or delete it"
            }
            Self::Corrupt { .. } => {
                "nothing was recreated; stop writers, keep the file and its `-wal` beside it, and put back the latest copy of the store and its key"
            }
            Self::Undecodable { .. } | Self::Astray { .. } | Self::Awaited { .. } => {
                "nothing was changed; somebody wrote to the file past secboard: put back the latest copy of the store and its key"
            }
            Self::TakenBack => "nothing was changed; try again",
            Self::Busy { .. } => "nothing was changed; try again, or look which process holds the store",
            Self::Unfinished { .. } => {
                "open it once where it can be written, or copy the store, its `-wal` and its key to such a place"
            }
            Self::Changed { .. } => {
                "what was printed may be wrong; try again, or read the store where it can be written"
            }
            Self::ReadOnly { .. } | Self::NoRoomBeside { .. } => {
                "the store's file and folder must be writable for the user that runs secboard"
            }
            Self::Full { .. } => {
                "free some space where the store is and where SQLite keeps temporary files (`SQLITE_TMPDIR`, `TMPDIR`, or `/var/tmp`), and try again"
            }
            Self::Io { .. } => "look at the system's log for the disk of the store",
            Self::Interrupted => return None,
            Self::Statement { .. } => "please report it with the command and these lines",
        };
        Some(hint.to_owned())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        if let Some(what) = unreadable(&source) {
            return Self::Undecodable { what };
        }
        let extended = source.sqlite_error().map(|error| error.extended_code);
        match source.sqlite_error_code() {
            // The index of the write-ahead log could not be made larger; SQLite does not ask why.
            _ if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => Self::Full { source },
            // The last is what a reader gets that lost every race for a snapshot, for as long as the busy time-out.
            Some(
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Busy { source },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnly { source }
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { source },
            Some(ErrorCode::DiskFull) => Self::Full { source },
            Some(ErrorCode::SystemIoFailure) => Self::Io { source },
            Some(ErrorCode::OperationInterrupted) => Self::Interrupted,
            _ if is_incomplete(&source) => Self::Corrupt { source },
            _ => Self::Statement { source },
        }
    }
}

/// What does not read, where that is what is wrong.
fn unreadable(source: &rusqlite::Error) -> Option<String> {
    match source {
        rusqlite::Error::FromSqlConversionFailure(_, _, inner) if inner.is::<Unreadable>() => {
            Some(inner.to_string())
        }
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => Some(source.to_string()),
        _ => None,
    }
}

/// Whether a statement failed because the store lacks what every store of its schema has: each statement is tested on a
/// whole one.
fn is_incomplete(source: &rusqlite::Error) -> bool {
    let said = match source {
        rusqlite::Error::QueryReturnedNoRows => return true,
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        rusqlite::Error::SqliteFailure(_, Some(said)) => said,
        _ => return false,
    };
    ["no such table", "no such column", "no such index"].iter().any(|begin| said.starts_with(begin))
        || said.contains(" has no column named ")
}

impl From<rusqlite::Error> for Failure {
    fn from(source: rusqlite::Error) -> Self {
        Error::from(source).into()
    }
}
