//! The SQL of groups.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Found, Grant, Group, Member, Properties};
use crate::catalog::Origin;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::fold::fold;
use crate::text::instant::Instant;

/// A group as it is shown, with how much hangs on it; `$rest` says which, and in which order.
macro_rules! groups {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.name, g.company_id, c.name AS company, g.description, g.color, g.assignable,
                g.revision, g.created_at, g.updated_at,
                (SELECT count(*)
                    FROM (
                        SELECT s.user_id FROM memberships s WHERE s.group_id = g.id
                        UNION
                        SELECT b.user_id FROM memberships_by_role b WHERE b.group_id = g.id
                    ) m
                    JOIN users u ON u.id = m.user_id
                    WHERE u.deleted_at IS NULL) AS members,
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
    ORDER BY sort_key(g.name_folded), sort_key(c.name_folded)"
);

const NAMED: &str = "
    SELECT g.id, g.name, g.company_id, c.name, g.assignable
    FROM groups g
    LEFT JOIN companies c ON c.id = g.company_id
    WHERE g.name_folded = :name
    ORDER BY sort_key(c.name_folded)";

const BY_ID: &str = "
    SELECT g.id, g.name, g.company_id, c.name, g.assignable
    FROM groups g
    LEFT JOIN companies c ON c.id = g.company_id
    WHERE g.id = :id";

const NAMES: &str = "
    SELECT g.id, g.name, g.company_id, c.name, g.assignable
    FROM groups g
    LEFT JOIN companies c ON c.id = g.company_id
    ORDER BY sort_key(g.name_folded), sort_key(c.name_folded)";

const INSERT: &str = "
    INSERT INTO groups
        (id, name, name_folded, company_id, description, color, assignable, revision, created_at, updated_at)
    VALUES
        (:id, :name, :name_folded, :company_id, :description, :color, :assignable, :revision, :now, :now)";

const UPDATE: &str = "
    UPDATE groups
    SET name = :name, name_folded = :name_folded, company_id = :company_id, description = :description,
        color = :color, assignable = :assignable, revision = :revision, updated_at = :now
    WHERE id = :id";

/// Those put into the group who are in the bin, or those of them who are not of a company.
const MEMBERS_IN_BIN: &str = "
    SELECT DISTINCT m.user_id
    FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.group_id = :id AND u.deleted_at IS NOT NULL
        AND (:company_id IS NULL OR u.company_id IS NOT :company_id)
    ORDER BY m.user_id";

const DELETE: &str = "DELETE FROM groups WHERE id = :id";

/// Everybody whom the group can concern: put in by hand, or holding a role that has it, whether it brings it now or not.
const WHO_COULD_BE_IN: &str = "
    SELECT m.user_id FROM memberships m WHERE m.group_id = :id
    UNION
    SELECT h.user_id FROM role_groups b JOIN user_roles h ON h.role_id = b.role_id WHERE b.group_id = :id";

const SET_CREATED: &str = "UPDATE groups SET created_at = :made WHERE id = :id";

const GRANTS: &str = "
    SELECT t.permission, t.company_id, c.name
    FROM grants t
    LEFT JOIN companies c ON c.id = t.company_id
    WHERE t.group_id = :id
    ORDER BY sort_key(c.name_folded)";

const ADD_GRANT: &str = "
    INSERT INTO grants (group_id, permission, company_id, created_at)
    VALUES (:id, :permission, :company_id, :now)";

const REMOVE_GRANT: &str = "
    DELETE FROM grants WHERE group_id = :id AND permission = :permission AND company_id IS :company_id";

const TOUCH: &str = "UPDATE groups SET revision = :revision, updated_at = :now WHERE id = :id";

const ROLES: &str = "
    SELECT r.slug, k.company_id
    FROM role_groups b
    JOIN roles r ON r.id = b.role_id
    LEFT JOIN role_companies k ON k.role_id = r.id
    WHERE b.group_id = :id
    ORDER BY r.sort_order, sort_key(r.name_folded)";

