use insta::assert_snapshot;

use super::people;

#[test]
fn starts_and_ends_ahead_are_listed_by_day() {
    let board = people();
    board.run("user edit olena@acme.example --end-date 2026-01-15").ok();
    assert_snapshot!(board.run("user calendar --now 2025-12-01"), @"
    DATE        EVENT  EMAIL               FULL NAME       COMPANY
    2025-12-31  end    max@globex.example  Max Müller      Globex
    2026-01-15  end    olena@acme.example  Олена Шевченко  Acme Bank
    ");
    assert_snapshot!(board.run("user calendar --now 2025-12-01 --days 30 --company globex -o json"), @r#"
    [
    {"date":"2025-12-31","event":"end","email":"max@globex.example","full_name":"Max Müller","company":"Globex"}
    ]
    "#);
    assert_snapshot!(board.run("user calendar --now 2025-12-01 -o csv --columns date,event,email"), @"
    date,event,email
    2025-12-31,end,max@globex.example
    2026-01-15,end,olena@acme.example
    ");
    assert_snapshot!(board.run("user calendar --now 2026-02-01 --days 0"), @"
    ------- stderr -------
    nothing matches: nobody starts or ends until 2026-02-01
    ");
}

#[test]
fn calendar_programs_get_a_file() {
    let board = people();
    assert_snapshot!(board.run("user calendar --now 2099-03-15 --ics"), @r"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//secboard//people//EN
    BEGIN:VEVENT
    UID:user-4-start@localhost
    DTSTAMP:[stamp]
    DTSTART;VALUE=DATE:20990401
    SUMMARY:太郎 山田: starts
    DESCRIPTION:yamada@acme.example\nAcme Bank\nTreasury
    TRANSP:TRANSPARENT
    END:VEVENT
    END:VCALENDAR
    ");
}

#[test]
fn too_many_days_or_an_unknown_company_are_refused() {
    let board = people();
    assert_snapshot!(board.run("user calendar --days 100000"), @"
    ------- stderr -------
    error: invalid value '100000' for '--days <N>': 100000 is not in 0..=3660

    For more information, try '--help'.
    [exit status: 2]
    ");
    assert_snapshot!(board.run("user calendar --company Globx"), @"
    ------- stderr -------
    error: there is no company `Globx`
    hint: did you mean `Globex`?
    [exit status: 67]
    ");
}
