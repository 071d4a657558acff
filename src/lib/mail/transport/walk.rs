//! The steps of a mail on its way, as they were gone.

use std::fmt;
use std::time::Duration;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The configuration is made use of.
    Setup,
    /// The host becomes an address.
    Dns,
    /// A connection.
    Tcp,
    /// The handshake of TLS.
    Tls,
    /// The server greets.
    Greeting,
    /// Both introduce themselves.
    Ehlo,
    /// The connection is to be protected.
    StartTls,
    /// The account logs in.
    Auth,
    /// Whom the mail is from.
    Mail,
    /// Whom it is to.
    Rcpt,
    /// The mail is announced.
    Data,
    /// The mail itself, and the answer behind it.
    Body,
    /// The folder, or the local program.
    Local,
}

impl Step {
    /// Whether the step is about this one mail rather than about the way it goes.
    pub(super) const fn is_of_mail(self) -> bool {
        matches!(self, Self::Rcpt | Self::Data | Self::Body)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setup => "set-up",
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Greeting => "greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "message",
            Self::Local => "hand-over",
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

/// The steps in order; those of a connection that is kept are told once.
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
