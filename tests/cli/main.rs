//! Sessions at the command line: what is typed, what is printed, the exit code.
//!
//! Each test works on a [`Board`](harness::Board) of its own and shows a command's whole outcome in one inline snapshot.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod bin;
mod bulk;
#[path = "../clock/mod.rs"]
mod clock;
mod company;
mod contact;
mod department;
mod directory;
mod directory_copy;
mod directory_refresh;
mod directory_sync;
#[path = "../dns/mod.rs"]
mod dns;
mod exit_codes;
mod export;
mod group;
mod harness;
mod import;
mod import_back;
mod import_elsewhere;
mod import_found;
mod import_meant;
mod import_messages;
mod import_options;
mod import_said;
mod import_secrets;
mod import_told;
mod invite;
mod key;
#[path = "../ldap/mod.rs"]
#[expect(
    dead_code,
    clippy::indexing_slicing,
    reason = "other tests use the rest of it; a test fails by panicking"
)]
mod ldap;
mod listing;
mod mail;
mod mail_doctor;
mod mail_flush;
mod mail_owner;
mod mail_secrets;
mod mail_send;
mod mail_test;
mod mail_unfit;
mod mixed_scripts;
mod named;
mod needs;
mod notices;
mod operator;
mod org;
mod people_named;
mod permission;
mod position;
mod release;
mod role;
mod run;
mod setting;
#[path = "../smtp/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod smtp;
mod store_flags;
mod taken_back;
mod taking;
mod two_factor;
mod unread;
mod upkeep;
mod user;
mod visibility;
