//! Commands that are printed to be copied mean the store that was given, whatever it is called.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::Board;

/// A board whose store and key lie where nobody looks for them unasked.
fn elsewhere() -> Board {
    let board = Board::new();
    fs::create_dir(board.path("it's a store")).unwrap();
    for file in ["secboard.db", "secboard.key"] {
        fs::rename(board.path(file), board.path("it's a store").join(file)).unwrap();
    }
    board
}

const STORE: &str = "--store \"it's a store/secboard.db\" --config secboard.toml";

/// The command in the last line of a hint.
fn advised(text: &str) -> String {
    let (_, command) = text.split_once("`secboard ").unwrap();
    format!("secboard {}", command.trim_end().trim_end_matches('`'))
}

#[test]
fn a16_a_hint_means_the_store_that_was_given() {
    let board = elsewhere();
    let refused = board.run(&format!("user show olena@acme.example {STORE}"));
    assert_snapshot!(refused, @r#"
    ------- stderr -------
    error: there is no user `olena@acme.example`
    hint: look for them with `secboard --store 'it'\''s a store/secboard.db' --config secboard.toml user list --search 'olena@acme.example'`
    [exit status: 67]
    "#);
    board.run_in_sh(&advised(&refused.stderr)).ok();

    let json = board.run(&format!("{STORE} user show olena@acme.example -o json"));
    let command = json.json_error().pointer("/error/command").and_then(Value::as_str).unwrap().to_owned();
    assert_eq!(command, advised(&refused.stderr));

    let create = "user create --first-name A --last-name B --company 'Acme Bank' --email";
    board.run(&format!("{create} a@acme.example {STORE}")).ok();
    board.run(&format!("{create} b@acme.example {STORE}")).ok();
    let done = board.run(&format!("{STORE} user deactivate a@acme.example b@acme.example --yes"));
    assert_snapshot!(done, @r#"
    ------- stderr -------
    people: 2 losing access
    run `[run]`; undo it with `secboard --store 'it'\''s a store/secboard.db' --config secboard.toml run undo [run]`
    "#);
    board.run_in_sh(&format!("{} --dry-run", advised(&done.stderr))).ok();
}

#[test]
fn a16_what_to_do_about_a_login_means_the_store_that_was_given() {
    let board = elsewhere();
    let create =
        "user create --first-name A --last-name B --company 'Acme Bank' --email a@acme.example --inactive";
    board.run(&format!("{create} {STORE}")).ok();
    assert_snapshot!(board.run(&format!("{STORE} user why a@acme.example")), @r#"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           no   the administrator's switch is off
    dates            yes  no dates are set
    directory        yes  not managed by a directory
    password         no   no password was ever set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    what to do:
      active: secboard --store 'it'\''s a store/secboard.db' --config secboard.toml user activate 'a@acme.example'
      password: invite them with `secboard --store 'it'\''s a store/secboard.db' --config secboard.toml user invite 'a@acme.example'`, or give first access with `secboard --store 'it'\''s a store/secboard.db' --config secboard.toml user set-password 'a@acme.example' --generate`
    ------- stderr -------
    a@acme.example may not log in
    [exit status: 1]
    "#);
    let why = board.run(&format!("{STORE} user why a@acme.example -o json")).json();
    let checks = why.pointer("/checks").and_then(Value::as_array).unwrap();
    let activate = checks.iter().find(|check| check["code"] == "active").unwrap();
    let activate = activate["command"].as_str().unwrap();
    board.run_in_sh(activate).ok();
    let explained = board.run(&format!("{STORE} permission explain a@acme.example risk.edit_report"));
    let granting = r"secboard --store 'it'\''s a store/secboard.db' --config secboard.toml group grant GROUP";
    assert!(explained.stdout.contains(granting), "{explained}");
}
