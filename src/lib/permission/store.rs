//! The SQL of permission questions.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::access::{Granted, Membership};
use crate::catalog::{GrantScope, Origin, Permission, grant_scope};
use crate::error::Result;
use crate::group;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::person_selector::PersonSelector;
use crate::user::login::{Moment, Service};

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

const GRANTS: &str = "
    SELECT t.group_id, t.permission, t.company_id
    FROM grants t
    WHERE t.group_id IN (SELECT m.group_id FROM memberships_in_force m WHERE m.user_id = :user)";

/// For which companies one permission is granted in the groups the person is in.
const SCOPES_OF_GRANTS: &str = "
    SELECT g.company_id, t.company_id
    FROM (
        SELECT m.group_id FROM memberships m WHERE m.user_id = :user
        UNION ALL
        SELECT m.group_id FROM memberships_by_role m WHERE m.user_id = :user
    ) m
    CROSS JOIN grants t ON t.permission = :permission AND t.group_id = m.group_id
    JOIN groups g ON g.id = m.group_id";

/// How many grants each group has.
const BREADTHS: &str = "SELECT group_id, count(*) FROM grants GROUP BY group_id";

const COMPANIES: &str = "SELECT id, name FROM companies";

const MEMBERS: &str =
    "SELECT user_id, origin FROM memberships_named WHERE group_id = :group ORDER BY user_id, origin";

const HOLDERS: &str = "SELECT user_id FROM user_roles WHERE role_id = :role AND apply_groups = 1";

const SUPERUSERS: &str = "SELECT id FROM users WHERE superuser = 1";

macro_rules! candidate {
    ($source:literal) => {
        concat!(
            "SELECT u.id, u.email, u.first_name || ' ' || u.last_name, u.sort_name, u.company_id, u.active, u.start_date,
                u.end_date, u.directory_closed_from, u.superuser
            FROM ",
            $source
        )
    };
}

const CANDIDATE: &str = candidate!("users u WHERE u.deleted_at IS NULL AND u.id = :id");

const CANDIDATE_BY_EMAIL: &str = candidate!("users u WHERE u.deleted_at IS NULL AND u.email_folded = :email");

/// One after the other, in the order of the ids.
const CANDIDATES: &str =
    candidate!("json_each(:ids) i CROSS JOIN users u ON u.id = i.value WHERE u.deleted_at IS NULL");

/// Somebody who may have a permission, or was named by who asks.
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) full_name: Option<String>,
    pub(super) sort_name: String,
    pub(super) company: Option<i64>,
    /// On the day that was asked for.
    pub(super) active: bool,
    pub(super) superuser: bool,
}

/// Every group the person is in.
pub(super) fn memberships(tx: &Tx<'_>, user: i64) -> Result<Vec<Membership>> {
    let mut statement = tx.sql().prepare_cached(MEMBERSHIPS)?;
    collect(statement.query_map(named_params! { ":user": user }, membership)?)
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

/// For which companies the person's groups grant the permission; the same may come several times.
pub(super) fn grant_scopes(tx: &Tx<'_>, user: i64, permission: Permission) -> Result<Vec<GrantScope>> {
    let mut statement = tx.sql().prepare_cached(SCOPES_OF_GRANTS)?;
    let mut rows = statement.query(named_params! { ":user": user, ":permission": permission.id() })?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.extend(grant_scope(row.get(0)?, row.get(1)?));
    }
    Ok(all)
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

/// Calls `each` with everybody who is in the group roles apart, once for each origin.
pub(super) fn members(tx: &Tx<'_>, group: i64, mut each: impl FnMut(i64, Origin)) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(MEMBERS)?;
    let mut rows = statement.query(named_params! { ":group": group })?;
    while let Some(row) = rows.next()? {
        let origin = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        each(row.get(0)?, Origin::stored(origin, None));
    }
    Ok(())
}

/// Calls `each` with everybody who holds the role with its groups.
pub(super) fn holders(tx: &Tx<'_>, role: i64, mut each: impl FnMut(i64)) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(HOLDERS)?;
    let mut rows = statement.query(named_params! { ":role": role })?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?);
    }
    Ok(())
}

/// Every superuser's id.
pub(super) fn superusers(tx: &Tx<'_>) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(SUPERUSERS)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Calls `each` with those of these people who are active on that day; quickest by rising id, as they are stored.
pub(super) fn each_active(
    tx: &Tx<'_>,
    ids: &[i64],
    moment: Moment,
    mut each: impl FnMut(Candidate),
) -> Result<()> {
    let ids = serde_json::Value::from(ids).to_string();
    let mut statement = tx.sql().prepare_cached(CANDIDATES)?;
    let mut rows = statement.query(named_params! { ":ids": ids })?;
    while let Some(row) = rows.next()? {
        if is_active(row, moment)? {
            each(candidate(row, true)?);
        }
    }
    Ok(())
}

/// How many grants each group has.
pub(super) fn breadths(tx: &Tx<'_>) -> Result<BTreeMap<i64, i64>> {
    let mut statement = tx.sql().prepare_cached(BREADTHS)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The person with that email or id, outside the bin.
pub(super) fn named(tx: &Tx<'_>, who: &str, moment: Moment) -> Result<Option<Candidate>> {
    let found = |row: &Row<'_>| candidate(row, is_active(row, moment)?);
    Ok(match PersonSelector::of(who) {
        PersonSelector::Id(id) => {
            tx.sql().prepare_cached(CANDIDATE)?.query_row(named_params! { ":id": id }, found).optional()?
        }
        PersonSelector::Email(key) => {
            let mut statement = tx.sql().prepare_cached(CANDIDATE_BY_EMAIL)?;
            statement.query_row(named_params! { ":email": key }, found).optional()?
        }
    })
}

fn is_active(row: &Row<'_>, moment: Moment) -> rusqlite::Result<bool> {
    let closed_from = row.get::<_, Option<i64>>(8)?.map(Instant::from_micros);
    let (active, start, end) = (row.get(5)?, row.get(6)?, row.get(7)?);
    Ok(Service { active, start, end, closed_from }.is_open(moment))
}

fn candidate(row: &Row<'_>, active: bool) -> rusqlite::Result<Candidate> {
    Ok(Candidate {
        id: row.get(0)?,
        email: row.get(1)?,
        full_name: row.get(2)?,
        sort_name: row.get(3)?,
        company: row.get(4)?,
        active,
        superuser: row.get(9)?,
    })
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    MEMBERSHIPS,
    GRANTS,
    SCOPES_OF_GRANTS,
    BREADTHS,
    COMPANIES,
    MEMBERS,
    HOLDERS,
    SUPERUSERS,
    CANDIDATE,
    CANDIDATE_BY_EMAIL,
    CANDIDATES,
];
