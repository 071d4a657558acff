//! Indexes that are set aside while very many rows are written.
//!
//! Rows come in an order of their own, so each index over something else is written all over the place; once the indexes
//! outgrow the page cache, every row reads and writes a page of each. Sorted and written again in one go they cost a small
//! part of it. Both happen in the transaction of the rows: whatever ends it early brings the indexes back as they were.

use rusqlite::named_params;

use super::Tx;
use crate::error::Result;

const STATEMENT: &str = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = :name";

/// The page cache while indexes are made, in KiB.
const SORTING: i64 = 32 * 1024;

/// The statements that make again what [`Tx::set_indexes_aside`] took.
#[derive(Debug)]
#[must_use = "a transaction that sets indexes aside makes them again before it ends"]
pub(crate) struct SetAside(Vec<String>);

impl Tx<'_> {
    /// Drops these indexes of the schema.
    pub(crate) fn set_indexes_aside(&self, names: &[&str]) -> Result<SetAside> {
        let mut statements = Vec::new();
        for name in names {
            let parameters = named_params! { ":name": name };
            statements.push(self.sql().query_row(STATEMENT, parameters, |row| row.get(0))?);
            self.sql().execute_batch(&format!("DROP INDEX {name}"))?;
        }
        Ok(SetAside(statements))
    }

    /// Makes them again.
    ///
    /// What is sorted takes as much memory again as the page cache may have, so that is made smaller meanwhile.
    pub(crate) fn rebuild_indexes(&self, SetAside(statements): &SetAside) -> Result<()> {
        self.with_cache(SORTING, || {
            statements.iter().try_for_each(|statement| Ok(self.sql().execute_batch(statement)?))
        })
    }
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[STATEMENT];
