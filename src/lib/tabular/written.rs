//! What a cell of CSV means where a program wrote its text in another way than as it stands.
//!
//! [`guard`] puts an apostrophe before what a spreadsheet program would run. Others write `="0042"`, a formula whose result is
//! that text, so that such a program leaves it alone. `csvde` writes what is not ASCII as `X'c384'`, the bytes of its UTF-8.

use std::borrow::Cow;

use super::guard;

/// How cells are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Written {
    /// As they stand.
    pub(super) is_raw: bool,
    /// By `csvde`.
    pub(super) is_csvde: bool,
}

/// The bytes of a value of `csvde` are no text: an id, a photo, a certificate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoText;

impl Written {
    /// What a cell means.
    pub(super) fn meant(self, cell: &str) -> Result<Cow<'_, str>, NoText> {
        if self.is_raw {
            return Ok(Cow::Borrowed(cell));
        }
        if let Some(bytes) = cell.strip_prefix("X'").filter(|_| self.is_csvde)
            && let Some(bytes) = bytes.strip_suffix('\'').and_then(bytes_of)
        {
            return String::from_utf8(bytes).map(Cow::Owned).map_err(|_| NoText);
        }
        match cell.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')) {
            Some(text) if !text.replace("\"\"", "").contains('"') => Ok(text.replace("\"\"", "\"").into()),
            _ => Ok(guard::remove(cell)),
        }
    }
}

/// The bytes that an even number of hexadecimal digits stands for.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2).map(|at| digits.get(at..at + 2));
    let is_digits = |pair: &&str| pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    pairs.map(|pair| u8::from_str_radix(pair.filter(is_digits)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{NoText, Written};

    #[test]
    fn a_formula_that_is_a_text_is_that_text() {
        let written = Written::default();
        for (cell, meant) in [
            ("=\"Anna\"", "Anna"),
            ("=\"0042\"", "0042"),
            ("=\"say \"\"so\"\"\"", "say \"so\""),
            ("=\"\"", ""),
            ("'=\"Anna\"", "=\"Anna\""),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=\"", "=\""),
            ("Anna", "Anna"),
            ("X'c384'", "X'c384'"),
        ] {
            assert_eq!(written.meant(cell).as_deref(), Ok(meant), "{cell}");
        }
        let raw = Written { is_raw: true, is_csvde: true };
        assert_eq!(raw.meant("=\"Anna\"").as_deref(), Ok("=\"Anna\""));
    }

    #[test]
    fn bytes_of_csvde_are_the_text_that_they_spell() {
        let csvde = Written { is_csvde: true, ..Written::default() };
        for (cell, meant) in [
            ("X'c3856b65'", "Åke"),
            ("X'C3856B65'", "Åke"),
            ("X''", "X''"),
            ("X'c38'", "X'c38'"),
            ("X'zz'", "X'zz'"),
            ("X'+1'", "X'+1'"),
            ("Xena", "Xena"),
        ] {
            assert_eq!(csvde.meant(cell).as_deref(), Ok(meant), "{cell}");
        }
        assert_eq!(csvde.meant("X'ff00'"), Err(NoText));
    }
}
