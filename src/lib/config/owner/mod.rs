//! Who works with a store: whoever owns it names programs, folders and files in it, and can lay others in the place of those that
//! belong to it. Root would run, open, read and replace them. So before anything of a store is looked at, root becomes its owner,
//! for good; and nobody works with a store, a key or templates in whose place others can lay theirs
//! (`docs/adr/0047-root-works-as-the-owner-of-a-store.md`).
//!
//! Who called this process stays who it was ([`begun_as`]): root gives up what it could do, and not whom it acts for.

#[cfg(test)]
mod tests;

use std::ffi::{CString, OsString};
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use keyutils_raw::keyctl_join_session_keyring;
use nix::errno::Errno;
use nix::unistd::{User, initgroups, setgid, setuid};
use rustix::io::Errno as RustixErrno;

use super::Config;
use super::users::{self, user_label};
use crate::error::{Explain, Kind};
use crate::text::shell;

/// Whether this process was root's, and has become somebody else since.
static WAS_ROOT: AtomicBool = AtomicBool::new(false);

/// The most links that are followed on the way to a file, as the system has it.
const MOST_LINKS: usize = 40;

/// The bit of a folder in which nobody replaces what is another's.
const STICKY: u32 = 0o1000;

/// Folders that come with the system, and whatever is in them.
const OF_SYSTEM: [&str; 2] = ["/usr", "/dev"];

/// The store is not worked with as the user that this process is of.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Somebody else could put another file in the place of the store, or of what belongs to it.
    #[error(
        "{who} could put {what} in the place of `{file}`, for `{place}` is theirs to change",
        place = place.display(),
        file = file.display()
    )]
    Replaceable {
        /// What it would be, such as `another store`.
        what: &'static str,
        /// The store, or what belongs to it.
        file: PathBuf,
        /// The folder on the way to it, or the link.
        place: PathBuf,
        /// Who could.
        who: Who,
        /// The place is for others too, so nothing of it is changed for a store.
        is_shared: bool,
    },
    /// The system does not let root become the owner.
    #[error(
        "the store belongs to `{owner}`, who names programs and files in it, and root cannot become that user here"
    )]
    Kept {
        /// The owner.
        owner: String,
        /// Why not.
        source: io::Error,
    },
    /// The users of the machine cannot be looked up.
    #[error(transparent)]
    Users(#[from] super::Error),
}

/// Who but root could put another store in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// The owner of the place, by their label.
    Owner(String),
    /// Everybody on the machine.
    Everybody,
    /// Whom the access control list of the place names.
    Listed,
    /// The members of the group with this number.
    Group(u32),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(label) => write!(f, "`{label}`"),
            Self::Everybody => f.write_str("everybody"),
            Self::Listed => f.write_str("everybody whom its access control list names"),
            Self::Group(number) => write!(f, "everybody of the group {number}"),
        }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Replaceable { .. } => "store.replaceable",
            Self::Kept { .. } => "store.not_as_root",
            Self::Users(error) => error.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Replaceable { .. } | Self::Kept { .. } => Kind::Denied,
            Self::Users(error) => error.kind(),
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Replaceable { file, who: Who::Owner(_), .. } => Some(format!(
                "give it and what lies beside it to whom its folder belongs, with `chown … {}*`, or move it to a folder of root",
                shell::path(file)
            )),
            Self::Replaceable { file, is_shared: true, .. } => Some(format!(
                "move it, with what lies beside it (`{}*`), to a folder of {}",
                shell::path(file),
                if is_root() { "root alone" } else { "your own" }
            )),
            Self::Replaceable { place, .. } => {
                let whom = if is_root() { "root" } else { "yourself" };
                Some(format!("leave it to {whom} alone, with `chmod go-w {}`", shell::path(place)))
            }
            Self::Kept { owner, .. } => Some(format!("run `{}`", as_owner(owner))),
            Self::Users(error) => error.advice(),
        }
    }
}

/// What somebody types to run secboard as the owner of a store, whose label this is.
pub(crate) fn as_owner(label: &str) -> String {
    match label.strip_prefix("uid ") {
        Some(number) => format!("sudo -u '#{number}' secboard …"),
        None => format!("sudo -u {} secboard …", shell::word(label)),
    }
}

