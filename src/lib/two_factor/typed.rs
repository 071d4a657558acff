//! What is typed as a code, in whichever way people type it.

use crate::text::secret::Secret;

/// How many digits a code of the app has.
const DIGITS: usize = 6;

/// How many characters a backup code has: 80 bits in base 32.
pub(super) const CHARACTERS: usize = 16;

/// A code that was typed, as it counts.
#[derive(Debug, Clone)]
pub(crate) enum Typed {
    /// Six digits.
    App(Secret),
    /// A backup code, in lower case and without dashes.
    Backup(Secret),
}

impl Typed {
    /// What was typed, if it can be a code at all. Blanks and dashes do not matter, nor capitals; digits are those of any
    /// script, and what looks alike is alike: `O` is 0, `I` and `L` are 1.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut plain = zeroize::Zeroizing::new(String::with_capacity(CHARACTERS));
        let ignored = |letter: char| {
            letter.is_whitespace()
                || matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}'..='\u{200f}')
        };
        for letter in text.chars().filter(|letter| !ignored(*letter)) {
            if plain.len() == CHARACTERS {
                return None;
            }
            plain.push(as_counted(letter)?);
        }
        let is_digits = plain.bytes().all(|byte| byte.is_ascii_digit());
        let taken = |mut plain: zeroize::Zeroizing<String>| Secret::new(std::mem::take(&mut *plain));
        match plain.len() {
            DIGITS if is_digits => Some(Self::App(taken(plain))),
            CHARACTERS => Some(Self::Backup(taken(plain))),
            _ => None,
        }
    }
}

fn as_counted(letter: char) -> Option<char> {
    let letter = if letter.is_ascii() {
        letter.to_ascii_lowercase()
    } else {
        // A digit of another script.
        let digit = deunicode::deunicode_char(letter).filter(|_| letter.is_numeric())?;
        let mut digits = digit.chars();
        match (digits.next(), digits.next()) {
            (Some(digit), None) if digit.is_ascii_digit() => digit,
            _ => return None,
        }
    };
    match letter {
        'o' => Some('0'),
        'i' | 'l' => Some('1'),
        'u' => None,
        letter if letter.is_ascii_alphanumeric() => Some(letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Typed;

    fn counted(text: &str) -> Option<(bool, String)> {
        match Typed::parse(text)? {
            Typed::App(code) => Some((false, code.expose().to_owned())),
            Typed::Backup(code) => Some((true, code.expose().to_owned())),
        }
    }

    #[test]
    fn o6_a_code_counts_however_it_is_typed() {
        for text in ["123456", " 123 456 ", "123-456", "123\u{a0}456", "١٢٣٤٥٦", "۱۲۳۴۵۶", "１２３４５６"]
        {
            assert_eq!(counted(text), Some((false, "123456".to_owned())), "{text}");
        }
        for text in ["7K3M-9QXT-2VBD-0H1W", "7k3m9qxt2vbdoHlW", "7k3m 9qxt 2vbd OHIW", "7K3M–9QXT–2VBD–0h1w"]
        {
            assert_eq!(counted(text), Some((true, "7k3m9qxt2vbd0h1w".to_owned())), "{text}");
        }
        // Letters that no code has, too few, too many, other signs.
        for text in [
            "",
            "12345",
            "1234567",
            "12345a",
            "7K3M-9QXT-2VBD-8HRU",
            "7K3M-9QXT-2VBD-8HR",
            "½23456",
            "12345Ⅻ",
            "123_456",
        ] {
            assert_eq!(counted(text), None, "{text}");
        }
        assert_eq!(counted(&"1".repeat(1 << 20)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn o6_any_code_counts_with_blanks_dashes_capitals_and_what_looks_alike(
            code in prop_oneof!["[0-9]{6}", "[0-9a-hjkmnp-tv-z]{16}"],
            ways in proptest::collection::vec((0_usize..5, 0_usize..6), 16),
        ) {
            let typed: String = code
                .chars()
                .zip(&ways)
                .flat_map(|(letter, (way, between))| {
                    let other = match (letter, way) {
                        ('0', 0) if code.len() == 16 => 'O',
                        ('1', 0) if code.len() == 16 => 'l',
                        ('1', 1) if code.len() == 16 => 'I',
                        ('0'..='9', 2) => char::from_u32(u32::from('٠') + u32::from(letter) - u32::from('0')).unwrap(),
                        (letter, 3) => letter.to_ascii_uppercase(),
                        (letter, _) => letter,
                    };
                    let between = ["", " ", "-", "\u{a0}", "–", "\u{200b}"].get(*between).copied();
                    between.unwrap_or_default().chars().chain([other])
                })
                .collect();
            prop_assert_eq!(counted(&typed), Some((code.len() == 16, code)));
        }

        #[test]
        fn o6_whatever_is_typed_counts_as_a_code_or_not_at_all(text in "\\PC{0,40}") {
            if let Some((is_backup, plain)) = counted(&text) {
                prop_assert_eq!(plain.len(), if is_backup { 16 } else { 6 });
                prop_assert_eq!(counted(&plain), Some((is_backup, plain)));
            }
        }
    }

    #[test]
    fn a_code_is_in_no_debug_output() {
        assert_eq!(format!("{:?}", Typed::parse("123456").unwrap()), "App(Secret(…))");
    }
}
