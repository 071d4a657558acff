//! What `secboard user import` says of what it passes over, takes over or cannot know: nothing of a file is left out in silence.

use insta::assert_snapshot;
use rust_xlsxwriter::Workbook;

use crate::harness::Board;

const HEADER: &str = "email,first_name,last_name,company";

/// Whoever leaves out what is not known leaves out columns without a name, too, and is told how much that is.
#[test]
fn values_in_columns_without_a_name_are_counted() {
    let board = Board::new();
    board.write(
        "people.csv",
        format!(
            "{HEADER},,Salary,\na@x.example,A,B,Acme Bank,blocked,1,\nb@x.example,A,B,Acme Bank,gone,2,\n"
        ),
    );
    assert_snapshot!(board.run("user import people.csv --ignore-unknown"), @"
    ------- stderr -------
    left out of `people.csv`: Salary, column 5, which has no name (2 values)
    people: 2 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(board.run("user import people.csv").code, Some(65));
}

/// A sheet of leavers beside the one that is read, hidden rows and hidden columns: all of it is said.
#[test]
fn what_stands_beside_the_visible_rows_of_a_sheet_is_told() {
    let board = Board::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let columns = ["email", "first_name", "last_name", "company", "phone", "Salary"];
    let rows = [
        columns,
        ["a@x.example", "Ann", "Lee", "Acme Bank", "+380671234567", "1"],
        ["b@x.example", "Bob", "Lee", "Acme Bank", "", "2"],
    ];
    for (row, cells) in (0..).zip(rows) {
        sheet.write_row(row, 0, cells).unwrap();
    }
    sheet.set_row_hidden(2).unwrap();
    sheet.set_column_hidden(4).unwrap();
    sheet.set_column_hidden(5).unwrap();
    book.add_worksheet().set_name("Leavers").unwrap().write(0, 0, "email").unwrap();
    book.add_worksheet().set_name("Empty").unwrap();
    board.write("people.xlsx", book.save_to_buffer().unwrap());
    assert_snapshot!(board.run("user import people.xlsx --ignore-unknown"), @"
    ------- stderr -------
    `people.xlsx` has other sheets that were not read: `Leavers`; `--sheet` says which is
    hidden in `people.xlsx`, and read like the others: 1 row, the column `phone`
    left out of `people.xlsx`: Salary
    people: 2 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(board.shown("b@x.example", "first_name"), "Bob");
}

/// An answer that a program gave by pages is not all there is, and an entry that is `null` is nobody.
#[test]
fn a_page_of_several_is_no_whole_list() {
    let board = Board::new();
    let person = r#"{"mail": "a@x.example", "givenName": "Ann", "surname": "Lee"}"#;
    board.write(
        "graph.json",
        format!(
            r#"{{"@odata.nextLink": "https://g.example/users?$skiptoken=1", "value": [null, {person}]}}"#
        ),
    );
    assert_snapshot!(board.run("user import graph.json --set company='Acme Bank'"), @"
    ------- stderr -------
    `graph.json` is one page of several: `@odata.nextLink` leads to another; whoever is on the others was not read
    1 entry of `graph.json` is `null`, which is nobody, and was passed over
    people: 1 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    board.write(
        "scim.json",
        format!(r#"{{"Resources": [{}], "totalResults": 250}}"#, person.replace("a@", "b@")),
    );
    let ran = board.run("user import scim.json --set company='Acme Bank'").ok();
    assert!(ran.stderr.contains("`totalResults` is 250, and 1 are in it"), "{ran}");
    board.write(
        "whole.json",
        format!(r#"{{"Resources": [{}], "totalResults": 1}}"#, person.replace("a@", "c@")),
    );
    assert!(!board.run("user import whole.json --set company='Acme Bank'").ok().stderr.contains("page"));
}

/// Of two people under one key of an object one would be lost to any other reader.
#[test]
fn a_key_of_two_people_is_refused() {
    let board = Board::new();
    let person = |name: &str| {
        format!(
            r#"{{"email": "{name}@x.example", "first_name": "A", "last_name": "B", "company": "Acme Bank"}}"#
        )
    };
    board.write("people.json", format!(r#"{{"ann": {}, "ann": {}, "bob": null}}"#, person("a"), person("b")));
    assert_snapshot!(board.run("user import people.json --ignore-unknown --partial"), @"
    ------- stderr -------
    1 entry of `people.json` is `null`, which is nobody, and was passed over
    left out of `people.json`: key
    people: 1 created, 1 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: left out 1 of 2 rows
      people.json:1: stands under a key under which another stands
          leave one of the two out
    hint: faults: 1; `--errors FILE` writes them all to a file
    [exit status: 1]
    ");
}

/// A column that says who is off is not left out for being unknown, as any other is.
#[test]
fn what_may_say_who_is_switched_off_is_named_before_it_is_left_out() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER},Status,Salary\na@x.example,A,B,Acme Bank,Gesperrt,1\n"));
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: `people.csv`: 2 columns are not known: `Status`, `Salary`
    hint: who is switched off may stand in `Status`, which `--ignore-unknown` leaves out: `--map 'Status=active' --values 'Status:WORD=yes,WORD=no'` takes it; say what a column is, and leave out what is not needed with `secboard user import people.csv --ignore-unknown`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --ignore-unknown --dry-run"), @"
    + user a@x.example  first_name=A, last_name=B, company=Acme Bank, active=yes
    ------- stderr -------
    left out of `people.csv`: Status, Salary
    among these, who is switched off may stand in: Status (1 row says so)
    nothing in `people.csv` says: department, position, phone, start_date, end_date, active, roles, groups
    people: 1 created (dry run: nothing was changed)
    ");
    board.write(
        "other.csv",
        format!("{HEADER},Gesperrt,Marital status\nb@x.example,A,B,Acme Bank,Ja,single\n"),
    );
    assert_snapshot!(board.run("user import other.csv"), @"
    ------- stderr -------
    error: `other.csv`: 2 columns are not known: `Gesperrt`, `Marital status`
    hint: say what a column is, and leave out what is not needed with `secboard user import other.csv --map 'Gesperrt=active' --values 'Gesperrt:Ja=no,Nein=yes' --ignore-unknown`
    [exit status: 65]
    ");
}

/// Whatever says that somebody is off, in the heading or in the cell, is never read as active.
#[test]
fn no_word_for_off_is_read_as_active() {
    let board = Board::new();
    for (heading, word) in [
        ("Заблоковано", "так"),
        ("Désactivé", "oui"),
        ("Inactivo", "sí"),
        ("Ausgeschieden", "ja"),
        ("gesperrt", "1"),
        ("Banned", "yes"),
        ("Dado de baja", "x"),
    ] {
        board.write("people.csv", format!("{HEADER},{heading}\na@x.example,A,B,Acme Bank,{word}\n"));
        for words in [String::new(), format!("--values '{heading}:{word}=yes'")] {
            let ran = board.run(&format!("user import people.csv --map '{heading}=active' {words} -o json"));
            assert_eq!(ran.code, Some(65), "{ran}");
            assert!(ran.to_string().contains("import.opposite"), "{ran}");
        }
        let ran = board.run(&format!(
            "user import people.csv --map '{heading}=active' --values '{heading}:{word}=no' --dry-run"
        ));
        assert!(ran.ok().stdout.contains("active=no"));
    }
    for word in ["Заблоковано", "Désactivé", "Inactivo", "Ausgeschieden", "gesperrt", "banned", "Звільнений"]
    {
        board.write("people.csv", format!("{HEADER},active\na@x.example,A,B,Acme Bank,{word}\n"));
        let ran = board.run("user import people.csv");
        assert!(ran.stderr.contains("--values 'active:WORD=yes,WORD=no'"), "{ran}");
        let ran = board.run(&format!("user import people.csv --values 'active:{word}=yes'"));
        assert_eq!(ran.code, Some(65), "{ran}");
        board.run(&format!("user import people.csv --values 'active:{word}=no' --dry-run")).ok();
    }
    assert_snapshot!(board.run("user import people.csv --values 'active:звільнений=yes'"), @"
    ------- stderr -------
    error: `звільнений` in the column `active` of `people.csv` says that somebody is not active, and is to be read as active
    hint: turn it round: `--values 'active:звільнений=no'`
    [exit status: 65]
    ");
}

/// Other systems write a day that never comes as one of the last century.
#[test]
fn an_end_in_the_last_century_is_refused() {
    let board = Board::new();
    let row = |name: &str, start: &str, end: &str| format!("{name}@x.example,A,B,Acme Bank,{start},{end}\n");
    let header = format!("{HEADER},start_date,end_date\n");
    board.write("people.csv", header.clone() + &row("a", "17-JUN-03", "31-DEC-99"));
    assert_snapshot!(board.run("user import people.csv --date-format dmy"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:2, `end_date`: `31-DEC-99` is not a day: its year has two digits only, and a day of the last century ends nothing now; if it stands for no end, say so with `--values 'HEADING:WORD=never'`
          write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write("people.csv", header + &row("a", "17-JUN-99", "31-Dec-2026") + &row("b", "", "31-DEC-49"));
    board.run("user import people.csv --date-format dmy").ok();
    assert_eq!(board.shown("a@x.example", "start_date,end_date"), "1999-06-17,2026-12-31");
    assert_eq!(board.shown("b@x.example", "end_date"), "2049-12-31");
}

/// Two options of which only one can be meant are a mistake, wherever they stand.
#[test]
fn options_that_contradict_each_other_are_refused() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER}\na@x.example,A,B,Acme Bank\n"));
    for (options, told) in [
        ("--map phone=phone --map Phone=-", "`--map 'phone=phone'` and `--map 'Phone=-'`"),
        ("--map X=phone --map 'x [Required]=email'", "`--map 'X=phone'` and `--map 'x [Required]=email'`"),
        ("--set company=A --set company=B", "`--set 'company=A'` and `--set 'company=B'`"),
        ("--values S:on=yes --values s:ON=no", "`--values 'S:on=yes'` and `--values 'S:on=no'`"),
        ("--set department=A --clear department", "`--set 'department=A'` and `--clear 'department'`"),
    ] {
        let ran = board.run(&format!("user import people.csv {options}"));
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains(&format!("{told} contradict each other")), "{ran}");
    }
    board.run("user import people.csv --map 'phone=phone' --map phone=phone --dry-run").code.unwrap();
    board.write("two.toml", "[map]\nemail = \"Mail\"\nphone = \"mail\"\n");
    assert_snapshot!(board.run("user import people.csv --options-from two.toml"), @"
    ------- stderr -------
    error: the options in `two.toml` are not understood: `--map 'Mail=email'` and `--map 'mail=phone'` contradict each other
    hint: see what such a file may say with `secboard user import --show-profile entra`
    [exit status: 65]
    ");
    for twice in ["- -", "- --options-from -"] {
        let ran = board.run(&format!("user import {twice}"));
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains("standard input can be read once"), "{ran}");
    }
}

/// Whoever is brought in again while they lie in the bin is two people from then on.
#[test]
fn who_lies_in_the_bin_is_told_before_somebody_new_takes_their_email() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER}\nann@x.example,Ann,Lee,Acme Bank\n"));
    board.run("user import people.csv").ok();
    board.run("user delete ann@x.example --yes").ok();
    board.write(
        "again.csv",
        format!("{HEADER}\nAnn@X.example,Ann,Lee,Acme Bank\nbob@x.example,Bob,Lee,Acme Bank\n"),
    );
    assert_snapshot!(board.run("user import again.csv --on-existing update --dry-run"), @"
    + user Ann@X.example  first_name=Ann, last_name=Lee, company=Acme Bank, active=yes
    + user bob@x.example  first_name=Bob, last_name=Lee, company=Acme Bank, active=yes
    ------- stderr -------
    warning: `Ann@X.example` lies in the bin, and the row makes somebody new of that email; to have them back leave the row out, and run `secboard user restore 'Ann@X.example'`
    people: 2 created (dry run: nothing was changed)
    ");
    board.run("user restore ann@x.example").ok();
    let ran = board.run("user import again.csv --on-existing update").ok();
    assert!(!ran.stderr.contains("in the bin"), "{ran}");
}

/// What is typed of the words of a column is stronger than what a profile says, word by word.
#[test]
fn words_that_are_typed_are_added_to_those_of_a_profile() {
    let board = Board::new();
    let header = "login,firstName,lastName,displayName,organization,status";
    let row = |name: &str, status: &str| format!("{name}@x.example,A,B,A B,Acme Bank,{status}\n");
    let rows = [row("a", "ACTIVE"), row("b", "GONE"), row("c", "STAGED"), row("d", "SUSPENDED")];
    board.write("okta.csv", format!("{header}\n{}", rows.concat()));
    board.run("user import okta.csv --profile okta --values 'status:Gone=no,Staged=yes'").ok();
    let active = ["a", "b", "c", "d"].map(|name| board.shown(&format!("{name}@x.example"), "active"));
    assert_eq!(active, ["yes", "no", "yes", "no"]);
}

/// The hash of a directory and a PIN are secrets as much as a password is.
#[test]
fn a11_no_hash_of_a_directory_and_no_pin_is_repeated() {
    let board = Board::new();
    let hash = "{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";
    for (column, value) in
        [("phone", hash), ("Door PIN", "4711"), ("pinCode", "4711"), ("department", hash), (hash, "x")]
    {
        board.write("people.csv", format!("{HEADER},{column}\na@x.example,A,B,Acme Bank,{value}\n"));
        for options in ["", "--create-missing", "--map 'Door PIN=phone'", "--map 'pinCode=end_date'"] {
            let ran = board.run(&format!("user import people.csv --partial --errors - {options}"));
            assert!(!ran.to_string().contains("4711") && !ran.to_string().contains("5en6"), "{ran}");
            assert_ne!(ran.code, Some(0), "{column}: {ran}");
        }
    }
}

/// A row that says the same in other letters, or a list in another order, repeats the other.
#[test]
fn a_row_repeats_another_in_other_letters_and_in_another_order() {
    let board = Board::new();
    for name in ["Readers", "Writers"] {
        board.run(&format!("group create {name}")).ok();
    }
    let header = format!("{HEADER},groups,active,phone");
    board.write(
        "people.csv",
        format!(
            "{header}\nann@x.example,Ann,Lee,Acme Bank,Readers; Writers,yes,\n\
            Ann@X.example,Ann,Lee,ACME BANK,writers; readers,YES,\nann@x.example,Ann,Lee,Acme Bank,Readers; Writers,yes,\n"
        ),
    );
    board.write(
        "same.csv",
        "groups,company,active,email,last_name,first_name\nWriters;Readers,acme bank,1,ann@x.example,Lee,Ann\n",
    );
    for existing in ["fail", "update"] {
        let ran = board.run(&format!("user import people.csv --on-existing {existing}")).ok();
        assert!(ran.stderr.contains("2 rows repeat others and were passed over"), "{ran}");
    }
    let again = board.run("user import people.csv same.csv --on-existing update").ok();
    assert!(again.stderr.contains("3 rows repeat others"), "{again}");
    board.write(
        "days.csv",
        format!(
            "{HEADER},end_date,active,phone\neve@x.example,Eve,Lee,Acme Bank,2030-12-31,yes,+380 67 123 45 67\n\
            eve@x.example,Eve,Lee,Acme Bank,31.12.2030,1,+380671234567\n"
        ),
    );
    let ran = board.run("user import days.csv --date-format dmy").ok();
    assert!(ran.stderr.contains("1 row repeats another"), "{ran}");
    board.write(
        "other.csv",
        format!("{header}\nbob@x.example,Bob,Lee,Acme Bank,,,\nbob@x.example,BOB,Lee,Acme Bank,,,\n"),
    );
    assert_eq!(
        board.run("user import other.csv").code,
        Some(65),
        "the names of people are theirs as they are written"
    );
    board.write(
        "keys.jsonl",
        "{\"email\": \"ann@x.example\"}\n{\"email\": \"ann@x.example\", \"phone\": null}\n",
    );
    assert_eq!(
        board.run("user import keys.jsonl --on-existing update --clear phone").code,
        Some(65),
        "one clears"
    );
}

/// A value that is the same for everybody takes the place of what somebody had, and that is counted.
#[test]
fn what_a_constant_replaces_is_told() {
    let board = Board::new();
    board.run("department create Sales --company 'Acme Bank'").ok();
    board.run("department create Treasury --company 'Acme Bank'").ok();
    board.write(
        "people.csv",
        format!("{HEADER},department\na@x.example,A,B,Acme Bank,Sales\nb@x.example,A,B,Acme Bank,\nc@x.example,A,B,Acme Bank,Sales\n"),
    );
    board.run("user import people.csv").ok();
    board.write("again.csv", "email,department\na@x.example,\nb@x.example,\nc@x.example,Sales\n");
    assert_snapshot!(board.run("user import again.csv --on-existing update --set department=Treasury"), @"
    ------- stderr -------
    what was there before gives way to `--set`, where a row says nothing: department of 1 person
    people: 2 changed, 1 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    ");
}

/// A title above the headings is seen, in a workbook as in CSV.
#[test]
fn the_line_that_names_the_columns_is_found_below_a_title() {
    let board = Board::new();
    board.write(
        "people.csv",
        "Our people\n\"Berlin, May 2026\"\n\nVorname;Nachname;E-Mail\nAnn;Lee;ann@x.example\n",
    );
    assert_snapshot!(board.run("user import people.csv --set company='Acme Bank'"), @"
    ------- stderr -------
    error: `people.csv`: people are known by their email, and no column is email; there is no column first_name, last_name; the column `Our people` is not known
    hint: line 4 seems to name the columns: say so with `secboard user import people.csv --set 'company=Acme Bank' --header-line 4`
    [exit status: 65]
    ");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Our people").unwrap();
    sheet.write_row(2, 0, ["email", "first_name", "last_name"]).unwrap();
    sheet.write_row(3, 0, ["ann@x.example", "Ann", "Lee"]).unwrap();
    board.write("people.xlsx", book.save_to_buffer().unwrap());
    let ran = board.run("user import people.xlsx --set company='Acme Bank'");
    assert!(
        ran.stderr.contains("line 3 seems to name the columns") && ran.stderr.contains("--header-line 3`"),
        "{ran}"
    );
    board.run("user import people.xlsx --set company='Acme Bank' --header-line 3").ok();
}

/// A column of companies in which nothing stands is as good as none.
#[test]
fn an_empty_column_of_companies_is_told_before_the_rows() {
    let board = Board::new();
    board.write(
        "okta.csv",
        "login,firstName,lastName,displayName,organization,status\nann@x.example,Ann,Lee,Ann Lee,,ACTIVE\n",
    );
    assert_snapshot!(board.run("user import okta.csv"), @"
    ------- stderr -------
    error: `okta.csv`: people are known by their email, and no column is email; there is no column company; 4 columns are not known: `login`, `displayName`, `organization`, `status`
    hint: say what a column is, and leave out what is not needed with `secboard user import okta.csv --profile okta --set company=NAME`
    [exit status: 65]
    ");
}

/// What a spreadsheet program shows for a formula that failed is nobody's name.
#[test]
fn the_error_of_a_formula_is_no_name() {
    let board = Board::new();
    for error in ["#N/A", "#REF!", "#NV", "#ПОСИЛАННЯ!", "#####"] {
        for column in ["department", "last_name", "roles"] {
            let header = if column == "last_name" {
                HEADER.replace("last_name", "Last Name")
            } else {
                format!("{HEADER},{column}")
            };
            let row = if column == "last_name" {
                format!("a@x.example,A,{error},Acme Bank")
            } else {
                format!("a@x.example,A,B,Acme Bank,{error}")
            };
            board.write("people.csv", format!("{header}\n{row}\n"));
            let ran = board.run("user import people.csv --create-missing");
            assert_eq!(ran.code, Some(65), "{ran}");
            assert!(
                ran.stderr.contains(&format!("`{error}` is the error that a formula gave, not a value")),
                "{ran}"
            );
        }
    }
    board.write("people.csv", format!("{HEADER},department\na@x.example,A,B,Acme Bank,#1 Sales\n"));
    board.run("user import people.csv --create-missing").ok();
}

/// What `docs/import.md` says of Snipe-IT brings in a file as Snipe-IT writes it.
#[test]
fn the_guide_fits_a_file_of_snipe_it() {
    let board = Board::new();
    board.write(
        "snipe.csv",
        "First Name,Last Name,Email,Username,Display Name,Activated,Location,City,State,Phone,Job Title,Company,Start Date,End Date\n\
        Nora,Lindqvist,nora@x.example,nora,Nora,TRUE,HQ,Kyiv,,067 123 4567,Analyst,Acme Bank,2022-03-18,2027-12-04\n\
        Otto,Brandt,otto@x.example,otto,,FALSE,North,Kyiv,,,Teller,,,\n",
    );
    let guide = include_str!("../../docs/import.md");
    let options =
        guide.lines().find(|line| line.starts_with("| Snipe-IT |")).unwrap().split('`').nth(1).unwrap();
    board.run("setting set site.region UA").ok();
    board.run(&format!("user import snipe.csv {options}")).ok();
    assert_eq!(board.shown("nora@x.example", "position,phone,active"), "Analyst,+380671234567,yes");
    assert_eq!(board.shown("otto@x.example", "company,position,active"), "Acme Bank,Teller,no");
}

/// A row that says something else of somebody who is there is one fault, and what they have is not missing in it.
#[test]
fn a_second_row_of_somebody_who_is_there_lacks_nothing() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER}\nann@x.example,Ann,Lee,Acme Bank\n"));
    board.run("user import people.csv").ok();
    board.write("again.csv", "email,phone\nann@x.example,+380671234567\nann@x.example,+380671234599\n");
    assert_snapshot!(board.run("user import again.csv --on-existing update"), @"
    ------- stderr -------
    error: refused 1 of 2 rows, so nothing was imported
      again.csv:3, `email`: `ann@x.example` stands on line 2 already, with other values
          keep one of the two rows, or leave out the columns in which they differ
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

/// What other systems put between the entries of a list is no part of a name that could be made.
#[test]
fn a_separator_of_another_system_is_offered_as_no_role() {
    let board = Board::new();
    board.run("role create Reading").ok();
    for list in ["Reading~~~Writing", "~~~", "Reading;~~~"] {
        board.write("people.csv", format!("{HEADER},roles\na@x.example,A,B,Acme Bank,{list}\n"));
        let ran = board.run("user import people.csv");
        assert_eq!(ran.code, Some(65), "{ran}");
        assert!(
            ran.stderr.contains("write it in the place of `~~~`") && !ran.stderr.contains("role create"),
            "{ran}"
        );
    }
}
