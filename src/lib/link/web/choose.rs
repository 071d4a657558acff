//! Choosing a password by a link.

use super::{expired, texts};
use crate::context::Actor;
use crate::error::{Failure, Result};
use crate::i18n::Values;
use crate::link::choose::{Chooser, Chosen, choose, look};
use crate::password::Error;
use crate::token::Purpose;
use crate::web::{Answer, Binding, Call, FieldFault, Form, Frame, Texts};

/// The field of the password.
const NEW: &str = "new_password";

/// The field in which it is typed once more.
const REPEAT: &str = "repeat_password";

#[derive(askama::Template)]
#[template(path = "link/pages/choose.html")]
struct Page<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    who: &'a Chooser,
    title: String,
    lead: String,
}

#[derive(askama::Template)]
#[template(path = "link/pages/saved.html")]
struct Saved {
    frame: Frame,
    t: Texts,
}

/// `/reset/<token>/`.
pub(super) fn reset(call: &Call<'_>) -> Result<Answer> {
    by_link(call, Purpose::Reset)
}

/// `/invite/<token>/`.
pub(super) fn invite(call: &Call<'_>) -> Result<Answer> {
    by_link(call, Purpose::Invite)
}

/// `/first_login/<token>/`.
pub(super) fn first_login(call: &Call<'_>) -> Result<Answer> {
    by_link(call, Purpose::FirstLogin)
}

/// `/password_reset/saved/`.
pub(super) fn saved(call: &Call<'_>) -> Result<Answer> {
    Answer::page(&Saved { frame: call.frame(), t: texts(call) })
}

fn by_link(call: &Call<'_>, purpose: Purpose) -> Result<Answer> {
    let (t, token) = (texts(call), call.request.parameter("token"));
    let looked = call.site.serve(call.visit(Actor::nobody(None)), |cx| look(cx, purpose, token))?;
    let Some(who) = looked else { return expired(call) };
    let mut form = Form::open(call, Binding::FormCookie)?;
    if let Some(fields) = form.submitted() {
        let (password, repeated) = (fields.secret(NEW), fields.secret(REPEAT));
        match (&password, &repeated) {
            (Ok(password), Ok(repeated)) if password.expose() != repeated.expose() => {
                form.refuse(REPEAT, t.say("choose-differs"));
            }
            (Ok(_), Ok(_)) => {}
            (Err(fault), _) => form.refuse(NEW, t.say(missing(*fault))),
            (Ok(_), Err(fault)) => form.refuse(REPEAT, t.say(missing(*fault))),
        }
        if let (Ok(password), false) = (password, form.is_refused()) {
            let visit = call.visit(Actor::oneself(who.id, &who.email));
            match call.site.serve(visit, |cx| choose(cx, purpose, token, &password)) {
                Ok(Chosen::Done) => return Ok(Answer::redirect("/password_reset/saved/")),
                Ok(Chosen::TooLate) => return expired(call),
                Err(failure) => match refusal(t, &failure) {
                    Some(text) => form.refuse(NEW, text),
                    None => form.keep_if_busy(failure)?,
                },
            }
        }
    }
    let (title, lead) = match purpose {
        Purpose::Invite | Purpose::FirstLogin => (t.say("choose-first-title"), t.say("choose-first-lead")),
        _ => (t.say("choose-title"), t.say("choose-lead")),
    };
    form.answer(&Page { frame: call.frame(), form: &form, t, who: &who, title, lead })
}

/// What is said of a field in which no password stands.
const fn missing(fault: FieldFault) -> &'static str {
    match fault {
        FieldFault::Missing => "choose-missing",
        FieldFault::TooLong => "choose-long",
        FieldFault::Doubled | FieldFault::NotText => "choose-again",
    }
}

/// What is said of a password that is refused; nothing of any other failure.
fn refusal(t: Texts, failure: &Failure) -> Option<String> {
    Some(match failure.get::<Error>()? {
        Error::TooShort { length, shortest } => {
            let (length, shortest) = (length.to_string(), shortest.to_string());
            t.say_values("choose-short", &Values::default().with("length", length).with("shortest", shortest))
        }
        Error::TooLong => t.say("choose-long"),
        Error::Common => t.say("choose-common"),
        Error::Context { .. } => t.say("choose-context"),
        Error::Same => t.say("choose-same"),
        _ => return None,
    })
}
