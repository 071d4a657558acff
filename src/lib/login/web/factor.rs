//! The pages of one's own second factor: setting it up, also as a step of a login; its backup codes; turning it off.

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Method;

use super::code::{checked, typed};
use super::next::{next, on_the_way};
use super::qr::Qr;
use super::{
    CABINET, ENROLMENT, Guest, Step, TEXTS, admit, browser, logged_in, own, session_cookie, site_name,
};
use crate::context::settings::TIME_ZONE;
use crate::error::{Failure, Result};
use crate::i18n::day;
use crate::text::date::Day;
use crate::text::secret::Secret;
use crate::text::slug;
use crate::two_factor::{Confirmed, Error};
use crate::web::{Answer, Call, Form, Frame, Texts};

/// The page with the secret, which one opens oneself.
pub(super) const SETUP: &str = "/personal-cabinet/2fa/setup/";

/// Where a first code is typed on the personal page.
pub(super) const VERIFY: &str = "/personal-cabinet/2fa/verify/";

/// Where one is as a step of a login.
pub(super) const FORCED_VERIFY: &str = "/login/2fa/verify/";

/// The page of new backup codes.
pub(super) const CODES: &str = "/personal-cabinet/2fa/backup-codes/";

/// Why somebody sets up a second factor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It is a step of their login.
    Forced,
    /// They want to.
    Wanted,
}

impl Why {
    const fn setup(self) -> &'static str {
        match self {
            Self::Forced => ENROLMENT,
            Self::Wanted => SETUP,
        }
    }

    const fn verify(self) -> &'static str {
        match self {
            Self::Forced => FORCED_VERIFY,
            Self::Wanted => VERIFY,
        }
    }

    /// Who is let in to set it up: whoever has to, or who proved a short while ago who they are. Who has one has no page; who
    /// confirms one a second time, which two clicks do, goes where backup codes are made, for nobody saw those of the first.
    fn admit(self, call: &Call<'_>) -> Result<std::result::Result<Guest, Answer>> {
        let admitted = match self {
            Self::Forced => admit(call, Some(Step::Enrolment))?,
            Self::Wanted => own(call, SETUP)?,
        };
        let is_step = self == Self::Forced;
        Ok(admitted.and_then(|guest| {
            let fits = !guest.has_factor() && (guest.visitor.step == Some(Step::Enrolment)) == is_step;
            let is_again = guest.has_factor() && call.request.method == Method::POST;
            match (fits, is_again) {
                (true, _) => Ok(guest),
                (false, true) => Err(Answer::redirect(CODES)),
                (false, false) => Err(Answer::redirect(&next(call))),
            }
        }))
    }
}

#[derive(Template)]
#[template(path = "login/pages/factor-setup.html")]
struct SetupPage<'a> {
    frame: Frame,
    t: Texts,
    qr: Qr,
    address: &'a str,
    secret: &'a str,
    verify: String,
    is_forced: bool,
}

/// `/login/2fa/setup/`.
pub(super) fn forced_setup(call: &Call<'_>) -> Result<Answer> {
    setup(call, Why::Forced)
}

/// `/personal-cabinet/2fa/setup/`.
pub(super) fn wanted_setup(call: &Call<'_>) -> Result<Answer> {
    setup(call, Why::Wanted)
}

fn setup(call: &Call<'_>, why: Why) -> Result<Answer> {
    let guest = match why.admit(call)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let t = Texts::new(&TEXTS, call.language());
    let offer = guest.serve(call, |cx| guest.visitor.offer(cx))?;
    Answer::page(&SetupPage {
        frame: guest.frame(call)?,
        t,
        qr: Qr::of(&offer.address)?,
        address: offer.address.expose(),
        secret: offer.secret.expose(),
        verify: on_the_way(call, why.verify()),
        is_forced: why == Why::Forced,
    })
}

#[derive(Template)]
#[template(path = "login/pages/factor-verify.html")]
struct VerifyPage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    setup: String,
}

/// `/login/2fa/verify/`.
pub(super) fn forced_verify(call: &Call<'_>) -> Result<Answer> {
    verify(call, Why::Forced)
}

/// `/personal-cabinet/2fa/verify/`.
pub(super) fn wanted_verify(call: &Call<'_>) -> Result<Answer> {
    verify(call, Why::Wanted)
}

