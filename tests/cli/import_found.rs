//! What `secboard user import` finds in a file, or names: the list of people, the sheet, the letters, the names in one cell.

use insta::assert_snapshot;
use rust_xlsxwriter::Workbook;

use crate::harness::Board;

const HEADER: &str = "email,first_name,last_name,company";

/// `csvde` writes what is not ASCII as the bytes of its UTF-8.
#[test]
fn names_that_csvde_writes_as_bytes_are_read() {
    let board = Board::new();
    board.write(
        "ad.csv",
        "DN,sAMAccountName,objectGUID,mail,givenName,sn,company,userAccountControl\n\
        \"CN=x\",ake,X'ff00aa',ake@x.example,X'c3856b65',Ek,Acme Bank,512\n",
    );
    assert_snapshot!(board.run("user import ad.csv --profile ad --dry-run"), @"
    + user ake@x.example  first_name=Åke, last_name=Ek, company=Acme Bank, active=yes
    ------- stderr -------
    left out of `ad.csv`: DN, sAMAccountName, objectGUID
    nothing in `ad.csv` says: department, position, phone, start_date, end_date, roles, groups
    people: 1 created (dry run: nothing was changed)
    ");
    board.write("bytes.csv", "DN,mail,givenName,sn,company\nCN=x,ake@x.example,X'ff00aa',Ek,Acme Bank\n");
    assert_snapshot!(board.run("user import bytes.csv --map DN=-"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      bytes.csv:2, `givenName`: `X'ff00aa'` stands for bytes that are no text
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write("other.csv", format!("{HEADER}\na@x.example,X'c3856b65',Ek,Acme Bank\n"));
    assert!(board.run("user import other.csv --dry-run").ok().stdout.contains("X'c3856b65'"));
}

/// A text that was written as a formula, so that a spreadsheet program leaves it alone.
#[test]
fn a_formula_that_is_a_text_is_read_as_that_text() {
    let board = Board::new();
    board.write(
        "people.csv",
        format!("{HEADER}\na@x.example,\"=\"\"Anna\"\"\",\"=\"\"Berg\"\"\",Acme Bank\n"),
    );
    board.run("user import people.csv").ok();
    assert_eq!(board.shown("a@x.example", "full_name"), "Anna Berg");
}

/// Letters that were lost before the file came here are nobody's name.
#[test]
fn a_letter_that_was_lost_is_refused() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER},Note\na@x.example,J\u{fffd}rg,Lee,Acme Bank,\u{fffd}\n"));
    assert_snapshot!(board.run("user import people.csv --ignore-unknown"), @"
    ------- stderr -------
    left out of `people.csv`: Note
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:2, `first_name`: `J�rg` has lost letters, for which `�` stands, before it came here
          export it again as UTF-8 from where it comes from, or write the letters anew
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write(
        "people.json",
        r#"{"email": "a@x.example", "first_name": "J\ufffdrg", "last_name": "Lee", "company": "Acme Bank"}"#,
    );
    assert!(board.run("user import people.json").stderr.contains("has lost letters"));
}

/// A file of no email at all says so once, and not row by row.
#[test]
fn json_without_any_email_is_told_once() {
    let board = Board::new();
    let rows = r#"{"username": "ann", "first_name": "Ann", "last_name": "Lee"}"#;
    board.write("people.jsonl", format!("{rows}\n{rows}\n"));
    assert_snapshot!(board.run("user import people.jsonl --ignore-unknown --set company='Acme Bank'"), @"
    ------- stderr -------
    error: `people.jsonl`: people are known by their email, and no column is email
    hint: say what a column is, and leave out what is not needed with `secboard user import people.jsonl --ignore-unknown --set 'company=Acme Bank' --map 'HEADING=email'`
    [exit status: 65]
    ");
    board.write("mails.jsonl", r#"{"name": "Ann Lee", "correo": "ann@x.example"}"#);
    assert_snapshot!(board.run("user import mails.jsonl --ignore-unknown"), @"
    ------- stderr -------
    error: `mails.jsonl`: people are known by their email, and no column is email; there is no column first_name, last_name, company
    hint: say what a column is, and leave out what is not needed with `secboard user import mails.jsonl --ignore-unknown --map 'name=full_name' --map 'correo=email' --set company=NAME`
    [exit status: 65]
    ");
}

/// The people of a realm stand in one of its many lists.
#[test]
fn the_list_of_people_is_found_among_others() {
    let board = Board::new();
    let ann = r#"{"username": "ann", "enabled": false, "firstName": "Ann", "lastName": "Lee", "email": "ann@x.example",
        "credentials": [{"secretData": "kept"}], "disableableCredentialTypes": []}"#;
    board.write(
        "realm.json",
        format!(
            r#"{{"realm": "acme", "roles": {{"realm": [{{"name": "a"}}]}}, "groups": [{{"name": "staff"}}], "users": [{ann}],
            "clients": []}}"#
        ),
    );
    assert_snapshot!(board.run("user import realm.json"), @"
    ------- stderr -------
    error: `realm.json`: there is no column company; 3 columns are not known: `username`, `credentials`, `disableableCredentialTypes`
    hint: say what a column is, and leave out what is not needed with `secboard user import realm.json --set company=NAME --ignore-unknown`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import realm.json --set company='Acme Bank' --ignore-unknown --dry-run"), @"
    + user ann@x.example  first_name=Ann, last_name=Lee, company=Acme Bank, active=no
    ------- stderr -------
    left out of `realm.json`: username, credentials, disableableCredentialTypes
    nothing in `realm.json` says: department, position, phone, start_date, end_date, roles, groups
    people: 1 created (dry run: nothing was changed)
    ");
    board.write("nested.json", format!(r#"{{"status": "ok", "data": {{"items": [{ann}]}}}}"#));
    board.run("user import nested.json --set company='Acme Bank' --ignore-unknown --dry-run").ok();
    let two = format!(r#"{{"staff": [{ann}], "guests": [{}], "n": 2}}"#, ann.replace("ann@", "bob@"));
    board.write("two.json", two);
    assert_snapshot!(board.run("user import two.json"), @"
    ------- stderr -------
    error: `two.json` holds several lists, and none is seen to be that of the people: staff, guests
    hint: say which is read, such as with `--sheet 'staff'`
    [exit status: 65]
    ");
    let chosen = "user import two.json --set company='Acme Bank' --ignore-unknown --dry-run --sheet";
    let guests = board.run(&format!("{chosen} guests")).ok();
    assert!(guests.stdout.contains("bob@x.example") && !guests.stdout.contains("ann@x.example"), "{guests}");
    assert_snapshot!(board.run(&format!("{chosen} people")), @"
    ------- stderr -------
    error: `two.json` has no sheet or list `people`
    hint: it has: staff, guests
    [exit status: 65]
    ");
}

/// The cell at fault is named, and no other.
#[test]
fn a_name_that_no_place_can_have_is_told_of_its_own_column() {
    let board = Board::new();
    board.write(
        "people.csv",
        format!(
            "{HEADER},department,position\na@x.example,A,B,Acme Bank,-,\nb@x.example,A,B,Acme Bank,IT,-x\n\
            c@x.example,A,B,-Acme,,\nd@x.example,A,B,Acme Bank,IT > - > Risk,\n"
        ),
    );
    assert_snapshot!(board.run("user import people.csv --create-missing --department-separator ' > '"), @"
    ------- stderr -------
    `department` holds `-` or the like in 1 row, read as a name: if it stands for nothing, say so with `--values 'department:-='`
    error: refused 4 of 4 rows, so nothing was imported
      people.csv:2, `department`: the name begins with `-`, as an option of a command does
          if the word stands for nothing, say so: `--values 'department:-='`
      people.csv:3, `position`: the name begins with `-`, as an option of a command does
          begin it with a letter, a digit or another sign
      people.csv:4, `company`: the name begins with `-`, as an option of a command does
          begin it with a letter, a digit or another sign
      people.csv:5, `department`: the name begins with `-`, as an option of a command does
          begin it with a letter, a digit or another sign
    hint: faults: 4; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

/// A separator with nothing behind it ends a path.
#[test]
fn a_separator_at_the_end_of_a_department_is_no_part_of_it() {
    let board = Board::new();
    let rows = ["Finance > Treasury", "Finance >", "Finance > ", "> Finance"];
    let rows = rows.iter().enumerate().map(|(n, of)| format!("{n}@x.example,A,B,Acme Bank,{of}\n"));
    board.write("people.csv", format!("{HEADER},department\n{}", rows.collect::<String>()));
    board.run("user import people.csv --create-missing --department-separator ' > '").ok();
    let departments = ["0", "1", "2", "3"].map(|n| board.shown(&format!("{n}@x.example"), "department"));
    assert_eq!(departments, ["Treasury", "Finance", "Finance", "Finance"]);
}

/// A name by the father is no last name.
#[test]
fn a_name_by_the_father_belongs_to_the_first_name() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,Name,company\na@x.example,Шевченко Анна Петрівна,Acme Bank\nb@x.example,Анна Петрівна Шевченко,Acme Bank\n",
    );
    board.run("user import people.csv --map Name=full_name").ok();
    for email in ["a@x.example", "b@x.example"] {
        assert_eq!(board.shown(email, "last_name"), "Шевченко");
        assert_eq!(board.shown(email, "first_name"), "Анна Петрівна");
    }
    board.write("two.csv", "email,Name,company\nc@x.example,Анна Петрівна,Acme Bank\n");
    assert_snapshot!(board.run("user import two.csv --map Name=full_name"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      two.csv:2, `Name`: `Анна Петрівна` is the first name `Анна` and that of a father, and a person has a first and a last name
          write `First Last` or `Last, First`, or map two columns to first_name and last_name
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

/// The first sheet with anything in it is read; where that is a cover, the sheets are named.
#[test]
fn an_empty_sheet_before_the_people_is_passed_over() {
    let board = Board::new();
    for (file, cover) in [("empty.xlsx", ""), ("cover.xlsx", "Staff 2026")] {
        let mut book = Workbook::new();
        book.add_worksheet().set_name("Cover").unwrap().write(0, 0, cover).unwrap();
        let sheet = book.add_worksheet().set_name("People").unwrap();
        sheet.write_row(0, 0, HEADER.split(',')).unwrap();
        sheet.write_row(1, 0, ["a@x.example", "Ann", "Lee", "Acme Bank"]).unwrap();
        board.write(file, book.save_to_buffer().unwrap());
    }
    assert_snapshot!(board.run("user import empty.xlsx --dry-run"), @"
    + user a@x.example  first_name=Ann, last_name=Lee, company=Acme Bank, active=yes
    ------- stderr -------
    people: 1 created (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user import cover.xlsx --dry-run"), @"
    ------- stderr -------
    error: `cover.xlsx` holds column names and no rows
    hint: the workbook has the sheets Cover, People; `--sheet` says which is read
    [exit status: 65]
    ");
}

/// When a contract ends is offered as such, in the words of neighbours.
#[test]
fn the_end_of_a_contract_is_offered_as_the_end() {
    let board = Board::new();
    for (start, end) in [
        ("Vertragsbeginn", "Befristet bis"),
        ("Дата прийому", "Дата звільнення"),
        ("Eintritt", "Vertragsende"),
    ] {
        board.write(
            "people.csv",
            format!("{HEADER},{start},{end}\na@x.example,A,B,Acme Bank,2020-01-31,2030-01-31\n"),
        );
        let ran = board.run("user import people.csv");
        let told = format!("--map '{start}=start_date' --map '{end}=end_date'");
        assert!(ran.stderr.contains(&told), "{ran}");
    }
}
