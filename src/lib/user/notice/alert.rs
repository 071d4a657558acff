//! Alerts: what administrators have to know. A run is held; an account of mail rests; mails wait; what those above tell.
//!
//! Each cause is told once a day, and one that has a last day once, to the addresses of the setting `alerts.to`, else to the superusers who are active. A mail
//! that was not sent has told nobody: the cause is told again.

use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::outbox::{self, MailState, NewMail};
use crate::mail::settings::ALERTS_TO;
use crate::run::Run;
use crate::store::Tx;
use crate::text::email::Email;
use crate::text::instant::Instant;
use crate::user::{User, login, store as people};

/// For how many microseconds the same cause is not told again.
const A_DAY: i64 = 86_400 * 1_000_000;

/// The same of a cause that is told once.
const A_MONTH: i64 = 31 * A_DAY;

/// How many days before its end a certificate is told of: the nearest first.
const CERTIFICATE_MARKS: [i64; 2] = [7, 30];

/// Whom an alert is told: an address, and the person behind it.
struct Recipient {
    to: Email,
    name: String,
    user: Option<i64>,
}

/// Tells who can release a run that it is held.
pub(super) fn tell_held(cx: &Context, tx: &Tx<'_>, run: &Run, cause: &str) -> Result<()> {
    let cause = format!("run held: {cause}");
    // What still waits tells of a run whose place this one takes, and never will.
    if matches!(last_told(cx, tx, &cause)?, Some(MailState::Sending | MailState::Sent)) {
        return Ok(());
    }
    let (people, source) = (run.summary.effect.people, run.source.clone());
    tell(cx, tx, &cause, &Message::RunHeld { run: run.id.clone(), source, people, at: cx.now() })
}

/// Tells administrators what keeps mails from leaving.
pub(super) fn watch(cx: &Context) -> Result<()> {
    if cx.read(|tx| outbox::hindrances(cx, tx))?.is_empty() {
        return Ok(());
    }
    cx.write(|tx| {
        for (cause, message) in outbox::hindrances(cx, tx)? {
            if last_told(cx, tx, &cause)?.is_none() {
                tell(cx, tx, &cause, &message)?;
            }
        }
        Ok(())
    })
}

/// Tells administrators of a cause, unless it was told within a day.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn tell_daily(cx: &Context, tx: &Tx<'_>, cause: &str, message: &Message) -> Result<()> {
    if last_told(cx, tx, cause)?.is_some() {
        return Ok(());
    }
    tell(cx, tx, cause, message)
}

/// Tells administrators once of a cause that is over within a month, such as a day that comes.
///
/// # Errors
/// When the store cannot be written.
fn tell_once(cx: &Context, tx: &Tx<'_>, cause: &str, message: &Message) -> Result<()> {
    let cause = format!("{}{cause}", store::ONCE);
    forget(cx, tx)?;
    if store::alerted(tx, &cause)?.is_some() {
        return Ok(());
    }
    tell(cx, tx, &cause, message)
}

/// The mark that a certificate has passed which is good until then, in days; none where it is good for longer.
fn mark(cx: &Context, until: Instant) -> Option<i64> {
    let left = until.micros().saturating_sub(cx.now().micros());
    CERTIFICATE_MARKS.into_iter().find(|days| left < days * A_DAY)
}

/// Whether there is something to tell of a certificate that is good until then.
pub(crate) fn certificate_ends_soon(cx: &Context, until: Instant) -> bool {
    mark(cx, until).is_some()
}

/// Tells administrators that the certificate of somebody is about to end, unless that was told since it passed the same mark.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn tell_certificate(
    cx: &Context,
    tx: &Tx<'_>,
    (whose, until): (&str, Instant),
    message: &Message,
) -> Result<()> {
    let Some(mark) = mark(cx, until) else { return Ok(()) };
    tell_once(cx, tx, &format!("certificate ends: {whose} {} {mark}", until.micros()), message)
}

/// Tells administrators that the certificate of the site is about to end, which stands in that file, where it is so.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn tell_of_site_certificate(cx: &Context, file: &str, until: Instant) -> Result<()> {
    if !certificate_ends_soon(cx, until) {
        return Ok(());
    }
    let message = Message::SiteCertificateEnds { file: file.to_owned(), until };
    cx.write(|tx| tell_certificate(cx, tx, ("the site", until), &message))
}

/// Forgets what was told long ago: it may be told again.
fn forget(cx: &Context, tx: &Tx<'_>) -> Result<()> {
    let now = cx.now();
    let before = |microseconds: i64| Instant::from_micros(now.micros().saturating_sub(microseconds));
    store::forget_alerts_until(tx, (before(A_DAY), before(A_MONTH)), now)
}

/// How far the last mail is that told of a cause: within a day, or longer ago and still on its way.
fn last_told(cx: &Context, tx: &Tx<'_>, cause: &str) -> Result<Option<MailState>> {
    forget(cx, tx)?;
    let mail = store::alerted(tx, cause)?;
    Ok(mail.map(|mail| outbox::state_of(tx, &mail)).transpose()?.flatten())
}

fn tell(cx: &Context, tx: &Tx<'_>, cause: &str, message: &Message) -> Result<()> {
    let last = tell_administrators(cx, tx, message)?;
    last.map_or(Ok(()), |mail| store::set_alerted(tx, cause, cx.now(), &mail))
}

/// Tells administrators something; the id of the last mail that does.
pub(in crate::user) fn tell_administrators(
    cx: &Context,
    tx: &Tx<'_>,
    message: &Message,
) -> Result<Option<String>> {
    let mut last = None;
    for Recipient { to, name, user } in recipients(cx, tx)? {
        let mail = NewMail { message, to: &to, name: &name, user, company: None, run: None };
        last = Some(outbox::queue(cx, tx, &mail)?);
    }
    Ok(last)
}

/// The addresses that the site names, else the superusers who are active.
fn recipients(cx: &Context, tx: &Tx<'_>) -> Result<Vec<Recipient>> {
    let named = cx.settings.get(&ALERTS_TO);
    if !named.is_empty() {
        let of = |to: &Email| Recipient { to: to.clone(), name: String::new(), user: None };
        return Ok(named.iter().map(of).collect());
    }
    let moment = login::Moment::of(cx);
    let mut superusers = people::superusers(tx)?;
    superusers.retain(|user| !user.facts.deleted && login::is_active(user, moment));
    let of = |user: &User| {
        let to = Email::parse(&user.facts.email).ok()?;
        Some(Recipient { to, name: user.facts.full_name(), user: Some(user.id) })
    };
    Ok(superusers.iter().filter_map(of).collect())
}
