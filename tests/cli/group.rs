//! `secboard group`.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with the group `Risk Managers`, which grants three things.
fn board() -> Board {
    let board = Board::new();
    board.run("group create 'Risk Managers' --description 'who look after risks' --color '#4477AA'").ok();
    board.run("group grant 'Risk Managers' risk.view_report 'fim.*' --company acme-bank").ok();
    board.run("group grant 'Risk Managers' risk.edit_report risk.show_link").ok();
    board
}

#[test]
fn a_group_is_made_shown_changed_and_deleted() {
    let board = Board::new();
    assert_snapshot!(board.run("group create 'Risk Managers' --color '#4477AA'"), @"
    ------- stderr -------
    created group `Risk Managers`; it grants nothing yet
    ");
    assert_snapshot!(board.run("group show 'risk managers'"), @"
    ID          1
    NAME        Risk Managers
    CANONICAL   Risk Managers
    COLOR       #4477aa
    ASSIGNABLE  no
    MEMBERS     0
    CREATED AT  [time]
    UPDATED AT  [time]
    ------- stderr -------
    it grants nothing yet
    ");
    assert_snapshot!(board.run("group edit 'Risk Managers' --name 'Risk Team' --company acme-bank --assignable"), @"
    ------- stderr -------
    changed group `Risk Team@Acme Bank`: name, company, assignable
    ");
    assert_snapshot!(board.run("group edit 'Risk Team' --assignable"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("group list"), @"
    NAME       COMPANY    MEMBERS  GRANTS  ROLES  ASSIGNABLE
    Risk Team  Acme Bank  0        0       0      yes
    ");
    assert_snapshot!(board.run("group delete 'Risk Team' --yes"), @"
    ------- stderr -------
    deleted group `Risk Team@Acme Bank`
    ");
    assert_snapshot!(board.run("groups list"), @"
    ------- stderr -------
    nothing matches
    ");
}

#[test]
fn grants_are_for_a_company_or_for_all() {
    let board = Board::new();
    board.run("group create 'Risk Managers'").ok();
    assert_snapshot!(board.run("group grant 'Risk Managers' 'risk.*' --company 'Acme Bank'"), @"
    ------- stderr -------
    `Risk Managers` now grants `risk.view_assessment@Acme Bank`, `risk.edit_assessment@Acme Bank`, `risk.configure_assessment@Acme Bank` and 9 more
    ");
    assert_snapshot!(board.run("group grant 'Risk Managers' risk.view_report risk.add_report incidents.view --company 'Acme Bank'"), @"
    ------- stderr -------
    `Risk Managers` now grants `incidents.view@Acme Bank`; 2 granted already
    ");
    assert_snapshot!(board.run("group grant 'Risk Managers' incidents.view"), @"
    ------- stderr -------
    `Risk Managers` now grants `incidents.view`
    ");
    assert_snapshot!(board.run("group grant 'Risk Managers' incidents.add --all-companies"), @"
    ------- stderr -------
    `Risk Managers` now grants `incidents.add`
    ");
    assert_snapshot!(board.run("group grant 'Risk Managers' incidents.add --company 'Acme Bank'"), @"
    ------- stderr -------
    no change to `Risk Managers`: 1 granted for all companies already
    ");
    assert_snapshot!(board.run("group grant 'Risk Managers' --level view --module fim --module gdpr"), @"
    ------- stderr -------
    `Risk Managers` now grants `fim.view`, `fim.show_link`, `gdpr.view_data_subjects` and 6 more
    ");
    assert_snapshot!(board.run("group show 'Risk Managers'"), @"
    ID          1
    NAME        Risk Managers
    CANONICAL   Risk Managers
    ASSIGNABLE  no
    MEMBERS     0
    CREATED AT  [time]
    UPDATED AT  [time]

    MODULE     COMPANY    GRANTED
    risk       Acme Bank  everything
    incidents  (all)      view, add
    incidents  Acme Bank  view
    fim        (all)      view, show_link
    gdpr       (all)      view_data_subjects, view_dsr, view_consents, view_breach_management, view_dpia, view, show_link
    ");
}

#[test]
fn what_is_granted_for_all_cannot_be_taken_for_one() {
    let board = board();
    assert_snapshot!(board.run("group revoke 'Risk Managers' risk.edit_report --company acme-bank"), @"
    ------- stderr -------
    error: `Risk Managers` has `risk.edit_report` for all companies, and nothing can be taken from that for `Acme Bank` alone
    hint: revoke it for all companies, and grant it to those that shall keep it
    [exit status: 65]
    ");
    assert_snapshot!(board.run("group revoke 'Risk Managers' risk.view_report --company acme-bank"), @"
    ------- stderr -------
    `Risk Managers` no longer grants `risk.view_report@Acme Bank`
    ");
    assert_snapshot!(board.run("group revoke 'Risk Managers' risk.view_report --company acme-bank"), @"
    ------- stderr -------
    no change: `Risk Managers` does not grant that
    ");
    assert_snapshot!(board.run("group revoke 'Risk Managers' '*'"), @"
    ------- stderr -------
    `Risk Managers` no longer grants `risk.edit_report`, `risk.show_link`, `fim.view@Acme Bank` and 5 more
    ");
}

#[test]
fn programs_get_a_group_with_its_grants() {
    let board = board();
    assert_snapshot!(board.run("group show 'Risk Managers' -o json"), @r##"{"id":1,"name":"Risk Managers","company":null,"canonical":"Risk Managers","description":"who look after risks","color":"#4477aa","assignable":false,"members":0,"brought_by":[],"created_at":"[time]","updated_at":"[time]","granted":[{"module":"risk","company":"Acme Bank","permissions":["risk.view_report"]},{"module":"risk","company":null,"permissions":["risk.edit_report","risk.show_link"]},{"module":"fim","company":"Acme Bank","permissions":["fim.view","fim.edit","fim.add","fim.delete","fim.configure","fim.show_link"]}]}"##);
    assert_snapshot!(board.run("group list -o json"), @r##"
    [
    {"id":1,"name":"Risk Managers","company":null,"members":0,"grants":9,"roles":0,"assignable":false,"color":"#4477aa","description":"who look after risks","created_at":"[time]","updated_at":"[time]"}
    ]
    "##);
    assert_snapshot!(board.run("group list -o csv --columns name,company,grants"), @"
    name,company,grants
    Risk Managers,,9
    ");
    assert_snapshot!(board.run("group members 'Risk Managers' -o json"), @"[]");
}

#[test]
fn bad_grants_are_refused_with_the_reason() {
    let board = board();
    board.run("company create Globex").ok();
    board.run("group create Auditors --company acme-bank").ok();
    assert_snapshot!(board.run("group grant 'Risk Managers' risk.edit_raport"), @"
    ------- stderr -------
    error: there is no permission `risk.edit_raport`
    hint: did you mean `risk.edit_report` or `risk.add_report` or `risk.view_report`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("group grant 'Risk Managers' risk.view_report --company Globexx"), @"
    ------- stderr -------
    error: there is no company `Globexx`
    hint: did you mean `Globex`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("group grant Auditors audit.view --company Globex"), @"
    ------- stderr -------
    error: `Auditors@Acme Bank` is a group of `Acme Bank` and cannot grant anything for `Globex`
    hint: use a group of that company, or one of none
    [exit status: 65]
    ");
    assert_snapshot!(board.run("group grant 'Risk Managers' --level view"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      --module <MODULE>

    Usage: secboard group grant --level <LEVEL> --module <MODULE> <GROUP> [PERMISSION]...

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("group grant Auditers audit.view"), @"
    ------- stderr -------
    error: there is no group `Auditers`
    hint: did you mean `Auditors@Acme Bank`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("group create 'Risk@Acme'"), @"
    ------- stderr -------
    error: `Risk@Acme` is no name for a group: `@` stands between a group and its company
    hint: choose another name; a group's company is given with `--company`
    [exit status: 65]
    ");
}

#[test]
fn a_name_of_several_companies_needs_its_company() {
    let board = Board::new();
    board.run("company create Globex").ok();
    board.run("group create Auditors --company acme-bank").ok();
    board.run("group create Auditors --company globex").ok();
    assert_snapshot!(board.run("group show auditors"), @"
    ------- stderr -------
    error: there are several groups `auditors`: Auditors@Acme Bank, Auditors@Globex
    hint: say which, such as `Auditors@Acme Bank`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("group edit 'auditors@globex' --description 'of Globex'"), @"
    ------- stderr -------
    changed group `Auditors@Globex`: description
    ");
    assert_snapshot!(board.run("group show Auditors --group-company globex --columns canonical,description"), @"
    CANONICAL    Auditors@Globex
    DESCRIPTION  of Globex
    ");
}

#[test]
fn a_company_that_groups_refer_to_stays() {
    let board = Board::new();
    board.run("company create Globex").ok();
    board.run("group create Auditors --company globex").ok();
    board.run("group create Readers").ok();
    board.run("group grant Readers risk.view_report fim.view --company globex").ok();
    assert_snapshot!(board.run("company delete globex --yes"), @"
    ------- stderr -------
    error: company `Globex` is in use: 1 group, 2 grants of 1 group (`Readers`)
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
}

#[test]
fn people_are_put_in_and_taken_out_one_by_one_or_as_a_run() {
    let board = board();
    board.run("user create --email olena@acme.example --first-name Олена --last-name Шевченко --company acme-bank").ok();
    assert_snapshot!(board.run("group add-member 'risk managers' olena@acme.example"), @"
    ------- stderr -------
    `olena@acme.example` is in the group `Risk Managers`
    ");
    assert_snapshot!(board.run("group add-member 'Risk Managers' olena@acme.example"), @"
    ------- stderr -------
    no change: `olena@acme.example` is in the group already
    ");
    assert_snapshot!(board.run("group add-member 'Risk Managers' --all-matching --company acme-bank --dry-run"), @r#"
    ~ user ada@acme.example  groups: [] → ["Risk Managers"]
    ------- stderr -------
    people: 1 changed, 1 unchanged (dry run: nothing was changed)
    "#);
    board.run_with_input("group add-member 'Risk Managers' -", "ada@acme.example\nolena@acme.example\n").ok();
    assert_snapshot!(board.run("group members 'Risk Managers'"), @"
    FULL NAME       EMAIL               COMPANY    DEPARTMENT  ORIGINS
    Ada Admin       ada@acme.example    Acme Bank              manual
    Олена Шевченко  olena@acme.example  Acme Bank              manual
    ");
    assert_snapshot!(board.run("group members 'Risk Managers' -o json"), @r#"
    [
    {"id":1,"email":"ada@acme.example","full_name":"Ada Admin","company":"Acme Bank","department":null,"origins":["manual"]},
    {"id":2,"email":"olena@acme.example","full_name":"Олена Шевченко","company":"Acme Bank","department":null,"origins":["manual"]}
    ]
    "#);
    assert_snapshot!(board.run("group delete 'Risk Managers' --yes"), @"
    ------- stderr -------
    error: group `Risk Managers` is in use: 2 people (ada@acme.example, olena@acme.example)
    hint: take it from them first with `secboard group remove-member 'Risk Managers' …` and `secboard role edit … --remove-group 'Risk Managers'`, or add `--force`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("group remove-member 'Risk Managers' olena@acme.example"), @"
    ------- stderr -------
    `olena@acme.example` was taken out of the group `Risk Managers`
    1 person may do less than before: 1 is in no group any more, 9 permissions of theirs go
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("group members 'Risk Managers' -o csv --columns email,origins"), @"
    email,origins
    ada@acme.example,manual
    ");
    assert_snapshot!(board.run("group delete 'Risk Managers' --force --yes"), @"
    ------- stderr -------
    deleted group `Risk Managers`; it was taken from 1 person (ada@acme.example)
    run `[run]`; undo it with `secboard run undo [run]`
    ");
}

#[test]
fn a_companys_group_takes_only_its_people() {
    let board = board();
    board.run("company create Globex").ok();
    board.run("group create Auditors --company globex").ok();
    assert_snapshot!(board.run("group add-member Auditors ada@acme.example"), @"
    ------- stderr -------
    error: group `Auditors@Globex` takes only people of its company, which `ada@acme.example` is not
    hint: use a group of their company, or one of no company; see them with `secboard group list`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("group add-member Auditors --group-company globex nobody@acme.example"), @"
    ------- stderr -------
    error: there is no user `nobody@acme.example`
    hint: look for them with `secboard user list --search 'nobody@acme.example'`
    [exit status: 67]
    ");
}

/// People in a group of their own beside another, all of which grant something.
fn readers_and_auditors() -> Board {
    let board = Board::new();
    for command in [
        "group create Readers",
        "group create Auditors",
        "group grant Readers risk.view_report incidents.view --all-companies",
        "group grant Auditors risk.view_report audit.view --company acme-bank",
        "role create Auditor --group Auditors",
        "user create --email ann@x.example --first-name Ann --last-name Lee --company acme-bank --group Readers",
        "user create --email bob@x.example --first-name Bob --last-name Kay --company acme-bank --group Readers \
         --role auditor",
    ] {
        board.run(command).ok();
    }
    board
}

#[test]
fn a_deletion_says_who_loses_what_nothing_else_gives_them() {
    let board = readers_and_auditors();
    assert_snapshot!(board.run("group delete Readers --force --yes --dry-run"), @"
    EMAIL          GROUPS   PERMISSIONS
    ann@x.example  Readers  risk.view_report; incidents.view
    bob@x.example  Readers  risk.view_report; incidents.view
    ------- stderr -------
    deleted group `Readers`; it was taken from 2 people (ann@x.example, bob@x.example) (dry run: nothing was changed)
    2 people would be able to do less than before: 1 would be in no group any more, 4 permissions of theirs would go
    ");
    assert_snapshot!(board.run("group delete Auditors --force --yes --dry-run -o jsonl"), @r#"
    {"email":"bob@x.example","full_name":"Bob Kay","company":"Acme Bank","groups":["Auditors"],"permissions":["audit.view@Acme Bank"],"in_bin":false,"taken":[]}
    ------- stderr -------
    deleted group `Auditors`; it was taken from 1 person (bob@x.example), 1 role (auditor) (dry run: nothing was changed)
    1 person would be able to do less than before: 1 permission of theirs would go
    "#);
    assert_snapshot!(board.run("role delete auditor --force --yes --dry-run"), @"
    EMAIL          GROUPS    PERMISSIONS
    bob@x.example  Auditors  audit.view@Acme Bank
    ------- stderr -------
    deleted role `Auditor`, held by 1 person (bob@x.example) (dry run: nothing was changed)
    1 person would be able to do less than before: 1 permission of theirs would go
    ");
    assert_snapshot!(board.run("group delete Readers --force --yes -o json"), @r#"
    [
    {"email":"ann@x.example","full_name":"Ann Lee","company":"Acme Bank","groups":["Readers"],"permissions":["risk.view_report","incidents.view"],"in_bin":false,"taken":[]},
    {"email":"bob@x.example","full_name":"Bob Kay","company":"Acme Bank","groups":["Readers"],"permissions":["risk.view_report","incidents.view"],"in_bin":false,"taken":[]}
    ]
    ------- stderr -------
    deleted group `Readers`; it was taken from 2 people (ann@x.example, bob@x.example)
    2 people may do less than before: 1 is in no group any more, 4 permissions of theirs go
    run `[run]`; undo it with `secboard run undo [run]`
    "#);
}

#[test]
fn a_deletion_that_takes_the_last_group_from_many_is_held() {
    let board = Board::new();
    let mut people = "email,first_name,last_name,company,groups,roles\n".to_owned();
    for number in 0..30 {
        let held = if number < 24 { "Readers," } else { "Writers,scribe" };
        writeln!(people, "p{number}@acme.example,P,Number{number},Acme Bank,{held}").unwrap();
    }
    for command in ["group create Readers", "group create Writers", "role create Scribe --group Readers"] {
        board.run(command).ok();
    }
    board.run_with_input("user import - -q", &people).ok();
    let held = board.run("group delete Readers --force --yes");
    assert_snapshot!(held, @"
    ------- stderr -------
    planned, not done: 24 people would be able to do less than before: 24 would be in no group any more
    error: run `[run]` is held: 24 of 31 people would be able to do less than before, more than 20 are not let through; group `Readers` would lose 30 of the 30 people in it
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert_eq!(board.run("group show Readers -o json").json()["members"], 30);
    board.run("role delete scribe --force --yes").ok();
    board.run("setting set brake.people 24").ok();
    board.run("group delete Readers --force --yes -q").ok();
}

/// A board where Ann and Bob are in the group `Risk Managers`, and Bob in one that grants a part of the same.
fn in_by_two() -> Board {
    let board = board();
    for command in ["group create Guards", "group grant Guards risk.edit_report"] {
        board.run(command).ok();
    }
    let people = "email,first_name,last_name,company,groups\nann@x.example,Ann,Lee,Acme Bank,Risk Managers\n\
        bob@x.example,Bob,Kay,Acme Bank,Risk Managers;Guards\n";
    board.run_with_input("user import - -q", people).ok();
    board
}

#[test]
fn a_change_of_a_group_that_takes_from_people_is_a_run() {
    let board = in_by_two();
    let may = |email: &str| board.run(&format!("permission check {email} risk.edit_report")).code;
    let revoke = "group revoke 'Risk Managers' risk.edit_report";
    assert_snapshot!(board.run(revoke), @"
    ------- stderr -------
    error: a confirmation (“1 person would be able to do less than before: 1 permission of theirs would go. Go on?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run(&format!("{revoke} --dry-run")), @"
    EMAIL          GROUPS  PERMISSIONS
    ann@x.example          risk.edit_report
    ------- stderr -------
    `Risk Managers` no longer grants `risk.edit_report` (dry run: nothing was changed)
    1 person would be able to do less than before: 1 permission of theirs would go
    ");
    assert_snapshot!(board.run(&format!("{revoke} --yes")), @"
    ------- stderr -------
    `Risk Managers` no longer grants `risk.edit_report`
    1 person may do less than before: 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!((may("ann@x.example"), may("bob@x.example")), (Some(1), Some(0)));
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run show {run}")), @r#"
    ID             [run]
    CREATED AT     [time]
    KIND           group.revoke
    STATE          applied
    SOURCE         Risk Managers
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
    LOSING         1
    WITHOUT LOGIN  0
    WITHOUT GROUP  0
    PERMISSIONS    1
    UPDATED AT     [time]

    ~ group Risk Managers  grants: less ["risk.edit_report"]
    "#);
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 1 taken back
    ");
    assert_eq!(may("ann@x.example"), Some(0));
    let moved = "group edit 'Risk Managers' --company acme-bank";
    assert_snapshot!(board.run(&format!("{moved} --dry-run -o json")), @r#"
    [
    {"email":"ann@x.example","full_name":"Ann Lee","company":"Acme Bank","groups":[],"permissions":["risk.edit_report","risk.show_link"],"in_bin":false,"taken":[]},
    {"email":"bob@x.example","full_name":"Bob Kay","company":"Acme Bank","groups":[],"permissions":["risk.show_link"],"in_bin":false,"taken":[]}
    ]
    ------- stderr -------
    changed group `Risk Managers@Acme Bank`: company (dry run: nothing was changed)
    2 people would be able to do less than before: 3 permissions of theirs would go
    "#);
    assert_snapshot!(board.run(&format!("{moved} --yes")), @"
    ------- stderr -------
    changed group `Risk Managers@Acme Bank`: company
    2 people may do less than before: 3 permissions of theirs go
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 1 taken back
    ");
    assert_eq!(may("ann@x.example"), Some(0));
    board.run("audit verify --state").ok();
}

#[test]
fn what_takes_nothing_from_anybody_is_no_run_and_no_question() {
    let board = in_by_two();
    let runs = || board.run("run list -o json").json().as_array().unwrap().len();
    let before = runs();
    board.run("group revoke Guards risk.edit_report").ok();
    board.run("group edit Guards --company acme-bank --description 'who watch'").ok();
    board.run("group grant Guards risk.edit_report").ok();
    board.run("group remove-member Guards bob@x.example").ok();
    board.run("group delete Guards --yes").ok();
    assert_eq!(runs(), before);
}

#[test]
fn a_change_of_a_group_is_held_released_and_undone() {
    let board = in_by_two();
    let may = || board.run("permission check ann@x.example risk.show_link").code;
    board.run("setting set brake.people 1").ok();
    board.run("setting set brake.percent 0").ok();
    let revoke = "group revoke 'Risk Managers' risk.show_link --yes";
    assert_snapshot!(board.run(revoke), @"
    ------- stderr -------
    planned, not done: 2 people would be able to do less than before: 2 permissions of theirs would go
    error: run `[run]` is held: 2 of 3 people would be able to do less than before, more than 1 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert_eq!(may(), Some(0), "nothing is done yet");
    let held = board.newest_run();
    board.run(&format!("run discard {held}")).ok();
    board.run(revoke);
    let held = board.newest_run();
    assert_snapshot!(board.run(&format!("run release {held}")), @"
    ------- stderr -------
    released run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(may(), Some(1));
    board.run(&format!("run undo {held} --yes")).ok();
    assert_eq!(may(), Some(0));
}

#[test]
fn a_deleted_group_comes_back_with_all_it_had() {
    let board = in_by_two();
    board.run("role create CISO --group 'Risk Managers'").ok();
    let show = || board.run("group show 'Risk Managers' -o json").json();
    let before = show();
    board.run("group delete 'Risk Managers' --force --yes").ok();
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 4 taken back
    ");
    let after = show();
    for field in ["id", "name", "color", "description", "members", "grants", "roles", "created_at"] {
        assert_eq!(before[field], after[field], "{field}");
    }
    board.run("audit verify --state").ok();
}

#[test]
fn a1_a_group_that_anybody_may_give_is_not_given_so_with_what_it_is_granted_later() {
    let board = Board::new();
    for line in ["group create Lunch --company acme-bank", "group edit Lunch@acme-bank --assignable"] {
        board.run(line).ok();
    }
    assert_snapshot!(board.run("group grant Lunch@acme-bank risk.edit_report"), @"
    ------- stderr -------
    `Lunch@Acme Bank` now grants `risk.edit_report`
    `Lunch@Acme Bank` is no longer assignable: only who has what it grants gives and takes it, unless `secboard group edit 'Lunch@Acme Bank' --assignable`
    ");
    board.run("group edit Lunch@acme-bank --assignable").ok();
    assert_snapshot!(board.run("group grant Lunch@acme-bank risk.view_report --keep-assignable"), @"
    ------- stderr -------
    `Lunch@Acme Bank` now grants `risk.view_report`
    ");
    assert_snapshot!(board.run("group edit Lunch@acme-bank --company ''"), @"
    ------- stderr -------
    changed group `Lunch`: company, assignable
    ");
    board.run("audit verify --state").ok();
}
