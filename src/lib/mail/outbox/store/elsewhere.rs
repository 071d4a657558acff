//! The SQL of what waits for the same account and goes elsewhere.

use std::collections::BTreeSet;

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Whether something is due for these uses that goes to another domain than these.
const WAITS_ELSEWHERE: &str = "
    SELECT EXISTS (
        SELECT 1 FROM mails
        WHERE state = 'queued' AND due_at <= :now AND (has_link = 0 OR :links)
            AND (feature, coalesce(company_id, 0)) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:uses))
            AND substr(to_folded, instr(to_folded, '@') + 1) NOT IN (SELECT value FROM json_each(:domains))
    )";

/// Whether something is due for these uses that goes to another domain than these.
pub(in crate::mail::outbox) fn waits(
    tx: &Tx<'_>,
    uses: &str,
    domains: &BTreeSet<&str>,
    links: bool,
    now: Instant,
) -> Result<bool> {
    let domains = serde_json::to_string(domains).unwrap_or_default();
    let parameters =
        named_params! { ":uses": uses, ":domains": domains, ":links": links, ":now": now.micros() };
    Ok(tx.sql().prepare_cached(WAITS_ELSEWHERE)?.query_row(parameters, |row| row.get(0))?)
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[WAITS_ELSEWHERE];
