//! Sessions: that a browser is somebody's.
//!
//! The browser keeps 256 random bits, the store their SHA-256: whoever reads the store is nobody. A session is begun when a
//! password was right, and opens nothing until every step of the login was done ([`Session::is_complete`]). It ends when
//! nobody uses it, when it is old, and when somebody ends it; how long is decided here and not by the browser. What is to be
//! asked beside it, such as whether the person still may log in, is asked by `login` at each request.

mod browser;
mod error;
pub(crate) mod settings;
mod store;
pub(crate) mod upkeep;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;

use std::net::IpAddr;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::context::meters::{Gauge, MOST_ROWS};
use crate::crypto::hex::{hex, read_hex};
use crate::error::{Kind, Result};
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use settings::{HOURS, IDLE_MINUTES};

/// The kind of rows about sessions.
const KIND: &str = "session";

/// What the browser keeps, in bytes.
const LENGTH: usize = 32;

/// How many sessions a person has at once.
const MOST: u32 = 50;

/// A minute in microseconds.
const MINUTE: i64 = 60 * 1_000_000;

/// How long a proof counts for what asks for a fresh one, in microseconds.
const FRESH: i64 = 10 * MINUTE;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Never reused.
    pub(crate) id: i64,
    /// Whose.
    pub(crate) user_id: i64,
    /// Whether every step of the login was done.
    pub(crate) is_complete: bool,
    /// From where it was begun.
    pub(crate) address: Option<String>,
    /// With which browser.
    pub(crate) browser: String,
    /// When the password, or after it a code, was right last.
    pub(crate) proved_at: Instant,
    /// When the second factor was right last.
    pub(crate) factor_at: Option<Instant>,
    /// When it was used last, to the minute.
    pub(crate) seen_at: Instant,
    /// When it was begun.
    pub(crate) begun_at: Instant,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Whoever had it logged out.
    Logout,
    /// The person ended it from another.
    Oneself,
    /// An administrator ended it.
    Administrator,
    /// The password was changed.
    Password,
    /// The second factor was set up, removed, or reset by an administrator.
    Factor,
    /// The email was changed.
    Email,
    /// The account was switched off or deleted, or may not log in any more.
    Access,
    /// The person has too many, and it was the oldest.
    TooMany,
}

impl Ended {
    /// The word in the store and in the audit.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Oneself => "oneself",
            Self::Administrator => "administrator",
            Self::Password => "password",
            Self::Factor => "factor",
            Self::Email => "email",
            Self::Access => "access",
            Self::TooMany => "too-many",
        }
    }
}

impl Session {
    /// Whether the last proof is fresh enough to change how one logs in.
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        (self.proved_at.micros()..self.proved_at.micros().saturating_add(FRESH)).contains(&now.micros())
    }

    /// Whether the time of its last use is to be written again: once a minute, and where it lies ahead, for the clock was set
    /// back since.
    fn is_unseen(&self, now: Instant) -> bool {
        let since = now.micros().saturating_sub(self.seen_at.micros());
        !(-MINUTE..MINUTE).contains(&since)
    }
}

/// Begins a session of a person with a browser that says that of itself; what the browser is to keep. Where they have begun too
/// many that are not whole, the oldest of those ends, which is in no audit row: nobody was logged in by it.
pub(crate) fn begin(cx: &Context, tx: &Tx<'_>, user_id: i64, user_agent: &str) -> Result<Secret> {
    let (token, hash) = new_token(cx)?;
    let browser = browser::name(user_agent);
    let (address, now): (Option<IpAddr>, _) = (cx.via.client(), cx.now());
    let id = store::insert(tx, &store::New { hash: &hash, user_id, address, browser: &browser, now })?;
    store::end_oldest(tx, (user_id, id), MOST, now)?;
    Ok(token)
}

/// The session of a browser that kept that, while it lasts.
pub(crate) fn find(cx: &Context, tx: &Tx<'_>, kept: &str) -> Result<Option<Session>> {
    let mut token = zeroize::Zeroizing::new([0; LENGTH]);
    if read_hex(kept, token.as_mut_slice()).is_none() {
        return Ok(None);
    }
    store::find(tx, &hash_of(kept), alive(cx))
}

/// The session of that id, while it lasts.
pub(crate) fn by_id(cx: &Context, tx: &Tx<'_>, id: i64) -> Result<Option<Session>> {
    store::by_id(tx, id, alive(cx))
}

/// Whose the session was of a browser that kept that, where it was whole and has ended in any other way than that they logged
/// out.
pub(crate) fn left_by(cx: &Context, tx: &Tx<'_>, kept: &str) -> Result<Option<i64>> {
    let mut token = zeroize::Zeroizing::new([0; LENGTH]);
    if read_hex(kept, token.as_mut_slice()).is_none() {
        return Ok(None);
    }
    store::left_by(tx, &hash_of(kept), alive(cx))
}

/// The sessions of a person that last, the one used last first.
pub(crate) fn of(cx: &Context, tx: &Tx<'_>, user: i64) -> Result<Vec<Session>> {
    store::of(tx, user, alive(cx))
}

/// The sessions of a person that last and are not whole: more than the password has to be proved in them.
pub(crate) fn begun(cx: &Context, tx: &Tx<'_>, user: i64) -> Result<Vec<Session>> {
    store::begun(tx, user, alive(cx))
}

