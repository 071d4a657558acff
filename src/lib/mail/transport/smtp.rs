//! The dialogue with a server (RFC 5321), one mail after the other on one connection.
//!
//! lettre's own connection tells neither at which step something failed nor what was said before, and keeps secrets in
//! plain texts; so the dialogue is held here (`docs/adr/0016`).

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::abilities::{Abilities, LEAST_LIMIT};
use super::failure::{Cause, Failure, Whose};
use super::reply::{Reply, shown};
use super::turn::Turn;
use super::walk::{Step, Walk};
use super::wire::{Stream, Wire, within};
use super::withheld::Withheld;
use super::{Credentials, Security, SizeLimit, Smtp, tls};
use crate::mail::message::compose::Composed;
use crate::setting::site::without_port;

/// How long a polite end of a connection may take.
const PARTING: Duration = Duration::from_secs(2);

/// Sends through one server, and keeps the connection.
pub(super) struct Client {
    server: Smtp,
    name: ServerName<'static>,
    connector: Option<TlsConnector>,
    connection: Option<Connection>,
    size_limit: SizeLimit,
    withheld: Withheld,
}

/// A connection that may send.
struct Connection {
    wire: Wire,
    abilities: Abilities,
    /// How many mails the server has heard of on it.
    mails: usize,
}

impl Client {
    pub(super) fn new(server: Smtp) -> Result<Self, Failure> {
        let setup = |cause| Failure::at(Step::Setup, cause);
        let no_name = || Cause::Configuration { what: format!("`{}` is no host", server.host) };
        let name = crate::tls::server_name(&server.host).ok_or_else(no_name).map_err(setup)?;
        let connector = match server.security {
            Security::None => None,
            Security::StartTls | Security::Tls => {
                let no_trust = |what| setup(Cause::Configuration { what });
                Some(crate::tls::connector(server.authorities.as_deref()).map_err(no_trust)?)
            }
        };
        let withheld = Withheld::of(&server.login).and(&server.others).knowing(&server.given);
        Ok(Self { server, name, connector, connection: None, size_limit: SizeLimit::Unknown, withheld })
    }

    /// Mails tell no secret: what is said of them is told in the server's own words.
    pub(super) const fn tell(&mut self) {
        self.withheld.tell();
    }

    pub(super) const fn size_limit(&self) -> SizeLimit {
        self.size_limit
    }

    /// Sends a mail. Where the server has ended the connection after other mails, a new one is opened at once.
    pub(super) async fn send(
        &mut self,
        mail: &Composed,
        walk: &mut Walk,
        turn: &mut Turn<'_>,
    ) -> Result<String, Failure> {
        if let Some(given) = turn.given() {
            self.withheld.share(given);
        }
        loop {
            let is_used = self.connection.as_ref().is_some_and(|connection| connection.mails > 0);
            match self.send_once(mail, walk, turn).await {
                Err(failure) if is_used && is_of_connection(&failure) => self.connection = None,
                result => return result,
            }
        }
    }

    /// Goes as far as RCPT, and takes it back.
    pub(super) async fn try_out(&mut self, mail: &Composed, walk: &mut Walk) -> Result<(), Failure> {
        let mut connection = self.connected(walk).await?;
        let result = connection.envelope(mail, &self.server, walk).await;
        if connection.is_free_after(result.as_ref().err(), &self.server).await {
            self.connection = Some(connection);
        }
        result
    }

    pub(super) async fn close(self) {
        if let Some(mut connection) = self.connection {
            connection.wire.ask(Step::Body, b"QUIT\r\n", PARTING).await.ok();
        }
    }

    async fn send_once(
        &mut self,
        mail: &Composed,
        walk: &mut Walk,
        turn: &mut Turn<'_>,
    ) -> Result<String, Failure> {
        let mut connection = self.connected(walk).await?;
        let result = connection.send(mail, &self.server, walk, turn).await;
        // A mail that was taken leaves nothing to take back.
        if result.is_ok() || connection.is_free_after(result.as_ref().err(), &self.server).await {
            self.connection = Some(connection);
        }
        result
    }

