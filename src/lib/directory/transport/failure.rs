//! What failed, at which step, and what the codes of a directory mean.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::walk::Step;
use crate::text::character::is_driving;
use crate::text::secret::Secret;
use crate::tls::{Fault, Seconds, Unreached};

/// The most characters of what a server says that are kept.
const LONGEST_WORDS: usize = 300;

/// Something that a directory did not give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {cause}")]
pub(crate) struct Failure {
    /// Where.
    pub(crate) step: Step,
    /// What.
    pub(crate) cause: Cause,
}

impl Failure {
    pub(super) const fn at(step: Step, cause: Cause) -> Self {
        Self { step, cause }
    }

    /// The answer by which a name and its password were refused, which counts at the directory.
    pub(crate) fn refused(&self) -> Option<&Answer> {
        match &self.cause {
            Cause::Answer(answer) if self.step == Step::Bind && answer.code == 49 => Some(answer),
            _ => None,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Cause {
    /// The server said no.
    #[error("{0}")]
    Answer(Answer),
    /// The host has no address.
    #[error("`{host}` has no address: {what}")]
    Unresolved {
        /// The host.
        host: String,
        /// What the resolver said.
        what: String,
    },
    /// The DNS names no server of the domain that may be asked.
    #[error("no server of `{domain}`: {what}")]
    NoServers {
        /// The domain.
        domain: String,
        /// Why not.
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
    /// What came is no answer of LDAP to what was asked.
    #[error("what came is no answer of LDAP to what was asked")]
    Nonsense,
    /// An answer is larger than any may be.
    #[error("an answer has more than 16 MiB")]
    TooLarge,
    /// TLS was not possible.
    #[error("{0}")]
    Tls(Fault),
    /// StartTLS was refused, or taken out on the way.
    #[error("the server does not begin TLS, so nothing was sent: {0}")]
    NoStartTls(Answer),
    /// Something came in plain behind the answer to StartTLS.
    #[error("something was said in plain behind StartTLS: somebody is in between")]
    Injected,
    /// The last page is missing: the server did not say whether there is another.
    #[error("the server did not say whether there are more pages")]
    LostPage,
    /// A page came that had been there.
    #[error("the server gives the same page again")]
    SamePage,
    /// The server gave some values of an attribute, and not the rest.
    #[error("the server did not give all values of `{attribute}`")]
    LostValues {
        /// Which attribute.
        attribute: String,
    },
    /// There were more pages than any directory has.
    #[error("the server gives pages without an end")]
    Endless,
    /// A page has more entries than were asked for.
    #[error("the server gives more entries than were asked for")]
    TooMany,
    /// All pages together took too long.
    #[error("not all was there within {}", Seconds(*after))]
    TooLong {
        /// How long was waited.
        after: Duration,
    },
    /// The authorities, the host or the filter cannot be used.
    #[error("{what}")]
    Configuration {
        /// Why not.
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

/// A result that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The code of RFC 4511.
    pub(crate) code: u32,
    /// What the server says of it.
    pub(crate) words: String,
}

impl Answer {
    /// An answer in words that may be shown: not too many, nothing that drives a terminal, and nothing that repeats a
    /// password.
    pub(super) fn without(self, secret: Option<&Secret>) -> Self {
        // What drives a terminal is not seen, and may stand between two letters of a password.
        let seen = |text: &str| Zeroizing::new(text.chars().filter(|c| !is_driving(*c)).collect::<String>());
        let words = seen(&self.words);
        let secret = secret.map(|secret| seen(secret.expose())).filter(|secret| !secret.is_empty());
        let words = if secret.is_some_and(|secret| words.contains(secret.as_str())) {
            "… (left out: it repeats the password)".to_owned()
        } else {
            words.chars().take(LONGEST_WORDS).collect::<String>().trim().to_owned()
        };
        Self { words, ..self }
    }

    /// Why Active Directory refuses a bind: the number behind `data` in its words.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        if self.code != 49 {
            return None;
        }
        let (_, rest) = self.words.split_once(", data ")?;
        let number: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
        Refusal::ALL.into_iter().find(|refusal| refusal.number() == number)
    }
}

/// What a code is called.
const CODES: &[(u32, &str)] = &[
    (0, "success"),
    (1, "an operation in the wrong order"),
    (2, "a protocol error"),
    (3, "the time limit of the server is over"),
    (4, "the server gives no more entries than its size limit"),
    (7, "the server does not take simple binds"),
    (8, "the server wants a protected connection"),
    (10, "the server knows only who may know it, a referral"),
    (11, "a limit of the administrator of the server was reached"),
    (12, "the server does not do what a control asks of it"),
    (13, "the server wants a protected connection"),
    (16, "there is no such attribute"),
    (18, "the filter does not fit the attribute"),
    (21, "a value is not of the syntax of its attribute"),
    (32, "there is no such entry"),
    (34, "a name of an entry is written wrong"),
    (48, "the account may not bind that way"),
    (49, "name or password is wrong"),
    (50, "the account may not read that"),
    (51, "the server is busy"),
    (52, "the server is not available"),
    (53, "the server is unwilling"),
    (80, "another error of the server"),
];

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = CODES.iter().find(|(code, _)| *code == self.code);
        match (self.refusal(), known) {
            (Some(refusal), _) => write!(f, "{refusal} (answer 49, data {})", refusal.number())?,
            (None, Some((code, name))) => write!(f, "{name} (answer {code})")?,
            (None, None) => write!(f, "answer {}", self.code)?,
        }
        if self.words.is_empty() || self.refusal().is_some() {
            return Ok(());
        }
        write!(f, ": {}", self.words)
    }
}

/// Why Active Directory refuses a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 525.
    NoSuchUser,
    /// 52e.
    WrongPassword,
    /// 530.
    WrongHours,
    /// 531.
    WrongMachine,
    /// 532.
    PasswordExpired,
    /// 533.
    Disabled,
    /// 701.
    Expired,
    /// 773.
    MustChangePassword,
    /// 775.
    LockedOut,
}

