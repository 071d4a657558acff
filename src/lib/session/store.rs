//! The SQL of sessions.

use std::net::IpAddr;

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Ended, Error, Session, Unfinished};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::instant::Instant;

/// What is stored of a session that begins.
pub(super) struct New<'a> {
    pub(super) hash: &'a [u8],
    pub(super) user_id: i64,
    pub(super) address: Option<IpAddr>,
    pub(super) browser: &'a str,
    pub(super) now: Instant,
}

/// From when on a session that nobody ended is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alive {
    /// The latest time of its use.
    pub(super) seen: Instant,
    /// The latest beginning.
    pub(super) begun: Instant,
    /// Nothing is later than that, unless the clock was set back.
    pub(super) until: Instant,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, complete, address, browser, proved_at, factor_at, seen_at, created_at FROM sessions
            WHERE ended_at IS NULL AND seen_at > :seen AND created_at > :begun AND created_at <= :until ",
            $rest
        )
    };
}

const INSERT: &str = "
    INSERT INTO sessions (token_hash, user_id, complete, address, browser, proved_at, seen_at, created_at)
    VALUES (:hash, :user, 0, :address, :browser, :now, :now, :now)";

const FIND: &str = select!("AND token_hash = :hash");

const BY_ID: &str = select!("AND id = :id");

const LEFT_BY: &str = "
    SELECT user_id FROM sessions
    WHERE token_hash = :hash AND complete = 1 AND ended_by IS NOT :logout
        AND NOT (ended_at IS NULL AND seen_at > :seen AND created_at > :begun AND created_at <= :until)";

const BEGUN: &str = select!("AND user_id = :user AND complete = 0");

const OF: &str = select!("AND user_id = :user AND complete = 1 ORDER BY seen_at DESC, id DESC");

/// A time that lies ahead of the clock was written before that was set back: what is seen now is seen now.
const SEEN: &str = "
    UPDATE sessions
    SET seen_at = CASE WHEN seen_at > :ahead THEN :now ELSE max(seen_at, :now) END
    WHERE id = :id AND ended_at IS NULL";

const PROVE: &str = "
    UPDATE sessions SET token_hash = :hash, proved_at = :now, seen_at = :now
    WHERE id = :id AND ended_at IS NULL";

const PASS_FACTOR: &str = "
    UPDATE sessions SET token_hash = :hash, proved_at = :now, factor_at = :now, seen_at = :now
    WHERE id = :id AND ended_at IS NULL";

const UNFINISHED: &str = "
    SELECT s.id, s.user_id, s.complete, s.address, s.browser, s.proved_at, s.factor_at, s.seen_at, s.created_at
    FROM sessions s
        JOIN users u ON u.id = s.user_id
        LEFT JOIN two_factors f ON f.user_id = s.user_id
    WHERE s.complete = 0 AND s.factor_at IS NULL AND s.told_at IS NULL
        AND s.created_at > :after
        AND CASE WHEN f.enrolled_at <= s.created_at THEN s.created_at <= :typed
            ELSE u.two_factor_required = 1 AND s.created_at <= :set_up END
    ORDER BY s.id";

/// Few have ended within the time that one lasts: what is looked at is nearly what is counted.
const COUNT_OPEN: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM sessions INDEXED BY sessions_by_use
        WHERE seen_at > :seen AND ended_at IS NULL AND complete = 1 AND created_at > :begun AND created_at <= :until
        LIMIT :most
    )";

const IS_TOLD: &str = "SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = :user AND told_at > :since)";

const SET_TOLD: &str = "UPDATE sessions SET told_at = :now WHERE id = :id";

const COMPLETE: &str =
    "UPDATE sessions SET complete = 1 WHERE id = :id AND complete = 0 AND ended_at IS NULL";

const END: &str = "UPDATE sessions SET ended_at = :now, ended_by = :why WHERE id = :id AND ended_at IS NULL";

const END_ALL: &str = "
    UPDATE sessions SET ended_at = :now, ended_by = :why
    WHERE user_id = :user AND ended_at IS NULL AND id IS NOT :kept";

