//! What an argument for a file names.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file, or the standard stream, which is written `-` and can mean nothing else; a file of that name is `./-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileOrStream {
    /// Standard input or output.
    Stream,
    /// The file of this name.
    File(PathBuf),
}

impl FileOrStream {
    /// The file, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Stream => None,
            Self::File(path) => Some(path),
        }
    }
}

impl From<OsString> for FileOrStream {
    fn from(typed: OsString) -> Self {
        if typed == "-" { Self::Stream } else { Self::File(typed.into()) }
    }
}

impl<P: AsRef<Path>> From<&P> for FileOrStream {
    fn from(path: &P) -> Self {
        Self::File(path.as_ref().to_owned())
    }
}

/// As typed.
impl fmt::Display for FileOrStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream => f.write_str("-"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}
