//! The page of the own profile, as a browser meets it.

use std::sync::Arc;

use crate::audit;
use crate::context::{Actor, Context, Via, Visit};
use crate::error::Result;
use crate::i18n::checks;
use crate::user::{Facts, User, create, password};
use crate::web::tests::{Browser, TestSite, facts};
use crate::web::{Pages, Routes};
use crate::{company, login};

const ROUTES: Routes = &[super::web::ROUTES, login::web::ROUTES];
const OLENA: &str = "olena@acme.example";
const PASSWORD: &str = "correct horse battery";
const PATH: &str = "/update_profile/";

/// A site with Olena of Acme, and with an account that has no profile.
struct Board {
    at: TestSite,
    pages: Pages,
}

impl Board {
    fn new() -> Self {
        let at = TestSite::new();
        let pages = Pages::new(Arc::clone(&at.site), ROUTES, facts, Box::new(|_| ()));
        let board = Self { at, pages };
        board.shell(|cx| {
            company::create(cx, &company::New { name: "Acme".into(), ..company::New::default() }, false)?;
            let facts = Facts {
                first_name: Some("Olena".into()),
                last_name: Some("Koval".into()),
                company: Some("Acme".into()),
                ..Facts::new(OLENA.into())
            };
            create::create(cx, facts, None, false)?;
            create::create(cx, Facts::new("bare@acme.example".into()), None, false)?;
            password::set_for_tests(cx, "bare@acme.example", PASSWORD)?;
            password::set_for_tests(cx, OLENA, PASSWORD)
        });
        board
    }

    fn shell<T>(&self, work: impl FnOnce(&Context) -> Result<T>) -> T {
        self.at.site.serve(Visit::of(Actor::system(None), Via::Cli), work).unwrap()
    }

    fn logged_in(&self, email: &str) -> Browser<'_> {
        let mut browser = Browser::new(&self.pages);
        browser.get("/login/").post("/login/", &[("email", email), ("password", PASSWORD)]);
        assert_eq!(browser.header("location"), "/personal-cabinet/");
        browser
    }

    fn olena(&self) -> User {
        self.shell(|cx| crate::user::get(cx, OLENA))
    }
}

#[test]
fn every_text_is_there_in_each_language_and_said_somewhere() {
    checks::check(
        include_str!("text/en.ftl"),
        include_str!("text/uk.ftl"),
        &[include_str!("web.rs"), include_str!("pages/update.html")],
    );
}

#[test]
fn a_person_changes_their_name_phone_and_language_and_the_audit_has_that_it_was_them() {
    let board = Board::new();
    let mut browser = board.logged_in(OLENA);
    browser.get(PATH);
    assert!(
        browser.page().contains(r#"value="Koval""#) && browser.page().contains("Acme"),
        "{}",
        browser.page()
    );
    assert!(browser.page().len() < 30_000);
    let fields = [
        ("first_name", "Олена"),
        ("last_name", "О'Коваль"),
        ("phone", "+380 44 123 45 67"),
        ("language", "uk"),
    ];
    browser.post(PATH, &fields);
    assert_eq!(browser.header("location"), "/personal-cabinet/?saved=profile&lang=uk");
    browser.get("/personal-cabinet/?saved=profile&lang=uk");
    assert!(
        browser.page().contains("Олена О'Коваль") || browser.page().contains("Олена О&#39;Коваль"),
        "{}",
        browser.page()
    );
    assert!(browser.page().contains("Профіль збережено"));
    let olena = board.olena();
    assert_eq!(olena.facts.phone.as_deref(), Some("+380441234567"));
    assert!(olena.facts.profile_completed && olena.facts.language.as_deref() == Some("uk"));
    let row = board.shell(|cx| cx.read(|tx| Ok(audit::changes_of(tx, "user", olena.id)?.remove(0))));
    assert_eq!((row.action.as_str(), row.actor_id, row.via.as_str()), ("user.edit", Some(olena.id), "web"));
    browser.get(PATH).post(PATH, &[fields[0], fields[1], ("phone", ""), fields[3]]);
    assert_eq!(board.olena().facts.phone, None);
}

#[test]
fn a1_nothing_else_of_the_person_is_changed_by_that_form() {
    let board = Board::new();
    let mut browser = board.logged_in(OLENA);
    let before = board.olena().facts;
    browser.get(PATH).post(
        PATH,
        &[
            ("first_name", "Olena"),
            ("last_name", "Koval"),
            ("phone", ""),
            ("language", "en"),
            ("email", "root@acme.example"),
            ("superuser", "1"),
            ("company", "Other"),
            ("two_factor_required", "0"),
        ],
    );
    assert_eq!(browser.status(), 303);
    let expected = Facts { language: Some("en".into()), profile_completed: true, ..before };
    assert_eq!(board.olena().facts, expected);
}

#[test]
fn what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept() {
    let board = Board::new();
    let mut browser = board.logged_in(OLENA);
    let before = board.olena();
    browser.get(PATH).post(
        PATH,
        &[("first_name", "Ole\u{202e}na"), ("last_name", ""), ("phone", "044 123"), ("language", "xx")],
    );
    assert_eq!(browser.status(), 422);
    for text in [
        "This cannot be a name",
        "Type your last name",
        "This is no phone number",
        "Choose one of the languages",
    ] {
        assert!(browser.page().contains(text), "{text}: {}", browser.page());
    }
    assert!(browser.page().contains(r#"value="044 123""#));
    assert_eq!(board.olena(), before);
    assert_eq!(
        browser.post_alone(PATH, &[("first_name", "Eve"), ("last_name", "X"), ("language", "en")]).status(),
        422
    );
    assert_eq!(board.olena(), before);
}

#[test]
fn an_account_without_a_profile_has_a_language_alone() {
    let board = Board::new();
    let mut browser = board.logged_in("bare@acme.example");
    browser.get(PATH);
    assert!(!browser.page().contains("first_name") && browser.page().contains(r#"name="language""#));
    browser.post(PATH, &[("language", "uk"), ("first_name", "Eve"), ("last_name", "X")]);
    assert_eq!(browser.status(), 303);
    let facts = board.shell(|cx| crate::user::get(cx, "bare@acme.example")).facts;
    assert_eq!(
        (facts.language.as_deref(), facts.first_name, facts.profile_completed),
        (Some("uk"), None, false)
    );
}

#[test]
fn nobody_else_opens_it() {
    let board = Board::new();
    let mut browser = Browser::new(&board.pages);
    assert_eq!(browser.get(PATH).header("location"), "/login/?next=/update_profile/");
    board.shell(|cx| {
        crate::user::bulk::apply_one(cx, OLENA, &crate::user::bulk::Verb::RequireSecondFactor(true))
    });
    let mut browser = board.logged_in(OLENA);
    assert_eq!(browser.get(PATH).header("location"), "/login/2fa/setup/?next=/update_profile/");
}
