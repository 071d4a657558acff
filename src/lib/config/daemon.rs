//! What the configuration file says of the daemon.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use super::Error;
use crate::text::network::Network;

/// How the daemon listens and runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Daemon {
    /// Where it listens: at least one place.
    pub(crate) listen: Vec<Listen>,
    /// With what it speaks TLS on addresses; none where it does not.
    pub(crate) tls: Option<TlsFiles>,
    /// Where whoever watches it is told its figures; nowhere by default.
    pub(crate) metrics: Option<SocketAddr>,
    /// Who is believed about whose request it is.
    pub(crate) trusted: Trusted,
    /// Hosts that are asked beside that of the site.
    pub(crate) allowed_hosts: Vec<String>,
    /// Hosts of other sites, which ask who visits them.
    pub(crate) sites: Vec<String>,
    /// What it does by itself.
    pub(crate) services: Services,
    /// How it tells what it does.
    pub(crate) log_format: LogFormat,
}

/// Where the daemon listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listen {
    /// On an address.
    Address(SocketAddr),
    /// On a Unix socket.
    Unix(PathBuf),
    /// On the sockets that systemd hands over.
    Systemd,
}

/// The certificate of the site and its key, in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The certificate, with those that vouch for it behind it.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
}

/// Who stands between visitors and the site, and is believed about whose request it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trusted {
    /// Whoever comes through a Unix socket.
    pub(crate) unix: bool,
    /// Whoever comes from these networks.
    pub(crate) networks: Vec<Network>,
}

impl Trusted {
    /// Whether whoever is connected from there is believed; `None` is a Unix socket.
    pub(crate) fn includes(&self, peer: Option<IpAddr>) -> bool {
        match peer {
            None => self.unix,
            Some(address) => self.networks.iter().any(|network| network.contains(address)),
        }
    }
}

/// What the daemon does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Services {
    /// It sends the mails that wait.
    pub(crate) outbox: bool,
    /// It follows directories.
    pub(crate) sync: bool,
    /// It reminds people of what is ahead.
    pub(crate) reminders: bool,
    /// It ends what was kept long enough.
    pub(crate) cleaning: bool,
}

impl Default for Services {
    fn default() -> Self {
        Self { outbox: true, sync: true, reminders: true, cleaning: true }
    }
}

/// How the daemon tells what it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// In lines for people.
    #[default]
    Text,
    /// In objects for programs, one a line.
    Json,
}

/// The keys of the file that are the daemon's.
pub(super) struct Keys {
    pub(super) listen: Option<OneOrMany>,
    pub(super) tls_certificate: Option<PathBuf>,
    pub(super) tls_key: Option<PathBuf>,
    pub(super) metrics_listen: Option<String>,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) sites: Vec<String>,
    pub(super) services: Services,
    pub(super) log_format: LogFormat,
}

/// One value, or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// The names of the keys, for who wrote another.
pub(super) const KEYS: &str = "`listen`, `tls_certificate`, `tls_key`, `metrics_listen`, `trusted_proxies`, `allowed_hosts`, `sites`, \
                                `services` and `log_format`";

impl Default for Daemon {
    fn default() -> Self {
        Self {
            listen: vec![Listen::Address(SocketAddr::from(([127, 0, 0, 1], 8470)))],
            tls: None,
            metrics: None,
            trusted: Trusted::default(),
            allowed_hosts: Vec::new(),
            sites: Vec::new(),
            services: Services::default(),
            log_format: LogFormat::default(),
        }
    }
}

impl Keys {
    /// What they say, where it goes together.
    ///
    /// # Errors
    /// Those of wrong values, of an address beyond this machine without TLS, and of figures beyond this machine.
    pub(super) fn settle(self) -> Result<Daemon, Error> {
        let tls = match (self.tls_certificate, self.tls_key) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            _ => return Err(Error::HalfTls),
        };
        let default = Daemon::default();
        let listen = match self.listen {
            None => default.listen,
            Some(OneOrMany::One(place)) => vec![read_listen(&place)?],
            Some(OneOrMany::Many(places)) => {
                places.iter().map(|place| read_listen(place)).collect::<Result<_, _>>()?
            }
        };
        if listen.is_empty() {
            return Err(wrong("listen", "[]", "at least one place"));
        }
        for place in &listen {
            if let Listen::Address(listen) = place
                && !listen.ip().is_loopback()
                && tls.is_none()
            {
                return Err(Error::NotLoopback { listen: *listen });
            }
        }
        let read = |key, hosts: &[String]| {
            hosts.iter().map(|host| read_host(key, host)).collect::<Result<Vec<_>, _>>()
        };
        let allowed_hosts = read("allowed_hosts", &self.allowed_hosts)?;
        let sites = read("sites", &self.sites)?;
        let trusted = read_trusted(&self.trusted_proxies)?;
        let metrics = self.metrics_listen.as_deref().map(read_metrics).transpose()?;
        let (services, log_format) = (self.services, self.log_format);
        Ok(Daemon { listen, tls, metrics, trusted, allowed_hosts, sites, services, log_format })
    }
}

fn wrong(key: &'static str, value: &str, expected: &'static str) -> Error {
    Error::Value { key, value: value.to_owned(), expected }
}

