//! What proxies are told, and how people come to another site, as a proxy and a browser meet it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response};

use super::*;
use crate::context::{Actor, Clock, Via, Visit};
use crate::group::{self, GrantSpec, Selector};
use crate::i18n::checks;
use crate::login::{self, Browser};
use crate::store::Store;
use crate::text::instant::Instant;
use crate::user::avatar::PhotoChange;
use crate::user::{self, Facts, create, edit};
use crate::web::tests::{CLIENT, TestSite, facts};
use crate::web::{Pages, Routes};

mod routes;
mod shown;

const ROUTES: Routes = &[login::web::ROUTES, web::ROUTES];

const OLENA: &str = "olena@acme.example";
const PORTAL: &str = "secboard.acme.example";
const WIKI: &str = "wiki.acme.example";
const SHOP: &str = "shop.acme.example:8443";

/// A clock that is set by hand.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A portal with two other sites, and Olena, who may view reports of risks for Acme.
struct Board {
    at: TestSite,
    clock: Arc<Hand>,
    pages: Pages,
}

/// A browser, which keeps the cookies of each host for itself.
#[derive(Clone, Default)]
struct Visitor(BTreeMap<(String, String), String>);

impl Board {
    fn new() -> Self {
        let mut at = TestSite::new();
        let site = Arc::get_mut(&mut at.site).unwrap();
        let began = site.serve(Visit::of(Actor::system(None), Via::Cli), |cx| Ok(cx.now())).unwrap();
        let clock = Arc::new(Hand(AtomicI64::new(began.micros())));
        site.go_by(Arc::clone(&clock) as Arc<dyn Clock>);
        let pages = Pages::new(Arc::clone(&at.site), ROUTES, facts, Box::new(|_| ()));
        pages.allow_sites(vec![WIKI.to_owned(), SHOP.to_owned()]);
        let board = Self { at, clock, pages };
        board.shell(|cx| {
            for name in ["Acme", "Globex"] {
                let new = company::New { name: name.into(), ..company::New::default() };
                company::create(cx, &new, false)?;
            }
            let new = group::New { name: "Risk, \"North\" Олена".into(), ..group::New::default() };
            group::create(cx, &new, None, false)?;
            let order = GrantSpec {
                patterns: vec!["risk.view_report".into()],
                companies: vec!["Acme".into()],
                ..GrantSpec::default()
            };
            group::grant(cx, &Selector { name: new.name.clone(), company: None }, &order)?;
            let facts = Facts {
                first_name: Some("Олена".into()),
                last_name: Some("Koval".into()),
                company: Some("Acme".into()),
                groups: vec![new.name],
                ..Facts::new(OLENA.to_owned())
            };
            create::create(cx, facts, None, false)?;
            let root = Facts { superuser: true, ..Facts::new("root@acme.example".to_owned()) };
            create::create(cx, root, None, false)?;
            user::password::set_for_tests(cx, "root@acme.example", "correct horse battery")?;
            user::password::set_for_tests(cx, OLENA, "correct horse battery")
        });
        board
    }

    fn shell<T>(&self, work: impl FnOnce(&Context) -> Result<T>) -> T {
        self.at.site.serve(Visit::of(Actor::system(None), Via::Cli), work).unwrap()
    }

    fn change(&self, change: impl Fn(&mut Facts)) {
        self.shell(|cx| {
            edit::edit(cx, OLENA, &PhotoChange::Keep, |facts| {
                change(facts);
                Ok(())
            })
        });
    }

    fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Olena's browser, logged in at the portal.
    fn logged_in(&self) -> Visitor {
        let user = self.shell(|cx| user::get(cx, OLENA));
        let begun = self.shell(|cx| cx.write(|tx| login::begin(cx, tx, &user, Browser::default())));
        let key = (PORTAL.to_owned(), "__Host-secboard".to_owned());
        Visitor(BTreeMap::from([(key, begun.token.expose().to_owned())]))
    }

    /// Olena's browser, logged in and known at the wiki.
    fn at_wiki(&self) -> Visitor {
        let mut olena = self.logged_in();
        let answer = self.follow(&mut olena, "https://wiki.acme.example/.secboard/start?to=/page");
        assert_eq!(answer, "https://wiki.acme.example/page");
        olena
    }

