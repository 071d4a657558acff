//! What others may have written that a mail repeats: names.
//!
//! Whoever may edit a person names them, and whoever imports names the file. A mail that the site vouches for repeats of that
//! what a name can be, and never an address to click on or a sentence.

use std::path::Path;

use unicode_normalization::char::is_combining_mark;

use crate::tabular::Format;

/// The most characters of a name of a person in a mail, and the most words of a first name and of all names.
const MAX_NAME: usize = 60;
const MAX_FIRST_NAMES: usize = 4;
const MAX_NAMES: usize = 8;

/// The most letters that a dot shortens, as in `Prof.`.
const MAX_SHORTENED: usize = 4;

/// The most characters and words of where something came from.
const MAX_SOURCE: usize = 60;
const MAX_WORDS: usize = 6;

/// How files end that are imported, beside those whose format their ending names.
const OTHER_ENDINGS: [&str; 2] = ["txt", "gz"];

/// A first name to greet somebody by; empty where what is given is no plain name.
pub(crate) fn greeted(name: &str) -> &str {
    if is_name(name, MAX_FIRST_NAMES) { name } else { "" }
}

/// The names beside an address; empty where what is given are no plain names.
pub(crate) fn beside_address(name: &str) -> &str {
    if is_name(name, MAX_NAMES) { name } else { "" }
}

/// Where something came from, such as a file or a group; none where it could be read as something else.
pub(super) fn source(text: &str) -> Option<&str> {
    let is_short = text.chars().count() <= MAX_SOURCE && text.split_whitespace().count() <= MAX_WORDS;
    let is_label = |word: &str| {
        let word = word.trim_end_matches([',', '.']);
        let is_import = |ending: &str| {
            Format::of_path(Path::new(word)).is_some()
                || OTHER_ENDINGS.iter().any(|other| ending.eq_ignore_ascii_case(other))
        };
        let is_file = word.rsplit_once('.').is_none_or(|(_, ending)| is_import(ending));
        is_file && !word.contains(['/', '\\', ':', '@'])
    };
    (is_short && text.split_whitespace().all(is_label)).then_some(text)
}

/// Whether these are so many words at most of letters alone, or shortened by a dot.
fn is_name(text: &str, most: usize) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() <= most && text.chars().count() <= MAX_NAME && words.into_iter().all(is_word)
}

fn is_word(word: &str) -> bool {
    // Joiners stand within the letters of some scripts.
    let is_letter =
        |c: char| c.is_alphabetic() || is_combining_mark(c) || matches!(c, '\u{200C}' | '\u{200D}');
    let is_between = |c: char| matches!(c, '-' | '\'' | '’' | '‘' | 'ʼ' | '`' | '·' | '‐');
    let letters = match word.strip_suffix('.') {
        Some(short) if short.chars().count() <= MAX_SHORTENED => short,
        Some(_) => return false,
        None => word,
    };
    !letters.is_empty() && letters.chars().all(|c| is_letter(c) || is_between(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_a_name_is_repeated_as_it_is_and_nothing_else_that_stands_in_its_place() {
        for name in [
            "Олена",
            "Дар'я",
            "Anne-Marie",
            "J. R.",
            "María del Carmen",
            "Jean-Luc Édouard",
            "山田",
            "अनिल",
            "नीलिमा",
            "עמר",
            "O’Neil",
            "",
        ] {
            assert_eq!((greeted(name), beside_address(name)), (name, name));
        }
        assert_eq!(
            beside_address("Prof. María del Carmen García de la Torre"),
            "Prof. María del Carmen García de la Torre"
        );
        for name in [
            "evil.example",
            "https://evil.example/x",
            "www.evil.example",
            "Anna evil.example",
            "Anna. Your account ends, log in at evil.example",
            "call 0800 123",
            "a@evil.example",
            "Anna, your account is closed",
            "your account was closed call the help desk now please Anna",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "<b>Anna</b>",
            "Anna!",
        ] {
            assert_eq!((greeted(name), beside_address(name)), ("", ""), "{name}");
        }
    }

    #[test]
    fn m5_a_source_is_a_label_and_no_address_or_sentence() {
        for text in [
            "people.csv",
            "people.ndjson",
            "PEOPLE.CSV",
            "people.Txt",
            "Risk Managers",
            "people 2026-11.xlsx, more.jsonl.gz",
            "Acme-Bank (old)",
        ] {
            assert_eq!(source(text), Some(text));
        }
        for text in [
            "evil.example",
            "https://evil.example/people.csv",
            "evil.example people.csv",
            "a@evil.example",
            "release it at once for the bank will close else",
            &"x".repeat(61),
        ] {
            assert_eq!(source(text), None, "{text}");
        }
    }
}
