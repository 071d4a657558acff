//! Whether a code is right.
//!
//! It is decided in the transaction in which it is used up, so that of two who type it at once one is right. Wrong ones are
//! counted there too, codes of the app and backup codes alike.

use serde_json::json;

use super::{FACTOR_KIND, Typed, backup, secret_of, store, totp};
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::throttle::{self, CodeBy, FactorGate};
use crate::user::{self, User, notice};

/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Checked<T> {
    /// It is right; with what that led to.
    Right(T),
    /// It is not.
    Wrong,
    /// Three were wrong: none is taken before then.
    NextStep(Instant),
    /// Ten were wrong: none is taken before then.
    Held(Instant),
}

/// Checks a code of a person who is enrolled, whether they may log in or not, and does `right` in the transaction in which it
/// is used up.
///
/// # Errors
/// When too many hashes are being made, when the store is busy, and those of `right`.
pub(crate) fn check<T>(
    cx: &Context,
    (user, by): (i64, CodeBy),
    typed: &Typed,
    right: impl FnOnce(&Tx<'_>, User) -> Result<T>,
) -> Result<Checked<T>> {
    let hash = match typed {
        Typed::Backup(code) => {
            if let Some(closed) = closed(cx.read(|tx| throttle::look_factor(cx, tx, (user, by)))?) {
                return Ok(closed);
            }
            backup::hashed(cx, user, code)?
        }
        Typed::App(_) => None,
    };
    cx.write_in_earnest(|tx| {
        if let Some(closed) = closed(throttle::look_factor(cx, tx, (user, by))?) {
            return Ok(closed);
        }
        let person = user::by_id(tx, user)?;
        let person = person.filter(|person| person.second_factor.is_some() && !person.facts.deleted);
        let Some(person) = person else { return Ok(Checked::Wrong) };
        let is_right = match (typed, &hash) {
            (Typed::App(code), _) => use_step(cx, tx, user, code)?,
            (Typed::Backup(_), Some(hash)) => use_backup(cx, tx, &person, hash)?,
            (Typed::Backup(_), None) => false,
        };
        if !is_right {
            let held = throttle::count_wrong_code(cx, tx, (user, &person.facts.email), by)?;
            return Ok(held.map_or(Checked::Wrong, Checked::Held));
        }
        throttle::count_factor_success(cx, tx, (user, by))?;
        right(tx, person).map(Checked::Right)
    })
}

fn closed<T>(gate: FactorGate) -> Option<Checked<T>> {
    match gate {
        FactorGate::Open => None,
        FactorGate::NextStep(at) => Some(Checked::NextStep(at)),
        FactorGate::Held(until) => Some(Checked::Held(until)),
    }
}

/// Uses up the time step of a code, if it is of about now and was not used.
fn use_step(cx: &Context, tx: &Tx<'_>, user: i64, code: &Secret) -> Result<bool> {
    let Some(secret) = secret_of(cx, tx, user)? else { return Ok(false) };
    match totp::step_of(&secret, code, cx.now()) {
        Some(step) => store::use_step(tx, user, step, cx.now()),
        None => Ok(false),
    }
}

/// Uses up a backup code; the person is told.
fn use_backup(cx: &Context, tx: &Tx<'_>, user: &User, hash: &str) -> Result<bool> {
    if !store::use_code(tx, user.id, hash, cx.now())? {
        return Ok(false);
    }
    let left = store::codes_left(tx, user.id)?;
    let event = Event::of("two_factor.use_code", (FACTOR_KIND, user.id), &user.facts.email);
    let counted = |codes: u32| fields_of([("backup_codes", json!(codes))]);
    audit::change(cx, tx, event, &counted(left + 1), &counted(left))?;
    let message = Message::BackupCodeUsed {
        at: cx.now(),
        client: cx.via.client(),
        left,
        more: None,
        links: Links::default(),
    };
    notice::tell_of(cx, tx, user, &message)?;
    Ok(true)
}
