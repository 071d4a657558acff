//! Exports that cannot be asked for like that.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

/// A command line of an export that contradicts itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A workbook would be bytes on somebody's screen.
    #[error("a workbook cannot be shown on a terminal")]
    Terminal,
    /// The name of the file says nothing known.
    #[error("`{file}` does not say in which format to write")]
    UnknownExtension {
        /// The file as typed.
        file: String,
    },
    /// `--format table`.
    #[error("an export is no table on a screen")]
    Table,
    /// Headings for JSON, whose names are a contract.
    #[error("JSON has the names of the fields and no headings")]
    NamesOfJson,
    /// It would be mailed to somebody who may not log in.
    #[error("the account `{email}` is not active, so nothing would be sent to it")]
    Inactive {
        /// The address.
        email: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Terminal => "export.terminal",
            Self::UnknownExtension { .. } => "export.unknown_extension",
            Self::Table => "export.table",
            Self::NamesOfJson => "export.names_of_json",
            Self::Inactive { .. } => "export.inactive",
        }
    }

    fn kind(&self) -> Kind {
        if matches!(self, Self::Inactive { .. }) { Kind::Refused } else { Kind::Usage }
    }

    fn field(&self) -> Option<&'static str> {
        matches!(self, Self::Inactive { .. }).then_some("mail_to")
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::Table => Some("secboard user list".to_owned()),
            Self::Inactive { email } => Some(secboard("user why").operand(email).to_string()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        let hint = match self {
            Self::Terminal => "name a file with `--output people.xlsx`, or take `-o csv`",
            Self::UnknownExtension { .. } => {
                "let it end in .xlsx, .csv, .json or .jsonl, or say which with `--format`"
            }
            Self::Table => "take `-o xlsx`, `csv`, `json` or `jsonl`, or print a table",
            Self::Inactive { .. } => "mail it to somebody else, or see why",
            Self::NamesOfJson => "name the fields alone, or take `-o csv` or `xlsx`",
        };
        Some(hint.to_owned())
    }
}
