//! What a domain publishes, asked of the DNS.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long one answer is waited for, and how often it is asked for once more.
const PATIENCE: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 1;

/// The longest that one question may take, whatever is tried.
const LONGEST: Duration = Duration::from_secs(12);

/// The DNS gave no answer, neither yes nor no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the DNS gives no answer about `{name}`: {what}")]
pub(super) struct NoAnswer {
    name: String,
    what: String,
}

/// Asks the DNS.
pub(super) struct Dns(TokioResolver);

impl Dns {
    /// By one server, or by those of the machine.
    pub(super) fn new(server: Option<SocketAddr>) -> Result<Self, NoAnswer> {
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
    pub(super) async fn texts(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        let unanswered = |what: String| NoAnswer { name: name.to_owned(), what };
        let asked = self.0.lookup(format!("{name}."), RecordType::TXT);
        let found = match tokio::time::timeout(LONGEST, asked).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) if error.is_no_records_found() => return Ok(Vec::new()),
            Ok(Err(error)) => return Err(unanswered(error.to_string())),
            Err(_) => return Err(unanswered("it takes too long".to_owned())),
        };
        let texts = found.answers().iter().filter_map(|record| match &record.data {
            // One text may be in several strings, which belong together without anything between.
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        });
        Ok(texts.collect())
    }
}
