//! Which scripts the letters of a text belong to and what they look like, for texts that may be meant to pass for others.
//!
//! Nobody sees a Cyrillic `а` in a Latin word. It is no fault, for names and brands are written so; but whoever makes an
//! account of such an address should know. What is a mixture follows the profile "highly restrictive" of UTS #39: scripts
//! of East Asia are written beside each other and beside Latin, any other two are not. What looks alike is said by the table
//! of the same standard: nobody sees either that a whole word is Cyrillic, if each of its letters looks Latin, or that a
//! hyphen is not the one on the keyboard.

use icu_properties::props::Script;
use icu_properties::{CodePointMapData, PropertyNamesLong};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// What is written beside each other in Chinese, Japanese and Korean.
const EAST_ASIAN: [Script; 5] =
    [Script::Han, Script::Hiragana, Script::Katakana, Script::Bopomofo, Script::Hangul];

/// As names have them in Ukrainian and elsewhere, whatever the keyboard has.
const APOSTROPHES: [char; 2] = ['\u{2BC}', '\u{2019}'];

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

/// The characters for which others of ASCII would be taken, such as `` `с` (U+0441) looks like `c` ``: signs always, letters
/// where all of the text looks as if it were ASCII. A text of another script is no such text where it `is_written_so`.
pub(crate) fn look_alikes(text: &str, is_written_so: impl Fn(&str) -> bool) -> Option<String> {
    let passes = !text.is_ascii() && skeleton(text).all(|c| c.is_ascii()) && !is_written_so(text);
    let mut found: Vec<(char, String)> = Vec::new();
    for c in text.chars().filter(|c| passes || !is_of_a_word(*c)) {
        if let Some(alike) = ascii_alike(c).filter(|_| !found.iter().any(|(other, _)| *other == c)) {
            found.push((c, alike));
        }
    }
    let said: Vec<String> = found
        .iter()
        .map(|(c, alike)| format!("`{c}` (U+{:04X}) looks like `{alike}`", u32::from(*c)))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Whether all letters of a text are of one script that is not Latin, and all of another text's are of it too.
pub(crate) fn is_of_the_script_of(text: &str, other: &str) -> bool {
    let scripts = |text: &str| text.chars().map(script).filter(|script| is_one(*script)).collect::<Vec<_>>();
    let (own, others) = (scripts(text), scripts(other));
    let Some(first) = own.first().copied().filter(|script| *script != Script::Latin) else { return false };
    !others.is_empty() && own.iter().chain(&others).all(|script| *script == first)
}

/// The ASCII that a character looks like. The letters that European alphabets have beside those of ASCII, and the
/// apostrophes of names, are known to who reads them: nobody takes `ı` or `þ` for another in a name.
fn ascii_alike(c: char) -> Option<String> {
    if c.is_ascii() || APOSTROPHES.contains(&c) || ('\u{C0}'..='\u{17F}').contains(&c) {
        return None;
    }
    let plain: String = std::iter::once(c).nfkc().collect();
    if plain.is_ascii() {
        return Some(plain);
    }
    let alike: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
    alike.is_ascii().then_some(alike)
}

/// Letters, digits and the marks on them.
fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
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
    use super::{is_of_the_script_of, look_alikes, mixture};

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

    #[test]
    fn signs_and_words_that_pass_for_ascii_are_named() {
        let found = |text: &str| look_alikes(text, |_| false);
        for (text, said) in [
            ("anna\u{2024}lee", "`\u{2024}` (U+2024) looks like `.`"),
            ("anna\u{2010}lee", "`\u{2010}` (U+2010) looks like `-`"),
            ("дар\u{2010}я", "`\u{2010}` (U+2010) looks like `-`"),
            ("сосо", "`с` (U+0441) looks like `c`, `о` (U+043E) looks like `o`"),
            ("аnna", "`а` (U+0430) looks like `a`"),
            ("\u{FF41}nna", "`\u{FF41}` (U+FF41) looks like `a`"),
            ("\u{1D41A}nna", "`\u{1D41A}` (U+1D41A) looks like `a`"),
            ("\u{251}nn\u{251}", "`\u{251}` (U+0251) looks like `a`"),
            ("ο", "`ο` (U+03BF) looks like `o`"),
        ] {
            assert_eq!(found(text).as_deref(), Some(said), "{text}");
        }
        for text in ["", "anna-lee.7", "дар'я", "müller", "ışıl", "ırmak", "þorri", "山田", "김金", "عمر٣"]
        {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(look_alikes("оса", |word| is_of_the_script_of(word, "укр")), None);
    }

    #[test]
    fn a_word_is_of_the_script_of_another_that_has_no_other() {
        for (word, other, is_of) in [
            ("оса", "укр", true),
            ("оса", "укр-1", true),
            ("оса", "com", false),
            ("оса", "7", false),
            ("осa", "укр", false),
            ("anna", "com", false),
        ] {
            assert_eq!(is_of_the_script_of(word, other), is_of, "{word} {other}");
        }
    }
}
