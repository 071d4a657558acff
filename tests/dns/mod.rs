//! A DNS server for tests: it knows the texts that it is told, and can be told to say nothing, or that it failed.
//!
//! It listens on loopback, on a port of its own, by UDP and TCP. An answer that no datagram holds is cut, and given whole by
//! TCP, as RFC 1035 has it.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const NO_ERROR: u8 = 0;
const SERVER_FAILED: u8 = 2;
const NO_SUCH_NAME: u8 = 3;

/// The most bytes of a datagram (RFC 1035, 2.3.4).
const DATAGRAM: usize = 512;

/// How the server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Manner {
    /// It answers.
    #[default]
    Good,
    /// It says nothing.
    Silent,
    /// It says that it failed.
    Failing,
}

/// Types of records.
const TEXT: u8 = 16;
const SERVER: u8 = 33;

#[derive(Debug, Default)]
struct Zone {
    /// What is published of a type under a name, as it is sent.
    records: HashMap<(u8, String), Vec<Vec<u8>>>,
    manner: Manner,
    asked: Vec<String>,
}

/// A server; it stops when it is dropped.
pub(crate) struct Dns {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Dns {
    /// A server that publishes these texts, each under its name.
    pub(crate) fn start(texts: &[(&str, &str)]) -> Self {
        let (udp, tcp) = same_port();
        udp.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        tcp.set_nonblocking(true).unwrap();
        let address = udp.local_addr().unwrap();
        let (zone, is_over) = (Arc::new(Mutex::new(Zone::default())), Arc::new(AtomicBool::new(false)));
        let by_datagram = {
            let (zone, is_over) = (Arc::clone(&zone), Arc::clone(&is_over));
            thread::spawn(move || serve_datagrams(&udp, &zone, &is_over))
        };
        let by_stream = {
            let (zone, is_over) = (Arc::clone(&zone), Arc::clone(&is_over));
            thread::spawn(move || serve_streams(&tcp, &zone, &is_over))
        };
        let server = Self { address, zone, is_over, threads: vec![by_datagram, by_stream] };
        for (name, text) in texts {
            server.publish(name, &[text]);
        }
        server
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Publishes these texts under a name, in place of those there were.
    pub(crate) fn publish(&self, name: &str, texts: &[&str]) {
        self.put(TEXT, name, texts.iter().map(|text| text_data(text)).collect());
    }

    /// Publishes these servers of a service, each with its priority, weight and port, in place of those there were.
    pub(crate) fn publish_servers(&self, name: &str, servers: &[(u16, u16, u16, &str)]) {
        self.put(SERVER, name, servers.iter().map(server_data).collect());
    }

    fn put(&self, kind: u8, name: &str, data: Vec<Vec<u8>>) {
        let records = data.iter().map(|data| record(kind, data)).collect();
        self.zone.lock().unwrap().records.insert((kind, name.to_ascii_lowercase()), records);
    }

    /// Behaves otherwise from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        self.zone.lock().unwrap().manner = manner;
    }

    /// The names that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.zone.lock().unwrap().asked.clone()
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

/// Both sockets on one port, which the system chooses.
fn same_port() -> (UdpSocket, TcpListener) {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
            return (udp, tcp);
        }
    }
}

fn serve_datagrams(socket: &UdpSocket, zone: &Mutex<Zone>, is_over: &AtomicBool) {
    let mut question = [0; DATAGRAM];
    while !is_over.load(Ordering::Relaxed) {
        let Ok((length, from)) = socket.recv_from(&mut question) else { continue };
        let Some(asked) = question.get(..length) else { continue };
        if let Some(answer) = answer(asked, zone, DATAGRAM) {
            socket.send_to(&answer, from).ok();
        }
    }
}

fn serve_streams(listener: &TcpListener, zone: &Mutex<Zone>, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => serve_stream(stream, zone).unwrap_or_default(),
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn serve_stream(mut stream: TcpStream, zone: &Mutex<Zone>) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_millis(200)))?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut question)?;
    let Some(answer) = answer(&question, zone, usize::from(u16::MAX)) else { return Ok(()) };
    stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes())?;
    stream.write_all(&answer)
}

/// The answer to a question of at most so many bytes, else cut; none where the server says nothing.
fn answer(message: &[u8], zone: &Mutex<Zone>, most: usize) -> Option<Vec<u8>> {
    let (name, question) = question_of(message)?;
    let [.., kind, _, _] = *question else { return None };
    let mut zone = zone.lock().unwrap();
    zone.asked.push(name.clone());
    let (code, found) = match (zone.manner, zone.records.get(&(kind, name))) {
        (Manner::Silent, _) => return None,
        (Manner::Failing, _) => (SERVER_FAILED, [].as_slice()),
        (Manner::Good, Some(found)) => (NO_ERROR, found.as_slice()),
        (Manner::Good, None) => (NO_SUCH_NAME, [].as_slice()),
    };
    let records: Vec<u8> = found.concat();
    let is_cut = 12 + question.len() + records.len() > most;
    // A response, by who is asked to ask others, and does.
    let flags = [0x81 | if is_cut { 0x02 } else { 0 }, 0x80 | code];
    let count = if is_cut { 0 } else { u16::try_from(found.len()).unwrap() };
    let mut answer = [message.get(..2)?, &flags, &[0, 1], &count.to_be_bytes(), &[0; 4], question].concat();
    if !is_cut {
        answer.extend(records);
    }
    Some(answer)
}

/// The name that is asked for, in small letters, and the question as it came.
fn question_of(message: &[u8]) -> Option<(String, &[u8])> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    Some((labels.join("."), message.get(12..at + 4)?))
}

/// A record of the name in the question.
fn record(kind: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&[0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60][..], &length.to_be_bytes(), data].concat()
}

/// A text, in strings of at most 255 bytes.
fn text_data(text: &str) -> Vec<u8> {
    let chunks = text.as_bytes().chunks(255);
    chunks.flat_map(|chunk| [&[u8::try_from(chunk.len()).unwrap()], chunk].concat()).collect()
}

fn server_data((priority, weight, port, target): &(u16, u16, u16, &str)) -> Vec<u8> {
    let numbers = [priority, weight, port].into_iter().flat_map(|number| number.to_be_bytes());
    let labels = target.split('.').filter(|label| !label.is_empty());
    let name = labels.flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
    numbers.chain(name).chain([0]).collect()
}
