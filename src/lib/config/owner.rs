//! Root on the store of somebody else: whoever owns a store names programs, folders and files in it, and would have root run
//! and open them. So before any of that, root becomes the owner, for good.
//!
//! Who called this process stays who it was ([`begun_as`]): root gives up what it could do, and not whom it acts for.

use std::ffi::{CString, OsString};
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;
use nix::unistd::{Gid, Uid, User, initgroups, setgid, setgroups, setuid};
use rustix::io::Errno as RustixErrno;

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

/// Root cannot go on with a store as somebody who is not root.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The store is root's, and somebody else could put another in its place.
    #[error(
        "{who} could put another store in the place of `{store}`, for `{place}` is theirs to change",
        place = place.display(),
        store = store.display()
    )]
    Replaceable {
        /// The store.
        store: PathBuf,
        /// The folder on the way to it, or the link.
        place: PathBuf,
        /// Who could.
        who: Who,
        /// The place is for others too, so nothing of it is changed for a store.
        is_shared: bool,
    },
    /// The system does not let root become the owner.
    #[error(
        "the store belongs to `{owner}`, who names the programs and files of its mails, and root cannot become that user here"
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
            Self::Replaceable { store, who: Who::Owner(_), .. } => Some(format!(
                "give the store and what lies beside it to whom its folder belongs, with `chown … {}*`, or move it to a folder of root",
                shell::path(store)
            )),
            Self::Replaceable { store, is_shared: true, .. } => Some(format!(
                "move the store, with what lies beside it (`{}*`), to a folder of root alone",
                shell::path(store)
            )),
            Self::Replaceable { place, .. } => {
                Some(format!("leave it to root alone, with `chmod go-w {}`", shell::path(place)))
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

/// The user that this process was begun as.
pub(crate) fn begun_as() -> u32 {
    if WAS_ROOT.load(Ordering::Relaxed) { 0 } else { rustix::process::geteuid().as_raw() }
}

/// Has a process of root go on as whom the store at `path` belongs to, with the groups of that user and no others. A process
/// of anybody else goes on as it is.
///
/// # Errors
/// When that cannot be, and when the store is root's but lies where somebody else could put another in its place.
pub(crate) fn become_owner(path: &Path) -> Result<(), Error> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    // Of a store that is not there, whoever could make it: it may be there in a moment.
    let Some(store) = path.ancestors().find_map(|place| fs::metadata(place).ok()) else { return Ok(()) };
    if store.uid() == 0 {
        return check_way(path);
    }
    let owner = user_label(store.uid())?;
    let user = users::by_number(store.uid())?;
    become_user(&store, user.as_ref())
        .map_err(|errno| Error::Kept { owner, source: io::Error::from(errno) })?;
    WAS_ROOT.store(true, Ordering::Relaxed);
    Ok(())
}

/// Becomes the owner of a file, with the groups that the system knows of; there is no way back.
fn become_user(file: &Metadata, user: Option<&User>) -> Result<(), Errno> {
    let (uid, gid) = (Uid::from_raw(file.uid()), user.map_or(Gid::from_raw(file.gid()), |user| user.gid));
    match user.and_then(|user| CString::new(user.name.as_str()).ok()) {
        Some(name) => initgroups(&name, gid)?,
        None => setgroups(&[gid])?,
    }
    setgid(gid)?;
    setuid(uid)
}

