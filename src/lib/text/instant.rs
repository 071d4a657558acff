//! Points in time, as the store keeps them: microseconds since 1970 in UTC.
//!
//! What day a point in time falls on depends on the site's time zone, which is always a parameter.

use std::borrow::Cow;
use std::fmt;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::date::{DateError, Day, shown};

/// A point in time in microseconds since 1970-01-01T00:00:00.000000Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Instant(i64);

impl Instant {
    /// The point that the store holds as `micros`.
    pub(crate) const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970, negative before.
    pub(crate) const fn micros(self) -> i64 {
        self.0
    }

    /// This, or else the next whole second: what people are told to the second is then what programs are told.
    pub(crate) const fn whole_second(self) -> Self {
        const SECOND: i64 = 1_000_000;
        match self.0.rem_euclid(SECOND) {
            0 => self,
            past => Self(self.0.saturating_add(SECOND - past)),
        }
    }

    /// Reads a point in time: RFC 3339, or a day (its first moment) or a local time in `zone`.
    ///
    /// A local time that a change of the clocks skips or repeats is read as RFC 5545 says: the later or the first.
    pub(crate) fn parse(text: &str, zone: &TimeZone) -> Result<Self, DateError> {
        let text = text.trim();
        if let Ok(day) = Day::parse(text) {
            return Ok(Self::start_of(day, zone));
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(timestamp.into());
        }
        let local = text.parse::<DateTime>().ok().and_then(|local| zone.to_timestamp(local).ok());
        local.map(Self::from).ok_or_else(|| DateError::MalformedTime { text: shown(text) })
    }

    /// The first moment of a day in `zone`, which is not always midnight.
    pub(crate) fn start_of(day: Day, zone: &TimeZone) -> Self {
        let start = day.date().to_zoned(zone.clone());
        start.map_or(Timestamp::MAX, |start| start.timestamp()).into()
    }

    /// The day on which this point falls in `zone`; none outside the years of [`Day`].
    pub(crate) fn day_in(self, zone: &TimeZone) -> Option<Day> {
        Day::new(zone.to_datetime(self.timestamp()).date())
    }

    /// The same point for calculations; what no calendar reaches becomes its nearest end.
    pub(crate) fn timestamp(self) -> Timestamp {
        let end = if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Timestamp::from_microsecond(self.0).unwrap_or(end)
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, always with six digits of a second, so that the order of texts is that of time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

/// `text` with every point in time in it that [`Instant`] wrote told by the clocks of `zone`, to the second, such as
/// `2026-11-29T14:05:00+02:00`: whoever reads it need not calculate, and may type it again.
pub(crate) fn by_clocks_of<'a>(text: &'a str, zone: &TimeZone) -> Cow<'a, str> {
    let mut told = String::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(place) = rest.get(from..).and_then(|ahead| ahead.find('Z')).map(|place| from + place) {
        from = place + 1;
        let Some((start, at)) = written_before(rest, place) else { continue };
        told.push_str(rest.get(..start).unwrap_or_default());
        told.push_str(&at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
        rest = rest.get(from..).unwrap_or_default();
        from = 0;
    }
    if told.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(told + rest) }
}

