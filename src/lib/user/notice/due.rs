//! Whether a mail is still to go when it is about to leave, and who reads it.
//!
//! What is no longer so is not told: a mark that was taken back, a day that was moved, a run that was released. And nothing
//! goes to an address that is no longer the person's, but for what tells them just that.

use super::Notices;
use crate::context::Context;
use crate::error::Result;
use crate::i18n::Language;
use crate::mail::message::{Message, Reader};
use crate::mail::outbox::{Addressed, Due, QueuedMail, Readers};
use crate::run::{self, State};
use crate::setting::site;
use crate::store::Tx;
use crate::text::email::key;
use crate::user::{User, login, store};

impl Readers for Notices {
    fn reader(&self, cx: &Context, tx: &Tx<'_>, mail: &QueuedMail) -> Result<Due> {
        let said = mail.said()?;
        if let Some(Message::RunHeld { run, .. }) = &said
            && !is_held(tx, run)?
        {
            return Ok(no("the run is no longer held"));
        }
        let user = mail.user_id.map(|id| store::by_id(tx, id)).transpose()?.flatten();
        let Some(user) = user else { return Addressed.reader(cx, tx, mail) };
        let to = mail.to.as_deref().unwrap_or_default();
        Ok(match hindrance(cx, tx, &user, (to, said.as_ref()))? {
            Some(why) => no(why),
            None => Due::Reader(reader(cx, user)),
        })
    }
}

fn no(why: &str) -> Due {
    Due::No { why: why.to_owned() }
}

fn is_held(tx: &Tx<'_>, run: &str) -> Result<bool> {
    match run::get(tx, run) {
        Ok(run) => Ok(run.state == State::Held),
        Err(failure) if failure.get::<run::Error>().is_some() => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Why a mail to a person is not sent to that address any more.
fn hindrance(
    cx: &Context,
    tx: &Tx<'_>,
    user: &User,
    (to, said): (&str, Option<&Message>),
) -> Result<Option<&'static str>> {
    let facts = &user.facts;
    if facts.deleted {
        return Ok(Some("the account is in the bin"));
    }
    let is_theirs = key(to) == key(&facts.email);
    if let Some(Message::EmailChangedOld { .. }) = said {
        return Ok(match (is_theirs, store::by_email(tx, &key(to))?) {
            (true, _) => Some("the address is theirs again"),
            (false, Some(_)) => Some("the address is of another account by now"),
            (false, None) => None,
        });
    }
    if !is_theirs {
        return Ok(Some("the address is no longer theirs"));
    }
    Ok(match said {
        Some(Message::StaffGiven { .. }) if !facts.staff => Some("they are no longer staff"),
        Some(Message::SuperuserGiven { .. } | Message::RunHeld { .. }) if !facts.superuser => {
            Some("they are no longer a superuser")
        }
        Some(Message::AccountEnding { last_day, .. }) if facts.end_date != Some(*last_day) => {
            Some("the last day is another by now")
        }
        Some(Message::AccountEnding { .. } | Message::RunHeld { .. })
            if !login::is_active(user, cx.today()) =>
        {
            Some("the account is not active")
        }
        _ => None,
    })
}

fn reader(cx: &Context, user: User) -> Reader {
    let facts = user.facts;
    let own = facts.language.as_deref().and_then(Language::of_tag);
    Reader {
        name: facts.first_name.unwrap_or_default(),
        account: facts.email,
        language: own.unwrap_or(*cx.settings.get(&site::LANGUAGE)),
    }
}
