//! Verbs on many people: `secboard user activate`, `deactivate`, `delete`, `force-password-change`.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with Ada and `count` people, p0@acme.example and so on, the odd ones of Globex.
fn board(count: u32) -> Board {
    let board = Board::new();
    let mut text = "email,first_name,last_name,company\n".to_owned();
    for number in 0..count {
        let company = if number % 2 == 1 { "Globex" } else { "Acme Bank" };
        writeln!(text, "p{number}@acme.example,P,Number{number},{company}").unwrap();
    }
    board.run_with_input("user import - --create-missing -q", &text).ok();
    board
}

fn active(board: &Board) -> String {
    board.run("user list --status active --count").ok().stdout.trim().to_owned()
}

#[test]
fn people_are_named_as_arguments() {
    let board = board(4);
    assert_snapshot!(board.run("user deactivate p0@acme.example 3"), @"
    ------- stderr -------
    error: a confirmation (“Deactivate 2 people?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user deactivate p0@acme.example p1@acme.example --yes --dry-run"), @"
    - user p0@acme.example  active: yes → no
    - user p1@acme.example  active: yes → no
    ------- stderr -------
    people: 2 losing access (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user deactivate p0@acme.example p1@acme.example --yes"), @"
    ------- stderr -------
    people: 2 losing access
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("user deactivate p0@acme.example P1@acme.example --yes"), @"
    ------- stderr -------
    no change; people: 2 unchanged
    ");
    assert_snapshot!(board.run("user activate p0@acme.example p1@acme.example p2@acme.example -o json"), @r#"
    {"run": "[run]", "summary": {"create":0,"update":2,"deactivate":0,"delete":0,"unchanged":1,"refused":0}, "also": {"companies":0,"departments":0,"groups":0,"invitations":0,"positions":0,"roles":0}, "mails": 0, "changes": []}
    ------- stderr -------
    people: 2 changed, 1 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    "#);
}

#[test]
fn a_pipe_that_brings_nobody_is_no_mistake() {
    let board = board(1);
    for empty in ["", "\n# nobody left this week\n"] {
        for verb in ["deactivate", "delete", "activate", "unlock", "purge", "add-group Keepers"] {
            board.run("group create Keepers -q");
            let words = format!("user {verb} -");
            let words = if verb.starts_with("add") { "user add-group - Keepers".to_owned() } else { words };
            let ran = board.run_with_input(&words, empty);
            assert_eq!(ran.code, Some(0), "{words}: {}", ran.stderr);
            assert!(ran.stderr.contains("nobody was named"), "{words}: {}", ran.stderr);
        }
    }
    assert_snapshot!(board.run_with_input("user deactivate - -y -o json", ""), @r#"
    {"run": null, "summary": {"create":0,"update":0,"deactivate":0,"delete":0,"unchanged":0,"refused":0}, "also": {"companies":0,"departments":0,"groups":0,"invitations":0,"positions":0,"roles":0}, "mails": 0, "changes": []}
    ------- stderr -------
    nobody was named
    no change
    "#);
    assert_snapshot!(board.run("user deactivate"), @"
    ------- stderr -------
    error: nobody was named
    hint: give emails or ids, `-` for standard input, or filters with `--all-matching`
    [exit status: 2]
    ");
    assert_eq!(
        board.run("run list --limit 9 -o json").ok().json().as_array().map(Vec::len),
        Some(1),
        "no run of nobody"
    );
}

#[test]
fn people_are_listed_on_standard_input() {
    let board = board(4);
    let leavers = "# leavers\np0@acme.example\n\nP3@ACME.example\r\n";
    assert_snapshot!(board.run_with_input("user delete - --yes", leavers), @"
    ------- stderr -------
    people: 2 moved to the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("user list --deleted --columns email"), @"
    EMAIL
    p0@acme.example
    p3@acme.example
    ");
    assert_snapshot!(board.run_with_input("user activate -", ""), @"
    ------- stderr -------
    nobody was named
    no change
    ");
    assert_snapshot!(board.run_with_input("user activate -", "p1@acme.example\nnobody@acme.example\nno-one\n"), @"
    ------- stderr -------
    error: there are no users `nobody@acme.example`, `no-one`
    hint: nothing was changed; see who there is with `secboard user list`
    [exit status: 67]
    ");
}

#[test]
fn people_are_filtered() {
    let board = board(4);
    assert_snapshot!(board.run("user deactivate --company globex --all-matching"), @"
    ------- stderr -------
    error: a confirmation (“Deactivate 2 people?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user deactivate --company globex --all-matching --yes --reason 'sold'"), @"
    ------- stderr -------
    people: 2 losing access
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("user deactivate --company globex --all-matching --yes"), @"
    ------- stderr -------
    no change; people: 2 unchanged
    ");
    assert_snapshot!(board.run("user force-password-change --company acme-bank --all-matching"), @"
    ------- stderr -------
    people: 3 changed
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("user activate --search nobody-is-called-so --all-matching"), @"
    ------- stderr -------
    no change
    ");
}

#[test]
fn whom_a_command_means_must_be_clear() {
    let board = board(1);
    assert_snapshot!(board.run("user deactivate"), @"
    ------- stderr -------
    error: nobody was named
    hint: give emails or ids, `-` for standard input, or filters with `--all-matching`
    [exit status: 2]
    ");
    for one in ["add-role p0@acme.example", "remove-role p0@acme.example", "add-group p0@acme.example"] {
        let said = board.run(&format!("user {one}"));
        assert!(said.stderr.contains("error: only `p0@acme.example` was named: who, and which "), "{said}");
        assert!(said.to_string().contains("[exit status: 2]"), "{said}");
    }
    assert_snapshot!(board.run("user remove-group Readers"), @"
    ------- stderr -------
    error: only `Readers` was named: who, and which group?
    hint: give the people first and the group last, or add `--all-matching` for everybody
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user add-role nobody --all-matching"), @"
    ------- stderr -------
    error: there is no role `nobody`
    hint: make it with `secboard role create 'nobody'`, or see those there are with `secboard role list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user deactivate --company globex"), @"
    ------- stderr -------
    error: a filter alone does not change people
    hint: add `--all-matching` to change everybody who passes it
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user deactivate p0@acme.example --company acme-bank --all-matching"), @"
    ------- stderr -------
    error: people were both named and filtered
    hint: give either emails, or filters with `--all-matching`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user delete --deleted --all-matching --yes"), @"
    ------- stderr -------
    error: people in the bin cannot be changed
    hint: bring them back first; see who is in the bin with `secboard user list --deleted`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user deactivate --company Globx --all-matching --yes"), @"
    ------- stderr -------
    error: there is no company `Globx`
    hint: make it with `secboard company create 'Globx'`, or see those there are with `secboard company list`
    [exit status: 67]
    ");
}

#[test]
fn a_run_names_the_filters_as_they_were_typed() {
    let board = Board::new();
    let people = "email,first_name,last_name,company,profile_completed,two_factor_required\nann@x.example,Ann,Lee,Globex,yes,yes\n";
    board.run_with_input("user import - --create-missing", people).ok();
    let filters = "--company globex --status profile-completed --two-factor required";
    board.run(&format!("user force-password-change {filters} --all-matching")).ok();
    let source = board.run("run list --limit 1 --columns source -o json").json()[0]["source"].clone();
    assert_eq!(source, filters);
}

#[test]
fn the_last_superuser_is_never_among_them() {
    let board = board(2);
    let unasked = board.run("user delete --all-matching");
    assert!(unasked.stderr.contains("is the last superuser who can log in"), "{}", unasked.stderr);
    assert_snapshot!(board.run("user deactivate --all-matching --yes"), @"
    ------- stderr -------
    error: `ada@acme.example` is the last superuser who can log in
    hint: let another superuser log in first, without an end date: `secboard user edit EMAIL --superuser`, and `secboard user set-password EMAIL`
    [exit status: 65]
    ");
    assert_eq!(active(&board), "3", "all or nothing");
}

#[test]
fn a_change_that_takes_access_from_many_is_held_looked_at_and_released() {
    let board = board(60);
    assert_snapshot!(board.run("user deactivate --company globex --all-matching --yes --dry-run").stderr, @"
    planned, not done: people: 30 losing access (dry run: nothing was changed)
    error: this would be held: 30 of 61 people would be able to do less than before, more than 20 are not let through
    hint: without `--dry-run` it becomes a held run, which `secboard run release ID` applies
    ");
    assert_snapshot!(board.run("user deactivate --company globex --all-matching --yes"), @"
    ------- stderr -------
    planned, not done: people: 30 losing access
    error: run `[run]` is held: 30 of 61 people would be able to do less than before, more than 20 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert_eq!(active(&board), "61", "nothing is done yet");
    let run = board.newest_run();
    assert_snapshot!(board.run("run list --limit 1"), @"
    ID          CREATED AT  KIND             STATE  SOURCE            CREATE  UPDATE  DEACTIVATE  DELETE  LOSING
    [run]       [time]      user.deactivate  held   --company globex  0       0       30          0       30
    ");
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    error: run `[run]` is held: it has changed nothing that could be undone
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("run release {run} --dry-run")), @"
    ------- stderr -------
    released run `[run]`; undo it with `secboard run undo [run]` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    released run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(active(&board), "31");
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    error: run `[run]` is not held: it was applied already
    hint: undo it with `secboard run undo [run]`
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 30 taken back
    ");
    assert_eq!(active(&board), "61");
}

#[test]
fn the_brake_asks_what_is_taken_and_not_how() {
    let board = board(60);
    for (group, grants) in [
        ("Readers", "risk.view_report"),
        ("Writers", "risk.view_report risk.edit_report"),
        ("Guests", "fim.view"),
    ] {
        board.run(&format!("group create {group}")).ok();
        board.run(&format!("group grant {group} {grants}")).ok();
        board.run(&format!("group add-member {group} --company globex --all-matching")).ok();
    }
    assert_snapshot!(board.run("group remove-member Readers --group Readers --all-matching"), @"
    ------- stderr -------
    planned, not done: people: 30 changed
    error: run `[run]` is held: group `Readers` would lose 30 of the 30 people in it
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    board.run(&format!("run release {}", board.newest_run())).ok();
    assert_snapshot!(board.run("group remove-member Writers --group Writers --all-matching --yes"), @"
    ------- stderr -------
    planned, not done: people: 30 changed
    error: run `[run]` is held: 30 of 61 people would be able to do less than before, more than 20 are not let through; group `Writers` would lose 30 of the 30 people in it
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert_eq!(board.run("group show Writers -o json").json()["members"], 30, "nothing is done yet");
    assert_eq!(
        board.run("user list --search p1@acme --count").ok().stdout.trim(),
        "1",
        "and everybody is found"
    );
    let run = board.newest_run();
    board.run(&format!("run discard {run}")).ok();
    let mut ended = "email,end_date\n".to_owned();
    for number in 0..30 {
        writeln!(ended, "p{number}@acme.example,2020-01-31").unwrap();
    }
    assert_snapshot!(board.run_with_input("user import - --on-existing update", &ended), @"
    ------- stderr -------
    planned, not done: people: 30 losing access
    error: run `[run]` is held: 30 of 61 people would be able to do less than before, more than 20 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    board.run("setting set brake.people 30").ok();
    board.run_with_input("user import - --on-existing update -q", &ended).ok();
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 30 taken back
    ");
    for group in
        ["create Late", "grant Late risk.show_link", "add-member Late --company globex --all-matching"]
    {
        board.run(&format!("group {group}")).ok();
    }
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    30 people may do less than before: 30 permissions of theirs go
    run `[run]`: 30 taken back
    ");
}

#[test]
fn the_brake_is_a_setting() {
    let board = board(4);
    board.run("setting set brake.people 1").ok();
    assert_snapshot!(board.run("user delete p0@acme.example p1@acme.example --yes -o json"), @r#"
    {"run": "[run]", "summary": {"create":0,"update":0,"deactivate":0,"delete":2,"unchanged":0,"refused":0}, "also": {"companies":0,"departments":0,"groups":0,"invitations":0,"positions":0,"roles":0}, "mails": 0, "changes": []}
    ------- stderr -------
    planned, not done: people: 2 moved to the bin
    {"error":{"code":"run.held","kind":"held","message":"run `[run]` is held: 2 of 5 people would be able to do less than before, more than 1 are not let through","causes":[],"command":"secboard run show [run]","advice":"apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it","exit":76,"rows":[]}}
    [exit status: 76]
    "#);
    board.run("setting set brake.people 20").ok();
    assert_eq!(board.run("user delete p0@acme.example p1@acme.example --yes").code, Some(0));
}
