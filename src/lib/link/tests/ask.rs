//! Who asks for a link, and what comes of it.

use std::time::Instant as Moment;

use super::*;
use crate::throttle;

/// Whoever is asked for: known, unknown, switched off, of a directory.
const ASKED: [&str; 4] = [OLENA, "nobody@acme.example", "petro@acme.example", "daria@acme.example"];

#[test]
fn a_link_to_choose_a_password_goes_to_who_may_log_in_and_to_nobody_else() {
    let links = Links::new();
    for email in ["petro@acme.example", "nobody@acme.example", "olena@globex.example"] {
        links.ask(email);
        assert_eq!(links.mails(), Vec::<String>::new(), "{email}");
    }
    links.ask(" Olena@ACME.example ");
    assert_eq!(links.mails(), ["password-reset to olena@acme.example"]);
    links.ask(OLENA);
    assert_eq!(links.mails().len(), 1, "one that waits is as good as another");
    links.ask("daria@acme.example");
    assert_eq!(links.mails().last().unwrap(), "password-elsewhere to daria@acme.example");
}

#[test]
fn what_is_no_email_is_refused_beside_the_field_and_kept() {
    let links = Links::new();
    let mut browser = Browser::new(&links.pages);
    for (typed, expected) in [("", "Type your email"), ("olena", "Type the whole email")] {
        browser.get("/password_reset/").post("/password_reset/", &[("email", typed)]);
        assert_eq!(browser.status(), 422);
        assert!(browser.between(r#"<p class="error""#, "</p>").contains(expected), "{}", browser.page());
        assert!(browser.page().contains(&format!("value=\"{typed}\"")));
    }
}

#[test]
fn t5_an_ask_is_answered_the_same_whoever_is_asked_for() {
    let links = Links::new();
    let answer = |uri: &str, fields: &[(&str, &str)]| {
        let mut browser = Browser::new(&links.pages);
        browser.get(uri).post(uri, fields);
        let mut headers: Vec<String> = browser
            .shown
            .headers()
            .iter()
            .filter(|(name, _)| *name != "content-security-policy" && *name != "set-cookie")
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        (browser.status(), headers, browser.page().to_owned())
    };
    let resets: Vec<_> = ASKED.iter().map(|email| answer("/password_reset/", &[("email", email)])).collect();
    assert!(resets.iter().all(|reset| *reset == resets[0]), "{resets:?}");
    let word = ("control_word", "sunflowers in july");
    let first: Vec<_> =
        ASKED.iter().map(|email| answer("/first_login/", &[("email", email), word])).collect();
    assert!(first.iter().all(|login| *login == first[0]), "{first:?}");
}

/// The tries come in turn, so that whatever else the machine does meets all of them alike.
#[test]
fn t5_the_medians_of_200_asks_lie_within_5_milliseconds_whoever_is_asked_for() {
    let links = Links::new();
    let mut browser = Browser::new(&links.pages);
    let token = browser.get("/password_reset/").token();
    let mut took = vec![Vec::new(); ASKED.len()];
    for _ in 0..200 {
        for (email, took) in ASKED.iter().zip(&mut took) {
            let begun = Moment::now();
            browser.post_alone("/password_reset/", &[("csrf", token.as_str()), ("email", email)]);
            took.push(begun.elapsed());
            assert_eq!(browser.status(), 303);
            links.pages.settle();
        }
    }
    let medians: Vec<_> = took
        .iter_mut()
        .map(|took| {
            took.sort_unstable();
            took[took.len() / 2]
        })
        .collect();
    let (least, most) = (medians.iter().min().unwrap(), medians.iter().max().unwrap());
    assert!(most.saturating_sub(*least).as_millis() <= 5, "{medians:?}");
}

#[test]
fn t3_a_reset_is_not_held_by_the_failures_of_others_and_ends_the_hold() {
    let links = Links::new();
    links.set_password(PASSWORD);
    let id = links.user(OLENA).id;
    links.write(|cx, tx| {
        let until = crate::text::instant::Instant::from_micros(cx.now().micros() + 900_000_000);
        throttle::hold(cx, tx, id, until)
    });
    assert_eq!(links.user(OLENA).holds.len(), 1);
    links.ask(OLENA);
    assert_eq!(links.mails().last().unwrap(), "password-reset to olena@acme.example");
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    choose(browser.get(&link), &link, "a good long password");
    assert_eq!(browser.status(), 303);
    assert_eq!(links.user(OLENA).holds, []);
}

#[test]
fn t3_nobody_uses_up_the_mails_of_another() {
    let links = Links::new();
    for ask in 0..10 {
        links.ask(OLENA);
        links.pages.settle();
        // Its mail was sent, so that another may be.
        links.write(|_, tx| {
            let sql = "UPDATE mails SET state = 'sent', ended_at = 1 WHERE state = 'queued'";
            Ok(tx.sql().execute(sql, [])?)
        });
        assert_eq!(links.mails().len(), 3.min(ask + 1));
    }
}

#[test]
fn p10_a_control_word_leads_to_a_link_for_people_of_its_company_alone() {
    let links = Links::new();
    let word = "sunflowers in july";
    let ask = |email: &str, word: &str| {
        let mut browser = Browser::new(&links.pages);
        browser.get("/first_login/").post("/first_login/", &[("email", email), ("control_word", word)]);
        assert_eq!(browser.header("location"), "/first_login/done/");
    };
    ask(OLENA, word);
    assert_eq!(links.mails(), Vec::<String>::new(), "the company has none");
    links.serve(|cx| company::control_word::set(cx, "Acme", &Secret::new(word.to_owned())));
    for (email, word) in
        [(OLENA, "sunflowers in June"), ("petro@acme.example", word), ("nobody@acme.example", word)]
    {
        ask(email, word);
        assert_eq!(links.mails(), Vec::<String>::new(), "{email} {word}");
    }
    ask(OLENA, word);
    assert_eq!(links.mails(), ["first-login to olena@acme.example"]);
    let mut browser = Browser::new(&links.pages);
    browser.get("/first_login/").post("/first_login/", &[("email", OLENA)]);
    assert!(browser.page().contains("Type the control word of your company"));
}

#[test]
fn p10_guesses_of_a_control_word_are_counted_until_none_from_there_leads_to_a_mail() {
    let links = Links::new();
    let word = "sunflowers in july";
    links.serve(|cx| company::control_word::set(cx, "Acme", &Secret::new(word.to_owned())));
    for guess in 0..5 {
        let word = Secret::new(format!("wrong word {guess}"));
        links.serve(|cx| crate::link::ask::first_login(cx, OLENA, &word));
    }
    links.serve(|cx| crate::link::ask::first_login(cx, OLENA, &Secret::new(word.to_owned())));
    assert_eq!(links.mails(), Vec::<String>::new());
}

#[test]
fn who_logged_in_before_is_sent_a_link_to_choose_another_password() {
    let links = Links::new();
    links.write(|_, tx| Ok(tx.sql().execute("UPDATE users SET last_login_at = 1", [])?));
    let word = Secret::new("sunflowers in july".to_owned());
    links.serve(|cx| company::control_word::set(cx, "Acme", &word));
    links.serve(|cx| crate::link::ask::first_login(cx, OLENA, &word));
    assert_eq!(links.mails(), ["password-reset to olena@acme.example"]);
}
