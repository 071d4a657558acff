//! Who holds just what the document says a command needs, and nothing else, can do it.

use std::collections::BTreeMap;

use crate::harness::Board;
use crate::ldap;
use crate::visibility::{board, held_run};

/// A document that says what each command needs.
const OPERATORS: &str = include_str!("../../docs/operators.md");

/// Makes an operator with these permissions, for all companies.
fn operator(board: &Board, name: &str, permissions: &[&str]) -> String {
    let email = format!("{name}@acme.example");
    board.run(&format!("group create {name}")).ok();
    if !permissions.is_empty() {
        board.run(&format!("group grant {name} {}", permissions.join(" "))).ok();
    }
    let new = format!("user create --email {email} --first-name A --last-name B --company acme-bank --staff");
    board.run(&format!("{new} --group {name}")).ok();
    email
}

/// A line of each command, for who has what it needs and nothing else: `ME` is who asks, `HELD` a held run, `OWN` one of
/// their own. What follows `<` comes on standard input.
pub(crate) const LINES: &[(&str, &str)] = &[
    ("user create", "--email n@acme.example --first-name N --last-name N --company acme-bank"),
    ("user adopt", "bare@acme.example --first-name B --last-name B --company acme-bank"),
    ("user list", ""),
    ("user show", "olena@acme.example"),
    ("user edit", "olena@acme.example --department Treasury --position Dealer"),
    ("user import", "- < email,first_name,last_name,company\nn@acme.example,N,N,Acme Bank\n"),
    ("user activate", "olena@acme.example"),
    ("user deactivate", "olena@acme.example"),
    ("user delete", "olena@acme.example"),
    ("user restore", "gone@acme.example"),
    ("user purge", "gone@acme.example"),
    ("user invite", "olena@acme.example"),
    ("user unlock", "olena@acme.example"),
    ("user force-password-change", "olena@acme.example petro@acme.example"),
    ("user set-password", "olena@acme.example --generate"),
    ("user add-role", "olena@acme.example night"),
    ("user remove-role", "olena@acme.example night"),
    ("user add-group", "olena@acme.example Readers"),
    ("user remove-group", "olena@acme.example Readers"),
    ("user avatar set", "petro@acme.example photo.png"),
    ("user avatar show", "olena@acme.example"),
    ("user avatar remove", "olena@acme.example"),
    ("user session list", "olena@acme.example"),
    ("user session end", "olena@acme.example"),
    ("two-factor status", "olena@acme.example"),
    ("two-factor require", "olena@acme.example"),
    ("two-factor unrequire", "olena@acme.example"),
    ("two-factor reset", "olena@acme.example --reason lost"),
    ("user calendar", ""),
    ("user why", "ada@acme.example"),
    ("role create", "New --company acme-bank --group Readers"),
    ("role list", ""),
    ("role show", "night"),
    ("role edit", "local --add-company globex --add-group Readers"),
    ("role delete", "night"),
    ("role dashboard show", "night"),
    ("role dashboard set", "night --section people --off"),
    ("role dashboard reset", "night"),
    ("group create", "New --company acme-bank"),
    ("group list", ""),
    ("group show", "Readers"),
    ("group edit", "Readers --description text"),
    ("group delete", "Unused"),
    ("group grant", "Readers groups.edit --company acme-bank"),
    ("group revoke", "Readers risk.view_report"),
    ("group members", "Readers"),
    ("group add-member", "Readers olena@acme.example"),
    ("group remove-member", "Readers olena@acme.example"),
    ("permission show", "ME"),
    ("permission check", "ME users.view"),
    ("permission explain", "ME users.view"),
    ("permission who-can", "users.view"),
    ("permission diff", "ME ME"),
    ("permission matrix", "--user ME"),
    ("company create", "New"),
    ("company list", ""),
    ("company show", "globex"),
    ("company edit", "globex --note text"),
    ("company delete", "empty"),
    ("company control-word set", "globex --word-stdin < correct horse 9 battery"),
    ("company control-word rotate", "globex"),
    ("company control-word remove", "globex"),
    ("department create", "New --company acme-bank --parent Treasury"),
    ("department list", ""),
    ("department show", "Idle"),
    ("department edit", "Idle --parent Treasury"),
    ("department delete", "Idle"),
    ("position create", "New --company acme-bank --department Treasury"),
    ("position list", ""),
    ("position show", "Dealer"),
    ("position edit", "Dealer --to-department Idle"),
    ("position delete", "Dealer"),
    ("org chart", ""),
    ("export users", "--output out.csv"),
    ("export roles", "--output out.csv"),
    ("export groups", "--output out.csv"),
    ("export permissions", "--output out.csv"),
    ("export access", "--output out.csv"),
    ("run list", ""),
    ("run show", "HELD"),
    ("run undo", "OWN"),
    ("run release", "HELD"),
    ("run discard", "HELD"),
    ("audit list", ""),
    ("audit show", "1"),
    ("audit verify", ""),
    ("audit checkpoint", ""),
    ("mail server list", ""),
    ("mail server show", "folder"),
    ("mail account list", ""),
    ("mail account show", "noreply"),
    ("mail route list", ""),
    ("mail route explain", ""),
    ("mail flush", ""),
    ("mail test", "--account noreply --to olena@acme.example"),
    ("mail send", "--to olena@acme.example --subject S < words"),
    ("mail outbox list", ""),
    ("mail outbox show", "MAIL"),
    ("mail outbox retry", "MAIL"),
    ("mail outbox drop", "MAIL"),
    ("mail trace", "nobody@acme.example"),
    ("mail preview", "test --to olena@acme.example"),
    ("mail contact list", ""),
    ("mail contact show", "contact001"),
    ("mail contact close", "contact001"),
    ("mail doctor", "--offline"),
    ("ad list", ""),
    ("ad show", "corp"),
    ("ad edit", "corp --page-size 10"),
    ("ad lint", "corp"),
    ("ad test", "corp"),
    ("ad plan", "corp"),
    ("ad capture", "corp"),
    ("ad sync", "corp"),
    ("ad quarantine", "corp"),
    ("ad link", "petro@acme.example --connection corp --login olena"),
    ("user refresh", "linked@acme.example"),
    ("ad login-test", "olena --connection corp --password-stdin < secret"),
    ("setting list", ""),
    ("setting get", "site.name"),
    ("setting set", "site.language uk"),
    ("setting unset", "site.language"),
];

