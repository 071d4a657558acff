//! The tour that `secboard quickstart` prints works exactly as it is printed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "clock/mod.rs"]
mod clock;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const SECBOARD: &str = env!("CARGO_BIN_EXE_secboard");

fn quickstart(folder: &Path) -> Output {
    in_bare_environment(SECBOARD).arg("quickstart").arg(folder).output().unwrap()
}

/// A program that gets nothing of the environment of the test but what finds programs.
fn in_bare_environment(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(clock::variables())
        .env("PATH", "/usr/bin:/bin")
        .env("SECBOARD_CONFIG", "/dev/null");
    command
}

#[test]
fn every_printed_command_works() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("it's a try");
    let made = quickstart(&folder);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let printed = String::from_utf8(made.stdout).unwrap();
    assert_eq!(format!("set -eu\n{printed}"), fs::read_to_string(folder.join("tour.sh")).unwrap());
    assert!(printed.matches("\nsecboard ").count() >= 8, "{printed}");

    let tour = in_bare_environment("sh").arg(folder.join("tour.sh")).current_dir("/").output().unwrap();
    assert!(tour.status.success(), "{}", String::from_utf8_lossy(&tour.stderr));
    for file in ["users.xlsx", "inactive.xlsx", "access.xlsx"] {
        assert!(fs::read(folder.join(file)).unwrap().starts_with(b"PK"), "{file} is a workbook");
    }
    let mails: Vec<_> =
        fs::read_dir(folder.join("mails")).unwrap().map(|mail| mail.unwrap().path()).collect();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    let mail = fs::read_to_string(mail).unwrap();
    assert!(mail.contains("To: \"Ada Admin\" <admin@acme.example>") && mail.contains("on Sunday."), "{mail}");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let refused = quickstart(folder.path());
    assert_eq!(refused.status.code(), Some(73));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_asks_for_another() {
    for folder in ["/proc/x", "/dev/null/x"] {
        let refused = quickstart(Path::new(folder));
        assert_eq!(refused.status.code(), Some(73));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            said.contains(folder) && said.contains("hint: name another, as in `secboard quickstart DIR`"),
            "{said}"
        );
        assert!(refused.stdout.is_empty());
    }
}

#[test]
fn nobody_else_can_read_what_was_made() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("try");
    assert!(quickstart(&folder).status.success());
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for file in ["secboard.db", "secboard.key", "users.xlsx"] {
        let mode = fs::metadata(folder.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_store_of_ones_own_is_not_named_where_one_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = in_bare_environment(SECBOARD);
    command.args(["--store", "mine.db", "quickstart", "tried"]).current_dir(folder.path());
    let refused = command.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("makes a store of its own, in its folder, and takes no `--store`"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
