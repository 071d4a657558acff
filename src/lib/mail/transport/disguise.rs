//! What a text says behind letters that are written as something else.
//!
//! A server that repeats a secret may write it as a page, a program or a mail would: by references and escapes, as numbers, in
//! wide letters, in base64; and one in the other. Each way is read by itself, and what it yields is read once more.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// How often what was read is read again.
const DEPTH: usize = 2;

/// The fewest letters of base64 that are read.
const FEWEST_LETTERS: usize = 8;

/// Base64 of which both ends may be missing.
const CUT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A number that stands for a letter: what is before it, its base, how many digits it has, what may follow, and whether it is
/// that of a byte.
struct Escape(&'static str, u32, (usize, usize), &'static str, bool);

/// The ways to write one, longer beginnings first.
const ESCAPES: [Escape; 14] = [
    Escape("&#x", 16, (1, 6), ";", false),
    Escape("&#X", 16, (1, 6), ";", false),
    Escape("&#", 10, (1, 7), ";", false),
    Escape("\\u{", 16, (1, 6), "}", false),
    Escape("\\x{", 16, (1, 6), "}", false),
    Escape("\\u", 16, (4, 4), "", false),
    Escape("\\U", 16, (8, 8), "", false),
    Escape("%u", 16, (4, 4), "", false),
    Escape("U+", 16, (4, 4), "", false),
    Escape("u+", 16, (4, 4), "", false),
    Escape("\\x", 16, (2, 2), "", true),
    Escape("%", 16, (2, 2), "", true),
    Escape("=", 16, (2, 2), "", true),
    Escape("\\", 8, (3, 3), "", true),
];

/// A text, and all that may be read out of it.
pub(super) fn readings(text: &str) -> Vec<Zeroizing<String>> {
    let mut found = vec![Zeroizing::new(text.to_owned())];
    let mut known = 0;
    for _ in 0..DEPTH {
        let more: Vec<_> = found.iter().skip(known).flat_map(|text| read(text)).collect();
        known = found.len();
        for reading in more {
            if reading.contains(char::is_alphanumeric) && !found.contains(&reading) {
                found.push(reading);
            }
        }
    }
    found
}

/// What each way of reading yields.
fn read(text: &str) -> Vec<Zeroizing<String>> {
    let mut read = vec![Zeroizing::new(text.nfkc().collect()), unescaped(text)];
    for base in [10, 16] {
        let codes = codes(text, base);
        read.push(Zeroizing::new(codes.iter().filter_map(|code| char::from_u32(*code)).collect()));
        let bytes: Vec<u8> = codes.iter().filter_map(|code| u8::try_from(*code).ok()).collect();
        read.push(of_bytes(&Zeroizing::new(bytes)));
    }
    read.extend((0..4).map(|skipped| out_of_base64(text, skipped)));
    read
}

fn of_bytes(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(String::from_utf8_lossy(bytes).into_owned())
}

/// The text with letters in the place of what stands for them; signs that have names are left out.
fn unescaped(text: &str) -> Zeroizing<String> {
    // No escape is shorter than what it stands for, so that it does not grow and leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let escape = ESCAPES.iter().find_map(|escape| escape.at_start_of(rest, &mut bytes));
        let length = escape.or_else(|| named(rest)).unwrap_or_else(|| {
            bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            letter.len_utf8()
        });
        rest = rest.get(length..).unwrap_or_default();
    }
    of_bytes(&bytes)
}

impl Escape {
    /// Puts the letter that a text begins with behind `bytes`; how long it is as it is written.
    fn at_start_of(&self, text: &str, bytes: &mut Vec<u8>) -> Option<usize> {
        let Self(before, base, (fewest, most), behind, is_byte) = *self;
        let written = text.strip_prefix(before)?;
        let count = written.chars().take(most).take_while(|digit| digit.is_digit(base)).count();
        let (digits, rest) = written.split_at_checked(count).filter(|_| count >= fewest)?;
        let code = u32::from_str_radix(digits, base).ok()?;
        if is_byte {
            bytes.push(u8::try_from(code).ok()?);
        } else {
            bytes.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes());
        }
        let rest = rest.strip_prefix(behind).unwrap_or(rest);
        Some(text.len() - rest.len())
    }
}

/// How long the name of a sign is that a text begins with, such as `&amp;`.
fn named(text: &str) -> Option<usize> {
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let is_name = (1..=31).contains(&name.len()) && name.bytes().all(|letter| letter.is_ascii_alphanumeric());
    is_name.then_some(name.len() + 2)
}

/// The numbers in a text, whatever stands between them.
fn codes(text: &str, base: u32) -> Zeroizing<Vec<u32>> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let digits =
        words.map(|word| word.strip_prefix("0x").unwrap_or(word).trim_start_matches(['x', 'X', 'u', 'U']));
    Zeroizing::new(digits.filter_map(|digits| u32::from_str_radix(digits, base).ok()).collect())
}

/// What the words of a text say in base64, without so many of their letters at the start.
fn out_of_base64(text: &str, skipped: usize) -> Zeroizing<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/-_".contains(letter));
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    for word in words.filter(|word| word.len() >= FEWEST_LETTERS) {
        let letters: String = word.chars().skip(skipped).map(of_standard).collect();
        let letters = Zeroizing::new(letters);
        // One letter alone is no byte.
        let length = letters.len() - usize::from(letters.len() % 4 == 1);
        let said = letters.get(..length).and_then(|letters| CUT_BASE64.decode(letters).ok());
        bytes.extend_from_slice(&Zeroizing::new(said.unwrap_or_default()));
    }
    of_bytes(&bytes)
}

/// The letter of the usual alphabet for one of that for addresses.
const fn of_standard(letter: char) -> char {
    match letter {
        '-' => '+',
        '_' => '/',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    fn has(said: &str, meant: &str) -> bool {
        readings(said).iter().any(|reading| reading.contains(meant))
    }

    #[test]
    fn letters_are_read_however_they_are_written() {
        for said in [
            "no &#75;&#x65;&#X79; &Alpha",
            "no \\u004bey, no \\u{4b}ey",
            "\\U0000004bey",
            "%4Bey",
            "%u004Bey",
            "=4Bey",
            "\\x4bey",
            "\\113ey",
            "U+004BU+0065U+0079",
            "K&amp;ey".replace("&amp;", "&shy;").as_str(),
            "75, 101, 121",
            "0x4b 0x65 0x79",
            "4b:65:79",
            "\u{FF2B}\u{FF45}\u{FF59}",
            "&#65323;&#65349;&#65369;",
        ] {
            assert!(has(said, "Key"), "{said}");
        }
        assert!(has("\\xd0\\x87", "Ї") && has("208 135", "Ї") && has("&#1031;", "Ї"));
        assert!(!has("authentication failed", "Key"));
    }

    #[test]
    fn base64_is_read_in_base64_wherever_it_begins() {
        let twice = BASE64_STANDARD.encode(BASE64_URL_SAFE.encode("a long secret"));
        assert!(has(&twice, "a long secret"));
        for cut in 1..4 {
            assert!(has(&BASE64_STANDARD.encode("a long secret")[cut..], "ong secret"), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_to_an_end(said in any::<String>()) {
            let readings = readings(&said);
            prop_assert_eq!(readings[0].as_str(), said.as_str());
        }
    }
}
