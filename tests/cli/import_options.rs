//! `secboard user import` with options that say what the columns mean: each does what it says, or says why not.

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::Board;

const HEADER: &str = "email,first_name,last_name,company";

/// A board with Ann, who has a phone and stands in a group.
fn with_ann() -> Board {
    let board = Board::new();
    board.run("group create Alpha").ok();
    board.write(
        "ann.csv",
        format!("{HEADER},phone,groups\nann@x.example,Ann,Lee,Acme Bank,+380671234567,Alpha\n"),
    );
    board.run("user import ann.csv").ok();
    board
}

/// A word that nobody listed says nothing, which is not what an empty cell says: whichever of the two rows stands first.
#[test]
fn a_row_with_an_unknown_word_repeats_none_and_is_repeated_by_none() {
    let import = "user import people.csv --map State=active --values State:on=yes,off=no";
    let row = |state: &str| format!("ann@x.example,Ann,Lee,Acme Bank,{state}\n");
    let board = Board::new();
    board.write("people.csv", format!("{HEADER},State\n{}{}", row(""), row("Dismissed")));
    assert_snapshot!(board.run(import), @"
    ------- stderr -------
    error: refused 1 of 2 rows, so nothing was imported
      people.csv:3, `State`: `Dismissed` is none of the words that `--values` lists for the column
          listed are: on, off; list this one too
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write("people.csv", format!("{HEADER},State\n{}{}", row("Dismissed"), row("off")));
    let ran = board.run(&format!("{import} --partial"));
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("people: 1 created, 1 refused") && !ran.stderr.contains("repeats"), "{ran}");
    assert_eq!(board.shown("ann@x.example", "active"), "no");
}

/// The template may be filled in with a column of another system; nobody knows it.
#[test]
fn a_status_beside_the_columns_of_the_template_is_not_passed_over() {
    let board = Board::new();
    let template = board.run("user import --template").ok().stdout;
    let rest = ",".repeat(template.matches(',').count() - 3);
    board.write(
        "people.csv",
        format!("{},status\nann@x.example,Ann,Lee,Acme Bank{rest},dismissed\n", template.trim_end()),
    );
    let ran = board.run("user import people.csv");
    assert_eq!(ran.code, Some(65), "{ran}");
    assert!(ran.stderr.contains("the column `status` is not known"), "{ran}");
}

/// What one of the two columns of groups says, the other one does not clear.
#[test]
fn an_empty_column_of_groups_clears_nothing_that_the_other_says() {
    let board = with_ann();
    let clear = "user import again.csv --on-existing update --clear groups --clear groups_by_hand";
    for (columns, cells) in [
        ("groups,groups_by_hand", "Alpha,"),
        ("groups_by_hand,groups", "Alpha,"),
        ("groups,groups_by_hand", ",Alpha"),
        ("groups_by_hand,groups", ",Alpha"),
    ] {
        board.write("again.csv", format!("email,{columns}\nann@x.example,{cells}\n"));
        board.run(clear).ok();
        assert_eq!(board.shown("ann@x.example", "groups_by_hand"), "Alpha", "{columns} {cells}");
    }
    board.write("again.csv", "email,groups,groups_by_hand\nann@x.example,,\n");
    board.run(clear).ok();
    assert_eq!(board.shown("ann@x.example", "groups_by_hand"), "\"\"");
}

/// An object clears what it has empty, or `null`; what it does not have stays, whatever the objects around it have.
#[test]
fn a_key_that_an_object_lacks_clears_nothing() {
    let objects = [
        r#"{"email": "a@x.example"}"#,
        r#"{"email": "b@x.example", "phone": null}"#,
        r#"{"email": "c@x.example", "phone": "+380671234599"}"#,
        r#"{"email": "d@x.example", "phone": ""}"#,
        r#"{"email": "e@x.example"}"#,
    ];
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
        let board = Board::new();
        let people = ["a", "b", "c", "d", "e"].map(|name| {
            format!("{name}@x.example,A,B,Acme Bank,+38067123450{}\n", name.as_bytes()[0] - b'a')
        });
        board.write("people.csv", format!("{HEADER},phone\n{}", people.concat()));
        board.run("user import people.csv").ok();
        let text = order.map(|place| objects[place]).join("\n");
        board.write("again.jsonl", text);
        board.run("user import again.jsonl --on-existing update --clear phone").ok();
        let phones = ["a", "b", "c", "d", "e"].map(|name| board.shown(&format!("{name}@x.example"), "phone"));
        let none = "\"\"";
        assert_eq!(phones, ["+380671234500", none, "+380671234599", none, "+380671234504"], "{order:?}");
    }
}

