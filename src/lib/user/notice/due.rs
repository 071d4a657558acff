//! Whether a mail is still to go when it is about to leave, and who reads it.
//!
//! A notice tells what was done to an account. That stays so whatever becomes of the account, and whoever did it may be who
//! changes the account next: so it goes, to the address of the time of the deed. What else is no longer so is not sent: a
//! reminder of a day that was moved, an alert of a run that was released, an export for somebody who could no longer make it.

use super::store as told;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::i18n::Language;
use crate::mail::message::{AskedBy, Message, Purpose, Reader, Took};
use crate::mail::outbox::{self, Addressed, Due, QueuedMail, Readers};
use crate::run::{self, State};
use crate::setting::site;
use crate::store::Tx;
use crate::text::email::key;
use crate::token;
use crate::user::store::Origin;
use crate::user::{AccessQueries, User, invite, login, store};

/// People as they read mails.
pub(crate) struct MailReaders {
    /// Who says what they may do.
    pub(crate) access: &'static (dyn AccessQueries + Sync),
}

impl Readers for MailReaders {
    fn reader(&self, cx: &Context, tx: &Tx<'_>, mail: &QueuedMail, said: &Message) -> Result<Due> {
        if let Some(why) = overtaken(cx, tx, said)? {
            return Ok(no(why));
        }
        let user = mail.user_id.map(|id| store::by_id(tx, id)).transpose()?.flatten();
        let Some(user) = user else { return Addressed.reader(cx, tx, mail, said) };
        let to = mail.to.as_deref().unwrap_or_default();
        Ok(match self.hindrance(cx, tx, &user, (mail, to, said))? {
            Some(why) => no(why),
            None => Due::Reader(reader(cx, user, (to, said))),
        })
    }

    fn dropped(&self, tx: &Tx<'_>, mail: &QueuedMail, said: &Message) -> Result<()> {
        match (said, mail.user_id) {
            (Message::AccountEnding { last_day }, Some(user)) => told::forget_reminders(tx, user, *last_day),
            _ if said.purpose() == Purpose::Alert => told::forget_alert(tx, &mail.id),
            _ => Ok(()),
        }
    }

    fn watch(&self, cx: &Context) -> Result<()> {
        super::alert::watch(cx)
    }
}

fn no(why: &str) -> Due {
    Due::No { why: why.to_owned() }
}

/// Why what an alert tells is no longer so.
fn overtaken(cx: &Context, tx: &Tx<'_>, said: &Message) -> Result<Option<&'static str>> {
    Ok(match said {
        Message::RunHeld { run, .. } if !is_held(tx, run)? => Some("the run is no longer held"),
        Message::AccountRests { sender, .. } if !outbox::has_rested(tx, sender)? => {
            Some("the account rests no longer")
        }
        Message::MailsWait { .. } if outbox::waiting_for_long(cx, tx)?.is_none() => {
            Some("no mail has waited for long")
        }
        Message::MailsUnmade { .. } if outbox::unmade(cx, tx)?.is_none() => Some("every mail could be made"),
        _ => None,
    })
}

fn is_held(tx: &Tx<'_>, run: &str) -> Result<bool> {
    match run::get(tx, run) {
        Ok(run) => Ok(run.state == State::Held),
        Err(failure) if failure.get::<run::Error>().is_some() => Ok(false),
        Err(failure) => Err(failure),
    }
}

impl MailReaders {
    /// Why a mail to a person is not sent to that address any more.
    fn hindrance(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        user: &User,
        (mail, to, said): (&QueuedMail, &str, &Message),
    ) -> Result<Option<&'static str>> {
        Ok(match said.purpose() {
            Purpose::Notice => None,
            Purpose::Alert if !user.facts.superuser => Some("they are no longer a superuser"),
            Purpose::Alert => inactive(cx, user),
            Purpose::Reminder => elsewhere(user, to).or_else(|| not_ending(cx, user, said)),
            Purpose::Letter => match (elsewhere(user, to), said) {
                (None, said) if said.needs_link() => no_link(cx, tx, user, (mail, said))?,
                (None, Message::PasswordElsewhere { .. }) if user.origin != Origin::Directory => {
                    Some("the password is no longer the directory's")
                }
                (None, Message::Export { asked, .. }) => self.no_export(cx, tx, user, asked.as_ref())?,
                (why, _) => why,
            },
        })
    }

    /// Why an export is not for them any more.
    fn no_export(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        user: &User,
        asked: Option<&AskedBy>,
    ) -> Result<Option<&'static str>> {
        if let Some(why) = inactive(cx, user) {
            return Ok(Some(why));
        }
        let Some(asked) = asked else { return Ok(None) };
        let Some(by) = store::by_id(tx, asked.account)?.filter(|by| inactive(cx, by).is_none()) else {
            return Ok(Some("who asked for it is no longer active"));
        };
        if !by.facts.staff && !by.facts.superuser {
            return Ok(Some("who asked for it is no longer staff"));
        }
        for Took { permission, companies } in &asked.took {
            let then = companies.clone().map_or(CompanyScope::All, CompanyScope::of);
            if !self.access.scope(cx, tx, &by, permission)?.cover(&then) {
                return Ok(Some("who asked for it may no longer export that"));
            }
        }
        Ok(None)
    }
}

