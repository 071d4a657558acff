//! `secboard department`.

use insta::assert_snapshot;

use crate::harness::Board;

#[test]
fn a_department_is_made_under_another_shown_moved_and_deleted() {
    let board = Board::new();
    assert_snapshot!(board.run("department create Finance --company 'Acme Bank'"), @"
    ------- stderr -------
    created department `Finance` of `Acme Bank`
    ");
    assert_snapshot!(board.run("department create Treasury --company acme-bank --parent finance --color '#4477AA' --note 'cash and bonds'"), @"
    ------- stderr -------
    created department `Treasury` of `Acme Bank`
    ");
    assert_snapshot!(board.run("department show TREASURY"), @"
    ID           2
    NAME         Treasury
    COMPANY      Acme Bank
    PARENT       Finance
    PEOPLE       0
    POSITIONS    0
    DEPARTMENTS  0
    COLOR        #4477aa
    NOTE         cash and bonds
    CREATED AT   [time]
    UPDATED AT   [time]
    ");
    assert_snapshot!(board.run("department list"), @"
    NAME      COMPANY    PARENT   PARENT POSITION  PEOPLE  POSITIONS
    Finance   Acme Bank                            0       0
    Treasury  Acme Bank  Finance                   0       0
    ");
    assert_snapshot!(board.run("department edit treasury --name Cash --top --color '' --note ''"), @"
    ------- stderr -------
    changed department `Cash`: name, color, note, parent
    ");
    assert_snapshot!(board.run("department edit cash --name Cash --top"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("department edit cash"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("department delete cash --yes"), @"
    ------- stderr -------
    deleted department `Cash` of `Acme Bank`
    ");
    assert_snapshot!(board.run("department list"), @"
    NAME     COMPANY    PARENT  PARENT POSITION  PEOPLE  POSITIONS
    Finance  Acme Bank                           0       0
    ");
}

#[test]
fn a_position_that_several_departments_have_is_told_apart_with_flags_of_the_command() {
    let board = Board::new();
    for department in ["Finance", "IT"] {
        board.run(&format!("department create {department} --company acme-bank")).ok();
        board.run(&format!("position create Lead --company acme-bank --department {department}")).ok();
    }
    assert_snapshot!(board.run("department create Desk --company acme-bank --parent-position Lead"), @"
    ------- stderr -------
    error: there is a position `Lead` in several departments: Acme Bank / Finance, Acme Bank / IT
    hint: say which with `--parent`
    [exit status: 65]
    ");
    board.run("department create Desk --company acme-bank --parent-position Lead --parent IT").ok();
    board.run("position create Clerk --company acme-bank --department Desk").ok();
    let flags = "--company acme-bank --parent-position Lead";
    for (command, hint) in [
        (format!("department edit Finance {flags}"), "`--parent`"),
        (format!("position create Aide {flags}"), "`--department`"),
        (format!("position edit Clerk {flags}"), "`--to-department`"),
    ] {
        let said = board.run(&command);
        assert!(said.stderr.contains(&format!("hint: say which with {hint}\n")), "{said}");
    }
}

#[test]
fn departments_hang_under_positions_too() {
    let board = Board::new();
    board.run("department create Board --company acme-bank").ok();
    board.run("position create 'Chief Engineer' --company acme-bank --department Board").ok();
    assert_snapshot!(board.run("department create IT --company acme-bank --parent-position 'chief engineer'"), @"
    ------- stderr -------
    created department `IT` of `Acme Bank`
    ");
    assert_snapshot!(board.run("departments list --columns name,parent,parent_position,positions"), @"
    NAME   PARENT  PARENT POSITION  POSITIONS
    Board                           1
    IT             Chief Engineer   0
    ");
}

#[test]
fn a_list_comes_as_json_and_csv() {
    let board = Board::new();
    board.run("company create Globex").ok();
    board.run("department create Treasury --company acme-bank --note 'a, b'").ok();
    board.run("department create Sales --company globex").ok();
    assert_snapshot!(board.run("department list -o json"), @r#"
    [
    {"id":1,"name":"Treasury","company":"Acme Bank","parent":null,"parent_position":null,"people":0,"positions":0,"departments":0,"color":null,"note":"a, b","created_at":"[time]","updated_at":"[time]"},
    {"id":2,"name":"Sales","company":"Globex","parent":null,"parent_position":null,"people":0,"positions":0,"departments":0,"color":null,"note":null,"created_at":"[time]","updated_at":"[time]"}
    ]
    "#);
    assert_snapshot!(board.run("department list --company GLOBEX -o csv"), @"
    id,name,company,parent,parent_position,people,positions,departments,color,note,created_at,updated_at
    2,Sales,Globex,,,0,0,0,,,[time],[time]
    ");
    assert_snapshot!(board.run("department show sales -o json --columns name,company"), @r#"{"name":"Sales","company":"Globex"}"#);
    assert_snapshot!(board.run("department list --company 'acme bank' -o json --columns name,note"), @r#"
    [
    {"name":"Treasury","note":"a, b"}
    ]
    "#);
}

#[test]
fn the_same_name_is_refused_in_its_company_and_allowed_in_another() {
    let board = Board::new();
    board.run("company create Globex").ok();
    board.run("department create Каса --company acme-bank").ok();
    assert_snapshot!(board.run("department create КАСА --company acme-bank"), @"
    ------- stderr -------
    error: there is a department `Каса` in `Acme Bank` already
    hint: add `--if-absent` if that is all right
    [exit status: 73]
    ");
    assert_snapshot!(board.run("department create каса --company acme-bank --if-absent"), @"
    ------- stderr -------
    no change: there is a department `Каса` in `Acme Bank` already
    ");
    board.run("department create Каса --company globex").ok();
    assert_snapshot!(board.run("department show каса"), @"
    ------- stderr -------
    error: there is a department `каса` in several companies: Acme Bank, Globex
    hint: say which with `--company`
    [exit status: 65]
    ");
    board.run("department show каса --company globex").ok();
}

#[test]
fn an_unknown_department_company_or_parent_is_answered_with_what_there_is() {
    let board = Board::new();
    board.run("company create Globex").ok();
    board.run("department create Treasury --company acme-bank").ok();
    assert_snapshot!(board.run("department show Tresury"), @"
    ------- stderr -------
    error: there is no department `Tresury`
    hint: did you mean `Treasury`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("department show Treasury --company globex"), @"
    ------- stderr -------
    error: there is no department `Treasury` in `Globex`
    hint: other companies have one: Acme Bank
    [exit status: 67]
    ");
    assert_snapshot!(board.run("department show Legal"), @"
    ------- stderr -------
    error: there is no department `Legal`
    hint: make it with `secboard department create 'Legal' --company …`, or see those there are with `secboard department list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("department create IT --company 'Acme Bnak'"), @"
    ------- stderr -------
    error: there is no company `Acme Bnak`
    hint: did you mean `Acme Bank`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("department create IT --company globex --parent Treasury"), @"
    ------- stderr -------
    error: there is no department `Treasury` in `Globex`
    hint: other companies have one: Acme Bank
    [exit status: 67]
    ");
    assert_snapshot!(board.run("department create IT --company acme-bank --parent-position CTO"), @"
    ------- stderr -------
    error: there is no position `CTO` in `Acme Bank`
    hint: make it with `secboard position create 'CTO' --company … --department …`, or see those there are with `secboard position list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("department create IT"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      --company <COMPANY>

    Usage: secboard department create --company <COMPANY> <NAME>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("department create IT --company acme-bank --color blueish"), @"
    ------- stderr -------
    error: `blueish` is not a colour: it must be `#` and six digits 0-9 a-f
    hint: write it like `'#ffcc00'`, in quotes, for a shell reads a bare # as a comment
    [exit status: 65]
    ");
}

#[test]
fn a_department_cannot_hang_under_itself() {
    let board = Board::new();
    board.run("department create Finance --company acme-bank").ok();
    board.run("department create Treasury --company acme-bank --parent Finance").ok();
    assert_snapshot!(board.run("department edit Finance --parent Finance"), @"
    ------- stderr -------
    error: `Finance` cannot hang under itself
    hint: choose another parent
    [exit status: 65]
    ");
    assert_snapshot!(board.run("department edit Finance --parent Treasury"), @"
    ------- stderr -------
    error: `Finance` cannot hang under `Treasury`, which hangs under it
    hint: move `Treasury` first, or choose another parent
    [exit status: 65]
    ");
    assert_snapshot!(board.run("department edit Finance --parent Treasury --top"), @"
    ------- stderr -------
    error: the argument '--parent <DEPARTMENT>' cannot be used with '--top'

    Usage: secboard department edit --parent <DEPARTMENT> <DEPARTMENT>

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn a_department_in_use_is_not_deleted() {
    let board = Board::new();
    board.run("department create Finance --company acme-bank").ok();
    board.run("department create Treasury --company acme-bank --parent Finance").ok();
    board.run("position create Head --company acme-bank --department Finance").ok();
    board.run("user edit ada@acme.example --department Finance").ok();
    assert_snapshot!(board.run("department delete Finance --yes"), @"
    ------- stderr -------
    error: department `Finance` is in use: 1 person, 1 position, 1 department under it
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
    assert_snapshot!(board.run("department delete Treasury"), @"
    ------- stderr -------
    error: a confirmation (“Delete department `Treasury` of `Acme Bank`?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let board = Board::new();
    board.run("department create Finance --company acme-bank").ok();
    let before = board.run("department list -o json").ok().stdout;
    assert_snapshot!(board.run("department create IT --company acme-bank --dry-run"), @"
    ------- stderr -------
    created department `IT` of `Acme Bank` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("department edit Finance --name Money --dry-run"), @"
    ------- stderr -------
    changed department `Money`: name (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("department delete Finance --yes --dry-run"), @"
    ------- stderr -------
    deleted department `Finance` of `Acme Bank` (dry run: nothing was changed)
    ");
    assert_eq!(board.run("department list -o json").ok().stdout, before);
}