/// People of other companies outside the bin: those put in by hand, and those who have it through a role.
const MEMBERS_ELSEWHERE: &str = "
    SELECT count(*)
    FROM (
        SELECT m.user_id FROM memberships m
        JOIN users u ON u.id = m.user_id
        WHERE m.group_id = :id AND u.company_id IS NOT :company_id AND u.deleted_at IS NULL
        UNION
        SELECT b.user_id FROM memberships_by_role b
        JOIN users u ON u.id = b.user_id
        WHERE b.group_id = :id AND u.company_id IS NOT :company_id AND u.deleted_at IS NULL
    )";

const ROLES_ELSEWHERE: &str = "
    SELECT count(*)
    FROM role_groups b
    WHERE b.group_id = :id
        AND EXISTS (SELECT 1 FROM role_companies k WHERE k.role_id = b.role_id)
        AND NOT EXISTS (SELECT 1 FROM role_companies k WHERE k.role_id = b.role_id AND k.company_id = :company_id)";

/// A row for each origin, those of one person one after the other.
const MEMBERS: &str = "
    SELECT u.id, u.email, u.first_name, u.last_name, u.company_id, c.name, d.name, m.origin, r.slug
    FROM memberships_in_force m
    JOIN users u ON u.id = m.user_id
    LEFT JOIN companies c ON c.id = u.company_id
    LEFT JOIN departments d ON d.id = u.department_id
    LEFT JOIN roles r ON r.id = m.role_id
    WHERE m.group_id = :id AND u.deleted_at IS NULL
    ORDER BY u.email_folded, u.id, m.role_id IS NOT NULL, r.slug, m.origin";

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
    Ok(Found {
        id: row.get(0)?,
        name: row.get(1)?,
        company_id: row.get(2)?,
        company: row.get(3)?,
        assignable: row.get(4)?,
    })
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

pub(super) fn found_by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Found>> {
    Ok(tx.sql().prepare_cached(BY_ID)?.query_row(named_params! { ":id": id }, found).optional()?)
}

/// All groups, by name.
pub(super) fn names(tx: &Tx<'_>) -> Result<Vec<Found>> {
    let mut statement = tx.sql().prepare_cached(NAMES)?;
    Ok(statement.query_map([], found)?.collect::<Result<_, _>>()?)
}

pub(super) fn insert(tx: &Tx<'_>, values: &Values<'_>) -> Result<()> {
    write(tx, INSERT, values)
}

pub(super) fn update(tx: &Tx<'_>, values: &Values<'_>) -> Result<()> {
    write(tx, UPDATE, values)
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "groups", id)?)
}

/// Writes a group that was deleted, as it was made then.
pub(super) fn put_back(tx: &Tx<'_>, values: &Values<'_>, made: Instant) -> Result<()> {
    write(tx, INSERT, values)?;
    let parameters = named_params! { ":id": values.id, ":made": made.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_CREATED)?.execute(parameters)?, "groups", values.id)?)
}

/// Calls `each` with everybody whom the group can concern.
pub(super) fn each_who_could_be_in(tx: &Tx<'_>, id: i64, mut each: impl FnMut(i64)) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(WHO_COULD_BE_IN)?;
    let mut rows = statement.query(named_params! { ":id": id })?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?);
    }
    Ok(())
}

