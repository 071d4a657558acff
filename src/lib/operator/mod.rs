//! Operators: who is at the shell, and what that lets them do.
//!
//! Root, and the user of the system that owns the store, are the *system actor* and may do everything. Whoever becomes
//! that owner through sudo, doas or pkexec is a *delegated operator*: the shell user behind is mapped to an account, and
//! that account's permissions decide each operation ([`shell`], [`account`]). The same account can be tried on by the
//! system actor with `--as`.
//!
//! What each command needs stands in one table ([`needs`]), which the help, the manual and the first check before a
//! command share. The check of what exactly is touched is made by each operation itself. Every refusal is an audit row
//! ([`refusal`]).

mod account;
pub(crate) mod cli;
mod door;
mod error;
mod map;
pub(crate) mod needs;
mod refusal;
mod shell;
mod store;
mod who;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use account::actor;
#[cfg(test)]
pub(crate) use door::still_may;
pub(crate) use door::{AtTheShell, admit};
pub(crate) use error::Error;
pub(crate) use map::{list, remove, set};
pub(crate) use refusal::record as record_refusals;
pub(crate) use shell::is_system;
pub(crate) use who::document;

/// The word for an operator in the audit.
pub(crate) const KIND: &str = "operator";
