//! What a token opens.

use std::time::Duration;

use super::settings::{FIRST_LOGIN_MINUTES, INVITE_HOURS, RESET_MINUTES};
use crate::context::Settings;

/// What a token opens, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Choosing another password.
    Reset,
    /// Logging in for the first time.
    FirstLogin,
    /// Choosing the first password.
    Invite,
    /// Saying that it was somebody else.
    NotMe,
}

/// How long somebody may say that it was not them.
const NOT_ME: Duration = Duration::from_secs(7 * 24 * 3600);

impl Purpose {
    /// All of them, as they are stored.
    pub(super) const WORDS: [(&'static str, Self); 4] = [
        ("reset", Self::Reset),
        ("first-login", Self::FirstLogin),
        ("invite", Self::Invite),
        ("not-me", Self::NotMe),
    ];

    /// The word in the store and in the audit.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::FirstLogin => "first-login",
            Self::Invite => "invite",
            Self::NotMe => "not-me",
        }
    }

    /// How long a token is good.
    pub(crate) fn life(self, settings: &Settings) -> Duration {
        let minutes = |minutes: u32| Duration::from_secs(60 * u64::from(minutes));
        match self {
            Self::Reset => minutes(*settings.get(&RESET_MINUTES)),
            Self::FirstLogin => minutes(*settings.get(&FIRST_LOGIN_MINUTES)),
            Self::Invite => minutes(60 * *settings.get(&INVITE_HOURS)),
            Self::NotMe => NOT_ME,
        }
    }

    /// Whether a newer one ends it: what was disowned once may be disowned by any mail that told of it.
    pub(super) const fn ends_older(self) -> bool {
        !matches!(self, Self::NotMe)
    }
}
