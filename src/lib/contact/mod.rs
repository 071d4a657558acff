//! The contact form: what people write to whoever runs the site, whether they have an account or not.
//!
//! What is written is kept first and told by mail in the same transaction: to the recipients of its topic, or where that has
//! none to those of `general`, and to the address of the support. A message has no account and no company; who wrote it,
//! nobody has checked. What they wrote is sealed to its row ([`TEXT`]): people write passwords where they are told not to.
//!
//! Whoever wrote is sent an answer that is the same for everybody where the site has one ([`reply`]): to an address that
//! somebody typed, so once a day at most, and repeating nothing of theirs that could be an advertisement.
//!
//! Programs that fill in every form are answered as people are, or asked once more ([`web`],
//! [ADR 0041](../../../docs/adr/0041-the-contact-form-loses-nothing-of-people.md)).

pub(crate) mod cli;
pub(crate) mod doctor;
mod error;
mod reply;
pub(crate) mod settings;
mod store;
pub(crate) mod upkeep;
pub(crate) mod web;
mod written;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;
pub(crate) use store::TEXT;
pub(crate) use written::{Topic, Written};

use serde_json::json;

use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::crypto::rng::short_id;
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::outbox::{self, NewMail};
use crate::store::Tx;
use crate::text::email::Email;
use crate::text::instant::Instant;
use crate::throttle;

/// The word for a message in the audit.
const KIND: &str = "contact";

/// A message as it is kept, without what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// The order in which they came.
    pub(crate) seq: i64,
    /// Ten characters.
    pub(crate) id: String,
    /// What it is about.
    pub(crate) topic: Topic,
    /// Who wrote, as they say.
    pub(crate) name: String,
    /// Where they are answered, as they say.
    pub(crate) email: String,
    /// Their phone, as they say.
    pub(crate) phone: Option<String>,
    /// Their company, as they say.
    pub(crate) company: Option<String>,
    /// The subject.
    pub(crate) subject: String,
    /// The language of the page on which they wrote.
    pub(crate) language: String,
    /// From which address.
    pub(crate) client: Option<String>,
    /// How many mails told of it.
    pub(crate) mails: u32,
    /// Whether they were sent the answer that is the same for everybody.
    pub(crate) is_answered: bool,
    /// When it came.
    pub(crate) created_at: Instant,
    /// When it was closed, and by whom.
    pub(crate) closed: Option<(Instant, String)>,
}

/// What became of a message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is kept.
    Kept,
    /// Too many came from there; until then none is taken.
    Held(Instant),
}

/// Which messages are listed, the newest first.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ListFilter {
    /// Those that are closed, or those that are not.
    pub(crate) is_closed: Option<bool>,
    /// Those about this.
    pub(crate) topic: Option<Topic>,
    /// Those that came then or later.
    pub(crate) since: Option<Instant>,
    /// At most so many.
    pub(crate) limit: Option<u32>,
}

/// Keeps a message, and tells of it by mail.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn receive(cx: &Context, written: &Written) -> Result<Taken> {
    cx.write(|tx| {
        if let Some(until) = throttle::take_contact(cx, tx)? {
            return Ok(Taken::Held(until));
        }
        let id = short_id(&*cx.rng)?;
        let seq = tx.next_id(TEXT.table)?;
        let mails = tell(cx, tx, (&id, written))?;
        let is_answered = reply::send(cx, tx, written)?;
        let sealed = seal::seal(&cx.key, &*cx.rng, place(seq), written.text.as_bytes())?;
        store::insert(tx, &store::NewRow { seq, id: &id, written, sealed: &sealed, mails, is_answered }, cx)?;
        Ok(Taken::Kept)
    })
}

const fn place(seq: i64) -> SecretLocation<'static> {
    SecretLocation { table: TEXT.table, column: TEXT.column, row: seq }
}

/// Queues a mail to each who is told; how many those are.
fn tell(cx: &Context, tx: &Tx<'_>, (id, written): (&str, &Written)) -> Result<u32> {
    let message = Message::Contact {
        id: id.to_owned(),
        topic: written.topic.word().to_owned(),
        name: written.name.clone(),
        email: written.email.clone(),
        phone: written.phone.clone(),
        company: written.company.clone(),
        subject: written.subject.clone(),
        text: written.text.clone(),
        at: cx.now(),
        client: cx.via.client(),
    };
    let recipients = recipients(cx, written.topic);
    for to in &recipients {
        let mail = NewMail { message: &message, to, name: "", user: None, company: None, run: None };
        outbox::queue(cx, tx, &mail)?;
    }
    Ok(u32::try_from(recipients.len()).unwrap_or(u32::MAX))
}

/// Who is told of what is about this: each once.
fn recipients(cx: &Context, topic: Topic) -> Vec<Email> {
    let own = cx.settings.get(settings::recipients(topic));
    let told = if own.is_empty() { cx.settings.get(&settings::TO_GENERAL) } else { own };
    let mut recipients: Vec<Email> = Vec::new();
    for email in told.iter().chain(cx.settings.get(&settings::SUPPORT_EMAIL)) {
        if recipients.iter().all(|known| known.folded() != email.folded()) {
            recipients.push(email.clone());
        }
    }
    recipients
}

/// The messages that a filter lets through, the newest first.
pub(crate) fn list(cx: &Context, filter: &ListFilter) -> Result<Vec<Received>> {
    cx.actor.require("mail.view", None)?;
    cx.read(|tx| store::list(tx, filter))
}

/// A message, and what was written; nothing where that was lost with a key.
pub(crate) fn get(cx: &Context, id: &str) -> Result<(Received, Option<String>)> {
    cx.actor.require("mail.view", None)?;
    cx.read(|tx| {
        let (received, sealed) = store::get(tx, id)?.ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        let text = sealed.map(|sealed| seal::open_text(&cx.key, place(received.seq), &sealed)).transpose()?;
        Ok((received, text.map(|text| text.as_str().to_owned())))
    })
}

/// Says of messages that somebody has seen to them, all or none; each with whether that was still to be said.
pub(crate) fn close(cx: &Context, ids: &[String]) -> Result<Vec<(Received, bool)>> {
    cx.actor.require("mail.send", None)?;
    cx.write(|tx| ids.iter().map(|id| close_in(cx, tx, id)).collect())
}

fn close_in(cx: &Context, tx: &Tx<'_>, id: &str) -> Result<(Received, bool)> {
    let find = || -> Result<Received> {
        let found = store::get(tx, id)?.ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        Ok(found.0)
    };
    let received = find()?;
    if received.closed.is_some() {
        return Ok((received, false));
    }
    store::close(tx, received.seq, (cx.now(), &cx.actor.name))?;
    let told = fields_of([("topic", json!(received.topic.word()))]);
    audit::note(cx, tx, Event::without_id("contact.close", KIND, id), &told)?;
    Ok((find()?, true))
}
