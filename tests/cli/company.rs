//! `secboard company`.

use insta::assert_snapshot;

use crate::harness::Board;

#[test]
fn a_company_is_made_shown_changed_and_deleted() {
    let board = Board::new();
    assert_snapshot!(board.run("company create 'Дніпро Енерго' --note 'since 1998'"), @"
    ------- stderr -------
    created company `Дніпро Енерго`, slug `dnipro-energo`
    ");
    assert_snapshot!(board.run("company show 'дніпро енерго'"), @"
    ID           2
    NAME         Дніпро Енерго
    SLUG         dnipro-energo
    PEOPLE       0
    DEPARTMENTS  0
    POSITIONS    0
    NOTE         since 1998
    CREATED AT   [time]
    UPDATED AT   [time]
    ");
    assert_snapshot!(board.run("company edit dnipro-energo --name 'Дніпро Енерго Груп' --note ''"), @"
    ------- stderr -------
    changed company `Дніпро Енерго Груп`: name, note
    ");
    assert_snapshot!(board.run("company edit dnipro-energo --name 'Дніпро Енерго Груп'"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("company delete dnipro-energo --yes"), @"
    ------- stderr -------
    deleted company `Дніпро Енерго Груп`
    ");
    assert_snapshot!(board.run("company list"), @"
    NAME       SLUG       PEOPLE  DEPARTMENTS  POSITIONS
    Acme Bank  acme-bank  1       0            0
    ");
}

#[test]
fn a_name_in_another_letter_case_is_the_same_name() {
    let board = Board::new();
    board.run("company create 'Дніпро Енерго'").ok();
    assert_snapshot!(board.run("company create 'ДНІПРО енерго'"), @"
    ------- stderr -------
    error: there is a company `Дніпро Енерго` already
    hint: add `--if-absent` if that is all right
    [exit status: 73]
    ");
    assert_snapshot!(board.run("company create 'ACME bank'"), @"
    ------- stderr -------
    error: there is a company `Acme Bank` already
    hint: add `--if-absent` if that is all right
    [exit status: 73]
    ");
    assert_snapshot!(board.run("company create 'acme BANK' --if-absent"), @"
    ------- stderr -------
    no change: there is a company `Acme Bank` already
    ");
    assert_snapshot!(board.run("company create Straße"), @"
    ------- stderr -------
    created company `Straße`, slug `strasse`
    ");
    assert_snapshot!(board.run("company create STRASSE"), @"
    ------- stderr -------
    error: there is a company `Straße` already
    hint: add `--if-absent` if that is all right
    [exit status: 73]
    ");
}

#[test]
fn a_list_comes_as_a_table_json_json_lines_and_csv() {
    let board = Board::new();
    board.run("company create '=Дніпро, \"Енерго\"' --slug dnipro").ok();
    assert_snapshot!(board.run("company list"), @r#"
    NAME               SLUG       PEOPLE  DEPARTMENTS  POSITIONS
    =Дніпро, "Енерго"  dnipro     0       0            0
    Acme Bank          acme-bank  1       0            0
    "#);
    assert_snapshot!(board.run("company list -o json"), @r#"
    [
    {"id":2,"name":"=Дніпро, \"Енерго\"","slug":"dnipro","people":0,"departments":0,"positions":0,"note":null,"control_word_set_at":null,"created_at":"[time]","updated_at":"[time]"},
    {"id":1,"name":"Acme Bank","slug":"acme-bank","people":1,"departments":0,"positions":0,"note":null,"control_word_set_at":null,"created_at":"[time]","updated_at":"[time]"}
    ]
    "#);
    assert_snapshot!(board.run("company list -o jsonl"), @r#"
    {"id":2,"name":"=Дніпро, \"Енерго\"","slug":"dnipro","people":0,"departments":0,"positions":0,"note":null,"control_word_set_at":null,"created_at":"[time]","updated_at":"[time]"}
    {"id":1,"name":"Acme Bank","slug":"acme-bank","people":1,"departments":0,"positions":0,"note":null,"control_word_set_at":null,"created_at":"[time]","updated_at":"[time]"}
    "#);
    assert_snapshot!(board.run("company list -o csv"), @r#"
    id,name,slug,people,departments,positions,note,control_word_set_at,created_at,updated_at
    2,"'=Дніпро, ""Енерго""",dnipro,0,0,0,,,[time],[time]
    1,Acme Bank,acme-bank,1,0,0,,,[time],[time]
    "#);
    assert_snapshot!(board.run("company list -o csv --raw --columns name,people"), @r#"
    name,people
    "=Дніпро, ""Енерго""",0
    Acme Bank,1
    "#);
    assert_snapshot!(board.run("companies list --columns slug"), @"
    SLUG
    dnipro
    acme-bank
    ");
    assert_eq!(board.run("company list -o json").json().as_array().unwrap().len(), 2);
}

#[test]
fn a_change_prints_its_row_for_programs() {
    let board = Board::new();
    assert_snapshot!(board.run("company create Globex -o json"), @r#"
    {"id":2,"name":"Globex","slug":"globex","people":0,"departments":0,"positions":0,"note":null,"control_word_set_at":null,"created_at":"[time]","updated_at":"[time]"}
    ------- stderr -------
    created company `Globex`, slug `globex`
    "#);
    assert_snapshot!(board.run("company create Initech --columns id,slug --quiet"), @"
    ID    3
    SLUG  initech
    ");
}

#[test]
fn an_unknown_column_is_refused_with_the_columns_there_are() {
    let board = Board::new();
    assert_snapshot!(board.run("company list --columns name,peple"), @"
    ------- stderr -------
    error: there is no column `peple`
    hint: did you mean `people`? the columns are id, name, slug, people, departments, positions, note, control_word_set_at, created_at, updated_at
    [exit status: 2]
    ");
}

#[test]
fn an_unknown_company_is_answered_with_the_nearest() {
    let board = Board::new();
    assert_snapshot!(board.run("company show 'Acme Bnak'"), @"
    ------- stderr -------
    error: there is no company `Acme Bnak`
    hint: did you mean `Acme Bank`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("company show Umbrella"), @"
    ------- stderr -------
    error: there is no company `Umbrella`
    hint: make it with `secboard company create 'Umbrella'`, or see those there are with `secboard company list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("company show 'Acme Bnak' -o json"), @r#"
    ------- stderr -------
    {"error":{"code":"company.not_found","kind":"not_found","message":"there is no company `Acme Bnak`","causes":[],"command":null,"advice":"did you mean `Acme Bank`?","exit":67,"rows":[]}}
    [exit status: 67]
    "#);
}

#[test]
fn names_and_slugs_that_break_a_rule_are_refused() {
    let board = Board::new();
    assert_snapshot!(board.run("company create ''"), @"
    ------- stderr -------
    error: the name is empty
    hint: give a name such as `Acme Bank`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("company create 'Acme\u{202e}knaB'"), @"
    ------- stderr -------
    error: the name holds U+202E, an invisible character that changes the direction of text
    hint: type it again; text copied from elsewhere often brings such characters along
    [exit status: 65]
    ");
    assert_snapshot!(board.run("company create 'Acme\tBank'"), @"
    ------- stderr -------
    error: the name holds the control character U+0009
    hint: type it again; text copied from elsewhere often brings such characters along
    [exit status: 65]
    ");
    assert_snapshot!(board.run("company create Globex --slug 'Glo bex'"), @"
    ------- stderr -------
    error: `Glo bex` is no slug
    hint: use lower-case letters a to z, digits and hyphens
    [exit status: 65]
    ");
    assert_snapshot!(board.run("company create Globex --slug acme-bank"), @"
    ------- stderr -------
    error: the slug `acme-bank` belongs to another company
    hint: choose another with `--slug`
    [exit status: 73]
    ");
}

#[test]
fn a_company_in_use_is_not_deleted() {
    let board = Board::new();
    board.run("department create Treasury --company 'Acme Bank'").ok();
    assert_snapshot!(board.run("company delete 'acme bank' --yes"), @"
    ------- stderr -------
    error: company `Acme Bank` is in use: 1 person, 1 department
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
}

#[test]
fn deleting_asks_and_without_a_terminal_names_the_flag() {
    let board = Board::new();
    board.run("company create Globex").ok();
    assert_snapshot!(board.run("company delete globex"), @"
    ------- stderr -------
    error: a confirmation (“Delete company `Globex`?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    board.run("company show globex").ok();
}

#[test]
fn a_dry_run_changes_nothing() {
    let board = Board::new();
    let before = board.run("company list -o json").ok().stdout;
    assert_snapshot!(board.run("company create Globex --dry-run"), @"
    ------- stderr -------
    created company `Globex`, slug `globex` (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("company edit acme-bank --name 'Acme Bank Ltd' --dry-run"), @"
    ------- stderr -------
    changed company `Acme Bank Ltd`: name (dry run: nothing was changed)
    ");
    board.run("company create Globex --dry-run").ok();
    assert_eq!(board.run("company list -o json").ok().stdout, before);
}

#[test]
fn a_typing_error_in_verb_noun_or_flag_is_answered_with_what_was_meant() {
    let board = Board::new();
    assert_snapshot!(board.run("company crate Globex"), @"
    ------- stderr -------
    error: unrecognized subcommand 'crate'

      tip: a similar subcommand exists: 'create'

    Usage: secboard company [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("compny list"), @"
    ------- stderr -------
    error: unrecognized subcommand 'compny'

      tip: some similar subcommands exist: 'companies', 'company'

    Usage: secboard [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("company create Globex --slg g"), @"
    ------- stderr -------
    error: unexpected argument '--slg' found

      tip: a similar argument exists: '--slug'

    Usage: secboard company create --slug <SLUG> <NAME>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("company create"), @"
    ------- stderr -------
    error: the following required arguments were not provided:
      <NAME>

    Usage: secboard company create <NAME>

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("company crate Globex -o json"), @r#"
    ------- stderr -------
    {"error":{"code":"usage","kind":"usage","message":"unrecognized subcommand 'crate'","causes":[],"command":null,"advice":"tip: a similar subcommand exists: 'create' Usage: secboard company [OPTIONS] <COMMAND> For more information, try '--help'.","exit":2,"rows":[]}}
    [exit status: 2]
    "#);
}

#[test]
fn a_noun_alone_lists_its_verbs() {
    let board = Board::new();
    let ran = board.run("company");
    let verbs =
        ran.stderr.lines().skip_while(|line| *line != "Commands:").take_while(|line| !line.is_empty());
    assert_snapshot!(verbs.collect::<Vec<_>>().join("\n"), @"
    Commands:
      create        Make a company
      list          List companies with how many people they have
      show          Show one company
      edit          Change a company
      control-word  The word that people of a company type, beside their email, to
                    be sent a link for their first login
      delete        Delete a company that nothing refers to
    ");
    assert_eq!(ran.code, Some(2), "nothing was done");
}
