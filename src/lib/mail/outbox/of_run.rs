//! The mails that a run queued, while they wait: they are counted, and dropped when what they tell is taken back.

use std::collections::HashSet;

use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// How many mails of a run wait that were queued behind that place, and the place of the last of them; 0 for none.
pub(crate) fn waiting_of_run(tx: &Tx<'_>, run: &str, behind: i64) -> Result<(u64, i64)> {
    store::of_run::waiting(tx, run, behind)
}

/// To whom mails of a run wait.
pub(crate) fn readers_of_run(tx: &Tx<'_>, run: &str) -> Result<HashSet<i64>> {
    store::of_run::readers(tx, run)
}

/// Whether a mail of a run has left for a person, or is leaving.
pub(crate) fn has_left(tx: &Tx<'_>, run: &str, user: i64) -> Result<bool> {
    store::of_run::has_left(tx, run, user)
}

/// Drops what a run queued for a person up to that place, and what still waits: what it did to them was taken back.
pub(crate) fn drop_waiting_of_run(
    cx: &Context,
    tx: &Tx<'_>,
    run: &str,
    (user, last): (i64, i64),
) -> Result<()> {
    store::of_run::drop_waiting(tx, run, (user, last), ("the run was undone", cx.now()))
}
