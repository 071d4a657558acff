//! Kinds of characters that need care: those that nobody sees, and those that drive what shows them.
//!
//! Which characters are drawn as nothing is Unicode's to say, and it adds some with every version; so the property is
//! asked, not copied. [`BLANK`] is the short list that is kept here: what Unicode does not call ignorable, although fonts
//! draw it as nothing.

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// Drawn as nothing or as a blank, without being white space or `Default_Ignorable_Code_Point`.
///
/// The marks around an interlinear annotation, the blank of Braille, the null note head, the filler of Khitan small
/// script: each was used to make a name or an address that looks empty, or like another one.
const BLANK: [char; 6] = ['\u{2800}', '\u{FFF9}', '\u{FFFA}', '\u{FFFB}', '\u{16FE4}', '\u{1D159}'];

/// The first character that nobody sees, apart from control characters: the soft hyphen.
const FIRST_INVISIBLE: char = '\u{AD}';

/// Whether `c` changes the direction of the text around it without being seen.
///
/// These are the characters with the Unicode property `Bidi_Control` (UAX #9): marks, embeddings, overrides and
/// isolates. A stored one can make `gpj.exe` read as `exe.jpg`, in a table as well as in a browser.
pub(crate) const fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether `c` is drawn as nothing at all, so that two texts that differ only in it look the same.
///
/// The Unicode property `Default_Ignorable_Code_Point`, and [`BLANK`]. Joiners are among them: names in Persian and
/// Sinhala need them, and readers do not compare by them.
pub(crate) fn is_invisible(c: char) -> bool {
    c >= FIRST_INVISIBLE
        && (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) || BLANK.contains(&c))
}

/// Whether `c` is a control character or ends a line (U+2028, U+2029 do, without being control characters).
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether `c` drives what shows it instead of being shown: a control character, or one that turns the direction.
pub(crate) fn is_driving(c: char) -> bool {
    is_control(c) || is_direction_control(c)
}

#[cfg(test)]
mod tests {
    use icu_properties::props::BidiControl;

    use super::*;

    fn all() -> impl Iterator<Item = char> {
        (0..=u32::from(char::MAX)).filter_map(char::from_u32)
    }

    #[test]
    fn direction_controls_are_those_of_unicode_and_nobody_sees_them() {
        for c in all() {
            let is_one = CodePointSetData::new::<BidiControl>().contains(c);
            assert_eq!(is_direction_control(c), is_one, "U+{:04X}", u32::from(c));
            assert!(!is_one || is_invisible(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn fillers_and_blanks_are_invisible() {
        for c in [
            '\u{AD}',
            '\u{34F}',
            '\u{115F}',
            '\u{1160}',
            '\u{17B4}',
            '\u{180E}',
            '\u{200B}',
            '\u{200D}',
            '\u{2060}',
            '\u{2064}',
            '\u{206A}',
            '\u{2800}',
            '\u{3164}',
            '\u{FE0F}',
            '\u{FEFF}',
            '\u{FFA0}',
            '\u{FFF9}',
            '\u{1BCA0}',
            '\u{1D159}',
            '\u{1D173}',
            '\u{E0001}',
            '\u{E0100}',
        ] {
            assert!(is_invisible(c), "U+{:04X}", u32::from(c));
        }
        for c in ['a', ' ', '\'', '\u{A0}', 'я', '山', '👩'] {
            assert!(!is_invisible(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn nothing_that_people_write_with_is_invisible() {
        let seen = all().filter(|c| c.is_alphanumeric() && is_invisible(*c));
        let fillers = ['\u{115F}', '\u{1160}', '\u{3164}', '\u{FFA0}', '\u{16FE4}'];
        assert_eq!(seen.filter(|c| !fillers.contains(c)).collect::<String>(), "");
    }

    #[test]
    fn the_short_list_holds_only_what_unicode_does_not_call_ignorable() {
        for c in BLANK {
            assert!(
                !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c),
                "U+{:04X}",
                u32::from(c)
            );
        }
    }
}
