//! What keeps the contact form from being of use.

use super::reply::{self, FEATURE};
use super::settings::AUTO_REPLY;
use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::mail::doctor::Finding;
use crate::mail::route;
use crate::store::Tx;
use crate::text::count::counted;

/// What is said of an answer that is not sent, and what to type.
const UNSENT: &str = "the answer by the contact form is switched on, and not sent";
const SWITCH_OFF: &str = "secboard setting unset contact.auto_reply";

/// Answers that are not sent, and messages of which nobody was told.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn check(cx: &Context, tx: &Tx<'_>) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let missing = reply::missing(cx);
    if !missing.is_empty() {
        let (is, it) = if missing.len() == 1 { ("is", "it") } else { ("are", "them") };
        let what = format!("{UNSENT}: {} {is} missing", missing.join(", "));
        let advice = format!("give {it}, with `secboard setting set`, or switch the answer off");
        found.push(warning(what, &advice).with(SWITCH_OFF));
    }
    if *cx.settings.get(&AUTO_REPLY) && route::chosen(tx, FEATURE, None)?.is_none() {
        let advice = "name one, with `secboard mail route set --feature contact-auto-reply --account …`, or switch the answer off";
        found.push(warning(format!("{UNSENT}: no account is to send it"), advice).with(SWITCH_OFF));
    }
    let untold = store::untold(tx)?;
    if untold > 0 {
        let messages = counted(&[(untold, "open message", "open messages")]);
        let what = format!("{messages} by the contact form, of which nobody was told: no recipients are set");
        let advice = "say who is to be told, with `secboard setting set contact.to_general …`; read them";
        found.push(warning(what, advice).with("secboard mail contact list --state open"));
    }
    Ok(found)
}

fn warning(what: String, advice: &str) -> Finding {
    Finding::error("mail.contact", what, advice).into_warning()
}
