//! The SQL that reads the audit in the order of its subjects, and the tables beside it.

mod walk;

use std::collections::HashMap;

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::{Row, Rows, Statement, named_params};
use serde_json::Value;

use super::people;
use crate::audit::{self, Error};
use crate::error::Result;
use crate::store::Tx;
#[cfg(test)]
pub(super) use walk::{CHANGES_OF_THINGS, UNCHANGED_UNTIL};
pub(super) use walk::{changes_of_things, unchanged_until};

/// The kind of the rows about people.
pub(super) const PERSON: &str = "user";

/// The kind of the rows about second factors, whose subject is the person.
pub(super) const FACTOR: &str = "two_factor";

/// The kinds of those that [`changes_of_things`] walks, and behind them that of [`CHANGES_OF_FACTORS`].
pub(super) const KINDS: [&str; 13] = [
    "company",
    "department",
    "position",
    "group",
    "role",
    "operator",
    "setting",
    "org",
    "mail_server",
    "mail_account",
    "mail_route",
    "directory",
    FACTOR,
];

const CHANGES_OF_PEOPLE: &str = "
    SELECT subject_id, seq, before, after, at
    FROM audit
    WHERE kind = 'user' AND subject_id IS NOT NULL AND action <> 'permission.denied'
    ORDER BY subject_id, seq";

const CHANGES_OF_PERSON: &str = "
    SELECT subject_id, seq, before, after, at
    FROM audit
    WHERE kind = 'user' AND subject_id = :id AND seq <= :seq AND action <> 'permission.denied'
    ORDER BY seq";

const CHANGES_OF_FACTORS: &str = "
    SELECT subject_id, seq, at, after
    FROM audit
    WHERE kind = 'two_factor' AND subject_id IS NOT NULL AND after IS NOT NULL AND action <> 'permission.denied'
    ORDER BY subject_id, seq";

const FACTORS: &str = "SELECT user_id, enrolled_at FROM two_factors NOT INDEXED ORDER BY user_id";

const CODES: &str = "
    SELECT user_id, sum(used_at IS NULL)
    FROM backup_codes NOT INDEXED
    GROUP BY user_id
    ORDER BY user_id";

const PEOPLE: &str = "
    SELECT id, revision, email, email_folded, first_name, last_name, phone, company_id, department_id, position_id, active,
        start_date, end_date, staff, superuser, profile_completed, two_factor_required, must_change_password, color,
        language, deleted_at IS NOT NULL, password_hash IS NOT NULL, origin, created_at, updated_at, deleted_at,
        password_changed_at, two_factor_grace_until, directory_id, lower(hex(directory_guid)),
        directory_disabled, directory_expires_at, directory_missing_since
    FROM users NOT INDEXED
    ORDER BY id";

const ROLES_HELD: &str =
    "SELECT user_id, role_id, apply_groups, created_at FROM user_roles NOT INDEXED ORDER BY user_id, role_id";

const MEMBERSHIPS: &str = "
    SELECT user_id, group_id, origin, created_at
    FROM memberships NOT INDEXED
    ORDER BY user_id, group_id, origin";

const PHOTOS: &str = "
    SELECT user_id, media_type, width, height, image, created_at, updated_at
    FROM photos NOT INDEXED
    ORDER BY user_id";

