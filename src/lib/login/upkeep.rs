//! What is told of logins by itself, time after time.

use serde_json::json;

use crate::audit::{Event, fields_of};
use crate::context::{Context, Service};
use crate::error::Result;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::session::{self, Session, Unfinished};
use crate::text::count::people;
use crate::text::instant::Instant;
use crate::throttle;
use crate::two_factor::ENROLMENT_WAITS;
use crate::upkeep::{Report, Task};
use crate::user::{self, notice};

/// For how long the code may follow the password, in microseconds.
const WAITS: i64 = 3 * 60 * 1_000_000;

/// Within how long a person is told of one alone, in microseconds: a mail an hour says enough.
const HOUR: i64 = 60 * 60 * 1_000_000;

/// How long ago a login is told of at the most, in microseconds.
const OLDEST: i64 = 24 * HOUR;

/// Tells people that their password was right and no code followed.
pub(crate) static UNFINISHED: Task = Task {
    name: "unfinished-logins",
    about: "tell people whose password was right and whose second factor did not follow within 3 minutes, or an hour where it was to be set up",
    service: Service::Outbox,
    run: |cx, _| {
        let count = tell(cx)?;
        Ok(Report::of(count, format!("{} told", people(count))))
    },
};

fn tell(cx: &Context) -> Result<u64> {
    let ago = |micros: i64| Instant::from_micros(cx.now().micros().saturating_sub(micros));
    let begun = Unfinished { after: ago(OLDEST), typed: ago(WAITS), set_up: ago(ENROLMENT_WAITS) };
    // Whoever has nothing to tell leaves the store alone.
    if cx.read(|tx| session::unfinished(tx, begun))?.is_empty() {
        return Ok(0);
    }
    cx.write(|tx| {
        let mut told = 0;
        for session in session::unfinished(tx, begun)? {
            let is_told = session::is_told(tx, session.user_id, ago(HOUR))?;
            session::set_told(cx, tx, &session)?;
            let Session { user_id, begun_at: at, address, browser, .. } = session;
            let Some(user) = user::by_id(tx, user_id)?.filter(|user| !user.facts.deleted) else { continue };
            let row =
                fields_of([("since", json!(at)), ("from", json!(address)), ("browser", json!(browser))]);
            let event = Event::of("login.unfinished", (throttle::KIND, user.id), &user.facts.email);
            throttle::record(cx, tx, event, &row)?;
            if is_told {
                continue;
            }
            let client = address.and_then(|address| address.parse().ok());
            let message = Message::FactorUnfinished { at, client, browser, links: Links::default() };
            notice::tell_of(cx, tx, &user, &message)?;
            told += 1;
        }
        Ok(told)
    })
}
