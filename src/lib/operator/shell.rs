//! Who is at the shell, decided from the process alone.
//!
//! Nothing proves a variable, so it only ever takes away: whoever runs as root or as the store's owner could do
//! everything with the files themselves, and a variable that names somebody else makes them that somebody. Whoever runs
//! as anybody else is refused, whatever the variables say.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Error;
use crate::config::{self, Caller, Config};

/// Who is at the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallerIdentity {
    /// Root, or the owner of the store.
    System,
    /// This user, through sudo, doas or pkexec.
    Delegated {
        /// The user's number.
        uid: u32,
    },
}

/// A process before a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shell {
    /// Who runs it, and who called that.
    pub(super) caller: Caller,
    /// Whose store it is.
    pub(super) owner: u32,
    /// The store.
    pub(super) path: PathBuf,
}

/// Who is at the shell of a process that wants to open a store.
pub(super) fn identify_at(shell: &Shell) -> Result<CallerIdentity, Error> {
    check_owner(shell)?;
    identify(&shell.caller)
}

/// Refuses a process that runs neither as root nor as the owner of the store.
pub(super) fn check_owner(shell: &Shell) -> Result<(), Error> {
    let euid = shell.caller.euid;
    if euid == 0 || euid == shell.owner {
        return Ok(());
    }
    Err(Error::NotOwner {
        path: shell.path.clone(),
        owner: config::user_label(shell.owner)?,
        user: config::user_label(euid)?,
    })
}

/// Tells an operator that there is no store, who neither makes one nor names another.
pub(super) fn refuse_without_store(caller: &Caller, path: &Path) -> Result<(), Error> {
    match identify(caller)? {
        CallerIdentity::System => Ok(()),
        CallerIdentity::Delegated { .. } => Err(Error::NoStore { path: path.to_owned() }),
    }
}

/// Who is at the shell, whatever the store.
pub(super) fn identify(caller: &Caller) -> Result<CallerIdentity, Error> {
    if caller.euid == 0 {
        return Ok(CallerIdentity::System);
    }
    let mut named: Option<(&'static str, u32)> = None;
    for (variable, text) in
        [("SUDO_UID", &caller.sudo_uid), ("DOAS_USER", &caller.doas_user), ("PKEXEC_UID", &caller.pkexec_uid)]
    {
        let Some(text) = text else { continue };
        let uid = if variable == "DOAS_USER" { config::user_id(text)? } else { number(text) };
        let uid = uid.ok_or_else(|| Error::Malformed { variable, value: text.clone() })?;
        match named {
            Some((one, other)) if other != uid => return Err(Error::Contradiction { one, other: variable }),
            _ => named = Some((variable, uid)),
        }
    }
    Ok(match named {
        Some((_, uid)) if uid != 0 && uid != caller.euid => CallerIdentity::Delegated { uid },
        _ => CallerIdentity::System,
    })
}

/// A number as the system writes it: digits alone.
fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The process as it stands before the store of `config`; nothing when there is no store.
///
/// A store in a folder that this process may not look into belongs to whom the folder belongs to.
pub(super) fn before(config: &Config) -> Option<Shell> {
    let owner = owner(&config.store)?;
    Some(Shell { caller: Caller::of_this_process(), owner, path: config.store.clone() })
}

/// The number of the user that the store at `path` belongs to; none when there is no store.
pub(super) fn owner(path: &Path) -> Option<u32> {
    match fs::metadata(path) {
        Ok(meta) => Some(meta.uid()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => owner(path.parent()?),
        Err(_) => None,
    }
}

/// Whether this process acts as the system actor on the store of `config`.
pub(crate) fn is_system(config: &Config) -> bool {
    before(config).is_some_and(|shell| matches!(identify_at(&shell), Ok(CallerIdentity::System)))
}
