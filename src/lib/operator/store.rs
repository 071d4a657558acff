//! The SQL of operators.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::map::Operator;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::instant::Instant;

const BY_UID: &str = "
    SELECT o.uid, o.shell_user, o.user_id, u.email, o.created_at, o.updated_at
    FROM operators o JOIN users u ON u.id = o.user_id
    WHERE o.uid = :uid";

const LIST: &str = "
    SELECT o.uid, o.shell_user, o.user_id, u.email, o.created_at, o.updated_at
    FROM operators o JOIN users u ON u.id = o.user_id
    ORDER BY o.shell_user, o.uid";

const PUT: &str = "
    INSERT INTO operators (uid, shell_user, user_id, revision, created_at, updated_at)
    VALUES (:uid, :shell_user, :user_id, :revision, :now, :now)
    ON CONFLICT (uid) DO UPDATE
    SET shell_user = excluded.shell_user, user_id = excluded.user_id, revision = excluded.revision,
        updated_at = excluded.updated_at";

const DELETE: &str = "DELETE FROM operators WHERE uid = :uid";

fn operator(row: &Row<'_>) -> rusqlite::Result<Operator> {
    Ok(Operator {
        uid: row.get(0)?,
        shell_user: row.get(1)?,
        user_id: row.get(2)?,
        email: row.get(3)?,
        created_at: Instant::from_micros(row.get(4)?),
        updated_at: Instant::from_micros(row.get(5)?),
    })
}

pub(super) fn by_uid(tx: &Tx<'_>, uid: u32) -> Result<Option<Operator>> {
    Ok(tx.sql().prepare_cached(BY_UID)?.query_row(named_params! { ":uid": uid }, operator).optional()?)
}

pub(super) fn list(tx: &Tx<'_>) -> Result<Vec<Operator>> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    Ok(statement.query_map([], operator)?.collect::<Result<_, _>>()?)
}

pub(super) fn put(tx: &Tx<'_>, operator: &Operator, revision: i64) -> Result<()> {
    tx.sql().prepare_cached(PUT)?.execute(named_params! {
        ":uid": operator.uid,
        ":shell_user": operator.shell_user,
        ":user_id": operator.user_id,
        ":revision": revision,
        ":now": operator.updated_at.micros(),
    })?;
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, uid: u32) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":uid": uid })?;
    Ok(one_row(deleted, "operators", uid)?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[BY_UID, LIST, PUT, DELETE];
