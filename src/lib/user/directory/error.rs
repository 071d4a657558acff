//! What is refused of accounts that a directory manages.

use crate::error::{Explain, Kind};

/// What is refused of accounts that a directory manages.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Something a directory would say is said of an account that none manages.
    #[error("`{email}` is of no directory, so no directory says anything of it")]
    WithoutDirectory {
        /// Who.
        email: String,
    },
    /// An account that no directory manages is to be read again.
    #[error("no directory manages `{email}`")]
    NotManaged {
        /// Who.
        email: String,
    },
    /// Which entry the account is, is not said.
    #[error("which entry of the directory `{email}` is, is not known")]
    WithoutEntry {
        /// Who.
        email: String,
    },
    /// The connection was deleted.
    #[error("the connection that `{email}` would be of is gone")]
    ConnectionGone {
        /// Who.
        email: String,
    },
    /// Somebody else is that entry already.
    #[error("the entry `{guid}` of the directory is the account `{holder}` already")]
    EntryTaken {
        /// Which.
        guid: String,
        /// Who.
        holder: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::WithoutDirectory { .. } => "user.without_directory",
            Self::NotManaged { .. } => "user.not_managed",
            Self::WithoutEntry { .. } => "user.without_entry",
            Self::ConnectionGone { .. } => "user.connection_gone",
            Self::EntryTaken { .. } => "user.entry_taken",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::EntryTaken { .. } => Kind::CannotCreate,
            Self::WithoutDirectory { .. }
            | Self::NotManaged { .. }
            | Self::WithoutEntry { .. }
            | Self::ConnectionGone { .. } => Kind::Refused,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::WithoutDirectory { .. } | Self::WithoutEntry { .. } => {
                "what a directory says is written by what asks it alone".to_owned()
            }
            Self::NotManaged { .. } => {
                "`secboard ad link` ties an account to its entry; `secboard user edit` changes the others"
                    .to_owned()
            }
            Self::ConnectionGone { .. } => "make another connection, and link them by it".to_owned(),
            Self::EntryTaken { .. } => "an entry is one account, also in the bin".to_owned(),
        })
    }
}
