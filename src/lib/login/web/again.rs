//! The page that asks once more who visits, before something that decides how they log in.

use askama::Template;
use http::Method;

use super::next::{next, on_the_way};
use super::{Guest, TEXTS, admit, browser, code, elsewhere, secret, session_cookie};
use crate::error::Result;
use crate::text::secret::Secret;
use crate::user::proof::Proved;
use crate::web::{Answer, Call, Form, Frame, Texts};

#[derive(Template)]
#[template(path = "login/pages/again.html")]
struct AgainPage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    email: &'a str,
    by_code: bool,
    other: Option<String>,
}

/// `/login/again/`.
pub(super) fn again(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, None)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    if call.request.method != Method::POST && guest.visitor.session.is_fresh(call.now) {
        return Ok(Answer::redirect(&next(call)));
    }
    let t = Texts::new(&TEXTS, call.language());
    let by_code = guest.has_factor() && call.request.query.text("by") == Ok("code");
    let mut form = Form::open(call, guest.binding())?;
    let proved = if by_code {
        proved_by_code(call, &guest, &mut form, t)?
    } else {
        proved_by_password(call, &guest, &mut form, t)?
    };
    if let Some(token) = proved {
        return Ok(Answer::redirect(&next(call)).with_cookie(session_cookie(&token)));
    }
    let frame = guest.frame(call)?;
    let other = on_the_way(call, if by_code { "?" } else { "?by=code" });
    let other = guest.has_factor().then_some(other);
    form.answer(&AgainPage { frame, form: &form, t, email: &guest.visitor.user.facts.email, by_code, other })
}

/// The new secret of the session, where the password that was typed is right.
fn proved_by_password(
    call: &Call<'_>,
    guest: &Guest,
    form: &mut Form<'_>,
    t: Texts,
) -> Result<Option<Secret>> {
    let Some(fields) = form.submitted() else { return Ok(None) };
    let typed = secret(form, fields.secret("password"), "password", &t.say("login-no-password"));
    let Some(typed) = typed else { return Ok(None) };
    match guest.serve(call, |cx| guest.visitor.confirm(cx, &typed, browser(call))) {
        Ok(Proved::Right(token)) => return Ok(Some(token)),
        Ok(Proved::Wrong) => form.refuse("password", t.say("password-wrong")),
        Ok(Proved::SourceHeld(until)) => form.hold("password", t.say("login-held"), (call.now, until)),
        Ok(Proved::Elsewhere(told)) => form.refuse("password", t.say(elsewhere(told))),
        Err(failure) => form.keep_if_busy(failure)?,
    }
    Ok(None)
}

/// The same, where a code is.
fn proved_by_code(call: &Call<'_>, guest: &Guest, form: &mut Form<'_>, t: Texts) -> Result<Option<Secret>> {
    let Some(typed) = code::typed(form, t) else { return Ok(None) };
    let proved = guest.serve(call, |cx| guest.visitor.confirm_by_code(cx, &typed));
    code::checked(call, form, t, proved)
}
