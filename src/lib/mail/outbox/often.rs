//! What people do to their own account as often as they like causes no more mails than somebody reads.
//!
//! Of each kind, to each address of a person, the first ones leave at once: [`AN_HOUR`] within an hour, and [`A_DAY`] within a day;
//! after these still one an hour. What is done beyond that is told by one more mail, which leaves when the next one may: it has the last
//! time it was done, and how many more there were. So nothing is kept from anybody, and another kind waits for none
//! (`docs/adr/0046`).

use super::store::often::{self, Kind};
use super::{NewMail, content, queue_from};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// So many of a kind leave at once within an hour.
const AN_HOUR: usize = 3;

/// So many within a day; after them, one an hour.
const A_DAY: usize = 10;

const HOUR: i64 = 60 * 60 * 1_000_000;

const DAY: i64 = 24 * HOUR;

/// Queues a mail of what somebody did to their own account, or has it told by one that waits.
pub(crate) fn queue_of_oneself(cx: &Context, tx: &Tx<'_>, mail: &NewMail<'_>) -> Result<()> {
    let mut message = mail.message.clone();
    let name = message.name();
    let (Some(more), Some(user)) = (message.more_mut(), mail.user) else {
        return queue_from(cx, tx, mail, cx.now()).map(drop);
    };
    let kind = Kind { user, to: mail.to, message: name };
    if let Some((seq, facts)) = often::waiting(tx, &kind)? {
        let mut before = content::read(seq, &facts)?;
        let told = before.more_mut().and_then(|more| *more).unwrap_or_default();
        *more = Some(told.saturating_add(1));
        return often::sum_up(tx, seq, &content::facts(&message)?, cx.now());
    }
    let Some(due) = next_due(&often::last(tx, &kind, before(cx.now(), DAY), A_DAY)?, cx.now()) else {
        return queue_from(cx, tx, mail, cx.now()).map(drop);
    };
    *more = Some(0);
    queue_from(cx, tx, &NewMail { message: &message, ..*mail }, due).map(drop)
}

/// When the next of a kind may leave, where that is not at once; the last ones, the latest first, were due then.
fn next_due(last: &[Instant], now: Instant) -> Option<Instant> {
    let is_day_full = last.len() >= A_DAY;
    let most = if is_day_full { 1 } else { AN_HOUR };
    let first = last.get(most - 1)?;
    let due = Instant::from_micros(first.micros().saturating_add(HOUR));
    (due > now).then_some(due)
}

const fn before(now: Instant, micros: i64) -> Instant {
    Instant::from_micros(now.micros().saturating_sub(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_leaves_at_once_while_neither_the_hour_nor_the_day_is_full() {
        let now = Instant::from_micros(100 * DAY);
        let ago = |minutes: &[i64]| -> Vec<Instant> {
            minutes.iter().map(|minutes| before(now, minutes * 60_000_000)).collect()
        };
        let waits = |minutes: &[i64]| {
            next_due(&ago(minutes), now).map(|due| (due.micros() - now.micros()) / 60_000_000)
        };
        assert_eq!(waits(&[]), None);
        assert_eq!(waits(&[0, 0]), None);
        assert_eq!(waits(&[0, 10, 20]), Some(40));
        assert_eq!(waits(&[0, 10, 60]), None);
        let spread: Vec<i64> = (0..10).map(|number| 30 + number * 60).collect();
        assert_eq!(waits(&spread), Some(30), "the day is full");
        let spread: Vec<i64> = (1..11).map(|number| number * 60).collect();
        assert_eq!(waits(&spread), None, "still one an hour");
    }
}
