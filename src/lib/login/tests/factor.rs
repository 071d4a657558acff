//! Second factors as a browser meets them.

use super::*;
use crate::two_factor::tests::{code_of, reset_factor};

pub(super) const SETUP: &str = "/personal-cabinet/2fa/setup/";
pub(super) const VERIFY: &str = "/personal-cabinet/2fa/verify/";
const DISABLE: &str = "/personal-cabinet/2fa/disable/";
const CODES: &str = "/personal-cabinet/2fa/backup-codes/";

/// The secret and the backup codes of who set a second factor up with that browser, which is logged in.
pub(super) fn enrolled(board: &Board, browser: &mut Browser<'_>) -> (String, Vec<String>) {
    assert_eq!(outcome(browser.get(SETUP)), "Scan this with your authenticator app");
    let secret = browser.between(r#"<p class="secret">"#, "</p>").to_owned();
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(browser.get(VERIFY).post(VERIFY, &[("code", &code)])), "Save your backup codes");
    let codes = codes_on(browser);
    // The code that confirmed it is used; the next is good.
    board.pass(30);
    (secret, codes)
}

pub(super) fn codes_on(browser: &Browser<'_>) -> Vec<String> {
    let list = browser.between(r#"<ol class="codes">"#, "</ol>").replace("<li>", "");
    list.split("</li>").filter(|code| !code.trim().is_empty()).map(|code| code.trim().to_owned()).collect()
}

/// A browser in which the password was right, and a code is asked for.
pub(super) fn half_in(board: &Board) -> Browser<'_> {
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, PASSWORD);
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "to /login/2fa/");
    browser
}

pub(super) fn type_code<'a, 'b>(browser: &'a mut Browser<'b>, code: &str) -> &'a mut Browser<'b> {
    browser.get("/login/2fa/").post("/login/2fa/", &[("code", code)])
}

fn messages(board: &Board) -> Vec<String> {
    board.shell(|cx| {
        cx.read(|tx| {
            let mut mails = tx.sql().prepare("SELECT message FROM mails ORDER BY seq")?;
            let mails = mails.query_map([], |row| row.get(0))?;
            Ok(mails.collect::<std::result::Result<_, _>>()?)
        })
    })
}

#[test]
fn a_person_sets_it_up_logs_in_with_it_and_turns_it_off() {
    let board = Board::new();
    let mut browser = board.logged_in();
    browser.get("/personal-cabinet/");
    assert!(browser.page().contains("With it a password alone opens nothing"));
    let before = browser.cookie("__Host-secboard").unwrap().to_owned();
    let (secret, codes) = enrolled(&board, &mut browser);
    assert_eq!(codes.len(), 10);
    assert_ne!(browser.cookie("__Host-secboard").unwrap(), before, "s1: the session has another secret");
    assert!(
        browser.page().len() < 30_000 && browser.page().contains("acme-bank-backup-codes.txt"),
        "{}",
        browser.page()
    );
    browser.get("/personal-cabinet/");
    assert!(browser.page().contains("10 left") && !browser.page().contains(&codes[0]), "shown once");
    for path in [SETUP, VERIFY] {
        assert_eq!(outcome(browser.get(path)), "to /personal-cabinet/", "{path}");
    }
    let mut other = half_in(&board);
    assert_eq!(outcome(type_code(&mut other, "000000")), "422 Enter your code");
    assert!(other.page().contains("Wait for the next code, then type that one"), "{}", other.page());
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(type_code(&mut other, &code)), "to /personal-cabinet/");
    assert_eq!(outcome(other.get("/personal-cabinet/")), "Personal Cabinet");
    assert_eq!(outcome(other.get("/login/2fa/")), "to /personal-cabinet/");
    board.pass(30);
    let code = code_of(&secret, board.clock.now());
    assert_eq!(
        outcome(other.get(DISABLE).post(DISABLE, &[("code", "000000")])),
        "422 Turn off two‑factor authentication?"
    );
    assert_eq!(outcome(other.get(DISABLE).post(DISABLE, &[("code", &code)])), "to /personal-cabinet/");
    assert_eq!(outcome(other.get("/personal-cabinet/")), "Personal Cabinet");
    assert_eq!(outcome(browser.get("/")), "to /login/", "s5: every other session ended");
    board.logged_in();
}

