//! Asking for a link.
//!
//! What was typed as an email may be anything, a password too: it is used to look for an account, and kept nowhere.

use serde_json::json;

use super::KIND;
use crate::audit::{self, Event, fields_of};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::mail::outbox;
use crate::password::hash::Hasher;
use crate::password::is_same;
use crate::store::Tx;
use crate::text::secret::Secret;
use crate::throttle::{self, Source};
use crate::token::Purpose;
use crate::user::{self, Origin, User, login, notice};

/// Sends a link to choose another password to whoever has this email, if somebody does who may log in.
pub(super) fn reset(cx: &Context, typed: &str) -> Result<()> {
    cx.write(|tx| ask(cx, tx, (typed, Purpose::Reset), true))
}

/// Sends a link to log in for the first time, if the control word is that of their company. As much is hashed for whoever
/// has no company, no word, or no account.
pub(super) fn first_login(cx: &Context, typed: &str, word: &Secret) -> Result<()> {
    let stored = cx.read(|tx| {
        let company = user::with_email(tx, typed)?.and_then(|user| user.company_id);
        Ok(company.map(|id| company::control_word_hash(tx, id)).transpose()?.flatten())
    })?;
    let hasher = Hasher::of(cx)?;
    let is_right = if let Some(hash) = stored {
        is_same(&hasher, &hash, word)?
    } else {
        hasher.hash(&*cx.rng, word)?;
        false
    };
    cx.write(|tx| ask(cx, tx, (typed, Purpose::FirstLogin), is_right))
}

/// Queues a mail, if one is to be; what is asked is counted either way.
fn ask(cx: &Context, tx: &Tx<'_>, (typed, purpose): (&str, Purpose), is_right: bool) -> Result<()> {
    let user = user::with_email(tx, typed)?;
    let user = user.filter(|user| is_right && login::is_active(user, cx.today()));
    let mail = match user {
        None => None,
        Some(user) => {
            let message = message(cx, &user, purpose);
            // One that waits is as good as another.
            let is_waiting = outbox::waits(tx, user.id, message.name())?;
            Some((user, message)).filter(|_| !is_waiting)
        }
    };
    let is_granted = throttle::ask(cx, tx, Source::of(cx), mail.as_ref().map(|(user, _)| user.id))?;
    let Some((user, message)) = mail.filter(|_| is_granted) else { return Ok(()) };
    let event = Event::of("link.ask", (KIND, user.id), &user.facts.email);
    audit::note(cx, tx, event, &fields_of([("message", json!(message.name()))]))?;
    notice::tell_of(cx, tx, &user, &message)
}

/// The mail that helps: whoever logged in before needs no first login, but another password.
fn message(cx: &Context, user: &User, purpose: Purpose) -> Message {
    let (at, client, links) = (cx.now(), cx.via.client(), Links::default());
    match (user.origin, purpose) {
        (Origin::Directory, _) => Message::PasswordElsewhere { at, client },
        (Origin::Local, Purpose::FirstLogin) if user.last_login_at.is_none() => {
            Message::FirstLogin { at, client, links }
        }
        (Origin::Local, _) => Message::PasswordReset { at, client, is_protection: false, links },
    }
}
