//! The pages of logging in and out, of one's own password and second factor, and of where one is logged in.

mod again;
mod cabinet;
pub(crate) mod code;
mod factor;
mod next;
mod qr;

use std::sync::LazyLock;

use askama::Template;
use http::Method;
use http::header::USER_AGENT;

use super::{Begun, Browser, Step, Visitor, enter, left_by, log_in};
use crate::context::{Actor, Context};
use crate::error::{Failure, Result};
use crate::i18n::Catalogue;
use crate::session;
use crate::text::secret::Secret;
use crate::user::proof::{Elsewhere, Proved};
use crate::web::{Answer, Binding, Call, Cookie, Form, Frame, GET, GET_AND_POST, HeaderButton, Route, Texts};
use crate::{password, user};
use next::{has_next, next, to_login, to_step, with_next};

/// Their routes.
pub(crate) const ROUTES: &[Route] = &[
    Route { name: "start", pattern: "/", methods: GET, handler: start },
    Route { name: "login", pattern: "/login/", methods: GET_AND_POST, handler: login },
    Route {
        name: "login-again",
        pattern: "/login/again/",
        methods: GET_AND_POST,
        handler: |call| unless_ended(call, again::again(call)),
    },
    Route {
        name: "code",
        pattern: CODE,
        methods: GET_AND_POST,
        handler: |call| unless_ended(call, code::challenge(call)),
    },
    Route { name: "factor-asked-for", pattern: ENROLMENT, methods: GET, handler: factor::forced_setup },
    Route {
        name: "factor-asked-for-verify",
        pattern: factor::FORCED_VERIFY,
        methods: GET_AND_POST,
        handler: |call| unless_ended(call, factor::forced_verify(call)),
    },
    Route { name: "logout", pattern: "/logout/", methods: GET_AND_POST, handler: logout },
    Route {
        name: "password-change",
        pattern: PASSWORD,
        methods: GET_AND_POST,
        handler: |call| unless_ended(call, change(call)),
    },
    Route { name: "cabinet", pattern: CABINET, methods: GET, handler: cabinet::cabinet },
    Route {
        name: "sessions",
        pattern: "/personal-cabinet/sessions/",
        methods: GET_AND_POST,
        handler: cabinet::sessions,
    },
    Route { name: "factor-setup", pattern: factor::SETUP, methods: GET, handler: factor::wanted_setup },
    Route {
        name: "factor-verify",
        pattern: factor::VERIFY,
        methods: GET_AND_POST,
        handler: |call| unless_ended(call, factor::wanted_verify(call)),
    },
    Route {
        name: "factor-disable",
        pattern: "/personal-cabinet/2fa/disable/",
        methods: GET_AND_POST,
        handler: |call| unless_ended(call, factor::disable(call)),
    },
    Route {
        name: "backup-codes",
        pattern: factor::CODES,
        methods: GET_AND_POST,
        handler: |call| unless_ended(call, factor::new_codes(call)),
    },
];

const LOGIN: &str = "/login/";
const CABINET: &str = "/personal-cabinet/";
const PASSWORD: &str = "/password_change/";
const CODE: &str = "/login/2fa/";
const ENROLMENT: &str = "/login/2fa/setup/";

/// The cookie with the secret of the session.
pub(crate) const SESSION: &str = "secboard";

/// The cookie by which a browser is known at the next login, and for how many seconds it is kept.
const KNOWN: (&str, u32) = ("known", 180 * 24 * 60 * 60);

static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("../text/en.ftl"), include_str!("../text/uk.ftl")));

impl Step {
    /// Where it is done.
    const fn path(self) -> &'static str {
        match self {
            Self::Code => CODE,
            Self::Enrolment => ENROLMENT,
            Self::Password => PASSWORD,
        }
    }
}

/// Somebody who is let in to a page, and the secret they came with.
pub(crate) struct Guest {
    /// Who.
    pub(crate) visitor: Visitor,
    token: String,
}

