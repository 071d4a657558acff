//! Phone numbers, stored in the international form E.164 of the ITU.
//!
//! A number may be typed as it is dialled at home when a default region is known. The number plans of the world come
//! with `rlibphonenumber`; they are unpacked on first use (about 10 ms), so nothing here is reached by a command that
//! does not read a phone.

mod spelling;

use std::fmt;

use rlibphonenumber::{
    NotANumberError, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, Region, ValidationError,
};

use self::spelling::Spelling;
use crate::error::{Explain, Kind};
use crate::text::character::{is_control, is_invisible};

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
    #[error("it holds {}, and only digits, spaces and + - ( ) . / may stand in it", shown(*found))]
    Character { found: char },
    #[error("it has an extension, which no place is kept for; leave it out")]
    Extension,
    #[error("it holds more than one number")]
    Several,
    #[error("it is a number with a fraction")]
    Fraction,
    #[error("it has the sign of a negative number")]
    Negative,
    #[error("it is shortened to a power of ten, and its last digits are lost")]
    Exponent,
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
    #[error("it does not say whether its `(0)` belongs to it")]
    TrunkZero,
    #[error("it does not read as a number")]
    Unreadable,
}

/// A character, or the code of one that would not be seen.
fn shown(c: char) -> String {
    if is_invisible(c) || is_control(c) || c.is_whitespace() {
        return format!("the invisible character U+{:04X}", u32::from(c));
    }
    format!("`{c}`")
}

impl Explain for PhoneError {
    fn code(&self) -> &'static str {
        "phone.malformed"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn field(&self) -> Option<&'static str> {
        Some("phone")
    }

    fn advice(&self) -> Option<String> {
        Some("write it with its country, like `+380 67 655 5564` or `+442079275444`".into())
    }
}

/// The most characters of a number that a message repeats.
const SHOWN: usize = 40;

/// Reads a number, national ones as in `default_region` (two letters of ISO 3166, such as `UA`).
///
/// An extension is refused, because E.164 has no place to keep it. So is every spelling that may mean another number than
/// its digits say: see [`spelling`].
pub(crate) fn parse_phone(input: &str, default_region: Option<&str>) -> Result<Phone, PhoneError> {
    let typed = input.trim();
    read(typed, default_region)
        .map_err(|fault| PhoneError { phone: typed.chars().take(SHOWN).collect(), fault })
}

/// Whether numbers of a region (two letters of ISO 3166) are known.
pub(crate) fn is_region(region: &str) -> bool {
    read_region(region)
        .is_ok_and(|region| PHONE_NUMBER_UTIL.get_supported_regions().any(|known| known == region))
}

fn read(input: &str, default_region: Option<&str>) -> Result<Phone, PhoneFault> {
    let Spelling { has_plus, digits, trunk_zero } = Spelling::read(input)?;
    let region = default_region.map(read_region).transpose()?;
    let number = number(&digits, has_plus, region);
    let Some(place) = trunk_zero else { return Ok(phone(&number?)) };
    // Left out from abroad in most countries, and part of the number in a few: whichever there is.
    let mut without = digits;
    without.remove(place);
    let without = self::number(&without, has_plus, region);
    let country = |number: &PhoneNumber| if has_plus { number.country_code.to_string().len() } else { 0 };
    match (number, without) {
        (Ok(number), _) | (_, Ok(number)) if country(&number) != place => Err(PhoneFault::TrunkZero),
        (Ok(number), Ok(without)) if phone(&number) != phone(&without) => Err(PhoneFault::TrunkZero),
        (Ok(number), _) | (Err(_), Ok(number)) => Ok(phone(&number)),
        (Err(fault), Err(_)) => Err(fault),
    }
}

/// The number of these digits, which begin with the country behind a `+`.
fn number(digits: &str, has_plus: bool, region: Option<Region>) -> Result<PhoneNumber, PhoneFault> {
    let plus = if has_plus { "+" } else { "" };
    let parsed = PHONE_NUMBER_UTIL.parse(format!("{plus}{digits}"), region);
    let number = parsed.map_err(|error| parse_fault(&error, has_plus, region))?;
    if number.is_valid() { Ok(number) } else { Err(invalid_fault(&number)) }
}

fn phone(number: &PhoneNumber) -> Phone {
    Phone(number.format_as(PhoneNumberFormat::E164).into_owned())
}

fn read_region(region: &str) -> Result<Region, PhoneFault> {
    let unknown = || PhoneFault::UnknownRegion { region: region.chars().take(SHOWN).collect() };
    region.to_ascii_uppercase().parse().map_err(|_| unknown())
}

fn parse_fault(error: &ParseError, has_plus: bool, region: Option<Region>) -> PhoneFault {
    match error {
        ParseError::InvalidCountryCode if region.is_none() && !has_plus => PhoneFault::NoCountry,
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
mod tests;
