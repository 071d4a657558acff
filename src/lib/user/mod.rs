//! People: an account to log in with, and a profile that says who it is.
//!
//! A login can exist before its profile (brought over from elsewhere), so both layers are optional to each other but for
//! the email. What an administrator can write of a person is [`Facts`]; every change is a step from one set of facts to
//! another and goes through [`save`], which checks the rules, writes the audit row and the person. Whatever changes
//! people in bulk does the same, one person at a time, through a run.
//!
//! Whether a person may log in is never stored: [`login`] works it out from the facts, the day and the hour, for the
//! login page as for `secboard user why`.

mod access_queries;
mod assignment_lookup;
mod assignments;
pub(crate) mod avatar;
pub(crate) mod bin;
pub(crate) mod bulk;
mod calendar;
pub(crate) mod cli;
pub(crate) mod create;
pub(crate) mod directory;
pub(crate) mod disown;
pub(crate) mod edit;
mod error;
mod facts;
pub(crate) mod filter;
mod grown;
mod guard;
pub(crate) mod import;
pub(crate) mod invite;
mod last;
pub(crate) mod last_mails;
pub(crate) mod login;
mod losses;
pub(crate) mod notice;
mod org_lookup;
pub(crate) mod password;
mod past;
pub(crate) mod proof;
mod renamed;
mod rules;
mod save;
pub(crate) mod second_factor;
mod sessions;
mod store;
pub(crate) mod target;
mod unrestored;
pub(crate) mod upkeep;

#[cfg(test)]
mod tests;

pub(crate) use access_queries::AccessQueries;
pub(crate) use assignments::{GroupMembership, PastAssignments};
pub(crate) use bin::{BIN_DAYS, SETTINGS};
pub(crate) use create::create_first_superuser;
pub(crate) use error::Error;
pub(crate) use facts::Facts;
pub(crate) use last::keep_a_superuser_by;
pub(crate) use notice::{MailReaders, Notices};
pub(crate) use past::{as_of, id_then};
pub(crate) use store::{Origin, User};

use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::email;
use crate::text::person_selector::PersonSelector;
use crate::text::suggest::nearest_one;

/// The word for a person in the audit and in runs.
pub(crate) const KIND: &str = "user";

/// The person with that email or id, outside the bin.
#[cfg(test)]
pub(crate) fn get(cx: &Context, who: &str) -> Result<User> {
    cx.read(|tx| get_in(cx, tx, who, "users.view"))
}

/// The person with that email or id, outside the bin, in a transaction of the caller: for an actor who may look at them, or
/// has this permission for them. Anybody else is told as if there were nobody.
pub(crate) fn get_in(cx: &Context, tx: &Tx<'_>, who: &str, permission: &str) -> Result<User> {
    match find_in(tx, who)?.filter(|user| guard::is_seen(cx, user, permission)) {
        Some(user) => Ok(user),
        None => Err(not_found(cx, tx, who, permission)?.into()),
    }
}

/// Whom somebody means who logs in by that name, folded: outside the bin, and by the email alone.
pub(crate) fn by_login_name(tx: &Tx<'_>, folded: &str) -> Result<Option<User>> {
    store::by_email(tx, folded)
}

/// Notes that a person has logged in.
pub(crate) fn note_login(cx: &Context, tx: &Tx<'_>, id: i64) -> Result<()> {
    store::set_last_login(tx, id, cx.now())
}

/// The person with that id, in the bin or outside it.
pub(crate) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<User>> {
    store::by_id(tx, id)
}

/// The person with that email, as it was typed, outside the bin, whoever asks.
pub(crate) fn with_email(tx: &Tx<'_>, typed: &str) -> Result<Option<User>> {
    store::by_email(tx, &email::key(typed))
}

/// The person with that email or id, outside the bin, whoever asks.
pub(crate) fn find_in(tx: &Tx<'_>, who: &str) -> Result<Option<User>> {
    match PersonSelector::of(who) {
        PersonSelector::Id(id) => Ok(store::by_id(tx, id)?.filter(|user| !user.facts.deleted)),
        PersonSelector::Email(key) => store::by_email(tx, &key),
    }
}

/// The person with that email or id whom the actor may look at: outside the bin, and failing that, in it.
pub(crate) fn find_or_in_bin(cx: &Context, tx: &Tx<'_>, who: &str) -> Result<Option<User>> {
    match find_in(tx, who)?.filter(|user| guard::is_seen(cx, user, "users.view")) {
        Some(user) => Ok(Some(user)),
        None => bin::find_in(cx, tx, who, "users.view"),
    }
}

/// Nobody has that email or id, for an actor who would do what the permission allows; where the actor may look at
/// everybody, with whom could be meant.
pub(crate) fn not_found(cx: &Context, tx: &Tx<'_>, who: &str, permission: &str) -> Result<Error> {
    if let Some(user) =
        bin::called_in_bin(tx, who)?.into_iter().find(|user| guard::is_seen(cx, user, permission))
    {
        return Ok(Error::InBin { email: user.facts.email });
    }
    // A guess would name people whom not everybody may look at.
    if cx.actor.scope("users.view") != CompanyScope::All {
        return Ok(Error::NotFound { who: who.to_owned(), near: None });
    }
    let similar = store::similar_emails(tx, &email::key(who))?;
    let near = nearest_one(who, similar.iter().map(String::as_str));
    Ok(Error::NotFound { who: who.to_owned(), near })
}
