//! `secboardd`: the daemon.
//!
//! It finds store and key as the command does, checks both before it listens, and listens on the loopback interface
//! only; a front (nginx, Caddy) faces the network. For now it answers one question, whether the store answers, at
//! `/healthz`. SIGTERM and SIGINT end it after the requests at hand.

pub(crate) mod cli;
mod server;

#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::net::SocketAddr;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::config::Config;
use crate::context::Site;
use crate::context::settings::Table;
use crate::error::{Explain, Kind, Result};
use crate::store::Store;
use crate::text::width::sanitize_for_terminal;
use server::Server;

/// Why the daemon does not start or go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address is taken or forbidden.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The system refused something the daemon cannot do without.
    #[error("{what}")]
    System {
        /// What was refused.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// Requests with oversized bodies have used up the connections the daemon can afford to lose to them.
    #[error("too many requests with oversized bodies; a new start closes their connections")]
    Worn,
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "daemon.listen",
            Self::System { .. } => "daemon.system",
            Self::Worn => "daemon.worn",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Listen { .. } => Kind::CannotCreate,
            Self::System { .. } => Kind::Io,
            Self::Worn => Kind::Busy,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Listen { .. } => Some("give another `listen` in the configuration file".to_owned()),
            Self::System { .. } => None,
            Self::Worn => Some("let the supervisor start the daemon again".to_owned()),
        }
    }
}

/// Checks what it needs and, if that is not all that is asked for, serves until a signal ends it.
fn run(config: &Config, settings: &'static Table, only_check: bool) -> Result<()> {
    let site = open(config, settings)?;
    if only_check {
        log("configuration, store and key are fine");
        return Ok(());
    }
    let mut signals = Signals::new([SIGTERM, SIGINT])
        .map_err(|source| Error::System { what: "cannot wait for signals", source })?;
    let stopper = signals.handle();
    let server = Server::start(config.listen, site, move || stopper.close())?;
    log(&format!("listening on http://{}", server.address()));
    // Ends with the first signal, or when the server gives up by itself.
    if signals.forever().next().is_some() {
        log("stopping");
    }
    server.stop()
}

/// Opens everything, so that what is wrong stops the start and not the first request.
fn open(config: &Config, settings: &'static Table) -> Result<Site> {
    let site = Site::open(&config.store, &config.key, settings)?;
    if Store::is_too_open(&config.store) {
        log(&format!("warning: other users of this machine can read `{}`", config.store.display()));
    }
    Ok(site)
}

/// Writes a line to standard error, where the supervisor takes it.
fn log(line: &str) {
    writeln!(std::io::stderr(), "secboardd: {}", sanitize_for_terminal(line)).ok();
}
