//! Logging in as a browser meets it: the pages as a pure function, on a store of their own.

mod cost;
mod factor;
mod rotated;
mod routes;
mod sessions;
mod shown;
mod twice;

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER};
use http::{Method, Request};
use rusqlite::named_params;

use super::web::ROUTES;
use crate::audit;
use crate::context::{Actor, Clock, Context, Via, Visit};
use crate::error::Result;
use crate::i18n::checks;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{Verb, apply_one};
use crate::user::{Facts, User, create, edit, password};
use crate::web::tests::{Browser, TestSite, facts};
use crate::web::{Pages, Routes};

const OLENA: &str = "olena@acme.example";
const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "another good password";
const PAGES: Routes = &[ROUTES];

/// A clock that is set by hand.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A site with Olena, who has a password, and its pages.
struct Board {
    at: TestSite,
    clock: Arc<Hand>,
    pages: Pages,
}

impl Board {
    fn new() -> Self {
        let mut at = TestSite::new();
        let site = Arc::get_mut(&mut at.site).unwrap();
        let began = site.serve(Visit::of(Actor::system(None), Via::Cli), |cx| Ok(cx.now())).unwrap();
        let clock = Arc::new(Hand(AtomicI64::new(began.micros())));
        site.go_by(Arc::clone(&clock) as Arc<dyn Clock>);
        let pages = Pages::new(Arc::clone(&at.site), PAGES, facts, Box::new(|_| ()));
        let board = Self { at, clock, pages };
        board.shell(|cx| {
            create::create(cx, Facts::new(OLENA.to_owned()), None, false)?;
            password::set_for_tests(cx, OLENA, PASSWORD)
        });
        board
    }

    /// Does something as the owner of the store.
    fn shell<T>(&self, work: impl FnOnce(&Context) -> Result<T>) -> T {
        self.at.site.serve(Visit::of(Actor::system(None), Via::Cli), work).unwrap()
    }

    fn browser(&self) -> Browser<'_> {
        Browser::new(&self.pages)
    }

    /// A browser that is logged in.
    fn logged_in(&self) -> Browser<'_> {
        let mut browser = self.browser();
        log_in(&mut browser, OLENA, PASSWORD);
        assert_eq!((browser.status(), browser.header(LOCATION)), (303, "/personal-cabinet/"));
        browser
    }

    fn change(&self, change: impl Fn(&mut Facts)) {
        self.shell(|cx| {
            edit::edit(cx, OLENA, &PhotoChange::Keep, |facts| {
                change(facts);
                Ok(())
            })
        });
    }

    fn olena(&self) -> User {
        self.shell(|cx| crate::user::get(cx, OLENA))
    }

    fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Who did what is told in the rows of that kind, the oldest first.
    fn actors(&self, kind: &str) -> Vec<String> {
        self.shell(|cx| {
            let mut actors = Vec::new();
            audit::list(cx, &audit::Filter::default(), |row| {
                if row.kind == kind {
                    actors.push(row.actor);
                }
                Ok(())
            })?;
            actors.reverse();
            Ok(actors)
        })
    }

    /// The rows of that kind, the oldest first: action, subject and what is told.
    fn rows(&self, kind: &str) -> Vec<(String, String, String)> {
        self.shell(|cx| {
            let mut rows = Vec::new();
            audit::list(cx, &audit::Filter::default(), |row| {
                if row.kind == kind {
                    rows.push((row.action, row.subject, row.after.unwrap_or_default()));
                }
                Ok(())
            })?;
            rows.reverse();
            Ok(rows)
        })
    }
}

fn log_in(browser: &mut Browser<'_>, email: &str, password: &str) {
    browser.get("/login/").post("/login/", &[("email", email), ("password", password)]);
}

/// Where a page leads, or its heading.
fn outcome(browser: &Browser<'_>) -> String {
    match browser.status() {
        303 => format!("to {}", browser.header(LOCATION)),
        200 => browser.heading().to_owned(),
        status => format!("{status} {}", browser.heading()),
    }
}

