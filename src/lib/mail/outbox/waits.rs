//! Why mails wait that are due: what keeps those who should send them from sending.

use super::worker::{self, Ways};
use super::{MailState, QueuedMail};
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::store::Tx;

/// Says of mails that are due and wait why they do: that their account rests, and then until when, or is switched off; or that
/// none is to send them.
pub(crate) fn explained(cx: &Context, tx: &Tx<'_>, mut mails: Vec<QueuedMail>) -> Result<Vec<QueuedMail>> {
    let now = cx.now();
    let is_due = |mail: &QueuedMail| mail.state == MailState::Queued && mail.due_at <= now;
    if !mails.iter().any(is_due) {
        return Ok(mails);
    }
    let ways = Ways::of(cx, tx, true)?;
    for mail in mails.iter_mut().filter(|mail| is_due(mail)) {
        if let Some(because) = ways.kept_by(mail) {
            mail.due_at = because.until().unwrap_or(mail.due_at);
            mail.why = Some(because.said());
        }
    }
    Ok(mails)
}

/// What keeps a mail without links of that use from leaving now; of a rest, until when.
pub(crate) fn hindrance(
    cx: &Context,
    tx: &Tx<'_>,
    feature: &str,
    company: Option<i64>,
) -> Result<Option<String>> {
    Ok(worker::kept(cx, tx, (feature, company))?.map(|because| because.shortly()))
}

/// Whether a link leads somewhere: a site for production that has no host name yet has no links.
pub(crate) fn may_link(cx: &Context) -> bool {
    let domain = cx.settings.get(&site::DOMAIN);
    let host = site::without_port(domain);
    host != "localhost" || *cx.settings.get(&site::KIND) != "production"
}
