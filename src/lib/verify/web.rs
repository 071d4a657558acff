//! What proxies ask, and how people come to other sites.

use std::sync::LazyLock;

use http::header::LOCATION;
use http::{HeaderName, Method, StatusCode};

use super::question::{Question, in_address, told};
use super::{Verdict, judge, site};
use crate::context::Actor;
use crate::error::Result;
use crate::i18n::Catalogue;
use crate::login::Visitor;
use crate::login::web::{SESSION, admit_to, guest, login_to};
use crate::web::{Answer, Binding, Call, Cookie, Frame, GET, GET_AND_POST, LocalPath, Route, Texts};

/// Their routes. What begins with `/.secboard/` is asked at the hosts of other sites, and nothing else is.
pub(crate) const ROUTES: &[Route] = &[
    Route { name: "verify", pattern: "/auth/verify", methods: GET, handler: verify },
    Route { name: "to-site", pattern: TO_SITE, methods: GET, handler: to_site },
    Route { name: "site-verify", pattern: "/.secboard/verify", methods: GET, handler: verify },
    Route { name: "site-start", pattern: START, methods: GET, handler: start },
    Route { name: "site-enter", pattern: ENTER, methods: GET, handler: enter },
    Route { name: "site-logout", pattern: LOGOUT, methods: GET_AND_POST, handler: logout },
];

const TO_SITE: &str = "/auth/site";
const START: &str = "/.secboard/start";
const ENTER: &str = "/.secboard/enter";
const LOGOUT: &str = "/.secboard/logout";

/// The cookie by which a site knows the browser that was led to the portal, and for how many seconds it is kept.
const STARTED: (&str, u32) = ("secboard-start", 60 * 60);

/// The headers by which proxies say what was asked of them.
const ASKED: [&str; 2] = ["x-original-uri", "x-forwarded-uri"];

static TEXTS: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::new(include_str!("text/en.ftl"), include_str!("text/uk.ftl")));

#[derive(askama::Template)]
#[template(path = "verify/pages/forbidden.html")]
struct Forbidden<'a> {
    frame: Frame,
    t: Texts,
    email: &'a str,
    permission: &'static str,
    company: Option<&'a str>,
    portal: String,
}

#[derive(askama::Template)]
#[template(path = "verify/pages/said.html")]
struct Said {
    frame: Frame,
    t: Texts,
    title: &'static str,
    lead: &'static str,
    /// Where the button leads, and what stands on it.
    on: (String, &'static str),
    /// The token of the form in whose place the link stands.
    token: Option<String>,
}

fn texts(call: &Call<'_>) -> Texts {
    Texts::new(&TEXTS, call.language())
}

/// Who visits the portal or a site, where every step of their login is done.
fn visitor(call: &Call<'_>) -> Result<Option<Visitor>> {
    let found = match call.asked_site() {
        None => guest(call)?.map(|guest| guest.visitor),
        Some(host) => match call.cookie(SESSION) {
            Some(kept) => {
                call.site.serve(call.visit(Actor::nobody(None)), |cx| site::enter(cx, host, kept))?
            }
            None => None,
        },
    };
    if let Some(visitor) = &found {
        call.know_language(visitor.user.facts.language.as_deref());
    }
    Ok(found.filter(|visitor| visitor.step.is_none()))
}

/// `/auth/verify`, `/.secboard/verify`.
fn verify(call: &Call<'_>) -> Result<Answer> {
    let Some(question) = Question::of(call.request) else { return Ok(call.bad_request()) };
    let Some(visitor) = visitor(call)? else { return Ok(unknown(call, &question)) };
    let user = &visitor.user;
    let actor = Actor::oneself(user.id, &user.facts.email);
    match call.site.serve(call.visit(actor), |cx| judge(cx, &visitor, &question))? {
        Verdict::Yes => {
            let told = told(user).into_iter();
            Ok(told.fold(Answer::text(""), |answer, (name, value)| {
                answer.with_header(HeaderName::from_static(name), &value)
            }))
        }
        Verdict::No => {
            let page = Forbidden {
                frame: call.frame().once(),
                t: texts(call),
                email: &user.facts.email,
                permission: question.permission.map_or("", |permission| permission.id()),
                company: question.company.as_deref(),
                portal: call.portal(),
            };
            Ok(Answer::page(&page)?.with_status(StatusCode::FORBIDDEN))
        }
    }
}

/// The answer for whoever is not logged in: where the login is, and the way back from there.
fn unknown(call: &Call<'_>, question: &Question) -> Answer {
    let asked = ASKED.iter().find_map(|name| call.request.header(HeaderName::from_static(name)));
    let back = asked.and_then(LocalPath::parse);
    let back = back.as_ref().map_or("/", LocalPath::as_str);
    let place = match call.asked_site() {
        Some(_) => format!("{}{START}?to={}", call.origin(), in_address(back)),
        None => format!("{}{}", call.portal(), login_to(back)),
    };
    let status = if question.is_led { StatusCode::FOUND } else { StatusCode::UNAUTHORIZED };
    Answer::text("").with_status(status).with_header(LOCATION, &place)
}

/// Where somebody goes on who came by this address.
fn to(call: &Call<'_>) -> String {
    let to = call.request.query.text("to").ok().and_then(LocalPath::parse);
    let is_loop = |path: &LocalPath| path.as_str().starts_with("/.secboard/");
    to.filter(|path| !is_loop(path)).map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned())
}

