//! What commands on runs refuse.

use super::Run;
use crate::error::{Explain, Kind};
use crate::text::shell::secboard;

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
    #[error("several runs begin with `{id}`: {}", .runs.join(", "))]
    Ambiguous {
        /// As typed.
        id: String,
        /// The ids of the first of them.
        runs: Vec<String>,
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
    /// What is no run would take access from as many as a run is held for.
    #[error("{because}")]
    TooMany {
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
    /// Only a held run can be released, and this one was applied.
    #[error("run `{id}` is not held: it was applied already")]
    Applied {
        /// Its id.
        id: String,
    },
    /// Only a held run can be released, and this one was applied and taken back.
    #[error("run `{id}` is not held: it was applied and then undone")]
    AppliedAndUndone {
        /// Its id.
        id: String,
    },
    /// Only an applied run can be undone, and this one is held.
    #[error("run `{id}` is held: it has changed nothing that could be undone")]
    StillHeld {
        /// Its id.
        id: String,
    },
    /// Only an applied run can be undone, and this one was undone as a whole.
    #[error("run `{id}` was undone already")]
    Undone {
        /// Its id.
        id: String,
    },
    /// What has the name now got it after the change was planned or done.
    #[error("{kind} `{name}` was made, renamed or moved since, so the name may mean another now")]
    NamedSince {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
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

impl Error {
    /// Why a run that is not held cannot be released.
    pub(super) fn not_held(run: Run) -> Self {
        if run.state == "applied" {
            Self::Applied { id: run.id }
        } else {
            Self::AppliedAndUndone { id: run.id }
        }
    }

    /// Why a run that is neither applied nor partly undone cannot be undone.
    pub(super) fn not_applied(run: Run) -> Self {
        if run.state == "held" { Self::StillHeld { id: run.id } } else { Self::Undone { id: run.id } }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "run.not_found",
            Self::Ambiguous { .. } => "run.ambiguous",
            Self::Held { .. } => "run.held",
            Self::WouldBeHeld { .. } => "run.would_be_held",
            Self::TooMany { .. } => "run.too_many",
            Self::NotOneRow { .. } => "run.not_one_row",
            Self::Applied { .. } | Self::AppliedAndUndone { .. } => "run.not_held",
            Self::StillHeld { .. } | Self::Undone { .. } => "run.not_applied",
            Self::NamedSince { .. } => "run.named_since",
            Self::UnknownKind { .. } => "run.unknown_kind",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::Ambiguous { .. } => Kind::NotFound,
            Self::Held { .. } | Self::WouldBeHeld { .. } | Self::TooMany { .. } => Kind::Held,
            Self::NotOneRow { .. } => Kind::Bug,
            Self::Applied { .. }
            | Self::AppliedAndUndone { .. }
            | Self::StillHeld { .. }
            | Self::Undone { .. }
            | Self::NamedSince { .. } => Kind::Refused,
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
            Self::TooMany { .. } => "take it from them first with `secboard group remove-member` or `secboard user remove-role`, which make a run \
                that can be looked at, released and undone".to_owned(),
            Self::NotOneRow { .. } => "please report it with the command and these lines".to_owned(),
            Self::Applied { id } => format!("undo it with `secboard run undo {id}`"),
            Self::StillHeld { id } => {
                format!("apply it with `secboard run release {id}`, or leave it as it is")
            }
            Self::AppliedAndUndone { .. } | Self::Undone { .. } => {
                "to change the same again, give the command that made it once more".to_owned()
            }
            Self::NamedSince { kind, name } => {
                format!(
                    "look at it with `{}`, and change each {kind} anew",
                    secboard("audit list").option("--subject", name)
                )
            }
            Self::UnknownKind { .. } => "use the secboard that made the run, or a newer".to_owned(),
        })
    }
}
