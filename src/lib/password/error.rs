//! What can be wrong with a password or with a hash of one.

use crate::error::{Explain, Kind};

use super::policy::{LONGEST_BYTES, LONGEST_CHARACTERS};

/// Why a password or a hash is refused; names neither.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Fewer characters than the policy asks for.
    #[error("the password is too short: it has {length} of at least {shortest} characters")]
    TooShort {
        /// Its characters.
        length: usize,
        /// How many there have to be.
        shortest: usize,
    },
    /// More than is accepted; a password is never cut.
    #[error(
        "the password is too long: at most {LONGEST_CHARACTERS} characters and {LONGEST_BYTES} bytes are taken"
    )]
    TooLong,
    /// On the list of common passwords.
    #[error("the password is one of the most common ones, which are tried first by whoever guesses")]
    Common,
    /// Little more than words that belong to the person.
    #[error("the password is little more than {words}, which others know")]
    Context {
        /// Whose words, such as `the name and the company`.
        words: String,
    },
    /// The current password again.
    #[error("the password is the current one")]
    Same,
    /// A hash of no known kind.
    #[error("the password hash is of a kind that secboard does not know")]
    HashUnknown,
    /// A hash of a known kind that does not read as one.
    #[error("the password hash is not a complete `{kind}` hash: {reason}")]
    HashMalformed {
        /// The kind, as its first word names it.
        kind: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// A hash that takes more work to check than a login may cost.
    #[error("checking the password hash costs too much: {what} is {found}, at most {most} is taken")]
    HashTooCostly {
        /// The parameter.
        what: &'static str,
        /// Its value in the hash.
        found: u32,
        /// The cap.
        most: u32,
    },
    /// A hash in the store that should never have come there.
    #[error("the stored password hash cannot be used")]
    Stored {
        /// What is wrong with it.
        source: Box<Self>,
    },
    /// Too many passwords are checked at once.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The hash function itself failed.
    #[error("the password could not be hashed: {reason}")]
    NotHashed {
        /// What it said.
        reason: String,
    },
}

impl Error {
    pub(super) fn stored(error: Self) -> Self {
        Self::Stored { source: Box::new(error) }
    }

    pub(super) fn not_hashed(reason: impl ToString) -> Self {
        Self::NotHashed { reason: reason.to_string() }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password.too_short",
            Self::TooLong => "password.too_long",
            Self::Common => "password.common",
            Self::Context { .. } => "password.context",
            Self::Same => "password.same",
            Self::HashUnknown => "password.hash_unknown",
            Self::HashMalformed { .. } => "password.hash_malformed",
            Self::HashTooCostly { .. } => "password.hash_too_costly",
            Self::Stored { .. } => "password.stored",
            Self::Busy => "password.busy",
            Self::NotHashed { .. } => "password.not_hashed",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Stored { .. } => Kind::Config,
            Self::Busy => Kind::Busy,
            Self::NotHashed { .. } => Kind::Bug,
            _ => Kind::Refused,
        }
    }

    fn advice(&self) -> Option<String> {
        let hint = match self {
            Self::TooShort { .. } => "take a few words that do not belong together",
            Self::TooLong => "take a shorter one",
            Self::Common | Self::Context { .. } | Self::Same => {
                "take a few words that do not belong together, or let `--generate` make one"
            }
            Self::HashUnknown => {
                "hashes of Django are known: `pbkdf2_sha256$`, `argon2$`, `bcrypt_sha256$` and `bcrypt$`"
            }
            Self::HashMalformed { .. } => "export the hash again, whole",
            Self::HashTooCostly { .. } => "leave the hash out and let the person set a new password",
            Self::Stored { .. } => "set a new password for the account",
            Self::Busy => "try again in a moment",
            Self::NotHashed { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
