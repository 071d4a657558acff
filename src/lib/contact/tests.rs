//! The contact form, as a browser meets it, and what comes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::context::{Actor, Clock, Via, Visit};
use crate::i18n::checks;
use crate::mail::outbox::{ListFilter as MailFilter, QueuedMail};
use crate::mail::{account as accounts, route, server};
use crate::setting;
use crate::store::Store;
use crate::web::tests::{Browser, TestSite, facts};
use crate::web::{Pages, Routes};

const ROUTES: Routes = &[web::ROUTES];

const ANNA: [(&str, &str); 8] = [
    ("name", "Анна Коваль"),
    ("email", "anna@globex.example"),
    ("company", "Globex"),
    ("phone", "+380 44 123 45 67"),
    ("topic", "support"),
    ("subject", "The report of March"),
    ("message", "Good day,\r\n\r\nit ends in the middle."),
    ("website", ""),
];

/// A clock that is set by hand.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A site with a contact form.
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
        let pages = Pages::new(Arc::clone(&at.site), ROUTES, facts, Box::new(|_| ()));
        Self { at, clock, pages }
    }

    /// One that answers everybody.
    fn answering() -> Self {
        let board = Self::new();
        let folder = board.at.folder.path().to_path_buf();
        board.shell(|cx| {
            let edit = server::Edit { folder: Some(folder.clone()), ..server::Edit::default() };
            server::create(cx, ("out", false), server::ServerKind::File, &edit)?;
            let edit = accounts::Edit {
                server: Some("out".into()),
                from: Some("noreply@acme.example".into()),
                ..accounts::Edit::default()
            };
            accounts::create(cx, "noreply", &edit)?;
            route::set(cx, (None, None), ("noreply", None))
        });
        board.set("contact.auto_reply", "on");
        board.set("contact.auto_reply_subject", "Thank you, {name}");
        board.set("contact.auto_reply_body", "We read \"{subject}\" and answer soon.");
        board.set("contact.auto_reply_address", "help@acme.example");
        board
    }

    fn shell<T>(&self, work: impl FnOnce(&Context) -> Result<T>) -> T {
        self.at.site.serve(Visit::of(Actor::system(None), Via::Cli), work).unwrap()
    }

    fn set(&self, name: &str, value: &str) {
        self.shell(|cx| setting::set(cx, name, value));
    }

    fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// A browser that shows the form, and somebody who has read it.
    fn reader(&self) -> Browser<'_> {
        let mut browser = Browser::new(&self.pages);
        browser.get("/contact/");
        self.pass(10);
        browser
    }

    /// Sends what Anna writes, but for some fields.
    fn write(&self, others: &[(&'static str, &str)]) -> Browser<'_> {
        let mut browser = self.reader();
        browser.post("/contact/", &with(others));
        browser
    }

    fn kept(&self) -> Vec<Received> {
        self.shell(|cx| list(cx, &ListFilter::default()))
    }

    fn mails(&self) -> Vec<QueuedMail> {
        let mut mails = self.shell(|cx| cx.read(|tx| outbox::list(tx, &MailFilter::default())));
        mails.reverse();
        mails
    }

    /// To whom mails went, each with its feature, the oldest first.
    fn told(&self) -> Vec<String> {
        let told = |mail: QueuedMail| format!("{} to {}", mail.feature, mail.to.unwrap());
        self.mails().into_iter().map(told).collect()
    }

    /// What a mail says.
    fn said(&self, mail: &QueuedMail) -> Message {
        self.shell(|cx| cx.read(|tx| outbox::opened(cx, tx, mail))).unwrap().message
    }
}

/// What Anna writes, but for some fields.
fn with<'a>(others: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let mut fields: Vec<(&'static str, &'a str)> = ANNA.to_vec();
    for (name, value) in others {
        fields.iter_mut().filter(|(field, _)| field == name).for_each(|field| field.1 = value);
    }
    fields
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[store::STATEMENTS]);
}

#[test]
fn every_text_is_there_in_each_language_and_said_somewhere() {
    let sayers =
        [include_str!("web.rs"), include_str!("pages/contact.html"), include_str!("pages/sent.html")];
    checks::check(include_str!("text/en.ftl"), include_str!("text/uk.ftl"), &sayers);
}

