//! `secboard user add-role`, `remove-role`, `add-group`, `remove-group`, and what roles bring.

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with the people Ann (Acme Bank) and Max (Globex), a group for all and one of each company, and a role.
fn board() -> Board {
    let board = Board::new();
    board.run("company create Globex").ok();
    board
        .run("user create --email ann@acme.example --first-name Ann --last-name Lee --company 'Acme Bank'")
        .ok();
    board
        .run("user create --email max@globex.example --first-name Max --last-name Ode --company Globex")
        .ok();
    for group in ["'Risk Managers'", "Tellers --company 'Acme Bank'", "Tellers --company Globex"] {
        board.run(&format!("group create {group}")).ok();
    }
    board.run("role create CISO --group 'Risk Managers' --group 'Tellers@Acme Bank'").ok();
    board
}

/// The groups of a person with their origins, one a line.
fn groups(board: &Board, email: &str) -> String {
    let person = board.run(&format!("user show {email} -o json")).ok().json();
    let groups = person.get("groups").unwrap().as_array().unwrap().iter();
    let told = ["name", "company", "origins"];
    let line = |group: &serde_json::Value| told.map(|field| group.get(field).unwrap().to_string()).join(" ");
    groups.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_role_brings_its_groups_and_takes_them_along() {
    let board = board();
    assert_snapshot!(board.run("user add-role ann@acme.example ciso"), @"
    ------- stderr -------
    `ann@acme.example` holds the role `ciso`
    ");
    assert_snapshot!(groups(&board, "ann@acme.example"), @r#"
    "Risk Managers" null ["role:ciso"]
    "Tellers" "Acme Bank" ["role:ciso"]
    "#);
    assert_snapshot!(board.run("user add-role ann@acme.example CISO"), @"
    ------- stderr -------
    no change: `ann@acme.example` holds the role already
    ");
    board.run("role edit ciso --inactive --yes").ok();
    assert_snapshot!(groups(&board, "ann@acme.example"), @"");
    board.run("role edit ciso --active").ok();
    assert_snapshot!(board.run("user add-role ann@acme.example ciso --no-role-groups"), @"
    ------- stderr -------
    `ann@acme.example` holds the role `ciso`
    1 person may do less than before: 1 is in no group any more
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(groups(&board, "ann@acme.example"), @"");
    assert_snapshot!(board.run("user remove-role ann@acme.example ciso"), @"
    ------- stderr -------
    `ann@acme.example` no longer holds the role `ciso`
    ");
    assert_snapshot!(board.run("user remove-role ann@acme.example ciso"), @"
    ------- stderr -------
    no change: `ann@acme.example` does not hold the role
    ");
}

#[test]
fn a_companys_group_comes_only_to_its_own_people() {
    let board = board();
    board.run("user add-role max@globex.example ciso").ok();
    assert_snapshot!(groups(&board, "max@globex.example"), @r#"
    "Risk Managers" null ["role:ciso"]
    "#);
    assert_snapshot!(board.run("user add-group max@globex.example 'Tellers@Acme Bank'"), @"
    ------- stderr -------
    error: group `Tellers@Acme Bank` takes only people of its company, which `max@globex.example` is not
    hint: use a group of their company, or one of no company; see them with `secboard group list`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user add-group max@globex.example Tellers"), @"
    ------- stderr -------
    error: there are several groups `Tellers`: Tellers@Acme Bank, Tellers@Globex
    hint: say which, such as `Tellers@Acme Bank`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user add-group max@globex.example Tellers --group-company Globex"), @"
    ------- stderr -------
    `max@globex.example` is in the group `Tellers@Globex`
    ");
    assert_snapshot!(board.run("user edit max@globex.example --company 'Acme Bank'"), @"
    ------- stderr -------
    error: a confirmation (“Take group `Tellers@Globex` from `max@globex.example`?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user edit max@globex.example --company 'Acme Bank' --yes"), @"
    ------- stderr -------
    changed user `max@globex.example`: company, groups
    run `[run]`; undo it with `secboard run undo [run]`
    cleared, as belonging elsewhere: group `Tellers@Globex`
    ");
    assert_snapshot!(groups(&board, "max@globex.example"), @r#"
    "Risk Managers" null ["role:ciso"]
    "Tellers" "Acme Bank" ["role:ciso"]
    "#);
}

#[test]
fn a_membership_with_several_origins_stays_until_the_last_is_gone() {
    let board = board();
    board.run("user add-role ann@acme.example ciso").ok();
    board.run("user add-group ann@acme.example 'Risk Managers'").ok();
    assert_snapshot!(groups(&board, "ann@acme.example"), @r#"
    "Risk Managers" null ["manual","role:ciso"]
    "Tellers" "Acme Bank" ["role:ciso"]
    "#);
    assert_snapshot!(board.run("user remove-group ann@acme.example 'Risk Managers'"), @"
    ------- stderr -------
    `ann@acme.example` was taken out of the group `Risk Managers`
    still in `Risk Managers` through role:ciso
    ");
    assert_snapshot!(board.run("user remove-group ann@acme.example 'Risk Managers'"), @"
    ------- stderr -------
    no change: `ann@acme.example` was not put into the group by hand
    still in `Risk Managers` through role:ciso
    ");
    board.run("user remove-role ann@acme.example ciso").ok();
    assert_snapshot!(groups(&board, "ann@acme.example"), @"");
}

#[test]
fn several_people_are_a_run_and_who_does_not_fit_is_told() {
    let board = board();
    assert_snapshot!(board.run_with_input("user add-group - 'Tellers@Acme Bank'", "ann@acme.example\nmax@globex.example\n"), @"
    ------- stderr -------
    skipped `max@globex.example`: group `Tellers@Acme Bank` takes only people of its company, which `max@globex.example` is not
    people: 1 changed, 1 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: skipped 1 of 2 people
    hint: see above why; change them apart, or ask an administrator who may
    [exit status: 1]
    ");
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    1 person may do less than before: 1 is in no group any more
    run `[run]`: 1 taken back
    ");
    assert_snapshot!(groups(&board, "ann@acme.example"), @"");
}

#[test]
fn people_are_made_and_changed_with_roles_and_groups() {
    let board = board();
    let zoe = "user create --email zoe@acme.example --first-name Zoe --last-name Ash --company 'Acme Bank'";
    board.run(&format!("{zoe} --role ciso --group Tellers@'Acme Bank' --no-role-groups")).ok();
    assert_snapshot!(groups(&board, "zoe@acme.example"), @r#"
    "Tellers" "Acme Bank" ["manual"]
    "#);
    assert_snapshot!(board.run("user edit zoe@acme.example --group '' --role-groups"), @"
    ------- stderr -------
    changed user `zoe@acme.example`: roles_without_groups, groups
    ");
    assert_snapshot!(groups(&board, "zoe@acme.example"), @r#"
    "Risk Managers" null ["role:ciso"]
    "Tellers" "Acme Bank" ["role:ciso"]
    "#);
    assert_snapshot!(board.run("user edit zoe@acme.example --role cisso"), @"
    ------- stderr -------
    error: there is no role `cisso`
    hint: did you mean `CISO`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user edit zoe@acme.example --group 'Risk Manager'"), @"
    ------- stderr -------
    error: there is no group `Risk Manager`
    hint: did you mean `Risk Managers`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user list --columns full_name,roles,groups --search ash"), @"
    FULL NAME  ROLES  GROUPS
    Zoe Ash    ciso   Risk Managers; Tellers@Acme Bank
    ");
}

#[test]
fn people_are_listed_by_role_and_by_group() {
    let board = board();
    board.run("user add-role ann@acme.example ciso").ok();
    board.run("user add-group max@globex.example 'Risk Managers'").ok();
    assert_snapshot!(board.run("user list --group 'risk managers' --columns email,groups"), @"
    EMAIL               GROUPS
    ann@acme.example    Risk Managers; Tellers@Acme Bank
    max@globex.example  Risk Managers
    ");
    assert_snapshot!(board.run("user list --role ciso --group 'Tellers@Acme Bank' --columns email"), @"
    EMAIL
    ann@acme.example
    ");
    assert_snapshot!(board.run("user list --role nobody"), @"
    ------- stderr -------
    error: there is no role `nobody`
    hint: make it with `secboard role create 'nobody'`, or see those there are with `secboard role list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user remove-group 'Risk Managers' --group 'Risk Managers' --all-matching --yes"), @"
    ------- stderr -------
    people: 1 losing access, 1 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    ");
}

#[test]
fn a_new_company_that_takes_access_is_a_run() {
    let board = Board::new();
    for command in [
        "company create Globex",
        "group create Tellers --company globex",
        "group grant Tellers risk.view_report",
        "role create Clerk --company globex --group Tellers",
        "user create --email max@globex.example --first-name Max --last-name Lee --company globex --role clerk",
    ] {
        board.run(command).ok();
    }
    let moved = "user edit max@globex.example --company 'Acme Bank'";
    assert_snapshot!(board.run(moved), @"
    ------- stderr -------
    error: a confirmation (“1 person would be able to do less than before: 1 would be in no group any more, 1 permission of theirs would go. Take role `clerk` from `max@globex.example`?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run(&format!("{moved} --dry-run")), @"
    EMAIL               GROUPS          PERMISSIONS
    max@globex.example  Tellers@Globex  risk.view_report@Globex
    ------- stderr -------
    changed user `max@globex.example`: company, roles (dry run: nothing was changed)
    1 person would be able to do less than before: 1 would be in no group any more, 1 permission of theirs would go
    would be cleared, as belonging elsewhere: role `clerk`
    ");
    assert_snapshot!(board.run(&format!("{moved} --yes")), @"
    ------- stderr -------
    changed user `max@globex.example`: company, roles
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    cleared, as belonging elsewhere: role `clerk`
    ");
    let run = board.newest_run();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 1 taken back
    ");
    assert_snapshot!(board.run("user show max@globex.example -o json --columns company,roles,groups"), @r#"{"company":"Globex","roles":["clerk"],"groups":[{"name":"Tellers","company":"Globex","origins":["role:clerk"]}]}"#);
}

/// Whoever moves by whichever command: what the new company takes is named, before and afterwards.
#[test]
fn what_a_move_takes_is_named_by_every_command_that_moves() {
    let board = movers();
    board.run("setting set brake.people 0").ok();
    board.run("setting set brake.percent 0").ok();
    assert_snapshot!(board.run("user edit max@globex.example --company 'Acme Bank' --yes"), @"
    ------- stderr -------
    planned, not done: 1 person would be able to do less than before: 1 would be in no group any more, 1 permission of theirs would go
    would be cleared, as belonging elsewhere: role `clerk`, group `Drivers@Globex`
    error: run `[run]` is held: 1 of 2 people would be able to do less than before, more than 0 are not let through; group `Tellers@Globex` would lose 1 of the 1 people in it; group `Drivers@Globex` would lose 1 of the 1 people in it
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    board.run("setting unset brake.people").ok();
    let moved = "email,company\nmax@globex.example,Acme Bank\n";
    assert_snapshot!(board.run_with_input("user import - --on-existing update", moved), @"
    ------- stderr -------
    warning: the new company of `max@globex.example` takes from them: role `clerk`, group `Drivers@Globex`
    1 person may do less than before: 1 is in no group any more, 1 permission of theirs goes
    people: 1 losing access
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    let run = board.newest_run();
    board.run(&format!("run undo {run} --yes")).ok();
    board.run("user delete max@globex.example --yes").ok();
    assert_snapshot!(board.run("user restore max@globex.example --company 'Acme Bank' --dry-run"), @"
    ------- stderr -------
    restored `max@globex.example` (dry run: nothing was changed)
    would be cleared, as belonging elsewhere: role `clerk`, group `Drivers@Globex`
    ");
    assert_snapshot!(board.run("user restore max@globex.example --company 'Acme Bank'"), @"
    ------- stderr -------
    restored `max@globex.example`
    cleared, as belonging elsewhere: role `clerk`, group `Drivers@Globex`
    ");
}

/// A role that stays brings no groups of the company that is left: what goes so is named, asked about and given back too.
#[test]
fn a_move_takes_groups_that_a_role_brings_by_no_way_unsaid() {
    let board = Board::new();
    for command in [
        "company create Globex",
        "group create Wide",
        "group create Desk --company globex",
        "group grant Desk risk.view_report",
        "role create Night --group Wide --group Desk",
        "user create --email max@globex.example --first-name Max --last-name Lee --company globex --role night",
    ] {
        board.run(command).ok();
    }
    let may = || board.run("permission check max@globex.example risk.view_report --company globex").code;
    let moved = "user edit max@globex.example --company 'Acme Bank'";
    assert_snapshot!(board.run(moved), @"
    ------- stderr -------
    error: a confirmation (“1 person would be able to do less than before: 1 permission of theirs would go. Take group `Desk@Globex` of role `night` from `max@globex.example`?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    let dry = board.run(&format!("{moved} --dry-run")).ok().stderr;
    assert!(
        dry.contains("would be cleared, as belonging elsewhere: group `Desk@Globex` of role `night`\n"),
        "{dry}"
    );
    let import = "email,company\nmax@globex.example,Acme Bank\n";
    let said = board.run_with_input("user import - --on-existing update --dry-run", import).ok().stderr;
    let warning =
        "the new company of `max@globex.example` takes from them: group `Desk@Globex` of role `night`\n";
    assert!(said.contains(warning), "{said}");
    assert_snapshot!(board.run(&format!("{moved} --yes")), @"
    ------- stderr -------
    changed user `max@globex.example`: company
    1 person may do less than before: 1 permission of theirs goes
    run `[run]`; undo it with `secboard run undo [run]`
    cleared, as belonging elsewhere: group `Desk@Globex` of role `night`
    ");
    assert_eq!(may(), Some(1));
    board.run(&format!("run undo {} --yes", board.newest_run())).ok();
    assert_eq!(may(), Some(0));
    board.run("user delete max@globex.example --yes").ok();
    assert_snapshot!(board.run("user restore max@globex.example --company 'Acme Bank' --dry-run"), @"
    ------- stderr -------
    restored `max@globex.example` (dry run: nothing was changed)
    would be cleared, as belonging elsewhere: group `Desk@Globex` of role `night`
    ");
}

/// A command is done as a whole or not at all: a photo is never changed beside what the brake holds, or an undo takes back.
#[test]
fn no_photo_is_changed_beside_a_move_that_is_a_run() {
    let board = movers();
    let photo = image::RgbImage::new(240, 240);
    photo.save(board.path("max.png")).unwrap();
    let rows = || board.run("audit list --limit 1000 -o json").json().as_array().unwrap().len();
    let before = rows();
    let moved = "user edit max@globex.example --company 'Acme Bank'";
    assert_snapshot!(board.run(&format!("{moved} --photo max.png")), @"
    ------- stderr -------
    error: no photo is changed beside what takes something, which can be held and undone: `max@globex.example` would lose role `clerk`, group `Drivers@Globex`
    hint: change the photo alone, with `secboard user avatar set 'max@globex.example' FILE`
    [exit status: 65]
    ");
    for photo in ["--photo max.png --dry-run", "--remove-photo --yes"] {
        assert_eq!(board.run(&format!("{moved} {photo}")).code, Some(65), "{photo}");
    }
    assert_eq!(rows(), before);
    let given_up = "user edit max@globex.example --role '' --group '' --company 'Acme Bank'";
    assert_eq!(board.run(&format!("{given_up} --photo max.png")).code, Some(65));
    assert_eq!(rows(), before);
    board.run(given_up).ok();
}

/// Somebody of Globex with a role and a group of that company.
fn movers() -> Board {
    let board = Board::new();
    for command in [
        "company create Globex",
        "group create Tellers --company globex",
        "group create Drivers --company globex",
        "group grant Tellers risk.view_report",
        "role create Clerk --company globex --group Tellers",
        "user create --email max@globex.example --first-name Max --last-name Lee --company globex --role clerk --group Drivers",
    ] {
        board.run(command).ok();
    }
    board
}

/// Who names a role or group beside a new company means to keep it: to leave it out in silence, or with a word, is neither.
#[test]
fn what_is_named_again_and_does_not_fit_the_new_company_is_refused() {
    let board = board();
    board.run("role create Teller --company 'Acme Bank'").ok();
    board.run("user edit ann@acme.example --role Teller --role ciso --group 'Tellers@Acme Bank'").ok();
    let moved = "user edit ann@acme.example --company Globex --yes";
    for role in ["teller", "TELLER"] {
        let refused = board.run(&format!("{moved} --role {role} --role CISO"));
        assert_eq!(refused.code, Some(65), "{}", refused.stderr);
    }
    assert_snapshot!(board.run(&format!("{moved} --role Teller")), @"
    ------- stderr -------
    error: role `teller` is not for the company of `ann@acme.example`
    hint: see its companies with `secboard role show teller`
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("{moved} --group 'Tellers@Acme Bank'")), @"
    ------- stderr -------
    error: group `Tellers@Acme Bank` takes only people of its company, which `ann@acme.example` is not
    hint: use a group of their company, or one of no company; see them with `secboard group list`
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("{moved} --role ciso --group Tellers@Globex")), @"
    ------- stderr -------
    changed user `ann@acme.example`: company, roles, groups
    ");
}
