//! Where an export goes: a file that appears under its name when it is complete, or standard output.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use super::{FileOrStream, InUse, Unhurried};
use crate::error::{Explain, Kind};

const BUFFER: usize = 64 * 1024;

/// Why output cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// The directory is missing, or may not be written.
    #[error("cannot create `{file}`")]
    CannotCreate { file: String, source: io::Error },
    /// A directory stands under that name.
    #[error("`{file}` is a directory")]
    Directory { file: String },
    /// A pipe without a reader, which may never come.
    #[error("nobody reads the pipe `{file}`")]
    Unread { file: String },
    /// Something else needs the file that stands there, or is to stand there.
    #[error("`{file}` is {what}, and is not written over")]
    InUse { file: String, what: &'static str },
    /// No room is left.
    #[error("no space is left for `{file}`")]
    DiskFull { file: String, source: io::Error },
    /// Whoever read standard output has gone; a command ends silently and well.
    #[error("standard output was closed")]
    Closed { source: io::Error },
    /// Writing failed.
    #[error("writing `{file}` failed")]
    Write { file: String, source: io::Error },
    /// A workbook could not be put together.
    #[error("making the workbook `{file}` failed")]
    Workbook { file: String, source: rust_xlsxwriter::XlsxError },
}

impl Explain for OutputError {
    fn code(&self) -> &'static str {
        match self {
            Self::CannotCreate { .. } => "output.cannot_create",
            Self::Directory { .. } => "output.directory",
            Self::Unread { .. } => "output.unread",
            Self::InUse { .. } => "output.in_use",
            Self::DiskFull { .. } => "output.disk_full",
            Self::Closed { .. } => "output.closed",
            Self::Write { .. } => "output.write",
            Self::Workbook { .. } => "output.workbook",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::CannotCreate { .. } | Self::Directory { .. } | Self::Unread { .. } | Self::InUse { .. } => {
                Kind::CannotCreate
            }
            Self::DiskFull { .. } | Self::Closed { .. } | Self::Write { .. } => Kind::Io,
            Self::Workbook { .. } => Kind::Bug,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::CannotCreate { .. } => Some("check that its directory exists and may be written".into()),
            Self::Directory { .. } => Some("name a file in it".into()),
            Self::Unread { .. } => Some("name a file, or begin to read the pipe first".into()),
            Self::InUse { .. } => Some("name another file".into()),
            Self::DiskFull { .. } => {
                Some("make room and run the command again; nothing was left behind".into())
            }
            Self::Write { .. } => Some("check the disk, then run the command again".into()),
            Self::Closed { .. } | Self::Workbook { .. } => None,
        }
    }
}

impl OutputError {
    /// What a failed write to `file` means.
    pub(crate) fn writing(file: &str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed { source },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { file: file.into(), source }
            }
            _ => Self::Write { file: file.into(), source },
        }
    }
}

/// The one place an export writes to. Without [`Output::commit`] a file never appears.
pub(crate) struct Output {
    name: String,
    target: Target,
    /// Says that nothing more shall be written.
    stop: Box<dyn Fn() -> bool + Send>,
}

enum Target {
    Stream(BufWriter<Box<dyn Write + Send>>),
    /// What somebody reads who may be slow, while the store is read that is written there.
    Read(BufWriter<Offered>),
    File(AtomicFile),
}

impl Output {
    /// The output at a place, whatever is in use.
    #[cfg(test)]
    pub(crate) fn create(place: &FileOrStream) -> Result<Self, OutputError> {
        Self::create_beside(place, &InUse::default())
    }

    /// The output that a command line names, which is none of the files in use. A device or pipe is written as it stands.
    pub(crate) fn create_beside(place: &FileOrStream, in_use: &InUse) -> Result<Self, OutputError> {
        let name = place.to_string();
        let Some(path) = place.file() else { return Self::read(name, io::stdout()) };
        let cannot = |source| OutputError::CannotCreate { file: name.clone(), source };
        match real_file(path).map_err(cannot)? {
            Found::Directory => Err(OutputError::Directory { file: name }),
            Found::Device => match open_device(path) {
                Ok(device) => Self::read(name, device),
                Err(Errno::NXIO) => Err(OutputError::Unread { file: name }),
                Err(error) => Err(cannot(error.into())),
            },
            Found::File(path) => {
                in_use.check(&path, &name)?;
                Ok(Self::new(name.clone(), Target::File(AtomicFile::create(name, path)?)))
            }
        }
    }

    /// Any other writer, with the name that messages give it.
    pub(crate) fn stream(name: &str, writer: Box<dyn Write + Send>) -> Self {
        Self::new(name.into(), Target::Stream(BufWriter::with_capacity(BUFFER, writer)))
    }

    /// What is open already, and is not waited for before [`Output::commit`].
    fn read(name: String, out: impl AsFd) -> Result<Self, OutputError> {
        let out = Unhurried::new(out).map_err(|source| OutputError::writing(&name, source))?;
        Ok(Self::new(name, Target::Read(BufWriter::with_capacity(BUFFER, Offered(out)))))
    }

