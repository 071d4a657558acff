//! An export that goes by mail.
//!
//! It is kept in memory until it is whole, and then lies in the outbox, sealed, until it has left. The audit has it before that,
//! as it has every export.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::cli::App;
use crate::context::Context;
use crate::error::Result;
use crate::mail::send::{self, File, MAX_BYTES};
use crate::text::email::{self, Email};

/// A mail with an export.
pub(super) struct Letter {
    to: Email,
    /// What is attached.
    pub(super) file: Attached,
}

impl Letter {
    /// To an address; whoever acts with the permissions of an account mails to their own alone.
    pub(super) fn to(cx: &Context, address: &str) -> Result<Self> {
        let to = Email::parse(address)?;
        if !cx.actor.is_system() && email::key(&cx.actor.name) != email::key(to.as_str()) {
            return Err(cx.actor.denied("an export is mailed to one's own address only").into());
        }
        Ok(Self { to, file: Attached::default() })
    }

    /// Queues it.
    pub(super) fn post(self, app: &App, cx: &Context, name: &str, rows: u64) -> Result<()> {
        let file = File { name: name.to_owned(), bytes: self.file.bytes() };
        let queued = cx.write(|tx| send::queue_export(cx, tx, &self.to, file, rows))?;
        if !queued.has_account {
            app.out.say("it waits: no account is to send it; see `secboard mail doctor`");
        }
        Ok(())
    }
}

/// What is written of a file, as long as a mail can carry it.
#[derive(Clone, Default)]
pub(super) struct Attached(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    bytes: Zeroizing<Vec<u8>>,
    is_too_large: bool,
}

impl Attached {
    /// Refuses what became too large.
    pub(super) fn check(&self) -> Result<()> {
        let is_too_large = self.0.lock().unwrap_or_else(PoisonError::into_inner).is_too_large;
        if is_too_large { Err(send::Error::TooLarge.into()) } else { Ok(()) }
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes)
    }
}

impl Write for Attached {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.bytes.len() as u64 + bytes.len() as u64 > MAX_BYTES {
            written.is_too_large = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        written.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
