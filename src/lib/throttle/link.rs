//! Asks for a link by mail: which lead to one. What is seen of an ask is the same either way.
//!
//! A source is limited by its asks that lead to no mail, so that an office behind one address gets its mails; a person by
//! their mails, a limit that never shuts: somebody else can use it up.

use super::counter::{HOUR, MINUTE, Window};
use super::key::{Account, Kind, Place, Source};
use super::settings::LINK_PEOPLE;
use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// Asks from one source that lead to no mail.
const FROM_SOURCE: [Window; 3] = [
    Window { most: 5, length: 10 * MINUTE },
    Window { most: 10, length: 15 * MINUTE },
    Window { most: 15, length: 30 * MINUTE },
];

/// Mails to a person.
const AN_HOUR: Window = Window { most: 3, length: HOUR };

/// After so many, still one an hour.
const A_DAY: Window = Window { most: 6, length: 24 * HOUR };

/// The window in which people are different ones.
const PEOPLE_WINDOW: i64 = 10 * MINUTE;

/// Whether an ask from there leads to a mail to that person, and counts it; nobody is a name that no mail goes to.
pub(crate) fn ask(cx: &Context, tx: &Tx<'_>, source: Source, person: Option<i64>) -> Result<bool> {
    let now = cx.now();
    let place = Place::of_source(Kind::LinkSource, source);
    let mut asks = store::get(tx, &place)?;
    let is_open = FROM_SOURCE.iter().all(|window| !asks.is_full(*window, now));
    if let Some(person) = person.filter(|_| is_open)
        && grant(cx, tx, source, person)?
    {
        return Ok(true);
    }
    asks.count(FROM_SOURCE.iter().map(|window| window.most).max().unwrap_or_default(), now);
    store::put(tx, &place, &asks, now)?;
    Ok(false)
}

/// Whether the limits of the person, and of different people from there, leave room for a mail; counts it.
fn grant(cx: &Context, tx: &Tx<'_>, source: Source, person: i64) -> Result<bool> {
    let (now, account) = (cx.now(), Account::Of(person));
    let mails = Place::of(cx, Kind::LinkAccount, account, None);
    let mut counter = store::get(tx, &mails)?;
    let last_hour = counter.within(AN_HOUR.length, now);
    if counter.is_full(AN_HOUR, now) || (counter.is_full(A_DAY, now) && last_hour > 0) {
        return Ok(false);
    }
    let here = Place::of(cx, Kind::LinkPerson, account, Some(source.text()));
    let mut known = store::get(tx, &here)?;
    if known.within(PEOPLE_WINDOW, now) == 0 {
        let people = Place::of_source(Kind::LinkPeople, source);
        let mut different = store::get(tx, &people)?;
        let most = *cx.settings.get(&LINK_PEOPLE);
        if different.is_full(Window { most, length: PEOPLE_WINDOW }, now) {
            return Ok(false);
        }
        different.count(most, now);
        store::put(tx, &people, &different, now)?;
    }
    known.count(1, now);
    store::put(tx, &here, &known, now)?;
    counter.count(A_DAY.most, now);
    store::put(tx, &mails, &counter, now)?;
    Ok(true)
}
