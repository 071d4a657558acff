//! Exports that cannot be asked for like that.

use super::listing::PAGE;
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
    /// `--now` with more than a page of people, for which the audit gets a row.
    #[error("`--now` cannot date the row of the audit that more than {PAGE} people at once get")]
    DatedList,
    /// More than a page of people, for who may not export them.
    #[error(
        "`{actor}` may not do this: more than {PAGE} people at once need the permission `users.export` for all companies they may be of"
    )]
    WholeList {
        /// Who.
        actor: String,
        /// What to do instead.
        advice: &'static str,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Terminal => "export.terminal",
            Self::UnknownExtension { .. } => "export.unknown_extension",
            Self::Table => "export.table",
            Self::FixedColumns => "export.fixed_columns",
            Self::DatedList => "export.dated_list",
            Self::WholeList { .. } => "export.whole_list",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::WholeList { .. } => Kind::Denied,
            _ => Kind::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Terminal => "name a file with `--output people.xlsx`, or take `-o csv`",
            Self::UnknownExtension { .. } => {
                "let it end in .xlsx, .csv, .json or .jsonl, or say which with `--format`"
            }
            Self::Table => "take `-o xlsx`, `csv`, `json` or `jsonl`; `secboard user list` prints tables",
            Self::DatedList => "leave `--now` out, or print a page",
            Self::WholeList { advice, .. } => advice,
            Self::FixedColumns => "leave `--columns` out, or take `-o csv`, `json` or `jsonl`",
        };
        Some(hint.to_owned())
    }
}
