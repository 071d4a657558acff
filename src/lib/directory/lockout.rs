//! When a directory locks an account, and how far from that it is kept.
//!
//! Wrong passwords that are typed here count there. An account that is locked by it is locked for everything that its owner
//! does, so tries end two before that. Where a directory does not tell, it is taken for one that locks after five in half an
//! hour; and where it says that it never locks, too, for it may lock some accounts by a policy of their own, and nobody is to
//! guess passwords here.

use std::fmt;

use jiff::SignedDuration;

use super::transport::Entry;
use crate::text::instant::Instant;
use crate::text::ticks;

/// What tells it.
pub(super) const ATTRIBUTES: [&str; 2] = ["lockoutThreshold", "lockOutObservationWindow"];

/// How often an account was tried there, and when last.
pub(super) const TRIED: [&str; 2] = ["badPwdCount", "badPasswordTime"];

/// How many tries are left out before an account would be locked.
const MARGIN: u32 = 2;

/// After how many wrong passwords within [`UNTOLD_WINDOW`] a directory that does not tell is taken to lock an account.
const UNTOLD_WRONG: u32 = 5;

/// Minutes.
const UNTOLD_WINDOW: SignedDuration = SignedDuration::from_mins(30);

/// When an account is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lockout {
    /// Never.
    Never,
    /// After so many wrong passwords within some time.
    After {
        /// How many.
        wrong: u32,
        /// Within which time.
        within: SignedDuration,
    },
    /// The directory does not tell.
    Untold,
}

impl Lockout {
    /// What the entry of a domain says.
    pub(super) fn of(domain: Option<&Entry>) -> Self {
        let number = |name| domain.and_then(|domain| domain.number(name));
        let [threshold, window] = ATTRIBUTES;
        match number(threshold).map(u32::try_from) {
            None | Some(Err(_)) => Self::Untold,
            Some(Ok(0)) => Self::Never,
            Some(Ok(wrong)) => {
                // A span is a number below zero.
                let ticks = number(window).and_then(i64::checked_abs).filter(|ticks| *ticks > 0);
                let within = ticks.map(|ticks| SignedDuration::from_micros(ticks::micros(ticks)));
                Self::After { wrong, within: within.unwrap_or(UNTOLD_WINDOW) }
            }
        }
    }

    /// How many wrong passwords may be tried within [`Lockout::window`].
    pub(super) const fn tries(self) -> u32 {
        match self {
            Self::After { wrong, .. } => wrong.saturating_sub(MARGIN),
            Self::Never | Self::Untold => UNTOLD_WRONG - MARGIN,
        }
    }

    /// The time within which wrong passwords are counted.
    pub(super) const fn window(self) -> SignedDuration {
        match self {
            Self::After { within, .. } => within,
            Self::Never | Self::Untold => UNTOLD_WINDOW,
        }
    }

    /// How many wrong passwords the directory has counted of an account, that still count.
    pub(super) fn counted(self, account: &Entry, now: Instant) -> u32 {
        let [count, last] = TRIED;
        let counted = account.number(count).and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
        let last = account.number(last).map(ticks::since_1970);
        let window = i64::try_from(self.window().as_micros()).unwrap_or(i64::MAX);
        let is_over = last.is_some_and(|last| last.saturating_add(window) < now.micros());
        if is_over { 0 } else { counted }
    }
}

impl fmt::Display for Lockout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("accounts are never locked after wrong passwords"),
            Self::After { wrong, within } => {
                let passwords = if *wrong == 1 { "password" } else { "passwords" };
                let minutes = within.as_mins();
                write!(f, "an account is locked after {wrong} wrong {passwords} within {minutes} minutes")
            }
            Self::Untold => f.write_str("the directory does not say when it locks accounts"),
        }
    }
}
