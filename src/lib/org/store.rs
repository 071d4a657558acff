//! The SQL of the tree.

use rusqlite::named_params;

use super::Node;
use crate::error::Result;
use crate::store::Tx;

/// Climbs from a node to its company; the last row, with neither id, is the company itself.
const IS_UNDER: &str = "
    WITH RECURSIVE above (department_id, position_id) AS (
        VALUES (:from_department, :from_position)
        UNION
        SELECT coalesce(d.parent_department_id, iif(p.parent_position_id IS NULL, p.department_id, NULL)),
            coalesce(d.parent_position_id, p.parent_position_id)
        FROM above a
        LEFT JOIN departments d ON d.id = a.department_id
        LEFT JOIN positions p ON p.id = a.position_id
    )
    SELECT EXISTS (SELECT 1 FROM above WHERE department_id IS :department AND position_id IS :position)";

/// People outside the bin whose position no longer lies under their department.
const OUTSIDE: &str = "
    WITH RECURSIVE under (department_id, below_id) AS (
        SELECT id, id FROM departments WHERE company_id = :company_id
        UNION
        SELECT u.department_id, d.id FROM under u JOIN departments d ON d.parent_department_id = u.below_id
        UNION
        SELECT u.department_id, d.id
        FROM under u
        JOIN positions p ON p.department_id = u.below_id
        JOIN departments d ON d.parent_position_id = p.id
    )
    SELECT count(*)
    FROM users x
    JOIN positions p ON p.id = x.position_id
    WHERE x.company_id = :company_id AND x.deleted_at IS NULL AND x.department_id <> p.department_id
        AND NOT EXISTS (
            SELECT 1 FROM under WHERE department_id = x.department_id AND below_id = p.department_id
        )";

/// People in the bin lose a position that no longer lies under their department.
const LEAVE_BIN: &str = "
    WITH RECURSIVE under (department_id, below_id) AS (
        SELECT id, id FROM departments WHERE company_id = :company_id
        UNION
        SELECT u.department_id, d.id FROM under u JOIN departments d ON d.parent_department_id = u.below_id
        UNION
        SELECT u.department_id, d.id
        FROM under u
        JOIN positions p ON p.department_id = u.below_id
        JOIN departments d ON d.parent_position_id = p.id
    )
    UPDATE users SET position_id = NULL
    WHERE company_id = :company_id AND deleted_at IS NOT NULL AND position_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM under JOIN positions p ON p.department_id = under.below_id
            WHERE p.id = users.position_id AND under.department_id = users.department_id
        )";

/// Whether `node` is `root` or hangs under it, over any number of steps.
pub(super) fn is_under(tx: &Tx<'_>, node: Node, root: Node) -> Result<bool> {
    let mut statement = tx.sql().prepare_cached(IS_UNDER)?;
    Ok(statement.query_row(
        named_params! {
            ":from_department": node.department_id(),
            ":from_position": node.position_id(),
            ":department": root.department_id(),
            ":position": root.position_id(),
        },
        |row| row.get(0),
    )?)
}

pub(super) fn people_outside(tx: &Tx<'_>, company_id: i64) -> Result<i64> {
    let mut statement = tx.sql().prepare_cached(OUTSIDE)?;
    Ok(statement.query_row(named_params! { ":company_id": company_id }, |row| row.get(0))?)
}

pub(super) fn leave_bin(tx: &Tx<'_>, company_id: i64) -> Result<()> {
    tx.sql().prepare_cached(LEAVE_BIN)?.execute(named_params! { ":company_id": company_id })?;
    Ok(())
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[IS_UNDER, OUTSIDE, LEAVE_BIN];
