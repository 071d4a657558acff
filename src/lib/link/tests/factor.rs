//! Links of who has a second factor.

use super::*;
use crate::two_factor::tests::{code_of, enrol};

/// Enrols Olena; the secret of her app, and her backup codes.
fn enrolled(links: &Links) -> (String, Vec<String>) {
    let olena = links.user(OLENA);
    let visit = Visit::of(Actor::oneself(olena.id, OLENA), Via::Cli);
    links.site.site.serve(visit, |cx| Ok(enrol(cx, &olena))).unwrap()
}

fn choose_by<'a, 'b>(
    browser: &'a mut Browser<'b>,
    link: &str,
    (password, code): (&str, &str),
) -> &'a mut Browser<'b> {
    let fields = [("new_password", password), ("repeat_password", password), ("code", code)];
    browser.get(link).post(link, &fields)
}

#[test]
fn l6_l10_a_reset_asks_for_the_second_factor_leaves_it_and_logs_nobody_in() {
    let links = Links::new();
    links.set_password("an-old-good-password");
    let (_, codes) = enrolled(&links);
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    browser.get(&link);
    assert!(browser.page().contains("Your account has a second factor"), "{}", browser.page());
    let before = links.user(OLENA).password_hash;
    choose(browser.get(&link), &link, PASSWORD);
    assert!(browser.status() == 422 && browser.page().contains("Type the code"), "{}", browser.page());
    choose_by(&mut browser, &link, (PASSWORD, "7K3M-9QXT-2VBD-8HRW"));
    assert!(
        browser.status() == 422 && browser.page().contains("The code is not right"),
        "{}",
        browser.page()
    );
    assert_eq!(links.user(OLENA).password_hash, before);
    // A password that is refused uses no code up.
    choose_by(&mut browser, &link, ("short", &codes[0]));
    assert_eq!(browser.status(), 422);
    assert_eq!(links.user(OLENA).second_factor.unwrap().codes_left, 10);
    choose_by(&mut browser, &link, (PASSWORD, &codes[0]));
    assert_eq!((browser.status(), browser.header("location")), (303, "/password_reset/saved/"));
    let olena = links.user(OLENA);
    assert_ne!(olena.password_hash, before);
    assert_eq!(olena.second_factor.unwrap().codes_left, 9, "it is there as before");
    assert_eq!(browser.cookie("__Host-secboard"), None, "l10: the way in leads past the login and its code");
}

#[test]
fn l10_after_the_link_of_whoever_has_a_second_factor_comes_its_challenge() {
    let links = Links::new();
    links.set_password("an-old-good-password");
    let (_, codes) = enrolled(&links);
    let link = links.link(Purpose::Reset);
    let routes: Routes = &[super::super::web::ROUTES, crate::login::web::ROUTES];
    let pages = Pages::new(Arc::clone(&links.site.site), routes, facts, Box::new(|_| ()));
    let mut browser = Browser::new(&pages);
    choose_by(&mut browser, &link, (PASSWORD, &codes[0]));
    assert_eq!(browser.header("location"), "/password_reset/saved/");
    assert_eq!(browser.get("/personal-cabinet/").header("location"), "/login/?next=/personal-cabinet/");
    browser.get("/login/").post("/login/", &[("email", OLENA), ("password", PASSWORD)]);
    assert_eq!(browser.status(), 303, "{}", browser.page());
    assert_eq!(
        browser.get("/personal-cabinet/").header("location"),
        "/login/2fa/",
        "a code that was used at the link is none here"
    );
    browser.get("/login/2fa/").post("/login/2fa/", &[("code", &codes[0])]);
    assert_eq!(browser.status(), 422, "nor is it good twice");
    browser.get("/login/2fa/").post("/login/2fa/", &[("code", &codes[1])]);
    assert_eq!(browser.get("/personal-cabinet/").status(), 200);
}

#[test]
fn l6_whoever_has_the_mailbox_alone_guesses_as_few_codes_as_at_a_login() {
    let links = Links::new();
    links.set_password("an-old-good-password");
    let (secret, _) = enrolled(&links);
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    for _ in 0..3 {
        choose_by(&mut browser, &link, (PASSWORD, "000000"));
    }
    let later =
        links.serve(|cx| Ok(crate::text::instant::Instant::from_micros(cx.now().micros() + 30_000_000)));
    choose_by(&mut browser, &link, (PASSWORD, &code_of(&secret, later)));
    assert!(browser.page().contains("Three were wrong"), "{}", browser.page());
}

