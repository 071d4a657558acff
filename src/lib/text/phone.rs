//! Phone numbers, stored in the international form E.164 of the ITU.
//!
//! A number may be typed as it is dialled at home when a default region is known. The number plans of the world come
//! with `rlibphonenumber`; they are unpacked on first use (about 10 ms), so nothing here is reached by a command that
//! does not read a phone.

use std::fmt;

use rlibphonenumber::{
    NotANumberError, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, Region, ValidationError,
};

use crate::error::{Explain, Kind};

/// A phone number in E.164: `+`, the country, the number, at most 15 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phone(String);

impl Phone {
    /// The number as `+380676555564`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a phone number is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{phone}` is not a phone number: {fault}")]
pub(crate) struct PhoneError {
    phone: String,
    fault: PhoneFault,
}

/// What is wrong with a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PhoneFault {
    #[error("it is empty")]
    Empty,
    #[error("it holds `{found}`, and only digits, spaces and + - ( ) . / may stand in it")]
    Character { found: char },
    #[error("it does not begin with `+` and a country, and no default region is set")]
    NoCountry,
    #[error("no country has the number after its `+`")]
    UnknownCountry,
    #[error("`{region}` is no region")]
    UnknownRegion { region: String },
    #[error("it is too short for its country")]
    TooShort,
    #[error("it is too long for its country")]
    TooLong,
    #[error("its country has no numbers of that length")]
    Length,
    #[error("its country has given out no such number")]
    NotAssigned,
    #[error("it does not read as a number")]
    Unreadable,
}

impl Explain for PhoneError {
    fn code(&self) -> &'static str {
        "phone.malformed"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn hint(&self) -> Option<String> {
        Some("write it with its country, like `+380 67 655 5564` or `+442079275444`".into())
    }
}

/// The most characters of a number that a message repeats.
const SHOWN: usize = 40;

/// Reads a number, national ones as in `default_region` (two letters of ISO 3166, such as `UA`).
///
/// An extension is refused, because E.164 has no place to keep it.
pub(crate) fn parse_phone(input: &str, default_region: Option<&str>) -> Result<Phone, PhoneError> {
    let input = input.trim();
    read(input, default_region)
        .map_err(|fault| PhoneError { phone: input.chars().take(SHOWN).collect(), fault })
}

/// Whether numbers of a region (two letters of ISO 3166) are known.
pub(crate) fn is_region(region: &str) -> bool {
    read_region(region)
        .is_ok_and(|region| PHONE_NUMBER_UTIL.get_supported_regions().any(|known| known == region))
}

fn read(input: &str, default_region: Option<&str>) -> Result<Phone, PhoneFault> {
    check_characters(input)?;
    let region = default_region.map(read_region).transpose()?;
    let number =
        PHONE_NUMBER_UTIL.parse(input, region).map_err(|error| parse_fault(&error, input, region))?;
    if !number.is_valid() {
        return Err(invalid_fault(&number));
    }
    Ok(Phone(number.format_as(PhoneNumberFormat::E164).into_owned()))
}

fn check_characters(input: &str) -> Result<(), PhoneFault> {
    if input.is_empty() {
        return Err(PhoneFault::Empty);
    }
    let allowed = |c: char| c.is_numeric() || " \u{A0}+＋-\u{2010}\u{2011}\u{2012}–().\u{202F}/".contains(c);
    match input.chars().find(|&c| !allowed(c)) {
        Some(found) => Err(PhoneFault::Character { found }),
        None => Ok(()),
    }
}

fn read_region(region: &str) -> Result<Region, PhoneFault> {
    let unknown = || PhoneFault::UnknownRegion { region: region.chars().take(SHOWN).collect() };
    region.to_ascii_uppercase().parse().map_err(|_| unknown())
}

