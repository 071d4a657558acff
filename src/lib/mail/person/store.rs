//! The SQL of whom an address belongs to.

use rusqlite::{OptionalExtension as _, named_params};

use super::Person;
use crate::error::Result;
use crate::i18n::Language;
use crate::store::Tx;

const BY_EMAIL: &str = "
    SELECT id, company_id, first_name, last_name, language
    FROM users
    WHERE email_folded = :email AND deleted_at IS NULL";

pub(super) fn by_email(tx: &Tx<'_>, key: &str) -> Result<Option<Person>> {
    let mut statement = tx.sql().prepare_cached(BY_EMAIL)?;
    let found = statement.query_row(named_params! { ":email": key }, |row| {
        let first: Option<String> = row.get("first_name")?;
        let last: Option<String> = row.get("last_name")?;
        let language: Option<String> = row.get("language")?;
        Ok(Person {
            id: row.get("id")?,
            company_id: row.get("company_id")?,
            full_name: [first.as_deref(), last.as_deref()]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
            first_name: first.unwrap_or_default(),
            language: language.as_deref().and_then(Language::of_tag),
        })
    });
    Ok(found.optional()?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[BY_EMAIL];
