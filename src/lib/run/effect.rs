//! What a run takes from people: measured by its effect, whatever it changes.

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::count::{counted, people};

/// What would come of it, of one and of many.
const NO_LOGIN: &str = "would no longer be able to log in";
const NO_GROUP: &str = "would be in no group any more";

/// What changes take from people, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Effect {
    /// People who lose anything of it.
    pub(crate) people: u64,
    /// Those of them who may no longer log in.
    pub(crate) without_login: u64,
    /// Those who may, and are in no group any more.
    pub(crate) without_group: u64,
    /// What those who may still log in are no longer permitted, counted for each person and company.
    pub(crate) permissions: u64,
}

impl Effect {
    /// Whether nobody loses anything.
    pub(crate) const fn is_nothing(&self) -> bool {
        self.people == 0
    }

    /// What it is, in words: what has come of it, or what would.
    pub(crate) fn said(&self, tense: Tense) -> String {
        let (may, parts) = match tense {
            Tense::Done => (
                "may do",
                [
                    (self.without_login, "may no longer log in", "may no longer log in"),
                    (self.without_group, "is in no group any more", "are in no group any more"),
                    (self.permissions, "permission of theirs goes", "permissions of theirs go"),
                ],
            ),
            Tense::Would => (
                "would be able to do",
                [
                    (self.without_login, NO_LOGIN, NO_LOGIN),
                    (self.without_group, NO_GROUP, NO_GROUP),
                    (self.permissions, "permission of theirs would go", "permissions of theirs would go"),
                ],
            ),
        };
        if self.is_nothing() {
            return format!("nobody {may} less than before");
        }
        format!("{} {may} less than before: {}", people(self.people), counted(&parts))
    }
}

/// Whether what is told of has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tense {
    /// It has.
    Done,
    /// It is asked about, held, or a dry run.
    Would,
}

/// What one person loses.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    /// The login name.
    pub(crate) email: String,
    /// First and last name.
    pub(crate) full_name: Option<String>,
    /// The company's name.
    pub(crate) company: Option<String>,
    /// The groups they are no longer in.
    pub(crate) groups: Vec<String>,
    /// What nothing else grants them: `permission`, or `permission@Company`.
    pub(crate) permissions: Vec<String>,
    /// Whether they are in the bin, where nothing is in force.
    pub(crate) in_bin: bool,
    /// What is taken from who is in the bin: ``role `clerk` ``, ``department `Sales` ``.
    pub(crate) taken: Vec<String>,
}

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// How much is taken.
    pub(crate) effect: Effect,
    /// Why it is to be held, beside how much is taken.
    pub(crate) reasons: Vec<Reason>,
    /// Who loses what, of those the actor may be told of; only where it was asked for.
    pub(crate) losses: Vec<Loss>,
}

impl Measured {
    /// Whether nobody loses anything, and nothing else speaks against it.
    pub(super) fn is_harmless(&self) -> bool {
        self.effect.is_nothing() && self.reasons.is_empty()
    }
}

/// The people from whom changes can take something.
#[derive(Debug, Clone, Default)]
pub(crate) struct AffectedPeople {
    people: Vec<i64>,
    through: Vec<i64>,
}

impl AffectedPeople {
    /// Somebody who is changed.
    pub(crate) fn person(&mut self, id: i64) {
        self.people.push(id);
    }

    /// Somebody who has what is changed: who may not change them may not change that either.
    pub(crate) fn through(&mut self, id: i64) {
        self.people.push(id);
        self.through.push(id);
    }

    /// All of them, each once, by rising id.
    pub(crate) fn people(&self) -> Vec<i64> {
        distinct(&self.people)
    }

    /// Those who have what is changed, each once, by rising id.
    pub(crate) fn having(&self) -> Vec<i64> {
        distinct(&self.through)
    }

    /// Whether there is nobody.
    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

fn distinct(ids: &[i64]) -> Vec<i64> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Says what people have, before and after changes: the one function that is asked for every kind of change.
pub(crate) trait Measure {
    /// Notes what these people have; refuses an actor who may not change one of them.
    fn before(&mut self, cx: &Context, tx: &Tx<'_>, affected: &AffectedPeople) -> Result<()>;

    /// What they have no longer; `with_losses` asks for each of them.
    fn after(&mut self, cx: &Context, tx: &Tx<'_>, with_losses: bool) -> Result<Measured>;
}
