use insta::assert_snapshot;

use super::people;
use crate::harness::{Board, PASSWORD};

#[test]
fn a_password_comes_on_standard_input() {
    let board = people();
    let set = |flags: &str, password: &str| {
        board.run_with_input(&format!("user set-password olena@acme.example {flags}"), password)
    };
    assert_snapshot!(set("--password-stdin", "harbour-violet-anvil\n"), @"
    ------- stderr -------
    set the password of `olena@acme.example`
    ");
    assert_snapshot!(board.run("user show olena@acme.example --columns has_password,must_change_password"), @"
    HAS PASSWORD          yes
    MUST CHANGE PASSWORD  no
    ");
    assert_snapshot!(set("--password-stdin --must-change -o json --columns email,must_change_password", "canoe-lantern-beetle"), @r#"
    {"email":"olena@acme.example","must_change_password":true}
    ------- stderr -------
    set the password of `olena@acme.example`
    "#);
    assert_snapshot!(set("--password-stdin --no-must-change --dry-run", "ladder-cactus-merry"), @"
    ------- stderr -------
    set the password of `olena@acme.example` (dry run: nothing was changed)
    ");
    assert!(!board.run("audit list -o json").ok().stdout.contains("canoe"), "the audit keeps no password");
}

#[test]
fn p8_a_random_password_is_printed_once_and_has_to_be_changed() {
    let board = people();
    let ran = board.run("user set-password olena@acme.example --generate").ok();
    assert_eq!(ran.stderr, "set a random password for `olena@acme.example`\n");
    assert!(ran.stdout.trim_end().len() >= 20, "{}", ran.stdout);
    assert_snapshot!(board.run("user show olena@acme.example --columns has_password,must_change_password"), @"
    HAS PASSWORD          yes
    MUST CHANGE PASSWORD  yes
    ");
    let again = board.run("user set-password olena@acme.example --generate -o json").ok().json();
    assert_eq!(again["email"], "olena@acme.example");
    assert_ne!(again["password"].as_str(), Some(ran.stdout.trim_end()));
    let csv = board.run("user set-password olena@acme.example --generate -o csv").ok().stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(matches!(lines[..], ["email,password", row] if row.starts_with("olena@acme.example,")), "{csv}");
    assert_snapshot!(board.run("user set-password olena@acme.example --generate --dry-run"), @"
    ------- stderr -------
    set a random password for `olena@acme.example` (dry run: nothing was changed)
    ");
}

#[test]
fn p4_what_the_rules_refuse_is_refused_with_the_reason() {
    let board = people();
    let set = |password: &str| {
        board.run_with_input("user set-password olena@acme.example --password-stdin", password)
    };
    assert_snapshot!(set("short"), @"
    ------- stderr -------
    error: the password is too short: it has 5 of at least 8 characters
    hint: take a few words that do not belong together
    [exit status: 65]
    ");
    assert_snapshot!(set("password123"), @"
    ------- stderr -------
    error: the password is one of the most common ones, which are tried first by whoever guesses
    hint: take a few words that do not belong together, or let `--generate` make one
    [exit status: 65]
    ");
    assert_snapshot!(set("Шевченко1"), @"
    ------- stderr -------
    error: the password is little more than the name, which others know
    hint: take a few words that do not belong together, or let `--generate` make one
    [exit status: 65]
    ");
    assert_snapshot!(set(&"a".repeat(600)), @"
    ------- stderr -------
    error: the password is too long: at most 128 characters and 512 bytes are taken
    hint: take a shorter one
    [exit status: 65]
    ");
    assert_snapshot!(set(""), @"
    ------- stderr -------
    error: what came on standard input is no password: it is empty
    hint: give one line of UTF-8
    [exit status: 65]
    ");
    let ada = board.run_with_input("user set-password ada@acme.example --password-stdin", PASSWORD);
    assert_snapshot!(ada, @"
    ------- stderr -------
    error: the password is the current one
    hint: take a few words that do not belong together, or let `--generate` make one
    [exit status: 65]
    ");
}

#[test]
fn without_a_terminal_the_flag_is_named() {
    let board = people();
    assert_snapshot!(board.run("user set-password olena@acme.example"), @"
    ------- stderr -------
    error: the password is missing, and there is no terminal to ask on
    hint: give `--password-stdin`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user set-password olena@acme.example --generate --password-stdin"), @"
    ------- stderr -------
    error: the argument '--generate' cannot be used with '--password-stdin'

    Usage: secboard user set-password --generate <USER>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user set-password nobody@acme.example --generate"), @"
    ------- stderr -------
    error: there is no user `nobody@acme.example`
    hint: look for them with `secboard user list --search 'nobody@acme.example'`
    [exit status: 67]
    ");
}

#[test]
fn the_password_that_init_makes_is_an_object_for_programs() {
    let board = Board::without_store();
    let init = "init --email ada@acme.example --first-name Ada --last-name Admin --company Acme --time-zone UTC \
                --generate-password --no-input";
    let made = board.run(&format!("{init} -o json")).ok().json();
    assert_eq!(made["email"], "ada@acme.example");
    assert!(made["password"].as_str().is_some_and(|password| password.len() >= 15), "{made}");
    let board = Board::without_store();
    assert_eq!(board.run(init).ok().stdout.lines().count(), 1, "for people it is a line");
}