/// Refuses a store of root on whose way is something that is not root's alone, or that holds what others write.
fn check_way(store: &Path) -> Result<(), Error> {
    // What SQLite keeps beside a store lies where the links lead.
    let file = fs::canonicalize(store).unwrap_or_else(|_| store.to_owned());
    let refuse = |place: PathBuf, who, found: &Metadata| {
        let is_shared = found.is_dir() && !is_own_folder(&place, found, &file);
        Err(Error::Replaceable { store: store.to_owned(), place, who, is_shared })
    };
    let beside = ["-wal", "-shm", "-journal"].map(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    });
    for place in way(store).into_iter().chain(beside) {
        let Ok(found) = fs::symlink_metadata(&place) else { continue };
        if let Some(who) = who_changes(&place, &found)? {
            return refuse(place, who, &found);
        }
    }
    // In the folder of the store itself somebody could lay such a file where there is none.
    match file.parent().and_then(|folder| Some((folder, fs::metadata(folder).ok()?))) {
        Some((folder, found)) => match who_writes(folder, &found) {
            Some(who) => refuse(folder.to_owned(), who, &found),
            None => Ok(()),
        },
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

/// Who but root can change a file, or what is in a folder.
fn who_changes(place: &Path, found: &Metadata) -> Result<Option<Who>, Error> {
    if found.uid() != 0 {
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
    if found.mode() & 0o020 == 0 {
        return None;
    }
    // With an access control list the bits of the group are those of everybody whom it names.
    if has_control_list(place) {
        return Some(Who::Listed);
    }
    (found.gid() != 0).then(|| Who::Group(found.gid()))
}

/// Whether a file has an access control list; where that cannot be told, it may have one.
fn has_control_list(place: &Path) -> bool {
    // A list that does not fit is one.
    let asked = rustix::fs::lgetxattr(place, "system.posix_acl_access", &mut [0_u8; 256]);
    !matches!(asked, Err(RustixErrno::NODATA | RustixErrno::NOTSUP | RustixErrno::NOSYS))
}

/// Every folder and link that the system goes through on the way to a file, and the file.
fn way(file: &Path) -> Vec<PathBuf> {
    let parts = |path: &Path| path.components().rev().map(|part| part.as_os_str().to_owned()).collect();
    let mut ahead: Vec<OsString> = parts(&std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    #[test]
    fn the_way_to_a_file_has_every_folder_and_link_on_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().canonicalize().unwrap();
        fs::create_dir_all(at.join("real/deep")).unwrap();
        symlink("../real", at.join("real/round")).unwrap();
        symlink(at.join("real/round/deep"), at.join("short")).unwrap();
        let gone = way(&at.join("short/./store.db"));
        let below: Vec<_> = gone.iter().filter_map(|place| place.strip_prefix(&at).ok()).collect();
        let expected = ["", "short", "", "real", "real/round", "real", "real/deep", "real/deep/store.db"];
        assert_eq!(below, expected.map(Path::new));
        symlink("round", at.join("round")).unwrap();
        assert!(way(&at.join("round")).len() > 40, "a link to itself has an end");
    }

    #[test]
    fn a15_a_store_of_root_is_nobody_elses_to_replace() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (inner, store) = (folder.path().join("inner"), folder.path().join("inner/store.db"));
        fs::create_dir(&inner).unwrap();
        fs::write(&store, "").unwrap();
        let told = || check_way(&store).err().map(|error| error.to_string());
        assert_eq!(told(), None);
        let theirs = format!("for `{}` is theirs to change", inner.display());
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(told().unwrap().starts_with("everybody could put another store in the place of"));
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o1777)).unwrap();
        assert!(told().unwrap().starts_with("everybody could"), "a journal could be laid beside it");
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        assert_eq!(told(), None, "as in /tmp");
        // Members of a group could exchange what is in its folders.
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o2775)).unwrap();
        assert_eq!(told(), None, "the group is root's");
        chown(&inner, None, Some(61_298)).unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o2775)).unwrap();
        assert!(told().unwrap().starts_with("everybody of the group 61298 could put another store"));
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
        // What is in the store can be exchanged too.
        let beside = ["wal", "journal"].map(|end| folder.path().join(format!("inner/store.db-{end}")));
        for file in [&store, &beside[0], &beside[1]] {
            fs::write(file, "").unwrap();
            fs::set_permissions(file, fs::Permissions::from_mode(0o646)).unwrap();
            assert!(told().unwrap().starts_with("everybody could"), "{}", file.display());
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(told(), None);
        }
        chown(&inner, Some(61_299), None).unwrap();
        let told = told().unwrap();
        assert!(told.starts_with("`uid 61299` could put another") && told.ends_with(&theirs), "{told}");
    }

    /// What to do about a folder is to change the store's own alone; whoever took the right to write from `/tmp` would break the
    /// machine.
    #[test]
    fn advice_about_a_store_changes_no_folder_that_others_use() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let (own, store) = (folder.path().join("own"), folder.path().join("own/store.db"));
        fs::create_dir(&own).unwrap();
        fs::write(&store, "").unwrap();
        let advice = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            let advice = check_way(&store).unwrap_err().advice().unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
            advice
        };
        let leave = |path: &Path| format!("leave it to root alone, with `chmod go-w {}`", path.display());
        let beside = store.display();
        let moved =
            format!("move the store, with what lies beside it (`{beside}*`), to a folder of root alone");
        assert_eq!(advice(&own, 0o777), leave(&own));
        assert_eq!(advice(&store, 0o666), leave(&store));
        assert_eq!(advice(&own, 0o1777), moved, "as directly in /tmp");
        assert_eq!(advice(folder.path(), 0o777), moved, "others may be in it");
        let found = fs::metadata(&own).unwrap();
        for of_system in ["/", "/srv", "/var/local", "/usr/local/share"] {
            let of_system = Path::new(of_system);
            assert!(
                !is_own_folder(of_system, &found, &of_system.join("store.db")),
                "{}",
                of_system.display()
            );
        }
        assert!(is_own_folder(Path::new("/srv/secboard"), &found, Path::new("/srv/secboard/store.db")));
    }

    #[test]
    fn a15_whom_an_access_control_list_names_is_somebody_else() {
        use rustix::fs::{XattrFlags, lremovexattr, lsetxattr};

        const NAME: &str = "system.posix_acl_access";
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        fs::write(&store, "").unwrap();
        // As acl(5) and the kernel have it: the owner, a user, the group, the mask, others.
        let mut list = 2_u32.to_le_bytes().to_vec();
        for (tag, may, who) in [(1_u16, 7_u16, -1_i32), (2, 7, 61_299), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
        {
            list.extend([tag.to_le_bytes(), may.to_le_bytes()].concat());
            list.extend(who.to_le_bytes());
        }
        // Not every file system keeps them.
        if lsetxattr(folder.path(), NAME, &list, XattrFlags::empty()).is_err() {
            return;
        }
        let told = check_way(&store).unwrap_err().to_string();
        assert!(told.starts_with("everybody whom its access control list names could put"), "{told}");
        lremovexattr(folder.path(), NAME).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o775)).unwrap();
        assert!(check_way(&store).is_ok(), "the group is root's");
    }

    #[test]
    fn an_owner_is_named_as_sudo_takes_them() {
        assert_eq!(as_owner("secboard"), "sudo -u secboard secboard …");
        assert_eq!(as_owner("uid 61299"), "sudo -u '#61299' secboard …");
    }
}
