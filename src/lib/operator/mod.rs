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
mod authenticator;
pub(crate) mod cli;
mod error;
mod map;
mod matrix_document;
pub(crate) mod needs;
mod refusal;
mod shell;
mod store;

#[cfg(test)]
mod tests;

pub(crate) use account::acting_account;
#[cfg(test)]
pub(crate) use account::actor;
#[cfg(test)]
pub(crate) use authenticator::revalidate_actor;
pub(crate) use authenticator::{ShellAuthenticator, admit};
pub(crate) use error::Error;
pub(crate) use map::{list, remove, set};
pub(crate) use matrix_document::document;
pub(crate) use refusal::record as record_refusals;
pub(crate) use shell::is_system;

/// The word for an operator in the audit.
pub(crate) const KIND: &str = "operator";
