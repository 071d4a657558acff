//! The list of common passwords: one a line, folded, sorted by bytes.
//!
//! It is searched where the linker put it, so that a process which never sets a password pays nothing for it.

use std::cmp::Ordering;

static LIST: &str = include_str!("common.txt");

/// Whether `folded` is on the list.
pub(super) fn is_common(folded: &str) -> bool {
    let mut rest = LIST;
    while let Some((before, line, after)) = middle(rest) {
        match folded.cmp(line) {
            Ordering::Less => rest = before,
            Ordering::Equal => return true,
            Ordering::Greater => rest = after,
        }
    }
    false
}

/// The line in the middle of `lines`, with what stands before and after it; none when there are no lines.
fn middle(lines: &str) -> Option<(&str, &str, &str)> {
    let start = lines.get(..lines.len() / 2)?.rfind('\n').map_or(0, |end| end + 1);
    let (before, from) = lines.split_at_checked(start)?;
    let (line, after) = from.split_once('\n')?;
    Some((before, line, after))
}

#[cfg(test)]
mod tests {
    use super::{LIST, is_common};
    use crate::text::fold::fold;

    #[test]
    fn p4_the_list_has_ten_thousand_passwords_that_fit() {
        assert!(LIST.lines().count() >= 10_000);
        assert!(LIST.lines().all(|line| line.chars().count() >= 8));
    }

    #[test]
    fn the_list_is_ascii_folded_sorted_and_ends_its_last_line() {
        assert!(LIST.is_ascii(), "it is cut at any byte");
        assert!(LIST.lines().all(|line| fold(line) == line));
        assert!(LIST.lines().is_sorted_by(|one, next| one < next), "in order, none twice");
        assert!(LIST.ends_with('\n'));
    }

    #[test]
    fn every_line_is_found_and_nothing_else() {
        for line in LIST.lines() {
            assert!(is_common(line), "{line}");
            assert!(!is_common(&format!("{line}\u{1F40E}")), "{line} and more");
        }
        for word in ["", "!", "\n", "~~~~~~~~~~~~~~", "пароль", "password\npassword1"] {
            assert!(!is_common(word), "{word:?}");
        }
    }
}
