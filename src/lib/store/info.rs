//! The store's own facts, and the settings' rows.

use rusqlite::{OptionalExtension as _, named_params};

use super::{Store, Tx};
use crate::crypto::key::MasterKey;
use crate::error::Result;

const GET: &str = "SELECT value FROM store_info WHERE name = :name";

const SET: &str = "
    INSERT INTO store_info (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

const SETTINGS: &str = "SELECT name, value FROM settings";

const KEY_FINGERPRINT: &str = "key_fingerprint";

impl Store {
    /// Refuses a key that belongs to another store.
    pub(crate) fn check_key(&self, key: &MasterKey) -> Result<()> {
        let mut statement = self.connection.prepare_cached(GET)?;
        let expected: Option<String> =
            statement.query_row(named_params! { ":name": KEY_FINGERPRINT }, |row| row.get(0)).optional()?;
        Ok(key.expect_fingerprint(expected.as_deref().unwrap_or_default())?)
    }
}

impl Tx<'_> {
    /// The settings that differ from their default: names and values.
    pub(crate) fn settings(&self) -> Result<Vec<(String, String)>> {
        let mut statement = self.sql().prepare_cached(SETTINGS)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Binds the store to a key from now on.
    pub(crate) fn bind_key(&self, key: &MasterKey) -> Result<()> {
        let parameters = named_params! { ":name": KEY_FINGERPRINT, ":value": key.fingerprint() };
        self.sql().prepare_cached(SET)?.execute(parameters)?;
        Ok(())
    }
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[GET, SET, SETTINGS];
