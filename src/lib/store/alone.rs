//! What one process does at a time: it has a file beside the store locked meanwhile, which the system unlocks whatever ends it.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use super::{Error, Store};
use crate::error::Result;

/// While it lives, nobody else does the same.
#[derive(Debug)]
pub(crate) struct Alone {
    /// None for a store that nobody else has.
    _file: Option<File>,
}

impl Store {
    /// Begins what is done by one process at a time and goes by that name; nothing while another does it.
    ///
    /// # Errors
    /// When no file can be beside the store.
    pub(crate) fn alone(&self, what: &str) -> Result<Option<Alone>> {
        let Some(path) = self.connection.path().filter(|path| !path.is_empty()) else {
            return Ok(Some(Alone { _file: None }));
        };
        let path = PathBuf::from(format!("{path}-{what}.lock"));
        let failed = |source| Error::CannotCreate { path: path.clone(), source };
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Alone { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(failed(source).into()),
        }
    }
}
