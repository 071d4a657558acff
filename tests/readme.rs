//! The README's tour and the guides run as they are printed: each `console` block, in order, the tour on a quickstart
//! store, each guide on one that was just made.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "clock/mod.rs"]
mod clock;

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_tour_of_the_readme_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("try/secboard.db");
    secboard(&["--quiet", "quickstart", folder.path().join("try").to_str().unwrap()]);
    runs_as_printed("README.md", &store, folder.path());
}

#[test]
fn the_guides_work_as_printed() {
    for page in ["docs/access.md", "docs/mail.md"] {
        works_on_a_new_store(page);
    }
}

fn works_on_a_new_store(page: &str) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("secboard.db");
    secboard(&[
        "--quiet",
        "--store",
        store.to_str().unwrap(),
        "init",
        "--email=admin@acme.example",
        "--first-name=Ada",
        "--last-name=Admin",
        "--company=Acme Bank",
        "--time-zone=Europe/Kyiv",
        "--generate-password",
        "--no-input",
    ]);
    runs_as_printed(page, &store, folder.path());
}

const SECBOARD: &str = env!("CARGO_BIN_EXE_secboard");

fn secboard(arguments: &[&str]) {
    let mut command = Command::new(SECBOARD);
    command.args(arguments).env_clear().envs(clock::variables()).env("SECBOARD_CONFIG", "/dev/null");
    let made = command.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Runs the blocks of a page beside a copy of it, in an empty folder (which trycmd knows by its name), so that nothing is
/// ever written into the project.
fn runs_as_printed(page: &str, store: &Path, folder: &Path) {
    let copy = folder.join("page.md");
    fs::copy(page, &copy).unwrap();
    fs::create_dir(folder.join("page.in")).unwrap();
    let cases = trycmd::TestCases::new();
    cases
        .register_bin("secboard", Path::new(SECBOARD))
        .env("SECBOARD_STORE", store.display().to_string())
        .env("SECBOARD_CONFIG", "/dev/null")
        .env("COLUMNS", "200")
        .case(&copy);
}
