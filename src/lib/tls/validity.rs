//! Until when a certificate is good: the one thing that is read of it here, to be told.

use jiff::tz::TimeZone;

use crate::text::instant::Instant;

/// Tags of DER: what is in a certificate before the time, and how that is written.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;
const INTEGER: u8 = 0x02;
const YEAR_IN_TWO_DIGITS: u8 = 0x17;
const YEAR_IN_FOUR_DIGITS: u8 = 0x18;

/// Until when a certificate in DER is good; nothing where it is not read so.
pub(crate) fn good_until(certificate: &[u8]) -> Option<Instant> {
    let (certificate, _) = take(certificate, SEQUENCE)?;
    let (signed, _) = take(certificate, SEQUENCE)?;
    let (_, rest) = take(signed, VERSION).unwrap_or((&[], signed));
    let (_, rest) = take(rest, INTEGER)?;
    let (_algorithm, rest) = take(rest, SEQUENCE)?;
    let (_issuer, rest) = take(rest, SEQUENCE)?;
    let (validity, _) = take(rest, SEQUENCE)?;
    let (_, end) = time(validity)?;
    let (year, rest) = time(end).map(|(time, _)| time)?;
    let digits = rest.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let part = |place: usize| digits.get(place..place + 2);
    let (month, day) = (part(0)?, part(2)?);
    let (hour, minute, second) = (part(4)?, part(6)?, part(8)?);
    Instant::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"), &TimeZone::UTC).ok()
}

/// A time, as its year and what comes after it, and what stands behind it.
fn time(bytes: &[u8]) -> Option<((u16, &str), &[u8])> {
    let (time, digits, rest) = if let Some((time, rest)) = take(bytes, YEAR_IN_TWO_DIGITS) {
        (time, 2, rest)
    } else {
        let (time, rest) = take(bytes, YEAR_IN_FOUR_DIGITS)?;
        (time, 4, rest)
    };
    let (year, after) = std::str::from_utf8(time).ok()?.split_at_checked(digits)?;
    let year: u16 = year.parse().ok()?;
    // RFC 5280: two digits are of 1950 to 2049.
    let year = match year {
        0..50 if digits == 2 => year + 2000,
        50.. if digits == 2 => year + 1900,
        year => year,
    };
    Some(((year, after), rest))
}

/// What an element of that tag holds, and what stands behind it.
fn take(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(&[tag])?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        let is_short = length.len() <= 3;
        (is_short.then(|| length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))?, rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::good_until;

    #[test]
    fn the_end_of_a_certificate_is_read_however_its_year_is_written() {
        for (year, said) in [
            (2027, "2027-02-28T00:00:00.000000Z"),
            (2049, "2049-02-28T00:00:00.000000Z"),
            (2061, "2061-02-28T00:00:00.000000Z"),
        ] {
            let key = rcgen::KeyPair::generate().unwrap();
            let mut made = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
            made.not_after = rcgen::date_time_ymd(year, 2, 28);
            let certificate = made.self_signed(&key).unwrap();
            let der: &[u8] = certificate.der();
            assert_eq!(good_until(der).unwrap().to_string(), said);
            for length in 0..der.len().min(160) {
                assert_eq!(good_until(&der[..length]), None, "cut after {length}");
            }
        }
        for other in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"a note"] {
            assert_eq!(good_until(other), None);
        }
    }
}
