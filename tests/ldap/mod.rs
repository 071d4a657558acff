//! A directory for tests that does what it is told, and what none should: it hangs, cuts, lies.
//!
//! It listens on loopback, on a port of its own, and keeps what it was asked.

pub(crate) mod ber;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use ber::{Filter, element, parts, text, unsigned};

/// Who reads, and with what.
pub(crate) const READER: &str = "svc@corp.test";
pub(crate) const PASSWORD: &str = "reader-secret";

/// The entry of the domain.
pub(crate) const BASE: &str = "DC=corp,DC=test";

const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";

/// Where in the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// When somebody has connected.
    Connect,
    /// The same, at every other connection, from the second on.
    EveryOther,
    /// In the place of the answer to StartTLS.
    StartTls,
    /// Before the handshake of TLS.
    Handshake,
    /// In the place of the answer to a bind.
    Bind,
    /// Before the entries of the page of that number, counted from 0, of a search below the base.
    Page(usize),
    /// In the place of the end of that page.
    PageEnd(usize),
    /// In the place of the values of an attribute from that one on.
    Range(usize),
}

/// What goes wrong there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing more is said.
    Hang,
    /// The connection ends.
    Cut,
    /// This is said instead, for the message of that number.
    Say(fn(u32) -> Vec<u8>),
    /// A result of this code and these words.
    Code(u32, &'static str),
    /// The end of a page does not say whether there is another.
    NoControl,
    /// The end of a page says that the same comes again.
    SameCookie,
    /// The words of the answer repeat the password.
    Echo,
    /// A byte of what is right now and then.
    Trickle,
    /// What is right, and something in plain behind it.
    Inject,
}

/// How the connection is protected.
#[derive(Clone)]
pub(crate) enum Protection {
    Plain,
    StartTls(Arc<ServerConfig>),
    Tls(Arc<ServerConfig>),
}

/// An entry: its name, and its attributes with their values.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    pub(crate) attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Entry {
    /// An entry of texts, with one value each.
    pub(crate) fn new(dn: &str, attributes: &[(&str, &str)]) -> Self {
        let mut entry = Self { dn: dn.to_owned(), attributes: Vec::new() };
        for (name, value) in attributes {
            entry.add(name, value.as_bytes());
        }
        entry
    }

    /// Adds a value.
    pub(crate) fn add(&mut self, name: &str, value: &[u8]) {
        match self.attributes.iter_mut().find(|(of, _)| of.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.push(value.to_vec()),
            None => self.attributes.push((name.to_owned(), vec![value.to_vec()])),
        }
    }

    /// A person of Active Directory.
    pub(crate) fn person(login: &str, first: &str, last: &str) -> Self {
        let mut person = Self::new(
            &format!("CN={login},OU=Staff,{BASE}"),
            &[
                ("objectClass", "user"),
                ("sAMAccountName", login),
                ("userPrincipalName", &format!("{login}@corp.test")),
                ("mail", &format!("{login}@corp.test")),
                ("givenName", first),
                ("sn", last),
                ("userAccountControl", "512"),
            ],
        );
        let mut guid = [0_u8; 16];
        for (place, byte) in guid.iter_mut().zip(login.bytes().cycle()) {
            *place = byte;
        }
        person.add("objectGUID", &guid);
        person
    }

    fn values(&self, name: &str) -> &[Vec<u8>] {
        let found = self.attributes.iter().find(|(of, _)| of.eq_ignore_ascii_case(name));
        found.map_or(&[], |(_, values)| values)
    }
}

/// What a bind is answered.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// As what it binds.
    pub(crate) name: String,
    pub(crate) password: String,
    /// The number behind `data` where the password is right, and not let in all the same.
    pub(crate) refused: Option<&'static str>,
}

/// How the directory behaves.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) protection: Protection,
    pub(crate) root: Entry,
    pub(crate) entries: Vec<Entry>,
    pub(crate) accounts: Vec<Account>,
    /// Where a search below the base says that more may be; usually what every domain of Active Directory says.
    pub(crate) elsewhere: Vec<String>,
    /// How many values of an attribute are given at once.
    pub(crate) values_at_once: usize,
    pub(crate) troubles: Vec<(At, Fault)>,
}