#[test]
fn l6_whether_a_password_is_the_one_of_now_is_told_to_whoever_has_a_code_alone() {
    let links = Links::new();
    links.set_password("an-old-good-password");
    let (_, codes) = enrolled(&links);
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    choose_by(&mut browser, &link, ("an-old-good-password", "000000"));
    assert!(browser.page().contains("The code is not right"), "{}", browser.page());
    choose_by(&mut browser, &link, ("an-old-good-password", &codes[0]));
    assert!(browser.page().contains("the password you have now"), "{}", browser.page());
    choose_by(&mut browser, &link, (PASSWORD, &codes[0]));
    assert_eq!(browser.header("location"), "/password_reset/saved/", "the code and the link are not used up");
}

#[test]
fn a_disowned_account_is_let_in_again_by_link_and_code() {
    let links = Links::new();
    links.set_password("an-old-good-password");
    let (_, codes) = enrolled(&links);
    let olena = links.user(OLENA);
    links.write(|cx, tx| user::disown::disown(cx, tx, &olena));
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    choose_by(&mut browser, &link, (PASSWORD, &codes[0]));
    assert_eq!(browser.header("location"), "/password_reset/saved/");
    assert_eq!(links.user(OLENA).disowned_at, None);
}

/// A link by which Olena disowns what the newest mail of that name told of.
fn not_me(links: &Links, message: &str) -> String {
    let mails = links.serve(|cx| cx.read(|tx| outbox::list(tx, &ListFilter::default())));
    let mail = mails.iter().find(|mail| mail.message == message).unwrap().seq;
    let about =
        About { purpose: Purpose::NotMe, user: links.user(OLENA).id, mail: Some(mail), disowns: None };
    let (token, ..) = links.write(|cx, tx| token::make(cx, tx, &about));
    format!("{}{}/", crate::mail::message::links::path(Purpose::NotMe), token.expose())
}

/// The facts of the newest mail of that name, as the store has them.
fn told(links: &Links, message: &str) -> serde_json::Value {
    let facts: String = links.serve(|cx| {
        let sql = "SELECT facts FROM mails WHERE message = ?1 ORDER BY seq DESC LIMIT 1";
        cx.read(|tx| Ok(tx.sql().query_row(sql, [message], |row| row.get(0))?))
    });
    serde_json::from_str(&facts).unwrap()
}

#[test]
fn l9_a_second_factor_that_was_disowned_is_named_wherever_somebody_is_helped() {
    let links = Links::new();
    links.set_password(PASSWORD);
    let root = Facts { superuser: true, ..Facts::new("root@acme.example".into()) };
    links.serve(|cx| user::create::create(cx, root, None, false));
    enrolled(&links);
    let link = not_me(&links, "factor-added");
    let mut browser = Browser::new(&links.pages);
    assert_eq!(browser.get(&link).post(&link, &[]).header("location"), "/not-me/done/");
    let since = serde_json::json!(links.user(OLENA).second_factor.unwrap().enrolled_at);
    for message in ["password-reset", "disowned"] {
        assert_eq!(told(&links, message)["factor"], since, "{message}");
    }
    // The page of the link says whom to ask for help.
    let reset = links.link(Purpose::Reset);
    assert!(browser.get(&reset).page().contains("If it is not yours, call your administrator"));
    // Administrators are told before they let the same person in again.
    let command = format!("secboard two-factor reset '{OLENA}' --reason stolen");
    let held = links.user(OLENA);
    let checks = links.serve(|cx| Ok(user::login::checks(&held, user::login::Moment::of(cx))));
    let why = checks.iter().find(|check| !check.ok).unwrap().hint.said().unwrap();
    assert!(why.contains(&command), "{why}");
    let unlocked = links.serve(|cx| user::bin::unlock(cx, &[OLENA.to_owned()]));
    assert!(unlocked[0].doubt.as_ref().is_some_and(|doubt| doubt.contains(&command)), "{unlocked:?}");
}

#[test]
fn l9_a_second_factor_from_before_what_was_disowned_is_named_too() {
    let links = Links::new();
    links.set_password(PASSWORD);
    enrolled(&links);
    links.write(|_, tx| Ok(tx.sql().execute("UPDATE two_factors SET enrolled_at = enrolled_at - 1", [])?));
    links.set_password("another-good-password");
    let link = not_me(&links, "password-set");
    let mut browser = Browser::new(&links.pages);
    assert_eq!(browser.get(&link).post(&link, &[]).header("location"), "/not-me/done/");
    // Who changed the password may have set it up first.
    let since = serde_json::json!(links.user(OLENA).second_factor.unwrap().enrolled_at);
    assert_eq!(told(&links, "password-reset")["factor"], since);
}
