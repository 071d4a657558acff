//! Exit codes: for each one, a command that ends with it, and what it says.
//!
//! 69 (server unavailable) has no command yet that can end with it; 70 is a defect, and no test knows one.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use insta::assert_snapshot;
use rusqlite::Connection;

use crate::harness::{Board, SUPERUSER};

#[test]
fn a9_0_done_or_nothing_to_do() {
    let board = Board::new();
    assert_eq!(board.run("company create Globex").code, Some(0));
    assert_eq!(board.run("company create Globex --if-absent").code, Some(0));
    assert_eq!(board.run("--version").code, Some(0));
    assert_eq!(board.run("company create --help").code, Some(0));
}

#[test]
fn a9_0_a_reader_that_went_away_is_no_error() {
    let board = Board::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = board.command("company list").stdin(Stdio::null()).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn a9_1_the_answer_is_no() {
    let board = Board::new();
    board
        .run("user create --email olha@acme.example --first-name Olha --last-name Koval --company acme-bank --inactive")
        .ok();
    let why = board.run("user why olha@acme.example -o json");
    assert_eq!(why.code, Some(1));
    assert_eq!(why.json()["may_log_in"], false);
    assert_eq!(why.stderr, "", "an answer is no error");
}

#[test]
fn a9_2_the_command_line_is_wrong() {
    let board = Board::new();
    assert_eq!(board.run("").code, Some(2));
    assert_eq!(board.run("company").code, Some(2));
    assert_eq!(board.run("company create").code, Some(2));
    assert_eq!(board.run("company list --format yaml").code, Some(2));
    assert_snapshot!(board.run("company create Globex --now 2026-01-01T00:00:00Z"), @"
    ------- stderr -------
    error: `--now` cannot date a change
    hint: add `--dry-run`, or leave `--now` out
    [exit status: 2]
    ");
}

#[test]
fn a9_65_a_rule_refuses_the_input() {
    let board = Board::new();
    assert_eq!(board.run("company create Globex --slug 'Glo bex'").code, Some(65));
    assert_eq!(board.run("company delete acme-bank --yes").code, Some(65));
}

#[test]
fn a9_66_there_is_no_store() {
    let board = Board::without_store();
    assert_snapshot!(board.run("company list"), @"
    ------- stderr -------
    error: there is no store at `[board]/secboard.db`
    hint: name another with `--store PATH`, try things out with `secboard quickstart`, or make one with `secboard init`
    [exit status: 66]
    ");
    assert!(!board.path("secboard.db").exists(), "nothing is made by the way");
}

#[test]
fn a9_67_there_is_no_such_thing() {
    let board = Board::new();
    assert_eq!(board.run("company show Globex").code, Some(67));
    assert_eq!(board.run("user show nobody@acme.example").code, Some(67));
}

#[test]
fn a9_73_it_exists_already() {
    let board = Board::new();
    assert_eq!(board.run("company create 'Acme Bank'").code, Some(73));
    let init =
        "init --email ada@acme.example --first-name Ada --last-name Admin --company Acme --generate-password";
    assert_snapshot!(board.run(init), @"
    ------- stderr -------
    error: `[board]/secboard.db` exists already
    hint: nothing was touched; name another place with `--store PATH`
    [exit status: 73]
    ");
    board.run(&format!("user show {SUPERUSER}")).ok();
}

#[test]
fn a9_74_the_output_takes_no_more() {
    let board = Board::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = board.command("company list").stdin(Stdio::null()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(74));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with("error: cannot write to standard output\n"), "{error}");
}

/// Holds the store as another process in the middle of a change does.
#[expect(clippy::disallowed_methods, reason = "stands for a program that is not secboard")]
fn hold(board: &Board) -> Connection {
    let other = Connection::open(board.path("secboard.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

#[test]
fn a9_75_another_process_holds_the_store() {
    let board = Board::new();
    let other = hold(&board);
    assert_snapshot!(board.run("company create Globex"), @"
    ------- stderr -------
    error: the store is busy: others have been writing to it for 10 seconds
      because: database is locked
    hint: nothing was changed; try again, or look which process holds the store
    [exit status: 75]
    ");
    board.run("company list").ok();
    drop(other);
    board.run("company create Globex").ok();
}

#[test]
fn a9_76_the_brake_holds_a_run() {
    let board = Board::new();
    board.run("setting set brake.people 0").ok();
    board.run("setting set brake.percent 0").ok();
    for name in ["ann", "bob"] {
        let new = format!("user create --email {name}@acme.example --first-name A --last-name B");
        board.run(&format!("{new} --company acme-bank")).ok();
    }
    let leave = "user deactivate ann@acme.example bob@acme.example --yes";
    assert_eq!(board.run(&format!("{leave} --dry-run")).code, Some(76));
    assert_snapshot!(board.run(leave), @"
    ------- stderr -------
    planned, not done: people: 2 losing access
    error: run `[run]` is held: 2 of 3 people would be able to do less than before, more than 0 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert_eq!(board.run("user list --status active --count").ok().stdout, "3\n", "nothing is done yet");
}

#[test]
fn a9_130_interrupted() {
    let board = Board::new();
    assert_snapshot!(board.interrupted_import("user import -"), @"
    ------- stderr -------
    error: interrupted; nothing was changed
    [exit status: 130]
    ");
    assert_eq!(board.run("user list --count").ok().stdout, "1\n", "nothing of it is left");
}

#[test]
fn a9_77_who_is_there_may_not_do_this() {
    let board = Board::new();
    assert_eq!(board.run(&format!("--as {SUPERUSER} key show")).code, Some(77));
}

#[test]
fn a9_78_the_configuration_is_wrong() {
    let board = Board::new();
    board.write("secboard.toml", "lisen = \"127.0.0.1:8470\"\n");
    assert_snapshot!(board.run("company list"), @r#"
    ------- stderr -------
    error: the configuration file `[board]/secboard.toml` is wrong
      because: TOML parse error at line 1, column 1
      |
    1 | lisen = "127.0.0.1:8470"
      | ^^^^^
    unknown field `lisen`, expected one of `store`, `key`, `templates`, `resolver`, `listen`, `tls_certificate`, `tls_key`, `metrics_listen`, `trusted_proxies`, `allowed_hosts`, `sites`, `services`, `log_format`
    hint: the keys are `store`, `key`, `templates`, `resolver`, `listen`, `tls_certificate`, `tls_key`, `metrics_listen`, `trusted_proxies`, `allowed_hosts`, `sites`, `services` and `log_format`; see secboard.toml(5)
    [exit status: 78]
    "#);
}

#[test]
fn a9_78_the_store_is_something_else_or_damaged() {
    let board = Board::new();
    board.write("secboard.db", "to be or not to be, that is the question");
    assert_snapshot!(board.run("company list"), @"
    ------- stderr -------
    error: `[board]/secboard.db` is not a secboard store
    hint: nothing was touched; name the store with `--store PATH`
    [exit status: 78]
    ");
    assert_eq!(fs::read(board.path("secboard.db")).unwrap().len(), 40, "it is left as it is");
    let half = Board::new();
    let store = File::options().write(true).open(half.path("secboard.db")).unwrap();
    store.set_len(8192).unwrap();
    assert_snapshot!(half.run("company list"), @"
    ------- stderr -------
    error: the store is damaged
      because: database disk image is malformed
    hint: nothing was recreated; stop writers, keep the file and its `-wal` beside it, and put back the latest copy of the store and its key
    [exit status: 78]
    ");
}

#[test]
fn a9_78_a_newer_secboard_wrote_the_store() {
    let board = Board::new();
    let other = hold(&board);
    other.execute_batch("PRAGMA user_version = 9000; COMMIT").unwrap();
    drop(other);
    let ran = board.run("company list");
    assert_eq!(ran.code, Some(78));
    assert!(ran.stderr.contains("has schema 9000; this secboard knows schemas up to"), "{}", ran.stderr);
}

#[test]
fn a9_78_the_key_is_missing_too_open_or_of_another_store() {
    let board = Board::new();
    let key = board.path("secboard.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert_snapshot!(board.run("company list"), @"
    ------- stderr -------
    error: the key `[board]/secboard.key` is open to others (mode 0644)
    hint: run `chmod 600 [board]/secboard.key`
    [exit status: 78]
    ");
    let digits = "0".repeat(64);
    board.write("secboard.key", format!("secboard-key-1 {digits}\n"));
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    assert_snapshot!(board.run("company list"), @"
    ------- stderr -------
    error: the key belongs to another store: its fingerprint is `[fingerprint]`, this store wants `[fingerprint]`
    hint: name the key of this store, or put it back from the backup of this store
    [exit status: 78]
    ");
    fs::remove_file(&key).unwrap();
    assert_snapshot!(board.run("company list"), @"
    ------- stderr -------
    error: the key `[board]/secboard.key` is missing; without it the secrets of the store cannot be opened
    hint: put back the key that was saved with the backup of this store
    [exit status: 78]
    ");
}

#[test]
fn a9_an_error_in_json_names_its_exit_code() {
    let board = Board::new();
    for command in ["company show Globex", "company create ''", "company create 'Acme Bank'", "company crate"]
    {
        let ran = board.run(&format!("{command} -o json"));
        let error = ran.json_error();
        assert_eq!(error["error"]["exit"].as_i64(), ran.code.map(i64::from), "{command}: {error}");
        assert_eq!(ran.stdout, "", "standard output is data only");
    }
}