impl Script {
    /// A directory with its domain and these people, each of whom has the password `LOGIN-secret`.
    pub(crate) fn of(people: Vec<Entry>) -> Self {
        let reader = Account { name: READER.to_owned(), password: PASSWORD.to_owned(), refused: None };
        let mut accounts = vec![reader];
        for person in &people {
            let login = String::from_utf8(person.values("sAMAccountName")[0].clone()).unwrap();
            let password = format!("{login}-secret");
            accounts.push(Account { name: person.dn.clone(), password, refused: None });
        }
        let domain = &[
            ("objectClass", "domain"),
            ("lockoutThreshold", "5"),
            ("lockOutObservationWindow", "-18000000000"),
        ];
        let mut entries = vec![Entry::new(BASE, domain)];
        entries.push(Entry::new(&format!("OU=Staff,{BASE}"), &[("objectClass", "organizationalUnit")]));
        entries.extend(people);
        let root = &[
            ("defaultNamingContext", BASE),
            ("dnsHostName", "dc1.corp.test"),
            ("supportedControl", PAGED_RESULTS),
        ];
        Self {
            protection: Protection::Plain,
            root: Entry::new("", root),
            entries,
            accounts,
            elsewhere: vec![format!("ldap://DomainDnsZones.corp.test/DC=DomainDnsZones,{BASE}")],
            values_at_once: 1500,
            troubles: Vec::new(),
        }
    }

    /// The same with a fault.
    pub(crate) fn with(mut self, at: At, fault: Fault) -> Self {
        self.troubles.push((at, fault));
        self
    }
}

struct Shared {
    script: Mutex<Script>,
    asked: Mutex<Vec<String>>,
    sockets: Mutex<Vec<TcpStream>>,
    is_over: AtomicBool,
}

/// A running directory; it ends when dropped.
pub(crate) struct Directory {
    port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Directory {
    pub(crate) fn start(script: Script) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            asked: Mutex::default(),
            sockets: Mutex::default(),
            is_over: AtomicBool::default(),
        });
        let here = Arc::clone(&shared);
        let listening = thread::spawn(move || {
            let mut threads = Vec::new();
            for socket in listener.incoming() {
                let Ok(socket) = socket else { break };
                if here.is_over.load(Ordering::SeqCst) {
                    break;
                }
                let number = {
                    let mut sockets = locked(&here.sockets);
                    sockets.push(socket.try_clone().unwrap());
                    sockets.len()
                };
                let (script, shared) = (locked(&here.script).clone(), Arc::clone(&here));
                threads.push(thread::spawn(move || {
                    // The end of a connection is no failure of a test.
                    Connection { script, shared, number }.serve(socket).ok();
                }));
            }
            for thread in threads {
                thread.join().unwrap();
            }
        });
        Self { port, shared, listening: Some(listening) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Behaves like this from the next connection on.
    pub(crate) fn becomes(&self, script: Script) {
        *locked(&self.shared.script) = script;
    }

    /// What was asked so far: `bind NAME`, `search BASE`, `StartTLS`.
    pub(crate) fn asked(&self) -> Vec<String> {
        locked(&self.shared.asked).clone()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        for socket in locked(&self.shared.sockets).iter() {
            socket.shutdown(Shutdown::Both).ok();
        }
        // Wakes whoever waits for a connection.
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok();
        if let Some(listening) = self.listening.take() {
            listening.join().ok();
        }
    }
}

