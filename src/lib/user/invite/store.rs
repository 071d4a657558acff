//! The SQL of invitations.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Invitation, Last};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::instant::Instant;

/// When the link of an invitation `i` runs out that nobody has ended.
macro_rules! link_until {
    () => {
        "(SELECT max(t.expires_at) FROM tokens t WHERE t.mail = i.mail AND t.purpose = 'invite' AND t.ended_at IS NULL)"
    };
}

/// Whether they said of an invitation `i` that it was not for them.
macro_rules! is_disowned {
    () => {
        "EXISTS (SELECT 1 FROM tokens t WHERE t.mail = i.mail AND t.purpose = 'invite' AND t.ended_by = 'disowned')"
    };
}

/// Whether the mail of an invitation `i` may still be sent, which brings a new link: not to an address that is theirs no longer,
/// nor once its link was ended with all of the account.
macro_rules! mail_waits {
    () => {
        "EXISTS (SELECT 1 FROM mails m WHERE m.seq = i.mail AND m.state IN ('queued', 'sending')
            AND m.to_folded = (SELECT r.email_folded FROM users r WHERE r.id = i.user_id)
            AND coalesce((SELECT t.ended_by FROM tokens t WHERE t.mail = m.seq AND t.purpose <> 'not-me'
                ORDER BY t.id DESC LIMIT 1), '') <> 'account')"
    };
}

/// What an [`Invitation`] `i` is made of, as JSON.
macro_rules! facts {
    () => {
        concat!(
            "json_array(i.created_at, i.accepted_at, ",
            $crate::user::invite::link_until!(),
            ", ",
            $crate::user::invite::is_disowned!(),
            ", ",
            $crate::user::invite::mail_waits!(),
            ")"
        )
    };
}

/// How an invitation `i` stands at `:now`, as [`Invitation::state`] says it.
macro_rules! stands {
    () => {
        concat!(
            "CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN ",
            $crate::user::invite::link_until!(),
            " > :now THEN 'pending' WHEN ",
            $crate::user::invite::is_disowned!(),
            " THEN 'disowned' WHEN ",
            $crate::user::invite::mail_waits!(),
            " THEN 'pending' ELSE 'expired' END"
        )
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
pub(in crate::user) use {facts, invited, is_disowned, link_until, mail_waits, stands};

const LAST: &str =
    concat!("SELECT ", facts!(), ", i.revision, i.mail FROM invitations i WHERE i.user_id = :user");

const PUT: &str = "
    INSERT INTO invitations (user_id, mail, revision, created_at) VALUES (:user, :mail, :revision, :now)
    ON CONFLICT (user_id) DO UPDATE
    SET mail = excluded.mail, revision = excluded.revision, accepted_at = NULL, created_at = excluded.created_at";

const REMOVE: &str = "DELETE FROM invitations WHERE user_id = :user";

const SET_ACCEPTED: &str =
    "UPDATE invitations SET accepted_at = :now WHERE user_id = :user AND accepted_at IS NULL";

const IS_IN_FORCE: &str = "SELECT EXISTS (SELECT 1 FROM invitations WHERE user_id = :user AND mail = :mail)";

pub(super) fn last(tx: &Tx<'_>, user: i64) -> Result<Option<Last>> {
    let last = |row: &Row<'_>| {
        let json = row.get_ref(0)?.as_str()?;
        let invitation = invitation(json).map_err(|source| {
            rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(source))
        })?;
        Ok(Last { invitation, revision: row.get(1)?, mail: row.get(2)? })
    };
    Ok(tx.sql().prepare_cached(LAST)?.query_row(named_params! { ":user": user }, last).optional()?)
}

/// An invitation, of the JSON that `facts!` makes.
pub(in crate::user) fn invitation(json: &str) -> serde_json::Result<Invitation> {
    let (at, accepted_at, link_until, disowned, waits): (i64, Option<i64>, Option<i64>, u8, u8) =
        serde_json::from_str(json)?;
    Ok(Invitation {
        at: Instant::from_micros(at),
        accepted_at: accepted_at.map(Instant::from_micros),
        link_until: link_until.map(Instant::from_micros),
        is_disowned: disowned == 1,
        mail_waits: waits == 1,
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
