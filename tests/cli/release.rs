//! `secboard run release`, of a run that somebody else made.

use insta::assert_snapshot;

use crate::harness::Board;

const PEOPLE: &str = "email,first_name,last_name,company\n\
    ann@acme.example,Ann,Lee,Acme Bank\n\
    ben@acme.example,Ben,Lee,Acme Bank\n\
    eve@acme.example,Eve,Lee,Acme Bank\n";

/// What the desk wants: Ann may no longer log in, the others read what the desk may read.
const WANTED: &str = "email,first_name,last_name,company,active,groups\n\
    ann@acme.example,Ann,Lee,Acme Bank,no,\n\
    ben@acme.example,Ben,Lee,Acme Bank,yes,Readers\n\
    eve@acme.example,Eve,Lee,Acme Bank,yes,Readers\n";

/// A board on which `desk@acme.example` edits the people of one company, and a held run of theirs.
fn held() -> (Board, String) {
    let board = Board::new();
    board.run_with_input("user import - -q", PEOPLE).ok();
    for line in [
        "group create Editors",
        "group grant Editors users.view users.edit risk.view_report --company 'Acme Bank'",
        "group create Readers --company 'Acme Bank'",
        "group grant Readers risk.view_report",
        "user create --email desk@acme.example --first-name De --last-name Sk --company 'Acme Bank' --staff --group Editors",
        "setting set brake.people 0",
        "setting set brake.percent 0",
    ] {
        board.run(line).ok();
    }
    let made =
        board.run_with_input("user import - --on-existing update --yes -q --as desk@acme.example", WANTED);
    assert_eq!(made.code, Some(76), "{made}");
    let run = board.newest_run();
    (board, run)
}

fn access(board: &Board, who: &str) -> String {
    board.run(&format!("user list --search {who} --columns active,groups -o csv")).ok().stdout
}

