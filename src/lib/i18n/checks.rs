//! What every catalogue is held against by a test of its owner.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;

/// Fails unless the Ukrainian texts have one kind of apostrophe, both files are read without a fault, name the same texts with the same values, and each text is said
/// somewhere in `sayers`, the sources of whoever says them.
pub(crate) fn check(english: &str, ukrainian: &str, sayers: &[&str]) {
    let other = ukrainian.lines().find(|line| has_other_apostrophe(line));
    assert_eq!(other, None, "an apostrophe in Ukrainian is U+2019");
    let (english, ukrainian) = (texts(english), texts(ukrainian));
    assert_eq!(english, ukrainian, "a text is missing in one language, or takes other values there");
    let unsaid = |name: &&String| !sayers.iter().any(|source| source.contains(&format!("\"{name}\"")));
    assert_eq!(english.keys().find(unsaid), None, "a text is said nowhere");
}

/// Whether a line of Ukrainian has an apostrophe that is not U+2019.
pub(super) fn has_other_apostrophe(line: &str) -> bool {
    let is_cyrillic =
        |letter: Option<&char>| letter.is_some_and(|letter| ('\u{400}'..'\u{530}').contains(letter));
    let letters: Vec<char> = line.chars().collect();
    letters.iter().enumerate().any(|(place, letter)| match letter {
        '\u{2BC}' | '\u{2018}' | '\u{2B9}' | '\u{B4}' => true,
        '\'' | '`' => place > 0 && is_cyrillic(letters.get(place - 1)) && is_cyrillic(letters.get(place + 1)),
        _ => false,
    })
}

/// The texts of a file, each with the values it takes.
fn texts(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let faults = FluentResource::try_new(source.to_owned()).err().map(|(_, faults)| faults);
    assert!(faults.is_none(), "{faults:?}");
    let mut texts = BTreeMap::new();
    let mut current = None;
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(char::is_alphabetic) {
            let (name, _) = line.split_once('=').unwrap();
            let name = name.trim().to_owned();
            assert!(texts.insert(name.clone(), BTreeSet::new()).is_none(), "`{name}` is there twice");
            current = Some(name);
        }
        let values = line.split('$').skip(1).map(|rest| {
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect::<String>()
        });
        if let Some(name) = &current {
            texts.get_mut(name).unwrap().extend(values);
        }
    }
    texts
}
