//! The README's tour runs as it is printed: each `console` block, in order, on a quickstart store.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_tour_of_the_readme_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let secboard = Path::new(env!("CARGO_BIN_EXE_secboard"));
    let made = Command::new(secboard)
        .args(["--quiet", "quickstart"])
        .arg(folder.path().join("try"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // Beside a copy, so that nothing is ever written into the project.
    let readme = folder.path().join("README.md");
    fs::copy("README.md", &readme).unwrap();
    let cases = trycmd::TestCases::new();
    cases
        .register_bin("secboard", secboard)
        .env("SECBOARD_STORE", folder.path().join("try/secboard.db").display().to_string())
        .env("COLUMNS", "200")
        .case(&readme);
}
