//! The daemon as it is started by a supervisor: the real program, asked over the network.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and look into the store behind the daemon's back"
)]

#[path = "browser/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod browser;
#[path = "clock/mod.rs"]
mod clock;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use browser::Browser;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};

fn program(path: &str, folder: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear().envs(clock::variables()).env("HOME", folder).env("PATH", "/usr/bin:/bin");
    command
}

fn secboardd(folder: &Path, arguments: &[&str]) -> Output {
    program(env!("CARGO_BIN_EXE_secboardd"), folder).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with a store of made-up people, whose site is at `http://localhost`, and what was said of it.
struct Place(tempfile::TempDir, String);

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = program(env!("CARGO_BIN_EXE_secboard"), folder.path())
            .args(["quickstart", "try"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", stderr(&made));
        let said = [made.stdout, made.stderr].concat();
        Self(folder, String::from_utf8_lossy(&said).into_owned())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes the configuration file, with this beside where the store is.
    fn configure(&self, text: &str) -> String {
        let (store, file) = (self.path().join("try/secboard.db"), self.path().join("secboard.toml"));
        fs::write(&file, format!("store = \"{}\"\n{text}", store.display())).unwrap();
        file.display().to_string()
    }

    fn secboard(&self, arguments: &[&str]) {
        let store = self.path().join("try/secboard.db").display().to_string();
        let mut command = program(env!("CARGO_BIN_EXE_secboard"), self.path());
        let done = command.args(["--store", &store]).args(arguments).output().unwrap();
        assert!(done.status.success(), "{}", stderr(&done));
    }
}

/// A daemon that runs, and what it has told so far.
struct Running {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    news: mpsc::Receiver<String>,
}

impl Running {
    /// Starts it, by a command that becomes it, and waits until it listens.
    fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (told, news) = mpsc::channel();
        let (read, kept) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&lines));
        std::thread::spawn(move || {
            for line in read.lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line.clone());
                told.send(line).ok();
            }
        });
        Self { child, lines, news }
    }

    fn of(place: &Place, configuration: &str) -> Self {
        let file = place.configure(configuration);
        let mut command = program(env!("CARGO_BIN_EXE_secboardd"), place.path());
        command.args(["--config", &file]);
        Self::start(command)
    }

    /// Waits for a line that has these words; what follows them.
    fn wait_for(&self, words: &str) -> String {
        let until = Instant::now() + Duration::from_secs(20);
        while let Ok(line) = self.news.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if let Some((_, rest)) = line.split_once(words) {
                return rest.to_owned();
            }
        }
        panic!("nothing was told of {words:?}, but {}", self.told());
    }

    fn address(&self) -> String {
        self.wait_for("listening on http://")
    }

    fn told(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until it ends; its exit code.
    fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.ended(), Some(0));
    }
}

/// Sends a request for a path, and returns the whole answer.
fn ask(mut stream: impl std::io::Read + std::io::Write, path: &str, headers: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    answer
}

fn get(address: &str, path: &str) -> String {
    ask(TcpStream::connect(address).unwrap(), path, "")
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[test]
fn a9_it_says_its_version_and_refuses_what_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let output = secboardd(folder.path(), &["--version"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("secboardd "));
    assert_eq!(secboardd(folder.path(), &["--bogus"]).status.code(), Some(2));
}

#[test]
fn a9_without_a_store_it_does_not_start_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("secboard.db");
    let output = secboardd(folder.path(), &["--check", "--store", &store.display().to_string()]);
    assert_eq!(output.status.code(), Some(66));
    assert!(stderr(&output).contains("there is no store at"), "{}", stderr(&output));
}

