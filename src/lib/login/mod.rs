//! Logging in: the one way from nobody to somebody, and what is asked again on the way.
//!
//! Whoever comes by whichever door, a password or a link, gets a session ([`begin`]) that opens nothing until every step
//! is done: the second factor where there is one, setting one up where it is required ([`factor`]), then another password where
//! the administrator asks for one. Where a
//! login stands is known here and not by the browser: the next step follows from the facts of the person at each request
//! ([`enter`]), which is why none can be left out. Every request asks again whether the person may still log in.

mod factor;
mod known;
pub(crate) mod settings;
mod there;
pub(crate) mod upkeep;
pub(crate) mod web;

#[cfg(test)]
mod tests;

use serde_json::json;

use crate::audit::{Event, fields_of};
use crate::context::{Actor, Context};
use crate::directory::login::Asked;
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::session::{self, Ended, Session};
use crate::store::Tx;
use crate::text::email;
use crate::text::secret::Secret;
use crate::throttle;
use crate::user::login::{Moment, lets_in};
use crate::user::proof::{Claim, Proved, prove};
use crate::user::{self, User, notice};
use settings::NEW_BROWSER;

/// A browser, by what it sends. What it keeps is a secret, so it has no `Debug`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Browser<'a> {
    /// What it says of itself.
    pub(crate) user_agent: &'a str,
    /// What it keeps of an earlier login, to be known by.
    pub(crate) known: Option<&'a str>,
}

/// What a person has to do before anything else is open to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A code of their second factor.
    Code,
    /// To set up a second factor, which is required of them.
    Enrolment,
    /// Another password.
    Password,
}

/// What a browser is to keep of a login.
pub(crate) struct Begun {
    /// The secret of the session.
    pub(crate) token: Secret,
    /// What it is known by at the next login, once this one is whole.
    pub(crate) known: Option<Secret>,
}

/// Somebody who visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// Their session.
    pub(crate) session: Session,
    /// Who they are.
    pub(crate) user: User,
    /// What they have to do first.
    pub(crate) step: Option<Step>,
}

/// The first step that is left of a login.
fn next_step(user: &User, session: &Session) -> Option<Step> {
    match user.second_factor {
        Some(_) if session.factor_at.is_none() => Some(Step::Code),
        None if user.facts.two_factor_required => Some(Step::Enrolment),
        _ => user.facts.must_change_password.then_some(Step::Password),
    }
}

/// Logs somebody in by email and password.
///
/// # Errors
/// When too many passwords are being checked, or the store is busy.
pub(crate) fn log_in(
    cx: &Context,
    (email, password): (&str, &Secret),
    browser: Browser<'_>,
) -> Result<Proved<Begun>> {
    let typed = email::key(email);
    let user = cx.read(|tx| user::by_login_name(tx, &typed))?;
    let known = user.as_ref().and_then(|user| known::of(cx, whose(user), browser.known?));
    let claim = Claim { user: user.as_ref(), typed: &typed, known_browser: known };
    proved(cx, (claim, email), password, |tx, user| begin(cx, tx, &user, browser))
}

