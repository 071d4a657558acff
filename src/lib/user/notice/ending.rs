//! Reminders: somebody's account is about to end.
//!
//! They are sent 30 days, 7 days and one day before the last day, or as soon after that as there is an upkeep, each once
//! for each last day. Whoever is reminded a day before is not reminded of more days after that.

use super::{About, store};
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::store::Tx;
use crate::text::email::Email;
use crate::user::create::stored;
use crate::user::login::Moment;

/// How many days before the last one somebody is reminded, and from when on that is too late.
const MARKS: [(u32, u32); 3] = [(1, 0), (7, 2), (30, 8)];

/// Reminds whom it is time to remind; returns how many.
pub(crate) fn remind(cx: &Context) -> Result<u64> {
    let moment = Moment::of(cx);
    let today = moment.today;
    cx.write(|tx| {
        store::forget_reminders_before(tx, today)?;
        let mut count = 0;
        for (mark, nearest) in MARKS {
            let (Some(first), Some(last)) = (today.after(nearest), today.after(mark)) else { continue };
            for id in store::ending(tx, moment, (first, last), mark)? {
                store::set_reminded(tx, id, mark)?;
                count += u64::from(remind_one(cx, tx, id)?);
            }
        }
        Ok(count)
    })
}

fn remind_one(cx: &Context, tx: &Tx<'_>, id: i64) -> Result<bool> {
    let user = stored(tx, id)?;
    let (Some(last_day), Ok(email)) = (user.facts.end_date, Email::parse(&user.facts.email)) else {
        return Ok(false);
    };
    About::user(&user).queue(cx, tx, &Message::AccountEnding { last_day }, &email)?;
    Ok(true)
}
