//! `secboard run`.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::Board;

const PEOPLE: &str = "email,first_name,last_name,company,department\n\
    olena@acme.example,Олена,Шевченко,Acme Bank,Treasury\n\
    max@globex.example,Max,Müller,Globex,\n";

/// A board with an import of two people, and its run.
fn imported() -> (Board, String) {
    let board = Board::new();
    board.run_with_input("user import - --create-missing -q --reason 'first day'", PEOPLE).ok();
    let id = board.newest_run();
    (board, id)
}

#[test]
fn runs_are_listed_and_shown() {
    let (board, id) = imported();
    assert_snapshot!(board.run("run list"), @"
    ID          CREATED AT  KIND         STATE    SOURCE          CREATE  UPDATE  DEACTIVATE  DELETE  LOSING
    [run]       [time]      user.import  applied  standard input  2       0       0           0       0
    ");
    assert_snapshot!(board.run("run list -o json"), @r#"
    [
    {"id":"[run]","created_at":"[time]","kind":"user.import","state":"applied","source":"standard input","actor":"system","create":2,"update":0,"deactivate":0,"delete":0,"companies":1,"departments":1,"positions":0,"groups":0,"roles":0,"mails":0,"losing":0,"without_login":0,"without_group":0,"permissions":0,"held_because":null,"reason":"first day","updated_at":"[time]"}
    ]
    "#);
    assert_snapshot!(board.run(&format!("run show {id}")), @"
    ID             [run]
    CREATED AT     [time]
    KIND           user.import
    STATE          applied
    SOURCE         standard input
    ACTOR          system
    CREATE         2
    UPDATE         0
    DEACTIVATE     0
    DELETE         0
    COMPANIES      1
    DEPARTMENTS    1
    POSITIONS      0
    GROUPS         0
    ROLES          0
    MAILS          0
    LOSING         0
    WITHOUT LOGIN  0
    WITHOUT GROUP  0
    PERMISSIONS    0
    REASON         first day
    UPDATED AT     [time]

    + department Treasury  name=Treasury, company=Acme Bank
    + user olena@acme.example  first_name=Олена, last_name=Шевченко, company=Acme Bank, department=Treasury, active=yes
    + company Globex  name=Globex
    + user max@globex.example  first_name=Max, last_name=Müller, company=Globex, active=yes
    ");
    assert_snapshot!(board.run(&format!("run show {id} -o jsonl --columns action,kind,subject")), @r#"
    {"action":"create","kind":"department","subject":"Treasury"}
    {"action":"create","kind":"user","subject":"olena@acme.example"}
    {"action":"create","kind":"company","subject":"Globex"}
    {"action":"create","kind":"user","subject":"max@globex.example"}
    "#);
    board.run(&format!("run show {}", &id[..4])).ok();

    let run = board.run(&format!("run show {id} -o json")).ok().json();
    assert_eq!(run.pointer("/changes/1/subject").and_then(Value::as_str), Some("olena@acme.example"));
    let listed = board.run("run list -o json").ok().json();
    for (field, value) in listed.pointer("/0").and_then(Value::as_object).unwrap() {
        assert_eq!(run.get(field), Some(value), "{field}");
    }
    let none = board.run(&format!("run show {id} -o json --columns nonsense"));
    assert_eq!((none.code, &*none.stdout), (Some(2), ""));
}

#[test]
fn a_run_is_taken_back_and_only_once() {
    let (board, id) = imported();
    assert_snapshot!(board.run(&format!("run undo {id}")), @"
    ------- stderr -------
    error: a confirmation (“Take back run `[run]` (user.import, standard input)?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run(&format!("run undo {id} --yes --dry-run")), @"
    ------- stderr -------
    run `[run]`: 4 taken back (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run(&format!("run undo {id} --yes")), @"
    ------- stderr -------
    run `[run]`: 4 taken back
    ");
    assert_snapshot!(board.run("user list --columns email"), @"
    EMAIL
    ada@acme.example
    ");
    assert_snapshot!(board.run("run list --columns kind,state,source,create"), @"
    KIND         STATE   SOURCE          CREATE
    user.import  undone  standard input  2
    ");
    assert_snapshot!(board.run(&format!("run undo {id} --yes")), @"
    ------- stderr -------
    error: run `[run]` was undone already
    hint: to change the same again, give the command that made it once more
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("run release {id}")), @"
    ------- stderr -------
    error: run `[run]` is not held: it was applied and then undone
    hint: to change the same again, give the command that made it once more
    [exit status: 65]
    ");
}

#[test]
fn people_changed_since_are_left_and_named() {
    let (board, id) = imported();
    board.run("user edit olena@acme.example --phone +380671234567").ok();
    assert_snapshot!(board.run(&format!("run undo {id} --yes")), @"
    ------- stderr -------
    skipped `olena@acme.example`: has been changed since
    skipped `Treasury`: is in use: 1 person
    run `[run]`: 2 taken back, 2 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --columns email"), @"
    EMAIL
    ada@acme.example
    olena@acme.example
    ");
    assert_snapshot!(board.run(&format!("run show {id}")), @"
    ID             [run]
    CREATED AT     [time]
    KIND           user.import
    STATE          partly_undone
    SOURCE         standard input
    ACTOR          system
    CREATE         2
    UPDATE         0
    DEACTIVATE     0
    DELETE         0
    COMPANIES      1
    DEPARTMENTS    1
    POSITIONS      0
    GROUPS         0
    ROLES          0
    MAILS          0
    LOSING         0
    WITHOUT LOGIN  0
    WITHOUT GROUP  0
    PERMISSIONS    0
    REASON         first day
    UPDATED AT     [time]

    + department Treasury  name=Treasury, company=Acme Bank  (left by undo: is in use: 1 person)
    + user olena@acme.example  first_name=Олена, last_name=Шевченко, company=Acme Bank, department=Treasury, active=yes  (left by undo: has been changed since)
    + company Globex  name=Globex
    + user max@globex.example  first_name=Max, last_name=Müller, company=Globex, active=yes
    ");
    assert_snapshot!(board.run(&format!("run undo {id} --yes -o json")), @r#"
    {
      "run": "[run]",
      "reverted": 0,
      "refused": 2,
      "left": [
        {
          "subject": "olena@acme.example",
          "reason": "has been changed since"
        },
        {
          "subject": "Treasury",
          "reason": "is in use: 1 person"
        }
      ],
      "not_whole": [],
      "taken_by": [],
      "mails_dropped": 0,
      "mails_queued": 0
    }
    ------- stderr -------
    skipped `olena@acme.example`: has been changed since
    skipped `Treasury`: is in use: 1 person
    run `[run]`: 0 taken back, 2 left
    [exit status: 1]
    "#);
}

#[test]
fn runs_that_are_not_there_are_refused() {
    let (board, _) = imported();
    assert_snapshot!(board.run("run show nosuchrun"), @"
    ------- stderr -------
    error: there is no run `nosuchrun`
    hint: see them with `secboard run list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("run undo '' --yes"), @"
    ------- stderr -------
    error: there is no run ``
    hint: see them with `secboard run list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("run release nosuchrun"), @"
    ------- stderr -------
    error: there is no run `nosuchrun`
    hint: see them with `secboard run list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("run undo"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <RUN>

    Usage: secboard run undo <RUN>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(Board::new().run("run list"), @"
    ------- stderr -------
    nothing matches
    ");
}

#[test]
fn what_was_renamed_since_is_given_back_and_not_what_has_its_name_now() {
    let board = Board::new();
    for command in [
        "group create Readers",
        "group create Auditors",
        "user create --email ann@acme.example --first-name Ann --last-name Lee --company acme-bank",
        "user add-group ann@acme.example Readers",
    ] {
        board.run(command).ok();
    }
    board.run("group remove-member Readers ann@acme.example ada@acme.example --yes").ok();
    let run = board.newest_run();
    board.run("group edit Readers --name Former").ok();
    board.run("group edit Auditors --name Readers").ok();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 1 taken back
    ");
    let groups = board.run("user show ann@acme.example -o json").json()["groups"].clone();
    assert_eq!(groups[0]["name"], "Former");
    assert_eq!(groups.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_held_run_means_what_it_meant_when_it_was_planned_whatever_is_called_so_now() {
    let board = Board::new();
    board.run("company create Globex").ok();
    let mut people = "email,first_name,last_name,company,active\n".to_owned();
    for number in 0..30 {
        writeln!(people, "p{number}@acme.example,P,Number{number},Acme Bank,yes").unwrap();
    }
    board.run_with_input("user import - -q", &people).ok();
    let moved = people.replace("Acme Bank,yes", "Globex,no");
    assert_eq!(board.run_with_input("user import - --on-existing update", &moved).code, Some(76));
    let run = board.newest_run();
    board.run("company edit globex --name 'Old Globex' --slug old-globex").ok();
    board.run("company create Globex").ok();
    board.run("user edit p7@acme.example --inactive").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    skipped `p7@acme.example`: `p7@acme.example` has been changed since the run was planned
    released run `[run]`; undo it with `secboard run undo [run]`
    error: 1 of the changes no longer fitted and were left out
    hint: look at what was left out with `secboard run show [run]`
    [exit status: 1]
    ");
    assert_eq!(board.run("user list --company globex --count").stdout, "0\n");
    assert_eq!(board.run("user list --company old-globex --count").stdout, "29\n");
    assert_snapshot!(board.run(&format!("run show {run} -o csv --columns subject,left_out")).stdout.lines().nth(8).unwrap_or_default(), @"p7@acme.example,`p7@acme.example` has been changed since the run was planned");
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 29 taken back
    ");
    assert_eq!(board.run("user list --company acme-bank --count").stdout, "31\n");
    assert_eq!(board.run("audit verify").code, Some(0));
}

#[test]
fn a_held_run_changes_those_only_whom_its_filter_still_takes() {
    let board = Board::new();
    let mut people = "email,first_name,last_name,company,department\n".to_owned();
    for number in 0..30 {
        writeln!(people, "p{number}@acme.example,P,Number{number},Acme Bank,Treasury").unwrap();
    }
    board.run_with_input("user import - -q --create-missing", &people).ok();
    let verb = "user deactivate --department Treasury --all-matching --yes -q";
    assert_eq!(board.run(verb).code, Some(76));
    let run = board.newest_run();
    board.run("department create Desk --company acme-bank").ok();
    board.run("user edit p3@acme.example --department Desk").ok();
    board.run("department edit Treasury --company acme-bank --name Cash").ok();
    assert_snapshot!(board.run(&format!("run release {run}")), @"
    ------- stderr -------
    skipped `p3@acme.example`: `p3@acme.example` is no longer among those the run was meant for
    released run `[run]`; undo it with `secboard run undo [run]`
    error: 1 of the changes no longer fitted and were left out
    hint: look at what was left out with `secboard run show [run]`
    [exit status: 1]
    ");
    assert_eq!(board.run("user list --switch off --count").stdout, "29\n");
    assert_snapshot!(board.run("run list --limit 1 --columns kind,state,deactivate"), @"
    KIND             STATE    DEACTIVATE
    user.deactivate  applied  29
    ");
}

#[test]
fn a_held_run_can_be_discarded_and_a_newer_of_the_same_takes_its_place() {
    let board = Board::new();
    let mut people = "email,first_name,last_name,company\n".to_owned();
    for number in 0..30 {
        writeln!(people, "p{number}@acme.example,P,Number{number},Acme Bank").unwrap();
    }
    board.run_with_input("user import - -q", &people).ok();
    let verb = "user deactivate --search number --all-matching --yes -q";
    assert_eq!(board.run(verb).code, Some(76));
    let first = board.newest_run();
    assert_eq!(board.run(verb).code, Some(76));
    let second = board.newest_run();
    assert_snapshot!(board.run(&format!("run discard {second}")), @"
    ------- stderr -------
    discarded run `[run]`: it changes nothing
    ");
    for ended in [first, second] {
        assert_eq!(board.run(&format!("run release {ended}")).code, Some(65));
    }
    assert_snapshot!(board.run("run list --columns kind,state,deactivate"), @"
    KIND             STATE       DEACTIVATE
    user.deactivate  discarded   30
    user.deactivate  superseded  30
    user.import      applied     0
    ");
    assert_eq!(board.run("user list --switch off --count").stdout, "0\n");
    assert_eq!(board.run("audit list --action run.discard --columns actor -o csv").stdout, "actor\nsystem\n");
}

#[test]
fn runs_taken_back_the_last_first_leave_the_store_as_it_was() {
    let board = Board::new();
    let person = "email,first_name,last_name,company,phone\nann@x.example,Ann,Lee,Globex,+380671234567\n";
    board.run_with_input("user import - --create-missing", person).ok();
    let created = board.newest_run();
    board.run_with_input("user import - --on-existing update", &person.replace("Lee", "Kay")).ok();
    let changed = board.newest_run();
    board.run("user deactivate --company globex --all-matching --yes").ok();
    let deactivated = board.newest_run();
    for run in [deactivated, changed, created] {
        board.run(&format!("run undo {run} --yes")).ok();
    }
    assert_eq!(board.run("user list --columns email -o csv").stdout, "email\nada@acme.example\n");
    assert_eq!(board.run("company list --columns name -o csv").stdout, "name\nAcme Bank\n");
    assert_eq!(board.run("audit verify").code, Some(0));
}

#[test]
fn a_run_of_which_nothing_could_be_taken_back_is_still_applied() {
    let (board, id) = imported();
    for email in ["olena@acme.example", "max@globex.example"] {
        board.run(&format!("user edit {email} --last-name Other")).ok();
    }
    assert_snapshot!(board.run(&format!("run undo {id} --yes")), @"
    ------- stderr -------
    skipped `max@globex.example`: has been changed since
    skipped `Globex`: is in use: 1 person
    skipped `olena@acme.example`: has been changed since
    skipped `Treasury`: is in use: 1 person
    run `[run]`: 0 taken back, 4 left
    [exit status: 1]
    ");
    assert_eq!(board.run("run list --limit 1 -o json").json()[0]["state"], "applied");
}

#[test]
fn a1_a_held_run_of_which_the_actor_may_do_nothing_stays_held() {
    let board = Board::new();
    let mut people = "email,first_name,last_name,company\n".to_owned();
    for number in 0..30 {
        writeln!(people, "p{number}@acme.example,P,Number{number},Acme Bank").unwrap();
    }
    board.run_with_input("user import - -q", &people).ok();
    for line in [
        "group create Editors",
        "group grant Editors users.view users.edit",
        "user create --email desk@acme.example --first-name De --last-name Sk --company acme-bank --staff",
        "user add-group desk@acme.example Editors",
    ] {
        board.run(line).ok();
    }
    assert_eq!(board.run("user delete --search number --all-matching --yes -q").code, Some(76));
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run release {run} --as desk@acme.example")), @"
    ------- stderr -------
    error: run `[run]` stays held: of `p0@acme.example`, `desk@acme.example` may not do this: it needs the permission `users.delete` for that company
    hint: somebody who may make all of it and is not affected by it releases it, or look at it with `secboard run show [run]`
    [exit status: 77]
    ");
    let listed = "run list --limit 1 --columns kind,state,delete";
    assert_snapshot!(board.run(listed), @"
    KIND         STATE  DELETE
    user.delete  held   30
    ");
    assert_eq!(board.run("user list --search number --count").stdout, "30\n");
    board.run("user edit p3@acme.example --staff --superuser").ok();
    board.run("group grant Editors users.delete").ok();
    let told = board.run(&format!("run release {run} --as desk@acme.example"));
    assert_eq!(told.code, Some(77), "{told}");
    assert!(told.stderr.contains("stays held: of `p3@acme.example`"), "{told}");
    assert_eq!(board.run("user list --search number --count").stdout, "30\n", "nothing of it was done");
    board.run(&format!("run release {run}")).ok();
    assert_snapshot!(board.run(listed), @"
    KIND         STATE    DELETE
    user.delete  applied  30
    ");
    board.run("audit verify --state").ok();
}

/// Whoever makes a run has to do with it, whatever making it needs; what they may not do is not offered to them.
#[test]
fn a1_who_makes_a_run_without_editing_people_looks_at_it_ends_it_and_takes_it_back() {
    let board = Board::new();
    for command in [
        "group create Wide",
        "group grant Wide incidents.view",
        "group create Access",
        "group grant Access groups.view groups.edit incidents.view",
        "user create --email ann@acme.example --first-name Ann --last-name Lee --company 'Acme Bank' --group Wide",
        "user create --email op@acme.example --first-name Op --last-name Lee --company 'Acme Bank' --staff --group Access",
        "setting set brake.people 0",
        "setting set brake.percent 0",
    ] {
        board.run(command).ok();
    }
    let revoke = "group revoke Wide incidents.view --yes --as op@acme.example";
    let as_op = |line: &str| board.run(&format!("{line} --as op@acme.example"));
    assert_snapshot!(board.run(revoke), @"
    ------- stderr -------
    planned, not done: 1 person would be able to do less than before: 1 permission of theirs would go
    error: run `[run]` is held: 1 of 3 people would be able to do less than before, more than 0 are not let through
    hint: who has `users.edit` for all companies applies it with `secboard run release [run]`; end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    let held = board.newest_run();
    assert_eq!(as_op("run list --columns id").ok().stdout.lines().count(), 2);
    as_op(&format!("run show {held}")).ok();
    let undo = as_op(&format!("run undo {held} --yes"));
    assert!(undo.stderr.contains("who has `users.edit` for all companies applies it"), "{}", undo.stderr);
    assert_eq!(as_op(&format!("run release {held}")).code, Some(77));
    as_op(&format!("run discard {held}")).ok();

    board.run("setting unset brake.people").ok();
    board.run(revoke).ok();
    let applied = board.newest_run();
    as_op(&format!("run show {applied}")).ok();
    as_op(&format!("run undo {applied} --yes")).ok();
    assert_eq!(board.run("permission check ann@acme.example incidents.view").code, Some(0));

    let of_another = "user force-password-change ann@acme.example op@acme.example --yes";
    board.run(of_another).ok();
    assert_eq!(as_op(&format!("run show {}", board.newest_run())).code, Some(67));
    board.run("group revoke Access groups.edit --yes").ok();
    assert_eq!(as_op(&format!("run show {applied}")).code, Some(77), "who can make no runs any more");
    board.run("group grant Access roles.edit").ok();
    assert_eq!(as_op(&format!("run show {applied}")).code, Some(67), "who can make no such runs any more");
}

/// Who ends a department takes it from people in the bin too: such a run has them by id for who has nothing to do with
/// people.
#[test]
fn a1_a_run_names_no_people_to_who_made_it_without_a_right_to_edit_any() {
    let board = Board::new();
    for command in [
        "department create Ops --company 'Acme Bank'",
        "group create Access",
        "group grant Access org.view departments.add departments.delete",
        "user create --email gone@acme.example --first-name Gone --last-name Lee --company 'Acme Bank' --department Ops",
        "user create --email op@acme.example --first-name Op --last-name Lee --company 'Acme Bank' --staff --group Access",
        "user delete gone@acme.example --yes",
    ] {
        board.run(command).ok();
    }
    let as_op = |line: &str| board.run(&format!("{line} --as op@acme.example"));
    as_op("department delete Ops --company 'Acme Bank' --yes").ok();
    let run = board.newest_run();
    for format in ["table", "json", "jsonl", "csv"] {
        let shown = as_op(&format!("run show {run} -o {format}")).ok().stdout;
        assert!(shown.contains("Ops") && !shown.contains("gone@") && !shown.contains("Gone"), "{shown}");
    }
    let undone = as_op(&format!("run undo {run} --yes"));
    assert!(!undone.stderr.contains("gone@"), "{}", undone.stderr);
    board.run("department show Ops --company 'Acme Bank'").ok();
}

/// A run of a group or role changes no people; what it takes from them is counted all the same.
#[test]
fn a_run_says_from_how_many_it_takes_what() {
    let board = Board::new();
    for command in [
        "group create Wide",
        "group grant Wide incidents.view risk.view_report",
        "user create --email ann@acme.example --first-name Ann --last-name Lee --company 'Acme Bank' --group Wide",
        "user create --email bo@acme.example --first-name Bo --last-name Lee --company 'Acme Bank' --group Wide",
        "group revoke Wide incidents.view --yes",
    ] {
        board.run(command).ok();
    }
    assert_snapshot!(board.run("run list"), @"
    ID          CREATED AT  KIND          STATE    SOURCE  CREATE  UPDATE  DEACTIVATE  DELETE  LOSING
    [run]       [time]      group.revoke  applied  Wide    0       0       0           0       2
    ");
    assert_snapshot!(board.run(&format!("run show {}", board.newest_run())), @r#"
    ID             [run]
    CREATED AT     [time]
    KIND           group.revoke
    STATE          applied
    SOURCE         Wide
    ACTOR          system
    CREATE         0
    UPDATE         0
    DEACTIVATE     0
    DELETE         0
    COMPANIES      0
    DEPARTMENTS    0
    POSITIONS      0
    GROUPS         1
    ROLES          0
    MAILS          0
    LOSING         2
    WITHOUT LOGIN  0
    WITHOUT GROUP  0
    PERMISSIONS    2
    UPDATED AT     [time]

    ~ group Wide  grants: less ["incidents.view"]
    "#);
}
