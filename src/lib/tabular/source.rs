//! Where a table comes from: opening it, and looking at its beginning without losing it.

use std::fs::{File, Permissions};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::FileOrStream;
use super::error::InputError;

/// How much of a file is looked at to find format, encoding and delimiter.
const HEAD: usize = 64 * 1024;

/// How often it is asked whether an input that does not come is still wanted.
const ASKED_AFTER: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// What to read.
pub(crate) enum Source {
    /// A file, or a pipe with a name.
    File(PathBuf),
    /// Anything else, with the name that messages give it.
    Stream { name: String, reader: Box<dyn Read + Send> },
}

impl Source {
    /// The source that a command line names.
    pub(crate) fn named(place: &FileOrStream) -> Self {
        match place {
            FileOrStream::Stream => Self::Stream { name: place.to_string(), reader: Box::new(io::stdin()) },
            FileOrStream::File(path) => Self::File(path.clone()),
        }
    }

    /// The same; standard input is waited for no longer than it is wanted. A pipe with a name is waited for until somebody
    /// writes to it and ends.
    ///
    /// # Errors
    /// When the system gives it no second time.
    pub(crate) fn while_wanted(
        self,
        is_unwanted: impl Fn() -> bool + Send + 'static,
    ) -> Result<Self, InputError> {
        let Self::Stream { name, .. } = self else { return Ok(self) };
        match io::stdin().as_fd().try_clone_to_owned() {
            Ok(input) => {
                let reader = WhileWanted { input: input.into(), is_unwanted: Box::new(is_unwanted) };
                Ok(Self::Stream { name, reader: Box::new(reader) })
            }
            Err(source) => Err(InputError::Read { file: name, source }),
        }
    }

    /// The name as typed.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stream { name, .. } => name.clone(),
        }
    }

    /// All that is there, up to `most` bytes; what follows is left unread.
    pub(crate) fn read(self, most: u64) -> Result<Vec<u8>, InputError> {
        let file = self.name();
        let mut bytes = Vec::new();
        let read = self.open()?.into_reader(0).take(most).read_to_end(&mut bytes);
        read.map_err(|source| InputError::Read { file, source })?;
        Ok(bytes)
    }

    pub(super) fn open(self) -> Result<Opened, InputError> {
        let name = self.name();
        let (mut reader, file) = match self {
            Self::Stream { reader, .. } => (reader, None),
            Self::File(path) => readers(&path)?,
        };
        let mut head = Vec::new();
        let read = Read::take(&mut reader, HEAD as u64).read_to_end(&mut head);
        read.map_err(|source| InputError::Read { file: name.clone(), source })?;
        Ok(Opened { name, head, rest: reader, file })
    }
}

/// A temporary file without a name, which nobody else can open.
pub(super) fn unnamed_file() -> io::Result<File> {
    let file = tempfile::tempfile()?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// An input that is waited for as long as it is wanted.
struct WhileWanted {
    input: File,
    is_unwanted: Box<dyn Fn() -> bool + Send>,
}

impl Read for WhileWanted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !(self.is_unwanted)() {
            let mut asked = [PollFd::new(&self.input, PollFlags::IN)];
            match poll(&mut asked, Some(&ASKED_AFTER)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return self.input.read(into),
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::other("interrupted"))
    }
}

/// The reader, and the file itself if it can be read from anywhere.
type Readers = (Box<dyn Read + Send>, Option<File>);

/// A file to read from its beginning, or a pipe with a name.
pub(crate) fn open_file(path: &Path) -> Result<File, InputError> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    if file.metadata().map_err(|source| unreadable(path, source))?.is_dir() {
        return Err(InputError::Directory { file: path.display().to_string() });
    }
    Ok(file)
}

fn unreadable(path: &Path, source: io::Error) -> InputError {
    let file = path.display().to_string();
    match source.kind() {
        io::ErrorKind::NotFound => InputError::Missing { file },
        _ => InputError::Unreadable { file, source },
    }
}

fn readers(path: &Path) -> Result<Readers, InputError> {
    let unreadable = |source| unreadable(path, source);
    let file = open_file(path)?;
    let is_file = file.metadata().map_err(unreadable)?.is_file();
    let seekable = if is_file { Some(file.try_clone().map_err(unreadable)?) } else { None };
    Ok((Box::new(file), seekable))
}

