//! A writer for archives that fails at most once.

use std::io::{self, Seek, SeekFrom, Write};

/// Once it has failed, it takes everything and keeps nothing: an archive that is dropped tries to end itself, and where
/// that fails again, says so on standard error.
pub(super) struct FailOnceWriter<W> {
    inner: W,
    /// Where it is, or is taken to be since it failed.
    position: u64,
    failed: bool,
}

impl<W> FailOnceWriter<W> {
    /// Around a writer at its beginning.
    pub(super) fn new(inner: W) -> Self {
        Self { inner, position: 0, failed: false }
    }

    pub(super) fn into_inner(self) -> W {
        self.inner
    }

    /// What `work` answers, or `pretended` once anything has failed.
    fn fuse<T>(&mut self, pretended: T, work: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.failed {
            return Ok(pretended);
        }
        let done = work(&mut self.inner);
        self.failed = done.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        done
    }
}

impl<W: Write> Write for FailOnceWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.fuse(bytes.len(), |inner| inner.write(bytes))?;
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.fuse((), W::flush)
    }
}

impl<W: Seek> Seek for FailOnceWriter<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let pretended = if let SeekFrom::Start(place) = to { place } else { self.position };
        self.position = self.fuse(pretended, |inner| inner.seek(to))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};

    use super::FailOnceWriter;

    /// A disk on which nothing is left.
    struct Full;

    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl std::io::Seek for Full {
        fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
            Ok(0)
        }
    }

    #[test]
    fn a_failure_is_told_once() {
        let mut writer = FailOnceWriter::new(Full);
        assert_eq!(writer.write(b"a").unwrap_err().kind(), std::io::ErrorKind::StorageFull);
        assert_eq!(writer.write(b"bc").unwrap(), 2);
        writer.flush().unwrap();
        assert_eq!(writer.stream_position().unwrap(), 2);
        assert_eq!(writer.seek(SeekFrom::Start(1)).unwrap(), 1);
    }
}
