//! The SQL of the tree.

use std::collections::BTreeMap;

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

/// A statement over each department of a company and those below it, at any depth.
macro_rules! under {
    ($rest:literal) => {
        concat!(
            "
    WITH RECURSIVE under (department_id, below_id) AS (
        SELECT id, id FROM departments WHERE company_id = :company_id
        UNION
        SELECT u.department_id, d.id FROM under u JOIN departments d ON d.parent_department_id = u.below_id
        UNION
        SELECT u.department_id, d.id
        FROM under u
        JOIN positions p ON p.department_id = u.below_id
        JOIN departments d ON d.parent_position_id = p.id
    ) ",
            $rest
        )
    };
}

/// People outside the bin whose position no longer lies under their department.
const OUTSIDE: &str = under!(
    "SELECT count(*)
    FROM users x
    JOIN positions p ON p.id = x.position_id
    WHERE x.company_id = :company_id AND x.deleted_at IS NULL AND x.department_id <> p.department_id
        AND NOT EXISTS (
            SELECT 1 FROM under WHERE department_id = x.department_id AND below_id = p.department_id
        )"
);

/// People in the bin whose position no longer lies under their department, each with it.
const OUTSIDE_IN_BIN: &str = under!(
    "SELECT position_id, id
    FROM users
    WHERE company_id = :company_id AND deleted_at IS NOT NULL AND position_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1
            FROM under JOIN positions p ON p.department_id = under.below_id
            WHERE p.id = users.position_id AND under.department_id = users.department_id
        )
    ORDER BY position_id, id"
);

const DEPARTMENTS: &str = "
    SELECT id, name, color, parent_department_id, parent_position_id
    FROM departments
    WHERE company_id = :company_id
    ORDER BY sort_key(name_folded), id";

const POSITIONS: &str = "
    SELECT id, name, color, iif(parent_position_id IS NULL, department_id, NULL) AS parent_department_id,
        parent_position_id
    FROM positions
    WHERE company_id = :company_id
    ORDER BY sort_key(name_folded), id";

const PEOPLE: &str = "
    SELECT email, first_name, last_name, department_id, position_id
    FROM users
    WHERE company_id = :company_id AND deleted_at IS NULL
    ORDER BY sort_name, id";

/// A department or a position, as a chart needs it.
pub(super) struct ChartUnit {
    pub(super) node: Node,
    /// What it hangs under; nothing is the company.
    pub(super) under: Option<Node>,
    pub(super) name: String,
    pub(super) color: Option<String>,
}

/// A person, as a chart needs it.
pub(super) struct Person {
    pub(super) email: String,
    pub(super) full_name: String,
}

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

/// The positions that people in the bin have outside their department, each with these people.
pub(super) fn in_bin_outside(tx: &Tx<'_>, company_id: i64) -> Result<BTreeMap<i64, Vec<i64>>> {
    let mut statement = tx.sql().prepare_cached(OUTSIDE_IN_BIN)?;
    let mut rows = statement.query(named_params! { ":company_id": company_id })?;
    let mut positions: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        positions.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(positions)
}

/// The departments of a company, by name.
pub(super) fn departments(tx: &Tx<'_>, company_id: i64) -> Result<Vec<ChartUnit>> {
    things(tx, DEPARTMENTS, company_id, Node::Department)
}

/// The positions of a company, by name.
pub(super) fn positions(tx: &Tx<'_>, company_id: i64) -> Result<Vec<ChartUnit>> {
    things(tx, POSITIONS, company_id, Node::Position)
}

fn things(tx: &Tx<'_>, sql: &str, company_id: i64, node: fn(i64) -> Node) -> Result<Vec<ChartUnit>> {
    let mut statement = tx.sql().prepare_cached(sql)?;
    let things = statement.query_map(named_params! { ":company_id": company_id }, |row| {
        Ok(ChartUnit {
            node: node(row.get("id")?),
            under: under(row.get("parent_department_id")?, row.get("parent_position_id")?),
            name: row.get("name")?,
            color: row.get("color")?,
        })
    })?;
    Ok(things.collect::<Result<_, _>>()?)
}

/// Calls `each` with every person of a company outside the bin, by name, and what the person stands under.
pub(super) fn people(tx: &Tx<'_>, company_id: i64, mut each: impl FnMut(Option<Node>, Person)) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(PEOPLE)?;
    let mut rows = statement.query(named_params! { ":company_id": company_id })?;
    while let Some(row) = rows.next()? {
        let (first, last): (String, String) = (row.get("first_name")?, row.get("last_name")?);
        let person = Person { email: row.get("email")?, full_name: format!("{first} {last}") };
        each(under(row.get("department_id")?, row.get("position_id")?), person);
    }
    Ok(())
}

/// The lower of the two; nothing is the company.
fn under(department_id: Option<i64>, position_id: Option<i64>) -> Option<Node> {
    position_id.map(Node::Position).or(department_id.map(Node::Department))
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[IS_UNDER, OUTSIDE, OUTSIDE_IN_BIN, DEPARTMENTS, POSITIONS, PEOPLE];
