//! Where memberships come from.

use std::fmt;

use serde::Serialize;

/// What a membership comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub(crate) enum Origin {
    /// Given by hand.
    Manual,
    /// Brought by the role of this slug.
    Role(String),
    /// Mirrored from this directory connection.
    Directory(String),
}

impl Origin {
    /// From what the store holds: the origin and, for what a role brings, the role's slug.
    pub(crate) fn stored(origin: &str, role: Option<String>) -> Self {
        match (role, origin.strip_prefix("directory:")) {
            (Some(slug), _) => Self::Role(slug),
            (None, Some(connection)) => Self::Directory(connection.to_owned()),
            (None, None) => Self::Manual,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manual => f.write_str("manual"),
            Self::Role(slug) => write!(f, "role:{slug}"),
            Self::Directory(connection) => write!(f, "directory:{connection}"),
        }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}
