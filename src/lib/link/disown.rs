//! Saying that it was somebody else.
//!
//! By a link that came with another link, that one ends, and nothing else happens. By a link of a notice, of what was done
//! already, the account is protected: see [`user::disown`].

use std::net::IpAddr;

use serde_json::json;

use super::{KIND, Open, opened};
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::outbox;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::token::{self, Known, Purpose};
use crate::user;

/// When something was done, and from which address.
type When = (Instant, Option<IpAddr>);

/// What is said to have been somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// Whose account.
    pub(super) id: i64,
    /// Their email.
    pub(super) email: String,
    /// The language of their account.
    pub(super) language: Option<String>,
    /// What was done; where nothing says when, only whether it is over is known of it.
    pub(super) deed: Deed,
    /// Whether they have a password.
    pub(super) has_password: bool,
    /// When, and from which address; nothing once the mail that told of it is forgotten.
    pub(super) when: Option<When>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// A link was asked for.
    Asked,
    /// They were invited.
    Invited,
    /// Their password was set by an administrator.
    PasswordSet,
    /// They chose their first password.
    PasswordChosen,
    /// Their password was changed.
    PasswordChanged,
    /// A second factor was set up.
    FactorAdded,
    /// Their second factor was removed, by an administrator or in their place.
    FactorRemoved,
    /// A backup code was used, or new ones were made.
    BackupCodes,
    /// Somebody logged in, or typed their password.
    LoggedIn,
}

impl Deed {
    /// Whether it is over, and the account is to be protected; else a link is to be ended.
    pub(super) const fn is_done(self) -> bool {
        !matches!(self, Self::Asked | Self::Invited)
    }
}

/// What a link says was done, if it works. Nothing is changed by looking.
pub(super) fn look(cx: &Context, typed: &str) -> Result<Option<Told>> {
    cx.read(|tx| {
        let Some(Open { known, user }) = opened(cx, tx, Purpose::NotMe, typed)? else { return Ok(None) };
        let (deed, when) = told(tx, &known)?;
        let has_password = user.password_hash.is_some();
        let (email, language) = (user.facts.email, user.facts.language);
        Ok(Some(Told { id: user.id, email, language, deed, has_password, when }))
    })
}

/// What a link says was done, when, and from which address, as far as that is known.
fn told(tx: &Tx<'_>, known: &Known) -> Result<(Deed, Option<When>)> {
    let said = known.about.mail.map(|mail| outbox::told_by(tx, mail)).transpose()?.flatten();
    Ok(match said {
        Some(Message::Invitation { at, .. }) => (Deed::Invited, Some((at, None))),
        Some(Message::PasswordReset { at, client, .. } | Message::FirstLogin { at, client, .. }) => {
            (Deed::Asked, Some((at, client)))
        }
        Some(Message::PasswordSet { at, .. }) => (Deed::PasswordSet, Some((at, None))),
        Some(Message::PasswordChanged { at, client, is_first: true, .. }) => {
            (Deed::PasswordChosen, Some((at, client)))
        }
        Some(Message::PasswordChanged { at, client, .. }) => (Deed::PasswordChanged, Some((at, client))),
        Some(Message::FactorAdded { at, client, .. }) => (Deed::FactorAdded, Some((at, client))),
        Some(Message::FactorRemoved { at, client, .. }) => (Deed::FactorRemoved, Some((at, client))),
        Some(Message::FactorReset { at, .. }) => (Deed::FactorRemoved, Some((at, None))),
        Some(Message::BackupCodeUsed { at, client, .. } | Message::BackupCodesMade { at, client, .. }) => {
            (Deed::BackupCodes, Some((at, client)))
        }
        Some(Message::FactorUnfinished { at, client, .. } | Message::NewBrowser { at, client, .. }) => {
            (Deed::LoggedIn, Some((at, client)))
        }
        // The mail is forgotten, and with it which of those it was.
        _ if known.about.disowns.is_some() => (Deed::Asked, None),
        _ => (Deed::LoggedIn, None),
    })
}

/// Does what follows from a link that works until then; whether it did.
pub(super) fn disown(cx: &Context, typed: &str) -> Result<bool> {
    cx.write(|tx| {
        let Some(Open { known, user }) = opened(cx, tx, Purpose::NotMe, typed)? else { return Ok(false) };
        if !token::take(tx, &known, cx.now())? {
            return Ok(false);
        }
        let Some(disowned) = known.about.disowns else {
            user::disown::disown(cx, tx, &user)?;
            return Ok(true);
        };
        let was_good = token::disown(tx, disowned, cx.now())?;
        let event = Event::of("link.disown", (KIND, user.id), &user.facts.email);
        audit::note(cx, tx, event, &fields_of([("ended", json!(was_good))]))?;
        Ok(true)
    })
}
