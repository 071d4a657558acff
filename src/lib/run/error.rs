//! What commands on runs refuse.

use super::{Change, Run, State, makers};
use crate::audit;
use crate::context::{Actor, CompanyScope, Context};
use crate::error::{Explain, Kind, Result};
use crate::store::Tx;

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
        /// Whether who is told may apply it.
        is_theirs: bool,
    },
    /// A dry run would be held.
    #[error("this would be held: {because}")]
    WouldBeHeld {
        /// Why.
        because: String,
        /// Whether who is told may apply it.
        is_theirs: bool,
    },
    /// What was to be a plain change takes something from somebody, and is taken back to be a run.
    #[error("this takes access from somebody")]
    TakesAccess,
    /// The subject of a change is not as it was when the change was planned.
    #[error("{kind} `{name}` has been changed since")]
    Changed {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The subject of a change is there no longer.
    #[error("{kind} `{name}` is gone")]
    Gone {
        /// What it was.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// What a change needs was ended by a run, whose undo brings it back.
    #[error("{kind} `{name}` is gone: run `{run}` ended it")]
    EndedBy {
        /// What it was.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The run.
        run: String,
    },
    /// Somebody is no longer where a place is that a change gives them; another of the same name is not meant.
    #[error("{kind} `{name}` is of {of} `{above}`, which is not theirs any more")]
    Elsewhere {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
        /// What it belongs to.
        of: &'static str,
        /// The name of that.
        above: String,
    },
    /// A thing that a run is about is not as it was when the run was planned.
    #[error("run `{id}` no longer fits, and nothing was changed: {why}")]
    NoLongerFits {
        /// The run.
        id: String,
        /// Why not.
        why: String,
    },
    /// A held run needs the rights of the account that made it, which may not act any more.
    #[error("run `{id}` was planned by `{maker}`, on whose behalf nothing is done any more: {why}")]
    MakerMayNot {
        /// The run.
        id: String,
        /// Who made it.
        maker: String,
        /// Why the account may not act.
        why: String,
    },
    /// Who releases a held run may not make all of it, and who made it may.
    #[error("run `{id}` stays held: of {of}, {why}")]
    ReleaserMayNot {
        /// The run.
        id: String,
        /// What the change is about, as far as who is told may know.
        of: String,
        /// Why they may not.
        why: String,
    },
    /// What the account that made a held run may do was changed while the run was about to be released.
    #[error("what `{maker}` may do has changed just now, and nothing of run `{id}` was released")]
    MakerChanged {
        /// The run.
        id: String,
        /// Who made it.
        maker: String,
    },
    /// A change was applied without exactly one row in the audit: a defect of its target.
    #[error("the change of `{subject}` in run `{id}` did not make one audit row; nothing was changed")]
    NotOneRow {
        /// The run.
        id: String,
        /// Whose change.
        subject: String,
    },
    /// The stored run is not what was planned.
    #[error("run `{id}` is not as it was planned; nothing was changed")]
    Altered {
        /// Its id.
        id: String,
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
        /// Whether who is told may apply it.
        is_theirs: bool,
    },
    /// Only an applied run can be undone, and this one was undone as a whole.
    #[error("run `{id}` was undone already")]
    Undone {
        /// Its id.
        id: String,
    },
    /// Only an applied run can be undone, and this one was ended while it was held.
    #[error("run `{id}` was never applied: it has changed nothing that could be undone")]
    NeverApplied {
        /// Its id.
        id: String,
    },
    /// Only a held run can be released or discarded, and this one was ended while it was held.
    #[error("run `{id}` is not held: {how}")]
    Ended {
        /// Its id.
        id: String,
        /// How it ended.
        how: &'static str,
    },
    /// An older secboard kept names in its runs and not what they mean, and a name may have passed to another since.
    #[error("an older secboard planned it by names, which may mean others now")]
    WithoutIds,
    /// A change needs what another change of the run was to make and did not.
    #[error("what it belongs to is gone, or was not made")]
    NotMade,
    /// Not everything fitted any longer when a run was applied.
    #[error("{count} of the changes no longer fitted and were left out")]
    SomeLeftOut {
        /// How many.
        count: u64,
        /// The run, where one is kept.
        run: Option<String>,
    },
    /// What was written down of a subject does not read.
    #[error("what the run kept of `{field}` cannot be read")]
    Unreadable {
        /// The field.
        field: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A plan does not let itself be written down.
    #[error("the plan cannot be kept")]
    Unwritable {
        /// Why.
        source: serde_json::Error,
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
    /// The thing with that id is there no longer: how it was called last, and the run that ended it, unless that is the one
    /// that is taken back.
    pub(crate) fn gone(tx: &Tx<'_>, (kind, id): (&'static str, i64), undone: Option<&str>) -> Result<Self> {
        let Some(last) = audit::changes_of(tx, kind, id)?.into_iter().next() else {
            return Ok(Self::Gone { kind, name: id.to_string() });
        };
        let (is_undo, name) = (last.is_undo(), last.subject);
        Ok(match last.run {
            Some(run) if !is_undo && undone != Some(run.as_str()) => Self::EndedBy { kind, name, run },
            _ => Self::Gone { kind, name },
        })
    }

    /// What was written down in a field of a change is not what it is to be.
    pub(crate) fn unreadable(
        field: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unreadable { field: field.to_owned(), source: source.into() }
    }

    /// A change that who releases a run may not make. People are named to who may look at everybody.
    pub(super) fn of_releaser(cx: &Context, run: &str, change: &Change, why: &str) -> Self {
        let is_told = !change.names_somebody() || cx.actor.reach_of_names() == CompanyScope::All;
        let of = if is_told { format!("`{}`", change.subject) } else { "somebody".to_owned() };
        Self::ReleaserMayNot { id: run.to_owned(), of, why: why.to_owned() }
    }

    /// The brake holds a run; what one can do about it depends on who one is.
    pub(super) fn held(actor: &Actor, run: &Run, because: &str) -> Self {
        Self::Held { id: run.id.clone(), because: because.to_owned(), is_theirs: makers::is_over_all(actor) }
    }

    /// A dry run would be held.
    pub(super) fn would_be_held(actor: &Actor, because: &str) -> Self {
        Self::WouldBeHeld { because: because.to_owned(), is_theirs: makers::is_over_all(actor) }
    }

    /// Why a run that is not held cannot be released.
    pub(super) fn not_held(run: Run) -> Self {
        match run.state {
            State::Held | State::Applied => Self::Applied { id: run.id },
            State::Undone | State::PartlyUndone => Self::AppliedAndUndone { id: run.id },
            State::Discarded => Self::Ended { id: run.id, how: "it was discarded" },
            State::Superseded => Self::Ended { id: run.id, how: "a newer run of the same took its place" },
        }
    }

    /// Why a run that is neither applied nor partly undone cannot be undone.
    pub(super) fn not_applied(run: Run, actor: &Actor) -> Self {
        match run.state {
            State::Held => Self::StillHeld { id: run.id, is_theirs: makers::is_over_all(actor) },
            State::Discarded | State::Superseded => Self::NeverApplied { id: run.id },
            State::Applied | State::Undone | State::PartlyUndone => Self::Undone { id: run.id },
        }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "run.not_found",
            Self::Ambiguous { .. } => "run.ambiguous",
            Self::Held { .. } => "run.held",
            Self::WouldBeHeld { .. } => "run.would_be_held",
            Self::TakesAccess => "run.takes_access",
            Self::Changed { .. } => "run.changed",
            Self::Gone { .. } | Self::EndedBy { .. } => "run.gone",
            Self::Elsewhere { .. } => "run.elsewhere",
            Self::NoLongerFits { .. } => "run.no_longer_fits",
            Self::MakerMayNot { .. } => "run.maker_may_not",
            Self::ReleaserMayNot { .. } => "run.releaser_may_not",
            Self::MakerChanged { .. } => "run.maker_changed",
            Self::NotOneRow { .. } => "run.not_one_row",
            Self::Altered { .. } => "run.altered",
            Self::Applied { .. } | Self::AppliedAndUndone { .. } | Self::Ended { .. } => "run.not_held",
            Self::StillHeld { .. } | Self::Undone { .. } | Self::NeverApplied { .. } => "run.not_applied",
            Self::WithoutIds => "run.without_ids",
            Self::NotMade => "run.not_made",
            Self::SomeLeftOut { .. } => "run.some_left_out",
            Self::Unreadable { .. } => "run.unreadable",
            Self::Unwritable { .. } => "run.unwritable",
            Self::UnknownKind { .. } => "run.unknown_kind",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } | Self::Ambiguous { .. } => Kind::NotFound,
            Self::Held { .. } | Self::WouldBeHeld { .. } | Self::TakesAccess => Kind::Held,
            Self::NotOneRow { .. } | Self::Unwritable { .. } => Kind::Bug,
            Self::SomeLeftOut { .. } => Kind::No,
            Self::ReleaserMayNot { .. } => Kind::Denied,
            Self::MakerChanged { .. } => Kind::Busy,
            Self::Applied { .. }
            | Self::AppliedAndUndone { .. }
            | Self::StillHeld { .. }
            | Self::Undone { .. }
            | Self::NeverApplied { .. }
            | Self::Ended { .. }
            | Self::Changed { .. }
            | Self::Gone { .. }
            | Self::EndedBy { .. }
            | Self::Elsewhere { .. }
            | Self::NoLongerFits { .. }
            | Self::MakerMayNot { .. }
            | Self::WithoutIds
            | Self::NotMade => Kind::Refused,
            Self::UnknownKind { .. } | Self::Unreadable { .. } | Self::Altered { .. } => Kind::Config,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFound { .. } => Some("secboard run list".to_owned()),
            Self::Held { id, .. }
            | Self::StillHeld { id, .. }
            | Self::ReleaserMayNot { id, .. }
            | Self::SomeLeftOut { run: Some(id), .. } => Some(format!("secboard run show {id}")),
            Self::NoLongerFits { id, .. } | Self::MakerMayNot { id, .. } => {
                Some(format!("secboard run discard {id}"))
            }
            Self::MakerChanged { id, .. } => Some(format!("secboard run release {id}")),
            Self::EndedBy { run, .. } => Some(format!("secboard run undo {run}")),
            Self::Applied { id } => Some(format!("secboard run undo {id}")),
            Self::Altered { .. } => Some("secboard audit verify --state".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotFound { .. } => "see them".to_owned(),
            Self::Ambiguous { .. } => "give more of the id".to_owned(),
            Self::Held { id, is_theirs: false, .. } | Self::StillHeld { id, is_theirs: false } => format!(
                "who has `users.edit` for all companies applies it with `secboard run release {id}`; end it with \
                `secboard run discard {id}`, or look at it"
            ),
            Self::Held { id, .. } | Self::StillHeld { id, .. } => format!(
                "apply it with `secboard run release {id}`, end it with `secboard run discard {id}`, or look at it"
            ),
            Self::WouldBeHeld { is_theirs: false, .. } => {
                "without `--dry-run` it becomes a held run, which who has `users.edit` for all companies applies with \
                `secboard run release ID`"
                    .to_owned()
            }
            Self::WouldBeHeld { .. } => {
                "without `--dry-run` it becomes a held run, which `secboard run release ID` applies".to_owned()
            }
            Self::TakesAccess => "confirm it with `--yes`".to_owned(),
            Self::NoLongerFits { .. } => {
                "give the command that made it once more, and end this one".to_owned()
            }
            Self::MakerMayNot { .. } => {
                "look at it, give the command that made it yourself, and end this one".to_owned()
            }
            Self::ReleaserMayNot { .. } => {
                "somebody who may make all of it and is not affected by it releases it, or look at it".to_owned()
            }
            Self::MakerChanged { .. } => "run it again".to_owned(),
            Self::EndedBy { .. } => "bring it back first".to_owned(),
            Self::SomeLeftOut { run: None, .. }
            | Self::NotMade
            | Self::Changed { .. }
            | Self::Gone { .. }
            | Self::Elsewhere { .. } => {
                "give the command again, so that it is planned on what there is now".to_owned()
            }
            Self::NotOneRow { .. } | Self::Unwritable { .. } => {
                "please report it with the command and these lines".to_owned()
            }
            Self::Applied { .. } => "undo it".to_owned(),
            Self::WithoutIds => {
                "give the command that made the run once more, and discard one that is held".to_owned()
            }
            Self::SomeLeftOut { run: Some(_), .. } => "look at what was left out".to_owned(),
            Self::Altered { .. } => {
                "somebody wrote to the store past secboard: put back the latest copy of the store and its key, and see what it was".to_owned()
            }
            Self::AppliedAndUndone { .. }
            | Self::Undone { .. }
            | Self::NeverApplied { .. }
            | Self::Ended { .. } => {
                "to change the same again, give the command that made it once more".to_owned()
            }
            Self::UnknownKind { .. } | Self::Unreadable { .. } => {
                "use the secboard that made the run, or a newer".to_owned()
            }
        })
    }
}
