//! Sessions: when they end, who ends them, and what no other page may do with them.

use super::super::web::unless_ended;
use super::*;
use crate::session;
use crate::text::secret::Secret;
use crate::web::{GET, Route};

#[test]
fn s4_each_request_asks_again_whether_the_person_may_log_in() {
    let ends: [fn(&Board); 4] = [
        |board| board.change(|facts| facts.active = false),
        |board| board.change(|facts| facts.end_date = Day::parse("2026-11-20").ok()),
        |board| {
            board.change(|facts| facts.end_date = Day::parse("2026-11-21").ok());
            board.pass(24 * 60 * 60 - 1);
        },
        |board| {
            board.shell(|cx| apply_one(cx, OLENA, &Verb::Delete));
        },
    ];
    for (number, end) in ends.into_iter().enumerate() {
        let board = Board::new();
        let mut browser = board.logged_in();
        end(&board);
        assert_eq!(
            outcome(browser.get("/personal-cabinet/")),
            "to /login/?next=/personal-cabinet/",
            "{number}"
        );
    }
}

#[test]
fn s5_another_password_or_email_ends_every_other_session() {
    let board = Board::new();
    let (mut here, mut there) = (board.logged_in(), board.logged_in());
    here.get("/password_change/").post(
        "/password_change/",
        &[("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)],
    );
    assert_eq!(outcome(here.get("/personal-cabinet/")), "Personal Cabinet");
    assert_eq!(outcome(there.get("/")), "to /login/");
    board.shell(|cx| password::set_for_tests(cx, OLENA, PASSWORD));
    assert_eq!(outcome(here.get("/")), "to /login/", "by an administrator");
    let mut here = board.logged_in();
    board.change(|facts| facts.email = "olena.s@acme.example".to_owned());
    assert_eq!(outcome(here.get("/")), "to /login/");
}

#[test]
fn p5_ones_own_change_takes_the_current_password_and_guessing_it_is_held() {
    let board = Board::new();
    let mut browser = board.logged_in();
    let fields =
        |current| [("current_password", current), ("new_password", OTHER), ("repeat_password", OTHER)];
    for _ in 0..10 {
        browser.get("/password_change/").post("/password_change/", &fields("a wrong password"));
        assert_eq!(browser.status(), 422);
        assert!(browser.page().contains("This is not your password"));
        board.pass(10);
    }
    browser.get("/password_change/").post("/password_change/", &fields(PASSWORD));
    assert_eq!(browser.status(), 422, "held");
    board.pass(15 * 60);
    browser.get("/password_change/").post("/password_change/", &fields(PASSWORD));
    assert_eq!(outcome(&browser), "to /personal-cabinet/?saved=password");
    let said = browser.get("/personal-cabinet/?saved=password").page();
    assert!(said.contains("Your password is saved. Everywhere else you were logged out."), "{said}");
}

#[test]
fn s6_a_person_ends_their_other_sessions_and_nobody_elses() {
    let board = Board::new();
    board.shell(|cx| {
        create::create(cx, Facts::new("max@acme.example".to_owned()), None, false)?;
        password::set_for_tests(cx, "max@acme.example", OTHER)
    });
    let (mut here, mut there, mut third) = (board.logged_in(), board.logged_in(), board.logged_in());
    let mut max = board.browser();
    log_in(&mut max, "max@acme.example", OTHER);
    for id in ["4", "1", "404", "x", ""] {
        here.get("/personal-cabinet/").post("/personal-cabinet/sessions/", &[("end", id)]);
    }
    assert_eq!(outcome(max.get("/personal-cabinet/")), "Personal Cabinet");
    assert_eq!(
        outcome(here.get("/personal-cabinet/")),
        "Personal Cabinet",
        "this one is ended by logging out"
    );
    here.post("/personal-cabinet/sessions/", &[("end", "404")]);
    assert_eq!(outcome(&here), "to /personal-cabinet/", "there was none to end");
    here.get("/personal-cabinet/").post("/personal-cabinet/sessions/", &[("end", "2")]);
    assert_eq!(outcome(&here), "to /personal-cabinet/?saved=session");
    assert_eq!(outcome(there.get("/")), "to /login/");
    here.get("/personal-cabinet/").post("/personal-cabinet/sessions/", &[("end", "others")]);
    assert_eq!(outcome(third.get("/")), "to /login/");
    assert_eq!(outcome(here.get("/personal-cabinet/")), "Personal Cabinet");
}

#[test]
fn s7_a_fresh_proof_gives_the_session_another_secret() {
    let board = Board::new();
    let mut browser = board.logged_in();
    let before = browser.cookie("__Host-secboard").unwrap().to_owned();
    let asked = "/login/again/?next=/password_change/";
    assert_eq!(outcome(browser.get(asked)), "to /password_change/", "the proof is fresh");
    board.pass(10 * 60);
    browser
        .get("/login/again/?next=/password_change/")
        .post("/login/again/", &[("password", "a wrong password")]);
    assert_eq!(browser.status(), 422);
    board.pass(1);
    assert_eq!(outcome(browser.get(asked).post(asked, &[("password", PASSWORD)])), "to /password_change/");
    assert_ne!(browser.cookie("__Host-secboard").unwrap(), before);
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
}

#[test]
fn s8_no_form_of_another_page_or_of_nobody_does_anything() {
    let board = Board::new();
    let (mut browser, mut other) = (board.logged_in(), board.logged_in());
    other.get("/personal-cabinet/");
    let theirs = other.token();
    for path in ["/logout/", "/personal-cabinet/sessions/", "/password_change/", "/login/again/"] {
        for token in ["", "forged", theirs.as_str()] {
            browser.post_alone(
                path,
                &[
                    ("csrf", token),
                    ("end", "others"),
                    ("password", PASSWORD),
                    ("current_password", PASSWORD),
                    ("new_password", OTHER),
                    ("repeat_password", OTHER),
                ],
            );
        }
    }
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
    assert_eq!(outcome(other.get("/personal-cabinet/")), "Personal Cabinet");
    board.logged_in();
}

#[test]
fn s9_nothing_personal_is_kept_by_anybody() {
    let board = Board::new();
    let mut browser = board.logged_in();
    for path in ["/personal-cabinet/", "/password_change/", "/login/", "/"] {
        assert_eq!(browser.get(path).header(CACHE_CONTROL), "no-store", "{path}");
    }
}

#[test]
fn of_two_requests_that_find_the_last_step_lifted_one_opens_the_session() {
    let board = Board::new();
    board.change(|facts| facts.must_change_password = true);
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, PASSWORD);
    let token = browser.cookie("__Host-secboard").unwrap().to_owned();
    let user = board.olena();
    board.shell(|cx| {
        cx.write(|tx| {
            // Both have looked before either of them opens it.
            let session = session::find(cx, tx, &token)?.unwrap();
            (0..2).try_for_each(|_| crate::login::open(cx, tx, &session, &user))
        })
    });
    let done = board.rows("login").into_iter().filter(|(action, ..)| action == "login.done");
    assert_eq!(done.count(), 1);
}

/// A page during which the session is ended.
const ENDED: Routes = &[&[Route {
    name: "ended",
    pattern: "/ended/",
    methods: GET,
    handler: |call| unless_ended(call, Err(session::Error::Ended.into())),
}]];

#[test]
fn a_session_that_was_ended_while_it_is_used_leads_to_the_login() {
    let board = Board::new();
    let browser = board.logged_in();
    let token = browser.cookie("__Host-secboard").unwrap().to_owned();
    let failed = board.shell(|cx| {
        let visitor = crate::login::enter(cx, &token)?.unwrap();
        cx.write(|tx| session::end(cx, tx, (&visitor.session, OLENA), session::Ended::Administrator))?;
        let password = Secret::new(PASSWORD.to_owned());
        Ok(visitor.confirm(cx, &password, crate::login::Browser::default()).unwrap_err())
    });
    assert_eq!(failed.code(), "session.ended");
    let pages = Pages::new(Arc::clone(&board.at.site), ENDED, facts, Box::new(|_| ()));
    assert_eq!(outcome(Browser::new(&pages).get("/ended/")), "to /login/?next=/ended/");
}

#[test]
fn s8_a_button_that_is_too_old_says_so_and_does_nothing() {
    let board = Board::new();
    let (mut here, mut there) = (board.logged_in(), board.logged_in());
    let old = here.get("/personal-cabinet/").token();
    here.get("/login/again/");
    board.pass(11 * 60);
    here.get("/login/again/").post("/login/again/", &[("password", PASSWORD)]);
    for (path, fields) in [("/logout/", vec![]), ("/personal-cabinet/sessions/", vec![("end", "others")])] {
        here.post_alone(path, &[&[("csrf", old.as_str())], fields.as_slice()].concat());
        assert_eq!((here.status(), here.heading()), (422, "Personal Cabinet"), "{path}");
        assert_eq!(here.between("<h2 id=\"note\">", "</h2>"), "Please send it once more", "{path}");
        assert_eq!(outcome(here.get(&format!("{path}?lang=uk"))), "to /personal-cabinet/", "{path}");
        here.get("/personal-cabinet/?lang=en");
    }
    assert_eq!(outcome(there.get("/personal-cabinet/")), "Personal Cabinet", "nobody was logged out");
    here.post("/personal-cabinet/sessions/", &[("end", "others")]);
    assert_eq!(outcome(&here), "to /personal-cabinet/?saved=others");
    assert_eq!(outcome(there.get("/")), "to /login/");
}
