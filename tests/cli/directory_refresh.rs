//! `secboard user refresh`: people of a directory are read again, now.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use crate::directory_sync::{at, becomes, crowd, directory, group, may, olena, petro, steady, with};
use crate::harness::Board;
use crate::ldap::{At, BASE, Directory, Entry, Fault, Script};

#[test]
fn one_person_is_as_the_directory_says_now_and_nobody_else_is_asked_about() {
    let first = directory(vec![olena(), petro()]);
    let board = at(&first);
    board.run("ad sync corp").ok();
    let second = directory(vec![with(olena(), "sn", "Шевченко"), with(petro(), "userAccountControl", "514")]);
    becomes(&board, &second);
    assert_snapshot!(board.run("user refresh olena@corp.test --dry-run"), @"
    ~ user olena@corp.test  last_name: Коваль → Шевченко
    ------- stderr -------
    `corp` gives: people: 1 changed (dry run: nothing was changed)
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    assert_snapshot!(steady(&board, &board.run("user refresh olena@corp.test")), @"
    ------- stderr -------
    `corp` gives: people: 1 changed
    run `[run]`; undo it with `secboard run undo [run]`
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    assert!(may(&board, "petro@corp.test"), "nobody asked about him");
    assert_snapshot!(steady(&board, &board.run("user refresh petro@corp.test")), @"
    ------- stderr -------
    `corp` takes: people: 1 losing access
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert!(!may(&board, "petro@corp.test"));
    let audited = board.run("audit list -o json").ok().json();
    assert_snapshot!(board.run("user refresh olena@corp.test petro@corp.test"), @"
    ------- stderr -------
    `corp`: nothing to do for 2 people
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    assert_eq!(board.run("audit list -o json").ok().json(), audited, "what is so already writes nothing");
    assert_snapshot!(board.run("run list --columns kind,state,source"), @"
    KIND                    STATE    SOURCE
    directory.refresh_take  applied  corp
    directory.refresh       applied  corp
    directory.sync          applied  corp
    ");
    // It is taken back as any run.
    board.run(&format!("run undo {} --yes", board.newest_run())).ok();
    assert!(may(&board, "petro@corp.test"));
    board.run("audit verify --state").ok();
}

#[test]
fn several_are_read_and_who_is_of_no_directory_or_not_found_is_told() {
    let first = directory(vec![olena(), petro()]);
    let board = at(&first);
    board.run("ad sync corp").ok();
    let second = directory(vec![with(olena(), "telephoneNumber", "+380 44 765 43 21")]);
    becomes(&board, &second);
    assert_snapshot!(board.run("user refresh ada@acme.example"), @"
    ------- stderr -------
    error: no directory manages `ada@acme.example`
    hint: `secboard ad link` ties an account to its entry; `secboard user edit` changes the others
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user refresh nobody@corp.test"), @"
    ------- stderr -------
    error: there is no user `nobody@corp.test`
    hint: look for them with `secboard user list --search 'nobody@corp.test'`
    [exit status: 67]
    ");
    assert_snapshot!(steady(&board, &board.run("user refresh ada@acme.example petro@corp.test olena@corp.test")), @"
    ------- stderr -------
    skipped `ada@acme.example`: no directory manages `ada@acme.example`
    `corp` gives: people: 1 changed
    run `[run]`; undo it with `secboard run undo [run]`
    not found there: petro@corp.test
    there is no department `Treasury` here: 1 person
    [exit status: 1]
    ");
    assert!(may(&board, "petro@corp.test"), "only whole reads say that somebody is gone");
    assert_snapshot!(board.run("user refresh --all-matching"), @"
    ------- stderr -------
    of no directory: 1 person
    `corp`: nothing to do for 1 person
    not found there: petro@corp.test
    there is no department `Treasury` here: 1 person
    [exit status: 1]
    ");
    let rows = board.run("user refresh --all-matching -o json").json();
    assert_snapshot!(rows.to_string(), @r#"[{"connection":"corp","people":1,"full":false,"created":0,"changed":0,"taken":0,"losing":0,"unchanged":1,"quarantined":0,"absent":1,"near_groups":[],"run":null,"taking_run":null,"held_because":null}]"#);
    board.run("audit verify --state").ok();
}

#[test]
fn d3_a_refresh_that_is_not_whole_changes_nothing() {
    let first = directory(vec![olena(), petro()]);
    let board = at(&first);
    board.run("ad sync corp").ok();
    let changed = || vec![with(olena(), "sn", "Changed"), with(petro(), "userAccountControl", "514")];
    let before = board.run("audit list -o json").ok().json();
    let faults = [
        (At::Page(0), Fault::Cut),
        (At::PageEnd(0), Fault::NoControl),
        (At::PageEnd(0), Fault::Code(4, "size limit")),
        (At::PageEnd(0), Fault::Code(11, "administrative limit")),
    ];
    for (at, fault) in faults {
        let broken = Directory::start(Script::of(changed()).with(at, fault));
        becomes(&board, &broken);
        let ran = board.run("user refresh olena@corp.test petro@corp.test");
        assert_eq!(ran.code, Some(69), "{fault:?}: {ran}");
        assert!(may(&board, "petro@corp.test"));
    }
    let rows = board.run("audit list -o json").ok().json();
    let of_people = |rows: &serde_json::Value| {
        rows.as_array().unwrap().iter().filter(|row| row["kind"] == "user").count()
    };
    assert_eq!(of_people(&rows), of_people(&before));
    // Another server may know more of them: what gives is given, and nothing taken.
    let mut script = Script::of(changed());
    script.elsewhere = vec!["ldap://sub.corp.test/DC=sub,DC=corp,DC=test".to_owned()];
    let elsewhere = Directory::start(script);
    becomes(&board, &elsewhere);
    assert_snapshot!(steady(&board, &board.run("user refresh olena@corp.test petro@corp.test")), @"
    ------- stderr -------
    `corp` gives: people: 1 changed, 1 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    more people may be at `ldap://sub.corp.test/DC=sub,DC=corp,DC=test`, which is not asked: so nothing was taken
    [exit status: 1]
    ");
    assert!(may(&board, "petro@corp.test"));
}

#[test]
fn d4_d12_a_refresh_of_very_many_who_lose_their_login_is_held_and_what_gives_is_given() {
    let board = at(&directory(Vec::new()));
    let first = directory(crowd(30));
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    let mut changed: Vec<Entry> =
        crowd(30).into_iter().map(|entry| with(entry, "userAccountControl", "514")).collect();
    changed[7] = with(crowd(8).remove(7), "sn", "Married");
    let second = directory(changed);
    becomes(&board, &second);
    assert_snapshot!(steady(&board, &board.run("user refresh --search user --all-matching")), @"
    ------- stderr -------
    `corp` gives: people: 1 changed, 29 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    `corp` takes: planned, not done: people: 29 losing access
    error: run `[run]` is held: 29 of 30 people would be able to do less than before, more than 20 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert!(may(&board, "user003@corp.test"));
    assert_snapshot!(board.run("user show user007@corp.test --columns email,last_name"), @"
    EMAIL      user007@corp.test
    LAST NAME  Married
    ");
    // The next sync makes its own plan, and leaves the other to be decided.
    assert_eq!(board.run("ad sync corp").code, Some(76));
    assert_snapshot!(board.run("run list --columns kind,state"), @"
    KIND                    STATE
    directory.take          held
    directory.refresh_take  held
    directory.refresh       applied
    directory.sync          applied
    ");
}

#[test]
fn groups_are_read_with_a_person_where_they_are_followed() {
    let inner = group("Desk", 1101, &[&olena()]);
    let outer = group("Traders", 1102, &[&inner]);
    let first = directory(vec![olena(), petro(), inner.clone(), outer]);
    let board = at(&first);
    board.run("group create Traders").ok();
    board.run("ad edit corp --group-sync mirror").ok();
    board.run("ad sync corp").ok();
    assert_snapshot!(board.run("user show olena@corp.test --columns email,groups"), @"
    EMAIL   olena@corp.test
    GROUPS  Traders
    ");
    let second = directory(vec![olena(), petro(), inner, group("Traders", 1102, &[&petro()])]);
    becomes(&board, &second);
    board.run("user refresh olena@corp.test").ok();
    assert_snapshot!(board.run("user show olena@corp.test --columns email,groups"), @"
    EMAIL   olena@corp.test
    GROUPS
    ");
    assert_snapshot!(board.run("user show petro@corp.test --columns email,groups"), @"
    EMAIL   petro@corp.test
    GROUPS
    ");
    board.run("user refresh petro@corp.test").ok();
    assert_snapshot!(board.run("user show petro@corp.test --columns email,groups"), @"
    EMAIL   petro@corp.test
    GROUPS  Traders
    ");
    board.run("audit verify --state").ok();
}

/// Has a command ask a directory that says nothing behind the first bind, and waits until it is asked for people.
fn waiting(board: &Board, slow: &Directory, command: &str) -> Child {
    board.run("ad edit corp --answer-timeout 60").ok();
    becomes(board, slow);
    let mut waiting = board.command(command);
    let waiting = waiting.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !slow.asked().iter().any(|asked| asked == &format!("search {BASE}")) {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", slow.asked());
        std::thread::sleep(Duration::from_millis(20));
    }
    waiting
}

fn hanging() -> Directory {
    Directory::start(Script::of(vec![olena()]).with(At::Page(0), Fault::Hang))
}

#[test]
fn d8_a_refresh_beside_a_sync_is_told_to_wait() {
    let first = directory(vec![olena()]);
    let board = at(&first);
    board.run("ad sync corp").ok();
    let slow = hanging();
    let mut sync = waiting(&board, &slow, "ad sync corp");
    assert_snapshot!(board.run("user refresh olena@corp.test"), @"
    ------- stderr -------
    error: connection `corp` is followed just now by another command
    hint: try again when that has ended
    [exit status: 75]
    ");
    sync.kill().unwrap();
    sync.wait().unwrap();
}

#[test]
fn d11_the_store_is_read_and_written_while_a_directory_is_waited_for() {
    let first = directory(vec![olena()]);
    let board = at(&first);
    board.run("ad sync corp").ok();
    for (number, command) in
        ["ad sync corp", "ad plan corp", "user refresh olena@corp.test", "ad lint corp", "ad test corp"]
            .iter()
            .enumerate()
    {
        let slow = hanging();
        let mut waiting = waiting(&board, &slow, command);
        board.run(&format!("company create Company{number}")).ok();
        board.run("user edit olena@corp.test --language uk").ok();
        board.run("user edit olena@corp.test --language en").ok();
        assert!(waiting.try_wait().unwrap().is_none(), "{command} waits all the while");
        waiting.kill().unwrap();
        waiting.wait().unwrap();
    }
    board.run("audit verify --state").ok();
}
