//! Users of this machine, as the system knows them: in `/etc/passwd`, in a directory, or wherever else it was told to look.

use std::io;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::unistd::{Uid, User};

use super::Error;

/// The name of a user of the machine, or the number where it has no name.
pub(crate) fn user_label(uid: u32) -> Result<String, Error> {
    Ok(user_name(uid)?.unwrap_or_else(|| format!("uid {uid}")))
}

/// The name of a user of the machine.
pub(super) fn user_name(uid: u32) -> Result<Option<String>, Error> {
    Ok(by_number(uid)?.map(|user| user.name))
}

/// The number of the user of the machine who has this name.
pub(crate) fn user_id(name: &str) -> Result<Option<u32>, Error> {
    Ok(answer(User::from_name(name))?.map(|user| user.uid.as_raw()))
}

/// The home of a user of the machine.
pub(super) fn home_of(uid: u32) -> Result<Option<PathBuf>, Error> {
    Ok(by_number(uid)?.map(|user| user.dir))
}

pub(super) fn by_number(uid: u32) -> Result<Option<User>, Error> {
    answer(User::from_uid(Uid::from_raw(uid)))
}

/// What the system answered. Some systems say with an error that there is no such user (getpwuid(3)); any other means that
/// it is not known.
fn answer(found: Result<Option<User>, Errno>) -> Result<Option<User>, Error> {
    match found {
        Ok(user) => Ok(user),
        Err(Errno::ENOENT | Errno::ESRCH | Errno::EBADF | Errno::EPERM) => Ok(None),
        Err(errno) => Err(Error::Users { source: io::Error::from(errno) }),
    }
}

#[cfg(test)]
mod tests {
    use super::{answer, home_of, user_id, user_label, user_name};
    use nix::errno::Errno;

    #[test]
    fn the_system_knows_root_by_number_and_by_name() {
        assert_eq!(user_name(0).unwrap().as_deref(), Some("root"));
        assert_eq!(user_id("root").unwrap(), Some(0));
        assert!(home_of(0).unwrap().is_some_and(|home| home.is_absolute()));
        assert_eq!(user_label(61_299).unwrap(), "uid 61299");
        assert_eq!(user_id("no-such-user").unwrap(), None);
    }

    #[test]
    fn a_system_that_cannot_be_asked_is_not_one_without_that_user() {
        assert!(answer(Err(Errno::ENOENT)).unwrap().is_none());
        for errno in [Errno::EIO, Errno::EMFILE, Errno::ENOMEM, Errno::EINTR] {
            assert!(answer(Err(errno)).is_err(), "{errno}");
        }
    }
}