/// A page without what is new each time: the nonce, the token, and what was typed.
fn page_of(browser: &Browser<'_>, typed: &str) -> String {
    let nonce = browser.between(r#"nonce=""#, "\"").to_owned();
    browser.page().replace(&browser.token(), "TOKEN").replace(&nonce, "NONCE").replace(typed, "TYPED")
}

#[test]
fn every_text_is_there_in_each_language_and_said_somewhere() {
    checks::check(
        include_str!("../text/en.ftl"),
        include_str!("../text/uk.ftl"),
        &[
            include_str!("../web/mod.rs"),
            include_str!("../web/again.rs"),
            include_str!("../web/cabinet.rs"),
            include_str!("../web/code.rs"),
            include_str!("../web/factor.rs"),
            include_str!("../pages/parts.html"),
            include_str!("../pages/code.html"),
            include_str!("../pages/factor-setup.html"),
            include_str!("../pages/factor-verify.html"),
            include_str!("../pages/factor-codes.html"),
            include_str!("../pages/factor-new-codes.html"),
            include_str!("../pages/factor-disable.html"),
            include_str!("../pages/login.html"),
            include_str!("../pages/again.html"),
            include_str!("../pages/cabinet.html"),
            include_str!("../pages/password-change.html"),
        ],
    );
}

#[test]
fn somebody_logs_in_looks_around_and_logs_out() {
    let board = Board::new();
    let mut browser = board.browser();
    assert_eq!(outcome(browser.get("/")), "to /login/");
    assert!(browser.get("/login/").page().contains("spellcheck=\"false\" autofocus"), "{}", browser.page());
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "to /login/?next=/personal-cabinet/");
    log_in(&mut browser, "Olena@ACME.example", PASSWORD);
    assert_eq!(outcome(&browser), "to /personal-cabinet/");
    assert_eq!(outcome(browser.get("/")), "to /personal-cabinet/");
    assert_eq!(outcome(browser.get("/login/")), "to /personal-cabinet/");
    browser.get("/personal-cabinet/");
    assert_eq!(browser.heading(), "Personal Cabinet");
    assert!(browser.page().contains(OLENA) && browser.page().contains("This one"), "{}", browser.page());
    assert!(browser.page().len() < 30_000);
    assert_eq!(board.olena().last_login_at, Some(board.clock.now()));
    assert_eq!(board.rows("login").last().unwrap().0, "login.done");
    assert_eq!(board.actors("login").last().unwrap(), OLENA, "who logged in is who did it");
    assert_eq!(outcome(browser.post("/logout/", &[])), "to /login/");
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "to /login/?next=/personal-cabinet/");
    assert_eq!(board.rows("session").len(), 1);
}

#[test]
fn next_leads_within_the_site_alone() {
    let board = Board::new();
    for (asked, led) in [
        ("/login/?next=/password_change/", "/password_change/"),
        ("/login/?next=//evil.example/", "/personal-cabinet/"),
        ("/login/?next=https://evil.example/", "/personal-cabinet/"),
        ("/login/?next=/%5cevil.example/", "/personal-cabinet/"),
    ] {
        let mut browser = board.browser();
        browser.get(asked).post(asked, &[("email", OLENA), ("password", PASSWORD)]);
        assert_eq!(browser.header(LOCATION), led, "{asked}");
    }
}

#[test]
fn what_is_missing_is_said_beside_its_field_and_what_was_typed_is_kept_but_no_password() {
    let board = Board::new();
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, "");
    assert_eq!(browser.status(), 422);
    assert!(browser.page().contains("Type your password") && browser.page().contains(OLENA));
    log_in(&mut browser, "", PASSWORD);
    assert!(browser.page().contains("Type your email") && !browser.page().contains(PASSWORD));
    assert_eq!(board.rows("login"), []);
}

