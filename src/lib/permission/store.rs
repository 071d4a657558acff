//! The SQL of permission questions.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::Permission;
use super::access::{Granted, Membership, Origin};
use crate::error::Result;
use crate::group;
use crate::store::Tx;
use crate::text::date::Day;

/// The start of every question about the groups of one person, a row for each origin.
macro_rules! memberships {
    ($condition:literal) => {
        concat!(
            "SELECT g.id, g.name, c.name, g.company_id, m.origin, r.slug
            FROM memberships_in_force m
            JOIN groups g ON g.id = m.group_id
            LEFT JOIN companies c ON c.id = g.company_id
            LEFT JOIN roles r ON r.id = m.role_id
            WHERE m.user_id = :user ",
            $condition,
            " ORDER BY g.name_folded, g.id, m.role_id IS NOT NULL, r.slug, m.origin"
        )
    };
}

const MEMBERSHIPS: &str = memberships!("");

const MEMBERSHIPS_GRANTING: &str = memberships!(
    "AND EXISTS (SELECT 1 FROM grants t WHERE t.group_id = m.group_id AND t.permission = :permission)"
);

const GRANTS: &str = "
    SELECT t.group_id, t.permission, t.company_id
    FROM grants t
    WHERE t.group_id IN (SELECT m.group_id FROM memberships_in_force m WHERE m.user_id = :user)";

const GRANTS_OF: &str = "
    SELECT t.group_id, t.permission, t.company_id
    FROM grants t
    WHERE t.permission = :permission
        AND t.group_id IN (SELECT m.group_id FROM memberships_in_force m WHERE m.user_id = :user)";

const COMPANIES: &str = "SELECT id, name FROM companies";

const GRANTING: &str = "
    SELECT g.id, g.name, c.name, g.company_id, t.company_id
    FROM grants t
    JOIN groups g ON g.id = t.group_id
    LEFT JOIN companies c ON c.id = g.company_id
    WHERE t.permission = :permission
    ORDER BY g.name_folded, g.id, t.company_id";

/// The stored ones before those of roles, as a person's own groups are listed.
const MEMBERS: &str = "
    SELECT m.user_id, m.origin, r.slug
    FROM memberships_in_force m
    LEFT JOIN roles r ON r.id = m.role_id
    WHERE m.group_id = :group
    ORDER BY m.role_id IS NOT NULL, r.slug, m.origin";

const SUPERUSERS: &str = "SELECT id FROM users WHERE superuser = 1";

const CANDIDATE: &str = "
    SELECT email, first_name, last_name, sort_name, company_id, active, start_date, end_date, superuser
    FROM users
    WHERE id = :id AND deleted_at IS NULL";

/// A group with its grants of one permission.
pub(super) struct Granting {
    pub(super) id: i64,
    /// With its company's name where it has one.
    pub(super) name: String,
    pub(super) company: Option<i64>,
    /// The companies the permission is granted for; none for all.
    pub(super) grants: Vec<Option<i64>>,
}

/// Somebody who has a permission if they are active.
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) full_name: Option<String>,
    pub(super) sort_name: String,
    pub(super) company: Option<i64>,
    pub(super) active: bool,
    pub(super) start_date: Option<Day>,
    pub(super) end_date: Option<Day>,
    pub(super) superuser: bool,
}

/// Every group the person is in.
pub(super) fn memberships(tx: &Tx<'_>, user: i64) -> Result<Vec<Membership>> {
    let mut statement = tx.sql().prepare_cached(MEMBERSHIPS)?;
    collect(statement.query_map(named_params! { ":user": user }, membership)?)
}

/// The groups the person is in that have some grant of the permission.
pub(super) fn memberships_granting(
    tx: &Tx<'_>,
    user: i64,
    permission: Permission,
) -> Result<Vec<Membership>> {
    let mut statement = tx.sql().prepare_cached(MEMBERSHIPS_GRANTING)?;
    let parameters = named_params! { ":user": user, ":permission": permission.id() };
    collect(statement.query_map(parameters, membership)?)
}

fn membership(row: &Row<'_>) -> rusqlite::Result<Membership> {
    let company: Option<String> = row.get(2)?;
    let name: String = row.get(1)?;
    Ok(Membership {
        group: row.get(0)?,
        name: group::canonical(&name, company.as_deref()),
        company: row.get(3)?,
        origins: vec![Origin::stored(row.get_ref(4)?.as_str()?, row.get(5)?)],
    })
}

