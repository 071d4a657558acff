//! Invitations: a mail with a link by which somebody chooses their first password.
//!
//! Whoever is invited has an account that may log in today, and no password yet. The last invitation counts: inviting again
//! ends the link of the older one, and its mail if that still waits. How an invitation stands is worked out from its mail
//! and its link ([`Invited`]); it is accepted once they have chosen a password by a link to their mailbox.

mod error;
mod store;
pub(crate) mod target;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;
#[cfg(test)]
pub(super) use store::STATEMENTS;
pub(super) use store::{
    facts, invitation, invited, is_disowned, is_in_force, link_until, mail_waits, set_accepted, stands,
};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::Origin;
use super::{User, get_in, guard, login};
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::mail::outbox::{self, NewMail};
use crate::store::Tx;
use crate::text::email::Email;
use crate::text::instant::Instant;
use crate::token::{self, Purpose};

/// The word for links in the audit and in runs.
pub(crate) const KIND: &str = "link";

/// How an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Invited {
    /// Its mail waits, or its link works.
    Pending,
    /// They chose a password by a link to their mailbox.
    Accepted,
    /// They said that it was not for them, or not from us: its link has ended.
    Disowned,
    /// Nothing of that, and its link no longer works.
    Expired,
}

impl Invited {
    /// The word in JSON and on the command line.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Disowned => "disowned",
            Self::Expired => "expired",
        }
    }
}

/// The last invitation of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// When they were invited.
    at: Instant,
    /// When they accepted it.
    accepted_at: Option<Instant>,
    /// When its link runs out that nobody has ended.
    link_until: Option<Instant>,
    /// Whether they said that it was not for them.
    is_disowned: bool,
    /// Whether its mail may still be sent, which brings a new link.
    mail_waits: bool,
}

/// The last invitation of somebody, as a run made it.
struct Last {
    invitation: Invitation,
    /// Its row of the audit.
    revision: i64,
    /// Its mail, as long as that is known.
    mail: Option<i64>,
}

impl Invitation {
    /// How it stands at that time.
    pub(crate) fn state(&self, now: Instant) -> Invited {
        match self {
            Self { accepted_at: Some(_), .. } => Invited::Accepted,
            _ if self.works_until(now).is_some() => Invited::Pending,
            Self { is_disowned: true, .. } => Invited::Disowned,
            Self { mail_waits: true, .. } => Invited::Pending,
            _ => Invited::Expired,
        }
    }

    /// Until when its link works, if it does.
    fn works_until(&self, now: Instant) -> Option<Instant> {
        self.link_until.filter(|until| *until > now)
    }

    /// How it stands, in words.
    pub(crate) fn said(&self, now: Instant) -> String {
        let state = self.state(now);
        let word = state.word();
        match (state, self.accepted_at) {
            (Invited::Accepted, Some(at)) => format!("{word}, {at}"),
            (Invited::Pending, _) => format!("{word}, {}", self.waiting(now)),
            (Invited::Disowned, _) => {
                format!("{word}, they said that they did not expect it; they were invited {}", self.at)
            }
            _ => format!("{word}, they were invited {}", self.at),
        }
    }

    /// What is waited for while it is pending.
    pub(super) fn waiting(&self, now: Instant) -> String {
        self.works_until(now).map_or_else(
            || "the mail waits to be sent".to_owned(),
            |until| format!("the link works until {until}"),
        )
    }
}

/// Refuses to invite who cannot get in by an invitation.
pub(super) fn check(cx: &Context, user: &User) -> Result<(), Error> {
    let email = || user.facts.email.clone();
    if user.origin == Origin::Directory {
        return Err(Error::OfDirectory { email: email() });
    }
    if user.password_hash.is_some() {
        return Err(Error::HasPassword { email: email() });
    }
    match login::hindrances(&user.facts, login::Moment::of(cx)).into_iter().next() {
        Some(hindrance) => Err(Error::MayNotLogIn { email: email(), hindrance: Box::new(hindrance) }),
        None => Ok(()),
    }
}

/// Invites the person `who`.
pub(super) fn invite(cx: &Context, who: &str) -> Result<User> {
    cx.write(|tx| {
        let user = get_in(cx, tx, who, "users.edit")?;
        guard::require_manage(cx, tx, &user, "users.edit")?;
        invite_in(cx, tx, &user, ("user.invite", None))?;
        Ok(user)
    })
}

/// Invites somebody whom the actor may invite.
pub(super) fn invite_in(
    cx: &Context,
    tx: &Tx<'_>,
    user: &User,
    (action, run): (&str, Option<&str>),
) -> Result<()> {
    check(cx, user)?;
    let to = Email::parse(&user.facts.email)?;
    let event = Event::of(action, (KIND, user.id), &user.facts.email).in_run(run);
    let told = fields_of([("purpose", json!(Purpose::Invite.word()))]);
    let revision = audit::note(cx, tx, event, &told)?;
    token::end_purpose(tx, user.id, Purpose::Invite, cx.now())?;
    let message = Message::Invitation { at: cx.now(), links: Links::default() };
    let name = user.facts.full_name();
    let mail = NewMail {
        message: &message,
        to: &to,
        name: &name,
        user: Some(user.id),
        company: user.company_id,
        run,
    };
    let mail = outbox::queue(cx, tx, &mail)?;
    store::put(tx, user.id, outbox::get(tx, &mail)?.seq, (revision, cx.now()))
}
