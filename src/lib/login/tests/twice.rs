//! Forms of logins that are sent by two clicks: the second is on its way before the first was answered.

use super::factor::{codes_on, enrolled, half_in};
use super::*;
use crate::two_factor::tests::code_of;

const VERIFY: &str = "/personal-cabinet/2fa/verify/";
const CODES: &str = "/personal-cabinet/2fa/backup-codes/";

/// Sends the form that is shown by two clicks. What the browser shows then is the answer to the second, and the cookies are those
/// of it: browsers leave alone what becomes of the first.
fn click_twice(browser: &mut Browser<'_>, uri: &str, fields: &[(&str, &str)]) {
    let mut first = browser.clone();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| {
            first.post(uri, fields);
            (outcome(&first), first.page().to_owned())
        });
        browser.post(uri, fields);
        let (outcome_of_first, page) = first.join().unwrap();
        assert_eq!((outcome(browser), browser.page()), (outcome_of_first, page.as_str()));
    });
}

#[test]
fn o5_two_clicks_on_the_first_code_show_the_backup_codes_and_the_session_goes_on() {
    let board = Board::new();
    let mut wanted = board.logged_in();
    wanted.get("/personal-cabinet/2fa/setup/");
    let secret = wanted.between(r#"<p class="secret">"#, "</p>").to_owned();
    let code = code_of(&secret, board.clock.now());
    wanted.get(VERIFY);
    click_twice(&mut wanted, VERIFY, &[("code", &code)]);
    assert_eq!((outcome(&wanted), codes_on(&wanted).len()), ("Save your backup codes".to_owned(), 10));
    let codes = codes_on(&wanted);
    assert_eq!(outcome(wanted.get("/personal-cabinet/")), "Personal Cabinet");
    let mut other = half_in(&board);
    let with_backup = "/login/2fa/?with=backup";
    other.get(with_backup);
    click_twice(&mut other, with_backup, &[("code", &codes[0])]);
    assert_eq!(outcome(&other), "to /personal-cabinet/");
    assert_eq!(outcome(other.get("/personal-cabinet/")), "Personal Cabinet");
    assert_eq!(board.olena().second_factor.unwrap().codes_left, 9, "one code was used");
}

#[test]
fn o5_two_clicks_where_a_second_factor_is_required_lead_on() {
    let board = Board::new();
    board.shell(|cx| apply_one(cx, OLENA, &Verb::RequireSecondFactor(true)));
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, PASSWORD);
    browser.get("/login/2fa/setup/");
    let secret = browser.between(r#"<p class="secret">"#, "</p>").to_owned();
    browser.get("/login/2fa/verify/");
    let code = code_of(&secret, board.clock.now());
    click_twice(&mut browser, "/login/2fa/verify/", &[("code", &code)]);
    assert_eq!(codes_on(&browser).len(), 10);
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
}

#[test]
fn o6_the_backup_codes_that_two_clicks_show_are_those_that_are_good() {
    let board = Board::new();
    let mut browser = board.logged_in();
    enrolled(&board, &mut browser);
    browser.get(CODES);
    click_twice(&mut browser, CODES, &[]);
    let codes = codes_on(&browser);
    assert_eq!(codes.len(), 10);
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
    let mut other = half_in(&board);
    other.get("/login/2fa/").post("/login/2fa/", &[("code", &codes[0])]);
    assert_eq!(outcome(&other), "to /personal-cabinet/");
}

#[test]
fn p5_two_clicks_change_a_password_once_and_nobody_is_logged_out() {
    let board = Board::new();
    let mut browser = board.logged_in();
    browser.get("/password_change/");
    let fields = [("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)];
    click_twice(&mut browser, "/password_change/", &fields);
    assert_eq!(outcome(&browser), "to /personal-cabinet/?saved=password");
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
}

#[test]
fn t1_two_clicks_on_a_wrong_password_are_one_try_and_on_a_right_one_one_login() {
    let board = Board::new();
    let mut browser = board.browser();
    browser.get("/login/");
    click_twice(&mut browser, "/login/", &[("email", OLENA), ("password", "wrong")]);
    assert_eq!(outcome(&browser), "422 Log in");
    let failures = |board: &Board| {
        let of = |sql: &str| {
            board.shell(|cx| cx.read(|tx| Ok(tx.sql().query_row(sql, [], |row| row.get::<_, i64>(0))?)))
        };
        of("SELECT max(json_array_length(times)) FROM throttle_counters")
    };
    assert_eq!(failures(&board), 1);
    board.pass(60);
    browser.get("/login/");
    click_twice(&mut browser, "/login/", &[("email", OLENA), ("password", PASSWORD)]);
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
    let olena = board.olena().id;
    let sessions = board.shell(|cx| cx.read(|tx| crate::session::of(cx, tx, olena)));
    assert_eq!(sessions.len(), 1);
}
