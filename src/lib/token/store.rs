//! The SQL of tokens.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{About, Known, Purpose};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row, word};
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO tokens (hash, purpose, user_id, about, mail, made_at, expires_at)
    VALUES (:hash, :purpose, :user, :about, :mail, :now, :until)";

/// What there is to know of a token.
macro_rules! tokens {
    ($rest:literal) => {
        concat!("SELECT id, purpose, user_id, about, mail, made_at, expires_at, ended_at FROM tokens ", $rest)
    };
}

const FIND: &str = tokens!("WHERE hash = :hash");

/// The one statement that uses a token up: it looks and ends at once.
const TAKE: &str = "
    UPDATE tokens
    SET ended_at = :now, ended_by = 'used'
    WHERE id = :id AND ended_at IS NULL AND expires_at > :now AND made_at <= :latest";

const END_PURPOSE: &str = "
    UPDATE tokens
    SET ended_at = :now, ended_by = 'newer'
    WHERE user_id = :user AND purpose = :purpose AND ended_at IS NULL";

const END_ALL: &str = "
    UPDATE tokens SET ended_at = :now, ended_by = 'account' WHERE user_id = :user AND ended_at IS NULL";

const END_OF_MAIL: &str = "
    UPDATE tokens SET ended_at = :now, ended_by = 'account' WHERE mail = :mail AND ended_at IS NULL";

/// Whether the last token of a mail, but for those that disown, ended with all of its account.
const ENDED_WITH_ACCOUNT: &str = "
    SELECT coalesce(ended_by = 'account', 0)
    FROM tokens
    WHERE mail = :mail AND purpose <> 'not-me'
    ORDER BY id DESC
    LIMIT 1";

const DISOWN: &str =
    "UPDATE tokens SET ended_at = :now, ended_by = 'disowned' WHERE id = :id AND ended_at IS NULL";

/// The link of an invitation that was disowned tells how that invitation stands, as long as it is the last one.
const FORGET: &str = "
    DELETE FROM tokens
    WHERE id IN (
        SELECT t.id FROM tokens t
        WHERE t.expires_at < :before
            AND NOT (t.ended_by IS 'disowned' AND EXISTS (SELECT 1 FROM invitations i WHERE i.mail = t.mail))
        ORDER BY t.expires_at
        LIMIT :batch
    )";

/// How many tokens are deleted in one transaction.
pub(super) const BATCH: u32 = 1000;

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    of_row(("tokens", "id"), row, |row| {
        Ok(Known {
            id: row.get("id")?,
            about: About {
                purpose: purpose(row)?,
                user: row.get("user_id")?,
                disowns: row.get("about")?,
                mail: row.get("mail")?,
            },
            made_at: Instant::from_micros(row.get("made_at")?),
            expires_at: Instant::from_micros(row.get("expires_at")?),
            ended_at: row.get::<_, Option<i64>>("ended_at")?.map(Instant::from_micros),
        })
    })
}

fn purpose(row: &Row<'_>) -> rusqlite::Result<Purpose> {
    let place = row.as_ref().column_index("purpose")?;
    word(row.get_ref(place)?, &Purpose::WORDS).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(place, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Keeps a token that was made now and is good until then; its id.
pub(super) fn insert(
    tx: &Tx<'_>,
    hash: &[u8; 32],
    about: &About,
    (now, until): (Instant, Instant),
) -> Result<i64> {
    let inserted = tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":hash": hash.as_slice(),
        ":purpose": about.purpose.word(),
        ":user": about.user,
        ":about": about.disowns,
        ":mail": about.mail,
        ":now": now.micros(),
        ":until": until.micros(),
    })?;
    one_row(inserted, "tokens", about.user)?;
    Ok(tx.sql().last_insert_rowid())
}

pub(super) fn find(tx: &Tx<'_>, hash: &[u8; 32]) -> Result<Option<Known>> {
    let parameters = named_params! { ":hash": hash.as_slice() };
    Ok(tx.sql().prepare_cached(FIND)?.query_row(parameters, known).optional()?)
}

pub(super) fn take(tx: &Tx<'_>, id: i64, (now, latest): (Instant, Instant)) -> Result<bool> {
    let parameters = named_params! { ":id": id, ":now": now.micros(), ":latest": latest.micros() };
    Ok(tx.sql().prepare_cached(TAKE)?.execute(parameters)? == 1)
}

pub(super) fn end_purpose(tx: &Tx<'_>, user: i64, purpose: Purpose, now: Instant) -> Result<()> {
    let parameters = named_params! { ":user": user, ":purpose": purpose.word(), ":now": now.micros() };
    tx.sql().prepare_cached(END_PURPOSE)?.execute(parameters)?;
    Ok(())
}

pub(super) fn end_all(tx: &Tx<'_>, user: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":user": user, ":now": now.micros() };
    tx.sql().prepare_cached(END_ALL)?.execute(parameters)?;
    Ok(())
}

pub(super) fn end_of_mail(tx: &Tx<'_>, mail: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":mail": mail, ":now": now.micros() };
    tx.sql().prepare_cached(END_OF_MAIL)?.execute(parameters)?;
    Ok(())
}

pub(super) fn ended_with_account(tx: &Tx<'_>, mail: i64) -> Result<bool> {
    let mut statement = tx.sql().prepare_cached(ENDED_WITH_ACCOUNT)?;
    let ended = statement.query_row(named_params! { ":mail": mail }, |row| row.get(0)).optional()?;
    Ok(ended.unwrap_or(false))
}

pub(super) fn disown(tx: &Tx<'_>, id: i64, now: Instant) -> Result<bool> {
    let parameters = named_params! { ":id": id, ":now": now.micros() };
    Ok(tx.sql().prepare_cached(DISOWN)?.execute(parameters)? == 1)
}

/// Forgets some tokens that were good until before that; how many.
pub(super) fn forget(tx: &Tx<'_>, before: Instant) -> Result<u64> {
    let parameters = named_params! { ":before": before.micros(), ":batch": BATCH };
    Ok(tx.sql().prepare_cached(FORGET)?.execute(parameters)? as u64)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] =
    &[INSERT, FIND, TAKE, END_PURPOSE, END_ALL, END_OF_MAIL, ENDED_WITH_ACCOUNT, DISOWN, FORGET];
