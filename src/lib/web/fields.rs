//! What a form or a query says, field by field.
//!
//! Read as browsers write it (`application/x-www-form-urlencoded`), with bounds. A field that is missing, doubled, too
//! long or no text is a value that whoever asks has to look at, so that a form can be shown again with a word beside it.

use zeroize::Zeroizing;

use crate::text::secret::Secret;

/// More fields than any form has.
pub(super) const MOST_FIELDS: usize = 64;

/// The most bytes of the name of a field.
pub(super) const LONGEST_NAME: usize = 64;

/// The most bytes of a value that is taken.
const LONGEST_VALUE: usize = 16 * 1024;

/// The fields of a form or a query. They may be secrets: none is printed, all are wiped.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, Zeroizing<Vec<u8>>)>);

/// Why a field has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldFault {
    /// It is not there, or nothing was typed.
    Missing,
    /// It is there more than once.
    Doubled,
    /// It is no UTF-8.
    NotText,
    /// It is longer than any value may be.
    TooLong,
}

/// There are more fields, or longer names, than any form has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Fields {
    /// Reads `name=value` pairs; what is not encoded as it should be stands for itself, as browsers have it.
    ///
    /// # Errors
    /// When there are more fields, or longer names, than any form has.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TooMany> {
        let mut fields = Vec::new();
        for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            let name = String::from_utf8(decode(name, true).to_vec()).map_err(|_| TooMany)?;
            if fields.len() == MOST_FIELDS || name.len() > LONGEST_NAME {
                return Err(TooMany);
            }
            fields.push((name, decode(value.get(1..).unwrap_or_default(), true)));
        }
        Ok(Self(fields))
    }

    /// Fields that were read.
    pub(super) const fn of(fields: Vec<(String, Zeroizing<Vec<u8>>)>) -> Self {
        Self(fields)
    }

    /// The value of a field, which may be a file.
    ///
    /// # Errors
    /// When it has none, or not one.
    pub(crate) fn bytes(&self, name: &str) -> Result<&[u8], FieldFault> {
        let mut values = self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
        let value = values.next().filter(|value| !value.is_empty()).ok_or(FieldFault::Missing)?;
        if values.next().is_some() { Err(FieldFault::Doubled) } else { Ok(value) }
    }

    /// The text of a field, as it was typed.
    ///
    /// # Errors
    /// When it has none, or not one.
    pub(crate) fn text(&self, name: &str) -> Result<&str, FieldFault> {
        let value = self.bytes(name)?;
        if value.len() > LONGEST_VALUE {
            return Err(FieldFault::TooLong);
        }
        std::str::from_utf8(value).map_err(|_| FieldFault::NotText)
    }

    /// The text of a field that nobody may see again.
    ///
    /// # Errors
    /// Those of [`Fields::text`].
    pub(crate) fn secret(&self, name: &str) -> Result<Secret, FieldFault> {
        self.text(name).map(|text| Secret::new(text.to_owned()))
    }

    /// The names of the fields, each as often as it is there.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// What is to stand in the field when the form is shown again: what was typed first, with a mark in the place of
    /// what is no text.
    pub(crate) fn shown(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(other, _)| other == name)?;
        Some(String::from_utf8_lossy(value.get(..LONGEST_VALUE).unwrap_or(value)).into_owned())
    }
}

/// What percent signs stand for in a text; none where that is no text.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    String::from_utf8(decode(text.as_bytes(), false).to_vec()).ok()
}

/// What percent signs stand for; a plus stands for a space where it does in forms.
pub(super) fn decode(bytes: &[u8], plus_is_space: bool) -> Zeroizing<Vec<u8>> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let pair = (*first == b'%').then(|| digit(after.first()).zip(digit(after.get(1)))).flatten();
        decoded.push(match pair.and_then(|(high, low)| u8::try_from(high << 4 | low).ok()) {
            Some(byte) => {
                rest = after.get(2..).unwrap_or_default();
                byte
            }
            None if plus_is_space && *first == b'+' => b' ',
            None => *first,
        });
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::{FieldFault, Fields, TooMany};

    fn fields(text: &str) -> Fields {
        Fields::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_field_is_read_as_a_browser_writes_it() {
        let read = fields("email=olena%40acme.example&name=%D0%9E%D0%BB%D0%B5%D0%BD%D0%B0+B%2B&go&&=x");
        assert_eq!(read.text("email"), Ok("olena@acme.example"));
        assert_eq!(read.text("name"), Ok("Олена B+"));
        assert_eq!(fields("a=1%&b=%zz&c=%4").text("b"), Ok("%zz"));
    }

    #[test]
    fn f5_a_field_that_is_missing_doubled_huge_or_no_text_says_so_and_is_shown_again() {
        let huge = format!("a={}", "x".repeat(17_000));
        for (text, fault, shown) in [
            ("b=1", FieldFault::Missing, None),
            ("a=", FieldFault::Missing, Some("")),
            ("a=1&a=2", FieldFault::Doubled, Some("1")),
            ("a=%FF%41", FieldFault::NotText, Some("\u{fffd}A")),
            (&huge, FieldFault::TooLong, huge.get(2..2 + 16_384)),
        ] {
            assert_eq!(fields(text).text("a"), Err(fault), "{text}");
            assert_eq!(fields(text).shown("a").as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn f5_more_fields_than_any_form_has_are_refused() {
        assert!(Fields::parse("a=1&".repeat(64).as_bytes()).is_ok());
        assert_eq!(Fields::parse("a=1&".repeat(65).as_bytes()).err(), Some(TooMany));
        assert_eq!(Fields::parse(format!("{}=1", "n".repeat(65)).as_bytes()).err(), Some(TooMany));
        assert_eq!(Fields::parse(b"%FF=1").err(), Some(TooMany));
    }
}
