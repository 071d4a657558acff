//! Why the daemon does not start or go on.

use std::io;

use crate::error::{Explain, Kind};

/// Why the daemon does not start or go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The place is taken or forbidden.
    #[error("cannot listen on `{place}`")]
    Listen {
        /// The place, as the configuration file names it.
        place: String,
        /// Why.
        source: io::Error,
    },
    /// systemd has handed over no socket.
    #[error("`listen` names `systemd`, and it has handed over no socket")]
    NoSockets,
    /// systemd has handed over a socket that is reached from elsewhere, and there is no certificate.
    #[error(
        "systemd has handed over a socket on `{address}`, which is not a loopback address, and there is no certificate"
    )]
    NotLoopback {
        /// The address.
        address: std::net::SocketAddr,
    },
    /// The certificate cannot be used.
    #[error("the certificate of the site cannot be used")]
    Certificate {
        /// Why.
        source: io::Error,
    },
    /// The system refused something the daemon cannot do without.
    #[error("{what}")]
    System {
        /// What was refused.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "daemon.listen",
            Self::NoSockets => "daemon.no_sockets",
            Self::NotLoopback { .. } => "daemon.not_loopback",
            Self::Certificate { .. } => "daemon.certificate",
            Self::System { .. } => "daemon.system",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Listen { .. } => Kind::CannotCreate,
            Self::NoSockets | Self::NotLoopback { .. } | Self::Certificate { .. } => Kind::Config,
            Self::System { .. } => Kind::Io,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Listen { .. } => Some("give another `listen` in the configuration file".to_owned()),
            Self::NoSockets => Some("start the daemon by its socket unit".to_owned()),
            Self::NotLoopback { .. } => {
                Some("give `tls_certificate` and `tls_key` in the configuration file".to_owned())
            }
            Self::Certificate { .. } => {
                Some("look at the files that `tls_certificate` and `tls_key` name".to_owned())
            }
            Self::System { .. } => None,
        }
    }
}
