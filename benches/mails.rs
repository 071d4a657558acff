//! Row 11: the outbox to a real Postfix on loopback, beside a bare client on one connection.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::measure::{Cost, Goal, Table, process, timed};
use crate::site::{Site, secboard};

#[path = "../tests/live/mail/postfix.rs"]
#[expect(dead_code, reason = "the live tests use the rest of it")]
mod postfix;

use postfix::Postfix;

/// How many mails are sent.
const MAILS: usize = 1000;

/// How many of a run lie before the one that somebody waits for.
const BEFORE: usize = 10_000;

/// Both halves of the row.
pub(crate) fn outbox(site: &Site, table: &mut Table) {
    if !rustix::process::geteuid().is_root() || !Path::new("/usr/sbin/postfix").exists() {
        println!(
            "row 11 is left out: it starts a Postfix, which takes root, and `apt-get install postfix dovecot-core`"
        );
        return;
    }
    let (mails, before) = if table.rounds == 1 { (50, 500) } else { (MAILS, BEFORE) };
    let postfix = Postfix::start();
    let flush = || {
        let store = store(site, &postfix);
        queue(&store, mails, "NULL");
        process(secboard(&store).args(["mail", "flush"]))
    };
    let bare = || timed(|| send(postfix.plain, mails));
    let what = format!("`mail flush` of {mails} mails to Postfix; peer: a bare client on one connection");
    table.compare(("11", site.people, &what), Goal::Rate(0.8), flush, bare);
    let what = format!("a mail that somebody waits for, queued behind {before} of a run that are being sent");
    table.measure(("11", site.people, &what), Goal::Millis(2000.0), || awaited(site, &postfix, before));
}

/// An empty store whose mails leave by that Postfix.
fn store(site: &Site, postfix: &Postfix) -> PathBuf {
    let store = site.empty();
    let port = postfix.plain.to_string();
    let server =
        ["mail", "server", "create", "relay", "--host", "127.0.0.1", "--security", "none", "--auth", "none"];
    process(secboard(&store).args(server).args(["--force", "--port", &port]));
    let account =
        ["mail", "account", "create", "noreply", "--server", "relay", "--from", "noreply@corp.test"];
    process(secboard(&store).args(account));
    process(secboard(&store).args(["mail", "route", "set", "--account", "noreply"]));
    store
}

/// Queues notices, of a run or of none.
fn queue(store: &Path, mails: usize, run: &str) {
    let sql = format!(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
         INSERT INTO mails (id, message, feature, urgency, to_address, to_folded, facts, has_link, run, state, due_at,
             attempts, created_at)
         SELECT substr(hex(randomblob(5)), 1, 10), 'password-set', 'security-notice', iif({run} IS NULL, 1, 2),
             printf('p%d@corp.test', n), printf('p%d@corp.test', n),
             '{{\"message\":\"password-set\",\"at\":\"2026-11-29T12:05:00Z\"}}', 0, {run}, 'queued', 0, 0, 0
         FROM number"
    );
    let connection = rusqlite::Connection::open(store).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection.execute(&sql, [i64::try_from(mails).unwrap()]).unwrap();
}

/// How long a notice takes to leave while the mails of a run are being sent.
fn awaited(site: &Site, postfix: &Postfix, before: usize) -> Cost {
    let store = store(site, postfix);
    queue(&store, before, "'7k2m9xq4td'");
    let sent = |urgency: i64| {
        let connection = rusqlite::Connection::open(&store).unwrap();
        let sql = "SELECT count(*) FROM mails WHERE state = 'sent' AND urgency = ?1";
        connection.query_row(sql, [urgency], |row| row.get::<_, i64>(0)).unwrap()
    };
    let mut flush = secboard(&store);
    let mut flush =
        flush.args(["mail", "flush"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while sent(2) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let queued = Instant::now();
    queue(&store, 1, "NULL");
    while sent(1) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let time = queued.elapsed();
    flush.kill().unwrap();
    flush.wait().unwrap();
    Cost { time, ..Cost::default() }
}

/// Sends mails of the same size on one connection, with nothing beside.
fn send(port: u16, mails: usize) {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut read, mut write) = (BufReader::new(stream.try_clone().unwrap()), stream);
    let mut hear = || {
        let mut line = String::new();
        loop {
            line.clear();
            read.read_line(&mut line).unwrap();
            if line.as_bytes().get(3) == Some(&b' ') {
                assert!(line.starts_with(['2', '3']), "{line}");
                return;
            }
        }
    };
    let mut say = |line: &str| write.write_all(line.as_bytes()).unwrap();
    hear();
    say("EHLO bench\r\n");
    hear();
    let body = format!(
        "Subject: a mail\r\n\r\n{}",
        "A line of the mail, as long as lines of mails are.\r\n".repeat(60)
    );
    for number in 0..mails {
        say("MAIL FROM:<noreply@corp.test>\r\n");
        hear();
        say(&format!("RCPT TO:<p{number}@corp.test>\r\n"));
        hear();
        say("DATA\r\n");
        hear();
        say(&format!("{body}.\r\n"));
        hear();
    }
    say("QUIT\r\n");
}
