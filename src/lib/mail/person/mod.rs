//! Whom an address belongs to, as far as mails need to know.

mod store;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use super::message::Reader;
use crate::audit;
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
    Ok(store::by_email(tx, &email::key(address.as_str()))?.filter(|person| is_seen(cx, person)))
}

/// Those whose address it is or was, as the audit tells; of them those whom the actor may look at.
pub(super) fn once_of_address(cx: &Context, tx: &Tx<'_>, address: &Email) -> Result<Vec<Person>> {
    let mut people = Vec::new();
    for id in audit::people_called(tx, address.as_str())? {
        people.extend(store::by_id(tx, id)?.filter(|person| is_seen(cx, person)));
    }
    Ok(people)
}

fn is_seen(cx: &Context, person: &Person) -> bool {
    cx.actor.reach_of_names().contain(person.company_id) || cx.actor.is_account(person.id)
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
