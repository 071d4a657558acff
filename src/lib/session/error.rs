//! Why a session is not renewed.

use crate::error::{Explain, Kind};

/// Why a session is not renewed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Somebody ended it while it was used.
    #[error("the session has ended meanwhile")]
    Ended,
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Ended => "session.ended",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Ended => Kind::Denied,
        }
    }
}
