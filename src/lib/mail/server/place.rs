//! What a server names of this machine: files, folders and programs, from `/` on.
//!
//! A program is run as the owner of the store: one that everybody can write to, or lay another in the place of, would have everybody
//! be the owner.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::config;
use crate::error::{Explain, Kind, Result};
use crate::mail::error::Error;
use crate::text::note::check_line;
use crate::tls::{self, NoAuthorities};

/// The full path of a file with authorities.
pub(super) fn check_authorities(path: &Path) -> Result<String, Error> {
    let path = full(path);
    authorities(&path)?;
    Ok(path)
}

/// The authorities of a file.
pub(in crate::mail) fn authorities(path: &str) -> Result<Vec<u8>, Error> {
    let named = || path.to_owned();
    tls::authorities(path).map_err(|why| match why {
        NoAuthorities::Unread(source) => Error::Authorities { path: named(), source },
        NoAuthorities::NoCertificate => Error::NoAuthorities { path: named() },
    })
}

/// The full path of a folder. Where a link leads is what counts: mails are written through none.
pub(super) fn check_folder(path: &Path) -> Result<String, Error> {
    match fs::canonicalize(path).as_deref() {
        Ok(folder) if folder.is_dir() => Ok(full(folder)),
        _ => Err(Error::NoFolder { path: full(path) }),
    }
}

/// The path from `/` on, as text.
fn full(path: &Path) -> String {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    full.to_string_lossy().into_owned()
}

/// A program and its arguments, parted by blanks; no shell reads them.
pub(super) fn words(command: &str) -> Result<Vec<String>> {
    check_line(command)?;
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    match words.first() {
        Some(program) if program.starts_with('/') && Path::new(program).is_file() => {
            check_closed(program)?;
            Ok(words)
        }
        Some(program) if program.starts_with('/') => {
            Err(Error::MissingProgram { program: program.clone() }.into())
        }
        program => Err(Error::NoProgram { program: program.cloned().unwrap_or_default() }.into()),
    }
}

/// A program that everybody can exchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("everybody can write to `{}`, and so say what is run in the place of `{program}`", place.display())]
pub(in crate::mail) struct OpenProgram {
    program: String,
    /// The program, or a folder on the way to it.
    place: PathBuf,
}

impl Explain for OpenProgram {
    fn code(&self) -> &'static str {
        "mail.open_program"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        Some(
            "let nobody else write there, as with `chmod o-w`, or name a program that is the machine's own"
                .to_owned(),
        )
    }
}

/// Refuses a program that everybody can exchange: by its own bytes, or by a folder on the way to it, through whatever links.
pub(in crate::mail) fn check_closed(program: &str) -> Result<(), OpenProgram> {
    let is_open_to_all = |place: &PathBuf| fs::metadata(place).is_ok_and(|found| is_open(&found));
    let place = config::way(Path::new(program)).into_iter().find(is_open_to_all);
    place.map_or(Ok(()), |place| Err(OpenProgram { program: program.to_owned(), place }))
}

/// Whether everybody can write there; in a sticky folder nobody exchanges what is another's.
fn is_open(found: &fs::Metadata) -> bool {
    found.mode() & 0o002 != 0 && !(found.is_dir() && found.mode() & 0o1000 != 0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_program_that_everybody_can_exchange_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("send.sh");
        fs::write(&program, "#!/bin/sh\n").unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&program, &link).unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let taken = |path: &Path| words(&format!("{} -x", path.display())).map_err(|failure| failure.code());
        set(folder.path(), 0o755);
        set(&program, 0o755);
        assert!(taken(&program).is_ok() && taken(&link).is_ok());
        set(&program, 0o757);
        assert_eq!((taken(&program), taken(&link)), (Err("mail.open_program"), Err("mail.open_program")));
        set(&program, 0o755);
        set(folder.path(), 0o777);
        assert_eq!(taken(&program), Err("mail.open_program"));
        set(folder.path(), 0o1777);
        assert!(taken(&program).is_ok(), "as in `/tmp`");
    }

    #[test]
    fn a15_a_link_on_the_way_that_everybody_can_exchange_is_found_wherever_it_lies() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (open, safe) = (folder.path().join("open"), folder.path().join("safe"));
        for folder in [&open, &safe] {
            fs::create_dir(folder).unwrap();
        }
        let program = safe.join("send.sh");
        fs::write(&program, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        symlink(&program, open.join("second")).unwrap();
        symlink(open.join("second"), safe.join("first")).unwrap();
        symlink(&safe, open.join("folder")).unwrap();
        symlink(open.join("folder"), safe.join("round")).unwrap();
        let refused = |path: &Path| check_closed(&path.display().to_string()).err().map(|error| error.place);
        let chains = [safe.join("first"), safe.join("round/send.sh")];
        assert!(chains.iter().all(|chain| refused(chain).is_none()));
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(chains.iter().all(|chain| refused(chain).is_some_and(|place| place.ends_with("open"))));
        assert!(refused(&program).is_none());
    }
}
