//! What is done to the outbox by itself, time after time.

use super::worker::{self, Reopening};
use super::{Readers, end_keeping};
use crate::context::{Context, Reopen, Service};
use crate::error::Result;
use crate::mail::error::Error;
use crate::mail::hindered::BrokenOff;
use crate::mail::message::templates::Templates;
use crate::mail::transport::block_on;
use crate::text::count::counted;
use crate::upkeep::{Report, Rest, Task};

/// Forgets what became of mails long ago.
pub(crate) static CLEAN_UP: Task = Task {
    name: "mails",
    about: "forget what became of mails that ended longer ago than the setting `mail.keep_days`",
    service: Service::CleanUp,
    run: |cx, _| {
        let count = end_keeping(cx)?;
        Ok(Report::of(count, format!("{count} {} forgotten", if count == 1 { "mail" } else { "mails" })))
    },
};

/// Sends what is due, as `mail flush` does, to readers whom the composition root knows.
pub(crate) const fn sending(run: fn(&Context, &Reopen<'_>) -> Result<Report>) -> Task {
    Task {
        name: "outbox",
        about: "send what is due, as `secboard mail flush` does",
        service: Service::Outbox,
        run,
    }
}

/// Sends what is due.
pub(crate) fn send(cx: &Context, reopen: &Reopen<'_>, readers: &dyn Readers) -> Result<Report> {
    if cx.dry_run {
        let (planned, _) = worker::preview(cx)?;
        let mails = planned.iter().map(|planned| planned.mails).sum();
        return Ok(Report::of(mails, said(counted(&[(mails, "mail sent", "mails sent")]))));
    }
    let (templates, _) = Templates::of_site(cx.templates.as_deref(), cx.now());
    let sent = block_on(worker::work(&Reopening::new(cx, reopen), readers, &templates, &cx.cancel));
    let (report, ended) = sent.map_err(|source| Error::NoRuntime { source })?;
    if let Err(failure) = ended {
        return Err(BrokenOff::after(&report, failure));
    }
    let done = if report.left.is_empty() { said(report.said()) } else { report.said() };
    let mut told: Vec<String> = Some(done).filter(|done| !done.is_empty()).into_iter().collect();
    told.extend(report.left.iter().map(|left| Error::from(left.clone()).to_string()));
    // A site that has no account for some mails is told, and does without.
    let rests = report.left.iter().any(|left| matches!(left.because, worker::Because::Rests(_)));
    let rest = match (rests, report.failed) {
        (true, _) => Some(Rest::Waits),
        (false, 0) => None,
        (false, _) => Some(Rest::Failed),
    };
    Ok(Report { count: report.sent, said: told.join("; "), rest })
}

fn said(done: String) -> String {
    if done.is_empty() { "nothing is due".to_owned() } else { done }
}
