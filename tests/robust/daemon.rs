//! The daemon on a store.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use crate::browser::Browser;
use crate::site::{Site, give_away};

/// The daemon under test.
const SECBOARDD: &str = env!("CARGO_BIN_EXE_secboardd");

/// A daemon that serves a site, with files of its own apart from those of the store.
pub(crate) struct Daemon {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    folder: Arc<TempDir>,
}

impl Daemon {
    /// Starts it, and waits until it listens.
    pub(crate) fn start(site: &Site) -> Self {
        Self::start_in(site, Arc::new(tempfile::tempdir().unwrap()))
    }

    /// Starts another one with the files of this one.
    pub(crate) fn start_again(&self, site: &Site) -> Self {
        Self::start_in(site, Arc::clone(&self.folder))
    }

    /// Starts it as somebody whom file modes bind, and to whom everything of the site is given.
    pub(crate) fn start_unprivileged(site: &Site) -> Self {
        site.give_away();
        let folder = Arc::new(tempfile::tempdir().unwrap());
        give_away(folder.path());
        let (command, _binary) = site.unprivileged(SECBOARDD);
        Self::run(site, folder, command)
    }

    fn start_in(site: &Site, folder: Arc<TempDir>) -> Self {
        Self::run(site, folder, site.program(SECBOARDD))
    }

    fn run(site: &Site, folder: Arc<TempDir>, mut command: Command) -> Self {
        let configuration = folder.path().join("secboard.toml");
        let store = site.store().display().to_string();
        fs::write(&configuration, format!("store = \"{store}\"\nlisten = \"127.0.0.1:0\"\n")).unwrap();
        command.arg("--config").arg(configuration).env("TMPDIR", folder.path());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let is_heard =
            |line: String| line.split_once("listening on http://").map(|(_, rest)| rest.to_owned());
        let address = lines.by_ref().map_while(Result::ok).find_map(is_heard).unwrap();
        // What it says more is read, so that it never waits for that.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address, folder }
    }

    /// Ends it as the system does when there is no more memory: at once, wherever it is.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to end; its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        )
        .unwrap();
        self.child.wait().unwrap().code()
    }

    /// Lets it write files no longer than so many bytes; how long they were before.
    pub(crate) fn limit_files(&self, most: Option<u64>) -> Option<u64> {
        use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
        let limit = Rlimit { current: most, ..getrlimit(Resource::Fsize) };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).unwrap().current
    }

    /// A browser that was just opened.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.address, "https://localhost")
    }

    /// What it left in its folder for temporary files.
    pub(crate) fn left(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter_map(|name| name.into_string().ok()).filter(|name| name != "secboard.toml").collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
