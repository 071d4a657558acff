//! What `secboard user import` says of files as programs really write them, and what it makes of them.

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::Board;

const HEADER: &str = "email,first_name,last_name,company";

/// Whatever another system puts between the entries of a list, the one sign that separates them here is named.
#[test]
fn a_list_with_another_separator_is_told_which_one_separates() {
    let board = Board::new();
    board.run("group create Readers").ok();
    board.run("group create Writers").ok();
    board.run("role create Reading").ok();
    for (column, list) in [
        ("groups", "Readers, Writers"),
        ("groups", "Readers\nWriters"),
        ("groups_by_hand", "Readers~~~Writers"),
        ("groups", "Readers|Writers"),
        ("roles", "reading,reading"),
    ] {
        board.write("people.csv", format!("{HEADER},{column}\na@x.example,A,B,Acme Bank,\"{list}\"\n"));
        let ran = board.run("user import people.csv");
        assert_eq!(ran.code, Some(65), "{ran}");
        assert!(ran.stderr.contains("`;` stands between entries; "), "{column} {list:?}: {ran}");
    }
    board.write("people.csv", format!("{HEADER},groups\na@x.example,A,B,Acme Bank,Readers; Writers\n"));
    board.run("user import people.csv").ok();
    assert_eq!(board.shown("a@x.example", "groups_by_hand"), "Readers; Writers");
    board.write("other.csv", format!("{HEADER},groups\nb@x.example,A,B,Acme Bank,Riders\n"));
    let ran = board.run("user import other.csv");
    assert!(!ran.stderr.contains("stands between"), "one name is no list: {ran}");
}

