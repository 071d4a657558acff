mod figures;
mod site;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

use super::log::Log;
use super::{Daemon, open};
use crate::config::{Config, Daemon as Settings, Listen, LogFormat, Services};
use crate::context::{Actor, Context, Via, Visit};
use crate::crypto::key::MasterKey;
use crate::crypto::rng::SystemRandom;
use crate::setting;
use crate::store::{self, Store};

/// A running daemon on a store of its own.
struct Running {
    folder: tempfile::TempDir,
    config: Config,
    daemon: Daemon,
}

/// Where store and key are in a folder.
fn config_in(folder: &Path) -> Config {
    let listen = vec![Listen::Address(SocketAddr::from(([127, 0, 0, 1], 0)))];
    let services = Services { outbox: false, sync: false, reminders: false, cleaning: false };
    Config {
        file: None,
        store: folder.join("secboard.db"),
        key: folder.join("secboard.key"),
        daemon: Settings { listen, services, ..Settings::default() },
        templates: None,
        resolver: None,
    }
}

/// An empty store and its key.
pub(super) fn store_and_key() -> (tempfile::TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    let config = config_in(folder.path());
    let key = MasterKey::generate(&SystemRandom).unwrap();
    Store::create(&config.store).unwrap().write(|tx| tx.bind_key(&key)).unwrap();
    key.create_file(&config.key).unwrap();
    (folder, config)
}

fn start() -> Running {
    let (folder, config) = store_and_key();
    start_in(folder, config)
}

fn start_in(folder: tempfile::TempDir, config: Config) -> Running {
    let log = Arc::new(Log::new(LogFormat::Text, None));
    let site = open(&config, &crate::registry::SETTINGS).unwrap();
    let daemon = Daemon::start(&config, site, crate::registry::DAEMON, &log).unwrap();
    Running { folder, config, daemon }
}

impl Running {
    fn address(&self) -> &str {
        self.daemon.names[0].strip_prefix("http://").unwrap()
    }

    /// Sends bytes, and returns the whole answer.
    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok();
        answer
    }

    fn ask(&self, line: &str) -> String {
        self.send(&format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    fn status(&self, line: &str) -> String {
        self.ask(line).split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// What `/readyz` says.
    fn ready(&self) -> serde_json::Value {
        let answer = self.ask("GET /readyz");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

#[test]
fn a_daemon_serves_its_pages_and_says_how_it_is() {
    let running = start();
    for (line, status) in [
        ("GET /healthz", "200"),
        ("HEAD /healthz?verbose", "200"),
        ("POST /healthz", "405"),
        ("GET /healthz/", "404"),
        ("GET /readyz", "200"),
        ("GET /", "303"),
        ("GET /login/", "200"),
        ("HEAD /login/", "200"),
        ("DELETE /", "405"),
        ("GET /secboard_admin/", "200"),
        ("GET /secboard_admin", "308"),
        ("GET /robots.txt", "200"),
        ("GET /nothing/", "404"),
    ] {
        assert_eq!(running.status(line), status, "{line}");
    }
    let page = running.ask("GET /login/");
    assert!(page.contains("<h1>Log in</h1>"), "{page}");
    let page = running.ask("GET /secboard_admin/");
    assert!(page.contains("<a class=\"button\" href=\"/\">To the start</a>"), "{page}");
    assert!(running.ask("HEAD /login/").ends_with("\r\n\r\n"), "an answer to HEAD has no body");
    let told = running.ready();
    assert_eq!(told, serde_json::json!({ "ready": true, "store": "ok", "disk": "ok", "services": {} }));
    running.daemon.stop();
}

#[test]
fn the_pages_are_those_of_the_site_as_it_is_set_now() {
    let running = start();
    let site = running.daemon.served.pages.site();
    let set = |name: &str, value: &str| {
        site.serve(Visit::of(Actor::system(None), Via::Cli), |cx| setting::set(cx, name, value)).unwrap();
    };
    set("site.name", "Acme Bank");
    set("site.kind", "demo");
    set("site.language", "uk");
    let page = running.ask("GET /login/");
    assert!(page.contains("<html lang=\"uk\">") && page.contains("Acme Bank</a>"), "{page}");
    assert!(page.contains("<p class=\"kind\">Це демонстрація."), "{page}");
    assert!(page.contains("strict-transport-security"), "{page}");
    set("site.protocol", "http");
    assert!(!running.ask("GET /login/").contains("strict-transport-security"));
    set("site.domain", "secboard.acme.example");
    assert_eq!(running.status("GET /"), "400", "the host of the request is not ours any more");
    assert_eq!(running.status("GET /healthz"), "200", "supervisors ask by whatever address they know");
    running.daemon.stop();
}

#[test]
fn a12_a_store_that_was_removed_is_503() {
    let running = start();
    fs::remove_file(&running.config.store).unwrap();
    assert_eq!(
        (running.status("GET /healthz").as_str(), running.status("GET /readyz").as_str()),
        ("200", "503")
    );
    let ready = running.ready();
    assert_eq!((&ready["store"], &ready["disk"]), (&"missing".into(), &"ok".into()), "the disk is as it was");
    assert_eq!(running.status("GET /"), "503");
    running.daemon.stop();
    drop(running.folder);
}

#[test]
fn a14_a_store_that_waits_for_its_upgrade_is_503_and_is_left_as_it_is() {
    let running = start();
    let store = Store::open(&running.config.store).unwrap();
    store.write(|tx| Ok(tx.sql().pragma_update(None, "user_version", 1)?)).unwrap();
    drop(store);
    assert_eq!(running.ready()["store"], "older");
    assert_eq!(running.status("GET /"), "503");
    let found = Store::open_to_look(&running.config.store);
    assert!(matches!(found, Err(store::Error::Older { found: 1, .. })));
    running.daemon.stop();
}

#[test]
fn requests_at_hand_are_answered_when_the_daemon_ends() {
    let running = start();
    let mut kept = TcpStream::connect(running.address()).unwrap();
    kept.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let begun = std::time::Instant::now();
    running.daemon.stop();
    let mut answer = String::new();
    kept.read_to_string(&mut answer).ok();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(begun.elapsed().as_secs() < 8, "nobody is waited for who asks nothing");
}

#[test]
fn services_do_their_work_and_are_seen_to_do_it() {
    let (folder, mut config) = store_and_key();
    config.daemon.services = Services::default();
    let running = start_in(folder, config);
    let mut told = running.ready();
    for _ in 0..100 {
        if told["services"].as_object().unwrap().len() == 4 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        told = running.ready();
    }
    for name in ["outbox", "sync", "reminders", "cleaning"] {
        assert_eq!(told["services"][name]["result"], "nothing", "{told}");
    }
    running.daemon.stop();
}

/// A command that runs beside the daemon.
fn command(config: &Config) -> Context {
    let store = Store::open(&config.store).unwrap();
    let (key, settings) =
        (store.load_key(&config.key).unwrap(), store.read(|tx| crate::registry::SETTINGS.load(tx)).unwrap());
    Context::new(store, key, settings, Actor::system(None))
}