#[test]
fn what_somebody_writes_is_kept_and_told_to_the_recipients_of_its_topic_and_the_support() {
    let board = Board::new();
    board.set("contact.to_general", "desk@acme.example");
    board.set("contact.to_support", "help@acme.example, it@acme.example");
    board.set("contact.support_email", "IT@acme.example");
    let browser = board.write(&[]);
    assert_eq!((browser.status(), browser.header("location")), (303, "/contact/sent/"));
    let kept = board.kept();
    let [message] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((message.topic, message.mails, message.is_answered), (Topic::Support, 2, false));
    assert_eq!(message.client.as_deref(), Some("192.0.2.7"));
    let (_, text) = board.shell(|cx| get(cx, &message.id));
    assert_eq!(text.as_deref(), Some("Good day,\n\nit ends in the middle."));
    assert_eq!(board.told(), ["contact to help@acme.example", "contact to it@acme.example"]);

    let said = board.said(&board.mails()[0]);
    assert_eq!(said.reply_to().map(Email::as_str), Some("anna@globex.example"), "who wrote is answered");
    board.write(&[("topic", "sales")]);
    assert_eq!(
        board.told()[2..],
        ["contact to desk@acme.example", "contact to IT@acme.example"],
        "a topic without recipients has those of general"
    );
}

#[test]
fn what_was_written_lies_nowhere_in_clear() {
    let board = Board::new();
    board.set("contact.to_general", "desk@acme.example");
    board.write(&[("message", "the word is sesame-open-37")]);
    board.shell(|cx| cx.read(|tx| Ok(tx.sql().execute_batch("PRAGMA wal_checkpoint(FULL)").ok())));
    for name in ["secboard.db", "secboard.db-wal"] {
        let bytes = std::fs::read(board.at.folder.path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(14).any(|part| part == b"sesame-open-37"), "{name}");
    }
}

#[test]
fn what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() {
    let board = Board::new();
    let list = "anna@globex.example, max@globex.example";
    for (field, typed, told) in [
        ("name", "", "Type your name"),
        ("name", "Anna\r\nBcc: all@acme.example", "plain text"),
        ("email", "", "Type your email"),
        ("email", list, "one whole email"),
        ("email", "anna@globex.example\r\nBcc: max@acme.example", "plain text"),
        ("email", "anna", "one whole email"),
        ("topic", "", "Choose a topic"),
        ("topic", "Support", "Choose a topic"),
        ("subject", "", "what it is about"),
        ("subject", "Hi\nTo: all@acme.example", "plain text"),
        ("message", "short", "at least 10"),
        ("message", " \r\n ", "Type your message"),
    ] {
        let browser = board.write(&[(field, typed)]);
        assert_eq!(browser.status(), 422, "{field} {typed:?}");
        assert!(
            browser.between(&format!("id=\"{field}-error\""), "</p>").contains(told),
            "{}",
            browser.page()
        );
        assert!(browser.page().contains("it ends in the middle.") || field == "message", "{field}");
    }
    let long = "x".repeat(4001);
    assert!(board.write(&[("message", &long)]).page().contains("Shorten it to 4000 characters"));
    assert!(board.write(&[("subject", &long)]).page().contains("Shorten it to 150 characters"));
    let doubled = [("name", "Another")].iter().chain(&ANNA).copied().collect::<Vec<_>>();
    let mut browser = board.reader();
    browser.post("/contact/", &doubled);
    assert!(browser.between("id=\"name-error\"", "</p>").contains("Type this again"));
    assert_eq!((board.kept(), board.told()), (Vec::new(), Vec::new()));
    let text = "я".repeat(4000);
    assert_eq!(board.write(&[("message", &text)]).status(), 303, "4,000 letters of any script");
}

#[test]
fn a_program_that_fills_in_what_nobody_sees_is_answered_as_people_are() {
    let board = Board::new();
    board.set("contact.to_general", "desk@acme.example");
    let browser = board.write(&[("website", "https://evil.example")]);
    assert_eq!((browser.status(), browser.header("location")), (303, "/contact/sent/"));
    assert_eq!((board.kept().len(), board.told().len()), (0, 0));
}

#[test]
fn a_form_that_comes_back_at_once_is_asked_for_once_more_and_loses_nothing() {
    let board = Board::new();
    let mut browser = Browser::new(&board.pages);
    browser.get("/contact/");
    board.pass(2);
    browser.post("/contact/", &ANNA);
    assert_eq!(browser.status(), 422);
    assert!(
        browser.page().contains("send it once more") && browser.page().contains("it ends in the middle.")
    );
    assert_eq!(board.kept().len(), 0);
    board.pass(3);
    browser.post("/contact/", &ANNA);
    assert_eq!((browser.status(), board.kept().len()), (303, 1));
}