/// Rows of `csvde` that lost the line with the names.
#[test]
fn rows_of_a_directory_without_a_header_are_known() {
    let board = Board::new();
    board.write(
        "ad.csv",
        "\"CN=Nora Lindqvist,OU=Treasury,DC=acme,DC=example\",user,Nora,nora@acme.example\n",
    );
    assert_snapshot!(board.run("user import ad.csv"), @"
    ------- stderr -------
    error: `ad.csv` begins with an entry of a directory and not with the names of its columns
    hint: put the names of the columns into the first line; `csvde` writes them itself, as `DN,objectClass,sn,…`
    [exit status: 65]
    ");
}

/// The workbook of another report has people on another sheet, or nowhere.
#[test]
fn a_workbook_of_several_sheets_names_them() {
    let board = Board::new();
    board.run("role create Reading").ok();
    board.run("export roles --output roles.xlsx").ok();
    for sheet in ["", "--sheet None"] {
        let ran = board.run(&format!("user import roles.xlsx {sheet}"));
        assert_eq!(ran.code, Some(65), "{ran}");
        assert!(ran.stderr.contains("Roles, About"), "{ran}");
    }
}

/// What a program took for true is no name.
#[test]
fn a_truth_value_is_no_name() {
    let board = Board::new();
    let person =
        "\"email\": \"a@x.example\", \"first_name\": \"A\", \"last_name\": \"B\", \"company\": \"Acme Bank\"";
    board.write("people.json", format!("[{{{person}, \"department\": true}}]"));
    assert_snapshot!(board.run("user import people.json --create-missing"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.json:1, `department`: `true` is a truth value in the file, not a name
          make the cell one of text, and write the name as it is
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

/// A title before the header, and lines that are counted with it.
#[test]
fn the_line_that_names_the_columns_may_be_said() {
    let board = Board::new();
    let title = "Our people of today;;;\n\n";
    let header = HEADER.replace(',', ";");
    board.write("people.csv", format!("{title}{header}\nnobody;A;B;Acme Bank\nb@x.example;A;B;Acme Bank\n"));
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: `people.csv`: people are known by their email, and no column is email; there is no column first_name, last_name, company; the column `Our people of today` is not known
    hint: line 3 seems to name the columns: say so with `secboard user import people.csv --header-line 3`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --header-line 3 --partial"), @"
    ------- stderr -------
    people: 1 created, 1 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: left out 1 of 2 rows
      people.csv:4, `email`: `nobody` is not an email address: it has no `@`
          write it like `anna.koval@acme.example`; or say once what stands behind the `@` of all: `--email-domain DOMAIN`
    hint: faults: 1; `--errors FILE` writes them all to a file
    [exit status: 1]
    ");
}

/// What is the same for everybody may be a list, and counts where a cell is empty.
#[test]
fn a_constant_may_be_a_list() {
    let board = Board::new();
    for name in ["Readers", "Writers"] {
        board.run(&format!("group create {name}")).ok();
    }
    board.run("role create Reading").ok();
    board.write(
        "people.csv",
        "email,first_name,last_name,groups\na@x.example,A,B,\nb@x.example,A,B,Writers\n",
    );
    board.run("user import people.csv --set company='Acme Bank' --set 'groups=Readers; Writers' --set roles=reading").ok();
    assert_eq!(board.shown("a@x.example", "groups_by_hand,roles"), "Readers; Writers,reading");
    assert_eq!(board.shown("b@x.example", "groups_by_hand,roles"), "Writers,reading");
}

/// Words stand for whatever the field has, not for yes and no alone.
#[test]
fn the_words_of_any_column_may_stand_for_something() {
    let board = Board::new();
    board.write(
        "people.csv",
        format!(
            "{HEADER},Site,Sprache\na@x.example,A,B,ACME,HQ,Deutsch\nb@x.example,A,B,acme,n/a,Englisch\n"
        ),
    );
    let import = "user import people.csv --map Site=department --map Sprache=language --values 'company:Acme=Acme Bank' \
        --values 'Site:HQ=Head Office,n/a=' --values Sprache:Deutsch=uk,Englisch=en --create-missing";
    board.run(import).ok();
    assert_eq!(board.shown("a@x.example", "company,department,language"), "Acme Bank,Head Office,uk");
    assert_eq!(board.shown("b@x.example", "company,department,language"), "Acme Bank,,en");
}

/// Exports of three systems, as somebody imports them who has never done so: the first attempt says the second, in which only what
/// no file says is filled in.
#[test]
fn the_second_attempt_brings_people_in() {
    for (file, text, typed, count) in [
        (
            "members.csv",
            "Name,Username,Email,Role,Path,Membership status,Access granted\n\
            Nora Lindqvist,nora,nora@acme.example,Owner,acme,Active,2026-01-02\n\
            Otto Brandt,otto,otto@acme.example,Developer,acme,Active,2026-01-02\n",
            "--map 'Name=full_name' --set company=NAME --ignore-unknown",
            "2 created",
        ),
        (
            "gam.csv",
            "primaryEmail,name.givenName,name.familyName,suspended,isAdmin,orgUnitPath,organizations.0.title,organizations.0.department\n\
            nora@acme.example,Nora,Lindqvist,False,False,/,Analyst,Treasury\n\
            otto@acme.example,Otto,Brandt,True,False,/,Teller,Branches\n",
            "--map 'name.givenName=first_name' --map 'name.familyName=last_name' --map 'suspended=active' \
            --values 'suspended:True=no,False=yes' --map 'organizations.0.title=position' \
            --map 'organizations.0.department=department' --set company=NAME --ignore-unknown --create-missing",
            "2 created",
        ),
        (
            "ad.csv",
            "DN,sn,title,givenName,department,company,userAccountControl,sAMAccountName,userPrincipalName,mail\n\
            \"CN=Nora,DC=acme\",Lindqvist,Analyst,Nora,Treasury,Acme Bank,512,NLI,n@acme.example,nora@acme.example\n",
            "--profile ad --create-missing",
            "1 created",
        ),
    ] {
        let board = Board::new();
        board.write(file, text);
        let first = board.run(&format!("user import {file} -o json"));
        assert_eq!(first.code, Some(65), "{first}");
        let next = format!("secboard user import {file} -o json {typed}");
        assert_eq!(first.json_error().pointer("/error/command").and_then(Value::as_str), Some(&*next));
        let second = board.run_in_sh(&next.replace("=NAME", "='Acme Bank'").replace(" -o json", "")).ok();
        assert!(second.stderr.contains(count), "{second}");
    }
}

/// What the rows lack that one option says for all of them.
#[test]
fn what_one_option_would_say_for_all_rows_is_told() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER}\nnlindqvi,Nora,Lindqvist,\n"));
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:2, `email`: `nlindqvi` is not an email address: it has no `@`
          write it like `anna.koval@acme.example`; or say once what stands behind the `@` of all: `--email-domain DOMAIN`
      people.csv:2, `company`: is missing
          every person has one; `--set company=NAME` says it where a row does not
    hint: faults: 2; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.run("user import people.csv --email-domain acme.example --set company='Acme Bank'").ok();
}

/// The number of a department is not offered as its name.
#[test]
fn a_number_is_not_offered_as_a_name() {
    let board = Board::new();
    let header = "FIRST_NAME,LAST_NAME,EMAIL,COMPANY,DEPARTMENT_ID,HIRE_DATE";
    board.write("people.csv", format!("{header}\nNora,Lee,nora@x.example,Acme Bank,100,2026-01-02\n"));
    let ran = board.run("user import people.csv");
    assert!(ran.stderr.contains("--map 'HIRE_DATE=start_date' --ignore-unknown"), "{ran}");
}

/// A whole name says both names; a constant is for whoever has none.
#[test]
fn a_constant_takes_no_name_from_who_has_a_whole_one() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,Name,Given name\na@x.example,Ann Lee,\nb@x.example,Bob Kay,Robert\nc@x.example,,Cy\n",
    );
    board
        .run("user import people.csv --map Name=full_name --set first_name=X --set last_name=Y --set company='Acme Bank'")
        .ok();
    let names = ["a", "b", "c"].map(|name| board.shown(&format!("{name}@x.example"), "first_name,last_name"));
    assert_eq!(names, ["Ann,Lee", "Robert,Kay", "Cy,Y"]);
}

