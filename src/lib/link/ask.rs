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
use crate::text::email;
use crate::text::secret::Secret;
use crate::throttle::{self, LinkAsk, Source};
use crate::token::Purpose;
use crate::user::{self, Origin, User, login, notice};

/// Sends a link to choose another password to whoever has this email, if somebody does who may log in.
pub(super) fn reset(cx: &Context, typed: &str) -> Result<()> {
    let name = email::key(typed);
    let asked = LinkAsk { source: Source::of(cx), typed: &name };
    if !cx.read(|tx| throttle::is_looked_at(cx, tx, &asked))? {
        return Ok(());
    }
    cx.write(|tx| ask(cx, tx, (&asked, Purpose::Reset), true))
}

/// Sends a link to log in for the first time, if the control word is that of their company. As much is hashed for whoever
/// has no company, no word, or no account, and nothing for an ask that is not looked at.
pub(super) fn first_login(cx: &Context, typed: &str, word: &Secret) -> Result<()> {
    let name = email::key(typed);
    let asked = LinkAsk { source: Source::of(cx), typed: &name };
    let stored = cx.read(|tx| {
        if !throttle::is_looked_at(cx, tx, &asked)? {
            return Ok(None);
        }
        let company = user::with_email(tx, typed)?.and_then(|user| user.company_id);
        Ok(Some(company.map(|id| company::control_word_hash(tx, id)).transpose()?.flatten()))
    })?;
    let Some(stored) = stored else { return Ok(()) };
    let hasher = Hasher::of(cx)?;
    let is_right = if let Some(hash) = stored {
        is_same(&hasher, &hash, word)?
    } else {
        hasher.hash(&*cx.rng, word)?;
        false
    };
    cx.write(|tx| ask(cx, tx, (&asked, Purpose::FirstLogin), is_right))
}

/// Queues a mail, if one is to be. What is counted of the ask knows nothing of that.
fn ask(cx: &Context, tx: &Tx<'_>, (asked, purpose): (&LinkAsk<'_>, Purpose), is_right: bool) -> Result<()> {
    let is_taken = throttle::take_ask(cx, tx, asked)?;
    let user = user::with_email(tx, asked.typed)?;
    let user = user.filter(|user| is_taken && is_right && login::is_active(user, login::Moment::of(cx)));
    let Some(user) = user else { return Ok(()) };
    let message = message(cx, &user, purpose);
    // One that waits is as good as another.
    if outbox::waits(tx, user.id, message.name())? || !throttle::take_mail(cx, tx, user.id)? {
        return Ok(());
    }
    let event = Event::of("link.ask", (KIND, user.id), &user.facts.email);
    audit::note(cx, tx, event, &fields_of([("message", json!(message.name()))]))?;
    notice::tell_of(cx, tx, &user, &message)
}

/// The mail that helps: whoever logged in before needs no first login, but another password; whoever has none yet, a first
/// one.
fn message(cx: &Context, user: &User, purpose: Purpose) -> Message {
    let (at, client, links) = (cx.now(), cx.via.client(), Links::default());
    match (user.origin, purpose) {
        (Origin::Directory, _) => Message::PasswordElsewhere { at, client },
        (Origin::Local, Purpose::FirstLogin) if user.last_login_at.is_none() => {
            Message::FirstLogin { at, client, links }
        }
        // Whoever has no password resets none.
        (Origin::Local, _) if user.password_hash.is_none() => Message::FirstLogin { at, client, links },
        (Origin::Local, _) => {
            Message::PasswordReset { at, client, is_protection: false, factor: None, links }
        }
    }
}
