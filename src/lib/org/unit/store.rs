//! The SQL of departments and positions.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Above, Home, UnitKind};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row};
use crate::text::fold::fold;
use crate::text::instant::Instant;

/// A statement for departments and the same for positions: the words outside the quotes are what `word!` says.
macro_rules! both {
    ($($part:tt)*) => { [concat!($(word!(department $part)),*), concat!($(word!(position $part)),*)] };
}

/// What a word stands for in a statement for one kind.
macro_rules! word {
    ($kind:ident $literal:literal) => { $literal };
    (department table) => { "departments" };
    (position table) => { "positions" };
    // The column of the department that it hangs under or belongs to.
    (department home) => { "parent_department_id" };
    (position home) => { "department_id" };
    // The column of that within which its name is the only one.
    (department owner) => { "company_id" };
    (position owner) => { "department_id" };
    // The columns of people, of positions and of departments that refer to it.
    (department of_person) => { "department_id" };
    (position of_person) => { "position_id" };
    (department of_position) => { "department_id" };
    (position of_position) => { "parent_position_id" };
    (department of_department) => { "parent_department_id" };
    (position of_department) => { "parent_position_id" };
    (department by_owner) => { "sort_key(c.name_folded)" };
    (position by_owner) => { "sort_key(c.name_folded), sort_key(d.name_folded)" };
    ($kind:ident columns) => {
        "x.id, x.company_id, c.name AS company, d.id AS department_id, d.name AS department, p.id AS position_id,
            p.name AS position, x.name, x.color, x.note, x.revision, x.created_at, x.updated_at"
    };
    ($kind:ident counts) => {
        concat!(
            "(SELECT count(*) FROM users o WHERE o.", word!($kind of_person), " = x.id AND o.deleted_at IS NULL) AS people,
            (SELECT count(*) FROM positions o WHERE o.", word!($kind of_position), " = x.id) AS positions,
            (SELECT count(*) FROM departments o WHERE o.", word!($kind of_department), " = x.id) AS departments"
        )
    };
    ($kind:ident joined) => {
        concat!(
            word!($kind table), " x
            JOIN companies c ON c.id = x.company_id
            LEFT JOIN departments d ON d.id = x.", word!($kind home), "
            LEFT JOIN positions p ON p.id = x.parent_position_id"
        )
    };
    ($kind:ident in_scope) => {
        concat!(
            "(:company_id IS NULL OR x.company_id = :company_id)
            AND (:department_id IS NULL OR x.", word!($kind home), " = :department_id)"
        )
    };
}

const INSERT: [&str; 2] = both!(
    "INSERT INTO " table " (
        id, company_id, " home ", parent_position_id, name, name_folded, color, note, revision, created_at,
        updated_at
    )
    VALUES (
        :id, :company_id, :department_id, :position_id, :name, :name_folded, :color, :note, :revision, :now, :now
    )"
);

const UPDATE: [&str; 2] = both!(
    "UPDATE " table "
    SET " home " = :department_id, parent_position_id = :position_id, name = :name, name_folded = :name_folded,
        color = :color, note = :note, revision = :revision, updated_at = :now
    WHERE id = :id AND company_id = :company_id"
);

const IS_IN_BIN: [&str; 2] =
    both!("SELECT EXISTS (SELECT 1 FROM users WHERE " of_person " = :id AND deleted_at IS NOT NULL)");

const SET_CREATED: [&str; 2] = both!("UPDATE " table " SET created_at = :made WHERE id = :id");

const DELETE: [&str; 2] = both!("DELETE FROM " table " WHERE id = :id");

const GET: [&str; 2] = both!("SELECT " columns " FROM " joined " WHERE x.id = :id");

const LIST: [&str; 2] = both!(
    "SELECT " columns ", " counts " FROM " joined "
    WHERE " in_scope "
    ORDER BY " by_owner ", sort_key(x.name_folded)"
);

const USES: [&str; 2] = both!("SELECT " counts " FROM " table " x WHERE x.id = :id");

const ID_IN: [&str; 2] =
    both!("SELECT id FROM " table " WHERE " owner " = :owner_id AND name_folded = :name");

