//! The SQL of other sites.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

const INSERT_TICKET: &str = "
    INSERT INTO site_tickets (token_hash, session_id, host, browser_hash, expires_at)
    VALUES (:hash, :session, :host, :browser, :expires_at)";

/// One that lies further ahead than any can was made before the clock was set back.
const TAKE_TICKET: &str = "
    DELETE FROM site_tickets
    WHERE token_hash = :hash AND host = :host AND browser_hash = :browser AND expires_at > :now AND expires_at <= :latest
    RETURNING session_id";

const FORGET_TICKETS: &str = "DELETE FROM site_tickets WHERE expires_at <= :now OR expires_at > :latest";

const INSERT_SESSION: &str = "
    INSERT INTO site_sessions (token_hash, session_id, host, created_at) VALUES (:hash, :session, :host, :now)";

const SESSION_OF: &str = "SELECT session_id FROM site_sessions WHERE token_hash = :hash AND host = :host";

pub(super) fn insert_ticket(
    tx: &Tx<'_>,
    hash: &[u8],
    session: i64,
    (host, browser): (&str, &[u8]),
    expires_at: Instant,
) -> Result<()> {
    tx.sql().prepare_cached(INSERT_TICKET)?.execute(named_params! {
        ":hash": hash, ":session": session, ":host": host, ":browser": browser, ":expires_at": expires_at.micros(),
    })?;
    Ok(())
}

/// The login that a ticket is of, which nobody has after that.
pub(super) fn take_ticket(
    tx: &Tx<'_>,
    hash: &[u8],
    (host, browser): (&str, &[u8]),
    (now, latest): (Instant, Instant),
) -> Result<Option<i64>> {
    let parameters = named_params! {
        ":hash": hash, ":host": host, ":browser": browser, ":now": now.micros(), ":latest": latest.micros(),
    };
    Ok(tx.sql().prepare_cached(TAKE_TICKET)?.query_row(parameters, |row| row.get(0)).optional()?)
}

pub(super) fn forget_tickets(tx: &Tx<'_>, (now, latest): (Instant, Instant)) -> Result<()> {
    let parameters = named_params! { ":now": now.micros(), ":latest": latest.micros() };
    tx.sql().prepare_cached(FORGET_TICKETS)?.execute(parameters)?;
    Ok(())
}

pub(super) fn insert_session(tx: &Tx<'_>, hash: &[u8], session: i64, host: &str, now: Instant) -> Result<()> {
    tx.sql().prepare_cached(INSERT_SESSION)?.execute(named_params! {
        ":hash": hash, ":session": session, ":host": host, ":now": now.micros(),
    })?;
    Ok(())
}

/// The login that a cookie of a site is of.
pub(super) fn session_of(tx: &Tx<'_>, hash: &[u8], host: &str) -> Result<Option<i64>> {
    let parameters = named_params! { ":hash": hash, ":host": host };
    Ok(tx.sql().prepare_cached(SESSION_OF)?.query_row(parameters, |row| row.get(0)).optional()?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[INSERT_TICKET, TAKE_TICKET, FORGET_TICKETS, INSERT_SESSION, SESSION_OF];
