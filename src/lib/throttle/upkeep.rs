//! What is done to counters by itself, time after time.

use super::counter::{HOUR, after};
use super::{record, store};
use crate::context::{Context, Service};
use crate::error::Result;
use crate::upkeep::{Report, Task};

/// Forgets what counts no more.
pub(crate) static CLEAN_UP: Task = Task {
    name: "counters",
    about: "forget failed logins and asks for links that count no more",
    service: Service::CleanUp,
    run: |cx, _| {
        let count = clean_up(cx)?;
        Ok(Report::of(
            count,
            format!("{count} {} forgotten", if count == 1 { "counter" } else { "counters" }),
        ))
    },
};

/// Forgets what counts no more; how many counters that were. What was counted far ahead of the clock, which was set back
/// since, never would.
fn clean_up(cx: &Context) -> Result<u64> {
    let times = (cx.now(), after(cx.now(), HOUR));
    // Whoever has nothing to forget leaves the store alone.
    let due = cx.read(|tx| store::count_expired(tx, times))?;
    cx.write(|tx| {
        record::end_minute(cx, tx)?;
        if due == 0 { Ok(0) } else { store::clean_up(tx, times) }
    })
}
