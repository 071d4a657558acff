//! What deletions take from people in the bin: told, in the audit of each of them, given back by an undo.

use insta::assert_snapshot;

use crate::harness::{Board, Ran};

/// Max of the company Globex with all that there is to have, and Eva beside him, both in the bin.
fn two_in_the_bin() -> Board {
    let board = Board::new();
    let people = "email,first_name,last_name,company,department,position\n\
        max@globex.example,Max,Müller,Globex,Sales,Seller\neva@globex.example,Eva,Braun,Globex,Sales,Seller\n";
    board.run_with_input("user import - --create-missing -q", people).ok();
    for line in [
        "group create Readers",
        "group grant Readers risk.view_report",
        "role create Auditor",
        "group add-member Readers max@globex.example",
        "user add-role max@globex.example auditor",
        "user delete max@globex.example eva@globex.example --yes",
    ] {
        board.run(line).ok();
    }
    board
}

/// What the audit has of the loss, without the id of the run.
fn rows(board: &Board, subject: &str, action: &str) -> Ran {
    board.run(&format!("audit list --subject {subject} --action {action} --columns action,before,after"))
}

/// The tables hold what the audit tells.
fn is_proved(board: &Board) {
    board.run("audit verify --state").ok();
}

#[test]
fn a_deletion_says_what_it_takes_from_people_in_the_bin() {
    let board = two_in_the_bin();
    assert_snapshot!(board.run("position delete Seller"), @"
    ------- stderr -------
    error: a confirmation (“Delete position `Seller` of `Sales` and take it from 2 people in the bin?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("position delete Seller --dry-run"), @"
    ------- stderr -------
    deleted position `Seller` of `Sales` (dry run: nothing was changed)
    also taken from 2 people in the bin (max@globex.example, eva@globex.example)
    ");
    assert_snapshot!(board.run("position delete Seller --yes"), @"
    ------- stderr -------
    deleted position `Seller` of `Sales`
    also taken from 2 people in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("department delete Sales"), @"
    ------- stderr -------
    error: a confirmation (“Delete department `Sales` of `Globex` and take it from 2 people in the bin?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("department delete Sales --yes"), @"
    ------- stderr -------
    deleted department `Sales` of `Globex`
    also taken from 2 people in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("group delete Readers"), @"
    ------- stderr -------
    error: a confirmation (“Delete group `Readers` and take it from 1 person in the bin?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("group delete Readers --dry-run"), @"
    ------- stderr -------
    deleted group `Readers` (dry run: nothing was changed)
    also taken from 1 person in the bin (max@globex.example)
    ");
    assert_snapshot!(board.run("group delete Readers --yes"), @"
    ------- stderr -------
    deleted group `Readers`
    also taken from 1 person in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("role delete auditor"), @"
    ------- stderr -------
    error: a confirmation (“Delete role `Auditor` and take it from 1 person in the bin?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("role delete auditor --yes"), @"
    ------- stderr -------
    deleted role `Auditor`
    also taken from 1 person in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("company delete globex"), @"
    ------- stderr -------
    error: a confirmation (“Delete company `Globex` and take it from 2 people in the bin?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("company delete globex --dry-run"), @"
    ------- stderr -------
    deleted company `Globex` (dry run: nothing was changed)
    also taken from 2 people in the bin (max@globex.example, eva@globex.example)
    ");
    assert_snapshot!(board.run("company delete globex --yes"), @"
    ------- stderr -------
    deleted company `Globex`
    also taken from 2 people in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    is_proved(&board);
    for action in ["position.delete", "department.delete", "group.delete", "role.delete", "company.delete"] {
        let told = rows(&board, "max@globex.example", action).ok();
        assert_eq!(told.stdout.lines().count(), 2, "{told}");
    }
    assert_snapshot!(rows(&board, "max@globex.example", "company.delete"), @"
    ACTION          BEFORE          AFTER
    company.delete  company=Globex  company=null
    ");
    assert_snapshot!(rows(&board, "max@globex.example", "group.delete"), @r#"
    ACTION        BEFORE              AFTER
    group.delete  groups=["Readers"]  groups=[]
    "#);
}

#[test]
fn a_forced_deletion_takes_from_people_at_work_and_in_the_bin() {
    let board = two_in_the_bin();
    board.run("group add-member Readers ada@acme.example").ok();
    assert_snapshot!(board.run("group delete Readers --yes"), @"
    ------- stderr -------
    error: group `Readers` is in use: 1 person (ada@acme.example)
    hint: take it from them first with `secboard group remove-member 'Readers' …` and `secboard role edit … --remove-group 'Readers'`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("group delete Readers --force"), @"
    ------- stderr -------
    error: a confirmation (“Delete group `Readers` and take it from 1 person (ada@acme.example), and 1 person in the bin?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("group delete Readers --force --yes"), @"
    ------- stderr -------
    deleted group `Readers`; it was taken from 1 person (ada@acme.example)
    also taken from 1 person in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run(&format!("run undo {} --yes", board.newest_run())), @"
    ------- stderr -------
    run `[run]`: 3 taken back
    ");
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    ");
}

#[test]
fn what_a_deletion_took_from_people_in_the_bin_comes_back_with_its_undo() {
    let board = two_in_the_bin();
    let held = "user list --deleted --columns email,company,department,position,roles,groups -o csv";
    let before = board.run(held).ok().stdout;
    let mut runs = Vec::new();
    for line in [
        "role delete auditor",
        "group delete Readers",
        "position delete Seller",
        "department delete Sales",
        "company delete globex",
    ] {
        board.run(&format!("{line} --yes")).ok();
        runs.push(board.newest_run());
    }
    assert_snapshot!(board.run(held), @"
    email,company,department,position,roles,groups
    eva@globex.example,,,,,
    max@globex.example,,,,,
    ");
    assert_snapshot!(board.run(&format!("run show {}", runs[4])), @"
    ID             [run]
    CREATED AT     [time]
    KIND           company.delete
    STATE          applied
    SOURCE         Globex
    ACTOR          system
    CREATE         0
    UPDATE         2
    DEACTIVATE     0
    DELETE         0
    COMPANIES      1
    DEPARTMENTS    0
    POSITIONS      0
    GROUPS         0
    ROLES          0
    MAILS          0
    LOSING         0
    WITHOUT LOGIN  0
    WITHOUT GROUP  0
    PERMISSIONS    0
    UPDATED AT     [time]

    ~ user max@globex.example  company: Globex → none
    ~ user eva@globex.example  company: Globex → none
    - company Globex
    ");
    for run in runs.iter().rev() {
        board.run(&format!("run undo {run} --yes")).ok();
        is_proved(&board);
    }
    assert_eq!(board.run(held).ok().stdout, before);
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    ");
    assert_snapshot!(board.run(&format!("run undo {} --yes", runs[0])), @"
    ------- stderr -------
    error: run `[run]` was undone already
    hint: to change the same again, give the command that made it once more
    [exit status: 65]
    ");
}

#[test]
fn who_is_restored_is_told_what_went_and_how_it_comes_back() {
    let board = two_in_the_bin();
    board.run("position delete Seller --yes").ok();
    let run = board.newest_run();
    board.run("group delete Readers --yes").ok();
    assert_snapshot!(board.run("user restore max@globex.example --dry-run"), @"
    ------- stderr -------
    restored `max@globex.example` (dry run: nothing was changed)
    lost while in the bin: position `Seller`, group `Readers`
    bring it back with `secboard run undo [run]`, `secboard run undo [run]`
    or give them others with `secboard user edit 'max@globex.example' …`
    ");
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    lost while in the bin: position `Seller`, group `Readers`
    bring it back with `secboard run undo [run]`, `secboard run undo [run]`
    or give them others with `secboard user edit 'max@globex.example' …`
    ");
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 3 taken back
    ");
    assert_snapshot!(board.run("user show max@globex.example --columns position,department,groups"), @"
    POSITION    Seller
    DEPARTMENT  Sales
    GROUPS
    ");
    is_proved(&board);
}

#[test]
fn an_undone_deletion_of_people_names_what_they_come_back_without() {
    let board = two_in_the_bin();
    let run = board.newest_run();
    board.run("position delete Seller --yes").ok();
    board.run("group delete Readers --yes").ok();
    assert_snapshot!(board.run(&format!("run undo {run} --yes --dry-run -o json")), @r#"
    {
      "run": "[run]",
      "reverted": 2,
      "refused": 0,
      "left": [],
      "not_whole": [
        {
          "subject": "eva@globex.example",
          "without": "position `Seller`"
        },
        {
          "subject": "max@globex.example",
          "without": "position `Seller`, group `Readers`"
        }
      ],
      "taken_by": [
        {
          "run": "[run]"
        },
        {
          "run": "[run]"
        }
      ],
      "mails_dropped": 0,
      "mails_queued": 0
    }
    ------- stderr -------
    `eva@globex.example` is back without position `Seller`, which is gone by now or not yours to give
    `max@globex.example` is back without position `Seller`, group `Readers`, which is gone by now or not yours to give
    bring it back with `secboard run undo [run]`, `secboard run undo [run]`
    run `[run]`: 2 taken back, 2 not whole (dry run: nothing was changed)
    [exit status: 1]
    "#);
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    `eva@globex.example` is back without position `Seller`, which is gone by now or not yours to give
    `max@globex.example` is back without position `Seller`, group `Readers`, which is gone by now or not yours to give
    bring it back with `secboard run undo [run]`, `secboard run undo [run]`
    run `[run]`: 2 taken back, 2 not whole
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --company globex --columns email,department,position,groups"), @"
    EMAIL               DEPARTMENT  POSITION  GROUPS
    eva@globex.example  Sales
    max@globex.example  Sales
    ");
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    error: run `[run]` was undone already
    hint: to change the same again, give the command that made it once more
    [exit status: 65]
    ");
    is_proved(&board);
}

#[test]
fn an_undone_deletion_leaves_those_whose_company_is_gone_and_those_deleted_anew() {
    let board = two_in_the_bin();
    let run = board.newest_run();
    board.run("user restore eva@globex.example").ok();
    board.run("user delete eva@globex.example --yes").ok();
    for line in ["position delete Seller", "department delete Sales", "company delete globex"] {
        board.run(&format!("{line} --yes")).ok();
    }
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    skipped `eva@globex.example`: has been changed since
    skipped `max@globex.example`: the company of `max@globex.example` was deleted in the meantime by run `[run]`
    run `[run]`: 0 taken back, 2 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user restore max@globex.example --company acme-bank"), @"
    ------- stderr -------
    restored `max@globex.example`
    lost while in the bin: department `Sales`, position `Seller`
    give them others with `secboard user edit 'max@globex.example' …`
    ");
}

#[test]
fn the_past_of_people_in_the_bin_is_told_with_what_they_lost_later() {
    let board = two_in_the_bin();
    let after = |command: &str| {
        board.run(command).ok();
        let rows = board.run("audit list --limit 1 -o json").ok().json();
        rows.pointer("/0/at").and_then(serde_json::Value::as_str).unwrap().to_owned()
    };
    let in_bin = after("setting set site.name Board");
    let shown = |at: &str| {
        board.run(&format!(
            "user show max@globex.example --as-of {at} --columns company,department,position,roles,groups"
        ))
    };
    let lost = after("position delete Seller --yes");
    assert_snapshot!(shown(&in_bin), @"
    COMPANY     Globex
    DEPARTMENT  Sales
    POSITION    Seller
    ROLES       auditor
    GROUPS      Readers
    ");
    assert_snapshot!(shown(&lost), @"
    COMPANY     Globex
    DEPARTMENT  Sales
    POSITION
    ROLES       auditor
    GROUPS      Readers
    ");
}

#[test]
fn a_move_of_a_unit_says_which_positions_people_in_the_bin_lose() {
    let board = two_in_the_bin();
    board.run("department create Board --company globex").ok();
    assert_snapshot!(board.run("position edit Seller --to-department Board --dry-run"), @"
    ------- stderr -------
    changed position `Seller`: department (dry run: nothing was changed)
    a position that no longer lies under their department was taken from 2 people in the bin (max@globex.example, eva@globex.example)
    ");
    assert_snapshot!(board.run("position edit Seller --to-department Board"), @"
    ------- stderr -------
    changed position `Seller`: department
    a position that no longer lies under their department was taken from 2 people in the bin
    ");
    is_proved(&board);
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    lost while in the bin: position `Seller`
    give them others with `secboard user edit 'max@globex.example' …`
    ");
}

#[test]
fn a_group_or_role_that_becomes_anothers_is_taken_from_people_in_the_bin() {
    let board = two_in_the_bin();
    assert_snapshot!(board.run("group edit Readers --company acme-bank --dry-run"), @"
    ------- stderr -------
    changed group `Readers@Acme Bank`: company (dry run: nothing was changed)
    also taken from 1 person in the bin (max@globex.example)
    ");
    assert_snapshot!(board.run("group edit Readers --company acme-bank"), @"
    ------- stderr -------
    changed group `Readers@Acme Bank`: company
    also taken from 1 person in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("role edit auditor --add-company acme-bank"), @"
    ------- stderr -------
    changed role `Auditor`: companies
    also taken from 1 person in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    is_proved(&board);
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    lost while in the bin: role `auditor`, group `Readers`
    bring it back with `secboard run undo [run]`, `secboard run undo [run]`
    or give them others with `secboard user edit 'max@globex.example' …`
    ");
}

#[test]
fn an_undone_import_leaves_what_it_made_to_somebody_in_the_bin() {
    let board = Board::new();
    let people =
        "email,first_name,last_name,company,department\nmax@globex.example,Max,Müller,Globex,Sales\n";
    board.run_with_input("user import - --create-missing -q", people).ok();
    let run = board.newest_run();
    board.run("user delete max@globex.example --yes").ok();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    skipped `max@globex.example`: has been changed since
    skipped `Sales`: somebody in the bin still has it
    skipped `Globex`: somebody in the bin still has it
    run `[run]`: 0 taken back, 3 left
    [exit status: 1]
    ");
    is_proved(&board);
}

#[test]
fn a_company_in_use_says_whose_grants_keep_it() {
    let board = two_in_the_bin();
    for line in [
        "group grant Readers risk.edit_report --company globex",
        "role edit auditor --add-company globex",
        "position delete Seller --yes",
        "department delete Sales --yes",
    ] {
        board.run(line).ok();
    }
    assert_snapshot!(board.run("company delete globex --yes"), @"
    ------- stderr -------
    error: company `Globex` is in use: 1 grant of 1 group (`Readers`), 1 role (`auditor`)
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
}

#[test]
fn a1_nobody_takes_from_a_superuser_in_the_bin_what_they_could_not_take_outside() {
    let board = Board::new();
    for line in [
        "group create Deputies --company acme-bank",
        "group grant Deputies '*'",
        "user create --email dele@acme.example --first-name De --last-name Le --company acme-bank --staff",
        "user add-group dele@acme.example Deputies",
        "department create Desk --company acme-bank",
        "position create Chief --company acme-bank --department Desk",
        "group create Board --company acme-bank",
        "role create Chair --company acme-bank",
        "user create --email root@acme.example --first-name Ro --last-name Ot --company acme-bank --department Desk --position Chief",
        "user edit root@acme.example --staff --superuser",
        "user add-group root@acme.example Board",
        "user add-role root@acme.example chair",
    ] {
        board.run(line).ok();
    }
    let ends = ["role delete chair --force --yes", "group delete Board --force --yes"];
    let dele = |line: &str| board.run(&format!("--as dele@acme.example {line}"));
    assert_eq!(ends.map(|line| dele(line).code), [Some(77); 2], "while they are at work");
    board.run("user delete root@acme.example --yes").ok();
    for line in ends {
        assert_eq!(dele(line).code, Some(77), "{line}");
    }
    assert_snapshot!(dele("group delete Board --yes"), @"
    ------- stderr -------
    error: `dele@acme.example` may not do this: it would be taken from somebody in the bin, and only a superuser changes a superuser
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(dele("role delete chair --dry-run"), @"
    ------- stderr -------
    error: `dele@acme.example` may not do this: it would be taken from somebody in the bin, and only a superuser changes a superuser
    hint: ask an administrator who may
    [exit status: 77]
    ");
    assert_snapshot!(dele("position delete Chief --yes"), @"
    ------- stderr -------
    error: `dele@acme.example` may not do this: it would be taken from somebody in the bin, and only a superuser changes a superuser
    hint: ask an administrator who may
    [exit status: 77]
    ");
    board.run("position delete Chief --yes").ok();
    assert_snapshot!(dele("department delete Desk --yes"), @"
    ------- stderr -------
    error: `dele@acme.example` may not do this: it would be taken from somebody in the bin, and only a superuser changes a superuser
    hint: ask an administrator who may
    [exit status: 77]
    ");
    is_proved(&board);
    board.run("user restore root@acme.example").ok();
    assert_snapshot!(board.run("user show root@acme.example --columns department,roles,groups"), @"
    DEPARTMENT  Desk
    ROLES       chair
    GROUPS      Board@Acme Bank
    ");
}

#[test]
fn a1_groups_and_roles_are_taken_in_the_bin_by_who_may_edit_the_people_of_that_company() {
    let board = two_in_the_bin();
    for line in [
        "group create Keepers",
        "group grant Keepers 'groups.*' 'roles.*'",
        "group grant Keepers 'users.*' --company acme-bank",
        "user create --email keep@acme.example --first-name K --last-name P --company acme-bank --staff",
        "user add-group keep@acme.example Keepers",
        "group revoke Readers risk.view_report --yes",
    ] {
        board.run(line).ok();
    }
    let keep = |line: &str| board.run(&format!("--as keep@acme.example {line}"));
    assert_snapshot!(keep("group delete Readers --force --yes"), @"
    ------- stderr -------
    error: `keep@acme.example` may not do this: it would be taken from somebody in the bin, which needs `users.edit` for that company
    hint: ask an administrator who may
    [exit status: 77]
    ");
    for line in [
        "role delete auditor --yes",
        "role edit auditor --add-company acme-bank --yes",
        "group edit Readers --company acme-bank --yes",
    ] {
        assert_eq!(keep(line).code, Some(77), "{line}");
    }
    board.run("group grant Keepers 'users.*' --company globex").ok();
    for line in ["group delete Readers --yes", "role delete auditor --yes"] {
        keep(line).ok();
    }
    is_proved(&board);
}

#[test]
fn a_deletion_tells_a_program_who_in_the_bin_loses_what() {
    let board = two_in_the_bin();
    for line in ["role delete auditor", "group delete Readers", "position delete Seller"] {
        let told = board.run(&format!("{line} -o json --yes --dry-run")).ok().json();
        assert!(told.as_array().is_some_and(|rows| !rows.is_empty()), "{line}: {told}");
    }
    assert_snapshot!(board.run("role delete auditor --yes -o jsonl"), @r#"
        {"email":"max@globex.example","full_name":"Max Müller","company":"Globex","groups":[],"permissions":[],"in_bin":true,"taken":["role `auditor`"]}
        ------- stderr -------
        deleted role `Auditor`
        also taken from 1 person in the bin
        run `[run]`; undo it with `secboard run undo [run]`
        "#);
    assert_snapshot!(board.run("group delete Readers --yes -o csv --columns email,in_bin,taken"), @"
    email,in_bin,taken
    max@globex.example,yes,group `Readers`
    ------- stderr -------
    deleted group `Readers`
    also taken from 1 person in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("position delete Seller --yes -o json"), @r#"
    [
    {"email":"max@globex.example","full_name":"Max Müller","company":"Globex","groups":[],"permissions":[],"in_bin":true,"taken":["position `Seller`"]},
    {"email":"eva@globex.example","full_name":"Eva Braun","company":"Globex","groups":[],"permissions":[],"in_bin":true,"taken":["position `Seller`"]}
    ]
    ------- stderr -------
    deleted position `Seller` of `Sales`
    also taken from 2 people in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    "#);
    assert_snapshot!(board.run("department delete Sales --yes -o jsonl --columns email,taken"), @r#"
    {"email":"max@globex.example","taken":["department `Sales`"]}
    {"email":"eva@globex.example","taken":["department `Sales`"]}
    ------- stderr -------
    deleted department `Sales` of `Globex`
    also taken from 2 people in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    "#);
    assert_snapshot!(board.run("company delete globex --yes -o jsonl --columns email,taken"), @r#"
    {"email":"max@globex.example","taken":["company `Globex`"]}
    {"email":"eva@globex.example","taken":["company `Globex`"]}
    ------- stderr -------
    deleted company `Globex`
    also taken from 2 people in the bin
    run `[run]`; undo it with `secboard run undo [run]`
    "#);
    board.run("company create Initech").ok();
    assert_snapshot!(board.run("company delete initech --yes -o json"), @"
    []
    ------- stderr -------
    deleted company `Initech`
    ");
}

/// A site whose operator may edit people and bring them back.
fn operators_bin() -> Board {
    let board = two_in_the_bin();
    for line in [
        "group create Helpers",
        "group grant Helpers users.view users.edit",
        "user create --email op@acme.example --first-name Olha --last-name Op --company 'Acme Bank' --staff --group Helpers",
        "group grant Readers risk.edit_report",
    ] {
        board.run(line).ok();
    }
    board
}

#[test]
fn a1_what_was_granted_while_somebody_was_in_the_bin_is_told_and_given_by_who_could_give_it() {
    let board = operators_bin();
    assert_snapshot!(board.run("--as op@acme.example user restore max@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    left behind, for it is not yours to give: group `Readers`, which since gives what is not yours to look at
    ");
    assert_snapshot!(board.run("user show max@globex.example --columns roles,groups"), @"
    ROLES   auditor
    GROUPS
    ");
    is_proved(&board);
    board.run("user add-group max@globex.example Readers").ok();
}

#[test]
fn a_superuser_who_restores_somebody_is_told_what_their_groups_grant_since() {
    let board = operators_bin();
    board.run("group create Deputies").ok();
    board.run("group grant Deputies incidents.view").ok();
    board.run("role edit auditor --add-group Deputies").ok();
    assert_snapshot!(board.run("user restore max@globex.example"), @"
    ------- stderr -------
    restored `max@globex.example`
    back with group `Readers`, which since gives `risk.edit_report`
    back with role `auditor`, which since gives `incidents.view`
    ");
    is_proved(&board);
}
