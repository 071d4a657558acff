//! `secboard user import` of files as other systems write them.

use std::fs;

use insta::assert_snapshot;

use crate::harness::Board;

const ENTRA: &str = "\u{feff}userPrincipalName,displayName,surname,mail,givenName,jobTitle,department,accountEnabled,telephoneNumber,mobile,city\n\
    nora@acme.example,Nora Lindqvist,Lindqvist,nora.l@acme.example,Nora,Analyst,Treasury,True,,+46 70 555 01 01,Stockholm\n\
    otto@acme.example,Otto Brandt,Brandt,,Otto,Teller,Branches,False,+49 40 5550102,,Hamburg\n\
    scanner@acme.example,Scanner,,,,,,True,,,\n";

#[test]
fn all_that_is_wrong_with_the_headings_is_told_at_once_with_the_command_that_comes_next() {
    let board = Board::new();
    board.write(
        "people.csv",
        "Vorname;last name;Work mail;Salary;suspended\nMax;Müller;max@x.example;1;False\n",
    );
    assert_snapshot!(board.run("user import people.csv --on-existing skip"), @"
    ------- stderr -------
    error: `people.csv`: people are known by their email, and no column is email; there is no column first_name, company; 4 columns are not known: `Vorname`, `Work mail`, `Salary`, `suspended`
    hint: say what a column is, and leave out what is not needed with `secboard user import people.csv --on-existing skip --map 'Vorname=first_name' --map 'Work mail=email' --map 'suspended=active' --values 'suspended:True=no,False=yes' --set company=NAME --ignore-unknown`
    [exit status: 65]
    ");
    board.write("nobody.csv", "Name,City\nAnn Lee,Kyiv\n");
    assert_snapshot!(board.run("user import nobody.csv"), @"
    ------- stderr -------
    error: `nobody.csv`: people are known by their email, and no column is email; there is no column first_name, last_name, company; 2 columns are not known: `Name`, `City`
    hint: say what a column is, and leave out what is not needed with `secboard user import nobody.csv --map 'Name=full_name' --map 'HEADING=email' --set company=NAME --ignore-unknown`
    [exit status: 65]
    ");
    board.write(
        "secret.csv",
        "email,first_name,last_name,company,Kennwort\na@x.example,A,B,Acme Bank,lantern\n",
    );
    assert_snapshot!(board.run("user import secret.csv"), @"
    ------- stderr -------
    error: `secret.csv`: the column `Kennwort` holds passwords
    hint: passwords are not imported: `--invite` sends new people a link to choose their own, and `--accounts-only` imports accounts with their hashes; say what a column is, and leave out what is not needed with `secboard user import secret.csv --ignore-unknown`
    [exit status: 65]
    ");
}

#[test]
fn a_profile_reads_the_export_of_its_system() {
    let board = Board::new();
    board.write("users.csv", ENTRA);
    assert_snapshot!(board.run("user import users.csv"), @"
    ------- stderr -------
    error: `users.csv`: there is no column company; the columns `telephoneNumber` and `mobile` both mean phone; 3 columns are not known: `userPrincipalName`, `displayName`, `city`
    hint: say what a column is, and leave out what is not needed with `secboard user import users.csv --profile entra --set company=NAME --create-missing`
    [exit status: 65]
    ");
    assert_snapshot!(
        board.run("user import users.csv --profile entra --set company='Acme Bank' --create-missing --partial --dry-run"),
        @"
    + department Treasury  name=Treasury, company=Acme Bank
    + position Analyst  name=Analyst, department=Treasury, company=Acme Bank
    + user nora.l@acme.example  first_name=Nora, last_name=Lindqvist, phone=+46705550101, company=Acme Bank, department=Treasury, position=Analyst, active=yes
    + department Branches  name=Branches, company=Acme Bank
    + position Teller  name=Teller, department=Branches, company=Acme Bank
    + user otto@acme.example  first_name=Otto, last_name=Brandt, phone=+49405550102, company=Acme Bank, department=Branches, position=Teller, active=no
    ------- stderr -------
    left out of `users.csv`: displayName, city
    nothing in `users.csv` says: start_date, end_date, roles, groups
    people: 2 created, 1 refused; also created: 2 departments, 2 positions (dry run: nothing was changed)
    error: left out 1 of 3 rows
      users.csv:4, `givenName`: is missing
          every person has one
      users.csv:4, `surname`: is missing
          every person has one
    hint: faults: 2; `--errors FILE` writes them all to a file
    [exit status: 1]
    "
    );
    let columns = "email,first_name,phone,active,company";
    board.run("user import users.csv --profile entra --set company='Acme Bank' --create-missing --partial");
    assert_eq!(
        board.shown("nora.l@acme.example", columns),
        "nora.l@acme.example,Nora,+46705550101,yes,Acme Bank"
    );
    assert_eq!(board.shown("otto@acme.example", columns), "otto@acme.example,Otto,+49405550102,no,Acme Bank");
}

#[test]
fn a8_the_rights_of_another_system_are_none_here_unless_somebody_says_so() {
    let board = Board::new();
    board.run("group create Staff").ok();
    board.write(
        "okta.csv",
        "login,firstName,lastName,email,organization,groups,is_superuser,is_staff\n\
            mona@acme.example,Mona,Hale,mona@acme.example,Acme Bank,Staff,yes,yes\n",
    );
    for how in ["--profile okta", "--map firstName=first_name --map organization=company --ignore-unknown"] {
        let ran = board.run(&format!("user import okta.csv {how} --dry-run")).ok();
        assert!(ran.stderr.contains("groups, is_superuser, is_staff"), "they are named: {ran}");
        assert!(!ran.stdout.contains("superuser=") && !ran.stdout.contains("groups="), "{ran}");
    }
    board.run("user import okta.csv --profile okta --map groups=groups").ok();
    let mona = board.run("user show mona@acme.example -o json").json();
    assert_eq!((&mona["superuser"], &mona["staff"]), (&false.into(), &false.into()));
    assert_eq!(mona["groups"][0]["name"], "Staff");
    // What a row takes by its groups is told, as of every change.
    board.run("group grant Staff reviews.run --all-companies").ok();
    board.run("group create Desk").ok();
    board.write("moved.csv", "email,groups\nmona@acme.example,Desk\n");
    let ran = board.run("user import moved.csv --on-existing update --yes").ok();
    assert!(ran.stderr.contains("1 person may do less than before"), "{ran}");
}

#[test]
fn a_file_of_options_holds_what_is_typed_each_time() {
    let board = Board::new();
    board.write(
        "hr.toml",
        "ignore_unknown = true\ndate_format = \"dmy\"\n\
        [map]\nfull_name = \"Name\"\nemail = [\"Work mail\", \"Mail\"]\nend_date = \"Austritt\"\nactive = \"Status\"\n\
        [values.Status]\nAktiv = \"yes\"\nAusgeschieden = \"no\"\n[set]\ncompany = \"Acme Bank\"\n",
    );
    board.write(
        "hr.csv",
        "sep=;\nName;Mail;Work mail;Austritt;Status;Salary\n\
        \"van Dyk, Anna\";anna@home.example;anna@x.example;31.12.2030;Aktiv;1\n\
        Otto de Boer;otto@x.example;;1 Mar 2031 00:00;ausgeschieden;2\n",
    );
    assert_snapshot!(board.run("user import hr.csv --options-from hr.toml"), @"
    ------- stderr -------
    left out of `hr.csv`: Salary
    people: 2 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    let columns = "first_name,last_name,end_date,active";
    assert_eq!(board.shown("anna@x.example", columns), "Anna,van Dyk,2030-12-31,yes");
    assert_eq!(board.shown("otto@x.example", columns), "Otto,de Boer,2031-03-01,no");
    board.write("wrong.toml", "[map]\nemial = \"Mail\"\n");
    assert_snapshot!(board.run("user import hr.csv --options-from wrong.toml"), @"
    ------- stderr -------
    error: the options in `wrong.toml` are not understood: there is no field `emial`
    hint: see what such a file may say with `secboard user import --show-profile entra`
    [exit status: 65]
    ");
    let shown = board.run("user import --show-profile okta").ok().stdout;
    board.write("okta.toml", &shown);
    assert!(shown.contains("[map]"));
}

#[test]
fn the_opposite_of_active_is_not_taken_for_it() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,first_name,last_name,company,Block sign in\na@x.example,A,B,Acme Bank,Yes\n",
    );
    assert_snapshot!(board.run("user import people.csv --map 'Block sign in=active'"), @"
    ------- stderr -------
    error: the column `Block sign in` of `people.csv` sounds like the opposite of active
    hint: say what its words mean: `--map 'Block sign in=active' --values 'Block sign in:True=no,False=yes'`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import people.csv --map 'Block sign in=active' --values 'Block sign in:No=yes'"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:2, `Block sign in`: `Yes` is none of the words that `--values` lists for the column
          listed are: no; list this one too
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board
        .run("user import people.csv --map 'Block sign in=active' --values 'Block sign in:No=yes,Yes=no'")
        .ok();
    assert_eq!(board.shown("a@x.example", "active"), "no");
}

#[test]
fn words_dates_lists_and_phones_say_what_would_help() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,first_name,last_name,company,position,phone,end_date,groups,superuser\n\
        a@x.example,A,B,Acme Bank,Teller,040 5550102,31.12.2030,\"One, Two\",maybe\n",
    );
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:2, `phone`: `040 5550102` is not a phone number: it does not begin with `+` and a country, and no default region is set
          write it with its country, like `+380 67 655 5564` or `+442079275444`; or say once whose numbers those without a country are: `secboard setting set site.region CODE`
      people.csv:2, `end_date`: `31.12.2030` is not a day
          write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`; or say in which order days are written: `--date-format dmy`, `mdy` or `ymd`
      people.csv:2, `superuser`: `maybe` is neither yes nor no
          write yes or no, true or false, 1 or 0; or say what the words of the column stand for: `--values 'superuser:WORD=yes,WORD=no'`
      people.csv:2, `position`: there is no position `Teller` in `Acme Bank`
          a position belongs to a department: name the department in the same row, or once for all with `--set department=NAME`
    hint: faults: 4; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    board.write(
        "short.csv",
        "email,first_name,last_name,company,end_date\na@x.example,A,B,Acme Bank,31.12.30\n",
    );
    assert_snapshot!(board.run("user import short.csv --date-format dmy"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      short.csv:2, `end_date`: `31.12.30` is not a day: its year has two digits only
          write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

#[test]
fn a_row_that_repeats_another_is_passed_over_and_counted() {
    let board = Board::new();
    board.write(
        "members.csv",
        "Name,Email,Path\nNora Lindqvist,nora@x.example,a\nNora Lindqvist,nora@x.example,a/b\nNora Lind,nora@x.example,c\n",
    );
    let import = "user import members.csv --map Name=full_name --set company='Acme Bank' --ignore-unknown";
    assert_snapshot!(board.run(&format!("{import} --partial")), @"
    ------- stderr -------
    left out of `members.csv`: Path
    1 row repeats another and was passed over
    people: 1 created, 1 refused
    run `[run]`; undo it with `secboard run undo [run]`
    error: left out 1 of 3 rows
      members.csv:4, `Email`: `nora@x.example` stands on line 2 already, with other values
          keep one of the two rows, or leave out the columns in which they differ
    hint: faults: 1; `--errors FILE` writes them all to a file
    [exit status: 1]
    ");
    assert_eq!(board.shown("nora@x.example", "full_name"), "Nora Lindqvist");
}

#[test]
fn a11_json_of_other_systems_is_read_and_nobody_looks_into_what_is_left_out() {
    let board = Board::new();
    let hash = "pbkdf2_sha256$600000$kept$kept=";
    board.write(
        "django.json",
        format!(
            "[{{\"pk\": 1, \"fields\": {{\"password\": \"{hash}\", \"email\": \"nora@x.example\", \"first_name\": \"Nora\", \
            \"last_name\": \"Lee\", \"groups\": [[\"a\"]], \"is_active\": false}}}}]"
        ),
    );
    let whole = r#"{"email": "a@x.example", "first_name": "A", "last_name": "B", "company": "Acme Bank"}"#;
    let first = fs::read_to_string(board.path("django.json")).unwrap();
    board.write("mixed.json", first.replace("}]", &format!("}}, {whole}]")));
    let ran = board.run("user import mixed.json --map pk=- --map fields=- --errors e.csv");
    assert!(!ran.to_string().contains("kept"), "{ran}");
    assert!(!fs::read_to_string(board.path("e.csv")).unwrap().contains("kept"));
    let ran = board.run("user import django.json");
    assert!(!ran.to_string().contains("kept"), "{ran}");
    assert_snapshot!(board.run("user import django.json --ignore-unknown --set company='Acme Bank' \
        --map fields.email=email --map fields.first_name=first_name --map fields.last_name=last_name --map fields.is_active=active"), @"
    ------- stderr -------
    left out of `django.json`: pk, fields.password, fields.groups
    people: 1 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(board.shown("nora@x.example", "first_name,active"), "Nora,no");
    board.write(
        "cloud.json",
        "{\"otto\": {\"display_name\": \"Otto Brandt\", \"email\": \"otto@x.example\"}}",
    );
    board
        .run("user import cloud.json --ignore-unknown --set company='Acme Bank' --map display_name=full_name")
        .ok();
    assert_eq!(board.shown("otto@x.example", "last_name"), "Brandt");
}

/// Of two columns of one name the right one is taken by its number; in columns that nobody reads they are no fault.
#[test]
fn one_of_two_equal_headings_is_chosen_by_its_number() {
    let board = Board::new();
    let header = "Mail,First Name,Last Name,Company,Mail,Note,Note";
    board.write("people.csv", format!("{header}\nold@x.example,Ann,Lee,Acme Bank,ann@x.example,1,2\n"));
    assert_snapshot!(board.run("user import people.csv"), @"
    ------- stderr -------
    error: `people.csv`: the columns `Mail#1` and `Mail#2` both mean email; 2 columns are not known: `Note#1`, `Note#2`
    hint: say what a column is, and leave out what is not needed with `secboard user import people.csv --map 'Mail#1=email' --map 'Mail#2=email' --ignore-unknown`
    [exit status: 65]
    ");
    let note = "--map Note=-";
    assert_snapshot!(board.run(&format!("user import people.csv --map Mail=email {note}")), @"
    ------- stderr -------
    error: the columns `Mail#1` and `Mail#2` of `people.csv` both mean email
    hint: leave one out, such as with `--map 'Mail#1=-'`, or take the first that is filled with `--map 'Mail#1=email' --map 'Mail#2=email'`
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("user import people.csv --map 'Mail#3=email' {note}")), @"
    ------- stderr -------
    error: `people.csv` has no column `Mail#3`
    hint: it has: Mail#1, First Name, Last Name, Company, Mail#2, Note#1, Note#2
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("user import people.csv --map 'Mail#2=email' {note}")), @"
    ------- stderr -------
    left out of `people.csv`: Mail#1
    people: 1 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(board.shown("ann@x.example", "first_name"), "Ann");
}

/// Whoever was chosen by number is stronger than what a profile says of the heading: an empty cell is no reason to take the
/// address of another column of its like.
#[test]
fn one_that_is_chosen_by_its_number_is_alone_with_a_profile_too() {
    let board = Board::new();
    board.write(
        "ad.csv",
        "mail,givenName,sn,company,mail,sAMAccountName,userPrincipalName\n\
        old@x.example,Ann,Lee,Acme Bank,,ann,ann@corp.x.example\n",
    );
    assert_snapshot!(board.run("user import ad.csv --map 'Mail#2=email' --profile ad"), @"
    ------- stderr -------
    left out of `ad.csv`: mail#1, sAMAccountName
    people: 1 created
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_eq!(board.shown("ann@corp.x.example", "first_name"), "Ann");
}

#[test]
fn a_path_of_departments_is_found_or_made() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,first_name,last_name,company,department\n\
        a@x.example,A,B,Acme Bank,Finance > Treasury\nb@x.example,A,B,Acme Bank,Finance > Treasury > Desk\n",
    );
    let import = "user import people.csv --department-separator ' > '";
    assert_snapshot!(board.run(&format!("{import} --create-missing")), @"
    ------- stderr -------
    people: 2 created; also created: 3 departments
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(board.run("department list --columns name,parent"), @"
    NAME      PARENT
    Desk      Treasury
    Finance
    Treasury  Finance
    ");
    board.write(
        "other.csv",
        "email,first_name,last_name,company,department\nc@x.example,A,B,Acme Bank,Sales > Desk\n",
    );
    assert_snapshot!(board.run("user import other.csv --department-separator / --create-missing --dry-run"), @"
    + department Sales > Desk  name=Sales > Desk, company=Acme Bank
    + user c@x.example  first_name=A, last_name=B, company=Acme Bank, department=Sales > Desk, active=yes
    ------- stderr -------
    people: 1 created; also created: 1 department (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user import other.csv --department-separator '>' --create-missing"), @"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      other.csv:2, `department`: `Desk` lies in `Treasury`, not in `Sales`
          write the path as the store has it, or move the department first
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}

#[test]
fn an_empty_cell_clears_what_it_is_said_to_clear() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,first_name,last_name,company,phone\nann@x.example,Ann,Lee,Acme Bank,+380671234567\n",
    );
    board.run("user import people.csv").ok();
    board.write("again.csv", "email,phone\nann@x.example,\n");
    assert_snapshot!(board.run("user import again.csv --on-existing update"), @"
    ------- stderr -------
    no change; people: 1 unchanged
    ");
    assert_snapshot!(board.run("user import again.csv --on-existing update --clear phone --dry-run"), @"
    ~ user ann@x.example  phone: +380671234567 → none
    ------- stderr -------
    people: 1 changed (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user import again.csv --clear email"), @"
    ------- stderr -------
    error: `email` is no field that can be cleared
    hint: these can: department, position, phone, start_date, end_date, color, language, roles, roles_without_groups, groups, groups_by_hand
    [exit status: 2]
    ");
}

#[test]
fn what_a_directory_writes_is_called_by_its_name() {
    let board = Board::new();
    board.write("people.txt", "version: 1\n\ndn: uid=nora,dc=acme\nmail: nora@x.example\n");
    assert_snapshot!(board.run("user import people.txt"), @"
    ------- stderr -------
    error: `people.txt` is LDIF, the entries of a directory one attribute a line, and no table
    hint: write the people as CSV: in Active Directory `csvde -u -f people.csv -r '(objectCategory=person)' -l givenName,sn,mail,company,department,title,userAccountControl,accountExpires`, elsewhere one row for each entry under the names of its attributes
    [exit status: 65]
    ");
    board.write("names.csv", "email,first_name,last_name,company\nnlindqvi,Nora,Lindqvist,Acme Bank\n");
    board.run("user import names.csv --email-domain acme.example").ok();
    assert_eq!(board.shown("nlindqvi@acme.example", "last_name"), "Lindqvist");
}

/// A heading or a cell with a line break does not break the line that tells of it.
#[test]
fn headings_and_cells_are_told_in_one_line() {
    let board = Board::new();
    board.write(
        "people.csv",
        "email,first_name,last_name,company,\"start\ndate\"\na@x.example,A,B,Acme Bank,\"so\non\"\n",
    );
    assert_snapshot!(board.run("user import people.csv"), @r#"
    ------- stderr -------
    error: refused 1 of 1 rows, so nothing was imported
      people.csv:3, `start date`: `so\non` is not a day
          write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    "#);
}

/// Who is switched off by either of two columns is switched off, whichever is named first.
#[test]
fn of_two_columns_that_say_who_is_active_one_no_counts() {
    let board = Board::new();
    board.write(
        "two.csv",
        "email,first_name,last_name,company,Disabled,Deleted\n\
         a@acme.example,A,A,Acme Bank,no,no\n\
         b@acme.example,B,B,Acme Bank,no,yes\n\
         c@acme.example,C,C,Acme Bank,yes,no\n\
         d@acme.example,D,D,Acme Bank,,yes\n",
    );
    let turned = |name: &str| format!("--map {name}=active --values {name}:yes=no,no=yes");
    for (first, second) in [("Disabled", "Deleted"), ("Deleted", "Disabled")] {
        let run = format!("user import two.csv --on-existing update {} {}", turned(first), turned(second));
        board.run(&format!("{run} --yes")).ok();
        let is_active = |name: &str| board.shown(&format!("{name}@acme.example"), "active");
        assert_eq!(["a", "b", "c", "d"].map(is_active), ["yes", "no", "no", "no"], "{first} first");
    }
    board.write("de.csv", "email,first_name,last_name,company,Aktiv\ne@acme.example,E,E,Acme Bank,nein\n");
    let told = board.run("user import de.csv --ignore-unknown --dry-run").ok().stderr;
    assert!(told.contains("who is switched off may stand in: Aktiv"), "{told}");
}
