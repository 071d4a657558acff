//! How somebody's second factor stands, for who may look at them.

use super::{store, totp};
use crate::context::Context;
use crate::error::Result;
use crate::text::instant::Instant;
use crate::throttle::Of;
use crate::user::second_factor;

/// How many of the last codes are told of.
const TOLD: u32 = 5;

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    /// Whose.
    pub(super) email: String,
    /// Whether one is required.
    pub(super) is_required: bool,
    /// When it was enrolled.
    pub(super) enrolled_at: Option<Instant>,
    /// Whether its secret was lost when the key was replaced, so that only backup codes count.
    pub(super) is_secret_lost: bool,
    /// How many backup codes are left.
    pub(super) codes_left: Option<u32>,
    /// Until when one has to be enrolled.
    pub(super) grace_until: Option<Instant>,
    /// Until when no code is taken, after too many wrong ones.
    pub(super) held_until: Option<Instant>,
    /// By how many seconds the last codes were late, the last first; early is less than zero, and in time is 0.
    pub(super) late: Vec<i64>,
}

/// How the second factor of the person `who` stands.
///
/// # Errors
/// When there is nobody of that name, or the actor may not look at them.
pub(super) fn status(cx: &Context, who: &str) -> Result<Status> {
    cx.read(|tx| {
        let user = second_factor::to_look_at(cx, tx, who)?;
        let held = user.holds.iter().filter(|hold| hold.of == Of::Codes);
        let steps = store::steps(tx, user.id, TOLD)?;
        Ok(Status {
            is_required: user.facts.two_factor_required,
            enrolled_at: user.second_factor.map(|factor| factor.enrolled_at),
            is_secret_lost: user.second_factor.is_some() && store::secret(tx, user.id)?.is_none(),
            codes_left: user.second_factor.map(|factor| factor.codes_left),
            grace_until: user.grace_until(),
            held_until: held.filter_map(|hold| hold.until(cx.now())).max(),
            late: steps.into_iter().map(|(step, at)| late(step, at)).collect(),
            email: user.facts.email,
        })
    })
}

/// By how many seconds a code of a step was late at that time.
fn late(step: i64, at: Instant) -> i64 {
    let (from, now) = (step * totp::STEP, at.micros().div_euclid(1_000_000));
    if now < from { now - from } else { (now - (from + totp::STEP - 1)).max(0) }
}

#[cfg(test)]
mod tests {
    use super::late;
    use crate::text::instant::Instant;

    #[test]
    fn a_code_is_late_by_the_seconds_since_it_was_shown_last() {
        let at = |seconds: i64| Instant::from_micros(seconds * 1_000_000);
        for (seconds, expected) in [(290, -10), (299, -1), (300, 0), (329, 0), (330, 1), (345, 16)] {
            assert_eq!(late(10, at(seconds)), expected, "{seconds}");
        }
    }
}
