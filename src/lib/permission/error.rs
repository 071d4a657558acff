//! What permission questions refuse.

use super::Permission;
use super::catalog::PERMISSIONS;
use crate::error::{Explain, Kind};
use crate::text::suggest::nearest;

/// What a permission command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The catalogue has no such permission.
    #[error("there is no permission `{id}`")]
    UnknownPermission {
        /// As typed.
        id: String,
        /// Ids that are nearly the same.
        near: Vec<&'static str>,
    },
    /// The catalogue has no such module.
    #[error("there is no module `{name}`")]
    UnknownModule {
        /// As typed.
        name: String,
        /// Names that are nearly the same.
        near: Vec<&'static str>,
    },
    /// There is, or was then, no company, group or role of this name.
    #[error("there is no {what} `{name}`")]
    NoSuch {
        /// `company`, `group` or `role`.
        what: &'static str,
        /// As typed.
        name: String,
        /// Names that are nearly the same.
        near: Vec<String>,
    },
}

impl Error {
    /// The error for a name that there is none of; near ones of those known are offered.
    pub(super) fn no_such(what: &'static str, name: &str, known: impl Iterator<Item = String>) -> Self {
        let known: Vec<String> = known.collect();
        let near = nearest(name, known.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
        Self::NoSuch { what, name: name.to_owned(), near }
    }

    /// The error for an id that is not in the catalogue: near ids are offered, or else those of the module it names.
    pub(super) fn unknown_permission(id: &str) -> Self {
        let mut near = nearest(id, PERMISSIONS.iter().map(|(known, _)| *known));
        if near.is_empty()
            && let Some((module, _)) = id.split_once('.')
        {
            let of_module = Permission::all().filter(|permission| permission.module() == module);
            near = of_module.map(Permission::id).take(3).collect();
        }
        Self::UnknownPermission { id: id.to_owned(), near }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownPermission { .. } => "permission.not_found",
            Self::UnknownModule { .. } => "permission.unknown_module",
            Self::NoSuch { what: "company", .. } => "company.not_found",
            Self::NoSuch { what: "group", .. } => "group.not_found",
            Self::NoSuch { .. } => "role.not_found",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::UnknownPermission { .. } | Self::UnknownModule { .. } | Self::NoSuch { .. } => {
                Kind::NotFound
            }
        }
    }

    fn hint(&self) -> Option<String> {
        let near: Vec<&str> = match self {
            Self::UnknownPermission { near, .. } | Self::UnknownModule { near, .. } => near.clone(),
            Self::NoSuch { near, .. } => near.iter().map(String::as_str).collect(),
        };
        if !near.is_empty() {
            return Some(format!("did you mean `{}`?", near.join("` or `")));
        }
        Some(match self {
            Self::UnknownPermission { .. } => "see them with `secboard permission list`".to_owned(),
            Self::UnknownModule { .. } => "see them with `secboard permission list --modules`".to_owned(),
            Self::NoSuch { what, .. } => format!("see them with `secboard {what} list`"),
        })
    }
}
