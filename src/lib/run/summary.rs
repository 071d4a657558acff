//! How many changes of each kind a plan holds, and what it takes from people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Effect};

/// What people are counted as; everything else is counted beside them.
pub(super) const PEOPLE: &str = "people";

/// How many changes of each kind a plan holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// People.
    pub(crate) people: UserCounts,
    /// What is changed beside them, by kind.
    pub(crate) also: BTreeMap<String, u64>,
    /// Mails that are sent because of it.
    #[serde(default)]
    pub(crate) mails: u64,
    /// What it takes from people; nothing is known of that for runs of an older secboard.
    #[serde(default)]
    pub(crate) effect: Effect,
}

/// How many people each action concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserCounts {
    /// Created.
    pub(crate) create: u64,
    /// Changed.
    pub(crate) update: u64,
    /// Losing access.
    pub(crate) deactivate: u64,
    /// Going to the bin.
    pub(crate) delete: u64,
    /// Looked at and skipped.
    pub(crate) unchanged: u64,
    /// Refused by a rule.
    pub(crate) refused: u64,
}

impl Summary {
    /// Nothing yet, of things that are counted so.
    pub(super) fn of(kinds: impl IntoIterator<Item = &'static str>) -> Self {
        let also = kinds.into_iter().filter(|kind| *kind != PEOPLE).map(|kind| (kind.to_owned(), 0));
        Self { also: also.collect(), ..Self::default() }
    }

    /// Counts a change of a thing that is counted so.
    pub(super) fn count(&mut self, kind: &str, action: Action) {
        *self.counter(kind, action) += 1;
    }

    /// Counts a change no longer that was left out.
    pub(super) fn leave_out(&mut self, kind: &str, action: Action) {
        let counter = self.counter(kind, action);
        *counter = counter.saturating_sub(1);
    }

    fn counter(&mut self, kind: &str, action: Action) -> &mut u64 {
        if kind != PEOPLE {
            return self.also.entry(kind.to_owned()).or_default();
        }
        match action {
            Action::Create => &mut self.people.create,
            Action::Update => &mut self.people.update,
            Action::Deactivate => &mut self.people.deactivate,
            Action::Delete => &mut self.people.delete,
        }
    }

    /// How many changes there are.
    pub(super) fn changes(&self) -> u64 {
        let people = &self.people;
        people.all() - people.unchanged - people.refused + self.also.values().sum::<u64>()
    }

    /// How many things are changed that are counted so, people apart.
    pub(crate) fn also(&self, kind: &str) -> u64 {
        self.also.get(kind).copied().unwrap_or_default()
    }
}

impl UserCounts {
    /// Everybody the plan looked at.
    pub(crate) const fn all(&self) -> u64 {
        self.create + self.update + self.deactivate + self.delete + self.unchanged + self.refused
    }
}