/// What each kind is held against; an object of the fields that the audit has, by id.
const THINGS: [&str; 9] = [
    "SELECT id, revision, name_folded, name, json_object('name', name, 'slug', slug, 'note', note), created_at, updated_at
    FROM companies NOT INDEXED",
    "SELECT id, revision, name_folded, name, json_object('name', name, 'company', company_id,
        'parent', parent_department_id, 'parent_position', parent_position_id, 'color', color, 'note', note), created_at, updated_at
    FROM departments NOT INDEXED",
    "SELECT id, revision, name_folded, name, json_object('name', name, 'company', company_id, 'department', department_id,
        'parent_position', parent_position_id, 'color', color, 'note', note), created_at, updated_at
    FROM positions NOT INDEXED",
    "SELECT id, revision, name_folded, name, json_object('name', name, 'company', company_id, 'description', description,
        'color', color, 'assignable', json(iif(assignable, 'true', 'false'))), created_at, updated_at
    FROM groups NOT INDEXED",
    "SELECT id, revision, name_folded, name, json_object('name', name, 'slug', slug, 'description', description,
        'color', color, 'order', sort_order, 'active', json(iif(active, 'true', 'false')), 'dashboard', json(dashboard),
        'companies', json((SELECT json_group_array(company_id) FROM
            (SELECT company_id FROM role_companies NOT INDEXED WHERE role_id = roles.id ORDER BY company_id))),
        'groups', json((SELECT json_group_array(group_id) FROM
            (SELECT group_id FROM role_groups NOT INDEXED WHERE role_id = roles.id ORDER BY group_id))),
        'modules', json((SELECT json_group_array(module) FROM
            (SELECT module FROM role_modules NOT INDEXED WHERE role_id = roles.id ORDER BY module)))), created_at, updated_at
    FROM roles NOT INDEXED",
    "SELECT id, revision, name_folded, name, json_object('name', name, 'kind', kind, 'host', host, 'port', port,
        'security', security, 'ca_file', ca_file, 'auth', auth, 'token_command', json(token_command), 'folder', folder,
        'command', json(command), 'connect_timeout', connect_timeout, 'answer_timeout', answer_timeout,
        'mail_timeout', mail_timeout, 'rate', rate, 'connections', connections), created_at, updated_at
    FROM mail_servers NOT INDEXED",
    "SELECT id, revision, name_folded, name, json_object('name', name, 'server', server_id, 'company', company_id,
        'from', from_address, 'from_name', from_name, 'reply_to', reply_to, 'user', user_name,
        'dkim_domain', dkim_domain, 'dkim_selector', dkim_selector, 'dkim_record', dkim_record,
        'active', json(iif(active, 'true', 'false'))), created_at, updated_at
    FROM mail_accounts NOT INDEXED",
    "SELECT id, revision, '', '', json_object('feature', feature, 'company', company_id, 'account', account_id,
        'second', second_id), created_at, updated_at
    FROM mail_routes NOT INDEXED",
    "SELECT id, revision, name_folded, name, json_object('name', name, 'company', company_id,
        'active', json(iif(active, 'true', 'false')), 'servers', json(servers), 'insecure', json(iif(insecure, 'true', 'false')),
        'ca_file', ca_file, 'certificate_name', certificate_name, 'bind_dn', bind_dn, 'base_dn', base_dn,
        'search_base', search_base, 'filter', filter, 'scope', scope, 'page_size', page_size, 'map', json(map),
        'login_domains', json(login_domains), 'connect_timeout', connect_timeout, 'answer_timeout', answer_timeout,
        'creates', json(iif(creates, 'true', 'false')), 'group_sync', group_sync, 'departments', departments,
        'positions', positions, 'leavers', leavers, 'leaver_runs', leaver_runs, 'brake_people', brake_people,
        'brake_percent', brake_percent), created_at, updated_at FROM directory_connections NOT INDEXED",
];

const GRANTS: &str = "SELECT group_id, permission, company_id, created_at FROM grants NOT INDEXED";

const OPERATORS: &str =
    "SELECT uid, shell_user, user_id, revision, created_at, updated_at FROM operators NOT INDEXED";

const SETTINGS: &str = "SELECT name, value, created_at, updated_at FROM settings NOT INDEXED";

/// The last id that each table has given away, so that none is given twice.
const LAST_IDS: &str = "SELECT name, seq FROM sqlite_sequence";

/// Who was called so before a row.
const CALLED: &str = "
    SELECT subject_id
    FROM audit
    WHERE kind = 'user' AND subject = :email AND seq < :seq AND action <> 'permission.denied'
    ORDER BY seq DESC
    LIMIT 1";

const IS_THERE: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE id = :id)";

/// A row of one of [`THINGS`].
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) revision: i64,
    pub(super) name_folded: String,
    pub(super) name: String,
    pub(super) fields: serde_json::Map<String, Value>,
    pub(super) made: Made,
}

/// When a row was made, and when it was changed last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Made {
    pub(super) created: i64,
    pub(super) updated: i64,
}

impl Made {
    fn of(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self { created: row.get(first)?, updated: row.get(first + 1)? })
    }
}

/// Hands on a row of [`CHANGES_OF_PEOPLE`] or [`CHANGES_OF_PERSON`].
fn change(row: &Row<'_>, each: &mut impl FnMut(people::Change<'_>) -> Result<(), Error>) -> Result<()> {
    let text = |index| -> rusqlite::Result<Option<&str>> { Ok(row.get_ref(index)?.as_str_or_null()?) };
    let (seq, after) = (row.get(1)?, text(3)?);
    let had_email = match (after, text(2)?) {
        (None, Some(before)) => audit::decode(seq, "before", Some(before))?.contains_key("email"),
        _ => false,
    };
    Ok(each(people::Change { seq, at: row.get(4)?, had_email, after })?)
}

/// Calls `each` with the changes of a person up to the row `seq`, in order.
pub(super) fn changes_of_person(
    tx: &Tx<'_>,
    (id, seq): (i64, i64),
    mut each: impl FnMut(people::Change<'_>) -> Result<(), Error>,
) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(CHANGES_OF_PERSON)?;
    let mut rows = statement.query(named_params! { ":id": id, ":seq": seq })?;
    while let Some(row) = rows.next()? {
        change(row, &mut each)?;
    }
    Ok(())
}