#[test]
fn t5_whoever_may_not_log_in_is_told_what_everybody_is_told() {
    let board = Board::new();
    let everybody = [
        "unknown@acme.example",
        OLENA,
        "no-password@acme.example",
        "off@acme.example",
        "past@acme.example",
        "bin@acme.example",
    ];
    board.shell(|cx| {
        for email in &everybody[2..] {
            let (mut facts, day) = (Facts::new((*email).to_owned()), Day::parse("2026-11-20").unwrap());
            facts.end_date = (*email == "past@acme.example").then_some(day);
            create::create(cx, facts, None, false)?;
        }
        for email in &everybody[3..] {
            password::set_for_tests(cx, email, PASSWORD)?;
        }
        apply_one(cx, "off@acme.example", &Verb::Deactivate)?;
        apply_one(cx, "bin@acme.example", &Verb::Delete)
    });
    let mut answers = Vec::new();
    for email in everybody {
        let mut browser = board.browser();
        log_in(&mut browser, email, if email == OLENA { "a wrong password" } else { PASSWORD });
        let headers: Vec<String> = browser.shown.headers().keys().map(ToString::to_string).collect();
        answers.push((browser.status(), headers, page_of(&browser, email)));
    }
    assert_eq!(answers[0].0, 422);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
}

#[test]
fn t2_who_is_held_is_told_what_a_wrong_password_is_told_and_no_password_helps() {
    let board = Board::new();
    let mut browser = board.browser();
    let mut answers = Vec::new();
    for _ in 0..10 {
        log_in(&mut browser, OLENA, "a wrong password");
        answers.push((browser.status(), page_of(&browser, OLENA)));
        board.pass(10);
    }
    log_in(&mut browser, OLENA, PASSWORD);
    answers.push((browser.status(), page_of(&browser, OLENA)));
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    board.pass(15 * 60);
    log_in(&mut browser, OLENA, PASSWORD);
    assert_eq!(outcome(&browser), "to /personal-cabinet/");
}

#[test]
fn t1_an_address_that_tries_too_much_is_told_when_to_come_again_and_a_known_browser_goes_on() {
    let board = Board::new();
    let mut known = board.logged_in();
    known.get("/personal-cabinet/").post("/logout/", &[]);
    let mut browser = board.browser();
    for number in 0..30 {
        log_in(&mut browser, &format!("nobody{number}@acme.example"), "a wrong password");
        assert_eq!(browser.status(), 422, "{number}");
    }
    log_in(&mut browser, OLENA, PASSWORD);
    assert_eq!((browser.status(), browser.header(RETRY_AFTER)), (429, "601"));
    assert!(browser.page().contains("Too many tries from your network"));
    log_in(&mut known, OLENA, PASSWORD);
    assert_eq!(outcome(&known), "to /personal-cabinet/");
}

