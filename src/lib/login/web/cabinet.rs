//! The personal page: who one is, how one logs in, and where one is logged in.

use askama::Template;
use http::Method;

use super::{CABINET, Guest, TEXTS, admit};
use crate::context::settings::TIME_ZONE;
use crate::error::Result;
use crate::i18n::{day, moment};
use crate::session::Session;
use crate::user::avatar;
use crate::web::{Answer, Call, Form, Frame, Texts};

/// What was done on another page, or by a button of this one, as the address has it, and the text that says so.
const DONE: [(&str, &str); 4] = [
    ("profile", "cabinet-saved"),
    ("password", "cabinet-saved-password"),
    ("session", "cabinet-ended"),
    ("others", "cabinet-ended-others"),
];

/// Where one is led when that was done.
pub(super) fn after(done: &str) -> Answer {
    Answer::redirect(&format!("{CABINET}?saved={done}"))
}

#[derive(Template)]
#[template(path = "login/pages/cabinet.html")]
struct CabinetPage<'a> {
    frame: Frame,
    form: &'a Form<'a>,
    t: Texts,
    name: String,
    email: &'a str,
    rows: Vec<(String, &'a str)>,
    done: Option<String>,
    has_photo: bool,
    initials: String,
    password: String,
    codes_left: Option<u32>,
    is_required: bool,
    sessions: Vec<SessionRow>,
    token: String,
}

/// A session as the person sees it.
struct SessionRow {
    id: i64,
    browser: String,
    about: String,
    is_this: bool,
}

pub(super) fn cabinet(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, None)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    cabinet_of(call, &guest)
}

/// The personal page, whatever was asked: where a button was pressed that is too old, it says so.
pub(super) fn cabinet_of(call: &Call<'_>, guest: &Guest) -> Result<Answer> {
    let t = Texts::new(&TEXTS, call.language());
    let form = Form::open(call, guest.binding())?;
    let sessions = guest.serve(call, |cx| guest.visitor.sessions(cx))?;
    let facts = &guest.visitor.user.facts;
    let zone = call.settings.get(&TIME_ZONE);
    let changed = guest.visitor.user.password_changed_at.and_then(|at| at.day_in(zone));
    form.answer(&CabinetPage {
        frame: guest.frame(call)?,
        form: &form,
        t,
        done: DONE
            .into_iter()
            .find(|(done, _)| call.request.query.text("saved") == Ok(done))
            .map(|(_, text)| t.say(text)),
        has_photo: guest.serve(call, |cx| avatar::is_there(cx, guest.visitor.user.id))?,
        initials: facts.initials(),
        name: facts.full_name(),
        email: &facts.email,
        rows: [
            ("cabinet-phone", facts.phone.as_deref()),
            ("cabinet-company", facts.company.as_deref()),
            ("cabinet-department", facts.department.as_deref()),
            ("cabinet-position", facts.position.as_deref()),
        ]
        .into_iter()
        .filter_map(|(label, value)| Some((t.say(label), value?)))
        .collect(),
        password: changed.map_or_else(
            || t.say("cabinet-password-unchanged"),
            |at| t.say_with("cabinet-password-changed", "day", day(call.language(), at)),
        ),
        codes_left: guest.visitor.user.second_factor.map(|factor| factor.codes_left),
        is_required: facts.two_factor_required,
        sessions: sessions.iter().map(|session| session_row(call, t, guest, session)).collect(),
        token: form.token().to_owned(),
    })
}

fn session_row(call: &Call<'_>, t: Texts, guest: &Guest, session: &Session) -> SessionRow {
    let is_this = session.id == guest.visitor.session.id;
    let address = session.address.clone().unwrap_or_default();
    let seen = moment(call.language(), session.seen_at, call.settings.get(&TIME_ZONE));
    let active =
        if is_this { t.say("cabinet-active-now") } else { t.say_with("cabinet-active", "moment", seen) };
    let browser =
        if session.browser == "unknown" { t.say("cabinet-browser") } else { session.browser.clone() };
    SessionRow { id: session.id, browser, about: format!("{address}, {active}"), is_this }
}

pub(super) fn sessions(call: &Call<'_>) -> Result<Answer> {
    let guest = match admit(call, None)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    if call.request.method == Method::GET {
        return Ok(Answer::redirect(CABINET));
    }
    let form = Form::open(call, guest.binding())?;
    let Some(fields) = form.submitted() else { return cabinet_of(call, &guest) };
    let named = fields.text("end").unwrap_or_default();
    let (asked, done) =
        if named == "others" { (Some(None), "others") } else { (named.parse().ok().map(Some), "session") };
    let is_done = asked.map(|id| guest.serve(call, |cx| guest.visitor.end_others(cx, id))).transpose()?;
    Ok(if is_done == Some(true) { after(done) } else { Answer::redirect(CABINET) })
}
