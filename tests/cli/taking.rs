//! Whatever takes access from somebody says so, asks, and is a run: whether it ends what people have, or is done to people.

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with a role and two groups that grant the same: Ann, Bob and Cid hold the role and are in `Watch` by hand;
/// only Dan has nothing but the role.
fn board() -> Board {
    let board = Board::new();
    for command in [
        "group create Readers",
        "group create Watch",
        "group grant Readers risk.view_report",
        "group grant Watch risk.view_report",
        "role create Auditor --group Readers",
        "role create Plain",
    ] {
        board.run(command).ok();
    }
    let people = "email,first_name,last_name,company,roles,groups\n\
        ann@acme.example,Ann,A,Acme Bank,auditor; plain,Watch\n\
        bob@acme.example,Bob,B,Acme Bank,auditor; plain,Watch\n\
        cid@acme.example,Cid,C,Acme Bank,auditor; plain,Watch\n\
        dan@acme.example,Dan,D,Acme Bank,auditor,\n";
    board.run_with_input("user import -", people).ok();
    board
}

/// Undoes the newest run, after which all is as it was before.
fn assert_undone(board: &Board, ask: &str, before: &str) {
    let run = board.newest_run();
    board.run(&format!("run undo {run} --yes")).ok();
    assert_eq!(board.run(ask).ok().stdout, before);
    board.run("audit verify --state").ok();
}

#[test]
fn what_a_deletion_takes_from_people_is_a_run_also_where_they_may_do_as_much_without_it() {
    let board = board();
    for (ask, delete, said) in [
        (
            "user list -o csv --columns email,roles,groups",
            "role delete plain --force --yes",
            "deleted role `Plain`, held by 3 people (ann@acme.example, bob@acme.example, cid@acme.example)",
        ),
        (
            "user list -o csv --columns email,roles,groups",
            "group delete Watch --force --yes",
            "deleted group `Watch`; it was taken from 3 people (ann@acme.example, bob@acme.example, cid@acme.example)",
        ),
    ] {
        let before = board.run(ask).ok().stdout;
        let deleted = board.run(delete).ok();
        assert!(deleted.stderr.starts_with(said), "{}", deleted.stderr);
        assert!(deleted.stderr.contains("undo it with `secboard run undo"), "{}", deleted.stderr);
        assert_ne!(board.run(ask).ok().stdout, before);
        assert_undone(&board, ask, &before);
    }
}

#[test]
fn what_nobody_has_is_deleted_without_a_run() {
    let board = board();
    board.run("group create Nobody").ok();
    let deleted = board.run("group delete Nobody --yes");
    assert_snapshot!(deleted, @"
    ------- stderr -------
    deleted group `Nobody`
    ");
}

#[test]
fn a_verb_that_takes_access_from_people_asks_and_who_cannot_be_asked_has_to_say_yes() {
    let board = board();
    for verb in [
        "user remove-role auditor --all-matching",
        "user add-role auditor --no-role-groups --all-matching",
        "user remove-role ann@acme.example dan@acme.example auditor",
    ] {
        let asked = board.run(verb);
        assert_eq!(asked.code, Some(2), "{verb}: {}", asked.stderr);
        assert!(
            asked.stderr.contains("1 person would be able to do less than before"),
            "{verb}: {}",
            asked.stderr
        );
    }
    let harmless = board.run("user remove-role ann@acme.example bob@acme.example auditor");
    assert_eq!(harmless.code, Some(0), "{}", harmless.stderr);
    board.run("user remove-role auditor --all-matching --dry-run").ok();
    board.run("user remove-role auditor --all-matching --yes").ok();
}

#[test]
fn what_is_taken_from_one_person_is_told_and_undone() {
    let board = board();
    let ask = "user list -o csv --columns email,roles,groups";
    let before = board.run(ask).ok().stdout;
    assert_snapshot!(board.run("user remove-role dan@acme.example auditor --dry-run"), @"
    EMAIL             GROUPS   PERMISSIONS
    dan@acme.example  Readers  risk.view_report
    ------- stderr -------
    `dan@acme.example` no longer holds the role `auditor` (dry run: nothing was changed)
    1 person would be able to do less than before: 1 would be in no group any more, 1 permission of theirs would go
    ");
    assert_snapshot!(board.run("user remove-role dan@acme.example auditor"), @"
    ------- stderr -------
    `dan@acme.example` no longer holds the role `auditor`
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_undone(&board, ask, &before);
    assert_snapshot!(board.run("user add-role dan@acme.example auditor --no-role-groups"), @"
    ------- stderr -------
    `dan@acme.example` holds the role `auditor`
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_undone(&board, ask, &before);
    assert_snapshot!(board.run("user edit dan@acme.example --role ''"), @"
    ------- stderr -------
    changed user `dan@acme.example`: roles
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_undone(&board, ask, &before);
    assert_snapshot!(board.run("user remove-role ann@acme.example auditor"), @"
    ------- stderr -------
    `ann@acme.example` no longer holds the role `auditor`
    ");
    assert_snapshot!(board.run("user remove-group ann@acme.example Watch"), @"
    ------- stderr -------
    `ann@acme.example` was taken out of the group `Watch`
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    ");
}
