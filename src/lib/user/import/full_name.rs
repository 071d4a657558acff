//! A whole name, taken apart: `First Last`, or `Last, First`.

use super::Error;

/// First and last name. Small words before the last one belong to it, as in `Ludwig van Beethoven`; whoever has another last
/// name than that is written `García Márquez, Gabriel`.
pub(super) fn split(text: &str) -> Result<(String, String), Error> {
    let text = text.trim();
    let refused = |reason| Error::FullName { text: text.to_owned(), reason };
    if let Some((last, first)) = text.split_once(',') {
        let (first, last) = (first.trim(), last.trim());
        return match (first.is_empty() || last.is_empty(), first.contains(',')) {
            (true, _) => Err(refused("is one name only")),
            (_, true) => Err(refused("has more than one comma")),
            _ => Ok((first.to_owned(), last.to_owned())),
        };
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_particle = |word: &&&str| word.chars().next().is_some_and(char::is_lowercase);
    let before_last = words.split_last().map(|(_, before)| before).unwrap_or_default();
    let particles = before_last.iter().skip(1).rev().take_while(is_particle).count();
    match words.len().checked_sub(1 + particles).and_then(|first| words.split_at_checked(first)) {
        Some((first, last)) if !first.is_empty() => Ok((first.join(" "), last.join(" "))),
        _ => Err(refused("is one name only")),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn particles_stand_before_the_last_name() {
        for (text, first, last) in [
            ("Nora Lindqvist", "Nora", "Lindqvist"),
            (" Anna  Maria Koval ", "Anna Maria", "Koval"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("María de la Cruz", "María", "de la Cruz"),
            ("Brandt, Otto  ", "Otto", "Brandt"),
            ("de la Cruz, María José", "María José", "de la Cruz"),
            ("von Braun", "von", "Braun"),
            ("Леся Українка", "Леся", "Українка"),
        ] {
            assert_eq!(split(text).unwrap(), (first.to_owned(), last.to_owned()));
        }
    }

    #[test]
    fn one_name_is_not_two() {
        for text in ["Nora", "", "Nora,", ", Nora", "a, b, c"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
