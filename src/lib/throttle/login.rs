//! Failed logins: how many are taken, and who is held.
//!
//! Whoever wants to know whether a password is right looks here first ([`look`]), then checks it, and in the transaction
//! that the answer comes from looks again: of many tries at once, no more are answered than one after the other would be.
//! What came too soon or met a hold is answered as a wrong password is, whatever the password was, and takes as long; it
//! counts as no failure of the account, for a hold ends though somebody goes on trying. It counts against where it came from,
//! which is told so before anything is hashed once it has tried too much: tries that are refused cost no less than others.

use super::counter::{Counter, HOUR, MINUTE, Span, Window};
use super::key::{Account, Kind, Place, Source, hashed};
use super::meters::LOGINS;
use super::settings::{ACCOUNT_FAILURES, ADDRESS_FAILURES, HOLD_MINUTES, LOGIN_FAILURES};
use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// The window of failures of an account.
const ACCOUNT_WINDOW: i64 = HOUR;

/// The window of failures from one source, and for how long it is held.
const SOURCE_WINDOW: i64 = 10 * MINUTE;

/// Of the failures of one account from one source, the first in so long is told to the audit.
const TOLD_AGAIN: i64 = 15 * MINUTE;

/// A try to log in. What was typed may be a password, so it has no `Debug`.
#[derive(Clone, Copy)]
pub(crate) struct LoginTry<'a> {
    /// Of which account.
    pub(crate) account: Account<'a>,
    /// From where.
    pub(crate) source: Source,
    /// The browser, where that account logged in with it before: it is not held by what others do.
    pub(crate) known_browser: Option<&'a [u8]>,
}

/// Whether a try is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It is.
    Open,
    /// It is answered as a wrong password is.
    Shut,
    /// Nothing from there is taken until then, whatever the account; that may be said.
    SourceHeld(Instant),
}

/// What a try that failed, or was refused, led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Whether it is the first of that account from there in a while.
    pub(super) is_first: bool,
    /// Who is held by it from now on: what, and after how many failures.
    pub(super) holds: Vec<(Held, usize, Span)>,
}

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// The account, for one source.
    AccountHere,
    /// The account, for everybody.
    Account,
    /// The source.
    Source,
}

/// A counter of failures, and what it makes of them.
struct Rule {
    place: Place,
    held: Held,
    window: Window,
    hold: i64,
    /// Whether each failure makes the next wait.
    waits: bool,
}

impl Rule {
    /// Counts a try, which may be the one that is too many.
    fn count(&self, counter: &mut Counter, failure: &mut Failure, now: Instant) {
        counter.count(self.window.most, now);
        if counter.is_full(self.window, now) && !counter.holds(now) {
            let failures = counter.within(self.window.length, now);
            failure.holds.push((self.held, failures, counter.hold(self.hold, now)));
        }
    }
}

impl LoginTry<'_> {
    /// The first is the one that every try has, and that the audit is told by. What is counted against the source is that of
    /// the visitor's address, or that of the browsers that the account is known by: they are no part of their network.
    fn rules(&self, cx: &Context) -> Vec<Rule> {
        let hold = i64::from(*cx.settings.get(&HOLD_MINUTES)) * MINUTE;
        let here = Window { most: *cx.settings.get(&LOGIN_FAILURES), length: ACCOUNT_WINDOW };
        let rule = |kind, source| Rule {
            place: Place::of(cx, kind, self.account, source),
            held: Held::AccountHere,
            window: here,
            hold,
            waits: true,
        };
        let of_source = |place| Rule {
            place,
            held: Held::Source,
            window: Window { most: *cx.settings.get(&ADDRESS_FAILURES), length: SOURCE_WINDOW },
            hold: SOURCE_WINDOW,
            waits: false,
        };
        if let Some(browser) = self.known_browser {
            let browser = hashed(cx, "browser", browser);
            let place = Place::of(cx, Kind::LoginSource, self.account, Some(browser.clone()));
            let of_browsers = of_source(Place { user_id: None, ..place });
            return vec![rule(Kind::LoginBrowser, Some(browser)), of_browsers];
        }
        let anywhere = Window { most: *cx.settings.get(&ACCOUNT_FAILURES), length: ACCOUNT_WINDOW };
        let mut rules = vec![
            rule(Kind::Login, Some(self.source.text())),
            Rule { held: Held::Account, window: anywhere, waits: false, ..rule(Kind::LoginAccount, None) },
        ];
        if let Source::Address(_) = self.source {
            rules.push(of_source(Place::of_source(Kind::LoginSource, self.source)));
        }
        rules
    }
}

/// Whether the try is taken now.
pub(crate) fn look(cx: &Context, tx: &Tx<'_>, login: &LoginTry<'_>) -> Result<Gate> {
    let (now, mut gate) = (cx.now(), Gate::Open);
    for rule in login.rules(cx) {
        let counter = store::get(tx, &rule.place)?;
        match counter.held.filter(|held| held.covers(now)) {
            Some(held) if rule.held == Held::Source => {
                cx.meters.count(&LOGINS, "address_held");
                return Ok(Gate::SourceHeld(held.until));
            }
            Some(_) => gate = Gate::Shut,
            None if rule.waits && counter.is_too_soon(rule.window.length, now) => gate = Gate::Shut,
            None => {}
        }
    }
    Ok(gate)
}

/// Counts a try that failed.
pub(crate) fn count_failure(cx: &Context, tx: &Tx<'_>, login: &LoginTry<'_>) -> Result<Failure> {
    cx.meters.count(&LOGINS, "wrong");
    let now = cx.now();
    let mut failure = Failure { is_first: false, holds: Vec::new() };
    for (place, rule) in login.rules(cx).into_iter().enumerate() {
        let mut counter = store::get(tx, &rule.place)?;
        rule.count(&mut counter, &mut failure, now);
        if place == 0 && counter.is_untold(TOLD_AGAIN, now) {
            counter.told_at = Some(now);
            failure.is_first = true;
        }
        store::put(tx, &rule.place, &counter, now)?;
    }
    Ok(failure)
}

/// Counts a try that was not taken: against where it came from, and as no failure of the account, but so that it costs what one
/// costs.
pub(crate) fn count_refused(cx: &Context, tx: &Tx<'_>, login: &LoginTry<'_>) -> Result<Failure> {
    cx.meters.count(&LOGINS, "not_taken");
    let now = cx.now();
    let mut failure = Failure { is_first: false, holds: Vec::new() };
    for rule in login.rules(cx) {
        let mut counter = store::get(tx, &rule.place)?;
        if rule.held == Held::Source {
            rule.count(&mut counter, &mut failure, now);
        } else {
            counter.refused = counter.refused.saturating_add(1);
        }
        store::put(tx, &rule.place, &counter, now)?;
    }
    Ok(failure)
}

/// Forgets the failures of who logged in, from there; what others tried elsewhere still counts.
pub(crate) fn count_success(cx: &Context, tx: &Tx<'_>, login: &LoginTry<'_>) -> Result<()> {
    cx.meters.count(&LOGINS, "right");
    let rules = login.rules(cx);
    rules
        .iter()
        .filter(|rule| rule.held == Held::AccountHere)
        .try_for_each(|rule| store::remove(tx, &rule.place))
}
