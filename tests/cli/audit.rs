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

/// The store, behind secboard's back.
#[expect(clippy::disallowed_methods, reason = "stands for somebody who tampers with the store")]
fn open(board: &Board) -> Connection {
    Connection::open(board.path("secboard.db")).unwrap()
}

/// Changes the store, and puts the triggers back that stand in the way.
pub(crate) fn tamper(board: &Board, sql: &str) {
    let store = open(board);
    let triggers: Vec<String> = store
        .prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let unlock = "DROP TRIGGER audit_is_append_only_update; DROP TRIGGER audit_is_append_only_delete";
    store.execute_batch(&format!("{unlock}; {sql}; {}", triggers.join("; "))).unwrap();
}

#[test]
fn a3_without_the_key_the_plain_chain_is_proved_and_said_to_be_no_more() {
    let board = board();
    fs::remove_file(board.path("secboard.key")).unwrap();
    assert_snapshot!(board.run("audit verify"), @"
    OK              yes
    ROWS            7
    HEAD SEQ        7
    HEAD HASH       [hash]
    HEAD AT         [time]
    KEYED FROM      1
    KEYED PROVED    no
    TIMES BACK      0
    KEY IS DAMAGED  no
    ------- stderr -------
    warning: the key `[board]/secboard.key` is missing; without it the secrets of the store cannot be opened; without the key only the plain chain is proved, which whoever has the store can rewrite
    ");
    tamper(&board, "UPDATE audit SET keyed = zeroblob(32) WHERE seq = 6");
    assert_eq!(board.run("audit verify").code, Some(0), "who has only the store can do this unseen");
    assert_eq!(board.run("audit list").code, Some(78), "nothing else goes without the key");
}

/// Who changes rows and computes all hashes again could have the store want another key, so that the keyed hashes are asked
/// by nobody.
#[test]
fn a3_a_store_that_wants_another_key_is_not_proved() {
    let board = Board::new();
    tamper(&board, "UPDATE store_info SET value = '0123456789abcdef' WHERE name = 'key_fingerprint'");
    let verified = board.run("audit verify -o json");
    assert_eq!(verified.code, Some(1));
    assert!(verified.stderr.contains("the key belongs to another store"), "{}", verified.stderr);
    assert_eq!(verified.json()["ok"], false);
}

#[test]
fn a3_a_row_that_was_written_without_the_key_is_found() {
    let board = board();
    tamper(&board, "UPDATE audit SET keyed = zeroblob(32) WHERE seq = 6");
    assert_snapshot!(board.run("audit verify"), @"
    OK              no
    ROWS            5
    HEAD SEQ        5
    HEAD HASH       [hash]
    HEAD AT         [time]
    BROKEN SEQ      6
    BROKEN REASON   its keyed hash was made without the key of the store
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    ------- stderr -------
    the audit is broken at row 6: its keyed hash was made without the key of the store
    [exit status: 1]
    ");
}

#[test]
fn a3_what_was_changed_past_secboard_is_told() {
    let board = board();
    assert_snapshot!(board.run("audit verify --state -o json"), @r#"{"ok":true,"rows":7,"head_seq":7,"head_hash":"[hash]","head_at":"[time]","broken_seq":null,"broken_reason":null,"keyed_from":1,"keyed_lost":null,"new_key_from":null,"keyed_proved":true,"times_back":0,"times_back_from":null,"key_is_damaged":false,"altered":[],"damages":[],"subjects":4,"differences":0,"differing":[]}"#);
    tamper(&board, "UPDATE users SET staff = 0");
    assert_eq!(board.run("audit verify").code, Some(0), "the chain is whole");
    assert_snapshot!(board.run("audit verify --state"), @"
    OK              no
    ROWS            7
    HEAD SEQ        7
    HEAD HASH       [hash]
    HEAD AT         [time]
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    SUBJECTS        4
    DIFFERENCES     1
    DIFFERING       row 1 of `users`: staff is 0, and by the audit 1
    ------- stderr -------
    row 1 of `users`: staff is 0, and by the audit 1
    [exit status: 1]
    ");
    assert_snapshot!(board.run("audit verify --state -o jsonl --columns ok,differences,differing"), @r#"
    {"ok":false,"differences":1,"differing":[{"table":"users","row":"1","field":"staff","expected":"1","found":"0"}]}
    ------- stderr -------
    row 1 of `users`: staff is 0, and by the audit 1
    [exit status: 1]
    "#);
}

#[test]
fn a3_a_trigger_that_is_not_there_is_told() {
    let board = board();
    open(&board).execute_batch("DROP TRIGGER audit_is_append_only_update").unwrap();
    assert_snapshot!(board.run("audit verify --columns ok,altered"), @"
    OK       no
    ALTERED  audit_is_append_only_update
    ------- stderr -------
    `audit_is_append_only_update` in the store is not as secboard made it
    [exit status: 1]
    ");
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
    assert_snapshot!(board.run(&format!("audit show {seq} -o json")), @r#"{"seq":7,"at":"[time]","actor":"system","actor_id":null,"shell_user":"[shell user]","via":"cli","client":null,"action":"user.edit","kind":"user","subject_id":1,"subject":"ada@acme.example","changed":["last_name","phone"],"before":{"last_name":"Admin","phone":null},"after":{"last_name":"Lovelace","phone":"+380671234567"},"reason":null,"run":null,"hash":"[hash]"}"#);
}

#[test]
fn a_subject_is_found_whole_by_id_and_by_every_name_it_had() {
    let board = Board::new();
    let create = "user create --first-name Bo --last-name One --company Acme --email b1@acme.example";
    board.run("company create Acme --if-absent").ok();
    board.run(create).ok();
    board.run("user edit b1@acme.example --email c1@acme.example").ok();
    board.run(create).ok();
    let found =
        |asked: &str| board.run(&format!("audit list --subject {asked} --columns action,subject_id,subject"));
    for asked in ["c1@acme.example", "'user 2'"] {
        assert_eq!(found(asked).ok().stdout.lines().count(), 3, "{asked}: made and renamed");
    }
    assert_snapshot!(board.run("audit list --subject b1@acme.example"), @"
    SEQ  AT          ACTOR   ACTION       KIND  SUBJECT ID  SUBJECT          CHANGED
    9    [time]      system  user.create  user  3           b1@acme.example  active; company; email; first_name; last_name
    8    [time]      system  user.edit    user  2           c1@acme.example  email
    7    [time]      system  user.create  user  2           b1@acme.example  active; company; email; first_name; last_name
    ------- stderr -------
    note: `b1@acme.example` is or was user 2, user 3; ask about one with `--subject 'user 2'`
    ");
    let of_two = found("2");
    assert!(of_two.stderr.contains("`2` is or was company 2, user 2;"), "{of_two}");
    assert_eq!(of_two.stdout.lines().filter(|line| line.contains("user.")).count(), 2, "{of_two}");
    board.run("user delete c1@acme.example --yes").ok();
    board.run("user purge 2 --yes").ok();
    assert_eq!(found("c1@acme.example").ok().stdout.lines().count(), 5, "also after the end");
}

#[test]
fn what_no_row_can_match_is_an_error_and_an_empty_answer_says_so() {
    let board = board();
    for (filter, said) in [
        ("--action user.edti", "did you mean `user.edit`?"),
        ("--action usr", "did you mean `user`?"),
        ("--run zzzzzz", "there is no run `zzzzzz`"),
        ("--subject ada@acme.exampel", "did you mean `ada@acme.example`?"),
        ("--subject 4711", "the audit tells of nothing called `4711`"),
        ("--subject 'user 4711'", "the audit tells of nothing called `user 4711`"),
        ("--actor nobdy", "there is no actor `nobdy`"),
    ] {
        for format in ["table", "json"] {
            let ran = board.run(&format!("audit list {filter} -o {format}"));
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(67), ""), "{filter}");
            assert!(ran.stderr.contains(said), "{filter}: {}", ran.stderr);
        }
    }
    for filter in
        ["--action user.purge", "--action user.edit.undo", "--action key", "--actor ada@acme.example"]
    {
        let ran = board.run(&format!("audit list {filter}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), "nothing matches\n"), "{filter}");
    }
}

#[test]
fn a_checkpoint_is_read_in_every_format_it_is_printed_in() {
    let board = board();
    for format in ["table", "json", "jsonl", "csv"] {
        board.write("kept", &board.run(&format!("audit checkpoint -o {format}")).ok().stdout);
        board.run(&format!("audit verify --checkpoint {}", board.path("kept").display())).ok();
    }
}

#[test]
fn a_quiet_proof_prints_nothing_as_long_as_all_is_well() {
    let board = board();
    let quiet = board.run("audit verify --state -q");
    assert_eq!((quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()), (Some(0), "", ""));
    assert!(board.run("audit verify -q -o json").ok().stdout.contains("\"ok\":true"));
    tamper(&board, "UPDATE users SET staff = 0");
    let quiet = board.run("audit verify --state -q");
    assert_eq!(quiet.code, Some(1));
    assert!(quiet.stdout.contains("staff is 0"), "{}", quiet.stdout);
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
    assert_snapshot!(found("--until 2020-01-01"), @"
    ------- stderr -------
    nothing matches
    ");
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
    OK              yes
    ROWS            7
    HEAD SEQ        7
    HEAD HASH       [hash]
    HEAD AT         [time]
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    ");
    assert_snapshot!(board.run("audit verify -o json"), @r#"{"ok":true,"rows":7,"head_seq":7,"head_hash":"[hash]","head_at":"[time]","broken_seq":null,"broken_reason":null,"keyed_from":1,"keyed_lost":null,"new_key_from":null,"keyed_proved":true,"times_back":0,"times_back_from":null,"key_is_damaged":false,"altered":[],"damages":[],"subjects":null,"differences":null,"differing":[]}"#);
    tamper(&board, "UPDATE audit SET subject = 'Initech' WHERE subject = 'Globex'");
    assert_snapshot!(board.run("audit verify"), @"
    OK              no
    ROWS            5
    HEAD SEQ        5
    HEAD HASH       [hash]
    HEAD AT         [time]
    BROKEN SEQ      6
    BROKEN REASON   its hash does not fit its fields and the row before
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    ------- stderr -------
    the audit is broken at row 6: its hash does not fit its fields and the row before
    [exit status: 1]
    ");
    assert_snapshot!(board.run("audit verify -o json"), @r#"
    {"ok":false,"rows":5,"head_seq":5,"head_hash":"[hash]","head_at":"[time]","broken_seq":6,"broken_reason":"its hash does not fit its fields and the row before","keyed_from":1,"keyed_lost":null,"new_key_from":null,"keyed_proved":true,"times_back":0,"times_back_from":null,"key_is_damaged":false,"altered":[],"damages":[],"subjects":null,"differences":null,"differing":[]}
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
    OK              no
    ROWS            5
    HEAD SEQ        5
    HEAD HASH       [hash]
    HEAD AT         [time]
    BROKEN SEQ      7
    BROKEN REASON   row 6 is missing
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    ------- stderr -------
    the audit is broken at row 7: row 6 is missing
    [exit status: 1]
    ");
}

#[test]
fn a3_rows_cut_off_the_end_are_found_with_a_checkpoint() {
    let board = board();
    assert_snapshot!(board.run("audit checkpoint"), @"7 [hash] [time] keyed");
    assert_snapshot!(board.run("audit checkpoint -o json"), @r#"{"seq":7,"hash":"[hash]","at":"[time]","keyed":true}"#);
    board.write("audit.checkpoint", board.run("audit checkpoint").ok().stdout);
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    OK              yes
    ROWS            7
    HEAD SEQ        7
    HEAD HASH       [hash]
    HEAD AT         [time]
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    ");
    for format in ["json", "jsonl"] {
        board.write("audit.json", board.run(&format!("audit checkpoint -o {format}")).ok().stdout);
        board.run("audit verify --checkpoint audit.json").ok();
    }
    tamper(&board, "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)");
    assert_snapshot!(board.run("audit verify"), @"
    OK              no
    ROWS            6
    HEAD SEQ        6
    HEAD HASH       [hash]
    HEAD AT         [time]
    BROKEN SEQ      7
    BROKEN REASON   the chain ends here, but row 7 was written once
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    ------- stderr -------
    the audit is broken at row 7: the chain ends here, but row 7 was written once
    [exit status: 1]
    ");
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    OK              no
    ROWS            6
    HEAD SEQ        6
    HEAD HASH       [hash]
    HEAD AT         [time]
    BROKEN SEQ      7
    BROKEN REASON   the chain ends here, but row 7 was written once
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    ------- stderr -------
    the audit is broken at row 7: the chain ends here, but row 7 was written once
    [exit status: 1]
    ");
    board.write("audit.json", r#"{"seq":1}"#);
    assert_snapshot!(board.run("audit verify --checkpoint audit.json"), @"
    ------- stderr -------
    error: `audit.json` is not a checkpoint: it is no JSON object with seq, hash and at
    hint: give a file that was written with `secboard audit checkpoint`
    [exit status: 65]
    ");
    board.write("audit.checkpoint", "not a checkpoint");
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    ------- stderr -------
    error: `audit.checkpoint` is not a checkpoint: its sequence is no number
    hint: give a file that was written with `secboard audit checkpoint`
    [exit status: 65]
    ");
    fs::remove_file(board.path("audit.checkpoint")).unwrap();
    assert_snapshot!(board.run("audit verify --checkpoint audit.checkpoint"), @"
    ------- stderr -------
    error: there is no file `audit.checkpoint`
    hint: check the name; `-` reads standard input
    [exit status: 66]
    ");
}

/// Changes the store without the rules that rows have among each other.
fn plant(board: &Board, sql: &str) {
    tamper(board, &format!("PRAGMA foreign_keys = OFF; {sql}"));
}

#[test]
fn a3_rights_planted_for_an_id_to_come_are_found_and_nobody_gets_them() {
    let board = board();
    board.run("group create Power").ok();
    board.run("group grant Power users.edit").ok();
    board.run("role create Boss").ok();
    for (table, column, parent, rest, create) in [
        (
            "memberships",
            "user_id",
            "users",
            "1, 'manual', 0",
            "user create --email eve@acme.example --first-name Eve --last-name Lee --company 'Acme Bank'",
        ),
        (
            "user_roles",
            "user_id",
            "users",
            "1, 1, 0",
            "user create --email eve@acme.example --first-name Eve --last-name Lee --company 'Acme Bank'",
        ),
        (
            "operators",
            "user_id",
            "users",
            "1, 0, 0",
            "user create --email eve@acme.example --first-name Eve --last-name Lee --company 'Acme Bank'",
        ),
        (
            "photos",
            "user_id",
            "users",
            "'image/png', 200, 200, zeroblob(9), 0, 0",
            "user create --email eve@acme.example --first-name Eve --last-name Lee --company 'Acme Bank'",
        ),
        ("grants", "group_id", "groups", "'users.edit', NULL, 0", "group create Fresh"),
        ("role_groups", "role_id", "roles", "1", "role create Fresh"),
        ("role_companies", "role_id", "roles", "1", "role create Fresh"),
    ] {
        let first = if table == "operators" { "4242, 'eve', " } else { "" };
        let next = format!("(SELECT seq + 1 FROM sqlite_sequence WHERE name = '{parent}')");
        plant(&board, &format!("INSERT INTO {table} VALUES ({first}{next}, {rest})"));
        let found = board.run("audit verify --state");
        assert_eq!(found.code, Some(1), "{table}: {found}");
        let told = format!("1 row of `{table}` without the row of `{parent}` that is named there");
        assert!(found.stderr.contains(&told), "{found}");
        let refused = board.run(create);
        assert_eq!(refused.code, Some(78), "{table}: {refused}");
        let told = format!("`{table}` has a row for one of `{parent}` that is still to come");
        assert!(refused.stderr.contains(&told), "{refused}");
        plant(&board, &format!("DELETE FROM {table} WHERE {column} = {next}"));
    }
    board.run("audit verify --state").ok();
    board
        .run("user create --email eve@acme.example --first-name Eve --last-name Lee --company 'Acme Bank'")
        .ok();
}

#[test]
fn a3_an_id_of_somebody_who_was_is_given_to_nobody() {
    let board = board();
    board
        .run("user create --email eve@acme.example --first-name Eve --last-name Lee --company 'Acme Bank'")
        .ok();
    board.run("user delete eve@acme.example --yes").ok();
    board.run("user purge eve@acme.example --yes").ok();
    tamper(&board, "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'users'");
    assert_snapshot!(board.run("user create --email new@acme.example --first-name New --last-name Lee --company 'Acme Bank'"), @"
    ------- stderr -------
    error: the store is damaged: the audit tells of user 2 or a later one already, and no id is used again
    hint: nothing was changed; somebody wrote to the file past secboard: put back the latest copy of the store and its key
    [exit status: 78]
    ");
}

#[test]
fn a3_a_key_that_does_not_fit_is_no_key_that_is_away() {
    let board = board();
    tamper(&board, "UPDATE store_info SET value = 'x' WHERE name = 'key_fingerprint'");
    assert_snapshot!(board.run("audit verify"), @"
    OK              no
    ROWS            7
    HEAD SEQ        7
    HEAD HASH       [hash]
    HEAD AT         [time]
    KEYED FROM      1
    KEYED PROVED    no
    TIMES BACK      0
    KEY IS DAMAGED  yes
    ------- stderr -------
    the key belongs to another store: its fingerprint is `[fingerprint]`, this store wants `x`; only the plain chain is proved, which whoever has the store can rewrite
    [exit status: 1]
    ");
    assert_snapshot!(board.run("audit verify -q --columns ok,key_is_damaged"), @"
    OK              no
    KEY IS DAMAGED  yes
    ------- stderr -------
    the key belongs to another store: its fingerprint is `[fingerprint]`, this store wants `x`; only the plain chain is proved, which whoever has the store can rewrite
    [exit status: 1]
    ");
    let board = self::board();
    fs::write(board.path("secboard.key"), "no key\n").unwrap();
    assert_snapshot!(board.run("audit verify -q --columns ok,key_is_damaged"), @"
    OK              no
    KEY IS DAMAGED  yes
    ------- stderr -------
    `[board]/secboard.key` is not a secboard key, or was damaged; only the plain chain is proved, which whoever has the store can rewrite
    [exit status: 1]
    ");
    fs::remove_file(board.path("secboard.key")).unwrap();
    let away = board.run("audit verify -q");
    assert_eq!(away.code, Some(0));
    assert!(away.stderr.starts_with("warning: ") && away.stdout.is_empty(), "{away}");
}