/// That the account is not active.
fn inactive(cx: &Context, user: &User) -> Option<&'static str> {
    if user.facts.deleted {
        return Some("the account is in the bin");
    }
    (!login::is_active(user, login::Moment::of(cx))).then_some("the account is not active")
}

/// That the address is not that of the account.
fn elsewhere(user: &User, to: &str) -> Option<&'static str> {
    if user.facts.deleted {
        return Some("the account is in the bin");
    }
    (key(to) != key(&user.facts.email)).then_some("the address is no longer theirs")
}

/// That the account does not end on the day of which it is reminded.
fn not_ending(cx: &Context, user: &User, said: &Message) -> Option<&'static str> {
    match said {
        Message::AccountEnding { last_day, .. } if user.facts.end_date != Some(*last_day) => {
            Some("the last day is another by now")
        }
        _ => inactive(cx, user),
    }
}

/// Why a mail with a link that opens the account is not sent: who may not log in gets none, and a link that was ended is not
/// made anew.
fn no_link(
    cx: &Context,
    tx: &Tx<'_>,
    user: &User,
    (mail, said): (&QueuedMail, &Message),
) -> Result<Option<&'static str>> {
    if user.origin == Origin::Directory {
        return Ok(Some("the password is the directory's"));
    }
    if !login::is_active(user, login::Moment::of(cx)) {
        return Ok(Some("the account is not active"));
    }
    // What waited when a password was set was dropped then. This one was being sent.
    if token::ended_with_account(tx, mail.seq)? {
        return Ok(Some("its link was ended since, with all of the account"));
    }
    let is_replaced =
        matches!(said, Message::Invitation { .. }) && !invite::is_in_force(tx, user.id, mail.seq)?;
    Ok(is_replaced.then_some("the invitation was taken back, or a newer one counts"))
}

/// Who reads it: of a notice, the account is called as it was then.
fn reader(cx: &Context, user: User, (to, said): (&str, &Message)) -> Reader {
    let facts = user.facts;
    let own = facts.language.as_deref().and_then(Language::of_tag);
    let account = match (said, said.purpose()) {
        (Message::EmailChangedOld { new, .. }, _) => new.as_str().to_owned(),
        (_, Purpose::Notice) => to.to_owned(),
        _ => facts.email,
    };
    Reader {
        name: facts.first_name.unwrap_or_default(),
        account,
        language: own.unwrap_or(*cx.settings.get(&site::LANGUAGE)),
    }
}
