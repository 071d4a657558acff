//! Servers as they are typed and stored: `ldaps://dc1.corp.example`, `ldap://[2001:db8::1]:3389`.

use std::net::Ipv6Addr;

use crate::directory::error::Error;
use crate::directory::transport::{Protection, Server};
use crate::text::host;

const TLS: &str = "ldaps://";
const PLAIN: &str = "ldap://";
const TLS_PORT: u16 = 636;
const PLAIN_PORT: u16 = 389;

/// A server as it was typed, and as it is written.
pub(super) fn parse(typed: &str, is_insecure: bool) -> Result<(Server, String), Error> {
    let bad = || Error::BadServer { server: typed.to_owned() };
    let text = typed.trim().trim_end_matches('/');
    let lower = text.to_ascii_lowercase();
    let (scheme, usual, protection) = match (lower.strip_prefix(TLS), lower.strip_prefix(PLAIN)) {
        (Some(_), _) => (TLS, TLS_PORT, Protection::Tls),
        (_, Some(_)) if is_insecure => (PLAIN, PLAIN_PORT, Protection::None),
        (_, Some(_)) => (PLAIN, PLAIN_PORT, Protection::StartTls),
        _ => return Err(bad()),
    };
    let place = text.get(scheme.len()..).ok_or_else(bad)?;
    let (host, port) = parted(place).ok_or_else(bad)?;
    let host = checked(host).ok_or_else(bad)?;
    let port = match port {
        "" => usual,
        digits => digits.parse().ok().filter(|port| *port > 0).ok_or_else(bad)?,
    };
    let shown = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let written = if port == usual { format!("{scheme}{shown}") } else { format!("{scheme}{shown}:{port}") };
    Ok((Server { host, port, protection }, written))
}

/// Host and port, which is empty where none was given.
fn parted(place: &str) -> Option<(&str, &str)> {
    if let Some(rest) = place.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match rest {
            "" => Some((host, "")),
            rest => rest.strip_prefix(':').filter(|port| !port.is_empty()).map(|port| (host, port)),
        };
    }
    match place.split_once(':') {
        Some((_, "")) => None,
        Some(parts) => Some(parts),
        None => Some((place, "")),
    }
}

/// A host that is a name or an address, in small letters.
pub(super) fn checked(typed: &str) -> Option<String> {
    host::checked(typed).map(str::to_lowercase)
}
