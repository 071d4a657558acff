//! Exports that cannot be asked for like that.

use crate::error::{Explain, Kind};

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
    /// `--columns` with a workbook.
    #[error("the columns of the workbook are fixed")]
    FixedColumns,
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Terminal => "export.terminal",
            Self::UnknownExtension { .. } => "export.unknown_extension",
            Self::Table => "export.table",
            Self::FixedColumns => "export.fixed_columns",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::Table => Some("secboard user list".to_owned()),
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
            Self::FixedColumns => "leave `--columns` out, or take `-o csv`, `json` or `jsonl`",
        };
        Some(hint.to_owned())
    }
}
