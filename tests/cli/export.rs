//! `secboard export`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use crate::harness::Board;

/// A board with somebody whose name is a formula.
fn board() -> Board {
    let board = Board::new();
    let new = "user create --email max@acme.example --first-name =1+1 --last-name Müller --company acme-bank";
    board.run(&format!("{new} --phone +380671234567 --end-date 2030-12-31")).ok();
    board
}

fn text(board: &Board, file: &str) -> String {
    fs::read_to_string(board.path(file)).unwrap()
}

#[test]
fn the_name_of_the_file_says_what_is_written() {
    let board = board();
    assert_snapshot!(board.run("export users --output people.csv --columns full_name,email,phone,end_date"), @"
    ------- stderr -------
    wrote 2 people to `people.csv`
    ");
    assert_snapshot!(text(&board, "people.csv"), @"
    full_name,email,phone,end_date
    Ada Admin,ada@acme.example,,
    '=1+1 Müller,max@acme.example,+380671234567,2030-12-31
    ");
    assert_snapshot!(board.run("export users --search müller --output people.json --columns id,email"), @"
    ------- stderr -------
    wrote 1 person to `people.json`
    ");
    assert_snapshot!(text(&board, "people.json"), @r#"
    [
    {"id":2,"email":"max@acme.example"}
    ]
    "#);
    board.run("export users --output people.jsonl --columns email --sort email:desc -q").ok();
    assert_snapshot!(text(&board, "people.jsonl"), @r#"
    {"email":"max@acme.example"}
    {"email":"ada@acme.example"}
    "#);
    assert_snapshot!(board.run("export users --output people.xlsx"), @"
    ------- stderr -------
    wrote 2 people to `people.xlsx`
    ");
    assert!(fs::read(board.path("people.xlsx")).unwrap().starts_with(b"PK\x03\x04"));
}

#[test]
fn a5_a_file_is_its_owners_alone_and_cells_are_no_formulas() {
    let board = board();
    for file in ["people.csv", "people.json", "people.jsonl", "people.xlsx"] {
        board.run(&format!("export users --output {file} -q")).ok();
        let mode = fs::metadata(board.path(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    assert!(text(&board, "people.csv").contains("'=1+1"));
    assert_snapshot!(board.run("audit list --action export --limit 1 -o jsonl --columns action,subject,after"), @r#"{"action":"export.users","subject":"people.xlsx","after":{"format":"xlsx","people":2}}"#);
}

#[test]
fn standard_output_takes_every_format() {
    let board = board();
    assert_snapshot!(board.run("export users -o csv --raw --columns full_name,email"), @"
    full_name,email
    Ada Admin,ada@acme.example
    =1+1 Müller,max@acme.example
    ------- stderr -------
    wrote 2 people to standard output
    ");
    assert_snapshot!(board.run("export users --output - -o jsonl --columns email"), @r#"
    {"email":"ada@acme.example"}
    {"email":"max@acme.example"}
    ------- stderr -------
    wrote 2 people to standard output
    "#);
    assert_snapshot!(board.run("export users --output - -o json --columns email --search nobody-at-all"), @"
    []
    ------- stderr -------
    wrote 0 people to standard output
    ");
    let workbook = board.command("export users --output -").output().unwrap();
    assert!(workbook.status.success() && workbook.stdout.starts_with(b"PK\x03\x04"));
}

#[test]
fn a_dry_run_writes_nothing() {
    let board = board();
    assert_snapshot!(board.run("export users --output people.csv --dry-run"), @"
    ------- stderr -------
    wrote 2 people to `people.csv` (dry run: nothing was changed)
    ");
    assert!(!board.path("people.csv").exists());
}

#[test]
fn what_cannot_be_written_is_refused_and_a_file_of_before_stays() {
    let board = board();
    board.write("people.xlsx", "of before");
    assert_snapshot!(board.run("export users --output people.ods"), @"
    ------- stderr -------
    error: `people.ods` does not say in which format to write
    hint: let it end in .xlsx, .csv, .json or .jsonl, or say which with `--format`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("export users --output people.json --columns 'User name=email'"), @"
    ------- stderr -------
    error: JSON has the names of the fields and no headings
    hint: name the fields alone, or take `-o csv` or `xlsx`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("export users -o table"), @"
    ------- stderr -------
    error: an export is no table on a screen
    hint: take `-o xlsx`, `csv`, `json` or `jsonl`, or print a table with `secboard user list`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("export users --company Globex --output people.xlsx"), @"
    ------- stderr -------
    error: there is no company `Globex`
    hint: make it with `secboard company create 'Globex'`, or see those there are with `secboard company list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("export users --output nowhere/people.csv"), @"
    ------- stderr -------
    error: cannot create `nowhere/people.csv`
      because: No such file or directory (os error 2)
    hint: check that its directory exists and may be written
    [exit status: 73]
    ");
    assert_snapshot!(board.run("export users --output people.csv --columns emial"), @"
    ------- stderr -------
    error: there is no column `emial`
    hint: did you mean `email`? the columns are id, email, first_name, last_name, full_name, phone, company, department, position, active, status, login_allowed, inactive_reasons, start_date, end_date, employment, staff, superuser, profile_completed, origin, directory_connection, directory_guid, directory_disabled, directory_expires_at, directory_missing_since, directory_seen_at, two_factor_required, two_factor_enrolled, backup_codes_left, must_change_password, has_password, invited, color, language, roles, roles_without_groups, groups, groups_by_hand, groups_by_directory, last_login_at, password_changed_at, created_at, updated_at
    [exit status: 2]
    ");
    assert_eq!(text(&board, "people.xlsx"), "of before");
    assert!(!board.path("people.csv").exists());
}

/// A board with a group that grants something, a role that brings it, and somebody who holds the role.
fn board_with_access() -> Board {
    let board = Board::new();
    for command in [
        "group create 'Risk Managers' --company acme-bank --color #1a237e",
        "group grant 'Risk Managers' risk.view_report risk.edit_report --company acme-bank",
        "role create CISO --group 'Risk Managers' --module risk",
        "user create --email olena@acme.example --first-name Олена --last-name Шевченко --company acme-bank --role ciso",
    ] {
        board.run(command).ok();
    }
    board
}

#[test]
fn roles_groups_and_grants_are_exported() {
    let board = board_with_access();
    assert_snapshot!(board.run("export roles -o csv --columns name,slug,groups,modules,holders"), @"
    name,slug,groups,modules,holders
    CISO,ciso,Risk Managers@Acme Bank,risk,1
    ------- stderr -------
    wrote 1 role to standard output
    ");
    assert_snapshot!(board.run("export groups -o csv --columns name,company,members,roles,grants"), @"
    name,company,members,roles,grants
    Risk Managers,Acme Bank,1,ciso,2
    ------- stderr -------
    wrote 1 group to standard output
    ");
    assert_snapshot!(board.run("export permissions -o csv"), @"
    group,company,module,permission,grant_company
    Risk Managers,Acme Bank,risk,risk.view_report,Acme Bank
    Risk Managers,Acme Bank,risk,risk.edit_report,Acme Bank
    ------- stderr -------
    wrote 2 grants to standard output
    ");
    assert_snapshot!(board.run("export permissions --output permissions.xlsx"), @"
    ------- stderr -------
    wrote 2 grants to `permissions.xlsx`
    ");
    assert_snapshot!(board.run("export roles --output roles.xlsx"), @"
    ------- stderr -------
    wrote 1 role to `roles.xlsx`
    ");
}

#[test]
fn who_has_what_is_exported_with_where_it_comes_from() {
    let board = board_with_access();
    assert_snapshot!(board.run("export access --search olena -o csv"), @"
    email,full_name,company,superuser,module,permission,permission_company,via
    olena@acme.example,Олена Шевченко,Acme Bank,no,risk,risk.view_report,Acme Bank,Risk Managers@Acme Bank for Acme Bank (role:ciso)
    olena@acme.example,Олена Шевченко,Acme Bank,no,risk,risk.edit_report,Acme Bank,Risk Managers@Acme Bank for Acme Bank (role:ciso)
    ------- stderr -------
    wrote 1 person to standard output
    ");
    assert_snapshot!(board.run("export access --search olena --output access.jsonl"), @"
    ------- stderr -------
    wrote 1 person to `access.jsonl`
    ");
    assert_snapshot!(text(&board, "access.jsonl"), @r#"
    {"email":"olena@acme.example","full_name":"Олена Шевченко","company":"Acme Bank","superuser":false,"module":"risk","permission":"risk.view_report","permission_company":"Acme Bank","via":[{"group":"Risk Managers@Acme Bank","grant_company":"Acme Bank","origins":["role:ciso"]}]}
    {"email":"olena@acme.example","full_name":"Олена Шевченко","company":"Acme Bank","superuser":false,"module":"risk","permission":"risk.edit_report","permission_company":"Acme Bank","via":[{"group":"Risk Managers@Acme Bank","grant_company":"Acme Bank","origins":["role:ciso"]}]}
    "#);
    assert_snapshot!(board.run("export access --output access.xlsx --dry-run"), @"
    ------- stderr -------
    wrote 2 people to `access.xlsx` (dry run: nothing was changed)
    ");
    assert!(!board.path("access.xlsx").exists());
    assert_snapshot!(board.run("export access --output access.xlsx"), @"
    ------- stderr -------
    wrote 2 people to `access.xlsx`
    ");
    assert_snapshot!(board.run("audit list --action export --limit 1 -o jsonl --columns action,subject,after"), @r#"{"action":"export.access","subject":"access.xlsx","after":{"format":"xlsx","people":2}}"#);
}

/// Another program finds what it looks for: headings of its own, and whether somebody is kept out in the place of let in.
#[test]
fn columns_are_called_as_another_program_wants_them() {
    let board = board();
    let columns = "--columns 'User name=email,Name=full_name,Block sign in=!active'";
    assert_snapshot!(board.run(&format!("export users -o csv --output - {columns}")), @"
    User name,Name,Block sign in
    ada@acme.example,Ada Admin,No
    max@acme.example,'=1+1 Müller,No
    ------- stderr -------
    wrote 2 people to standard output
    ");
    board.run(&format!("export users --output upload.xlsx {columns}")).ok();
    let back = "user import upload.xlsx --on-existing update --map 'User name=email' --map Name=full_name \
        --map 'Block sign in=active' --values 'Block sign in:Yes=no,No=yes' --dry-run";
    let back = board.run(back).ok();
    assert!(back.stderr.contains("2 unchanged"), "{back}");
}
