//! Whom nobody invites.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;
use crate::user::login::Check;

/// Somebody cannot get in by an invitation.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Error {
    /// The password is the directory's.
    #[error("`{email}` is not invited: the directory has the password")]
    OfDirectory {
        /// Whose.
        email: String,
    },
    /// There is a password.
    #[error("`{email}` is not invited: there is a password already")]
    HasPassword {
        /// Whose.
        email: String,
    },
    /// They may not log in.
    #[error("`{email}` is not invited: {}", .hindrance.detail)]
    MayNotLogIn {
        /// Who.
        email: String,
        /// Why not.
        hindrance: Box<Check>,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        "user.not_invited"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::OfDirectory { .. } => None,
            Self::HasPassword { email } => {
                Some(secboard("user set-password").operand(email).flags("--generate").to_string())
            }
            Self::MayNotLogIn { hindrance, .. } => hindrance.hint.command.clone(),
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::OfDirectory { .. } => "they log in with the password of the directory".to_owned(),
            Self::HasPassword { .. } => {
                "whoever has forgotten it asks for a link at `/password_reset/`; or give them another"
                    .to_owned()
            }
            Self::MayNotLogIn { .. } => "let them log in first".to_owned(),
        })
    }
}