    /// The connection that is kept, or a new one that has logged in.
    async fn connected(&mut self, walk: &mut Walk) -> Result<Connection, Failure> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        self.withheld.begin_connection();
        let stream = connect(&self.server, walk).await?;
        let mut wire = match self.server.security {
            Security::Tls => self.protect(stream, walk).await?,
            Security::StartTls | Security::None => Wire::new(Stream::Plain(stream), self.withheld.clone()),
        };
        let begun = Instant::now();
        let greeting = wire.hear(Step::Greeting, self.server.patience.command).await?;
        let greeting = wanted(Step::Greeting, greeting, 220)?;
        walk.went(Step::Greeting, greeting.to_string(), begun.elapsed());
        let mut abilities = self.introduce(&mut wire, walk).await?;
        if self.server.security == Security::StartTls {
            wire = self.start_tls(wire, &abilities, walk).await?;
            // What was said in plain is forgotten.
            abilities = self.introduce(&mut wire, walk).await?;
        }
        self.log_in(&mut wire, &abilities, walk).await?;
        self.withheld.end_login();
        self.size_limit = abilities.size_limit();
        Ok(Connection { wire, abilities, mails: 0 })
    }

    async fn introduce(&self, wire: &mut Wire, walk: &mut Walk) -> Result<Abilities, Failure> {
        let begun = Instant::now();
        let line = format!("EHLO {}\r\n", hello(&self.server.hello));
        let reply = wire.ask(Step::Ehlo, line.as_bytes(), self.server.patience.command).await?;
        let reply = wanted(Step::Ehlo, reply, 250)?;
        walk.went(Step::Ehlo, reply.to_string(), begun.elapsed());
        Ok(Abilities::of(&reply))
    }

    async fn start_tls(
        &self,
        mut wire: Wire,
        abilities: &Abilities,
        walk: &mut Walk,
    ) -> Result<Wire, Failure> {
        let failed = |cause| Failure::at(Step::StartTls, cause);
        if !abilities.starttls {
            return Err(failed(Cause::NoStartTls));
        }
        let begun = Instant::now();
        let reply = wire.ask(Step::StartTls, b"STARTTLS\r\n", self.server.patience.command).await?;
        let reply = wanted(Step::StartTls, reply, 220)?;
        walk.went(Step::StartTls, reply.to_string(), begun.elapsed());
        let stream = wire.into_plain().ok_or_else(|| failed(Cause::Injected))?;
        self.protect(stream, walk).await
    }

    async fn protect(&self, stream: TcpStream, walk: &mut Walk) -> Result<Wire, Failure> {
        let begun = Instant::now();
        let no_trust = || Cause::Configuration { what: "no authorities are trusted".to_owned() };
        let stream = within(Step::Tls, self.server.patience.connect, async {
            let connector = self.connector.as_ref().ok_or_else(no_trust)?;
            let handshake = connector.connect(self.name.clone(), stream).await;
            handshake.map_err(|error| tls::fault(&error, &self.server.host, &self.withheld))
        })
        .await?;
        walk.went(Step::Tls, crate::tls::version(stream.get_ref().1, &self.name), begun.elapsed());
        Ok(Wire::new(Stream::Tls(Box::new(stream)), self.withheld.clone()))
    }

    /// Logs in as the account does.
    async fn log_in(&self, wire: &mut Wire, abilities: &Abilities, walk: &mut Walk) -> Result<(), Failure> {
        let (wanted, lines) = match &self.server.login {
            Credentials::None => return Ok(()),
            Credentials::Plain { user, password } => {
                let text = Zeroizing::new(format!("\0{user}\0{}", password.expose()));
                ("PLAIN", vec![encoded("AUTH PLAIN ", &text)])
            }
            Credentials::Login { user, password } => {
                let begin = Zeroizing::new("AUTH LOGIN\r\n".to_owned());
                ("LOGIN", vec![begin, encoded("", user), encoded("", password.expose())])
            }
            Credentials::XOAuth2 { user, token } => {
                let text = Zeroizing::new(format!("user={user}\x01auth=Bearer {}\x01\x01", token.expose()));
                ("XOAUTH2", vec![encoded("AUTH XOAUTH2 ", &text)])
            }
        };
        if !abilities.logins.iter().any(|offered| offered == wanted) {
            let offered = if abilities.logins.is_empty() {
                "none".to_owned()
            } else {
                shown(&self.withheld.without(abilities.logins.join(", ")))
            };
            return Err(Failure::at(Step::Auth, Cause::NoLogin { wanted, offered }));
        }
        self.withheld.give_login();
        let patience = self.server.patience.command;
        let begun = Instant::now();
        let last = lines.len() - 1;
        for (at, line) in lines.iter().enumerate() {
            let reply = wire.ask(Step::Auth, line.as_bytes(), patience).await?;
            match reply.status() {
                235 if at == last => {
                    walk.went(Step::Auth, reply.to_string(), begun.elapsed());
                    return Ok(());
                }
                334 if at < last => {}
                // The refusal of a token: what is wrong stands in the challenge, and the refusal behind an empty line.
                334 if wanted == "XOAUTH2" => {
                    let why = self.withheld.without(explained(&reply));
                    let reply = wire.ask(Step::Auth, b"\r\n", patience).await?;
                    return Err(refused(Step::Auth, reply.and(why)));
                }
                _ => return Err(refused(Step::Auth, reply)),
            }
        }
        Err(Failure::at(Step::Auth, Cause::Nonsense { said: "no answer to a login".to_owned() }))
    }
}

