//! The SQL of mails that people cause by what they do to their own account.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::email::Email;
use crate::text::instant::Instant;

/// When the last ones of a kind were due, the latest first.
const LAST: &str = "
    SELECT due_at
    FROM mails
    WHERE user_id = :user AND to_folded = :to AND message = :message AND due_at > :since
    ORDER BY due_at DESC
    LIMIT :most";

/// One of a kind that sums up, and was not tried yet.
const WAITING: &str = "
    SELECT seq, facts
    FROM mails
    WHERE user_id = :user AND to_folded = :to AND message = :message AND state = 'queued' AND message_id IS NULL
        AND facts ->> 'more' IS NOT NULL
    ORDER BY seq DESC
    LIMIT 1";

const SUM_UP: &str = "UPDATE mails SET facts = :facts, created_at = :now WHERE seq = :seq";

/// Mails of one kind to a person at one address.
pub(in crate::mail::outbox) struct Kind<'a> {
    /// The person.
    pub(in crate::mail::outbox) user: i64,
    /// The address.
    pub(in crate::mail::outbox) to: &'a Email,
    /// The name of the message.
    pub(in crate::mail::outbox) message: &'a str,
}

/// When the last of a kind were due, if later than `since`, the latest first; at most `most`.
pub(in crate::mail::outbox) fn last(
    tx: &Tx<'_>,
    kind: &Kind<'_>,
    since: Instant,
    most: usize,
) -> Result<Vec<Instant>> {
    let mut statement = tx.sql().prepare_cached(LAST)?;
    let parameters = named_params! {
        ":user": kind.user,
        ":to": kind.to.folded(),
        ":message": kind.message,
        ":since": since.micros(),
        ":most": i64::try_from(most).unwrap_or(i64::MAX),
    };
    let times = statement.query_map(parameters, |row| row.get(0).map(Instant::from_micros))?;
    Ok(times.collect::<Result<_, _>>()?)
}

/// The mail of a kind that sums up and was not tried yet, and what it tells.
pub(in crate::mail::outbox) fn waiting(tx: &Tx<'_>, kind: &Kind<'_>) -> Result<Option<(i64, String)>> {
    let mut statement = tx.sql().prepare_cached(WAITING)?;
    let parameters = named_params! { ":user": kind.user, ":to": kind.to.folded(), ":message": kind.message };
    Ok(statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Has a mail tell what was done now.
pub(in crate::mail::outbox) fn sum_up(tx: &Tx<'_>, seq: i64, facts: &str, now: Instant) -> Result<()> {
    let parameters = named_params! { ":seq": seq, ":facts": facts, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(SUM_UP)?.execute(parameters)?, "mails", seq)?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[LAST, WAITING, SUM_UP];