fn parse_fault(error: &ParseError, input: &str, region: Option<Region>) -> PhoneFault {
    match error {
        ParseError::InvalidCountryCode if region.is_none() && !input.starts_with(['+', '＋']) => {
            PhoneFault::NoCountry
        }
        ParseError::InvalidCountryCode => PhoneFault::UnknownCountry,
        ParseError::NotANumber(NotANumberError::FailedToParseNumberAsInt(_)) | ParseError::TooLongNsn => {
            PhoneFault::TooLong
        }
        ParseError::NotANumber(_) => PhoneFault::Unreadable,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneFault::TooShort,
    }
}

fn invalid_fault(number: &PhoneNumber) -> PhoneFault {
    match number.is_possible_with_reason() {
        Ok(_) => PhoneFault::NotAssigned,
        Err(ValidationError::InvalidCountryCode) => PhoneFault::UnknownCountry,
        Err(ValidationError::TooShort) => PhoneFault::TooShort,
        Err(ValidationError::TooLong) => PhoneFault::TooLong,
        Err(ValidationError::InvalidLength) => PhoneFault::Length,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(input: &str, region: Option<&str>) -> String {
        parse_phone(input, region).unwrap().as_str().to_owned()
    }

    fn fault(input: &str, region: Option<&str>) -> PhoneFault {
        parse_phone(input, region).unwrap_err().fault
    }

    #[test]
    fn international_numbers_need_no_region() {
        for (input, expected) in [
            ("+380676555564", "+380676555564"),
            ("+49 30 6581698", "+49306581698"),
            ("+44 (0)20 7927-5444", "+442079275444"),
            (" +1 202.555.0173 ", "+12025550173"),
            ("＋380676555564", "+380676555564"),
        ] {
            assert_eq!(stored(input, None), expected, "{input}");
            assert_eq!(stored(input, Some("UA")), expected, "{input}");
        }
    }

    #[test]
    fn national_numbers_are_read_as_in_the_default_region() {
        assert_eq!(stored("067 655-55-64", Some("UA")), "+380676555564");
        assert_eq!(stored("020 7927 5444", Some("gb")), "+442079275444");
        assert_eq!(stored("00 380 67 655 5564", Some("UA")), "+380676555564");
        assert_eq!(fault("067 655-55-64", None), PhoneFault::NoCountry);
    }

    #[test]
    fn regions_without_numbers_are_none() {
        for region in ["UA", "ua", "GB", "US", "DE", "AX"] {
            assert!(is_region(region), "{region}");
        }
        for region in ["XX", "ZZ", "UK", "001", "Ukraine", ""] {
            assert!(!is_region(region), "{region}");
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        for (input, expected) in [
            ("", PhoneFault::Empty),
            ("call me", PhoneFault::Character { found: 'c' }),
            ("+442079275444 ext. 5", PhoneFault::Character { found: 'e' }),
            ("+442079275444#5", PhoneFault::Character { found: '#' }),
            ("+999 123 456 789", PhoneFault::UnknownCountry),
            ("+38067", PhoneFault::TooShort),
            ("+3806765555641234", PhoneFault::TooLong),
            ("+380006555564", PhoneFault::NotAssigned),
            ("+", PhoneFault::Unreadable),
        ] {
            assert_eq!(fault(input, None), expected, "{input}");
        }
        assert_eq!(fault("123", Some("Ukraine")), PhoneFault::UnknownRegion { region: "Ukraine".into() });
    }

    #[test]
    fn well_formed_digits_are_still_checked_against_the_number_plan() {
        assert!(parse_phone("+11111111111", None).is_err());
        assert!(parse_phone("+4420792754441", None).is_err());
    }

    #[test]
    fn the_message_names_the_number_and_the_reason() {
        let error = parse_phone("+38067", None).unwrap_err();
        assert_eq!(error.to_string(), "`+38067` is not a phone number: it is too short for its country");
        assert_eq!((error.code(), error.kind()), ("phone.malformed", Kind::Refused));
        assert!(error.hint().is_some());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_gets_an_answer(text in "[+0-9 ()٣a.-]{0,20}") {
            if let Ok(phone) = parse_phone(&text, Some("UA")) {
                prop_assert_eq!(parse_phone(phone.as_str(), None), Ok(phone.clone()));
                prop_assert!(phone.to_string().len() <= 16);
            }
        }
    }
}
