//! Permissions: the one answer to "may this person do that, and why".
//!
//! What a person may do is the union over the groups they are in, however they came in; nothing subtracts, and without a
//! grant the answer is no. Every question that is asked, of one person or of all, ends in
//! [`covers`](crate::catalog::covers). Superusers have every permission for every company, and who is not active has none.

mod access;
mod access_queries;
mod ask;
pub(crate) mod cli;
mod effect;
mod error;
mod explain;
mod matrix;
mod modules;
mod snapshot;
mod store;
mod who_can;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use access::Access;
pub(crate) use access_queries::AccessQueries;
pub(crate) use ask::{Asked, check};
pub(crate) use effect::Losses;
pub(crate) use error::Error;
pub(crate) use who_can::who_can;
