//! Names of people and of things: any script, nothing that hides.
//!
//! No list says which letters a name may have; people are called O'Neil, Дар'я, Müller, 山田. Refused is only what is
//! no part of any name: control characters, and characters that turn the direction of what stands beside them.

use unicode_normalization::UnicodeNormalization;

use super::character::{is_control, is_direction_control, is_invisible};
use super::script;
use super::width::words;
use crate::error::{Explain, Kind};

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// A person: a first or last name.
    Person,
    /// A company, department, position, role or group.
    Title,
}

impl Of {
    /// The most characters it may have.
    const fn limit(self) -> usize {
        match self {
            Self::Person => 100,
            Self::Title => 200,
        }
    }
}

/// Why a name is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error("the name is empty")]
    Empty { of: Of },
    #[error("the name has {found} characters, more than {limit}")]
    TooLong { found: usize, limit: usize },
    #[error("the name holds the control character U+{code:04X}")]
    Control { code: u32 },
    #[error("the name begins with `-`, as an option of a command does")]
    Hyphen,
    #[error("the name holds U+{code:04X}, an invisible character that changes the direction of text")]
    Direction { code: u32 },
}

impl Explain for NameError {
    fn code(&self) -> &'static str {
        "name.refused"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Empty { of: Of::Person } => "give a name such as `Дар'я` or `O'Neil`".into(),
            Self::Empty { of: Of::Title } => "give a name such as `Acme Bank`".into(),
            Self::TooLong { .. } => "shorten it".into(),
            Self::Hyphen => "begin it with a letter, a digit or another sign".into(),
            Self::Control { .. } | Self::Direction { .. } => {
                "type it again; text copied from elsewhere often brings such characters along".into()
            }
        })
    }
}

/// A first or last name as it is stored: trimmed, in the composed form NFC of Unicode.
pub(crate) fn check_name(text: &str) -> Result<String, NameError> {
    check(text, Of::Person)
}

/// The name of a company, department, position, role or group; the same rules, but longer. It stands in commands as it
/// is, where what begins with `-` is an option.
pub(crate) fn check_title(text: &str) -> Result<String, NameError> {
    let name = known_title(text)?;
    if name.starts_with('-') { Err(NameError::Hyphen) } else { Ok(name) }
}

/// The name of something that may be there already: an earlier secboard took names that begin with `-`.
pub(crate) fn known_title(text: &str) -> Result<String, NameError> {
    check(text, Of::Title)
}

/// What to know of a name that can pass for another: a word of it mixes scripts, as no word of any language does. Words of
/// different scripts beside each other are usual: `Acme Україна`.
pub(crate) fn warning(name: &str) -> Option<String> {
    let mixed = words(name).flat_map(|word| word.split('-')).find_map(script::mixture)?;
    Some(format!("`{name}` mixes scripts in a word, as a name does that shall pass for another: {mixed}"))
}

fn check(text: &str, of: Of) -> Result<String, NameError> {
    let text = text.trim();
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c) && !is_direction_control(c)) {
        return Err(NameError::Empty { of });
    }
    for c in text.chars() {
        if is_control(c) {
            return Err(NameError::Control { code: u32::from(c) });
        }
        if is_direction_control(c) {
            return Err(NameError::Direction { code: u32::from(c) });
        }
    }
    let name: String = text.nfc().collect();
    let found = name.chars().count();
    if found > of.limit() {
        return Err(NameError::TooLong { found, limit: of.limit() });
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_word_of_two_scripts_is_warned_of_and_one_with_words_of_two_is_not() {
        assert_eq!(
            warning("Risk M\u{430}nagers").as_deref(),
            Some(
                "`Risk M\u{430}nagers` mixes scripts in a word, as a name does that shall pass for another: `\u{430}` is \
                 Cyrillic beside Latin"
            )
        );
        for name in ["Acme Україна", "IT-відділ", "O'Neil & Дар'я", "山田 Bank カード", "Відділ 42", "R&D"]
        {
            assert_eq!(warning(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_any_script_are_kept_as_they_are() {
        for name in [
            "O'Neil",
            "Дар'я",
            "Müller",
            "山田",
            "Anne-Marie",
            "Nguyễn",
            "عمر",
            "שרה",
            "X",
            "Jean Luc",
            "می\u{200C}خواهم",
            "ක්\u{200D}ෂ",
            "-",
        ] {
            assert_eq!(check_name(&format!("  {name} ")).as_deref(), Ok(name));
        }
    }

    #[test]
    fn a_name_is_stored_composed() {
        assert_eq!(check_name("Mu\u{308}ller").unwrap(), "M\u{FC}ller");
    }

    #[test]
    fn what_hides_in_a_name_is_refused() {
        assert_eq!(check_name("a\u{0}b"), Err(NameError::Control { code: 0 }));
        assert_eq!(check_name("a\tb"), Err(NameError::Control { code: 9 }));
        assert_eq!(check_name("a\u{1B}[31m"), Err(NameError::Control { code: 0x1B }));
        assert_eq!(check_name("a\u{2028}b"), Err(NameError::Control { code: 0x2028 }));
        for code in [0x061C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069] {
            let c = char::from_u32(code).unwrap();
            assert_eq!(check_name(&format!("a{c}b")), Err(NameError::Direction { code }));
        }
    }

    #[test]
    fn a_name_that_nobody_sees_is_empty() {
        for name in ["", " \t\u{A0}", "\u{200D}", "\u{200B} \u{FEFF}"] {
            assert_eq!(check_name(name), Err(NameError::Empty { of: Of::Person }), "{name:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters() {
        assert!(check_name(&"я".repeat(100)).is_ok());
        let error = check_name(&"я".repeat(101)).unwrap_err();
        assert_eq!(error.to_string(), "the name has 101 characters, more than 100");
        assert!(check_title(&"я".repeat(200)).is_ok());
        assert_eq!(check_title(&"я".repeat(201)), Err(NameError::TooLong { found: 201, limit: 200 }));
    }

    #[test]
    fn a_thing_is_not_named_like_an_option() {
        for name in ["-", "--store=/tmp/x", "-- Power"] {
            assert_eq!(check_title(name), Err(NameError::Hyphen), "{name}");
            assert_eq!(known_title(name).as_deref(), Ok(name));
        }
        assert_eq!(check_name("-").as_deref(), Ok("-"), "people of one name have it for the other");
        assert_eq!(check_title("Acme - West").as_deref(), Ok("Acme - West"));
    }

    #[test]
    fn an_example_is_of_what_has_no_name() {
        assert_eq!(check_name("").unwrap_err().advice().unwrap(), "give a name such as `Дар'я` or `O'Neil`");
        assert_eq!(check_title("").unwrap_err().advice().unwrap(), "give a name such as `Acme Bank`");
    }

    #[test]
    fn every_refusal_has_a_code_and_a_hint() {
        for error in [check_name(""), check_name("a\u{7}b"), check_title(&"x".repeat(300))] {
            let error = error.unwrap_err();
            assert_eq!((error.code(), error.kind()), ("name.refused", Kind::Refused));
            assert!(error.advice().is_some());
        }
    }
}