fn verify(call: &Call<'_>, why: Why) -> Result<Answer> {
    let guest = match why.admit(call)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let t = Texts::new(&TEXTS, call.language());
    let mut form = Form::open(call, guest.binding())?;
    if let Some(typed) = typed(&mut form, t) {
        let confirmed = guest.serve(call, |cx| guest.visitor.enrol(cx, &typed, browser(call)));
        match confirmed {
            Ok(Confirmed::Done { codes, last: begun }) => {
                // From here on the session has another secret, which the button to log out has to know.
                let guest = guest.known_by(&begun.token);
                let page = codes_page(call, t, &guest, &codes, true)?;
                return Ok(logged_in(Answer::page(&page)?, &begun));
            }
            Ok(Confirmed::Wrong) => form.refuse_as("code", t.say("code-wrong"), t.say("code-wrong-next")),
            Ok(Confirmed::ClockOff(minutes)) => {
                let text = if minutes > 0 { "factor-ahead" } else { "factor-behind" };
                let said = t.say_with(text, "minutes", minutes.abs());
                form.refuse_as("code", t.say("code-wrong"), said);
            }
            Ok(Confirmed::Enrolled) => return Ok(Answer::redirect(CODES)),
            Ok(Confirmed::Stale) => form.refuse("code", t.say("factor-stale")),
            Err(failure) => form.keep_if_busy(failure)?,
        }
    }
    let setup = on_the_way(call, why.setup());
    form.answer(&VerifyPage { frame: guest.frame(call)?, form: &form, t, setup })
}

#[derive(Template)]
#[template(path = "login/pages/factor-codes.html")]
struct CodesPage {
    frame: Frame,
    t: Texts,
    is_enrolment: bool,
    site: String,
    email: String,
    day: String,
    origin: String,
    codes: Vec<String>,
    file: String,
    download: String,
    next: String,
}

/// The page with new codes, which are shown this once.
fn codes_page(
    call: &Call<'_>,
    t: Texts,
    guest: &Guest,
    codes: &[Secret],
    is_enrolment: bool,
) -> Result<CodesPage> {
    let frame = guest.frame(call)?.once();
    let (site, origin) = (site_name(call), frame.origin());
    let email = guest.visitor.user.facts.email.clone();
    let today = call.now.day_in(call.settings.get(&TIME_ZONE)).unwrap_or(Day::FIRST);
    let today = day(call.language(), today);
    let codes: Vec<String> = codes.iter().map(|code| code.expose().to_owned()).collect();
    let lines = codes.iter().zip(1..).map(|(code, number)| format!("{number:>2}  {code}"));
    let (lines, once) = (lines.collect::<Vec<_>>().join("\n"), t.say("codes-each-once"));
    let text = format!("{site}\n{email}, {today}\n{once}\n\n{lines}\n\n{origin}\n");
    let named = format!("{site} {}", t.say("codes-file"));
    Ok(CodesPage {
        frame,
        t,
        is_enrolment,
        file: format!("{}.txt", slug::slug(&named).unwrap_or_else(|| "codes".to_owned())),
        download: format!("data:text/plain;charset=utf-8;base64,{}", BASE64_STANDARD.encode(text)),
        site,
        email,
        day: today,
        origin,
        codes,
        next: next(call),
    })
}

#[derive(Template)]
#[template(path = "login/pages/factor-new-codes.html")]
struct NewCodesPage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    left: String,
}

/// `/personal-cabinet/2fa/backup-codes/`.
pub(super) fn new_codes(call: &Call<'_>) -> Result<Answer> {
    let guest = match own(call, CODES)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let Some(factor) = guest.visitor.user.second_factor else { return Ok(Answer::redirect(CABINET)) };
    let t = Texts::new(&TEXTS, call.language());
    let mut form = Form::open(call, guest.binding())?;
    if form.submitted().is_some() {
        match guest.serve(call, |cx| guest.visitor.new_codes(cx, &guest.token)) {
            Ok(Some((codes, token))) => {
                let guest = guest.known_by(&token);
                let page = Answer::page(&codes_page(call, t, &guest, &codes, false)?)?;
                return Ok(page.with_cookie(session_cookie(&token)));
            }
            // It was pressed twice at once. What the first made is shown once, and not here.
            Ok(None) => return Ok(Answer::redirect(CODES)),
            Err(failure) => form.keep_if_busy(failure)?,
        }
    }
    let left = t.say_with("codes-new-left", "left", factor.codes_left);
    form.answer(&NewCodesPage { frame: guest.frame(call)?, form: &form, t, left })
}

#[derive(Template)]
#[template(path = "login/pages/factor-disable.html")]
struct DisablePage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
}

/// `/personal-cabinet/2fa/disable/`.
pub(super) fn disable(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, None)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    if !guest.has_factor() || guest.visitor.user.facts.two_factor_required {
        return Ok(Answer::redirect(CABINET));
    }
    let t = Texts::new(&TEXTS, call.language());
    let mut form = Form::open(call, guest.binding())?;
    if let Some(typed) = typed(&mut form, t) {
        let removed = guest.serve(call, |cx| guest.visitor.remove_factor(cx, &typed));
        // It may be required since the page was opened.
        if removed.as_ref().is_err_and(is_required) {
            return Ok(Answer::redirect(CABINET));
        }
        if let Some(token) = checked(call, &mut form, t, removed)? {
            return Ok(Answer::redirect(CABINET).with_cookie(session_cookie(&token)));
        }
    }
    form.answer(&DisablePage { frame: guest.frame(call)?, form: &form, t })
}

fn is_required(failure: &Failure) -> bool {
    matches!(failure.get::<Error>(), Some(Error::Required { .. }))
}
