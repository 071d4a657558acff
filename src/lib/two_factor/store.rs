//! The SQL of second factors.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::totp;
use crate::error::Result;
use crate::store::{SealedColumn, Tx};
use crate::text::instant::Instant;

/// Secrets of apps, which key rotation finds.
pub(crate) const SECRET: SealedColumn = SealedColumn {
    table: "two_factors",
    column: "secret_sealed",
    after: "
        SELECT '', user_id, secret_sealed
        FROM two_factors
        WHERE user_id > :row AND :owner = '' AND secret_sealed IS NOT NULL
        ORDER BY user_id
        LIMIT 1000",
    replace: "UPDATE two_factors SET secret_sealed = :sealed WHERE user_id = :row AND :owner = ''",
};

/// Secrets that wait for a first code, which key rotation finds.
pub(crate) const ENROLMENT: SealedColumn = SealedColumn {
    table: "two_factor_enrolments",
    column: "secret_sealed",
    after: "
        SELECT '', session_id, secret_sealed
        FROM two_factor_enrolments
        WHERE session_id > :row AND :owner = '' AND secret_sealed IS NOT NULL
        ORDER BY session_id
        LIMIT 1000",
    replace: "UPDATE two_factor_enrolments SET secret_sealed = :sealed WHERE session_id = :row AND :owner = ''",
};

const GET_SECRET: &str = "SELECT secret_sealed FROM two_factors WHERE user_id = :user";

const INSERT: &str =
    "INSERT INTO two_factors (user_id, secret_sealed, enrolled_at) VALUES (:user, :sealed, :now)";

const REMOVE: &str = "DELETE FROM two_factors WHERE user_id = :user";

const GET_ENROLMENT: &str = "
    SELECT secret_sealed FROM two_factor_enrolments
    WHERE session_id = :session AND user_id = :user AND created_at > :after AND created_at <= :now";

const PUT_ENROLMENT: &str = "
    INSERT INTO two_factor_enrolments (session_id, user_id, secret_sealed, created_at)
    VALUES (:session, :user, :sealed, :now)
    ON CONFLICT (session_id) DO UPDATE
    SET user_id = excluded.user_id, secret_sealed = excluded.secret_sealed, created_at = excluded.created_at";

const REMOVE_ENROLMENTS: &str = "DELETE FROM two_factor_enrolments WHERE user_id = :user";

const CLEAN_UP: &str = "
    DELETE FROM two_factor_enrolments
    WHERE created_at < :before OR session_id IN (SELECT id FROM sessions WHERE ended_at IS NOT NULL)";

const COUNT_OLD: &str = "
    SELECT count(*) FROM two_factor_enrolments e JOIN sessions s ON s.id = e.session_id
    WHERE e.created_at < :before OR s.ended_at IS NOT NULL";

const USE_STEP: &str = "
    INSERT INTO two_factor_steps (user_id, step, used_at) VALUES (:user, :step, :now)
    ON CONFLICT (user_id, step) DO NOTHING";

/// Kept are those of a year up to the one that was used, and all that lie ahead of it: what was used while the clock was
/// ahead is not good again when that time comes. Beyond, the last twenty are: more than can be right at once.
const FORGET_STEPS: &str = "
    DELETE FROM two_factor_steps
    WHERE user_id = :user AND step < :oldest AND id NOT IN (
        SELECT id FROM two_factor_steps WHERE user_id = :user ORDER BY id DESC LIMIT 20
    )";

const STEPS: &str =
    "SELECT step, used_at FROM two_factor_steps WHERE user_id = :user ORDER BY id DESC LIMIT :most";

const ANY_CODE: &str = "SELECT hash FROM backup_codes WHERE user_id = :user LIMIT 1";

const NEWEST_CODE: &str = "SELECT max(id) FROM backup_codes WHERE user_id = :user";

const INSERT_CODE: &str = "INSERT INTO backup_codes (user_id, hash, created_at) VALUES (:user, :hash, :now)";

const USE_CODE: &str =
    "UPDATE backup_codes SET used_at = :now WHERE user_id = :user AND hash = :hash AND used_at IS NULL";

const CODES_LEFT: &str = "SELECT count(*) FROM backup_codes WHERE user_id = :user AND used_at IS NULL";

const REMOVE_CODES: &str = "DELETE FROM backup_codes WHERE user_id = :user";

const SET_GRACE: &str = "UPDATE users SET two_factor_grace_until = :until WHERE id = :user";

/// The sealed secret of a person's app.
pub(super) fn secret(tx: &Tx<'_>, user: i64) -> Result<Option<Vec<u8>>> {
    let found =
        tx.sql().prepare_cached(GET_SECRET)?.query_row(named_params! { ":user": user }, |row| row.get(0));
    Ok(found.optional()?.flatten())
}

pub(super) fn insert(tx: &Tx<'_>, user: i64, sealed: &[u8], now: Instant) -> Result<()> {
    let parameters = named_params! { ":user": user, ":sealed": sealed, ":now": now.micros() };
    tx.sql().prepare_cached(INSERT)?.execute(parameters)?;
    Ok(())
}

/// Removes a second factor with its steps and backup codes, where there is one.
pub(super) fn remove(tx: &Tx<'_>, user: i64) -> Result<()> {
    tx.sql().prepare_cached(REMOVE)?.execute(named_params! { ":user": user })?;
    Ok(())
}

