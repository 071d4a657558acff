//! How pages of the second factor are shown.

use super::factor::{codes_on, enrolled};
use super::*;

#[test]
fn the_page_with_the_picture_stays_small_whatever_the_site_is_called() {
    let board = Board::new();
    board.shell(|cx| crate::setting::set(cx, "site.name", &"Дніпровський ".repeat(7)));
    let mut browser = board.logged_in();
    browser.get("/personal-cabinet/2fa/setup/");
    assert_eq!(browser.heading(), "Scan this with your authenticator app");
    assert!(browser.page().len() < 20_000, "{}", browser.page().len());
}

#[test]
fn a_page_that_is_shown_once_leads_to_no_other_language() {
    let board = Board::new();
    let mut browser = board.logged_in();
    assert!(browser.get("/personal-cabinet/").page().contains("Українська"));
    let (_, codes) = enrolled(&board, &mut browser);
    assert_eq!(codes, codes_on(&browser));
    assert!(
        !browser.page().contains("Українська") && !browser.page().contains("?lang="),
        "{}",
        browser.page()
    );
}

fn language<'a>(browser: &'a Browser<'_>) -> &'a str {
    browser.between("<html lang=\"", "\"")
}

#[test]
fn whoever_is_logged_in_reads_in_their_own_language_everywhere_unless_they_chose_another_here() {
    let mut board = Board::new();
    board.pages = board.pages.with_greeter(crate::login::web::greet);
    let mut browser = board.logged_in();
    assert_eq!(language(browser.get("/personal-cabinet/")), "en");
    board.change(|facts| facts.language = Some("uk".to_owned()));
    for path in ["/personal-cabinet/", "/password_change/", "/personal-cabinet/2fa/setup/", "/nothing/"] {
        assert_eq!(language(browser.get(path)), "uk", "{path}");
    }
    let token = browser.get("/personal-cabinet/").token();
    assert_eq!(language(browser.post_alone("/robots.txt", &[])), "uk", "also where nothing is");
    browser.post_alone("/logout/", &[("csrf", &token)]);
    assert_eq!(outcome(&browser), "to /login/?in=uk");
    assert_eq!(language(browser.get("/login/?in=uk")), "uk");
    assert_eq!(language(browser.get("/login/")), "en", "nobody is known there");
    let mut browser = board.logged_in();
    browser.get("/personal-cabinet/?lang=en");
    assert_eq!(language(browser.get("/personal-cabinet/")), "en", "chosen here");
}

#[test]
fn whoever_was_logged_out_from_elsewhere_is_told_so_and_nobody_else_is() {
    let said = "You were logged out";
    let board = Board::new();
    let (mut here, mut there) = (board.logged_in(), board.logged_in());
    assert!(!board.browser().get("/login/").page().contains(said));
    let token = here.get("/personal-cabinet/").token();
    here.post_alone("/personal-cabinet/sessions/", &[("csrf", &token), ("end", "others")]);
    assert_eq!(outcome(&here), "to /personal-cabinet/?saved=others");
    assert!(here.get("/personal-cabinet/?saved=others").page().contains("All other logins were ended."));
    assert!(here.get("/personal-cabinet/").between(r#"<div class="note good""#, "</div>").is_empty());
    board.change(|facts| facts.language = Some("uk".to_owned()));
    assert!(there.get("/login/").page().contains("Вас виведено із системи"), "in their language");
    board.change(|facts| facts.language = None);
    assert!(there.get("/login/?next=/update_profile/").page().contains(said));
    let mut other = Browser::with_cookie(&board.pages, "__Host-secboard", &"0".repeat(64));
    assert!(!other.get("/login/").page().contains(said), "it was never logged in");

    // Not after one's own logout, not while a login is half done, and no longer once somebody logged in.
    let kept = here.cookie("__Host-secboard").unwrap().to_owned();
    let token = here.get("/personal-cabinet/").token();
    here.post_alone("/logout/", &[("csrf", &token)]);
    let mut gone = Browser::with_cookie(&board.pages, "__Host-secboard", &kept);
    assert!(!gone.get("/login/").page().contains(said));
    log_in(&mut there, OLENA, PASSWORD);
    let mut idle = board.logged_in();
    board.pass(24 * 60 * 60);
    assert!(idle.get("/login/").page().contains(said), "it was not used for a day");
}
