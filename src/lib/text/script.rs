//! Which scripts the letters of a text belong to, for texts that may be meant to look like others.
//!
//! Nobody sees a Cyrillic `а` in a Latin word. It is no fault, for names and brands are written so; but whoever makes an
//! account of such an address should know. What is a mixture follows the profile "highly restrictive" of UTS #39: scripts
//! of East Asia are written beside each other and beside Latin, any other two are not.

use icu_properties::props::Script;
use icu_properties::{CodePointMapData, PropertyNamesLong};

/// What is written beside each other in Chinese, Japanese and Korean.
const EAST_ASIAN: [Script; 5] =
    [Script::Han, Script::Hiragana, Script::Katakana, Script::Bopomofo, Script::Hangul];

/// The letters that are not of the script most letters are of, such as `` `а` is Cyrillic beside Latin ``.
pub(crate) fn mixture(text: &str) -> Option<String> {
    let letters: Vec<(char, Script)> =
        text.chars().map(|c| (c, script(c))).filter(|(_, script)| is_one(*script)).collect();
    let count = |of: Script| letters.iter().filter(|(_, script)| *script == of).count();
    let main = letters.iter().rev().map(|(_, script)| *script).max_by_key(|script| count(*script))?;
    let mut strange: Vec<(char, Script)> = Vec::new();
    for (c, script) in &letters {
        if !go_together(*script, main) && !strange.iter().any(|(other, _)| other == c) {
            strange.push((*c, *script));
        }
    }
    let (_, first) = *strange.first()?;
    let of_first: Vec<String> =
        strange.iter().filter(|(_, script)| *script == first).map(|(c, _)| format!("`{c}`")).collect();
    let verb = if of_first.len() == 1 { "is" } else { "are" };
    Some(format!("{} {verb} {} beside {}", of_first.join(", "), name(first), name(main)))
}

fn script(c: char) -> Script {
    CodePointMapData::<Script>::new().get(c)
}

/// Digits, signs and marks go with every script.
fn is_one(script: Script) -> bool {
    !matches!(script, Script::Common | Script::Inherited | Script::Unknown)
}

fn go_together(one: Script, other: Script) -> bool {
    let is_eastern = |script| EAST_ASIAN.contains(&script);
    let is_beside = |script| is_eastern(script) || script == Script::Latin;
    one == other || (is_beside(one) && is_beside(other))
}

fn name(script: Script) -> String {
    PropertyNamesLong::<Script>::new().get(script).unwrap_or("of another script").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::mixture;

    #[test]
    fn the_letters_of_the_rarer_script_are_named() {
        assert_eq!(mixture("аnna").as_deref(), Some("`а` is Cyrillic beside Latin"));
        assert_eq!(mixture("аnnа.lennее").as_deref(), Some("`а`, `е` are Cyrillic beside Latin"));
        assert_eq!(mixture("пoштa").as_deref(), Some("`o`, `a` are Latin beside Cyrillic"));
        assert_eq!(mixture("αb").as_deref(), Some("`b` is Latin beside Greek"));
    }

    #[test]
    fn digits_marks_and_east_asian_writing_are_no_mixture() {
        for text in [
            "",
            "42",
            "anna-lee.7",
            "e\u{301}",
            "дар'я-2",
            "山田たろうタロー",
            "山田taro",
            "김金",
            "عمر٣",
            "कि",
        ] {
            assert_eq!(mixture(text), None, "{text}");
        }
    }
}
