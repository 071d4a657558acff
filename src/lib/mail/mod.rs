//! Mails: by what they leave, what they say, how they are built and signed.
//!
//! A [`server`] is by what mails leave: one that speaks SMTP, a folder, a local program. An [`account`] of it has a
//! sender, a password and a key that signs; a [`route`] says which account is taken for what. [`trial`] walks the way of a
//! mail and tells every step.
//!
//! The [`outbox`] holds every mail that secboard has for somebody, from the change that caused it until long after it left.
//!
//! A [message] is a cause with its facts; templates make of it a text and an HTML part in the language of who reads it,
//! and [`message::compose`] a whole mail. [`dkim`] signs it for the domain of the sender. A [transport] hands it to a
//! server, a folder or a local program, and says exactly what became of it and, if it failed, whose failure that is: the
//! mail's, which then fails alone, or the account's, which then rests with all that waits. These three know nothing of the
//! store.

pub(crate) mod account;
pub(crate) mod address;
pub(crate) mod cli;
pub(crate) mod dkim;
pub(crate) mod doctor;
mod error;
mod hindered;
pub(crate) mod message;
pub(crate) mod outbox;
mod person;
pub(crate) mod preview;
mod ready;
pub(crate) mod route;
mod said;
pub(crate) mod send;
pub(crate) mod server;
pub(crate) mod settings;
pub(crate) mod trace;
pub(crate) mod transport;
pub(crate) mod trial;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;
#[cfg(test)]
pub(crate) use error::ServerOrAccount;

use std::path::Path;

use crate::context::{Authority, Context};
use crate::error::Result;
use crate::text::instant::Instant;
use message::templates::Templates;

/// Refuses an actor who is no superuser: whoever can lead a mail elsewhere owns every account.
fn require_superuser(cx: &Context) -> Result<()> {
    if cx.actor.is_superuser() {
        return Ok(());
    }
    Err(cx.actor.denied("only a superuser changes by what mails leave").into())
}

/// What is wrong with the templates of a folder, each tried with made-up facts of that time.
pub(crate) fn template_faults(folder: Option<&Path>, at: Instant) -> Vec<String> {
    let (_, faults) = Templates::of_site(folder, at);
    faults.iter().map(ToString::to_string).collect()
}

/// Whether who acts has programs run by which mails leave. An operator has not: they are the owner's of the store, and a shell
/// that lets somebody act as the owner lets them run no other program.
const fn runs_programs(cx: &Context) -> bool {
    matches!(cx.actor.authority, Authority::System | Authority::Service(_))
}