impl Refusal {
    const ALL: [Self; 9] = [
        Self::NoSuchUser,
        Self::WrongPassword,
        Self::WrongHours,
        Self::WrongMachine,
        Self::PasswordExpired,
        Self::Disabled,
        Self::Expired,
        Self::MustChangePassword,
        Self::LockedOut,
    ];

    /// The number behind `data`, in hexadecimal digits.
    pub(crate) const fn number(self) -> &'static str {
        match self {
            Self::NoSuchUser => "525",
            Self::WrongPassword => "52e",
            Self::WrongHours => "530",
            Self::WrongMachine => "531",
            Self::PasswordExpired => "532",
            Self::Disabled => "533",
            Self::Expired => "701",
            Self::MustChangePassword => "773",
            Self::LockedOut => "775",
        }
    }

    /// What an administrator of the directory can do about it.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::NoSuchUser => "see whether the account was deleted or moved to another domain",
            Self::WrongPassword => {
                "type the password again; the directory counts wrong ones and locks the account after some"
            }
            Self::WrongHours => {
                "have the hours changed in which the account may log on, or try again within them"
            }
            Self::WrongMachine => {
                "have the machines of the account (`userWorkstations`) changed: those of the directory are the only ones \
                 it may log on from"
            }
            Self::PasswordExpired => {
                "have the password changed in the directory; it was right, and is too old"
            }
            Self::Disabled => "have the account enabled in the directory",
            Self::Expired => "have the account's end date changed in the directory",
            Self::MustChangePassword => {
                "have the password changed in the directory; it was right, and has to be changed at the first logon"
            }
            Self::LockedOut => {
                "wait until the directory lets the account in again, or have it unlocked there"
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchUser => "there is no such account",
            Self::WrongPassword => "the password is wrong",
            Self::WrongHours => "the account may not log on at this hour",
            Self::WrongMachine => "the account may not log on from this machine",
            Self::PasswordExpired => "the password has expired",
            Self::Disabled => "the account is disabled",
            Self::Expired => "the account has expired",
            Self::MustChangePassword => "the password has to be changed",
            Self::LockedOut => "the account is locked after too many wrong passwords",
        })
    }
}
