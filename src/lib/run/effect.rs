//! What a run takes from people: measured by its effect, whatever it changes.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

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
    pub(super) const fn is_nothing(&self) -> bool {
        self.people == 0
    }
}

/// The people from whom changes can take something.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    people: Vec<i64>,
}

impl Reached {
    /// Somebody who is changed.
    pub(crate) fn person(&mut self, id: i64) {
        self.people.push(id);
    }

    /// All of them, each once, by rising id.
    pub(crate) fn people(&self) -> Vec<i64> {
        let mut ids = self.people.clone();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Whether there is nobody.
    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// Says what people have, before and after changes: the one function that is asked for every kind of change.
pub(crate) trait Measure {
    /// Notes what these people have.
    fn before(&mut self, cx: &Context, tx: &Tx<'_>, reached: &Reached) -> Result<()>;

    /// How much of that they have no longer.
    fn after(&mut self, cx: &Context, tx: &Tx<'_>) -> Result<Effect>;
}
