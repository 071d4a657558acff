//! The files that SQLite has beside a store: the write-ahead log and its index.
//!
//! SQLite makes them with the mode that the store has at that moment. Those that were made while nobody was to write the
//! store stay as they are when it may be written again, and then nothing can be written.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::Error;

/// What their names end with.
const ENDINGS: [&str; 2] = ["-shm", "-wal"];

/// That the owner reads and writes a file.
const OWNER_READS_AND_WRITES: u32 = 0o600;

/// Refuses a store beside which something else lies in the place of one of its files: SQLite would wait for ever for somebody to
/// write into a pipe.
pub(super) fn check_are_files(store: &Path) -> Result<(), Error> {
    let mut paths = ENDINGS.into_iter().chain(["-journal"]).map(|ending| beside(store, ending));
    match paths.find(|path| fs::metadata(path).is_ok_and(|found| !found.is_file())) {
        Some(path) => Err(Error::Unreadable { path, source: io::Error::other("it is no file") }),
        None => Ok(()),
    }
}

/// Gives the files beside a store its mode, where this user owns them and the store, and may write the store but not them.
/// Where that fails, it is told when the store is written.
pub(super) fn mend_modes(store: &Path) {
    let own = rustix::process::geteuid().as_raw();
    let Ok(found) = fs::metadata(store) else { return };
    let mode = found.permissions().mode() & 0o777;
    if found.uid() != own || !is_written_by_owner(mode) {
        return;
    }
    for path in unwritable(store, own) {
        // Not opened for it: closing a file gives back every lock that this process has on it.
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).ok();
    }
}

fn unwritable(store: &Path, owner: u32) -> impl Iterator<Item = PathBuf> {
    ENDINGS.into_iter().map(|ending| beside(store, ending)).filter(move |path| {
        // A link leads to what is none of secboard's.
        fs::symlink_metadata(path).is_ok_and(|found| is_unwritable(&found, owner))
    })
}

fn is_unwritable(found: &Metadata, owner: u32) -> bool {
    found.is_file() && found.uid() == owner && !is_written_by_owner(found.permissions().mode())
}

const fn is_written_by_owner(mode: u32) -> bool {
    mode & OWNER_READS_AND_WRITES == OWNER_READS_AND_WRITES
}

fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
