//! How much room text takes on a terminal, and what of it may reach one.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::character::is_driving;

/// The columns that `text` takes; East Asian wide characters take two (UAX #11).
pub(crate) fn display_width(text: &str) -> usize {
    text.width()
}

/// `text` if it fits into `columns`, else its beginning and `…`.
///
/// What readers see as one character is never cut in two. Nothing fits into no columns.
pub(crate) fn truncate_to(text: &str, columns: usize) -> Cow<'_, str> {
    if display_width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else { return Cow::Borrowed("") };
    let fitting = text.grapheme_indices(true).map(|(start, cluster)| start + cluster.len());
    let kept = fitting.filter_map(|end| text.get(..end)).take_while(|head| display_width(head) <= room);
    Cow::Owned(format!("{}…", kept.last().unwrap_or_default()))
}

/// The words of a text: what is joined by a no-break space is one.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let breaks = |character: char| character.is_whitespace() && !['\u{a0}', '\u{202f}'].contains(&character);
    text.split(breaks).filter(|word| !word.is_empty())
}

/// The words of `text` in lines of at most so many columns; a word that is wider stands alone on its line.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words(text) {
        match lines.last_mut() {
            Some(line) if display_width(line) + 1 + display_width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `text` without anything that drives a terminal: white space of any kind becomes a space, other control characters
/// and direction controls become `�`.
///
/// What is stored may come from a directory or an older system, and an escape sequence in it could rewrite the screen.
pub(crate) fn sanitize_for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_driving) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(harmless).collect())
}

/// JSON text in which what drives a terminal is written as `\u` and four digits: the same document to every reader.
///
/// `serde_json` does so with the control characters of ASCII alone.
pub(crate) fn sanitize_json(json: &str) -> Cow<'_, str> {
    let is_driving = |c: char| !matches!(c, '\n') && is_driving(c);
    if json.bytes().all(|byte| byte < 0x7F) || !json.contains(is_driving) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_driving(c) {
            write!(text, "\\u{:04x}", u32::from(c)).ok();
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

/// Each line of `text` as [`sanitize_for_terminal`] leaves it, with a line end.
pub(crate) fn sanitize_lines(text: &str) -> String {
    text.lines().flat_map(|line| [sanitize_for_terminal(line), "\n".into()]).collect()
}

fn harmless(c: char) -> char {
    match c {
        c if !is_driving(c) => c,
        c if c.is_whitespace() => ' ',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_is_left_alone() {
        assert_eq!(truncate_to("Дар'я", 5), "Дар'я");
        assert_eq!(truncate_to("", 0), "");
    }

    #[test]
    fn what_does_not_fit_ends_with_an_ellipsis() {
        assert_eq!(truncate_to("Дар'я", 4), "Дар…");
        assert_eq!(truncate_to("山田太郎", 6), "山田…");
        assert_eq!(truncate_to("山田太郎", 5), "山田…");
        assert_eq!(truncate_to("山田", 1), "…");
        assert_eq!(truncate_to("山田", 0), "");
        assert_eq!(truncate_to("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…", "accents stay with their letter");
    }

    #[test]
    fn words_are_laid_out_in_lines_that_fit_but_where_a_word_does_not() {
        assert_eq!(wrapped(" одне  два\nтри", 9), ["одне два", "три"]);
        assert_eq!(wrapped("山田 太郎 x", 9), ["山田 太郎", "x"]);
        assert_eq!(wrapped("a endless b", 3), ["a", "endless", "b"]);
        assert_eq!(wrapped("a b", 0), ["a", "b"]);
        assert_eq!(wrapped(" ", 9), [""; 0]);
    }

    #[test]
    fn stored_text_cannot_drive_the_terminal() {
        assert_eq!(sanitize_for_terminal("Anna\u{1B}[2J\u{7}"), "Anna�[2J�");
        assert_eq!(sanitize_for_terminal("a\nb\tc\r\u{2028}"), "a b c  ");
        assert_eq!(sanitize_for_terminal("\u{9B}31m\u{202E}x\u{200F}"), "�31m�x�");
        assert!(matches!(sanitize_for_terminal("Дар'я 山田 👩\u{200D}🔬"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_means_the_same_and_drives_nothing() {
        let value = serde_json::json!({ "a\u{9B}": "x\u{1B}[2J\u{7F}\u{85}\u{202E}\n", "б": ["\u{2028}👩\u{200D}🔬"] });
        for json in [value.to_string(), format!("{value:#}")] {
            let harmless = sanitize_json(&json);
            assert!(!harmless.contains(|c| c != '\n' && is_driving(c)), "{harmless:?}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&harmless).unwrap(), value);
        }
        assert!(matches!(sanitize_json(r#"{"a":"Дар'я"}"#), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn truncated_text_fits(text in any::<String>(), columns in 0_usize..20) {
            prop_assert!(display_width(&truncate_to(&text, columns)) <= columns);
        }

        #[test]
        fn harmless_text_stays_as_it_is(text in any::<String>()) {
            let once = sanitize_for_terminal(&text).into_owned();
            prop_assert_eq!(sanitize_for_terminal(&once), once.as_str());
        }
    }
}