/// The point in time that [`Instant`] wrote before the `Z` at that place, and where it begins.
fn written_before(text: &str, place: usize) -> Option<(usize, Timestamp)> {
    const LENGTH: usize = "2026-11-29T12:05:00.000000".len();
    let start = place.checked_sub(LENGTH)?;
    let is_of_more = |character: char| character.is_alphanumeric() || character == '-';
    if text.get(..start)?.ends_with(is_of_more) || text.get(place + 1..)?.starts_with(is_of_more) {
        return None;
    }
    let written = text.get(start..=place)?;
    let at: Timestamp = written.parse().ok()?;
    (Instant::from(at).to_string() == written).then_some((start, at))
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text, &TimeZone::UTC).map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::offset;
    use proptest::prelude::*;

    use super::*;
    use crate::error::Explain;

    fn kyiv_in_summer() -> TimeZone {
        TimeZone::fixed(offset(3))
    }

    /// Two hours ahead of UTC, three from the last Sunday of March to that of October.
    fn with_summer_time() -> TimeZone {
        TimeZone::posix("EET-2EEST,M3.5.0/3,M10.5.0/4").unwrap()
    }

    #[test]
    fn a_second_that_has_begun_is_told_as_the_next_one() {
        for (at, told) in [(0, 0), (1, 1_000_000), (999_999, 1_000_000), (1_000_000, 1_000_000), (-1, 0)] {
            assert_eq!(Instant::from_micros(at).whole_second().micros(), told, "{at}");
        }
        assert_eq!(Instant::from_micros(i64::MAX).whole_second().micros(), i64::MAX);
    }

    #[test]
    fn times_are_read_in_three_ways() {
        for (text, expected) in [
            ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00.000000Z"),
            ("2026-07-01T12:00:00.5+03:00", "2026-07-01T09:00:00.500000Z"),
            (" 2026-07-01 ", "2026-06-30T21:00:00.000000Z"),
            ("2026-07-01T12:00", "2026-07-01T09:00:00.000000Z"),
            ("2026-07-01 12:00:01", "2026-07-01T09:00:01.000000Z"),
        ] {
            assert_eq!(Instant::parse(text, &kyiv_in_summer()).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_an_example() {
        for text in
            ["", "noon", "2026-02-30", "2026-07-01T25:00", "12:00", "2026-07-01T12:00:00+99:00", "1700000000"]
        {
            let error = Instant::parse(text, &TimeZone::UTC).unwrap_err();
            assert_eq!(error.code(), "date.malformed", "{text}");
            assert!(error.to_string().ends_with("is not a point in time"));
            assert!(error.advice().unwrap().contains("T18:00:00Z"));
        }
    }

    #[test]
    fn a_day_begins_and_ends_with_the_clocks_of_its_zone() {
        let zone = with_summer_time();
        let day = Day::parse("2026-03-29").unwrap();
        let start = Instant::start_of(day, &zone);
        assert_eq!(start.to_string(), "2026-03-28T22:00:00.000000Z");
        assert_eq!(start.day_in(&zone), Some(day));
        assert_eq!(Instant::from_micros(start.micros() - 1).day_in(&zone), Day::parse("2026-03-28").ok());
        let next = Instant::start_of(Day::parse("2026-03-30").unwrap(), &zone);
        assert_eq!(next.micros() - start.micros(), 23 * 3600 * 1_000_000, "an hour is skipped");
    }

    #[test]
    fn people_read_times_by_the_clocks_of_their_site_to_the_second() {
        let zone = with_summer_time();
        for (text, expected) in [
            ("2026-07-01T09:00:00.999999Z", "2026-07-01T12:00:00+03:00"),
            (
                "rests until 2026-01-31T22:00:00.000000Z, since \u{2026}2026-01-01T00:00:00.000000Z.",
                "rests until 2026-02-01T00:00:00+02:00, since \u{2026}2026-01-01T02:00:00+02:00.",
            ),
            ("Zürich Z 2026-07-01T09:00:00Z", "Zürich Z 2026-07-01T09:00:00Z"),
            ("x2026-07-01T09:00:00.000000Z", "x2026-07-01T09:00:00.000000Z"),
            ("2026-07-01T09:00:00.000000Zx", "2026-07-01T09:00:00.000000Zx"),
            ("2026-13-01T09:00:00.000000Z", "2026-13-01T09:00:00.000000Z"),
            ("", ""),
        ] {
            assert_eq!(by_clocks_of(text, &zone), expected);
            assert_eq!(by_clocks_of(&by_clocks_of(text, &zone), &zone), expected, "it is told once");
        }
        let told = by_clocks_of("2026-07-01T09:00:00.000000Z", &zone);
        assert_eq!(Instant::parse(&told, &TimeZone::UTC).unwrap().to_string(), "2026-07-01T09:00:00.000000Z");
    }

    #[test]
    fn no_number_is_too_large_to_be_shown() {
        assert!(Instant::from_micros(i64::MIN).to_string().starts_with("-009999"));
        assert!(Instant::from_micros(i64::MAX).to_string().starts_with("9999-12-30"));
        assert_eq!(Instant::from_micros(i64::MIN).day_in(&TimeZone::UTC), None);
        assert_eq!(
            serde_json::to_string(&Instant::from_micros(0)).unwrap(),
            "\"1970-01-01T00:00:00.000000Z\""
        );
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(micros in -2_000_000_000_000_000_i64..250_000_000_000_000_000) {
            let instant = Instant::from_micros(micros);
            prop_assert_eq!(Instant::parse(&instant.to_string(), &TimeZone::UTC), Ok(instant));
        }

        #[test]
        fn any_text_is_told_and_any_time_in_it_means_the_same(
            text in any::<String>(),
            seconds in -2_000_000_000_i64..250_000_000_000,
        ) {
            let at = Instant::from_micros(seconds * 1_000_000);
            let told = by_clocks_of(&format!("{text} {at}")[text.len() + 1..], &kyiv_in_summer()).into_owned();
            prop_assert_eq!(Instant::parse(&told, &TimeZone::UTC), Ok(at));
            drop(by_clocks_of(&text, &kyiv_in_summer()));
        }

        #[test]
        fn whatever_is_typed_gets_an_answer(text in any::<String>()) {
            drop(Instant::parse(&text, &TimeZone::UTC));
        }
    }
}
