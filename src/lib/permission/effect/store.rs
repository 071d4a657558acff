//! The SQL of what people have.

use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::named_params;

use super::{AccessState, Granted, Login, Set};
use crate::catalog::{Permission, grant_scope};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::user::login::{Moment, Service};

/// People looked up by one statement.
const BATCH: usize = 1000;

/// One after the other, in the order of the ids.
const PEOPLE: &str = "
    SELECT u.id, u.active, u.start_date, u.end_date, u.superuser, u.deleted_at IS NOT NULL, u.directory_closed_from
    FROM json_each(:ids) i CROSS JOIN users u ON u.id = i.value";

const BY_HAND: &str = "
    SELECT m.user_id, m.group_id
    FROM json_each(:ids) i CROSS JOIN memberships m ON m.user_id = i.value";

const BY_ROLE: &str = "
    SELECT b.user_id, b.group_id
    FROM json_each(:ids) i CROSS JOIN memberships_by_role b ON b.user_id = i.value";

const GRANTS: &str = "
    SELECT t.permission, g.company_id, t.company_id
    FROM grants t JOIN groups g ON g.id = t.group_id
    WHERE t.group_id = :group";

const MEMBERS: &str = "
    SELECT count(*)
    FROM (
        SELECT m.user_id FROM memberships m WHERE m.group_id = :group
        UNION
        SELECT b.user_id FROM memberships_by_role b WHERE b.group_id = :group
    ) i JOIN users u ON u.id = i.user_id
    WHERE u.deleted_at IS NULL";

/// What these people have, by rising id; who is not there is left out.
pub(super) fn access_states(tx: &Tx<'_>, ids: &[i64], moment: Moment) -> Result<Vec<AccessState>> {
    let mut sets: HashMap<Vec<i64>, Set> = HashMap::new();
    let mut all = Vec::with_capacity(ids.len());
    for ids in ids.chunks(BATCH) {
        let ids = serde_json::Value::from(ids).to_string();
        let mut groups: HashMap<i64, Vec<i64>> = HashMap::new();
        for sql in [BY_HAND, BY_ROLE] {
            let mut statement = tx.sql().prepare_cached(sql)?;
            let mut rows = statement.query(named_params! { ":ids": ids })?;
            while let Some(row) = rows.next()? {
                groups.entry(row.get(0)?).or_default().push(row.get(1)?);
            }
        }
        let mut statement = tx.sql().prepare_cached(PEOPLE)?;
        let mut rows = statement.query(named_params! { ":ids": ids })?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            let mut theirs = groups.remove(&id).unwrap_or_default();
            theirs.sort_unstable();
            theirs.dedup();
            let set = sets.entry(theirs).or_insert_with_key(|groups| Rc::from(groups.as_slice()));
            all.push(AccessState {
                id,
                login: login(
                    Service {
                        active: row.get(1)?,
                        start: row.get(2)?,
                        end: row.get(3)?,
                        closed_from: row.get::<_, Option<i64>>(6)?.map(Instant::from_micros),
                    },
                    moment,
                ),
                superuser: row.get(4)?,
                in_bin: row.get(5)?,
                groups: Rc::clone(set),
            });
        }
    }
    Ok(all)
}

fn login(service: Service, moment: Moment) -> Login {
    match (service.is_open(moment), Service { start: None, ..service }.is_open(moment)) {
        (true, _) => Login::Now,
        (false, true) => Login::Later,
        (false, false) => Login::No,
    }
}

/// What a group grants, and for which companies; a grant that the catalogue no longer knows answers no question.
pub(super) fn grants(tx: &Tx<'_>, group: i64) -> Result<Granted> {
    let mut statement = tx.sql().prepare_cached(GRANTS)?;
    let mut rows = statement.query(named_params! { ":group": group })?;
    let mut all = Granted::new();
    while let Some(row) = rows.next()? {
        let permission = Permission::find(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
        all.extend(permission.zip(grant_scope(row.get(1)?, row.get(2)?)));
    }
    Ok(all)
}

/// How many people outside the bin are in a group.
pub(super) fn members(tx: &Tx<'_>, group: i64) -> Result<u64> {
    let mut statement = tx.sql().prepare_cached(MEMBERS)?;
    Ok(statement.query_row(named_params! { ":group": group }, |row| row.get::<_, i64>(0))?.cast_unsigned())
}

#[cfg(test)]
pub(in crate::permission) const STATEMENTS: &[&str] = &[PEOPLE, BY_HAND, BY_ROLE, GRANTS, MEMBERS];
