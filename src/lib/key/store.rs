//! Every column that holds sealed secrets. A feature that keeps secrets adds its column to [`COLUMNS`]; forgetting it
//! would lose them at the next rotation, so a test compares the list with the schema.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;

/// A column of sealed secrets, and how its rows are walked and written.
pub(super) struct Column {
    /// The table, as secrets are bound to it.
    pub(super) table: &'static str,
    /// The column, as secrets are bound to it.
    pub(super) column: &'static str,
    /// The next thousand secrets behind `:owner` and `:row`: owner, row, secret. A table whose rows have an id of their
    /// own gives `''` as owner.
    after: &'static str,
    /// Writes `:sealed` to the row of `:owner` and `:row`.
    replace: &'static str,
    /// Whether what lies there can be lost without losing the store.
    pub(super) may_be_dropped: bool,
}

pub(super) const COLUMNS: &[Column] = &[
    Column {
        table: "run_changes",
        column: "sealed",
        after: "
            SELECT run_id, seq, sealed
            FROM run_changes
            WHERE (run_id, seq) > (:owner, :row) AND sealed IS NOT NULL
            ORDER BY run_id, seq
            LIMIT 1000",
        replace: "UPDATE run_changes SET sealed = :sealed WHERE run_id = :owner AND seq = :row",
        may_be_dropped: true,
    },
    Column {
        table: "audit_keys",
        column: "sealed",
        after: "
            SELECT '', id, sealed
            FROM audit_keys
            WHERE ('', id) > (:owner, :row)
            ORDER BY id
            LIMIT 1000",
        replace: "UPDATE audit_keys SET sealed = :sealed WHERE :owner = '' AND id = :row",
        may_be_dropped: false,
    },
];

/// A secret in its row; the default stands before all rows.
#[derive(Debug, Clone)]
pub(super) struct Secret {
    owner: String,
    /// The number the secret is bound to.
    pub(super) row: i64,
    /// The ciphertext.
    pub(super) sealed: Vec<u8>,
}

impl Secret {
    /// What names it to people: table, column, row.
    pub(super) fn label(&self, column: &Column) -> String {
        let row = format!("{} {}", self.owner, self.row);
        format!("{}.{} of row `{}`", column.table, column.column, row.trim_start())
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self { owner: String::new(), row: i64::MIN, sealed: Vec::new() }
    }
}

pub(super) fn secrets_after(tx: &Tx<'_>, column: &Column, last: &Secret) -> Result<Vec<Secret>> {
    let mut statement = tx.sql().prepare_cached(column.after)?;
    let parameters = named_params! { ":owner": last.owner, ":row": last.row };
    let secrets = statement.query_map(parameters, |row| {
        Ok(Secret { owner: row.get(0)?, row: row.get(1)?, sealed: row.get(2)? })
    })?;
    Ok(secrets.collect::<Result<_, _>>()?)
}

/// Puts `sealed` in the place of a secret; nothing drops it.
pub(super) fn replace(tx: &Tx<'_>, column: &Column, secret: &Secret, sealed: Option<&[u8]>) -> Result<()> {
    let parameters = named_params! { ":owner": secret.owner, ":row": secret.row, ":sealed": sealed };
    let replaced = tx.sql().prepare_cached(column.replace)?.execute(parameters)?;
    Ok(one_row(replaced, column.table, secret.row)?)
}

#[cfg(test)]
pub(super) fn statements() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().flat_map(|column| [column.after, column.replace])
}
