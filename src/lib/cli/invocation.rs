//! What was asked on the command line, apart from what it means: which command, and which files.
//!
//! What an argument for a file means is decided once, by the type of its value: a [`FileOrStream`] is a file or the standard
//! stream, a path ([`path`]) is always a path.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::tabular::FileOrStream;
use crate::text::shell;

/// A command as it was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// The words that name it, such as `setting operator list`.
    pub(crate) command: String,
    /// The files and folders it was given, each with the argument that named it.
    pub(crate) files: Vec<(String, FileOrStream)>,
    /// Those of the arguments that never mean the standard stream.
    pub(crate) paths_only: Vec<String>,
    /// The command line as a shell takes it, but for what says which store it is about, which is told with each command.
    pub(crate) typed: String,
}

impl Invocation {
    /// That of a parsed command line.
    pub(crate) fn of(root: &Command, matches: &ArgMatches, arguments: &[OsString]) -> Self {
        let mut all = Self { typed: typed(arguments), ..Self::default() };
        all.take(root, matches);
        let (mut command, mut matches) = (root, matches);
        while let Some((name, below)) = matches.subcommand() {
            let Some(found) = command.find_subcommand(name) else { break };
            if !all.command.is_empty() {
                all.command.push(' ');
            }
            all.command.push_str(found.get_name());
            all.take(found, below);
            (command, matches) = (found, below);
        }
        all
    }

    /// The files apart from an output: what stands there under its name too is an input all the same.
    pub(crate) fn beside<'a>(&'a self, output: &'a FileOrStream) -> impl Iterator<Item = &'a FileOrStream> {
        let mut is_passed = false;
        let places = self.files.iter().map(|(_, place)| place);
        places.filter(move |place| *place != output || std::mem::replace(&mut is_passed, true))
    }

    fn take(&mut self, command: &Command, matches: &ArgMatches) {
        for argument in command.get_arguments().filter(|argument| names_a_file(argument)) {
            let id = argument.get_id().as_str();
            let is_there = matches.try_contains_id(id).is_ok_and(|there| there);
            if !is_there || matches.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            let places: Vec<FileOrStream> = if may_be_a_stream(argument) {
                matches.get_many::<FileOrStream>(id).into_iter().flatten().cloned().collect()
            } else {
                self.paths_only.push(label(argument));
                matches.get_many::<PathBuf>(id).into_iter().flatten().map(FileOrStream::from).collect()
            };
            for place in places {
                let named = (label(argument), place);
                if !self.files.contains(&named) {
                    self.files.push(named);
                }
            }
        }
    }
}

/// What says which store a command is about.
const OF_STORE: [&str; 2] = ["--store", "--config"];

/// The arguments as a shell takes them, without those that say which store they are about.
fn typed(arguments: &[OsString]) -> String {
    let mut words = vec!["secboard".into()];
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        if OF_STORE.contains(&&*text) {
            rest.next();
        } else if !OF_STORE
            .iter()
            .any(|flag| text.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')))
        {
            words.push(shell::path(Path::new(argument)));
        }
    }
    words.join(" ")
}

/// Whether the argument's value is a file or folder, or may be one.
pub(crate) fn names_a_file(argument: &Arg) -> bool {
    may_be_a_stream(argument) || argument.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

/// Whether `-` as the argument's value is the standard stream.
pub(crate) fn may_be_a_stream(argument: &Arg) -> bool {
    argument.get_value_parser().type_id() == TypeId::of::<FileOrStream>()
}

/// Reads an argument that is a path and never the standard stream, so that nobody takes `-` for one.
pub(crate) fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|typed| {
        if typed == "-" {
            Err("a path is needed; what is called `-` is `./-`")
        } else {
            Ok(PathBuf::from(typed))
        }
    })
}

/// `--output`, or `FILE` for an argument without a flag.
fn label(argument: &Arg) -> String {
    match argument.get_long() {
        Some(long) => format!("--{long}"),
        None => argument.get_id().as_str().to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn a_command_is_typed_again_without_its_store() {
        let line = [
            "/bin/secboard",
            "--store",
            "x",
            "user",
            "import",
            "a b.csv",
            "--config=y",
            "--map",
            "E mail=email",
        ];
        assert_eq!(typed(&line.map(Into::into)), "secboard user import 'a b.csv' --map 'E mail=email'");
    }
}
