//! The SQL of what people could have.

use rusqlite::{OptionalExtension as _, named_params};

use crate::catalog::{GrantScope, Permission, grant_scope};
use crate::error::Result;
use crate::store::Tx;

/// People looked up by one statement.
const BATCH: usize = 1000;

/// Every grant of the groups somebody is in or holds a role of, whether the role brings them now or not.
const POTENTIAL_GRANTS: &str = "
    SELECT t.permission, g.company_id, t.company_id
    FROM (
        SELECT m.group_id FROM memberships m WHERE m.user_id = :user
        UNION
        SELECT b.group_id FROM user_roles h JOIN role_groups b ON b.role_id = h.role_id WHERE h.user_id = :user
    ) m
    CROSS JOIN grants t ON t.group_id = m.group_id
    JOIN groups g ON g.id = m.group_id";

const ALL_GRANTS: &str = "
    SELECT t.group_id, t.permission, g.company_id, t.company_id
    FROM grants t JOIN groups g ON g.id = t.group_id
    ORDER BY t.group_id";

/// The first of these people who is in one of these groups, or holds a role that has it, whether it brings it now or not;
/// superusers apart.
const FIRST_IN: &str = "
    SELECT u.id, (
        SELECT l.group_id
        FROM (
            SELECT m.group_id FROM memberships m WHERE m.user_id = u.id
            UNION ALL
            SELECT b.group_id FROM user_roles h JOIN role_groups b ON b.role_id = h.role_id WHERE h.user_id = u.id
        ) l
        WHERE l.group_id IN (SELECT value FROM json_each(:groups))) AS found
    FROM json_each(:ids) i CROSS JOIN users u ON u.id = i.value
    WHERE u.superuser = 0 AND found IS NOT NULL
    LIMIT 1";

const PERSON: &str = "SELECT email, company_id FROM users WHERE id = :id";

/// What the person's groups grant, and would grant if each of their roles brought its groups.
pub(super) fn grants(tx: &Tx<'_>, user: i64) -> Result<Vec<(Permission, GrantScope)>> {
    let mut statement = tx.sql().prepare_cached(POTENTIAL_GRANTS)?;
    let mut rows = statement.query(named_params! { ":user": user })?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let permission = Permission::find(&row.get::<_, String>(0)?);
        all.extend(permission.zip(grant_scope(row.get(1)?, row.get(2)?)));
    }
    Ok(all)
}

/// Every grant of administration, with the group that grants it.
pub(super) fn administration(tx: &Tx<'_>) -> Result<Vec<(i64, Permission, GrantScope)>> {
    let mut statement = tx.sql().prepare_cached(ALL_GRANTS)?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let permission = Permission::find(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?);
        let found = permission
            .filter(|permission| permission.administers())
            .zip(grant_scope(row.get(2)?, row.get(3)?));
        if let Some((permission, scope)) = found {
            all.push((row.get(0)?, permission, scope));
        }
    }
    Ok(all)
}

/// The first of these people who is in one of these groups, and in which.
pub(super) fn first_in(tx: &Tx<'_>, ids: &[i64], groups: &[i64]) -> Result<Option<(i64, i64)>> {
    if groups.is_empty() {
        return Ok(None);
    }
    let groups = serde_json::Value::from(groups).to_string();
    for ids in ids.chunks(BATCH) {
        let ids = serde_json::Value::from(ids).to_string();
        let mut statement = tx.sql().prepare_cached(FIRST_IN)?;
        let parameters = named_params! { ":ids": ids, ":groups": groups };
        let found = statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The email and the company of a person.
pub(super) fn person(tx: &Tx<'_>, id: i64) -> Result<Option<(String, Option<i64>)>> {
    let mut statement = tx.sql().prepare_cached(PERSON)?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

#[cfg(test)]
pub(in crate::group) const STATEMENTS: &[&str] = &[POTENTIAL_GRANTS, ALL_GRANTS, FIRST_IN, PERSON];