#[test]
fn a_form_of_another_site_is_not_acted_upon() {
    let board = Board::new();
    let mut browser = Browser::new(&board.pages);
    browser.post_alone("/contact/", &ANNA);
    assert_eq!((browser.status(), board.kept().len()), (422, 0));
}

#[test]
fn t1_from_one_network_five_messages_are_taken_in_ten_minutes_and_twenty_a_day() {
    let board = Board::new();
    let subject = |number: usize| format!("Message {number}");
    for number in 0..5 {
        assert_eq!(board.write(&[("subject", &subject(number))]).status(), 303, "{number}");
    }
    let browser = board.write(&[("subject", "One more")]);
    assert_eq!(browser.status(), 429);
    assert!(browser.page().contains("One more"), "what was typed stays");
    let wait: i64 = browser.header("retry-after").parse().unwrap();
    assert!((500..=600).contains(&wait), "{wait}");
    board.pass(wait);
    assert_eq!(board.write(&[("subject", "After that")]).status(), 303, "once it says so");
    for number in 6..20 {
        board.pass(600);
        assert_eq!(board.write(&[("subject", &subject(number))]).status(), 303, "{number}");
    }
    board.pass(600);
    assert_eq!(board.write(&[("subject", "Twenty-one")]).status(), 429);
    board.pass(24 * 60 * 60);
    assert_eq!(board.write(&[("subject", "Twenty-one")]).status(), 303);
}

#[test]
fn whoever_writes_is_answered_once_a_day_where_the_site_answers() {
    let board = Board::answering();
    board.write(&[]);
    let mails = board.mails();
    let [answer] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(
        (answer.feature.as_str(), answer.to_name.as_deref()),
        ("contact-auto-reply", Some("Анна Коваль"))
    );
    let Message::Free { subject, text, reply_to } = board.said(answer) else { panic!("{answer:?}") };
    assert_eq!(subject, "Thank you, Анна Коваль");
    assert_eq!(text, "We read \"The report of March\" and answer soon.");
    assert_eq!(reply_to.unwrap().as_str(), "help@acme.example");
    assert!(board.kept()[0].is_answered);

    board.write(&[("email", "ANNA@globex.example"), ("subject", "Once more")]);
    assert_eq!(board.mails().len(), 1, "the same mailbox");
    board.write(&[("email", "max@globex.example")]);
    assert_eq!(board.mails().len(), 2);
    board.pass(24 * 60 * 60);
    board.write(&[("subject", "The next day")]);
    assert_eq!(board.mails().len(), 3);
}

#[test]
fn an_answer_repeats_nothing_that_leads_elsewhere() {
    let board = Board::answering();
    board.write(&[("name", "Win at evil.example"), ("subject", "https://evil.example/prize")]);
    let Message::Free { subject, text, .. } = board.said(&board.mails()[0]) else { panic!() };
    assert_eq!(subject, "Thank you, anna@globex.example");
    assert_eq!(text, "We read \"support\" and answer soon.");
}

#[test]
fn no_program_is_answered_and_nothing_comes_back_to_the_site() {
    let board = Board::answering();
    board.set("contact.to_sales", "sales@acme.example");
    board.set("alerts.to", "alerts@acme.example");
    for to in [
        "no-reply@globex.example",
        "MAILER-DAEMON@globex.example",
        "users-request@globex.example",
        "help@acme.example",
        "noreply@acme.example",
        "Sales@acme.example",
        "alerts@acme.example",
    ] {
        board.write(&[("email", to), ("subject", to)]);
        board.pass(3600);
    }
    assert_eq!(board.kept().len(), 7);
    assert_eq!(board.told(), Vec::<String>::new());
}

#[test]
fn an_answer_without_all_it_needs_is_not_sent_and_the_doctor_names_what_is_missing() {
    let board = Board::new();
    board.set("contact.auto_reply", "on");
    board.write(&[]);
    assert_eq!(board.mails().len(), 0);
    let found = board.shell(|cx| cx.read(|tx| doctor::check(cx, tx)));
    let told: Vec<&str> = found.iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(
        told,
        [
            "the answer by the contact form is switched on, and not sent: contact.auto_reply_subject, \
                contact.auto_reply_body, contact.auto_reply_address are missing",
            "the answer by the contact form is switched on, and not sent: no account is to send it",
            "1 open message by the contact form, of which nobody was told: no recipients are set",
        ]
    );
    assert!(found.iter().all(|finding| finding.code == "mail.contact"));
    let answering = Board::answering();
    assert_eq!(answering.shell(|cx| cx.read(|tx| doctor::check(cx, tx))), []);
}

