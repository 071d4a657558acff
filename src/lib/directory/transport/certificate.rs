//! Until when a certificate is valid.

use jiff::tz::TimeZone;

use super::ber::{INTEGER, Malformed, Reader, SEQUENCE};
use crate::text::instant::Instant;

/// Parts of a certificate.
const VERSION: u8 = 0xA0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of the validity of a certificate in DER.
pub(crate) fn end_of(der: &[u8]) -> Option<Instant> {
    let (tag, text) = end_in(der).ok()?;
    instant(if tag == UTC_TIME { with_century(text)? } else { text.to_owned() }.as_str())
}

fn end_in(der: &[u8]) -> Result<(u8, &str), Malformed> {
    let mut certificate = Reader::new(Reader::new(der).expect(SEQUENCE)?);
    let mut signed = Reader::new(certificate.expect(SEQUENCE)?);
    signed.take_if(VERSION)?;
    signed.expect(INTEGER)?;
    // Signature and issuer.
    signed.expect(SEQUENCE)?;
    signed.expect(SEQUENCE)?;
    let mut validity = Reader::new(signed.expect(SEQUENCE)?);
    validity.next()?;
    match validity.next()? {
        (tag @ (UTC_TIME | GENERALIZED_TIME), time) => {
            Ok((tag, std::str::from_utf8(time).map_err(|_| Malformed)?))
        }
        _ => Err(Malformed),
    }
}

/// Two digits of a year are those from 1950 to 2049 (RFC 5280).
fn with_century(text: &str) -> Option<String> {
    let century = if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" };
    Some(format!("{century}{text}"))
}

/// A time as directories and certificates write it in UTC: `20261129120500Z`, with or without a fraction.
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
