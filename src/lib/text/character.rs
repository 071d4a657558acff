//! Kinds of characters that need care because nobody sees them.

/// Whether `c` changes the direction of the text around it without being seen.
///
/// These are the characters with the Unicode property `Bidi_Control` (UAX #9): marks, embeddings, overrides and
/// isolates. A stored one can make `gpj.exe` read as `exe.jpg`, in a table as well as in a browser.
pub(crate) const fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether `c` is drawn as nothing at all, so that two texts that differ only in it look the same.
///
/// The part of the Unicode property `Default_Ignorable_Code_Point` that turns up in real text. Joiners are among
/// them: names in Persian and Sinhala need them, and readers do not compare by them.
pub(crate) const fn is_invisible(c: char) -> bool {
    is_direction_control(c)
        || matches!(
            c,
            '\u{00AD}'
                | '\u{034F}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200D}'
                | '\u{2060}'..='\u{2065}'
                | '\u{206A}'..='\u{206F}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Whether `c` is a control character or ends a line (U+2028, U+2029 do, without being control characters).
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}
