//! Days as other systems write them, in the order that somebody says they are in.
//!
//! `3/4/2026` is two days, and nothing in a file says which of them is meant: so the order is asked for and never guessed.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::date::{DateError, Day, shown};

/// In which order day, month and year are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOrder {
    /// 31.12.2026, 31 December 2026, 31-DEC-26.
    Dmy,
    /// 12/31/2026, December 31, 2026.
    Mdy,
    /// 2026/12/31, 20261231.
    Ymd,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The day of a point in time as ISO 8601 writes it: with `Z` or an offset the day it is in `zone` then, else the day
/// that stands there.
pub(crate) fn day_of_time(text: &str, zone: &TimeZone) -> Option<Day> {
    let text = text.trim();
    // A day alone is no point in time, and what begins otherwise is none of ISO 8601.
    let is_iso = text.as_bytes().get(4) == Some(&b'-') && text.len() > "2026-12-31".len();
    if !is_iso {
        return None;
    }
    let at = text.parse::<Timestamp>().map(|at| at.to_zoned(zone.clone()).date());
    let date = at.or_else(|_| text.parse::<DateTime>().map(DateTime::date));
    date.ok().and_then(Day::new)
}

impl DateOrder {
    /// The order of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "dmy" => Self::Dmy,
            "mdy" => Self::Mdy,
            "ymd" => Self::Ymd,
            _ => return None,
        })
    }

    /// Reads a day with any separators, English names of months among them; a time behind it says nothing more. A year of two
    /// digits is read beside the name of a month only, as one between 1950 and 2049.
    pub(crate) fn read(self, text: &str) -> Result<Day, DateError> {
        let (parts, rest) = parts(self, text.trim());
        let [one, two, three] = parts.as_slice() else { return Err(malformed(text)) };
        if !is_time(rest) {
            return Err(malformed(text));
        }
        let named = [*one, *two].into_iter().position(|part| month_named(part).is_some());
        let (day, month, year) = match (self, named) {
            (Self::Ymd, _) => (*three, *two, *one),
            (_, Some(0)) | (Self::Mdy, None) => (*two, *one, *three),
            (_, Some(_)) | (Self::Dmy, None) => (*one, *two, *three),
        };
        let month = month_named(month).or_else(|| month.parse().ok()).ok_or_else(|| malformed(text))?;
        let year = year_of(year, named.is_some(), text)?;
        let day =
            day.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().map_err(|_| malformed(text))?;
        let impossible = |_| DateError::Impossible {
            text: shown(text),
            reason: "there is none in that month, or no such month".to_owned(),
        };
        Day::new(Date::new(year, month, day).map_err(impossible)?)
            .ok_or_else(|| DateError::OutOfRange { text: shown(text) })
    }
}

fn year_of(year: &str, is_named: bool, text: &str) -> Result<i16, DateError> {
    let number: i16 = year.parse().map_err(|_| malformed(text))?;
    match year.len() {
        4 => Ok(number),
        2 if is_named => Ok(if number < 50 { 2000 + number } else { 1900 + number }),
        2 => Err(DateError::Impossible {
            text: shown(text),
            reason: "its year has two digits only".to_owned(),
        }),
        _ => Err(malformed(text)),
    }
}

/// The three parts of a day, and what stands behind them.
fn parts(order: DateOrder, text: &str) -> (Vec<&str>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if order == DateOrder::Ymd && digits == 8 {
        let part = |from, to| text.get(from..to).unwrap_or_default();
        return (vec![part(0, 4), part(4, 6), part(6, 8)], text.get(8..).unwrap_or_default());
    }
    let (mut found, mut rest) = (Vec::new(), text);
    while found.len() < 3 && !rest.is_empty() {
        let start = rest.trim_start_matches([' ', '.', '/', '-', ',', '\u{a0}', '\u{202f}']);
        let end = start.find(|c: char| !c.is_alphanumeric()).unwrap_or(start.len());
        // The time of 2026-12-31T08:00 is no part of the day.
        let part = start.get(..end).unwrap_or_default();
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let end = if digits > 0 && part.as_bytes().get(digits) == Some(&b'T') { digits } else { end };
        found.push(start.get(..end).unwrap_or_default());
        rest = start.get(end..).unwrap_or_default();
    }
    (found, rest)
}

