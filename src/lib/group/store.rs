//! The SQL of groups.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Found, Group, Properties};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::instant::Instant;

/// A group as it is shown, with how much hangs on it; `$rest` says which, and in which order.
macro_rules! groups {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.name, g.company_id, c.name AS company, g.description, g.color, g.assignable,
                g.revision, g.created_at, g.updated_at,
                (SELECT count(DISTINCT m.user_id) FROM memberships_in_force m
                    JOIN users u ON u.id = m.user_id
                    WHERE m.group_id = g.id AND u.deleted_at IS NULL) AS members,
                (SELECT count(*) FROM grants t WHERE t.group_id = g.id) AS grants,
                (SELECT count(*) FROM role_groups b WHERE b.group_id = g.id) AS roles
            FROM groups g
            LEFT JOIN companies c ON c.id = g.company_id ",
            $rest
        )
    };
}

const GET: &str = groups!("WHERE g.id = :id");

const LIST: &str = groups!(
    "WHERE :company_id IS NULL OR g.company_id = :company_id
    ORDER BY g.name_folded, c.name_folded"
);

const NAMED: &str = "
    SELECT g.id, g.name, g.company_id, c.name
    FROM groups g
    LEFT JOIN companies c ON c.id = g.company_id
    WHERE g.name_folded = :name
    ORDER BY c.name_folded";

const NAMES: &str = "
    SELECT g.id, g.name, g.company_id, c.name
    FROM groups g
    LEFT JOIN companies c ON c.id = g.company_id
    ORDER BY g.name_folded, c.name_folded";

const NEXT_ID: &str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'groups'), 0) + 1";

const INSERT: &str = "
    INSERT INTO groups
        (id, name, name_folded, company_id, description, color, assignable, revision, created_at, updated_at)
    VALUES
        (:id, :name, :name_folded, :company_id, :description, :color, :assignable, :revision, :now, :now)";

/// What is written of a group.
pub(super) struct Values<'a> {
    pub(super) id: i64,
    pub(super) properties: Properties<'a>,
    pub(super) revision: i64,
    pub(super) now: Instant,
}

fn group(row: &Row<'_>) -> rusqlite::Result<Group> {
    Ok(Group {
        id: row.get("id")?,
        name: row.get("name")?,
        company: row.get("company")?,
        company_id: row.get("company_id")?,
        description: row.get("description")?,
        color: row.get("color")?,
        assignable: row.get("assignable")?,
        revision: row.get("revision")?,
        created_at: Instant::from_micros(row.get("created_at")?),
        updated_at: Instant::from_micros(row.get("updated_at")?),
        members: row.get("members")?,
        grants: row.get("grants")?,
        roles: row.get("roles")?,
    })
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found { id: row.get(0)?, name: row.get(1)?, company_id: row.get(2)?, company: row.get(3)? })
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Group>> {
    let mut statement = tx.sql().prepare_cached(GET)?;
    Ok(statement.query_row(named_params! { ":id": id }, group).optional()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Group> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, group)?)
}

pub(super) fn list(
    tx: &Tx<'_>,
    company_id: Option<i64>,
    mut each: impl FnMut(Group) -> Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let mut rows = statement.query(named_params! { ":company_id": company_id })?;
    while let Some(row) = rows.next()? {
        each(group(row)?)?;
    }
    Ok(())
}

/// All groups of that name: that of no company first.
pub(super) fn named(tx: &Tx<'_>, folded: &str) -> Result<Vec<Found>> {
    let mut statement = tx.sql().prepare_cached(NAMED)?;
    let rows = statement.query_map(named_params! { ":name": folded }, found)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// All groups, by name.
pub(super) fn names(tx: &Tx<'_>) -> Result<Vec<Found>> {
    let mut statement = tx.sql().prepare_cached(NAMES)?;
    Ok(statement.query_map([], found)?.collect::<Result<_, _>>()?)
}

pub(super) fn next_id(tx: &Tx<'_>) -> Result<i64> {
    Ok(tx.sql().prepare_cached(NEXT_ID)?.query_row([], |row| row.get(0))?)
}

pub(super) fn insert(tx: &Tx<'_>, values: &Values<'_>) -> Result<()> {
    write(tx, INSERT, values)
}

fn write(tx: &Tx<'_>, sql: &str, values: &Values<'_>) -> Result<()> {
    let properties = &values.properties;
    tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": values.id,
        ":name": properties.name,
        ":name_folded": fold(properties.name),
        ":company_id": properties.company_id,
        ":description": properties.description,
        ":color": properties.color,
        ":assignable": properties.assignable,
        ":revision": values.revision,
        ":now": values.now.micros(),
    })?;
    Ok(())
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[GET, LIST, NAMED, NAMES, NEXT_ID, INSERT];
