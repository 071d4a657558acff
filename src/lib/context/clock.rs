//! Where the time comes from.

use crate::text::instant::Instant;

/// A source of the present time.
pub(crate) trait Clock: Send + Sync {
    /// The time now, UTC.
    fn now(&self) -> Instant;
}

/// The clock of the machine.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> Instant {
        Instant::from_micros(jiff::Timestamp::now().as_microsecond())
    }
}

/// A clock that stands still: for `--now`, and for tests.
#[derive(Debug)]
pub(crate) struct FixedClock {
    at: Instant,
}

impl FixedClock {
    /// A clock that always says `at`.
    pub(crate) const fn new(at: Instant) -> Self {
        Self { at }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        self.at
    }
}
