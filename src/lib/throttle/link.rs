//! Asks for a link by mail: which are looked at, and which lead to one. What is seen of an ask is the same either way, and
//! so is what becomes of the asks after it.
//!
//! Whether an ask is looked at is decided by where it comes from and by what was typed, and by nothing else: of whose email
//! it is, whether there is such an account and whether a mail was sent, it cannot tell anything. Each email is counted for
//! itself, so that an office behind one address gets its mails, whatever one of them does. Only then it is asked how many
//! mails a person had, a limit that never shuts: somebody else can use it up.

use super::counter::{HOUR, MINUTE, Window};
use super::key::{Account, Kind, Place, Source};
use super::meters::REFUSED;
use super::settings::LINK_PEOPLE;
use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// Asks from one source for the same email.
const FOR_ONE: [Window; 3] = [
    Window { most: 5, length: 10 * MINUTE },
    Window { most: 10, length: 15 * MINUTE },
    Window { most: 15, length: 30 * MINUTE },
];

/// The window in which emails are different ones.
const DIFFERENT: i64 = 10 * MINUTE;

/// Mails to a person.
const AN_HOUR: Window = Window { most: 3, length: HOUR };

/// After so many, still one an hour.
const A_DAY: Window = Window { most: 6, length: 24 * HOUR };

/// An ask for a link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkAsk<'a> {
    /// Where it comes from.
    pub(crate) source: Source,
    /// What was typed as an email, folded. It may be a password.
    pub(crate) typed: &'a str,
}

impl LinkAsk<'_> {
    fn for_one(&self, cx: &Context) -> Place {
        Place::of(cx, Kind::LinkPerson, Account::Nobodys(self.typed), Some(self.source.text()))
    }

    fn different(&self) -> Place {
        Place::of_source(Kind::LinkPeople, self.source)
    }
}

/// Whether an ask is looked at now.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn is_looked_at(cx: &Context, tx: &Tx<'_>, ask: &LinkAsk<'_>) -> Result<bool> {
    let now = cx.now();
    let asks = store::get(tx, &ask.for_one(cx))?;
    let window = Window { most: *cx.settings.get(&LINK_PEOPLE), length: DIFFERENT };
    let is_too_often = FOR_ONE.iter().any(|window| asks.is_full(*window, now));
    let is_looked_at = !is_too_often
        && (asks.within(DIFFERENT, now) > 0 || !store::get(tx, &ask.different())?.is_full(window, now));
    if !is_looked_at {
        cx.meters.count(&REFUSED, "link");
    }
    Ok(is_looked_at)
}

/// Whether an ask is looked at now, which counts it if so. Who asks too often is no longer held once they wait.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn take_ask(cx: &Context, tx: &Tx<'_>, ask: &LinkAsk<'_>) -> Result<bool> {
    if !is_looked_at(cx, tx, ask)? {
        return Ok(false);
    }
    let (now, place) = (cx.now(), ask.for_one(cx));
    let mut asks = store::get(tx, &place)?;
    if asks.within(DIFFERENT, now) == 0 {
        let place = ask.different();
        let mut different = store::get(tx, &place)?;
        different.count(*cx.settings.get(&LINK_PEOPLE), now);
        store::put(tx, &place, &different, now)?;
    }
    asks.count(FOR_ONE.iter().map(|window| window.most).max().unwrap_or_default(), now);
    store::put(tx, &place, &asks, now)?;
    Ok(true)
}

/// Whether a mail with a link may go to that person, which counts it if so.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn take_mail(cx: &Context, tx: &Tx<'_>, person: i64) -> Result<bool> {
    let now = cx.now();
    let place = Place::of(cx, Kind::LinkAccount, Account::Of(person), None);
    let mut mails = store::get(tx, &place)?;
    if mails.is_full(AN_HOUR, now) || (mails.is_full(A_DAY, now) && mails.within(AN_HOUR.length, now) > 0) {
        return Ok(false);
    }
    mails.count(A_DAY.most, now);
    store::put(tx, &place, &mails, now)?;
    Ok(true)
}
