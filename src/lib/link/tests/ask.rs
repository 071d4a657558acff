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
    assert_eq!(links.mails(), ["first-login to olena@acme.example"], "whoever has no password resets none");
    links.ask(OLENA);
    assert_eq!(links.mails().len(), 1, "one that waits is as good as another");
    links.set_password(PASSWORD);
    links.ask(OLENA);
    assert_eq!(links.mails().last().unwrap(), "password-reset to olena@acme.example");
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

/// How long it takes to be answered, the median of 200 times for each of [`ASKED`]. The tries come in turn, so that whatever
/// else the machine does meets all of them alike.
fn medians(uri: &str, others: &[(&str, &str)]) -> Vec<std::time::Duration> {
    let links = Links::new();
    let mut browser = Browser::new(&links.pages);
    let mut took = vec![Vec::new(); ASKED.len()];
    for _ in 0..200 {
        for (email, took) in ASKED.iter().zip(&mut took) {
            // A form that is sent again would be answered as it was before.
            let token = browser.get(uri).token();
            let fields = [&[("csrf", token.as_str()), ("email", email)], others].concat();
            let begun = Moment::now();
            browser.post_alone(uri, &fields);
            took.push(begun.elapsed());
            assert_eq!(browser.status(), 303);
            links.pages.settle();
        }
    }
    let median = |took: &mut Vec<_>| {
        took.sort_unstable();
        took[took.len() / 2]
    };
    took.iter_mut().map(median).collect()
}

#[test]
fn t5_the_medians_of_200_asks_lie_within_5_milliseconds_whoever_is_asked_for() {
    let word = [("control_word", "sunflowers in july")];
    for (uri, others) in [("/password_reset/", &[][..]), ("/first_login/", &word)] {
        let medians = medians(uri, others);
        let (least, most) = (medians.iter().min().unwrap(), medians.iter().max().unwrap());
        assert!(most.saturating_sub(*least).as_millis() <= 5, "{uri}: {medians:?}");
    }
}

/// What becomes of one's own asks, each after one for somebody else at the same address: whether a mail comes.
fn own_mails(victims: &[&str], ask: impl Fn(&Context, &str) -> Result<()>) -> Vec<bool> {
    const ME: &str = "maria@acme.example";
    let links = Links::new();
    let word = Secret::new("sunflowers in july".to_owned());
    links.serve(|cx| company::control_word::set(cx, "Acme", &word));
    let (first_name, last_name) = (Some("Maria".to_owned()), Some("Bondar".to_owned()));
    let facts = Facts { company: Some("Acme".into()), first_name, last_name, ..Facts::new(ME.into()) };
    links.serve(|cx| user::create::create(cx, facts, None, false));
    let own = |mails: Vec<String>| mails.iter().filter(|mail| mail.ends_with(ME)).count();
    let mut had = 0;
    let mut came = Vec::new();
    for victim in victims {
        links.serve(|cx| ask(cx, victim));
        links.serve(|cx| ask(cx, ME));
        let has = own(links.mails());
        came.push(has > had);
        had = has;
        // Both were sent, so that others may be.
        links.write(|_, tx| {
            let sql = "UPDATE mails SET state = 'sent', ended_at = 1 WHERE state = 'queued'";
            Ok(tx.sql().execute(sql, [])?)
        });
    }
    came
}

/// Asks for a link.
type Ask<'a> = &'a dyn Fn(&Context, &str) -> Result<()>;

#[test]
fn t5_nothing_is_told_of_others_by_what_becomes_of_ones_own_ask() {
    let word = |cx: &Context, email: &str, word: &str| {
        crate::link::ask::first_login(cx, email, &Secret::new(word.to_owned()))
    };
    let asks: [Ask<'_>; 3] = [
        &|cx, email| crate::link::ask::reset(cx, email),
        &|cx, email| word(cx, email, "sunflowers in july"),
        &|cx, email| {
            let is_own = email.starts_with("maria");
            word(cx, email, if is_own { "sunflowers in july" } else { "sunflowers in June" })
        },
    ];
    for ask in asks {
        let came = ASKED.map(|victim| own_mails(&[victim; 8], ask));
        assert!(came.iter().all(|other| *other == came[0]), "{came:?}");
        assert_eq!(
            came[0].iter().filter(|came| **came).count(),
            3,
            "t3: as many as a person gets in an hour"
        );
    }
}

#[test]
fn t5_nothing_is_told_of_others_by_how_many_of_them_are_asked_for() {
    let came = |email: &dyn Fn(u32) -> String| {
        let links = Links::new();
        for number in 0..120 {
            if number < 100 {
                let facts = Facts::new(format!("person{number}@acme.example"));
                links.serve(|cx| user::create::create(cx, facts, None, false));
            }
            links.serve(|cx| crate::link::ask::reset(cx, &email(number)));
        }
        links.serve(|cx| crate::link::ask::reset(cx, OLENA));
        links.mails().iter().any(|mail| mail.ends_with(OLENA))
    };
    let known = came(&|number| format!("person{number}@acme.example"));
    let unknown = came(&|number| format!("nobody{number}@acme.example"));
    assert_eq!((known, unknown), (false, false));
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
fn p10_guesses_of_a_control_word_are_counted_until_none_from_there_is_looked_at() {
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
    links.set_password(PASSWORD);
    links.write(|_, tx| Ok(tx.sql().execute("UPDATE users SET last_login_at = 1", [])?));
    let word = Secret::new("sunflowers in july".to_owned());
    links.serve(|cx| company::control_word::set(cx, "Acme", &word));
    links.serve(|cx| crate::link::ask::first_login(cx, OLENA, &word));
    assert_eq!(links.mails().last().unwrap(), "password-reset to olena@acme.example");
}
