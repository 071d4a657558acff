//! What a group command refuses.

use crate::error::{Explain, Kind};

/// What a group command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No group has this name.
    #[error("there is no group `{name}`")]
    NotFound {
        /// The name as typed, with its company's where one was said.
        name: String,
        /// What may have been meant.
        near: Vec<String>,
    },
    /// The name is taken.
    #[error("there is a group `{name}` already")]
    Exists {
        /// The name of the one there is.
        name: String,
    },
    /// The name cannot be told from a name with a company.
    #[error("`{name}` is no name for a group: `@` stands between a group and its company")]
    BadName {
        /// The name as typed.
        name: String,
    },
    /// Several companies have a group of this name.
    #[error("there are several groups `{name}`: {}", .groups.join(", "))]
    Ambiguous {
        /// The name as typed.
        name: String,
        /// Them, each with its company.
        groups: Vec<String>,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "group.not_found",
            Self::Exists { .. } => "group.exists",
            Self::BadName { .. } => "group.bad_name",
            Self::Ambiguous { .. } => "group.ambiguous",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::Exists { .. } => Kind::CannotCreate,
            Self::BadName { .. } | Self::Ambiguous { .. } => Kind::Refused,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near, .. } if !near.is_empty() => {
                let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                format!("did you mean {}?", near.join(" or "))
            }
            Self::NotFound { .. } => "see them with `secboard group list`".to_owned(),
            Self::Exists { .. } => "add `--if-absent` if that is all right".to_owned(),
            Self::BadName { .. } => "name the company with `--company`".to_owned(),
            Self::Ambiguous { groups, .. } => match groups.first() {
                Some(first) => format!("say which, such as `{first}`"),
                None => "say which company's".to_owned(),
            },
        })
    }
}
