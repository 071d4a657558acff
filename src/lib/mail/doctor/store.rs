//! The SQL of what is asked of the outbox as a whole.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

const RESTING: &str = "
    SELECT a.name, r.until, r.first_at, r.step, r.answer
    FROM mail_rests r
    JOIN mail_accounts a ON a.id = r.account_id
    WHERE r.until > :now
    ORDER BY sort_key(a.name_folded)";

const WAITING: &str = "
    SELECT m.feature, m.company_id, c.name, count(*)
    FROM mails m
    LEFT JOIN companies c ON c.id = m.company_id
    WHERE m.state = 'queued'
    GROUP BY m.feature, m.company_id
    ORDER BY m.feature, sort_key(c.name_folded)";

/// An account that rests.
pub(super) struct Resting {
    pub(super) account: String,
    pub(super) until: Instant,
    /// Since when no mail has left by it.
    pub(super) since: Instant,
    pub(super) step: String,
    pub(super) answer: String,
}

/// Mails that wait, of one feature and company.
pub(super) struct Waiting {
    pub(super) feature: String,
    pub(super) company_id: Option<i64>,
    pub(super) company: Option<String>,
    pub(super) count: i64,
}

pub(super) fn resting(tx: &Tx<'_>, now: Instant) -> Result<Vec<Resting>> {
    let mut statement = tx.sql().prepare_cached(RESTING)?;
    let found = statement.query_map(named_params! { ":now": now.micros() }, |row| {
        Ok(Resting {
            account: row.get("name")?,
            until: Instant::from_micros(row.get("until")?),
            since: Instant::from_micros(row.get("first_at")?),
            step: row.get("step")?,
            answer: row.get("answer")?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn waiting(tx: &Tx<'_>) -> Result<Vec<Waiting>> {
    let mut statement = tx.sql().prepare_cached(WAITING)?;
    let found = statement.query_map([], |row| {
        Ok(Waiting {
            feature: row.get(0)?,
            company_id: row.get(1)?,
            company: row.get(2)?,
            count: row.get(3)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[RESTING, WAITING];
