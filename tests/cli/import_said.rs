//! What `secboard user import` says of files that are none, of options that do nothing, and of words that mean nothing.

use insta::assert_snapshot;

use crate::harness::Board;

const HEADER: &str = "email,first_name,last_name,company";

/// What the file is counts, and not its name.
#[test]
fn files_of_other_programs_are_named_for_what_they_are() {
    let board = Board::new();
    board.write("people.xls", "<html><body><table><tr><td>email</td></tr></table></body></html>\n");
    assert_snapshot!(board.run("user import people.xls"), @"
    ------- stderr -------
    error: `people.xls` is a page of HTML, and not CSV, JSON or `.xlsx`, whatever its name says
    hint: open it with a spreadsheet program and save it as `.xlsx`, or export CSV from where it comes from
    [exit status: 65]
    ");
    board.write(
        "people.ods",
        b"PK\x03\x04\x14\0\0\x08\0\0\0\0\0\0\0\0\0\0.\0\0\0.\0\0\0\x08\0\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
    );
    assert_snapshot!(board.run("user import people.ods"), @"
    ------- stderr -------
    error: `people.ods` is a document of LibreOffice (ODF), and not CSV, JSON or `.xlsx`, whatever its name says
    hint: open it with a spreadsheet program and save it as `.xlsx`, or export CSV from where it comes from
    [exit status: 65]
    ");
    board.write("people.csv.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    assert_snapshot!(board.run("user import people.csv.gz"), @"
    ------- stderr -------
    error: `people.csv.gz` is packed with gzip, and not CSV, JSON or `.xlsx`, whatever its name says
    hint: unpack it first, with `gunzip`
    [exit status: 65]
    ");
}

/// A line that is not there is told with how many there are.
#[test]
fn a_header_line_beyond_the_end_is_told_with_the_lines_that_there_are() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER}\na@x.example,A,B,Acme Bank\n"));
    assert_snapshot!(board.run("user import people.csv --header-line 99"), @"
    ------- stderr -------
    error: `people.csv` has no row below line 99: its last line is line 2
    hint: `--header-line` is the line that names the columns; rows stand below it
    [exit status: 65]
    ");
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_row(0, 0, HEADER.split(',')).unwrap();
    board.write("people.xlsx", book.save_to_buffer().unwrap());
    assert_snapshot!(board.run("user import people.xlsx --header-line 99"), @"
    ------- stderr -------
    error: `people.xlsx` has no row below line 99: its last line is line 1
    hint: `--header-line` is the line that names the columns; rows stand below it
    [exit status: 65]
    ");
}

/// A constant that cannot be is told once, before the rows.
#[test]
fn a_constant_that_cannot_be_is_told_once() {
    let board = Board::new();
    let rows = [0, 1, 2].map(|n| format!("{n}@x.example,A,B\n")).concat();
    board.write("people.csv", format!("email,first_name,last_name\n{rows}"));
    assert_snapshot!(board.run("user import people.csv --set company=Acmee"), @"
    ------- stderr -------
    error: `--set 'company=Acmee'`: there is no company `Acmee`
    hint: `--create-missing` makes what is missing
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --set company='Acme Bank' --set start_date=soon"), @"
    ------- stderr -------
    error: `--set 'start_date=soon'`: `soon` is not a day
    hint: write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
    [exit status: 65]
    ");
    for set in
        ["department=Nowhere", "roles=Nothing", "groups=Nothing", "active=maybe", "language=tlh", "phone=12"]
    {
        let ran = board.run(&format!("user import people.csv --set company='Acme Bank' --set {set} -o json"));
        assert!(ran.to_string().contains("import.constant"), "{set}: {ran}");
    }
    board.run("user import people.csv --set company=New --set department=IT --create-missing --dry-run").ok();
    assert!(
        board
            .run("user import people.csv --set company=-x --create-missing")
            .stderr
            .contains("--set 'company=-x'")
    );
}

/// An option that does nothing to any of the files is refused, for whoever typed it meant something by it.
#[test]
fn an_option_that_does_nothing_to_the_file_is_refused() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER}\na@x.example,A,B,Acme Bank\n"));
    board.write(
        "people.json",
        r#"[{"email": "b@x.example", "first_name": "A", "last_name": "B", "company": "Acme Bank"}]"#,
    );
    for (file, option) in [
        ("people.csv", "--sheet=People"),
        ("people.csv", "--date-format=dmy"),
        ("people.csv", "--department-separator=/"),
        ("people.json", "--delimiter=tab"),
        ("people.json", "--header-line=2"),
    ] {
        let ran = board.run(&format!("user import {file} {option} --dry-run"));
        assert_eq!(ran.code, Some(65), "{option}: {ran}");
    }
    assert_snapshot!(board.run("user import people.csv --sheet People"), @"
    ------- stderr -------
    error: `--sheet` does nothing to `people.csv`: a workbook has sheets, and an object of JSON lists
    hint: leave it out
    [exit status: 65]
    ");
    board.run("user import people.csv people.json --delimiter , --dry-run").ok();
    board.write("options.toml", "date_format = \"dmy\"\nsheet = \"People\"\ndepartment_separator = \"/\"\n");
    board.run("user import people.csv --options-from options.toml --dry-run").ok();
}

/// Words for nothing are read as they stand, and it is said how they are read as nothing.
#[test]
fn a_word_for_nothing_is_told_with_the_option_that_reads_it_so() {
    let board = Board::new();
    board.write(
        "people.csv",
        format!("{HEADER},department,start_date\na@x.example,A,B,Acme Bank,N/A,NULL\nb@x.example,A,null,Acme Bank,N/A,\n"),
    );
    assert_snapshot!(board.run("user import people.csv --create-missing"), @"
    ------- stderr -------
    `last_name` holds `null` or the like in 1 row, read as a name: if it stands for nothing, say so with `--values 'last_name:null='`
    `department` holds `N/A` or the like in 2 rows, read as a name: if it stands for nothing, say so with `--values 'department:N/A='`
    error: refused 1 of 2 rows, so nothing was imported
      people.csv:2, `start_date`: `NULL` is not a day
          write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`; or say that the word stands for nothing: `--values 'start_date:NULL='`
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --create-missing --values start_date:NULL= --dry-run"), @"
    + department N/A  name=N/A, company=Acme Bank
    + user a@x.example  first_name=A, last_name=B, company=Acme Bank, department=N/A, active=yes
    + user b@x.example  first_name=A, last_name=null, company=Acme Bank, department=N/A, active=yes
    ------- stderr -------
    `last_name` holds `null` or the like in 1 row, read as a name: if it stands for nothing, say so with `--values 'last_name:null='`
    `department` holds `N/A` or the like in 2 rows, read as a name: if it stands for nothing, say so with `--values 'department:N/A='`
    people: 2 created; also created: 1 department (dry run: nothing was changed)
    ");
    let words = "--values start_date:NULL= --values department:N/A= --values last_name:x=y";
    let ran = board.run(&format!("user import people.csv --create-missing --dry-run {words}")).ok();
    assert!(!ran.stdout.contains("+ department"), "{ran}");
}

/// Passwords in the words of more neighbours are never taken, nor shown.
#[test]
fn a11_passwords_in_more_languages_are_none_of_our_columns() {
    let board = Board::new();
    for heading in [
        "senha",
        "Wachtwoord",
        "Contraseña",
        "contrasena",
        "Mot de passe",
        "Hasło",
        "haslo",
        "Adgangskode",
        "şifre",
        "Salasana",
        "Пароль",
        "密码",
    ] {
        board.write("people.csv", format!("{HEADER},{heading}\na@x.example,A,B,Acme Bank,kept@home\n"));
        let ran = board.run("user import people.csv");
        assert!(
            ran.stderr.contains("holds passwords") && !ran.to_string().contains("kept"),
            "{heading}: {ran}"
        );
        let ran = board.run(&format!("user import people.csv --map '{heading}=position'"));
        assert!(ran.code == Some(65) && !ran.to_string().contains("kept"), "{heading}: {ran}");
    }
}

/// Emails are offered for what is in them, whatever their heading; a login without one is none.
#[test]
fn the_emails_of_glpi_and_of_scim_are_found() {
    let board = Board::new();
    board.write(
        "glpi.csv",
        "\"Login\";\"Nom de famille\";\"Adresses de messagerie\";\"Téléphone\";\"Actif\";\"Prénom\";\n\
        \"alee\";\"Lee\";\"ann@x.example\";\"+33155501010\";\"Oui\";\"Ann\";\n",
    );
    assert_snapshot!(board.run("user import glpi.csv"), @"
    ------- stderr -------
    error: `glpi.csv`: people are known by their email, and no column is email; there is no column first_name, last_name, company; 6 columns are not known: `Login`, `Nom de famille`, `Adresses de messagerie`, `Téléphone`, `Actif`, `Prénom`
    hint: say what a column is, and leave out what is not needed with `secboard user import glpi.csv --map 'Nom de famille=last_name' --map 'Adresses de messagerie=email' --map 'Téléphone=phone' --map 'Actif=active' --values 'Actif:Oui=yes,Non=no' --map 'Prénom=first_name' --set company=NAME --ignore-unknown`
    [exit status: 65]
    ");
    board.write(
        "scim.json",
        r#"{"totalResults": 1, "Resources": [{"userName": "alee", "active": false, "name": {"givenName": "Ann", "familyName": "Lee"},
        "emails": [{"value": "old@x.example"}, {"value": "ann@x.example", "primary": true}]}]}"#,
    );
    assert_snapshot!(board.run("user import scim.json"), @"
    ------- stderr -------
    error: `scim.json`: people are known by their email, and no column is email; there is no column first_name, last_name, company; 4 columns are not known: `userName`, `name.givenName`, `name.familyName`, `emails`
    hint: say what a column is, and leave out what is not needed with `secboard user import scim.json --map 'name.givenName=first_name' --map 'name.familyName=last_name' --map 'emails=email' --set company=NAME --ignore-unknown`
    [exit status: 65]
    ");
    let maps = "--map emails=email --map name.givenName=first_name --map name.familyName=last_name";
    assert_snapshot!(board.run(&format!("user import scim.json --set company='Acme Bank' --ignore-unknown {maps} --dry-run")), @"
    + user ann@x.example  first_name=Ann, last_name=Lee, company=Acme Bank, active=no
    ------- stderr -------
    left out of `scim.json`: userName
    nothing in `scim.json` says: department, position, phone, start_date, end_date, roles, groups
    people: 1 created (dry run: nothing was changed)
    ");
    board.write("boss.csv", "Manager email,first_name,last_name,company\nboss@x.example,A,B,Acme Bank\n");
    assert!(!board.run("user import boss.csv").stderr.contains("email=email"));
}
