//! What a command of departments or positions refuses.

use super::UnitKind;
use crate::error::{Explain, Kind};
use crate::text::shell::secboard;
use crate::text::suggest::near_or_new;

/// What a command of departments or positions refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// None has this name.
    #[error("there is no {kind} `{name}`{}", .within.as_ref().map(|within| format!(" in `{within}`")).unwrap_or_default())]
    NotFound {
        /// What was looked for.
        kind: UnitKind,
        /// The name as typed.
        name: String,
        /// The company or department it was looked for in; everywhere when absent.
        within: Option<String>,
        /// A name that is nearly the same.
        near: Option<String>,
        /// Other companies that have a department of this name, or other departments that have a position of it.
        elsewhere: Vec<String>,
    },
    /// The name is taken.
    #[error("there is a {kind} `{name}` in `{owner}` already")]
    Exists {
        /// What it is.
        kind: UnitKind,
        /// The name of the one there is.
        name: String,
        /// Its company or department.
        owner: String,
    },
    /// The new name is another's.
    #[error("there is a {kind} `{name}` in `{owner}` already")]
    NameTaken {
        /// What it is.
        kind: UnitKind,
        /// The name of the one there is.
        name: String,
        /// Its company or department.
        owner: String,
    },
    /// More than one company or department has it.
    #[error("there is a {kind} `{name}` in several {}: {}", .kind.either("companies", "departments"), .places.join(", "))]
    Ambiguous {
        /// What was looked for.
        kind: UnitKind,
        /// The name as typed.
        name: String,
        /// The companies, or the departments, each with its company.
        places: Vec<String>,
        /// The flags of the command that say which.
        flags: &'static str,
    },
    /// The parent is in another company, or in another department.
    #[error("`{parent}` belongs to another {} than `{name}`", .kind.either("company", "department"))]
    ParentElsewhere {
        /// What it is.
        kind: UnitKind,
        /// Its name.
        name: String,
        /// The parent.
        parent: String,
    },
    /// There is no department to put a position in.
    #[error("`{name}` needs a department or a position to hang under")]
    NoPlace {
        /// The position.
        name: String,
    },
    /// Something refers to it.
    #[error("{kind} `{name}` is in use: {uses}")]
    InUse {
        /// What it is.
        kind: UnitKind,
        /// Its name.
        name: String,
        /// What refers to it, and how many.
        uses: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { kind, .. } => kind.either("department.not_found", "position.not_found"),
            Self::Exists { kind, .. } | Self::NameTaken { kind, .. } => {
                kind.either("department.exists", "position.exists")
            }
            Self::Ambiguous { kind, .. } => kind.either("department.ambiguous", "position.ambiguous"),
            Self::ParentElsewhere { kind, .. } => {
                kind.either("department.parent_elsewhere", "position.parent_elsewhere")
            }
            Self::NoPlace { .. } => "position.no_place",
            Self::InUse { kind, .. } => kind.either("department.in_use", "position.in_use"),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::Exists { .. } | Self::NameTaken { .. } => Kind::CannotCreate,
            Self::Ambiguous { .. }
            | Self::ParentElsewhere { .. }
            | Self::NoPlace { .. }
            | Self::InUse { .. } => Kind::Refused,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { kind, .. } | Self::Ambiguous { kind, .. } => Some(kind.word()),
            Self::Exists { .. } | Self::NameTaken { .. } => Some("name"),
            _ => None,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { kind, near: None, elsewhere, .. } if elsewhere.is_empty() => {
                Some(format!("secboard {kind} list"))
            }
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { kind, near: None, elsewhere, .. } if !elsewhere.is_empty() => {
                let owners = kind.either("companies", "departments");
                format!("other {owners} have one: {}", elsewhere.join(", "))
            }
            Self::NotFound { kind: what, name, near, .. } => {
                let create = match what {
                    UnitKind::Department => secboard("department create").operand(name).flags("--company …"),
                    UnitKind::Position => {
                        secboard("position create").operand(name).flags("--company … --department …")
                    }
                };
                near_or_new(near.as_deref(), name, create)
            }
            Self::Exists { .. } => "add `--if-absent` if that is all right".to_owned(),
            Self::NameTaken { .. } => "choose another name".to_owned(),
            Self::Ambiguous { flags, .. } => format!("say which with {flags}"),
            Self::ParentElsewhere { kind, .. } => {
                let parent = kind.either("a parent in the same company", "a position of the same department");
                format!("choose {parent}")
            }
            Self::NoPlace { .. } => "give `--department` or `--parent-position`".to_owned(),
            Self::InUse { .. } => "move or delete what refers to it first".to_owned(),
        })
    }
}
