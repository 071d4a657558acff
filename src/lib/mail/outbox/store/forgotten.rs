//! The SQL of mails to people who are deleted permanently.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Most people have no mails, and many may go at once: asked first, this costs a look at two indexes.
const HAS_ANY: &str = "
    SELECT EXISTS (SELECT 1 FROM mails WHERE user_id = :user)
        OR EXISTS (SELECT 1 FROM mails WHERE to_folded = :folded AND user_id IS NULL)";

const FORGET_ANSWERS: &str = "
    UPDATE mail_attempts
    SET answer = NULL
    WHERE mail IN (SELECT seq FROM mails WHERE user_id = :user
        UNION ALL SELECT seq FROM mails WHERE to_folded = :folded AND user_id IS NULL)";

const DROP: &str = "
    UPDATE mails
    SET state = 'dropped', sealed = NULL, link_sealed = NULL, link_until = NULL, ended_at = :now
    WHERE state = 'queued' AND (user_id = :user OR to_folded = :folded AND user_id IS NULL)";

const FORGET: &str = "
    UPDATE mails
    SET to_address = NULL, to_folded = NULL, to_name = NULL, facts = NULL,
        why = CASE WHEN state = 'dropped' AND ended_at = :now THEN :why END
    WHERE user_id = :user OR to_folded = :folded AND user_id IS NULL";

/// Whether any mail is to them.
pub(in super::super) fn has_any(tx: &Tx<'_>, user: i64, folded: &str) -> Result<bool> {
    let mut statement = tx.sql().prepare_cached(HAS_ANY)?;
    Ok(statement.query_row(named_params! { ":user": user, ":folded": folded }, |row| row.get(0))?)
}

/// Drops what waits, and takes out who they were.
pub(in super::super) fn forget(
    tx: &Tx<'_>,
    (user, folded): (i64, &str),
    (why, now): (&str, Instant),
) -> Result<()> {
    let sql = tx.sql();
    sql.prepare_cached(FORGET_ANSWERS)?.execute(named_params! { ":user": user, ":folded": folded })?;
    let now = now.micros();
    sql.prepare_cached(DROP)?.execute(named_params! { ":user": user, ":folded": folded, ":now": now })?;
    sql.prepare_cached(FORGET)?
        .execute(named_params! { ":user": user, ":folded": folded, ":now": now, ":why": why })?;
    Ok(())
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[HAS_ANY, FORGET_ANSWERS, DROP, FORGET];
