//! Servers of mail: one that speaks SMTP, a folder of mails, or a local program.
//!
//! What a server is decides what it has: [`Facts`] are flat, and [`check`] holds them together. A server is changed by
//! superusers; what names a file, a folder or a program by the owner of the store alone.

mod place;
mod store;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use std::path::PathBuf;

pub(super) use place::authorities;
use place::{check_authorities, check_folder, words};
use serde_json::json;

use super::error::{Error, Thing};
use super::require_superuser;
use super::transport::{Security, rules};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::count::named_among;
use crate::text::fold::fold;
use crate::text::instant::Instant;
use crate::text::name::check_title;
use crate::text::suggest::nearest_one;

/// The word for a server in the audit.
pub(crate) const KIND: &str = "mail_server";

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ServerKind {
    /// It speaks SMTP.
    #[default]
    Smtp,
    /// A folder of mails.
    File,
    /// A local program.
    Sendmail,
}

impl ServerKind {
    const WORDS: [(&'static str, Self); 3] =
        [("smtp", Self::Smtp), ("file", Self::File), ("sendmail", Self::Sendmail)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::File => "file",
            Self::Sendmail => "sendmail",
        }
    }
}

/// How accounts log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    /// Name and password in one line.
    Plain,
    /// Name and password in two lines.
    Login,
    /// A token of OAuth 2.
    XOAuth2,
    /// Not at all.
    None,
}

impl Auth {
    const WORDS: [(&'static str, Self); 4] =
        [("plain", Self::Plain), ("login", Self::Login), ("xoauth2", Self::XOAuth2), ("none", Self::None)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Login => "login",
            Self::XOAuth2 => "xoauth2",
            Self::None => "none",
        }
    }

    /// Whether it takes a password.
    pub(crate) const fn has_password(self) -> bool {
        matches!(self, Self::Plain | Self::Login)
    }
}

/// How securities are stored.
const SECURITIES: [(&str, Security); 3] =
    [("starttls", Security::StartTls), ("tls", Security::Tls), ("none", Security::None)];

/// As it is stored and typed.
pub(crate) const fn security_word(security: Security) -> &'static str {
    match security {
        Security::StartTls => "starttls",
        Security::Tls => "tls",
        Security::None => "none",
    }
}

/// What there is to know of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: ServerKind,
    /// Its name or address; of SMTP.
    pub(crate) host: Option<String>,
    /// The port; of SMTP.
    pub(crate) port: Option<u16>,
    /// How the connection is protected; of SMTP.
    pub(crate) security: Option<Security>,
    /// The full path of the authorities that are trusted.
    pub(crate) ca_file: Option<String>,
    /// How accounts log in; of SMTP.
    pub(crate) auth: Option<Auth>,
    /// The program that prints a token, and its arguments.
    pub(crate) token_command: Option<Vec<String>>,
    /// The folder.
    pub(crate) folder: Option<String>,
    /// The local program, and its arguments.
    pub(crate) command: Option<Vec<String>>,
    /// Seconds for a name, a connection, a handshake: each.
    pub(crate) connect_timeout: u32,
    /// Seconds for the answer to a command.
    pub(crate) answer_timeout: u32,
    /// Seconds for a mail and the answer behind it.
    pub(crate) mail_timeout: u32,
    /// The most mails a minute.
    pub(crate) rate: Option<u32>,
    /// The most connections at once.
    pub(crate) connections: u32,
}

/// A server as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Never reused.
    pub(crate) id: i64,
    /// What there is to know of it.
    pub(crate) facts: Facts,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
}