    fn ask(
        &self,
        who: &mut Visitor,
        method: &str,
        (host, path): (&str, &str),
        headers: &[(&str, &str)],
    ) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(path).header("host", host);
        let kept = who.0.iter().filter(|((of, _), _)| of == host);
        for ((_, name), value) in kept {
            request = request.header(COOKIE, format!("{name}={value}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.pages.answer(request.body(Bytes::new()).unwrap(), CLIENT);
        for line in answer.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("; Path=/") && !line.contains("Domain"), "{line}");
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split_once(';').unwrap().0;
            let key = (host.to_owned(), name.to_owned());
            if value.is_empty() {
                who.0.remove(&key)
            } else {
                who.0.insert(key, value.to_owned())
            };
        }
        answer
    }

    fn get(&self, who: &mut Visitor, host: &str, path: &str) -> Response<Bytes> {
        self.ask(who, "GET", (host, path), &[])
    }

    /// Goes wherever an address leads, until it leads to a page that is not secboard's.
    fn follow(&self, who: &mut Visitor, address: &str) -> String {
        let mut address = address.to_owned();
        for _ in 0..6 {
            let rest = address.strip_prefix("https://").unwrap();
            let (host, path) = rest.split_at(rest.find('/').unwrap());
            if host != PORTAL && !path.starts_with("/.secboard/") {
                return address;
            }
            let answer = self.get(who, host, path);
            let place = header(&answer, "location");
            match place {
                "" => return format!("{} at {address}", answer.status()),
                local if local.starts_with('/') => address = format!("https://{host}{local}"),
                _ => address = place.to_owned(),
            }
        }
        panic!("it leads round in circles: {address}");
    }
}

fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

const REPORTS: &str = "/auth/verify?permission=risk.view_report&company=Acme";

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[store::STATEMENTS]);
}

#[test]
fn every_text_is_there_in_each_language_and_said_somewhere() {
    let sayers = [
        include_str!("../web.rs"),
        include_str!("../pages/forbidden.html"),
        include_str!("../pages/said.html"),
    ];
    checks::check(include_str!("../text/en.ftl"), include_str!("../text/uk.ftl"), &sayers);
}

#[test]
fn a_proxy_is_told_who_somebody_is_in_headers_that_nothing_can_break() {
    let board = Board::new();
    let answer = board.get(&mut board.logged_in(), PORTAL, "/auth/verify");
    assert_eq!(answer.status(), 200);
    let told = ["remote-user", "remote-email", "remote-name", "remote-groups", "remote-roles"];
    assert_eq!(
        told.map(|name| header(&answer, name)),
        [
            OLENA,
            OLENA,
            "%D0%9E%D0%BB%D0%B5%D0%BD%D0%B0 Koval",
            "Risk%2C \"North\" %D0%9E%D0%BB%D0%B5%D0%BD%D0%B0",
            ""
        ]
    );
    assert!(
        told.iter().all(|name| answer.headers().contains_key(*name)),
        "also where there is nothing to say"
    );
    assert_eq!(header(&answer, "cache-control"), "no-store");
}

#[test]
fn who_may_is_let_in_until_the_next_request_after_the_grant_was_taken() {
    let board = Board::new();
    let mut olena = board.logged_in();
    assert_eq!(board.get(&mut olena, PORTAL, REPORTS).status(), 200);
    for other in [
        "/auth/verify?permission=risk.view_report",
        "/auth/verify?permission=risk.view_report&company=Globex",
        "/auth/verify?permission=risk.view_report&company=Nowhere",
        "/auth/verify?permission=risk.edit_report&company=Acme",
    ] {
        let answer = board.get(&mut olena, PORTAL, other);
        assert_eq!(answer.status(), 403, "{other}");
        let page = std::str::from_utf8(answer.body()).unwrap().to_owned();
        assert!(page.contains(OLENA) && page.contains("risk."), "who, and what is missing: {page}");
        assert_eq!(header(&answer, "remote-user"), "");
    }
    board.change(|facts| facts.groups.clear());
    assert_eq!(board.get(&mut olena, PORTAL, REPORTS).status(), 403);
    board.change(|facts| facts.superuser = true);
    assert_eq!(board.get(&mut olena, PORTAL, REPORTS).status(), 200);
    let nowhere = "/auth/verify?permission=risk.view_report&company=Nowhere";
    assert_eq!(
        board.get(&mut olena, PORTAL, nowhere).status(),
        403,
        "a company that is not there is nobody's"
    );
    board.change(|facts| facts.active = false);
    assert_eq!(board.get(&mut olena, PORTAL, REPORTS).status(), 401, "s4 with the next request");
}

