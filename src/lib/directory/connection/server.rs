//! Servers as they are typed and stored: `ldaps://dc1.corp.example`, `ldap://[2001:db8::1]:3389`; and domains whose servers the
//! DNS names: `ldaps+srv://corp.example`.

use std::net::{IpAddr, Ipv6Addr};

use crate::directory::error::Error;
use crate::directory::transport::{Domain, Place, Protection, Server};
use crate::text::host;

const TLS: &str = "ldaps://";
const PLAIN: &str = "ldap://";
const TLS_OF_DOMAIN: &str = "ldaps+srv://";
const PLAIN_OF_DOMAIN: &str = "ldap+srv://";
const TLS_PORT: u16 = 636;
const PLAIN_PORT: u16 = 389;

/// Where a server is, and how that is written.
pub(super) fn parse(typed: &str, is_insecure: bool) -> Result<(Place, String), Error> {
    let bad = || Error::BadServer { server: typed.to_owned() };
    let text = typed.trim().trim_end_matches('/');
    let lower = text.to_ascii_lowercase();
    let schemes = [TLS, PLAIN, TLS_OF_DOMAIN, PLAIN_OF_DOMAIN];
    let scheme = schemes.into_iter().find(|scheme| lower.starts_with(scheme)).ok_or_else(bad)?;
    let protection = match scheme {
        TLS | TLS_OF_DOMAIN => Protection::Tls,
        _ if is_insecure => Protection::None,
        _ => Protection::StartTls,
    };
    let (host, port) = text.get(scheme.len()..).and_then(parted).ok_or_else(bad)?;
    let host = checked(host).ok_or_else(bad)?;
    let port = match port {
        "" => None,
        digits => Some(digits.parse().ok().filter(|port| *port > 0).ok_or_else(bad)?),
    };
    if matches!(scheme, TLS_OF_DOMAIN | PLAIN_OF_DOMAIN) {
        if host.parse::<IpAddr>().is_ok() {
            return Err(bad());
        }
        let shown = port.map_or_else(String::new, |port| format!(":{port}"));
        let written = format!("{scheme}{host}{shown}");
        // The DNS names ports of LDAP, and says nothing of those of LDAP over TLS.
        let port = port.or((protection == Protection::Tls).then_some(TLS_PORT));
        return Ok((Place::Domain(Domain { name: host, port, protection }), written));
    }
    let port = port.unwrap_or(if scheme == TLS { TLS_PORT } else { PLAIN_PORT });
    let server = Server { host, port, protection };
    let written = written(&server);
    Ok((Place::Host(server), written))
}

/// A server as it is written.
pub(in crate::directory) fn written(server: &Server) -> String {
    let Server { host, port, protection } = server;
    let (scheme, usual) = if *protection == Protection::Tls { (TLS, TLS_PORT) } else { (PLAIN, PLAIN_PORT) };
    let shown = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    if *port == usual { format!("{scheme}{shown}") } else { format!("{scheme}{shown}:{port}") }
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
