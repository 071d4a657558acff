//! The programs that live tests start.

use std::process::Command;

/// What the live groups need, and the Debian package that brings it. `tests/run` installs the same.
const NEEDED: &[(&str, &str)] = &[
    ("soffice", "libreoffice-calc-nogui"),
    ("mandoc", "mandoc"),
    ("bash", "bash"),
    ("zsh", "zsh"),
    ("fish", "fish"),
    ("sudo", "sudo"),
    ("visudo", "sudo"),
    ("useradd", "passwd"),
    ("id", "coreutils"),
    ("postfix", "postfix"),
    ("dovecot", "dovecot-core"),
    ("chromium", "chromium"),
    ("chromedriver", "chromium-driver"),
    ("nginx", "nginx-light"),
    ("curl", "curl"),
    ("faketime", "faketime"),
    ("unshare", "util-linux"),
    ("samba", "samba"),
    ("oathtool", "oathtool"),
    ("zbarimg", "zbar-tools"),
];

/// A program to start.
///
/// # Panics
/// When it is not installed, with the line that installs it.
pub(crate) fn program(name: &str) -> Command {
    let listed = NEEDED.iter().find(|(needed, _)| *needed == name);
    assert!(listed.is_some(), "`{name}` is not in the list of what the live tests need");
    let package = listed.map_or("", |(_, package)| package);
    let path = std::env::var("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    assert!(there, "`{name}` is missing; run `sudo apt-get install --no-install-recommends {package}`");
    Command::new(name)
}

#[test]
fn every_program_is_there() {
    for (name, _) in NEEDED {
        program(name);
    }
    let completion = std::path::Path::new("/usr/share/bash-completion/bash_completion");
    assert!(
        completion.exists(),
        "bash-completion is missing; run `sudo apt-get install --no-install-recommends bash-completion`"
    );
}