#[test]
fn what_is_not_understood_is_never_answered_with_yes() {
    let board = Board::new();
    board.change(|facts| facts.superuser = true);
    let mut olena = board.logged_in();
    for question in [
        "permission=risk.no_such",
        "permission=",
        "permission",
        "permision=risk.view_report",
        "permission=risk.view_report&permission=risk.view_report",
        "permission=risk.view_report&company=Acme&company=Globex",
        "permission=risk.view_report&company=",
        "company=Acme",
        "permission=Risk.View_Report",
        "permission=%FF",
        "redirect=yes",
        "redirect=1&redirect=1",
    ] {
        let answer = board.get(&mut olena, PORTAL, &format!("/auth/verify?{question}"));
        assert_eq!((answer.status().as_u16(), header(&answer, "remote-user")), (400, ""), "{question}");
        let nobody = board.get(&mut Visitor::default(), PORTAL, &format!("/auth/verify?{question}"));
        assert_eq!(nobody.status(), 400, "{question}, whoever asks");
    }
    let asked = |headers: &[(&str, &str)], path| {
        board.ask(&mut board.logged_in(), "GET", (PORTAL, path), headers).status()
    };
    let permission = ("permission", "risk.view_report");
    assert_eq!(asked(&[permission, ("company", "Acme")], "/auth/verify"), 200, "in headers as well");
    assert_eq!(asked(&[permission, ("company", "%41cme")], "/auth/verify"), 200, "which are percent-encoded");
    assert_eq!(asked(&[permission, permission], "/auth/verify"), 400);
    assert_eq!(asked(&[permission], REPORTS), 400, "once in all");
    assert_eq!(asked(&[("permission", "risk.no_such")], "/auth/verify"), 400);
    assert_eq!(asked(&[("permission", "")], "/auth/verify"), 400);
    let forged = [("remote-user", "root@acme.example"), ("remote-groups", "Everything")];
    let answer = board.ask(&mut olena, "GET", (PORTAL, "/auth/verify"), &forged);
    assert_eq!(header(&answer, "remote-user"), OLENA, "what somebody says of themselves is not repeated");
}

#[test]
fn nobody_is_led_to_the_login_and_back_within_the_host_that_was_asked() {
    let board = Board::new();
    let mut nobody = Visitor::default();
    let asked = ("x-original-uri", "/reports/?year=2026&q=%D0%9E");
    let answer = board.ask(&mut nobody, "GET", (PORTAL, "/auth/verify"), &[asked]);
    let login = "https://secboard.acme.example/login/?next=/reports/?year=2026%26q=%25D0%259E";
    assert_eq!((answer.status().as_u16(), header(&answer, "location")), (401, login));
    let led = board.ask(
        &mut nobody,
        "GET",
        (PORTAL, "/auth/verify?redirect=1"),
        &[("x-forwarded-uri", "/reports/")],
    );
    let login = "https://secboard.acme.example/login/?next=/reports/";
    assert_eq!((led.status().as_u16(), header(&led, "location")), (302, login));
    for evil in ["https://evil.example/", "//evil.example/", "/\\evil.example"] {
        let answer = board.ask(&mut nobody, "GET", (PORTAL, "/auth/verify"), &[("x-original-uri", evil)]);
        assert_eq!(header(&answer, "location"), "https://secboard.acme.example/login/?next=/", "{evil}");
    }
    board.change(|facts| facts.must_change_password = true);
    let answer = board.get(&mut board.logged_in(), PORTAL, "/auth/verify");
    assert_eq!(answer.status(), 401, "whoever has a step before them is not in");
}

