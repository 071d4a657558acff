//! What keeps mails from leaving for so long that administrators are told.

use super::resting;
use super::store::{self, work};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::store::Tx;
use crate::text::instant::Instant;

/// How many microseconds an account rests before it is told, …
const LONG_REST: i64 = 15 * 60 * 1_000_000;

/// … and mails wait.
const LONG_WAIT: i64 = 60 * 60 * 1_000_000;

/// For how long it is told that mails could not be made.
const DAYS: i64 = 7 * 86_400 * 1_000_000;

/// What there is to tell: each cause with what is said of it.
pub(crate) fn hindrances(cx: &Context, tx: &Tx<'_>) -> Result<Vec<(String, Message)>> {
    let long_ago = before(cx, LONG_REST);
    let mut found: Vec<(String, Message)> = Vec::new();
    for rest in resting(cx, tx)?.into_iter().filter(|rest| rest.first_at <= long_ago) {
        let message = Message::AccountRests { sender: rest.account, since: rest.first_at };
        found.push((format!("account rests: {}", rest.account_id), message));
    }
    if let Some((mails, since)) = waiting_for_long(cx, tx)? {
        found.push(("mails wait".to_owned(), Message::MailsWait { mails, since }));
    }
    if let Some((mails, last, at)) = unmade(cx, tx)? {
        found.push(("mails unmade".to_owned(), Message::MailsUnmade { mails, last, at }));
    }
    Ok(found)
}

/// How many mails could not be made in the last days, which the last one is, and when it was to leave.
pub(crate) fn unmade(cx: &Context, tx: &Tx<'_>) -> Result<Option<(u64, String, Instant)>> {
    store::unmade(tx, before(cx, DAYS))
}

/// How many mails have waited for more than an hour, and since when the oldest does.
pub(crate) fn waiting_for_long(cx: &Context, tx: &Tx<'_>) -> Result<Option<(u64, Instant)>> {
    store::older(tx, before(cx, LONG_WAIT))
}

/// Whether an account has rested since a mail left by it.
pub(crate) fn has_rested(tx: &Tx<'_>, account: &str) -> Result<bool> {
    Ok(work::rests(tx)?.iter().any(|rest| rest.account == account))
}

fn before(cx: &Context, microseconds: i64) -> Instant {
    Instant::from_micros(cx.now().micros().saturating_sub(microseconds))
}
