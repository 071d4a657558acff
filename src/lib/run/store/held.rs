//! The SQL of how many runs the brake holds.

use rusqlite::named_params;

use crate::context::meters::MOST_ROWS;
use crate::error::Result;
use crate::store::Tx;

/// Of the last so many runs: a run is a command, and the older ones are over.
const COUNT: &str = "
    SELECT count(*) FROM (SELECT state FROM runs ORDER BY rowid DESC LIMIT :most) WHERE state = 'held'";

/// How many runs are held.
pub(in crate::run) fn count(tx: &Tx<'_>) -> Result<i64> {
    let parameters = named_params! { ":most": MOST_ROWS };
    Ok(tx.sql().prepare_cached(COUNT)?.query_row(parameters, |row| row.get(0))?)
}

#[cfg(test)]
pub(in crate::run) const STATEMENTS: &[&str] = &[COUNT];
