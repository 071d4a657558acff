//! Words of a POSIX shell, for commands that are printed to be copied.
//!
//! A name or an email may hold a quotation mark, and what came from a file may hold anything. In single quotes a shell
//! reads every character as itself up to the next such quote, which is therefore written outside of them (POSIX.1-2024,
//! XCU 2.2).

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::character::is_driving;

/// `text` as one word, in quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `text` as one word: as it is where no shell could read it otherwise, else in quotes.
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "@%+:,./_-…".contains(c);
    if !text.is_empty() && text.chars().all(plain) { Cow::Borrowed(text) } else { Cow::Owned(quoted(text)) }
}

/// A path as one word. One that is no text, or that would drive the terminal it is shown on, is written byte by byte in
/// dollar-single-quotes (POSIX.1-2024, XCU 2.2.4).
pub(crate) fn path(path: &Path) -> Cow<'_, str> {
    if let Some(text) = path.to_str().filter(|text| !text.contains(is_driving)) {
        return word(text);
    }
    let mut text = "$'".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'\'' | b'\\' => write!(text, "\\{}", char::from(*byte)),
            b' '..=b'~' => write!(text, "{}", char::from(*byte)),
            _ => write!(text, "\\{byte:03o}"),
        }
        .ok();
    }
    text.push('\'');
    Cow::Owned(text)
}

/// Where the command at the beginning of `text` ends that a grave accent closes: before the first that no quotes are around.
pub(crate) fn end_of_code(text: &str) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (place, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\'' => is_quoted = !is_quoted,
            '\\' if !is_quoted => is_escaped = true,
            '`' if !is_quoted => return place,
            _ => {}
        }
    }
    text.len()
}

/// What stands between a flag and its value: `=` before a value that would be taken for a flag itself.
pub(crate) fn before(value: &str) -> char {
    if value.starts_with('-') { '=' } else { ' ' }
}

/// A command of secboard that is printed to be copied, and means the same wherever it is typed.
///
/// What begins with `-` is an option to the command, quoted or not: as the value of an option it is written behind `=`,
/// and as a name of its own behind `--`, after which no options come.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    verb: &'static str,
    words: Vec<Word>,
}

/// What stands behind the verb.
#[derive(Debug, Clone)]
enum Word {
    /// A name or another value of its own, as the shell takes it, and whether it begins with `-`.
    Operand { text: String, is_dashed: bool },
    /// A flag, with its value.
    Option(String),
}

/// `secboard`, and the words of a verb such as `user show`.
pub(crate) const fn secboard(verb: &'static str) -> Line {
    Line { verb, words: Vec::new() }
}

impl Line {
    /// Adds a name, in quotes.
    pub(crate) fn operand(self, text: &str) -> Self {
        self.add(text, quoted(text))
    }

    /// Adds a word, as it is where it can be.
    pub(crate) fn word(self, text: &str) -> Self {
        self.add(text, word(text).into_owned())
    }

    fn add(mut self, typed: &str, text: String) -> Self {
        self.words.push(Word::Operand { text, is_dashed: typed.starts_with('-') });
        self
    }

    /// Adds a flag with a value.
    pub(crate) fn option(mut self, flag: &str, value: &str) -> Self {
        self.words.push(Word::Option(format!("{flag}{}{}", before(value), quoted(value))));
        self
    }

    /// Adds flags, and values that are written here.
    pub(crate) fn flags(mut self, text: &str) -> Self {
        self.words.push(Word::Option(text.to_owned()));
        self
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_like_an_option = |word: &Word| matches!(word, Word::Operand { is_dashed: true, .. });
        let is_option = |word: &&Word| matches!(word, Word::Option(_));
        write!(f, "secboard {}", self.verb)?;
        if self.words.iter().any(is_like_an_option) {
            self.words.iter().filter(is_option).try_for_each(|word| write!(f, " {word}"))?;
            f.write_str(" --")?;
            return self
                .words
                .iter()
                .filter(|word| !is_option(word))
                .try_for_each(|word| write!(f, " {word}"));
        }
        self.words.iter().try_for_each(|word| write!(f, " {word}"))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operand { text, .. } | Self::Option(text) => f.write_str(text),
        }
    }
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
    fn a_name_is_no_option_of_the_command() {
        let line = |name: &str| secboard("user edit").operand(name).flags("--staff").option("--email", name);
        assert_eq!(
            line("a@x.example").to_string(),
            "secboard user edit 'a@x.example' --staff --email 'a@x.example'"
        );
        assert_eq!(line("-a'b").to_string(), r"secboard user edit --staff --email='-a'\''b' -- '-a'\''b'");
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

    #[test]
    fn a_path_that_is_no_text_is_written_byte_by_byte() {
        let shown = |bytes: &[u8]| path(Path::new(std::ffi::OsStr::from_bytes(bytes))).into_owned();
        assert_eq!(shown(b"/x/s.db"), "/x/s.db");
        assert_eq!(shown("/бюро/s.db".as_bytes()), "/бюро/s.db");
        assert_eq!(shown(b"/x/b\xfccher's \\.db"), r"$'/x/b\374cher\'s \\.db'");
        assert_eq!(shown("/x/\u{202e}\n.db".as_bytes()), r"$'/x/\342\200\256\012.db'");
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