#[test]
fn l7_nothing_opens_between_the_password_and_the_code() {
    let board = Board::new();
    let (secret, _) = enrolled(&board, &mut board.logged_in());
    board.change(|facts| facts.must_change_password = true);
    let logged_in_before = board.olena().last_login_at;
    let mut browser = half_in(&board);
    for path in ["/", "/personal-cabinet/", "/login/again/", "/login/2fa/setup/"] {
        assert_eq!(outcome(browser.get(path)), "to /login/2fa/", "{path}");
    }
    for path in ["/password_change/", DISABLE, CODES, SETUP, VERIFY] {
        assert_eq!(outcome(browser.get(path)), format!("to /login/2fa/?next={path}"));
    }
    assert_eq!(browser.cookie("__Host-known"), None, "nor is the browser known yet");
    assert_eq!(board.olena().last_login_at, logged_in_before);
    let begun = browser.cookie("__Host-secboard").unwrap().to_owned();
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(type_code(&mut browser, &code)), "to /personal-cabinet/");
    assert_ne!(browser.cookie("__Host-secboard").unwrap(), begun);
    assert_eq!(
        outcome(browser.get("/personal-cabinet/")),
        "to /password_change/",
        "and then the forced change"
    );
    assert_eq!(board.olena().last_login_at, logged_in_before);
    let fields = [("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)];
    assert_eq!(
        outcome(browser.get("/password_change/").post("/password_change/", &fields)),
        "to /personal-cabinet/?saved=password"
    );
    assert_eq!(board.olena().last_login_at, Some(board.clock.now()));
    assert!(browser.cookie("__Host-known").is_some());
}

#[test]
fn a_backup_code_lets_in_once_however_it_is_typed() {
    let board = Board::new();
    let (_, codes) = enrolled(&board, &mut board.logged_in());
    let mut browser = half_in(&board);
    browser.get("/login/2fa/?with=backup");
    assert_eq!(browser.heading(), "Use a backup code");
    let typed = codes[0].to_lowercase().replace('0', "O").replace('-', " ");
    assert_eq!(
        outcome(browser.post("/login/2fa/?with=backup", &[("code", &typed)])),
        "to /personal-cabinet/"
    );
    let mut again = half_in(&board);
    assert_eq!(outcome(type_code(&mut again, &codes[0])), "422 Enter your code");
    assert_eq!(outcome(type_code(&mut again, "12345")), "422 Enter your code");
    assert!(again.page().contains("This is no code"));
    assert!(!again.page().contains("12345"), "what was typed is not shown again");
}

#[test]
fn o2_of_many_who_type_one_code_at_once_one_gets_in() {
    let board = Board::new();
    let (secret, codes) = enrolled(&board, &mut board.logged_in());
    for typed in [code_of(&secret, board.clock.now()), codes[3].clone()] {
        let mut browsers: Vec<Browser<'_>> = (0..4).map(|_| half_in(&board)).collect();
        let outcomes: Vec<String> = std::thread::scope(|scope| {
            let tries =
                browsers.iter_mut().map(|browser| scope.spawn(|| outcome(type_code(browser, &typed))));
            let tries: Vec<_> = tries.collect();
            tries.into_iter().map(|each| each.join().unwrap()).collect()
        });
        let led = outcomes.iter().filter(|outcome| *outcome == "to /personal-cabinet/").count();
        assert_eq!(led, 1, "{outcomes:?}");
        board.pass(30);
    }
    assert_eq!(board.olena().second_factor.unwrap().codes_left, 9);
}

#[test]
fn o3_too_many_wrong_codes_are_said_to_who_has_the_password() {
    let board = Board::new();
    let (secret, _) = enrolled(&board, &mut board.logged_in());
    let mut browser = half_in(&board);
    for _ in 0..3 {
        type_code(&mut browser, "000000");
    }
    let code = code_of(&secret, board.clock.now());
    type_code(&mut browser, &code);
    assert!(browser.page().contains("Three were wrong"), "{}", browser.page());
    for _ in 0..7 {
        board.pass(30);
        type_code(&mut browser, "000000");
    }
    assert!(browser.page().contains("Too many wrong codes. From "), "{}", browser.page());
    // From anywhere else too, and the password is taken as ever.
    let mut other = half_in(&board);
    assert_eq!(outcome(type_code(&mut other, &code_of(&secret, board.clock.now()))), "422 Enter your code");
    board.pass(15 * 60);
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(type_code(&mut other, &code)), "to /personal-cabinet/");
}

