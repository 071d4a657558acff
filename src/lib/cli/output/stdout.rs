//! Standard output, and what becomes of a command whose reader has gone or is slow.
//!
//! Who reads no further wants no more of what is printed, which is no error. What the command finds or does it finds and does
//! all the same: its exit code is an answer of its own, which `| true` or `| head -1` do not turn into success. Only a
//! list that may be long, and is all there is to the answer, ends with its reader.
//!
//! Who reads slowly is waited for, but not while the store is read or changed: what is printed then is kept, and written with
//! what is printed next, before a question, or at the end of the command ([`settle`]).

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Error;
use crate::error::Result;
use crate::store;
use crate::tabular::Unhurried;

/// Standard output as everything but an export writes it; none before something was printed.
static OUT: Mutex<Option<Unhurried>> = Mutex::new(None);

/// Standard output as a writer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stdout {
    ends_with_reader: bool,
}

impl Stdout {
    /// One that swallows what nobody reads any more.
    pub(crate) const fn of_answer() -> Self {
        Self { ends_with_reader: false }
    }

    /// One that fails when nobody reads any more.
    pub(crate) const fn of_long_list() -> Self {
        Self { ends_with_reader: true }
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match print(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !self.ends_with_reader => {
                Ok(bytes.len())
            }
            printed => printed.map(|()| bytes.len()),
        }
    }

    /// There is nothing to do: what is kept is kept on purpose.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until all that was printed is written, unless the store is read or changed just now. That nobody reads it any more
/// is no error: who printed it was told, if it matters to them.
pub(crate) fn settle() -> Result<()> {
    let mut out = out();
    let Some(out) = out.as_mut().filter(|_| !store::is_in_use()) else { return Ok(()) };
    match out.settle(|| false) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        settled => Ok(settled.map_err(Error::from)?),
    }
}

/// Whether something that was printed waits to be read.
pub(super) fn is_behind() -> bool {
    out().as_ref().is_some_and(Unhurried::is_behind)
}

fn out() -> MutexGuard<'static, Option<Unhurried>> {
    OUT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = out();
    let out = match &mut *out {
        Some(out) => out,
        none => none.insert(Unhurried::new(io::stdout())?),
    };
    if store::is_in_use() { out.offer(bytes) } else { out.write_all(bytes) }
}
