//! Mails into a folder, each a file: for trying, and for sites without SMTP.
//!
//! A file appears whole, and for its owner alone. Its name is made of the Message-ID, so that a mail that goes again is
//! the same file. The folder is opened once, and not through a link: what is put in its place meanwhile leads nowhere.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, openat, renameat, unlinkat};
use rustix::io::Errno;

use super::failure::{Cause, Failure};
use super::walk::{Step, Walk};
use crate::mail::message::compose::Composed;

/// Writes a mail.
pub(super) fn write(folder: &Path, mail: &Composed, walk: &mut Walk) -> Result<String, Failure> {
    let begun = Instant::now();
    let name = format!("{}.eml", name_of(&mail.message_id));
    let written = open(folder).and_then(|within| put(&within, &name, &mail.bytes));
    written.map_err(|error| refused(folder, error))?;
    walk.went(Step::Local, format!("written to `{}`", folder.join(&name).display()), begun.elapsed());
    Ok(format!("written to `{name}`"))
}

/// Whether the folder can be written to.
pub(super) fn check(folder: &Path, walk: &mut Walk) -> Result<(), Failure> {
    let tried = open(folder).and_then(|within| {
        let name = hidden("try");
        drop(create(&within, &name)?);
        Ok(unlinkat(&within, &name, AtFlags::empty())?)
    });
    tried.map_err(|error| refused(folder, error))?;
    walk.went(Step::Local, format!("`{}` can be written to", folder.display()), Duration::ZERO);
    Ok(())
}

/// The folder, which is no link.
fn open(folder: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(CWD, folder, flags, Mode::empty()) {
        // Linux says that a link is no folder, others that it is a link.
        Err(Errno::NOTDIR | Errno::LOOP) if folder.is_symlink() => Err(io::Error::other("it is a link")),
        opened => Ok(opened?),
    }
}

fn put(within: &OwnedFd, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = hidden(name);
    let mut file = create(within, &unfinished)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let placed = written.and_then(|()| Ok(renameat(within, &unfinished, within, name)?));
    if placed.is_err() {
        unlinkat(within, &unfinished, AtFlags::empty()).ok();
    }
    placed?;
    Ok(rustix::fs::fsync(within)?)
}

/// A new file for its owner alone. One that another process was killed over makes room.
fn create(within: &OwnedFd, name: &str) -> io::Result<File> {
    let fresh = OFlags::WRONLY | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::CREATE;
    let made = || openat(within, name, fresh, Mode::RUSR | Mode::WUSR);
    let made = match made() {
        Err(Errno::EXIST) => {
            unlinkat(within, name, AtFlags::empty())?;
            made()
        }
        made => made,
    };
    Ok(File::from(made?))
}

/// How a file is called that nobody looks at yet.
fn hidden(name: &str) -> String {
    format!(".{name}.{}.tmp", std::process::id())
}

/// What stands before the `@` of a Message-ID, without what no file should be called.
fn name_of(message_id: &str) -> String {
    let local = message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    local.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(100).collect()
}

fn refused(folder: &Path, error: io::Error) -> Failure {
    let what = format!("`{}` cannot be written to: {error}", folder.display());
    Failure::at(Step::Local, Cause::Local { what })
}
