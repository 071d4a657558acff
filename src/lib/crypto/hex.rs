//! Bytes as hexadecimal digits.

use std::fmt::Write as _;

/// `bytes` in lower-case hexadecimal, two digits each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    // Room for all of it at once: a string that grows leaves copies behind, and this may be a secret.
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Fills `bytes` with what `digits` say, in either letter case; none, unless there are two digits for each byte and
/// nothing else.
pub(crate) fn read_hex(digits: &str, bytes: &mut [u8]) -> Option<()> {
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = pair.iter().try_fold(0, |high, digit| Some(high << 4 | value(*digit)?))?;
    }
    Some(())
}

fn value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::{hex, read_hex};

    #[test]
    fn every_byte_is_two_digits() {
        assert_eq!(hex(&[0, 9, 0xab, 0xff]), "0009abff");
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn digits_are_read_and_nothing_else_is() {
        let mut bytes = [0; 2];
        assert_eq!(read_hex("00aB", &mut bytes), Some(()));
        assert_eq!(bytes, [0, 0xab]);
        for text in ["00a", "00abc", "00+b", "0x0b", "é00", ""] {
            assert_eq!(read_hex(text, &mut bytes), None, "{text}");
        }
    }
}
