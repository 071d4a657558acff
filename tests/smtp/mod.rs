//! A mail server for tests that does what it is told, and what no server should: it hangs, cuts, lies.
//!
//! It listens on loopback, on a port of its own, and keeps what it was given. Its certificates come from an
//! [`Authority`] made for the test.

mod authority;

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub(crate) use authority::{Authority, Certified};

/// Who may log in, and with what.
pub(crate) const USER: &str = "app";
pub(crate) const PASSWORD: &str = "app-secret";
pub(crate) const TOKEN: &str = "good-token";

/// Where in the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Greeting,
    Ehlo,
    StartTls,
    Handshake,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// While the mail comes, before its end.
    Middle,
    /// When the mail has come and was stored, in place of the answer.
    End,
    Rset,
}

/// What goes wrong there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing more is said.
    Hang,
    /// The connection ends.
    Cut,
    /// This is said instead, and the dialogue goes on as after a no.
    Say(&'static str),
    /// This is said, and the connection ends.
    SayAndCut(&'static str),
    /// The right answer comes late.
    Late(Duration),
    /// A line that never ends.
    EndlessLine,
    /// An answer of lines without end.
    EndlessLines,
    /// A byte of an answer now and then.
    Trickle,
}

/// A fault, where, and for which mail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trouble {
    pub(crate) at: At,
    pub(crate) fault: Fault,
    /// Only on this connection, counted from 0.
    pub(crate) connection: Option<usize>,
    /// Only for this mail of a connection, counted from 0.
    pub(crate) mail: Option<usize>,
}

/// How the connection is protected.
#[derive(Clone)]
pub(crate) enum Protection {
    Plain,
    StartTls(Arc<ServerConfig>),
    Tls(Arc<ServerConfig>),
}

/// How the server behaves.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) protection: Protection,
    /// What EHLO says, besides STARTTLS.
    pub(crate) abilities: Vec<&'static str>,
    pub(crate) troubles: Vec<Trouble>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            protection: Protection::Plain,
            abilities: vec!["SIZE 1000000", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN XOAUTH2"],
            troubles: Vec::new(),
        }
    }
}

impl Script {
    /// A server with one fault, on every connection and for every mail.
    pub(crate) fn with(at: At, fault: Fault) -> Self {
        let troubles = vec![Trouble { at, fault, connection: None, mail: None }];
        Self { troubles, ..Self::default() }
    }
}

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// On which connection, counted from 0.
    pub(crate) connection: usize,
    /// Who had logged in.
    pub(crate) login: Option<String>,
    /// The commands MAIL and RCPT.
    pub(crate) envelope: Vec<String>,
    /// The mail, as it was before it was sent.
    pub(crate) mail: Vec<u8>,
}

/// What all connections share.
#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    /// Every line that was heard.
    heard: Mutex<Vec<String>>,
    sockets: Mutex<Vec<TcpStream>>,
    is_over: AtomicBool,
}

