//! Reading and writing side by side: the store is read here while another thread writes.

use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use crate::error::{Died, Result};
use crate::tabular::file::OutputError;

/// Things handed at once to the thread that writes, …
const BATCH: usize = 256;

/// … and how many such batches may wait for it: enough that neither side stands still, and little memory.
const BATCHES: usize = 8;

/// Passes on what is read.
pub(super) type Pass<'a, T> = &'a mut dyn FnMut(T) -> Result<()>;

/// What comes to be written, in the order it was read.
pub(super) type Coming<'a, T> = &'a mut dyn Iterator<Item = T>;

/// Runs `read` here and `write`, to which it passes things on, in a thread of its own, until both are done.
pub(super) fn relay<T: Send>(
    read: impl FnOnce(Pass<'_, T>) -> Result<()>,
    write: impl FnOnce(Coming<'_, T>) -> Result<()> + Send,
) -> Result<()> {
    let (sender, receiver): (_, Receiver<Vec<T>>) = mpsc::sync_channel(BATCHES);
    thread::scope(|scope| {
        let writer =
            thread::Builder::new().spawn_scoped(scope, move || write(&mut receiver.iter().flatten()));
        let writer = writer.map_err(|source| OutputError::writing("the export", source))?;
        let read = send(read, &sender);
        drop(sender);
        let written = writer.join().map_err(|panic| Died::of("writing the export", &*panic))?;
        // A writer that failed ends the reader too, and knows why.
        written?;
        read
    })
}

fn send<T>(read: impl FnOnce(Pass<'_, T>) -> Result<()>, to: &SyncSender<Vec<T>>) -> Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    let gone = |_| OutputError::Closed { source: io::ErrorKind::BrokenPipe.into() };
    read(&mut |thing| {
        batch.push(thing);
        if batch.len() == BATCH {
            to.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).map_err(gone)?;
        }
        Ok(())
    })?;
    to.send(batch).map_err(gone)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::relay;
    use crate::error::Kind;

    #[test]
    fn a_writer_that_panics_is_an_error_that_says_what_it_said() {
        let read = |pass: super::Pass<'_, u32>| (0..100_000).try_for_each(pass);
        let failure = relay(read, |coming| {
            assert!(coming.next().is_none(), "out of memory");
            Ok(())
        })
        .unwrap_err();
        let said = "writing the export ended in the middle: out of memory";
        assert_eq!((failure.kind(), failure.to_string().as_str()), (Kind::Bug, said));
    }
}
