//! Asking for a link: a form, and a page that says the same to everybody.

use super::texts_for_all;
use crate::context::{Actor, Context, Via, Visit};
use crate::error::Result;
use crate::link::ask;
use crate::text::email::Email;
use crate::text::secret::Secret;
use crate::web::{Answer, Binding, Call, Fields, Form, Frame, Pace, Texts};

#[derive(askama::Template)]
#[template(path = "link/pages/ask.html")]
struct Page<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
}

/// The page after it: nothing of who was asked for.
#[derive(askama::Template)]
#[template(path = "link/pages/asked.html")]
struct Asked {
    frame: Frame,
    t: Texts,
    lead: String,
    again: &'static str,
}

/// The page for who logs in for the first time.
#[derive(askama::Template)]
#[template(path = "link/pages/first_login.html")]
struct FirstLogin<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
}

/// `/password_reset/`.
pub(super) fn reset(call: &Call<'_>) -> Result<Answer> {
    let t = texts_for_all(call);
    let mut form = Form::open(call, Binding::FormCookie)?;
    if let Some(fields) = form.submitted()
        && let Some(typed) = email(&mut form, fields, t)
    {
        match later(call, ("reset-ask", Pace::Quick), move |cx| ask::reset(cx, &typed)) {
            Ok(()) => return Ok(Answer::redirect("/password_reset/done/")),
            Err(failure) => form.keep_if_busy(failure)?,
        }
    }
    form.answer(&Page { frame: call.frame(), form: &form, t })
}

/// `/password_reset/done/`.
pub(super) fn reset_done(call: &Call<'_>) -> Result<Answer> {
    let t = texts_for_all(call);
    Answer::page(&Asked { frame: call.frame(), t, lead: t.say("asked-lead"), again: "/password_reset/" })
}

/// `/first_login/`.
pub(super) fn first_login(call: &Call<'_>) -> Result<Answer> {
    let t = texts_for_all(call);
    let mut form = Form::open(call, Binding::FormCookie)?;
    if let Some(fields) = form.submitted() {
        let typed = email(&mut form, fields, t);
        let word = form.text(fields, "control_word", &t.say("first-no-word"));
        if let (Some(typed), Some(word)) = (typed, word) {
            let word = Secret::new(word.trim().to_owned());
            match later(call, ("first-login-ask", Pace::Slow), move |cx| ask::first_login(cx, &typed, &word))
            {
                Ok(()) => return Ok(Answer::redirect("/first_login/done/")),
                Err(failure) => form.keep_if_busy(failure)?,
            }
        }
    }
    form.answer(&FirstLogin { frame: call.frame(), form: &form, t })
}

/// `/first_login/done/`.
pub(super) fn first_login_done(call: &Call<'_>) -> Result<Answer> {
    let t = texts_for_all(call);
    Answer::page(&Asked { frame: call.frame(), t, lead: t.say("first-asked-lead"), again: "/first_login/" })
}

/// The email that was typed, if it is one; nothing is said of whether anybody has it.
fn email<'a>(form: &mut Form<'a>, fields: &'a Fields, t: Texts) -> Option<String> {
    let typed = form.text(fields, "email", &t.say("ask-no-email"))?.trim();
    if Email::parse(typed).is_err() {
        form.refuse("email", t.say("ask-bad-email"));
        return None;
    }
    Some(typed.to_owned())
}

/// Has work done once this is answered, by nobody yet, from the address of the visitor.
fn later(
    call: &Call<'_>,
    work_of: (&'static str, Pace),
    work: impl Fn(&Context) -> Result<()> + Send + 'static,
) -> Result<()> {
    let client = call.request.client;
    call.later(work_of, move |site| {
        site.serve(Visit::of(Actor::nobody(None), Via::Web(client)), |cx| work(cx))
    })
}
