//! Mails through a real Postfix with a real Dovecot to log in at: what arrives, and what an independent verifier says of it.

mod owner;
mod postfix;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::program::program;
use postfix::{PASSWORD, Postfix};

const KEY: &str = include_str!("../../../src/lib/mail/dkim/test_keys/rsa-pkcs1.pem");

/// Takes a mail apart and verifies its signature, with the record that the domain would publish.
const READ: &str = r#"
import dkim, email, email.policy, json, sys
record = sys.argv[1].encode()
told = []
for name in sys.argv[2:]:
    raw = open(name, "rb").read()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    signed = dkim.verify(raw, dnsfunc=lambda name, timeout=5: record if name == b"s1._domainkey.corp.test." else None)
    told.append({"to": mail["To"], "from": mail["From"], "subject": mail["Subject"], "id": mail["Message-ID"],
                 "text": parts["text/plain"], "html": parts["text/html"], "signed": signed})
print(json.dumps(told))
"#;

/// A store in a folder of its own, for mails by that Postfix.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        let init = ["init", "--email", "ada@corp.test", "--first-name", "Ada", "--last-name", "Admin"];
        let more = ["--company", "Corp", "--time-zone", "UTC", "--password-stdin", "--no-input"];
        site.done_with(&[&init[..], &more[..]].concat(), "correct horse 9 battery");
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secboard"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path()).env("SECBOARD_STORE", self.path("secboard.db"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// What a command said, that ends with this code.
    #[track_caller]
    fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    #[track_caller]
    fn done_with(&self, arguments: &[&str], input: &str) {
        use std::io::Write as _;
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// An account at that Postfix, by which everything leaves.
    fn route(&self, postfix: &Postfix, (port, security): (u16, &str), password: &str) {
        let (port, authority) = (port.to_string(), postfix.authority());
        let authority = authority.to_str().unwrap();
        let relay = ["mail", "server", "create", "relay", "--host", "localhost", "--port", &port];
        self.ends(0, &[&relay[..], &["--security", security, "--ca-file", authority]].concat());
        let account =
            ["mail", "account", "create", "noreply", "--server", "relay", "--from", "noreply@corp.test"];
        self.done_with(&[&account[..], &["--user", "app", "--password-stdin"]].concat(), password);
        self.ends(0, &["mail", "route", "set", "--account", "noreply"]);
    }

    /// Queues a notice, as what causes it does.
    fn queue(&self, to: &str) {
        let store = rusqlite::Connection::open(self.path("secboard.db")).unwrap();
        let sql = "INSERT INTO mails (id, message, feature, urgency, to_address, to_folded, facts, has_link, state, due_at,
                attempts, created_at)
            VALUES (substr(hex(randomblob(5)), 1, 10), 'password-set', 'security-notice', 1, ?1, ?1,
                '{\"message\":\"password-set\",\"at\":\"2026-11-29T12:05:00Z\"}', 0, 'queued', 0, 0, unixepoch() * 1000000)";
        store.execute(sql, [to]).unwrap();
    }

    /// How far the mail to an address is, and why.
    fn fate(&self, to: &str) -> (String, String) {
        let store = rusqlite::Connection::open(self.path("secboard.db")).unwrap();
        let sql = "SELECT state, coalesce(why, '') FROM mails WHERE to_address = ?1";
        store.query_row(sql, [to], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }
}

