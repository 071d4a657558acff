//! Files that appear complete or not at all.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};

#[test]
fn a5_a_file_appears_complete_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    std::fs::write(&path, "before").unwrap();
    let mut output = Output::create(&FileOrStream::from(&path)).unwrap();
    output.write_all(b"after").unwrap();
    output.flush().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "before");
    output.commit().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "after");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut output = Output::create(&FileOrStream::from(&folder.path().join("people.csv"))).unwrap();
    output.write_all(b"half").unwrap();
    drop(output);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Output::create(&FileOrStream::from(&folder.path().join("none/people.csv"))).err().unwrap();
    assert_eq!((missing.code(), missing.kind()), ("output.cannot_create", Kind::CannotCreate));
    let directory = Output::create(&FileOrStream::from(&folder.path())).err().unwrap();
    assert_eq!((directory.code(), directory.kind()), ("output.directory", Kind::CannotCreate));
}

#[test]
fn a_link_stays_one_and_one_that_leads_nowhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link, nowhere) =
        (folder.path().join("people.csv"), folder.path().join("link"), folder.path().join("nowhere"));
    std::fs::write(&file, "before").unwrap();
    symlink("people.csv", &link).unwrap();
    symlink("none.csv", &nowhere).unwrap();
    let mut output = Output::create(&FileOrStream::from(&link)).unwrap();
    output.write_all(b"after").unwrap();
    output.commit().unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "after");
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    let refused = Output::create(&FileOrStream::from(&nowhere)).err().unwrap();
    assert_eq!(refused.code(), "output.cannot_create");
    assert!(std::fs::symlink_metadata(&nowhere).unwrap().is_symlink(), "it is not replaced");
    assert!(!folder.path().join("none.csv").exists());
}

#[test]
fn a_full_disk_and_a_closed_pipe_are_told_apart() {
    let output = Output::stream("-", Box::new(std::io::sink()));
    let full = output.failed(std::io::ErrorKind::StorageFull.into());
    assert_eq!((full.code(), full.kind()), ("output.disk_full", Kind::Io));
    assert_eq!(output.failed(std::io::ErrorKind::BrokenPipe.into()).code(), "output.closed");
}

#[test]
fn a_device_is_written_and_stays_a_device() {
    let full = std::path::Path::new("/dev/full");
    let mut output = Output::create(&FileOrStream::from(&full)).unwrap();
    output.write_all(b"x").unwrap();
    assert_eq!(output.commit().unwrap_err().code(), "output.disk_full");
    assert!(!std::fs::metadata(full).unwrap().is_file());
}