#[test]
fn s10_who_is_logged_in_comes_to_another_site_with_a_cookie_of_its_own() {
    let board = Board::new();
    let mut olena = board.logged_in();
    let before =
        board.ask(&mut olena, "GET", (WIKI, "/.secboard/verify"), &[("x-original-uri", "/page?a=1")]);
    let start = "https://wiki.acme.example/.secboard/start?to=/page%3Fa%3D1";
    assert_eq!((before.status().as_u16(), header(&before, "location")), (401, start));
    assert_eq!(board.follow(&mut olena, start), "https://wiki.acme.example/page?a=1");
    let answer = board.get(&mut olena, WIKI, "/.secboard/verify?permission=risk.view_report&company=Acme");
    assert_eq!((answer.status().as_u16(), header(&answer, "remote-user")), (200, OLENA));
    let kept = |host: &str| olena.0.get(&(host.to_owned(), "__Host-secboard".to_owned())).cloned();
    assert_ne!(kept(WIKI), kept(PORTAL));
    assert_eq!(
        board.follow(&mut olena.clone(), "https://shop.acme.example:8443/.secboard/start"),
        "https://shop.acme.example:8443/"
    );
}

#[test]
fn s10_a_cookie_of_another_site_opens_nothing_but_that_site() {
    let board = Board::new();
    let olena = board.at_wiki();
    let of_wiki = olena.0[&(WIKI.to_owned(), "__Host-secboard".to_owned())].clone();
    let of_portal = olena.0[&(PORTAL.to_owned(), "__Host-secboard".to_owned())].clone();
    let with = |host: &str, value: &str| {
        Visitor(BTreeMap::from([((host.to_owned(), "__Host-secboard".to_owned()), value.to_owned())]))
    };
    for path in [
        "/personal-cabinet/",
        "/update_profile/",
        "/password_change/",
        "/auth/verify",
        "/auth/site?site=wiki.acme.example",
    ] {
        let answer = board.get(&mut with(PORTAL, &of_wiki), PORTAL, path);
        assert!(answer.status() != 200, "{path}: {}", answer.status());
    }
    assert_eq!(
        board.get(&mut with(SHOP, &of_wiki), SHOP, "/.secboard/verify").status(),
        401,
        "nor a third site"
    );
    assert_eq!(
        board.get(&mut with(WIKI, &of_portal), WIKI, "/.secboard/verify").status(),
        401,
        "nor the other way"
    );
    for path in ["/", "/login/", "/personal-cabinet/", "/auth/verify", "/healthy"] {
        assert_eq!(
            board.get(&mut olena.clone(), WIKI, path).status(),
            404,
            "the portal is not there: {path}"
        );
    }
    for path in ["/.secboard/verify", "/.secboard/start", "/.secboard/enter", "/.secboard/logout"] {
        assert_eq!(
            board.get(&mut olena.clone(), PORTAL, path).status(),
            404,
            "and the sites not here: {path}"
        );
    }
    assert_eq!(board.get(&mut olena.clone(), "evil.example", "/.secboard/verify").status(), 400);
}

/// Asks at the portal for a ticket, for a browser that has begun at the wiki; the address that it leads to.
fn ticket(board: &Board, who: &mut Visitor) -> String {
    let started = board.get(who, WIKI, "/.secboard/start?to=/page");
    let place =
        header(&started, "location").strip_prefix("https://secboard.acme.example").unwrap().to_owned();
    let answer = board.get(who, PORTAL, &place);
    header(&answer, "location").strip_prefix("https://wiki.acme.example").unwrap().to_owned()
}

#[test]
fn s10_a_ticket_works_once_soon_in_that_browser_and_for_that_host() {
    let board = Board::new();
    let mut olena = board.logged_in();
    let address = ticket(&board, &mut olena);
    let mut thief = Visitor::default();
    board.get(&mut thief, WIKI, "/.secboard/start");
    assert_eq!(board.get(&mut thief, WIKI, &address).status(), 400, "in another browser");
    assert_eq!(
        board.get(&mut Visitor::default(), WIKI, &address).status(),
        400,
        "in one that has begun nothing"
    );
    assert_eq!(board.get(&mut olena.clone(), SHOP, &address).status(), 400, "at another site");
    let again = olena.clone();
    assert_eq!(board.get(&mut olena, WIKI, &address).status(), 303);
    assert_eq!(board.get(&mut again.clone(), WIKI, &address).status(), 400, "once");
    let mut olena = again;
    let late = ticket(&board, &mut olena);
    board.pass(30);
    let answer = board.get(&mut olena, WIKI, &late);
    assert_eq!(answer.status(), 400, "within half a minute");
    assert!(
        std::str::from_utf8(answer.body()).unwrap().contains("/.secboard/start?to=/page"),
        "and says how to go on"
    );
    for wrong in ["", "?ticket=", "?ticket=x", "?ticket=00&ticket=00"] {
        assert_eq!(board.get(&mut olena, WIKI, &format!("/.secboard/enter{wrong}")).status(), 400, "{wrong}");
    }
}

