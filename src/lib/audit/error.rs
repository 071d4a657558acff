//! What commands on the audit refuse, and what is wrong with it.

use super::actions;
use crate::error::{Explain, Kind};
use crate::store::Alteration;

/// An audit command that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No row has this number.
    #[error("there is no audit row {seq}")]
    NotFound {
        /// The number.
        seq: i64,
    },
    /// No row tells of what is called so or has this id.
    #[error("the audit tells of nothing called `{subject}`")]
    UnknownSubject {
        /// As typed.
        subject: String,
        /// What could be meant.
        near: Option<String>,
    },
    /// Nobody is called so, and nobody who was ever acted.
    #[error("there is no actor `{actor}`")]
    UnknownActor {
        /// As typed.
        actor: String,
    },
    /// No row is written with this action.
    #[error("there is no action `{action}`")]
    UnknownAction {
        /// As typed.
        action: String,
        /// What could be meant.
        near: Option<String>,
    },
    /// No run has an id that begins so.
    #[error("there is no run `{run}`")]
    UnknownRun {
        /// As typed.
        run: String,
    },
    /// Several runs have.
    #[error("several runs begin with `{run}`")]
    SeveralRuns {
        /// As typed.
        run: String,
    },
    /// The file given as a checkpoint is none.
    #[error("`{file}` is not a checkpoint: {reason}")]
    BadCheckpoint {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What a row says cannot be read.
    #[error("the audit is damaged: `{column}` of row {seq} of the table `audit` {reason}")]
    Damaged {
        /// The row.
        seq: i64,
        /// The column.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Something new would get the id of what there was.
    #[error(
        "the store is damaged: the audit tells of {kind} {id} or a later one already, and no id is used again"
    )]
    UsedId {
        /// Of what kind.
        kind: &'static str,
        /// The id.
        id: i64,
    },
    /// The secret in the place of the key is none, or does not open.
    #[error("the key of the audit is damaged: the secret in `audit_keys.sealed` of row 1 does not open")]
    BadKey,
    /// There is no secret in the place of the key, and there are rows that were written with one.
    #[error(
        "the key of the audit is lost: `audit_keys` has no row, and rows of `audit` were written with it"
    )]
    LostKey,
    /// The audit does not end where it ended when its last row was written.
    #[error("rows were cut off the end of the audit: it ends with row {reached}, and {}", went_on(*.reached, *.highest))]
    CutOff {
        /// The last row there is.
        reached: i64,
        /// The last row that is known to have been written.
        highest: i64,
    },
    /// Something in the store is not as this program makes it, and may keep from being told what is changed.
    #[error("the store {0}: nothing is written")]
    Foreign(Alteration),
    /// What is to be told does not let itself be written down.
    #[error("the audit cannot tell of this, and nothing was changed")]
    Unwritable {
        /// Why.
        source: serde_json::Error,
    },
    /// A new key was asked for, and nothing is wrong with the one there is.
    #[error("nothing is wrong with the key of the audit, which proves its rows: no new one is begun")]
    KeyIsWhole,
}

fn went_on(reached: i64, highest: i64) -> String {
    if highest > reached {
        format!("row {highest} was written once")
    } else {
        "by its key it went on".to_owned()
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "audit.not_found",
            Self::UnknownSubject { .. } => "audit.unknown_subject",
            Self::UnknownActor { .. } => "audit.unknown_actor",
            Self::UnknownAction { .. } => "audit.unknown_action",
            Self::UnknownRun { .. } => "audit.unknown_run",
            Self::SeveralRuns { .. } => "audit.several_runs",
            Self::BadCheckpoint { .. } => "audit.bad_checkpoint",
            Self::Damaged { .. } => "audit.damaged",
            Self::UsedId { .. } => "audit.used_id",
            Self::BadKey => "audit.bad_key",
            Self::LostKey => "audit.lost_key",
            Self::CutOff { .. } => "audit.cut_off",
            Self::Foreign(_) => "audit.foreign",
            Self::Unwritable { .. } => "audit.unwritable",
            Self::KeyIsWhole => "audit.key_is_whole",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. }
            | Self::UnknownSubject { .. }
            | Self::UnknownActor { .. }
            | Self::UnknownAction { .. }
            | Self::UnknownRun { .. }
            | Self::SeveralRuns { .. } => Kind::NotFound,
            Self::BadCheckpoint { .. } | Self::KeyIsWhole => Kind::Refused,
            Self::Damaged { .. }
            | Self::UsedId { .. }
            | Self::BadKey
            | Self::LostKey
            | Self::Foreign(_)
            | Self::CutOff { .. } => Kind::Config,
            Self::Unwritable { .. } => Kind::Bug,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => Some("secboard audit list".to_owned()),
            Self::UnknownRun { .. } => Some("secboard run list".to_owned()),
            Self::BadCheckpoint { .. } => Some("secboard audit checkpoint".to_owned()),
            Self::Damaged { .. } | Self::Foreign(_) => Some("secboard audit verify".to_owned()),
            Self::BadKey | Self::LostKey => Some(
                "secboard key rotate --new-audit-key --reason 'the key of the audit was lost'".to_owned(),
            ),
            Self::CutOff { .. } => Some(
                "secboard key rotate --new-audit-key --reason 'rows of the audit were cut off'".to_owned(),
            ),
            Self::KeyIsWhole => Some("secboard key rotate".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { .. } | Self::UnknownRun { .. } => "see them".to_owned(),
            Self::UnknownSubject { near: Some(near), .. } | Self::UnknownAction { near: Some(near), .. } => {
                format!("did you mean `{near}`?")
            }
            Self::UnknownSubject { near: None, .. } => {
                "give a name it had at any time, its id, or both kind and id, such as 'user 2'".to_owned()
            }
            Self::UnknownActor { .. } => "give an email, an id, or the name of a shell user".to_owned(),
            Self::UnknownAction { near: None, .. } => {
                format!("the actions are {}", actions::KNOWN.join(", "))
            }
            Self::SeveralRuns { .. } => "give more of its id".to_owned(),
            Self::BadCheckpoint { .. } => "give a file that was written".to_owned(),
            Self::Damaged { .. } => "see which rows are as they were written".to_owned(),
            Self::Foreign(_) => {
                "somebody wrote to the file past secboard, and it may keep changes from being told: keep the file for those who look \
                into that, and put back the latest copy of the store in which nothing else is altered; see what is"
                    .to_owned()
            }
            Self::UsedId { .. } => {
                "nothing was changed; somebody wrote to the file past secboard: put back the latest copy of the store and its key"
                    .to_owned()
            }
            Self::CutOff { .. } => {
                "somebody wrote to the file past secboard: keep it for those who look into that, and put back the latest copy of the \
                store in which it is whole; if there is none, root or the owner of the store begins a new key, with a row that \
                says so for ever,"
                    .to_owned()
            }
            Self::BadKey | Self::LostKey => {
                "put back the latest copy of the store in which it is whole; if there is none, the rows there are keep the \
                plain chain alone, and root or the owner of the store begins a new one"
                    .to_owned()
            }
            Self::Unwritable { .. } => "please report it with the command and these lines".to_owned(),
            Self::KeyIsWhole => "replace the key of the store, which seals it again".to_owned(),
        })
    }
}
