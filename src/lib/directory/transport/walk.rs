//! The steps on the way to a directory, as they were gone.

use std::fmt;
use std::time::Duration;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The configuration is made use of.
    Setup,
    /// The servers of a domain are looked for.
    Srv,
    /// The host becomes an address.
    Dns,
    /// A connection.
    Tcp,
    /// The connection is to be protected.
    StartTls,
    /// The handshake of TLS.
    Tls,
    /// The connection's account, or a person, shows a password.
    Bind,
    /// What the server says of itself.
    RootDse,
    /// The entry below which everything is looked for.
    Base,
    /// The people are read.
    People,
    /// The groups are read.
    Groups,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setup => "set-up",
            Self::Srv => "SRV",
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::StartTls => "StartTLS",
            Self::Tls => "TLS",
            Self::Bind => "bind",
            Self::RootDse => "root DSE",
            Self::Base => "base",
            Self::People => "people",
            Self::Groups => "groups",
        })
    }
}

/// A step that was gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gone {
    /// Which.
    pub(crate) step: Step,
    /// What was found or said.
    pub(crate) words: String,
    /// How long it took.
    pub(crate) took: Duration,
}

/// The steps in order.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    steps: Vec<Gone>,
}

impl Walk {
    /// The steps.
    pub(crate) fn steps(&self) -> &[Gone] {
        &self.steps
    }

    /// Adds a step that went well.
    pub(super) fn went(&mut self, step: Step, words: impl Into<String>, took: Duration) {
        self.steps.push(Gone { step, words: words.into(), took });
    }
}
