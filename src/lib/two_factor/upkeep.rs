//! What is done to second factors by itself, time after time.

use super::enrol::WAITS;
use super::store;
use crate::context::Service;
use crate::text::instant::Instant;
use crate::upkeep::{Report, Task};

/// Forgets secrets that were shown and never confirmed.
pub(crate) static CLEAN_UP: Task = Task {
    name: "enrolments",
    about: "forget secrets of second factors that were shown and not confirmed",
    service: Service::CleanUp,
    run: |cx, _| {
        let before = Instant::from_micros(cx.now().micros().saturating_sub(WAITS));
        // Whoever has nothing to forget leaves the store alone.
        let count = match cx.read(|tx| store::count_old(tx, before))? {
            0 => 0,
            _ => cx.write(|tx| store::clean_up(tx, before))?,
        };
        Ok(Report::of(count, format!("{count} {} forgotten", if count == 1 { "secret" } else { "secrets" })))
    },
};
