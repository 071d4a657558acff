//! The pages of links, as a browser meets them, and what comes of them.

use std::sync::{Arc, Mutex};

use http::{Method, Request};

use crate::company;
use crate::context::{Actor, Context, Via, Visit};
use crate::error::Result;
use crate::mail::outbox::{self, ListFilter};
use crate::store::Tx;
use crate::text::secret::Secret;
use crate::token::{self, About, Purpose};
use crate::user::bulk::{self, Verb};
use crate::user::{self, Facts, User};
use crate::web::tests::{Browser, TestSite, facts};
use crate::web::{Pages, Routes};

mod ask;
mod disown;
mod factor;
mod routes;
mod twice;

const ROUTES: Routes = &[super::web::ROUTES];

const OLENA: &str = "olena@acme.example";

const PASSWORD: &str = "harbour-violet-anvil";

/// A site with people of `Acme`: Olena, who may log in; Petro, whose account is switched off; and Daria, whose password a
/// directory keeps.
struct Links {
    site: TestSite,
    pages: Pages,
    /// Routes and failures, as they were logged.
    log: Arc<Mutex<Vec<String>>>,
}

impl Links {
    fn new() -> Self {
        let site = TestSite::new();
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let into = Arc::clone(&log);
        let pages = Pages::new(
            Arc::clone(&site.site),
            ROUTES,
            facts,
            Box::new(move |served| {
                let failure = served.failure.as_ref().map(ToString::to_string);
                into.lock().unwrap().push(format!("{} {} {failure:?}", served.route, served.status));
            }),
        );
        let links = Self { site, pages, log };
        links.serve(|cx| {
            company::create(cx, &company::New { name: "Acme".into(), ..company::New::default() }, false)?;
            for (email, first) in
                [(OLENA, "Olena"), ("petro@acme.example", "Petro"), ("daria@acme.example", "Daria")]
            {
                let facts = Facts {
                    first_name: Some(first.into()),
                    last_name: Some("Koval".into()),
                    company: Some("Acme".into()),
                    active: first != "Petro",
                    ..Facts::new(email.into())
                };
                user::create::create(cx, facts, None, false)?;
            }
            cx.write(|tx| {
                let sql = "UPDATE users SET origin = 'directory' WHERE email = 'daria@acme.example'";
                Ok(tx.sql().execute(sql, [])?)
            })
        });
        links
    }

    fn serve<T>(&self, work: impl FnOnce(&Context) -> Result<T>) -> T {
        self.site.site.serve(Visit::of(Actor::system(None), Via::Cli), work).unwrap()
    }

