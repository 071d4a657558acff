//! The SQL of positions.

use rusqlite::{OptionalExtension as _, Row, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row};
use crate::text::fold::fold;
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO positions (
        id, company_id, department_id, parent_position_id, name, name_folded, color, note, revision, created_at,
        updated_at
    )
    VALUES (
        :id, :company_id, :department_id, :parent_position_id, :name, :name_folded, :color, :note, :revision, :now,
        :now
    )";

const UPDATE: &str = "
    UPDATE positions
    SET department_id = :department_id, parent_position_id = :parent_position_id, name = :name,
        name_folded = :name_folded, color = :color, note = :note, revision = :revision, updated_at = :now
    WHERE id = :id AND company_id = :company_id";

/// People in the bin do not keep a position alive.
const LEAVE_BIN: &str = "
    UPDATE users SET position_id = NULL
    WHERE position_id = :id AND deleted_at IS NOT NULL";

const DELETE: &str = "DELETE FROM positions WHERE id = :id";

const GET: &str = "
    SELECT p.id, p.company_id, c.name AS company, p.department_id, d.name AS department, p.parent_position_id,
        pp.name AS parent_position, p.name, p.color, p.note, p.revision, p.created_at, p.updated_at
    FROM positions p
    JOIN companies c ON c.id = p.company_id
    JOIN departments d ON d.id = p.department_id
    LEFT JOIN positions pp ON pp.id = p.parent_position_id
    WHERE p.id = :id";

const LIST: &str = "
    SELECT p.id, p.company_id, c.name AS company, p.department_id, d.name AS department, p.parent_position_id,
        pp.name AS parent_position, p.name, p.color, p.note, p.revision, p.created_at, p.updated_at,
        (SELECT count(*) FROM users u WHERE u.position_id = p.id AND u.deleted_at IS NULL) AS people,
        (SELECT count(*) FROM positions b WHERE b.parent_position_id = p.id) AS positions,
        (SELECT count(*) FROM departments b WHERE b.parent_position_id = p.id) AS departments
    FROM positions p
    JOIN companies c ON c.id = p.company_id
    JOIN departments d ON d.id = p.department_id
    LEFT JOIN positions pp ON pp.id = p.parent_position_id
    WHERE (:company_id IS NULL OR p.company_id = :company_id)
        AND (:department_id IS NULL OR p.department_id = :department_id)
    ORDER BY sort_key(c.name_folded), sort_key(d.name_folded), sort_key(p.name_folded)";

const USES: &str = "
    SELECT (SELECT count(*) FROM users u WHERE u.position_id = :id AND u.deleted_at IS NULL) AS people,
        (SELECT count(*) FROM positions b WHERE b.parent_position_id = :id) AS positions,
        (SELECT count(*) FROM departments b WHERE b.parent_position_id = :id) AS departments";

const ID_IN: &str = "SELECT id FROM positions WHERE department_id = :department_id AND name_folded = :name";

/// The nearest position of that name in the departments under one, however they hang there.
const IDS_BELOW: &str = "
    WITH RECURSIVE below (id, depth) AS (
        VALUES (:department_id, 0)
        UNION
        SELECT d.id, b.depth + 1 FROM below b JOIN departments d ON d.parent_department_id = b.id
        UNION
        SELECT d.id, b.depth + 1
        FROM below b
        JOIN positions p ON p.department_id = b.id
        JOIN departments d ON d.parent_position_id = p.id
    )
    SELECT p.id, b.depth
    FROM below b
    JOIN positions p ON p.department_id = b.id AND p.name_folded = :name
    ORDER BY b.depth, p.id";

/// Every position of a name, with where it is.
const IDS_BY_NAME: &str = "
    SELECT p.id
    FROM positions p
    JOIN companies c ON c.id = p.company_id
    JOIN departments d ON d.id = p.department_id
    WHERE p.name_folded = :name
        AND (:company_id IS NULL OR p.company_id = :company_id)
        AND (:department_id IS NULL OR p.department_id = :department_id)
    ORDER BY sort_key(c.name_folded), sort_key(d.name_folded)";

const DEPARTMENTS_WITH: &str = "
    SELECT d.name FROM positions p JOIN departments d ON d.id = p.department_id
    WHERE p.company_id = :company_id AND p.name_folded = :name
    ORDER BY sort_key(d.name_folded)";

const NAMES: &str = "
    SELECT company_id, name FROM positions
    WHERE (:company_id IS NULL OR company_id = :company_id)
        AND (:department_id IS NULL OR department_id = :department_id)
    ORDER BY sort_key(name_folded)";

const IDS_UNDER: &str = "SELECT id FROM positions WHERE parent_position_id = :id ORDER BY id";

/// A position as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// Never reused.
    pub(crate) id: i64,
    /// Whose it is.
    pub(crate) company_id: i64,
    /// The company's name.
    pub(crate) company: String,
    /// The department it belongs to.
    pub(crate) department_id: i64,
    /// The department's name.
    pub(crate) department: String,
    /// The position of the same department that it hangs under.
    pub(crate) parent_position_id: Option<i64>,
    /// That position's name.
    pub(crate) parent_name: Option<String>,
    /// As typed.
    pub(crate) name: String,
    /// `#rrggbb`.
    pub(crate) color: Option<String>,
    /// Free text.
    pub(crate) note: Option<String>,
    /// The audit row of the last change.
    pub(crate) revision: i64,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
}

/// How much refers to a position. Counting walks its people, so a lookup does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Uses {
    /// People outside the bin.
    pub(crate) people: i64,
    /// Positions directly under it.
    pub(crate) positions: i64,
    /// Departments directly under it.
    pub(crate) departments: i64,
}

/// Where to look for positions; nothing is everywhere.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scope {
    pub(super) company_id: Option<i64>,
    pub(super) department_id: Option<i64>,
}

