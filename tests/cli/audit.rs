//! `secboard audit`.

use std::fs;

use insta::assert_snapshot;
use rusqlite::Connection;

use crate::harness::Board;

/// A board on which a few things have happened.
fn board() -> Board {
    let board = Board::new();
    board.run("company create Globex --reason 'a merger'").ok();
    board.run("user edit ada@acme.example --last-name Lovelace --phone +380671234567").ok();
    board
}

/// Changes the store behind secboard's back.
#[expect(clippy::disallowed_methods, reason = "stands for somebody who tampers with the store")]
fn tamper(board: &Board, sql: &str) {
    let store = Connection::open(board.path("secboard.db")).unwrap();
    let unlock = "DROP TRIGGER audit_is_append_only_update; DROP TRIGGER audit_is_append_only_delete";
    store.execute_batch(&format!("{unlock}; {sql}")).unwrap();
}

#[test]
fn changes_are_listed_newest_first_and_shown_with_before_and_after() {
    let board = board();
    assert_snapshot!(board.run("audit list"), @"
    SEQ  AT          ACTOR   ACTION             SUBJECT           CHANGED
    7    [time]      system  user.edit          ada@acme.example  last_name; phone
    6    [time]      system  company.create     Globex            name; slug
    5    [time]      system  user.set_password  ada@acme.example  password
    4    [time]      system  user.create        ada@acme.example  active; company; email; first_name; last_name; staff; superuser
    3    [time]      system  company.create     Acme Bank         name; slug
    2    [time]      system  setting.set        site.time_zone    value
    1    [time]      system  store.init         store
    ");
    assert_snapshot!(board.run("audit list --action user.edit -o jsonl --columns seq,action,subject,before,after,reason"), @r#"{"seq":7,"action":"user.edit","subject":"ada@acme.example","before":{"last_name":"Admin","phone":null},"after":{"last_name":"Lovelace","phone":"+380671234567"},"reason":null}"#);
    let seq = board.run("audit list --limit 1 -o json").ok().json()[0]["seq"].to_string();
    assert_snapshot!(board.run(&format!("audit show {seq}")), @"
    SEQ         7
    AT          [time]
    ACTOR       system
    SHELL USER  [shell user]
    VIA         cli
    ACTION      user.edit
    KIND        user
    SUBJECT ID  1
    SUBJECT     ada@acme.example
    CHANGED     last_name; phone
    BEFORE      last_name=Admin, phone=null
    AFTER       last_name=Lovelace, phone=+380671234567
    HASH        [hash]
    ");
    assert_snapshot!(board.run(&format!("audit show {seq} -o json")), @r#"{"seq":7,"at":"[time]","actor":"system","shell_user":"[shell user]","via":"cli","action":"user.edit","kind":"user","subject_id":1,"subject":"ada@acme.example","changed":["last_name","phone"],"before":{"last_name":"Admin","phone":null},"after":{"last_name":"Lovelace","phone":"+380671234567"},"reason":null,"run":null,"hash":"[hash]"}"#);
}

#[test]
fn changes_are_found_by_action_subject_actor_and_day() {
    let board = board();
    let found = |filters: &str| board.run(&format!("audit list {filters} --columns action,subject"));
    assert_snapshot!(found("--action company"), @"
    ACTION          SUBJECT
    company.create  Globex
    company.create  Acme Bank
    ");
    assert_snapshot!(found("--subject ADA@acme.example --limit 1"), @"
    ACTION     SUBJECT
    user.edit  ada@acme.example
    ");
    assert_snapshot!(found("--since today --action company.create --subject Globex"), @"
    ACTION          SUBJECT
    company.create  Globex
    ");
    assert_snapshot!(found("--until 2020-01-01"), @"");
    assert_snapshot!(found("--since soon"), @"
    ------- stderr -------
    error: `soon` is not a point in time
    hint: write it like `[time]`, `2026-03-31T18:00` or `2026-03-31`, or count days from today: `today`, `-1d`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("audit show 4711"), @"
    ------- stderr -------
    error: there is no audit row 4711
    hint: see them with `secboard audit list`
    [exit status: 67]
    ");
}

#[test]
fn a3_a_whole_chain_is_proved_and_a_row_that_was_edited_is_found() {
    let board = board();
    assert_snapshot!(board.run("audit verify"), @"
    OK         yes
    ROWS       7
    HEAD SEQ   7
    HEAD HASH  [hash]
    HEAD AT    [time]
    ");
    assert_snapshot!(board.run("audit verify -o json"), @r#"{"ok":true,"rows":7,"head_seq":7,"head_hash":"[hash]","head_at":"[time]","broken_seq":null,"broken_reason":null}"#);
    tamper(&board, "UPDATE audit SET subject = 'Initech' WHERE subject = 'Globex'");
    assert_snapshot!(board.run("audit verify"), @"
    OK             no
    ROWS           5
    HEAD SEQ       5
    HEAD HASH      [hash]
    HEAD AT        [time]
    BROKEN SEQ     6
    BROKEN REASON  its hash does not fit its fields and the row before
    ------- stderr -------
    the audit is broken at row 6: its hash does not fit its fields and the row before
    [exit status: 1]
    ");
    assert_snapshot!(board.run("audit verify -o json"), @r#"
    {"ok":false,"rows":5,"head_seq":5,"head_hash":"[hash]","head_at":"[time]","broken_seq":6,"broken_reason":"its hash does not fit its fields and the row before"}
    ------- stderr -------
    the audit is broken at row 6: its hash does not fit its fields and the row before
    [exit status: 1]
    "#);
}

#[test]
fn a3_a_row_that_was_taken_out_is_found() {
    let board = board();
    tamper(&board, "DELETE FROM audit WHERE subject = 'Globex'");
    assert_snapshot!(board.run("audit verify"), @"
    OK             no
    ROWS           5
    HEAD SEQ       5
    HEAD HASH      [hash]
    HEAD AT        [time]
    BROKEN SEQ     7
    BROKEN REASON  row 6 is missing
    ------- stderr -------
    the audit is broken at row 7: row 6 is missing
    [exit status: 1]
    ");
}

#[test]
fn a3_rows_cut_off_the_end_are_found_with_a_checkpoint() {
    let board = board();
    assert_snapshot!(board.run("audit checkpoint"), @"7 [hash] [time]");
    assert_snapshot!(board.run("audit checkpoint -o json"), @r#"{"seq":7,"hash":"[hash]","at":"[time]"}"#);
    board.write("audit.checkpoint", board.run("audit checkpoint").ok().stdout);
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    OK         yes
    ROWS       7
    HEAD SEQ   7
    HEAD HASH  [hash]
    HEAD AT    [time]
    ");
    for format in ["json", "jsonl"] {
        board.write("audit.json", board.run(&format!("audit checkpoint -o {format}")).ok().stdout);
        board.run("audit verify --checkpoint audit.json").ok();
    }
    tamper(&board, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)");
    assert_snapshot!(board.run("audit verify"), @"
    OK             no
    ROWS           6
    HEAD SEQ       6
    HEAD HASH      [hash]
    HEAD AT        [time]
    BROKEN SEQ     7
    BROKEN REASON  the chain ends here, but row 7 was written once
    ------- stderr -------
    the audit is broken at row 7: the chain ends here, but row 7 was written once
    [exit status: 1]
    ");
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    OK             no
    ROWS           6
    HEAD SEQ       6
    HEAD HASH      [hash]
    HEAD AT        [time]
    BROKEN SEQ     7
    BROKEN REASON  the chain ends here, but row 7 was written once
    ------- stderr -------
    the audit is broken at row 7: the chain ends here, but row 7 was written once
    [exit status: 1]
    ");
    board.write("audit.json", r#"{"seq":1}"#);
    assert_snapshot!(board.run("audit verify --checkpoint audit.json"), @"
    ------- stderr -------
    error: `audit.json` is not a checkpoint: it is no JSON object with seq, hash and at
    hint: give a file written by `secboard audit checkpoint`
    [exit status: 65]
    ");
    board.write("audit.checkpoint", "not a checkpoint");
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    ------- stderr -------
    error: `audit.checkpoint` is not a checkpoint: its sequence is no number
    hint: give a file written by `secboard audit checkpoint`
    [exit status: 65]
    ");
    fs::remove_file(board.path("audit.checkpoint")).unwrap();
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    ------- stderr -------
    error: cannot read the checkpoint `audit.checkpoint`
      because: No such file or directory (os error 2)
    hint: give a file written by `secboard audit checkpoint`
    [exit status: 66]
    ");
}
