//! Folders of daemons that were killed: whoever starts next takes them away.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::behind::SOCKET;

/// What the folders of daemons begin with.
pub(super) const PREFIX: &str = "secboardd-";

/// How old a folder without a socket is before nobody is about to make one there.
const STARTING: Duration = Duration::from_secs(60);

/// Takes away from a place what daemons of this user left there that nobody listens in, at a time by the clock of its files. What
/// holds anything else stays.
pub(super) fn sweep(place: &Path, now: SystemTime) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_one && is_mine(&entry.path()) && is_left(&entry.path(), now) {
            fs::remove_file(entry.path().join(SOCKET)).ok();
            fs::remove_dir(entry.path()).ok();
        }
    }
}

/// Whether it is a folder that only this user can open.
fn is_mine(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|found| {
        found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o777 == 0o700
    })
}

fn is_left(folder: &Path, now: SystemTime) -> bool {
    match UnixStream::connect(folder.join(SOCKET)) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => true,
        Err(error) if error.kind() == ErrorKind::NotFound => is_old(folder, now),
        _ => false,
    }
}

fn is_old(folder: &Path, now: SystemTime) -> bool {
    let made = fs::metadata(folder).and_then(|found| found.modified());
    made.is_ok_and(|made| now.duration_since(made).is_ok_and(|age| age > STARTING))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixListener;
    use std::path::{Path, PathBuf};
    use std::time::SystemTime;

    use super::{SOCKET, sweep};

    fn folder(place: &Path, name: &str) -> PathBuf {
        let folder = place.join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        folder
    }

    fn age(folder: &Path) {
        let times = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        File::open(folder).unwrap().set_times(times).unwrap();
    }

    #[test]
    fn what_killed_daemons_left_goes_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path();
        let [killed, lives, starts, empty, full, other, open] = [
            "secboardd-killed",
            "secboardd-lives",
            "secboardd-starts",
            "secboardd-empty",
            "secboardd-full",
            "other",
            "secboardd-open",
        ]
        .map(|name| folder(place, name));
        drop(UnixListener::bind(killed.join(SOCKET)).unwrap());
        let _listening = UnixListener::bind(lives.join(SOCKET)).unwrap();
        fs::write(full.join("notes"), "mine").unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
        for folder in [&empty, &full, &other, &open] {
            age(folder);
        }
        std::os::unix::fs::symlink(&other, place.join("secboardd-link")).unwrap();
        let now = fs::metadata(&starts).unwrap().modified().unwrap();
        sweep(place, now);
        let left = |folder: &Path| folder.exists();
        assert_eq!((left(&killed), left(&empty)), (false, false));
        assert!(left(&lives) && left(&starts) && left(&full) && left(&other) && left(&open));
        assert!(full.join("notes").exists() && place.join("secboardd-link").exists());
    }
}
