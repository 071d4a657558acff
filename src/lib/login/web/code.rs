//! The page that asks for a code after the password, and what is said of codes.

use askama::Template;

use super::next::{next, on_the_way};
use super::{Guest, Step, TEXTS, admit, browser, logged_in, site_name};
use crate::context::settings::TIME_ZONE;
use crate::error::Result;
use crate::i18n::moment;
use crate::two_factor::{Checked, Typed};
use crate::web::{Answer, Call, Form, Frame, Texts};

/// The field of a code.
const CODE: &str = "code";

#[derive(Template)]
#[template(path = "login/pages/code.html")]
struct CodePage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    title: String,
    site: String,
    is_backup: bool,
    other: String,
}

/// `/login/2fa/`.
pub(super) fn challenge(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, Some(Step::Code))? {
        Ok(guest) if guest.visitor.step == Some(Step::Code) => guest,
        Ok(_) => return Ok(Answer::redirect(&next(call))),
        Err(answer) => return Ok(answer),
    };
    let t = Texts::new(&TEXTS, call.language());
    let mut form = Form::open(call, guest.binding())?;
    if let Some(typed) = typed(&mut form, t) {
        let passed = guest.serve(call, |cx| guest.visitor.pass_code(cx, &typed, browser(call)));
        if let Some(begun) = checked(call, &mut form, t, passed)? {
            return Ok(logged_in(Answer::redirect(&next(call)), &begun));
        }
    }
    let is_backup = is_backup(call);
    form.answer(&CodePage {
        frame: guest.frame(call)?,
        form: &form,
        t,
        title: t.say(if is_backup { "code-backup-title" } else { "code-title" }),
        site: site_name(call),
        is_backup,
        other: other_way(call, is_backup),
    })
}

/// Whether a backup code is to be typed.
fn is_backup(call: &Call<'_>) -> bool {
    call.request.query.text("with") == Ok("backup")
}

/// The way to the same page for the other kind of code.
fn other_way(call: &Call<'_>, is_backup: bool) -> String {
    on_the_way(call, if is_backup { "?" } else { "?with=backup" })
}

/// What is said of codes, in the language of the visitor.
pub(crate) fn texts(call: &Call<'_>) -> Texts {
    Texts::new(&TEXTS, call.language())
}

/// A code that was typed, or a problem beside its field.
pub(crate) fn typed(form: &mut Form<'_>, t: Texts) -> Option<Typed> {
    let fields = form.submitted()?;
    let text = form.text(fields, CODE, &t.say("code-none"))?;
    let typed = Typed::parse(text);
    if typed.is_none() {
        form.refuse(CODE, t.say("code-bad"));
    }
    typed
}

/// What a right code led to, or what is wrong with it.
pub(crate) fn checked<T>(
    call: &Call<'_>,
    form: &mut Form<'_>,
    t: Texts,
    checked: Result<Checked<T>>,
) -> Result<Option<T>> {
    match checked {
        Ok(Checked::Right(done)) => return Ok(Some(done)),
        Ok(Checked::Wrong) => form.refuse_as(CODE, t.say("code-wrong"), t.say("code-wrong-next")),
        Ok(Checked::NextStep(_)) => form.refuse_as(CODE, t.say("code-wrong"), t.say("code-next-step")),
        Ok(Checked::Held(until)) => {
            let at = moment(call.language(), until, call.settings.get(&TIME_ZONE));
            form.refuse(CODE, t.say_with("code-held", "moment", at));
        }
        Err(failure) => form.keep_if_busy(failure)?,
    }
    Ok(None)
}

impl Guest {
    /// Whether a code can be asked of them.
    pub(super) fn has_factor(&self) -> bool {
        self.visitor.user.second_factor.is_some()
    }
}
