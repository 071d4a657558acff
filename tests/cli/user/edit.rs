use crate::harness::Board;
use insta::assert_snapshot;

use super::people;

#[test]
fn yes_and_no_at_once_is_no_answer() {
    let board = people();
    for pair in [
        "--active --inactive",
        "--no-staff --staff",
        "--superuser --no-superuser",
        "--no-two-factor-required --two-factor-required",
        "--role-groups --no-role-groups",
    ] {
        let refused = board.run(&format!("user edit olena@acme.example {pair}"));
        assert_eq!(refused.code, Some(2), "{pair}");
        assert!(refused.stderr.contains("cannot be used with"), "{}", refused.stderr);
    }
    assert_eq!(board.run("org chart acme-bank --people --no-people").code, Some(2));
}

#[test]
fn a_person_is_changed_field_by_field() {
    let board = people();
    assert_snapshot!(board.run("user edit olena@acme.example --last-name Коваль --phone '' --color '#00aa00' --end-date 2030-12-31"), @"
    ------- stderr -------
    changed user `olena@acme.example`: last_name, phone, end_date, color
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --last-name Коваль --end-date 2030-12-31"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("user edit olena@acme.example"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --email olena.koval@acme.example --end-date never --staff"), @"
    ------- stderr -------
    changed user `olena.koval@acme.example`: email, end_date, staff
    ");
    assert_snapshot!(board.run("user show olena@acme.example"), @"
    ------- stderr -------
    error: there is no user `olena@acme.example`
    hint: did you mean `olena.koval@acme.example`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user show olena.koval@acme.example --columns email,full_name,phone,end_date,staff,color -o json"), @r##"{"email":"olena.koval@acme.example","full_name":"Олена Коваль","phone":null,"end_date":null,"staff":true,"color":"#00aa00"}"##);
}

#[test]
fn a_new_company_or_department_clears_what_belongs_to_the_old_one() {
    let board = people();
    board.run("department create IT --company acme-bank").ok();
    assert_snapshot!(board.run("user edit olena@acme.example --department IT"), @"
    ------- stderr -------
    changed user `olena@acme.example`: department, position
    cleared, as belonging elsewhere: position
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --company globex"), @"
    ------- stderr -------
    changed user `olena@acme.example`: company, department
    cleared, as belonging elsewhere: department
    ");
}

#[test]
fn a_department_that_is_named_anew_stays_though_it_has_the_name_of_the_old_one() {
    let board = people();
    board.run("department create treasury --company globex").ok();
    board.run("position create Dealer --company globex --department treasury").ok();
    assert_snapshot!(board.run("user edit olena@acme.example --company globex --department Treasury --position Dealer"), @"
    ------- stderr -------
    changed user `olena@acme.example`: company, department
    ");
    assert_snapshot!(board.run("user show olena@acme.example -o json --columns company,department,position"), @r#"{"company":"Globex","department":"treasury","position":"Dealer"}"#);
    assert_snapshot!(board.run("user edit olena@acme.example --department TREASURY"), @"
    ------- stderr -------
    no change
    ");
}

#[test]
fn switches_are_turned_on_and_off() {
    let board = people();
    assert_snapshot!(board.run("user edit olena@acme.example --staff --superuser --two-factor-required --inactive"), @"
    ------- stderr -------
    changed user `olena@acme.example`: active, staff, superuser, two_factor_required
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --no-staff --no-superuser --no-two-factor-required --active"), @"
    ------- stderr -------
    changed user `olena@acme.example`: active, staff, superuser, two_factor_required
    1 person may do less than before: 254 permissions of theirs go
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --no-staff --active"), @"
    ------- stderr -------
    no change
    ");
}

#[test]
fn what_cannot_be_is_refused() {
    let board = people();
    assert_snapshot!(board.run("user edit nobody@acme.example --phone ''"), @"
    ------- stderr -------
    error: there is no user `nobody@acme.example`
    hint: look for them with `secboard user list --search 'nobody@acme.example'`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user edit olna@acme.example --phone ''"), @"
    ------- stderr -------
    error: there is no user `olna@acme.example`
    hint: did you mean `olena@acme.example`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --email MAX@globex.example"), @"
    ------- stderr -------
    error: there is a user `max@globex.example` already
    hint: choose another email, or see who has it with `secboard user show 'max@globex.example'`
    [exit status: 73]
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --department Garage"), @"
    ------- stderr -------
    error: there is no department `Garage` in `Acme Bank`
    hint: make it with `secboard department create 'Garage' --company …`, or see those there are with `secboard department list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user edit max@globex.example --start-date 2026-01-01"), @"
    ------- stderr -------
    error: the end date 2025-12-31 lies before the start date 2026-01-01
    hint: both days are included; `never` clears one
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --photo nothing.png --remove-photo"), @"
    ------- stderr -------
    error: the argument '--photo <FILE>' cannot be used with '--remove-photo'

    Usage: secboard user edit --photo <FILE> <USER>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user edit olena@acme.example --company ''"), @"
    ------- stderr -------
    error: the company is missing
    hint: give `--company NAME`
    [exit status: 2]
    ");
}

#[test]
fn the_last_superuser_stays_one() {
    let board = people();
    assert_snapshot!(board.run("user edit ada@acme.example --no-superuser"), @"
    ------- stderr -------
    error: `ada@acme.example` is the last superuser who can log in
    hint: let another superuser log in first, without an end date: `secboard user edit EMAIL --superuser`, and `secboard user set-password EMAIL`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user edit ada@acme.example --end-date 2099-12-31"), @"
    ------- stderr -------
    error: `ada@acme.example` is the last superuser who can log in
    hint: let another superuser log in first, without an end date: `secboard user edit EMAIL --superuser`, and `secboard user set-password EMAIL`
    [exit status: 65]
    ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let board = people();
    let before = board.run("user list -o json").ok().stdout;
    assert_snapshot!(board.run("user edit olena@acme.example --company globex --dry-run"), @"
    ------- stderr -------
    changed user `olena@acme.example`: company, department, position (dry run: nothing was changed)
    would be cleared, as belonging elsewhere: department, position
    ");
    assert_eq!(board.run("user list -o json").ok().stdout, before);
}

/// What nothing can be called by leads to no command that is refused.
#[test]
fn an_empty_name_has_hints_that_help() {
    let board = Board::new();
    let new = "user create --email a1@acme.example --first-name A --last-name B";
    board.run(&format!("{new} --company 'Acme Bank'")).ok();
    for (line, hint) in [
        ("user show ''".to_owned(), "look for them with `secboard user list`"),
        (new.replace("a1@", "a2@") + " --company ''", "give `--company NAME`"),
        ("department create One --company ''".to_owned(), "see those there are with `secboard company list`"),
        ("user edit a1@acme.example --company ''".to_owned(), "give `--company NAME`"),
        ("role show ''".to_owned(), "see those there are with `secboard role list`"),
        (
            "department show '' --company 'Acme Bank'".to_owned(),
            "see those there are with `secboard department list`",
        ),
        ("company show ''".to_owned(), "see those there are with `secboard company list`"),
    ] {
        let told = board.run(&line).stderr;
        assert!(told.ends_with(&format!("hint: {hint}\n")), "{line}\n{told}");
    }
}

/// A hint names flags that the command has.
#[test]
fn a_name_that_is_taken_is_no_reason_to_give_a_flag_that_an_edit_has_not() {
    let board = Board::new();
    for command in [
        "company create Globex",
        "company create Other",
        "group create Desk --company 'Acme Bank'",
        "group create Desk --company globex",
        "group create Table --company globex",
        "role create Night",
        "role create Day",
        "department create One --company globex",
        "department create Two --company globex",
    ] {
        board.run(command).ok();
    }
    for command in [
        "group edit 'Desk@Acme Bank' --company Globex",
        "group edit Table --name Desk",
        "role edit day --name Night",
        "company edit other --name Globex",
        "department edit One --name Two",
    ] {
        let ran = board.run(command);
        assert_eq!(ran.code, Some(73), "{}", ran.stderr);
        assert!(ran.stderr.ends_with("hint: choose another name\n"), "{command}\n{}", ran.stderr);
    }
    let ran = board.run("group create Desk --company globex");
    assert!(ran.stderr.contains("`--if-absent`"), "{}", ran.stderr);
}
