//! What a page at another site is made of.

use super::*;

#[test]
fn the_page_of_a_site_loads_what_the_site_hands_on() {
    let board = Board::new();
    let mut olena = board.at_wiki();
    let answer = board.get(&mut olena, WIKI, "/.secboard/verify?permission=risk.edit_report");
    let page = std::str::from_utf8(answer.body()).unwrap().to_owned();
    let style = page.split_once("rel=\"stylesheet\" href=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(style.starts_with("/.secboard/static/"), "{style}");
    assert_eq!(board.get(&mut olena, WIKI, style).status(), 200);
    assert!(!page.contains("href=\"/contact/\""), "which is at the portal");
}
