//! The SQL of departments.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::Parent;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row};
use crate::text::fold::fold;
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO departments (
        id, company_id, name, name_folded, parent_department_id, parent_position_id, color, note, revision,
        created_at, updated_at
    )
    VALUES (
        :id, :company_id, :name, :name_folded, :parent_department_id, :parent_position_id, :color, :note, :revision,
        :now, :now
    )";

const UPDATE: &str = "
    UPDATE departments
    SET name = :name, name_folded = :name_folded, parent_department_id = :parent_department_id,
        parent_position_id = :parent_position_id, color = :color, note = :note, revision = :revision, updated_at = :now
    WHERE id = :id AND company_id = :company_id";

/// People in the bin do not keep a department alive.
const LEAVE_BIN: &str = "
    UPDATE users SET department_id = NULL, position_id = NULL
    WHERE department_id = :id AND deleted_at IS NOT NULL";

const DELETE: &str = "DELETE FROM departments WHERE id = :id";

const GET: &str = "
    SELECT d.id, d.company_id, c.name AS company, d.name, d.parent_department_id, d.parent_position_id,
        coalesce(pd.name, pp.name) AS parent, d.color, d.note, d.revision, d.created_at, d.updated_at
    FROM departments d
    JOIN companies c ON c.id = d.company_id
    LEFT JOIN departments pd ON pd.id = d.parent_department_id
    LEFT JOIN positions pp ON pp.id = d.parent_position_id
    WHERE d.id = :id";

const LIST: &str = "
    SELECT d.id, d.company_id, c.name AS company, d.name, d.parent_department_id, d.parent_position_id,
        coalesce(pd.name, pp.name) AS parent, d.color, d.note, d.revision, d.created_at, d.updated_at,
        (SELECT count(*) FROM users u WHERE u.department_id = d.id AND u.deleted_at IS NULL) AS people,
        (SELECT count(*) FROM positions p WHERE p.department_id = d.id) AS positions,
        (SELECT count(*) FROM departments b WHERE b.parent_department_id = d.id) AS departments
    FROM departments d
    JOIN companies c ON c.id = d.company_id
    LEFT JOIN departments pd ON pd.id = d.parent_department_id
    LEFT JOIN positions pp ON pp.id = d.parent_position_id
    WHERE :company_id IS NULL OR d.company_id = :company_id
    ORDER BY sort_key(c.name_folded), sort_key(d.name_folded)";

const USES: &str = "
    SELECT (SELECT count(*) FROM users u WHERE u.department_id = :id AND u.deleted_at IS NULL) AS people,
        (SELECT count(*) FROM positions p WHERE p.department_id = :id) AS positions,
        (SELECT count(*) FROM departments b WHERE b.parent_department_id = :id) AS departments";

const ID_BY_NAME: &str = "SELECT id FROM departments WHERE company_id = :company_id AND name_folded = :name";

const COMPANIES_WITH: &str = "
    SELECT c.id, c.name FROM departments d JOIN companies c ON c.id = d.company_id
    WHERE d.name_folded = :name
    ORDER BY sort_key(c.name_folded)";

const NAMES: &str = "
    SELECT company_id, name FROM departments
    WHERE :company_id IS NULL OR company_id = :company_id
    ORDER BY sort_key(name_folded)";

/// A department as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Department {
    /// Never reused.
    pub(crate) id: i64,
    /// Whose it is.
    pub(crate) company_id: i64,
    /// The company's name.
    pub(crate) company: String,
    /// As typed.
    pub(crate) name: String,
    /// What it hangs under.
    pub(crate) parent: Parent,
    /// The name of what it hangs under, unless that is the company.
    pub(crate) parent_name: Option<String>,
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

/// How much refers to a department. Counting walks its people, so a lookup does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Uses {
    /// People outside the bin.
    pub(crate) people: i64,
    /// Positions of it.
    pub(crate) positions: i64,
    /// Departments directly under it.
    pub(crate) departments: i64,
}

/// What is written of a department.
pub(super) struct Values<'a> {
    pub(super) id: i64,
    pub(super) company_id: i64,
    pub(super) name: &'a str,
    pub(super) parent: Parent,
    pub(super) color: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    pub(super) revision: i64,
    pub(super) now: Instant,
}

fn department(row: &Row<'_>) -> rusqlite::Result<Department> {
    of_row(("departments", "id"), row, |row| {
        let parent = match (row.get("parent_department_id")?, row.get("parent_position_id")?) {
            (Some(id), _) => Parent::Department(id),
            (None, Some(id)) => Parent::Position(id),
            (None, None) => Parent::Company,
        };
        Ok(Department {
            id: row.get("id")?,
            company_id: row.get("company_id")?,
            company: row.get("company")?,
            name: row.get("name")?,
            parent,
            parent_name: row.get("parent")?,
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
    let (parent_department_id, parent_position_id) = match values.parent {
        Parent::Company => (None, None),
        Parent::Department(id) => (Some(id), None),
        Parent::Position(id) => (None, Some(id)),
    };
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": values.id,
        ":company_id": values.company_id,
        ":name": values.name,
        ":name_folded": fold(values.name),
        ":parent_department_id": parent_department_id,
        ":parent_position_id": parent_position_id,
        ":color": values.color,
        ":note": values.note,
        ":revision": values.revision,
        ":now": values.now.micros(),
    })?;
    Ok(one_row(changed, "departments", values.id)?)
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    tx.sql().prepare_cached(LEAVE_BIN)?.execute(named_params! { ":id": id })?;
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "departments", id)?)
}

pub(super) fn list(
    tx: &Tx<'_>,
    company_id: Option<i64>,
    mut each: impl FnMut(Department, Uses) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let mut rows = statement.query(named_params! { ":company_id": company_id })?;
    while let Some(row) = rows.next()? {
        each(department(row)?, counts(row)?)?;
    }
    Ok(())
}

pub(super) fn uses(tx: &Tx<'_>, id: i64) -> Result<Uses> {
    Ok(tx.sql().prepare_cached(USES)?.query_row(named_params! { ":id": id }, counts)?)
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Department>> {
    let mut statement = tx.sql().prepare_cached(GET)?;
    Ok(statement.query_row(named_params! { ":id": id }, department).optional()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Department> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, department)?)
}

pub(super) fn find(tx: &Tx<'_>, company_id: i64, folded: &str) -> Result<Option<Department>> {
    let mut statement = tx.sql().prepare_cached(ID_BY_NAME)?;
    let id = statement
        .query_row(named_params! { ":company_id": company_id, ":name": folded }, |row| row.get(0))
        .optional()?;
    id.map(|id| get(tx, id)).transpose()
}

/// The companies that have a department of that name.
pub(super) fn companies_with(tx: &Tx<'_>, folded: &str) -> Result<Vec<(i64, String)>> {
    let mut statement = tx.sql().prepare_cached(COMPANIES_WITH)?;
    let names =
        statement.query_map(named_params! { ":name": folded }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The names of a company's departments, or of all, each with its company.
pub(super) fn names(tx: &Tx<'_>, company_id: Option<i64>) -> Result<Vec<(i64, String)>> {
    let mut statement = tx.sql().prepare_cached(NAMES)?;
    let names = statement
        .query_map(named_params! { ":company_id": company_id }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[INSERT, UPDATE, LEAVE_BIN, DELETE, GET, LIST, USES, ID_BY_NAME, COMPANIES_WITH, NAMES];
