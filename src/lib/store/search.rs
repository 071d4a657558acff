//! Keeping the search index: changes wait and are written in the order of their places.
//!
//! FTS5 collects what it is given in memory, but flushes that whenever a row comes before the one just written. What is
//! found is written in any order, so its changes wait here, for a transaction or for as many as FTS5 would collect.

use rusqlite::named_params;

use super::Tx;
use crate::error::Result;

/// Changes that wait at most, a megabyte or two of text.
const MOST_WAITING: usize = 10_000;

/// How an index is kept, by `:place` and `:text`.
#[derive(Debug)]
pub(crate) struct SearchIndex {
    /// Adds what is found there.
    pub(crate) add: &'static str,
    /// Removes it. The index keeps no text of its own, so it is told what it held.
    pub(crate) remove: &'static str,
    /// Makes all of it again, from what there is; without parameters.
    pub(crate) rebuild: &'static str,
}

/// A search index that is made again before the transaction ends.
#[derive(Debug)]
#[must_use = "a transaction that sets an index aside makes it again before it ends"]
pub(crate) struct SearchAside(());

/// What a search index holds of something.
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
    /// Makes something findable.
    pub(crate) fn index(&self, index: &SearchIndex, entry: Indexed) -> Result<()> {
        self.wait(Change { sql: index.add, entry })
    }

    /// Makes something unfindable by what the index holds.
    pub(crate) fn unindex(&self, index: &SearchIndex, entry: Indexed) -> Result<()> {
        self.wait(Change { sql: index.remove, entry })
    }

    /// Leaves the search index alone from now on, while nearly everything that it holds goes: to remove each costs more than
    /// to make it again of what is left.
    pub(crate) fn set_search_aside(&self) -> SearchAside {
        self.search_is_aside.set(true);
        SearchAside(())
    }

    /// Whether the search index is made again later, whatever becomes of what it holds.
    pub(crate) fn has_search_aside(&self) -> bool {
        self.search_is_aside.get()
    }

    /// Makes the search index again.
    pub(crate) fn rebuild_search(&self, index: &SearchIndex, SearchAside(()): SearchAside) -> Result<()> {
        self.waiting.take();
        self.sql().execute(index.rebuild, [])?;
        self.search_is_aside.set(false);
        Ok(())
    }

    fn wait(&self, change: Change) -> Result<()> {
        if self.has_search_aside() {
            return Ok(());
        }
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
