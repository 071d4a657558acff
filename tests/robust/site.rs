//! A store in a folder of its own, and the command run on it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;

/// The user and group that own nothing.
const NOBODY: u32 = 65534;

/// The command under test.
pub(crate) const SECBOARD: &str = env!("CARGO_BIN_EXE_secboard");

/// A folder with a store, its key and one superuser of the company Acme.
pub(crate) struct Site {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none when a signal killed it.
    pub(crate) code: Option<i32>,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it said.
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl From<Child> for Ended {
    fn from(child: Child) -> Self {
        child.wait_with_output().unwrap().into()
    }
}

impl Ended {
    /// Checks the exit code and that each of `words` was said on standard error.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` was not said: {self:?}");
        }
    }
}

impl Site {
    /// Makes one.
    pub(crate) fn new() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap())
    }

    /// Makes one in this folder.
    pub(crate) fn in_folder(folder: TempDir) -> Self {
        let site = Self { folder };
        let line = "printf 'correct horse 9 battery' | \"$0\" init --email ada@acme.example --first-name Ada \
                    --last-name Admin --company Acme --time-zone UTC --password-stdin --no-input";
        let ended = site.bash(line);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        site
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The store.
    pub(crate) fn store(&self) -> PathBuf {
        self.path("secboard.db")
    }

    /// The key.
    pub(crate) fn key(&self) -> PathBuf {
        self.path("secboard.key")
    }

    /// Any program, in this folder, without the environment of the test.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.folder())
            .env("TZ", "UTC")
            .env("SECBOARD_STORE", self.store())
            .current_dir(self.folder())
            .stdin(Stdio::null());
        command
    }

    /// secboard on this store.
    pub(crate) fn secboard(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(SECBOARD);
        command.args(arguments);
        command
    }

    /// Runs secboard on this store.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.secboard(arguments).output().unwrap().into()
    }

    /// Does what is refused to nobody.
    pub(crate) fn done(&self, line: &str) {
        let arguments: Vec<&str> = line.split(' ').chain(["--yes"]).collect();
        let ended = self.run(&arguments);
        assert_eq!(ended.code, Some(0), "{line}: {ended:?}");
    }

    /// Runs a line of bash, in which `$0` is secboard.
    pub(crate) fn bash(&self, line: &str) -> Ended {
        self.program("bash").args(["-c", line, SECBOARD]).output().unwrap().into()
    }

    /// Runs secboard as somebody whom file modes bind: as this user, or as nobody when this is root.
    pub(crate) fn run_unprivileged<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ended {
        let (mut command, _binary) = self.unprivileged(SECBOARD);
        command.args(arguments).output().unwrap().into()
    }

    /// A program that was built, to be run as whom [`Site::run_unprivileged`] runs as while its file is open.
    pub(crate) fn unprivileged(&self, program: &str) -> (Command, File) {
        // Opened here, because nobody may have no way to where it was built.
        let binary = File::open(program).unwrap();
        let mut command = self.program(&format!("/proc/self/fd/{}", binary.as_raw_fd()));
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        (command, binary)
    }

    /// Runs a line of bash as whom [`Site::run_unprivileged`] runs as.
    pub(crate) fn bash_unprivileged(&self, line: &str) -> Ended {
        let mut command = self.program("bash");
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.args(["-c", line]).output().unwrap().into()
    }

    /// Gives everything in the folder to whom [`Site::run_unprivileged`] runs as.
    pub(crate) fn give_away(&self) {
        for entry in fs::read_dir(self.folder()).unwrap() {
            give_away(&entry.unwrap().path());
        }
        give_away(self.folder());
    }

    /// Makes a person of Acme.
    pub(crate) fn add(&self, name: &str) -> Ended {
        self.run(
            &["user", "create", "--email", &email(name), "--first-name", name, "--last-name", "Test"]
                .iter()
                .chain(&["--company", "Acme"])
                .copied()
                .collect::<Vec<_>>(),
        )
    }

    /// How many people there are.
    pub(crate) fn people(&self) -> u64 {
        let ended = self.run(&["user", "list", "--count"]);
        ended.stdout.trim().parse().unwrap_or_else(|_| panic!("{ended:?}"))
    }

    /// Proves that chain, state, file and search index hold, and that nothing but store and key is left in the folder.
    #[track_caller]
    pub(crate) fn assert_whole(&self) {
        let ended = self.run(&["audit", "verify", "--state", "--file"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let store = self.sql();
        let found: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(found, "ok");
        let orphans: i64 =
            store.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
        assert_eq!(orphans, 0);
        let search = "INSERT INTO users_search (users_search, rank) VALUES ('integrity-check', 1)";
        store.execute(search, []).unwrap();
        store.close().unwrap();
        assert_eq!(self.files(), ["secboard.db", "secboard.key"]);
    }

    /// Every table, index and trigger, with the statement that makes it; not what SQLite counts for its planner.
    pub(crate) fn schema(&self) -> Vec<String> {
        let store = self.sql();
        let sql = "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema \
                   WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1";
        let mut statement = store.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The names of the files in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A connection past secboard.
    pub(crate) fn sql(&self) -> Connection {
        Connection::open(self.store()).unwrap()
    }
}

/// Gives a file or folder to whom [`Site::run_unprivileged`] runs as.
pub(crate) fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

/// The email of a made-up person.
pub(crate) fn email(name: &str) -> String {
    format!("{name}@acme.example")
}

/// Whether the test runs as root, whom file modes do not bind.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether what only root can try is tried. Where it cannot be and nobody said so, the test fails: one that tried nothing
/// would prove nothing and pass.
pub(crate) fn tries(what: &str, can: bool) -> bool {
    let is_let = std::env::var_os("SECBOARD_TEST_WITHOUT_ROOT").is_some();
    assert!(can || is_let, "this {what}; run it as root, or leave it out with SECBOARD_TEST_WITHOUT_ROOT=1");
    can
}

/// Sets the mode bits of a file or folder.
pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