#[test]
fn s10_the_portal_leads_to_no_site_that_is_not_configured_and_no_site_elsewhere() {
    let board = Board::new();
    let mut olena = board.logged_in();
    let browser = "0".repeat(64);
    for site in ["evil.example", "", "wiki.acme.example.evil.example", "https://wiki.acme.example"] {
        let path = format!("/auth/site?site={site}&browser={browser}&to=/");
        assert_eq!(board.get(&mut olena, PORTAL, &path).status(), 400, "{site}");
    }
    for browser in ["", "00", &"g".repeat(64)] {
        let path = format!("/auth/site?site={WIKI}&browser={browser}&to=/");
        assert_eq!(board.get(&mut olena, PORTAL, &path).status(), 400, "{browser}");
    }
    for evil in ["//evil.example", "https://evil.example/", "/.secboard/logout", "/%0D%0AX:y"] {
        let start = format!("https://wiki.acme.example/.secboard/start?to={evil}");
        assert_eq!(board.follow(&mut board.logged_in(), &start), "https://wiki.acme.example/", "{evil}");
    }
}

#[test]
fn s10_a_login_on_the_way_leads_on_to_the_site() {
    let board = Board::new();
    let mut nobody = Visitor::default();
    let started = board.get(&mut nobody, WIKI, "/.secboard/start?to=/page");
    let place =
        header(&started, "location").strip_prefix("https://secboard.acme.example").unwrap().to_owned();
    let answer = board.get(&mut nobody, PORTAL, &place);
    let login = header(&answer, "location").to_owned();
    assert!(login.starts_with("/login/?next=/auth/site?site=wiki.acme.example%26browser="), "{login}");
    // Somebody logs in there.
    nobody.0.extend(board.logged_in().0);
    assert_eq!(
        board.follow(&mut nobody, &format!("https://{PORTAL}{login}")),
        "https://wiki.acme.example/page"
    );
    let policy = header(&answer, "content-security-policy").to_owned();
    assert!(
        policy.contains("form-action 'self' https://wiki.acme.example https://shop.acme.example:8443;"),
        "{policy}"
    );
}

#[test]
fn s10_the_login_at_a_site_ends_with_that_at_the_portal_and_the_other_way_round() {
    let board = Board::new();
    let mut olena = board.at_wiki();
    board.change(|facts| facts.active = false);
    assert_eq!(board.get(&mut olena, WIKI, "/.secboard/verify").status(), 401);
    board.change(|facts| facts.active = true);
    let mut olena = board.at_wiki();
    board.pass(59 * 60);
    assert_eq!(board.get(&mut olena, WIKI, "/.secboard/verify").status(), 200);
    board.pass(59 * 60);
    assert_eq!(board.get(&mut olena, PORTAL, "/auth/verify").status(), 200, "it was used at the site");
    let page = board.get(&mut olena, WIKI, "/.secboard/logout");
    assert_eq!(page.status(), 200);
    assert_eq!(board.get(&mut olena, WIKI, "/.secboard/verify").status(), 200, "looking ends nothing");
    let foreign =
        board.ask(&mut olena, "POST", (WIKI, "/.secboard/logout"), &[("origin", "https://evil.example")]);
    assert_eq!(foreign.status(), 403);
    let out = board.ask(
        &mut olena,
        "POST",
        (WIKI, "/.secboard/logout"),
        &[("origin", "https://wiki.acme.example")],
    );
    assert_eq!(out.status(), 303);
    assert_eq!(board.get(&mut olena, PORTAL, "/auth/verify").status(), 401);
    let mut third = board.at_wiki();
    board.shell(|cx| {
        let user = user::get(cx, OLENA)?;
        let why = crate::session::Ended::Administrator;
        cx.write(|tx| crate::session::end_all(cx, tx, (user.id, OLENA), None, why))
    });
    assert_eq!(board.get(&mut third, WIKI, "/.secboard/verify").status(), 401);
}