/// A running server; it ends when dropped.
pub(crate) struct Server {
    port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    pub(crate) fn start(script: Script) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let here = Arc::clone(&shared);
        let listening = thread::spawn(move || {
            let mut threads = Vec::new();
            for (number, socket) in listener.incoming().enumerate() {
                let Ok(socket) = socket else { break };
                if here.is_over.load(Ordering::SeqCst) {
                    break;
                }
                locked(&here.sockets).push(socket.try_clone().unwrap());
                let (script, shared) = (script.clone(), Arc::clone(&here));
                threads.push(thread::spawn(move || {
                    // The end of a connection is no failure of a test.
                    Connection { script, shared, number, mails: 0, login: None }.serve(socket).ok();
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

    /// The mails that were taken so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        locked(&self.shared.received).clone()
    }

    /// The lines that were heard so far.
    pub(crate) fn heard(&self) -> Vec<String> {
        locked(&self.shared.heard).clone()
    }
}

impl Drop for Server {
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

    fn say(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(text.as_bytes()).and_then(|()| stream.flush()),
            Self::Tls(stream) => stream.write_all(text.as_bytes()).and_then(|()| stream.flush()),
        }
    }

    /// A line without its end; byte by byte, so that nothing of what follows is taken.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut byte = [0];
        loop {
            let read = match self {
                Self::Plain(stream) => stream.read(&mut byte)?,
                Self::Tls(stream) => stream.read(&mut byte)?,
            };
            match (read, byte) {
                (0, _) => return Err(io::ErrorKind::UnexpectedEof.into()),
                (_, [b'\n']) => {
                    assert_eq!(line.pop(), Some(b'\r'), "a bare line feed");
                    return Ok(line);
                }
                (_, [byte]) => line.push(byte),
            }
        }
    }
}

/// One connection.
struct Connection {
    script: Script,
    shared: Arc<Shared>,
    number: usize,
    mails: usize,
    login: Option<String>,
}

impl Connection {
    fn serve(&mut self, socket: TcpStream) -> io::Result<()> {
        let mut stream = match self.script.protection.clone() {
            Protection::Tls(config) => {
                let mut raw = Stream::Plain(socket.try_clone()?);
                self.answer(&mut raw, At::Handshake, "")?;
                Stream::protected(socket, &config)
            }
            Protection::Plain | Protection::StartTls(_) => Stream::Plain(socket),
        };
        self.answer(&mut stream, At::Greeting, "220 mail.test ESMTP\r\n")?;
        let mut envelope: Vec<String> = Vec::new();
        loop {
            let line = self.hear(&mut stream)?;
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => {
                    let mut said = "250-mail.test\r\n".to_owned();
                    if matches!(self.script.protection, Protection::StartTls(_))
                        && matches!(stream, Stream::Plain(_))
                    {
                        said.push_str("250-STARTTLS\r\n");
                    }
                    for ability in &self.script.abilities {
                        said.extend(["250-", ability, "\r\n"]);
                    }
                    said.push_str("250 HELP\r\n");
                    self.answer(&mut stream, At::Ehlo, &said)?;
                }
                "STARTTLS" => {
                    let goes_on = self.answer(&mut stream, At::StartTls, "220 go ahead\r\n")?;
                    let Protection::StartTls(config) = self.script.protection.clone() else { continue };
                    if goes_on {
                        self.answer(&mut stream, At::Handshake, "")?;
                        if let Stream::Plain(socket) = stream {
                            stream = Stream::protected(socket, &config);
                        }
                    }
                }
                "AUTH" => {
                    let said = self.log_in(&mut stream, &line)?;
                    self.answer(&mut stream, At::Auth, &said)?;
                }
                "MAIL" if self.answer(&mut stream, At::Mail, "250 2.1.0 ok\r\n")? => envelope = vec![line],
                "RCPT" if self.answer(&mut stream, At::Rcpt, "250 2.1.5 ok\r\n")? => envelope.push(line),
                "DATA" if self.answer(&mut stream, At::Data, "354 go ahead\r\n")? => {
                    self.take(&mut stream, std::mem::take(&mut envelope))?;
                }
                "MAIL" | "RCPT" | "DATA" => {}
                "RSET" => {
                    self.mails += 1;
                    self.answer(&mut stream, At::Rset, "250 2.0.0 ok\r\n")?;
                }
                "QUIT" => return stream.say("221 2.0.0 bye\r\n"),
                _ => stream.say("500 5.5.2 what?\r\n")?,
            }
        }
    }

    fn hear(&self, stream: &mut Stream) -> io::Result<String> {
        let line = String::from_utf8(stream.line()?).unwrap();
        locked(&self.shared.heard).push(line.clone());
        Ok(line)
    }

    /// The mail behind DATA.
    fn take(&mut self, stream: &mut Stream, envelope: Vec<String>) -> io::Result<()> {
        let mut mail = Vec::new();
        loop {
            if mail.len() > 100 {
                self.answer(stream, At::Middle, "")?;
            }
            let line = stream.line()?;
            if line == b"." {
                break;
            }
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            mail.extend_from_slice(b"\r\n");
        }
        let login = self.login.clone();
        let fault = self.trouble(At::End);
        // A no means that it was not taken.
        if !matches!(fault, Some(Fault::Say(_) | Fault::SayAndCut(_))) {
            locked(&self.shared.received).push(Received { connection: self.number, login, envelope, mail });
        }
        self.answer(stream, At::End, "250 2.0.0 taken\r\n")?;
        self.mails += 1;
        Ok(())
    }

    /// The answer to a login.
    fn log_in(&mut self, stream: &mut Stream, line: &str) -> io::Result<String> {
        let decoded = |text: &str| String::from_utf8(BASE64_STANDARD.decode(text).unwrap()).unwrap();
        let mut words = line.split(' ').skip(1);
        let is_good = match (words.next(), words.next()) {
            (Some("PLAIN"), Some(text)) => decoded(text) == format!("\0{USER}\0{PASSWORD}"),
            (Some("LOGIN"), None) => {
                stream.say("334 VXNlcm5hbWU6\r\n")?;
                let user = decoded(&self.hear(stream)?);
                stream.say("334 UGFzc3dvcmQ6\r\n")?;
                (user.as_str(), decoded(&self.hear(stream)?).as_str()) == (USER, PASSWORD)
            }
            (Some("XOAUTH2"), Some(text)) => {
                let is_good = decoded(text) == format!("user={USER}\x01auth=Bearer {TOKEN}\x01\x01");
                if !is_good {
                    let why = BASE64_STANDARD.encode(r#"{"status":"401","schemes":"bearer"}"#);
                    stream.say(&format!("334 {why}\r\n"))?;
                    assert_eq!(self.hear(stream)?, "");
                }
                is_good
            }
            _ => return Ok("504 5.5.4 not offered\r\n".to_owned()),
        };
        if is_good {
            self.login = Some(USER.to_owned());
            return Ok("235 2.7.0 welcome\r\n".to_owned());
        }
        Ok("535 5.7.8 authentication failed\r\n".to_owned())
    }

    fn trouble(&self, at: At) -> Option<Fault> {
        let applies = |trouble: &&Trouble| {
            trouble.at == at
                && trouble.connection.is_none_or(|only| only == self.number)
                && trouble.mail.is_none_or(|only| only == self.mails)
        };
        self.script.troubles.iter().find(applies).map(|trouble| trouble.fault)
    }

    /// Says what is right, or does what was told to go wrong; whether the dialogue goes on as after a yes.
    fn answer(&self, stream: &mut Stream, at: At, right: &str) -> io::Result<bool> {
        let over = || Err(io::ErrorKind::ConnectionAborted.into());
        match self.trouble(at) {
            None => stream.say(right)?,
            Some(Fault::Late(by)) => {
                thread::sleep(by);
                stream.say(right)?;
            }
            Some(Fault::Say(wrong)) => {
                stream.say(wrong)?;
                return Ok(wrong.starts_with(['2', '3']));
            }
            Some(Fault::SayAndCut(last)) => {
                stream.say(last)?;
                self.end();
                return over();
            }
            Some(Fault::Cut) => {
                self.end();
                return over();
            }
            Some(Fault::Hang) => {
                while !self.shared.is_over.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(10));
                }
                return over();
            }
            Some(Fault::EndlessLine) => {
                stream.say("250 ")?;
                loop {
                    stream.say(&"x".repeat(1000))?;
                }
            }
            Some(Fault::EndlessLines) => loop {
                stream.say("250-and\r\n")?;
            },
            Some(Fault::Trickle) => loop {
                stream.say("2")?;
                thread::sleep(Duration::from_millis(50));
            },
        }
        Ok(true)
    }

    /// Ends the connection for the client at once; what the test keeps of the socket would hold it open.
    fn end(&self) {
        if let Some(socket) = locked(&self.shared.sockets).get(self.number) {
            socket.shutdown(Shutdown::Both).ok();
        }
    }
}
