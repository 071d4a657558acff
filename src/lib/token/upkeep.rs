//! What is done to tokens by itself, time after time.

use super::store;
use crate::context::{Context, Service};
use crate::error::Result;
use crate::text::instant::Instant;
use crate::upkeep::{Report, Task};

/// How long it is known of a token what became of it after it has run out: whoever opens an old link is told so.
const KEPT: i64 = 30 * 24 * 3600 * 1_000_000;

/// Forgets tokens that ran out long ago.
pub(crate) static CLEAN_UP: Task = Task {
    name: "links",
    about: "forget the links of mails that ran out more than 30 days ago",
    service: Service::CleanUp,
    run: |cx, _| {
        let count = forget(cx)?;
        Ok(Report::of(count, format!("{count} {} forgotten", if count == 1 { "link" } else { "links" })))
    },
};

pub(super) fn forget(cx: &Context) -> Result<u64> {
    let before = Instant::from_micros(cx.now().micros().saturating_sub(KEPT));
    let mut forgotten = 0;
    loop {
        let some = cx.write(|tx| store::forget(tx, before))?;
        forgotten += some;
        // A dry run takes each part back.
        if some < u64::from(store::BATCH) || cx.dry_run {
            return Ok(forgotten);
        }
    }
}
