//! What a worker had in hand when it ended goes again, and is no failure of the mail: machines are reset, processes killed.
//!
//! With a mail that ends every worker nothing else would leave either. So a mail with which [`SUSPECT`] workers in a row have
//! ended goes alone, when nothing else is in hand, and waits longer each time; it has not failed, and `mail doctor` tells.

use std::time::Duration;

pub(crate) use super::store::leases::Suspect;

use super::store::leases;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// With so many workers in a row it is no chance that they ended.
const SUSPECT: u32 = 3;

/// How many minutes a mail waits after the workers that make it suspect, each longer than the one before.
const WAITS: [u64; 4] = [5, 15, 60, 240];

/// Has wait again what a worker took that is no more; no lease that begins now ends after `latest`.
pub(super) fn expire(cx: &Context, tx: &Tx<'_>, latest: Instant) -> Result<()> {
    let now = cx.now();
    for seq in leases::expired(tx, now, latest)? {
        leases::end_attempt(tx, seq)?;
        let workers = leases::ended_workers(tx, seq)?;
        let due = Instant::from_micros(now.micros().saturating_add(wait(workers)));
        leases::wait_again(tx, seq, &said(workers), due)?;
    }
    Ok(())
}

/// Whether workers have ended with a mail so often that it goes alone.
pub(super) fn goes_alone(tx: &Tx<'_>, seq: i64) -> Result<bool> {
    Ok(leases::ended_workers(tx, seq)? >= SUSPECT)
}

/// What waits and with which so many workers have ended that it goes alone.
pub(crate) fn suspects(tx: &Tx<'_>) -> Result<Vec<Suspect>> {
    leases::suspects(tx, SUSPECT)
}

/// Why such a mail waits.
fn said(workers: u32) -> String {
    match workers {
        0 | 1 => "the worker ended before there was an answer".to_owned(),
        _ => format!("{workers} workers in a row ended before there was an answer"),
    }
}

/// How many microseconds it waits.
fn wait(workers: u32) -> i64 {
    let Some(over) = workers.checked_sub(SUSPECT) else { return 0 };
    let at = usize::try_from(over).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    let minutes = WAITS.get(at).copied().unwrap_or_default();
    i64::try_from(Duration::from_secs(60 * minutes).as_micros()).unwrap_or(i64::MAX)
}