/// What is given of a server; absent facts stay as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The name.
    pub(crate) name: Option<String>,
    /// Its name or address.
    pub(crate) host: Option<String>,
    /// The port.
    pub(crate) port: Option<u16>,
    /// How the connection is protected.
    pub(crate) security: Option<Security>,
    /// The authorities that are trusted.
    pub(crate) ca_file: Option<PathBuf>,
    /// Whether the authorities of the system are trusted again.
    pub(crate) no_ca_file: bool,
    /// How accounts log in.
    pub(crate) auth: Option<Auth>,
    /// The program that prints a token.
    pub(crate) token_command: Option<String>,
    /// The folder.
    pub(crate) folder: Option<PathBuf>,
    /// The local program.
    pub(crate) command: Option<String>,
    /// Seconds.
    pub(crate) connect_timeout: Option<u32>,
    /// Seconds.
    pub(crate) answer_timeout: Option<u32>,
    /// Seconds.
    pub(crate) mail_timeout: Option<u32>,
    /// The most mails a minute.
    pub(crate) rate: Option<u32>,
    /// Whether it takes any number of mails a minute again.
    pub(crate) no_rate: bool,
    /// The most connections at once.
    pub(crate) connections: Option<u32>,
    /// Whether a port may have a security that cannot be right.
    pub(crate) force: bool,
}

impl Facts {
    /// What a server of that kind has unless something else is said.
    fn of_kind(kind: ServerKind, name: String) -> Self {
        let smtp = kind == ServerKind::Smtp;
        Self {
            name,
            kind,
            host: None,
            port: smtp.then_some(587),
            security: smtp.then_some(Security::StartTls),
            ca_file: None,
            auth: smtp.then_some(Auth::Plain),
            token_command: None,
            folder: None,
            command: None,
            connect_timeout: 20,
            answer_timeout: 60,
            mail_timeout: 300,
            rate: None,
            connections: 2,
        }
    }

    /// As the audit has them.
    fn fields(&self) -> Fields {
        audit::fields_of([
            ("name", json!(self.name)),
            ("kind", json!(self.kind.word())),
            ("host", json!(self.host)),
            ("port", json!(self.port)),
            ("security", json!(self.security.map(security_word))),
            ("ca_file", json!(self.ca_file)),
            ("auth", json!(self.auth.map(Auth::word))),
            ("token_command", json!(self.token_command)),
            ("folder", json!(self.folder)),
            ("command", json!(self.command)),
            ("connect_timeout", json!(self.connect_timeout)),
            ("answer_timeout", json!(self.answer_timeout)),
            ("mail_timeout", json!(self.mail_timeout)),
            ("rate", json!(self.rate)),
            ("connections", json!(self.connections)),
        ])
    }

    /// What it names of this machine: files and folders as they are, programs with what they are called with.
    fn named(&self) -> Vec<&String> {
        let paths = [&self.ca_file, &self.folder].into_iter().flatten();
        paths.chain(self.programs().flatten()).collect()
    }

    /// The programs that it runs.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &Vec<String>> {
        [&self.token_command, &self.command].into_iter().flatten()
    }

    /// How accounts log in; those of a folder or a program do not.
    pub(crate) fn login(&self) -> Auth {
        self.auth.unwrap_or(Auth::None)
    }
}

/// Makes a server; returns it and whether it is new (`if_absent` accepts the one there is).
pub(crate) fn create(
    cx: &Context,
    (name, if_absent): (&str, bool),
    kind: ServerKind,
    given: &Edit,
) -> Result<(Server, bool)> {
    cx.write(|tx| {
        require_superuser(cx)?;
        if if_absent && let Some(found) = store::find(tx, &fold(&check_title(name)?))? {
            return Ok((found, false));
        }
        let name = free_name(tx, name, None)?;
        let facts = changed(cx, &Facts::of_kind(kind, name), given)?;
        let id = audit::new_id(tx, (KIND, "mail_servers"))?;
        let event = Event::of("mail_server.create", (KIND, id), &facts.name);
        let revision = audit::change(cx, tx, event, &Fields::new(), &facts.fields())?;
        store::insert(tx, id, &facts, (revision, cx.now()))?;
        Ok((store::get(tx, id)?, true))
    })
}