/// Every one of a name, by where it is.
const IDS_BY_NAME: [&str; 2] = both!(
    "SELECT x.id FROM " joined "
    WHERE x.name_folded = :name AND " in_scope "
    ORDER BY " by_owner
);

const NAMES: [&str; 2] = both!(
    "SELECT x.company_id, x.name FROM " table " x WHERE " in_scope " ORDER BY sort_key(x.name_folded)"
);

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

const IDS_UNDER: &str = "SELECT id FROM positions WHERE parent_position_id = :id ORDER BY id";

/// A department or a position as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Which of the two.
    pub(crate) kind: UnitKind,
    /// Never reused.
    pub(crate) id: i64,
    /// Whose it is.
    pub(crate) company_id: i64,
    /// The company's name.
    pub(crate) company: String,
    /// Where it is there.
    pub(crate) home: Home,
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

/// How much refers to a unit. Counting walks its people, so a lookup does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Uses {
    /// People outside the bin.
    pub(crate) people: i64,
    /// Positions of a department, or directly under a position.
    pub(crate) positions: i64,
    /// Departments directly under it.
    pub(crate) departments: i64,
}

/// Where to look for units; nothing is everywhere.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UnitScope {
    pub(super) company_id: Option<i64>,
    pub(super) department_id: Option<i64>,
}

/// The statement for a kind.
const fn of(kind: UnitKind, [department, position]: [&'static str; 2]) -> &'static str {
    kind.either(department, position)
}

fn unit(kind: UnitKind, row: &Row<'_>) -> rusqlite::Result<Unit> {
    of_row((kind.table(), "id"), row, |row| {
        let above = |id, name| -> rusqlite::Result<_> {
            let (id, name): (Option<i64>, Option<String>) = (row.get(id)?, row.get(name)?);
            Ok(id.zip(name).map(|(id, name)| Above { id, name }))
        };
        Ok(Unit {
            kind,
            id: row.get("id")?,
            company_id: row.get("company_id")?,
            company: row.get("company")?,
            home: Home {
                department: above("department_id", "department")?,
                position: above("position_id", "position")?,
            },
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

pub(super) fn insert(tx: &Tx<'_>, unit: &Unit) -> Result<()> {
    write(tx, INSERT, unit)
}

pub(super) fn update(tx: &Tx<'_>, unit: &Unit) -> Result<()> {
    write(tx, UPDATE, unit)
}

fn write(tx: &Tx<'_>, sql: [&'static str; 2], unit: &Unit) -> Result<()> {
    let changed = tx.sql().prepare_cached(of(unit.kind, sql))?.execute(named_params! {
        ":id": unit.id,
        ":company_id": unit.company_id,
        ":department_id": unit.home.department_id(),
        ":position_id": unit.home.position.as_ref().map(|position| position.id),
        ":name": unit.name,
        ":name_folded": fold(&unit.name),
        ":color": unit.color,
        ":note": unit.note,
        ":revision": unit.revision,
        ":now": unit.updated_at.micros(),
    })?;
    Ok(one_row(changed, unit.kind.table(), unit.id)?)
}

/// Writes a unit that was deleted, as it was made then.
pub(super) fn put_back(tx: &Tx<'_>, unit: &Unit, made: Instant) -> Result<()> {
    write(tx, INSERT, unit)?;
    let parameters = named_params! { ":id": unit.id, ":made": made.micros() };
    let dated = tx.sql().prepare_cached(of(unit.kind, SET_CREATED))?.execute(parameters)?;
    Ok(one_row(dated, unit.kind.table(), unit.id)?)
}

/// Whether somebody in the bin has the unit.
pub(super) fn is_in_bin(tx: &Tx<'_>, kind: UnitKind, id: i64) -> Result<bool> {
    let mut statement = tx.sql().prepare_cached(of(kind, IS_IN_BIN))?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| row.get(0))?)
}

pub(super) fn delete(tx: &Tx<'_>, kind: UnitKind, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(of(kind, DELETE))?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, kind.table(), id)?)
}

pub(super) fn list(
    tx: &Tx<'_>,
    kind: UnitKind,
    scope: UnitScope,
    mut each: impl FnMut(Unit, Uses) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(of(kind, LIST))?;
    let mut rows = statement
        .query(named_params! { ":company_id": scope.company_id, ":department_id": scope.department_id })?;
    while let Some(row) = rows.next()? {
        each(unit(kind, row)?, counts(row)?)?;
    }
    Ok(())
}

pub(super) fn uses(tx: &Tx<'_>, kind: UnitKind, id: i64) -> Result<Uses> {
    Ok(tx.sql().prepare_cached(of(kind, USES))?.query_row(named_params! { ":id": id }, counts)?)
}

pub(super) fn by_id(tx: &Tx<'_>, kind: UnitKind, id: i64) -> Result<Option<Unit>> {
    let mut statement = tx.sql().prepare_cached(of(kind, GET))?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| unit(kind, row)).optional()?)
}

pub(super) fn get(tx: &Tx<'_>, kind: UnitKind, id: i64) -> Result<Unit> {
    let mut statement = tx.sql().prepare_cached(of(kind, GET))?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| unit(kind, row))?)
}