#[test]
fn the_page_says_how_else_the_site_is_reached_in_both_languages() {
    let board = Board::new();
    let mut browser = Browser::new(&board.pages);
    assert_eq!(browser.get("/contact/").heading(), "Contact us");
    assert!(!browser.page().contains("<aside"), "nothing is set");
    for (name, value) in [
        ("contact.address", "1 Example Street <Kyiv>"),
        ("contact.hours", "9:00–18:00"),
        ("contact.phone", "+380 (44) 123-45-67"),
        ("contact.email", "support@acme.example"),
        ("contact.links", "https://acme.example/help/"),
    ] {
        board.set(name, value);
    }
    let aside = browser.get("/contact/?lang=uk").between("<aside", "</aside>").to_owned();
    for shown in [
        "1 Example Street &#60;Kyiv&#62;",
        "9:00–18:00",
        "href=\"tel:+380441234567\"",
        "href=\"mailto:support@acme.example\"",
        "href=\"https://acme.example/help/\" rel=\"noreferrer\">acme.example/help</a>",
        "Години роботи",
    ] {
        assert!(aside.contains(shown), "{shown} is not in {aside}");
    }
    assert_eq!(browser.heading(), "Зв’яжіться з нами");
    assert!(
        browser.page().contains("<a href=\"/contact/\">Контакти</a>"),
        "the foot of each page leads there"
    );
    assert_eq!(browser.get("/contact/sent/").heading(), "Дякуємо, ваше повідомлення в нас");
}

#[test]
fn a_message_is_closed_once_by_whom_it_was_and_told_to_the_audit() {
    let board = Board::new();
    board.write(&[]);
    let id = board.kept()[0].id.clone();
    let closed = board.shell(|cx| close(cx, std::slice::from_ref(&id)));
    assert!(closed[0].1 && closed[0].0.closed.as_ref().unwrap().1 == "system");
    assert!(!board.shell(|cx| close(cx, std::slice::from_ref(&id)))[0].1, "once");
    let mut rows = Vec::new();
    board.shell(|cx| {
        audit::list(cx, &audit::Filter::default(), |row| {
            rows.extend((row.kind == "contact").then_some(row.action));
            Ok(())
        })
    });
    assert_eq!(rows, ["contact.close"]);
    let refused = board.at.site.serve(Visit::of(Actor::system(None), Via::Cli), |cx| {
        close(cx, &[id, "0000000000".to_owned()]).map(drop)
    });
    assert_eq!(refused.unwrap_err().code(), "contact.not_found");
}

#[test]
fn messages_are_for_who_may_view_mails_of_all_companies() {
    use crate::context::CompanyScope;
    use crate::context::for_tests::is_denied;
    let mut cx = Context::for_tests();
    let held: &[(&[&'static str], CompanyScope)] = &[(&["mail.view", "mail.send"], CompanyScope::of([1]))];
    cx.actor = Actor::operator_with(held);
    assert!(is_denied(list(&cx, &ListFilter::default())));
    assert!(is_denied(get(&cx, "7k3m9x2b4d")) && is_denied(close(&cx, &[])));
    cx.actor = Actor::operator_with(&[(&["mail.view"], CompanyScope::All)]);
    assert_eq!(list(&cx, &ListFilter::default()).unwrap(), []);
    assert!(is_denied(close(&cx, &[])));
}

#[test]
fn messages_are_forgotten_after_as_many_days_as_the_site_says() {
    let board = Board::new();
    board.set("contact.keep_days", "30");
    board.write(&[]);
    board.pass(29 * 24 * 60 * 60);
    board.write(&[("subject", "A later one")]);
    board.pass(2 * 24 * 60 * 60);
    assert_eq!(board.shell(upkeep::clean_up), 1);
    assert_eq!(board.kept().iter().map(|kept| kept.subject.as_str()).collect::<Vec<_>>(), ["A later one"]);
    assert_eq!(board.shell(upkeep::clean_up), 0);
}
