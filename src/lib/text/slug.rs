//! Short names for links and scripts, made from names of any script.

/// `text` in the letters `a-z`, digits and single hyphens; none when nothing of it can be written so.
///
/// Apostrophes vanish (`O'Neil` is `oneil`), every other sign parts two words.
pub(crate) fn slug(text: &str) -> Option<String> {
    let plain = deunicode::deunicode(text).to_ascii_lowercase().replace(['\'', '`'], "");
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-");
    (!slug.is_empty()).then_some(slug)
}

/// Whether `text` is written as a slug is.
pub(crate) fn is_slug(text: &str) -> bool {
    slug(text).as_deref() == Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_any_script_become_letters() {
        for (name, expected) in [
            ("Acme Bank", "acme-bank"),
            ("Дніпро Енерго", "dnipro-energo"),
            ("  R&D -- West!  ", "r-d-west"),
            ("O'Neil", "oneil"),
            ("Müller & Söhne", "muller-sohne"),
            ("山田", "shan-tian"),
        ] {
            assert_eq!(slug(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn signs_alone_make_no_slug() {
        for name in ["", " ", "--", "'", "\u{0}"] {
            assert_eq!(slug(name), None, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn a_slug_is_its_own_slug(name in any::<String>()) {
            if let Some(made) = slug(&name) {
                prop_assert_eq!(slug(&made), Some(made));
            }
        }
    }
}
