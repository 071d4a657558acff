//! Ids: none is used again, nothing waits for one that is to come, and nothing names one that is not there.
//!
//! SQLite keeps to this for whoever lets it. Who writes to the file past secboard does not have to: a membership of a person
//! who is still to come is theirs when they come, and nobody gave it.

use rusqlite::named_params;

use super::{Error, Memory, Tx};
use crate::error::Result;

const NEXT_ID: &str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?1), 0) + 1";

/// The columns that name rows of a table.
const NAMED_IN: &str = r#"
    SELECT child.name, key."from"
    FROM pragma_table_list AS child, pragma_foreign_key_list(child.name) AS key
    WHERE child.schema = 'main' AND child.type = 'table' AND key."table" = :table"#;

/// Rows that name what is not there.
const ORPHANS: &str = r#"
    SELECT orphan."table", orphan.parent, count(*)
    FROM pragma_table_list AS child, pragma_foreign_key_check(child.name) AS orphan
    WHERE child.schema = 'main' AND child.type = 'table'
    GROUP BY 1, 2"#;

/// The tables for whose next rows nothing waits.
#[derive(Debug, Default)]
struct Unawaited(Vec<&'static str>);

impl Memory for Unawaited {
    fn settle(&mut self, _: &Tx<'_>) -> Result<()> {
        Ok(())
    }
}

impl Tx<'_> {
    /// The id that the next row of a table gets: no id is used again.
    ///
    /// # Errors
    /// [`Error::Awaited`] when a row names it, or one after it, already.
    pub(crate) fn next_id(&self, table: &'static str) -> Result<i64> {
        let id = self.sql().prepare_cached(NEXT_ID)?.query_row([table], |row| row.get(0))?;
        self.in_mind(|unawaited: &mut Unawaited| {
            if !unawaited.0.contains(&table) {
                self.check_unawaited(table, id)?;
                unawaited.0.push(table);
            }
            Ok(())
        })?;
        Ok(id)
    }

    fn check_unawaited(&self, table: &'static str, id: i64) -> Result<()> {
        let mut statement = self.sql().prepare(NAMED_IN)?;
        let mut rows = statement.query(named_params! { ":table": table })?;
        while let Some(row) = rows.next()? {
            let (by, column): (String, String) = (row.get(0)?, row.get(1)?);
            let awaited =
                format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {} >= ?1)", quoted(&by), quoted(&column));
            if self.sql().query_row(&awaited, [id], |row| row.get(0))? {
                return Err(Error::Awaited { table, by }.into());
            }
        }
        Ok(())
    }

    /// Rows that name what is not there, told by table.
    pub(crate) fn orphans(&self) -> Result<Vec<String>> {
        let mut statement = self.sql().prepare(ORPHANS)?;
        let told = statement.query_map([], |row| {
            let (table, parent, count): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let rows = if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
            Ok(format!("{rows} of `{table}` without the row of `{parent}` that is named there"))
        })?;
        Ok(told.collect::<rusqlite::Result<_>>()?)
    }
}

/// A name as SQL takes it, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[NEXT_ID, NAMED_IN, ORPHANS];

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    #[test]
    fn a3_nothing_gets_an_id_that_a_row_waits_for() {
        let store = Store::temporary().unwrap();
        let next = || store.write(|tx| Ok((tx.next_id("users")?, tx.next_id("users")?)));
        assert_eq!(next().unwrap(), (1, 1));
        let tables: Vec<String> = store
            .read(|tx| {
                let mut statement = tx.sql().prepare(NAMED_IN)?;
                let tables =
                    statement.query_map([("", "users")].map(|(_, table)| table), |row| row.get(0))?;
                Ok(tables.collect::<rusqlite::Result<_>>()?)
            })
            .unwrap();
        for table in ["photos", "memberships", "user_roles", "operators"] {
            assert!(tables.iter().any(|found| found == table), "{tables:?}");
        }
        store
            .write(|tx| {
                tx.sql().execute_batch(
                    "PRAGMA defer_foreign_keys = ON; INSERT INTO memberships VALUES (2, 1, 'manual', 0)",
                )?;
                let failure = tx.next_id("users").unwrap_err();
                assert_eq!(
                    failure.to_string(),
                    "the store is damaged: `memberships` has a row for one of `users` that is still to come"
                );
                assert_eq!(
                    tx.orphans()?,
                    [
                        "1 row of `memberships` without the row of `groups` that is named there",
                        "1 row of `memberships` without the row of `users` that is named there"
                    ]
                );
                Ok(tx.sql().execute_batch("DELETE FROM memberships")?)
            })
            .unwrap();
        assert_eq!(next().unwrap(), (1, 1));
    }

    #[test]
    fn names_are_quoted() {
        assert_eq!(quoted("a\"; b"), "\"a\"\"; b\"");
    }
}
