use insta::assert_snapshot;

use super::people;

#[test]
fn a_person_is_shown_by_email_in_any_letter_case_or_by_id() {
    let board = people();
    assert_snapshot!(board.run("user show MAX@Globex.example --now 2026-03-01"), @"
    ID                    3
    EMAIL                 max@globex.example
    FIRST NAME            Max
    LAST NAME             Müller
    FULL NAME             Max Müller
    PHONE                 +442079275444
    COMPANY               Globex
    ACTIVE                yes
    STATUS                inactive
    LOGIN ALLOWED         no
    INACTIVE REASONS      the end date 2025-12-31 has passed, today is 2026-03-01
    START DATE            2024-01-01
    END DATE              2025-12-31
    EMPLOYMENT            past
    STAFF                 no
    SUPERUSER             no
    PROFILE COMPLETED     no
    ORIGIN                local
    TWO FACTOR REQUIRED   no
    TWO FACTOR ENROLLED   no
    MUST CHANGE PASSWORD  no
    HAS PASSWORD          no
    CREATED AT            [time]
    UPDATED AT            [time]
    ------- stderr -------
    in no group
    ");
    assert_snapshot!(board.run("user show 2 --columns email,full_name,phone"), @"
    EMAIL      olena@acme.example
    FULL NAME  Олена Шевченко
    PHONE      +380671234567
    ");
    assert_snapshot!(board.run("user show ada@acme.example -o json"), @r#"{"id":1,"email":"ada@acme.example","first_name":"Ada","last_name":"Admin","full_name":"Ada Admin","phone":null,"company":"Acme Bank","department":null,"position":null,"active":true,"status":"active","login_allowed":true,"inactive_reasons":[],"start_date":null,"end_date":null,"employment":"none","staff":true,"superuser":true,"profile_completed":false,"origin":"local","directory_connection":null,"directory_guid":null,"directory_disabled":null,"directory_expires_at":null,"directory_missing_since":null,"directory_seen_at":null,"two_factor_required":false,"two_factor_enrolled":false,"backup_codes_left":null,"must_change_password":false,"has_password":true,"invited":null,"color":null,"language":null,"roles":[],"roles_without_groups":[],"groups":[],"groups_by_hand":[],"groups_by_directory":[],"last_login_at":null,"password_changed_at":"[time]","created_at":"[time]","updated_at":"[time]"}"#);
}

#[test]
fn a_person_is_shown_as_they_were() {
    let board = people();
    let before = board.run("user show max@globex.example -o json").ok().json();
    board.run("user edit max@globex.example --last-name Mustermann --company acme-bank").ok();
    let as_of = |at: &str| {
        board.run(&format!("user show max@globex.example --as-of {at} --columns full_name,company,phone"))
    };
    assert_snapshot!(as_of(before["updated_at"].as_str().unwrap()), @"
    FULL NAME  Max Müller
    COMPANY    Globex
    PHONE      +442079275444
    ");
    assert_snapshot!(as_of("2999-01-01"), @"
    ------- stderr -------
    error: `2999-01-01` has not come yet, so nothing is known of it
    hint: give a time that has passed; `--now TIME` answers as of one to come
    [exit status: 65]
    ");
    assert_eq!(as_of("yesterday").code, Some(67));
    assert_eq!(as_of("-1w").code, Some(67), "before there was a store");
    let today = as_of("today");
    assert!(
        today.stderr.contains("a day means its first moment, and a time without an offset is in the time zone of the site; try `20"),
        "{today}"
    );
    assert_snapshot!(as_of("2001-01-01"), @"
    ------- stderr -------
    error: `max@globex.example` did not exist then, but since [time]
    hint: see what is known of them with `secboard audit list --subject 'max@globex.example'`
    [exit status: 67]
    ");
    assert_snapshot!(as_of("yesterday-ish"), @"
    ------- stderr -------
    error: `yesterday-ish` is not a point in time
    hint: write it like `[time]`, `2026-03-31T18:00` or `2026-03-31`, or count days from today: `today`, `-1d`
    [exit status: 65]
    ");
}

#[test]
fn roles_and_groups_are_shown_as_they_were_held_and_the_company_as_it_was_called() {
    let board = people();
    for command in [
        "group create Traders",
        "group create Readers",
        "role create Broker --group Traders",
        "role create Guest --group Readers",
        "user add-role max@globex.example broker",
        "user add-role max@globex.example guest --no-role-groups",
    ] {
        board.run(command).ok();
    }
    let before = board.run("user show max@globex.example -o json").ok().json();
    for command in [
        "user remove-role max@globex.example broker",
        "user add-group max@globex.example Readers",
        "role edit guest --slug visitor",
        "company edit globex --name 'Globex Holding' --slug globex-holding",
        "company create Globex",
    ] {
        board.run(command).ok();
    }
    let at = before["updated_at"].as_str().unwrap();
    let then = board.run(&format!("user show max@globex.example --as-of {at} -o json")).ok().json();
    for field in ["roles", "roles_without_groups", "groups", "company"] {
        assert_eq!(then[field], before[field], "{field}");
    }
    let now = board.run("user show max@globex.example -o json").ok().json();
    assert_eq!(now["roles"], serde_json::json!(["visitor"]));
    assert_eq!(now["company"], "Globex Holding");
}

#[test]
fn somebody_who_is_not_there_is_answered_with_where_they_are() {
    let board = people();
    assert_snapshot!(board.run("user show olena@acme.exmaple"), @"
    ------- stderr -------
    error: there is no user `olena@acme.exmaple`
    hint: did you mean `olena@acme.example`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user show 4711"), @"
    ------- stderr -------
    error: there is no user `4711`
    hint: look for them with `secboard user list --search '4711'`
    [exit status: 67]
    ");
    board.run("user delete max@globex.example --yes").ok();
    assert_snapshot!(board.run("user show max@globex.example"), @"
    ------- stderr -------
    error: user `max@globex.example` is in the bin
    hint: bring them back with `secboard user restore 'max@globex.example'`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("user show Олена -o json"), @r#"
    ------- stderr -------
    {"error":{"code":"user.not_found","kind":"not_found","message":"there is no user `Олена`","causes":[],"command":"secboard user list --search 'Олена'","advice":"look for them","exit":67,"rows":[]}}
    [exit status: 67]
    "#);
}

#[test]
fn what_somebody_is_in_is_shown_with_what_puts_them_there() {
    let board = people();
    board.run("group create 'Risk Team'").ok();
    board.run("group create Dealers --company 'Acme Bank'").ok();
    board.run("role create Analyst --group 'Risk Team'").ok();
    board.run("user add-role olena@acme.example analyst").ok();
    board.run("user add-group olena@acme.example 'Risk Team'").ok();
    board.run("user add-group olena@acme.example Dealers@acme-bank").ok();
    let shown = board.run("user show olena@acme.example").ok().stdout;
    let (_, below) = shown.split_once("\n\n").unwrap();
    assert_snapshot!(below, @"
    GROUP      COMPANY    ORIGINS
    Dealers    Acme Bank  manual
    Risk Team             manual; role:analyst
    ");
}
