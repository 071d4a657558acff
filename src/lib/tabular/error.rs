//! Why a whole file of outside data cannot be read.

use std::io;

use crate::error::{Explain, Kind};
use crate::text::shell::{before, quoted};

/// A fault of the file itself; faults of single rows are [`crate::error::BadRow`]s.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// There is no such file.
    #[error("there is no file `{file}`")]
    Missing { file: String },
    /// The file exists and may not, or cannot, be opened.
    #[error("cannot open `{file}`")]
    Unreadable { file: String, source: io::Error },
    /// A directory was named.
    #[error("`{file}` is a directory")]
    Directory { file: String },
    /// Reading failed half-way.
    #[error("reading `{file}` failed")]
    Read { file: String, source: io::Error },
    /// Nothing but white space.
    #[error("`{file}` is empty")]
    Empty { file: String },
    /// Column names and no row under them.
    #[error("`{file}` holds column names and no rows")]
    OnlyHeader {
        file: String,
        /// Those of the workbook.
        sheets: Vec<String>,
    },
    /// A delimiter that cannot separate cells.
    #[error("`{delimiter}` cannot be the delimiter")]
    BadDelimiter { delimiter: char },
    /// The header did not split, and holds another delimiter.
    #[error("the header of `{file}` is one column, `{header}`")]
    WrongDelimiter { file: String, header: String, looks_like: &'static str },
    /// The text form of a directory's entries, which is no table.
    #[error("`{file}` is LDIF, the entries of a directory one attribute a line, and no table")]
    Ldif { file: String },
    /// Rows of a directory without the line that names their columns.
    #[error("`{file}` begins with an entry of a directory and not with the names of its columns")]
    NoHeader { file: String },
    /// A cell of the header is not what it seems.
    #[error("column {number} of the header of `{file}`, line {line}, {reason}")]
    BrokenHeader { file: String, line: u64, number: usize, reason: &'static str },
    /// The first line is one of data.
    #[error("the header of `{file}` holds the hash of a password")]
    HashInHeader { file: String },
    /// More columns than any table here can mean.
    #[error("`{file}` has more than {limit} columns")]
    TooManyColumns { file: String, limit: usize },
    /// The text is not in the encoding it was read in.
    #[error("line {line} of `{file}` is not {expected}")]
    WrongEncoding { file: String, line: u64, expected: &'static str, looks_like: Option<&'static str> },
    /// The bytes are those of a program's file, not text.
    #[error("`{file}` is not text")]
    NotText { file: String },
    /// A file of another program.
    #[error("`{file}` is {what}, and not CSV, JSON or `.xlsx`, whatever its name says")]
    Foreign { file: String, what: &'static str },
    /// The header is said to stand below the last line.
    #[error("`{file}` has no row below line {line}: its last line is line {lines}")]
    NoSuchLine { file: String, line: u64, lines: u64 },
    /// One CSV record does not end.
    #[error("the row that begins on line {line} of `{file}` is longer than {limit} bytes")]
    RowTooLong { file: String, line: u64, limit: usize },
    /// The JSON cannot be followed.
    #[error("line {line} of `{file}` is not understood: {reason}")]
    Malformed { file: String, line: u64, reason: String },
    /// The workbook cannot be followed.
    #[error("`{file}` is not a workbook that can be read: {reason}")]
    BadWorkbook { file: String, reason: String },
    /// An OLE file: an encrypted workbook, or one of before 2007.
    #[error("`{file}` is protected by a password, or an old `.xls` workbook")]
    Protected { file: String },
    /// More comes by a pipe than is kept.
    #[error("`{file}` has more than {limit} bytes, and does not come from a file")]
    TooMuch { file: String, limit: u64 },
    /// The workbook unpacks to more than is sound.
    #[error("`{file}` unpacks to more than allowed: {reason}")]
    TooLarge { file: String, reason: String },
    /// An object with several lists.
    #[error("`{file}` holds several lists, and none is seen to be that of the people: {}", .lists.join(", "))]
    SeveralLists { file: String, lists: Vec<String> },
    /// No such sheet in the workbook, nor such a list in the object.
    #[error("`{file}` has no sheet or list `{sheet}`")]
    NoSheet { file: String, sheet: String, sheets: Vec<String> },
}

impl Explain for InputError {
    fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "input.missing",
            Self::Unreadable { .. } => "input.unreadable",
            Self::Directory { .. } => "input.directory",
            Self::Read { .. } => "input.read",
            Self::Empty { .. } => "input.empty",
            Self::OnlyHeader { .. } => "input.only_header",
            Self::BadDelimiter { .. } => "input.bad_delimiter",
            Self::WrongDelimiter { .. } => "input.wrong_delimiter",
            Self::Ldif { .. } => "input.ldif",
            Self::NoHeader { .. } => "input.no_header",
            Self::BrokenHeader { .. } => "input.broken_header",
            Self::HashInHeader { .. } => "input.hash_in_header",
            Self::TooManyColumns { .. } => "input.too_many_columns",
            Self::WrongEncoding { .. } => "input.wrong_encoding",
            Self::NotText { .. } => "input.not_text",
            Self::Foreign { .. } => "input.foreign",
            Self::NoSuchLine { .. } => "input.no_such_line",
            Self::RowTooLong { .. } => "input.row_too_long",
            Self::Malformed { .. } => "input.malformed",
            Self::BadWorkbook { .. } => "input.bad_workbook",
            Self::Protected { .. } => "input.protected",
            Self::TooLarge { .. } => "input.too_large",
            Self::TooMuch { .. } => "input.too_much",
            Self::SeveralLists { .. } => "input.several_lists",
            Self::NoSheet { .. } => "input.no_sheet",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Missing { .. } | Self::Unreadable { .. } | Self::Directory { .. } => Kind::NoInput,
            Self::Read { .. } => Kind::Io,
            Self::BadDelimiter { .. } => Kind::Usage,
            _ => Kind::Refused,
        }
    }

    fn advice(&self) -> Option<String> {
        let hint = match self {
            Self::Missing { .. } => "check the name; `-` reads standard input".into(),
            Self::Unreadable { .. } => "check who may read it".into(),
            Self::Directory { .. } => "name a file in it".into(),
            Self::Read { .. } => "check the disk, then run the command again".into(),
            Self::OnlyHeader { sheets, .. } if sheets.len() > 1 => {
                format!("the workbook has the sheets {}; `--sheet` says which is read", sheets.join(", "))
            }
            Self::Empty { .. } | Self::OnlyHeader { .. } | Self::HashInHeader { .. } => {
                "the first line names the columns, every further line is a row".into()
            }
            Self::BadDelimiter { .. } => "use `,`, `;`, `|` or a tab".into(),
            Self::WrongDelimiter { looks_like, .. } => {
                format!("the cells seem to be separated by {looks_like}; say so with `--delimiter`")
            }
            Self::Ldif { .. } => "write the people as CSV: in Active Directory `csvde -u -f people.csv -r \
                '(objectCategory=person)' -l givenName,sn,mail,company,department,title,userAccountControl,accountExpires`, \
                elsewhere one row for each entry under the names of its attributes"
                .into(),
            Self::NoHeader { .. } => {
                "put the names of the columns into the first line; `csvde` writes them itself, as `DN,objectClass,sn,…`".into()
            }
            Self::BrokenHeader { .. } => "write the names of the columns as plain text".into(),
            Self::TooManyColumns { .. } => "check the delimiter, or remove columns".into(),
            Self::WrongEncoding { looks_like: Some(looks_like), .. } => {
                format!("it looks like {looks_like}; try `--encoding {looks_like}`")
            }
            Self::WrongEncoding { looks_like: None, .. } => {
                "save the file as UTF-8, which spreadsheet programs call `CSV UTF-8`".into()
            }
            Self::NotText { .. } => "save it as CSV, JSONL or XLSX".into(),
            Self::Foreign { what: "packed with gzip", .. } => "unpack it first, with `gunzip`".into(),
            Self::Foreign { .. } => {
                "open it with a spreadsheet program and save it as `.xlsx`, or export CSV from where it comes from".into()
            }
            Self::NoSuchLine { .. } => "`--header-line` is the line that names the columns; rows stand below it".into(),
            Self::RowTooLong { .. } => "look for a quotation mark that is not closed on that line".into(),
            Self::Malformed { .. } => "write one JSON object a line (JSONL), or one array of objects".into(),
            Self::BadWorkbook { .. } | Self::TooLarge { .. } => {
                "save it again as `.xlsx`, or as CSV, with a spreadsheet program".into()
            }
            Self::TooMuch { .. } => "name the file itself, or give it in parts".into(),
            Self::Protected { .. } => "open it, remove the password, and save it as `.xlsx`".into(),
            Self::SeveralLists { lists, .. } => {
                let first = lists.first().map(String::as_str).unwrap_or_default();
                format!("say which is read, such as with `--sheet{}{}`", before(first), quoted(first))
            }
            Self::NoSheet { sheets, .. } => format!("it has: {}", sheets.join(", ")),
        };
        Some(hint)
    }
}
