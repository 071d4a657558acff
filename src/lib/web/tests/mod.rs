//! The frame with a site of a few pages, as a browser meets it.

mod origins;
mod repeats;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use askama::Template;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use jiff::tz::TimeZone;

use super::{Answer, Binding, Call, Facts, Form, Frame, GET, GET_AND_POST, Pages, Purpose, Route, Routes};
use crate::context::{Settings, Site};
use crate::crypto::key::MasterKey;
use crate::crypto::rng::SystemRandom;
use crate::error::Result;
use crate::i18n::Language;
use crate::registry::SETTINGS;
use crate::store::Store;
use crate::text::instant::Instant;

/// Whose requests they are.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// A site on an empty store in a folder of its own, on Saturday 2026-11-21 at noon in Kyiv.
pub(crate) struct TestSite {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) site: Arc<Site>,
}

impl TestSite {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, key) = (folder.path().join("secboard.db"), folder.path().join("secboard.key"));
        let master = MasterKey::generate(&SystemRandom).unwrap();
        Store::create(&store).unwrap().write(|tx| tx.bind_key(&master)).unwrap();
        master.create_file(&key).unwrap();
        let mut site = Site::open(&store, &key, &SETTINGS).unwrap();
        site.stop_clock(Instant::parse("2026-11-21T10:00:00Z", &TimeZone::UTC).unwrap());
        Self { folder, site: Arc::new(site) }
    }
}

/// The facts of a site at `https://secboard.acme.example`, whatever its settings are.
pub(crate) fn facts(_: &Settings) -> Facts {
    Facts {
        name: "Acme Bank".to_owned(),
        host: "secboard.acme.example".to_owned(),
        secure: true,
        purpose: Purpose::Work,
        language: Language::English,
    }
}

/// A browser: it keeps cookies, says where it comes from, and sends forms as they were shown to it.
#[derive(Clone)]
pub(crate) struct Browser<'a> {
    pages: &'a Pages,
    cookies: Vec<(String, String)>,
    /// The answer that is shown.
    pub(crate) shown: Response<Bytes>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(pages: &'a Pages) -> Self {
        Self { pages, cookies: Vec::new(), shown: Response::new(Bytes::new()) }
    }

    /// One that keeps a cookie.
    pub(crate) fn with_cookie(pages: &'a Pages, name: &str, value: &str) -> Self {
        Self { cookies: vec![(name.to_owned(), value.to_owned())], ..Self::new(pages) }
    }

    /// Asks for a page.
    pub(crate) fn get(&mut self, uri: &str) -> &mut Self {
        let request = Request::builder().method(Method::GET).uri(uri);
        self.send(request.body(Bytes::new()).unwrap())
    }

    /// Fills in the form that is shown and sends it there.
    pub(crate) fn post(&mut self, uri: &str, fields: &[(&str, &str)]) -> &mut Self {
        let token = self.token();
        self.post_alone(uri, &[&[("csrf", token.as_str())], fields].concat())
    }

    /// Sends these fields and no other.
    pub(crate) fn post_alone(&mut self, uri: &str, fields: &[(&str, &str)]) -> &mut Self {
        let encoded = |text: &str| {
            // As browsers do: letters and digits stand as they are.
            let of = |byte: u8| match byte {
                _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            };
            text.bytes().map(of).collect::<String>()
        };
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", "https://secboard.acme.example");
        self.send(request.body(Bytes::from(pairs.join("&"))).unwrap())
    }

    /// Sends the form that is shown, with a file, as a browser does.
    pub(crate) fn post_file(&mut self, uri: &str, field: &str, (name, file): (&str, &[u8])) -> &mut Self {
        let head = "Content-Disposition: form-data; name=";
        let token = self.token();
        let mut body = format!("--xYz\r\n{head}\"csrf\"\r\n\r\n{token}\r\n--xYz\r\n").into_bytes();
        body.extend(
            format!("{head}\"{field}\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n").bytes(),
        );
        body.extend(file);
        body.extend(b"\r\n--xYz--\r\n");
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header("content-type", "multipart/form-data; boundary=xYz")
            .header("origin", "https://secboard.acme.example");
        self.send(request.body(Bytes::from(body)).unwrap())
    }

    /// Sends a request with the cookies there are.
    pub(crate) fn send(&mut self, mut request: Request<Bytes>) -> &mut Self {
        let headers = request.headers_mut();
        headers.entry("host").or_insert("secboard.acme.example".parse().unwrap());
        for (name, value) in &self.cookies {
            headers.append(COOKIE, format!("{name}={value}").parse().unwrap());
        }
        self.shown = self.pages.answer(request, CLIENT);
        for line in self.shown.headers().get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let (value, _) = rest.split_once(';').unwrap();
            self.cookies.retain(|(other, _)| other != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        self
    }

    /// Forgets one cookie.
    pub(crate) fn forget_cookie(&mut self, name: &str) {
        self.cookies.retain(|(other, _)| other != name);
    }

    /// The status that was answered.
    pub(crate) fn status(&self) -> u16 {
        self.shown.status().as_u16()
    }

    /// A header of the answer; empty where it is missing.
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> &str {
        self.shown.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The page that is shown.
    pub(crate) fn page(&self) -> &str {
        std::str::from_utf8(self.shown.body()).unwrap()
    }

    /// The heading of the page.
    pub(crate) fn heading(&self) -> &str {
        self.between("<h1>", "</h1>")
    }

    /// The first text of the page between these two.
    pub(crate) fn between(&self, before: &str, after: &str) -> &str {
        let rest = self.page().split_once(before).map_or("", |(_, rest)| rest);
        rest.split_once(after).map_or("", |(text, _)| text)
    }

    /// The token of the form that is shown.
    pub(crate) fn token(&self) -> String {
        self.between(r#"name="csrf" value=""#, "\"").to_owned()
    }

    /// The value of a cookie that it keeps.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Forgets its cookies, as a browser does that is opened anew.
    pub(crate) fn forget(&mut self) -> &mut Self {
        self.cookies.clear();
        self
    }
}

/// A page with a form: an email that must be of acme.example, and a password.
#[derive(Template)]
#[template(
    source = r#"{% extends "web/pages/layout.html" %}{% import "web/pages/form.html" as f %}
{% block title %}{{ form.title("Sample") }}{% endblock %}
{% block main %}{% call f::problems(form) %}{% endcall %}<header><h1>Sample</h1></header>
<form method="post" novalidate>{% call f::token(form) %}{% endcall %}
{% call f::field(form, "email", "Email", "email", "autocomplete=\"username\"") %}{% endcall %}
{% call f::secret(form, "password", "Password", "current-password") %}{% endcall %}
<button class="button">Go</button></form>{% endblock %}"#,
    ext = "html"
)]
struct Sample<'a> {
    frame: Frame,
    form: &'a Form<'a>,
}

