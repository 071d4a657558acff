//! Files that an output must not replace: the store, its key, the configuration, what the same command reads.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::FileOrStream;
use super::file::OutputError;

/// Files that are in use.
#[derive(Debug, Default)]
pub(crate) struct InUse {
    files: Vec<Known>,
}

/// A file that is in use, by what it is and by its name, under which it may come to be.
#[derive(Debug)]
struct Known {
    what: &'static str,
    id: Option<FileId>,
    name: Option<PathBuf>,
    /// What names of files that belong to it go on with.
    endings: &'static [&'static str],
}

/// Device and number.
type FileId = (u64, u64);

impl InUse {
    /// Spares a file, what it is a link to, and files beside either whose names are its name and begin to end like this.
    pub(crate) fn spare(&mut self, what: &'static str, path: &Path, endings: &'static [&'static str]) {
        let id = fs::metadata(path).ok().map(|found| id_of(&found));
        let names = [fs::canonicalize(path).ok(), full_name(path).ok()];
        self.files.extend(names.map(|name| Known { what, id, name, endings }));
    }

    /// Spares what a command reads.
    pub(crate) fn spare_input(&mut self, place: &FileOrStream) {
        const WHAT: &str = "what this command reads";
        match place {
            FileOrStream::File(path) => self.spare(WHAT, path, &[]),
            FileOrStream::Stream => {
                let id = rustix::fs::fstat(io::stdin()).ok().map(|found| (found.st_dev, found.st_ino));
                self.files.push(Known { what: WHAT, id, name: None, endings: &[] });
            }
        }
    }

    /// Refuses to write to `path` if that is one of these files. `name` is what messages call it.
    pub(crate) fn check(&self, path: &Path, name: &str) -> Result<(), OutputError> {
        let id = fs::metadata(path).ok().map(|found| id_of(&found));
        let names = [fs::canonicalize(path).ok(), full_name(path).ok()];
        let is_it = |known: &&Known| {
            (id.is_some() && known.id == id) || names.iter().flatten().any(|name| known.has(name))
        };
        match self.files.iter().find(is_it) {
            Some(known) => Err(OutputError::InUse { file: name.to_owned(), what: known.what }),
            None => Ok(()),
        }
    }
}

impl Known {
    fn has(&self, path: &Path) -> bool {
        let Some(own) = &self.name else { return false };
        let (Some(own_name), Some(name)) = (own.file_name(), path.file_name()) else { return false };
        own.parent() == path.parent()
            && name.as_bytes().strip_prefix(own_name.as_bytes()).is_some_and(|rest| {
                rest.is_empty() || self.endings.iter().any(|ending| rest.starts_with(ending.as_bytes()))
            })
    }
}

fn id_of(found: &Metadata) -> FileId {
    (found.dev(), found.ino())
}

/// The name of a file that need not be there, in its folder behind all links.
fn full_name(path: &Path) -> io::Result<PathBuf> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    Ok(fs::canonicalize(folder)?.join(name))
}
