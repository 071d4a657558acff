//! Words that other systems write where there is nothing: taken for what they are only where somebody says so.

use crate::text::fold::fold;

/// Folded, in the languages of our neighbours too.
const WORDS: [&str; 20] = [
    "n/a",
    "#n/a",
    "na",
    "n.a.",
    "null",
    "nil",
    "none",
    "(none)",
    "(null)",
    "nan",
    "undefined",
    "-",
    "--",
    "–",
    "—",
    "k.a.",
    "keine",
    "немає",
    "нет",
    "brak",
];

/// Whether a cell holds such a word and nothing else.
pub(super) fn is_word(cell: &str) -> bool {
    let is = |word: &&str| {
        word.len() == cell.len()
            && (word.eq_ignore_ascii_case(cell) || !cell.is_ascii() && fold(cell) == **word)
    };
    WORDS.iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::is_word;

    #[test]
    fn a_word_for_nothing_is_known_in_any_letters() {
        assert!(is_word("N/A") && is_word("NULL") && is_word("Немає") && is_word("-"));
        assert!(!is_word("") && !is_word("Nils") && !is_word("IT"));
    }
}
