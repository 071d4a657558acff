//! What became of the mails to somebody.

use std::collections::BTreeMap;

use super::outbox::{self, Attempt, ListFilter, QueuedMail};
use super::person;
use crate::context::Context;
use crate::error::{Explain, Kind, Result};
use crate::text::email::Email;

/// No mail went to an address, and nobody has or had it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no mail went to `{address}`, and nobody has or had that address")]
pub(crate) struct Nobody {
    address: String,
}

impl Explain for Nobody {
    fn code(&self) -> &'static str {
        "mail.nobody"
    }

    fn kind(&self) -> Kind {
        Kind::NotFound
    }

    fn field(&self) -> Option<&'static str> {
        Some("email")
    }

    fn command(&self) -> Option<String> {
        Some("secboard mail outbox list".to_owned())
    }

    fn advice(&self) -> Option<String> {
        Some("see all mails".to_owned())
    }
}

/// A mail, and how the last attempt to send it went.
pub(crate) struct Traced {
    /// The mail.
    pub(crate) mail: QueuedMail,
    /// The last attempt.
    pub(crate) last: Option<Attempt>,
}

/// The mails to an address, and to the people whose address it is or was, at whichever address; the newest first.
///
/// # Errors
/// When there is none, and nobody whom the actor may look at has or had that address.
pub(crate) fn trace(cx: &Context, address: &str) -> Result<Vec<Traced>> {
    cx.actor.require_anywhere("mail.view")?;
    let address = Email::parse(address)?;
    let scope = cx.actor.scope("mail.view");
    cx.read(|tx| {
        let had_it = person::once_of_address(cx, tx, &address)?;
        let to_address =
            ListFilter { address: Some(address.as_str()), scope: scope.clone(), ..ListFilter::default() };
        let mut found: BTreeMap<i64, QueuedMail> = BTreeMap::new();
        found.extend(outbox::list(tx, &to_address)?.into_iter().map(|mail| (mail.seq, mail)));
        let mut people: Vec<i64> = found.values().filter_map(|mail| mail.user_id).collect();
        people.extend(had_it.iter().map(|person| person.id));
        people.sort_unstable();
        people.dedup();
        for user in people {
            let to_person = ListFilter { user: Some(user), scope: scope.clone(), ..ListFilter::default() };
            found.extend(outbox::list(tx, &to_person)?.into_iter().map(|mail| (mail.seq, mail)));
        }
        if found.is_empty() && had_it.is_empty() {
            return Err(Nobody { address: address.as_str().to_owned() }.into());
        }
        let traced =
            outbox::explained(cx, tx, found.into_values().rev().collect())?.into_iter().map(|mail| {
                let last = outbox::attempts(tx, mail.seq)?.pop();
                Ok(Traced { mail, last })
            });
        traced.collect()
    })
}