const END_OLDEST: &str = "
    UPDATE sessions SET ended_at = :now, ended_by = :why
    WHERE user_id = :user AND ended_at IS NULL AND id NOT IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY complete ORDER BY id = :kept DESC, id DESC) AS place
            FROM sessions WHERE user_id = :user AND ended_at IS NULL
        )
        WHERE place <= :most
    )
    RETURNING complete";

const CLEAN_UP: &str =
    "DELETE FROM sessions WHERE seen_at < :before AND coalesce(ended_at, seen_at) < :before";

const COUNT_OLD: &str =
    "SELECT count(*) FROM sessions WHERE seen_at < :before AND coalesce(ended_at, seen_at) < :before";

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    let instant = |column: &str| Ok::<_, rusqlite::Error>(Instant::from_micros(row.get(column)?));
    Ok(Session {
        id: row.get("id")?,
        user_id: row.get("user_id")?,
        is_complete: row.get("complete")?,
        address: row.get("address")?,
        browser: row.get("browser")?,
        proved_at: instant("proved_at")?,
        factor_at: row.get::<_, Option<i64>>("factor_at")?.map(Instant::from_micros),
        seen_at: instant("seen_at")?,
        begun_at: instant("created_at")?,
    })
}

pub(super) fn insert(tx: &Tx<'_>, new: &New<'_>) -> Result<i64> {
    tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":hash": new.hash,
        ":user": new.user_id,
        ":address": new.address.map(|address| address.to_canonical().to_string()),
        ":browser": new.browser,
        ":now": new.now.micros(),
    })?;
    Ok(tx.sql().last_insert_rowid())
}

pub(super) fn find(tx: &Tx<'_>, hash: &[u8], alive: Alive) -> Result<Option<Session>> {
    let parameters = named_params! {
        ":hash": hash, ":seen": alive.seen.micros(), ":begun": alive.begun.micros(), ":until": alive.until.micros(),
    };
    Ok(tx.sql().prepare_cached(FIND)?.query_row(parameters, session).optional()?)
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64, alive: Alive) -> Result<Option<Session>> {
    let parameters = named_params! {
        ":id": id, ":seen": alive.seen.micros(), ":begun": alive.begun.micros(), ":until": alive.until.micros(),
    };
    Ok(tx.sql().prepare_cached(BY_ID)?.query_row(parameters, session).optional()?)
}

pub(super) fn left_by(tx: &Tx<'_>, hash: &[u8], alive: Alive) -> Result<Option<i64>> {
    let parameters = named_params! {
        ":hash": hash, ":logout": Ended::Logout.name(),
        ":seen": alive.seen.micros(), ":begun": alive.begun.micros(), ":until": alive.until.micros(),
    };
    Ok(tx.sql().prepare_cached(LEFT_BY)?.query_row(parameters, |row| row.get("user_id")).optional()?)
}

pub(super) fn of(tx: &Tx<'_>, user: i64, alive: Alive) -> Result<Vec<Session>> {
    all(tx, OF, user, alive)
}

/// Those of a person that last and are not whole.
pub(super) fn begun(tx: &Tx<'_>, user: i64, alive: Alive) -> Result<Vec<Session>> {
    all(tx, BEGUN, user, alive)
}

fn all(tx: &Tx<'_>, sql: &str, user: i64, alive: Alive) -> Result<Vec<Session>> {
    let parameters = named_params! {
        ":user": user, ":seen": alive.seen.micros(), ":begun": alive.begun.micros(), ":until": alive.until.micros(),
    };
    Ok(tx.sql().prepare_cached(sql)?.query_map(parameters, session)?.collect::<Result<_, _>>()?)
}

pub(super) fn seen(tx: &Tx<'_>, id: i64, now: Instant) -> Result<()> {
    let ahead = now.micros().saturating_add(super::MINUTE);
    tx.sql()
        .prepare_cached(SEEN)?
        .execute(named_params! { ":id": id, ":now": now.micros(), ":ahead": ahead })?;
    Ok(())
}

/// Whether a session that was to be changed was there still.
fn lasts(changed: usize) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Ended.into()) }
}

pub(super) fn prove(tx: &Tx<'_>, id: i64, hash: &[u8], now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":hash": hash, ":now": now.micros() };
    lasts(tx.sql().prepare_cached(PROVE)?.execute(parameters)?)
}

