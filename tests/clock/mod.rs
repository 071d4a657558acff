//! The clock of a test is the clock of the commands it runs.
//!
//! `tests/run` runs most tests a second time on a day far ahead, with `faketime`. Commands get nothing of the environment
//! of a test, so what shifts the clock is handed on apart.

#![expect(clippy::disallowed_methods, reason = "a test hands on what shifts the clock")]

use std::env;
use std::ffi::OsString;

/// What libfaketime is told by: that it is loaded, by how much the clock is shifted, and what of the rest it leaves alone.
const FAKETIME: &[&str] = &["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "NO_FAKE_STAT"];

/// The variables that make a command see the time that the test sees; none where that is the real one.
pub(crate) fn variables() -> impl Iterator<Item = (&'static str, OsString)> {
    let names = if shift().is_empty() { &[] } else { FAKETIME };
    names.iter().filter_map(|name| Some((*name, env::var_os(name)?)))
}

/// By how much the clock is shifted; empty where it is not.
pub(crate) fn shift() -> String {
    env::var("FAKETIME").unwrap_or_default()
}
