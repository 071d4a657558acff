//! What an import refuses.

use super::columns::Field;
use crate::error::{BadRow, Explain, Kind};
use crate::text::shell::{before, quoted};

/// What an import refuses as a whole; faults of rows are [`BadRow`]s inside [`Error::Refused`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A `--map` that cannot be read.
    #[error("`{text}` maps no column to a field")]
    BadMapping {
        /// As typed.
        text: String,
        /// A field of nearly that name.
        near: Option<String>,
    },
    /// A `--map` names a column the file does not have.
    #[error("`{file}` has no column `{heading}`")]
    MappedColumnMissing {
        /// The file.
        file: String,
        /// As typed.
        heading: String,
        /// The columns there are.
        header: Vec<String>,
    },
    /// A column that means nothing.
    #[error("the column `{column}` of `{file}` is not known")]
    UnknownColumn {
        /// The file.
        file: String,
        /// Its heading.
        column: String,
        /// A field of nearly that name.
        near: Option<String>,
    },
    /// Two columns that mean the same.
    #[error("the columns `{first}` and `{second}` of `{file}` both mean {field}")]
    TwoColumns {
        /// The file.
        file: String,
        /// The field.
        field: &'static str,
        /// A heading.
        first: String,
        /// The other heading.
        second: String,
    },
    /// Passwords among the profiles.
    #[error("the column `{column}` of `{file}` holds passwords")]
    PasswordColumn {
        /// The file.
        file: String,
        /// Its heading.
        column: String,
    },
    /// The workbook of `export users`, which is for people.
    #[error(
        "`{file}` has full names and no first_name and last_name: it looks like the workbook that `secboard export users` hands out"
    )]
    HandOut {
        /// The file.
        file: String,
    },
    /// A heading that is itself a secret, in a later row.
    #[error("a heading of `{file}` is the hash of a password")]
    HashForHeading {
        /// The file.
        file: String,
    },
    /// Columns without which no row can be used.
    #[error("`{file}` has no column {}", .missing.join(", "))]
    MissingColumns {
        /// The file.
        file: String,
        /// The fields.
        missing: Vec<&'static str>,
    },
    /// A cell that should say yes or no.
    #[error("`{text}` is neither yes nor no")]
    NotBoolean {
        /// As read.
        text: String,
    },
    /// Rows were refused.
    #[error("{}", refused_sentence(*.refused, *.read, *.partial))]
    Refused {
        /// Rows with a fault.
        refused: u64,
        /// Rows read.
        read: u64,
        /// The first faults, told one by one.
        rows: Vec<BadRow>,
        /// Faults counted, told or not.
        faults: u64,
        /// The other rows were imported.
        partial: bool,
        /// The file that has all faults.
        file: Option<String>,
    },
}

fn refused_sentence(refused: u64, read: u64, partial: bool) -> String {
    if partial {
        format!("left out {refused} of {read} rows")
    } else {
        format!("refused {refused} of {read} rows, so nothing was imported")
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::BadMapping { .. } => "import.bad_mapping",
            Self::MappedColumnMissing { .. } => "import.mapped_column_missing",
            Self::UnknownColumn { .. } => "import.unknown_column",
            Self::TwoColumns { .. } => "import.two_columns",
            Self::PasswordColumn { .. } => "import.password_column",
            Self::HandOut { .. } => "import.hand_out",
            Self::HashForHeading { .. } => "import.hash_for_heading",
            Self::MissingColumns { .. } => "import.missing_columns",
            Self::NotBoolean { .. } => "import.not_boolean",
            Self::Refused { .. } => "import.refused",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::BadMapping { .. } => Kind::Usage,
            Self::Refused { partial: true, .. } => Kind::No,
            _ => Kind::Refused,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::HandOut { .. } => Some("secboard export users -o csv --output people.csv".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::BadMapping { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::BadMapping { near: None, .. } => format!(
                "write it like `--map 'E-mail=email'`, or `--map 'Salary=-'` to leave a column out; the fields are: {}",
                Field::OF_PEOPLE.map(Field::name).join(", ")
            ),
            Self::MappedColumnMissing { header, .. } => format!("it has: {}", header.join(", ")),
            Self::UnknownColumn { column, near: Some(near), .. } => {
                format!(
                    "if it is meant to be `{near}`, say `{}`; leave it out with `{}`",
                    map(column, near),
                    map(column, "-")
                )
            }
            Self::UnknownColumn { column, near: None, .. } => {
                format!(
                    "say what it is with `{}`, or leave it out with `{}`",
                    map(column, "FIELD"),
                    map(column, "-")
                )
            }
            Self::TwoColumns { first, .. } => format!("leave one out, such as with `{}`", map(first, "-")),
            Self::PasswordColumn { column, .. } => format!(
                "`--accounts-only` imports accounts with their password hashes; to leave it out, say `{}`",
                map(column, "-")
            ),
            Self::HashForHeading { .. } => {
                "name every value after a field, such as `password_hash`".to_owned()
            }
            Self::MissingColumns { missing, .. } => format!(
                "say which column it is, such as with `{}`; `--template` prints the columns there are",
                map("HEADING", missing.first().copied().unwrap_or_default())
            ),
            Self::HandOut { .. } => "write a file that comes back".to_owned(),
            Self::NotBoolean { .. } => "write yes or no, true or false, 1 or 0".to_owned(),
            Self::Refused { file, faults, partial, .. } => refused_advice(file.as_deref(), *faults, *partial),
        })
    }

    fn rows(&self) -> &[BadRow] {
        match self {
            Self::Refused { rows, .. } => rows,
            _ => &[],
        }
    }
}

/// The option that says what a column is; its heading may hold anything.
fn map(column: &str, field: &str) -> String {
    let mapping = format!("{column}={field}");
    format!("--map{}{}", before(&mapping), quoted(&mapping))
}

fn refused_advice(file: Option<&str>, faults: u64, partial: bool) -> String {
    let all = match file {
        Some(file) => format!("faults: {faults}, all in `{file}`"),
        None => format!("faults: {faults}; `--errors FILE` writes them all to a file"),
    };
    if partial { all } else { format!("{all}; `--partial` imports the other rows") }
}