/// The one of that name in a company (a department) or in a department itself (a position).
pub(super) fn find(tx: &Tx<'_>, kind: UnitKind, owner_id: i64, folded: &str) -> Result<Option<Unit>> {
    let mut statement = tx.sql().prepare_cached(of(kind, ID_IN))?;
    let id = statement
        .query_row(named_params! { ":owner_id": owner_id, ":name": folded }, |row| row.get(0))
        .optional()?;
    id.map(|id| get(tx, kind, id)).transpose()
}

/// Every one of that name.
pub(super) fn find_all(tx: &Tx<'_>, kind: UnitKind, scope: UnitScope, folded: &str) -> Result<Vec<Unit>> {
    let mut statement = tx.sql().prepare_cached(of(kind, IDS_BY_NAME))?;
    let ids = statement.query_map(
        named_params! {
            ":name": folded,
            ":company_id": scope.company_id,
            ":department_id": scope.department_id,
        },
        |row| row.get::<_, i64>(0),
    )?;
    ids.map(|id| get(tx, kind, id?)).collect()
}

/// The names there are, each with its company.
pub(super) fn names(tx: &Tx<'_>, kind: UnitKind, scope: UnitScope) -> Result<Vec<(i64, String)>> {
    let mut statement = tx.sql().prepare_cached(of(kind, NAMES))?;
    let names = statement.query_map(
        named_params! { ":company_id": scope.company_id, ":department_id": scope.department_id },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Positions of that name in that department or those under it, the nearest alone.
pub(super) fn find_below(tx: &Tx<'_>, department_id: i64, folded: &str) -> Result<Vec<Unit>> {
    let mut statement = tx.sql().prepare_cached(IDS_BELOW)?;
    let mut rows = statement.query(named_params! { ":department_id": department_id, ":name": folded })?;
    let (mut nearest, mut found) = (None, Vec::new());
    while let Some(row) = rows.next()? {
        let (id, depth): (i64, i64) = (row.get(0)?, row.get(1)?);
        if *nearest.get_or_insert(depth) != depth {
            break;
        }
        found.push(get(tx, UnitKind::Position, id)?);
    }
    Ok(found)
}

/// The positions directly under one.
pub(super) fn under(tx: &Tx<'_>, id: i64) -> Result<Vec<Unit>> {
    let mut statement = tx.sql().prepare_cached(IDS_UNDER)?;
    let ids = statement.query_map(named_params! { ":id": id }, |row| row.get::<_, i64>(0))?;
    ids.map(|id| get(tx, UnitKind::Position, id?)).collect()
}

#[cfg(test)]
#[rustfmt::skip]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT[0], INSERT[1], UPDATE[0], UPDATE[1], IS_IN_BIN[0], IS_IN_BIN[1], SET_CREATED[0], SET_CREATED[1],
    DELETE[0], DELETE[1], GET[0], GET[1],
    LIST[0], LIST[1], USES[0], USES[1], ID_IN[0], ID_IN[1], IDS_BY_NAME[0], IDS_BY_NAME[1], NAMES[0], NAMES[1],
    IDS_BELOW, IDS_UNDER,
];