/// A stream, protected or not.
enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Stream {
    fn protected(socket: TcpStream, config: &Arc<ServerConfig>) -> Self {
        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
        Self::Tls(Box::new(StreamOwned::new(connection, socket)))
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
            Self::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.read_exact(bytes),
            Self::Tls(stream) => stream.read_exact(bytes),
        }
    }

    /// The content of a message.
    fn message(&mut self) -> io::Result<Vec<u8>> {
        let mut head = [0; 2];
        self.read(&mut head)?;
        let length = if head[1] < 0x80 {
            usize::from(head[1])
        } else {
            let mut octets = vec![0; usize::from(head[1] & 0x7F)];
            self.read(&mut octets)?;
            octets.iter().fold(0, |all, octet| all << 8 | usize::from(*octet))
        };
        let mut content = vec![0; length];
        self.read(&mut content)?;
        Ok(content)
    }
}

struct Connection {
    script: Script,
    shared: Arc<Shared>,
    /// Counted from 1.
    number: usize,
}

impl Connection {
    fn serve(&self, socket: TcpStream) -> io::Result<()> {
        let mut stream = Stream::Plain(socket.try_clone()?);
        let other = self.trouble(At::EveryOther).filter(|_| self.number.is_multiple_of(2));
        if let Some(fault) = self.trouble(At::Connect).or(other) {
            self.suffer(&mut stream, fault, (0, &[]), "")?;
        }
        if let Protection::Tls(config) = &self.script.protection {
            stream = self.protect(stream, socket, config)?;
        }
        loop {
            let content = stream.message()?;
            let asked = parts(&content);
            let id = unsigned(&asked[0].1);
            let (operation, body) = &asked[1];
            let body = parts(body);
            match operation {
                0x60 => self.bind(&mut stream, id, &body)?,
                0x63 => {
                    let controls = asked.get(2).map(|(_, controls)| parts(controls));
                    self.search(&mut stream, id, &body, controls.as_deref())?;
                }
                0x77 => {
                    self.note("StartTLS");
                    let config = match &self.script.protection {
                        Protection::StartTls(config) => Some(config),
                        _ => None,
                    };
                    let code = if config.is_some() { 0 } else { 2 };
                    let right = result(id, 0x78, code, "");
                    match self.trouble(At::StartTls) {
                        Some(fault) => self.suffer(&mut stream, fault, (id, &right), "")?,
                        None => stream.say(&right)?,
                    }
                    if let (Some(config), Stream::Plain(socket)) = (config, &stream) {
                        let socket = socket.try_clone()?;
                        stream = self.protect(stream, socket, config)?;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn protect(
        &self,
        mut plain: Stream,
        socket: TcpStream,
        config: &Arc<ServerConfig>,
    ) -> io::Result<Stream> {
        if let Some(fault) = self.trouble(At::Handshake) {
            self.suffer(&mut plain, fault, (0, &[]), "")?;
        }
        Ok(Stream::protected(socket, config))
    }

    fn note(&self, what: impl Into<String>) {
        locked(&self.shared.asked).push(what.into());
    }

    fn bind(&self, stream: &mut Stream, id: u32, body: &[(u8, Vec<u8>)]) -> io::Result<()> {
        let (name, password) = (text(&body[1].1), text(&body[2].1));
        self.note(format!("bind {name}"));
        let account = self.script.accounts.iter().find(|account| account.name == name);
        let data = match account {
            Some(account) if account.password == password => account.refused,
            Some(_) => Some("52e"),
            None => Some("525"),
        };
        let right = match data {
            None => result(id, 0x61, 0, ""),
            Some(data) => {
                let words = format!(
                    "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1"
                );
                result(id, 0x61, 49, &words)
            }
        };
        match self.trouble(At::Bind) {
            Some(fault) => self.suffer(stream, fault, (id, &right), &password),
            None => stream.say(&right),
        }
    }

    fn search(
        &self,
        stream: &mut Stream,
        id: u32,
        body: &[(u8, Vec<u8>)],
        controls: Option<&[(u8, Vec<u8>)]>,
    ) -> io::Result<()> {
        let base = text(&body[0].1);
        let scope = unsigned(&body[1].1);
        let filter = Filter::of(&body[6]);
        let wanted: Vec<String> = parts(&body[7].1).iter().map(|(_, name)| text(name)).collect();
        self.note(format!("search {base}"));
        if scope == 0 {
            return self.read(stream, id, &base, &wanted);
        }
        let page = controls.and_then(asked_page);
        let lower = |text: &str| text.to_lowercase();
        let is_below = |entry: &&Entry| {
            let below = lower(&entry.dn).strip_suffix(&lower(&base)).map(|rest| rest.matches(',').count());
            below.is_some_and(|commas| scope == 2 || commas == 1)
        };
        if !self.script.entries.iter().any(|entry| lower(&entry.dn) == lower(&base)) {
            return stream.say(&result(id, 0x65, 32, "0000208D: NameErr: NO_OBJECT"));
        }
        let takes = |entry: &&Entry| filter.takes(&|name: &str| entry.values(name).to_vec());
        let found: Vec<&Entry> = self.script.entries.iter().filter(is_below).filter(takes).collect();
        let (size, from) = page.unwrap_or((found.len().max(1), 0));
        if let Some(fault) = self.trouble(At::Page(from / size)) {
            self.suffer(stream, fault, (id, &[]), "")?;
        }
        let until = found.len().min(from + size);
        for entry in &found[from.min(until)..until] {
            stream.say(&self.said(id, entry, &wanted))?;
        }
        for address in &self.script.elsewhere {
            stream.say(&message(id, element(0x73, &element(0x04, address.as_bytes()))))?;
        }
        let cookie = if until < found.len() { until.to_string() } else { String::new() };
        self.end_page(stream, id, from / size, &cookie)
    }

    fn end_page(&self, stream: &mut Stream, id: u32, page: usize, cookie: &str) -> io::Result<()> {
        match self.trouble(At::PageEnd(page)) {
            None => stream.say(&done(id, Some(cookie))),
            Some(Fault::NoControl) => stream.say(&done(id, None)),
            Some(Fault::SameCookie) => stream.say(&done(id, Some("1"))),
            Some(Fault::Code(code, words)) => stream.say(&result(id, 0x65, code, words)),
            Some(fault) => self.suffer(stream, fault, (id, &done(id, Some(cookie))), ""),
        }
    }

    /// One entry by its name.
    fn read(&self, stream: &mut Stream, id: u32, dn: &str, wanted: &[String]) -> io::Result<()> {
        let is_it = |entry: &&Entry| entry.dn.eq_ignore_ascii_case(dn);
        let all = std::iter::once(&self.script.root).chain(&self.script.entries);
        let from = wanted.iter().find_map(|name| asked_range(name));
        if let Some(fault) = from.and_then(|(_, from)| self.trouble(At::Range(from))) {
            return self.suffer(stream, fault, (id, &[]), "");
        }
        match all.clone().find(is_it) {
            Some(entry) => {
                stream.say(&self.said(id, entry, wanted))?;
                stream.say(&result(id, 0x65, 0, ""))
            }
            None => stream.say(&result(id, 0x65, 32, "")),
        }
    }

    /// An entry as it is found: of an attribute with many values some, and an empty one beside, as Active Directory has it.
    fn said(&self, id: u32, entry: &Entry, wanted: &[String]) -> Vec<u8> {
        let mut attributes = Vec::new();
        for (name, values) in &entry.attributes {
            let asked = wanted.iter().find_map(|wanted| {
                asked_range(wanted).filter(|(of, _)| of.eq_ignore_ascii_case(name)).map(|(_, from)| from)
            });
            let is_wanted = wanted.is_empty()
                || wanted.iter().any(|wanted| wanted == "*" || wanted.eq_ignore_ascii_case(name));
            let most = self.script.values_at_once;
            match asked {
                None if !is_wanted => {}
                None if values.len() <= most => attributes.extend(attribute(name, values)),
                asked => {
                    let from = asked.unwrap_or(0);
                    let until = values.len().min(from + most);
                    let to = if until == values.len() { "*".to_owned() } else { (until - 1).to_string() };
                    attributes.extend(attribute(name, &[]));
                    attributes.extend(attribute(&format!("{name};range={from}-{to}"), &values[from..until]));
                }
            }
        }
        let body = [element(0x04, entry.dn.as_bytes()), element(0x30, &attributes)].concat();
        message(id, element(0x64, &body))
    }

    fn trouble(&self, at: At) -> Option<Fault> {
        self.script.troubles.iter().find(|(place, _)| *place == at).map(|(_, fault)| *fault)
    }

    fn suffer(
        &self,
        stream: &mut Stream,
        fault: Fault,
        (id, right): (u32, &[u8]),
        secret: &str,
    ) -> io::Result<()> {
        let over = || Err(io::ErrorKind::ConnectionAborted.into());
        let operation = right.iter().skip(5).copied().next().unwrap_or(0x61);
        match fault {
            Fault::Hang => {
                while !self.shared.is_over.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(10));
                }
                over()
            }
            Fault::Cut => {
                if let Stream::Plain(socket) = &stream {
                    socket.shutdown(Shutdown::Both).ok();
                } else if let Stream::Tls(stream) = &stream {
                    stream.sock.shutdown(Shutdown::Both).ok();
                }
                over()
            }
            Fault::Say(said) => stream.say(&said(id)),
            Fault::Code(code, words) => stream.say(&result(id, operation, code, words)),
            Fault::Echo => {
                stream.say(&result(id, operation, 49, &format!("`{secret}` is wrong, data 52e, v1db1")))
            }
            Fault::Trickle => {
                for byte in right {
                    stream.say(&[*byte])?;
                    thread::sleep(Duration::from_millis(100));
                }
                Ok(())
            }
            Fault::Inject => stream.say(&[right, &result(1, 0x61, 0, "")].concat()),
            Fault::NoControl | Fault::SameCookie => stream.say(right),
        }
    }
}

/// Size and first entry of the page that is asked for.
fn asked_page(controls: &[(u8, Vec<u8>)]) -> Option<(usize, usize)> {
    let controls = controls.iter().map(|(_, control)| parts(control));
    let control = controls.into_iter().find(|control| text(&control[0].1) == PAGED_RESULTS)?;
    let page = parts(&parts(&control.last()?.1)[0].1);
    let from = text(&page[1].1);
    Some((usize::try_from(unsigned(&page[0].1)).unwrap(), from.parse().unwrap_or(0)))
}

/// A message of that number.
pub(crate) fn message(id: u32, operation: Vec<u8>) -> Vec<u8> {
    element(0x30, &[ber::integer(id), operation].concat())
}

/// A result of an operation.
pub(crate) fn result(id: u32, operation: u8, code: u32, words: &str) -> Vec<u8> {
    let body = [element(0x0A, &ber::octets(code)), element(0x04, b""), element(0x04, words.as_bytes())];
    message(id, element(operation, &body.concat()))
}

/// The end of a page.
pub(crate) fn done(id: u32, cookie: Option<&str>) -> Vec<u8> {
    let body = [element(0x0A, &[0]), element(0x04, b""), element(0x04, b"")].concat();
    let mut parts = [ber::integer(id), element(0x65, &body)].concat();
    if let Some(cookie) = cookie {
        let page = element(0x30, &[ber::integer(0), element(0x04, cookie.as_bytes())].concat());
        let control = [element(0x04, PAGED_RESULTS.as_bytes()), element(0x04, &page)].concat();
        parts.extend(element(0xA0, &element(0x30, &control)));
    }
    element(0x30, &parts)
}

/// The attribute and the first value of a range that is asked for.
fn asked_range(name: &str) -> Option<(&str, usize)> {
    let (name, from) = name.split_once(";range=")?;
    Some((name, from.strip_suffix("-*")?.parse().unwrap()))
}

/// An attribute as it is found.
fn attribute(name: &str, values: &[Vec<u8>]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|value| element(0x04, value)).collect();
    element(0x30, &[element(0x04, name.as_bytes()), element(0x31, &values)].concat())
}
