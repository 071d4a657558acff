//! What a group command refuses.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

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
    /// The name that a group was to get is another's.
    #[error("there is a group `{name}` already")]
    NameTaken {
        /// The name of the one there is.
        name: String,
    },
    /// Where groups are named, the name means something else.
    #[error("`{name}` is no name for a group: {why}")]
    BadName {
        /// The name as typed.
        name: String,
        /// What it means.
        why: &'static str,
    },
    /// Several companies have a group of this name.
    #[error("there are several groups `{name}`: {}", .groups.join(", "))]
    Ambiguous {
        /// The name as typed.
        name: String,
        /// Them, each with its company.
        groups: Vec<String>,
    },
    /// A company's group grants nothing for another.
    #[error("`{group}` is a group of `{own}` and cannot grant anything for `{company}`")]
    OtherCompany {
        /// The group.
        group: String,
        /// Its company.
        own: String,
        /// The one it was asked for.
        company: String,
    },
    /// A grant for all companies holds for each of them.
    #[error(
        "`{group}` has {grants} for all companies, and nothing can be taken from that for `{company}` alone"
    )]
    GrantedForAll {
        /// The group.
        group: String,
        /// The grants that stand in the way.
        grants: String,
        /// For which they were to be revoked.
        company: String,
    },
    /// Something does not fit the company the group shall be of.
    #[error("`{group}` cannot become a group of `{company}`: it has {what}")]
    DoesNotFit {
        /// The group.
        group: String,
        /// The company.
        company: String,
        /// What is of other companies, and how much.
        what: String,
    },
    /// Something refers to it.
    #[error("group `{group}` is in use: {uses}")]
    InUse {
        /// The group.
        group: String,
        /// What refers to it, how many, and the first of them.
        uses: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "group.not_found",
            Self::Exists { .. } | Self::NameTaken { .. } => "group.exists",
            Self::BadName { .. } => "group.bad_name",
            Self::Ambiguous { .. } => "group.ambiguous",
            Self::OtherCompany { .. } => "group.other_company",
            Self::GrantedForAll { .. } => "group.granted_for_all",
            Self::DoesNotFit { .. } => "group.does_not_fit",
            Self::InUse { .. } => "group.in_use",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::Exists { .. } | Self::NameTaken { .. } => Kind::CannotCreate,
            Self::BadName { .. }
            | Self::Ambiguous { .. }
            | Self::OtherCompany { .. }
            | Self::GrantedForAll { .. }
            | Self::DoesNotFit { .. }
            | Self::InUse { .. } => Kind::Refused,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } | Self::Ambiguous { .. } => Some("groups"),
            Self::Exists { .. } | Self::NameTaken { .. } | Self::BadName { .. } => Some("name"),
            Self::OtherCompany { .. } | Self::GrantedForAll { .. } | Self::DoesNotFit { .. } => {
                Some("company")
            }
            Self::InUse { .. } => None,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { near, .. } if near.is_empty() => Some("secboard group list".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { near, .. } if !near.is_empty() => {
                let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                format!("did you mean {}?", near.join(" or "))
            }
            Self::NotFound { .. } => "see them".to_owned(),
            Self::Exists { .. } => "add `--if-absent` if that is all right".to_owned(),
            Self::NameTaken { .. } => "choose another name".to_owned(),
            Self::BadName { .. } => {
                "choose another name; a group's company is given with `--company`".to_owned()
            }
            Self::Ambiguous { groups, .. } => match groups.first() {
                Some(first) => format!("say which, such as `{first}`"),
                None => "say which company's".to_owned(),
            },
            Self::OtherCompany { .. } => "use a group of that company, or one of none".to_owned(),
            Self::GrantedForAll { .. } => {
                "revoke it for all companies, and grant it to those that shall keep it".to_owned()
            }
            Self::DoesNotFit { .. } => "take that from the group first, or make another group".to_owned(),
            Self::InUse { group, .. } => format!(
                "take it from them first with `{}` and `{}`, or add `--force`",
                secboard("group remove-member").operand(group).word("…"),
                secboard("role edit").word("…").option("--remove-group", group)
            ),
        })
    }
}
