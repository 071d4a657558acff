//! Where the key of the audit is kept, and which rows have a keyed hash.

use rusqlite::{OptionalExtension as _, named_params};

use crate::audit::chain::Hash;
use crate::audit::keyed::ROW;
use crate::error::Result;
use crate::store::value::one_row;
use crate::store::{SealedColumn, Tx};
use crate::text::instant::Instant;

const KEY: &str = "SELECT sealed FROM audit_keys WHERE id = :id";

const PUT_KEY: &str = "
    INSERT INTO audit_keys (id, sealed, created_at) VALUES (:id, :sealed, :now)
    ON CONFLICT (id) DO UPDATE SET sealed = :sealed, created_at = :now, head = NULL";

const HEAD: &str = "SELECT head FROM audit_keys WHERE id = :id";

const SET_HEAD: &str = "UPDATE audit_keys SET head = :head WHERE id = :id";

/// The numbers go on after the last row there is.
const SET_HIGHEST: &str =
    "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(seq), 0) FROM audit) WHERE name = 'audit'";

const HAS_KEYED: &str = "SELECT EXISTS (SELECT 1 FROM audit WHERE keyed IS NOT NULL)";

const KEYED: &str = "SELECT count(keyed) FROM audit";

/// The column that key rotation finds.
pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: "audit_keys",
    column: "sealed",
    after: "
        SELECT '', id, sealed
        FROM audit_keys
        WHERE ('', id) > (:owner, :row)
        ORDER BY id
        LIMIT 1000",
    replace: "UPDATE audit_keys SET sealed = :sealed WHERE :owner = '' AND id = :row",
};

/// The key of the audit, as it lies in the store.
pub(in crate::audit) fn sealed_key(tx: &Tx<'_>) -> Result<Option<Vec<u8>>> {
    let mut statement = tx.sql().prepare_cached(KEY)?;
    Ok(statement.query_row(named_params! { ":id": ROW }, |row| row.get(0)).optional()?)
}

/// Keeps the key, in the place of any other.
pub(in crate::audit) fn put_key(tx: &Tx<'_>, sealed: &[u8], now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": ROW, ":sealed": sealed, ":now": now.micros() };
    tx.sql().prepare_cached(PUT_KEY)?.execute(parameters)?;
    Ok(())
}

/// Which row is the last, by the key.
pub(in crate::audit) fn keyed_head(tx: &Tx<'_>) -> Result<Option<Hash>> {
    Ok(tx.sql().prepare_cached(HEAD)?.query_row(named_params! { ":id": ROW }, |row| row.get(0))?)
}

/// Says which row is the last, by the key.
pub(in crate::audit) fn set_keyed_head(tx: &Tx<'_>, head: &Hash) -> Result<()> {
    let changed = tx.sql().prepare_cached(SET_HEAD)?.execute(named_params! { ":id": ROW, ":head": head })?;
    Ok(one_row(changed, "audit_keys", ROW)?)
}

/// Has the numbers go on after the last row there is.
pub(in crate::audit) fn set_highest(tx: &Tx<'_>) -> Result<()> {
    tx.sql().prepare_cached(SET_HIGHEST)?.execute([])?;
    Ok(())
}

/// Whether any row has a keyed hash.
pub(in crate::audit) fn has_keyed(tx: &Tx<'_>) -> Result<bool> {
    Ok(tx.sql().prepare_cached(HAS_KEYED)?.query_row([], |row| row.get(0))?)
}

/// How many rows have a keyed hash.
pub(in crate::audit) fn keyed_rows(tx: &Tx<'_>) -> Result<i64> {
    Ok(tx.sql().prepare_cached(KEYED)?.query_row([], |row| row.get(0))?)
}

#[cfg(test)]
pub(in crate::audit) const STATEMENTS: &[&str] =
    &[KEY, PUT_KEY, HEAD, SET_HEAD, SET_HIGHEST, HAS_KEYED, KEYED];
