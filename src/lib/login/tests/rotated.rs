//! The master key is replaced while somebody is at the pages.

use super::factor::{SETUP, VERIFY, half_in, type_code};
use super::*;
use crate::two_factor::tests::code_of;

#[test]
fn a6_the_key_is_replaced_between_enrolment_and_confirmation_and_afterwards() {
    let board = Board::new();
    let rotate = || {
        let file = |name: &str| board.at.folder.path().join(name);
        let config = crate::config::Config {
            file: None,
            store: file("secboard.db"),
            key: file("secboard.key"),
            daemon: crate::config::Daemon::default(),
            templates: None,
            resolver: None,
        };
        let give_up = crate::key::GiveUp::default();
        board.shell(|cx| crate::key::rotate(cx, &config, crate::registry::SEALED, give_up)).secrets
    };
    let mut browser = board.logged_in();
    browser.get(SETUP);
    let secret = browser.between(r#"<p class="secret">"#, "</p>").to_owned();
    let with_enrolment = rotate();
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(browser.get(VERIFY).post(VERIFY, &[("code", &code)])), "Save your backup codes");
    assert_eq!(rotate(), with_enrolment, "the second factor in the place of what waited");
    board.pass(30);
    let mut other = half_in(&board);
    let code = code_of(&secret, board.clock.now());
    assert_eq!(outcome(type_code(&mut other, &code)), "to /personal-cabinet/");
}
