//! What is done to people by itself, time after time.

use super::{bin, notice};
use crate::context::Service;
use crate::text::count::people;
use crate::upkeep::{Report, Task};

/// Reminds people of the last day of their account.
pub(crate) static REMINDERS: Task = Task {
    name: "reminders",
    about: "remind people of the last day of their account: 30 days, 7 days and a day before",
    service: Service::Reminders,
    run: |cx, _| {
        let count = notice::remind(cx)?;
        Ok(Report::of(count, format!("{} reminded", people(count))))
    },
};

/// Ends the days of people in the bin.
pub(crate) static BIN: Task = Task {
    name: "bin",
    about: "permanently delete people who have been in the bin for longer than the setting `user.bin_days`",
    service: Service::CleanUp,
    run: |cx, _| {
        let count = bin::purge_expired(cx)? as u64;
        Ok(Report::of(count, format!("{} permanently deleted", people(count))))
    },
};
