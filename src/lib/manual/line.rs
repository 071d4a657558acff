//! The command line as far as it is typed when a shell asks what may follow.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use clap::Command;

use super::topics::TOPICS;
use super::visible;
use crate::config::{self, Config};
use crate::error::Result;

/// The words of a line that is being typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    words: Vec<OsString>,
}

impl Line {
    /// The words behind the `--` that every script puts before them.
    pub(super) fn of(arguments: &[OsString]) -> Self {
        let words = arguments.iter().skip_while(|word| *word != "--").skip(1);
        Self { words: words.cloned().collect() }
    }

    /// Where things are, with the `--store` and `--config` of the line.
    pub(super) fn config(&self) -> Result<Config> {
        let (store, file) = (self.path("--store")?, self.path("--config")?);
        Ok(config::load(store.as_deref(), file.as_deref())?)
    }

    /// The path that a flag is given. bash makes three words of `--store=PATH`.
    fn path(&self, flag: &str) -> Result<Option<PathBuf>> {
        let joined = |word: &OsString| {
            let path = word.as_bytes().strip_prefix(flag.as_bytes())?.strip_prefix(b"=")?;
            Some(OsStr::from_bytes(path).to_owned())
        };
        let mut words = self.words.iter();
        let found = loop {
            match words.next() {
                Some(word) if word == flag => break words.find(|word| *word != "=").cloned(),
                Some(word) => match joined(word) {
                    None => {}
                    path => break path,
                },
                None => break None,
            }
        };
        Ok(match found.map(PathBuf::from) {
            Some(path) => match path.strip_prefix("~") {
                Ok(below) => Some(config::home()?.join(below)),
                Err(_) => Some(path),
            },
            None => None,
        })
    }

    /// What may stand at `typed` behind `help`: a topic or a command, or a verb of the command that is there already.
    pub(super) fn help(&self, tree: &Command, typed: &str) -> Vec<String> {
        let before = self.words.iter().skip_while(|word| *word != "help").skip(1);
        let path: Vec<&OsString> = before.take_while(|word| *word != typed).collect();
        let below = path.iter().try_fold(tree, |command, word| command.find_subcommand(word));
        let topics = TOPICS.iter().map(|topic| topic.name).filter(|_| path.is_empty());
        let commands = below.into_iter().flat_map(visible).map(Command::get_name);
        topics.chain(commands).filter(|name| name.starts_with(typed)).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::registry;

    fn line(words: &str) -> Line {
        let words: Vec<_> = words.split(' ').map(Into::into).collect();
        Line::of(&words)
    }

    #[test]
    fn the_store_of_the_line_is_found_however_it_is_written() {
        for words in
            ["--store /a/b.db user show ", "user show --store=/a/b.db a", "user show --store = /a/b.db a"]
        {
            let path = line(&format!("secboard -- secboard {words}")).path("--store").unwrap();
            assert_eq!(path.unwrap().to_str(), Some("/a/b.db"), "{words}");
        }
        assert_eq!(line("secboard -- secboard user show --store").path("--store").unwrap(), None);
        assert_eq!(line("secboard --store x -- secboard user show").path("--store").unwrap(), None);
    }

    #[test]
    fn help_is_offered_topics_and_commands() {
        let tree = registry::whole_command();
        let offered = |words: &str, typed: &str| {
            line(&format!("secboard -- secboard {words}{typed}")).help(&tree, typed)
        };
        assert_eq!(offered("help ", "ex"), ["exit-codes", "export"]);
        assert_eq!(offered("help user ", "set-p"), ["set-password"]);
        assert_eq!(offered("help nonsense ", "set"), Vec::<String>::new());
    }
}