/// What is written of a position.
pub(super) struct Values<'a> {
    pub(super) id: i64,
    pub(super) company_id: i64,
    pub(super) department_id: i64,
    pub(super) parent_position_id: Option<i64>,
    pub(super) name: &'a str,
    pub(super) color: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    pub(super) revision: i64,
    pub(super) now: Instant,
}

fn position(row: &Row<'_>) -> rusqlite::Result<Position> {
    of_row(("positions", "id"), row, |row| {
        Ok(Position {
            id: row.get("id")?,
            company_id: row.get("company_id")?,
            company: row.get("company")?,
            department_id: row.get("department_id")?,
            department: row.get("department")?,
            parent_position_id: row.get("parent_position_id")?,
            parent_name: row.get("parent_position")?,
            name: row.get("name")?,
            color: row.get("color")?,
            note: row.get("note")?,
            revision: row.get("revision")?,
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
        })
    })
}

fn counts(row: &Row<'_>) -> rusqlite::Result<Uses> {
    Ok(Uses {
        people: row.get("people")?,
        positions: row.get("positions")?,
        departments: row.get("departments")?,
    })
}

pub(super) fn insert(tx: &Tx<'_>, values: &Values<'_>) -> Result<()> {
    write(tx, INSERT, values)
}

pub(super) fn update(tx: &Tx<'_>, values: &Values<'_>) -> Result<()> {
    write(tx, UPDATE, values)
}

fn write(tx: &Tx<'_>, sql: &str, values: &Values<'_>) -> Result<()> {
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": values.id,
        ":company_id": values.company_id,
        ":department_id": values.department_id,
        ":parent_position_id": values.parent_position_id,
        ":name": values.name,
        ":name_folded": fold(values.name),
        ":color": values.color,
        ":note": values.note,
        ":revision": values.revision,
        ":now": values.now.micros(),
    })?;
    Ok(one_row(changed, "positions", values.id)?)
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    tx.sql().prepare_cached(LEAVE_BIN)?.execute(named_params! { ":id": id })?;
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "positions", id)?)
}

pub(super) fn list(
    tx: &Tx<'_>,
    scope: Scope,
    mut each: impl FnMut(Position, Uses) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let mut rows = statement
        .query(named_params! { ":company_id": scope.company_id, ":department_id": scope.department_id })?;
    while let Some(row) = rows.next()? {
        each(position(row)?, counts(row)?)?;
    }
    Ok(())
}

pub(super) fn uses(tx: &Tx<'_>, id: i64) -> Result<Uses> {
    Ok(tx.sql().prepare_cached(USES)?.query_row(named_params! { ":id": id }, counts)?)
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Position>> {
    let mut statement = tx.sql().prepare_cached(GET)?;
    Ok(statement.query_row(named_params! { ":id": id }, position).optional()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Position> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, position)?)
}

/// In that department itself.
pub(super) fn find(tx: &Tx<'_>, department_id: i64, folded: &str) -> Result<Option<Position>> {
    find_id(tx, ID_IN, department_id, folded)
}

/// In that department or those under it, the nearest alone.
pub(super) fn find_below(tx: &Tx<'_>, department_id: i64, folded: &str) -> Result<Vec<Position>> {
    let mut statement = tx.sql().prepare_cached(IDS_BELOW)?;
    let mut rows = statement.query(named_params! { ":department_id": department_id, ":name": folded })?;
    let (mut nearest, mut found) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        let (id, depth): (i64, i64) = (row.get(0)?, row.get(1)?);
        if *nearest.get_or_insert(depth) != depth {
            break;
        }
        found.push(get(tx, id)?);
    }
    Ok(found)
}

fn find_id(tx: &Tx<'_>, sql: &str, department_id: i64, folded: &str) -> Result<Option<Position>> {
    let mut statement = tx.sql().prepare_cached(sql)?;
    let id = statement
        .query_row(named_params! { ":department_id": department_id, ":name": folded }, |row| row.get(0))
        .optional()?;
    id.map(|id| get(tx, id)).transpose()
}

/// Every position of that name.
pub(super) fn find_all(tx: &Tx<'_>, scope: Scope, folded: &str) -> Result<Vec<Position>> {
    let mut statement = tx.sql().prepare_cached(IDS_BY_NAME)?;
    let ids = statement.query_map(
        named_params! {
            ":name": folded,
            ":company_id": scope.company_id,
            ":department_id": scope.department_id,
        },
        |row| row.get::<_, i64>(0),
    )?;
    ids.map(|id| get(tx, id?)).collect()
}

pub(super) fn departments_with(tx: &Tx<'_>, company_id: i64, folded: &str) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(DEPARTMENTS_WITH)?;
    let names = statement
        .query_map(named_params! { ":company_id": company_id, ":name": folded }, |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The names there are, each with its company.
pub(super) fn names(tx: &Tx<'_>, scope: Scope) -> Result<Vec<(i64, String)>> {
    let mut statement = tx.sql().prepare_cached(NAMES)?;
    let names = statement.query_map(
        named_params! { ":company_id": scope.company_id, ":department_id": scope.department_id },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The positions directly under one.
pub(super) fn under(tx: &Tx<'_>, id: i64) -> Result<Vec<Position>> {
    let mut statement = tx.sql().prepare_cached(IDS_UNDER)?;
    let ids = statement.query_map(named_params! { ":id": id }, |row| row.get::<_, i64>(0))?;
    ids.map(|id| get(tx, id?)).collect()
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    LEAVE_BIN,
    DELETE,
    GET,
    LIST,
    USES,
    ID_IN,
    IDS_BELOW,
    IDS_BY_NAME,
    DEPARTMENTS_WITH,
    NAMES,
    IDS_UNDER,
];
