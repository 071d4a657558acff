//! Rows 12 to 15: logins beside bare Argon2, pages through the front beside bare `tiny_http`, new visitors while others only
//! wait, and the daemon at rest.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::browser::{Browser, Page};
use crate::measure::{Cost, Goal, Table, high_water, resident, timed};
use crate::peers::open;
use crate::site::{PASSWORD, Site};

/// The page that everybody sees first.
const PAGE: &str = "/login/";

/// How many connections are kept alive, and how often each asks.
const CONNECTIONS: usize = 64;
const ASKED: usize = 300;

/// How many only wait while others come, and how many come.
const WAITING: usize = 5000;
const COMING: usize = 100;

/// How many people log in, and how many of them at once.
const LOGINS: usize = 128;
const AT_ONCE: usize = 8;

/// Row 12.
pub(crate) fn logins(site: &Site, table: &mut Table) {
    let store = site.copy("logins");
    let emails = with_passwords(&store);
    let cores = std::thread::available_parallelism().unwrap().get();
    let daemon = Daemon::start(&store);
    let what =
        format!("{LOGINS} logins, {AT_ONCE} at once; peer: as many hashes of bare Argon2 on {cores} cores");
    table.compare(("12", site.people, &what), Goal::Rate(0.9), || log_in(&daemon, &emails), || hash(cores));
    let most = Goal::Memory(19.0f64.mul_add(f64::from(u32::try_from(cores).unwrap()), 40.0));
    let peak = || Cost { peak: high_water(&daemon.child).unwrap_or(0.0), ..Cost::default() };
    table.measure(("12", site.people, "the daemon after them: the most memory it had"), most, peak);
}

/// Gives as many people as log in the password of the superuser; their emails.
fn with_passwords(store: &Path) -> Vec<String> {
    let connection = open(store);
    let mut statement = connection
        .prepare(&format!(
            "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE superuser), must_change_password = 0
            WHERE id IN (
                SELECT id FROM users WHERE active AND deleted_at IS NULL AND start_date IS NULL AND end_date IS NULL
                    AND NOT superuser LIMIT {LOGINS}
            )
            RETURNING email",
        ))
        .unwrap();
    let emails = statement.query_map([], |row| row.get(0)).unwrap();
    let emails: Vec<String> = emails.collect::<Result<_, _>>().unwrap();
    assert_eq!(emails.len(), LOGINS);
    emails
}

/// Everybody's forms, shown before and sent now.
fn log_in(daemon: &Daemon, emails: &[String]) -> Cost {
    let open = |email| {
        let mut browser = Browser::new(&daemon.address, "https://localhost");
        let shown = browser.get(PAGE).unwrap();
        (browser, shown, email)
    };
    let mut shown: Vec<(Browser, Page, &String)> = emails.iter().map(open).collect();
    timed(|| {
        std::thread::scope(|scope| {
            for some in shown.chunks_mut(LOGINS / AT_ONCE) {
                scope.spawn(move || {
                    for (browser, page, email) in some {
                        let fields = [("email", email.as_str()), ("password", PASSWORD)];
                        let answer = browser.post(PAGE, page, &fields).unwrap();
                        assert_eq!(
                            (answer.status, answer.location.as_str()),
                            (303, "/personal-cabinet/"),
                            "{email}"
                        );
                    }
                });
            }
        });
    })
}

/// As many hashes as logins, as the crate alone makes them in memory that is used again, on so many cores.
fn hash(cores: usize) -> Cost {
    timed(|| {
        std::thread::scope(|scope| {
            for number in 0..cores {
                scope.spawn(move || {
                    let params = Params::new(19456, 2, 1, None).unwrap();
                    let mut blocks = vec![Block::new(); params.block_count()];
                    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                    let mut hash = [0; 32];
                    for _ in (number..LOGINS).step_by(cores) {
                        let (password, salt) = (PASSWORD.as_bytes(), b"sixteen bytes of");
                        argon2
                            .hash_password_into_with_memory(password, salt, &mut hash, &mut blocks)
                            .unwrap();
                    }
                });
            }
        });
    })
}

/// Row 13.
pub(crate) fn pages(site: &Site, table: &mut Table) {
    let daemon = Daemon::start(&site.path("secboard.db"));
    let bare = bare(&daemon.get());
    let what = "a page through the front, 64 kept connections; peer: bare `tiny_http`, same bytes";
    table.compare(
        ("13", site.people, what),
        Goal::Rate(0.5),
        || ask_often(&daemon.address),
        || ask_often(&bare),
    );
}

