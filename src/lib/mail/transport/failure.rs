//! What failed, at which step, and whose failure it is.
//!
//! An answer to RCPT or DATA is the mail's, unless it speaks of the account ([`super::judgement`]). Everything before it is the
//! account's: the next mail would fare no better.
//! Where no answer came, nobody knows whether the mail was taken, and it goes again as the same mail.

use std::time::Duration;

use super::judgement::About;
use super::reply::Reply;
use super::walk::Step;
use super::withheld::UNREPEATED;
pub(crate) use crate::tls::Fault as TlsFault;
use crate::tls::{Seconds, Unreached};

/// A mail that was not taken, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {cause}")]
pub(crate) struct Failure {
    /// Where.
    pub(crate) step: Step,
    /// What.
    pub(crate) cause: Cause,
    /// Whose.
    pub(crate) whose: Whose,
}

/// Whose failure it is, and so what happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The mail's, and it may go later.
    MailForNow,
    /// The mail's, for good.
    MailForGood,
    /// The account's: it rests, and no mail fails.
    Account,
    /// Nobody knows whether the mail was taken; it goes again with the same Message-ID.
    Unknown,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Cause {
    /// The server said no.
    #[error("{0}")]
    Answer(Reply),
    /// The host has no address.
    #[error("`{host}` has no address: {what}")]
    Unresolved {
        /// The host.
        host: String,
        /// What the resolver said.
        what: String,
    },
    /// No connection.
    #[error("no connection: {what}")]
    Unreachable {
        /// What the system said.
        what: String,
    },
    /// Nothing came in time.
    #[error("no answer within {}", Seconds(*after))]
    TimedOut {
        /// How long was waited.
        after: Duration,
    },
    /// The connection ended.
    #[error("the server ended the connection")]
    Closed,
    /// Reading or writing failed.
    #[error("the connection broke: {what}")]
    Broken {
        /// What the system said.
        what: String,
    },
    /// What came is no answer of SMTP.
    #[error("the server does not speak SMTP: it said `{said}`")]
    Nonsense {
        /// The beginning of it.
        said: String,
    },
    /// Something was said before it was asked for.
    #[error("the server answers before it is asked, so nobody knows what its answers mean")]
    Early,
    /// An answer without an end.
    #[error("the server said more than an answer can have")]
    Endless,
    /// TLS was not possible.
    #[error("{0}")]
    Tls(TlsFault),
    /// STARTTLS is not offered, or was taken out on the way.
    #[error("the server offers no STARTTLS, so nothing was sent: somebody may have taken it out on the way")]
    NoStartTls,
    /// Something came in plain behind the answer to STARTTLS.
    #[error("something was said in plain behind STARTTLS: somebody is in between")]
    Injected,
    /// The way to log in is not offered.
    #[error("the server does not offer `{wanted}` to log in; it offers {offered}")]
    NoLogin {
        /// What is configured.
        wanted: &'static str,
        /// What is offered.
        offered: String,
    },
    /// An address needs SMTPUTF8.
    #[error("`{address}` needs SMTPUTF8, which the server lacks")]
    NoUtf8 {
        /// The address.
        address: String,
    },
    /// The mail is too large.
    #[error("the mail has {size} bytes, and the server takes {limit}")]
    TooLarge {
        /// Of the mail.
        size: u64,
        /// Of the server.
        limit: u64,
    },
    /// No mail at all would be small enough.
    #[error(
        "the server says that it takes {limit} bytes at most, which is too little for mails: this one has {size}"
    )]
    TooLittle {
        /// Of the mail.
        size: u64,
        /// Of the server.
        limit: u64,
    },
    /// The authorities or the host cannot be used.
    #[error("{what}")]
    Configuration {
        /// Why not.
        what: String,
    },
    /// The folder or program refuses.
    #[error("{what}")]
    Local {
        /// Why.
        what: String,
    },
}

impl From<Unreached> for Cause {
    fn from(unreached: Unreached) -> Self {
        match unreached {
            Unreached::Unresolved { host, what } => Self::Unresolved { host, what },
            Unreached::Unreachable { what } => Self::Unreachable { what },
            Unreached::TimedOut { after } => Self::TimedOut { after },
        }
    }
}

impl Failure {
    /// A failure at a step, blamed by where it happened and what it was.
    pub(super) fn at(step: Step, cause: Cause) -> Self {
        let whose = blame(step, &cause);
        Self { step, cause, whose }
    }

    /// The answer of the server, if it gave one.
    pub(crate) const fn reply(&self) -> Option<&Reply> {
        match &self.cause {
            Cause::Answer(reply) => Some(reply),
            _ => None,
        }
    }

    /// The failure without words of the server, as it is kept for ever.
    pub(crate) fn in_codes(&self) -> String {
        match &self.cause {
            Cause::Answer(reply) => format!("{}: {}", self.step, reply.clone().in_codes()),
            Cause::Nonsense { .. } => format!("{}: the server does not speak SMTP", self.step),
            _ => self.to_string(),
        }
    }

    /// The failure without words of a server that another has given something meanwhile.
    pub(super) fn unrepeated(self) -> Self {
        let cause = match self.cause {
            Cause::Answer(reply) => Cause::Answer(reply.in_codes()),
            Cause::Nonsense { .. } => Cause::Nonsense { said: UNREPEATED.to_owned() },
            Cause::NoLogin { wanted, .. } => Cause::NoLogin { wanted, offered: UNREPEATED.to_owned() },
            Cause::Tls(_) => Cause::Broken { what: UNREPEATED.to_owned() },
            cause => cause,
        };
        Self { cause, ..self }
    }

    /// Whether the server ended the connection rather than refuse something: a close, or 421.
    pub(super) fn ended_connection(&self) -> bool {
        match &self.cause {
            Cause::Closed | Cause::Broken { .. } => true,
            Cause::Answer(reply) => reply.status() == 421,
            _ => false,
        }
    }
}

/// Whose failure it is.
fn blame(step: Step, cause: &Cause) -> Whose {
    match cause {
        Cause::NoUtf8 { .. } | Cause::TooLarge { .. } => Whose::MailForGood,
        // Of a server that does not listen nothing is known to be taken.
        Cause::Early => Whose::Account,
        // The size is said with MAIL, so that is where one that is too large is refused.
        Cause::Answer(reply) if step == Step::Mail && reply.is_about_size() => Whose::MailForGood,
        Cause::Answer(reply) if step.is_of_mail() && reply.judged().about == About::Account => Whose::Account,
        Cause::Answer(reply) if step.is_of_mail() && reply.is_permanent() => Whose::MailForGood,
        Cause::Answer(reply) if step.is_of_mail() && reply.is_transient() => Whose::MailForNow,
        _ if step.is_of_mail() => Whose::Unknown,
        _ => Whose::Account,
    }
}