#[test]
fn a9_a_configuration_that_is_wrong_refuses_with_78() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("secboard.toml");
    for (text, said) in [
        ("listen = \"0.0.0.0:0\"", "not a loopback address, and there is no certificate"),
        ("lisen = \"127.0.0.1:0\"", "unknown field `lisen`"),
        ("listen = \"somewhere\"", "`listen` is `somewhere`"),
        ("tls_key = \"/k.pem\"", "go together"),
        ("metrics_listen = \"0.0.0.0:8471\"", "`metrics_listen` is `0.0.0.0:8471`"),
    ] {
        fs::write(&config, text).unwrap();
        let output = secboardd(folder.path(), &["--check", "--config", &config.display().to_string()]);
        assert_eq!(output.status.code(), Some(78), "{text}");
        assert!(stderr(&output).contains(said), "{text}: {}", stderr(&output));
    }
}

#[test]
fn it_ends_when_nobody_could_be_answered_any_more() {
    let place = Place::new();
    let file = place.configure("listen = \"127.0.0.1:0\"\n");
    let folder = place.path().join("tmp");
    fs::create_dir(&folder).unwrap();
    let mut command = program(env!("CARGO_BIN_EXE_secboardd"), place.path());
    command.args(["--config", &file]).env("TMPDIR", &folder);
    let running = Running::start(command);
    running.address();
    let private = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(private.join("pages.sock")).unwrap();
    running.wait_for("nobody answers visitors any more");
    assert_eq!(running.ended(), Some(74));
}

#[test]
fn t7_a_proxy_that_is_not_believed_is_told_of_once() {
    let place = Place::new();
    let file = place.configure("listen = \"127.0.0.1:0\"\n");
    let output = secboardd(place.path(), &["--check", "--config", &file]);
    assert!(stderr(&output).contains("name it in `trusted_proxies`"), "{}", stderr(&output));
    let running = Running::of(&place, "listen = \"127.0.0.1:0\"\n");
    let address = running.address();
    for _ in 0..3 {
        ask(TcpStream::connect(&address).unwrap(), "/healthz", "X-Forwarded-For: 192.0.2.1\r\n");
    }
    running.wait_for("a proxy on this machine says for whom it asks and is not believed");
    assert_eq!(running.told().matches("is not believed").count(), 1, "{}", running.told());
    running.stop();
    let file = place.configure("listen = \"127.0.0.1:0\"\ntrusted_proxies = [\"127.0.0.1\"]\n");
    let output = secboardd(place.path(), &["--check", "--config", &file]);
    assert!(!stderr(&output).contains("trusted_proxies"), "{}", stderr(&output));
}

