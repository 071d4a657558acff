//! The SQL of mails to people who are deleted permanently.

use rusqlite::named_params;
use serde_json::json;

use crate::error::Result;
use crate::mail::message::{Message, Purpose};
use crate::store::Tx;
use crate::text::instant::Instant;

/// Those to the person, and those to nobody at the address they have. Alerts to an address that the site names are the site's:
/// whoever makes an account with that address and ends it keeps none of them back.
macro_rules! theirs {
    () => {
        "(user_id = :user OR to_folded = :folded AND user_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM json_each(:alerts) WHERE value = mails.message))"
    };
}

/// Most people have no mails, and many may go at once: asked first, this costs a look at two indexes.
const HAS_ANY: &str = "
    SELECT EXISTS (SELECT 1 FROM mails WHERE user_id = :user)
        OR EXISTS (SELECT 1 FROM mails WHERE to_folded = :folded AND user_id IS NULL)";

const FORGET_ANSWERS: &str = concat!(
    "UPDATE mail_attempts SET answer = NULL WHERE mail IN (SELECT seq FROM mails WHERE ",
    theirs!(),
    ")"
);

const DROP: &str = concat!(
    "UPDATE mails
    SET state = 'dropped', sealed = NULL, link_sealed = NULL, link_until = NULL, ended_at = :now
    WHERE state = 'queued' AND ",
    theirs!()
);

const FORGET: &str = concat!(
    "UPDATE mails
    SET to_address = NULL, to_folded = NULL, to_name = NULL, facts = NULL,
        why = CASE WHEN state = 'dropped' AND ended_at = :now THEN :why END
    WHERE ",
    theirs!()
);

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
    let (now, alerts) = (now.micros(), json!(Message::names_of(Purpose::Alert)).to_string());
    sql.prepare_cached(FORGET_ANSWERS)?
        .execute(named_params! { ":user": user, ":folded": folded, ":alerts": alerts })?;
    sql.prepare_cached(DROP)?
        .execute(named_params! { ":user": user, ":folded": folded, ":alerts": alerts, ":now": now })?;
    sql.prepare_cached(FORGET)?.execute(named_params! {
        ":user": user, ":folded": folded, ":alerts": alerts, ":now": now, ":why": why,
    })?;
    Ok(())
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[HAS_ANY, FORGET_ANSWERS, DROP, FORGET];
