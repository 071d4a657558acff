//! What a company command refuses.

use crate::error::{Explain, Kind};
use crate::text::shell::secboard;
use crate::text::suggest::near_or_new;

/// What a company command refuses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No company has this name or slug.
    #[error("there is no company `{name}`")]
    NotFound {
        /// The name as typed.
        name: String,
        /// The name that is nearly the same.
        near: Option<String>,
    },
    /// The name is taken.
    #[error("there is a company `{name}` already")]
    Exists {
        /// The name of the one there is.
        name: String,
    },
    /// The new name is another's.
    #[error("there is a company `{name}` already")]
    NameTaken {
        /// The name of the one there is.
        name: String,
    },
    /// The name is the slug of another, which could no longer be named by it.
    #[error("`{name}` is the slug of another company")]
    NameIsSlug {
        /// The name as typed.
        name: String,
    },
    /// The slug is taken, or is what another company is called.
    #[error("the slug `{slug}` belongs to another company")]
    SlugTaken {
        /// The slug.
        slug: String,
    },
    /// The slug has other characters than it may.
    #[error("`{slug}` is no slug")]
    BadSlug {
        /// The slug as typed.
        slug: String,
    },
    /// The control word is too short.
    #[error("the control word is too short: it has {length} of at least {shortest} characters")]
    ShortControlWord {
        /// How many it has.
        length: usize,
        /// How many it has to have.
        shortest: usize,
    },
    /// The control word would not do as a password either.
    #[error("this will not do as a control word")]
    WeakControlWord {
        /// Why not.
        source: crate::password::Error,
    },
    /// Something refers to it.
    #[error("company `{name}` is in use: {uses}")]
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
            Self::NotFound { .. } => "company.not_found",
            Self::Exists { .. } | Self::NameTaken { .. } => "company.exists",
            Self::NameIsSlug { .. } | Self::SlugTaken { .. } => "company.slug_taken",
            Self::BadSlug { .. } => "company.bad_slug",
            Self::InUse { .. } => "company.in_use",
            Self::ShortControlWord { .. } | Self::WeakControlWord { .. } => "company.control_word",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::Exists { .. }
            | Self::NameTaken { .. }
            | Self::NameIsSlug { .. }
            | Self::SlugTaken { .. } => Kind::CannotCreate,
            Self::BadSlug { .. }
            | Self::InUse { .. }
            | Self::ShortControlWord { .. }
            | Self::WeakControlWord { .. } => Kind::Refused,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound { .. } => Some("company"),
            Self::Exists { .. } | Self::NameTaken { .. } | Self::NameIsSlug { .. } => Some("name"),
            Self::SlugTaken { .. } | Self::BadSlug { .. } => Some("slug"),
            Self::ShortControlWord { .. } | Self::WeakControlWord { .. } => Some("control_word"),
            Self::InUse { .. } => None,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { near: None, .. } => Some("secboard company list".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { name, near } => {
                near_or_new(near.as_deref(), name, secboard("company create").operand(name))
            }
            Self::Exists { .. } => "add `--if-absent` if that is all right".to_owned(),
            Self::NameTaken { .. } => "choose another name".to_owned(),
            Self::NameIsSlug { name } => format!(
                "choose another name, or give that company another slug with `{}`",
                secboard("company edit").operand(name).flags("--slug …")
            ),
            Self::SlugTaken { .. } => "choose another with `--slug`".to_owned(),
            Self::BadSlug { .. } => "use lower-case letters a to z, digits and hyphens".to_owned(),
            Self::ShortControlWord { .. } | Self::WeakControlWord { .. } => {
                "choose another, or have one made with `secboard company control-word rotate`".to_owned()
            }
            Self::InUse { .. } => "move or delete what refers to it first".to_owned(),
        })
    }
}
