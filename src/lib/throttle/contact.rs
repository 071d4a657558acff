//! Messages by the contact form: how many are taken from one network, and how often an address is answered.
//!
//! The answer goes to an address that somebody typed, so that whoever types that of another has it sent to them: at most once
//! a day.

use super::counter::{HOUR, MINUTE, Window, after};
use super::key::{Account, Kind, Place, Source};
use super::meters::REFUSED;
use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Messages from one network.
const FROM_ONE: [Window; 2] =
    [Window { most: 5, length: 10 * MINUTE }, Window { most: 20, length: 24 * HOUR }];

/// Answers to one address.
const A_DAY: Window = Window { most: 1, length: 24 * HOUR };

/// Counts a message by the contact form; until when none is taken from there, where there were too many.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn take_contact(cx: &Context, tx: &Tx<'_>) -> Result<Option<Instant>> {
    let now = cx.now();
    let place = Place::of_source(Kind::Contact, Source::of(cx));
    let mut counter = store::get(tx, &place)?;
    if let Some(window) = FROM_ONE.iter().rev().find(|window| counter.is_full(**window, now)) {
        cx.meters.count(&REFUSED, "contact");
        // Once the first of so many is older than the window, another one is taken.
        let first = counter.times.iter().rev().nth(window.most.saturating_sub(1) as usize);
        return Ok(Some(after(first.copied().unwrap_or(now), window.length)));
    }
    counter.count(FROM_ONE.iter().map(|window| window.most).max().unwrap_or_default(), now);
    store::put(tx, &place, &counter, now)?;
    Ok(None)
}

/// Whether that address may be sent the answer that everybody is sent, which counts it if so; `email` is its key.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn take_contact_reply(cx: &Context, tx: &Tx<'_>, email: &str) -> Result<bool> {
    let now = cx.now();
    let place = Place::of(cx, Kind::ContactReply, Account::Nobodys(email), None);
    let mut counter = store::get(tx, &place)?;
    if counter.is_full(A_DAY, now) {
        return Ok(false);
    }
    counter.count(A_DAY.most, now);
    store::put(tx, &place, &counter, now)?;
    Ok(true)
}
