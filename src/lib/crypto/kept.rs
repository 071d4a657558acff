//! The old key after a rotation, which is kept beside the new one: copies of the store that were made before open only with it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::key::{KeyError, MasterKey, behind_links, with_suffix};

/// Where the old key is kept after a rotation.
pub(crate) fn kept_path(path: &Path, fingerprint: &str) -> PathBuf {
    with_suffix(&behind_links(path), &format!(".old-{fingerprint}"))
}

/// Refuses a key whose place for what is kept is taken by anything but that very key.
pub(crate) fn check_can_be_kept(path: &Path, old: &MasterKey) -> Result<(), KeyError> {
    let kept = kept_path(path, &old.fingerprint());
    let found = fs::symlink_metadata(&kept);
    if found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) || is_kept_at(&kept, old) {
        return Ok(());
    }
    Err(KeyError::PlaceTaken { path: kept })
}

/// Whether a file of its own, and no link to one that may go, has that very key.
pub(super) fn is_kept_at(path: &Path, key: &MasterKey) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
        && MasterKey::load(path).is_ok_and(|found| found.bytes() == key.bytes())
}
