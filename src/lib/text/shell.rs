//! Words of a POSIX shell, for commands that are printed to be copied.
//!
//! A name or an email may hold a quotation mark, and what came from a file may hold anything. In single quotes a shell
//! reads every character as itself up to the next such quote, which is therefore written outside of them (POSIX.1-2024,
//! XCU 2.2).

use std::borrow::Cow;

/// `text` as one word, in quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as one word: as it is where no shell could read it otherwise, else in quotes.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "@%+:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// What a shell makes of a printed word.
    fn read_by_sh(word: &str) -> String {
        let output = Command::new("sh").args(["-c", &format!("printf %s {word}")]).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{word}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_shell_reads_each_word_as_it_was() {
        for text in [
            "",
            "olena@acme.example",
            "o'neil@acme.example",
            "x'; rm -rf ~; '",
            "$(id) `id` $HOME \\",
            "\"double\" and 'single'",
            "''",
            "'",
            "a\nb\tc",
            "~",
            "~root",
            "*",
            "a=b",
            "=ls",
            "#none",
            "!!",
            "-n",
            "%s%n",
            "Дар'я Öz 山田 👩\u{200D}🔬",
            "a\u{A0}b\u{2028}c",
        ] {
            assert_eq!(read_by_sh(&quoted(text)), text);
            assert_eq!(read_by_sh(&word(text)), text);
        }
    }

    #[test]
    fn what_no_shell_could_misread_stays_as_it_is() {
        for text in ["olena@acme.example", "2026-01-31", "+380671234567", "Дніпро", "a/b.csv", "50%"] {
            assert_eq!(word(text), text);
        }
        assert_eq!(quoted("olena@acme.example"), "'olena@acme.example'");
        assert_eq!(word("Acme Bank"), "'Acme Bank'");
        assert_eq!(word("o'neil@acme.example"), r"'o'\''neil@acme.example'");
        assert_eq!(word(""), "''");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_comes_through_a_shell_unharmed(text in "[^\0]{0,40}") {
            prop_assert_eq!(read_by_sh(&quoted(&text)), text.as_str());
            prop_assert_eq!(read_by_sh(&word(&text)), text.as_str());
        }
    }
}
