//! Servers of mail: one that speaks SMTP, a folder of mails, or a local program.
//!
//! What a server is decides what it has: its [`Way`]. A server is changed by superusers; what names a file, a folder or a
//! program by the owner of the store alone.

mod facts;
mod place;
mod store;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use std::path::PathBuf;

pub(crate) use facts::{Auth, Facts, Login, Protection, ServerKind, Smtp, Way, security_word};
pub(super) use place::{authorities, check_closed};
use place::{check_authorities, check_folder, words};

use super::error::{Error, ServerOrAccount};
use super::require_superuser;
use super::transport::{Security, rules};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::count::named_among;
use crate::text::fold::fold;
use crate::text::host;
use crate::text::instant::Instant;
use crate::text::name::check_title;
use crate::text::suggest::nearest_one;

/// The word for a server in the audit.
pub(crate) const KIND: &str = "mail_server";

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
        let facts = changed(cx, (kind, None), given, name)?;
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
        let kind = old.facts.way.kind();
        let mut new = changed(cx, (kind, Some(&old.facts)), given, old.facts.name.clone())?;
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
        // The same machine may have another name now, and knows what it was given under the old one.
        if old.facts.way.smtp().map_or(Ok(false), |smtp| was_given(tx, &smtp.host))? {
            put_given(tx, old.id)?;
        }
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
            return Err(Error::InUse { what: ServerOrAccount::Server, name: server.facts.name, uses }.into());
        }
        if !server.facts.way.named().is_empty() {
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
    Err(Error::NotFound { what: ServerOrAccount::Server, name: name.to_owned(), near }.into())
}

/// Every server, whoever may look at them.
pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<Server>> {
    store::list(tx)
}

/// Whether a host was given a mail or a password once, whatever its server is called.
pub(super) fn was_given(tx: &Tx<'_>, host: &str) -> Result<bool> {
    store::was_given(tx, host)
}

/// The host of a server was given a mail or a password.
pub(super) fn put_given(tx: &Tx<'_>, id: i64) -> Result<()> {
    store::put_given(tx, id)
}

/// The server of that id.
pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Server> {
    store::get(tx, id)
}

/// A name that no other server has.
fn free_name(tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<String> {
    let name = check_title(name)?;
    match store::find(tx, &fold(&name))?.filter(|other| Some(other.id) != own) {
        Some(other) => Err(Error::Exists { what: ServerOrAccount::Server, name: other.facts.name }.into()),
        None => Ok(name),
    }
}

/// The facts of a server of that kind, new or as it was, with what was given, if they fit together.
fn changed(
    cx: &Context,
    (kind, old): (ServerKind, Option<&Facts>),
    given: &Edit,
    name: String,
) -> Result<Facts> {
    check_kind(kind, given)?;
    let names_files = given.ca_file.is_some()
        || given.no_ca_file
        || given.token_command.is_some()
        || given.folder.is_some()
        || given.command.is_some();
    if names_files {
        require_system(cx)?;
    }
    let way = way(kind, old.map(|old| &old.way), given)?;
    // Another way to log in takes the program off that prints the token.
    if old.map(|old| old.way.named()).unwrap_or_default() != way.named() {
        require_system(cx)?;
    }
    let old_smtp = old.and_then(|old| old.way.smtp());
    if let (Some(smtp), false) = (way.smtp(), given.force)
        && old_smtp.is_none_or(|old| old.pair() != smtp.pair())
    {
        rules::check(smtp.port, smtp.protection.security(), smtp.login.auth() != Auth::None)?;
    }
    let number =
        |given: Option<u32>, own: fn(&Facts) -> u32, first: u32| given.unwrap_or(old.map_or(first, own));
    Ok(Facts {
        name,
        way,
        connect_timeout: number(given.connect_timeout, |old| old.connect_timeout, 20),
        answer_timeout: number(given.answer_timeout, |old| old.answer_timeout, 60),
        mail_timeout: number(given.mail_timeout, |old| old.mail_timeout, 300),
        rate: if given.no_rate { None } else { given.rate.or(old.and_then(|old| old.rate)) },
        connections: number(given.connections, |old| old.connections, 2),
    })
}

/// By what mails leave, with what was given.
fn way(kind: ServerKind, old: Option<&Way>, given: &Edit) -> Result<Way> {
    let missing = |flag| Error::Missing { kind: kind.word(), flag };
    Ok(match (kind, old) {
        (ServerKind::Smtp, old) => Way::Smtp(smtp(old.and_then(Way::smtp), given)?),
        (ServerKind::File, old) => Way::File {
            folder: match (&given.folder, old.and_then(Way::folder)) {
                (Some(folder), _) => check_folder(folder)?,
                (None, Some(folder)) => folder.to_owned(),
                (None, None) => return Err(missing("--folder").into()),
            },
        },
        (ServerKind::Sendmail, old) => Way::Sendmail {
            command: match (&given.command, old.and_then(Way::command)) {
                (Some(command), _) => words(command)?,
                (None, Some(command)) => command.clone(),
                (None, None) => return Err(missing("--command").into()),
            },
        },
    })
}

/// A server of SMTP, new or as it was, with what was given.
fn smtp(old: Option<&Smtp>, given: &Edit) -> Result<Smtp> {
    let host = match (&given.host, old) {
        (Some(host), _) => check_host(host)?,
        (None, Some(old)) => old.host.clone(),
        (None, None) => {
            return Err(Error::Missing { kind: ServerKind::Smtp.word(), flag: "--host" }.into());
        }
    };
    let ca_file = match &given.ca_file {
        Some(file) => Some(check_authorities(file)?),
        None if given.no_ca_file => None,
        None => old.and_then(|old| old.protection.ca_file()).cloned(),
    };
    let security = given.security.or(old.map(|old| old.protection.security())).unwrap_or(Security::StartTls);
    let auth = given.auth.or(old.map(|old| old.login.auth())).unwrap_or(Auth::Plain);
    let token_command = match &given.token_command {
        Some(command) => Some(words(command)?),
        None if given.auth.is_some_and(|auth| auth != Auth::XOAuth2) => None,
        None => old.and_then(|old| old.login.token_command()).cloned(),
    };
    Ok(Smtp {
        host,
        port: given.port.or(old.map(|old| old.port)).unwrap_or(587),
        protection: Protection::of(security, ca_file)
            .ok_or(Error::TrustInPlain { is_kept: given.ca_file.is_none() })?,
        login: Login::of(auth, token_command).ok_or(Error::TokenCommand)?,
    })
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

/// Passwords and tokens go where the server is: who leads it elsewhere could read them there.
fn check_secrets_stay(cx: &Context, tx: &Tx<'_>, old: &Server, new: &Facts) -> Result<()> {
    let has_secrets = old.facts.way.token_command().is_some() || store::has_passwords(tx, old.id)?;
    if cx.actor.is_system() || old.facts.way.place() == new.way.place() || !has_secrets {
        return Ok(());
    }
    let why = "the passwords of its accounts would go elsewhere; only root or the owner of the store may lead them there, \
        or they are taken off first, with `secboard mail account edit … --no-password`";
    Err(cx.actor.denied(why).into())
}

fn check_host(typed: &str) -> Result<String, Error> {
    let bad = || Error::BadHost { host: typed.to_owned() };
    Ok(host::checked(typed).ok_or_else(bad)?.to_owned())
}
