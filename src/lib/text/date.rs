//! Calendar days, as people write them on a command line or in a file.
//!
//! A day has no time and no zone. `today`, `+30d` and the like are counted from a day that the caller gives. Points in
//! time are in [`super::instant`].

use std::fmt;

use jiff::{Span, civil::Date};

use crate::error::{Explain, Kind};

/// A day of the calendar, between the years 1900 and 9999.
///
/// Workbooks cannot hold an earlier day, and no one starts work before; an earlier year is a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(Date);

/// What may be typed where the end of something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayOrNever {
    /// On that day.
    On(Day),
    /// It does not end.
    Never,
}

/// Why a day or a time is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DateError {
    #[error("`{text}` is not a day")]
    Malformed { text: String },
    #[error("`{text}` is not a day: {reason}")]
    Impossible { text: String, reason: String },
    #[error("`{text}` is not a day: the year must be between {FIRST_YEAR} and {LAST_YEAR}")]
    OutOfRange { text: String },
    #[error("`{text}` is not a point in time")]
    MalformedTime { text: String },
    #[error("`{text}` has not come yet, so nothing is known of it")]
    Future { text: String },
}

impl Explain for DateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Future { .. } => "date.future",
            _ => "date.malformed",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::MalformedTime { .. } => {
                "write it like `2026-03-31T18:00:00Z`, `2026-03-31T18:00` or `2026-03-31`, or count days from today: \
                `today`, `-1d`"
                    .into()
            }
            Self::Future { .. } => "give a time that has passed; `--now TIME` answers as of one to come".into(),
            _ => {
                "write it like `2026-03-31`, or count from today: `today`, `+30d`, `-1w`, `+2m`, `+1y`".into()
            }
        })
    }
}

const FIRST_YEAR: i16 = 1900;
const LAST_YEAR: i16 = 9999;

impl Day {
    /// The first day there is.
    pub(crate) const FIRST: Self = Self(Date::constant(FIRST_YEAR, 1, 1));

    /// The day of a date, if it is in the range of years.
    pub(crate) fn new(date: Date) -> Option<Self> {
        (FIRST_YEAR..=LAST_YEAR).contains(&date.year()).then_some(Self(date))
    }

    /// Reads `YYYY-MM-DD`.
    pub(crate) fn parse(text: &str) -> Result<Self, DateError> {
        let text = text.trim();
        let (year, month, day) = split(text).ok_or_else(|| malformed(text))?;
        let date = Date::new(year, month, day).map_err(|_| impossible(text, year, month))?;
        Self::new(date).ok_or_else(|| DateError::OutOfRange { text: shown(text) })
    }

    /// Reads a day as [`Day::parse`] does, or one counted from `today`: `today`, `tomorrow`, `yesterday`, or a sign, a
    /// number and `d`, `w`, `m` or `y`. A month later than the 31st is the last day of a shorter month.
    pub(crate) fn parse_relative(text: &str, today: Self) -> Result<Self, DateError> {
        let word = text.trim().to_ascii_lowercase();
        let span = match word.as_str() {
            "today" => Span::new(),
            "tomorrow" => Span::new().days(1),
            "yesterday" => Span::new().days(-1),
            word if word.starts_with(['+', '-']) => read_span(word).ok_or_else(|| malformed(text))?,
            _ => return Self::parse(text),
        };
        let date = today.0.checked_add(span).ok().and_then(Self::new);
        date.ok_or_else(|| DateError::OutOfRange { text: shown(text) })
    }

    /// The day so many days later, if there is one.
    pub(crate) fn after(self, days: u32) -> Option<Self> {
        self.0.checked_add(Span::new().try_days(days).ok()?).ok().and_then(Self::new)
    }

    /// The same day for calculations.
    pub(crate) const fn date(self) -> Date {
        self.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl DayOrNever {
    /// Reads `never`, or a day as [`Day::parse_relative`] does.
    pub(crate) fn parse(text: &str, today: Day) -> Result<Self, DateError> {
        if text.trim().eq_ignore_ascii_case("never") {
            return Ok(Self::Never);
        }
        Day::parse_relative(text, today).map(Self::On)
    }

    /// The day, if there is one.
    pub(crate) const fn day(self) -> Option<Day> {
        match self {
            Self::On(day) => Some(day),
            Self::Never => None,
        }
    }
}

impl fmt::Display for DayOrNever {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(day) => fmt::Display::fmt(day, f),
            Self::Never => f.write_str("never"),
        }
    }
}

