//! Mails: what they say, how they are built and signed, and how they leave.
//!
//! A [message] is a cause with its facts; templates make of it a text and an HTML part in the language of who reads it,
//! and [`message::compose`] a whole mail. [`dkim`] signs it for the domain of the sender. A [transport] hands it to a
//! server, a folder or a local program, and says exactly what became of it and, if it failed, whose failure that is: the
//! mail's, which then fails alone, or the account's, which then rests with all that waits.
#![cfg_attr(not(test), expect(dead_code, reason = "the outbox, which calls it, comes next"))]

pub(crate) mod address;
pub(crate) mod dkim;
pub(crate) mod message;
pub(crate) mod transport;