    fn write<T>(&self, work: impl FnOnce(&Context, &Tx<'_>) -> Result<T>) -> T {
        self.serve(|cx| cx.write(|tx| work(cx, tx)))
    }

    fn user(&self, email: &str) -> User {
        self.serve(|cx| cx.read(|tx| user::with_email(tx, email))).unwrap()
    }

    /// A link to Olena, as its mail has it.
    fn link(&self, purpose: Purpose) -> String {
        self.link_about(purpose, None)
    }

    fn link_about(&self, purpose: Purpose, disowns: Option<i64>) -> String {
        let about = About { purpose, user: self.user(OLENA).id, mail: None, disowns };
        let (token, ..) = self.write(|cx, tx| token::make(cx, tx, &about));
        format!("{}{}/", crate::mail::message::links::path(purpose), token.expose())
    }

    fn has_password(&self) -> bool {
        self.user(OLENA).password_hash.is_some()
    }

    fn set_password(&self, password: &str) {
        self.serve(|cx| {
            let password = Secret::new(password.to_owned());
            user::password::set(cx, OLENA, &password, user::password::MustChange::Yes)
        });
    }

    /// The messages that were queued, and to whom, the oldest first.
    fn mails(&self) -> Vec<String> {
        self.pages.settle();
        let mails = self.serve(|cx| cx.read(|tx| outbox::list(tx, &ListFilter::default())));
        mails
            .iter()
            .rev()
            .map(|mail| format!("{} to {}", mail.message, mail.to.as_deref().unwrap()))
            .collect()
    }

    /// Asks for a link to choose another password.
    fn ask(&self, email: &str) {
        let mut browser = Browser::new(&self.pages);
        browser.get("/password_reset/").post("/password_reset/", &[("email", email)]);
        assert_eq!(browser.header("location"), "/password_reset/done/");
    }
}

#[test]
fn a_link_that_a_mail_program_damaged_works_where_it_can_and_gets_the_page_that_helps_where_not() {
    let links = Links::new();
    let link = links.link(Purpose::Reset);
    let without_slash = link.trim_end_matches('/');
    let mut browser = Browser::new(&links.pages);
    for mark in ["%3E", ")", ".", "%3E.", ")%2C"] {
        browser.get(&format!("{link}{mark}"));
        assert_eq!((browser.status(), browser.header("location")), (303, link.as_str()), "{mark}");
        let with_slash = format!("{without_slash}{mark}/");
        browser.get(&format!("{without_slash}{mark}"));
        assert_eq!((browser.status(), browser.header("location")), (308, with_slash.as_str()), "{mark}");
        assert_eq!(browser.get(&with_slash).heading(), "Choose your password", "{mark}");
    }
    for purpose in [Purpose::Reset, Purpose::Invite, Purpose::FirstLogin, Purpose::NotMe] {
        let link = links.link(purpose);
        for damaged in [link.to_ascii_uppercase(), format!("{link}and")] {
            browser.get(&damaged);
            assert_eq!(browser.status(), 404);
            assert!(browser.page().contains("Get a new link"), "{damaged}: {}", browser.page());
        }
        browser.get(link.to_ascii_uppercase().trim_end_matches('/'));
        assert_eq!(browser.status(), 308);
    }
}

/// Gives Olena's account a language.
fn set_language(links: &Links, language: &str) {
    links.write(|_, tx| {
        Ok(tx.sql().execute("UPDATE users SET language = ?1 WHERE email = ?2", [language, OLENA])?)
    });
}

#[test]
fn a_link_is_read_in_the_language_of_its_owner_unless_the_browser_has_another_that_was_chosen() {
    let links = Links::new();
    set_language(&links, "uk");
    for purpose in [Purpose::Reset, Purpose::Invite, Purpose::FirstLogin] {
        let link = links.link(purpose);
        let mut browser = Browser::new(&links.pages);
        assert_eq!(browser.get(&link).between("<html lang=\"", "\""), "uk", "{link}");
        let of_other = browser.get(&format!("{link}?lang=en")).between("<html lang=\"", "\"").to_owned();
        assert_eq!(of_other, "en", "chosen here");
        assert_eq!(browser.get(&link).between("<html lang=\"", "\""), "en", "and remembered");
        let mut browser = Browser::new(&links.pages);
        choose(browser.get(&link), &link, &format!("{PASSWORD} {purpose:?}"));
        assert_eq!(browser.header("location"), "/password_reset/saved/?in=uk");
        let saved = browser.get("/password_reset/saved/?in=uk").between("<html lang=\"", "\"").to_owned();
        assert_eq!(saved, "uk", "the page behind it knows nobody");
        assert_eq!(browser.get("/login/").between("<html lang=\"", "\""), "en", "which nobody chose");
        assert_eq!(
            browser.get(&link).between("<html lang=\"", "\""),
            "en",
            "it works no longer: nobody is known"
        );
    }
    let link = links.link(Purpose::NotMe);
    let mut browser = Browser::new(&links.pages);
    assert_eq!(browser.get(&link).between("<html lang=\"", "\""), "uk");
    browser.post(&link, &[]);
    assert_eq!(browser.header("location"), "/not-me/done/?in=uk");
}

/// Fills in the two fields of a password.
fn choose<'a, 'b>(browser: &'a mut Browser<'b>, link: &str, password: &str) -> &'a mut Browser<'b> {
    browser.post(link, &[("new_password", password), ("repeat_password", password)])
}

#[test]
fn l5_opening_a_link_changes_nothing_and_its_form_uses_it_up() {
    let links = Links::new();
    for purpose in [Purpose::Reset, Purpose::Invite, Purpose::FirstLogin] {
        let link = links.link(purpose);
        let mut browser = Browser::new(&links.pages);
        for method in [Method::GET, Method::HEAD].into_iter().cycle().take(20) {
            let request = Request::builder().method(method).uri(&link).body(bytes::Bytes::new()).unwrap();
            assert_eq!(browser.send(request).status(), 200, "{purpose:?}");
        }
        let password = format!("{PASSWORD} {purpose:?}");
        choose(browser.get(&link), &link, &password);
        assert_eq!((browser.status(), browser.header("location")), (303, "/password_reset/saved/"));
        assert_eq!(browser.get("/password_reset/saved/").status(), 200);
        assert_eq!(browser.get(&link).heading(), "This link no longer works", "{purpose:?}");
        choose(&mut browser, &link, "another-good-password");
        assert_eq!(browser.status(), 404);
    }
}

#[test]
fn l5_only_a_form_with_its_token_uses_a_link_up() {
    let links = Links::new();
    let link = links.link(Purpose::Reset);
    let fields = [("new_password", PASSWORD), ("repeat_password", PASSWORD)];
    let mut browser = Browser::new(&links.pages);
    assert_eq!(browser.post_alone(&link, &fields).status(), 422);
    let mut other = Browser::new(&links.pages);
    let stolen = other.get(&link).token();
    browser.get(&link).post_alone(&link, &[&[("csrf", stolen.as_str())], fields.as_slice()].concat());
    assert_eq!(browser.status(), 422, "it is bound to another browser");
    assert!(!links.has_password());
    let not_me = links.link(Purpose::NotMe);
    assert_eq!(browser.post_alone(&not_me, &[]).status(), 422);
    assert_eq!(links.user(OLENA).disowned_at, None);
}

#[test]
fn l5_of_two_who_use_a_link_at_once_one_does() {
    let links = Links::new();
    let link = links.link(Purpose::Reset);
    let locations: Vec<String> = std::thread::scope(|scope| {
        let tabs: Vec<_> = ["first", "second"]
            .into_iter()
            .map(|tab| {
                let (links, link) = (&links, link.as_str());
                scope.spawn(move || {
                    let mut browser = Browser::new(&links.pages);
                    choose(browser.get(link), link, &format!("{PASSWORD} {tab}"));
                    browser.header("location").to_owned()
                })
            })
            .collect();
        tabs.into_iter().map(|tab| tab.join().unwrap()).collect()
    });
    assert_eq!(locations.iter().filter(|location| *location == "/password_reset/saved/").count(), 1);
    assert_eq!(locations.iter().filter(|location| location.is_empty()).count(), 1);
}

#[test]
fn every_link_that_does_not_work_is_answered_by_one_page_that_helps() {
    let links = Links::new();
    let good = links.link(Purpose::Reset);
    let token = good.split('/').nth(2).unwrap();
    let old = links.link(Purpose::Invite);
    links.write(|_, tx| {
        let sql = "UPDATE tokens SET expires_at = made_at, made_at = made_at - 1 WHERE purpose = 'invite'";
        Ok(tx.sql().execute(sql, [])?)
    });
    let newest = links.link(Purpose::FirstLogin);
    let replaced = newest.clone();
    links.link(Purpose::FirstLogin);
    let mut browser = Browser::new(&links.pages);
    let mut pages = Vec::new();
    for link in [
        format!("/reset/{}/", "0".repeat(52)),
        format!("/invite/{token}/"),
        format!("/first_login/{token}/"),
        format!("/not-me/{token}/"),
        format!("/reset/{}/", &token[..40]),
        format!("/reset/{}/", token.to_ascii_uppercase()),
        format!("/reset/{token}x/"),
        "/reset/%00/".to_owned(),
        old,
        replaced,
    ] {
        browser.get(&link);
        assert_eq!((browser.status(), browser.heading()), (404, "This link no longer works"), "{link}");
        assert!(browser.page().contains(r#"href="/password_reset/""#), "{link}");
        pages.push(browser.between("<main", "</main>").to_owned());
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    assert_eq!(browser.get(&good).status(), 200);
    assert_eq!(
        browser.get(&format!("/reset/{token}")).status(),
        308,
        "a slash that was taken away is given back"
    );
}

#[test]
fn a_password_that_is_refused_leaves_the_link_good_and_says_why_beside_the_field() {
    let links = Links::new();
    links.set_password(PASSWORD);
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    browser.get(&link);
    for (new, repeated, expected) in [
        ("short", "short", "This password has 5 characters. It needs at least 8."),
        ("password1", "password1", "This password is one of the most used ones."),
        ("olena12345", "olena12345", "This password is little more than your name"),
        (PASSWORD, PASSWORD, "This is the password you have now."),
        ("", "", "Type the new password"),
        ("a good long password", "another", "This is not the same as the new password"),
        ("a good long password", "", "Type the new password once more"),
        (&"x".repeat(129), &"x".repeat(129), "This password is too long."),
    ] {
        browser.post(&link, &[("new_password", new), ("repeat_password", repeated)]);
        assert_eq!(browser.status(), 422, "{expected}");
        assert!(browser.between(r#"<p class="error""#, "</p>").contains(expected), "{}", browser.page());
        assert!(browser.between("<title>", "</title>").starts_with("Error: "));
        assert!(new.is_empty() || !browser.page().contains(new), "what was typed is not shown again");
        assert!(browser.page().contains(&format!("value=\"{OLENA}\" autocomplete=\"username\"")));
    }
    for (repeated, said) in
        [("another", "This is not the same as the new password"), ("", "Type the new password once more")]
    {
        browser.post(&link, &[("new_password", "short"), ("repeat_password", repeated)]);
        let all = ["This password has 5 characters", said];
        assert!(all.iter().all(|said| browser.page().contains(said)), "both at once: {}", browser.page());
    }
    choose(&mut browser, &link, "a good long password");
    assert_eq!(browser.header("location"), "/password_reset/saved/");
}

#[test]
fn whoever_has_no_password_yet_is_told_nothing_of_another_one() {
    let links = Links::new();
    let mut browser = Browser::new(&links.pages);
    for purpose in [Purpose::Reset, Purpose::Invite, Purpose::FirstLogin] {
        let link = links.link(purpose);
        assert_eq!(browser.get(&link).heading(), "Choose your password", "{purpose:?}");
        let (page, words) = (browser.page(), ["have now", "logged out", "reset"]);
        assert!(!words.iter().any(|word| page.to_lowercase().contains(word)), "{page}");
    }
    links.set_password(PASSWORD);
    assert_eq!(browser.get(&links.link(Purpose::Reset)).heading(), "Choose a new password");
    assert!(browser.page().contains("not the one you have now"));
}

#[test]
fn l4_choosing_a_password_ends_every_link_and_a_forced_change_and_tells_the_person() {
    let links = Links::new();
    links.set_password(PASSWORD);
    assert!(links.user(OLENA).facts.must_change_password);
    let (link, other, not_me) =
        (links.link(Purpose::Reset), links.link(Purpose::FirstLogin), links.link(Purpose::NotMe));
    let mut browser = Browser::new(&links.pages);
    choose(browser.get(&link), &link, "a good long password");
    for ended in [&link, &other, &not_me] {
        assert_eq!(browser.get(ended).status(), 404);
    }
    assert!(!links.user(OLENA).facts.must_change_password);
    assert_eq!(links.mails().last().unwrap(), "password-changed to olena@acme.example");
}

#[test]
fn l6_a_reset_logs_nobody_in() {
    let links = Links::new();
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    choose(browser.get(&link), &link, PASSWORD);
    let cookies: Vec<&str> = browser
        .shown
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split('=').next().unwrap())
        .collect();
    assert!(cookies.iter().all(|cookie| cookie.contains("form")), "{cookies:?}");
    assert_eq!(links.user(OLENA).last_login_at, None);
}

#[test]
fn l7_who_may_not_log_in_any_more_can_use_no_link() {
    let links = Links::new();
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    browser.get(&link);
    // The switch and back: what was mailed before stays ended.
    links.serve(|cx| bulk::apply_one(cx, OLENA, &Verb::Deactivate));
    links.serve(|cx| bulk::apply_one(cx, OLENA, &Verb::Activate));
    choose(&mut browser, &link, PASSWORD);
    assert_eq!(browser.status(), 404);
    let link = links.link(Purpose::Reset);
    links.write(|_, tx| Ok(tx.sql().execute("UPDATE users SET end_date = '2026-11-20'", [])?));
    assert_eq!(browser.get(&link).status(), 404, "their last day has passed");
    assert!(!links.has_password());
}

#[test]
fn l8_a_forged_host_is_refused_and_no_token_is_logged() {
    let links = Links::new();
    let link = links.link(Purpose::Reset);
    let mut browser = Browser::new(&links.pages);
    let forged = Request::builder().uri(&link).header("host", "evil.example").body(bytes::Bytes::new());
    assert_eq!(browser.send(forged.unwrap()).status(), 400);
    choose(browser.get(&link), &link, PASSWORD);
    browser.get(&link);
    links.ask(OLENA);
    links.pages.settle();
    let log = links.log.lock().unwrap().join("\n");
    let token = link.split('/').nth(2).unwrap();
    assert!(log.contains("reset 303") && !log.contains(token) && !log.contains(OLENA), "{log}");
}

#[test]
fn the_pages_of_links_are_small_and_in_both_languages() {
    let links = Links::new();
    let pages = [
        "/password_reset/".to_owned(),
        "/password_reset/done/".to_owned(),
        "/password_reset/saved/".to_owned(),
        "/first_login/".to_owned(),
        "/first_login/done/".to_owned(),
        links.link(Purpose::Invite),
        links.link(Purpose::NotMe),
        "/reset/no/".to_owned(),
    ];
    for page in pages {
        let mut browser = Browser::new(&links.pages);
        let english = browser.get(&page).page().to_owned();
        let ukrainian = browser.get(&format!("{page}?lang=uk")).page().to_owned();
        for (language, page) in [("en", &english), ("uk", &ukrainian)] {
            assert!(page.contains(&format!("<html lang=\"{language}\"")), "{page}");
            assert!(page.len() < 10 * 1024, "{}", page.len());
        }
        let main =
            |page: &str| page.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
        assert_ne!(main(&english), main(&ukrainian));
    }
}
