//! The SQL of settings.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::instant::Instant;

const ALL: &str = "SELECT name, value FROM settings";

const PUT: &str = "
    INSERT INTO settings (name, value, created_at, updated_at) VALUES (:name, :value, :now, :now)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";

const DELETE: &str = "DELETE FROM settings WHERE name = :name";

pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<(String, String)>> {
    let mut statement = tx.sql().prepare_cached(ALL)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn put(tx: &Tx<'_>, name: &str, value: &str, now: Instant) -> Result<()> {
    let parameters = named_params! { ":name": name, ":value": value, ":now": now.micros() };
    let changed = tx.sql().prepare_cached(PUT)?.execute(parameters)?;
    Ok(one_row(changed, "settings", name)?)
}

pub(super) fn delete(tx: &Tx<'_>, name: &str) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":name": name })?;
    Ok(one_row(deleted, "settings", name)?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[ALL, PUT, DELETE];
