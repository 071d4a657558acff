//! Choosing a password by a link.

use super::{expired, texts, texts_for_all, token};
use crate::context::{Actor, Context};
use crate::error::{Failure, Result};
use crate::i18n::Values;
use crate::link::choose::{Chooser, Chosen, check, choose, look};
use crate::login::web::code;
use crate::password::Error;
use crate::text::secret::Secret;
use crate::token::Purpose;
use crate::web::{Answer, Binding, Call, FieldFault, Fields, Form, Frame, Texts};

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
    codes: Texts,
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
    let t = texts_for_all(call);
    Answer::page(&Saved { frame: call.frame(), t })
}

fn by_link(call: &Call<'_>, purpose: Purpose) -> Result<Answer> {
    let token = token(call);
    let looked = call.site.serve(call.visit(Actor::nobody(None)), |cx| look(cx, purpose, token))?;
    let Some(who) = looked else { return expired(call) };
    call.know_language(who.language.as_deref());
    let (t, codes) = (texts(call), code::texts(call));
    let mut form = Form::open(call, Binding::FormCookie)?;
    if let Some(fields) = form.submitted() {
        let password = typed(call, &mut form, fields, |cx, password| check(cx, purpose, token, password))?;
        let code = if who.has_factor { code::typed(&mut form, codes) } else { None };
        if let (Some(password), false) = (password, form.is_refused()) {
            let visit = call.visit(Actor::oneself(who.id, &who.email));
            let chosen = call.site.serve(visit, |cx| choose(cx, purpose, token, (&password, code.as_ref())));
            match chosen.as_ref().err().and_then(|failure| refusal(t, failure)) {
                Some(text) => form.refuse(NEW, text),
                None => match code::checked(call, &mut form, codes, chosen)? {
                    Some(Chosen::Done) => return Ok(call.lead_on("/password_reset/saved/")),
                    Some(Chosen::TooLate) => return expired(call),
                    None => {}
                },
            }
        }
    }
    let (title, lead) = if who.has_password {
        (t.say("choose-title"), t.say("choose-lead"))
    } else {
        (t.say("choose-first-title"), t.say("choose-first-lead"))
    };
    form.answer(&Page { frame: call.frame(), form: &form, t, codes, who: &who, title, lead })
}

/// The password that was typed, and all that is wrong with what stands in either field.
fn typed(
    call: &Call<'_>,
    form: &mut Form<'_>,
    fields: &Fields,
    check: impl FnOnce(&Context, &Secret) -> Result<()>,
) -> Result<Option<Secret>> {
    let t = texts(call);
    let (password, repeated) = (fields.secret(NEW), fields.secret(REPEAT));
    match &password {
        Ok(password) => {
            let checked = call.site.serve(call.visit(Actor::nobody(None)), |cx| check(cx, password));
            match checked.err().map(|failure| (refusal(t, &failure), failure)) {
                Some((Some(text), _)) => form.refuse(NEW, text),
                Some((None, failure)) => form.keep_if_busy(failure)?,
                None => {}
            }
        }
        Err(fault) => form.refuse(NEW, t.say(missing(*fault))),
    }
    match (&password, &repeated) {
        (Ok(password), Ok(repeated)) if password.expose() != repeated.expose() => {
            form.refuse(REPEAT, t.say("choose-differs"));
        }
        (_, Err(FieldFault::TooLong)) => form.refuse(REPEAT, t.say("choose-long")),
        (_, Err(_)) => form.refuse(REPEAT, t.say("choose-again")),
        (_, Ok(_)) => {}
    }
    Ok(password.ok())
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
