//! Wrong codes of a second factor: codes of the app and backup codes share the count.
//!
//! A code is one of a million, and of those one to three are right at a time: so after three wrong ones the next half minute
//! has to come, and after ten within an hour none is taken for a while. It is counted for the account, from whichever address,
//! and apart by what else is known of who types: whoever has the password alone, or the mailbox alone, holds neither the
//! other nor the person.

use super::counter::{HOUR, MINUTE, SECOND, Span, Window};
use super::key::{Account, Kind, Place};
use super::meters::CODES;
use super::record::record_wrong_code;
use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// How long a code is shown, in microseconds.
const STEP: i64 = 30 * SECOND;

/// How many wrong codes are answered within a step.
const IN_A_STEP: usize = 3;

/// How many hold the second factor.
const HOLDING: Window = Window { most: 10, length: HOUR };

/// For how long.
const HOLD: i64 = 15 * MINUTE;

/// Of the wrong codes of an account, the first in so long is told to the audit.
const TOLD_AGAIN: i64 = 15 * MINUTE;

/// Who types a code. Each has a count of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeBy {
    /// Whoever has the password.
    Password,
    /// Whoever has it in a browser in which the account was logged in, or is logged in.
    KnownBrowser,
    /// Whoever has a link that was mailed.
    Link,
}

impl CodeBy {
    const ALL: [Self; 3] = [Self::Password, Self::KnownBrowser, Self::Link];

    /// As it is kept.
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "",
            Self::KnownBrowser => "known",
            Self::Link => "link",
        }
    }
}

/// Whether a code is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FactorGate {
    /// It is.
    Open,
    /// Not before that time, when the next step begins.
    NextStep(Instant),
    /// Not before that time, after too many wrong ones.
    Held(Instant),
}

/// Whether a code of a person is taken now.
pub(crate) fn look_factor(cx: &Context, tx: &Tx<'_>, (user, by): (i64, CodeBy)) -> Result<FactorGate> {
    let now = cx.now();
    let counter = store::get(tx, &place(cx, user, by))?;
    if let Some(held) = counter.held.filter(|held| held.covers(now)) {
        cx.meters.count(&CODES, "not_taken");
        return Ok(FactorGate::Held(held.until));
    }
    let began = now.micros().div_euclid(STEP) * STEP;
    // What was counted in a step that is ahead, before the clock stepped back, is of no step that there is.
    let step = began..began + STEP;
    let wrong = counter.times.iter().filter(|time| step.contains(&time.micros())).count();
    Ok(if wrong >= IN_A_STEP {
        cx.meters.count(&CODES, "not_taken");
        FactorGate::NextStep(Instant::from_micros(began + STEP))
    } else {
        FactorGate::Open
    })
}

/// Counts a wrong code of a person who is called that, and tells the audit of it; until when no more are taken, where that
/// follows.
pub(crate) fn count_wrong_code(
    cx: &Context,
    tx: &Tx<'_>,
    (user, email): (i64, &str),
    by: CodeBy,
) -> Result<Option<Instant>> {
    cx.meters.count(&CODES, "wrong");
    let now = cx.now();
    let place = place(cx, user, by);
    let mut counter = store::get(tx, &place)?;
    counter.count(HOLDING.most, now);
    let is_first = counter.is_untold(TOLD_AGAIN, now);
    if is_first {
        counter.told_at = Some(now);
    }
    let held: Option<Span> =
        (counter.is_full(HOLDING, now) && !counter.holds(now)).then(|| counter.hold(HOLD, now));
    store::put(tx, &place, &counter, now)?;
    let held = held.map(|held| (counter.within(HOLDING.length, now), held));
    record_wrong_code(cx, tx, (user, email), is_first, held)?;
    Ok(held.map(|(_, held)| held.until))
}

/// Forgets the wrong codes of who typed a right one.
pub(crate) fn count_factor_success(cx: &Context, tx: &Tx<'_>, (user, by): (i64, CodeBy)) -> Result<()> {
    cx.meters.count(&CODES, "right");
    store::remove(tx, &place(cx, user, by))
}

/// Forgets all wrong codes of a second factor that is no more.
pub(crate) fn forget_wrong_codes(cx: &Context, tx: &Tx<'_>, user: i64) -> Result<()> {
    CodeBy::ALL.into_iter().try_for_each(|by| store::remove(tx, &place(cx, user, by)))
}

fn place(cx: &Context, user: i64, by: CodeBy) -> Place {
    Place::of(cx, Kind::SecondFactor, Account::Of(user), Some(by.name().to_owned()))
}