/// What stands between departments is taken as it was given, blanks and all.
#[test]
fn a_separator_of_departments_is_no_part_of_a_name() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER},department\na@x.example,A,B,Acme Bank,Co-op - Sales\n"));
    assert_snapshot!(board.run("user import people.csv --department-separator ' - ' --create-missing --dry-run"), @"
    + department Co-op  name=Co-op, company=Acme Bank
    + department Sales  name=Sales, company=Acme Bank, parent=Co-op
    + user a@x.example  first_name=A, last_name=B, company=Acme Bank, department=Sales, active=yes
    ------- stderr -------
    people: 1 created; also created: 2 departments (dry run: nothing was changed)
    ");
}

/// Where a department lies is one error, whoever looks for it.
#[test]
fn a_department_that_lies_elsewhere_is_refused() {
    let board = Board::new();
    board.run("department create Desk --company 'Acme Bank'").ok();
    board.write("people.csv", format!("{HEADER},department\na@x.example,A,B,Acme Bank,Sales > Desk\n"));
    let ran = board.run("user import people.csv --department-separator ' > ' --create-missing");
    assert!(ran.stderr.contains("`department`: `Desk` lies in no other, not in `Sales`"), "{ran}");
}

/// Options that are typed fit the file; those in a file of options count where they can.
#[test]
fn an_option_that_would_do_nothing_is_refused() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER},Standing\na@x.example,A,B,Acme Bank,Suspended\n"));
    assert_snapshot!(board.run("user import people.csv --values Standing:Active=yes,Suspended=no --ignore-unknown"), @"
    ------- stderr -------
    error: `--values` says what the words of `Standing` stand for, and that column of `people.csv` is no field
    hint: say which field it is with `--map 'Standing=FIELD'`, or leave the words out
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --ignore-unknown --clear phone"), @"
    ------- stderr -------
    error: `--clear phone` clears nothing: no column of `people.csv` is phone
    hint: say which column it is with `--map 'HEADING=phone'`, or leave the option out
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --ignore-unknown --accounts-only --set company='Acme Bank'"), @"
    ------- stderr -------
    error: `--set company` sets what an account without a profile does not have
    hint: leave it out, or import people without `--accounts-only`
    [exit status: 2]
    ");
    board.write(
        "people.jsonl",
        "{\"email\": \"b@x.example\"}\n{\"email\": \"c@x.example\", \"Note\": \"1\"}\n",
    );
    for (option, code) in
        [("--values Note:1=yes", "import.words_of_no_field"), ("--clear end_date", "import.clears_nothing")]
    {
        let ran =
            board.run(&format!("user import people.jsonl --accounts-only --ignore-unknown -o json {option}"));
        let error = ran.json_error();
        assert_eq!(error.pointer("/error/code").and_then(Value::as_str), Some(code), "{ran}");
    }
    board.write(
        "all.toml",
        "ignore_unknown = true\nclear = [\"phone\"]\n[set]\ncompany = \"Acme Bank\"\n[values.Standing]\nSuspended = \"no\"\n",
    );
    board.run("user import people.jsonl --accounts-only --options-from all.toml").ok();
}

/// Words of one column may be listed in several options.
#[test]
fn words_that_are_said_apart_belong_together() {
    let board = Board::new();
    board.write(
        "people.csv",
        format!("{HEADER},Standing\na@x.example,A,B,Acme Bank,in\nb@x.example,A,B,Acme Bank,out\n"),
    );
    board
        .run("user import people.csv --map Standing=active --values Standing:in=yes --values standing:out=no")
        .ok();
    assert_eq!(board.shown("a@x.example", "active") + &board.shown("b@x.example", "active"), "yesno");
}