/// A source that was opened and whose beginning was read.
pub(super) struct Opened {
    pub(super) name: String,
    /// The first bytes, fewer than [`HEAD`] only when that is all.
    pub(super) head: Vec<u8>,
    rest: Box<dyn Read + Send>,
    file: Option<File>,
}

impl Opened {
    /// Whether the head is all there is.
    pub(super) fn is_whole(&self) -> bool {
        self.head.len() < HEAD
    }

    /// Everything after the first `skip` bytes of the head.
    pub(super) fn into_reader(self, skip: usize) -> Box<dyn Read + Send> {
        let mut head = Cursor::new(self.head);
        head.set_position(skip as u64);
        Box::new(head.chain(self.rest))
    }

    /// The same where all of it is here: what comes by a pipe, or by a terminal, is awaited to its end, and kept in an unnamed
    /// temporary file that only this process can open, of at most `limit` bytes. Nobody is waited for afterwards, while the
    /// store is read.
    pub(super) fn awaited(self, limit: u64) -> Result<Self, InputError> {
        if self.file.is_some() || self.is_whole() {
            return Ok(self);
        }
        let Self { name, head, rest, .. } = self;
        let failed = |source| InputError::Read { file: name.clone(), source };
        let mut kept = unnamed_file().map_err(failed)?;
        let mut all = Cursor::new(&head).chain(rest).take(limit + 1);
        if io::copy(&mut all, &mut kept).map_err(failed)? > limit {
            return Err(InputError::TooMuch { file: name, limit });
        }
        kept.seek(SeekFrom::Start(head.len() as u64)).map_err(failed)?;
        let file = kept.try_clone().map_err(failed)?;
        Ok(Self { name, head, rest: Box::new(kept), file: Some(file) })
    }

    /// The file from its first byte, of what was [`Opened::awaited`].
    pub(super) fn into_file(self) -> Result<File, InputError> {
        let failed = |source| InputError::Read { file: self.name.clone(), source };
        let mut file = match self.file {
            Some(file) => file,
            None => unnamed_file()
                .and_then(|mut file| file.write_all(&self.head).map(|()| file))
                .map_err(failed)?,
        };
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor, Read as _};
    use std::os::unix::fs::MetadataExt as _;

    use super::{HEAD, Opened, Source};
    use crate::error::Explain as _;
    use crate::tabular::InputError;

    fn opened(bytes: &[u8]) -> Opened {
        let reader = Box::new(Cursor::new(bytes.to_vec()));
        Source::Stream { name: "-".to_owned(), reader }.open().unwrap()
    }

    fn all(opened: Opened, skip: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        opened.into_reader(skip).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_comes_by_a_pipe_is_awaited_to_its_end_and_nothing_of_it_is_lost() {
        for length in [0, 1, HEAD - 1, HEAD, HEAD + 1, 3 * HEAD + 7] {
            let bytes: Vec<u8> = (0..length).map(|place| u8::try_from(place % 251).unwrap()).collect();
            let read = |skip| all(opened(&bytes).awaited(1 << 20).unwrap(), skip);
            assert_eq!(read(0), bytes, "{length}");
            assert_eq!(read(length.min(3)), bytes.get(length.min(3)..).unwrap(), "{length}");
            let mut file = opened(&bytes).awaited(1 << 20).unwrap().into_file().unwrap();
            let mut kept = Vec::new();
            file.read_to_end(&mut kept).unwrap();
            assert_eq!(kept, bytes, "{length}");
            let about = file.metadata().unwrap();
            assert_eq!((about.nlink(), about.mode() & 0o077), (0, 0), "it has no name, and is nobody else's");
        }
    }

    #[test]
    fn a_pipe_that_never_ends_is_given_up() {
        let endless = Source::Stream { name: "-".to_owned(), reader: Box::new(io::repeat(b'x')) };
        let limit = 4 * HEAD as u64;
        let failure = endless.open().unwrap().awaited(limit).err().unwrap();
        assert!(matches!(failure, InputError::TooMuch { limit: given, .. } if given == limit));
        assert_eq!(failure.code(), "input.too_much");
    }
}
