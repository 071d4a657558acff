//! Whom an address belongs to, as far as mails need to know.

mod store;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use super::message::Reader;
use crate::context::Context;
use crate::error::Result;
use crate::i18n::Language;
use crate::setting::site;
use crate::store::Tx;
use crate::text::email::{self, Email};

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// Never reused.
    pub(super) id: i64,
    /// The company.
    pub(super) company_id: Option<i64>,
    /// The first name; empty where none is known.
    pub(super) first_name: String,
    /// Both names; empty where none is known.
    pub(super) full_name: String,
    /// The language they chose.
    pub(super) language: Option<Language>,
}

/// Whose address it is; nobody's for whoever may not look at them.
pub(super) fn of_address(cx: &Context, tx: &Tx<'_>, address: &Email) -> Result<Option<Person>> {
    let seen = cx.actor.reach_of_names();
    let is_seen = |person: &Person| seen.contain(person.company_id) || cx.actor.is_account(person.id);
    Ok(store::by_email(tx, &email::key(address.as_str()))?.filter(is_seen))
}

/// The language of who chose none.
pub(super) fn language_of_site(cx: &Context) -> Language {
    *cx.settings.get(&site::LANGUAGE)
}

/// Who reads a mail to an address.
pub(super) fn reader(cx: &Context, address: &Email, person: Option<&Person>) -> Reader {
    Reader {
        name: person.map(|person| person.first_name.clone()).unwrap_or_default(),
        account: address.as_str().to_owned(),
        language: person.and_then(|person| person.language).unwrap_or_else(|| language_of_site(cx)),
    }
}
