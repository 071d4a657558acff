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
