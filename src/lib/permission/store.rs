//! The SQL of permission questions.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::access::{Granted, Membership, Origin};
use super::{Permission, Reach, reach};
use crate::error::Result;
use crate::group;
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::fold::fold;
use crate::user::login;

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
const REACHES: &str = "
    SELECT g.company_id, t.company_id
    FROM (
        SELECT m.group_id FROM memberships m WHERE m.user_id = :user
        UNION ALL
        SELECT m.group_id FROM memberships_by_role m WHERE m.user_id = :user
    ) m
    CROSS JOIN grants t ON t.permission = :permission AND t.group_id = m.group_id
    JOIN groups g ON g.id = m.group_id";

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

macro_rules! candidate {
    ($condition:literal) => {
        concat!(
            "SELECT id, email, first_name, last_name, sort_name, company_id, active, start_date, end_date, superuser
            FROM users
            WHERE deleted_at IS NULL AND ",
            $condition
        )
    };
}

const CANDIDATE: &str = candidate!("id = :id");

const CANDIDATE_BY_EMAIL: &str = candidate!("email_folded = :email");

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
pub(super) fn reaches(tx: &Tx<'_>, user: i64, permission: Permission) -> Result<Vec<Reach>> {
    let mut statement = tx.sql().prepare_cached(REACHES)?;
    let mut rows = statement.query(named_params! { ":user": user, ":permission": permission.id() })?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.extend(reach(row.get(0)?, row.get(1)?));
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
pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Candidate>> {
    let mut statement = tx.sql().prepare_cached(CANDIDATE)?;
    Ok(statement.query_row(named_params! { ":id": id }, candidate).optional()?)
}

/// The person with that email or id, outside the bin.
pub(super) fn named(tx: &Tx<'_>, who: &str) -> Result<Option<Candidate>> {
    if let Ok(id) = who.parse() {
        return by_id(tx, id);
    }
    let mut statement = tx.sql().prepare_cached(CANDIDATE_BY_EMAIL)?;
    Ok(statement.query_row(named_params! { ":email": fold(who) }, candidate).optional()?)
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    let (first, last): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
    Ok(Candidate {
        id: row.get(0)?,
        email: row.get(1)?,
        full_name: first.zip(last).map(|(first, last)| format!("{first} {last}")),
        sort_name: row.get(4)?,
        company: row.get(5)?,
        active: row.get(6)?,
        start_date: day(row, 7)?,
        end_date: day(row, 8)?,
        superuser: row.get(9)?,
    })
}

impl Candidate {
    /// Whether the account is active on that day.
    pub(super) fn is_active(&self, today: Day) -> bool {
        login::in_service(self.active, self.start_date, self.end_date, today)
    }
}

/// A day as it is stored.
pub(super) fn day(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Day>> {
    let text = row.get_ref(index)?.as_str_or_null()?;
    Ok(text.and_then(|text| Day::parse(text).ok()))
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] =
    &[MEMBERSHIPS, GRANTS, REACHES, COMPANIES, GRANTING, MEMBERS, SUPERUSERS, CANDIDATE, CANDIDATE_BY_EMAIL];
