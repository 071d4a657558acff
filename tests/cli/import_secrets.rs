//! Secrets in the files that `secboard user import` reads: wherever they stand, they are repeated nowhere.

use std::fs;

use crate::harness::Board;

/// Stands in every secret of these files, and in nothing else.
const CANARY: &str = "canary9";

/// What people write over columns of secrets, with a value that looks like one where the heading does not.
const COLUMNS: [(&str, &str); 9] = [
    ("password", "canary9-lantern"),
    ("passwd", "canary9-lantern"),
    ("pwd", "canary9-lantern"),
    ("Kennwort", "canary9-lantern"),
    ("Password [Required]", "canary9-lantern"),
    ("api_token", "canary9-lantern"),
    ("Note", "pbkdf2_sha256$720000$canary9$canary9="),
    ("Legacy", "$2b$12$canary9canary9"),
    ("client.secret", "canary9-lantern"),
];

/// Insists that the canary is in nothing that the command said, in no file that it wrote, nor in the store.
#[track_caller]
fn assert_silent(board: &Board, arguments: &str) {
    let ran = board.run(arguments);
    let told = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!told.contains(CANARY), "{arguments}: {told}");
    for entry in fs::read_dir(board.path("")).unwrap() {
        let path = entry.unwrap().path();
        let is_input = path.file_name().unwrap().to_string_lossy().starts_with("input");
        if path.is_file() && !is_input {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
            assert!(!found, "{arguments}: {}", path.display());
        }
    }
}

/// Everything that tells of runs and of people.
fn assert_untold(board: &Board) {
    for told in
        ["audit list -o json", "run list -o json", "user list -o json", "export users -o jsonl --output -"]
    {
        assert_silent(board, told);
    }
    let runs = board.run("run list -o csv --columns id").ok().stdout;
    for id in runs.lines().skip(1) {
        assert_silent(board, &format!("run show {id}"));
    }
}

/// Every way to import a file: refused as a whole, row by row, taken for something else, left out.
fn tried(board: &Board, file: &str, heading: &str) {
    assert_silent(board, &format!("user import {file}"));
    assert_silent(board, &format!("user import {file} --accounts-only --errors e.csv"));
    for (field, options) in [
        ("last_name", "--partial --errors e.csv"),
        ("email", "--ignore-unknown --dry-run"),
        ("password_hash", "--accounts-only --ignore-unknown --errors e.csv"),
    ] {
        assert_silent(board, &format!("user import {file} --map '{heading}={field}' {options}"));
    }
    assert_silent(board, &format!("user import {file} --map '{heading}=-' --errors e.csv"));
    assert_silent(board, &format!("user import {file} --ignore-unknown --partial --dry-run"));
    assert_silent(board, &format!("user import {file} --ignore-unknown --partial --errors e.csv"));
}

#[test]
fn a11_no_secret_of_a_cell_is_in_a_message_a_file_a_plan_the_audit_or_the_store() {
    for (heading, secret) in COLUMNS {
        let board = Board::new();
        let rows = format!("bad,Ann,Lee,Nowhere,{secret}\nann@x.example,Ann,Lee,Acme Bank,{secret}\n");
        board.write("input.csv", format!("email,first_name,last_name,company,{heading}\n{rows}"));
        tried(&board, "input.csv", heading);
        assert_untold(&board);
        assert_eq!(
            board.shown("ann@x.example", "first_name"),
            "Ann",
            "{heading}: the row came in without it"
        );
    }
}

/// What stands in an object inside of a person is a column like any other, and is not shown where it was left out.
#[test]
fn a11_no_secret_of_a_nested_object_is_repeated() {
    for (heading, secret) in [COLUMNS[0], COLUMNS[6], COLUMNS[8]] {
        let board = Board::new();
        let people = ["bad", "ann@x.example"].map(|email| {
            format!(
                "{{\"email\": \"{email}\", \"first_name\": \"Ann\", \"last_name\": \"Lee\", \"company\": \"Acme Bank\", \
                \"login\": {{\"{heading}\": \"{secret}\", \"more\": [\"{secret}\"], \"deep\": {{\"{heading}\": [{{\"x\": \"{secret}\"}}]}}}}}}"
            )
        });
        board.write("input.json", format!("[{}]", people.join(",\n")));
        for heading in ["login".to_owned(), format!("login.{heading}")] {
            tried(&board, "input.json", &heading);
        }
        assert_untold(&board);
        assert_eq!(board.shown("ann@x.example", "first_name"), "Ann", "{heading}");
    }
}
