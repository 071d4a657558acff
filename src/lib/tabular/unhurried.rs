//! Writing for a reader who may be slow, or never read, without waiting for them.
//!
//! Who reads the store holds a snapshot of it, and as long as somebody does, the log of the store only grows. So nothing that
//! is written meanwhile waits for a reader: what they do not take at once is kept in an unnamed temporary file, and written
//! when the snapshot is let go of (`docs/adr/0036-nobody-is-waited-for-in-a-snapshot.md`).

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt as _;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, retry_on_intr};

use super::source::unnamed_file;

/// What a pipe takes without waiting when it says that it takes anything: `PIPE_BUF` bytes.
const PIECE: usize = 4096;

/// How often it is asked whether to go on while a reader is waited for.
const STOP_ASKED_AFTER: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// An open file that is written without waiting for who reads it.
#[derive(Debug)]
pub(crate) struct Unhurried {
    out: OwnedFd,
    takes: Takes,
    kept: Kept,
}

/// How much it takes without waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Everything: a file, a device that is no terminal.
    All,
    /// A piece, when it says that it is ready: a pipe.
    Pieces,
    /// Nobody knows: a terminal, a connection.
    Unknown,
}

/// What waits for a reader.
#[derive(Debug, Default)]
struct Kept {
    file: Option<File>,
    /// Where the next piece begins.
    from: u64,
    /// Where the last one ends.
    to: u64,
}

impl Unhurried {
    /// One that writes to what is open as `out`.
    ///
    /// # Errors
    /// When the system gives it no second time.
    pub(crate) fn new(out: impl AsFd) -> io::Result<Self> {
        let out = out.as_fd().try_clone_to_owned()?;
        let takes = match FileType::from_raw_mode(fstat(&out)?.st_mode) {
            FileType::Fifo => Takes::Pieces,
            FileType::RegularFile | FileType::BlockDevice => Takes::All,
            FileType::CharacterDevice if !rustix::termios::isatty(&out) => Takes::All,
            _ => Takes::Unknown,
        };
        Ok(Self { out, takes, kept: Kept::default() })
    }

    /// Writes what is taken at once, and keeps the rest.
    pub(crate) fn offer(&mut self, bytes: &[u8]) -> io::Result<()> {
        while !self.kept.is_empty() && self.takes == Takes::Pieces && self.is_ready(&Timespec::default())? {
            if self.hand_over()? == 0 {
                break;
            }
        }
        let taken = if self.kept.is_empty() { self.give(bytes)? } else { 0 };
        self.kept.keep(bytes.get(taken..).unwrap_or_default())
    }

    /// Waits until all that was kept is written, or `stop` says that it need not be.
    pub(crate) fn settle(&mut self, stop: impl Fn() -> bool) -> io::Result<()> {
        while !self.kept.is_empty() {
            if stop() {
                return Err(io::Error::other("interrupted"));
            }
            if self.is_ready(&STOP_ASKED_AFTER)? {
                self.hand_over()?;
            }
        }
        Ok(())
    }

    /// Writes all of it, however long that takes, after what was kept.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.settle(|| false)?;
        let mut left = bytes;
        while !left.is_empty() {
            let taken = self.write(left)?;
            left = left.get(taken..).unwrap_or_default();
            if taken == 0 {
                self.is_ready(&STOP_ASKED_AFTER)?;
            }
        }
        Ok(())
    }

    /// Whether something waits for a reader.
    pub(crate) fn is_behind(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Writes as much as is taken without waiting; returns how many bytes.
    fn give(&self, bytes: &[u8]) -> io::Result<usize> {
        let most = match self.takes {
            Takes::All => bytes.len(),
            Takes::Pieces => PIECE,
            Takes::Unknown => return Ok(0),
        };
        let mut given = 0;
        while given < bytes.len() && (self.takes == Takes::All || self.is_ready(&Timespec::default())?) {
            let end = bytes.len().min(given.saturating_add(most));
            let taken = self.write(bytes.get(given..end).unwrap_or_default())?;
            if taken == 0 {
                break;
            }
            given += taken;
        }
        Ok(given)
    }

    /// Writes the first piece of what was kept; returns how many bytes were taken.
    fn hand_over(&mut self) -> io::Result<usize> {
        let mut piece = [0; PIECE];
        let length = self.kept.first(&mut piece)?;
        let taken = self.write(piece.get(..length).unwrap_or_default())?;
        self.kept.forget(taken)?;
        Ok(taken)
    }

    /// Writes once; nothing is taken where a signal came, or who shares the file wants nobody to wait.
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.out, bytes) {
            Err(Errno::INTR | Errno::AGAIN) => Ok(0),
            written => Ok(written?),
        }
    }

    /// Whether it takes something within that time, or fails at once.
    fn is_ready(&self, within: &Timespec) -> io::Result<bool> {
        let mut asked = [PollFd::new(&self.out, PollFlags::OUT)];
        if *within != Timespec::default() {
            return match poll(&mut asked, Some(within)) {
                Err(Errno::INTR) => Ok(false),
                ready => Ok(ready? > 0),
            };
        }
        Ok(retry_on_intr(|| poll(&mut asked, Some(within)))? > 0)
    }
}

