//! Which mail is next: the most urgent, then the one that is due for longest, then the oldest.
//!
//! Mails that nobody waits for are taken account by account, for each change of it is a new connection. An account whose rest is
//! over is on trial until a mail has left by it. Its mails keep their order by urgency, and among those of one urgency the ones
//! that were never tried come first, for what was refused before may be refused again. If only that is more urgent than the
//! rest, it would have the account rest each time and the others never leave: so one attempt of each trial is for a mail that
//! was never tried, whatever its urgency. It is the last but one before refusals alike have the account rest, and the first of
//! each third trial in a row.

use super::super::QueuedMail;
use super::super::store::trials;
use super::super::store::work::{self, Rest};
use super::ways::Ways;
use crate::error::Result;
use crate::mail::message::Urgency;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Which attempt of a trial is for a mail that was never tried, from 0: the last but one of those whose refusals
/// alike have the account rest.
const CHANCE: u32 = 3;

/// Of each so many trials in a row, the last has it at once.
const AT_ONCE: u32 = 3;

/// What an account on trial offers: its next mail.
struct Offer {
    account: i64,
    urgency: Urgency,
    mail: QueuedMail,
}

/// The next mail by a server, for a lane that has a connection of its own account, if it has any.
pub(super) fn next(
    tx: &Tx<'_>,
    ways: &Ways,
    (server, own): (i64, Option<i64>),
    now: Instant,
) -> Result<Option<QueuedMail>> {
    let trials = ways.on_trial(server);
    let offers: Vec<Offer> = trials
        .iter()
        .filter_map(|rest| offer(tx, ways, (server, rest), now).transpose())
        .collect::<Result<_>>()?;
    let is_on_trial = |account: i64| trials.iter().any(|rest| rest.account_id == account);
    let others = ways.uses_of(server, |account| !is_on_trial(account));
    for urgency in Urgency::ALL {
        // One that was just asked lets the others go before, so that none of them waits until it has sent.
        let offered = |was_asked: bool| {
            let offers = offers.iter().filter(|offer| offer.urgency == urgency);
            let offers = offers.filter(|offer| (Some(offer.account) == own) == was_asked);
            offers.min_by_key(|offer| (offer.mail.due_at, offer.mail.seq)).map(|offer| offer.mail.clone())
        };
        if let Some(mail) = offered(false) {
            return Ok(Some(mail));
        }
        if let (Urgency::Rest, Some(own)) = (urgency, own.filter(|own| !is_on_trial(*own)))
            && let uses = ways.uses_of(server, |account| account == own)
            && let Some(mail) = work::next(tx, (urgency, &uses), ways.links, now)?
        {
            return Ok(Some(mail));
        }
        if let Some(mail) = work::next(tx, (urgency, &others), ways.links, now)? {
            return Ok(Some(mail));
        }
        if let Some(mail) = offered(true) {
            return Ok(Some(mail));
        }
    }
    Ok(None)
}

/// The next mail of an account on trial.
fn offer(tx: &Tx<'_>, ways: &Ways, (server, rest): (i64, &Rest), now: Instant) -> Result<Option<Offer>> {
    let account = rest.account_id;
    let uses = ways.uses_of(server, |only| only == account);
    if is_chance(tx, rest)? {
        for urgency in Urgency::ALL {
            if let Some(mail) = work::next_untried(tx, (urgency, &uses), ways.links, now)? {
                return Ok(Some(Offer { account, urgency, mail }));
            }
        }
    }
    for urgency in Urgency::ALL {
        let place = (urgency, uses.as_str());
        let mail = match work::next_untried(tx, place, ways.links, now)? {
            None => work::next(tx, place, ways.links, now)?,
            untried => untried,
        };
        if let Some(mail) = mail {
            return Ok(Some(Offer { account, urgency, mail }));
        }
    }
    Ok(None)
}

/// Whether the next attempt of a trial is the one for a mail that was never tried.
fn is_chance(tx: &Tx<'_>, rest: &Rest) -> Result<bool> {
    let begun = trials::begun_since(tx, &rest.account, rest.until, CHANCE + 1)?;
    Ok(begun == if rest.times.is_multiple_of(AT_ONCE) { 0 } else { CHANCE })
}