#[test]
fn it_serves_tells_its_supervisor_reads_its_configuration_again_and_ends() {
    let place = Place::new();
    let supervisor = UnixDatagram::bind(place.path().join("notify")).unwrap();
    supervisor.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let notified = || {
        let mut bytes = [0; 256];
        let count = supervisor.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..count]).trim().to_owned()
    };
    let file = place.configure("listen = \"127.0.0.1:0\"\n");
    let mut command = program(env!("CARGO_BIN_EXE_secboardd"), place.path());
    command.args(["--config", &file]).env("NOTIFY_SOCKET", place.path().join("notify"));
    command.env("WATCHDOG_USEC", "3000000");
    let running = Running::start(command);
    let address = running.address();
    assert_eq!(notified(), "READY=1");
    assert_eq!(notified(), "WATCHDOG=1");
    assert_eq!(status(&get(&address, "/login/")), "200");
    place.secboard(&["setting", "set", "site.domain", "secboard.acme.example"]);
    assert_eq!(status(&get(&address, "/login/")), "400", "a setting counts at the next request");
    place.configure("listen = \"127.0.0.1:0\"\nallowed_hosts = [\"localhost\"]\nlog_format = \"json\"\n");
    running.signal("HUP");
    running.wait_for("the configuration was read again");
    assert_eq!(status(&get(&address, "/login/")), "200");
    let line: serde_json::Value =
        serde_json::from_str(&format!("{{\"at\":{}", running.wait_for("{\"at\":"))).unwrap();
    assert_eq!((&line["route"], &line["status"]), (&"login".into(), &200.into()), "{line}");
    place.configure("listen = \"nowhere\"\n");
    running.signal("HUP");
    running.wait_for("the configuration stays as it was");
    assert!(running.told().contains("`listen` is `nowhere`: give"), "what to do: {}", running.told());
    place.configure("listen = \"127.0.0.1:0\"\nlisen = \"127.0.0.1:0\"\n");
    running.signal("HUP");
    running.wait_for("unknown field `lisen`");
    assert!(running.told().contains("at line 3"), "where: {}", running.told());
    assert_eq!(status(&get(&address, "/healthz")), "200");
    running.signal("TERM");
    let mut last = notified();
    while last == "WATCHDOG=1" {
        last = notified();
    }
    assert_eq!(last, "STOPPING=1");
    assert_eq!(running.ended(), Some(0));
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn it_listens_on_a_unix_socket_and_on_one_that_it_is_handed() {
    let place = Place::new();
    let socket = place.path().join("web.sock");
    let file = place.configure(&format!(
        "listen = [\"systemd\", \"unix:{}\"]\ntrusted_proxies = [\"unix\"]\n",
        socket.display()
    ));
    let handed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = handed.local_addr().unwrap().to_string();
    let mut command = program("/bin/sh", place.path());
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 0</dev/null";
    command.args(["-c", script, env!("CARGO_BIN_EXE_secboardd"), "--config", &file]);
    command.stdin(Stdio::from(std::os::fd::OwnedFd::from(handed)));
    let running = Running::start(command);
    running.wait_for("listening on unix:");
    assert_eq!(status(&get(&address, "/login/")), "200");
    let answer = ask(UnixStream::connect(&socket).unwrap(), "/login/", "X-Forwarded-For: 203.0.113.9\r\n");
    assert_eq!(status(&answer), "200");
    running.wait_for("client=203.0.113.9");
    running.stop();
    assert!(!socket.exists(), "it takes its socket away");
    let without = secboardd(place.path(), &["--config", &file]);
    assert_eq!(without.status.code(), Some(78), "{}", stderr(&without));
    assert!(stderr(&without).contains("handed over no socket"), "{}", stderr(&without));
}

/// A certificate for `localhost` in two files, which a visitor can trust.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.join("chain.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()
}

/// Asks for a page over TLS; none where the certificate is not the one that is trusted.
fn get_with_tls(address: &str, trusted: &CertificateDer<'static>) -> Option<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut session = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    while session.is_handshaking() {
        session.complete_io(&mut stream).ok()?;
    }
    Some(ask(rustls::StreamOwned::new(session, stream), "/login/", ""))
}

#[test]
fn it_speaks_tls_and_takes_a_new_certificate_when_the_files_change() {
    let place = Place::new();
    let first = certify(place.path());
    let running = Running::of(
        &place,
        &format!(
            "listen = \"127.0.0.1:0\"\ntls_certificate = \"{0}/chain.pem\"\ntls_key = \"{0}/key.pem\"\n",
            place.path().display()
        ),
    );
    let address = running.wait_for("listening on https://");
    assert_eq!(status(&get_with_tls(&address, &first).unwrap()), "200");
    let second = certify(place.path());
    running.wait_for("the certificate of the site was read again");
    assert_eq!(status(&get_with_tls(&address, &second).unwrap()), "200");
    assert!(get_with_tls(&address, &first).is_none(), "the old one is not shown any more");
    fs::write(place.path().join("chain.pem"), "rubbish").unwrap();
    running.wait_for("the certificate of the site stays as it was");
    assert_eq!(status(&get_with_tls(&address, &second).unwrap()), "200");
    // Who speaks no TLS, or says nothing, holds nobody up.
    let mut plain = TcpStream::connect(&address).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    plain.read_to_end(&mut answer).ok();
    assert!(!answer.starts_with(b"HTTP/"), "nothing is answered in the clear");
    running.stop();
}

