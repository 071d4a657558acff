//! `secboard position`.

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with two departments.
fn board() -> Board {
    let board = Board::new();
    board.run("department create Finance --company acme-bank").ok();
    board.run("department create IT --company acme-bank").ok();
    board
}

#[test]
fn a_position_is_made_shown_renamed_moved_and_deleted() {
    let board = board();
    assert_snapshot!(board.run("position create 'Head of Finance' --company acme-bank --department finance --color '#4477aa'"), @"
    ------- stderr -------
    created position `Head of Finance` in `Finance`
    ");
    assert_snapshot!(board.run("position create Analyst --company acme-bank --parent-position 'head of finance'"), @"
    ------- stderr -------
    created position `Analyst` in `Finance`
    ");
    assert_snapshot!(board.run("position show ANALYST"), @"
    ID               2
    NAME             Analyst
    COMPANY          Acme Bank
    DEPARTMENT       Finance
    PARENT POSITION  Head of Finance
    PEOPLE           0
    POSITIONS        0
    DEPARTMENTS      0
    CREATED AT       [time]
    UPDATED AT       [time]
    ");
    assert_snapshot!(board.run("position list"), @"
    NAME             COMPANY    DEPARTMENT  PARENT POSITION  PEOPLE
    Analyst          Acme Bank  Finance     Head of Finance  0
    Head of Finance  Acme Bank  Finance                      0
    ");
    assert_snapshot!(board.run("position edit analyst --name 'Senior Analyst' --to-department IT"), @"
    ------- stderr -------
    changed position `Senior Analyst`: name, department, parent_position
    ");
    assert_snapshot!(board.run("position edit 'senior analyst' --name 'Senior Analyst'"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("position delete 'senior analyst' --yes"), @"
    ------- stderr -------
    deleted position `Senior Analyst` of `IT`
    ");
    assert_snapshot!(board.run("position list --department it"), @"
    ------- stderr -------
    nothing matches
    ");
}

#[test]
fn a_list_comes_as_json_and_csv() {
    let board = board();
    board.run("position create Analyst --company acme-bank --department Finance --note '+1 wanted'").ok();
    board.run("position create Дизайнер --company acme-bank --department IT").ok();
    assert_snapshot!(board.run("position list -o json"), @r#"
    [
    {"id":1,"name":"Analyst","company":"Acme Bank","department":"Finance","parent_position":null,"people":0,"positions":0,"departments":0,"color":null,"note":"+1 wanted","created_at":"[time]","updated_at":"[time]"},
    {"id":2,"name":"Дизайнер","company":"Acme Bank","department":"IT","parent_position":null,"people":0,"positions":0,"departments":0,"color":null,"note":null,"created_at":"[time]","updated_at":"[time]"}
    ]
    "#);
    assert_snapshot!(board.run("positions list --company acme-bank --department finance -o csv"), @"
    id,name,company,department,parent_position,people,positions,departments,color,note,created_at,updated_at
    1,Analyst,Acme Bank,Finance,,0,0,0,,'+1 wanted,[time],[time]
    ");
    assert_snapshot!(board.run("position show дизайнер -o json --columns name,department,people"), @r#"{"name":"Дизайнер","department":"IT","people":0}"#);
}

#[test]
fn the_same_name_is_refused_in_its_department_and_allowed_in_another() {
    let board = board();
    board.run("position create Analyst --company acme-bank --department Finance").ok();
    assert_snapshot!(board.run("position create ANALYST --company acme-bank --department Finance"), @"
    ------- stderr -------
    error: there is a position `Analyst` in `Finance` already
    hint: add `--if-absent` if that is all right
    [exit status: 73]
    ");
    assert_snapshot!(board.run("position create analyst --company acme-bank --department Finance --if-absent"), @"
    ------- stderr -------
    no change: there is a position `Analyst` in `Finance` already
    ");
    board.run("position create Analyst --company acme-bank --department IT").ok();
    assert_snapshot!(board.run("position show Analyst"), @"
    ------- stderr -------
    error: there is a position `Analyst` in several departments: Acme Bank / Finance, Acme Bank / IT
    hint: say which with `--company` and `--department`
    [exit status: 65]
    ");
    board.run("position show Analyst --department IT").ok();
    assert_snapshot!(board.run("position edit Analyst --department IT --to-department Finance"), @"
    ------- stderr -------
    error: there is a position `Analyst` in `Finance` already
    hint: choose another name
    [exit status: 73]
    ");
}

#[test]
fn an_unknown_position_or_department_is_answered_with_what_there_is() {
    let board = board();
    board.run("position create Analyst --company acme-bank --department Finance").ok();
    assert_snapshot!(board.run("position show Analist"), @"
    ------- stderr -------
    error: there is no position `Analist`
    hint: did you mean `Analyst`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("position show Driver"), @"
    ------- stderr -------
    error: there is no position `Driver`
    hint: make it with `secboard position create 'Driver' --company … --department …`, or see those there are with `secboard position list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("position show Analyst --department IT"), @"
    ------- stderr -------
    error: there is no position `Analyst` in `IT`
    hint: other departments have one: Finance
    [exit status: 67]
    ");
    assert_snapshot!(board.run("position create Driver --company acme-bank --department Garage"), @"
    ------- stderr -------
    error: there is no department `Garage` in `Acme Bank`
    hint: make it with `secboard department create 'Garage' --company …`, or see those there are with `secboard department list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("position create Driver --company acme-bank"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      --department <DEPARTMENT>

    Usage: secboard position create --company <COMPANY> --department <DEPARTMENT> <NAME>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("position create Junior --company acme-bank --department IT --parent-position Analyst"), @"
    ------- stderr -------
    error: there is no position `Analyst` in `IT`
    hint: other departments have one: Finance
    [exit status: 67]
    ");
    assert_snapshot!(board.run("position list --department Garage"), @"
    ------- stderr -------
    error: there is no department `Garage`
    hint: make it with `secboard department create 'Garage' --company …`, or see those there are with `secboard department list`
    [exit status: 67]
    ");
}

#[test]
fn a_position_cannot_hang_under_itself() {
    let board = board();
    board.run("position create Head --company acme-bank --department Finance").ok();
    board.run("position create Analyst --company acme-bank --parent-position Head").ok();
    assert_snapshot!(board.run("position edit Head --parent-position Analyst"), @"
    ------- stderr -------
    error: `Head` cannot hang under `Analyst`, which hangs under it
    hint: move `Analyst` first, or choose another parent
    [exit status: 65]
    ");
}

#[test]
fn a_position_in_use_is_not_deleted() {
    let board = board();
    board.run("position create Head --company acme-bank --department Finance").ok();
    board.run("position create Analyst --company acme-bank --parent-position Head").ok();
    board.run("user edit ada@acme.example --department Finance --position Head").ok();
    assert_snapshot!(board.run("position delete Head --yes"), @"
    ------- stderr -------
    error: position `Head` is in use: 1 person, 1 position under it
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
    assert_snapshot!(board.run("position delete Analyst"), @"
    ------- stderr -------
    error: a confirmation (“Delete position `Analyst` of `Finance`?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let board = board();
    board.run("position create Head --company acme-bank --department Finance").ok();
    let before = board.run("position list -o json").ok().stdout;
    assert_snapshot!(board.run("position create Driver --company acme-bank --department IT --dry-run"), @"
    ------- stderr -------
    created position `Driver` in `IT` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("position edit Head --to-department IT --dry-run"), @"
    ------- stderr -------
    changed position `Head`: department (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("position delete Head --yes --dry-run"), @"
    ------- stderr -------
    deleted position `Head` of `Finance` (dry run: nothing was changed)
    ");
    assert_eq!(board.run("position list -o json").ok().stdout, before);
}
