//! What a worker did, what it left, and what is said of both.

use crate::mail::error::Error;
use crate::mail::outbox::Rest;
use crate::text::count::counted;
use crate::text::instant::Instant;

/// How many mails that could not be made are named.
const MOST_NAMED: usize = 5;

/// What a worker did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// How many mails were taken by a server.
    pub(crate) sent: u64,
    /// How many have failed.
    pub(crate) failed: u64,
    /// How many wait for later.
    pub(crate) later: u64,
    /// How many of these were handed over without an answer: nobody knows whether they were taken.
    pub(crate) unanswered: u64,
    /// How many were no longer due.
    pub(crate) dropped: u64,
    /// Those of the failed that could not be made.
    pub(crate) unmade: Vec<Unmade>,
    /// What is due and could not leave.
    pub(crate) left: Vec<Left>,
    /// How many mails other workers have, or had when they ended.
    pub(crate) others: u64,
    /// Whether it ended before everything was done, for nothing more was wanted.
    pub(crate) is_cut_short: bool,
}

/// A mail that could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unmade {
    /// Its id.
    pub(crate) mail: String,
    /// What kept it from being made.
    pub(crate) code: &'static str,
}

/// Mails that are due and cannot leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    /// How many.
    pub(crate) mails: u64,
    /// Why not.
    pub(crate) because: Because,
}

/// Why mails cannot leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Because {
    /// Their account rests.
    Rests(Rest),
    /// Their account does not send.
    Inactive {
        /// The account.
        account: String,
    },
    /// Their account needs a program, which who acts does not have run.
    OfOwner {
        /// The account.
        account: String,
    },
    /// No account is routed for this feature.
    NoRoute {
        /// The feature.
        feature: String,
    },
    /// A link in them would lead to nowhere: the site has no host name yet.
    NoDomain,
}

/// Mails that would leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    /// What they say.
    pub(crate) message: String,
    /// By which account.
    pub(crate) account: String,
    /// How many.
    pub(crate) mails: u64,
}

impl Report {
    /// What was done, in words; nothing where there was nothing to do.
    pub(crate) fn said(&self) -> String {
        let counts = counted(&[
            (self.sent, "sent", "sent"),
            (self.failed, "failed", "failed"),
            (self.later, "goes later", "go later"),
            (self.dropped, "dropped, no longer due", "dropped, no longer due"),
            (self.others, "with another worker", "with another worker"),
        ]);
        let named = self.unmade.iter().take(MOST_NAMED);
        named.fold(counts, |said, Unmade { mail, code }| {
            format!("{said}; mail `{mail}` could not be made: {code}")
        })
    }

    /// The same of this worker alone.
    pub(crate) fn done(&self) -> String {
        Self { others: 0, ..self.clone() }.said()
    }

    /// How many mails are due and could not leave.
    pub(crate) fn waiting(&self) -> u64 {
        self.left.iter().map(|left| left.mails).sum()
    }
}

impl Because {
    /// Why, in words.
    pub(crate) fn said(&self) -> String {
        match self {
            Self::Rests(rest) => rest.said(),
            Self::Inactive { account } => format!("account `{account}` is not active"),
            Self::OfOwner { account } => {
                format!(
                    "account `{account}` sends by a program, which only root and the owner of the store have run"
                )
            }
            Self::NoRoute { feature } => format!("no account is to send what is for `{feature}`"),
            Self::NoDomain => "the site has no host name for the link in it".to_owned(),
        }
    }

    /// The same without what a server said.
    pub(crate) fn shortly(&self) -> String {
        match self {
            Self::Rests(rest) => rest.shortly(),
            _ => self.said(),
        }
    }

    /// Until when, where that is known.
    pub(crate) fn until(&self) -> Option<Instant> {
        match self {
            Self::Rests(rest) => Some(rest.until),
            Self::Inactive { .. } | Self::OfOwner { .. } | Self::NoRoute { .. } | Self::NoDomain => None,
        }
    }
}

impl Rest {
    /// That it rests, and why.
    pub(crate) fn said(&self) -> String {
        format!("{}: {}: {}", self.shortly(), self.step, self.answer)
    }

    /// That it rests.
    fn shortly(&self) -> String {
        format!("account `{}` rests until {}", self.account, self.until)
    }
}

impl From<Left> for Error {
    fn from(Left { mails, because }: Left) -> Self {
        match because {
            Because::Rests(Rest { account, until, step, answer, .. }) => {
                let said = format!("{step}: {answer}");
                Self::Rests { account, until: until.to_string(), mails, said }
            }
            Because::Inactive { account } => Self::SwitchedOff { account, mails },
            Because::OfOwner { account } => Self::OfOwner { account, mails },
            Because::NoRoute { feature } => Self::Unrouted { feature, mails },
            Because::NoDomain => Self::NoDomain { mails },
        }
    }
}
