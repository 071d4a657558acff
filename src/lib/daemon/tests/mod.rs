mod site;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use super::open;
use super::server::Server;
use crate::config::Config;
use crate::crypto::key::MasterKey;
use crate::crypto::rng::SystemRandom;
use crate::store::{self, Store};

/// A running daemon on a store of its own.
struct Running {
    folder: tempfile::TempDir,
    config: Config,
    server: Server,
}

/// Where store and key are in a folder.
fn config_in(folder: &Path) -> Config {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    Config {
        store: folder.join("secboard.db"),
        key: folder.join("secboard.key"),
        listen,
        templates: None,
        resolver: None,
    }
}

/// An empty store and its key.
fn store_and_key() -> (tempfile::TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    let config = config_in(folder.path());
    let key = MasterKey::generate(&SystemRandom).unwrap();
    Store::create(&config.store).unwrap().write(|tx| tx.bind_key(&key)).unwrap();
    key.create_file(&config.key).unwrap();
    (folder, config)
}

fn start() -> Running {
    let (folder, config) = store_and_key();
    let server =
        Server::start(config.listen, open(&config, &crate::registry::SETTINGS).unwrap(), || {}).unwrap();
    Running { folder, config, server }
}

/// Sends bytes, says no more, and returns the whole answer.
fn send(running: &Running, request: &str) -> String {
    let mut stream = TcpStream::connect(running.server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    answer
}

fn status(running: &Running, line: &str) -> String {
    let answer = send(running, &format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_healthy_store_is_200_and_anything_else_is_not_there() {
    let running = start();
    assert_eq!(status(&running, "GET /healthz"), "200");
    assert_eq!(status(&running, "HEAD /healthz?verbose"), "200");
    assert_eq!(status(&running, "POST /healthz"), "405");
    assert_eq!(status(&running, "GET /"), "404");
    assert_eq!(status(&running, "GET /healthz/"), "404");
    running.server.stop().unwrap();
}

#[test]
fn a12_a_store_that_was_removed_is_503() {
    let running = start();
    fs::remove_file(&running.config.store).unwrap();
    assert_eq!(status(&running, "GET /healthz"), "503");
    running.server.stop().unwrap();
    drop(running.folder);
}

#[test]
fn a14_a_store_that_waits_for_its_upgrade_is_503_and_is_left_as_it_is() {
    let running = start();
    let store = Store::open(&running.config.store).unwrap();
    store.write(|tx| Ok(tx.sql().pragma_update(None, "user_version", 1)?)).unwrap();
    drop(store);
    let answer = send(&running, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.ends_with("the store waits for its upgrade\n"), "{answer}");
    let found = Store::open_to_look(&running.config.store);
    assert!(matches!(found, Err(store::Error::Older { found: 1, .. })));
    running.server.stop().unwrap();
}

#[test]
fn f3_an_announced_terabyte_is_refused_and_the_daemon_goes_on() {
    let running = start();
    for length in ["100000", "100000000000000", "18446744073709551615"] {
        let mut stream = TcpStream::connect(running.server.address()).unwrap();
        write!(stream, "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n")
            .unwrap();
        let mut line = [0; 12];
        stream.read_exact(&mut line).unwrap();
        assert_eq!(&line, b"HTTP/1.1 413", "{length}");
    }
    assert_eq!(status(&running, "GET /healthz"), "200");
    running.server.stop().unwrap();
}

#[test]
fn f5_what_is_no_http_never_ends_the_daemon() {
    let running = start();
    for request in
        ["\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\0\0\0", "GET / HTTP/1.1\r\nA: \u{1}"]
    {
        send(&running, request);
    }
    assert_eq!(status(&running, "GET /healthz"), "200");
    running.server.stop().unwrap();
}
