//! What is counted while a process runs, for whoever watches it, and what is asked of the store for them.
//!
//! A feature says what it counts by a [`Counter`], and what of it can be read at any time by a [`Gauge`]; the registry lists
//! both. Nothing of a person is in a label: its values are words of the program. Counts are of one process, and begin with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Context;
use crate::error::Result;

/// What is counted, by a label with few values.
pub(crate) struct Counter {
    /// How it is called, with `_total` at its end.
    pub(crate) name: &'static str,
    /// What it counts.
    pub(crate) about: &'static str,
    /// By what its values differ.
    pub(crate) label: &'static str,
    /// All of them.
    pub(crate) values: &'static [&'static str],
}

/// What is so now, read from the store at a bounded cost.
pub(crate) struct Gauge {
    /// How it is called.
    pub(crate) name: &'static str,
    /// What it says.
    pub(crate) about: &'static str,
    /// By what its values differ; nothing where there is one.
    pub(crate) label: Option<&'static str>,
    /// Each value of the label, and what is so of it; with the empty one where there is no label.
    pub(crate) read: fn(&Context) -> Result<Values>,
}

/// Values of a label, and what is so of each.
pub(crate) type Values = Vec<(&'static str, i64)>;

/// The most rows that a gauge looks at: one that is so high says that there are as many or more.
pub(crate) const MOST_ROWS: i64 = 100_000;

/// The counts of a process.
#[derive(Default)]
pub(crate) struct Meters(Mutex<BTreeMap<(&'static str, &'static str), u64>>);

impl Meters {
    /// Counts one of that value.
    pub(crate) fn count(&self, counter: &Counter, value: &'static str) {
        debug_assert!(counter.values.contains(&value), "{} has no value `{value}`", counter.name);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((counter.name, value)).or_default() += 1;
    }

    /// How many there were of each value.
    pub(crate) fn read(&self, counter: &Counter) -> Vec<(&'static str, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |value| counts.get(&(counter.name, value)).copied().unwrap_or_default();
        counter.values.iter().map(|value| (*value, count(*value))).collect()
    }
}
