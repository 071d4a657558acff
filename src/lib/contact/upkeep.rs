//! What is done to messages by itself, time after time.

use super::settings::KEEP_DAYS;
use super::store;
use crate::context::{Context, Service};
use crate::error::Result;
use crate::text::instant::Instant;
use crate::upkeep::{Report, Task};

/// A day in microseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Forgets messages that came long ago.
pub(crate) static CLEAN_UP: Task = Task {
    name: "messages",
    about: "forget messages by the contact form that came longer ago than the setting `contact.keep_days`",
    service: Service::CleanUp,
    run: |cx, _| {
        let count = clean_up(cx)?;
        let messages = if count == 1 { "message" } else { "messages" };
        Ok(Report::of(count, format!("{count} {messages} forgotten")))
    },
};

pub(super) fn clean_up(cx: &Context) -> Result<u64> {
    let days = i64::from(*cx.settings.get(&KEEP_DAYS));
    let before = Instant::from_micros(cx.now().micros() - days * DAY);
    // Whoever has nothing to forget leaves the store alone.
    if cx.read(|tx| store::count_old(tx, before))? == 0 {
        return Ok(0);
    }
    cx.write(|tx| store::clean_up(tx, before))
}
