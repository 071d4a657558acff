//! What commands on runs refuse.

use crate::error::{Explain, Kind};

/// What commands on runs refuse.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No run has an id that begins so.
    #[error("there is no run `{id}`")]
    NotFound {
        /// As typed.
        id: String,
    },
    /// Several runs have an id that begins so.
    #[error("several runs begin with `{id}`")]
    Ambiguous {
        /// As typed.
        id: String,
    },
    /// The brake holds the run.
    #[error("run `{id}` is held: {because}")]
    Held {
        /// Its id.
        id: String,
        /// Why.
        because: String,
    },
    /// A dry run would be held.
    #[error("this would be held: {because}")]
    WouldBeHeld {
        /// Why.
        because: String,
    },
    /// A change was applied without exactly one row in the audit: a defect of its target.
    #[error("the change of `{subject}` in run `{id}` did not make one audit row; nothing was changed")]
    NotOneRow {
        /// The run.
        id: String,
        /// Whose change.
        subject: String,
    },
    /// Only a held run can be released.
    #[error("run `{id}` is not held, it is {state}")]
    NotHeld {
        /// Its id.
        id: String,
        /// Its state.
        state: String,
    },
    /// Only an applied run can be undone.
    #[error("run `{id}` cannot be undone, it is {state}")]
    NotApplied {
        /// Its id.
        id: String,
        /// Its state.
        state: String,
    },
    /// A later secboard made the run.
    #[error("run `{id}` changes a `{kind}`, which this secboard does not know")]
    UnknownKind {
        /// Its id.
        id: String,
        /// The kind.
        kind: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "run.not_found",
            Self::Ambiguous { .. } => "run.ambiguous",
            Self::Held { .. } => "run.held",
            Self::WouldBeHeld { .. } => "run.would_be_held",
            Self::NotOneRow { .. } => "run.not_one_row",
            Self::NotHeld { .. } => "run.not_held",
            Self::NotApplied { .. } => "run.not_applied",
            Self::UnknownKind { .. } => "run.unknown_kind",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::Ambiguous { .. } => Kind::NotFound,
            Self::Held { .. } | Self::WouldBeHeld { .. } => Kind::Held,
            Self::NotOneRow { .. } => Kind::Bug,
            Self::NotHeld { .. } | Self::NotApplied { .. } => Kind::Refused,
            Self::UnknownKind { .. } => Kind::Config,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { .. } => "see them with `secboard run list`".to_owned(),
            Self::Ambiguous { .. } => "give more of the id".to_owned(),
            Self::Held { id, .. } => {
                format!("look at it with `secboard run show {id}`, apply it with `secboard run release {id}`")
            }
            Self::WouldBeHeld { .. } => {
                "without `--dry-run` it becomes a held run, which `secboard run release` applies".to_owned()
            }
            Self::NotOneRow { .. } => "please report it with the command and these lines".to_owned(),
            Self::NotHeld { .. } | Self::NotApplied { .. } => "see `secboard run list`".to_owned(),
            Self::UnknownKind { .. } => "use the secboard that made the run, or a newer".to_owned(),
        })
    }
}
