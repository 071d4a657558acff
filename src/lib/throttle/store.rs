//! The SQL of counters.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::counter::{Counter, Span};
use super::key::Place;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::of_row;
use crate::text::instant::Instant;

const GET: &str = "
    SELECT times, held_at, held_until, refused, told_at
    FROM throttle_counters
    WHERE kind = :kind AND account = :account AND source = :source";

const PUT: &str = "
    INSERT INTO throttle_counters (kind, account, source, user_id, times, held_at, held_until, refused, told_at, updated_at,
        expires_at)
    VALUES (:kind, :account, :source, :user_id, :times, :held_at, :held_until, :refused, :told_at, :now, :expires_at)
    ON CONFLICT (kind, account, source) DO UPDATE
    SET times = excluded.times, held_at = excluded.held_at, held_until = excluded.held_until, refused = excluded.refused,
        told_at = excluded.told_at, updated_at = excluded.updated_at, expires_at = excluded.expires_at";

const REMOVE: &str =
    "DELETE FROM throttle_counters WHERE kind = :kind AND account = :account AND source = :source";

const FORGET: &str = "
    DELETE FROM throttle_counters
    WHERE user_id = :user AND kind IN ('login', 'login-account', 'login-browser', 'second-factor')";

const CLEAN_UP: &str = "DELETE FROM throttle_counters WHERE expires_at <= :now OR updated_at > :future";

const COUNT_EXPIRED: &str =
    "SELECT count(*) FROM throttle_counters WHERE expires_at <= :now OR updated_at > :future";

const ROWS: &str = "SELECT minute, written, left_out FROM login_rows WHERE id = 1";

const SET_ROWS: &str = "
    INSERT INTO login_rows (id, minute, written, left_out) VALUES (1, :minute, :written, :left_out)
    ON CONFLICT (id) DO UPDATE
    SET minute = excluded.minute, written = excluded.written, left_out = excluded.left_out";

/// What the audit took about failed logins within a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Minute {
    /// When it began.
    pub(super) began: Instant,
    /// How many rows it took.
    pub(super) written: u32,
    /// How many more there would have been.
    pub(super) left_out: u32,
}

/// The counter of that place; a new one where nothing was counted.
pub(super) fn get(tx: &Tx<'_>, place: &Place) -> Result<Counter> {
    let parameters = named_params! {
        ":kind": place.kind.name(), ":account": place.account, ":source": place.source,
    };
    let found = tx.sql().prepare_cached(GET)?.query_row(parameters, counter).optional()?;
    Ok(found.unwrap_or_default())
}

fn counter(row: &Row<'_>) -> rusqlite::Result<Counter> {
    let instant =
        |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Instant::from_micros));
    let times: String = row.get(0)?;
    let times: Vec<i64> = serde_json::from_str(&times).map_err(|source| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(source))
    })?;
    let held = instant(1)?.zip(instant(2)?).map(|(since, until)| Span { since, until });
    Ok(Counter {
        times: times.into_iter().map(Instant::from_micros).collect(),
        held,
        refused: row.get(3)?,
        told_at: instant(4)?,
    })
}

/// Keeps a counter until nothing of it counts any more.
pub(super) fn put(tx: &Tx<'_>, place: &Place, counter: &Counter, now: Instant) -> Result<()> {
    let times: Vec<i64> = counter.times.iter().map(|time| time.micros()).collect();
    let expires = counter.held.map_or(now, |held| held.until).max(place.kind.expiry(now));
    tx.sql().prepare_cached(PUT)?.execute(named_params! {
        ":kind": place.kind.name(),
        ":account": place.account,
        ":source": place.source,
        ":user_id": place.user_id,
        ":times": serde_json::json!(times).to_string(),
        ":held_at": counter.held.map(|held| held.since.micros()),
        ":held_until": counter.held.map(|held| held.until.micros()),
        ":refused": counter.refused,
        ":told_at": counter.told_at.map(Instant::micros),
        ":now": now.micros(),
        ":expires_at": expires.micros(),
    })?;
    Ok(())
}

/// Forgets what was counted there.
pub(super) fn remove(tx: &Tx<'_>, place: &Place) -> Result<()> {
    let parameters = named_params! {
        ":kind": place.kind.name(), ":account": place.account, ":source": place.source,
    };
    tx.sql().prepare_cached(REMOVE)?.execute(parameters)?;
    Ok(())
}

/// Forgets every failed login of a person.
pub(super) fn forget(tx: &Tx<'_>, user: i64) -> Result<()> {
    tx.sql().prepare_cached(FORGET)?.execute(named_params! { ":user": user })?;
    Ok(())
}

/// Removes what counts no more, and what was counted after `future`; how many those were.
pub(super) fn clean_up(tx: &Tx<'_>, (now, future): (Instant, Instant)) -> Result<u64> {
    let parameters = named_params! { ":now": now.micros(), ":future": future.micros() };
    Ok(tx.sql().prepare_cached(CLEAN_UP)?.execute(parameters)? as u64)
}

/// How many [`clean_up`] would remove.
pub(super) fn count_expired(tx: &Tx<'_>, (now, future): (Instant, Instant)) -> Result<u64> {
    let parameters = named_params! { ":now": now.micros(), ":future": future.micros() };
    let count: i64 = tx.sql().prepare_cached(COUNT_EXPIRED)?.query_row(parameters, |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The minute that was counted last.
pub(super) fn minute(tx: &Tx<'_>) -> Result<Option<Minute>> {
    let read = |row: &Row<'_>| {
        Ok(Minute { began: Instant::from_micros(row.get(0)?), written: row.get(1)?, left_out: row.get(2)? })
    };
    let read = |row: &Row<'_>| of_row(("login_rows", "minute"), row, read);
    Ok(tx.sql().prepare_cached(ROWS)?.query_row([], read).optional()?)
}

pub(super) fn set_minute(tx: &Tx<'_>, minute: Minute) -> Result<()> {
    tx.sql().prepare_cached(SET_ROWS)?.execute(named_params! {
        ":minute": minute.began.micros(), ":written": minute.written, ":left_out": minute.left_out,
    })?;
    Ok(())
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[GET, PUT, REMOVE, FORGET, CLEAN_UP, COUNT_EXPIRED, ROWS, SET_ROWS];
