//! Undoing and releasing runs when the world went on: in the wrong order, after moves, after what they were about changed.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::harness::Board;

/// The tables hold what the audit tells.
fn is_proved(board: &Board) {
    board.run("audit verify --state").ok();
}

/// A board after these commands.
fn after(commands: &[&str]) -> Board {
    let board = Board::new();
    for command in commands {
        board.run(command).ok();
    }
    board
}

/// Runs a command, and returns its run.
fn run_of(board: &Board, command: &str) -> String {
    board.run(command).ok();
    board.newest_run()
}

/// Two people of the company Solo, and two of Beta, one in its department Ops and one a clerk there.
fn solo_and_beta() -> Board {
    let board = Board::new();
    let people = "email,first_name,last_name,company,department,position\n\
        s1@x.example,S,One,Solo,,\ns2@x.example,S,Two,Solo,,\n\
        b1@x.example,B,One,Beta,Ops,\nb2@x.example,B,Two,Beta,Ops,Clerk\na1@x.example,A,One,Acme Bank,Ops,Clerk\n";
    board.run_with_input("user import - --create-missing -q", people).ok();
    board
}

#[test]
fn a_run_undone_too_early_is_undone_later_and_the_state_is_proved() {
    let board = solo_and_beta();
    let people = run_of(&board, "user delete s1@x.example s2@x.example --yes");
    let company = run_of(&board, "company delete Solo --yes");
    assert_snapshot!(board.run(&format!("run undo {people} --yes")), @"
    ------- stderr -------
    skipped `s2@x.example`: the company of `s2@x.example` was deleted in the meantime by run `[run]`
    skipped `s1@x.example`: the company of `s1@x.example` was deleted in the meantime by run `[run]`
    run `[run]`: 0 taken back, 2 left
    [exit status: 1]
    ");
    is_proved(&board);
    assert_snapshot!(board.run("user restore s1@x.example"), @"
    ------- stderr -------
    error: the company of `s1@x.example` was deleted in the meantime by run `[run]`
    hint: name a new one with `--company`, or bring theirs back with `secboard run undo [run]`
    [exit status: 65]
    ");
    board.run(&format!("run undo {company} --yes")).ok();
    is_proved(&board);
    assert_snapshot!(board.run(&format!("run undo {people} --yes")), @"
    ------- stderr -------
    run `[run]`: 2 taken back
    ");
    is_proved(&board);
    let shown = board.run(&format!("run show {people} -o jsonl --columns undo_refused"));
    assert_snapshot!(shown, @r#"
    {"undo_refused":null}
    {"undo_refused":null}
    "#);
}

#[test]
fn things_undone_before_what_they_belong_to_say_which_run_brings_that_back_and_are_undone_later() {
    let board = solo_and_beta();
    board.run("group create Desk --company Beta").ok();
    board.run("group add-member Desk@Beta b2@x.example").ok();
    board.run("user delete b1@x.example b2@x.example --yes").ok();
    let runs = [
        "position delete Clerk --company Beta --department Ops --yes",
        "department delete Ops --company Beta --yes",
        "group delete Desk@Beta --yes",
        "company delete Beta --yes",
    ]
    .map(|command| run_of(&board, command));
    assert_snapshot!(board.run(&format!("run undo {} --yes", runs[0])), @"
    ------- stderr -------
    skipped `Clerk`: company `Beta` is gone: run `[run]` ended it
    skipped `b2@x.example`: position `Clerk` is gone
    run `[run]`: 0 taken back, 2 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run(&format!("run undo {} --yes", runs[1])), @"
    ------- stderr -------
    skipped `Ops`: company `Beta` is gone: run `[run]` ended it
    skipped `b2@x.example`: department `Ops` is gone
    skipped `b1@x.example`: department `Ops` is gone
    run `[run]`: 0 taken back, 3 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run(&format!("run undo {} --yes", runs[2])), @"
    ------- stderr -------
    skipped `Desk@Beta`: company `Beta` is gone: run `[run]` ended it
    skipped `b2@x.example`: group `Desk@Beta` is gone
    run `[run]`: 0 taken back, 2 left
    [exit status: 1]
    ");
    is_proved(&board);
    for run in runs.iter().rev() {
        board.run(&format!("run undo {run} --yes")).ok();
        is_proved(&board);
    }
}

#[test]
fn an_undo_gives_nobody_a_place_of_that_name_elsewhere() {
    let board = solo_and_beta();
    board.run("department create Desk --company Beta").ok();
    board.run("position create Clerk --company Beta --department Desk").ok();
    board.run("user delete b1@x.example b2@x.example --yes").ok();
    let position = run_of(&board, "position delete Clerk --company Beta --department Ops --yes");
    board.run("user restore b2@x.example").ok();
    board.run("user edit b2@x.example --department Desk").ok();
    let department = run_of(&board, "department delete Ops --company Beta --yes");
    board.run("user restore b1@x.example --company acme-bank").ok();
    assert_snapshot!(board.run(&format!("run undo {department} --yes")), @"
    ------- stderr -------
    skipped `b1@x.example`: department `Ops` is of company `Beta`, which is not theirs any more
    run `[run]`: 1 taken back, 1 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run(&format!("run undo {position} --yes")), @"
    ------- stderr -------
    skipped `b2@x.example`: position `Clerk` is of department `Ops`, which is not theirs any more
    run `[run]`: 1 taken back, 1 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --search @x.example --columns email,company,department,position"), @"
    EMAIL         COMPANY    DEPARTMENT  POSITION
    a1@x.example  Acme Bank  Ops         Clerk
    b1@x.example  Acme Bank
    s1@x.example  Solo
    b2@x.example  Beta       Desk
    s2@x.example  Solo
    ");
    is_proved(&board);
}

/// A group that thirty people are in and whose deletion is held.
fn held_deletion(of: &str, deletion: &str) -> (Board, String) {
    let board = after(&[
        "group create Readers",
        "group grant Readers risk.view_report",
        "role create Scribe --group Readers",
    ]);
    let mut people = format!("email,first_name,last_name,company,{of}\n");
    for number in 0..30 {
        let held = if of == "groups" { "Readers" } else { "scribe" };
        writeln!(people, "p{number}@acme.example,P,Number{number},Acme Bank,{held}").unwrap();
    }
    board.run_with_input("user import - -q", &people).ok();
    if of == "groups" {
        board.run("role delete scribe --yes").ok();
    }
    assert_eq!(board.run(deletion).code, Some(76));
    let run = board.newest_run();
    (board, run)
}

#[test]
fn a_held_deletion_whose_thing_was_changed_takes_it_from_nobody() {
    let (board, run) = held_deletion("groups", "group delete Readers --force --yes");
    board.run("group revoke Readers risk.view_report --yes -q");
    board.run("group grant Readers risk.edit_report").ok();
    board.run("group remove-member Readers p1@acme.example --yes").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    error: run `[run]` no longer fits, and nothing was changed: group `Readers` has been changed since
    hint: give the command that made it once more, and end this one with `secboard run discard [run]`
    [exit status: 65]
    ");
    assert_eq!(board.run("group show Readers -o json").json()["members"], 29);
    is_proved(&board);
    board.run(&format!("run discard {run}")).ok();

    let (board, run) = held_deletion("roles", "role delete scribe --force --yes");
    board.run("role edit scribe --name Clerk").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    error: run `[run]` no longer fits, and nothing was changed: role `scribe` has been changed since
    hint: give the command that made it once more, and end this one with `secboard run discard [run]`
    [exit status: 65]
    ");
    assert_eq!(board.run("role list -o json").json()[0]["holders"], 30);
    is_proved(&board);
}

#[test]
fn a_held_deletion_leaves_out_who_lost_the_thing_meanwhile_and_a_release_of_nothing_says_so() {
    let (board, run) = held_deletion("groups", "group delete Readers --force --yes");
    board.run("group remove-member Readers p1@acme.example --yes").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    skipped `p1@acme.example`: `p1@acme.example` has been changed since the run was planned
    released run `[run]`; undo it with `secboard run undo [run]`
    error: 1 of the changes no longer fitted and were left out
    hint: look at what was left out with `secboard run show [run]`
    [exit status: 1]
    ");
    is_proved(&board);

    let board = after(&["setting set brake.people 0", "setting set brake.percent 0"]);
    let people = "email,first_name,last_name,company\nb@x.example,B,B,Acme Bank\nc@x.example,C,C,Acme Bank\n";
    board.run_with_input("user import - -q", people).ok();
    assert_eq!(board.run("user deactivate b@x.example c@x.example --yes").code, Some(76));
    let run = board.newest_run();
    board.run("user deactivate b@x.example --yes").ok();
    board.run("user deactivate c@x.example --yes").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    skipped `b@x.example`: `b@x.example` has been changed since the run was planned
    skipped `c@x.example`: `c@x.example` has been changed since the run was planned
    released run `[run]`, which changed nothing: nothing of it fitted any longer
    error: 2 of the changes no longer fitted and were left out
    hint: look at what was left out with `secboard run show [run]`
    [exit status: 1]
    ");
}

#[test]
fn a_held_move_takes_nothing_that_was_given_since_it_was_planned() {
    let board = solo_and_beta();
    board.run("group create Desk --company Solo").ok();
    board.run("role create Scribe --company Solo").ok();
    board.run("role create Clerk --company Solo").ok();
    board.run("user add-role s1@x.example clerk").ok();
    board.run("setting set brake.people 0").ok();
    board.run("setting set brake.percent 0").ok();
    board.run("group grant Desk@Solo risk.view_report --company Solo").ok();
    board.run("user add-group s1@x.example s2@x.example Desk@Solo").ok();
    let moved = "email,company\ns1@x.example,Beta\ns2@x.example,Beta\n";
    assert_eq!(board.run_with_input("user import - --on-existing update --partial", moved).code, Some(76));
    let run = board.newest_run();
    board.run("user add-role s2@x.example scribe").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    skipped `s2@x.example`: role `scribe` is not for the company of `s2@x.example`
    released run `[run]`; undo it with `secboard run undo [run]`
    error: 1 of the changes no longer fitted and were left out
    hint: look at what was left out with `secboard run show [run]`
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --search s --columns email,company,roles,groups"), @"
    EMAIL         COMPANY  ROLES   GROUPS
    s1@x.example  Beta
    s2@x.example  Solo     scribe  Desk@Solo
    ");
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 1 taken back
    ");
    assert_snapshot!(board.run("user list --search s --columns email,company,roles,groups"), @"
    EMAIL         COMPANY  ROLES   GROUPS
    s1@x.example  Solo     clerk   Desk@Solo
    s2@x.example  Solo     scribe  Desk@Solo
    ");
    is_proved(&board);
}

#[test]
fn an_undo_takes_nothing_that_is_no_longer_for_the_company_that_somebody_was_of() {
    let board = solo_and_beta();
    for command in [
        "role create Scribe",
        "group create Desk",
        "user add-role s1@x.example scribe",
        "user add-group s2@x.example Desk",
    ] {
        board.run(command).ok();
    }
    let moved = "email,company\ns1@x.example,Beta\ns2@x.example,Beta\n";
    board.run_with_input("user import - --on-existing update --partial", moved).ok();
    let run = board.newest_run();
    board.run("role edit scribe --add-company Beta").ok();
    board.run("group edit Desk --company Beta").ok();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    skipped `s2@x.example`: group `Desk@Beta` takes only people of its company, which `s2@x.example` is not
    skipped `s1@x.example`: role `scribe` is not for the company of `s1@x.example`
    run `[run]`: 0 taken back, 2 left
    [exit status: 1]
    ");
    board.run("role edit scribe --add-company Solo").ok();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    skipped `s2@x.example`: group `Desk@Beta` takes only people of its company, which `s2@x.example` is not
    run `[run]`: 1 taken back, 1 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --search @x --columns email,company,roles,groups"), @"
    EMAIL         COMPANY    ROLES   GROUPS
    a1@x.example  Acme Bank
    b1@x.example  Beta
    s1@x.example  Solo       scribe
    b2@x.example  Beta
    s2@x.example  Beta               Desk@Beta
    ");
    is_proved(&board);
}

#[test]
fn who_lost_in_the_bin_what_a_run_gave_is_not_as_that_run_left_them() {
    let board = solo_and_beta();
    board.run("group create Desk").ok();
    let given = run_of(&board, "user add-group s1@x.example s2@x.example Desk");
    let deleted = run_of(&board, "user delete s1@x.example s2@x.example --yes");
    board.run("group edit Desk --company Beta --yes").ok();
    assert_snapshot!(board.run(&format!("run undo {deleted} --yes")), @"
    ------- stderr -------
    `s2@x.example` is back without group `Desk`, which is gone by now or not yours to give
    `s1@x.example` is back without group `Desk`, which is gone by now or not yours to give
    bring it back with `secboard run undo [run]`
    run `[run]`: 2 taken back, 2 not whole
    [exit status: 1]
    ");
    assert_snapshot!(board.run(&format!("run undo {given} --yes")), @"
    ------- stderr -------
    skipped `s2@x.example`: has been changed since
    skipped `s1@x.example`: has been changed since
    run `[run]`: 0 taken back, 2 left
    [exit status: 1]
    ");
    is_proved(&board);
}
