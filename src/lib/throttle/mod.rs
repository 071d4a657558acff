//! Throttles: how often a password is tried, a link asked for, and something written by the contact form.
//!
//! What is counted stands in the store, so that it survives a restart and is the same for every process: a row for each
//! account and source ([`key`]), with the times themselves ([`counter`]). Nobody waits in a worker: who comes too soon is
//! answered. Failed logins are in [`login`], wrong codes of a second factor in [`factor`], asks for a link in [`link`], what comes by
//! the contact form in [`contact`]; what
//! the audit is told is in [`mod@record`].
//!
//! What was typed in the place of an email may be a password. For a name that nobody has, and for
//! whatever a link is asked for, a keyed hash is kept.

mod contact;
mod counter;
mod factor;
mod hold;
mod key;
mod link;
mod login;
pub(crate) mod meters;
mod record;
pub(crate) mod settings;
mod store;
pub(crate) mod upkeep;

#[cfg(test)]
mod tests;

pub(crate) use contact::{take_contact, take_contact_reply};
pub(crate) use factor::{
    CodeBy, FactorGate, count_factor_success, count_wrong_code, forget_wrong_codes, look_factor,
};
pub(crate) use hold::{Hold, Of, holds};
pub(crate) use key::{Account, Source};
pub(crate) use link::{LinkAsk, is_looked_at, take_ask, take_mail};
pub(crate) use login::{Gate, LoginTry, count_failure, count_refused, count_success, look};
pub(crate) use record::{KIND, record, record_failure, record_holds};

use crate::error::Result;
use crate::store::Tx;

/// Ends every hold of a person, and forgets the failures that led to them.
pub(crate) fn unlock(tx: &Tx<'_>, user: i64) -> Result<()> {
    store::forget(tx, user)
}

/// Holds a person everywhere until then, as a hundred failures do.
#[cfg(test)]
pub(crate) fn hold(
    cx: &crate::context::Context,
    tx: &Tx<'_>,
    user: i64,
    until: crate::text::instant::Instant,
) -> Result<()> {
    let place = key::Place::of(cx, key::Kind::LoginAccount, Account::Of(user), None);
    let held = Some(counter::Span { since: cx.now(), until });
    store::put(tx, &place, &counter::Counter { held, ..counter::Counter::default() }, cx.now())
}
