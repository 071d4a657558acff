//! Exports: people, roles, groups and what they are allowed, handed out as a workbook to look at, or as rows that programs
//! read.
//!
//! An export reads one snapshot and needs the same little memory for ten people as for a million: each row is written
//! as it is read. A file gets its name when it is complete, and not before the audit says who took what. What goes to a
//! pipe is on its way with the first row, so there the audit row comes before it, and one more when the export fails. What
//! all exports do alike is in [`job`]; each has a file with its rows and the layout of its workbook. A list of people that
//! is more than a page is an export too ([`listing`](crate::audit::cli::listing)).

mod access;
pub(crate) mod cli;
mod error;
mod groups;
mod job;
mod letter;
mod matrix;
mod permissions;
mod relay;
mod roles;
mod users;

#[cfg(test)]
mod tests;

pub(crate) use access::{AccessRow, access};
pub(crate) use error::Error;
pub(crate) use groups::{GroupRow, groups};
pub(crate) use job::Watch;
pub(crate) use permissions::{GrantRow, permissions};
pub(crate) use roles::roles;
pub(crate) use users::{UserSelection, users};

use crate::cli::output::stream::{Encoding, RowColumn};

/// As what something is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    /// A workbook.
    Xlsx,
    /// Rows for programs.
    Rows {
        /// How they are written.
        encoding: Encoding,
        /// Which fields, and what stands above them.
        columns: Vec<RowColumn>,
    },
    /// The same rows, as a workbook.
    Sheet {
        /// Which fields, and what stands above them.
        columns: Vec<RowColumn>,
    },
}

impl Format {
    /// The word on the command line and in the audit.
    const fn name(&self) -> &'static str {
        match self {
            Self::Xlsx | Self::Sheet { .. } => "xlsx",
            Self::Rows { encoding: Encoding::Json, .. } => "json",
            Self::Rows { encoding: Encoding::Jsonl, .. } => "jsonl",
            Self::Rows { encoding: Encoding::Csv { .. }, .. } => "csv",
        }
    }
}

/// Rows as they are asked for.
#[derive(Debug, Clone, Copy)]
struct RowsAs<'a> {
    /// None for a workbook.
    encoding: Option<Encoding>,
    columns: &'a [RowColumn],
}

impl Format {
    /// The rows that are asked for; none where it is the workbook that the export lays out.
    fn rows(&self) -> Option<RowsAs<'_>> {
        match self {
            Self::Xlsx => None,
            Self::Rows { encoding, columns } => Some(RowsAs { encoding: Some(*encoding), columns }),
            Self::Sheet { columns } => Some(RowsAs { encoding: None, columns }),
        }
    }
}

/// How to export, and where to.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// As what.
    pub(crate) format: Format,
    /// The file's name without its folder, or `-`.
    pub(crate) name: String,
    /// The filters in words, for the audit and the sheet that says where a workbook comes from; empty for all.
    pub(crate) words: String,
    /// To which address it is mailed, if it is.
    pub(crate) mail_to: Option<String>,
}