/// Changes a server; returns it and the names of the facts that changed.
pub(crate) fn edit(cx: &Context, name: &str, given: &Edit) -> Result<(Server, Vec<String>)> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let old = get_in(tx, name)?;
        let mut new = changed(cx, &old.facts, given)?;
        if let Some(name) = &given.name {
            new.name = free_name(tx, name, Some(old.id))?;
        }
        let (before, after) = audit::difference(&old.facts.fields(), &new.fields());
        if after.is_empty() {
            return Ok((old, Vec::new()));
        }
        check_secrets_stay(cx, tx, &old, &new)?;
        let changed = after.keys().cloned().collect();
        let event = Event::of("mail_server.edit", (KIND, old.id), &new.name);
        let revision = audit::change(cx, tx, event, &before, &after)?;
        store::update(tx, old.id, &new, (revision, cx.now()))?;
        Ok((store::get(tx, old.id)?, changed))
    })
}

/// Deletes a server that no account uses.
pub(crate) fn delete(cx: &Context, name: &str) -> Result<Server> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let server = get_in(tx, name)?;
        let accounts = store::accounts(tx, server.id)?;
        if !accounts.is_empty() {
            let uses = named_among(accounts.len(), &accounts, "account", "accounts");
            return Err(Error::InUse { thing: Thing::Server, name: server.facts.name, uses }.into());
        }
        if !server.facts.named().is_empty() {
            require_system(cx)?;
        }
        let event = Event::of("mail_server.delete", (KIND, server.id), &server.facts.name);
        audit::change(cx, tx, event, &server.facts.fields(), &Fields::new())?;
        store::delete(tx, server.id)?;
        Ok(server)
    })
}

/// Every server, by name.
pub(crate) fn list(cx: &Context) -> Result<Vec<Server>> {
    cx.actor.require("mail.view", None)?;
    cx.read(store::list)
}

/// The server of that name.
pub(crate) fn get(cx: &Context, name: &str) -> Result<Server> {
    cx.actor.require("mail.view", None)?;
    cx.read(|tx| get_in(tx, name))
}

/// The server of that name, in a transaction of the caller, whoever may look at it.
pub(super) fn get_in(tx: &Tx<'_>, name: &str) -> Result<Server> {
    if let Some(server) = store::find(tx, &fold(name))? {
        return Ok(server);
    }
    let names = store::list(tx)?;
    let names = names.iter().map(|server| server.facts.name.as_str());
    let near = nearest_one(name, names);
    Err(Error::NotFound { thing: Thing::Server, name: name.to_owned(), near }.into())
}

/// Every server, whoever may look at them.
pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<Server>> {
    store::list(tx)
}

/// The server of that id.
pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Server> {
    store::get(tx, id)
}

