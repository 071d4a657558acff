//! One counter: the times of what it counts, and whether it holds somebody.
//!
//! The times themselves are kept, not a number: so every window slides, and several windows can be asked of the same times.

use crate::text::instant::Instant;

/// A second in microseconds.
pub(super) const SECOND: i64 = 1_000_000;

/// A minute in microseconds.
pub(super) const MINUTE: i64 = 60 * SECOND;

/// An hour in microseconds.
pub(super) const HOUR: i64 = 60 * MINUTE;

/// How far ahead of the clock a time may lie and still count: two processes read it at slightly different moments, and it is
/// set a little now and then. What lies further ahead was written before the clock was set back.
const AHEAD: i64 = MINUTE;

/// How long after the first failure, the second and so on the next try is taken, in seconds; later ones as the last.
const WAITS: [i64; 4] = [1, 3, 5, 10];

/// So many in so long a time, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// How many.
    pub(super) most: u32,
    /// In how many microseconds.
    pub(super) length: i64,
}

/// Since when and until when somebody is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Since when.
    pub(super) since: Instant,
    /// Until when.
    pub(super) until: Instant,
}

impl Span {
    /// Whether it counts at that time. What began after it, by a clock that was set back since, holds nobody.
    pub(super) fn covers(self, now: Instant) -> bool {
        is_past(self.since, now) && now < self.until
    }
}

/// What was counted, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counter {
    /// When, the oldest first.
    pub(super) times: Vec<Instant>,
    /// Since when and until when it holds.
    pub(super) held: Option<Span>,
    /// How many tries were refused since.
    pub(super) refused: u32,
    /// When the audit was told last.
    pub(super) told_at: Option<Instant>,
}

impl Counter {
    /// How many times there were within the window that ends now.
    pub(super) fn within(&self, window: i64, now: Instant) -> usize {
        self.times.iter().filter(|time| is_within(**time, window, now)).count()
    }

    /// Whether the window is full.
    pub(super) fn is_full(&self, window: Window, now: Instant) -> bool {
        self.within(window.length, now) >= window.most as usize
    }

    /// Whether it holds now.
    pub(super) fn holds(&self, now: Instant) -> bool {
        self.held.is_some_and(|held| held.covers(now))
    }

    /// Whether it is too soon for another try, so many of which failed within the window.
    pub(super) fn is_too_soon(&self, window: i64, now: Instant) -> bool {
        let failures = self.within(window, now);
        let wait = failures.checked_sub(1).map(|place| WAITS.get(place).or(WAITS.last()));
        let last = self.times.iter().rev().find(|time| is_within(**time, window, now));
        match (last, wait.flatten()) {
            (Some(last), Some(wait)) => now.micros() < last.micros().saturating_add(wait * SECOND),
            _ => false,
        }
    }

    /// Counts once more; of the times, the last `kept` are kept, and none that the clock has not reached.
    pub(super) fn count(&mut self, kept: u32, now: Instant) {
        self.times.retain(|time| is_past(*time, now));
        self.times.push(now);
        self.times.sort_unstable();
        let surplus = self.times.len().saturating_sub(kept as usize);
        self.times.drain(..surplus);
    }

    /// Holds for so many microseconds from now.
    pub(super) fn hold(&mut self, length: i64, now: Instant) -> Span {
        let held = Span { since: now, until: after(now, length) };
        (self.held, self.refused) = (Some(held), 0);
        held
    }

    /// Whether the audit was not told within the window.
    pub(super) fn is_untold(&self, window: i64, now: Instant) -> bool {
        !self.told_at.is_some_and(|told| is_within(told, window, now))
    }
}

/// So many microseconds later.
pub(super) const fn after(time: Instant, length: i64) -> Instant {
    Instant::from_micros(time.micros().saturating_add(length))
}

/// Whether the clock has reached that time, near enough.
pub(super) fn is_past(time: Instant, now: Instant) -> bool {
    time <= after(now, AHEAD)
}

fn is_within(time: Instant, window: i64, now: Instant) -> bool {
    is_past(time, now) && now < after(time, window)
}

#[cfg(test)]
mod tests {
    use super::{Counter, HOUR, MINUTE, SECOND, Window};
    use crate::text::instant::Instant;

    /// So many seconds after some time.
    fn at(seconds: i64) -> Instant {
        Instant::from_micros(1_800_000_000_000_000 + seconds * SECOND)
    }

    fn counted(times: impl IntoIterator<Item = i64>) -> Counter {
        let mut counter = Counter::default();
        times.into_iter().for_each(|seconds| counter.count(10, at(seconds)));
        counter
    }

    #[test]
    fn t1_every_window_slides() {
        let counter = counted([0, 60, 120]);
        let most = |most, length| Window { most, length };
        assert!(counter.is_full(most(3, 3 * MINUTE), at(179)));
        assert!(!counter.is_full(most(3, 3 * MINUTE), at(180)), "the first is three minutes old");
        assert!(counter.is_full(most(1, 3 * MINUTE), at(299)));
        assert_eq!(counter.within(3 * MINUTE, at(300)), 0);
    }

    #[test]
    fn t1_each_failure_makes_the_next_wait_longer_up_to_ten_seconds() {
        for (failures, wait) in [(1, 1), (2, 3), (3, 5), (4, 10), (9, 10)] {
            let counter = counted((0..failures).map(|_| 0));
            assert!(counter.is_too_soon(HOUR, at(wait - 1)), "{failures}");
            assert!(!counter.is_too_soon(HOUR, at(wait)), "{failures}");
        }
        assert!(!Counter::default().is_too_soon(HOUR, at(0)), "who never failed waits for nothing");
    }

    #[test]
    fn only_the_last_times_are_kept() {
        let counter = counted(0..1000);
        assert_eq!(counter.times, (990..1000).map(at).collect::<Vec<_>>());
    }

    #[test]
    fn t1_a_clock_that_steps_back_holds_nobody_and_counts_nothing_that_is_still_to_come() {
        let mut counter = counted([3600; 10]);
        counter.hold(15 * MINUTE, at(3600));
        assert!(counter.holds(at(3600)) && counter.holds(at(3600 + 899)) && !counter.holds(at(3600 + 900)));
        assert!(counter.holds(at(3599)), "a second is what two processes differ by");
        assert!(!counter.holds(at(0)) && !counter.is_too_soon(HOUR, at(0)));
        assert_eq!(counter.within(HOUR, at(0)), 0);
        counter.count(10, at(0));
        assert_eq!(counter.times, [at(0)]);
    }
}