    fn new(name: String, target: Target) -> Self {
        Self { name, target, stop: Box::new(|| false) }
    }

    /// Fails every write from when `stop` says so; a write that takes long ends with it.
    pub(crate) fn stopped_by(self, stop: impl Fn() -> bool + Send + 'static) -> Self {
        Self { stop: Box::new(stop), ..self }
    }

    /// Whether what is written is on its way at once, as opposed to a file that appears as a whole.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.target, Target::Stream(_) | Target::Read(_))
    }

    /// The name as typed.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A directory for temporary files of the size of the output: beside it, if it is a file.
    pub(super) fn directory(&self) -> Option<&Path> {
        match &self.target {
            Target::Stream(_) | Target::Read(_) => None,
            Target::File(file) => Some(&file.directory),
        }
    }

    /// Writes out what is buffered, and waits for who reads it; a file appears under its name.
    pub(crate) fn commit(self) -> Result<(), OutputError> {
        match self.target {
            Target::File(file) => file.commit(),
            Target::Read(out) => {
                let out = out.into_inner().map_err(io::IntoInnerError::into_error);
                let settled = out.and_then(|mut out| out.0.settle(&self.stop));
                settled.map_err(|source| OutputError::writing(&self.name, source))
            }
            Target::Stream(mut stream) => {
                stream.flush().map_err(|source| OutputError::writing(&self.name, source))
            }
        }
    }

    /// What a failed write to this output means.
    pub(crate) fn failed(&self, source: io::Error) -> OutputError {
        OutputError::writing(&self.name, source)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.stop)() {
            return Err(io::Error::other("interrupted"));
        }
        match &mut self.target {
            Target::Stream(stream) => stream.write(bytes),
            Target::Read(out) => out.write(bytes),
            Target::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Stream(stream) => stream.flush(),
            Target::Read(out) => out.flush(),
            Target::File(file) => file.flush(),
        }
    }
}

/// What is written without waiting for who reads it.
struct Offered(Unhurried);

impl Write for Offered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.offer(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What stands, or may be made, where an output is to go.
enum Found {
    Directory,
    /// A device, a pipe: written as it stands.
    Device,
    /// The file itself, behind any link: a link stays one.
    File(PathBuf),
}

/// What `path` leads to for this process. The kernel is asked, which may follow no link that somebody else laid into a
/// folder everybody writes to; only then the link is looked through here, and has to lead to that same file.
fn real_file(path: &Path) -> io::Result<Found> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return match fs::symlink_metadata(path) {
                Ok(_) => Err(io::Error::other("it is a link that leads nowhere")),
                Err(_) => Ok(Found::File(path.to_owned())),
            };
        }
        found => found?,
    };
    if found.is_dir() {
        return Ok(Found::Directory);
    }
    let kind = found.file_type();
    if kind.is_char_device() || kind.is_fifo() {
        return Ok(Found::Device);
    }
    if !kind.is_file() {
        return Err(io::Error::other("it is neither a file nor a pipe nor a device that takes text"));
    }
    if !fs::symlink_metadata(path)?.is_symlink() {
        return Ok(Found::File(path.to_owned()));
    }
    let real = fs::canonicalize(path)?;
    let same = fs::symlink_metadata(&real)?;
    if (same.dev(), same.ino()) == (found.dev(), found.ino()) {
        return Ok(Found::File(real));
    }
    Err(io::Error::other("it is a link that changes"))
}

/// Opens a device or pipe as it stands. A pipe that nobody reads is not waited for.
fn open_device(path: &Path) -> rustix::io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
    let device = rustix::fs::open(path, flags | OFlags::NONBLOCK, Mode::empty())?;
    // Its reader may be slow.
    let flags = rustix::fs::fcntl_getfl(&device)?;
    rustix::fs::fcntl_setfl(&device, flags - OFlags::NONBLOCK)?;
    Ok(device.into())
}

/// A file written under a temporary name beside its own, readable by its owner alone, and renamed when complete.
///
/// Dropped before [`AtomicFile::commit`] it leaves nothing, and what stood under the name stays.
struct AtomicFile {
    name: String,
    path: PathBuf,
    directory: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Begins the file at `path`, which is no link, under the name that messages give it.
    fn create(name: String, path: PathBuf) -> Result<Self, OutputError> {
        let cannot = |source| OutputError::CannotCreate { file: name.clone(), source };
        let (Some(parent), Some(_)) = (path.parent(), path.file_name()) else {
            return Err(cannot(io::ErrorKind::InvalidInput.into()));
        };
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let directory = fs::canonicalize(parent).map_err(cannot)?;
        // `tempfile` makes the file with mode 0600.
        let file = tempfile::Builder::new().prefix(".secboard-").suffix(".part").tempfile_in(&directory);
        let writer = BufWriter::with_capacity(BUFFER, file.map_err(cannot)?);
        Ok(Self { name, path, directory, writer })
    }

    /// Makes the content durable and gives the file its name.
    fn commit(self) -> Result<(), OutputError> {
        let Self { name, path, directory, writer } = self;
        let failed = |source| OutputError::writing(&name, source);
        let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
