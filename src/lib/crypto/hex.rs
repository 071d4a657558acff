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

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn every_byte_is_two_digits() {
        assert_eq!(hex(&[0, 9, 0xab, 0xff]), "0009abff");
        assert_eq!(hex(&[]), "");
    }
}
