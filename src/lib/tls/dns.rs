//! What a domain publishes, asked of the DNS.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long one answer is waited for, and how often it is asked for once more.
const PATIENCE: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 1;

/// The longest that one question may take, whatever is tried.
const LONGEST: Duration = Duration::from_secs(12);

/// The DNS gave no answer, neither yes nor no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the DNS gives no answer about `{name}`: {what}")]
pub(crate) struct NoAnswer {
    name: String,
    what: String,
}

/// A server that a domain names for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its name, without the dot at its end.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
}

/// Asks the DNS.
pub(crate) struct Dns(TokioResolver);

impl Dns {
    /// By one server, or by those of the machine.
    pub(crate) fn new(server: Option<SocketAddr>) -> Result<Self, NoAnswer> {
        let unmade = |error: NetError| NoAnswer { name: ".".to_owned(), what: error.to_string() };
        let mut builder = match server {
            Some(address) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = address.port();
                    connection
                });
                let server = NameServerConfig::new(address.ip(), true, connections.into());
                let config = ResolverConfig::from_name_servers(vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(unmade)?,
        };
        let options = builder.options_mut();
        options.timeout = PATIENCE;
        options.attempts = ATTEMPTS;
        options.use_hosts_file = ResolveHosts::Never;
        Ok(Self(builder.build().map_err(unmade)?))
    }

    /// The texts that are published under a name; none where there is no such name.
    pub(crate) async fn texts(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        let texts = self.data(name, RecordType::TXT).await?.into_iter().filter_map(|data| match data {
            // One text may be in several strings, which belong together without anything between.
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        });
        Ok(texts.collect())
    }

    /// The servers of a service by its name, such as `_ldap._tcp.corp.example`, in the order in which they are asked (RFC
    /// 2782); of those that are alike the one of the greatest weight comes first. None where there is no such name.
    pub(crate) async fn servers(&self, name: &str) -> Result<Vec<Target>, NoAnswer> {
        let found = self.data(name, RecordType::SRV).await?.into_iter();
        let mut servers: Vec<_> = found
            .filter_map(|data| match data {
                RData::SRV(server) => Some(server),
                _ => None,
            })
            .collect();
        servers.sort_by_cached_key(|server| {
            (server.priority, Reverse(server.weight), server.target.to_string())
        });
        let target = |server: SRV| {
            // As a name is asked for and compared: an internationalised one in its ASCII form.
            let host = server.target.to_ascii().trim_end_matches('.').to_lowercase();
            Target { host, port: server.port }
        };
        // A server without a name says that there is none.
        Ok(servers.into_iter().map(target).filter(|target| !target.host.is_empty()).collect())
    }

    async fn data(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, NoAnswer> {
        let unanswered = |what: String| NoAnswer { name: name.to_owned(), what };
        let asked = self.0.lookup(format!("{name}."), kind);
        match tokio::time::timeout(LONGEST, asked).await {
            Ok(Ok(found)) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
            Ok(Err(error)) if error.is_no_records_found() => Ok(Vec::new()),
            Ok(Err(error)) => Err(unanswered(error.to_string())),
            Err(_) => Err(unanswered("it takes too long".to_owned())),
        }
    }
}
