//! What is written about secboard from its own code: help topics, man pages, completions, references.
//!
//! Everything is made from the command line's declaration, the error kinds and the schema, so it cannot say anything
//! else than the program does. What is committed is made by `cargo run -- generate .`; `tests/generated.rs` proves it
//! current. Nothing here knows a noun: a new one appears by itself.

pub(crate) mod cli;
pub(crate) mod completion;
mod line;
mod pages;
mod reference;
mod store;
mod topics;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Command;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::context::settings::Table;
use crate::error::{Explain, Kind, Result};
use crate::tabular::InUse;
use crate::text::suggest::nearest_one;
use crate::{catalog, operator};
use topics::{TOPICS, Topic};

/// How wide a page is that is kept.
const PAGE_WIDTH: usize = 100;

/// What cannot be shown or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is neither a topic nor a command of this name.
    #[error("there is no help on `{name}`")]
    NoTopic {
        /// The words as typed.
        name: String,
        /// The topic or command that is nearly the same.
        near: Option<String>,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NoTopic { .. } => "help.no_topic",
            Self::Write { .. } => "manual.write",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NoTopic { .. } => Kind::NotFound,
            Self::Write { .. } => Kind::CannotCreate,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NoTopic { near: None, .. } => Some("secboard help".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        let Self::NoTopic { near, .. } = self else { return None };
        Some(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see the topics".to_owned(),
        })
    }
}

/// What is written about, declared when it is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Programs {
    /// The whole command line of `secboard`.
    pub(crate) secboard: fn() -> Command,
    /// The command line of `secboardd`.
    pub(crate) daemon: fn() -> Command,
    /// What there is to set.
    pub(crate) settings: &'static Table,
}

/// A generated file: its path from the root of the source, and its text.
pub(crate) type Document = (String, String);

/// The help on a topic or a command; on everything when no words are given.
pub(crate) fn help(programs: Programs, words: &[String]) -> Result<String> {
    if let [word] = words
        && let Some(topic) = topic(word)
    {
        return Ok((topic.text)());
    }
    let mut command = (programs.secboard)();
    let name = words.join(" ");
    let known = TOPICS.iter().map(|topic| topic.name).chain(command.get_subcommands().map(Command::get_name));
    let near = nearest_one(&name, known);
    let below = |command, word| Command::find_subcommand_mut(command, word);
    let found = words.iter().try_fold(&mut command, below).ok_or(Error::NoTopic { name, near })?;
    let mut text = found.render_long_help().to_string();
    if words.is_empty() {
        text.push_str("\nTopics (secboard help TOPIC):\n");
        for topic in TOPICS {
            writeln!(text, "  {:<12} {}", topic.name, topic.about).ok();
        }
    }
    Ok(text)
}

fn topic(word: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == word)
}

/// The whole command line with the global flags hidden below its root, where they would be repeated on every page, and as
/// wide whatever the terminal.
fn tree(programs: Programs) -> Command {
    (programs.secboard)().term_width(PAGE_WIDTH).mut_subcommands(without_globals)
}

fn without_globals(command: Command) -> Command {
    command
        .term_width(PAGE_WIDTH)
        .mut_args(|argument| {
            let is_common = argument.is_global_set() || argument.get_id() == "help";
            let is_hidden = argument.is_hide_set() || is_common;
            argument.hide(is_hidden)
        })
        .mut_subcommands(without_globals)
}

/// The commands below `command` that are shown.
fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|below| !below.is_hide_set())
}

/// Every man page.
pub(crate) fn man_pages(programs: Programs) -> Vec<Document> {
    pages::all(&tree(programs), &(programs.daemon)().term_width(PAGE_WIDTH))
}

/// Every file that is made from the code.
pub(crate) fn documents(programs: Programs) -> Result<Vec<Document>> {
    let mut documents: Vec<Document> =
        man_pages(programs).into_iter().map(|(name, text)| (format!("man/{name}"), text)).collect();
    for shell in completion::Shell::ALL {
        documents.push((format!("completions/{}", shell.file()), shell.script()));
    }
    documents.push(("docs/cli-reference.md".to_owned(), reference::commands(&tree(programs))));
    documents.push(("docs/exit-codes.md".to_owned(), reference::exit_codes()));
    documents.push((
        "docs/operators.md".to_owned(),
        reference::of_feature(&operator::document(programs.settings)),
    ));
    documents.push(("docs/permissions.md".to_owned(), reference::of_feature(&catalog::document())));
    documents.push(("docs/schema.sql".to_owned(), reference::schema()?));
    Ok(documents)
}

/// How a file is opened to be written anew.
const WRITING: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::TRUNC).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Writes a file below a folder, through no link in it: what somebody lays there leads nowhere.
fn write_below(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let opening = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut at = rustix::fs::open(folder, opening, Mode::empty())?;
    let mut parts = name.split('/').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            let file = rustix::fs::openat(&at, part, WRITING, Mode::from_raw_mode(0o666))?;
            return fs::File::from(file).write_all(text.as_bytes());
        }
        match rustix::fs::mkdirat(&at, part, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {
                at = rustix::fs::openat(&at, part, opening | OFlags::NOFOLLOW, Mode::empty())?;
            }
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// Writes documents below a folder, which is made if it is not there, and over none of the files in use.
pub(crate) fn write(folder: &Path, documents: &[Document], in_use: &InUse) -> Result<()> {
    for (name, text) in documents {
        let path = folder.join(name);
        in_use.check(&path, &path.display().to_string())?;
        write_below(folder, name, text).map_err(|source| Error::Write { path: path.clone(), source })?;
    }
    Ok(())
}