pub(super) fn pass_factor(tx: &Tx<'_>, id: i64, hash: &[u8], now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":hash": hash, ":now": now.micros() };
    lasts(tx.sql().prepare_cached(PASS_FACTOR)?.execute(parameters)?)
}

/// Those in which no second factor followed the password, and of which nobody was told.
pub(super) fn unfinished(tx: &Tx<'_>, begun: Unfinished) -> Result<Vec<Session>> {
    let mut statement = tx.sql().prepare_cached(UNFINISHED)?;
    let Unfinished { after, typed, set_up } = begun;
    let parameters = named_params! {
        ":after": after.micros(), ":typed": typed.micros(), ":set_up": set_up.micros(),
    };
    Ok(statement.query_map(parameters, session)?.collect::<Result<_, _>>()?)
}

/// Whether one of a person was told of since then.
pub(super) fn is_told(tx: &Tx<'_>, user: i64, since: Instant) -> Result<bool> {
    let parameters = named_params! { ":user": user, ":since": since.micros() };
    Ok(tx.sql().prepare_cached(IS_TOLD)?.query_row(parameters, |row| row.get(0))?)
}

pub(super) fn set_told(tx: &Tx<'_>, id: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_TOLD)?.execute(parameters)?, "sessions", id)?)
}

/// Opens a session; whether that was still to be done.
pub(super) fn complete(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(COMPLETE)?.execute(named_params! { ":id": id })? == 1)
}

/// Ends the oldest sessions of a person, but for the newest `most` of those that are whole, and of the others; the one that
/// goes on counts as the newest. How many whole ones those were.
pub(super) fn end_oldest(tx: &Tx<'_>, (user, kept): (i64, i64), most: u32, now: Instant) -> Result<usize> {
    let parameters = named_params! {
        ":user": user, ":kept": kept, ":most": most, ":why": Ended::TooMany.name(), ":now": now.micros(),
    };
    let mut statement = tx.sql().prepare_cached(END_OLDEST)?;
    let ended: Vec<bool> =
        statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, rusqlite::Error>>()?;
    Ok(ended.into_iter().filter(|is_whole| *is_whole).count())
}

/// Ends a session; whether there was one to end.
pub(super) fn end(tx: &Tx<'_>, id: i64, why: Ended, now: Instant) -> Result<bool> {
    let parameters = named_params! { ":id": id, ":why": why.name(), ":now": now.micros() };
    Ok(tx.sql().prepare_cached(END)?.execute(parameters)? == 1)
}

/// Ends every session of a person but one; how many those were.
pub(super) fn end_all(
    tx: &Tx<'_>,
    user: i64,
    kept: Option<i64>,
    (why, now): (Ended, Instant),
) -> Result<usize> {
    let parameters = named_params! { ":user": user, ":kept": kept, ":why": why.name(), ":now": now.micros() };
    Ok(tx.sql().prepare_cached(END_ALL)?.execute(parameters)?)
}

pub(super) fn clean_up(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    Ok(tx.sql().prepare_cached(CLEAN_UP)?.execute(named_params! { ":before": before.micros() })? as u64)
}

/// How many [`clean_up`] would forget.
pub(super) fn count_old(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    let parameters = named_params! { ":before": before.micros() };
    Ok(tx.sql().prepare_cached(COUNT_OLD)?.query_row(parameters, |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// How many last now, and every step of whose login is done; at most so many are counted.
pub(super) fn count_open(tx: &Tx<'_>, alive: Alive, most: i64) -> Result<i64> {
    let Alive { seen, begun, until } = alive;
    let parameters = named_params! {
        ":seen": seen.micros(), ":begun": begun.micros(), ":until": until.micros(), ":most": most
    };
    Ok(tx.sql().prepare_cached(COUNT_OPEN)?.query_row(parameters, |row| row.get(0))?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    FIND,
    BY_ID,
    BEGUN,
    OF,
    SEEN,
    PROVE,
    PASS_FACTOR,
    UNFINISHED,
    IS_TOLD,
    SET_TOLD,
    COMPLETE,
    END,
    END_ALL,
    END_OLDEST,
    LEFT_BY,
    CLEAN_UP,
    COUNT_OLD,
    COUNT_OPEN,
];
