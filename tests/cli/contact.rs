//! Messages by the contact form as administrators see them; people write them at the web, which has tests of its own.

use insta::assert_snapshot;

use crate::harness::Board;

/// Lays a message of that id, whose text was lost with a key, into the store of a board.
#[expect(clippy::disallowed_methods, reason = "what no command does")]
pub(crate) fn message(board: &Board, id: &str) {
    let store = rusqlite::Connection::open(board.path("secboard.db")).unwrap();
    let sql = "
        INSERT INTO contact_messages (id, topic, name, email, subject, language, client, mails, answered, created_at)
        VALUES (?1, 'security', 'Анна Коваль', 'anna@globex.example', 'A door ' || char(27) || '[2J open', 'uk',
            '192.0.2.7', 2, 1, 1795255200000000)";
    store.execute(sql, [id]).unwrap();
}

#[test]
fn a_message_is_listed_shown_and_closed_once() {
    let board = Board::new();
    message(&board, "7k3m9x2b4d");
    assert_snapshot!(board.run("mail contact list --state open --topic security"), @"
    ID          STATE  TOPIC     EMAIL                SUBJECT
    7k3m9x2b4d  open   security  anna@globex.example  A door �[2J open
    ");
    assert_snapshot!(board.run("mail contact list --topic sales"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(board.run("mail contact show 7k3m9x2b4d"), @"
    ID          [run]
    CREATED AT  [time]
    STATE       open
    TOPIC       security
    NAME        Анна Коваль
    EMAIL       anna@globex.example
    SUBJECT     A door �[2J open
    LANGUAGE    uk
    CLIENT      192.0.2.7
    MAILS       2
    ANSWERED    yes

    what was written was lost with a key
    ");
    assert_snapshot!(board.run("mail contact close 7k3m9x2b4d --reason 'answered by phone'"), @"
    ------- stderr -------
    closed 1 message
    ");
    assert_snapshot!(board.run("mail contact close 7k3m9x2b4d"), @"
    ------- stderr -------
    no change: they are closed already
    ");
    assert_snapshot!(board.run("mail contact show 7k3m9x2b4d -o json"), @r#"
    {"id":"[run]","created_at":"[time]","state":"closed","topic":"security","name":"Анна Коваль","email":"anna@globex.example","phone":null,"company":null,"subject":"A door \u001b[2J open","language":"uk","client":"192.0.2.7","mails":2,"answered":true,"closed_at":"[time]","closed_by":"system","text":null}
    "#);
    assert_snapshot!(board.run("audit list --action contact.close --columns actor,action,subject,reason"), @"
    ACTOR   ACTION         SUBJECT     REASON
    system  contact.close  7k3m9x2b4d  answered by phone
    ");
}

#[test]
fn there_are_none_until_somebody_writes_and_an_unknown_one_is_said_to_be() {
    let board = Board::new();
    assert_snapshot!(board.run("mail contact list"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_eq!(board.run("mail contact list -o json").ok().json(), serde_json::json!([]));
    assert_snapshot!(board.run("mail contact show 7k3m9x2b4d"), @"
    ------- stderr -------
    error: there is no message `7k3m9x2b4d` by the contact form
    hint: see which there are with `secboard mail contact list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("mail contact close 7k3m9x2b4d"), @"
    ------- stderr -------
    error: there is no message `7k3m9x2b4d` by the contact form
    hint: see which there are with `secboard mail contact list`
    [exit status: 67]
    ");
}

#[test]
fn what_the_page_says_and_who_is_told_is_set() {
    let board = Board::new();
    assert_snapshot!(board.run("setting set contact.to_security 'soc@acme.example, ciso@acme.example'"), @"
    ------- stderr -------
    set `contact.to_security`: `soc@acme.example, ciso@acme.example`
    ");
    assert_snapshot!(board.run("setting set contact.auto_reply_address 'a@acme.example, b@acme.example'"), @"
    ------- stderr -------
    error: `a@acme.example, b@acme.example` is no value for `contact.auto_reply_address`: `a@acme.example, b@acme.example` is not an email address: it holds a space
    hint: it takes: an email address
    [exit status: 65]
    ");
    assert_snapshot!(board.run("setting set contact.auto_reply_body 'Hello {first_name}'"), @"
    ------- stderr -------
    error: `Hello {first_name}` is no value for `contact.auto_reply_body`: braces stand around `name` and `subject` alone
    hint: it takes: text of any number of lines; {name} and {subject} stand for those of the message
    [exit status: 65]
    ");
    assert_snapshot!(board.run("setting set contact.links http://acme.example"), @"
    ------- stderr -------
    error: `http://acme.example` is no value for `contact.links`: `http://acme.example` does not begin with https:// and a host
    hint: it takes: addresses that begin with https://, separated by commas
    [exit status: 65]
    ");
    board.run("setting set contact.auto_reply on").ok();
    board.run("setting set site.domain secboard.acme.example").ok();
    board.run("mail server create relay --host smtp.acme.example --auth none").ok();
    board.run("mail account create noreply --server relay --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    assert_snapshot!(board.run("mail doctor --offline"), @"
    warning mail.contact: the answer by the contact form is switched on, and not sent: contact.auto_reply_subject, contact.auto_reply_body, contact.auto_reply_address are missing
      give them, with `secboard setting set`, or switch the answer off:
      secboard setting unset contact.auto_reply
    ");
}
