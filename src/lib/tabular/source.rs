//! Where a table comes from: opening it, and looking at its beginning without losing it.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::FileOrStream;
use super::error::InputError;

/// How much of a file is looked at to find format, encoding and delimiter.
const HEAD: usize = 64 * 1024;

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

    /// The file from its first byte; what cannot be sought in is first written to a temporary file of at most
    /// `limit` bytes.
    pub(super) fn into_file(self, limit: u64) -> Result<File, InputError> {
        let name = self.name.clone();
        let failed = |source| InputError::Read { file: name.clone(), source };
        let mut file = if let Some(file) = self.file {
            file
        } else {
            let mut spool = tempfile::tempfile().map_err(failed)?;
            let mut all = Cursor::new(self.head).chain(self.rest).take(limit + 1);
            if io::copy(&mut all, &mut spool).map_err(failed)? > limit {
                let reason = format!("it is larger than {limit} bytes");
                return Err(InputError::TooLarge { file: name, reason });
            }
            spool
        };
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(file)
    }
}
