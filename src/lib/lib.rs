//! secboard administers people and what they may do, from a shell.
//!
//! Two kinds of folders live here. A *feature* folder (`user`, `company`, `run`, …) holds everything about one noun; a
//! *frame* (`store`, `cli`, `text`, …) holds what all features share and knows no feature. `docs/ARCHITECTURE.md` tells
//! the rest.

pub mod error;
#[cfg_attr(not(test), expect(dead_code, reason = "imports and exports come with their features"))]
mod tabular;

use std::process::ExitCode;

/// Runs the `secboard` command.
pub fn secboard() -> ExitCode {
    ExitCode::SUCCESS
}

/// Runs the `secboardd` daemon.
pub fn secboardd() -> ExitCode {
    ExitCode::SUCCESS
}
