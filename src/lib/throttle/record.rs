//! What the audit is told of logins: for it is kept for ever, no more than a bounded number of rows.
//!
//! Rows are each login, each that its second factor did not follow, and the first failure of an account from one place in 15 minutes, and each hold with the number of failures that led
//! to it. Above [`MOST_ROWS`] a minute, all the rest is one row a minute. What was typed for nobody's account is in none.

use serde_json::json;

use super::counter::{MINUTE, Span, after};
use super::key::Account;
use super::login::{Failure, Held, LoginTry};
use super::store::{self, Minute};
use crate::audit::{self, Event, Fields, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// The kind of rows about logins.
pub(crate) const KIND: &str = "login";

/// How many rows a minute are told one by one.
const MOST_ROWS: u32 = 600;

/// How a name is told that nobody has.
const NOBODY: &str = "an unknown account";

/// Tells the audit of a failure and of what it led to; `email` is how a person who was tried is called.
pub(crate) fn record_failure(
    cx: &Context,
    tx: &Tx<'_>,
    (login, email): (&LoginTry<'_>, &str),
    failure: &Failure,
) -> Result<()> {
    if failure.is_first {
        record(cx, tx, about("login.failed", login, email), &Fields::new())?;
    }
    record_holds(cx, tx, (login, email), failure)
}

/// Tells the audit of a wrong code of a person's second factor, and of the hold that it led to after so many.
pub(super) fn record_wrong_code(
    cx: &Context,
    tx: &Tx<'_>,
    (user, email): (i64, &str),
    is_first: bool,
    held: Option<(usize, Span)>,
) -> Result<()> {
    let what = ("of", json!("second factor"));
    if is_first {
        record(cx, tx, Event::of("login.failed", (KIND, user), email), &fields_of([what.clone()]))?;
    }
    let Some((failures, span)) = held else { return Ok(()) };
    let told = fields_of([what, ("failures", json!(failures)), ("until", json!(span.until))]);
    record(cx, tx, Event::of("login.held", (KIND, user), email), &told)
}

/// Tells the audit of the holds that a failure led to.
pub(crate) fn record_holds(
    cx: &Context,
    tx: &Tx<'_>,
    (login, email): (&LoginTry<'_>, &str),
    failure: &Failure,
) -> Result<()> {
    let source = login.source.text();
    for (held, failures, span) in &failure.holds {
        let mut told = fields_of([("failures", json!(failures)), ("until", json!(span.until))]);
        let event = match held {
            Held::Account => about("login.held", login, email),
            Held::AccountHere => {
                told.insert("from".to_owned(), json!(source));
                about("login.held", login, email)
            }
            Held::Source if login.known_browser.is_some() => {
                told.insert("from".to_owned(), json!("known browsers"));
                about("login.held", login, email)
            }
            Held::Source => Event::without_id("login.held", KIND, &source),
        };
        record(cx, tx, event, &told)?;
    }
    Ok(())
}

fn about<'a>(action: &'a str, login: &LoginTry<'_>, email: &'a str) -> Event<'a> {
    match login.account {
        Account::Of(id) => Event::of(action, (KIND, id), email),
        Account::Nobodys(_) => Event::without_id(action, KIND, NOBODY),
    }
}

/// Writes a row about a login, unless there are too many within this minute.
pub(crate) fn record(cx: &Context, tx: &Tx<'_>, event: Event<'_>, told: &Fields) -> Result<()> {
    end_minute(cx, tx)?;
    let new = Minute { began: cx.now(), written: 0, left_out: 0 };
    let mut minute = store::minute(tx)?.unwrap_or(new);
    if minute.written < MOST_ROWS {
        audit::note(cx, tx, event, told)?;
        minute.written += 1;
    } else {
        minute.left_out += 1;
    }
    store::set_minute(tx, minute)
}

/// Tells what was left out of a minute that has ended; a clock that was set back ends it too.
pub(super) fn end_minute(cx: &Context, tx: &Tx<'_>) -> Result<()> {
    let now = cx.now();
    let Some(last) = store::minute(tx)? else { return Ok(()) };
    if last.began <= now && now < after(last.began, MINUTE) {
        return Ok(());
    }
    if last.left_out > 0 {
        let told = fields_of([("rows", json!(last.left_out)), ("since", json!(last.began))]);
        audit::note(cx, tx, Event::without_id("login.left_out", KIND, "logins"), &told)?;
    }
    store::set_minute(tx, Minute { began: now, written: 0, left_out: 0 })
}
