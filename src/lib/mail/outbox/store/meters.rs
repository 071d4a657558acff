//! The SQL of what is counted of mails.

use rusqlite::{OptionalExtension as _, named_params};

use crate::context::meters::{MOST_ROWS, Values};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

const QUEUED: &str = "SELECT count(*) FROM (SELECT 1 FROM mails WHERE state = 'queued' LIMIT :most)";

const SENDING: &str = "SELECT count(*) FROM (SELECT 1 FROM mails WHERE state = 'sending' LIMIT :most)";

const FIRST_DUE: &str = "
    SELECT due_at FROM mails WHERE state = 'queued' AND urgency = :urgency ORDER BY due_at LIMIT 1";

const RESTING: &str = "SELECT count(*) FROM mail_rests WHERE until > :now";

/// How many mails have not ended, by their state.
pub(in crate::mail::outbox) fn by_state(tx: &Tx<'_>) -> Result<Values> {
    let count = |(state, sql)| {
        let parameters = named_params! { ":most": MOST_ROWS };
        Ok((state, tx.sql().prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?))
    };
    [("queued", QUEUED), ("sending", SENDING)].into_iter().map(count).collect()
}

/// When the mail of that urgency is due, or was, that is first.
pub(in crate::mail::outbox) fn first_due(tx: &Tx<'_>, urgency: i64) -> Result<Option<i64>> {
    let parameters = named_params! { ":urgency": urgency };
    Ok(tx.sql().prepare_cached(FIRST_DUE)?.query_row(parameters, |row| row.get(0)).optional()?)
}

/// How many accounts rest.
pub(in crate::mail::outbox) fn resting(tx: &Tx<'_>, now: Instant) -> Result<i64> {
    let parameters = named_params! { ":now": now.micros() };
    Ok(tx.sql().prepare_cached(RESTING)?.query_row(parameters, |row| row.get(0))?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[QUEUED, SENDING, FIRST_DUE, RESTING];