impl Guest {
    /// What the forms of their pages are bound to.
    pub(crate) fn binding(&self) -> Binding<'_> {
        Binding::Secret(&self.token)
    }

    /// What a page of theirs has around it, with the button to log out.
    pub(crate) fn frame(&self, call: &Call<'_>) -> Result<Frame> {
        let t = Texts::new(&TEXTS, call.language());
        let token = call.token(self.binding())?;
        Ok(call.frame().with_button(HeaderButton { action: "/logout/", label: t.say("logout"), token }))
    }

    /// The same, whose session has another secret from now on.
    fn known_by(self, token: &Secret) -> Self {
        Self { token: token.expose().to_owned(), ..self }
    }

    /// Has them act on their own account.
    pub(crate) fn serve<T>(&self, call: &Call<'_>, work: impl FnOnce(&Context) -> Result<T>) -> Result<T> {
        let user = &self.visitor.user;
        call.site.serve(call.visit(Actor::oneself(user.id, &user.facts.email)), work)
    }
}

/// Who visits, whatever they have to do first; from here on they are answered in their language.
pub(crate) fn guest(call: &Call<'_>) -> Result<Option<Guest>> {
    let Some(token) = call.cookie(SESSION) else { return Ok(None) };
    let visitor = call.site.serve(call.visit(Actor::nobody(None)), |cx| enter(cx, token))?;
    if let Some(visitor) = &visitor {
        call.know_language(visitor.user.facts.language.as_deref());
    }
    Ok(visitor.map(|visitor| Guest { visitor, token: token.to_owned() }))
}

/// Whether a browser keeps the secret of a session that lasts, whether its login has ended or not.
pub(crate) fn is_of_session(cx: &Context, kept: &str) -> Result<bool> {
    Ok(cx.read(|tx| session::find(cx, tx, kept))?.is_some())
}

/// Has a page that is for everybody answered in the language of whoever is logged in. Where that cannot be found out now, it
/// is answered all the same.
pub(crate) fn greet(call: &Call<'_>) {
    guest(call).ok();
}

/// Lets somebody in to a page that is for whoever is logged in; the page of a step also for whoever has to do that first.
/// Everybody else gets the answer that leads them where they have to go.
///
/// # Errors
/// Those of [`enter`].
pub(crate) fn admit(call: &Call<'_>, page_of: Option<Step>) -> Result<std::result::Result<Guest, Answer>> {
    Ok(match guest(call)? {
        Some(guest) => match guest.visitor.step {
            Some(step) if page_of != Some(step) => Err(to_step(call, step.path())),
            _ => Ok(guest),
        },
        None => Err(to_login(call)),
    })
}

/// Lets somebody in to a page of this address, with what stands behind its question mark; everybody else gets the answer that leads
/// them where they have to go, and to it from there.
///
/// # Errors
/// Those of [`enter`].
pub(crate) fn admit_to(call: &Call<'_>, address: &str) -> Result<std::result::Result<Guest, Answer>> {
    Ok(match guest(call)? {
        Some(guest) => match guest.visitor.step {
            Some(step) => Err(Answer::redirect(&with_next(step.path(), address))),
            None => Ok(guest),
        },
        None => Err(Answer::redirect(&login_to(address))),
    })
}

/// The address of the login, from which one goes on to that one.
pub(crate) fn login_to(address: &str) -> String {
    with_next(LOGIN, address)
}

/// Lets somebody in to a page on which they change how they log in: who has proved a short while ago who they are. Everybody
/// else gets the answer that has them prove it, and leads to that path from there.
///
/// # Errors
/// Those of [`enter`].
fn own(call: &Call<'_>, path: &str) -> Result<std::result::Result<Guest, Answer>> {
    Ok(admit(call, None)?.and_then(|guest| {
        if guest.visitor.session.is_fresh(call.now) {
            Ok(guest)
        } else {
            Err(Answer::redirect(&format!("/login/again/?next={path}")))
        }
    }))
}

/// The answer of a page, but to the login where the session was ended while it was made, as where it had ended before.
pub(super) fn unless_ended(call: &Call<'_>, answer: Result<Answer>) -> Result<Answer> {
    match answer {
        Err(failure) if failure.get::<session::Error>().is_some() => Ok(to_login(call)),
        answer => answer,
    }
}

/// What the site is called.
fn site_name(call: &Call<'_>) -> String {
    call.frame().site().to_owned()
}

