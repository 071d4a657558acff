//! Notices: what people are told by mail of what is done to their accounts.
//!
//! A notice is queued in the transaction of what it tells, where every door passes: by `save` for the facts of a person, by
//! `password`. So an edit, an import, a run that is released, an undo and a return from the bin tell the same. What a
//! change causes is read from the fields that differ ([`Causes`]), of a plan as of what is made: a plan counts what will
//! be queued.
//!
//! No change fails because nothing can be sent: mails wait for servers, accounts and routes.
//!
//! [`ending`] reminds people of the last day of their account. [`alert`] tells administrators what they have to know.
//! Whether a mail still is to go, and who reads it, [`due`] says when it is about to leave.

mod alert;
mod due;
mod ending;
mod of_run;
mod store;

pub(super) use alert::tell_administrators;
pub(crate) use alert::{certificate_ends_soon, tell_certificate, tell_daily, tell_of_site_certificate};
pub(crate) use due::MailReaders;
pub(super) use ending::remind;
pub(super) use of_run::Waiting;
#[cfg(test)]
pub(super) use store::STATEMENTS;

use serde_json::Value;

use super::{Facts, User};
use crate::audit::Fields;
use crate::context::{Context, Settings};
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::mail::outbox::{self, NewMail};
use crate::mail::settings::BURST;
use crate::run::{Mails, Run, WaitingMails};
use crate::store::Tx;
use crate::text::email::{self, Email};

/// What is told of people and of what is done to them, as those below know it.
pub(crate) struct Notices;

impl Mails for Notices {
    fn unasked(&self, settings: &Settings) -> u64 {
        u64::from(*settings.get(&BURST))
    }

    fn waiting(&self, tx: &Tx<'_>, run: &str, behind: i64) -> Result<WaitingMails> {
        let (count, last) = outbox::waiting_of_run(tx, run, behind)?;
        Ok(WaitingMails { count, last })
    }

    fn tell_held(&self, cx: &Context, tx: &Tx<'_>, run: &Run, cause: &str) -> Result<()> {
        alert::tell_held(cx, tx, run, cause)
    }
}

/// A mark that was given; of both the greater is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Superuser,
    Staff,
}

/// What of a change a person is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Causes {
    given: Option<Mark>,
    has_new_email: bool,
}

impl Causes {
    /// Those of a change of these fields.
    pub(super) fn of(before: &Fields, after: &Fields) -> Self {
        let is_given = |mark: &str| after.get(mark) == Some(&Value::Bool(true));
        let email = |fields: &Fields| fields.get("email").and_then(Value::as_str).map(email::key);
        Self {
            given: given(is_given("superuser"), is_given("staff")),
            // Another spelling of the address is no other address.
            has_new_email: email(before).zip(email(after)).is_some_and(|(old, new)| old != new),
        }
    }

    /// Those of somebody new.
    pub(super) fn of_new(facts: &Facts) -> Self {
        Self::default().with_return(facts)
    }

    /// The same of somebody who comes back from the bin, where no mark counts: theirs are given again.
    pub(super) fn with_return(self, facts: &Facts) -> Self {
        Self { given: given(facts.superuser, facts.staff), ..self }
    }

    /// The same without another address.
    pub(super) fn without_email(self) -> Self {
        Self { has_new_email: false, ..self }
    }

    /// How many mails tell it.
    pub(super) fn mails(self) -> u64 {
        u64::from(self.given.is_some()) + if self.has_new_email { 2 } else { 0 }
    }
}

const fn given(superuser: bool, staff: bool) -> Option<Mark> {
    match (superuser, staff) {
        (true, _) => Some(Mark::Superuser),
        (false, true) => Some(Mark::Staff),
        (false, false) => None,
    }
}

/// Whom a notice is about.
pub(super) struct About<'a> {
    /// The person.
    pub(super) id: i64,
    /// Their company.
    pub(super) company: Option<i64>,
    /// As they are now.
    pub(super) facts: &'a Facts,
    /// The run that did it.
    pub(super) run: Option<&'a str>,
}

impl<'a> About<'a> {
    const fn user(user: &'a User) -> Self {
        Self { id: user.id, company: user.company_id, facts: &user.facts, run: None }
    }

    fn queue(&self, cx: &Context, tx: &Tx<'_>, message: &Message, to: &Email) -> Result<()> {
        let name = self.facts.full_name();
        let mail =
            NewMail { message, to, name: &name, user: Some(self.id), company: self.company, run: self.run };
        outbox::queue_of_oneself(cx, tx, &mail)
    }
}

/// Tells a person of a change that was made, unless it is kept from people; `old` is the email they had.
pub(super) fn tell(cx: &Context, tx: &Tx<'_>, about: &About<'_>, old: &str, causes: Causes) -> Result<()> {
    if causes == Causes::default() || !cx.tells_people || about.facts.deleted {
        return Ok(());
    }
    let at = cx.now();
    let Ok(email) = Email::parse(&about.facts.email) else { return Ok(()) };
    if let (true, Ok(old)) = (causes.has_new_email, Email::parse(old)) {
        let message = Message::EmailChangedOld { old: old.clone(), new: email.clone(), at };
        about.queue(cx, tx, &message, &old)?;
        about.queue(cx, tx, &Message::EmailChangedNew { old, new: email.clone(), at }, &email)?;
    }
    match causes.given {
        Some(Mark::Superuser) => about.queue(cx, tx, &Message::SuperuserGiven { at }, &email),
        Some(Mark::Staff) => about.queue(cx, tx, &Message::StaffGiven { at }, &email),
        None => Ok(()),
    }
}

/// Tells a person that their password was set, by an administrator or by themself; `user` is as they were before.
pub(super) fn tell_password(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<()> {
    let (at, links, is_first) = (cx.now(), Links::default(), user.password_hash.is_none());
    let message = if cx.actor.is_oneself(user.id) {
        Message::PasswordChanged { at, client: cx.via.client(), is_first, more: None, links }
    } else {
        Message::PasswordSet { at, is_first, links }
    };
    if cx.tells_people { tell_of(cx, tx, user, &message) } else { Ok(()) }
}

/// Queues a mail to a person.
pub(crate) fn tell_of(cx: &Context, tx: &Tx<'_>, user: &User, message: &Message) -> Result<()> {
    let Ok(email) = Email::parse(&user.facts.email) else { return Ok(()) };
    About::user(user).queue(cx, tx, message, &email)
}
