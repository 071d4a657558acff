//! A site of its own for a test: a store with a company and its superuser, a daemon on a free port of this
//! machine, and a folder into which its mails go.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::program::program;

/// How long anything may take before it is taken for lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name by which browsers reach every site of a test.
pub(super) const HOST: &str = "portal.acme.example";

/// The control word of the company.
pub(super) const CONTROL_WORD: &str = "sunflower lane 42";

/// A site that runs; it ends when this is dropped.
pub(super) struct Site {
    folder: tempfile::TempDir,
    daemon: Option<Daemon>,
    /// Where the daemon listens.
    pub(super) port: u16,
    /// As people reach it, without a path.
    pub(super) address: String,
    read: Mutex<BTreeSet<PathBuf>>,
}

/// The process, and what it has told.
struct Daemon {
    child: Child,
    told: Arc<Mutex<String>>,
}

impl Site {
    /// A site without TLS, at [`HOST`] and a port.
    pub(super) fn start() -> Self {
        let mut site = Self::make();
        site.run_daemon("");
        site
    }

    /// The store of a site that nobody serves yet.
    pub(super) fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, read) = (free_port(), Mutex::default());
        let mut site = Self { folder, port, daemon: None, address: String::new(), read };
        fs::create_dir(site.path("mails")).unwrap();
        let who = ["--email", "ada@acme.example", "--first-name", "Ada", "--last-name", "Admin"];
        let what = ["--company", "Acme Bank", "--time-zone", "Europe/Kyiv", "--password-stdin", "--no-input"];
        site.secboard_with(&[&["init"], &who[..], &what[..]].concat(), "correct horse 9 battery");
        let mails = site.path("mails").display().to_string();
        site.secboard(&["mail", "server", "create", "folder", "--kind", "file", "--folder", &mails]);
        let from = ["--server", "folder", "--from", "noreply@acme.example"];
        site.secboard(&[&["mail", "account", "create", "noreply"], &from[..]].concat());
        site.secboard(&["mail", "route", "set", "--account", "noreply"]);
        site.secboard(&["setting", "set", "site.name", "Acme Portal"]);
        site.secboard_with(&["company", "control-word", "set", "Acme Bank", "--word-stdin"], CONTROL_WORD);
        site.answer_at("http", &format!("{HOST}:{port}"));
        site
    }

    /// Has links lead there, and requests for it be taken.
    pub(super) fn answer_at(&mut self, scheme: &str, host: &str) {
        self.secboard(&["setting", "set", "site.protocol", scheme]);
        self.secboard(&["setting", "set", "site.domain", host]);
        self.address = format!("{scheme}://{host}");
    }

    /// Runs the daemon with these lines in its configuration, and waits until it listens.
    pub(super) fn run_daemon(&mut self, lines: &str) {
        let config = self.configure(&self.store(), lines);
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboardd"));
        command.arg("--config").arg(config);
        self.run(command);
    }

    /// Runs the daemon with a clock that is ahead by these minutes.
    pub(super) fn run_daemon_ahead(&mut self, minutes: u32) {
        let library = program("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]).output().unwrap();
        let library = String::from_utf8(library.stdout).unwrap();
        let config = self.configure(&self.store(), "");
        let mut command = Command::new("/usr/bin/env");
        command.arg(format!("LD_PRELOAD={}", library.trim())).arg(format!("FAKETIME=+{minutes}m"));
        command.args(["FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"]);
        command.arg(env!("CARGO_BIN_EXE_secboardd")).arg("--config").arg(config);
        self.run(command);
    }

    /// Runs the daemon on a small disk of its own with a copy of the store; where the disk can be seen.
    pub(super) fn run_daemon_on_a_disk(&mut self) -> PathBuf {
        let disk = self.path("disk");
        fs::create_dir(&disk).unwrap();
        let config = self.configure(&disk.join("secboard.db"), "");
        let mut command = program("unshare");
        let script = "mount -t tmpfs -o mode=755,size=6m none disk && cp -p secboard.db secboard.key disk/ && exec \"$0\" \"$@\"";
        command.args(["-m", "sh", "-c", script, env!("CARGO_BIN_EXE_secboardd"), "--config"]).arg(config);
        command.current_dir(self.path(""));
        self.run(command);
        let id = self.daemon.as_ref().unwrap().child.id();
        Path::new("/proc").join(id.to_string()).join("root").join(disk.strip_prefix("/").unwrap())
    }

    fn configure(&self, store: &Path, lines: &str) -> PathBuf {
        let (config, port) = (self.path("secboard.toml"), self.port);
        let text = format!("store = \"{}\"\nlisten = \"127.0.0.1:{port}\"\n{lines}", store.display());
        fs::write(&config, text).unwrap();
        config
    }

    fn run(&mut self, mut command: Command) {
        self.end_daemon();
        command
            .env_clear()
            .env("HOME", self.path(""))
            .env("TMPDIR", self.path(""))
            .env("PATH", "/usr/bin:/bin");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (tell, listens) = mpsc::channel();
        let told: Arc<Mutex<String>> = Arc::default();
        let (read, kept) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&told));
        std::thread::spawn(move || {
            for line in read.lines().map_while(Result::ok) {
                let listening = line.contains("listening on ");
                kept.lock().unwrap().push_str(&(line + "\n"));
                if listening {
                    tell.send(()).ok();
                }
            }
        });
        self.daemon = Some(Daemon { child, told });
        listens.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it does not listen: {}", self.log()));
    }

    /// Ends the daemon, as its supervisor does.
    pub(super) fn end_daemon(&mut self) {
        if let Some(Daemon { mut child, .. }) = self.daemon.take() {
            Command::new("kill").arg(child.id().to_string()).status().unwrap();
            child.wait().unwrap();
        }
    }

    /// What the daemon has told.
    pub(super) fn log(&self) -> String {
        self.daemon.as_ref().map(|daemon| daemon.told.lock().unwrap().clone()).unwrap_or_default()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn store(&self) -> PathBuf {
        self.path("secboard.db")
    }

    /// Makes somebody of the company.
    pub(super) fn has(&self, email: &str, (first, last): (&str, &str), language: &str) {
        let name = ["--email", email, "--first-name", first, "--last-name", last];
        self.secboard(
            &[&["user", "create"], &name[..], &["--company", "Acme Bank", "--language", language]].concat(),
        );
    }

    /// Has an administrator do something; what the command says.
    #[track_caller]
    pub(super) fn secboard(&self, arguments: &[&str]) -> String {
        self.secboard_with(arguments, "")
    }

    #[track_caller]
    pub(super) fn secboard_with(&self, arguments: &[&str], input: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
        command.args(arguments).env_clear().env("HOME", self.path("")).env("SECBOARD_STORE", self.store());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    /// The next mail to somebody that has a link to a page of this kind, such as `reset`.
    #[track_caller]
    pub(super) fn mail_to(&self, email: &str, kind: &str) -> Mail {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            for path in mails(&self.path("mails")) {
                let raw = fs::read_to_string(&path).unwrap_or_default();
                let mail = Mail { text: text_of(&raw), site: self.address.clone() };
                if raw.contains(&format!("<{email}>"))
                    && mail.find(kind).is_some()
                    && self.read.lock().unwrap().insert(path)
                {
                    return mail;
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no mail to {email} with a link to {kind}: {}", self.secboard(&["mail", "outbox", "list"]));
    }
}

/// A mail that came.
pub(super) struct Mail {
    text: String,
    site: String,
}

impl Mail {
    /// Its link to a page of this kind.
    #[track_caller]
    pub(super) fn link(&self, kind: &str) -> &str {
        self.find(kind).unwrap_or_else(|| panic!("no link to {kind} in {}", self.text))
    }

    fn find(&self, kind: &str) -> Option<&str> {
        let beginning = format!("{}/{kind}/", self.site);
        self.text.split_whitespace().find(|word| word.starts_with(&beginning))
    }
}

/// What the part of a mail says that is plain text.
fn text_of(mail: &str) -> String {
    let part = mail.split_once("Content-Type: text/plain").map_or(mail, |(_, part)| part);
    let (head, body) = part.split_once("\r\n\r\n").unwrap_or_default();
    let body = body.split("\r\n--").next().unwrap_or_default();
    if !head.contains("base64") {
        return body.replace("=\r\n", "");
    }
    let bytes = BASE64_STANDARD.decode(body.replace("\r\n", "")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A port of which nobody listens now.
pub(super) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn mails(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect()
}

impl Drop for Site {
    fn drop(&mut self) {
        self.end_daemon();
    }
}