/// Whether root is to be protected: it works, as itself or as the owner of a store, with what it has named.
fn is_strict() -> bool {
    is_root() || was_root()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether root has become somebody else in this process.
pub(crate) fn was_root() -> bool {
    WAS_ROOT.load(Ordering::Relaxed)
}

/// The user that this process was begun as.
pub(crate) fn begun_as() -> u32 {
    if was_root() { 0 } else { rustix::process::geteuid().as_raw() }
}

/// Has this process go on as whom the store belongs to, if it is root's: with the groups of that user and no others. A process of
/// anybody else goes on as it is.
///
/// # Errors
/// When that cannot be, and when the store, its key, its templates or the file that names them lie where somebody else could put
/// others.
pub(crate) fn go_on_as_owner(config: &Config) -> Result<(), Error> {
    if is_root() {
        become_owner(&config.store)?;
    }
    let mut files = vec![("another store", config.store.as_path()), ("another key", config.key.as_path())];
    files.extend(config.file.as_deref().map(|file| ("another configuration", file)));
    files.extend(config.templates.as_deref().map(|folder| ("other templates", folder)));
    files.into_iter().try_for_each(|(what, file)| check_way(what, file))
}

/// Has root become whom the store at `path` belongs to; of one that is not there, whoever could make it: it may be there in a
/// moment.
fn become_owner(path: &Path) -> Result<(), Error> {
    let path = absolute(path);
    let Some(store) = path.ancestors().find_map(|place| fs::metadata(place).ok()) else { return Ok(()) };
    if store.uid() == 0 {
        return Ok(());
    }
    let owner = user_label(store.uid())?;
    let kept = |source| Error::Kept { owner: owner.clone(), source };
    // Without an entry nobody knows of which groups it is: that of the file may be one of root's.
    let no_entry = || io::Error::other("the machine has no such user");
    let user = users::by_number(store.uid())?.ok_or_else(no_entry).map_err(kept)?;
    leave_keys().map_err(kept)?;
    become_user(&user).map_err(|errno| kept(io::Error::from(errno)))?;
    WAS_ROOT.store(true, Ordering::Relaxed);
    Ok(())
}

/// Leaves the keys of root's session behind: a process keeps possession of them whoever it becomes, and hands it on.
fn leave_keys() -> io::Result<()> {
    match keyctl_join_session_keyring(None).map_err(io::Error::from) {
        // Where the system has no keys, or lets this process have none, what it starts has none either.
        Err(error)
            if [Errno::ENOSYS, Errno::EPERM]
                .contains(&Errno::from_raw(error.raw_os_error().unwrap_or(0))) =>
        {
            Ok(())
        }
        joined => joined.map(|_| ()),
    }
}

/// Becomes that user, with the groups that the system knows of; there is no way back.
fn become_user(user: &User) -> Result<(), Errno> {
    let name = CString::new(user.name.as_str()).map_err(|_| Errno::EINVAL)?;
    initgroups(&name, user.gid)?;
    setgid(user.gid)?;
    setuid(user.uid)
}

/// Refuses a file on whose way is something that others can change, or that holds what others write: to root, anything that is
/// neither root's nor of the owner of the store that root works for; to others, what everybody can change.
fn check_way(what: &'static str, path: &Path) -> Result<(), Error> {
    // What SQLite keeps beside a store lies where the links lead.
    let file = fs::canonicalize(path).unwrap_or_else(|_| absolute(path));
    let refuse = |place: PathBuf, who, found: &Metadata| {
        let is_shared = found.is_dir() && !is_own_folder(&place, found, &file);
        Err(Error::Replaceable { what, file: path.to_owned(), place, who, is_shared })
    };
    let beside = ["-wal", "-shm", "-journal"].map(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    });
    for place in way(path).into_iter().chain(beside) {
        let Ok(found) = fs::symlink_metadata(&place) else { continue };
        if !(found.is_file() || found.is_dir() || found.is_symlink()) {
            // A device or a pipe is no store, whatever is done to it.
            continue;
        }
        if let Some(who) = who_changes(&place, &found)? {
            return refuse(place, who, &found);
        }
    }
    // In its folder somebody could lay such a file where there is none; where there is no folder, that. A folder holds itself
    // what belongs to it.
    let mut folders = file.ancestors().skip(usize::from(!file.is_dir()));
    let there = folders.find_map(|folder| Some((folder, fs::metadata(folder).ok()?)));
    match there.and_then(|(folder, found)| Some((folder, who_writes(folder, &found)?, found))) {
        Some((folder, who, found)) => refuse(folder.to_owned(), who, &found),
        None => Ok(()),
    }
}

