//! What a position command refuses.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

/// What a position command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No position has this name there.
    #[error("there is no position `{name}` in `{of}`")]
    NotFound {
        /// The name as typed.
        name: String,
        /// The department or company it was looked for in.
        of: String,
        /// A name that is nearly the same.
        near: Option<String>,
        /// Other departments of the company that have a position of this name.
        elsewhere: Vec<String>,
    },
    /// No position has this name anywhere.
    #[error("there is no position `{name}`")]
    Unknown {
        /// The name as typed.
        name: String,
        /// A name that is nearly the same.
        near: Option<String>,
    },
    /// The name is taken.
    #[error("there is a position `{name}` in `{department}` already")]
    Exists {
        /// The name of the one there is.
        name: String,
        /// Its department.
        department: String,
    },
    /// The new name is another's.
    #[error("there is a position `{name}` in `{department}` already")]
    NameTaken {
        /// The name of the one there is.
        name: String,
        /// Its department.
        department: String,
    },
    /// More than one department has it.
    #[error("there is a position `{name}` in several departments: {}", .places.join(", "))]
    Ambiguous {
        /// The name as typed.
        name: String,
        /// The departments, each with its company.
        places: Vec<String>,
        /// The flags of the command that say which.
        flags: &'static str,
    },
    /// The position above is in another department.
    #[error("`{parent}` belongs to another department than `{name}`")]
    ParentElsewhere {
        /// The position.
        name: String,
        /// The position above.
        parent: String,
    },
    /// There is no such department to put it in.
    #[error("`{name}` needs a department or a position to hang under")]
    NoPlace {
        /// The position.
        name: String,
    },
    /// Something refers to it.
    #[error("position `{name}` is in use: {uses}")]
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
            Self::NotFound { .. } | Self::Unknown { .. } => "position.not_found",
            Self::Exists { .. } | Self::NameTaken { .. } => "position.exists",
            Self::Ambiguous { .. } => "position.ambiguous",
            Self::ParentElsewhere { .. } => "position.parent_elsewhere",
            Self::NoPlace { .. } => "position.no_place",
            Self::InUse { .. } => "position.in_use",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::Unknown { .. } => Kind::NotFound,
            Self::Exists { .. } | Self::NameTaken { .. } => Kind::CannotCreate,
            Self::Ambiguous { .. }
            | Self::ParentElsewhere { .. }
            | Self::NoPlace { .. }
            | Self::InUse { .. } => Kind::Refused,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near: Some(near), .. } | Self::Unknown { near: Some(near), .. } => {
                format!("did you mean `{near}`?")
            }
            Self::NotFound { elsewhere, .. } if !elsewhere.is_empty() => {
                format!("other departments have one: {}", elsewhere.join(", "))
            }
            Self::NotFound { name, .. } | Self::Unknown { name, .. } => format!(
                "see `secboard position list`, or make it with `{}`",
                secboard("position create").operand(name).flags("--company … --department …")
            ),
            Self::Exists { .. } => "add `--if-absent` if that is all right".to_owned(),
            Self::NameTaken { .. } => "choose another name".to_owned(),
            Self::Ambiguous { flags, .. } => format!("say which with {flags}"),
            Self::ParentElsewhere { .. } => "choose a position of the same department".to_owned(),
            Self::NoPlace { .. } => "give `--department` or `--parent-position`".to_owned(),
            Self::InUse { .. } => "move or delete what refers to it first".to_owned(),
        })
    }
}