fn sample(call: &Call<'_>) -> Result<Answer> {
    let mut form = Form::open(call, Binding::FormCookie)?;
    if let Some(fields) = form.submitted() {
        let email = form.text(fields, "email", "Type your email").map(str::to_owned);
        let busy = crate::store::Error::Interrupted;
        match email.as_deref() {
            Some(email) if email.ends_with("@acme.example") => return Ok(Answer::redirect("/done/")),
            Some("busy") => form.keep_if_busy(Busy.into())?,
            Some("broken") => form.keep_if_busy(busy.into())?,
            Some(_) => form.refuse_as("email", "The email is not right", "Check the email"),
            None => {}
        }
    }
    form.answer(&Sample { frame: call.frame(), form: &form })
}

#[derive(Debug, thiserror::Error)]
#[error("busy")]
struct Busy;

impl crate::error::Explain for Busy {
    fn code(&self) -> &'static str {
        "test.busy"
    }

    fn kind(&self) -> crate::error::Kind {
        crate::error::Kind::Busy
    }
}

const ROUTES: Routes = &[&[
    Route { name: "sample", pattern: "/sample/{token}/", methods: GET_AND_POST, handler: sample },
    Route { name: "text", pattern: "/text/", methods: GET, handler: |_| Ok(Answer::text("text")) },
    Route {
        name: "panic",
        pattern: "/panic/",
        methods: GET,
        handler: |call| panic!("{}", call.request.path),
    },
    Route { name: "busy", pattern: "/busy/", methods: GET, handler: |_| Err(Busy.into()) },
]];

fn pages(site: &TestSite) -> (Pages, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&lines);
    let log = move |served: &super::Served| {
        let code = served.failure.as_ref().map_or("-", crate::error::Failure::code);
        let line = format!("{} {} {} {code}", served.method, served.route, served.status.as_u16());
        log.lock().unwrap().push(line);
    };
    (Pages::new(Arc::clone(&site.site), ROUTES, facts, Box::new(log)), lines)
}

