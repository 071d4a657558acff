//! An export that goes by mail.
//!
//! It is kept in memory until it is whole, and then lies in the outbox, sealed, until it has left. The audit has it before that,
//! as it has every export.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::Error;
use crate::cli::App;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::mail::message::{AskedBy, Took};
use crate::mail::send::{self, File, MAX_BYTES};
use crate::text::email::{self, Email};
use crate::user::{self, login};

/// A mail with an export.
pub(super) struct Letter {
    to: Email,
    asked: Option<AskedBy>,
    /// What is attached.
    pub(super) file: Attached,
}

impl Letter {
    /// To an address, of what takes these permissions; whoever acts with those of an account mails to their own address alone.
    /// To somebody who is not active nothing would be sent.
    pub(super) fn to(cx: &Context, address: &str, takes: &[&str]) -> Result<Self> {
        let to = Email::parse(address)?;
        if !cx.actor.is_system() && email::key(&cx.actor.name) != email::key(to.as_str()) {
            return Err(cx.actor.denied("an export is mailed to one's own address only").into());
        }
        let reader = cx.read(|tx| user::find_in(tx, to.as_str()))?;
        if let Some(reader) = reader.filter(|reader| !login::is_active(reader, login::Moment::of(cx))) {
            return Err(Error::Inactive { email: reader.facts.email }.into());
        }
        let asked = cx.actor.account_id().map(|account| AskedBy {
            account,
            took: takes.iter().map(|permission| took(cx, permission)).collect(),
        });
        Ok(Self { to, asked, file: Attached::default() })
    }

    /// Queues it.
    pub(super) fn post(self, app: &App, cx: &Context, name: &str, rows: u64) -> Result<()> {
        let file = File { name: name.to_owned(), bytes: self.file.bytes() };
        let queued = cx.write(|tx| send::queue_export(cx, tx, (&self.to, self.asked), (file, rows)))?;
        if let Some(told) = queued.told() {
            app.out.say(&told);
        }
        Ok(())
    }
}

/// A permission, and for which companies the actor has it.
fn took(cx: &Context, permission: &str) -> Took {
    let companies = match cx.actor.scope(permission) {
        CompanyScope::All => None,
        CompanyScope::These(ids) => Some(ids),
    };
    Took { permission: permission.to_owned(), companies }
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
