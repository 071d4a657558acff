use insta::assert_snapshot;

use super::people;
use crate::harness::Board;

#[test]
fn a_list_comes_as_a_table_csv_json_and_json_lines() {
    let board = people();
    assert_snapshot!(board.run("user list --now 2026-03-01"), @"
    FULL NAME       EMAIL                COMPANY    DEPARTMENT  STATUS    ROLES  GROUPS
    Ada Admin       ada@acme.example     Acme Bank              active
    Max Müller      max@globex.example   Globex                 inactive
    Олена Шевченко  olena@acme.example   Acme Bank  Treasury    active
    太郎 山田       yamada@acme.example  Acme Bank  Treasury    inactive
    ");
    assert_snapshot!(board.run("users list --now 2026-03-01 -o csv --columns email,phone,start_date,end_date,status,inactive_reasons"), @r#"
    email,phone,start_date,end_date,status,inactive_reasons
    ada@acme.example,,,,active,
    max@globex.example,+442079275444,2024-01-01,2025-12-31,inactive,"the end date 2025-12-31 has passed, today is 2026-03-01"
    olena@acme.example,+380671234567,,,active,
    yamada@acme.example,,2099-04-01,,inactive,"the start date 2099-04-01 lies ahead, today is 2026-03-01"
    "#);
    assert_snapshot!(board.run("user list --search олена -o json"), @r##"
    [
    {"id":2,"email":"olena@acme.example","first_name":"Олена","last_name":"Шевченко","full_name":"Олена Шевченко","phone":"+380671234567","company":"Acme Bank","department":"Treasury","position":"Dealer","active":true,"status":"active","login_allowed":false,"inactive_reasons":[],"start_date":null,"end_date":null,"employment":"none","staff":false,"superuser":false,"profile_completed":false,"origin":"local","directory_connection":null,"directory_guid":null,"directory_disabled":null,"directory_expires_at":null,"directory_missing_since":null,"directory_seen_at":null,"two_factor_required":false,"two_factor_enrolled":false,"backup_codes_left":null,"must_change_password":false,"has_password":false,"invited":null,"color":"#ffcc00","language":null,"roles":[],"roles_without_groups":[],"groups":[],"groups_by_hand":[],"groups_by_directory":[],"last_login_at":null,"password_changed_at":null,"created_at":"[time]","updated_at":"[time]"}
    ]
    "##);
    assert_snapshot!(board.run("user list --now 2026-03-01 -o jsonl --columns email,status"), @r#"
    {"email":"ada@acme.example","status":"active"}
    {"email":"max@globex.example","status":"inactive"}
    {"email":"olena@acme.example","status":"active"}
    {"email":"yamada@acme.example","status":"inactive"}
    "#);
    assert_snapshot!(board.run("user list --count"), @"4");
}

#[test]
fn filters_combine_and_the_same_one_repeated_takes_any() {
    let board = people();
    let found = |filters: &str| {
        board.run(&format!("user list {filters} --now 2026-03-01 --columns email,status,employment"))
    };
    assert_snapshot!(found("--search шевч"), @"
    EMAIL               STATUS  EMPLOYMENT
    olena@acme.example  active  none
    ");
    assert_snapshot!(found("--search 067-123"), @"
    EMAIL               STATUS  EMPLOYMENT
    olena@acme.example  active  none
    ");
    assert_snapshot!(found("--search 山"), @"
    EMAIL                STATUS    EMPLOYMENT
    yamada@acme.example  inactive  future
    ");
    assert_snapshot!(found("--company acme-bank --department Treasury"), @"
    EMAIL                STATUS    EMPLOYMENT
    olena@acme.example   active    none
    yamada@acme.example  inactive  future
    ");
    assert_snapshot!(found("--company globex --company acme-bank --employment past --employment future"), @"
    EMAIL                STATUS    EMPLOYMENT
    max@globex.example   inactive  past
    yamada@acme.example  inactive  future
    ");
    assert_snapshot!(found("--position Dealer --switch on"), @"
    EMAIL               STATUS  EMPLOYMENT
    olena@acme.example  active  none
    ");
    assert_snapshot!(found("--status inactive"), @"
    EMAIL                STATUS    EMPLOYMENT
    max@globex.example   inactive  past
    yamada@acme.example  inactive  future
    ");
    assert_snapshot!(found("--date-from 2026-01-01"), @"
    EMAIL                STATUS    EMPLOYMENT
    yamada@acme.example  inactive  future
    ");
    assert_snapshot!(found("--date-to 2025-12-31 --company globex"), @"
    EMAIL               STATUS    EMPLOYMENT
    max@globex.example  inactive  past
    ");
    assert_snapshot!(found("--never-logged-in --two-factor required --origin local --without-profile"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(found("--search nobody-is-called-so"), @"
    ------- stderr -------
    nothing matches
    ");
}

#[test]
fn a_list_is_sorted_and_paged() {
    let board = people();
    let list = |flags: &str| board.run(&format!("user list {flags} --columns email,last_name,end_date"));
    assert_snapshot!(list("--sort email:desc"), @"
    EMAIL                LAST NAME  END DATE
    yamada@acme.example  山田
    olena@acme.example   Шевченко
    max@globex.example   Müller     2025-12-31
    ada@acme.example     Admin
    ");
    assert_snapshot!(list("--sort end_date"), @"
    EMAIL                LAST NAME  END DATE
    max@globex.example   Müller     2025-12-31
    ada@acme.example     Admin
    olena@acme.example   Шевченко
    yamada@acme.example  山田
    ");
    assert_snapshot!(list("--sort email --page 2 --per-page 3"), @"
    EMAIL                LAST NAME  END DATE
    yamada@acme.example  山田
    ");
    assert_snapshot!(list("--page 9"), @"
    ------- stderr -------
    nobody on this page of 4
    ");
}

#[test]
fn a_list_is_sorted_by_any_field_that_holds_one_value() {
    let board = people();
    let row = board.run("user show max@globex.example -o json").json();
    for (field, value) in row.as_object().unwrap() {
        let sorted = board.run(&format!("user list --sort {field}:desc -o jsonl"));
        let holds_several = value.is_array() || field == "deleted_at";
        assert_eq!(sorted.code, Some(if holds_several { 2 } else { 0 }), "{field}: {sorted}");
    }
    let sorted = |by: &str| {
        let people = board.run(&format!("user list --sort {by} --columns email -o csv")).ok().stdout;
        people.lines().skip(1).map(|email| email[..3].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(sorted("first_name"), "ada max ole yam");
    assert_eq!(sorted("last_name:desc"), "yam ole max ada");
    assert_eq!(sorted("superuser:desc"), "ada max ole yam");
    assert_eq!(sorted("employment"), "yam max ada ole", "current, future, past, none");
    assert_eq!(sorted("status"), "ada ole max yam", "those who may log in first");
    assert_eq!(
        sorted("login_allowed"),
        "max ole yam ada",
        "whom the login function lets in last: with a password"
    );
}

#[test]
fn lists_go_by_the_alphabet_in_every_script() {
    let board = Board::new();
    for (number, name) in [
        "Яковенко",
        "Ґалаґан",
        "Гончар",
        "Їжак",
        "Іваненко",
        "Ångström",
        "Zimmer",
        "Özil",
        "Євтушенко",
        "Петренко",
    ]
    .iter()
    .enumerate()
    {
        let name = format!("--email p{number}@x.example --first-name A --last-name {name}");
        board.run(&format!("user create {name} --company acme-bank")).ok();
    }
    assert_snapshot!(board.run("user list --search x.example --columns last_name"), @"
    LAST NAME
    Ångström
    Özil
    Zimmer
    Гончар
    Ґалаґан
    Євтушенко
    Іваненко
    Їжак
    Петренко
    Яковенко
    ");
}

#[test]
fn flags_that_make_no_sense_are_answered_with_those_that_do() {
    let board = people();
    assert_snapshot!(board.run("user list --company Globx"), @"
    ------- stderr -------
    error: there is no company `Globx`
    hint: did you mean `Globex`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user list --department Garage"), @"
    ------- stderr -------
    error: there is no department `Garage`
    hint: see them with `secboard department list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user list --status activ"), @"
    ------- stderr -------
    error: invalid value 'activ' for '--status <STATUS>'
      [possible values: active, inactive, profile-completed, staff]

      tip: a similar value exists: 'active'

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user list --sort emial"), @"
    ------- stderr -------
    error: people cannot be sorted by `emial`
    hint: did you mean `email`?
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user list --sort shoe_size"), @"
    ------- stderr -------
    error: people cannot be sorted by `shoe_size`
    hint: sort by name, id, email, first_name, last_name, full_name, phone, company, department, position, active, status, login_allowed, start_date, end_date, employment, staff, superuser, profile_completed, origin, directory_connection, directory_guid, directory_disabled, directory_expires_at, directory_missing_since, directory_seen_at, two_factor_required, two_factor_enrolled, backup_codes_left, must_change_password, has_password, invited, color, language, last_login_at, password_changed_at, created_at, updated_at
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user list --page 0"), @"
    ------- stderr -------
    error: invalid value '0' for '--page <N>': 0 is not in 1..=1000000

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user list --date-from soon"), @"
    ------- stderr -------
    error: `soon` is not a day
    hint: write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user list --columns email,shoe_size"), @"
    ------- stderr -------
    error: there is no column `shoe_size`
    hint: the columns are id, email, first_name, last_name, full_name, phone, company, department, position, active, status, login_allowed, inactive_reasons, start_date, end_date, employment, staff, superuser, profile_completed, origin, directory_connection, directory_guid, directory_disabled, directory_expires_at, directory_missing_since, directory_seen_at, two_factor_required, two_factor_enrolled, backup_codes_left, must_change_password, has_password, invited, color, language, roles, roles_without_groups, groups, groups_by_hand, groups_by_directory, last_login_at, password_changed_at, created_at, updated_at
    [exit status: 2]
    ");
}

/// A script whose variable is not set must not mean everybody.
#[test]
fn empty_text_is_no_filter() {
    let board = people();
    assert_snapshot!(board.run("user list --search ''"), @"
    ------- stderr -------
    error: `--search` was given nothing to look for, which is no filter
    hint: look whether a variable of the script is not set; leave `--search` out to mean all
    [exit status: 65]
    ");
    assert_eq!(board.run("user list --company ' ' -o json").json_error()["error"]["code"], "filter.empty");
    for command in [
        "user list --search '' --count",
        "user deactivate --search '' --company acme-bank --all-matching --yes",
        "user add-group Vault --group '' --all-matching --yes",
        "export users --department '' --output -",
        "user calendar --role ''",
        "group add-member Vault --all-matching --position ' '",
        "role list --company ''",
        "audit list --actor ''",
        "permission list --search ''",
    ] {
        let refused = board.run(command).to_string();
        assert!(
            refused.contains("[exit status: 65]") && refused.contains("which is no filter"),
            "{command}: {refused}"
        );
    }
    assert_snapshot!(board.run("user list --switch on --count"), @"4");
}
