//! `secboard run`.

use insta::assert_snapshot;

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
    ID          CREATED AT  KIND         STATE    SOURCE          CREATE  UPDATE  DEACTIVATE  DELETE
    [run]       [time]      user.import  applied  standard input  2       0       0           0
    ");
    assert_snapshot!(board.run("run list -o json"), @r#"
    [
    {"id":"[run]","created_at":"[time]","kind":"user.import","state":"applied","source":"standard input","actor":"system","create":2,"update":0,"deactivate":0,"delete":0,"companies":1,"departments":1,"positions":0,"held_because":null,"reason":"first day","updated_at":"[time]"}
    ]
    "#);
    assert_snapshot!(board.run(&format!("run show {id}")), @"
    ID           [run]
    CREATED AT   [time]
    KIND         user.import
    STATE        applied
    SOURCE       standard input
    ACTOR        system
    CREATE       2
    UPDATE       0
    DEACTIVATE   0
    DELETE       0
    COMPANIES    1
    DEPARTMENTS  1
    POSITIONS    0
    REASON       first day
    UPDATED AT   [time]

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
    left as it is: `olena@acme.example` has been changed since
    left as it is: `Treasury` is in use: 1 person
    run `[run]`: 2 taken back, 2 left
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --columns email"), @"
    EMAIL
    ada@acme.example
    olena@acme.example
    ");
    assert_snapshot!(board.run(&format!("run show {id}")), @"
    ID           [run]
    CREATED AT   [time]
    KIND         user.import
    STATE        partly_undone
    SOURCE       standard input
    ACTOR        system
    CREATE       2
    UPDATE       0
    DEACTIVATE   0
    DELETE       0
    COMPANIES    1
    DEPARTMENTS  1
    POSITIONS    0
    REASON       first day
    UPDATED AT   [time]

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
      ]
    }
    ------- stderr -------
    left as it is: `olena@acme.example` has been changed since
    left as it is: `Treasury` is in use: 1 person
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
    assert_snapshot!(Board::new().run("run list"), @"");
}
