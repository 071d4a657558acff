//! Free text that is shown: notes, descriptions, reasons, the name of the site.
//!
//! It is printed on terminals and in workbooks, so nothing in it may drive what shows it: no escape sequence, no other
//! control character, nothing that turns the direction of what stands beside it. A note may have several lines.

use super::character::is_driving;
use crate::error::{Explain, Kind};

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the text holds U+{code:04X}, which is not shown but changes how text is shown")]
pub(crate) struct NoteError {
    code: u32,
}

impl Explain for NoteError {
    fn code(&self) -> &'static str {
        "note.refused"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        Some("type it again; text copied from elsewhere often brings such characters along".into())
    }
}

/// A note of any number of lines as it is stored; none for an empty text.
pub(crate) fn check_note(text: &str) -> Result<Option<String>, NoteError> {
    check(text, |c| c == '\n')?;
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// A text of one line.
pub(crate) fn check_line(text: &str) -> Result<(), NoteError> {
    check(text, |_| false)
}

fn check(text: &str, is_allowed: fn(char) -> bool) -> Result<(), NoteError> {
    match text.chars().find(|c| is_driving(*c) && !is_allowed(*c)) {
        Some(found) => Err(NoteError { code: u32::from(found) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_is_no_note() {
        for (text, code) in [
            ("a\u{1B}[2J", 0x1B),
            ("a\u{9B}31m", 0x9B),
            ("a\u{202E}b", 0x202E),
            ("a\tb", 9),
            ("\u{7F}", 0x7F),
        ] {
            assert_eq!(check_note(text), Err(NoteError { code }));
            assert_eq!(check_line(text), Err(NoteError { code }));
        }
        assert_eq!(check_line("a\nb"), Err(NoteError { code: 10 }));
    }

    #[test]
    fn other_notes_stay_as_they_are() {
        assert_eq!(
            check_note("два рядки,\n„gut“ 👩\u{200D}🔬").unwrap().unwrap(),
            "два рядки,\n„gut“ 👩\u{200D}🔬"
        );
        assert_eq!(check_note("").unwrap(), None);
        let error = check_note("\u{1B}").unwrap_err();
        assert_eq!((error.code(), error.kind()), ("note.refused", Kind::Refused));
    }
}
