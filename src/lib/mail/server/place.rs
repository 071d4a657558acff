//! What a server names of this machine: files, folders and programs, from `/` on.

use std::fs;
use std::path::Path;

use crate::error::Result;
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
        Some(program) if program.starts_with('/') && Path::new(program).is_file() => Ok(words),
        Some(program) if program.starts_with('/') => {
            Err(Error::MissingProgram { program: program.clone() }.into())
        }
        program => Err(Error::NoProgram { program: program.cloned().unwrap_or_default() }.into()),
    }
}
