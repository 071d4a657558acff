//! The last mails to a person, and what became of them.

use serde::Serialize;

use super::User;
use crate::context::Context;
use crate::error::Result;
use crate::mail::outbox::{self, ListFilter};
use crate::store::Tx;
use crate::text::instant::Instant;

/// How many are told.
const TOLD: u32 = 3;

/// A mail to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LastMail {
    /// When it ended; when it was queued, as long as it waits.
    pub(crate) at: Instant,
    /// What it says.
    pub(crate) message: String,
    /// How far it is.
    pub(crate) state: &'static str,
    /// What the server said last, or why it waits or was dropped.
    pub(crate) answer: Option<String>,
}

/// The last of them, newest first; none for an actor who may not see mails of the person's company.
pub(crate) fn last_mails(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<Option<Vec<LastMail>>> {
    let scope = cx.actor.scope("mail.view");
    if !scope.contain(user.company_id) {
        return Ok(None);
    }
    // An address in the bin may be another's by now.
    let address = (!user.facts.deleted).then_some(user.facts.email.as_str());
    let filter = ListFilter { user: Some(user.id), address, scope, limit: TOLD, ..ListFilter::default() };
    let mut told = Vec::new();
    for mail in outbox::explained(cx, tx, outbox::list(tx, &filter)?)? {
        let answered = outbox::attempts(tx, mail.seq)?.pop().and_then(|attempt| attempt.answer);
        told.push(LastMail {
            at: mail.ended_at.unwrap_or(mail.created_at),
            message: mail.message,
            state: mail.state.word(),
            answer: mail.why.or(answered),
        });
    }
    Ok(Some(told))
}