/// Joins the origins of one group, which come one after the other.
fn collect(rows: impl Iterator<Item = rusqlite::Result<Membership>>) -> Result<Vec<Membership>> {
    let mut all: Vec<Membership> = Vec::new();
    for row in rows {
        let row = row?;
        match all.last_mut() {
            Some(last) if last.group == row.group => last.origins.extend(row.origins),
            _ => all.push(row),
        }
    }
    Ok(all)
}

/// Every grant of the person's groups.
pub(super) fn grants(
    tx: &Tx<'_>,
    user: i64,
    memberships: &[Membership],
) -> Result<BTreeMap<Permission, Vec<Granted>>> {
    let mut statement = tx.sql().prepare_cached(GRANTS)?;
    place(statement.query(named_params! { ":user": user })?, memberships)
}

/// The grants of one permission in the person's groups.
pub(super) fn grants_of(
    tx: &Tx<'_>,
    user: i64,
    permission: Permission,
    memberships: &[Membership],
) -> Result<BTreeMap<Permission, Vec<Granted>>> {
    let mut statement = tx.sql().prepare_cached(GRANTS_OF)?;
    place(statement.query(named_params! { ":user": user, ":permission": permission.id() })?, memberships)
}

/// A grant the catalogue no longer knows answers no question.
fn place(
    mut rows: rusqlite::Rows<'_>,
    memberships: &[Membership],
) -> Result<BTreeMap<Permission, Vec<Granted>>> {
    let places: BTreeMap<i64, usize> =
        memberships.iter().enumerate().map(|(place, membership)| (membership.group, place)).collect();
    let mut grants: BTreeMap<Permission, Vec<Granted>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(1)?;
        let known = Permission::find(&id);
        if let (Some(permission), Some(&membership)) = (known, places.get(&row.get(0)?)) {
            grants.entry(permission).or_default().push(Granted { membership, company: row.get(2)? });
        }
    }
    Ok(grants)
}

/// The names of all companies.
pub(super) fn companies(tx: &Tx<'_>) -> Result<BTreeMap<i64, String>> {
    let mut statement = tx.sql().prepare_cached(COMPANIES)?;
    Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

/// The groups with grants of the permission, by name.
pub(super) fn granting(tx: &Tx<'_>, permission: Permission) -> Result<Vec<Granting>> {
    let mut statement = tx.sql().prepare_cached(GRANTING)?;
    let mut rows = statement.query(named_params! { ":permission": permission.id() })?;
    let mut all: Vec<Granting> = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, grant) = (row.get(0)?, row.get(4)?);
        match all.last_mut() {
            Some(last) if last.id == id => last.grants.push(grant),
            _ => {
                let (name, company): (String, Option<String>) = (row.get(1)?, row.get(2)?);
                let name = group::canonical(&name, company.as_deref());
                all.push(Granting { id, name, company: row.get(3)?, grants: vec![grant] });
            }
        }
    }
    Ok(all)
}

/// Calls `each` with everybody in the group, once for each origin.
pub(super) fn members(tx: &Tx<'_>, group: i64, mut each: impl FnMut(i64, Origin)) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(MEMBERS)?;
    let mut rows = statement.query(named_params! { ":group": group })?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, origin(row)?);
    }
    Ok(())
}

fn origin(row: &Row<'_>) -> rusqlite::Result<Origin> {
    Ok(Origin::stored(row.get_ref(1)?.as_str()?, row.get(2)?))
}

/// Every superuser's id.
pub(super) fn superusers(tx: &Tx<'_>) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(SUPERUSERS)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// The person with that id, outside the bin.
pub(super) fn candidate(tx: &Tx<'_>, id: i64) -> Result<Option<Candidate>> {
    let mut statement = tx.sql().prepare_cached(CANDIDATE)?;
    let found = statement.query_row(named_params! { ":id": id }, |row| {
        let (first, last): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
        Ok(Candidate {
            id,
            email: row.get(0)?,
            full_name: first.zip(last).map(|(first, last)| format!("{first} {last}")),
            sort_name: row.get(3)?,
            company: row.get(4)?,
            active: row.get(5)?,
            start_date: day(row, 6)?,
            end_date: day(row, 7)?,
            superuser: row.get(8)?,
        })
    });
    Ok(found.optional()?)
}

/// A day as it is stored.
pub(super) fn day(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Day>> {
    let text = row.get_ref(index)?.as_str_or_null()?;
    Ok(text.and_then(|text| Day::parse(text).ok()))
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    MEMBERSHIPS,
    MEMBERSHIPS_GRANTING,
    GRANTS,
    GRANTS_OF,
    COMPANIES,
    GRANTING,
    MEMBERS,
    SUPERUSERS,
    CANDIDATE,
];