#[test]
fn f4_when_there_are_no_descriptors_left_it_goes_on() {
    let place = Place::new();
    let file = place.configure("listen = \"127.0.0.1:0\"\n");
    let mut command = program("/bin/sh", place.path());
    let script = "ulimit -n 256 && exec \"$0\" \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_secboardd"), "--config", &file]);
    let running = Running::start(command);
    let address = running.address();
    let held: Vec<TcpStream> = (0..400).filter_map(|_| TcpStream::connect(&address).ok()).collect();
    assert!(held.len() > 300, "{}", held.len());
    let begun = Instant::now();
    assert_eq!(status(&get(&address, "/login/")), "200", "while they are held");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(held);
    assert_eq!(status(&get(&address, "/login/")), "200", "and afterwards");
    running.stop();
}

#[test]
fn a_store_that_a_newer_program_has_upgraded_is_503_and_ends_it_with_78() {
    let place = Place::new();
    let running = Running::of(&place, "listen = \"127.0.0.1:0\"\n");
    let address = running.address();
    let store = place.path().join("try/secboard.db");
    let connection = rusqlite::Connection::open(&store).unwrap();
    connection.pragma_update(None, "user_version", 9999).unwrap();
    if let Ok(stream) = TcpStream::connect(&address) {
        let answer = ask(stream, "/login/", "");
        assert!(answer.is_empty() || status(&answer) == "503", "{answer}");
    }
    assert_eq!(running.ended(), Some(78));
}

