//! What a connection may be.

use std::path::Path;

use super::{Edit, Facts, Following, Scope, server, store};
use crate::context::Context;
use crate::directory::error::Error;
use crate::directory::filter;
use crate::directory::mapping::Map;
use crate::error::Result;
use crate::store::Tx;
use crate::text::note::check_line;
use crate::tls::{self, NoAuthorities};

/// The longest name of an entry, in bytes.
const LONGEST_DN: usize = 2048;

/// A connection of which nothing was said yet.
pub(super) fn new(name: String, (company_id, company): (i64, String)) -> Facts {
    Facts {
        name,
        company_id,
        company,
        active: true,
        servers: Vec::new(),
        insecure: false,
        ca_file: None,
        certificate_name: None,
        bind_dn: String::new(),
        base_dn: String::new(),
        search_base: None,
        filter: filter::USUAL.to_owned(),
        scope: Scope::Subtree,
        page_size: 1000,
        map: Map::default(),
        login_domains: Vec::new(),
        connect_timeout: 10,
        answer_timeout: 60,
        following: Following::default(),
    }
}

/// The facts with what was given, if they fit together.
pub(super) fn changed(cx: &Context, old: &Facts, given: &Edit) -> Result<Facts> {
    if given.ca_file.is_some() || given.no_ca_file {
        require_system(cx)?;
    }
    let mut new = with_servers(old, given)?;
    if let Some(file) = &given.ca_file {
        new.ca_file = Some(check_authorities(file)?);
    } else if given.no_ca_file {
        new.ca_file = None;
    }
    if let Some(name) = &given.certificate_name {
        let bad = || Error::BadServer { server: name.clone() };
        new.certificate_name = match name.trim() {
            "" => None,
            name => Some(server::checked(name).ok_or_else(bad)?),
        };
    }
    if new.insecure && (new.ca_file.is_some() || new.certificate_name.is_some()) {
        return Err(Error::TrustInPlain.into());
    }
    with_entries(&mut new, given)?;
    if !given.login_domains.is_empty() {
        new.login_domains = domains(&given.login_domains)?;
    }
    new.active = given.active.unwrap_or(old.active);
    new.page_size = given.page_size.unwrap_or(old.page_size);
    new.connect_timeout = given.connect_timeout.unwrap_or(old.connect_timeout);
    new.answer_timeout = given.answer_timeout.unwrap_or(old.answer_timeout);
    new.following = old.following.with(&given.following);
    Ok(new)
}

/// The facts with the servers that were given, and what is asked of them in plain.
fn with_servers(old: &Facts, given: &Edit) -> Result<Facts, Error> {
    let insecure = given.insecure.unwrap_or(old.insecure);
    let servers = if given.servers.is_empty() { &old.servers } else { &given.servers };
    let mut written = Vec::new();
    for typed in servers {
        let (_, server) = server::parse(typed, insecure)?;
        if insecure && server.starts_with("ldaps") {
            return Err(Error::InsecureTls { server });
        }
        if !written.contains(&server) {
            written.push(server);
        }
    }
    Ok(Facts { servers: written, insecure, ..old.clone() })
}

/// Takes over who reads, where, and which entries are people.
fn with_entries(new: &mut Facts, given: &Edit) -> Result<()> {
    if let Some(name) = &given.bind_dn {
        check_line(name)?;
        // A directory may take other names than those of entries to bind with.
        if name.trim().is_empty() || name.len() > LONGEST_DN {
            return Err(Error::BadDn { dn: name.clone() }.into());
        }
        name.trim().clone_into(&mut new.bind_dn);
    }
    if let Some(dn) = &given.base_dn {
        new.base_dn = check_dn(dn)?;
    }
    if let Some(dn) = &given.search_base {
        new.search_base = if dn.is_empty() { None } else { Some(check_dn(dn)?) };
    }
    if let Some(typed) = &given.filter {
        let typed = if typed == "default" { filter::USUAL } else { typed.trim() };
        check_line(typed)?;
        if !filter::is_filter(typed) {
            return Err(Error::BadFilter { filter: typed.to_owned() }.into());
        }
        typed.clone_into(&mut new.filter);
    }
    new.scope = given.scope.unwrap_or(new.scope);
    for typed in &given.map {
        new.map = std::mem::take(&mut new.map).with(typed)?;
    }
    Ok(())
}

/// Refuses who may not say what a connection names of this machine: neither set it nor take it off.
pub(super) fn require_system(cx: &Context) -> Result<()> {
    if cx.actor.is_system() {
        return Ok(());
    }
    let why = "only root or the owner of the store names files for directories, and takes them off";
    Err(cx.actor.denied(why).into())
}

fn check_dn(dn: &str) -> Result<String> {
    check_line(dn)?;
    let dn = dn.trim();
    let is_one = dn.contains('=') && !dn.starts_with('=') && dn.len() <= LONGEST_DN;
    if is_one { Ok(dn.to_owned()) } else { Err(Error::BadDn { dn: dn.to_owned() }.into()) }
}

/// Domains in small letters, each once; an empty one leaves none.
fn domains(typed: &[String]) -> Result<Vec<String>, Error> {
    let mut domains = Vec::new();
    for domain in typed.iter().map(|domain| domain.trim().trim_start_matches('@')) {
        if domain.is_empty() {
            continue;
        }
        let is_name = domain.parse::<std::net::IpAddr>().is_err();
        let bad = || Error::BadDomain { domain: domain.to_owned() };
        let checked = server::checked(domain).filter(|_| is_name).ok_or_else(bad)?;
        if !domains.contains(&checked) {
            domains.push(checked);
        }
    }
    Ok(domains)
}

/// A login belongs to one connection, or nobody could say whose password it takes; `own` is the connection that is changed.
pub(super) fn check_domains_are_free(tx: &Tx<'_>, domains: &[String], own: Option<i64>) -> Result<()> {
    for other in store::list(tx)?.into_iter().filter(|other| Some(other.id) != own) {
        if let Some(domain) = domains.iter().find(|domain| other.facts.login_domains.contains(domain)) {
            let (domain, connection) = (domain.clone(), other.facts.name);
            return Err(Error::DomainTaken { domain, connection }.into());
        }
    }
    Ok(())
}

/// The full path of a file with authorities.
fn check_authorities(path: &Path) -> Result<String, Error> {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = full.to_string_lossy().into_owned();
    authorities(&path)?;
    Ok(path)
}

/// The authorities of a file.
pub(super) fn authorities(path: &str) -> Result<Vec<u8>, Error> {
    let named = || path.to_owned();
    tls::authorities(path).map_err(|why| match why {
        NoAuthorities::Unread(source) => Error::Authorities { path: named(), source },
        NoAuthorities::NoCertificate => Error::NoAuthorities { path: named() },
    })
}
