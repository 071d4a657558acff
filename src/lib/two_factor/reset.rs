//! What was lost: an administrator ends the second factor of somebody of whom they have made sure that it is them.

use serde_json::json;

use super::{Error, record, store, told};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::session::{self, Ended};
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::throttle;
use crate::user::{User, notice, second_factor};

/// What a reset did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reset {
    /// Whose.
    pub(super) email: String,
    /// Whether there was a second factor.
    pub(super) was_enrolled: bool,
    /// Whether something was ended that they had begun: a secret that waited for a first code, or a login.
    pub(super) had_begun: bool,
    /// Whether they were logged in, and are no more.
    pub(super) is_logged_out: bool,
    /// Whether they have to set another up.
    pub(super) is_required: bool,
    /// Until when they have to, where that was said.
    pub(super) grace_until: Option<Instant>,
}

/// Ends the second factors of these people, each as [`reset_one`] does; of all of them or of none. Whoever is named twice is
/// meant once.
///
/// # Errors
/// Those of [`reset_one`].
pub(super) fn reset(cx: &Context, people: &[String], grace: Option<i64>) -> Result<Vec<Reset>> {
    cx.write(|tx| {
        let mut done: Vec<Reset> = Vec::new();
        for who in people {
            let user = second_factor::to_reset(cx, tx, who)?;
            if done.iter().all(|done| done.email != user.facts.email) {
                done.push(reset_one(cx, tx, &user, grace)?);
            }
        }
        Ok(done)
    })
}

/// Ends the second factor of a person, with every backup code, or one that is being set up, and logs them out; that one
/// is required stays. With a
/// `grace` of so many microseconds they have that long to set another up, and nobody logs in by the account from then on.
///
/// # Errors
/// Without a reason; with a grace for somebody who needs none; when the actor may not; when the last superuser could be kept
/// out by it.
fn reset_one(cx: &Context, tx: &Tx<'_>, user: &User, grace: Option<i64>) -> Result<Reset> {
    let email = user.facts.email.clone();
    if cx.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Error::WithoutReason.into());
    }
    let is_required = user.facts.two_factor_required;
    if grace.is_some() && !is_required {
        return Err(Error::GraceWithoutRequirement { email }.into());
    }
    let (was_enrolled, left) = user.second_factor.map_or((false, 0), |factor| (true, factor.codes_left));
    let grace_until = grace.map(|length| Instant::from_micros(cx.now().micros().saturating_add(length)));
    // Whoever sets one up just now may be the one who is to be kept out.
    let had_secret = store::remove_enrolments(tx, user.id)?;
    let is_logged_out = !session::of(cx, tx, user.id)?.is_empty();
    let had_begun = had_secret || !session::begun(cx, tx, user.id)?.is_empty();
    let done = Reset { email, was_enrolled, had_begun, is_logged_out, is_required, grace_until };
    if !was_enrolled && !had_begun && !is_logged_out && grace.is_none() {
        return Ok(done);
    }
    session::end_all(cx, tx, (user.id, &user.facts.email), None, Ended::Factor)?;
    let (mut before, mut after) = (told(was_enrolled, left), told(false, 0));
    before.insert("grace_until".to_owned(), json!(user.grace_until()));
    after.insert("grace_until".to_owned(), json!(grace_until));
    let at = record(cx, tx, ("two_factor.reset", user), (&before, &after))?;
    store::remove(tx, user.id)?;
    store::set_grace(tx, user.id, grace_until)?;
    throttle::forget_wrong_codes(cx, tx, user.id)?;
    second_factor::keep_a_superuser(cx, tx, user)?;
    if cx.tells_people {
        let (until, links) = (grace_until, Links::default());
        let message = Message::FactorReset { at, was_enrolled, is_logged_out, is_required, until, links };
        notice::tell_of(cx, tx, user, &message)?;
    }
    Ok(done)
}
