//! The daemon as it is started by a supervisor.

#[path = "clock/mod.rs"]
mod clock;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[expect(clippy::unwrap_used, reason = "a test that cannot start the daemon has failed")]
fn secboardd(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_secboardd"))
        .args(arguments)
        .env_clear()
        .envs(clock::variables())
        .env("HOME", folder)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a9_it_says_its_version_and_refuses_what_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let output = secboardd(folder.path(), &["--version"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("secboardd "));
    assert_eq!(secboardd(folder.path(), &["--bogus"]).status.code(), Some(2));
}

#[test]
fn a9_without_a_store_it_does_not_start_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("secboard.db");
    let output = secboardd(folder.path(), &["--check", "--store", &store.display().to_string()]);
    assert_eq!(output.status.code(), Some(66));
    assert!(stderr(&output).contains("there is no store at"), "{}", stderr(&output));
}

#[test]
fn a9_it_never_listens_beyond_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("secboard.toml");
    fs::write(&config, "listen = \"0.0.0.0:0\"\n").unwrap();
    let output = secboardd(folder.path(), &["--check", "--config", &config.display().to_string()]);
    assert_eq!(output.status.code(), Some(78));
}
