//! What is counted of mails.

use super::store::meters;
use crate::context::Context;
use crate::context::meters::{Counter, Gauge, Values};
use crate::error::Result;

/// How mails ended that this process handed over, or could not.
pub(crate) static ENDED: Counter = Counter {
    name: "secboard_mails_ended_total",
    about: "Mails that this process sent, or that have failed for good",
    label: "state",
    values: &["sent", "failed"],
};

/// How many are on their way.
pub(crate) static MAILS: Gauge = Gauge {
    name: "secboard_mails",
    about: "Mails that have not ended, by their state, at most 100000 of each",
    label: Some("state"),
    read: |cx| cx.read(meters::by_state),
};

/// For how long the one waits that was due first.
pub(crate) static OLDEST: Gauge = Gauge {
    name: "secboard_mail_overdue_seconds",
    about: "For how long the mail is due that was due first, by its urgency: somebody waits for it, a notice, or anything else",
    label: Some("urgency"),
    read: oldest,
};

/// How many accounts rest.
pub(crate) static RESTING: Gauge = Gauge {
    name: "secboard_mail_accounts_resting",
    about: "Mail accounts that are given a rest after failures",
    label: None,
    read: |cx| cx.read(|tx| Ok(vec![("", meters::resting(tx, cx.now())?)])),
};

fn oldest(cx: &Context) -> Result<Values> {
    let now = cx.now().micros();
    let of = |(word, urgency)| {
        let due = cx.read(|tx| meters::first_due(tx, urgency))?;
        Ok((word, due.map_or(0, |due| now.saturating_sub(due).max(0) / 1_000_000)))
    };
    [("awaited", 0), ("notice", 1), ("other", 2)].into_iter().map(of).collect()
}