/// The commands of the document that need permissions, each with one set of permissions that is enough.
fn needs() -> BTreeMap<&'static str, Vec<&'static str>> {
    let commands = OPERATORS.split("\n## Settings\n").next().unwrap();
    let rows = commands.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let mut needs = BTreeMap::new();
    for (command, rest) in rows {
        let text = rest.split(" | ").next().unwrap();
        let named = text.split(", ").next().unwrap();
        if named.starts_with("nothing about") {
            needs.insert(command, Vec::new());
        } else if named.contains('.') {
            let one = named.split(" or ").next().unwrap();
            needs.insert(command, one.split(" and ").collect());
        }
    }
    needs
}

#[test]
fn a1_who_has_just_what_a_command_needs_can_do_it() {
    let board = board();
    let held = held_run(&board);
    board.run("setting set site.kind test").ok();
    let mail = board.run_with_input("mail send --to nobody@acme.example --subject S", "words").ok();
    crate::contact::message(&board, "contact001");
    let olena = ldap::Entry::person("olena", "Olena", "Koval");
    let linked = ldap::Entry::person("linked", "Lin", "Ked");
    let directory = ldap::Directory::start(ldap::Script::of(vec![olena, linked]));
    let port = directory.port();
    let corp = format!("ad create corp --company acme-bank --server ldap://127.0.0.1:{port} --insecure");
    let corp = format!("{corp} --bind-dn {} --base-dn {} --password-stdin", ldap::READER, ldap::BASE);
    board.run_with_input(&corp, ldap::PASSWORD).ok();
    board
        .run("user create --email linked@acme.example --first-name L --last-name K --company acme-bank")
        .ok();
    board.run("ad link linked@acme.example --connection corp --login linked --yes").ok();
    let needs = needs();
    let lines: Vec<&str> = LINES.iter().map(|(command, _)| *command).collect();
    let missing: Vec<_> = needs.keys().filter(|command| !lines.contains(command)).collect();
    assert!(missing.is_empty(), "add a line for each of {missing:?}");
    let mut operators: BTreeMap<&[&str], String> = BTreeMap::new();
    let mut failed = Vec::new();
    for (command, arguments) in LINES {
        let permissions = needs.get(command).unwrap_or_else(|| panic!("there is no `{command}`"));
        let number = operators.len();
        let operator = operators
            .entry(permissions)
            .or_insert_with(|| operator(&board, &format!("op{number}"), permissions))
            .clone();
        let mut arguments = arguments.replace("ME", &operator).replace("HELD", &held);
        arguments = arguments.replace("MAIL", mail.stdout.trim());
        if arguments.contains("OWN") {
            let people = "petro@acme.example gone2@acme.example";
            let other =
                "user create --email gone2@acme.example --first-name G --last-name G --company acme-bank";
            board.run(other).ok();
            board.run(&format!("user force-password-change {people} --as {operator}")).ok();
            arguments = arguments.replace("OWN", &board.newest_run());
        }
        let (arguments, input) = arguments.split_once(" < ").unwrap_or((&arguments, ""));
        let line = format!("{command} {arguments} --yes --dry-run --as {operator}");
        let ran = board.run_with_input(&line, input);
        // A question may be answered with no, in a dry run a password is not tried, and a directory may be asked in plain.
        let may_say_no = ["permission check", "permission explain", "ad login-test", "ad test"];
        let is_done = ran.code == Some(0) || (ran.code == Some(1) && may_say_no.contains(command));
        if !is_done {
            failed.push(format!("{line}\n{}", ran.stderr));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Commands that read something, with what does not read.
const UNREADABLE: &[&str] = &[
    "audit verify --checkpoint - < x",
    "role dashboard set night --file - < x",
    "user import - < \u{fffd}",
    "user import - --map x < x",
    "user avatar set olena@acme.example - < x",
    "user unlock - < \u{0}",
    "user deactivate - < \u{0}",
    "user purge - < \u{0}",
    "user edit olena@acme.example --photo - < x",
    "user create --email n@acme.example --first-name N --last-name N --company acme-bank --photo - < x",
    "export users --output x.pdf",
    "export roles --output x.pdf",
    "org chart --output x.pdf",
    "mail account dkim noreply --selector a --key - < x",
];

#[test]
fn who_may_not_is_refused_before_what_was_given_is_read() {
    let board = board();
    let nobody = operator(&board, "nobody", &[]);
    for line in UNREADABLE {
        let (command, input) = line.split_once(" < ").unwrap_or((line, ""));
        let refused = board.run_with_input(&format!("{command} --as {nobody}"), input);
        assert_eq!(refused.code, Some(77), "{line}: {}", refused.stderr);
        let rows = board.run("audit list --action permission.denied --limit 1 -o jsonl --columns actor").ok();
        assert!(rows.stdout.contains(&nobody), "{line}: no row");
    }
    let rows = board.run("audit list --action permission.denied -o jsonl").ok();
    assert_eq!(rows.stdout.lines().count(), UNREADABLE.len());
}

#[test]
fn a_refusal_says_for_which_companies_a_permission_is_needed_and_which_would_do() {
    let board = board();
    board.run("group create Local --company acme-bank").ok();
    board.run("group grant Local audit.view mail.view settings.edit users.edit").ok();
    let nobody = operator(&board, "nobody", &[]);
    let local = "user create --email l@acme.example --first-name L --last-name L --company acme-bank --staff";
    board.run(&format!("{local} --group Local")).ok();
    for command in ["audit list", "mail server list", "setting set site.language uk", "run release x"] {
        for who in [nobody.as_str(), "l@acme.example"] {
            let refused = board.run(&format!("{command} --as {who}"));
            assert_eq!(refused.code, Some(77), "{command}: {}", refused.stderr);
            assert!(refused.stderr.contains("for all companies"), "{command}: {}", refused.stderr);
        }
    }
    let refused = board.run(&format!("run list --as {nobody}"));
    assert!(
        refused.stderr.contains("one of the permissions `users.edit`, `users.add`,"),
        "{}",
        refused.stderr
    );
}
