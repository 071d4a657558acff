//! The SQL of what people in the bin lose.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::user::losses::LossKind;

/// Everybody in the bin who has the thing, for each of [`LossKind::ALL`].
pub(super) const IN_BIN_WITH: [&str; 5] = [
    "SELECT id FROM users WHERE company_id = :id AND deleted_at IS NOT NULL ORDER BY id",
    "SELECT id FROM users WHERE department_id = :id AND deleted_at IS NOT NULL ORDER BY id",
    "SELECT id FROM users WHERE position_id = :id AND deleted_at IS NOT NULL ORDER BY id",
    "SELECT DISTINCT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.group_id = :id AND u.deleted_at IS NOT NULL
    ORDER BY m.user_id",
    "SELECT h.user_id FROM user_roles h JOIN users u ON u.id = h.user_id
    WHERE h.role_id = :id AND u.deleted_at IS NOT NULL
    ORDER BY h.user_id",
];

/// What takes it from one of them, for each of [`LossKind::ALL`].
pub(super) const LOSE: [&str; 5] = [
    "UPDATE users SET company_id = NULL, department_id = NULL, position_id = NULL
    WHERE id = :user AND company_id = :id AND deleted_at IS NOT NULL",
    "UPDATE users SET department_id = NULL, position_id = NULL
    WHERE id = :user AND department_id = :id AND deleted_at IS NOT NULL",
    "UPDATE users SET position_id = NULL WHERE id = :user AND position_id = :id AND deleted_at IS NOT NULL",
    "DELETE FROM memberships WHERE user_id = :user AND group_id = :id",
    "DELETE FROM user_roles WHERE user_id = :user AND role_id = :id",
];

pub(super) const PLACE_IDS: &str =
    "SELECT company_id, department_id, position_id FROM users WHERE id = :user";

pub(super) const ROLE_IDS: &str = "SELECT role_id, apply_groups FROM user_roles WHERE user_id = :user";

pub(super) const GROUP_IDS: &str =
    "SELECT group_id FROM memberships WHERE user_id = :user AND (origin = 'manual') = :by_hand";

/// The ids of those in the bin who have a thing.
pub(in crate::user) fn in_bin_with(tx: &Tx<'_>, thing: LossKind, id: i64) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(thing.of(IN_BIN_WITH))?;
    let ids = statement.query_map(named_params! { ":id": id }, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Takes a thing from one of them.
pub(in crate::user) fn lose(tx: &Tx<'_>, user: i64, thing: LossKind, id: i64) -> Result<()> {
    let taken =
        tx.sql().prepare_cached(thing.of(LOSE))?.execute(named_params! { ":user": user, ":id": id })?;
    // Somebody may be in a group by hand and by a directory.
    let is_twice = thing == LossKind::Group && taken == 2;
    if is_twice { Ok(()) } else { Ok(one_row(taken, "users", user)?) }
}

/// Company, department and position of somebody.
pub(in crate::user) fn place_ids(tx: &Tx<'_>, user: i64) -> Result<[Option<i64>; 3]> {
    let mut statement = tx.sql().prepare_cached(PLACE_IDS)?;
    let read = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?]);
    Ok(statement.query_row(named_params! { ":user": user }, read)?)
}

/// The roles somebody holds, each with whether its groups come with it.
pub(in crate::user) fn role_ids(tx: &Tx<'_>, user: i64) -> Result<Vec<(i64, bool)>> {
    let mut statement = tx.sql().prepare_cached(ROLE_IDS)?;
    let ids = statement.query_map(named_params! { ":user": user }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The groups somebody was put into by hand, or else by a directory.
pub(in crate::user) fn group_ids(tx: &Tx<'_>, user: i64, by_hand: bool) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(GROUP_IDS)?;
    let ids = statement.query_map(named_params! { ":user": user, ":by_hand": by_hand }, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