#[test]
fn o9_what_is_required_is_set_up_before_anything_else_also_in_mid_session() {
    let board = Board::new();
    let mut browser = board.logged_in();
    board.change(|facts| facts.two_factor_required = true);
    for path in ["/personal-cabinet/", "/", "/login/again/", "/login/2fa/"] {
        assert_eq!(outcome(browser.get(path)), "to /login/2fa/setup/", "{path}");
    }
    for path in ["/password_change/", SETUP, CODES, DISABLE] {
        assert_eq!(outcome(browser.get(path)), format!("to /login/2fa/setup/?next={path}"));
    }
    browser.get("/login/2fa/setup/");
    assert!(browser.page().contains("Your administrator asks for a second factor"), "{}", browser.page());
    assert!(browser.page().contains(r#"href="/login/2fa/verify/""#));
    let secret = browser.between(r#"<p class="secret">"#, "</p>").to_owned();
    // The code of an earlier page does not count once the clock is two minutes on, and the page says so.
    let late = code_of(&secret, board.clock.now());
    board.pass(120);
    let verify = "/login/2fa/verify/";
    browser.get(verify).post(verify, &[("code", &late)]);
    assert!(browser.page().contains("2 minutes behind ours"), "{}", browser.page());
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(browser.get(verify).post(verify, &[("code", &code)])), "Save your backup codes");
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
    assert!(browser.page().contains("so it cannot be turned off here"));
    assert_eq!(outcome(browser.get(DISABLE)), "to /personal-cabinet/");
    assert_eq!(outcome(browser.get(verify)), "to /personal-cabinet/");
    // A requirement that is lifted in the middle of a login opens it.
    let max = "max@acme.example";
    board.shell(|cx| {
        let facts = Facts { two_factor_required: true, ..Facts::new(max.to_owned()) };
        create::create(cx, facts, None, false)?;
        password::set_for_tests(cx, max, OTHER)
    });
    let mut browser = board.browser();
    log_in(&mut browser, max, OTHER);
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "to /login/2fa/setup/");
    board.shell(|cx| apply_one(cx, max, &Verb::RequireSecondFactor(false)));
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "Personal Cabinet");
}

#[test]
fn the_factor_that_is_reset_in_mid_session_ends_it_and_the_login_leads_to_another() {
    let board = Board::new();
    let mut browser = board.logged_in();
    enrolled(&board, &mut browser);
    board.change(|facts| facts.two_factor_required = true);
    let reason = Some("phone lost".to_owned());
    let administrator = Visit { reason, ..Visit::of(Actor::system(None), Via::Cli) };
    board.at.site.serve(administrator, |cx| reset_factor(cx, OLENA)).unwrap();
    assert_eq!(outcome(browser.get("/")), "to /login/");
    log_in(&mut browser, OLENA, PASSWORD);
    assert_eq!(outcome(browser.get("/personal-cabinet/")), "to /login/2fa/setup/");
}