/// The command that comes next has no option twice, and no profile beside the one that was typed.
#[test]
fn the_next_command_runs_where_a_profile_was_typed() {
    let board = Board::new();
    board.write(
        "entra.csv",
        "userPrincipalName,displayName,surname,givenName,accountEnabled\nnora@x.example,Nora Lee,Lee,Nora,True\n",
    );
    assert_snapshot!(board.run("user import entra.csv --profile entra --dry-run"), @"
    ------- stderr -------
    error: `entra.csv`: there is no column company
    hint: say what a column is, and leave out what is not needed with `secboard user import entra.csv --profile entra --dry-run --set company=NAME`
    [exit status: 65]
    ");
    board.run("user import entra.csv --profile entra --dry-run --set company='Acme Bank'").ok();
    let other = board.run("user import entra.csv --profile moodle");
    assert!(other.stderr.contains("--profile moodle --map") && !other.stderr.contains("entra --"), "{other}");
}

/// A role that is to come without its groups is one that the row gives, or that somebody has.
#[test]
fn a_role_without_groups_is_one_that_is_held() {
    let board = Board::new();
    for role in ["Reading", "Writing"] {
        board.run(&format!("role create {role}")).ok();
    }
    let header = format!("{HEADER},roles,roles_without_groups");
    board.write("people.csv", format!("{header}\na@x.example,A,B,Acme Bank,reading,Reading; Writing\n"));
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:2, `roles_without_groups`: `Reading; Writing` names the role `writing`, which the row does not give them
          name it in `roles` too, or leave it out here
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write("people.csv", format!("{header}\na@x.example,A,B,Acme Bank,Reading,reading\n"));
    board.run("user import people.csv").ok();
    board.write("again.csv", "email,roles_without_groups\na@x.example,Reading\n");
    assert!(board.run("user import again.csv --on-existing update").ok().stderr.contains("1 unchanged"));
    board.write("again.csv", "email,roles_without_groups\na@x.example,writing\n");
    assert_eq!(board.run("user import again.csv --on-existing update").code, Some(65));
    assert_eq!(board.shown("a@x.example", "roles,roles_without_groups"), "reading,reading");
}

/// A spreadsheet program makes a day of `1-2`, also where it is the name of somebody or something.
#[test]
fn a_date_is_no_name() {
    let board = Board::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let columns = ["email", "first_name", "last_name", "company", "department", "start_date"];
    let person = ["a@x.example", "Ann", "", "Acme Bank"];
    for (row, cells) in [columns.as_slice(), &person].into_iter().enumerate() {
        for (place, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(u32::try_from(row).unwrap(), u16::try_from(place).unwrap(), *cell).unwrap();
        }
    }
    let format = rust_xlsxwriter::Format::new().set_num_format("d-mmm");
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 1, 2).unwrap();
    for place in [2, 4, 5] {
        sheet.write_datetime_with_format(1, place, &day, &format).unwrap();
    }
    board.write("people.xlsx", book.save_to_buffer().unwrap());
    assert_snapshot!(board.run("user import people.xlsx --create-missing"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.xlsx:2, `last_name`: `2026-01-02` is a date in the file, not a name
          make the cell one of text, and write the name as it is
      people.xlsx:2, `department`: `2026-01-02` is a date in the file, not a name
          make the cell one of text, and write the name as it is
    hint: faults: 2; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

/// An account of Active Directory that expires has an end date, and one that never does has none.
#[test]
fn an_account_expires_on_the_day_that_csvde_counts() {
    let board = Board::new();
    let header =
        "DN,sn,givenName,company,userAccountControl,accountExpires,sAMAccountName,userPrincipalName,mail";
    let row = |name: &str, expires: &str| {
        format!("CN={name},Lee,{name},Acme Bank,512,{expires},{name},{name}@acme.example,{name}@x.example\n")
    };
    let rows = [row("a", "0"), row("b", "9223372036854775807"), row("c", "135694224000000000"), row("d", "")];
    board.write("ad.csv", format!("{header}\n{}", rows.concat()));
    board.run("user import ad.csv --profile ad").ok();
    let ends = ["a", "b", "c", "d"].map(|name| board.shown(&format!("{name}@x.example"), "end_date,active"));
    assert_eq!(ends, [",yes", ",yes", "2030-12-31,yes", ",yes"]);
    board.write("worded.csv", format!("{header}\n{}", row("f", "0")));
    board.run("user import worded.csv --profile ad --values accountExpires:0=2031-01-31").ok();
    assert_eq!(board.shown("f@x.example", "end_date"), "2031-01-31", "words that were given are stronger");
    board.write("bad.csv", format!("{header}\n{}", row("e", "7")));
    let ran = board.run("user import bad.csv --profile ad");
    assert!(ran.stderr.contains("`accountExpires`: `7` is not a day"), "{ran}");
}
