//! Options of reading that were typed and do nothing to any of the files: whoever typed them meant something by it.

use super::field::Field;
use super::{Error, Input};
use crate::tabular::Format;

/// An option of how files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Sheet,
    Delimiter,
    Encoding,
    HeaderLine,
    DateFormat,
    DepartmentSeparator,
}

impl Reading {
    const fn name(self) -> &'static str {
        match self {
            Self::Sheet => "--sheet",
            Self::Delimiter => "--delimiter",
            Self::Encoding => "--encoding",
            Self::HeaderLine => "--header-line",
            Self::DateFormat => "--date-format",
            Self::DepartmentSeparator => "--department-separator",
        }
    }

    /// What a file needs for the option to count.
    const fn needs(self) -> &'static str {
        match self {
            Self::Sheet => "a workbook has sheets, and an object of JSON lists",
            Self::Delimiter => "it separates the cells of CSV",
            Self::Encoding => "it is that of CSV and JSON",
            Self::HeaderLine => "CSV and workbooks have a line that names the columns",
            Self::DateFormat => "no column is start_date or end_date",
            Self::DepartmentSeparator => "no column is department",
        }
    }

    fn counts_for(self, Input { table, columns }: &Input<'_>) -> bool {
        let is_said = |field| table.grows() || columns.source(field).is_some();
        match self {
            Self::Sheet => table.has_sheets(),
            Self::Delimiter => table.format() == Format::Csv,
            Self::Encoding => table.format() != Format::Xlsx,
            Self::HeaderLine => table.format() != Format::Jsonl,
            Self::DateFormat => is_said(Field::StartDate) || is_said(Field::EndDate),
            Self::DepartmentSeparator => is_said(Field::Department),
        }
    }
}

/// Refuses what counts for none of the files.
pub(super) fn check(inputs: &[Input<'_>], typed: &[Reading]) -> Result<(), Error> {
    let is_useless = |option: &&Reading| !inputs.iter().any(|input| option.counts_for(input));
    match (typed.iter().find(is_useless), inputs.first()) {
        (Some(option), Some(input)) => Err(Error::Useless {
            option: option.name(),
            file: input.table.name().to_owned(),
            needs: option.needs(),
        }),
        _ => Ok(()),
    }
}
