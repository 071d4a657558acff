//! The SQL of letters that are of no use without a link.

use rusqlite::named_params;
use serde_json::json;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

const DROP: &str = "
    UPDATE mails
    SET state = 'dropped', why = :why, ended_at = :now, sealed = NULL, link_sealed = NULL, link_until = NULL
    WHERE user_id = :user AND state = 'queued' AND message IN (SELECT value FROM json_each(:messages))";

/// Drops those of these messages to a person that wait.
pub(in super::super) fn drop_waiting(
    tx: &Tx<'_>,
    user: i64,
    messages: &[&str],
    (why, now): (&str, Instant),
) -> Result<()> {
    tx.sql().prepare_cached(DROP)?.execute(named_params! {
        ":user": user, ":messages": json!(messages).to_string(), ":why": why, ":now": now.micros(),
    })?;
    Ok(())
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[DROP];
