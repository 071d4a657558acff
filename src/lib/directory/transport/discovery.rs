//! The servers of a domain, as the DNS names them (RFC 2782, `_ldap._tcp`).
//!
//! Nothing vouches for what the DNS says. Whoever answers in its place could name a server of their own, for which an
//! authority that is trusted has made a certificate, and would be told passwords. So only servers whose name is within the
//! domain are asked, or any whose certificate has the one name that was given.

use std::net::SocketAddr;
use std::time::Instant;

use super::connect::within;
use super::failure::{Cause, Failure};
use super::walk::{Step, Walk};
use super::{Domain, Server, Way};
use crate::text::host;
use crate::tls::dns::{Dns, Target};

/// The most servers that are asked of those that a domain names.
const MOST_SERVERS: usize = 8;

/// The servers of a domain, in the order in which they are asked.
pub(crate) async fn discovered(
    domain: &Domain,
    way: &Way,
    resolver: Option<SocketAddr>,
    walk: &mut Walk,
) -> Result<Vec<Server>, Failure> {
    let begun = Instant::now();
    let servers = within(Step::Srv, way.connect_timeout, servers(domain, way, resolver)).await?;
    let hosts: Vec<&str> = servers.iter().map(|server| server.host.as_str()).collect();
    walk.went(Step::Srv, hosts.join(", "), begun.elapsed());
    Ok(servers)
}

async fn servers(domain: &Domain, way: &Way, resolver: Option<SocketAddr>) -> Result<Vec<Server>, Cause> {
    let none = |what: String| Cause::NoServers { domain: domain.name.clone(), what };
    let ascii = idna::domain_to_ascii(&domain.name).unwrap_or_else(|_| domain.name.clone());
    let record = format!("_ldap._tcp.{ascii}");
    let asked = async { Dns::new(resolver)?.servers(&record).await };
    let found = asked.await.map_err(|silence| none(silence.to_string()))?;
    if found.is_empty() {
        return Err(none(format!("there is no `{record}`")));
    }
    let may_be_asked = |target: &&Target| way.certificate_name.is_some() || is_within(&target.host, &ascii);
    let server = |target: &Target| {
        let host = host::checked(&target.host)?.to_owned();
        Some(Server { host, port: domain.port.unwrap_or(target.port), protection: domain.protection })
    };
    let servers: Vec<_> = found.iter().filter(may_be_asked).filter_map(server).take(MOST_SERVERS).collect();
    if servers.is_empty() {
        return Err(none("those that it names are not within the domain, and are not asked".to_owned()));
    }
    Ok(servers)
}

/// Whether a host is of a domain.
fn is_within(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}
