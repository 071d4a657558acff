//! The SQL of invitations.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Invitation, Invited};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{one_row, word};
use crate::text::instant::Instant;

/// How an invitation `i` stands at `:now`. It is pending while its link works or its mail may still be sent, which brings a
/// new one.
macro_rules! stands {
    () => {
        "CASE
            WHEN i.accepted_at IS NOT NULL THEN 'accepted'
            WHEN EXISTS (
                SELECT 1 FROM tokens t
                WHERE t.mail = i.mail AND t.purpose = 'invite' AND t.ended_at IS NULL AND t.expires_at > :now
            ) THEN 'pending'
            WHEN EXISTS (
                SELECT 1 FROM tokens t
                WHERE t.mail = i.mail AND t.purpose = 'invite' AND t.ended_by = 'disowned'
            ) THEN 'disowned'
            WHEN EXISTS (SELECT 1 FROM mails m WHERE m.seq = i.mail AND m.state IN ('queued', 'sending')) THEN 'pending'
            ELSE 'expired'
        END"
    };
}

/// The condition that the last invitation of the person `u` stands so.
macro_rules! invited {
    ($state:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM invitations i WHERE i.user_id = u.id AND ",
            $crate::user::invite::stands!(),
            " = '",
            $state,
            "')"
        )
    };
}
pub(in crate::user) use {invited, stands};

const LAST: &str = concat!(
    "SELECT ",
    stands!(),
    " AS state, i.created_at, i.accepted_at, i.revision, i.mail, (
        SELECT max(t.expires_at) FROM tokens t
        WHERE t.mail = i.mail AND t.purpose = 'invite' AND t.ended_at IS NULL AND t.expires_at > :now
    ) AS until
    FROM invitations i
    WHERE i.user_id = :user"
);

const PUT: &str = "
    INSERT INTO invitations (user_id, mail, revision, created_at) VALUES (:user, :mail, :revision, :now)
    ON CONFLICT (user_id) DO UPDATE
    SET mail = excluded.mail, revision = excluded.revision, accepted_at = NULL, created_at = excluded.created_at";

const REMOVE: &str = "DELETE FROM invitations WHERE user_id = :user";

const SET_ACCEPTED: &str =
    "UPDATE invitations SET accepted_at = :now WHERE user_id = :user AND accepted_at IS NULL";

const IS_IN_FORCE: &str = "SELECT EXISTS (SELECT 1 FROM invitations WHERE user_id = :user AND mail = :mail)";

pub(super) fn last(tx: &Tx<'_>, user: i64, now: Instant) -> Result<Option<Invitation>> {
    let invitation = |row: &Row<'_>| {
        let time =
            |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Instant::from_micros));
        Ok(Invitation {
            state: state(row)?,
            at: Instant::from_micros(row.get("created_at")?),
            until: time("until")?,
            accepted_at: time("accepted_at")?,
            revision: row.get("revision")?,
            mail: row.get("mail")?,
        })
    };
    let parameters = named_params! { ":user": user, ":now": now.micros() };
    Ok(tx.sql().prepare_cached(LAST)?.query_row(parameters, invitation).optional()?)
}

fn state(row: &Row<'_>) -> rusqlite::Result<Invited> {
    let place = row.as_ref().column_index("state")?;
    word(row.get_ref(place)?, &Invited::WORDS).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(place, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Keeps that somebody was invited now, by that mail.
pub(super) fn put(tx: &Tx<'_>, user: i64, mail: i64, (revision, now): (i64, Instant)) -> Result<()> {
    let parameters =
        named_params! { ":user": user, ":mail": mail, ":revision": revision, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(PUT)?.execute(parameters)?, "invitations", user)?)
}

/// Forgets that somebody was invited.
pub(super) fn remove(tx: &Tx<'_>, user: i64) -> Result<()> {
    let removed = tx.sql().prepare_cached(REMOVE)?.execute(named_params! { ":user": user })?;
    Ok(one_row(removed, "invitations", user)?)
}

/// Keeps that whoever was invited has chosen a password, if they were invited.
pub(in crate::user) fn set_accepted(tx: &Tx<'_>, user: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":user": user, ":now": now.micros() };
    tx.sql().prepare_cached(SET_ACCEPTED)?.execute(parameters)?;
    Ok(())
}

/// Whether that mail is the one of somebody's last invitation.
pub(in crate::user) fn is_in_force(tx: &Tx<'_>, user: i64, mail: i64) -> Result<bool> {
    let parameters = named_params! { ":user": user, ":mail": mail };
    Ok(tx.sql().prepare_cached(IS_IN_FORCE)?.query_row(parameters, |row| row.get(0))?)
}

#[cfg(test)]
pub(in crate::user) const STATEMENTS: &[&str] = &[LAST, PUT, REMOVE, SET_ACCEPTED, IS_IN_FORCE];
