//! secboard administers people and what they may do, from a shell.
//!
//! Two kinds of folders live here. A *feature* folder (`user`, `company`, `run`, …) holds everything about one noun; a
//! *frame* (`store`, `cli`, `text`, …) holds what all features share and knows no feature. `docs/ARCHITECTURE.md` tells
//! the rest.

mod error;

// Frames.
mod cli;
mod config;
mod context;
mod crypto;
mod i18n;
mod store;
mod tabular;
mod text;
mod tls;
mod web;

// Features.
mod audit;
mod catalog;
mod company;
mod contact;
mod directory;
mod export;
mod group;
mod key;
mod link;
mod login;
mod mail;
mod manual;
mod operator;
mod org;
mod password;
mod permission;
mod photo;
mod profile;
mod quickstart;
mod role;
mod run;
mod session;
mod setting;
mod setup;
mod state;
mod throttle;
mod token;
mod two_factor;
mod upkeep;
mod user;
mod verify;

mod registry;

#[doc(hidden)]
pub mod bench;
#[doc(hidden)]
pub mod fuzzing;

// The daemon, which serves what the features offer.
mod daemon;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the `secboard` command.
pub fn secboard() -> ExitCode {
    error::tell_of_panics_as_errors();
    let arguments = arguments();
    ExitCode::from(registry::main(arguments))
}

/// Runs the `secboardd` daemon.
pub fn secboardd() -> ExitCode {
    let arguments = arguments();
    ExitCode::from(daemon::cli::main(arguments, registry::DAEMON))
}

/// What this process was called with; it has nothing open that it was not asked to have.
fn arguments() -> Vec<OsString> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    config::close_inherited(&arguments);
    arguments
}
