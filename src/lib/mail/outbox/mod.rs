//! The outbox: each mail is a row, written in the transaction of what caused it, before anything is sent.
//!
//! [`queue`] writes the row. What a mail tells lies there as facts, and where it is a secret, with what is attached, sealed to
//! the row ([`content`]). Mails leave by the worker; who reads one is asked of [`Readers`] when it is about to leave, not when
//! it was queued. A row that has ended stays for as long as `mail.keep_days` says, without what was sealed.

pub(crate) mod content;
mod forgotten;
mod hindrances;
mod leases;
mod letters;
mod link;
pub(crate) mod meters;
mod of_run;
mod often;
mod readers;
mod size;
mod store;
mod upkeep;
mod waits;
pub(crate) mod worker;

#[cfg(test)]
mod tests;

pub(crate) use forgotten::forget_person;
pub(crate) use hindrances::{has_rested, hindrances, unmade, waiting_for_long};
pub(crate) use leases::{Suspect, suspects};
pub(crate) use letters::drop_letters;
pub(crate) use of_run::{drop_waiting_of_run, has_left, readers_of_run, waiting_of_run};
pub(crate) use often::queue_of_oneself;
pub(crate) use readers::{Addressed, Due, Readers};
#[cfg(test)]
pub(super) use store::ahead::STATEMENTS as STATEMENTS_OF_AHEAD;
#[cfg(test)]
pub(super) use store::elsewhere::STATEMENTS as STATEMENTS_OF_ELSEWHERE;
#[cfg(test)]
pub(super) use store::forgotten::STATEMENTS as STATEMENTS_OF_FORGOTTEN;
#[cfg(test)]
pub(super) use store::leases::STATEMENTS as STATEMENTS_OF_LEASES;
#[cfg(test)]
pub(super) use store::letters::STATEMENTS as STATEMENTS_OF_LETTERS;
#[cfg(test)]
pub(super) use store::meters::STATEMENTS as STATEMENTS_OF_METERS;
#[cfg(test)]
pub(super) use store::of_run::STATEMENTS as STATEMENTS_OF_RUN;
#[cfg(test)]
pub(super) use store::often::STATEMENTS as STATEMENTS_OF_OFTEN;
#[cfg(test)]
pub(super) use store::sizes::STATEMENTS as STATEMENTS_OF_SIZES;
#[cfg(test)]
pub(super) use store::trials::STATEMENTS as STATEMENTS_OF_TRIALS;
pub(crate) use store::work::Rest;
pub(crate) use store::{LINK_SEALED, SEALED};
#[cfg(test)]
pub(super) use store::{STATEMENTS, work::STATEMENTS as STATEMENTS_OF_WORK};
pub(crate) use upkeep::{CLEAN_UP, send, sending};
pub(crate) use waits::{explained, hindrance, may_link};

use std::collections::HashSet;

use serde_json::json;

use super::error::Error;
use super::message::compose::Attachment;
use super::message::{Message, Purpose, Urgency};
use crate::audit::{self, Event, fields_of};
use crate::context::{CompanyScope, Context};
use crate::crypto::rng::short_id;
use crate::error::Result;
use crate::store::Tx;
use crate::text::email::Email;
use crate::text::instant::Instant;
use content::Content;

/// The word for a mail in the audit.
pub(crate) const KIND: &str = "mail";

/// The step at which an attempt ended whose mail could not be made.
const UNMADE: &str = "compose";

/// A mail that is to be queued.
pub(crate) struct NewMail<'a> {
    /// What it says.
    pub(crate) message: &'a Message,
    /// To which address.
    pub(crate) to: &'a Email,
    /// The name beside the address; empty where there is none.
    pub(crate) name: &'a str,
    /// To which person, if it is to one.
    pub(crate) user: Option<i64>,
    /// Whose mail it is.
    pub(crate) company: Option<i64>,
    /// The run that causes it.
    pub(crate) run: Option<&'a str>,
}

/// How far a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailState {
    /// It waits.
    Queued,
    /// A worker sends it now.
    Sending,
    /// It was taken by a server.
    Sent,
    /// It was refused for good.
    Failed,
    /// It was not sent, for it was no longer due.
    Dropped,
}