fn with<T>(work: impl FnOnce(&mut Browser<'_>) -> T) -> T {
    let site = TestSite::new();
    let (pages, _) = pages(&site);
    work(&mut Browser::new(&pages))
}

#[test]
fn a_form_leads_on_or_is_shown_again_with_a_word_beside_the_field() {
    with(|browser| {
        browser.get("/sample/abc/");
        assert_eq!((browser.status(), browser.between("<title>", "<")), (200, "Sample – Acme Bank"));
        browser.post("/sample/abc/", &[("email", "<olena>"), ("password", "correct horse")]);
        assert_eq!((browser.status(), browser.between("<title>", "<")), (422, "Error: Sample – Acme Bank"));
        let main = browser.between("<main class=\"card\" id=\"main\">", "</form>");
        insta::assert_snapshot!(main.replace(&browser.token(), "TOKEN"), @r##"
<div class="summary" role="group" aria-labelledby="problem" tabindex="-1" autofocus>
<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5m0 3.5v.01"/></svg>
<h2 id="problem">There is a problem</h2>
<ul>

<li><a href="#email">The email is not right</a></li>

</ul>
</div>

<header><h1>Sample</h1></header>
<form method="post" novalidate><input type="hidden" name="csrf" value="TOKEN">

<div class="field">
<label for="email">Email</label>


<p class="error" id="email-error"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5m0 3.5v.01"/></svg><span>Check the email</span></p>


<input id="email" name="email" aria-describedby="email-error" aria-invalid="true" autocomplete="username" required type="email" value="&#60;olena&#62;">
</div>


<div class="field">
<label for="password">Password</label>



<input id="password" name="password" autocomplete="current-password" required type="password">
</div>

<button class="button">Go</button>
"##);
        assert!(!browser.page().contains("correct horse"), "a password is never shown again");
        browser.post("/sample/abc/", &[("email", "olena@acme.example")]);
        assert_eq!((browser.status(), browser.header(LOCATION)), (303, "/done/"));
    });
}

#[test]
fn f5_fields_that_are_missing_doubled_or_no_text_are_shown_again() {
    with(|browser| {
        browser.get("/sample/abc/");
        for (fields, said) in [
            (&[][..], "Type your email"),
            (&[("email", "a"), ("email", "b")], "Type this again"),
            (&[("email", &"x".repeat(17_000))], "This is too long"),
        ] {
            browser.post("/sample/abc/", fields);
            assert_eq!((browser.status(), browser.between("<span>", "</span>")), (422, said));
        }
    });
}

#[test]
fn s8_a_form_without_its_token_or_cookie_changes_nothing_and_keeps_what_was_typed() {
    with(|browser| {
        let good = [("email", "olena@acme.example")];
        let refused = |browser: &Browser<'_>| {
            assert_eq!(browser.status(), 422);
            assert_eq!(browser.between("<h2 id=\"note\">", "</h2>"), "Please send it once more");
            assert!(browser.page().contains("olena@acme.example"));
        };
        refused(browser.get("/sample/abc/").post_alone("/sample/abc/", &good));
        let token = browser.token();
        refused(browser.forget().post_alone("/sample/abc/", &[("csrf", &token), good[0]]));
        assert_ne!(browser.token(), token, "it is bound to a new cookie");
        browser.post("/sample/abc/", &good);
        assert_eq!(browser.status(), 303, "and sent once more it is good");
    });
}

#[test]
fn s8_a_form_of_another_site_is_refused_before_it_is_looked_at() {
    with(|browser| {
        let token = browser.get("/sample/abc/").token();
        let post = |origin: &str| {
            let body = format!("csrf={token}&email=olena%40acme.example");
            let request = Request::builder().method(Method::POST).uri("/sample/abc/");
            let form = request.header("content-type", "application/x-www-form-urlencoded");
            form.header("origin", origin).body(Bytes::from(body)).unwrap()
        };
        browser.send(post("https://evil.example"));
        assert_eq!((browser.status(), browser.heading()), (403, "This form did not come from our page"));
        assert_eq!(browser.send(post("https://secboard.acme.example")).status(), 303);
    });
}

#[test]
fn s9_every_answer_has_the_headers_that_keep_it_safe() {
    with(|browser| {
        for path in ["/sample/abc/", "/text/", "/nothing/", "/busy/", "/sample/abc"] {
            browser.get(path);
            let policy = browser.header("content-security-policy").to_owned();
            assert!(policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self';"), "{policy}");
            assert!(
                policy.ends_with("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
                "{policy}"
            );
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "strict-origin"),
                ("strict-transport-security", "max-age=31536000"),
                ("cache-control", "no-store"),
            ] {
                assert_eq!(browser.header(name), value, "{path} {name}");
            }
        }
        browser.get("/sample/abc/");
        let nonce = browser.between("nonce=\"", "\"").to_owned();
        assert!(browser.header("content-security-policy").contains(&format!("script-src 'nonce-{nonce}'")));
        let path = browser.between("<link rel=\"stylesheet\" href=\"", "\"").to_owned();
        browser.get(&path);
        assert_eq!((browser.status(), browser.header("content-type")), (200, "text/css; charset=utf-8"));
        assert_eq!(browser.header(CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(browser.get(&path.replace("/static/", "/static/x")).status(), 404);
    });
}

#[test]
fn a_page_weighs_less_than_30_kilobytes_in_all() {
    with(|browser| {
        let mut bytes = browser.get("/sample/abc/").page().len();
        for name in ["style.css", "script.js"] {
            bytes += browser.get(&super::asset::path(name)).page().len();
        }
        assert!(bytes < 30_000, "{bytes}");
    });
}

#[test]
fn what_is_not_there_or_not_asked_like_that_is_told_in_the_language_of_the_visitor() {
    with(|browser| {
        assert_eq!(browser.get("/nothing/").heading(), "This page does not exist");
        assert_eq!(browser.get("/nothing/?lang=uk").heading(), "Такої сторінки немає");
        assert_eq!(browser.get("/nothing/").heading(), "Такої сторінки немає", "it is remembered");
        browser.forget();
        let request =
            Request::builder().uri("/nothing/").header("accept-language", "uk-UA,uk;q=0.9,en;q=0.8");
        assert_eq!(browser.send(request.body(Bytes::new()).unwrap()).heading(), "Такої сторінки немає");
        assert_eq!(
            browser.get("/sample/abc/?next=/a/&lang=en").between("<a href=\"?", "\""),
            "next=/a/&#38;lang=en"
        );
        browser.post_alone("/text/", &[]);
        assert_eq!((browser.status(), browser.header("allow")), (405, "GET, HEAD"));
        assert_eq!(browser.heading(), "This page cannot be used like that");
        browser.get("/sample/abc?next=/a/");
        assert_eq!((browser.status(), browser.header(LOCATION)), (308, "/sample/abc/?next=/a/"));
    });
}

#[test]
fn every_page_of_a_trouble_has_a_way_on() {
    with(|browser| {
        let start = r#"<a class="button" href="/">To the start</a>"#;
        assert!(browser.get("/nothing/").page().contains(start));
        assert!(browser.get("/panic/").page().contains(start));
        assert!(browser.post_alone("/text/", &[]).page().contains(start));
        assert!(browser.get("/busy/").page().contains(r#"<a class="button" href="">Try again</a>"#));
    });
}

#[test]
fn f5_a_page_that_panics_or_fails_says_so_without_its_cause_and_the_log_names_the_route() {
    let site = TestSite::new();
    let (pages, lines) = pages(&site);
    let mut browser = Browser::new(&pages);
    browser.get("/panic/");
    assert_eq!((browser.status(), browser.heading()), (500, "Something went wrong here"));
    browser.get("/busy/");
    assert_eq!((browser.status(), browser.header(RETRY_AFTER)), (503, "1"));
    browser.get("/sample/abc/").post("/sample/abc/", &[("email", "busy")]);
    assert_eq!((browser.status(), browser.header(RETRY_AFTER)), (503, "1"));
    assert!(browser.page().contains("value=\"busy\""), "what was typed is kept");
    browser.get("/sample/abc/").post("/sample/abc/", &[("email", "broken")]);
    assert_eq!(browser.status(), 503);
    let lines = lines.lock().unwrap().join("\n");
    insta::assert_snapshot!(lines, @r"
GET panic 500 web.panicked
GET busy 503 test.busy
GET sample 200 -
POST sample 503 -
GET sample 200 -
POST sample 503 interrupted
");
}

#[test]
fn a12_a_store_that_was_removed_is_a_page_that_says_so_and_it_recovers() {
    let site = TestSite::new();
    let (pages, _) = pages(&site);
    let mut browser = Browser::new(&pages);
    let (store, away) = (site.folder.path().join("secboard.db"), site.folder.path().join("away.db"));
    assert_eq!(browser.get("/text/").status(), 200);
    std::fs::rename(&store, &away).unwrap();
    browser.get("/sample/abc/");
    assert_eq!((browser.status(), browser.heading()), (503, "Back in a few minutes"));
    assert_eq!(browser.header(RETRY_AFTER), "60");
    assert!(browser.page().contains("Acme Bank"), "the name of the site is known still");
    std::fs::rename(&away, &store).unwrap();
    assert_eq!(browser.get("/text/").status(), 200);
}

#[test]
fn f3_what_the_front_refuses_has_a_page_too() {
    let site = TestSite::new();
    let (pages, _) = pages(&site);
    let headers = HeaderMap::from_iter([(http::header::ACCEPT_LANGUAGE, "uk".parse().unwrap())]);
    let refused = pages.refuse(StatusCode::PAYLOAD_TOO_LARGE, "/form/", &headers);
    assert_eq!(refused.status(), 413);
    assert!(String::from_utf8_lossy(refused.body()).contains("Це забагато за один раз"));
}
