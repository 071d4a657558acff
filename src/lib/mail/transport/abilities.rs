//! What a server says it can do, and what it takes therefore.
//!
//! What it says of sizes is believed as far as servers have limits: one below [`LEAST_LIMIT`], or below a mail to which nothing
//! is attached, would have every mail fail, and is the account's failure.

use std::fmt::Write as _;

use super::SizeLimit;
use super::failure::Cause;
use super::reply::Reply;
use crate::mail::message::compose::Composed;

/// The least that a server takes of a mail, in bytes: RFC 5321 (4.5.3.1.7) has every server take 64 KiB.
pub(super) const LEAST_LIMIT: u64 = 64 << 10;

/// What a server says it can do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) starttls: bool,
    utf8: bool,
    eight_bit: bool,
    takes_size: bool,
    size: Option<u64>,
    pub(super) logins: Vec<String>,
}

impl Abilities {
    pub(super) fn of(reply: &Reply) -> Self {
        let mut abilities = Self::default();
        for line in reply.lines().iter().skip(1) {
            let line = line.to_ascii_uppercase();
            // `AUTH=PLAIN` is how old servers said it.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => abilities.starttls = true,
                Some("SMTPUTF8") => abilities.utf8 = true,
                Some("8BITMIME") => abilities.eight_bit = true,
                Some("SIZE") => {
                    abilities.takes_size = true;
                    abilities.size = words.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
                }
                Some("AUTH") => abilities.logins.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        abilities
    }

    /// The most bytes that it says it takes, if that is to be believed of a server.
    pub(super) fn size_limit(&self) -> SizeLimit {
        self.size.filter(|limit| *limit >= LEAST_LIMIT).map_or(SizeLimit::None, SizeLimit::Bytes)
    }

    /// The command MAIL of a mail, if the server can take it.
    pub(super) fn mail(&self, mail: &Composed) -> Result<String, Cause> {
        let size = mail.bytes.len() as u64;
        if let Some(limit) = self.size.filter(|limit| size > *limit) {
            let is_believed = limit >= LEAST_LIMIT && mail.has_attachments;
            return Err(if is_believed {
                Cause::TooLarge { size, limit }
            } else {
                Cause::TooLittle { size, limit }
            });
        }
        let needs_utf8 = mail.needs_utf8();
        if needs_utf8 && !self.utf8 {
            let address = if mail.sender.needs_utf8() { &mail.sender } else { &mail.recipient };
            return Err(Cause::NoUtf8 { address: address.to_string() });
        }
        let mut line = format!("MAIL FROM:<{}>", mail.sender);
        if self.takes_size {
            // Writing to a string cannot fail.
            let _ = write!(line, " SIZE={size}");
        }
        if needs_utf8 {
            line.push_str(if self.eight_bit { " BODY=8BITMIME SMTPUTF8" } else { " SMTPUTF8" });
        }
        line.push_str("\r\n");
        Ok(line)
    }
}
