//! Setting up a second factor, taking it away, and new backup codes: by the person alone.
//!
//! The secret that is shown waits in the session in which it is, for an hour. Shown again in that session, it is the same;
//! another session has another. Nothing else is known of it until a code of it was typed: then it is the person's, and
//! every other session of theirs ends.

use std::fmt;

use super::{
    BACKUP_CODES, ENROLMENT, Error, MINUTE, SECRET, Typed, backup, place, record, store, told, totp,
};
use crate::audit::Fields;
use crate::context::Context;
use crate::crypto::seal;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::session::{self, Ended};
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::login::{Moment, lets_in};
use crate::user::second_factor::only_oneself;
use crate::user::{self, User, notice};

/// How long a secret waits for a first code, in microseconds.
pub(crate) const WAITS: i64 = 60 * MINUTE;

/// What is shown to be taken over by an app.
#[derive(Clone)]
pub(crate) struct Offer {
    /// The secret, as people type it.
    pub(crate) secret: Secret,
    /// The address by which an app takes it over, which a picture shows.
    pub(crate) address: Secret,
}

impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offer(…)")
    }
}

/// What came of a first code.
#[derive(Debug, Clone)]
pub(crate) enum Confirmed<T> {
    /// The second factor counts from now on.
    Done {
        /// The backup codes, which are shown once.
        codes: Vec<Secret>,
        /// What was done last.
        last: T,
    },
    /// It is no code of that secret.
    Wrong,
    /// It is a code of another time: so many minutes ahead of the clock of the server, or behind it where that is less than
    /// zero.
    ClockOff(i64),
    /// No secret waits.
    Stale,
    /// There is a second factor meanwhile.
    Enrolled,
}

/// The secret that a person is shown in a session of theirs; it waits there for a first code.
///
/// # Errors
/// When they have a second factor, or the store cannot be written.
pub(crate) fn offer(cx: &Context, user: &User, session: i64) -> Result<Offer> {
    only_oneself(&cx.actor, user)?;
    if user.second_factor.is_some() {
        return Err(Error::Enrolled { email: user.facts.email.clone() }.into());
    }
    let secret = match cx.read(|tx| waiting(cx, tx, user.id, session))? {
        Some(secret) => secret,
        None => cx.write(|tx| {
            // Somebody may have opened the page twice at once.
            if let Some(secret) = waiting(cx, tx, user.id, session)? {
                return Ok(secret);
            }
            let secret = totp::new_secret(cx)?;
            let sealed = seal::seal(&cx.key, &*cx.rng, place(&ENROLMENT, session), &secret)?;
            store::put_enrolment(tx, (session, user.id), &sealed, cx.now())?;
            Ok(secret)
        })?,
    };
    let (secret, address) = totp::shown(cx, &secret, &user.facts.email)?;
    Ok(Offer { secret, address })
}

/// The secret that waits in a session of a person.
fn waiting(cx: &Context, tx: &Tx<'_>, user: i64, session: i64) -> Result<Option<totp::Secret>> {
    let now = cx.now();
    let since = Instant::from_micros(now.micros().saturating_sub(WAITS));
    let sealed = store::enrolment(tx, (session, user), (since, now))?;
    Ok(sealed.map(|sealed| seal::open(&cx.key, place(&ENROLMENT, session), &sealed)).transpose()?)
}

