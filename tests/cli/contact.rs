//! Messages by the contact form as administrators see them; people write them at the web, which has tests of its own.

use insta::assert_snapshot;

use crate::harness::Board;

#[test]
fn there_are_none_until_somebody_writes_and_an_unknown_one_is_said_to_be() {
    let board = Board::new();
    assert_snapshot!(board.run("mail contact list"), @"");
    assert_eq!(board.run("mail contact list -o json").ok().json(), serde_json::json!([]));
    assert_snapshot!(board.run("mail contact show 7k3m9x2b4d"), @"");
    assert_snapshot!(board.run("mail contact close 7k3m9x2b4d"), @"");
}

#[test]
fn what_the_page_says_and_who_is_told_is_set() {
    let board = Board::new();
    assert_snapshot!(board.run("setting set contact.to_security 'soc@acme.example, ciso@acme.example'"), @"");
    assert_snapshot!(board.run("setting set contact.auto_reply_address 'a@acme.example, b@acme.example'"), @"");
    assert_snapshot!(board.run("setting set contact.auto_reply_body 'Hello {first_name}'"), @"");
    assert_snapshot!(board.run("setting set contact.links http://acme.example"), @"");
    board.run("setting set contact.auto_reply on").ok();
    board.run("setting set site.domain secboard.acme.example").ok();
    board.run("mail server create relay --host smtp.acme.example --auth none").ok();
    board.run("mail account create noreply --server relay --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    assert_snapshot!(board.run("mail doctor --offline"), @"");
}
