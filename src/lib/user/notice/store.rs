//! The SQL of what was told already.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::user::login::Moment;
use crate::user::store::in_service;

/// Those who may log in today, whose last day lies between two, and who were not reminded of it at that mark.
const ENDING: &str = concat!(
    "SELECT u.id
    FROM users u
    WHERE u.end_date BETWEEN :first AND :last AND u.deleted_at IS NULL AND ",
    in_service!(),
    " AND NOT EXISTS (
            SELECT 1 FROM end_reminders r WHERE r.user_id = u.id AND r.end_date = u.end_date AND r.days = :days
        )
    ORDER BY u.end_date, u.id"
);

const SET_REMINDED: &str = "
    INSERT INTO end_reminders (user_id, end_date, days) SELECT id, end_date, :days FROM users WHERE id = :id";

const FORGET_REMINDERS: &str = "DELETE FROM end_reminders WHERE end_date < :today";

const FORGET_REMINDERS_OF: &str = "DELETE FROM end_reminders WHERE user_id = :user AND end_date = :day";

const ALERTED: &str = "SELECT mail FROM alerts WHERE cause = :cause";

const SET_ALERTED: &str = "
    INSERT INTO alerts (cause, told_at, mail) VALUES (:cause, :now, :mail)
    ON CONFLICT (cause) DO UPDATE SET told_at = excluded.told_at, mail = excluded.mail";

/// Those whose mail is still on its way are not told a second time; a clock that was ahead told the others long ago.
const FORGET_ALERTS: &str = "
    DELETE FROM alerts
    WHERE (told_at <= iif(substr(cause, 1, length(:once)) = :once, :month, :since) OR told_at > :now) AND NOT EXISTS (
        SELECT 1 FROM mails m WHERE m.id = alerts.mail AND m.state IN ('queued', 'sending')
    )";

/// How causes begin that are told once.
pub(super) const ONCE: &str = "once: ";

const FORGET_ALERT: &str = "DELETE FROM alerts WHERE mail = :mail";

pub(super) fn ending(tx: &Tx<'_>, moment: Moment, (first, last): (Day, Day), days: u32) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(ENDING)?;
    let parameters = named_params! {
        ":first": first.to_string(), ":last": last.to_string(), ":today": moment.today.to_string(),
        ":now": moment.now.micros(), ":days": days,
    };
    Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

pub(super) fn set_reminded(tx: &Tx<'_>, id: i64, days: u32) -> Result<()> {
    let inserted =
        tx.sql().prepare_cached(SET_REMINDED)?.execute(named_params! { ":id": id, ":days": days })?;
    Ok(one_row(inserted, "end_reminders", id)?)
}

/// Forgets of which last days somebody was reminded that are over.
pub(super) fn forget_reminders_before(tx: &Tx<'_>, today: Day) -> Result<()> {
    tx.sql().prepare_cached(FORGET_REMINDERS)?.execute(named_params! { ":today": today.to_string() })?;
    Ok(())
}

/// Forgets that somebody was reminded of that last day.
pub(super) fn forget_reminders(tx: &Tx<'_>, user: i64, day: Day) -> Result<()> {
    let parameters = named_params! { ":user": user, ":day": day.to_string() };
    tx.sql().prepare_cached(FORGET_REMINDERS_OF)?.execute(parameters)?;
    Ok(())
}

/// The mail that told of a cause last, if one did.
pub(super) fn alerted(tx: &Tx<'_>, cause: &str) -> Result<Option<String>> {
    let mut statement = tx.sql().prepare_cached(ALERTED)?;
    Ok(statement.query_row(named_params! { ":cause": cause }, |row| row.get(0)).optional()?)
}

pub(super) fn set_alerted(tx: &Tx<'_>, cause: &str, now: Instant, mail: &str) -> Result<()> {
    let parameters = named_params! { ":cause": cause, ":now": now.micros(), ":mail": mail };
    Ok(one_row(tx.sql().prepare_cached(SET_ALERTED)?.execute(parameters)?, "alerts", cause)?)
}

/// Forgets what that mail told: it may be told again.
pub(super) fn forget_alert(tx: &Tx<'_>, mail: &str) -> Result<()> {
    tx.sql().prepare_cached(FORGET_ALERT)?.execute(named_params! { ":mail": mail })?;
    Ok(())
}

/// Forgets what was told until the first of these, or where it is told once until the second, and has left: it may be told
/// again. So may what was told later than now.
pub(super) fn forget_alerts_until(
    tx: &Tx<'_>,
    (since, month): (Instant, Instant),
    now: Instant,
) -> Result<()> {
    let parameters = named_params! {
        ":since": since.micros(), ":month": month.micros(), ":now": now.micros(), ":once": ONCE,
    };
    tx.sql().prepare_cached(FORGET_ALERTS)?.execute(parameters)?;
    Ok(())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    ENDING,
    SET_REMINDED,
    FORGET_REMINDERS,
    FORGET_REMINDERS_OF,
    ALERTED,
    SET_ALERTED,
    FORGET_ALERTS,
    FORGET_ALERT,
];