/// Whether a folder may be there for that store alone: it lies in it, nobody is meant to lay files beside those of others there,
/// and it is none that the system comes with, such as `/srv` and `/var/tmp`.
fn is_own_folder(place: &Path, found: &Metadata, store: &Path) -> bool {
    let place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
    let is_of_system = place.ancestors().count() <= 2
        || OF_SYSTEM.iter().any(|folder| place.starts_with(folder))
        || place.parent() == Some(Path::new("/var"));
    let is_sticky = found.mode() & STICKY != 0;
    !is_sticky && !is_of_system && store.parent() == Some(place.as_path())
}

/// Who else can change a file, or what is in a folder; of files of others' own only root is careful.
fn who_changes(place: &Path, found: &Metadata) -> Result<Option<Who>, Error> {
    let is_of_owner = was_root() && found.uid() == rustix::process::geteuid().as_raw();
    if found.uid() != 0 && is_strict() && !is_of_owner {
        return Ok(Some(Who::Owner(user_label(found.uid())?)));
    }
    // In a sticky folder nobody replaces what is another's. What may be done by a link says nothing: it is in a folder.
    if found.is_symlink() || found.is_dir() && found.mode() & STICKY != 0 {
        return Ok(None);
    }
    Ok(who_writes(place, found))
}

/// Who but its owner can write a file, or into a folder.
fn who_writes(place: &Path, found: &Metadata) -> Option<Who> {
    if found.mode() & 0o002 != 0 {
        return Some(Who::Everybody);
    }
    let is_of_owner = found.uid() == rustix::process::geteuid().as_raw();
    if !is_strict() || was_root() && is_of_owner {
        // Whom else somebody lets into what is theirs is theirs to say.
        return None;
    }
    if has_default_list(place) {
        return Some(Who::Listed);
    }
    if found.mode() & 0o020 == 0 {
        return None;
    }
    // With an access control list the bits of the group are those of everybody whom it names.
    if has_control_list(place) {
        return Some(Who::Listed);
    }
    let is_own_group = was_root() && found.gid() == rustix::process::getegid().as_raw();
    (found.gid() != 0 && !is_own_group).then(|| Who::Group(found.gid()))
}

/// Whether a file has an access control list.
fn has_control_list(place: &Path) -> bool {
    has_list(place, "system.posix_acl_access")
}

/// Whether what is made in a folder gets an access control list.
fn has_default_list(place: &Path) -> bool {
    has_list(place, "system.posix_acl_default")
}

/// Where it cannot be told, there may be one.
fn has_list(place: &Path, name: &str) -> bool {
    // A list that does not fit is one; what is no folder has no default.
    let asked = rustix::fs::lgetxattr(place, name, &mut [0_u8; 256]);
    !matches!(
        asked,
        Err(RustixErrno::NODATA | RustixErrno::NOTSUP | RustixErrno::NOSYS | RustixErrno::ACCESS)
    )
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Every folder and link that the system goes through on the way to a file, and the file.
pub(crate) fn way(file: &Path) -> Vec<PathBuf> {
    let parts = |path: &Path| path.components().rev().map(|part| part.as_os_str().to_owned()).collect();
    let mut ahead: Vec<OsString> = parts(&absolute(file));
    let (mut at, mut gone, mut links) = (PathBuf::new(), Vec::new(), 0);
    while let Some(part) = ahead.pop() {
        if part == ".." {
            at.pop();
            continue;
        }
        let next = at.join(part);
        gone.push(next.clone());
        match fs::read_link(&next) {
            Ok(target) if links < MOST_LINKS => {
                links += 1;
                ahead.extend::<Vec<OsString>>(parts(&target));
            }
            _ => at = next,
        }
    }
    gone
}
