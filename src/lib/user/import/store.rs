//! The SQL of imports: the emails that were read, in a temporary table of the connection, and those in the bin.

use rusqlite::{OptionalExtension as _, named_params};

use super::seen::Stood;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;

/// No row is found by its place in the file, so the emails are the table.
const MAKE_SEEN: &str = "
    CREATE TEMP TABLE seen_emails (
        email TEXT PRIMARY KEY,
        file INTEGER NOT NULL,
        line INTEGER NOT NULL,
        digest INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID";

const DROP_SEEN: &str = "DROP TABLE IF EXISTS temp.seen_emails";

const ADD_SEEN: &str =
    "INSERT INTO temp.seen_emails (email, file, line, digest) VALUES (:email, :file, :line, :digest)";

const SEEN: &str = "SELECT file, line, digest FROM temp.seen_emails WHERE email = :email";

const BINNED: &str = "SELECT email_folded, company_id FROM users WHERE deleted_at IS NOT NULL";

/// Makes an empty table.
pub(super) fn make_seen(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch(DROP_SEEN)?;
    tx.look_up_in_temporary_tables(true)?;
    Ok(tx.sql().execute_batch(MAKE_SEEN)?)
}

pub(super) fn drop_seen(tx: &Tx<'_>) -> Result<()> {
    tx.sql().execute_batch(DROP_SEEN)?;
    tx.look_up_in_temporary_tables(false)
}

pub(super) fn add_seen(tx: &Tx<'_>, email: &str, stood: Stood) -> Result<()> {
    let parameters = named_params! {
        ":email": email,
        ":file": stood.file,
        ":line": stood.line.cast_signed(),
        ":digest": stood.digest.cast_signed(),
    };
    let added = tx.sql().prepare_cached(ADD_SEEN)?.execute(parameters)?;
    Ok(one_row(added, "seen_emails", email)?)
}

/// Where an email of the table stood.
pub(super) fn seen(tx: &Tx<'_>, email: &str) -> Result<Option<Stood>> {
    let mut statement = tx.sql().prepare_cached(SEEN)?;
    let stood = |row: &rusqlite::Row<'_>| {
        let [line, digest] = [row.get::<_, i64>(1)?, row.get(2)?].map(i64::cast_unsigned);
        Ok(Stood { file: row.get(0)?, line, digest })
    };
    Ok(statement.query_row(named_params! { ":email": email }, stood).optional()?)
}

/// Hands on the folded email and the company of everybody in the bin.
pub(super) fn binned(tx: &Tx<'_>, mut each: impl FnMut(&str, Option<i64>)) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(BINNED)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, row.get(1)?);
    }
    Ok(())
}

#[cfg(test)]
const STATEMENTS: &[&str] = &[ADD_SEEN, SEEN, BINNED];

#[cfg(test)]
mod tests {
    use super::{STATEMENTS, drop_seen, make_seen};
    use crate::context::Context;

    #[test]
    fn every_statement_fits_the_schema() {
        let cx = Context::for_tests();
        cx.store
            .stage(|tx| {
                make_seen(tx)?;
                for statement in STATEMENTS {
                    tx.sql().prepare(statement)?;
                }
                drop_seen(tx)
            })
            .unwrap();
    }
}
