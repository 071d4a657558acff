//! What a department command refuses.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

/// What a department command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No department has this name.
    #[error("there is no department `{name}`{}", .company.as_ref().map(|company| format!(" in `{company}`")).unwrap_or_default())]
    NotFound {
        /// The name as typed.
        name: String,
        /// Where it was looked for; everywhere when absent.
        company: Option<String>,
        /// A name that is nearly the same.
        near: Option<String>,
        /// Other companies that have a department of this name.
        elsewhere: Vec<String>,
    },
    /// The name is taken.
    #[error("there is a department `{name}` in `{company}` already")]
    Exists {
        /// The name of the one there is.
        name: String,
        /// Its company.
        company: String,
    },
    /// The new name is another's.
    #[error("there is a department `{name}` in `{company}` already")]
    NameTaken {
        /// The name of the one there is.
        name: String,
        /// Its company.
        company: String,
    },
    /// More than one company has it.
    #[error("there is a department `{name}` in several companies: {}", .companies.join(", "))]
    Ambiguous {
        /// The name as typed.
        name: String,
        /// The companies.
        companies: Vec<String>,
    },
    /// The parent is in another company.
    #[error("`{parent}` belongs to another company than `{name}`")]
    ParentElsewhere {
        /// The department.
        name: String,
        /// The parent.
        parent: String,
    },
    /// Something refers to it.
    #[error("department `{name}` is in use: {uses}")]
    InUse {
        /// Its name.
        name: String,
        /// What refers to it, and how many.
        uses: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "department.not_found",
            Self::Exists { .. } | Self::NameTaken { .. } => "department.exists",
            Self::Ambiguous { .. } => "department.ambiguous",
            Self::ParentElsewhere { .. } => "department.parent_elsewhere",
            Self::InUse { .. } => "department.in_use",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::Exists { .. } | Self::NameTaken { .. } => Kind::CannotCreate,
            Self::Ambiguous { .. } | Self::ParentElsewhere { .. } | Self::InUse { .. } => Kind::Refused,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::NotFound { elsewhere, .. } if !elsewhere.is_empty() => {
                format!("other companies have one: {}", elsewhere.join(", "))
            }
            Self::NotFound { name, .. } => format!(
                "see `secboard department list`, or make it with `{}`",
                secboard("department create").operand(name).flags("--company …")
            ),
            Self::Exists { .. } => "add `--if-absent` if that is all right".to_owned(),
            Self::NameTaken { .. } => "choose another name".to_owned(),
            Self::Ambiguous { .. } => "say which with `--company`".to_owned(),
            Self::ParentElsewhere { .. } => "choose a parent in the same company".to_owned(),
            Self::InUse { .. } => "move or delete what refers to it first".to_owned(),
        })
    }
}
