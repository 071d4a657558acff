//! What is done to the outbox by itself, time after time.

use super::end_keeping;
use crate::context::Service;
use crate::upkeep::{Report, Task};

/// Forgets what became of mails long ago.
pub(crate) static CLEAN_UP: Task = Task {
    name: "mails",
    about: "forget what became of mails that ended longer ago than the setting `mail.keep_days`",
    service: Service::CleanUp,
    run: |cx| {
        let count = end_keeping(cx)?;
        Ok(Report::of(count, format!("{count} {} forgotten", if count == 1 { "mail" } else { "mails" })))
    },
};