/// The sealed secret that waits in a session of that person, and was shown since.
pub(super) fn enrolment(
    tx: &Tx<'_>,
    (session, user): (i64, i64),
    (after, now): (Instant, Instant),
) -> Result<Option<Vec<u8>>> {
    let parameters = named_params! {
        ":session": session, ":user": user, ":after": after.micros(), ":now": now.micros(),
    };
    let found = tx.sql().prepare_cached(GET_ENROLMENT)?.query_row(parameters, |row| row.get(0));
    Ok(found.optional()?.flatten())
}

pub(super) fn put_enrolment(
    tx: &Tx<'_>,
    (session, user): (i64, i64),
    sealed: &[u8],
    now: Instant,
) -> Result<()> {
    tx.sql().prepare_cached(PUT_ENROLMENT)?.execute(named_params! {
        ":session": session, ":user": user, ":sealed": sealed, ":now": now.micros(),
    })?;
    Ok(())
}

/// Removes every secret of a person that waits.
pub(super) fn remove_enrolments(tx: &Tx<'_>, user: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(REMOVE_ENROLMENTS)?.execute(named_params! { ":user": user })? > 0)
}

/// Removes what waits in sessions that ended, or for longer than since then; how many.
pub(super) fn clean_up(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    Ok(tx.sql().prepare_cached(CLEAN_UP)?.execute(named_params! { ":before": before.micros() })? as u64)
}

/// How many [`clean_up`] would remove.
pub(super) fn count_old(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    let parameters = named_params! { ":before": before.micros() };
    Ok(tx.sql().prepare_cached(COUNT_OLD)?.query_row(parameters, |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Uses a time step up; whether it was not before.
pub(super) fn use_step(tx: &Tx<'_>, user: i64, step: i64, now: Instant) -> Result<bool> {
    let parameters = named_params! { ":user": user, ":step": step, ":now": now.micros() };
    let is_new = tx.sql().prepare_cached(USE_STEP)?.execute(parameters)? == 1;
    if is_new {
        let parameters = named_params! { ":user": user, ":oldest": step - totp::STEPS_OF_A_YEAR };
        tx.sql().prepare_cached(FORGET_STEPS)?.execute(parameters)?;
    }
    Ok(is_new)
}

/// The last steps whose codes were accepted, the last first, and when they were.
pub(super) fn steps(tx: &Tx<'_>, user: i64, most: u32) -> Result<Vec<(i64, Instant)>> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, Instant::from_micros(row.get(1)?)));
    let mut statement = tx.sql().prepare_cached(STEPS)?;
    let steps = statement.query_map(named_params! { ":user": user, ":most": most }, read)?;
    Ok(steps.collect::<Result<_, _>>()?)
}

/// The hash of any backup code of a person.
pub(super) fn any_code(tx: &Tx<'_>, user: i64) -> Result<Option<String>> {
    let found =
        tx.sql().prepare_cached(ANY_CODE)?.query_row(named_params! { ":user": user }, |row| row.get(0));
    Ok(found.optional()?)
}

/// The backup code of a person that was made last, by which those that were made together are told from all others.
pub(super) fn newest_code(tx: &Tx<'_>, user: i64) -> Result<Option<i64>> {
    Ok(tx.sql().prepare_cached(NEWEST_CODE)?.query_row(named_params! { ":user": user }, |row| row.get(0))?)
}

pub(super) fn insert_code(tx: &Tx<'_>, user: i64, hash: &str, now: Instant) -> Result<()> {
    let parameters = named_params! { ":user": user, ":hash": hash, ":now": now.micros() };
    tx.sql().prepare_cached(INSERT_CODE)?.execute(parameters)?;
    Ok(())
}

/// Uses up the backup code of that hash; whether there was one that was not used.
pub(super) fn use_code(tx: &Tx<'_>, user: i64, hash: &str, now: Instant) -> Result<bool> {
    let parameters = named_params! { ":user": user, ":hash": hash, ":now": now.micros() };
    Ok(tx.sql().prepare_cached(USE_CODE)?.execute(parameters)? == 1)
}

pub(super) fn codes_left(tx: &Tx<'_>, user: i64) -> Result<u32> {
    Ok(tx.sql().prepare_cached(CODES_LEFT)?.query_row(named_params! { ":user": user }, |row| row.get(0))?)
}

pub(super) fn remove_codes(tx: &Tx<'_>, user: i64) -> Result<()> {
    tx.sql().prepare_cached(REMOVE_CODES)?.execute(named_params! { ":user": user })?;
    Ok(())
}

/// Sets until when the person has to have a second factor again.
pub(super) fn set_grace(tx: &Tx<'_>, user: i64, until: Option<Instant>) -> Result<()> {
    let parameters = named_params! { ":user": user, ":until": until.map(Instant::micros) };
    tx.sql().prepare_cached(SET_GRACE)?.execute(parameters)?;
    Ok(())
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    GET_SECRET,
    INSERT,
    REMOVE,
    GET_ENROLMENT,
    PUT_ENROLMENT,
    REMOVE_ENROLMENTS,
    CLEAN_UP,
    COUNT_OLD,
    USE_STEP,
    FORGET_STEPS,
    STEPS,
    ANY_CODE,
    NEWEST_CODE,
    INSERT_CODE,
    USE_CODE,
    CODES_LEFT,
    REMOVE_CODES,
    SET_GRACE,
];