#[test]
fn s7_changing_how_one_logs_in_takes_a_fresh_proof_by_password_or_code() {
    let board = Board::new();
    let mut browser = board.logged_in();
    let (secret, codes) = enrolled(&board, &mut browser);
    board.pass(10 * 60);
    let again = format!("/login/again/?next={CODES}");
    assert_eq!(outcome(browser.get(CODES)), format!("to {again}"));
    let by_code = format!("/login/again/?by=code&next={CODES}");
    browser.get(&by_code);
    assert!(browser.page().contains("Please type a code of your authenticator app"), "{}", browser.page());
    assert_eq!(outcome(browser.post(&by_code, &[("code", "000000")])), "422 Confirm that it is you");
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(browser.get(&by_code).post(&by_code, &[("code", &code)])), format!("to {CODES}"));
    assert_eq!(outcome(browser.get(CODES)), "Make new backup codes?");
    assert_eq!(outcome(browser.post(CODES, &[])), "Save your backup codes");
    let new = codes_on(&browser);
    assert!(new.len() == 10 && new.iter().all(|code| !codes.contains(code)));
    let mut other = half_in(&board);
    assert_eq!(outcome(type_code(&mut other, &codes[0])), "422 Enter your code");
    assert_eq!(outcome(type_code(&mut other, &new[0])), "to /personal-cabinet/");
    // Nor is one set up without a proof.
    let board = Board::new();
    let mut browser = board.logged_in();
    board.pass(10 * 60);
    assert_eq!(outcome(browser.get(SETUP)), format!("to /login/again/?next={SETUP}"));
    assert_eq!(outcome(browser.get("/login/again/?by=code")), "Confirm that it is you");
    assert!(!browser.page().contains("code of your"), "who has none is asked for the password alone");
}

/// How many are told of logins without a second factor.
fn told(board: &Board) -> u64 {
    let run = crate::login::upkeep::UNFINISHED.run;
    board.shell(|cx| Ok(run(cx, &|| unreachable!("it opens nothing again"))?.count))
}

#[test]
fn o11_a_right_password_without_its_second_factor_is_told_once_an_hour() {
    let board = Board::new();
    let (secret, _) = enrolled(&board, &mut board.logged_in());
    let mut finished = half_in(&board);
    type_code(&mut finished, &code_of(&secret, board.clock.now()));
    let mut browser = half_in(&board);
    board.pass(3 * 60 - 1);
    assert_eq!(told(&board), 0);
    // Whoever it was goes away.
    browser.get("/login/2fa/").post("/logout/", &[]);
    board.pass(1);
    assert_eq!(told(&board), 1);
    assert_eq!(messages(&board).last().unwrap(), "factor-unfinished");
    half_in(&board);
    board.pass(3 * 60);
    assert_eq!(told(&board), 0, "a mail an hour says enough");
    board.pass(60 * 60);
    half_in(&board);
    board.pass(3 * 60);
    assert_eq!(told(&board), 1);
    board.pass(60 * 60);
    assert_eq!(told(&board), 0);
    let unfinished = board.rows("login").into_iter().filter(|(action, ..)| action == "login.unfinished");
    let unfinished: Vec<_> = unfinished.map(|(_, who, told)| (who, told)).collect();
    assert_eq!(unfinished.len(), 3, "t8: each is in the audit: {unfinished:?}");
    assert!(unfinished.iter().all(|(who, told)| who == OLENA && told.contains("from")), "{unfinished:?}");
}

#[test]
fn o11_who_has_to_set_one_up_is_told_too_when_none_follows_the_password() {
    let board = Board::new();
    board.change(|facts| facts.two_factor_required = true);
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, PASSWORD);
    board.pass(60 * 60 - 1);
    assert_eq!(told(&board), 0, "an app is installed meanwhile, and the secret waits for so long");
    board.pass(1);
    assert_eq!(told(&board), 1);
    assert_eq!(messages(&board).last().unwrap(), "factor-unfinished");
    // Whoever sets it up in time is told of nothing.
    board.pass(60 * 60);
    log_in(&mut browser, OLENA, PASSWORD);
    browser.get("/login/2fa/setup/");
    let secret = browser.between(r#"<p class="secret">"#, "</p>").to_owned();
    let (verify, code) = ("/login/2fa/verify/", code_of(&secret, board.clock.now()));
    assert_eq!(outcome(browser.get(verify).post(verify, &[("code", &code)])), "Save your backup codes");
    board.pass(3 * 60);
    assert_eq!(told(&board), 0);
}

