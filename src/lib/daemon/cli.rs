//! The command line of `secboardd`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Command, CommandFactory as _, Parser};

use crate::cli::output::Format;
use crate::cli::{StoreFlags, report};
use crate::config;
use crate::context::settings::Table;

/// The daemon's command line.
#[derive(Debug, Parser)]
#[command(
    name = "secboardd",
    version,
    about = "Serve secboard on the loopback interface",
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

/// Parses the command line and runs the daemon, where there is this to set; returns the exit code.
pub(crate) fn main(arguments: impl IntoIterator<Item = OsString>, settings: &'static Table) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => return report::usage(&error, &arguments),
    };
    let config = config::load(parsed.store.as_deref(), parsed.config.as_deref());
    let served = config.map_err(Into::into).and_then(|config| {
        // What a store names is run and opened as whom it belongs to.
        config::become_owner(&config.store)?;
        super::run(&config, settings, parsed.check)
    });
    match served {
        Ok(()) => 0,
        Err(failure) => {
            let flags = StoreFlags::given(parsed.store.as_deref(), parsed.config.as_deref());
            report::report(&failure, Format::Table, &flags)
        }
    }
}
