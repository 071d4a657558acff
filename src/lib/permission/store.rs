//! The SQL of permission questions.

use std::collections::BTreeMap;

use rusqlite::{Row, named_params};

use super::Permission;
use super::access::{Granted, Membership, Origin};
use crate::error::Result;
use crate::store::Tx;

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
        name: company.map_or(name.clone(), |company| format!("{name}@{company}")),
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

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[MEMBERSHIPS, MEMBERSHIPS_GRANTING, GRANTS, GRANTS_OF];