/// Makes the secret that waits in a session the second factor of its person, by a first code of it; then `last` is done, in
/// the same transaction.
///
/// # Errors
/// When too many hashes are being made, the store is busy, and those of `last`.
pub(crate) fn confirm<T>(
    cx: &Context,
    user: &User,
    session: i64,
    typed: &Typed,
    last: impl FnOnce(&Tx<'_>, User) -> Result<T>,
) -> Result<Confirmed<T>> {
    only_oneself(&cx.actor, user)?;
    let Typed::App(code) = typed else { return Ok(Confirmed::Wrong) };
    let Some(secret) = cx.read(|tx| waiting(cx, tx, user.id, session))? else {
        return cx.read(|tx| Ok(left(user::by_id(tx, user.id)?.as_ref())));
    };
    if totp::step_of(&secret, code, cx.now()).is_none() {
        return Ok(totp::minutes_off(&secret, code, cx.now()).map_or(Confirmed::Wrong, Confirmed::ClockOff));
    }
    // Hashed before the store is locked.
    let made = backup::make(cx)?;
    cx.write(|tx| {
        let person = user::by_id(tx, user.id)?;
        let nothing = Ok(left(person.as_ref()));
        let person =
            person.filter(|person| person.second_factor.is_none() && lets_in(person, Moment::of(cx)));
        let Some(person) = person else { return nothing };
        let Some(secret) = waiting(cx, tx, user.id, session)? else { return nothing };
        let now = cx.now();
        let Some(step) = totp::step_of(&secret, code, now) else { return nothing };
        let mut before = told(false, 0);
        let mut after = told(true, BACKUP_CODES);
        if person.two_factor_grace_until.is_some() {
            before.insert("grace_until".to_owned(), serde_json::json!(person.two_factor_grace_until));
            after.insert("grace_until".to_owned(), serde_json::Value::Null);
        }
        let at = record(cx, tx, ("two_factor.enrol", &person), (&before, &after))?;
        store::remove_enrolments(tx, person.id)?;
        let sealed = seal::seal(&cx.key, &*cx.rng, place(&SECRET, person.id), &secret)?;
        store::insert(tx, person.id, &sealed, at)?;
        store::set_grace(tx, person.id, None)?;
        store::use_step(tx, person.id, step, now)?;
        backup::replace(cx, tx, person.id, &made)?;
        end_others(cx, tx, &person, session)?;
        let message =
            Message::FactorAdded { at, client: cx.via.client(), more: None, links: Links::default() };
        notice::tell_of(cx, tx, &person, &message)?;
        let person = user::by_id(tx, person.id)?.unwrap_or(person);
        Ok(Confirmed::Done { codes: made.codes, last: last(tx, person)? })
    })
}

/// What is left to say where no secret of a person waits.
fn left<T>(person: Option<&User>) -> Confirmed<T> {
    let is_enrolled = person.is_some_and(|person| person.second_factor.is_some());
    if is_enrolled { Confirmed::Enrolled } else { Confirmed::Stale }
}

/// Ends every session of a person but that one.
fn end_others(cx: &Context, tx: &Tx<'_>, user: &User, kept: i64) -> Result<()> {
    session::end_all(cx, tx, (user.id, &user.facts.email), Some(kept), Ended::Factor).map(drop)
}

/// Removes the second factor of a person, in a session of theirs, which alone goes on.
///
/// # Errors
/// When it is required.
pub(crate) fn disable(cx: &Context, tx: &Tx<'_>, user: &User, session: i64) -> Result<()> {
    only_oneself(&cx.actor, user)?;
    if user.facts.two_factor_required {
        return Err(Error::Required { email: user.facts.email.clone() }.into());
    }
    let before = told(true, store::codes_left(tx, user.id)?);
    let at = record(cx, tx, ("two_factor.disable", user), (&before, &told(false, 0)))?;
    store::remove(tx, user.id)?;
    end_others(cx, tx, user, session)?;
    let message = Message::FactorRemoved { at, client: cx.via.client(), more: None, links: Links::default() };
    notice::tell_of(cx, tx, user, &message)
}

/// Backup codes that were made together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodeSet(Option<i64>);

/// The backup codes that a person has.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn code_set(tx: &Tx<'_>, user: i64) -> Result<CodeSet> {
    store::newest_code(tx, user).map(CodeSet)
}

/// Gives a person new backup codes in the place of those; then `last` is done, in the same transaction. Nothing where they have
/// others meanwhile: of two who ask at once one is given codes, and those are good.
///
/// # Errors
/// When they have no second factor, when too many hashes are being made, and those of `last`.
pub(crate) fn new_codes<T>(
    cx: &Context,
    user: &User,
    old: CodeSet,
    last: impl FnOnce(&Tx<'_>) -> Result<T>,
) -> Result<Option<(Vec<Secret>, T)>> {
    only_oneself(&cx.actor, user)?;
    // Hashed before the store is locked.
    let made = backup::make(cx)?;
    let last = cx.write(|tx| {
        let person = user::by_id(tx, user.id)?.filter(|person| person.second_factor.is_some());
        let Some(person) = person else {
            return Err(Error::NotEnrolled { email: user.facts.email.clone() }.into());
        };
        if code_set(tx, person.id)? != old {
            return Ok(None);
        }
        let last = last(tx)?;
        let at = record(
            cx,
            tx,
            ("two_factor.new_codes", &person),
            (&Fields::new(), &crate::audit::fields_of([("backup_codes", serde_json::json!(BACKUP_CODES))])),
        )?;
        backup::replace(cx, tx, person.id, &made)?;
        let message =
            Message::BackupCodesMade { at, client: cx.via.client(), more: None, links: Links::default() };
        notice::tell_of(cx, tx, &person, &message)?;
        Ok(Some(last))
    })?;
    Ok(last.map(|last| (made.codes, last)))
}