fn browser<'a>(call: &'a Call<'_>) -> Browser<'a> {
    Browser { user_agent: call.request.header(USER_AGENT).unwrap_or_default(), known: call.cookie(KNOWN.0) }
}

fn session_cookie(token: &Secret) -> Cookie {
    Cookie { name: SESSION, value: token.expose().to_owned(), seconds: None }
}

/// An answer with what a browser keeps of a login that goes on or is whole.
pub(crate) fn logged_in(answer: Answer, begun: &Begun) -> Answer {
    let (name, seconds) = KNOWN;
    let answer = answer.with_cookie(session_cookie(&begun.token));
    match &begun.known {
        Some(known) => {
            let value = known.expose().to_owned();
            answer.with_cookie(Cookie { name, value, seconds: Some(seconds) })
        }
        None => answer,
    }
}

fn start(call: &Call<'_>) -> Result<Answer> {
    Ok(admit(call, None)?.map_or_else(|answer| answer, |_| Answer::redirect(CABINET)))
}

#[derive(Template)]
#[template(path = "login/pages/login.html")]
struct LoginPage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    /// Whether the browser comes with a login that has ended.
    is_out: bool,
}

fn login(call: &Call<'_>) -> Result<Answer> {
    if guest(call)?.is_some() {
        // Whoever has a step before them is led to it from there.
        return Ok(Answer::redirect(&next(call)));
    }
    let is_out = call.request.method == Method::GET && was_logged_in(call)?;
    let t = Texts::new(&TEXTS, call.language());
    let mut form = Form::open(call, Binding::FormCookie)?;
    if let Some(fields) = form.submitted() {
        let email = form.text(fields, "email", &t.say("login-no-email"));
        let typed = secret(&mut form, fields.secret("password"), "password", &t.say("login-no-password"));
        if let (Some(email), Some(typed), false) = (email, typed, form.is_refused()) {
            let tried = call
                .site
                .serve(call.visit(Actor::nobody(None)), |cx| log_in(cx, (email, &typed), browser(call)));
            match tried {
                Ok(Proved::Right(begun)) => {
                    return Ok(logged_in(Answer::redirect(&next(call)), &begun));
                }
                Ok(Proved::Wrong) => form.refuse_as("email", t.say("login-wrong"), t.say("login-check")),
                Ok(Proved::SourceHeld(until)) => form.hold("email", t.say("login-held"), (call.now, until)),
                Ok(Proved::Elsewhere(told)) => form.refuse("password", t.say(elsewhere(told))),
                Err(failure) => form.keep_if_busy(failure)?,
            }
        }
    }
    form.answer(&LoginPage { frame: call.frame(), form: &form, t, is_out })
}

/// Whether the browser keeps the secret of a login that is over though its person did not end it there: nobody else is told
/// that it is. The page is then in the language of their account.
fn was_logged_in(call: &Call<'_>) -> Result<bool> {
    let Some(token) = call.cookie(SESSION) else { return Ok(false) };
    let user = call.site.serve(call.visit(Actor::nobody(None)), |cx| left_by(cx, token))?;
    if let Some(user) = &user {
        call.know_language(user.facts.language.as_deref());
    }
    Ok(user.is_some())
}

/// What somebody is told whose password a directory keeps.
const fn elsewhere(told: Elsewhere) -> &'static str {
    match told {
        Elsewhere::PasswordExpired => "login-expired",
        Elsewhere::PasswordToChange => "login-to-change",
        Elsewhere::Away => "login-away",
    }
}

/// A password that was typed, or a problem beside its field.
fn secret<E>(
    form: &mut Form<'_>,
    typed: std::result::Result<Secret, E>,
    field: &'static str,
    missing: &str,
) -> Option<Secret> {
    let typed = typed.ok();
    if typed.is_none() {
        form.refuse(field, missing);
    }
    typed
}

