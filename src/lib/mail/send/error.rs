//! What a mail of somebody's own words is refused for.

use super::{MAX_BYTES, MAX_FILES, MAX_TEXT};
use crate::error::{Explain, Kind};

/// Why a mail is not queued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// More files than a mail can carry.
    #[error("{count} files are more than the {MAX_FILES} that a mail can carry")]
    TooManyFiles {
        /// How many.
        count: usize,
    },
    /// There is no such file.
    #[error("there is no file `{file}`")]
    NoFile {
        /// As named.
        file: String,
    },
    /// Larger files than a mail can carry.
    #[error("what is attached has more than the {MAX_BYTES} bytes that a mail can carry")]
    TooLarge,
    /// Larger files than the server takes.
    #[error("what is attached takes {size} bytes, and the server takes mails of {limit}")]
    TooLargeForServer {
        /// How many, as they are sent.
        size: u64,
        /// The most.
        limit: u64,
    },
    /// A file whose name is in another encoding.
    #[error("the name of the file `{name}` is not UTF-8, so no mail can carry it")]
    NameNotUtf8 {
        /// What of it can be shown.
        name: String,
    },
    /// The text is empty.
    #[error("the text is empty")]
    NoText,
    /// The text is too long.
    #[error("the text has more than {MAX_TEXT} bytes")]
    TextTooLong,
    /// The text is in another encoding.
    #[error("the text is not UTF-8")]
    TextNotUtf8,
    /// The text would do more than be shown.
    #[error("the text holds the control character U+{code:04X}")]
    ControlInText {
        /// The character.
        code: u32,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NoFile { .. } => "mail.no_file",
            Self::TooManyFiles { .. } | Self::TooLarge | Self::TooLargeForServer { .. } => "mail.too_large",
            Self::NameNotUtf8 { .. } => "mail.file_name",
            Self::NoText | Self::TextTooLong | Self::TextNotUtf8 | Self::ControlInText { .. } => "mail.text",
        }
    }

    fn kind(&self) -> Kind {
        if matches!(self, Self::NoFile { .. }) { Kind::NoInput } else { Kind::Refused }
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoFile { .. }
            | Self::TooManyFiles { .. }
            | Self::TooLarge
            | Self::TooLargeForServer { .. }
            | Self::NameNotUtf8 { .. } => "attach",
            Self::NoText | Self::TextTooLong | Self::TextNotUtf8 | Self::ControlInText { .. } => "text",
        })
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::NoFile { .. } => "check the name that `--attach` is given",
            Self::TooManyFiles { .. } => "attach an archive of them",
            Self::TooLarge | Self::TooLargeForServer { .. } => {
                "put it where the reader can fetch it, and write where that is"
            }
            Self::NameNotUtf8 { .. } => "give the file another name, as with `mv`",
            Self::NoText => "give it on standard input, or with `--text FILE`",
            Self::TextTooLong => "attach what is long",
            Self::TextNotUtf8 | Self::ControlInText { .. } => "write plain text in UTF-8",
        };
        Some(advice.to_owned())
    }
}