/// Checks a password where it is kept: here, or in a directory.
fn proved<T>(
    cx: &Context,
    (claim, email): (Claim<'_>, &str),
    password: &Secret,
    right: impl FnOnce(&Tx<'_>, User) -> Result<T>,
) -> Result<Proved<T>> {
    match cx.read(|tx| Asked::about(tx, claim.user, email))? {
        Some(asked) => there::prove_there(cx, (&asked, claim), password, right),
        None => prove(cx, claim, password, right),
    }
}

fn whose(user: &User) -> known::Whose {
    (user.id, user.password_changed_at)
}

/// Begins the session of somebody who was found to be that person, and opens it where no step is left.
///
/// # Errors
/// When the store cannot be written.
pub(crate) fn begin(cx: &Context, tx: &Tx<'_>, user: &User, browser: Browser<'_>) -> Result<Begun> {
    let token = session::begin(cx, tx, user.id, browser.user_agent)?;
    go_on(cx, tx, (user, browser), token)
}

/// Opens the session of that secret where no step of the login is left. From then on the person is logged in, and the
/// browser is known.
fn go_on(cx: &Context, tx: &Tx<'_>, (user, browser): (&User, Browser<'_>), token: Secret) -> Result<Begun> {
    let session = session::find(cx, tx, token.expose())?;
    let Some(session) = session.filter(|session| next_step(user, session).is_none()) else {
        return Ok(Begun { token, known: None });
    };
    if !session.is_complete {
        open(cx, tx, &session, user)?;
        let is_seen = browser.known.is_some_and(|kept| known::is_seen(cx, user.id, kept));
        if !is_seen && user.last_login_at.is_some() && *cx.settings.get(&NEW_BROWSER) {
            let (at, client, browser) = (cx.now(), cx.via.client(), session.browser);
            let message = Message::NewBrowser { at, client, browser, more: None, links: Links::default() };
            notice::tell_of(cx, tx, user, &message)?;
        }
    }
    Ok(Begun { token, known: Some(known::make(cx, whose(user), browser.known)?) })
}

/// Opens a session whose last step is done: from now on the person is logged in, and it is they who did that.
fn open(cx: &Context, tx: &Tx<'_>, session: &Session, user: &User) -> Result<()> {
    if !session::complete(cx, tx, session, &user.facts.email)? {
        return Ok(());
    }
    user::note_login(cx, tx, user.id)?;
    let told = fields_of([("browser", json!(session.browser))]);
    let person = Actor::oneself(user.id, &user.facts.email);
    let event = Event::of("login.done", (throttle::KIND, user.id), &user.facts.email).by(&person);
    throttle::record(cx, tx, event, &told)
}

/// Who visits with that secret, and may: nobody, where the session has ended or the person may no longer log in.
///
/// # Errors
/// When the store cannot be read, or the end of a session not be written.
pub(crate) fn enter(cx: &Context, token: &str) -> Result<Option<Visitor>> {
    enter_as(cx, |tx| session::find(cx, tx, token))
}

/// The same of whoever has the session that is found.
///
/// # Errors
/// Those of [`enter`], and of looking for it.
pub(crate) fn enter_as(
    cx: &Context,
    find: impl FnOnce(&Tx<'_>) -> Result<Option<Session>>,
) -> Result<Option<Visitor>> {
    let found = cx.read(|tx| {
        let Some(session) = find(tx)? else { return Ok(None) };
        Ok(user::by_id(tx, session.user_id)?.map(|user| (session, user)))
    })?;
    let Some((session, user)) = found else { return Ok(None) };
    if !lets_in(&user, Moment::of(cx)) {
        cx.write(|tx| session::end(cx, tx, (&session, &user.facts.email), Ended::Access))?;
        return Ok(None);
    }
    let step = next_step(&user, &session);
    if step.is_none() && !session.is_complete {
        // What was left to do is asked for no longer.
        cx.write(|tx| open(cx, tx, &session, &user))?;
    }
    session::touch(cx, &session)?;
    Ok(Some(Visitor { session, user, step }))
}

/// Whose login was that of a browser which kept this secret, where it is over though nobody logged out there.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn left_by(cx: &Context, token: &str) -> Result<Option<User>> {
    cx.read(|tx| {
        let user = session::left_by(cx, tx, token)?;
        Ok(user.map(|user| user::by_id(tx, user)).transpose()?.flatten())
    })
}

impl Visitor {
    fn claim<'a>(&'a self, typed: &'a str, known: Option<&'a [u8]>) -> Claim<'a> {
        Claim { user: Some(&self.user), typed, known_browser: known }
    }

    /// Proves again who visits, for what asks for a fresh proof; the session gets another secret.
    ///
    /// # Errors
    /// Those of [`log_in`].
    pub(crate) fn confirm(
        &self,
        cx: &Context,
        password: &Secret,
        browser: Browser<'_>,
    ) -> Result<Proved<Secret>> {
        let known = browser.known.and_then(|known| known::of(cx, whose(&self.user), known));
        let claim = self.claim("", known);
        proved(cx, (claim, ""), password, |tx, _| session::prove(cx, tx, &self.session))
    }

    /// Changes the visitor's own password by the current one. Every other session of theirs ends, and this one gets another
    /// secret; where the change was the last step of a login, they are in.
    ///
    /// # Errors
    /// Those of [`log_in`], and what the rules refuse of the new one.
    pub(crate) fn change_password(
        &self,
        cx: &Context,
        passwords: (&Secret, &Secret),
        browser: Browser<'_>,
    ) -> Result<Proved<Begun>> {
        let known = browser.known.and_then(|known| known::of(cx, whose(&self.user), known));
        let claim = self.claim("", known);
        user::password::change_own(cx, claim, passwords, self.session.id, |tx, user| {
            let token = session::prove(cx, tx, &self.session)?;
            go_on(cx, tx, (&user, browser), token)
        })
    }

    /// Ends the visitor's session.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(crate) fn log_out(&self, cx: &Context) -> Result<()> {
        let session = (&self.session, self.user.facts.email.as_str());
        cx.write(|tx| session::end(cx, tx, session, Ended::Logout)).map(drop)
    }

    /// Every session of the visitor, the one used last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn sessions(&self, cx: &Context) -> Result<Vec<Session>> {
        cx.read(|tx| session::of(cx, tx, self.user.id))
    }

    /// Ends another session of the visitor, or all others where none is named; whether there was the one that is named. One that is
    /// not theirs is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(crate) fn end_others(&self, cx: &Context, named: Option<i64>) -> Result<bool> {
        let email = self.user.facts.email.as_str();
        cx.write(|tx| {
            let Some(id) = named else {
                let person = (self.user.id, email);
                session::end_all(cx, tx, person, Some(self.session.id), Ended::Oneself)?;
                return Ok(true);
            };
            let theirs = session::of(cx, tx, self.user.id)?;
            match theirs.iter().find(|session| session.id == id && id != self.session.id) {
                Some(session) => session::end(cx, tx, (session, email), Ended::Oneself),
                None => Ok(false),
            }
        })
    }
}
