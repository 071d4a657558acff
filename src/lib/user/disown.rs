//! What a person says was not them: somebody else may know their password.
//!
//! It is believed at once. Everything that gets into the account ends, and nobody logs in until a password was chosen by a
//! mail to the person's address, which goes out with it; whoever has the mailbox decides, nobody else. A superuser is held
//! like everybody: they get in by the same mail.
//!
//! A second factor stays: no link removes one. It may be of whoever was in the account, before what was disowned as well as
//! after it, and everybody is told so.

use serde_json::json;

use super::store::{Origin, User};
use super::{KIND, notice, store};
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::session::{self, Ended};
use crate::store::Tx;
use crate::text::email::Email;
use crate::token;

/// Holds the account, ends its links, sends the mail that lets the person in again, and tells the administrators.
pub(crate) fn disown(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<()> {
    let held = |is_held: bool| fields_of([("disowned", json!(is_held))]);
    let event = Event::of("user.disown", (KIND, user.id), &user.facts.email);
    let revision = audit::change(cx, tx, event, &held(user.disowned_at.is_some()), &held(true))?;
    let (at, client) = (audit::time_of(tx, revision)?, cx.via.client());
    store::set_disowned(tx, user.id, Some(at))?;
    store::stamp(tx, user.id, revision, at)?;
    token::end_all(tx, user.id, at)?;
    session::end_all(cx, tx, (user.id, &user.facts.email), None, Ended::Oneself)?;
    let factor = user.second_factor.map(|factor| factor.enrolled_at);
    let way_in = match user.origin {
        Origin::Local => {
            Message::PasswordReset { at, client, is_protection: true, factor, links: Links::default() }
        }
        Origin::Directory => Message::PasswordElsewhere { at, client },
    };
    notice::tell_of(cx, tx, user, &way_in)?;
    let alert = Message::Disowned { email: Email::parse(&user.facts.email)?, at, client, factor };
    notice::tell_administrators(cx, tx, &alert).map(drop)
}
