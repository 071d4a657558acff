//! Walking the columns that hold sealed secrets. One that is forgotten would be lost at the next rotation, so a test
//! compares them with the schema.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::value::one_row;
use crate::store::{SealedColumn, Tx};

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
    pub(super) fn label(&self, column: &SealedColumn) -> String {
        let row = format!("{} {}", self.owner, self.row);
        format!("{}.{} of row `{}`", column.table, column.column, row.trim_start())
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self { owner: String::new(), row: i64::MIN, sealed: Vec::new() }
    }
}

pub(super) fn secrets_after(tx: &Tx<'_>, column: &SealedColumn, last: &Secret) -> Result<Vec<Secret>> {
    let mut statement = tx.sql().prepare_cached(column.after)?;
    let parameters = named_params! { ":owner": last.owner, ":row": last.row };
    let secrets = statement.query_map(parameters, |row| {
        Ok(Secret { owner: row.get(0)?, row: row.get(1)?, sealed: row.get(2)? })
    })?;
    Ok(secrets.collect::<Result<_, _>>()?)
}

/// Puts `sealed` in the place of a secret; nothing drops it.
pub(super) fn replace(
    tx: &Tx<'_>,
    column: &SealedColumn,
    secret: &Secret,
    sealed: Option<&[u8]>,
) -> Result<()> {
    let parameters = named_params! { ":owner": secret.owner, ":row": secret.row, ":sealed": sealed };
    let replaced = tx.sql().prepare_cached(column.replace)?.execute(parameters)?;
    Ok(one_row(replaced, column.table, secret.row)?)
}