impl Connection {
    async fn send(
        &mut self,
        mail: &Composed,
        server: &Smtp,
        walk: &mut Walk,
        turn: &mut Turn<'_>,
    ) -> Result<String, Failure> {
        self.envelope(mail, server, walk).await?;
        let begun = Instant::now();
        let reply = self.wire.ask(Step::Data, b"DATA\r\n", server.patience.command).await?;
        let reply = wanted(Step::Data, reply, 354)?;
        walk.went(Step::Data, reply.to_string(), begun.elapsed());
        self.wire.give_mail();
        // Until its last word it is no mail, and may be on the way while another is being taken.
        self.wire.say(Step::Body, &stuffed(&mail.bytes), server.patience.mail).await?;
        turn.begin().await;
        let begun = Instant::now();
        let reply = self.wire.ask(Step::Body, b".\r\n", server.patience.mail).await?;
        let words = wanted(Step::Body, reply, 250)?.to_string();
        walk.went(Step::Body, words.clone(), begun.elapsed());
        Ok(words)
    }

    /// MAIL and RCPT.
    async fn envelope(&mut self, mail: &Composed, server: &Smtp, walk: &mut Walk) -> Result<(), Failure> {
        let line = self.abilities.mail(mail).map_err(|cause| Failure::at(Step::Mail, cause))?;
        let begun = Instant::now();
        let reply = self.wire.ask(Step::Mail, line.as_bytes(), server.patience.command).await?;
        let reply = wanted(Step::Mail, reply, 250).map_err(|failure| of_size(failure, mail))?;
        walk.went(Step::Mail, reply.to_string(), begun.elapsed());
        self.mails += 1;
        let begun = Instant::now();
        let line = format!("RCPT TO:<{}>\r\n", mail.recipient);
        let reply = self.wire.ask(Step::Rcpt, line.as_bytes(), server.patience.command).await?;
        // 251 and 252 take it too.
        if reply.status() / 100 != 2 {
            return Err(refused(Step::Rcpt, reply));
        }
        walk.went(Step::Rcpt, reply.to_string(), begun.elapsed());
        Ok(())
    }

