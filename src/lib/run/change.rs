//! What a run does to one thing.

use serde::{Deserialize, Serialize};

use crate::audit::Fields;

/// What a change does to its subject; the words of plans and summaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// It comes to be.
    Create,
    /// Some of its fields change.
    Update,
    /// A person loses access.
    Deactivate,
    /// A person goes to the bin; anything else ends.
    Delete,
}

impl Action {
    /// Every action by its word.
    pub(super) const WORDS: [(&str, Self); 4] = [
        ("create", Self::Create),
        ("update", Self::Update),
        ("deactivate", Self::Deactivate),
        ("delete", Self::Delete),
    ];

    /// The word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }
}

/// The kind of a person, and the field of other changes that says whom they are about.
const PERSON: &str = "user";

/// One planned change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// What it does.
    pub(crate) action: Action,
    /// The kind of the subject, which finds its [`Target`](super::Target).
    pub(crate) kind: String,
    /// The subject's name as people use it.
    pub(crate) subject: String,
    /// The subject's id; none for what is to be created.
    pub(crate) subject_id: Option<i64>,
    /// The changed fields as they are: the inverse. No secrets.
    pub(crate) before: Fields,
    /// The changed fields as they will be. No secrets.
    pub(crate) after: Fields,
    /// What the names in those fields mean.
    pub(crate) ids: Ids,
    /// Why.
    pub(crate) reason: Option<String>,
    /// A secret that goes with the change, sealed; wiped when it is applied.
    pub(crate) sealed: Option<Vec<u8>>,
}

impl Change {
    /// The making of a thing with these fields.
    pub(crate) fn creation(kind: &str, subject: String, after: Fields) -> Self {
        Self {
            action: Action::Create,
            kind: kind.to_owned(),
            subject,
            subject_id: None,
            before: Fields::new(),
            after,
            ids: Ids::default(),
            reason: None,
            sealed: None,
        }
    }

    /// A change of the thing with that id.
    pub(crate) fn of(
        action: Action,
        kind: &str,
        (subject, id): (String, i64),
        fields: (Fields, Fields),
    ) -> Self {
        let (before, after) = fields;
        Self { action, subject_id: Some(id), before, ..Self::creation(kind, subject, after) }
    }

    /// Whether it names one more person to whoever reads the plan: it changes one, or is about one who is there already. One
    /// whom the plan makes is named by that.
    pub(crate) fn names_somebody(&self) -> bool {
        let of = self.ids.after.get(PERSON).and_then(serde_json::Value::as_i64);
        self.kind == PERSON || of.is_some_and(|id| id >= 0)
    }
}

/// What the names in the fields of a change mean: a name is for people, and may be another's by the time the change is
/// applied or taken back; an id is nobody else's ever.
///
/// Each side has, under the name of a field, the id behind its name, or the ids behind its list of names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ids {
    /// What a change makes goes by this number, below zero, in the changes after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) planned: Option<i64>,
    /// Of the fields as they are.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub(crate) before: Fields,
    /// Of the fields as they will be.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub(crate) after: Fields,
}

impl Ids {
    /// Whether there is nothing to keep.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
