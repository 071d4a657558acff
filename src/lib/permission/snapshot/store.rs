//! The SQL that loads a [`AccessSnapshot`].

use std::ops::RangeInclusive;

use rusqlite::{Params, Row, named_params};

use super::{AccessSnapshot, Company, Group, Person, Role, SnapshotPeople, SnapshotScope};
use crate::audit;
use crate::catalog::Permission;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

const COMPANIES: &str = "SELECT id, name, slug FROM companies";

const CONNECTIONS: &str = "SELECT id, name FROM directory_connections";

const GROUPS: &str = "SELECT id, name, company_id FROM groups";

const GRANTS: &str = "SELECT group_id, permission, company_id FROM grants";

const GRANTS_OF: &str = "SELECT group_id, permission, company_id FROM grants WHERE permission = :permission";

const ROLES: &str = "SELECT id, name, slug, active FROM roles";

const ROLE_COMPANIES: &str = "SELECT role_id, company_id FROM role_companies";

const ROLE_GROUPS: &str = "SELECT role_id, group_id FROM role_groups";

const PEOPLE: &str = "
    SELECT id, email, first_name, last_name, company_id, active, start_date, end_date, superuser, deleted_at,
        directory_id, directory_disabled, directory_expires_at, directory_missing_since
    FROM users
    WHERE id BETWEEN :first AND :last";

const HELD: &str =
    "SELECT user_id, role_id, apply_groups FROM user_roles WHERE user_id BETWEEN :first AND :last";

const MEMBERSHIPS: &str =
    "SELECT user_id, group_id, origin FROM memberships WHERE user_id BETWEEN :first AND :last";

/// What changed after a row and may decide what somebody may do, the last change first.
const CHANGES: &str = "
    SELECT kind, subject_id, before, after, seq
    FROM audit
    WHERE seq > :seq AND action <> 'permission.denied'
        AND (kind IN ('company', 'group', 'role') OR kind = 'user' AND subject_id BETWEEN :first AND :last)
    ORDER BY seq DESC";

/// A change as the audit has it.
pub(super) struct Change {
    pub(super) seq: i64,
    pub(super) kind: String,
    pub(super) id: i64,
    pub(super) before: audit::Fields,
    pub(super) after: audit::Fields,
}

pub(super) fn load(tx: &Tx<'_>, scope: SnapshotScope) -> Result<AccessSnapshot> {
    let mut snapshot = AccessSnapshot::default();
    each(tx, COMPANIES, [], |row| {
        snapshot.companies.insert(row.get(0)?, Company { name: row.get(1)?, slug: row.get(2)? });
        Ok(())
    })?;
    each(tx, CONNECTIONS, [], |row| {
        snapshot.connections.insert(row.get(0)?, row.get(1)?);
        Ok(())
    })?;
    groups(tx, scope, &mut snapshot)?;
    roles(tx, &mut snapshot)?;
    people(tx, scope, &mut snapshot)?;
    Ok(snapshot)
}

fn groups(tx: &Tx<'_>, scope: SnapshotScope, snapshot: &mut AccessSnapshot) -> Result<()> {
    each(tx, GROUPS, [], |row| {
        let group = Group { name: row.get(1)?, company: row.get(2)?, ..Group::default() };
        snapshot.groups.insert(row.get(0)?, group);
        Ok(())
    })?;
    let grant = |row: &Row<'_>| {
        // What the catalogue no longer knows answers no question.
        let known = Permission::find(row.get_ref(1)?.as_str()?);
        if let (Some(permission), Some(group)) = (known, snapshot.groups.get_mut(&row.get(0)?)) {
            group.grants.insert((permission, row.get(2)?));
        }
        Ok(())
    };
    match scope.permission {
        Some(permission) => each(tx, GRANTS_OF, named_params! { ":permission": permission.id() }, grant),
        None => each(tx, GRANTS, [], grant),
    }
}

