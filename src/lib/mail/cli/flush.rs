//! `secboard mail flush`.

use std::pin::pin;
use std::time::Duration;

use crate::cli::output::record;
use crate::cli::{App, Outcome, stop};
use crate::context::{CancelToken, Context};
use crate::error::Result;
use crate::mail::error::Error;
use crate::mail::hindered::{BrokenOff, Hindered};
use crate::mail::outbox::Readers;
use crate::mail::outbox::worker::{self, Planned, Reopening, Report};
use crate::mail::transport::block_on;
use crate::text::count::counted;

/// How often it is looked whether Ctrl-C was pressed.
const TICK: Duration = Duration::from_millis(300);

record! {
    /// What was done, as it is printed.
    FlushRow, table ["sent", "failed", "later", "dropped", "waiting"] {
        /// How many mails were taken by a server.
        sent: i64,
        /// How many have failed for good.
        failed: i64,
        /// How many go later.
        later: i64,
        /// How many were no longer due.
        dropped: i64,
        /// How many are due and cannot leave.
        waiting: i64,
        /// How many mails another worker has.
        others: i64,
    }
}

record! {
    /// What would go, as it is printed.
    PlannedRow, table ["message", "account", "mails"] {
        /// What the mails say.
        message: String,
        /// By which account.
        account: String,
        /// How many.
        mails: i64,
    }
}

/// Sends what is due.
pub(super) fn run(app: &App, readers: &dyn Readers) -> Result<Outcome> {
    let cx = app.writer()?;
    worker::check_may_send(&cx)?;
    if cx.dry_run {
        return rehearse(app, &cx);
    }
    let (cancel, templates) = (cx.cancel.clone(), super::templates(app, &cx)?);
    let reopen = || app.writer();
    let store = Reopening::new(&cx, &reopen);
    let watch = stop::watch(&cancel);
    let sent = block_on(told(app, &cancel, worker::work(&store, readers, &templates, &cancel)));
    drop(watch);
    let (report, ended) = sent.map_err(|source| Error::NoRuntime { source })?;
    if let Err(failure) = ended {
        return Err(BrokenOff::after(&report, failure));
    }
    tell(app, &report)
}

/// Does the work, and says to whom it asks no more of it what it still waits for.
async fn told<T>(app: &App, cancel: &CancelToken, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut is_told = false;
    loop {
        if let Ok(done) = tokio::time::timeout(TICK, work.as_mut()).await {
            return done;
        }
        if cancel.is_cancelled() && !std::mem::replace(&mut is_told, true) {
            app.out.say("it ends once the mail at hand is answered, in some seconds at most");
        }
    }
}

/// Says what would go.
fn rehearse(app: &App, cx: &Context) -> Result<Outcome> {
    let (planned, left) = worker::preview(cx)?;
    let mails: u64 = planned.iter().map(|planned| planned.mails).sum();
    // For people it is said below that there is nothing.
    if mails > 0 || !app.out.is_table() {
        let mut list = app.out.list::<PlannedRow>()?;
        for Planned { message, account, mails } in planned {
            list.row(&PlannedRow { message, account, mails: number(mails) })?;
        }
        list.finish()?;
    }
    for left in left {
        app.out.say(&Error::from(left).to_string());
    }
    app.done(&match mails {
        0 => "nothing would go".to_owned(),
        mails => format!("{} would go", counted(&[(mails, "mail", "mails")])),
    });
    Ok(Outcome::Done)
}

/// Says what was done, and what is left.
fn tell(app: &App, report: &Report) -> Result<Outcome> {
    app.print_if_asked(&FlushRow {
        sent: number(report.sent),
        failed: number(report.failed),
        later: number(report.later),
        dropped: number(report.dropped),
        waiting: number(report.waiting()),
        others: number(report.others),
    })?;
    if report.is_cut_short {
        return Err(Error::CutShort { sent: report.sent, unanswered: report.unanswered }.into());
    }
    let said = report.said();
    if !said.is_empty() {
        app.done(&said);
    } else if report.left.is_empty() {
        app.done("nothing is due");
    }
    match Hindered::by(&report.left) {
        Some(hindered) => Err(hindered.into()),
        None if report.failed == 0 => Ok(Outcome::Done),
        None => Ok(Outcome::No),
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
