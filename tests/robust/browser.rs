//! The daemon on a store, and browsers that ask it for pages.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::site::Site;

/// A daemon that serves a site, with files of its own apart from those of the store.
pub(crate) struct Daemon {
    child: Child,
    /// Where it listens.
    address: String,
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

    fn start_in(site: &Site, folder: Arc<TempDir>) -> Self {
        let configuration = folder.path().join("secboard.toml");
        let store = site.store().display().to_string();
        fs::write(&configuration, format!("store = \"{store}\"\nlisten = \"127.0.0.1:0\"\n")).unwrap();
        let mut command = site.program(env!("CARGO_BIN_EXE_secboardd"));
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

    /// A browser that was just opened.
    pub(crate) fn browser(&self) -> Browser {
        Browser { address: self.address.clone(), cookies: Vec::new() }
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

/// A browser: it keeps cookies, and sends forms with the token that they were shown with.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    address: String,
    cookies: Vec<(String, String)>,
}

/// A page as it came; all of it, or it never did.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// The status.
    pub(crate) status: u16,
    /// Where it leads; empty where it leads nowhere.
    pub(crate) location: String,
    body: String,
}

impl Page {
    fn token(&self) -> &str {
        let rest = self.body.split_once("name=\"csrf\" value=\"").map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default()
    }
}

impl Browser {
    /// Asks that daemon from now on.
    pub(crate) fn move_to(&mut self, daemon: &Daemon) {
        self.address.clone_from(&daemon.address);
    }

    /// Asks for a page; nothing where the daemon went away.
    pub(crate) fn get(&mut self, path: &str) -> Option<Page> {
        self.ask("GET", path, "")
    }

    /// Opens a page, fills in its form and sends it, again where the site is busy; nothing where the daemon went away
    /// meanwhile.
    pub(crate) fn fill_in(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<Page> {
        for _ in 0..100 {
            let shown = self.get(path)?;
            let answer = self.post(path, &shown, fields)?;
            if answer.status != 503 {
                return Some(answer);
            }
        }
        panic!("the site is always busy: {path}");
    }

    /// Sends the form of a page that is shown.
    pub(crate) fn post(&mut self, path: &str, shown: &Page, fields: &[(&str, &str)]) -> Option<Page> {
        let encoded =
            |text: &str| text.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02x}"));
        let token = ("csrf", shown.token());
        let pairs = [token].into_iter().chain(fields.iter().copied());
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.ask("POST", path, &pairs.join("&"))
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Option<Page> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n\
             {body}",
            cookies.join("; "),
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let values = |name: &str| {
            let of = |line: &str| {
                let (found, value) = line.split_once(": ")?;
                found.eq_ignore_ascii_case(name).then(|| value.to_owned())
            };
            head.lines().filter_map(of).collect::<Vec<String>>()
        };
        for line in values("set-cookie") {
            let (name, rest) = line.split_once('=')?;
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), rest.split(';').next()?.to_owned()));
        }
        Some(Page {
            status: head.split(' ').nth(1)?.parse().ok()?,
            location: values("location").pop().unwrap_or_default(),
            body: body.to_owned(),
        })
    }
}