#[test]
fn a1_what_a_run_has_come_to_mean_that_its_maker_may_not_do_is_left_out_whoever_releases_it() {
    let (board, run) = held();
    board.run("group grant Readers users.delete").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    skipped `ben@acme.example`: `system` on behalf of `desk@acme.example` may not do this: `Readers@Acme Bank` is not assignable, so who gives or takes it has to have all that it grants
    skipped `eve@acme.example`: `system` on behalf of `desk@acme.example` may not do this: `Readers@Acme Bank` is not assignable, so who gives or takes it has to have all that it grants
    released run `[run]`; undo it with `secboard run undo [run]`
    error: 2 of the changes no longer fitted and were left out
    hint: look at what was left out with `secboard run show [run]`
    [exit status: 1]
    ");
    assert_snapshot!(board.run(&format!("run show {run} -o csv --columns subject,left_out")), @r#"
    subject,left_out
    ann@acme.example,
    ben@acme.example,"`system` on behalf of `desk@acme.example` may not do this: `Readers@Acme Bank` is not assignable, so who gives or takes it has to have all that it grants"
    eve@acme.example,"`system` on behalf of `desk@acme.example` may not do this: `Readers@Acme Bank` is not assignable, so who gives or takes it has to have all that it grants"
    "#);
    assert_eq!(access(&board, "ben@acme"), "active,groups\nyes,\n");
    assert_eq!(access(&board, "ann@acme"), "active,groups\nno,\n");
    board.run("audit verify --state").ok();
}

#[test]
fn a1_nobody_is_changed_on_behalf_of_who_stands_below_them_now() {
    let (board, run) = held();
    board.run("user edit eve@acme.example --superuser").ok();
    let told = board.run(&format!("run release {run}"));
    assert_eq!(told.code, Some(1), "{told}");
    assert!(told.stderr.contains("skipped `eve@acme.example`"), "{told}");
    assert_eq!(access(&board, "eve@acme"), "active,groups\nyes,\n");
    assert_eq!(access(&board, "ben@acme"), "active,groups\nyes,Readers@Acme Bank\n");
}

#[test]
fn a1_a_run_whose_maker_lost_the_right_to_it_stays_held() {
    let (board, run) = held();
    board.run("setting unset brake.people").ok();
    board.run("group revoke Editors users.edit --yes").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    error: `desk@acme.example` may not do this: it needs the permission `users.edit` for that company
    hint: see what there is with `secboard permission explain desk@acme.example users.edit`
    [exit status: 77]
    ");
    let shown = board.run(&format!("run show {run} -o json")).json();
    assert_eq!(shown.get("state").unwrap(), "held");
    assert_eq!(access(&board, "ann@acme"), "active,groups\nyes,\n");
}

#[test]
fn a1_nothing_is_released_on_behalf_of_an_account_that_may_not_act() {
    let (board, run) = held();
    board.run("setting unset brake.people").ok();
    for (line, why) in [
        ("user edit desk@acme.example --no-staff", "not marked as staff"),
        ("user edit desk@acme.example --staff --end-date 2020-01-01", "the end date 2020-01-01 has passed"),
        ("user delete desk@acme.example --yes", "in the bin"),
        ("user purge desk@acme.example --yes", "the account is gone"),
    ] {
        board.run(line).ok();
        let refused = board.run(&format!("run release {run}"));
        assert_eq!(refused.code, Some(65), "{line}: {refused}");
        assert!(refused.stderr.contains(why), "{line}: {refused}");
    }
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    error: run `[run]` was planned by `desk@acme.example`, on whose behalf nothing is done any more: the account is gone
    hint: look at it, give the command that made it yourself, and end this one with `secboard run discard [run]`
    [exit status: 65]
    ");
    board.run(&format!("run discard {run}")).ok();
}

/// A board on which the owner of the store takes access from Glo, who may do anything to people but is no superuser, and from
/// others; the brake holds it.
fn held_of_the_owner(others: &str) -> (Board, String) {
    let board = Board::new();
    board.run_with_input("user import - -q", PEOPLE).ok();
    for line in [
        "group create Admins",
        "group grant Admins users.view users.add users.edit users.delete groups.view groups.edit roles.view",
        "user create --email glo@acme.example --first-name Gl --last-name O --company 'Acme Bank' --staff --group Admins",
        "user create --email sup@acme.example --first-name Su --last-name P --company 'Acme Bank' --staff --superuser",
        "setting set brake.people 1",
        "setting set brake.percent 0",
    ] {
        board.run(line).ok();
    }
    let made = board.run(&format!("user deactivate ann@acme.example ben@acme.example {others} --yes -q"));
    assert_eq!(made.code, Some(76), "{made}");
    let run = board.newest_run();
    (board, run)
}

fn assert_held(board: &Board, run: &str) {
    let shown = board.run(&format!("run show {run} -o json")).json();
    assert_eq!(shown.get("state").unwrap(), "held");
    assert_eq!(access(board, "ann@acme"), "active,groups\nyes,\n", "nothing of it was done");
    board.run("audit verify --state").ok();
}

#[test]
fn a1_who_loses_something_by_a_run_does_not_end_it_by_its_release() {
    let (board, run) = held_of_the_owner("glo@acme.example");
    assert_snapshot!(board.run(&format!("run release {run} --as glo@acme.example")), @"
    ------- stderr -------
    error: run `[run]` stays held: of `glo@acme.example`, `glo@acme.example` may not do this: nobody changes their own email, roles, groups, marks, switch, dates, company or whether a second factor is required of them
    hint: somebody who may make all of it and is not affected by it releases it, or look at it with `secboard run show [run]`
    [exit status: 77]
    ");
    assert_held(&board, &run);
    assert_snapshot!(board.run("audit list --action permission.denied --limit 1 -o jsonl --columns subject,after"), @r#"{"subject":"run release","after":{"command":"run release","why":"run `[run]` stays held: of `glo@acme.example`, `glo@acme.example` may not do this: nobody changes their own email, roles, groups, marks, switch, dates, company or whether a second factor is required of them"}}"#);
    board.run(&format!("run release {run} -q")).ok();
    assert_eq!(access(&board, "glo@acme"), "active,groups\nno,Admins\n");
}

#[test]
fn a1_a_run_about_somebody_above_stays_held_until_somebody_releases_it_who_may() {
    let (board, run) = held_of_the_owner("sup@acme.example");
    let refused = board.run(&format!("run release {run} --as glo@acme.example"));
    assert_eq!(refused.code, Some(77), "{refused}");
    assert!(refused.stderr.contains("`sup@acme.example`"), "{refused}");
    assert_held(&board, &run);
    let refused = board.run(&format!("run release {run} --as sup@acme.example"));
    assert_eq!(refused.code, Some(77), "a superuser neither, where it is about themself: {refused}");
    assert_held(&board, &run);
    board.run(&format!("run release {run} --as ada@acme.example -q")).ok();
    assert_eq!(access(&board, "sup@acme"), "active,groups\nno,\n");
}

#[test]
fn a1_what_neither_of_the_two_may_do_is_left_out() {
    let (board, run) = held();
    board.run("group grant Readers users.delete").ok();
    board.run("group grant Editors users.view users.edit risk.view_report").ok();
    board.run("user create --email dan@acme.example --first-name Da --last-name N --company 'Acme Bank' --staff --group Editors").ok();
    let told = board.run(&format!("run release {run} --as dan@acme.example"));
    assert_eq!(told.code, Some(1), "{told}");
    assert_eq!(access(&board, "ann@acme"), "active,groups\nno,\n");
    assert_eq!(access(&board, "ben@acme"), "active,groups\nyes,\n");
}

#[test]
fn a1_what_only_the_releaser_may_not_give_is_given_by_nobody_until_somebody_may() {
    let (board, run) = held();
    board.run("group create Deciders").ok();
    board.run("group grant Deciders users.view users.edit").ok();
    board.run("user create --email dan@acme.example --first-name Da --last-name N --company 'Acme Bank' --staff --group Deciders").ok();
    assert_snapshot!(board.run(&format!("run release {run} --as dan@acme.example")), @"
    ------- stderr -------
    error: run `[run]` stays held: of `ben@acme.example`, `dan@acme.example` on behalf of `desk@acme.example` may not do this: `Readers@Acme Bank` is not assignable, so who gives or takes it has to have all that it grants
    hint: somebody who may make all of it and is not affected by it releases it, or look at it with `secboard run show [run]`
    [exit status: 77]
    ");
    assert_held(&board, &run);
    board.run(&format!("run release {run} -q")).ok();
    assert_eq!(access(&board, "ben@acme"), "active,groups\nyes,Readers@Acme Bank\n");
}
