//! What is refused of messages by the contact form.

use crate::error::{Explain, Kind};

/// What is refused of messages by the contact form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No message has that id.
    #[error("there is no message `{id}` by the contact form")]
    NotFound {
        /// As typed.
        id: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        "contact.not_found"
    }

    fn kind(&self) -> Kind {
        Kind::NotFound
    }

    fn command(&self) -> Option<String> {
        Some("secboard mail contact list".to_owned())
    }

    fn advice(&self) -> Option<String> {
        Some("see which there are".to_owned())
    }
}
