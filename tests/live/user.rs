//! Users of the machine that a test makes, and takes away again.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::program;

/// A user without a shell; gone when dropped.
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
}

impl User {
    pub(crate) fn new(what: &str, home: &Path) -> Self {
        let name = format!("secboard-{what}-{}", std::process::id());
        let mut useradd = program("useradd");
        useradd.args(["--system", "--no-create-home", "--home-dir"]).arg(home);
        done(useradd.args(["--shell", "/usr/sbin/nologin", &name]));
        let uid = done(program("id").args(["-u", &name]));
        Self { uid: uid.trim().parse().unwrap(), name }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        Command::new("userdel").arg(&self.name).stderr(Stdio::null()).status().ok();
    }
}

/// What a command that has to succeed printed.
pub(crate) fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
