//! What was asked on the command line, apart from what it means: which command, and which files.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

/// A command as it was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// The words that name it, such as `setting operator list`.
    pub(crate) command: String,
    /// The files and folders it was given, each with the argument that named it.
    pub(crate) files: Vec<(String, OsString)>,
}

impl Invocation {
    /// That of a parsed command line.
    pub(crate) fn of(root: &Command, matches: &ArgMatches) -> Self {
        let mut all = Self::default();
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

    fn take(&mut self, command: &Command, matches: &ArgMatches) {
        for argument in command.get_arguments().filter(|argument| names_a_file(argument)) {
            let id = argument.get_id().as_str();
            let typed = matches.try_contains_id(id).is_ok_and(|there| there)
                && matches.value_source(id) == Some(ValueSource::CommandLine);
            let values = if typed { matches.get_raw(id) } else { None };
            for value in values.into_iter().flatten().map(OsStr::to_owned) {
                let named = (label(argument), value);
                if !self.files.contains(&named) {
                    self.files.push(named);
                }
            }
        }
    }
}

/// Whether the argument's value is the path of a file or folder.
pub(crate) fn names_a_file(argument: &Arg) -> bool {
    argument.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

/// `--output`, or `FILE` for an argument without a flag.
fn label(argument: &Arg) -> String {
    match argument.get_long() {
        Some(long) => format!("--{long}"),
        None => argument.get_id().as_str().to_uppercase(),
    }
}