/// A name that no other server has.
fn free_name(tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<String> {
    let name = check_title(name)?;
    match store::find(tx, &fold(&name))?.filter(|other| Some(other.id) != own) {
        Some(other) => Err(Error::Exists { thing: Thing::Server, name: other.facts.name }.into()),
        None => Ok(name),
    }
}

/// The facts with what was given, if they fit together.
fn changed(cx: &Context, old: &Facts, given: &Edit) -> Result<Facts> {
    check_kind(old.kind, given)?;
    let names_files = given.ca_file.is_some()
        || given.no_ca_file
        || given.token_command.is_some()
        || given.folder.is_some()
        || given.command.is_some();
    if names_files {
        require_system(cx)?;
    }
    let mut new = old.clone();
    if let Some(host) = &given.host {
        new.host = Some(check_host(host)?);
    }
    new.port = given.port.or(old.port);
    new.security = given.security.or(old.security);
    if let Some(file) = &given.ca_file {
        new.ca_file = Some(check_authorities(file)?);
    } else if given.no_ca_file {
        new.ca_file = None;
    }
    if let Some(auth) = given.auth {
        new.auth = Some(auth);
        if auth != Auth::XOAuth2 {
            new.token_command = None;
        }
    }
    if let Some(command) = &given.token_command {
        new.token_command = Some(words(command)?);
    }
    if let Some(folder) = &given.folder {
        new.folder = Some(check_folder(folder)?);
    }
    if let Some(command) = &given.command {
        new.command = Some(words(command)?);
    }
    new.connect_timeout = given.connect_timeout.unwrap_or(old.connect_timeout);
    new.answer_timeout = given.answer_timeout.unwrap_or(old.answer_timeout);
    new.mail_timeout = given.mail_timeout.unwrap_or(old.mail_timeout);
    new.rate = if given.no_rate { None } else { given.rate.or(old.rate) };
    new.connections = given.connections.unwrap_or(old.connections);
    check(&new)?;
    // Another way to log in takes the program off that prints the token.
    if old.named() != new.named() {
        require_system(cx)?;
    }
    let is_new_pair =
        old.host.is_none() || (old.port, old.security, old.auth) != (new.port, new.security, new.auth);
    if let (Some(port), Some(security), true) = (new.port, new.security, is_new_pair && !given.force) {
        rules::check(port, security, new.login() != Auth::None)?;
    }
    Ok(new)
}

/// Refuses who may not say what a server names of this machine: neither set it nor take it off.
fn require_system(cx: &Context) -> Result<()> {
    if cx.actor.is_system() {
        return Ok(());
    }
    let why =
        "only root or the owner of the store names files, folders and programs for mails, and takes them off";
    Err(cx.actor.denied(why).into())
}

/// Refuses what a server of that kind does not have.
fn check_kind(kind: ServerKind, given: &Edit) -> Result<(), Error> {
    let smtp = ServerKind::Smtp;
    for (flag, of, is_given) in [
        ("--host", smtp, given.host.is_some()),
        ("--port", smtp, given.port.is_some()),
        ("--security", smtp, given.security.is_some()),
        ("--ca-file", smtp, given.ca_file.is_some()),
        ("--auth", smtp, given.auth.is_some()),
        ("--token-command", smtp, given.token_command.is_some()),
        ("--folder", ServerKind::File, given.folder.is_some()),
        ("--command", ServerKind::Sendmail, given.command.is_some()),
    ] {
        if is_given && of != kind {
            return Err(Error::NotOfKind { kind: kind.word(), flag });
        }
    }
    Ok(())
}

/// Refuses facts that do not fit together.
fn check(facts: &Facts) -> Result<(), Error> {
    let missing = |flag| Err(Error::Missing { kind: facts.kind.word(), flag });
    match facts.kind {
        ServerKind::Smtp if facts.host.is_none() => return missing("--host"),
        ServerKind::File if facts.folder.is_none() => return missing("--folder"),
        ServerKind::Sendmail if facts.command.is_none() => return missing("--command"),
        _ => {}
    }
    if facts.ca_file.is_some() && facts.security == Some(Security::None) {
        return Err(Error::TrustInPlain);
    }
    if (facts.auth == Some(Auth::XOAuth2)) != facts.token_command.is_some() {
        return Err(Error::TokenCommand);
    }
    Ok(())
}

/// Passwords and tokens go where the server is: who leads it elsewhere could read them there.
fn check_secrets_stay(cx: &Context, tx: &Tx<'_>, old: &Server, new: &Facts) -> Result<()> {
    let place = |facts: &Facts| (facts.host.clone(), facts.port, facts.security);
    let has_secrets = old.facts.token_command.is_some() || store::has_passwords(tx, old.id)?;
    if cx.actor.is_system() || place(&old.facts) == place(new) || !has_secrets {
        return Ok(());
    }
    let why = "the passwords of its accounts would go elsewhere; only root or the owner of the store may lead them there, \
        or they are taken off first, with `secboard mail account edit … --no-password`";
    Err(cx.actor.denied(why).into())
}

fn check_host(host: &str) -> Result<String, Error> {
    let bad = || Error::BadHost { host: host.to_owned() };
    let name = host.trim().trim_end_matches('.');
    if name.parse::<std::net::IpAddr>().is_ok() {
        return Ok(name.to_owned());
    }
    let ascii = idna::domain_to_ascii_strict(name).map_err(|_| bad())?;
    // What is all digits at its end is an address that is none.
    let is_number =
        ascii.rsplit('.').next().is_none_or(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if ascii.len() > 253 || is_number { Err(bad()) } else { Ok(name.to_owned()) }
}
