//! Times as Windows and Active Directory count them: ten millionths of a second since 1601.

use jiff::tz::TimeZone;

use super::date::DayOrNever;
use super::instant::Instant;

/// Ticks of a microsecond.
const OF_MICRO: i64 = 10;

/// Microseconds from 1601, where ticks begin, to 1970.
const SINCE_1601: i64 = 11_644_473_600 * 1_000_000;

/// What stands where there is no such time, or it never comes.
const NEVER: i64 = i64::MAX;

/// Digits of the ticks from 1917 on; no other way to write a day has so many.
const FEWEST_DIGITS: usize = 18;

/// The microseconds of so many ticks.
pub(crate) const fn micros(ticks: i64) -> i64 {
    ticks / OF_MICRO
}

/// The point in time of so many ticks, in microseconds since 1970.
pub(crate) const fn since_1970(ticks: i64) -> i64 {
    micros(ticks) - SINCE_1601
}

/// The last day in `zone` of what ends at the moment that a text counts in ticks; nothing if the text counts none.
pub(crate) fn last_day(text: &str, zone: &TimeZone) -> Option<DayOrNever> {
    let is_count = text.len() >= FEWEST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    let ticks: i64 = text.parse().ok().filter(|_| is_count)?;
    if ticks == NEVER {
        return Some(DayOrNever::Never);
    }
    Instant::from_micros(since_1970(ticks) - 1).day_in(zone).map(DayOrNever::On)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::last_day;

    /// What expires at a midnight has its last day before it, by the clocks of the zone.
    #[test]
    fn ticks_are_counted_from_1601() {
        let kyiv = TimeZone::get("Europe/Kyiv").unwrap();
        let day = |text, zone: &TimeZone| last_day(text, zone).map(|day| day.to_string());
        let (noon, midnight) = ("135694224000000000", "135694656000000000");
        assert_eq!(day(noon, &TimeZone::UTC), Some("2030-12-31".to_owned()));
        assert_eq!(day(midnight, &TimeZone::UTC), Some("2030-12-31".to_owned()));
        assert_eq!(day(midnight, &kyiv), Some("2031-01-01".to_owned()));
        assert_eq!(day("9223372036854775807", &kyiv), Some("never".to_owned()));
        for text in ["", "0", "20301231", "2030-12-31", "-135694224000000000", "99999999999999999999"] {
            assert_eq!(day(text, &kyiv), None, "{text}");
        }
    }
}
