//! Commands that are printed to be copied, with what was said on this command line of where the store is.
//!
//! Who wrote `--store x` means that store in the next command too. What advises a command knows nothing of flags, so they
//! are put in where it is printed: behind `secboard`, in each command of a text.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use crate::text::shell;

/// How a command in a text begins, after the grave accent before it.
const PROGRAM: &str = "secboard ";

/// The flags of this command line that say which store it is about, as a shell takes them.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreFlags {
    flags: String,
}

impl StoreFlags {
    /// Those that were given.
    pub(crate) fn given(store: Option<&Path>, config: Option<&Path>) -> Self {
        let mut flags = String::new();
        for (flag, path) in [("--store", store), ("--config", config)] {
            if let Some(path) = path {
                let path = shell::path(path);
                write!(flags, "{flag}{}{path} ", shell::before(&path)).ok();
            }
        }
        Self { flags }
    }

    /// A command, which means the same store.
    pub(crate) fn in_command<'a>(&self, command: &'a str) -> Cow<'a, str> {
        match command.strip_prefix(PROGRAM) {
            Some(verb) if !self.flags.is_empty() => Cow::Owned(format!("{PROGRAM}{}{verb}", self.flags)),
            _ => Cow::Borrowed(command),
        }
    }

    /// A text, in which each command between grave accents means the same store.
    pub(crate) fn in_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.flags.is_empty() || !text.contains("`secboard ") {
            return Cow::Borrowed(text);
        }
        let mut told = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('`') {
            told.push_str(before);
            told.push('`');
            rest = after;
            if after.starts_with(PROGRAM) {
                let (command, behind) = after.split_at(shell::end_of_code(after));
                told.push_str(&self.in_command(command));
                rest = match behind.strip_prefix('`') {
                    Some(behind) => {
                        told.push('`');
                        behind
                    }
                    None => behind,
                };
            }
        }
        told.push_str(rest);
        Cow::Owned(told)
    }

    /// What to do: one command, or a text with commands in it.
    pub(crate) fn in_hint<'a>(&self, hint: &'a str) -> Cow<'a, str> {
        if hint.starts_with(PROGRAM) { self.in_command(hint) } else { self.in_text(hint) }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::StoreFlags;

    #[test]
    fn each_command_of_a_text_means_the_store_that_was_given() {
        let flags = StoreFlags::given(Some(Path::new("/x y/s.db")), Some(Path::new("-c")));
        assert_eq!(
            flags.in_text(
                "see `a`, then `secboard run show x`, or `secboard user edit 'a`b' …`; not `secboard` alone"
            ),
            "see `a`, then `secboard --store '/x y/s.db' --config=-c run show x`, or \
            `secboard --store '/x y/s.db' --config=-c user edit 'a`b' …`; not `secboard` alone"
        );
        assert_eq!(flags.in_hint("secboard run list"), "secboard --store '/x y/s.db' --config=-c run list");
        assert_eq!(flags.in_text("secboard itself sends nothing"), "secboard itself sends nothing");
    }

    #[test]
    fn without_flags_every_text_stays_as_it_is() {
        let flags = StoreFlags::given(None, None);
        for text in ["secboard run list", "run `secboard run list`"] {
            assert_eq!(flags.in_hint(text), text);
        }
    }
}