/// The memory of a process in MiB, as Linux counts it.
fn memory(id: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// A short one of the day's load that is promised: pages, forms, rubbish, too much, and who goes away.
#[test]
fn f6_a_mixed_load_leaves_no_memory_behind() {
    let place = Place::new();
    let running = Running::of(&place, "listen = \"127.0.0.1:0\"\n");
    let address = running.address();
    let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    let body = format!(
        "POST /nothing/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 60000\r\n\r\n{}",
        "x".repeat(60_000)
    );
    let round = || {
        for request in [
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET /nothing/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.1\nHost: localhost\n\n",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
            &long,
            &body,
        ] {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(request.as_bytes()).ok();
            stream.read_to_end(&mut Vec::new()).ok();
        }
        TcpStream::connect(&address).unwrap().write_all(b"GET / HT").unwrap();
    };
    for _ in 0..100 {
        round();
    }
    let before = memory(running.child.id());
    for _ in 0..300 {
        round();
    }
    let after = memory(running.child.id());
    assert!(after < before + 8.0, "{before} MiB have become {after} MiB");
    running.stop();
}

#[test]
fn no_path_stands_in_the_log() {
    let place = Place::new();
    let running = Running::of(&place, "listen = \"127.0.0.1:0\"\n");
    let address = running.address();
    assert_eq!(status(&get(&address, "/reset/c4n4ry/?email=c4n4ry%40acme.example")), "404");
    assert_eq!(status(&get(&address, "/c4n4ry")), "404");
    running.wait_for("status=404");
    running.wait_for("status=404");
    assert!(!running.told().contains("c4n4ry"), "{}", running.told());
    running.stop();
}

#[test]
fn m7_a_template_of_mails_that_is_broken_is_told_of_at_the_start_and_when_it_is_read_again() {
    let place = Place::new();
    let templates = place.path().join("templates");
    fs::create_dir(&templates).unwrap();
    fs::write(templates.join("password-set.jinja"), "{% block body %}{{ nobody_knows }}{% endblock %}")
        .unwrap();
    let configuration = format!("listen = \"127.0.0.1:0\"\ntemplates = \"{}\"\n", templates.display());
    let told = "a template of mails is passed over, and the built-in text is sent";
    let output = secboardd(place.path(), &["--check", "--config", &place.configure(&configuration)]);
    assert!(output.status.success(), "it is no reason not to start: {}", stderr(&output));
    assert!(
        stderr(&output).contains(told) && stderr(&output).contains("password-set"),
        "{}",
        stderr(&output)
    );
    let running = Running::of(&place, &configuration);
    running.address();
    let times = |running: &Running| running.told().matches(told).count();
    let before = times(&running);
    assert_ne!(before, 0);
    running.signal("HUP");
    running.wait_for("the configuration was read again");
    assert_eq!(times(&running), 2 * before);
    fs::remove_file(templates.join("password-set.jinja")).unwrap();
    running.signal("HUP");
    running.wait_for("the configuration was read again");
    assert_eq!(times(&running), 2 * before);
    running.signal("TERM");
    assert_eq!(running.ended(), Some(0));
}

/// The cookies of the administrator, logged in with a password of their own.
fn logged_in(place: &Place, address: &str) -> String {
    let password = place.1.split_once(" with the password ").unwrap().1.split(' ').next().unwrap();
    let mut browser = Browser::new(address, "http://localhost");
    let login =
        browser.fill_in("/login/", &[("email", "admin@acme.example"), ("password", password)]).unwrap();
    assert_eq!(login.location, "/personal-cabinet/");
    let own = "four quiet horses run";
    let fields = [("current_password", password), ("new_password", own), ("repeat_password", own)];
    assert_eq!(browser.fill_in("/password_change/", &fields).unwrap().status, 303);
    let cookies = browser.cookies.iter().map(|(name, value)| format!("{name}={value}"));
    cookies.collect::<Vec<_>>().join("; ")
}

/// Asks on a connection that is kept; the status, and which name was told.
fn verify(connection: &mut BufReader<TcpStream>, cookies: &str) -> (String, String) {
    let request = format!("GET /auth/verify HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n");
    connection.get_mut().write_all(request.as_bytes()).unwrap();
    let (mut line, mut status, mut name, mut length) = (String::new(), String::new(), String::new(), 0);
    loop {
        line.clear();
        assert!(connection.read_line(&mut line).unwrap() > 0, "the connection is kept");
        match line.trim_end().split_once(": ") {
            Some(("remote-name", value)) => value.clone_into(&mut name),
            Some(("content-length", value)) => length = value.parse().unwrap(),
            None if line.starts_with("HTTP/1.1 ") => line.split(' ').nth(1).unwrap().clone_into(&mut status),
            None if line == "\r\n" => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).unwrap();
    (status, name)
}

#[test]
fn s4_at_64_connections_no_answer_to_a_proxy_is_older_than_the_last_change() {
    let place = Place::new();
    place.secboard(&["user", "edit", "admin@acme.example", "--first-name", "Ann", "--last-name", "Zero"]);
    for (name, value) in [("site.domain", "localhost"), ("site.protocol", "http")] {
        place.secboard(&["setting", "set", name, value]);
    }
    let running = Running::of(&place, "listen = \"127.0.0.1:0\"\n");
    let address = running.address();
    let cookies = logged_in(&place, &address);
    // How many changes were begun, and how many were told to be done.
    let (begun, done) = (AtomicU32::new(0), AtomicU32::new(0));
    let is_over = AtomicBool::new(false);
    let asked = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                let stream = TcpStream::connect(&address).unwrap();
                stream.set_nodelay(true).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                let mut connection = BufReader::new(stream);
                while !is_over.load(Ordering::SeqCst) {
                    let least = done.load(Ordering::SeqCst);
                    let (status, name) = verify(&mut connection, &cookies);
                    let most = begun.load(Ordering::SeqCst);
                    assert_eq!(status, "200");
                    let told: u32 = name.matches("one").count().try_into().unwrap();
                    assert!(
                        (least..=most).contains(&told),
                        "told {told}, which was {least} to {most}: {name}"
                    );
                    asked.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for change in 1..=20 {
            begun.store(change, Ordering::SeqCst);
            let name = format!("Z{}", "one".repeat(change as usize));
            place.secboard(&["user", "edit", "admin@acme.example", "--last-name", &name]);
            done.store(change, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(50));
        }
        begun.store(21, Ordering::SeqCst);
        place.secboard(&[
            "user",
            "edit",
            "admin@acme.example",
            "--last-name",
            &format!("Z{}", "one".repeat(21)),
        ]);
        is_over.store(true, Ordering::SeqCst);
    });
    let asked = asked.into_inner();
    assert!(asked >= 64 * 2, "all were answered all the time, {asked} in all");
    running.stop();
}
