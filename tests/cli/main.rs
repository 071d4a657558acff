//! Sessions at the command line: what is typed, what is printed, the exit code.
//!
//! Each test works on a [`Board`](harness::Board) of its own and shows a command's whole outcome in one inline snapshot.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod company;
mod exit_codes;
mod harness;
mod import;
