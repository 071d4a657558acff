//! The command line of `secboardd`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Command, CommandFactory as _, Parser};

use super::Parts;
use crate::cli::output::Format;
use crate::cli::{Clocks, StoreFlags, report, stop};
use crate::config;

/// The daemon's command line.
#[derive(Debug, Parser)]
#[command(
    name = "secboardd",
    version,
    about = "Serve the pages of secboard, send its mails, and do what is due",
    max_term_width = 100,
    after_help = "Examples:\n  secboardd --check\n  secboardd --config /etc/secboard/secboard.toml"
)]
struct Arguments {
    /// The store to work on
    #[arg(long, value_name = "PATH", help = "The store to work on [env: SECBOARD_STORE]")]
    store: Option<PathBuf>,
    /// The configuration file
    #[arg(long, value_name = "FILE", help = "The configuration file [env: SECBOARD_CONFIG]")]
    config: Option<PathBuf>,
    /// Check configuration, store and key, and exit
    #[arg(long)]
    check: bool,
}

/// The whole of it, as it is documented.
pub(crate) fn command() -> Command {
    let mut command = Arguments::command();
    command.build();
    command
}

/// Parses the command line and runs the daemon with what the features give it; returns the exit code.
pub(crate) fn main(arguments: Vec<OsString>, parts: Parts) -> u8 {
    stop::survive_file_size_limit();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return report::usage(&error, &arguments),
    };
    let load = || config::load(parsed.store.as_deref(), parsed.config.as_deref()).map_err(Into::into);
    match super::run(&load, parts, parsed.check) {
        Ok(()) => 0,
        Err(failure) => {
            let flags = StoreFlags::given(parsed.store.as_deref(), parsed.config.as_deref());
            report::report(&failure, Format::Table, &flags, &Clocks::default())
        }
    }
}
