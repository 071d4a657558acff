//! What a person may have meant by a name that does not exist.

use super::fold::fold;
use super::shell::Line;

/// The most names that are offered.
const OFFERED: usize = 3;

/// The candidates that differ from `word` by a typing error or two, the nearest first.
///
/// A third of the letters may differ, at least one; letters that changed places count once.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = fold(word);
    let tolerated = (word.chars().count() / 3).max(1);
    let distance = |candidate: &'a str| (strsim::osa_distance(&word, &fold(candidate)), candidate);
    let near = candidates.into_iter().map(distance).filter(|&(distance, _)| distance <= tolerated);
    let mut near: Vec<_> = near.collect();
    near.sort_by_key(|&(distance, _)| distance);
    near.into_iter().take(OFFERED).map(|(_, candidate)| candidate).collect()
}

/// The nearest of them, if one is near.
pub(crate) fn nearest_one<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).first().map(|near| (*near).to_owned())
}

/// What to do about a name that there is nothing of: take the one that is near, or make it.
pub(crate) fn near_or_new(near: Option<&str>, name: &str, create: Line) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if name.trim().is_empty() => "see those there are".to_owned(),
        None => format!("make it with `{create}`, or see those there are"),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const COLUMNS: [&str; 6] = ["email", "phone", "company", "department", "start_date", "Посада"];

    #[test]
    fn typing_errors_find_what_was_meant() {
        for (word, meant) in [
            ("emial", "email"),
            ("e-mail", "email"),
            ("PHONE", "phone"),
            ("deparment", "department"),
            ("startdate", "start_date"),
            ("пасада", "Посада"),
        ] {
            assert_eq!(nearest(word, COLUMNS), [meant], "{word}");
        }
    }

    #[test]
    fn nothing_is_offered_for_something_else() {
        for word in ["", "x", "zzzzzz", "salary"] {
            assert!(nearest(word, COLUMNS).is_empty(), "{word}");
        }
    }

    #[test]
    fn the_nearest_comes_first_and_three_are_enough() {
        assert_eq!(
            nearest("rolls", ["rollss", "roles", "rolls", "doll", "polls"]),
            ["rolls", "rollss", "roles"]
        );
    }
}