fn roles(tx: &Tx<'_>, snapshot: &mut AccessSnapshot) -> Result<()> {
    each(tx, ROLES, [], |row| {
        let role = Role { name: row.get(1)?, slug: row.get(2)?, active: row.get(3)?, ..Role::default() };
        snapshot.roles.insert(row.get(0)?, role);
        Ok(())
    })?;
    each(tx, ROLE_COMPANIES, [], |row| {
        if let Some(role) = snapshot.roles.get_mut(&row.get(0)?) {
            role.companies.insert(row.get(1)?);
        }
        Ok(())
    })?;
    each(tx, ROLE_GROUPS, [], |row| {
        if let Some(role) = snapshot.roles.get_mut(&row.get(0)?) {
            role.groups.insert(row.get(1)?);
        }
        Ok(())
    })
}

fn people(tx: &Tx<'_>, scope: SnapshotScope, snapshot: &mut AccessSnapshot) -> Result<()> {
    let ids = ids(scope);
    let parameters = named_params! { ":first": ids.start(), ":last": ids.end() };
    each(tx, PEOPLE, parameters, |row| {
        snapshot.people.insert(row.get(0)?, person(row)?);
        Ok(())
    })?;
    each(tx, HELD, parameters, |row| {
        if let Some(person) = snapshot.people.get_mut(&row.get(0)?) {
            person.roles.insert(row.get(1)?, row.get(2)?);
        }
        Ok(())
    })?;
    each(tx, MEMBERSHIPS, parameters, |row| {
        if let Some(person) = snapshot.people.get_mut(&row.get(0)?) {
            person.groups.insert((row.get(1)?, row.get(2)?));
        }
        Ok(())
    })
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        email: row.get(1)?,
        first_name: row.get(2)?,
        last_name: row.get(3)?,
        company: row.get(4)?,
        active: row.get(5)?,
        start_date: row.get(6)?,
        end_date: row.get(7)?,
        superuser: row.get(8)?,
        deleted: row.get::<_, Option<i64>>(9)?.is_some(),
        directory: row.get(10)?,
        directory_disabled: row.get(11)?,
        directory_expires_at: row.get::<_, Option<i64>>(12)?.map(Instant::from_micros),
        directory_missing_since: row.get::<_, Option<i64>>(13)?.map(Instant::from_micros),
        ..Person::default()
    })
}

/// Calls `undo` with every change after the row `seq`, the last first.
pub(super) fn changes(
    tx: &Tx<'_>,
    scope: SnapshotScope,
    seq: i64,
    mut undo: impl FnMut(Change) -> Result<()>,
) -> Result<()> {
    let ids = ids(scope);
    let mut statement = tx.sql().prepare_cached(CHANGES)?;
    let parameters = named_params! { ":seq": seq, ":first": ids.start(), ":last": ids.end() };
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        let Some(id) = row.get(1)? else { continue };
        let seq = row.get(4)?;
        let side = |index: usize, column: &'static str| -> Result<audit::Fields> {
            let text = row.get_ref(index)?.as_str_or_null().map_err(rusqlite::Error::from)?;
            Ok(audit::decode(seq, column, text)?)
        };
        undo(Change { seq, kind: row.get(0)?, id, before: side(2, "before")?, after: side(3, "after")? })?;
    }
    Ok(())
}

fn ids(scope: SnapshotScope) -> RangeInclusive<i64> {
    match scope.people {
        SnapshotPeople::All => 1..=i64::MAX,
        SnapshotPeople::One(id) => id..=id,
        SnapshotPeople::None => 0..=0,
    }
}

fn each(
    tx: &Tx<'_>,
    sql: &str,
    parameters: impl Params,
    mut row: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(found) = rows.next()? {
        row(found)?;
    }
    Ok(())
}

#[cfg(test)]
pub(in crate::permission) const STATEMENTS: &[&str] = &[
    COMPANIES,
    CONNECTIONS,
    GROUPS,
    GRANTS,
    GRANTS_OF,
    ROLES,
    ROLE_COMPANIES,
    ROLE_GROUPS,
    PEOPLE,
    HELD,
    MEMBERSHIPS,
    CHANGES,
];
