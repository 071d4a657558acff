//! Keeping the search index: changes wait and are written in the order of their places.
//!
//! FTS5 collects what it is given in memory, but flushes that whenever a row comes before the one just written. People
//! are written in any order, so their changes wait here, for a transaction or for as many as FTS5 would collect.

use rusqlite::named_params;

use super::Tx;
use crate::error::Result;

const INDEX: &str = "INSERT INTO users_search (rowid, search) VALUES (:place, :text)";

/// The index keeps no text of its own, so it is told what it held.
const UNINDEX: &str =
    "INSERT INTO users_search (users_search, rowid, search) VALUES ('delete', :place, :text)";

/// Changes that wait at most, a megabyte or two of text.
const MOST_WAITING: usize = 10_000;

/// What the search index holds of a person: a row of the view `users_searched`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Indexed {
    /// Where it stands.
    pub(crate) place: i64,
    /// What is looked in.
    pub(crate) text: String,
}

/// A change that waits.
#[derive(Debug)]
pub(super) struct Change {
    sql: &'static str,
    entry: Indexed,
}

impl Tx<'_> {
    /// Makes a person findable.
    pub(crate) fn index(&self, entry: Indexed) -> Result<()> {
        self.wait(Change { sql: INDEX, entry })
    }

    /// Makes a person unfindable by what the index holds.
    pub(crate) fn unindex(&self, entry: Indexed) -> Result<()> {
        self.wait(Change { sql: UNINDEX, entry })
    }

    fn wait(&self, change: Change) -> Result<()> {
        let waiting = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push(change);
            waiting.len()
        };
        if waiting >= MOST_WAITING { self.settle_search() } else { Ok(()) }
    }

    /// Writes what waits: before a commit, and before a search in the transaction that made the changes.
    pub(crate) fn settle_search(&self) -> Result<()> {
        let mut waiting = self.waiting.take();
        // Stable: what happened to one place stays in its order.
        waiting.sort_by_key(|change| change.entry.place);
        for Change { sql, entry } in waiting {
            let parameters = named_params! { ":place": entry.place, ":text": entry.text };
            self.sql().prepare_cached(sql)?.execute(parameters)?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[INDEX, UNINDEX];
