//! Times as directories write them.

use jiff::tz::TimeZone;

use crate::text::instant::Instant;

/// A time as directories write it in UTC (RFC 4517, 3.3.13): `20261129120500Z`, with or without a fraction.
pub(crate) fn instant(text: &str) -> Option<Instant> {
    let (digits, _) = text.strip_suffix('Z')?.split_at_checked(14)?;
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i8>().ok();
    let year: i16 = digits.get(..4)?.parse().ok()?;
    let (month, day) = (number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    let day = jiff::civil::Date::new(year, month, day).ok().filter(|_| is_time)?;
    let at = day.at(hour, minute, second, 0).to_zoned(TimeZone::UTC).ok()?;
    Some(Instant::from_micros(at.timestamp().as_microsecond()))
}