#[test]
fn t1_whoever_is_logged_in_is_told_too_when_to_come_again() {
    let board = Board::new();
    let mut browser = board.logged_in();
    browser.forget_cookie("__Host-known");
    board.pass(400);
    let mut other = board.browser();
    for number in 0..30 {
        log_in(&mut other, &format!("nobody{number}@acme.example"), "a wrong password");
    }
    let fields = [("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)];
    browser.get("/password_change/").post("/password_change/", &fields);
    assert_eq!((browser.status(), browser.header(RETRY_AFTER)), (429, "601"));
    board.pass(200);
    browser.get("/login/again/").post("/login/again/", &[("password", PASSWORD)]);
    assert_eq!((browser.status(), browser.header(RETRY_AFTER)), (429, "401"));
}

#[test]
fn t8_what_is_typed_for_nobody_is_in_no_row_and_nowhere_in_the_store() {
    let board = Board::new();
    let mut browser = board.browser();
    log_in(&mut browser, "my secret word", "a wrong password");
    let rows = board.rows("login");
    assert_eq!(rows, [("login.failed".to_owned(), "an unknown account".to_owned(), String::new())]);
    for entry in std::fs::read_dir(board.at.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        assert!(!holds(b"my secret word") && !holds(b"a wrong password"));
    }
}

#[test]
fn p6_a_hash_of_django_is_made_anew_at_the_first_login() {
    let board = Board::new();
    let of_django = "pbkdf2_sha256$1000$saltsaltsalt$/hsTjUM/5SSgsTVxKDoDSp6ReeOTiulcbR0tf1Ce3gs=";
    let stored = |board: &Board| board.olena().password_hash.unwrap().expose().to_owned();
    board.shell(|cx| {
        cx.write(|tx| {
            let sql = "UPDATE users SET password_hash = :hash WHERE email = :email";
            tx.sql().execute(sql, named_params! { ":hash": of_django, ":email": OLENA })?;
            Ok(())
        })
    });
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, "a wrong password");
    assert_eq!(stored(&board), of_django);
    board.pass(1);
    log_in(&mut browser, OLENA, "an old password");
    assert_eq!(outcome(&browser), "to /personal-cabinet/");
    assert!(stored(&board).starts_with("$argon2id$"));
    let mut again = board.browser();
    log_in(&mut again, OLENA, "an old password");
    assert_eq!(outcome(&again), "to /personal-cabinet/");
}

#[test]
fn l7_a_forced_change_comes_before_everything_else() {
    let board = Board::new();
    board.change(|facts| facts.must_change_password = true);
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, PASSWORD);
    assert_eq!(board.olena().last_login_at, None, "they are not in yet");
    for path in ["/personal-cabinet/", "/", "/login/again/", "/login/2fa/setup/"] {
        assert_eq!(outcome(browser.get(path)), "to /password_change/", "{path}");
    }
    browser.get("/password_change/");
    assert_eq!(browser.heading(), "Choose a new password to go on");
    let forced = browser.cookie("__Host-secboard").unwrap().to_owned();
    let all = |new| [("current_password", PASSWORD), ("new_password", new), ("repeat_password", new)];
    browser.post("/password_change/", &all(PASSWORD));
    assert!(browser.page().contains("This is the password that you have now"), "{}", browser.page());
    browser.post("/password_change/", &all("short"));
    assert!(browser.page().contains("Take at least 8 characters"));
    for (repeated, said) in
        [("other", "This is not the same as the new password"), ("", "Type the new password once more")]
    {
        let fields =
            [("current_password", PASSWORD), ("new_password", "short"), ("repeat_password", repeated)];
        browser.post("/password_change/", &fields);
        let all = ["Take at least 8 characters", said];
        assert!(all.iter().all(|said| browser.page().contains(said)), "both at once: {}", browser.page());
    }
    assert_eq!(
        outcome(browser.post("/password_change/", &all(OTHER))),
        "to /personal-cabinet/?saved=password"
    );
    assert_ne!(browser.cookie("__Host-secboard").unwrap(), forced, "s1: another secret once it is whole");
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
    assert_eq!(board.olena().last_login_at, Some(board.clock.now()));
}

#[test]
fn a_login_that_is_half_done_ends_with_the_account() {
    let board = Board::new();
    board.change(|facts| facts.must_change_password = true);
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, PASSWORD);
    browser.get("/password_change/");
    board.change(|facts| facts.active = false);
    let fields = [("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)];
    assert_eq!(outcome(browser.post("/password_change/", &fields)), "to /login/");
    let mut late = board.browser();
    late.get("/login/");
    board.change(|facts| facts.active = true);
    late.post("/login/", &[("email", OLENA), ("password", PASSWORD)]);
    assert_eq!(outcome(&late), "to /personal-cabinet/");
}

/// Whether a type can be written to a log by its `Debug`.
struct Written<T>(std::marker::PhantomData<T>);

impl<T: std::fmt::Debug> Written<T> {
    const CAN_BE: bool = true;
}

trait Unwritten {
    const CAN_BE: bool = false;
}

impl<T> Unwritten for Written<T> {}

#[test]
fn t8_what_was_typed_and_what_a_browser_keeps_cannot_be_written_to_a_log() {
    use crate::throttle::{Account, LoginTry};
    use crate::user::proof::Claim;
    let can_be = [
        Written::<&str>::CAN_BE,
        Written::<Claim<'static>>::CAN_BE,
        Written::<Account<'static>>::CAN_BE,
        Written::<LoginTry<'static>>::CAN_BE,
        Written::<crate::login::Browser<'static>>::CAN_BE,
    ];
    assert_eq!(can_be, [true, false, false, false, false], "a text can, and they cannot");
}