impl MailState {
    /// All of them, as they are stored and typed.
    pub(crate) const WORDS: [(&'static str, Self); 5] = [
        ("queued", Self::Queued),
        ("sending", Self::Sending),
        ("sent", Self::Sent),
        ("failed", Self::Failed),
        ("dropped", Self::Dropped),
    ];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

/// A mail of the outbox, without what is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueuedMail {
    /// The order in which mails were queued.
    pub(crate) seq: i64,
    /// Ten characters.
    pub(crate) id: String,
    /// The name of its message.
    pub(crate) message: String,
    /// What it is for.
    pub(crate) feature: String,
    /// How soon it leaves.
    pub(crate) urgency: Urgency,
    /// Whose mail it is.
    pub(crate) company_id: Option<i64>,
    /// To which person.
    pub(crate) user_id: Option<i64>,
    /// To which address; none once the person is gone.
    pub(crate) to: Option<String>,
    /// The name beside it.
    pub(crate) to_name: Option<String>,
    /// What it tells, as JSON; none where that is sealed, and once the person is gone.
    pub(crate) facts: Option<String>,
    /// Whether a link in it has a token.
    pub(crate) has_link: bool,
    /// The run that queued it.
    pub(crate) run: Option<String>,
    /// How far it is.
    pub(crate) state: MailState,
    /// Not before that.
    pub(crate) due_at: Instant,
    /// How many attempts were begun since it was queued or told to go again; what was the account's failure is none.
    pub(crate) attempts: u32,
    /// How many attempts are known, all in all.
    pub(crate) tries: u32,
    /// Its Message-ID, once it was tried.
    pub(crate) message_id: Option<String>,
    /// Until when its worker alone may send it.
    pub(crate) leased_until: Option<Instant>,
    /// When it ended.
    pub(crate) ended_at: Option<Instant>,
    /// Why it failed, was dropped, or waits.
    pub(crate) why: Option<String>,
    /// When it was queued.
    pub(crate) created_at: Instant,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptOutcome {
    /// It has no end yet.
    Begun,
    /// The server took the mail.
    Sent,
    /// The mail may go later.
    Later,
    /// The mail was refused for good.
    Failed,
    /// Nobody knows whether the server took it.
    Unknown,
}

impl AttemptOutcome {
    const WORDS: [(&'static str, Self); 5] = [
        ("begun", Self::Begun),
        ("sent", Self::Sent),
        ("later", Self::Later),
        ("failed", Self::Failed),
        ("unknown", Self::Unknown),
    ];

    /// As it is stored and shown.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Sent => "sent",
            Self::Later => "later",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// An attempt to send a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: u32,
    /// When it began.
    pub(crate) at: Instant,
    /// The account that sent, as it was called.
    pub(crate) account: String,
    /// The step at which it ended before its end.
    pub(crate) step: Option<String>,
    /// The answer of the server, or what else happened.
    pub(crate) answer: Option<String>,
    /// What became of it.
    pub(crate) outcome: AttemptOutcome,
    /// How many milliseconds it took.
    pub(crate) milliseconds: Option<i64>,
}

/// Which mails are listed, newest first.
#[derive(Debug, Clone)]
pub(crate) struct ListFilter<'a> {
    /// Those to this person; with an address, those to either.
    pub(crate) user: Option<i64>,
    /// Those to this address, in any of its spellings.
    pub(crate) address: Option<&'a str>,
    /// Those that are as far.
    pub(crate) state: Option<MailState>,
    /// Those for this feature.
    pub(crate) feature: Option<&'a str>,
    /// Those that were queued then or later.
    pub(crate) since: Option<Instant>,
    /// Those of the companies that the actor may look at.
    pub(crate) scope: CompanyScope,
    /// At most so many.
    pub(crate) limit: u32,
}

impl Default for ListFilter<'_> {
    fn default() -> Self {
        Self {
            user: None,
            address: None,
            state: None,
            feature: None,
            since: None,
            scope: CompanyScope::All,
            limit: u32::MAX,
        }
    }
}

/// Queues a mail in the transaction of what causes it; its id.
pub(crate) fn queue(cx: &Context, tx: &Tx<'_>, mail: &NewMail<'_>) -> Result<String> {
    queue_with(cx, tx, mail, mail.message.feature(), &[])
}

/// Queues a mail for a feature of somebody's choice, with what is attached; its id. Attachments are sealed, and what the mail
/// tells with them.
pub(crate) fn queue_with(
    cx: &Context,
    tx: &Tx<'_>,
    mail: &NewMail<'_>,
    feature: &str,
    attachments: &[Attachment<'_>],
) -> Result<String> {
    queue_as(cx, tx, mail, (feature, cx.now()), attachments)
}

/// Queues a mail that leaves no earlier than then.
fn queue_from(cx: &Context, tx: &Tx<'_>, mail: &NewMail<'_>, due: Instant) -> Result<String> {
    queue_as(cx, tx, mail, (mail.message.feature(), due), &[])
}

fn queue_as(
    cx: &Context,
    tx: &Tx<'_>,
    mail: &NewMail<'_>,
    (feature, due): (&str, Instant),
    attachments: &[Attachment<'_>],
) -> Result<String> {
    let NewMail { message, to, name, user, company, run } = *mail;
    size::check(tx, (feature, company), attachments)?;
    let id = short_id(&*cx.rng)?;
    let seq = tx.next_id("mails")?;
    let is_sealed = message.is_sealed() || !attachments.is_empty();
    let sealed = if is_sealed { Some(content::seal(cx, seq, message, attachments)?) } else { None };
    let facts = if is_sealed { None } else { Some(content::facts(message)?) };
    store::insert(
        tx,
        &store::NewRow {
            seq,
            id: &id,
            message: message.name(),
            feature,
            urgency: if run.is_some() { Urgency::Rest } else { message.urgency() },
            company_id: company,
            user_id: user,
            to,
            to_name: Some(name.trim()).filter(|name| !name.is_empty()),
            facts: facts.as_deref(),
            sealed: sealed.as_deref(),
            has_link: has_link(cx, message, user),
            run,
            due,
            now: cx.now(),
        },
    )?;
    Ok(id)
}

/// Whether a mail carries links. They open somebody's account, so it is to a person. A notice is of use without one, and has
/// none where it would lead nowhere; any other mail waits until it leads somewhere.
fn has_link(cx: &Context, message: &Message, user: Option<i64>) -> bool {
    let may = !message.purposes().is_empty() && user.is_some();
    may && (message.needs_link() || may_link(cx))
}

/// The mails that a filter lets through, newest first.
pub(crate) fn list(tx: &Tx<'_>, filter: &ListFilter<'_>) -> Result<Vec<QueuedMail>> {
    store::list(tx, filter)
}

/// The mail of that id.
pub(crate) fn get(tx: &Tx<'_>, id: &str) -> Result<QueuedMail> {
    store::by_id(tx, id)?.ok_or_else(|| Error::NoMail { id: id.to_owned() }.into())
}

/// How far the mail of that id is; nothing where it is known no longer.
pub(crate) fn state_of(tx: &Tx<'_>, id: &str) -> Result<Option<MailState>> {
    Ok(store::by_id(tx, id)?.map(|mail| mail.state))
}

/// Whether a mail of that message to a person has not left yet.
pub(crate) fn waits(tx: &Tx<'_>, user: i64, message: &str) -> Result<bool> {
    store::waits(tx, user, message)
}

/// What the mail of that place tells, where that is no secret and still known.
pub(crate) fn told_by(tx: &Tx<'_>, seq: i64) -> Result<Option<Message>> {
    let Some(facts) = store::by_seq(tx, seq)?.and_then(|mail| mail.facts) else { return Ok(None) };
    content::read(seq, &facts).map(Some)
}

/// The mail of that id, for an actor who has one of these permissions for whose mail it is. Anybody else is told as if there
/// were none.
pub(crate) fn get_for(cx: &Context, tx: &Tx<'_>, id: &str, permissions: &[&str]) -> Result<QueuedMail> {
    let mail = get(tx, id)?;
    if cx.actor.has_any(permissions, mail.company_id) {
        return Ok(mail);
    }
    Err(Error::NoMail { id: id.to_owned() }.into())
}

/// The accounts that rest now.
pub(crate) fn resting(cx: &Context, tx: &Tx<'_>) -> Result<Vec<Rest>> {
    Ok(store::work::rests(tx)?.into_iter().filter(|rest| rest.until > cx.now()).collect())
}

/// Has an account rest no longer: a mail has left by it.
pub(crate) fn end_rest(tx: &Tx<'_>, account: i64) -> Result<()> {
    store::work::end_rest(tx, account).map(drop)
}

/// The attempts to send a mail, the first one first.
pub(crate) fn attempts(tx: &Tx<'_>, seq: i64) -> Result<Vec<Attempt>> {
    store::attempts(tx, seq)
}

/// What a mail says and what is attached, opened if it is sealed; none once it has ended or the person is gone.
pub(crate) fn opened(cx: &Context, tx: &Tx<'_>, mail: &QueuedMail) -> Result<Option<Content>> {
    match &mail.facts {
        Some(facts) => {
            Ok(Some(Content { message: content::read(mail.seq, facts)?, attachments: Vec::new() }))
        }
        None => store::sealed(tx, mail.seq)?.map(|sealed| content::open(cx, mail.seq, &sealed)).transpose(),
    }
}

/// Has mails go now that wait for later or were not sent, all of them or none; they are as new.
pub(crate) fn retry(cx: &Context, ids: &[String]) -> Result<Vec<QueuedMail>> {
    cx.write(|tx| each_once(ids).map(|id| retry_in(cx, tx, id)).collect())
}

/// The ids that were given, each once.
fn each_once(ids: &[String]) -> impl Iterator<Item = &String> {
    let mut seen = HashSet::new();
    ids.iter().filter(move |id| seen.insert(*id))
}

fn retry_in(cx: &Context, tx: &Tx<'_>, id: &str) -> Result<QueuedMail> {
    let mail = get_to_change(cx, tx, id)?;
    let is_there = mail.to.is_some() && (mail.facts.is_some() || store::sealed(tx, mail.seq)?.is_some());
    match mail.state {
        MailState::Sending | MailState::Sent => return Err(wrong_state(&mail, "sent again").into()),
        MailState::Failed | MailState::Dropped if !is_there => {
            return Err(Error::NothingLeft { id: mail.id }.into());
        }
        MailState::Queued | MailState::Failed | MailState::Dropped => {}
    }
    store::requeue(tx, mail.seq, cx.now())?;
    note(cx, tx, "mail.retry", &mail)?;
    get(tx, id)
}

/// Drops mails that wait, all of them or none.
pub(crate) fn drop_waiting(cx: &Context, ids: &[String]) -> Result<Vec<QueuedMail>> {
    cx.write(|tx| each_once(ids).map(|id| drop_in(cx, tx, id)).collect())
}

fn drop_in(cx: &Context, tx: &Tx<'_>, id: &str) -> Result<QueuedMail> {
    let mail = get_to_change(cx, tx, id)?;
    if mail.state != MailState::Queued {
        return Err(wrong_state(&mail, "dropped").into());
    }
    require_to_keep_back(cx, &mail)?;
    store::end(tx, mail.seq, MailState::Dropped, Some("an administrator dropped it"), cx.now())?;
    note(cx, tx, "mail.drop", &mail)?;
    get(tx, id)
}

/// Refuses to keep back what people are told of their accounts, and administrators of what they have to know: only a superuser
/// does, and gives a reason.
fn require_to_keep_back(cx: &Context, mail: &QueuedMail) -> Result<()> {
    let is_letter = Message::names_of(Purpose::Letter).contains(&mail.message.as_str());
    if is_letter {
        return Ok(());
    }
    if !cx.actor.is_superuser() {
        let rule = "only a superuser keeps from people what is done to them";
        return Err(cx.actor.denied(rule).into());
    }
    match &cx.reason {
        Some(_) => Ok(()),
        None => Err(Error::DropWithoutReason { id: mail.id.clone() }.into()),
    }
}

/// The mail of that id, for an actor who decides about it; who may only look at it is refused.
fn get_to_change(cx: &Context, tx: &Tx<'_>, id: &str) -> Result<QueuedMail> {
    let mail = get_for(cx, tx, id, &["mail.view", "mail.send"])?;
    cx.actor.require("mail.send", mail.company_id)?;
    Ok(mail)
}

fn wrong_state(mail: &QueuedMail, what: &'static str) -> Error {
    Error::WrongState { id: mail.id.clone(), state: mail.state.word(), what }
}

/// That somebody decided about a mail.
fn note(cx: &Context, tx: &Tx<'_>, action: &str, mail: &QueuedMail) -> Result<()> {
    let told = fields_of([
        ("message", json!(mail.message)),
        ("state", json!(mail.state.word())),
        ("to", json!(mail.to)),
    ]);
    audit::note(cx, tx, Event::without_id(action, KIND, &mail.id), &told)?;
    Ok(())
}

/// Deletes the mails that ended so long ago that nothing need be known of them; how many.
pub(crate) fn end_keeping(cx: &Context) -> Result<u64> {
    let days = i64::from(*cx.settings.get(&super::settings::KEEP_DAYS));
    let before = Instant::from_micros(cx.now().micros() - days * 86_400_000_000);
    let mut deleted = 0;
    loop {
        let some = cx.write(|tx| store::delete_ended(tx, before))?;
        deleted += some;
        // A dry run takes each part back.
        if some < u64::from(store::BATCH) || cx.dry_run {
            return Ok(deleted);
        }
    }
}