impl Kept {
    fn is_empty(&self) -> bool {
        self.from == self.to
    }

    fn keep(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(unnamed_file()?),
        };
        file.write_all_at(bytes, self.to)?;
        self.to += bytes.len() as u64;
        Ok(())
    }

    /// Reads the first of it; returns how many bytes.
    fn first(&self, piece: &mut [u8]) -> io::Result<usize> {
        let Some(file) = &self.file else { return Ok(0) };
        file.read_at(piece, self.from)
    }

    /// Forgets the first bytes of it, and begins anew when that is all.
    fn forget(&mut self, bytes: usize) -> io::Result<()> {
        self.from += bytes as u64;
        if let (true, Some(file)) = (self.is_empty(), &self.file) {
            file.set_len(0)?;
            (self.from, self.to) = (0, 0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, PipeReader, Read as _};
    use std::thread;

    use super::Unhurried;

    /// More than any pipe holds, and no two pieces of it alike.
    fn much() -> Vec<u8> {
        (0_u32..400_000).flat_map(u32::to_le_bytes).collect()
    }

    fn pipe() -> (PipeReader, Unhurried) {
        let (reader, writer) = io::pipe().unwrap();
        (reader, Unhurried::new(&writer).unwrap())
    }

    #[test]
    fn nobody_is_waited_for_until_all_was_offered_and_nothing_is_lost() {
        let (mut reader, mut out) = pipe();
        let much = much();
        let (first, second) = much.split_at(1_000_001);
        first.chunks(70_001).for_each(|part| out.offer(part).unwrap());
        assert!(out.is_behind(), "nobody has read anything");
        let mut read = vec![0; 100_000];
        let reading = thread::spawn(move || {
            reader.read_exact(&mut read).unwrap();
            (reader, read)
        });
        second.chunks(9).take(1000).for_each(|part| out.offer(part).unwrap());
        out.offer(second.get(9000..).unwrap()).unwrap();
        // The rest of what the reader waits for may be among what was kept.
        let settling = thread::spawn(move || out.settle(|| false));
        let (mut reader, mut read) = reading.join().unwrap();
        reader.read_to_end(&mut read).unwrap();
        settling.join().unwrap().unwrap();
        assert!(read == much, "{} bytes of {}", read.len(), much.len());
    }

    #[test]
    fn what_is_read_at_once_is_not_kept() {
        let (mut reader, mut out) = pipe();
        for round in 0..50_u8 {
            out.offer(&[round; 3000]).unwrap();
            assert!(!out.is_behind());
            let mut read = [0; 3000];
            reader.read_exact(&mut read).unwrap();
            assert_eq!(read, [round; 3000]);
        }
    }

    #[test]
    fn a_reader_who_went_away_is_told_and_who_wishes_waits_no_longer() {
        let (reader, mut out) = pipe();
        out.offer(&much()).unwrap();
        let stopped = out.settle(|| true).unwrap_err();
        assert_eq!(stopped.to_string(), "interrupted");
        drop(reader);
        assert_eq!(out.offer(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(out.settle(|| false).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_file_takes_everything_at_once() {
        let mut file = tempfile::tempfile().unwrap();
        let mut out = Unhurried::new(&file).unwrap();
        out.offer(&much()).unwrap();
        assert!(!out.is_behind());
        let mut read = Vec::new();
        io::Seek::rewind(&mut file).unwrap();
        file.read_to_end(&mut read).unwrap();
        assert!(read == much());
    }
}
