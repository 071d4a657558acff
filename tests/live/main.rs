//! secboard together with the programs its users have: LibreOffice, man, the shells, sudo, Postfix, Chromium, Samba.
//!
//! These tests sit behind the feature `live-tests`; `tests/run` installs the programs and turns it on. A program that is
//! not there is a failure that says how to install it, never a test that is silently left out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and look for programs in PATH"
)]

mod directory;
mod mail;
mod manual;
mod program;
mod shells;
mod sudo;
mod user;
mod web;
mod workbook;
