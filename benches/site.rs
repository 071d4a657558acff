//! A store with so many people, made by the commands that users have and kept for the next run.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::people;

/// The password of the superuser.
pub(crate) const PASSWORD: &str = "correct horse battery staple 7";

/// A store to measure on.
#[derive(Debug)]
pub(crate) struct Site {
    /// How many people it has, beside the superuser.
    pub(crate) people: usize,
    folder: PathBuf,
    /// A folder that goes with this.
    _temporary: Option<tempfile::TempDir>,
}

impl Site {
    /// The store with so many people; one that is thrown away for a smoke test.
    pub(crate) fn of(people: usize, quick: bool) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let temporary = quick.then(|| tempfile::tempdir_in(root).unwrap());
        let folder = match &temporary {
            Some(folder) => folder.path().to_owned(),
            None => root.join(format!("bench-{people}")),
        };
        let site = Self { people, folder, _temporary: temporary };
        if !site.path("done").exists() {
            fs::create_dir_all(&site.folder).unwrap();
            people::write(&site.path("people.csv"), people);
            Self::init(&site.path("secboard.db"));
            assert!(site.import(&site.path("secboard.db")).status().unwrap().success());
            fs::write(site.path("done"), "").unwrap();
        }
        site
    }

    /// A file beside the store.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A new folder beside the store; what stood there is removed.
    pub(crate) fn fresh(&self, name: &str) -> PathBuf {
        let folder = self.path(name);
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// An empty store in a folder of its own.
    pub(crate) fn empty(&self) -> PathBuf {
        let store = self.fresh("empty").join("secboard.db");
        Self::init(&store);
        store
    }

    /// A copy of the store with its key, in a folder of its own.
    pub(crate) fn copy(&self, name: &str) -> PathBuf {
        let folder = self.fresh(name);
        for name in ["secboard.db", "secboard.key"] {
            fs::copy(self.path(name), folder.join(name)).unwrap();
        }
        folder.join("secboard.db")
    }

    /// The import of everybody into a store.
    pub(crate) fn import(&self, store: &Path) -> Command {
        Self::import_of(store, &self.path("people.csv"))
    }

    /// The import of a file into a store.
    pub(crate) fn import_of(store: &Path, file: &Path) -> Command {
        let mut import = secboard(store);
        import.args(["user", "import"]).arg(file).args(["--create-missing", "--yes"]);
        import.stdout(Stdio::null());
        import
    }

    /// The command on this store.
    pub(crate) fn secboard(&self) -> Command {
        secboard(&self.path("secboard.db"))
    }

    /// SQLite's own command on this store.
    pub(crate) fn sqlite(&self, statement: &str) -> Command {
        let mut command = Command::new("sqlite3");
        command.arg(self.path("secboard.db")).arg(statement);
        command
    }

    /// Makes an empty store with a key beside it.
    fn init(store: &Path) {
        let mut init = secboard(store);
        init.args(["init", "--email", "admin@example.org", "--first-name", "Ada", "--last-name", "Admin"]);
        init.args(["--company", "Company 00", "--time-zone", "UTC", "--password-stdin"]);
        let mut child = init.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

/// The command on a store with its key beside it.
pub(crate) fn secboard(store: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
    command.arg("--store").arg(store).args(["--no-input", "--quiet"]).env_remove("SECBOARD_CONFIG");
    command
}