/// Everything that is walked over beside each other, by the id of the person.
pub(super) struct Beside<'tx> {
    changes: Statement<'tx>,
    people: Statement<'tx>,
    roles: Statement<'tx>,
    memberships: Statement<'tx>,
    photos: Statement<'tx>,
    factor_changes: Statement<'tx>,
    factors: Statement<'tx>,
    codes: Statement<'tx>,
}

impl<'tx> Beside<'tx> {
    pub(super) fn of(tx: &'tx Tx<'_>) -> Result<Self> {
        Ok(Self {
            changes: tx.sql().prepare(CHANGES_OF_PEOPLE)?,
            people: tx.sql().prepare(PEOPLE)?,
            roles: tx.sql().prepare(ROLES_HELD)?,
            memberships: tx.sql().prepare(MEMBERSHIPS)?,
            photos: tx.sql().prepare(PHOTOS)?,
            factor_changes: tx.sql().prepare(CHANGES_OF_FACTORS)?,
            factors: tx.sql().prepare(FACTORS)?,
            codes: tx.sql().prepare(CODES)?,
        })
    }

    /// The rows of all of them.
    pub(super) fn walk(&mut self) -> Result<Walked<'_>> {
        Ok(Walked {
            changes: Cursor::of(&mut self.changes)?,
            people: Cursor::of(&mut self.people)?,
            roles: Cursor::of(&mut self.roles)?,
            memberships: Cursor::of(&mut self.memberships)?,
            photos: Cursor::of(&mut self.photos)?,
            factor_changes: Cursor::of(&mut self.factor_changes)?,
            factors: Cursor::of(&mut self.factors)?,
            codes: Cursor::of(&mut self.codes)?,
        })
    }
}

pub(super) struct Walked<'a> {
    pub(super) changes: Cursor<'a>,
    pub(super) people: Cursor<'a>,
    pub(super) roles: Cursor<'a>,
    pub(super) memberships: Cursor<'a>,
    pub(super) photos: Cursor<'a>,
    factor_changes: Cursor<'a>,
    factors: Cursor<'a>,
    codes: Cursor<'a>,
}

/// A walk over rows that begin with the id they belong to, by rising id.
pub(super) struct Cursor<'a> {
    rows: Rows<'a>,
    /// The id of the row it stands at; none behind the last.
    pub(super) id: Option<i64>,
}

impl<'a> Cursor<'a> {
    fn of(statement: &'a mut Statement<'_>) -> Result<Self> {
        let mut cursor = Self { rows: statement.query([])?, id: None };
        cursor.next()?;
        Ok(cursor)
    }

    /// Goes to the next row.
    pub(super) fn next(&mut self) -> Result<()> {
        self.id = self.rows.next()?.map(|row| row.get(0)).transpose()?;
        Ok(())
    }

    /// Calls `each` with the rows of `id`, and goes behind them.
    fn take(&mut self, id: i64, mut each: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        while self.id == Some(id)
            && let Some(row) = self.rows.get()
        {
            each(row)?;
            self.next()?;
        }
        Ok(())
    }
}

impl Walked<'_> {
    /// Calls `each` with the changes of a person, in order.
    pub(super) fn changes_of(
        &mut self,
        id: i64,
        mut each: impl FnMut(people::Change<'_>) -> Result<(), Error>,
    ) -> Result<()> {
        self.changes.take(id, |row| change(row, &mut each))
    }

    /// Calls `each` with the roles of a person, each with whether its groups come with it, and since when.
    pub(super) fn roles_of(&mut self, id: i64, mut each: impl FnMut((i64, bool), i64)) -> Result<()> {
        self.roles.take(id, |row| {
            each((row.get(1)?, row.get(2)?), row.get(3)?);
            Ok(())
        })
    }

    /// Calls `each` with the groups of a person, each with its origin, and since when.
    pub(super) fn groups_of(&mut self, id: i64, mut each: impl FnMut((i64, String), i64)) -> Result<()> {
        self.memberships.take(id, |row| {
            each((row.get(1)?, row.get(2)?), row.get(3)?);
            Ok(())
        })
    }

    /// Calls `each` with the photo of a person, if there is one: kind, width, height, bytes.
    pub(super) fn photo_of(
        &mut self,
        id: i64,
        mut each: impl FnMut((String, i64, i64), Made, &[u8]),
    ) -> Result<()> {
        self.photos.take(id, |row| {
            let image = row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?;
            each((row.get(1)?, row.get(2)?, row.get(3)?), Made::of(row, 5)?, image);
            Ok(())
        })
    }

    /// Calls `each` with the rows about the second factor of a person, in order: number and time, and what it became.
    pub(super) fn factor_changes_of(
        &mut self,
        id: i64,
        mut each: impl FnMut((i64, i64), &str) -> Result<(), Error>,
    ) -> Result<()> {
        self.factor_changes.take(id, |row| {
            let after = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
            Ok(each((row.get(1)?, row.get(2)?), after)?)
        })
    }

    /// Calls `each` with since when a person has a second factor, if they have one.
    pub(super) fn factor_of(&mut self, id: i64, mut each: impl FnMut(i64)) -> Result<()> {
        self.factors.take(id, |row| {
            each(row.get(1)?);
            Ok(())
        })
    }

    /// Calls `each` with how many backup codes a person did not use yet, if they have any.
    pub(super) fn codes_of(&mut self, id: i64, mut each: impl FnMut(i64)) -> Result<()> {
        self.codes.take(id, |row| {
            each(row.get(1)?);
            Ok(())
        })
    }

    /// The columns of the person that the walk stands at.
    pub(super) fn person(&self) -> Option<Columns<'_>> {
        self.people.rows.get().map(Columns)
    }
}

