//! What an import refuses.

use super::field::{Field, Whom};
use super::unfit::UnfitHeadings;
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
    /// A `--values` that cannot be read.
    #[error("`{text}` does not say what the words of a column stand for")]
    BadWords {
        /// As typed.
        text: String,
    },
    /// A `--set` that cannot be read, or sets what each has alone.
    #[error("`{text}` sets no field that many people may have in common")]
    BadConstant {
        /// As typed.
        text: String,
        /// A field of nearly that name.
        near: Option<String>,
    },
    /// A `--clear` of what everybody has.
    #[error("`{field}` is no field that can be cleared")]
    NotOptional {
        /// As typed.
        field: String,
    },
    /// A file of options that cannot be followed.
    #[error("the options in `{file}` are not understood: {reason}")]
    BadOptions {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// Columns that nobody knows, and columns that are not there.
    #[error("{}", .0.sentence())]
    Headings(Box<UnfitHeadings>),
    /// A column that says the opposite of the field it is mapped to.
    #[error("the column `{column}` of `{file}` sounds like the opposite of active")]
    Opposite {
        /// The file.
        file: String,
        /// Its heading.
        column: String,
    },
    /// A word that says the opposite of active and is listed as active.
    #[error(
        "`{word}` in the column `{column}` of `{file}` says that somebody is not active, and is to be read as active"
    )]
    OppositeWord {
        /// The file.
        file: String,
        /// Its heading.
        column: String,
        /// The word, folded.
        word: String,
    },
    /// Two options that say different things of the same.
    #[error("`{}` and `{}` contradict each other", .one.trim(), .other.trim())]
    Contradiction {
        /// An option.
        one: String,
        /// Another.
        other: String,
    },
    /// Standard input is to be read more than once.
    #[error("standard input can be read once, and `-` is given more than once")]
    StandardInputTwice,
    /// A cell with a word whose value is not listed.
    #[error("`{text}` is none of the words that `--values` lists for the column")]
    UnknownWord {
        /// As read.
        text: String,
        /// Those that are.
        known: String,
    },
    /// A whole name that cannot be taken apart.
    #[error("`{text}` {reason}, and a person has a first and a last name")]
    FullName {
        /// As read.
        text: String,
        /// Why.
        reason: String,
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
    /// Words of a column that is no field.
    #[error(
        "`--values` says what the words of `{heading}` stand for, and that column of `{file}` is no field"
    )]
    WordsOfNoField {
        /// The file.
        file: String,
        /// As typed.
        heading: String,
    },
    /// An option that does nothing to the file.
    #[error("`{option}` does nothing to `{file}`: {needs}")]
    Useless {
        /// The option.
        option: &'static str,
        /// The file.
        file: String,
        /// What a file needs for it.
        needs: &'static str,
    },
    /// A constant that nobody can have.
    #[error("`{option}`: {reason}")]
    Constant {
        /// As it is typed.
        option: String,
        /// Why.
        reason: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A field that accounts alone do not have.
    #[error("`--set {field}` sets what an account without a profile does not have")]
    NotOfAccounts {
        /// The field.
        field: &'static str,
    },
    /// A field that no column says.
    #[error("`--clear {field}` clears nothing: no column of `{file}` is {field}")]
    ClearsNothing {
        /// The file.
        file: String,
        /// The field.
        field: &'static str,
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
            Self::BadWords { .. } => "import.bad_values",
            Self::BadConstant { .. } => "import.bad_constant",
            Self::NotOptional { .. } => "import.not_optional",
            Self::BadOptions { .. } => "import.bad_options",
            Self::Headings(unfit) => unfit.code(),
            Self::Opposite { .. } | Self::OppositeWord { .. } => "import.opposite",
            Self::Contradiction { .. } => "import.contradiction",
            Self::StandardInputTwice => "import.standard_input_twice",
            Self::UnknownWord { .. } => "import.unknown_word",
            Self::FullName { .. } => "import.full_name",
            Self::MappedColumnMissing { .. } => "import.mapped_column_missing",
            Self::WordsOfNoField { .. } => "import.words_of_no_field",
            Self::Useless { .. } => "import.useless",
            Self::Constant { .. } => "import.constant",
            Self::NotOfAccounts { .. } => "import.not_of_accounts",
            Self::ClearsNothing { .. } => "import.clears_nothing",
            Self::UnknownColumn { .. } => "import.unknown_column",
            Self::TwoColumns { .. } => "import.two_columns",
            Self::PasswordColumn { .. } => "import.password_column",
            Self::HandOut { .. } => "import.hand_out",
            Self::HashForHeading { .. } => "import.hash_for_heading",
            Self::NotBoolean { .. } => "import.not_boolean",
            Self::Refused { .. } => "import.refused",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::BadMapping { .. }
            | Self::BadWords { .. }
            | Self::BadConstant { .. }
            | Self::NotOptional { .. }
            | Self::Contradiction { .. }
            | Self::StandardInputTwice
            | Self::NotOfAccounts { .. } => Kind::Usage,
            Self::Refused { partial: true, .. } => Kind::No,
            _ => Kind::Refused,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::HandOut { .. } => Some("secboard export users -o csv --output people.csv".to_owned()),
            Self::Headings(unfit) => Some(unfit.command.clone()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::BadMapping { near: Some(near), .. } | Self::BadConstant { near: Some(near), .. } => {
                format!("did you mean `{near}`?")
            }
            Self::BadMapping { near: None, .. } => format!(
                "write it like `--map 'E-mail=email'`, or `--map 'Salary=-'` to leave a column out; the fields are: {}",
                Whom::People.fields().map(Field::name).collect::<Vec<_>>().join(", ")
            ),
            Self::BadWords { .. } => "write it like `--values 'Status:Active=yes,Suspended=no'`".to_owned(),
            Self::BadConstant { near: None, .. } => {
                "write it like `--set company='Acme Bank'`; an email is one person's".to_owned()
            }
            Self::NotOptional { .. } => {
                let optional = Field::ALL.into_iter().filter(|field| field.is_optional()).map(Field::name);
                format!("these can: {}", optional.collect::<Vec<_>>().join(", "))
            }
            Self::BadOptions { .. } => {
                "see what such a file may say with `secboard user import --show-profile entra`".to_owned()
            }
            Self::Headings(unfit) => unfit.advice(),
            Self::Opposite { column, .. } => format!(
                "say what its words mean: `{} {}`",
                map(column, "active").trim(),
                option("--values", &format!("{column}:True=no,False=yes")).trim()
            ),
            Self::OppositeWord { column, word, .. } => {
                format!("turn it round: `{}`", option("--values", &format!("{column}:{word}=no")).trim())
            }
            Self::Contradiction { .. } => "leave one of the two out".to_owned(),
            Self::StandardInputTwice => "put one of them into a file".to_owned(),
            Self::UnknownWord { known, .. } => format!("listed are: {known}; list this one too"),
            Self::FullName { .. } => {
                "write `First Last` or `Last, First`, or map two columns to first_name and last_name"
                    .to_owned()
            }
            Self::MappedColumnMissing { header, .. } => format!("it has: {}", header.join(", ")),
            Self::WordsOfNoField { heading, .. } => {
                format!("say which field it is with `{}`, or leave the words out", map(heading, "FIELD"))
            }
            Self::Useless { .. } => "leave it out".to_owned(),
            Self::Constant { hint, .. } => return hint.clone(),
            Self::NotOfAccounts { .. } => {
                "leave it out, or import people without `--accounts-only`".to_owned()
            }
            Self::ClearsNothing { field, .. } => {
                format!("say which column it is with `{}`, or leave the option out", map("HEADING", field))
            }
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
            Self::TwoColumns { first, second, field, .. } => format!(
                "leave one out, such as with `{}`, or take the first that is filled with `{} {}`",
                map(first, "-"),
                map(first, field),
                map(second, field)
            ),
            Self::PasswordColumn { column, .. } => format!(
                "passwords are not imported: `--invite` sends new people a link to choose their own, and `--accounts-only` \
                imports accounts with their hashes; to leave it out, say `{}`",
                map(column, "-")
            ),
            Self::HashForHeading { .. } => {
                "name every value after a field, such as `password_hash`".to_owned()
            }
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
pub(super) fn map(column: &str, field: &str) -> String {
    option("--map", &format!("{column}={field}"))
}

/// An option as a shell takes it.
pub(super) fn option(name: &str, value: &str) -> String {
    format!("{name}{}{}", before(value), quoted(value))
}

fn refused_advice(file: Option<&str>, faults: u64, partial: bool) -> String {
    let all = match file {
        Some(file) => format!("faults: {faults}, all in `{file}`"),
        None => format!("faults: {faults}; `--errors FILE` writes them all to a file"),
    };
    if partial { all } else { format!("{all}; `--partial` imports the other rows") }
}
