//! The SQL of what a clock that was ahead has left behind.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Whether a time is stored that nobody could have meant but by a clock that was ahead.
const IS_FAR_AHEAD: &str = "
    SELECT EXISTS (SELECT 1 FROM mails WHERE state = 'queued' AND due_at > :due)
        OR EXISTS (SELECT 1 FROM mail_rests WHERE until > :until)";

const BRING_DUE_BACK: &str = "UPDATE mails SET due_at = :now WHERE state = 'queued' AND due_at > :due";

const BRING_RESTS_BACK: &str = "UPDATE mail_rests SET since = :now - 1, until = :now WHERE until > :until";

/// Whether a mail is due later, or an account rests longer, than anything that begins now.
pub(in crate::mail::outbox) fn is_far_ahead(tx: &Tx<'_>, (due, until): (Instant, Instant)) -> Result<bool> {
    let parameters = named_params! { ":due": due.micros(), ":until": until.micros() };
    Ok(tx.sql().prepare_cached(IS_FAR_AHEAD)?.query_row(parameters, |row| row.get(0))?)
}

/// Has be due now what is due later than `due`, and end now what rests longer than `until`.
pub(in crate::mail::outbox) fn bring_back(
    tx: &Tx<'_>,
    now: Instant,
    (due, until): (Instant, Instant),
) -> Result<()> {
    let due = named_params! { ":now": now.micros(), ":due": due.micros() };
    tx.sql().prepare_cached(BRING_DUE_BACK)?.execute(due)?;
    let until = named_params! { ":now": now.micros(), ":until": until.micros() };
    tx.sql().prepare_cached(BRING_RESTS_BACK)?.execute(until)?;
    Ok(())
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[IS_FAR_AHEAD, BRING_DUE_BACK, BRING_RESTS_BACK];
