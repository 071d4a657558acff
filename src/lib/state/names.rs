//! What was called how, and when: by the number of the row, for a clock may be wrong.
//!
//! Rows name companies, departments, groups and the rest as they were called at the time of the row. Something else may
//! have the name since.

use std::collections::{HashMap, HashSet};

/// How something was called, from a row on and before another.
#[derive(Debug)]
struct Span {
    scope: i64,
    name: String,
    from: i64,
    until: i64,
}

/// What bore a name, from a row on and before another.
#[derive(Debug)]
struct Bearer {
    id: i64,
    from: i64,
    until: i64,
}

/// The names of one kind of thing. The scope is the company a name is used in, 0 for all.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_name: HashMap<i64, HashMap<String, Vec<Bearer>>>,
    by_id: HashMap<i64, Vec<Span>>,
    /// What has no name any more.
    ended: HashSet<i64>,
}

impl Names {
    /// The row `seq` gave something this name.
    pub(super) fn set(&mut self, id: i64, (scope, name): (i64, &str), seq: i64) {
        let spans = self.by_id.entry(id).or_default();
        if spans
            .last()
            .is_some_and(|last| last.until == i64::MAX && (last.scope, last.name.as_str()) == (scope, name))
        {
            return;
        }
        self.end(id, seq);
        self.ended.remove(&id);
        let name = name.to_owned();
        let named = self.by_name.entry(scope).or_default().entry(name.clone()).or_default();
        named.push(Bearer { id, from: seq, until: i64::MAX });
        self.by_id.entry(id).or_default().push(Span { scope, name, from: seq, until: i64::MAX });
    }

    /// The row `seq` took the name: something ended, or got another.
    pub(super) fn end(&mut self, id: i64, seq: i64) {
        let Some(last) = self.by_id.get_mut(&id).and_then(|spans| spans.last_mut()) else { return };
        if last.until != i64::MAX {
            return;
        }
        last.until = seq;
        self.ended.insert(id);
        let named = self.by_name.get_mut(&last.scope).and_then(|names| names.get_mut(&last.name));
        for bearer in named.into_iter().flatten().filter(|bearer| bearer.id == id && bearer.until == i64::MAX)
        {
            bearer.until = seq;
        }
    }

    /// What was called so when the row `seq` was written; positions of two departments may be called alike.
    pub(super) fn at(&self, scope: i64, name: &str, seq: i64) -> impl DoubleEndedIterator<Item = i64> + '_ {
        let named = self.by_name.get(&scope).and_then(|names| names.get(name)).map_or(&[][..], Vec::as_slice);
        let bore = move |bearer: &&Bearer| bearer.from <= seq && seq <= bearer.until;
        named.iter().filter(bore).map(|bearer| bearer.id)
    }

    /// How something was called when the row `seq` was written; none while it was not there.
    pub(super) fn of(&self, id: i64, seq: i64) -> Option<&str> {
        self.within(id, seq).map(|(_, name)| name)
    }

    /// How something was called when the row `seq` was written, and in which scope.
    pub(super) fn within(&self, id: i64, seq: i64) -> Option<(i64, &str)> {
        let spans = self.by_id.get(&id)?;
        let span = spans.iter().find(|span| span.from <= seq && seq < span.until)?;
        Some((span.scope, span.name.as_str()))
    }

    /// Whether something that had a name has one still.
    pub(super) fn is_there(&self, id: i64) -> bool {
        !self.ended.contains(&id)
    }
}