/// Who is in the bin and was put into the group; those alone who are not of a company, where one is given.
pub(super) fn members_in_bin(tx: &Tx<'_>, id: i64, company_id: Option<i64>) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(MEMBERS_IN_BIN)?;
    let parameters = named_params! { ":id": id, ":company_id": company_id };
    let ids = statement.query_map(parameters, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The group with that id.
pub(super) fn find(tx: &Tx<'_>, id: i64) -> Result<Option<Group>> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, group).optional()?)
}

/// The grants of a group, by company: those for all first.
pub(super) fn grants(tx: &Tx<'_>, id: i64) -> Result<Vec<Grant>> {
    let mut statement = tx.sql().prepare_cached(GRANTS)?;
    let grants = statement.query_map(named_params! { ":id": id }, |row| {
        Ok(Grant { permission: row.get(0)?, company_id: row.get(1)?, company: row.get(2)? })
    })?;
    Ok(grants.collect::<Result<_, _>>()?)
}

pub(super) fn add_grants(tx: &Tx<'_>, id: i64, grants: &[Grant], now: Instant) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(ADD_GRANT)?;
    for grant in grants {
        let (permission, company_id) = (&grant.permission, grant.company_id);
        let now = now.micros();
        statement.execute(
            named_params! { ":id": id, ":permission": permission, ":company_id": company_id, ":now": now },
        )?;
    }
    Ok(())
}

pub(super) fn remove_grants(tx: &Tx<'_>, id: i64, grants: &[Grant]) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(REMOVE_GRANT)?;
    for grant in grants {
        let (permission, company_id) = (&grant.permission, grant.company_id);
        let removed = statement
            .execute(named_params! { ":id": id, ":permission": permission, ":company_id": company_id })?;
        one_row(removed, "grants", id)?;
    }
    Ok(())
}

/// Says that a change of the group's grants is its last change.
pub(super) fn touch(tx: &Tx<'_>, id: i64, revision: i64, now: Instant) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(TOUCH)?;
    let touched =
        statement.execute(named_params! { ":id": id, ":revision": revision, ":now": now.micros() })?;
    Ok(one_row(touched, "groups", id)?)
}

/// The slugs of the roles that bring the group, each with one of its companies, or with none when it is for all.
pub(super) fn roles(tx: &Tx<'_>, id: i64) -> Result<Vec<(String, Option<i64>)>> {
    let mut statement = tx.sql().prepare_cached(ROLES)?;
    let rows = statement.query_map(named_params! { ":id": id }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many people who are in the group, by hand or through a role, are not of that company.
pub(super) fn members_elsewhere(tx: &Tx<'_>, id: i64, company_id: i64) -> Result<u64> {
    count_elsewhere(tx, MEMBERS_ELSEWHERE, id, company_id)
}

/// How many roles that bring the group are for other companies and not for that one.
pub(super) fn roles_elsewhere(tx: &Tx<'_>, id: i64, company_id: i64) -> Result<u64> {
    count_elsewhere(tx, ROLES_ELSEWHERE, id, company_id)
}

fn count_elsewhere(tx: &Tx<'_>, sql: &str, id: i64, company_id: i64) -> Result<u64> {
    let parameters = named_params! { ":id": id, ":company_id": company_id };
    let count: i64 = tx.sql().prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    let (first, last): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
    Ok(Member {
        id: row.get(0)?,
        email: row.get(1)?,
        full_name: first.zip(last).map(|(first, last)| format!("{first} {last}")),
        company_id: row.get(4)?,
        company: row.get(5)?,
        department: row.get(6)?,
        origins: vec![Origin::stored(row.get_ref(7)?.as_str()?, row.get(8)?)],
    })
}

/// Calls `each` with everybody outside the bin who is in the group, by email.
pub(super) fn members(tx: &Tx<'_>, id: i64, mut each: impl FnMut(Member) -> Result<()>) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(MEMBERS)?;
    let mut rows = statement.query(named_params! { ":id": id })?;
    let mut last: Option<Member> = None;
    while let Some(row) = rows.next()? {
        let next = member(row)?;
        match &mut last {
            Some(last) if last.id == next.id => last.origins.extend(next.origins),
            last => {
                if let Some(done) = last.replace(next) {
                    each(done)?;
                }
            }
        }
    }
    last.map_or(Ok(()), each)
}

fn write(tx: &Tx<'_>, sql: &str, values: &Values<'_>) -> Result<()> {
    let properties = &values.properties;
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
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
    Ok(one_row(changed, "groups", values.id)?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    GET,
    LIST,
    NAMED,
    BY_ID,
    NAMES,
    INSERT,
    UPDATE,
    MEMBERS_IN_BIN,
    DELETE,
    WHO_COULD_BE_IN,
    SET_CREATED,
    GRANTS,
    ADD_GRANT,
    REMOVE_GRANT,
    TOUCH,
    ROLES,
    MEMBERS_ELSEWHERE,
    ROLES_ELSEWHERE,
    MEMBERS,
];
