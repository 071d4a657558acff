//! The SQL of the mails that a run queued.

use std::collections::HashSet;

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

const WAITING: &str = "
    SELECT count(*), coalesce(max(seq), 0) FROM mails WHERE run = :run AND state = 'queued' AND seq > :behind";

const READERS: &str =
    "SELECT DISTINCT user_id FROM mails WHERE run = :run AND state = 'queued' AND user_id IS NOT NULL";

const HAS_LEFT: &str = "
    SELECT EXISTS (SELECT 1 FROM mails WHERE user_id = :user AND run = :run AND state IN ('sending', 'sent'))";

const DROP: &str = "
    UPDATE mails
    SET state = 'dropped', why = :why, ended_at = :now, sealed = NULL, link_sealed = NULL, link_until = NULL
    WHERE user_id = :user AND run = :run AND seq <= :last AND state = 'queued'";

pub(in super::super) fn waiting(tx: &Tx<'_>, run: &str, behind: i64) -> Result<(u64, i64)> {
    let mut statement = tx.sql().prepare_cached(WAITING)?;
    let parameters = named_params! { ":run": run, ":behind": behind };
    let (count, last): (i64, i64) = statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((count.unsigned_abs(), last))
}

pub(in super::super) fn readers(tx: &Tx<'_>, run: &str) -> Result<HashSet<i64>> {
    let mut statement = tx.sql().prepare_cached(READERS)?;
    Ok(statement.query_map(named_params! { ":run": run }, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

pub(in super::super) fn has_left(tx: &Tx<'_>, run: &str, user: i64) -> Result<bool> {
    let mut statement = tx.sql().prepare_cached(HAS_LEFT)?;
    Ok(statement.query_row(named_params! { ":run": run, ":user": user }, |row| row.get(0))?)
}

pub(in super::super) fn drop_waiting(
    tx: &Tx<'_>,
    run: &str,
    (user, last): (i64, i64),
    (why, now): (&str, Instant),
) -> Result<()> {
    tx.sql().prepare_cached(DROP)?.execute(named_params! {
        ":run": run, ":user": user, ":last": last, ":why": why, ":now": now.micros(),
    })?;
    Ok(())
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[WAITING, READERS, HAS_LEFT, DROP];