/// Writes that a session is used, once a minute. It is left out while somebody else holds the store, and where that cannot be
/// written, for its disk is full: who only looks goes on.
///
/// # Errors
/// When the store is broken, or it is no longer wanted.
pub(crate) fn touch(cx: &Context, session: &Session) -> Result<()> {
    let now = cx.now();
    if !session.is_unseen(now) {
        return Ok(());
    }
    match cx.write_if_free(|tx| store::seen(tx, session.id, now)) {
        Err(failure) if !matches!(failure.kind(), Kind::Busy | Kind::CannotCreate | Kind::Io) => Err(failure),
        _ => Ok(()),
    }
}

/// Gives a session another secret, once its person was proved anew; what the browser is to keep.
///
/// # Errors
/// [`Error::Ended`] where somebody ended it meanwhile.
pub(crate) fn prove(cx: &Context, tx: &Tx<'_>, session: &Session) -> Result<Secret> {
    let (token, hash) = new_token(cx)?;
    store::prove(tx, session.id, &hash, cx.now())?;
    Ok(token)
}

/// The same, where it was proved by the second factor.
pub(crate) fn pass_factor(cx: &Context, tx: &Tx<'_>, session: &Session) -> Result<Secret> {
    let (token, hash) = new_token(cx)?;
    store::pass_factor(tx, session.id, &hash, cx.now())?;
    Ok(token)
}

/// When sessions were begun that were given time enough for the second factor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unfinished {
    /// After this.
    pub(crate) after: Instant,
    /// Until this, where a code was to be typed.
    pub(crate) typed: Instant,
    /// Until this, where a second factor was to be set up first.
    pub(crate) set_up: Instant,
}

/// The sessions of those who have a second factor, or have to have one today, in which none followed the password; nobody was
/// told of them yet.
pub(crate) fn unfinished(tx: &Tx<'_>, begun: Unfinished) -> Result<Vec<Session>> {
    store::unfinished(tx, begun)
}

/// Whether a person was told of such a session since then.
pub(crate) fn is_told(tx: &Tx<'_>, user: i64, since: Instant) -> Result<bool> {
    store::is_told(tx, user, since)
}

/// Keeps that such a session was told of.
pub(crate) fn set_told(cx: &Context, tx: &Tx<'_>, session: &Session) -> Result<()> {
    store::set_told(tx, session.id, cx.now())
}

/// Opens a session whose last step was done elsewhere; whether that was still to be done, for of two requests at once one does.
/// Where its person, who is called that, has too many that are whole, the oldest other one ends.
pub(crate) fn complete(cx: &Context, tx: &Tx<'_>, session: &Session, email: &str) -> Result<bool> {
    let is_new = store::complete(tx, session.id)?;
    if is_new {
        let ended = store::end_oldest(tx, (session.user_id, session.id), MOST, cx.now())?;
        if ended > 0 {
            record(cx, tx, (session.user_id, email), Ended::TooMany, ended)?;
        }
    }
    Ok(is_new)
}

/// Ends a session of a person who is called that; whether there was one to end.
pub(crate) fn end(cx: &Context, tx: &Tx<'_>, (session, email): (&Session, &str), why: Ended) -> Result<bool> {
    let is_ended = store::end(tx, session.id, why, cx.now())?;
    if is_ended {
        record(cx, tx, (session.user_id, email), why, 1)?;
    }
    Ok(is_ended)
}

/// Ends every session of a person but that one; how many those were.
pub(crate) fn end_all(
    cx: &Context,
    tx: &Tx<'_>,
    (user, email): (i64, &str),
    kept: Option<i64>,
    why: Ended,
) -> Result<usize> {
    let ended = store::end_all(tx, user, kept, (why, cx.now()))?;
    if ended > 0 {
        record(cx, tx, (user, email), why, ended)?;
    }
    Ok(ended)
}

fn record(cx: &Context, tx: &Tx<'_>, (user, email): (i64, &str), why: Ended, ended: usize) -> Result<()> {
    let told = fields_of([("sessions", json!(ended)), ("because", json!(why.name()))]);
    audit::note(cx, tx, Event::of("session.end", (KIND, user), email), &told)?;
    Ok(())
}

/// What the browser is to keep, and its hash.
fn new_token(cx: &Context) -> Result<(Secret, [u8; 32])> {
    let mut bytes = zeroize::Zeroizing::new([0; LENGTH]);
    cx.rng.fill(bytes.as_mut_slice())?;
    let token = hex(bytes.as_slice());
    let hash = hash_of(&token);
    Ok((Secret::new(token), hash))
}

fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// How many there are.
pub(crate) static OPEN: Gauge = Gauge {
    name: "secboard_sessions",
    about: "Sessions of people who are logged in, at most 100000",
    label: None,
    read: |cx| cx.read(|tx| Ok(vec![("", store::count_open(tx, alive(cx), MOST_ROWS)?)])),
};

/// Which sessions last now. One that was begun far ahead of the clock was so before that was set back, and ends.
fn alive(cx: &Context) -> store::Alive {
    let now = cx.now().micros();
    let ago = |minutes: u32| Instant::from_micros(now - i64::from(minutes) * MINUTE);
    store::Alive {
        seen: ago(*cx.settings.get(&IDLE_MINUTES)),
        begun: ago(60 * *cx.settings.get(&HOURS)),
        until: Instant::from_micros(now + MINUTE),
    }
}
