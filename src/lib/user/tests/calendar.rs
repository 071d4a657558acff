use super::{acme, add, day, person};
use crate::context::Context;
use crate::user::Facts;
use crate::user::calendar::{Entry, ahead, ics};
use crate::user::filter::Filter;

fn dated(cx: &Context, email: &str, start: &str, end: &str) {
    add(cx, Facts { start_date: day(start), end_date: day(end), ..person(email, "Дар'я", "О; Ніл, x") });
}

/// From Saturday 2026-11-21 to the end of the month.
fn this_month(cx: &Context) -> Vec<Entry> {
    cx.read(|tx| ahead(cx, tx, &Filter::default(), day("2026-11-30").unwrap())).unwrap()
}

#[test]
fn starts_and_ends_ahead_stand_by_day_with_today_and_the_last_day() {
    let cx = acme();
    dated(&cx, "past@x.example", "2026-11-01", "2026-11-20");
    dated(&cx, "today@x.example", "2026-11-21", "2026-11-30");
    dated(&cx, "later@x.example", "2026-12-01", "");
    dated(&cx, "middle@x.example", "", "2026-11-25");
    let found: Vec<String> = this_month(&cx)
        .iter()
        .map(|entry| format!("{} {} {}", entry.day, entry.event.name(), entry.user.facts.email))
        .collect();
    assert_eq!(
        found,
        [
            "2026-11-21 start today@x.example",
            "2026-11-25 end middle@x.example",
            "2026-11-30 end today@x.example"
        ]
    );
}

#[test]
fn a_calendar_file_is_folded_escaped_and_the_same_every_time() {
    let cx = acme();
    dated(&cx, &format!("{}@x.example", "a".repeat(60)), "2026-11-21", "");
    let text = ics(&this_month(&cx), "sec.example");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    let unfolded = text.replace("\r\n ", "");
    for line in [
        "UID:user-1-start@sec.example",
        "DTSTART;VALUE=DATE:20261121",
        "DTSTAMP:20261121T100000Z",
        "SUMMARY:Дар'я О\\; Ніл\\, x: starts",
    ] {
        assert!(unfolded.contains(&format!("\r\n{line}\r\n")), "{line}: {unfolded}");
    }
    assert_eq!(text, ics(&this_month(&cx), "sec.example"));
}
