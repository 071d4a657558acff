//! The page of the own profile, as a browser meets it.

use std::sync::Arc;

use crate::audit;
use crate::context::{Actor, Context, Via, Visit};
use crate::error::Result;
use crate::i18n::checks;
use crate::photo::tests::{png, png_that_claims};
use crate::user::{Facts, User, avatar, create, password};
use crate::web::tests::{Browser, TestSite, facts};
use crate::web::{Pages, Routes};
use crate::{company, login};

const ROUTES: Routes = &[super::web::ROUTES, login::web::ROUTES];
const OLENA: &str = "olena@acme.example";
const PASSWORD: &str = "correct horse battery";
const PATH: &str = "/update_profile/";
const PHOTO: &str = "/personal-cabinet/photo/";

/// A site with Olena of Acme, and with an account that has no profile.
struct Board {
    at: TestSite,
    pages: Pages,
}

impl Board {
    fn new() -> Self {
        let at = TestSite::new();
        let pages = Pages::new(Arc::clone(&at.site), ROUTES, facts, Box::new(|_| ()));
        let pages = pages.with_files_at(super::web::FILE_ROUTES);
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
        &[include_str!("web.rs"), include_str!("pages/update.html"), include_str!("pages/too_large.html")],
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

#[test]
fn a_person_sends_a_photo_which_is_shown_to_them_alone_and_removes_it() {
    let board = Board::new();
    let mut browser = board.logged_in(OLENA);
    browser.get(PATH);
    assert!(browser.page().contains(">OK</span>") && !browser.page().contains("<img"), "{}", browser.page());
    assert_eq!(browser.get(PHOTO).status(), 404);
    browser.get(PATH).post_file(PHOTO, "photo", ("me.png", &png(200, 240)));
    assert_eq!(browser.header("location"), "/personal-cabinet/?saved=profile", "{}", browser.page());
    for page in ["/personal-cabinet/", PATH] {
        assert!(browser.get(page).page().contains(r#"<img class="photo" src="/personal-cabinet/photo/""#));
    }
    browser.get(PHOTO);
    assert_eq!((browser.status(), browser.header("content-type")), (200, "image/png"));
    assert_eq!(browser.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(browser.header("cache-control"), "no-store");
    assert!(browser.shown.body().starts_with(b"\x89PNG"));
    let olena = board.olena();
    let row = board.shell(|cx| cx.read(|tx| Ok(audit::changes_of(tx, "user", olena.id)?.remove(0))));
    assert_eq!((row.action.as_str(), row.actor_id, row.via.as_str()), ("user.avatar", Some(olena.id), "web"));
    // Nobody else sees it there.
    board.shell(|cx| {
        let facts = Facts {
            first_name: Some("Max".into()),
            last_name: Some("Berg".into()),
            company: Some("Acme".into()),
            ..Facts::new("max@acme.example".into())
        };
        create::create(cx, facts, None, false)?;
        password::set_for_tests(cx, "max@acme.example", PASSWORD)
    });
    assert_eq!(board.logged_in("max@acme.example").get(PHOTO).status(), 404);
    let mut visitor = Browser::new(&board.pages);
    assert_eq!(visitor.get(PHOTO).header("location"), "/login/?next=/personal-cabinet/photo/");
    assert_eq!(visitor.post_file(PHOTO, "photo", ("a.png", &png(200, 200))).header("location"), "/login/");
    browser.get(PATH).post(PHOTO, &[("remove", "photo")]);
    assert_eq!(browser.status(), 303);
    assert_eq!(browser.get(PHOTO).status(), 404);
}

#[test]
fn a8_a_photo_that_is_none_too_large_too_small_cut_off_or_a_bomb_is_refused_with_a_reason() {
    let board = Board::new();
    let mut browser = board.logged_in(OLENA);
    browser.get(PATH);
    let (whole, mut heavy) = (png(256, 256), png(200, 200));
    heavy.resize(3_000_000, 0);
    let half = &whole[..whole.len() / 2];
    for (file, reason) in [
        (&b"GIF89a\x01\0\x01\0\0\0\0;"[..], "The photo must be a JPEG or a PNG"),
        (&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], "The photo must be a JPEG or a PNG"),
        (&heavy[..], "larger than 2 MB"),
        (&png(199, 300)[..], "The photo has 199 × 300 pixels"),
        (half, "cut off or damaged"),
        (&png_that_claims(50_000, 50_000)[..], "too many pixels"),
        (&b""[..], "Choose a photo first"),
    ] {
        browser.post_file(PHOTO, "photo", ("me.png", file));
        assert_eq!((browser.status(), browser.heading()), (422, "Edit your profile"), "{reason}");
        let problem = browser.between(r#"id="photo-error""#, "</p>");
        assert!(problem.contains(reason), "{reason}: {problem}");
        assert!(browser.page().contains(r##"<a href="#photo">"##));
        assert!(browser.page().contains(r#"value="Koval""#), "the rest of the page is as it was");
    }
    // A page with a problem is asked for once more when another language is chosen there.
    assert_eq!(browser.get("/personal-cabinet/photo/?lang=en").header("location"), PATH);
    // Nor is one taken that another site sends.
    browser.get(PATH);
    let theirs = browser.page().replace(&browser.token(), "theirs");
    *browser.shown.body_mut() = theirs.into();
    browser.post_file(PHOTO, "photo", ("me.png", &whole));
    assert!(
        browser.status() == 422 && browser.page().contains("Please send it once more"),
        "{}",
        browser.page()
    );
    assert_eq!(browser.get(PHOTO).status(), 404, "nothing was kept");
}

#[test]
fn of_two_photos_that_are_sent_at_once_the_last_stays() {
    let board = Board::new();
    let mut browser = board.logged_in(OLENA);
    browser.get(PATH);
    let mut second = browser.clone();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(second.post_file(PHOTO, "photo", ("a", &png(200, 300))).status(), 303));
        assert_eq!(browser.post_file(PHOTO, "photo", ("b", &png(300, 200))).status(), 303);
    });
    let id = board.olena().id;
    let rows = board.shell(|cx| cx.read(|tx| audit::changes_of(tx, "user", id)));
    let rows: Vec<_> = rows.into_iter().filter(|row| row.action == "user.avatar").collect();
    assert_eq!(rows.len(), 2);
    let newest = rows.iter().max_by_key(|row| row.seq).unwrap();
    let kept = board.shell(|cx| avatar::get(cx, OLENA)).1;
    let last: serde_json::Value = serde_json::from_str(newest.after.as_ref().unwrap()).unwrap();
    assert_eq!(last["photo"]["width"], kept.width, "{newest:?}");
    assert_eq!(browser.get(PHOTO).status(), 200);
}

#[test]
fn an_account_without_a_profile_has_no_photo() {
    let board = Board::new();
    let mut browser = board.logged_in("bare@acme.example");
    assert!(!browser.get(PATH).page().contains("type=\"file\""));
    assert_eq!(browser.post_file(PHOTO, "photo", ("me.png", &png(200, 200))).header("location"), PATH);
    assert_eq!(browser.get(PHOTO).status(), 404);
    browser.get("/personal-cabinet/");
    assert!(browser.page().contains(">B</span>"), "{}", browser.page());
    // One that an administrator gave it is shown.
    let picture = crate::photo::check_in_turn(&png(200, 200)).unwrap();
    board.shell(|cx| avatar::set(cx, "bare@acme.example", &picture));
    assert!(browser.get("/personal-cabinet/").page().contains(r#"src="/personal-cabinet/photo/""#));
    assert_eq!(browser.get(PHOTO).status(), 200);
}

#[test]
fn what_an_administrator_changed_since_the_page_was_shown_stays_unless_it_is_typed_anew() {
    let board = Board::new();
    let mut browser = board.logged_in(OLENA);
    browser.get(PATH);
    let shown = ["shown_first_name", "shown_last_name", "shown_phone", "shown_language"]
        .map(|name| (name, browser.between(&format!("name=\"{name}\" value=\""), "\"").to_owned()));
    assert_eq!(shown.each_ref().map(|(_, value)| value.as_str()), ["Olena", "Koval", "", ""]);
    board.shell(|cx| {
        crate::user::edit::edit(cx, OLENA, &avatar::PhotoChange::Keep, |facts| {
            facts.last_name = Some("Kovalenko".into());
            facts.phone = Some("+380441234567".into());
            facts.first_name = Some("Lena".into());
            Ok(())
        })
    });
    let typed = [("first_name", "Olga"), ("last_name", "Koval"), ("phone", ""), ("language", "uk")];
    let shown = shown.each_ref().map(|(name, value)| (*name, value.as_str()));
    browser.post(PATH, &[typed, shown].concat());
    assert_eq!(browser.header("location"), "/personal-cabinet/?saved=profile&lang=uk");
    let facts = board.olena().facts;
    let names = (facts.first_name.as_deref(), facts.last_name.as_deref());
    assert_eq!(names, (Some("Olga"), Some("Kovalenko")), "of what both changed the last one counts");
    assert_eq!((facts.phone.as_deref(), facts.language.as_deref()), (Some("+380441234567"), Some("uk")));
}

#[test]
fn a_file_that_is_too_large_to_be_read_is_told_as_a_photo_with_the_way_back_in_both_languages() {
    let board = Board::new();
    Browser::new(&board.pages).get("/login/");
    for (line, said) in
        [("lang=en", "A photo has at most 2 MB."), ("__Host-lang=uk", "Фото має щонайбільше 2 МБ.")]
    {
        let headers = http::HeaderMap::from_iter([(http::header::COOKIE, line.parse().unwrap())]);
        let refused = |path| board.pages.refuse(http::StatusCode::PAYLOAD_TOO_LARGE, path, &headers);
        let page = refused(PHOTO);
        assert_eq!(page.status(), 413);
        let page = std::str::from_utf8(page.body()).unwrap().to_owned();
        assert!(page.contains(said) && page.contains(r#"href="/update_profile/""#), "{page}");
        let page = refused(PATH);
        assert!(!std::str::from_utf8(page.body()).unwrap().contains(said), "other forms have no photo");
    }
}

#[test]
fn initials_in_georgian_are_left_as_they_are() {
    let names = |first: &str, last: &str| {
        let names = (Some(first.to_owned()), Some(last.to_owned()));
        Facts { first_name: names.0, last_name: names.1, ..Facts::new(OLENA.into()) }.initials()
    };
    assert_eq!(names("ნინო", "გელაშვილი"), "ნგ");
    assert_eq!(names("олена", "їжакевич"), "ОЇ");
    assert_eq!(Facts::new(OLENA.into()).initials(), "O");
}
