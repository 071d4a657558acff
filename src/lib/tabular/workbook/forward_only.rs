//! A writer for archives whose members are copied as they are packed, sizes known beforehand: it only ever goes on.

use std::io::{self, Seek, SeekFrom, Write};

/// Counts what is written, which is all that is asked of its position.
pub(super) struct ForwardOnlyWriter<W> {
    inner: W,
    position: u64,
}

impl<W> ForwardOnlyWriter<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, position: 0 }
    }
}

impl<W: Write> Write for ForwardOnlyWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Seek for ForwardOnlyWriter<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Current(0) | SeekFrom::End(0) => Ok(self.position),
            SeekFrom::Start(position) if position == self.position => Ok(position),
            _ => Err(io::ErrorKind::NotSeekable.into()),
        }
    }
}
