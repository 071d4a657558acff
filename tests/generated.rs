//! What is made from the code and committed is current.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MADE: [&str; 3] = ["man", "completions", "docs"];

#[expect(clippy::unwrap_used, reason = "a folder that cannot be read fails the test")]
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

#[test]
fn man_pages_completions_and_references_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_secboard"))
        .env("SECBOARD_CONFIG", "/dev/null")
        .args(["--quiet", "generate"])
        .arg(made.path())
        .status()
        .unwrap();
    assert!(status.success());
    let mut stale = Vec::new();
    for folder in MADE {
        for path in files(&made.path().join(folder)) {
            let name = Path::new(folder).join(path.file_name().unwrap());
            if fs::read(root.join(&name)).ok() != fs::read(&path).ok() {
                stale.push(name.display().to_string());
            }
        }
    }
    for folder in ["man", "completions"] {
        for path in files(&root.join(folder)) {
            let name = Path::new(folder).join(path.file_name().unwrap());
            if !made.path().join(&name).exists() {
                stale.push(format!("{} (made no more)", name.display()));
            }
        }
    }
    assert!(stale.is_empty(), "not current, run `cargo run -- generate .`: {stale:#?}");
}
