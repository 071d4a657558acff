//! The SQL of leases: what a worker took that is no more, and how often that happened to a mail.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::instant::Instant;

/// A lease that ends later than any that begins now was given by a clock that was ahead.
macro_rules! expired {
    () => {
        "state = 'sending' AND (leased_until <= :now OR leased_until > :latest)"
    };
}

const HAS_EXPIRED: &str = concat!("SELECT EXISTS (SELECT 1 FROM mails WHERE ", expired!(), ")");

const EXPIRED: &str = concat!("SELECT seq FROM mails WHERE ", expired!());

const END_ATTEMPT: &str = "
    UPDATE mail_attempts
    SET outcome = 'unknown', answer = 'the worker ended before there was an answer'
    WHERE outcome = 'begun' AND mail = :mail";

/// A server knows a mail that may have been handed over.
const PUT_GIVEN: &str = "
    INSERT OR IGNORE INTO mail_given (host)
    SELECT fold(s.host)
    FROM mail_attempts t JOIN mail_accounts a ON a.name = t.account JOIN mail_servers s ON s.id = a.server_id
    WHERE t.mail = :mail AND t.outcome = 'begun' AND s.host IS NOT NULL";

/// What ended with its worker is none of the attempts after which a mail has failed.
const WAIT_AGAIN: &str = "
    UPDATE mails
    SET state = 'queued', due_at = :due, why = :why, attempts = max(attempts - 1, 0), worker = NULL, leased_until = NULL
    WHERE seq = :seq";

const RENEW: &str = "UPDATE mails SET leased_until = :until WHERE state = 'sending' AND worker = :worker";

const IN_HAND: &str = "SELECT EXISTS (SELECT 1 FROM mails WHERE state = 'sending' AND worker = :worker)";

/// Whether the host of a server is known to have been given something, or another worker has a mail in hand that it may have
/// been given.
const IS_GIVEN: &str = "
    SELECT EXISTS (
        SELECT 1 FROM mail_servers s JOIN mail_given g ON g.host = fold(s.host) WHERE s.id = :server
    ) OR EXISTS (
        SELECT 1
        FROM mails m JOIN mail_attempts t ON t.mail = m.seq AND t.outcome = 'begun'
            JOIN mail_accounts a ON a.name = t.account JOIN mail_servers s ON s.id = a.server_id
        WHERE m.state = 'sending' AND m.worker <> :worker
            AND fold(s.host) = (SELECT fold(host) FROM mail_servers WHERE id = :server)
    )";

/// The last attempts of a mail in a row that ended with their worker: nobody was there to write how long they took.
const ENDED_WORKERS: &str = "
    SELECT count(*)
    FROM mail_attempts
    WHERE mail = :mail AND outcome = 'unknown' AND milliseconds IS NULL AND number > coalesce((
        SELECT max(number) FROM mail_attempts WHERE mail = :mail AND milliseconds IS NOT NULL
    ), 0)";

/// What waits and may have been tried by a worker that ended.
const SUSPECTS: &str = "
    SELECT m.id, m.seq, m.due_at
    FROM mails m
    WHERE m.state = 'queued' AND m.message_id IS NOT NULL AND (
        SELECT count(*) FROM mail_attempts WHERE mail = m.seq AND outcome = 'unknown' AND milliseconds IS NULL
    ) >= :least
    ORDER BY m.seq";

/// A mail that waits and with which workers have ended.
pub(crate) struct Suspect {
    /// Its id.
    pub(crate) id: String,
    /// With how many in a row.
    pub(crate) workers: u32,
    /// When it goes again.
    pub(crate) due_at: Instant,
}

/// Whether a worker took something that is no more; no lease that begins now ends after `latest`.
pub(in crate::mail::outbox) fn has_expired(tx: &Tx<'_>, now: Instant, latest: Instant) -> Result<bool> {
    let parameters = named_params! { ":now": now.micros(), ":latest": latest.micros() };
    Ok(tx.sql().prepare_cached(HAS_EXPIRED)?.query_row(parameters, |row| row.get(0))?)
}

/// What a worker took that is no more.
pub(in crate::mail::outbox) fn expired(tx: &Tx<'_>, now: Instant, latest: Instant) -> Result<Vec<i64>> {
    let parameters = named_params! { ":now": now.micros(), ":latest": latest.micros() };
    let mut statement = tx.sql().prepare_cached(EXPIRED)?;
    let seqs = statement.query_map(parameters, |row| row.get(0))?;
    Ok(seqs.collect::<Result<_, _>>()?)
}

/// Writes that the attempt at a mail ended with its worker, and that the server may have got it.
pub(in crate::mail::outbox) fn end_attempt(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.sql().prepare_cached(PUT_GIVEN)?.execute(named_params! { ":mail": seq })?;
    tx.sql().prepare_cached(END_ATTEMPT)?.execute(named_params! { ":mail": seq })?;
    Ok(())
}

/// Has a mail wait again whose worker is no more.
pub(in crate::mail::outbox) fn wait_again(tx: &Tx<'_>, seq: i64, why: &str, due: Instant) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":why": why, ":due": due.micros() };
    Ok(one_row(tx.sql().prepare_cached(WAIT_AGAIN)?.execute(parameters)?, "mails", seq)?)
}

/// Makes the leases of a worker last.
pub(in crate::mail::outbox) fn renew(tx: &Tx<'_>, worker: &str, until: Instant) -> Result<()> {
    let parameters = named_params! { ":worker": worker, ":until": until.micros() };
    tx.sql().prepare_cached(RENEW)?.execute(parameters)?;
    Ok(())
}

/// Whether a worker has mails in hand.
pub(in crate::mail::outbox) fn has_in_hand(tx: &Tx<'_>, worker: &str) -> Result<bool> {
    let parameters = named_params! { ":worker": worker };
    Ok(tx.sql().prepare_cached(IN_HAND)?.query_row(parameters, |row| row.get(0))?)
}

/// Whether a server may know a mail that this worker did not give it.
pub(in crate::mail::outbox) fn is_given(tx: &Tx<'_>, server: i64, worker: &str) -> Result<bool> {
    let parameters = named_params! { ":server": server, ":worker": worker };
    Ok(tx.sql().prepare_cached(IS_GIVEN)?.query_row(parameters, |row| row.get(0))?)
}

/// With how many workers in a row the last attempts at a mail have ended.
pub(in crate::mail::outbox) fn ended_workers(tx: &Tx<'_>, seq: i64) -> Result<u32> {
    Ok(tx.sql().prepare_cached(ENDED_WORKERS)?.query_row(named_params! { ":mail": seq }, |row| row.get(0))?)
}

/// What waits and with which at least so many workers in a row have ended.
pub(in crate::mail::outbox) fn suspects(tx: &Tx<'_>, least: u32) -> Result<Vec<Suspect>> {
    let mut statement = tx.sql().prepare_cached(SUSPECTS)?;
    let found = statement.query_map(named_params! { ":least": least }, |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, Instant::from_micros(row.get(2)?)))
    })?;
    let found: Vec<_> = found.collect::<Result<_, _>>()?;
    let mut suspects = Vec::new();
    for (id, seq, due_at) in found {
        let workers = ended_workers(tx, seq)?;
        if workers >= least {
            suspects.push(Suspect { id, workers, due_at });
        }
    }
    Ok(suspects)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[
    HAS_EXPIRED,
    EXPIRED,
    PUT_GIVEN,
    END_ATTEMPT,
    WAIT_AGAIN,
    RENEW,
    IN_HAND,
    IS_GIVEN,
    ENDED_WORKERS,
    SUSPECTS,
];