/// The columns of a person, as [`PEOPLE`] has them.
pub(super) struct Columns<'a>(&'a Row<'a>);

impl Columns<'_> {
    pub(super) fn number(&self, index: usize) -> Result<Option<i64>> {
        Ok(self.0.get(index)?)
    }

    pub(super) fn text(&self, index: usize) -> Result<Option<&str>> {
        Ok(self.0.get_ref(index)?.as_str_or_null().map_err(rusqlite::Error::from)?)
    }
}

/// Calls `each` with every row of the kind in that place of the kinds.
pub(super) fn things(tx: &Tx<'_>, place: usize, mut each: impl FnMut(Stored)) -> Result<()> {
    let Some(sql) = THINGS.get(place) else { return Ok(()) };
    let mut statement = tx.sql().prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let fields: String = row.get(4)?;
        let fields = serde_json::from_str(&fields).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error))
        })?;
        let (id, revision, name_folded, name) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        each(Stored { id, revision, name_folded, name, fields, made: Made::of(row, 5)? });
    }
    Ok(())
}

/// Calls `each` with every grant: group, permission and company, since when.
pub(super) fn grants(tx: &Tx<'_>, mut each: impl FnMut(i64, (String, Option<i64>), i64)) -> Result<()> {
    let mut statement = tx.sql().prepare(GRANTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, (row.get(1)?, row.get(2)?), row.get(3)?);
    }
    Ok(())
}

/// A stored operator.
pub(super) struct StoredOperator {
    pub(super) uid: i64,
    pub(super) shell_user: String,
    pub(super) user: i64,
    pub(super) revision: i64,
    pub(super) made: Made,
}

/// Every operator.
pub(super) fn operators(tx: &Tx<'_>) -> Result<Vec<StoredOperator>> {
    let mut statement = tx.sql().prepare(OPERATORS)?;
    let operators = statement.query_map([], |row| {
        Ok(StoredOperator {
            uid: row.get(0)?,
            shell_user: row.get(1)?,
            user: row.get(2)?,
            revision: row.get(3)?,
            made: Made::of(row, 4)?,
        })
    })?;
    Ok(operators.collect::<Result<_, _>>()?)
}

/// Every setting that has not its default, by name.
pub(super) fn settings(tx: &Tx<'_>) -> Result<HashMap<String, (String, Made)>> {
    let mut statement = tx.sql().prepare(SETTINGS)?;
    let settings = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, Made::of(row, 2)?))))?;
    Ok(settings.collect::<Result<_, _>>()?)
}

/// The last id that each table has given away.
pub(super) fn last_ids(tx: &Tx<'_>) -> Result<HashMap<String, i64>> {
    let mut statement = tx.sql().prepare(LAST_IDS)?;
    let ids = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The account that was called so before the row `seq`.
pub(super) fn account_called(tx: &Tx<'_>, email: &str, seq: i64) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare(CALLED)?;
    let mut rows = statement.query(named_params! { ":email": email, ":seq": seq })?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

pub(super) fn is_there(tx: &Tx<'_>, user: i64) -> Result<bool> {
    Ok(tx.sql().query_row(IS_THERE, named_params! { ":id": user }, |row| row.get(0))?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    CHANGES_OF_THINGS,
    UNCHANGED_UNTIL,
    CHANGES_OF_PEOPLE,
    CHANGES_OF_PERSON,
    PEOPLE,
    ROLES_HELD,
    MEMBERSHIPS,
    PHOTOS,
    CHANGES_OF_FACTORS,
    FACTORS,
    CODES,
    THINGS[0],
    THINGS[1],
    THINGS[2],
    THINGS[3],
    THINGS[4],
    THINGS[5],
    THINGS[6],
    THINGS[7],
    THINGS[8],
    GRANTS,
    OPERATORS,
    SETTINGS,
    LAST_IDS,
    CALLED,
    IS_THERE,
];