#[test]
fn a_browser_that_was_not_seen_before_is_told_and_a_seen_one_is_not() {
    let board = Board::new();
    let count = |board: &Board| messages(board).iter().filter(|name| *name == "new-browser").count();
    let mut first = board.logged_in();
    assert_eq!(count(&board), 0, "the first login of all is none to tell of");
    first.get("/personal-cabinet/").post("/logout/", &[]);
    log_in(&mut first, OLENA, PASSWORD);
    assert_eq!(count(&board), 0);
    let mut other = board.logged_in();
    assert_eq!(count(&board), 1);
    // Another password makes no new browser of it.
    let fields = [("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)];
    other.get("/password_change/").post("/password_change/", &fields);
    log_in(&mut first, OLENA, OTHER);
    assert_eq!(outcome(&first), "to /personal-cabinet/");
    assert_eq!(count(&board), 1);
    board.shell(|cx| crate::setting::set(cx, "notice.new_browser", "no"));
    let mut third = board.browser();
    log_in(&mut third, OLENA, OTHER);
    assert_eq!((outcome(&third).as_str(), count(&board)), ("to /personal-cabinet/", 1));
}

#[test]
fn m3_what_somebody_does_to_their_own_account_without_end_is_told_at_once_thrice_and_then_summed_up() {
    let board = Board::new();
    board.logged_in();
    for _ in 0..20 {
        board.logged_in();
    }
    assert_eq!(messages(&board)[1..], ["new-browser"; 4], "behind the first password");
    let waits = |board: &Board| {
        let told = "SELECT facts ->> 'more', (due_at - :now) / 60000000 FROM mails WHERE facts ->> 'more' IS NOT NULL";
        let now = board.clock.now().micros();
        board.shell(|cx| {
            cx.read(|tx| Ok(tx.sql().query_row(told, [now], |row| Ok((row.get(0)?, row.get(1)?)))?))
        })
    };
    let counted: (u32, i64) = waits(&board);
    assert_eq!(counted, (16, 60), "one mail tells the last and how many more, in an hour");
    // Another kind is told at once.
    let mut browser = board.logged_in();
    let fields = [("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)];
    browser.get("/password_change/").post("/password_change/", &fields);
    assert_eq!(messages(&board)[5..], ["password-changed"]);
    // What waits is told anew until it leaves, and no mail is added.
    board.pass(2 * 60 * 60);
    let mut late = board.browser();
    log_in(&mut late, OLENA, OTHER);
    assert_eq!((messages(&board).len(), waits(&board)), (6, (18, -60)));
}

#[test]
fn whoever_wanted_to_go_elsewhere_goes_there_after_every_step_of_the_login() {
    let board = Board::new();
    let (secret, _) = enrolled(&board, &mut board.logged_in());
    board.change(|facts| facts.must_change_password = true);
    let wanted = "/personal-cabinet/sessions/?a=1%26b=2";
    let mut browser = board.browser();
    let credentials = [("email", OLENA), ("password", PASSWORD)];
    let login = format!("/login/?next={wanted}");
    browser.get(&login).post(&login, &credentials);
    assert_eq!(outcome(&browser), "to /personal-cabinet/sessions/?a=1&b=2");
    let code_page = "/login/2fa/?next=/personal-cabinet/sessions/";
    assert_eq!(outcome(browser.get("/personal-cabinet/sessions/")), format!("to {code_page}"));
    browser.get(code_page);
    assert!(browser.page().contains(r#"href="?with=backup&#38;next=/personal-cabinet/sessions/""#));
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(browser.post(code_page, &[("code", &code)])), "to /personal-cabinet/sessions/");
    let change = "/password_change/?next=/personal-cabinet/sessions/";
    assert_eq!(outcome(browser.get("/personal-cabinet/sessions/")), format!("to {change}"));
    let fields = [("current_password", PASSWORD), ("new_password", OTHER), ("repeat_password", OTHER)];
    assert_eq!(outcome(browser.get(change).post(change, &fields)), "to /personal-cabinet/sessions/");
    // A login that was left unfinished for too long begins anew, and knows it still.
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, OTHER);
    board.pass(60 * 60);
    assert_eq!(outcome(browser.get(code_page)), "to /login/?next=/personal-cabinet/sessions/");
    // Nobody is led to another site.
    assert_eq!(outcome(browser.get("/login/2fa/?next=//evil.example/")), "to /login/");
}

#[test]
fn whoever_has_to_set_one_up_goes_where_they_wanted_to_afterwards() {
    let board = Board::new();
    board.change(|facts| facts.two_factor_required = true);
    let mut browser = board.browser();
    log_in(&mut browser, OLENA, PASSWORD);
    let setup = "/login/2fa/setup/?next=/personal-cabinet/sessions/";
    assert_eq!(outcome(browser.get("/personal-cabinet/sessions/")), format!("to {setup}"));
    browser.get(setup);
    let verify = "/login/2fa/verify/?next=/personal-cabinet/sessions/";
    assert!(browser.page().contains(&format!(r#"href="{verify}""#)), "{}", browser.page());
    let secret = browser.between(r#"<p class="secret">"#, "</p>").to_owned();
    browser.get(verify);
    assert!(browser.page().contains(&format!(r#"href="{setup}""#)));
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(browser.post(verify, &[("code", &code)])), "Save your backup codes");
    assert!(browser.page().contains(r#"class="button" href="/personal-cabinet/sessions/""#));
}

#[test]
fn a_first_code_that_is_typed_in_two_windows_sets_up_one_factor_and_leads_to_codes_that_can_be_seen() {
    let board = Board::new();
    let mut browser = board.logged_in();
    browser.get(SETUP);
    let secret = browser.between(r#"<p class="secret">"#, "</p>").to_owned();
    let code = code_of(&secret, board.clock.now());
    let mut second = browser.clone();
    second.get(VERIFY);
    browser.get(VERIFY);
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| outcome(second.post(VERIFY, &[("code", &code)])));
        (outcome(browser.post(VERIFY, &[("code", &code)])), other.join().unwrap())
    });
    let shown = [&one, &other].iter().filter(|outcome| **outcome == "Save your backup codes").count();
    assert_eq!(shown, 1, "{one}, {other}");
    let led = if one == "Save your backup codes" { other } else { one };
    assert!([format!("to {CODES}"), "to /login/".to_owned()].contains(&led), "{led}");
    // Or comes after it.
    let mut browser = if browser.cookie("__Host-secboard") == second.cookie("__Host-secboard") {
        panic!("one of them has the secret that the session has now")
    } else if outcome(browser.get(CODES)) == "Make new backup codes?" {
        browser
    } else {
        second
    };
    assert_eq!(outcome(browser.get(CODES).post(VERIFY, &[("code", &code)])), format!("to {CODES}"));
    let messages = messages(&board).into_iter().filter(|name| name == "factor-added").count();
    assert_eq!((messages, board.olena().second_factor.unwrap().codes_left), (1, 10));
}

#[test]
fn new_backup_codes_that_are_asked_for_in_two_windows_at_once_are_made_once() {
    let board = Board::new();
    let mut browser = board.logged_in();
    enrolled(&board, &mut browser);
    let mut second = browser.clone();
    second.get(CODES);
    browser.get(CODES);
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| outcome(second.post(CODES, &[])));
        (outcome(browser.post(CODES, &[])), other.join().unwrap())
    });
    let made = messages(&board).into_iter().filter(|name| name == "backup-codes-made").count();
    assert_eq!(made, 1, "{one}, {other}");
    // The other is led back, or, where the session had its new secret already, to the login.
    let mut outcomes = [one, other];
    outcomes.sort();
    assert_eq!(outcomes[0], "Save your backup codes");
    assert!([format!("to {CODES}"), "to /login/".to_owned()].contains(&outcomes[1]), "{outcomes:?}");
    // A session that was ended meanwhile makes none.
    let mut browser = if browser.page().contains("Save your backup codes") { browser } else { second };
    browser.get(CODES);
    let mut ended = browser.clone();
    browser.get("/personal-cabinet/").post("/logout/", &[]);
    assert_eq!(outcome(ended.post(CODES, &[])), "to /login/");
    assert_eq!(messages(&board).into_iter().filter(|name| name == "backup-codes-made").count(), 1);
}

#[test]
fn s8_no_form_of_the_second_factor_takes_the_token_of_another() {
    let board = Board::new();
    let mut browser = board.logged_in();
    let (secret, _) = enrolled(&board, &mut browser);
    let theirs = board.browser().get("/login/").token();
    let code = code_of(&secret, board.clock.now());
    for path in [DISABLE, CODES] {
        browser.post_alone(path, &[("csrf", &theirs), ("code", &code)]);
        assert_eq!(browser.status(), 422, "{path}");
    }
    assert_eq!(board.olena().second_factor.unwrap().codes_left, 10);
}