fn read_listen(place: &str) -> Result<Listen, Error> {
    if place == "systemd" {
        return Ok(Listen::Systemd);
    }
    if let Some(path) = place.strip_prefix("unix:").map(PathBuf::from).filter(|path| path.is_absolute()) {
        return Ok(Listen::Unix(path));
    }
    let expected = "an address such as `127.0.0.1:8470`, `unix:/run/secboard/web.sock` or `systemd`";
    place.parse().map(Listen::Address).map_err(|_| wrong("listen", place, expected))
}

/// What is told there is for everybody who comes, and is not encrypted: nobody comes from elsewhere.
fn read_metrics(place: &str) -> Result<SocketAddr, Error> {
    let address = place.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
    let expected = "an address of this machine alone with its port, such as `127.0.0.1:8471`";
    address.ok_or_else(|| wrong("metrics_listen", place, expected))
}

fn read_host(key: &'static str, host: &str) -> Result<String, Error> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let is_host = !host.is_empty() && host.len() <= 255 && host.chars().all(is_part);
    is_host
        .then(|| host.to_ascii_lowercase())
        .ok_or_else(|| wrong(key, host, "host names in ASCII, with a port if needed"))
}

fn read_trusted(proxies: &[String]) -> Result<Trusted, Error> {
    let mut trusted = Trusted::default();
    for proxy in proxies {
        match (proxy.as_str(), proxy.parse()) {
            ("unix", _) => trusted.unix = true,
            (_, Ok(network)) => trusted.networks.push(network),
            (_, Err(_)) => {
                return Err(wrong("trusted_proxies", proxy, "networks such as `10.0.0.0/8`, or `unix`"));
            }
        }
    }
    Ok(trusted)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Error, from_text};
    use super::{Daemon, Listen, LogFormat, Services};

    fn read(text: &str) -> Result<Daemon, Error> {
        from_text(Path::new("secboard.toml"), text).map(|config| config.daemon)
    }

    #[test]
    fn the_daemon_listens_in_one_place_or_several() {
        let listen = |text: &str| read(&format!("listen = {text}")).unwrap().listen;
        assert_eq!(listen("\"127.0.0.1:1\""), [Listen::Address(([127, 0, 0, 1], 1).into())]);
        let places = listen("[\"[::1]:2\", \"unix:/run/s.sock\", \"systemd\"]");
        let expected = [
            Listen::Address("[::1]:2".parse().unwrap()),
            Listen::Unix("/run/s.sock".into()),
            Listen::Systemd,
        ];
        assert_eq!(places, expected);
        for wrong in ["[]", "\"\"", "\"unix:s.sock\"", "\"8470\"", "\"acme.example:80\""] {
            let refused = read(&format!("listen = {wrong}"));
            assert!(matches!(refused, Err(Error::Value { key: "listen", .. })), "{wrong}: {refused:?}");
        }
    }

    #[test]
    fn the_daemon_listens_beyond_this_machine_only_with_tls() {
        for address in ["0.0.0.0:443", "192.0.2.1:443", "[::]:443"] {
            let text = format!("listen = [\"127.0.0.1:1\", \"{address}\"]\n");
            assert!(matches!(read(&text), Err(Error::NotLoopback { .. })), "{address}");
            let half = format!("{text}tls_key = \"/etc/secboard/key.pem\"\n");
            assert!(matches!(read(&half), Err(Error::HalfTls)));
            assert!(read(&format!("{half}tls_certificate = \"/etc/secboard/chain.pem\"\n")).is_ok());
        }
    }

    #[test]
    fn figures_are_told_on_this_machine_alone_and_nowhere_by_default() {
        assert_eq!(read("").unwrap().metrics, None);
        let metrics = |place: &str| read(&format!("metrics_listen = \"{place}\""));
        for place in ["127.0.0.1:8471", "[::1]:8471"] {
            assert_eq!(metrics(place).unwrap().metrics, Some(place.parse().unwrap()));
        }
        let tls = "tls_certificate = \"/c.pem\"\ntls_key = \"/k.pem\"\n";
        for place in
            ["", "8471", "0.0.0.0:8471", "192.0.2.1:8471", "[::]:8471", "unix:/run/m.sock", "localhost:8471"]
        {
            let refused = metrics(place);
            assert!(
                matches!(refused, Err(Error::Value { key: "metrics_listen", .. })),
                "{place}: {refused:?}"
            );
            assert!(
                read(&format!("{tls}metrics_listen = \"{place}\"")).is_err(),
                "{place}, whatever the site speaks"
            );
        }
    }

    #[test]
    fn what_else_is_said_of_the_daemon_is_read() {
        let text = "
            trusted_proxies = [\"unix\", \"10.0.0.0/8\"]
            allowed_hosts = [\"Other.Example:8443\"]
            sites = [\"Wiki.Example\"]
            services = { outbox = false }
            log_format = \"json\"";
        let daemon = read(text).unwrap();
        assert!(daemon.trusted.includes(None) && daemon.trusted.includes(Some([10, 1, 1, 1].into())));
        assert_eq!(daemon.allowed_hosts, ["other.example:8443"]);
        assert_eq!(daemon.sites, ["wiki.example"]);
        assert_eq!(daemon.services, Services { outbox: false, ..Services::default() });
        assert_eq!(daemon.log_format, LogFormat::Json);
        for wrong in [
            "trusted_proxies = [\"proxy\"]",
            "allowed_hosts = [\"https://x/\"]",
            "sites = [\"https://x/\"]",
            "services = { mail = true }",
            "log_format = \"xml\"",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
