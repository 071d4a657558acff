//! Who starts and who ends in the days ahead, also as a calendar file.

use jiff::tz::TimeZone;

use super::User;
use super::filter::{self, Ahead, Filter, Page, Sort};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::character::is_driving;
use crate::text::date::Day;

/// What happens on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// The first day that login is allowed.
    Start,
    /// The last day that login is allowed.
    End,
}

impl Event {
    /// The word in rows and in the ids of a calendar file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// A day of a person.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The day.
    pub(crate) day: Day,
    /// What happens on it.
    pub(crate) event: Event,
    /// To whom.
    pub(crate) user: User,
}

/// The starts and ends from today to `last`, both included, of the people who pass the filter, by day and name.
pub(crate) fn ahead(cx: &Context, tx: &Tx<'_>, filter: &Filter, last: Day) -> Result<Vec<Entry>> {
    let days = Ahead { first: cx.today(), last };
    let mut entries = Vec::new();
    for (event, starts, ends, sort) in
        [(Event::Start, Some(days), None, Sort::START_DATE), (Event::End, None, Some(days), Sort::END_DATE)]
    {
        let filter = Filter { starts, ends, ..filter.clone() };
        filter::each(cx, tx, &filter, Page { sort, ..Page::default() }, |user| {
            let facts = &user.facts;
            let day = if event == Event::Start { facts.start_date } else { facts.end_date };
            entries.extend(day.map(|day| Entry { day, event, user }));
            Ok(())
        })?;
    }
    entries.sort_by(|one, other| {
        (one.day, &one.user.sort_name, one.event).cmp(&(other.day, &other.user.sort_name, other.event))
    });
    Ok(entries)
}

/// The entries as a calendar file (RFC 5545) of events that last all day and take no time.
///
/// An event keeps its UID when its day is moved, so a calendar that reads the file again moves it too. It is stamped with
/// the person's last change, so the same people give the same file.
pub(crate) fn ics(entries: &[Entry], domain: &str) -> String {
    let mut text = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//secboard//people//EN"] {
        fold_line(&mut text, line);
    }
    for entry in entries {
        event(&mut text, entry, domain);
    }
    fold_line(&mut text, "END:VCALENDAR");
    text
}

fn event(text: &mut String, entry: &Entry, domain: &str) {
    let Entry { day, event, user } = entry;
    let facts = &user.facts;
    let who = if facts.has_profile() { facts.full_name() } else { facts.email.clone() };
    let word = match event {
        Event::Start => "starts",
        Event::End => "last day",
    };
    let about: Vec<&str> =
        [Some(facts.email.as_str()), facts.company.as_deref(), facts.department.as_deref()]
            .into_iter()
            .flatten()
            .collect();
    let stamp = user.updated_at.timestamp().to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ");
    for line in [
        "BEGIN:VEVENT".to_owned(),
        format!("UID:user-{}-{}@{domain}", user.id, event.name()),
        format!("DTSTAMP:{stamp}"),
        format!("DTSTART;VALUE=DATE:{}", day.date().strftime("%Y%m%d")),
        format!("SUMMARY:{}", escaped(&format!("{who}: {word}"))),
        format!("DESCRIPTION:{}", escaped(&about.join("\n"))),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
    ] {
        fold_line(text, &line);
    }
}

/// A text value (RFC 5545, 3.3.11).
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '\\' | ';' | ',' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            letter if is_driving(letter) => {}
            letter => text.push(letter),
        }
    }
    text
}

/// Appends a line, continued after at most 75 bytes but never inside a letter (RFC 5545, 3.1).
fn fold_line(text: &mut String, line: &str) {
    const LONGEST: usize = 75;
    let mut length = 0;
    for letter in line.chars() {
        if length + letter.len_utf8() > LONGEST {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(letter);
        length += letter.len_utf8();
    }
    text.push_str("\r\n");
}
