//! What every catalogue is held against by a test of its owner.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;

/// Fails unless both files are read without a fault, name the same texts with the same values, and each text is said
/// somewhere in `sayers`, the sources of whoever says them.
pub(crate) fn check(english: &str, ukrainian: &str, sayers: &[&str]) {
    let (english, ukrainian) = (texts(english), texts(ukrainian));
    assert_eq!(english, ukrainian, "a text is missing in one language, or takes other values there");
    let unsaid = |name: &&String| !sayers.iter().any(|source| source.contains(&format!("\"{name}\"")));
    assert_eq!(english.keys().find(unsaid), None, "a text is said nowhere");
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
