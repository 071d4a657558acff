//! Names of which a word mixes scripts: nobody sees a Cyrillic `а` in a Latin word, so whoever makes one is told.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::harness::Board;

#[test]
fn a_name_that_can_pass_for_another_is_warned_of_by_whatever_makes_it() {
    let board = Board::new();
    for line in [
        "company create 'M\u{430}ple W\u{435}st' --slug maple",
        "company edit maple --name 'M\u{430}ple'",
        "department create 'S\u{430}les' --company 'Acme Bank'",
        "department edit 'S\u{430}les' --company 'Acme Bank' --name 'S\u{430}lesroom'",
        "position create 'S\u{435}ller' --company 'Acme Bank' --department 'S\u{430}lesroom'",
        "group create 'Risk M\u{430}nagers'",
        "group edit 'Risk M\u{430}nagers' --name 'Risk M\u{430}nager'",
        "role create 'Cl\u{435}rk' --slug clerk",
        "role edit clerk --name 'Cl\u{435}rks'",
    ] {
        let ran = board.run(line).ok();
        let warned = ran.stderr.lines().filter(|line| line.starts_with("warning: `"));
        assert_eq!(warned.filter(|line| line.contains("Cyrillic beside Latin")).count(), 1, "{line}: {ran}");
    }
    for line in [
        "company create 'Acme Україна' --slug ua",
        "group create 'IT-відділ'",
        "role create 'Касир 2' --slug cashier",
        "role edit clerk --order 2",
    ] {
        assert!(!board.run(line).ok().stderr.contains("warning"), "{line}");
    }
}

#[test]
fn an_import_warns_of_the_names_that_it_makes_once_each() {
    let board = Board::new();
    let mut people = "email,first_name,last_name,company,department\n".to_owned();
    for row in 0..3 {
        writeln!(people, "ann{row}@acme.example,Ann,Lee,N\u{435}w Bank,T\u{435}llers").unwrap();
    }
    assert_snapshot!(board.run_with_input("user import - --create-missing", &people), @"
    ------- stderr -------
    warning: `Nеw Bank` mixes scripts in a word, as a name does that shall pass for another: `е` is Cyrillic beside Latin
    warning: `Tеllers` mixes scripts in a word, as a name does that shall pass for another: `е` is Cyrillic beside Latin
    people: 3 created; also created: 1 company, 1 department
    run `[run]`; undo it with `secboard run undo [run]`
    ");
}
