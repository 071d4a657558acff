//! Directories: Active Directory, and others that speak LDAP.
//!
//! A [`connection`] says which servers of a directory are asked, how, and who the people of a company are among its entries.
//! [`mapping`] says what somebody there would be here. [`trial`] asks a directory step by step and tells what it found;
//! [`login`](mod@login) lets somebody in by the password they have there; [`login_trial`] tries the password of one person, and says to
//! the administrator why it does not open. [`lint`] finds what in a directory would keep people out. [`sync`] follows it: who is
//! there is here.
//!
//! The [`transport`] asks a server. It knows nothing of the store, and the store is never locked while a server is waited for.

mod alert;
pub(crate) mod cli;
pub(crate) mod connection;
mod dn;
mod error;
mod filter;
pub(crate) mod fuzzing;
mod link;
mod lint;
mod lockout;
pub(crate) mod login;
mod login_trial;
mod mapping;
mod near;
mod reach;
mod search;
mod store;
mod sync;
mod transport;
mod trial;
mod tries;
pub(crate) mod upkeep;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use error::Error;
#[cfg(test)]
pub(crate) use sync::see_why;
