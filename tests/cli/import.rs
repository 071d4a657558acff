//! `secboard user import`.

use std::fmt::Write as _;
use std::fs;

use insta::assert_snapshot;

use crate::harness::Board;

const PEOPLE: &str = "email,first_name,last_name,company,department,position,phone,end_date\n\
    olena@acme.example,Олена,Шевченко,Acme Bank,Treasury,Dealer,+380671234567,\n\
    max@globex.example,Max,Müller,Globex,,,,2030-12-31\n";

fn count(board: &Board) -> String {
    board.run("user list --count").ok().stdout.trim().to_owned()
}

#[test]
fn a_file_is_looked_at_imported_and_taken_back() {
    let board = Board::new();
    board.write("people.csv", PEOPLE);
    assert_snapshot!(board.run("user import people.csv --create-missing --dry-run"), @"
    + department Treasury  name=Treasury, company=Acme Bank
    + position Dealer  name=Dealer, department=Treasury, company=Acme Bank
    + user olena@acme.example  first_name=Олена, last_name=Шевченко, phone=+380671234567, company=Acme Bank, department=Treasury, position=Dealer, active=yes
    + company Globex  name=Globex
    + user max@globex.example  first_name=Max, last_name=Müller, company=Globex, active=yes, end_date=2030-12-31
    ------- stderr -------
    people: 2 created; also created: 1 company, 1 department, 1 position (dry run: nothing was changed)
    ");
    assert_eq!(count(&board), "1");
    assert_snapshot!(board.run("user import people.csv --create-missing"), @"
    ------- stderr -------
    people: 2 created; also created: 1 company, 1 department, 1 position
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    let id = board.newest_run();
    board.run(&format!("run undo {id} --yes")).ok();
    assert_eq!(count(&board), "1");
    assert_snapshot!(board.run("company list --columns name,people"), @"
    NAME       PEOPLE
    Acme Bank  1
    ");
}

#[test]
fn json_lines_may_leave_out_what_is_empty() {
    let board = Board::new();
    let person = |email: &str, more: &str| {
        format!(
            "{{\"email\":\"{email}@x.example\",\"first_name\":\"A\",\"last_name\":\"B\",\"company\":\"Acme Bank\"{more}}}\n"
        )
    };
    let good =
        [person("ann", ""), person("bob", ",\"Handy\":\"+380671234567\",\"start_date\":\"2026-01-01\"")]
            .concat();
    board.write("good.jsonl", &good);
    board.run("user import good.jsonl --map Handy=phone").ok();
    assert_snapshot!(board.run("user list --search x.example --columns email,phone,start_date"), @"
    EMAIL          PHONE          START DATE
    ann@x.example
    bob@x.example  +380671234567  2026-01-01
    ");
    let bad = [
        "{\"first_name\":\"A\"}\n".to_owned(),
        person("cid", ",\"start_date\":\"soon\",\"end_dat\":\"2030-01-01\""),
        person("dan", ",\"E-Mail\":\"dan@x.example\""),
        person("eve", ",\"end_dat\":\"2030-01-01\""),
    ];
    board.write("bad.jsonl", bad.concat());
    assert_snapshot!(board.run("user import bad.jsonl"), @"
    ------- stderr -------
    error: refused 4 of 4 rows, so nothing was imported
      bad.jsonl:1, `email`: is not an email address: it is empty
          write it like `anna.koval@acme.example`
      bad.jsonl:1, `last_name`: is missing
          every person has one
      bad.jsonl:1, `company`: is missing
          every person has one; `--set company=NAME` says it where a row does not
      bad.jsonl:2, `end_dat`: the column `end_dat` of `bad.jsonl` is not known
          if it is meant to be `end_date`, say `--map 'end_dat=end_date'`; leave it out with `--map 'end_dat=-'`
      bad.jsonl:2, `start_date`: `soon` is not a day
          write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
      bad.jsonl:3, `E-Mail`: the columns `email` and `E-Mail` of `bad.jsonl` both mean email
          leave one out, such as with `--map 'email=-'`, or take the first that is filled with `--map 'email=email' --map 'E-Mail=email'`
      bad.jsonl:4, `end_dat`: the column `end_dat` of `bad.jsonl` is not known
          if it is meant to be `end_date`, say `--map 'end_dat=end_date'`; leave it out with `--map 'end_dat=-'`
    hint: faults: 7; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write("again.jsonl", person("fay", ""));
    assert_snapshot!(board.run("user import again.jsonl --map Handi=phone"), @"
    ------- stderr -------
    error: `again.jsonl` has no column `Handi`
    hint: it has: email, first_name, last_name, company
    [exit status: 65]
    ");
    assert_eq!(count(&board), "3");
}

#[test]
fn a_plan_is_one_document_for_programs() {
    let board = Board::new();
    board.write("people.csv", PEOPLE);
    let plan = board.run("user import people.csv --create-missing --dry-run -o json").ok().json();
    assert_eq!(plan["run"], serde_json::Value::Null);
    assert_eq!(plan["summary"]["create"], 2);
    assert_eq!(plan["also"]["companies"], 1);
    assert_eq!(plan["changes"].as_array().unwrap().len(), 5);
    let lines = board.run("user import people.csv --create-missing --dry-run -o jsonl").ok().stdout;
    assert_eq!(lines.lines().count(), 5);
    let done = board.run("user import people.csv --create-missing -o json").ok().json();
    assert_eq!(done["run"].as_str().map(str::len), Some(10));
    assert_eq!(done["changes"].as_array().map(Vec::len), Some(0), "`run show` has them");
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let board = Board::new();
    board.write(
        "people.csv",
        "E-mail;First name;Last name;Company;Department;Phone;Active\n\
         olena@;Олена;Шевченко;Acme Bnak;;12;maybe\n\
         max@globex.example;;Müller;Acme Bank;Treasury;;\n\
         ADA@acme.example;Ada;Admin;Acme Bank;;;\n\
         zoe@acme.example;Zoë\n",
    );
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: refused 4 of 4 rows, so nothing was imported
      people.csv:2, `E-mail`: `olena@` is not an email address: nothing stands after the `@`
          write it like `anna.koval@acme.example`
      people.csv:2, `Phone`: `12` is not a phone number: it does not begin with `+` and a country, and no default region is set
          write it with its country, like `+380 67 655 5564` or `+442079275444`; or say once whose numbers those without a country are: `secboard setting set site.region CODE`
      people.csv:2, `Active`: `maybe` is neither yes nor no
          write yes or no, true or false, 1 or 0; or say what the words of the column stand for: `--values 'Active:WORD=yes,WORD=no'`
      people.csv:2, `Company`: there is no company `Acme Bnak`
          did you mean `Acme Bank`? `--create-missing` makes what is missing
      people.csv:3, `First name`: is missing
          every person has one
      people.csv:3, `Department`: there is no department `Treasury` in `Acme Bank`
          `--create-missing` makes what is missing
      people.csv:4, `E-mail`: `ADA@acme.example` belongs to somebody who exists already
          `--on-existing update` changes them, `--on-existing skip` skips them
      people.csv:5, `Last name`: is missing
          every person has one
      people.csv:5, `Company`: is missing
          every person has one; `--set company=NAME` says it where a row does not
    hint: faults: 9; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    let error = board.run("user import people.csv -o json").json_error();
    assert_eq!(error["error"]["rows"][0]["line"], 2);
    assert_eq!(error["error"]["rows"][0]["column"], "E-mail");
}

#[test]
fn good_rows_alone_come_in_when_asked_for_and_a_file_has_the_rest() {
    let board = Board::new();
    board.write("people.csv", format!("{PEOPLE}bad,A,B,Acme Bank,,,,\n"));
    assert_snapshot!(board.run("user import people.csv --create-missing --partial --errors refused.csv"), @"
    ------- stderr -------
    people: 2 created, 1 refused; also created: 1 company, 1 department, 1 position
    run `[run]`; undo it with `secboard run undo [run]`
    error: left out 1 of 3 rows
      people.csv:4, `email`: `bad` is not an email address: it has no `@`
          write it like `anna.koval@acme.example`; or say once what stands behind the `@` of all: `--email-domain DOMAIN`
    hint: faults: 1, all in `refused.csv`
    [exit status: 1]
    ");
    assert_snapshot!(fs::read_to_string(board.path("refused.csv")).unwrap(), @"
    file,line,column,value,reason,advice
    people.csv,4,email,bad,is not an email address: it has no `@`,write it like `anna.koval@acme.example`; or say once what stands behind the `@` of all: `--email-domain DOMAIN`
    ");
    assert_eq!(count(&board), "3");
}

#[test]
fn ten_thousand_bad_rows_are_counted_and_twenty_shown() {
    let board = Board::new();
    let mut text = "email,first_name,last_name,company\n".to_owned();
    for row in 0..10_000 {
        writeln!(text, "bad{row},A,B,Acme Bank").unwrap();
    }
    let ran = board.run_with_input("user import -", &text);
    assert_eq!(ran.code, Some(65));
    assert!(ran.stderr.starts_with("error: refused 10000 of 10000 rows"), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("  -:").count(), 20);
}

#[test]
fn headings_are_explained_or_left_out() {
    let board = Board::new();
    board.write(
        "people.csv",
        "Mail;Vorname;last name;Company;Salary\nmax@globex.example;Max;Müller;Acme Bank;1\n",
    );
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: `people.csv`: there is no column first_name; 2 columns are not known: `Vorname`, `Salary`
    hint: say what a column is, and leave out what is not needed with `secboard user import people.csv --map 'Vorname=first_name' --ignore-unknown`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --map Vorname=first_nam"), @"
    ------- stderr -------
    error: `Vorname=first_nam` maps no column to a field
    hint: did you mean `first_name`?
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user import people.csv --map vorname=first_name --map Salary=-"), @"
    ------- stderr -------
    people: 1 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let board = Board::new();
    fs::create_dir(board.path("folder")).unwrap();
    board.write("empty.csv", "");
    board.write("header.csv", "email,first_name\n");
    board.write("wrong.csv", "email;first_name;last_name;company\na@x.example;A;B;Acme Bank\n");
    board.write(
        "old.csv",
        b"email,first_name,last_name,company\na@x.example,\xc4\xe0\xf0\xe8\xed\xe0,B,Acme Bank\n",
    );
    assert_snapshot!(board.run("user import nothing.csv"), @"
    ------- stderr -------
    error: there is no file `nothing.csv`
    hint: check the name; `-` reads standard input
    [exit status: 66]
    ");
    assert_snapshot!(board.run("user import folder"), @"
    ------- stderr -------
    error: `folder` is a directory
    hint: name a file in it
    [exit status: 66]
    ");
    assert_snapshot!(board.run("user import empty.csv"), @"
    ------- stderr -------
    error: `empty.csv` is empty
    hint: the first line names the columns, every further line is a row
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import header.csv"), @"
    ------- stderr -------
    error: `header.csv` holds column names and no rows
    hint: the first line names the columns, every further line is a row
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import wrong.csv --delimiter ,"), @"
    ------- stderr -------
    error: the header of `wrong.csv` is one column, `email;first_name;last_name;company`
    hint: the cells seem to be separated by `;`; say so with `--delimiter`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import old.csv"), @"
    ------- stderr -------
    error: line 2 of `old.csv` is not UTF-8
    hint: it looks like windows-1251; try `--encoding windows-1251`
    [exit status: 65]
    ");
    board.run("user import old.csv --encoding windows-1251").ok();
    assert!(board.run("user show a@x.example -o json").ok().stdout.contains("Дарина"));
}

#[test]
fn what_was_exported_imports_again() {
    let board = Board::new();
    board.write("people.csv", PEOPLE);
    board.run("user import people.csv --create-missing").ok();
    let before = board.run("user list -o csv").ok().stdout;
    for format in ["csv", "json", "jsonl"] {
        let exported = board.run(&format!("user list -o {format}")).ok().stdout;
        let again = board.run_with_input("user import - --on-existing update", &exported).ok();
        assert!(again.stderr.contains("3 unchanged"), "{format}: {}", again.stderr);
        let fresh = Board::new();
        fresh.run_with_input("user import - --on-existing update --create-missing", &exported).ok();
        let columns = "email,first_name,last_name,company,department,position,phone,end_date,active,color";
        let list = format!("user list -o csv --columns {columns}");
        assert_eq!(fresh.run(&list).ok().stdout, board.run(&list).ok().stdout, "{format}");
    }
    assert_eq!(board.run("user list -o csv").ok().stdout, before);
}

#[test]
fn the_template_has_every_column() {
    let board = Board::new();
    assert_snapshot!(board.run("user import --template"), @"
    email,first_name,last_name,company,department,position,phone,start_date,end_date,active,staff,superuser,two_factor_required,must_change_password,profile_completed,color,language,roles,roles_without_groups,groups,groups_by_hand
    ");
    assert_snapshot!(board.run("user import --template --accounts-only"), @"
    email,password_hash,start_date,end_date,active,staff,superuser,two_factor_required,must_change_password,profile_completed,language,roles,roles_without_groups,groups,groups_by_hand
    ");
}

#[test]
fn an_import_that_takes_access_from_many_is_held() {
    let board = Board::new();
    let mut text = "email,first_name,last_name,company\n".to_owned();
    let mut off = "email,active\n".to_owned();
    for row in 0..30 {
        writeln!(text, "p{row}@acme.example,A,B,Acme Bank").unwrap();
        writeln!(off, "p{row}@acme.example,no").unwrap();
    }
    board.write("people.csv", text);
    board.write("off.csv", off);
    board.run("user import people.csv").ok();
    let ran = board.run("user import off.csv --on-existing update -q");
    assert_snapshot!(ran, @"
    ------- stderr -------
    error: run `[run]` is held: 30 of 31 people would be able to do less than before, more than 20 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert_eq!(board.run("user list --status active --count").ok().stdout.trim(), "31");
}

#[test]
fn accounts_of_another_system_come_with_their_hashes() {
    let board = Board::new();
    board.write(
        "accounts.csv",
        "id,email,password,is_active,is_staff,is_superuser,last_login\n\
         1,old@x.example,pbkdf2_sha256$720000$c2FsdA$R3nCVkNHJKrnIUVfAHXcTSjAJqNQqI1aKYJPPwrTZ8Y=,1,0,0,\n",
    );
    board.run("user import accounts.csv --accounts-only").ok();
    assert_eq!(board.run("user show old@x.example -o json").ok().json()["has_password"], true);
    assert!(!board.run("audit list -o json").ok().stdout.contains("pbkdf2"));
    board.run("user adopt old@x.example --first-name Ann --last-name Lee --company acme-bank").ok();
}

#[test]
fn ctrl_c_leaves_nothing_half_done() {
    let board = Board::new();
    let ran = board.interrupted_import("user import - --partial --errors refused.csv");
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    assert_eq!(count(&board), "1");
    board.run("audit verify").ok();
    let left = fs::read_dir(board.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains("part")));
}

/// The workbook of `export users` is told as a whole that it is none to import, and not row by row.
#[test]
fn the_workbook_that_is_handed_out_is_no_import() {
    let board = Board::new();
    board.run("export users --output people.xlsx").ok();
    assert_snapshot!(board.run("user import people.xlsx"), @"
    ------- stderr -------
    error: `people.xlsx` has full names and no first_name and last_name: it looks like the workbook that `secboard export users` hands out
    hint: write a file that comes back with `secboard export users -o csv --output people.csv`
    [exit status: 65]
    ");
    for more in ["--on-existing update", "--partial", "--accounts-only", "--dry-run"] {
        let ran = board.run(&format!("user import people.xlsx {more}"));
        assert_eq!(ran.code, Some(65), "{more}: {ran}");
        assert!(ran.stderr.contains("hands out"), "{more}: {ran}");
    }
    board.run("export users -o csv --output people.csv").ok();
    board.run("user import people.csv --on-existing update").ok();
}

/// What was exported as it is comes back as it is.
#[test]
fn raw_goes_both_ways() {
    let board = Board::new();
    board.write("people.csv", "email,first_name,last_name,company\nann@x.example,Ann,Lee,'=HQ\n");
    board.run("user import people.csv --create-missing --raw").ok();
    let exported = board.run("export users -o csv --raw --output -").ok().stdout;
    assert!(exported.contains(",'=HQ,"), "{exported}");
    board.write("exported.csv", &exported);
    assert_snapshot!(board.run("user import exported.csv --raw --on-existing update"), @"
    ------- stderr -------
    no change; people: 2 unchanged
    ");
}

/// A fault stands under the column it comes from, where several could be meant.
#[test]
fn a_fault_stands_under_its_own_column() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,first_name,last_name,company,groups,groups_by_hand,start_date,end_date\n\
        ann@x.example,Ann,Lee,Acme Bank,,Nobody,,\n\
        bob@x.example,Bob,Lee,Acme Bank,Nobody,,,\n",
    );
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: refused 2 of 2 rows, so nothing was imported
      people.csv:2, `groups_by_hand`: there is no group `Nobody`
          see them with `secboard group list`
      people.csv:3, `groups`: there is no group `Nobody`
          see them with `secboard group list`
    hint: faults: 2; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}
