//! The SQL of whom an address belongs to.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::Person;
use crate::error::Result;
use crate::i18n::Language;
use crate::store::Tx;

macro_rules! people {
    ($($rest:tt)*) => {
        concat!("SELECT id, company_id, first_name, last_name, language FROM users ", $($rest)*)
    };
}

const BY_EMAIL: &str = people!("WHERE email_folded = :email AND deleted_at IS NULL");

/// Also in the bin.
const BY_ID: &str = people!("WHERE id = :id");

pub(super) fn by_email(tx: &Tx<'_>, key: &str) -> Result<Option<Person>> {
    let mut statement = tx.sql().prepare_cached(BY_EMAIL)?;
    Ok(statement.query_row(named_params! { ":email": key }, person).optional()?)
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Person>> {
    let mut statement = tx.sql().prepare_cached(BY_ID)?;
    Ok(statement.query_row(named_params! { ":id": id }, person).optional()?)
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    let first: Option<String> = row.get("first_name")?;
    let last: Option<String> = row.get("last_name")?;
    let language: Option<String> = row.get("language")?;
    Ok(Person {
        id: row.get("id")?,
        company_id: row.get("company_id")?,
        full_name: [first.as_deref(), last.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" "),
        first_name: first.unwrap_or_default(),
        language: language.as_deref().and_then(Language::of_tag),
    })
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[BY_EMAIL, BY_ID];