/// The numbers of `YYYY-MM-DD`, whether or not there is such a day.
fn split(text: &str) -> Option<(i16, i8, i8)> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?.try_into().ok()?;
    let month = number(parts.next()?, 2)?.try_into().ok()?;
    let day = number(parts.next()?, 2)?.try_into().ok()?;
    parts.next().is_none().then_some((year, month, day))
}

fn number(digits: &str, length: usize) -> Option<u16> {
    let plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

fn read_span(word: &str) -> Option<Span> {
    let (count, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
    let digits = count.get(1..)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: i64 = count.parse().ok()?;
    match unit {
        "d" => Span::new().try_days(count).ok(),
        "w" => Span::new().try_weeks(count).ok(),
        "m" => Span::new().try_months(count).ok(),
        "y" => Span::new().try_years(count).ok(),
        _ => None,
    }
}

fn malformed(text: &str) -> DateError {
    DateError::Malformed { text: shown(text) }
}

fn impossible(text: &str, year: i16, month: i8) -> DateError {
    let reason = match Date::new(year, month, 1) {
        Ok(first) => format!("that month has {} days", first.days_in_month()),
        Err(_) => "a year has months 01 to 12".to_owned(),
    };
    DateError::Impossible { text: shown(text), reason }
}

/// As much of a text as a message repeats.
pub(super) fn shown(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn days_are_written_as_iso_8601_says() {
        assert_eq!(day(" 2026-02-28 ").to_string(), "2026-02-28");
        assert_eq!(day("2024-02-29").date().day(), 29);
        assert!(day("2026-02-28") < day("2026-03-01"));
        assert_eq!(serde_json::to_string(&day("2026-02-28")).unwrap(), "\"2026-02-28\"");
    }

    #[test]
    fn an_impossible_day_says_why() {
        let message = |text| Day::parse(text).unwrap_err().to_string();
        assert_eq!(message("2026-02-30"), "`2026-02-30` is not a day: that month has 28 days");
        assert_eq!(message("2026-13-01"), "`2026-13-01` is not a day: a year has months 01 to 12");
        assert_eq!(
            message("0026-01-01"),
            "`0026-01-01` is not a day: the year must be between 1900 and 9999"
        );
        assert_eq!(message("31.12.2026"), "`31.12.2026` is not a day");
        for text in
            ["", "2026-1-1", "2026-01-01-01", "2026-01-01T00:00", "+026-01-01", "20260101", "２026-01-01"]
        {
            let error = Day::parse(text).unwrap_err();
            assert_eq!((error.code(), error.kind()), ("date.malformed", Kind::Refused), "{text}");
            assert!(error.advice().unwrap().contains("2026-03-31"));
        }
    }

    #[test]
    fn days_are_counted_from_today() {
        let today = day("2026-01-31");
        for (text, expected) in [
            ("today", "2026-01-31"),
            ("Tomorrow", "2026-02-01"),
            ("yesterday", "2026-01-30"),
            ("+30d", "2026-03-02"),
            ("-1w", "2026-01-24"),
            ("+1m", "2026-02-28"),
            ("+1y", "2027-01-31"),
            ("+0d", "2026-01-31"),
            ("2026-05-06", "2026-05-06"),
        ] {
            assert_eq!(Day::parse_relative(text, today), Ok(day(expected)), "{text}");
        }
        for text in
            ["+d", "+", "-", "+1", "+1x", "+1я", "++1d", "+ 1d", "+1.5d", "+99999999999999999999d", "30d"]
        {
            assert!(Day::parse_relative(text, today).is_err(), "{text}");
        }
        assert_eq!(
            Day::parse_relative("+9000y", today),
            Err(DateError::OutOfRange { text: "+9000y".into() })
        );
    }

    #[test]
    fn an_end_may_be_never() {
        let today = day("2026-01-31");
        assert_eq!(DayOrNever::parse(" Never ", today), Ok(DayOrNever::Never));
        let end = DayOrNever::parse("+1d", today).unwrap();
        assert_eq!((end.day(), end.to_string().as_str()), (Some(day("2026-02-01")), "2026-02-01"));
        assert_eq!((DayOrNever::Never.day(), DayOrNever::Never.to_string().as_str()), (None, "never"));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_gets_an_answer(text in "[-+0-9dwmy a]{0,12}") {
            if let Ok(read) = Day::parse_relative(&text, day("2026-01-31")) {
                prop_assert_eq!(Day::parse(&read.to_string()), Ok(read));
            }
        }
    }
}