    /// Whether the connection may send another mail after this one failed, or was only tried; what was begun is taken
    /// back.
    async fn is_free_after(&mut self, failure: Option<&Failure>, server: &Smtp) -> bool {
        match failure {
            Some(failure) if failure.ended_connection() => false,
            Some(Failure {
                cause: Cause::NoUtf8 { .. } | Cause::TooLarge { .. } | Cause::TooLittle { .. },
                ..
            }) => true,
            Some(Failure { cause: Cause::Answer(_), .. }) | None => {
                let reply = self.wire.ask(Step::Body, b"RSET\r\n", server.patience.command).await;
                reply.is_ok_and(|reply| reply.status() == 250)
            }
            Some(_) => false,
        }
    }
}

/// A refusal for its size of a mail that every server takes says nothing of the mail.
fn of_size(failure: Failure, mail: &Composed) -> Failure {
    let is_small = !mail.has_attachments || (mail.bytes.len() as u64) < LEAST_LIMIT;
    if failure.whose == Whose::MailForGood && is_small {
        return Failure { whose: Whose::Account, ..failure };
    }
    failure
}

/// Whether a failure on a connection that has served mails says nothing but that it has ended: a close or 421, or
/// silence right at the beginning, unless the mail may have been taken.
fn is_of_connection(failure: &Failure) -> bool {
    let is_silent = failure.step == Step::Mail && matches!(failure.cause, Cause::TimedOut { .. });
    let may_be_taken = failure.step == Step::Body && failure.reply().is_none();
    is_silent || failure.ended_connection() && !may_be_taken
}

/// The answer, if it is the one that lets things go on.
fn wanted(step: Step, reply: Reply, code: u16) -> Result<Reply, Failure> {
    if reply.status() == code { Ok(reply) } else { Err(refused(step, reply)) }
}

/// A no, or a yes to something else, which no server of SMTP says.
fn refused(step: Step, reply: Reply) -> Failure {
    if reply.is_positive() {
        return Failure::at(step, Cause::Nonsense { said: reply.to_string() });
    }
    Failure::at(step, Cause::Answer(reply))
}

/// A connection to the first address that answers.
async fn connect(server: &Smtp, walk: &mut Walk) -> Result<TcpStream, Failure> {
    let patience = server.patience.connect;
    let failed = |step| move |unreached: crate::tls::Unreached| Failure::at(step, unreached.into());
    let begun = Instant::now();
    let found = crate::tls::addresses(&server.host, server.port, patience).await;
    let addresses = found.map_err(failed(Step::Dns))?;
    walk.went(Step::Dns, crate::tls::shown(&addresses), begun.elapsed());
    let begun = Instant::now();
    let connected = crate::tls::connected(&addresses, patience).await;
    let (stream, address) = connected.map_err(failed(Step::Tcp))?;
    walk.went(Step::Tcp, address.to_string(), begun.elapsed());
    Ok(stream)
}

/// A line in base64, wiped when it is sent.
fn encoded(before: &str, text: &str) -> Zeroizing<String> {
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(text));
    let mut line = Zeroizing::new(String::with_capacity(before.len() + encoded.len() + 2));
    line.push_str(before);
    line.push_str(&encoded);
    line.push_str("\r\n");
    line
}

/// What a challenge says.
fn explained(reply: &Reply) -> String {
    let challenge = reply.lines().first().and_then(|line| BASE64_STANDARD.decode(line.trim()).ok());
    String::from_utf8(challenge.unwrap_or_default()).unwrap_or_default()
}

/// How the sender calls itself: the host without its port, in ASCII.
fn hello(host: &str) -> String {
    let host = without_port(host);
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        return if address.is_ipv4() { format!("[{address}]") } else { format!("[IPv6:{address}]") };
    }
    let is_name = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    idna::domain_to_ascii(host).ok().filter(is_name).unwrap_or_else(|| "localhost".to_owned())
}

/// A mail as it is sent behind DATA, up to the dot that ends it: dots at the beginning of lines doubled, the last line whole.
fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(mail.len() + mail.len() / 64 + 8);
    let mut is_first = true;
    for byte in mail {
        if is_first && *byte == b'.' {
            stuffed.push(b'.');
        }
        is_first = *byte == b'\n';
        stuffed.push(*byte);
    }
    if !mail.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}