/// Whether this is nothing, or a time of the day.
fn is_time(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['T', ' ', ',', '.', '\u{a0}', '\u{202f}']).to_ascii_lowercase();
    let clock = rest.trim_end_matches(['a', 'p', 'm', 'z', ' ', '.', '\u{202f}']);
    rest.is_empty()
        || (clock.contains(':')
            && clock.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b':' | b'.' | b'+' | b'-')))
}

fn month_named(part: &str) -> Option<i8> {
    let part = part.to_ascii_lowercase();
    let place = MONTHS.iter().position(|month| part.len() >= 3 && month.starts_with(&part))?;
    i8::try_from(place + 1).ok()
}

fn malformed(text: &str) -> DateError {
    DateError::Malformed { text: shown(text) }
}

#[cfg(test)]
mod tests {
    use super::{DateOrder, TimeZone, day_of_time};

    fn read(order: DateOrder, text: &str) -> Result<String, String> {
        order.read(text).map(|day| day.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_day_is_read_in_the_order_that_is_said() {
        for (order, text, day) in [
            (DateOrder::Dmy, "31.12.2026", "2026-12-31"),
            (DateOrder::Dmy, "3/4/2026", "2026-04-03"),
            (DateOrder::Mdy, "3/4/2026", "2026-03-04"),
            (DateOrder::Dmy, "31.12.2026 00:00:00", "2026-12-31"),
            (DateOrder::Dmy, "17-JUN-03", "2003-06-17"),
            (DateOrder::Dmy, "1 Sept 1999", "1999-09-01"),
            (DateOrder::Mdy, "June 17th, 2003", "2003-06-17"),
            (DateOrder::Mdy, "7/5/2011 8:00 AM", "2011-07-05"),
            (DateOrder::Mdy, "5 Jul 2011", "2011-07-05"),
            (DateOrder::Ymd, "2026/3/31 08:12:44", "2026-03-31"),
            (DateOrder::Ymd, "20260331", "2026-03-31"),
            (DateOrder::Ymd, "2026.03.31T08:12", "2026-03-31"),
        ] {
            assert_eq!(read(order, text), Ok(day.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_could_mean_another_day_is_refused() {
        for text in [
            "31.12.26",
            "31.12",
            "2026",
            "31.12.2026 and more",
            "x.12.2026",
            "",
            "31.13.2026",
            "30.2.2026",
            "1.1.1776",
            "1/Mai/2026",
        ] {
            assert!(DateOrder::Dmy.read(text).is_err(), "{text}");
        }
        assert!(read(DateOrder::Mdy, "31/12/2026").is_err(), "there is no month 31");
        assert!(read(DateOrder::Dmy, "31.12.26").unwrap_err().contains("two digits"));
    }

    #[test]
    fn a_time_counts_as_its_day_in_the_zone_of_the_site() {
        let kyiv = TimeZone::get("Europe/Kyiv").unwrap();
        let day = |text| day_of_time(text, &kyiv).map(|day| day.to_string());
        assert_eq!(day("2026-12-31T23:30:00Z").as_deref(), Some("2027-01-01"));
        assert_eq!(day("2026-12-31T23:30:00+02:00").as_deref(), Some("2026-12-31"));
        assert_eq!(day("2026-12-31T23:30:00").as_deref(), Some("2026-12-31"));
        assert_eq!(day("2026-12-31 23:30:00.5").as_deref(), Some("2026-12-31"));
        assert_eq!(day("2026-12-31"), None, "that is a day");
        assert_eq!(day("31.12.2026 00:00:00"), None);
    }
}
