use insta::assert_snapshot;

use super::people;
use crate::harness::Board;

#[test]
fn a_person_is_made_and_shown() {
    let board = people();
    let zoe = r#"user create --email Zoe.OBrien@Acme.Example --first-name Zoë --last-name "O'Brien" --company 'ACME bank'"#;
    let place = "--department treasury --position dealer --phone '+380 67 655-55-64' --color '#4477AA'";
    let facts = "--start-date 2026-01-15 --end-date never --language uk --staff --two-factor-required";
    assert_snapshot!(board.run(&format!("{zoe} {place} {facts}")), @"
    ------- stderr -------
    created user `Zoe.OBrien@Acme.Example`, id 5
    ");
    assert_snapshot!(board.run("user show zoe.obrien@acme.example"), @"
    ID                    5
    EMAIL                 Zoe.OBrien@Acme.Example
    FIRST NAME            Zoë
    LAST NAME             O'Brien
    FULL NAME             Zoë O'Brien
    PHONE                 +380676555564
    COMPANY               Acme Bank
    DEPARTMENT            Treasury
    POSITION              Dealer
    ACTIVE                yes
    STATUS                active
    LOGIN ALLOWED         no
    START DATE            2026-01-15
    EMPLOYMENT            current
    STAFF                 yes
    SUPERUSER             no
    PROFILE COMPLETED     no
    ORIGIN                local
    TWO FACTOR REQUIRED   yes
    TWO FACTOR ENROLLED   no
    MUST CHANGE PASSWORD  no
    HAS PASSWORD          no
    COLOR                 #4477aa
    LANGUAGE              uk
    CREATED AT            [time]
    UPDATED AT            [time]
    ------- stderr -------
    in no group
    ");
}

#[test]
fn a_program_gets_the_person_as_json() {
    let board = Board::new();
    assert_snapshot!(board.run(r#"user create --email zoe@acme.example --first-name Zoë --last-name "O'Brien" --company acme-bank --inactive -o json"#), @r#"
    {"id":2,"email":"zoe@acme.example","first_name":"Zoë","last_name":"O'Brien","full_name":"Zoë O'Brien","phone":null,"company":"Acme Bank","department":null,"position":null,"active":false,"status":"inactive","login_allowed":false,"inactive_reasons":["the administrator's switch is off"],"start_date":null,"end_date":null,"employment":"none","staff":false,"superuser":false,"profile_completed":false,"origin":"local","directory_connection":null,"directory_guid":null,"directory_disabled":null,"directory_expires_at":null,"directory_missing_since":null,"directory_seen_at":null,"two_factor_required":false,"two_factor_enrolled":false,"backup_codes_left":null,"must_change_password":false,"has_password":false,"invited":null,"color":null,"language":null,"roles":[],"roles_without_groups":[],"groups":[],"groups_by_hand":[],"groups_by_directory":[],"last_login_at":null,"password_changed_at":null,"created_at":"[time]","updated_at":"[time]"}
    ------- stderr -------
    created user `zoe@acme.example`, id 2
    "#);
    assert_snapshot!(board.run("user create --email max@acme.example --first-name Max --last-name M --company acme-bank --columns id,email --quiet"), @"
    ID     3
    EMAIL  max@acme.example
    ");
}

#[test]
fn what_is_missing_is_asked_for_on_a_terminal_alone() {
    let board = Board::new();
    assert_snapshot!(board.run("user create --no-input"), @"
    ------- stderr -------
    error: the email is missing, and there is no terminal to ask on
    hint: give `--email`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user create --email zoe@acme.example --no-input"), @"
    ------- stderr -------
    error: the first name is missing, and there is no terminal to ask on
    hint: give `--first-name`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user create --email zoe@acme.example --first-name Zoë --last-name O --no-input"), @"
    ------- stderr -------
    error: the company is missing, and there is no terminal to ask on
    hint: give `--company`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user create --email zoe@acme.example --first-name Zoë --last-name O"), @"
    ------- stderr -------
    error: the company is missing, and there is no terminal to ask on
    hint: give `--company`
    [exit status: 2]
    ");
}

#[test]
fn the_same_email_in_another_letter_case_is_the_same_person() {
    let board = people();
    let again = "user create --email OLENA@Acme.Example --first-name O --last-name S --company acme-bank";
    assert_snapshot!(board.run(again), @"
    ------- stderr -------
    error: there is a user `olena@acme.example` already
    hint: add `--if-absent` if that is all right, or see who it is with `secboard user show 'olena@acme.example'`
    [exit status: 73]
    ");
    assert_snapshot!(board.run(&format!("{again} --if-absent")), @"
    ------- stderr -------
    no change: there is a user `olena@acme.example` already
    ");
}

#[test]
fn values_that_break_a_rule_are_refused_with_how_to_write_them() {
    let board = Board::new();
    let zoe =
        |more: &str| board.run(&format!("user create --email zoe@acme.example --company acme-bank {more}"));
    assert_snapshot!(board.run("user create --email zoe.acme.example --first-name Z --last-name O --company acme-bank"), @"
    ------- stderr -------
    error: `zoe.acme.example` is not an email address: it has no `@`
    hint: write it like `anna.koval@acme.example`
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name Z --last-name O --phone 0676555564"), @"
    ------- stderr -------
    error: `0676555564` is not a phone number: it does not begin with `+` and a country, and no default region is set
    hint: write it with its country, like `+380 67 655 5564` or `+442079275444`
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name Z --last-name O --color red"), @"
    ------- stderr -------
    error: `red` is not a colour: it must be `#` and six digits 0-9 a-f
    hint: write it like `'#ffcc00'`, in quotes, for a shell reads a bare # as a comment
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name Z --last-name O --start-date 31.12.2026"), @"
    ------- stderr -------
    error: `31.12.2026` is not a day
    hint: write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name Z --last-name O --start-date 2026-02-30"), @"
    ------- stderr -------
    error: `2026-02-30` is not a day: that month has 28 days
    hint: write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name Z --last-name O --start-date 2026-06-01 --end-date 2026-05-31"), @"
    ------- stderr -------
    error: the end date 2026-05-31 lies before the start date 2026-06-01
    hint: both days are included; `never` clears one
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name Z --last-name O --language tlh"), @"
    ------- stderr -------
    error: there are no texts in the language `tlh`
    hint: use `en` or `uk`
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name 'Zo\u{202e}e' --last-name O"), @"
    ------- stderr -------
    error: the name holds U+202E, an invisible character that changes the direction of text
    hint: type it again; text copied from elsewhere often brings such characters along
    [exit status: 65]
    ");
    assert_snapshot!(zoe("--first-name Z --last-name ''"), @"
    ------- stderr -------
    error: the name is empty
    hint: give a name such as `Дар'я` or `O'Neil`
    [exit status: 65]
    ");
}

#[test]
fn a_company_department_or_position_that_is_not_there_is_refused() {
    let board = people();
    let zoe = |more: &str| {
        board.run(&format!("user create --email zoe@acme.example --first-name Z --last-name O {more}"))
    };
    assert_snapshot!(zoe("--company 'Acme Bnak'"), @"
    ------- stderr -------
    error: there is no company `Acme Bnak`
    hint: did you mean `Acme Bank`?
    [exit status: 67]
    ");
    assert_snapshot!(zoe("--company Globex --department Treasury"), @"
    ------- stderr -------
    error: there is no department `Treasury` in `Globex`
    hint: other companies have one: Acme Bank
    [exit status: 67]
    ");
    assert_snapshot!(zoe("--company acme-bank --department Tresury"), @"
    ------- stderr -------
    error: there is no department `Tresury` in `Acme Bank`
    hint: did you mean `Treasury`?
    [exit status: 67]
    ");
    assert_snapshot!(zoe("--company acme-bank --department Treasury --position Driver"), @"
    ------- stderr -------
    error: there is no position `Driver` in `Treasury`
    hint: make it with `secboard position create 'Driver' --company … --department …`, or see those there are with `secboard position list`
    [exit status: 67]
    ");
    assert_snapshot!(zoe("--company acme-bank --position Driver"), @"
    ------- stderr -------
    error: there is no position `Driver` in `Acme Bank`
    hint: make it with `secboard position create 'Driver' --company … --department …`, or see those there are with `secboard position list`
    [exit status: 67]
    ");
}

#[test]
fn a_dry_run_changes_nothing() {
    let board = Board::new();
    let zoe = "user create --email zoe@acme.example --first-name Zoë --last-name O --company acme-bank";
    assert_snapshot!(board.run(&format!("{zoe} --dry-run")), @"
    ------- stderr -------
    created user `zoe@acme.example`, id 2 (dry run: nothing was changed)
    ");
    assert_eq!(board.run("user list --count").ok().stdout, "1\n");
}

#[test]
fn an_account_without_a_profile_is_adopted() {
    let board = Board::new();
    board.run_with_input("user import - --accounts-only -q", "email,active\nold@acme.example,yes\n").ok();
    assert_snapshot!(board.run("user list --without-profile --columns email,full_name,company,status"), @"
    EMAIL             FULL NAME  COMPANY  STATUS
    old@acme.example                      active
    ");
    assert_snapshot!(board.run("user edit old@acme.example --phone +380671234567"), @"
    ------- stderr -------
    error: `old@acme.example` has no profile yet
    hint: give them one with `secboard user adopt 'old@acme.example'`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user adopt old@acme.example --first-name Ann --no-input"), @"
    ------- stderr -------
    error: the last name is missing, and there is no terminal to ask on
    hint: give `--last-name`
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user adopt old@acme.example --first-name Ann --last-name Lee --company acme-bank --dry-run"), @"
    ------- stderr -------
    `old@acme.example` has a profile now (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("user adopt old@acme.example --first-name Ann --last-name Lee --company acme-bank"), @"
    ------- stderr -------
    `old@acme.example` has a profile now
    ");
    assert_snapshot!(board.run("user adopt old@acme.example --first-name Ann --last-name Lee --company acme-bank"), @"
    ------- stderr -------
    error: `old@acme.example` has a profile already
    hint: change it with `secboard user edit 'old@acme.example'`
    [exit status: 73]
    ");
    assert_snapshot!(board.run("user show old@acme.example -o json --columns email,full_name,company,active"), @r#"{"email":"old@acme.example","full_name":"Ann Lee","company":"Acme Bank","active":true}"#);
}

#[test]
fn an_email_without_its_flag_is_answered_with_the_flag() {
    let board = Board::new();
    assert_snapshot!(board.run(r#"user create "o'neil@acme.example" --first-name Sean"#), @r#"
    ------- stderr -------
    error: unexpected argument 'o'neil@acme.example' found

      tip: write it as `--email 'o'\''neil@acme.example'`

    Usage: secboard user create [OPTIONS]

    For more information, try '--help'.
    [exit status: 2]
    "#);
}