fn logout(call: &Call<'_>) -> Result<Answer> {
    if call.request.method == Method::GET {
        // It was a page that said that the button was too old, of which another language was chosen.
        return Ok(Answer::redirect(CABINET));
    }
    let Some(guest) = guest(call)? else {
        return Ok(Answer::redirect(LOGIN).with_cookie(Cookie::ended(SESSION)));
    };
    if Form::open(call, guest.binding())?.submitted().is_none() {
        return match guest.visitor.step {
            Some(step) => Ok(Answer::redirect(step.path())),
            None => cabinet::cabinet_of(call, &guest),
        };
    }
    guest.serve(call, |cx| guest.visitor.log_out(cx))?;
    Ok(call.lead_on(LOGIN).with_cookie(Cookie::ended(SESSION)))
}

#[derive(Template)]
#[template(path = "login/pages/password-change.html")]
struct ChangePage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    email: &'a str,
    is_forced: bool,
    shortest: String,
}

fn change(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, Some(Step::Password))? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let t = Texts::new(&TEXTS, call.language());
    let mut form = Form::open(call, guest.binding())?;
    if let Some(fields) = form.submitted() {
        let mut read = |field, missing: &str| secret(&mut form, fields.secret(field), field, &t.say(missing));
        let current = read("current_password", "password-no-current");
        let new = read("new_password", "password-no-new");
        let repeated = read("repeat_password", "password-no-repeat");
        let is_repeated = new.as_ref().map(Secret::expose) == repeated.as_ref().map(Secret::expose);
        if let Some(new) = new.as_ref().filter(|_| !is_repeated) {
            // What is wrong with the new one is said along with that.
            let user = &guest.visitor.user;
            if let Err(failure) = guest.serve(call, |cx| user::password::check_policy(cx, user, new)) {
                changed_to(call, &mut form, t, Err(failure))?;
            }
            if repeated.is_some() {
                form.refuse("repeat_password", t.say("password-other"));
            }
        }
        if let (Some(current), Some(new), true) = (current, new, is_repeated) {
            let changed =
                guest.serve(call, |cx| guest.visitor.change_password(cx, (&current, &new), browser(call)));
            if let Some(begun) = changed_to(call, &mut form, t, changed)? {
                let answer =
                    if has_next(call) { Answer::redirect(&next(call)) } else { cabinet::after("password") };
                return Ok(logged_in(answer, &begun));
            }
        }
    }
    let (user, shortest) =
        (&guest.visitor.user, user::password::shortest(&call.settings, &guest.visitor.user));
    form.answer(&ChangePage {
        frame: guest.frame(call)?,
        form: &form,
        t,
        email: &user.facts.email,
        is_forced: guest.visitor.step == Some(Step::Password),
        shortest: t.say_with("password-rule-length", "shortest", shortest.to_string()),
    })
}

/// What the browser is to keep after the password was changed, or what is wrong with what was typed.
fn changed_to(
    call: &Call<'_>,
    form: &mut Form<'_>,
    t: Texts,
    changed: Result<Proved<Begun>>,
) -> Result<Option<Begun>> {
    match changed {
        Ok(Proved::Right(begun)) => return Ok(Some(begun)),
        Ok(Proved::Wrong) => form.refuse("current_password", t.say("password-wrong")),
        Ok(Proved::SourceHeld(until)) => {
            form.hold("current_password", t.say("login-held"), (call.now, until));
        }
        Ok(Proved::Elsewhere(told)) => form.refuse("current_password", t.say(elsewhere(told))),
        Err(failure) => match refused(t, &failure) {
            Some(why) => form.refuse("new_password", why),
            None => form.keep_if_busy(failure)?,
        },
    }
    Ok(None)
}

/// Why a new password is refused, for whoever typed it.
pub(crate) fn refused(t: Texts, failure: &Failure) -> Option<String> {
    if let Some(user::Error::DirectoryPassword { .. }) = failure.get() {
        return Some(t.say("password-elsewhere"));
    }
    Some(match failure.get::<password::Error>()? {
        password::Error::TooShort { shortest, .. } => {
            t.say_with("password-too-short", "shortest", shortest.to_string())
        }
        password::Error::TooLong => t.say("password-too-long"),
        password::Error::Common => t.say("password-common"),
        password::Error::Context { .. } => t.say("password-context"),
        password::Error::Same => t.say("password-same"),
        _ => return None,
    })
}
