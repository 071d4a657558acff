//! secboard among broken stores, full disks, other processes and sudden death: nothing is lost, and it says what is wrong.
//!
//! Needs nothing but Rust, bash and coreutils, and runs for any user; where root would be let through everything, the
//! command runs as nobody instead.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and look into the store behind secboard's back"
)]

mod arguments;
#[path = "../browser/mod.rs"]
mod browser;
mod daemon;
mod damage;
mod disk;
mod interrupted;
mod keys;
mod outbox;
mod output;
mod paths;
mod screen;
mod served;
mod site;
#[path = "../smtp/mod.rs"]
#[expect(dead_code, unused_imports, reason = "other tests use the rest of it")]
mod smtp;
mod terminal;
mod web;
mod writers;
