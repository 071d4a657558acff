//! The alert of a run that is held.

use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::outbox::{self, NewMail};
use crate::mail::settings::ALERTS_TO;
use crate::run::Run;
use crate::store::Tx;
use crate::text::email::Email;
use crate::text::instant::Instant;
use crate::user::{User, login, store as people};

/// For how many microseconds the same cause is not told again.
const A_DAY: i64 = 86_400 * 1_000_000;

/// Whom an alert is told: an address, and the person behind it.
struct Recipient {
    to: Email,
    name: String,
    user: Option<i64>,
}

/// Tells who can release a run that it is held, once a day for one cause.
pub(super) fn tell(cx: &Context, tx: &Tx<'_>, run: &Run, cause: &str) -> Result<()> {
    let (cause, now) = (format!("run held: {cause}"), cx.now());
    store::forget_alerts_until(tx, Instant::from_micros(now.micros().saturating_sub(A_DAY)))?;
    if let Some(mail) = store::alerted(tx, &cause)? {
        // What has not left yet tells of a run whose place this one takes, and never will.
        if !outbox::is_waiting(tx, &mail)? {
            return Ok(());
        }
    }
    let (people, source) = (run.summary.effect.people, run.source.clone());
    let message = Message::RunHeld { run: run.id.clone(), source, people, at: now };
    let mut last = None;
    for Recipient { to, name, user } in recipients(cx, tx)? {
        let mail = NewMail { message: &message, to: &to, name: &name, user, company: None, run: None };
        last = Some(outbox::queue(cx, tx, &mail)?);
    }
    last.map_or(Ok(()), |mail| store::set_alerted(tx, &cause, now, &mail))
}

/// The addresses that the site names, else the superusers who are active.
fn recipients(cx: &Context, tx: &Tx<'_>) -> Result<Vec<Recipient>> {
    let named = cx.settings.get(&ALERTS_TO);
    if !named.is_empty() {
        let of = |to: &Email| Recipient { to: to.clone(), name: String::new(), user: None };
        return Ok(named.iter().map(of).collect());
    }
    let today = cx.today();
    let mut superusers = people::superusers(tx)?;
    superusers.retain(|user| !user.facts.deleted && login::is_active(user, today));
    let of = |user: &User| {
        let to = Email::parse(&user.facts.email).ok()?;
        Some(Recipient { to, name: user.facts.full_name(), user: Some(user.id) })
    };
    Ok(superusers.iter().filter_map(of).collect())
}