/// What mails say, read by Python and verified by dkimpy.
fn read(mails: &[PathBuf], record: &str) -> Vec<Value> {
    let dkimpy = Path::new("/usr/lib/python3/dist-packages/dkim/__init__.py");
    let install = "python3-dkim is missing; run `sudo apt-get install --no-install-recommends python3-dkim`";
    assert!(dkimpy.exists(), "{install}");
    // Debian's own, to which the package belongs.
    let mut python = Command::new("/usr/bin/python3");
    let output = python.args(["-c", READ, record]).args(mails).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_changed_address_is_told_to_the_old_one_and_the_new_in_the_language_of_the_person() {
    let postfix = Postfix::start();
    let site = Site::new();
    let wrong = [
        "mail",
        "server",
        "create",
        "relay",
        "--host",
        "127.0.0.1",
        "--port",
        "465",
        "--security",
        "starttls",
    ];
    assert!(site.ends(65, &wrong).contains("port 465 speaks TLS from the first byte"));
    site.route(&postfix, (postfix.starttls, "starttls"), "wrong-canary");
    let olena =
        ["user", "create", "--email", "olena@corp.test", "--first-name", "Олена", "--last-name", "Шевченко"];
    site.ends(0, &[&olena[..], &["--company", "Corp", "--language", "uk"]].concat());

    let said = site.ends(1, &["mail", "test", "--account", "noreply", "--to", "olena@corp.test"]);
    assert!(
        said.contains("STARTTLS  yes") && said.contains("AUTH: 535") && said.contains("what to do"),
        "{said}"
    );
    site.ends(0, &["user", "edit", "olena@corp.test", "--email", "olena.s@corp.test"]);
    let said = site.ends(69, &["mail", "flush"]);
    assert!(said.contains("account `noreply` rests until") && said.contains("2 mails wait"), "{said}");
    assert!(!said.contains("canary") && postfix.mails(0).is_empty());

    fs::write(site.path("key.pem"), KEY).unwrap();
    site.ends(0, &["mail", "account", "dkim", "noreply", "--selector", "s1", "--key", "key.pem"]);
    site.done_with(&["mail", "account", "edit", "noreply", "--password-stdin"], PASSWORD);
    assert!(site.ends(0, &["mail", "flush"]).contains("2 sent"));

    let shown = site.ends(0, &["mail", "account", "dkim", "noreply", "-o", "json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let record = shown["text"].as_str().unwrap().to_owned();
    let mut mails = read(&postfix.mails(2), &record);
    mails.sort_by_key(|mail| mail["to"].to_string());
    let to: Vec<&str> = mails.iter().filter_map(|mail| mail["to"].as_str()).collect();
    assert!(to[0].contains("olena.s@corp.test") && to[1].contains("olena@corp.test"), "{to:?}");
    for mail in &mails {
        assert_eq!(mail["signed"], true, "{mail}");
        let (text, html) = (mail["text"].as_str().unwrap(), mail["html"].as_str().unwrap());
        assert!(text.contains("Вітаємо, Олена") || text.contains("Олена"), "{text}");
        assert!(
            text.contains("olena.s@corp.test") && html.contains("olena.s@corp.test"),
            "both parts tell it"
        );
        assert!(html.contains("<html") && mail["subject"].as_str().unwrap().contains("адрес"), "{mail}");
    }
    assert_ne!(mails[0]["id"], mails[1]["id"]);
}

#[test]
fn each_answer_of_a_real_server_is_understood() {
    let postfix = Postfix::start();
    let site = Site::new();
    site.route(&postfix, (postfix.tls, "tls"), PASSWORD);
    for name in ["grey", "full", "unknown", "spam", "drop", "olena"] {
        site.queue(&format!("{name}@corp.test"));
    }
    let said = site.ends(1, &["mail", "flush"]);
    assert!(said.contains("1 sent, 2 failed, 3 go later"), "{said}");
    assert_eq!(postfix.mails(1).len(), 1);
    for (name, state, words) in [
        ("grey", "queued", "450 4.7.1"),
        ("full", "queued", "452 4.2.2"),
        ("drop", "queued", "421 4.3.2"),
        ("unknown", "failed", "550 5.1.1"),
        ("spam", "failed", "554 5.7.1"),
        ("olena", "sent", ""),
    ] {
        let (is, why) = site.fate(&format!("{name}@corp.test"));
        assert!(is == state && why.contains(words), "{name}: {is}, {why}");
    }
}

#[test]
fn m2_what_a_real_server_says_of_the_account_behind_a_recipient_fails_no_mail() {
    let postfix = Postfix::start();
    let site = Site::new();
    site.route(&postfix, (postfix.tls, "tls"), PASSWORD);
    for name in ["quota", "olena"] {
        site.queue(&format!("{name}@corp.test"));
    }
    let said = site.ends(69, &["mail", "flush"]);
    assert!(said.contains("account `noreply` rests until") && said.contains("550 5.4.5"), "{said}");
    assert_eq!(site.fate("quota@corp.test").0, "queued");
    // Which of the two went first is nobody's to say.
    assert!(["queued", "sent"].contains(&site.fate("olena@corp.test").0.as_str()));
}

#[test]
fn five_hundred_mails_arrive_once_each() {
    let postfix = Postfix::start();
    let site = Site::new();
    let port = postfix.plain.to_string();
    let relay =
        ["mail", "server", "create", "relay", "--host", "127.0.0.1", "--port", &port, "--security", "none"];
    site.ends(0, &[&relay[..], &["--auth", "none", "--force"]].concat());
    site.ends(
        0,
        &["mail", "account", "create", "noreply", "--server", "relay", "--from", "noreply@corp.test"],
    );
    site.ends(0, &["mail", "route", "set", "--account", "noreply"]);
    for number in 0..500 {
        site.queue(&format!("p{number}@corp.test"));
    }
    assert!(site.ends(0, &["mail", "flush"]).contains("500 sent"));
    assert_eq!(postfix.mails(500).len(), 500);
}

#[test]
fn what_it_takes_is_there() {
    for name in ["postfix", "dovecot"] {
        program(name);
    }
}
