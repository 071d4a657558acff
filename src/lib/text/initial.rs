//! Letters that stand for a name.

/// The first letter of a name, as people write initials: a capital. Georgian is left as it is, for it writes none, and fonts lack
/// those that Unicode has for it. Nothing of an empty name.
pub(crate) fn initial(name: &str) -> String {
    match name.chars().next() {
        Some(letter @ '\u{10D0}'..='\u{10FF}') => letter.to_string(),
        Some(letter) => letter.to_uppercase().collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::initial;

    #[test]
    fn an_initial_is_a_capital_but_in_georgian_which_writes_none() {
        for (name, shown) in [
            ("secboard", "S"),
            ("ნინო", "ნ"),
            ("їжак", "Ї"),
            ("ßa", "SS"),
            ("9a", "9"),
            ("漢字", "漢"),
            ("", ""),
        ] {
            assert_eq!(initial(name), shown, "{name}");
        }
    }
}