/// Row 14, of who only waits; the rest of it are tests.
pub(crate) fn waiting(site: &Site, table: &mut Table) {
    let daemon = Daemon::start(&site.path("secboard.db"));
    let many = if table.rounds == 1 { 200 } else { WAITING };
    let waiting: Vec<TcpStream> = (0..many).map_while(|_| TcpStream::connect(&daemon.address).ok()).collect();
    let what = format!("a new visitor while {} connections say nothing, median", waiting.len());
    table.measure(("14", site.people, &what), Goal::Millis(2.0), || visit(&daemon));
}

/// Row 15.
pub(crate) fn rest(site: &Site, table: &mut Table) {
    let daemon = Daemon::start(&site.path("secboard.db"));
    daemon.get();
    let at_rest = || Cost { peak: resident(&daemon.child), ..Cost::default() };
    table.measure(("15", site.people, "the daemon at rest: memory"), Goal::Memory(20.0), at_rest);
    let what = "from the start of the daemon to its first answer";
    table.measure(("15", site.people, what), Goal::Millis(50.0), || {
        timed(|| drop(Daemon::start(&site.path("secboard.db")).get()))
    });
}

/// A daemon on a store, ended when it is dropped.
struct Daemon {
    child: Child,
    address: String,
}

impl Daemon {
    fn start(store: &Path) -> Self {
        let file = store.with_file_name("daemon.toml");
        let services = "services = { outbox = false, reminders = false, cleaning = false }";
        // Whoever is trusted to stand for many is not counted as one.
        let listen = "listen = \"127.0.0.1:0\"\ntrusted_proxies = [\"127.0.0.1\"]";
        let text = format!("store = \"{}\"\n{listen}\n{services}\n", store.display());
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboardd"));
        let mut child = command.arg("--config").arg(&file).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let address = told.find_map(|line| Some(line.split_once("http://")?.1.to_owned())).unwrap();
        // What it tells of each answer is taken away, as a supervisor does.
        std::thread::spawn(move || told.for_each(drop));
        Self { child, address }
    }

    /// The page, as a new visitor gets it.
    fn get(&self) -> Vec<u8> {
        Visitor::connect(&self.address).ask()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A connection on which one page is asked for after the other.
struct Visitor(BufReader<TcpStream>);

impl Visitor {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self(BufReader::new(stream))
    }

    /// The body of the page.
    fn ask(&mut self) -> Vec<u8> {
        let request = format!("GET {PAGE} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the connection ended");
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().unwrap();
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        assert!(length > 1000, "that is no page");
        body
    }
}

/// All connections asking, each as soon as it was answered. Each is answered once before the next one comes: of two that
/// come at once bare `tiny_http` may leave one until another ends, and here none ends before all are done.
fn ask_often(address: &str) -> Cost {
    let mut visitors: Vec<Visitor> = (0..CONNECTIONS)
        .map(|_| {
            let mut visitor = Visitor::connect(address);
            visitor.ask();
            visitor
        })
        .collect();
    timed(|| {
        std::thread::scope(|scope| {
            for visitor in &mut visitors {
                scope.spawn(|| (0..ASKED).for_each(|_| drop(visitor.ask())));
            }
        });
    })
}

/// The median of new visitors, each on a connection of their own.
fn visit(daemon: &Daemon) -> Cost {
    let mut times: Vec<Duration> = (0..COMING)
        .map(|_| {
            let begun = Instant::now();
            daemon.get();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    Cost { time: times.get(COMING / 2).copied().unwrap_or_default(), ..Cost::default() }
}

/// `tiny_http` alone, with answers that leave at once, for as long as this process lives; where it listens.
fn bare(bytes: &[u8]) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    rustix::net::sockopt::set_tcp_nodelay(&listener, true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = Arc::new(tiny_http::Server::from_listener(listener, None).unwrap());
    for _ in 0..4 {
        let (server, bytes) = (Arc::clone(&server), bytes.to_vec());
        std::thread::spawn(move || {
            for request in server.incoming_requests() {
                request.respond(tiny_http::Response::from_data(bytes.clone())).ok();
            }
        });
    }
    address
}
