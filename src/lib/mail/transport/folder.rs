//! Mails into a folder, each a file: for trying, and for sites without SMTP.
//!
//! A file appears whole, and for its owner alone. Its name is made of the Message-ID, so that a mail that goes again is
//! the same file.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use super::failure::{Cause, Failure};
use super::walk::{Step, Walk};
use crate::mail::message::compose::Composed;

/// Writes a mail.
pub(super) fn write(folder: &Path, mail: &Composed, walk: &mut Walk) -> Result<String, Failure> {
    let begun = Instant::now();
    let name = format!("{}.eml", name_of(&mail.message_id));
    let written = put(folder, &name, &mail.bytes);
    written.map_err(|error| refused(folder, &error))?;
    walk.went(Step::Local, format!("written to `{}`", folder.join(&name).display()), begun.elapsed());
    Ok(format!("written to `{name}`"))
}

/// Whether the folder can be written to.
pub(super) fn check(folder: &Path, walk: &mut Walk) -> Result<(), Failure> {
    tempfile::NamedTempFile::new_in(folder).map_err(|error| refused(folder, &error))?;
    walk.went(Step::Local, format!("`{}` can be written to", folder.display()), Duration::ZERO);
    Ok(())
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // Such files are made for their owner alone.
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name)).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}

/// What stands before the `@` of a Message-ID, without what no file should be called.
fn name_of(message_id: &str) -> String {
    let local = message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    local.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(100).collect()
}

fn refused(folder: &Path, error: &io::Error) -> Failure {
    let what = format!("`{}` cannot be written to: {error}", folder.display());
    Failure::at(Step::Local, Cause::Local { what })
}