/// The command that comes next has the words of the file, in whatever language they answer.
#[test]
fn the_answers_of_a_column_are_offered_as_the_file_spells_them() {
    let board = Board::new();
    board.write("people.csv", format!("{HEADER},Aktiv\na@x.example,A,B,Acme Bank,Nein\n"));
    let ran = board.run("user import people.csv -o json");
    let next = "secboard user import people.csv -o json --map 'Aktiv=active' --values 'Aktiv:Ja=yes,Nein=no'";
    assert_eq!(ran.json_error().pointer("/error/command").and_then(Value::as_str), Some(next), "{ran}");
    board.run_in_sh(next).ok();
    assert_eq!(board.shown("a@x.example", "active"), "no");
}

/// What one column says of who is active, another that is left out may take back.
#[test]
fn a_status_beside_a_column_of_who_is_active_is_told_where_it_says_that_somebody_is_off() {
    let board = Board::new();
    let row = |name: &str, status: &str| format!("{name}@x.example,A,B,Acme Bank,yes,{status}\n");
    let header = format!("{HEADER},active,Status\n");
    board.write(
        "people.csv",
        header.clone() + &row("a", "Terminated") + &row("b", "here") + &row("c", "Terminated"),
    );
    let ran = board.run("user import people.csv --ignore-unknown").ok();
    assert!(ran.stderr.contains("who is switched off may stand in: Status (2 rows say so)"), "{ran}");
    board.write("others.csv", header + &row("d", "here"));
    let ran = board.run("user import others.csv --ignore-unknown").ok();
    assert!(!ran.stderr.contains("switched off"), "{ran}");
}