/// `/.secboard/start`: to the portal, with what this browser is known by.
fn start(call: &Call<'_>) -> Result<Answer> {
    let Some(host) = call.asked_site() else { return Ok(call.not_found()) };
    let (name, seconds) = STARTED;
    let kept = call.cookie(name).filter(|kept| site::hash_of(kept).is_some()).map(str::to_owned);
    let kept = if let Some(kept) = kept {
        kept
    } else {
        call.site.serve(call.visit(Actor::nobody(None)), site::secret)?.expose().to_owned()
    };
    let Some(hash) = site::hash_of(&kept) else { return Ok(call.not_found()) };
    let browser = crate::crypto::hex::hex(&hash);
    let portal = call.portal();
    let place =
        format!("{portal}{TO_SITE}?site={}&browser={browser}&to={}", in_address(host), in_address(&to(call)));
    Ok(Answer::lead_to(&place).with_cookie(Cookie { name, value: kept, seconds: Some(seconds) }))
}

/// `/auth/site`: from the portal to a site, with a ticket.
fn to_site(call: &Call<'_>) -> Result<Answer> {
    let query = &call.request.query;
    let host = query.text("site").ok().and_then(|host| call.site_called(host));
    let browser = query.text("browser").ok().and_then(site::read_hash);
    let (Some(host), Some(browser)) = (host, browser) else { return Ok(call.bad_request()) };
    let to = to(call);
    let (of, hash) = (in_address(&host), crate::crypto::hex::hex(&browser));
    let here = format!("{TO_SITE}?site={of}&browser={hash}&to={}", in_address(&to));
    let guest = match admit_to(call, &here)? {
        Ok(guest) => guest,
        Err(answer) => return Ok(answer),
    };
    let ticket = guest.serve(call, |cx| site::ticket(cx, &guest.visitor, (&host, browser)))?;
    let origin = call.origin_of(&host);
    Ok(Answer::lead_to(&format!("{origin}{ENTER}?ticket={}&to={}", ticket.expose(), in_address(&to))))
}

/// `/.secboard/enter`: from the portal, with a ticket.
fn enter(call: &Call<'_>) -> Result<Answer> {
    let Some(host) = call.asked_site() else { return Ok(call.not_found()) };
    let ticket = call.request.query.text("ticket").ok();
    let session = match (ticket, call.cookie(STARTED.0)) {
        (Some(ticket), Some(kept)) => {
            call.site.serve(call.visit(Actor::nobody(None)), |cx| site::redeem(cx, (host, kept), ticket))?
        }
        _ => None,
    };
    let to = to(call);
    let Some(session) = session else {
        let again = format!("{START}?to={}", in_address(&to));
        let on = (again, "enter-again");
        let (frame, t) = (call.frame().once(), texts(call));
        let said = Said { frame, t, title: "enter-title", lead: "enter-lead", on, token: None };
        let page = Answer::page(&said)?;
        return Ok(page.with_status(StatusCode::BAD_REQUEST));
    };
    let value = session.expose().to_owned();
    Ok(Answer::redirect(&to)
        .with_cookie(Cookie { name: SESSION, value, seconds: None })
        .with_cookie(Cookie::ended(STARTED.0)))
}

/// `/.secboard/logout`: ends the login at the portal, and with it at every site. A page of the site may send it.
fn logout(call: &Call<'_>) -> Result<Answer> {
    let visitor = visitor(call)?;
    let (frame, t) = (call.frame().once(), texts(call));
    let Some(visitor) = visitor else {
        let (title, lead, on) = ("out-title", "out-lead", (START.to_owned(), "out-again"));
        let page = Answer::page(&Said { frame, t, title, lead, on, token: None })?;
        return Ok(page.with_cookie(Cookie::ended(SESSION)));
    };
    if call.request.method == Method::POST {
        let actor = Actor::oneself(visitor.user.id, &visitor.user.facts.email);
        call.site.serve(call.visit(actor), |cx| visitor.log_out(cx))?;
        return Ok(Answer::redirect(LOGOUT).with_cookie(Cookie::ended(SESSION)));
    }
    let token = Some(call.token(Binding::Secret(call.cookie(SESSION).unwrap_or_default()))?);
    let (title, lead, on) = ("leave-title", "leave-lead", (LOGOUT.to_owned(), "leave-button"));
    Answer::page(&Said { frame, t, title, lead, on, token })
}
