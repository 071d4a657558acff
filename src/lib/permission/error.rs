//! What permission questions refuse.

use crate::error::{Explain, Kind};
use crate::text::suggest::nearest;

/// What a permission command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
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
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NoSuch { what: "company", .. } => "company.not_found",
            Self::NoSuch { what: "group", .. } => "group.not_found",
            Self::NoSuch { .. } => "role.not_found",
        }
    }

    fn kind(&self) -> Kind {
        Kind::NotFound
    }

    fn command(&self) -> Option<String> {
        let Self::NoSuch { what, near, .. } = self;
        near.is_empty().then(|| format!("secboard {what} list"))
    }

    fn advice(&self) -> Option<String> {
        let Self::NoSuch { near, .. } = self;
        Some(if near.is_empty() {
            "see them".to_owned()
        } else {
            format!("did you mean `{}`?", near.join("` or `"))
        })
    }
}
