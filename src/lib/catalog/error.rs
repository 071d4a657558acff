//! What the catalogue has not.

use super::Permission;
use super::list::PERMISSIONS;
use crate::error::{Explain, Kind};
use crate::text::suggest::nearest;

/// A name that is not in the catalogue.
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
}

impl Error {
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
        }
    }

    fn kind(&self) -> Kind {
        Kind::NotFound
    }

    fn command(&self) -> Option<String> {
        let (near, list) = match self {
            Self::UnknownPermission { near, .. } => (near, "secboard permission list"),
            Self::UnknownModule { near, .. } => (near, "secboard permission list --modules"),
        };
        near.is_empty().then(|| list.to_owned())
    }

    fn advice(&self) -> Option<String> {
        let (Self::UnknownPermission { near, .. } | Self::UnknownModule { near, .. }) = self;
        Some(if near.is_empty() {
            "see them".to_owned()
        } else {
            format!("did you mean `{}`?", near.join("` or `"))
        })
    }
}
