//! Second factors: a code that an authenticator app makes of a secret and the time (TOTP, RFC 6238), asked for after the
//! password.
//!
//! A person enrols one themself: they are shown a secret, which waits in their session, and it counts once a code of it was
//! typed ([`enrol`]). With it come ten backup codes, each good once, for when the app is not at hand. [`mod@check`] says whether a
//! code is right, as the throttle allows; each time step is good once, whoever comes first. Only the clock of the server
//! counts. An administrator says who has to have one (`user::bulk`), and [`reset`]s what was lost.
//!
//! The secret lies sealed in the store, backup codes as hashes; neither is shown again.

mod backup;
mod check;
pub(crate) mod cli;
mod enrol;
mod error;
mod reset;
mod status;
mod store;
mod totp;
mod typed;
pub(crate) mod upkeep;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use check::{Checked, check};
pub(crate) use enrol::{
    Confirmed, Offer, WAITS as ENROLMENT_WAITS, code_set, confirm, disable, new_codes, offer,
};
pub(crate) use error::Error;
pub(crate) use store::{ENROLMENT, SECRET};
pub(crate) use typed::Typed;

use serde_json::json;

use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::store::{SealedColumn, Tx};
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::User;
use crate::user::second_factor::FACTOR_KIND;

/// How many backup codes somebody is given.
pub(crate) const BACKUP_CODES: u32 = 10;

/// A minute in microseconds.
const MINUTE: i64 = 60 * 1_000_000;

const fn place(column: &SealedColumn, row: i64) -> SecretLocation<'static> {
    SecretLocation { table: column.table, column: column.column, row }
}

/// What people type, as it is shown: capitals in groups of four, with that between them.
fn in_groups(text: &str, between: char) -> Secret {
    let mut shown = String::with_capacity(2 * text.len());
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            shown.push(between);
        }
        shown.push(letter.to_ascii_uppercase());
    }
    Secret::new(shown)
}

/// The secret of a person's app; nothing where it was lost when the key was replaced.
fn secret_of(cx: &Context, tx: &Tx<'_>, user: i64) -> Result<Option<totp::Secret>> {
    let sealed = store::secret(tx, user)?;
    Ok(sealed.map(|sealed| seal::open(&cx.key, place(&SECRET, user), &sealed)).transpose()?)
}

/// What the audit keeps of a second factor.
fn told(is_enrolled: bool, codes: u32) -> Fields {
    let word = if is_enrolled { "enrolled" } else { "none" };
    audit::fields_of([("second_factor", json!(word)), ("backup_codes", json!(codes))])
}

/// Records what became of the second factor of a person; when, as the audit has it.
fn record(
    cx: &Context,
    tx: &Tx<'_>,
    (action, user): (&str, &User),
    (before, after): (&Fields, &Fields),
) -> Result<Instant> {
    let event = Event::of(action, (FACTOR_KIND, user.id), &user.facts.email);
    let seq = audit::change(cx, tx, event, before, after)?;
    audit::time_of(tx, seq)
}
