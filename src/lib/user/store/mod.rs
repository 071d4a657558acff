//! The SQL of people: one at a time. Lists are in `filter`'s own SQL.

mod directory;
mod lost;
mod photo;
mod service;
mod write;

use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ValueRef};
use rusqlite::{OptionalExtension as _, Row, named_params};

pub(super) use directory::{by_guid, connection_name, count_of, each_of, set_seen};
pub(super) use lost::{group_ids, in_bin_with, lose, place_ids, role_ids};
pub(crate) use photo::Photo;
pub(super) use photo::{has_photo, photo, remove_photo, set_photo};
pub(in crate::user) use service::{in_service, may_log_in};
#[cfg(test)]
pub(super) use write::update_of;
pub(super) use write::{Stamp, erase, hold_only, insert, rebuild_search, update};

use super::Facts;
use super::assignments::{self, GroupMembership, RoleAssignment};
use super::directory::ManagedBy;
use super::invite::{self, Invitation, facts};
use super::second_factor::SecondFactor;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row, word};
use crate::text::instant::Instant;
use crate::throttle::{self, Hold};

/// Every column a [`User`] is made of. Whether there is a role or group at all is asked first: to gather none takes
/// three times as long.
macro_rules! columns {
    () => {
        concat!(
            "u.id, u.email, u.first_name, u.last_name, u.phone, c.name AS company, d.name AS department, p.name AS position,
            u.active, u.start_date, u.end_date, u.staff, u.superuser, u.profile_completed, u.two_factor_required,
            u.must_change_password, u.color, u.language, u.deleted_at, u.password_hash, u.password_changed_at, u.origin,
            u.last_login_at,
            CASE WHEN EXISTS (SELECT 1 FROM throttle_counters t WHERE t.user_id = u.id) THEN
                (SELECT json_group_array(json_array(t.kind, t.source, t.held_at, t.held_until))
                    FROM throttle_counters t WHERE t.user_id = u.id AND t.held_until IS NOT NULL)
            END AS holds, u.revision, u.created_at, u.updated_at, u.sort_name,
            CASE WHEN EXISTS (SELECT 1 FROM user_roles h WHERE h.user_id = u.id) THEN
                (SELECT json_group_array(json_array(r.sort_order, r.slug, h.apply_groups, r.color))
                    FROM user_roles h JOIN roles r ON r.id = h.role_id WHERE h.user_id = u.id)
            END AS roles,
            CASE WHEN EXISTS (SELECT 1 FROM user_roles h WHERE h.user_id = u.id)
                OR EXISTS (SELECT 1 FROM memberships s WHERE s.user_id = u.id) THEN
                (SELECT json_group_array(json_array(g.name, o.name, m.origin, m.slug))
                    FROM (
                        SELECT s.group_id, s.origin, NULL AS slug FROM memberships_named s WHERE s.user_id = u.id
                        UNION ALL
                        SELECT b.group_id, 'role', r.slug FROM memberships_by_role b JOIN roles r ON r.id = b.role_id
                            WHERE b.user_id = u.id
                    ) m
                    JOIN groups g ON g.id = m.group_id LEFT JOIN companies o ON o.id = g.company_id)
            END AS groups,
            u.company_id, u.disowned_at,
            (SELECT f.enrolled_at FROM two_factors f WHERE f.user_id = u.id) AS enrolled_at,
            (SELECT count(*) FROM backup_codes b WHERE b.user_id = u.id AND b.used_at IS NULL) AS codes_left,
            u.two_factor_grace_until,
            (SELECT ",
            facts!(),
            " FROM invitations i WHERE i.user_id = u.id) AS invitation,
            u.directory_id, u.directory_guid, u.directory_disabled, u.directory_expires_at, u.directory_missing_since,
            u.directory_seen_at, k.name AS connection, k.active AS connection_active"
        )
    };
}

/// Where those columns come from beside `users u`.
macro_rules! joins {
    () => {
        " LEFT JOIN companies c ON c.id = u.company_id
            LEFT JOIN departments d ON d.id = u.department_id
            LEFT JOIN positions p ON p.id = u.position_id
            LEFT JOIN directory_connections k ON k.id = u.directory_id "
    };
}

/// The columns of a [`User`], and the joins they need after `users u`.
pub(super) const COLUMNS: (&str, &str) = (columns!(), joins!());

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM users u", joins!(), $rest)
    };
}

const BY_ID: &str = select!("WHERE u.id = :id");

const BY_EMAIL: &str = select!("WHERE u.email_folded = :email AND u.deleted_at IS NULL");

const BY_GUID: &str = select!("WHERE u.directory_id = :connection AND u.directory_guid = :guid");

const IN_BIN: &str = select!(
    "WHERE u.email_folded = :email AND u.deleted_at IS NOT NULL ORDER BY u.deleted_at DESC, u.id DESC"
);

const BINNED_BEFORE: &str = "SELECT id FROM users WHERE deleted_at < :before";

const SUPERUSERS: &str = select!("WHERE u.superuser = 1 ORDER BY u.id");

const COUNT: &str = "SELECT count(*) FROM users";

const LIVE_COUNT: &str = "SELECT count(*) FROM users WHERE deleted_at IS NULL";

/// Emails around the place where the wrong one would stand: the likely meant ones share its beginning.
const SIMILAR: &str = "
    SELECT email FROM users
    WHERE deleted_at IS NULL AND email_folded >= substr(:email, 1, 2) AND email_folded < substr(:email, 1, 2) || char(1114111)
    LIMIT 2000";

const SET_PASSWORD: &str = "
    UPDATE users
    SET password_hash = :hash, password_changed_at = :now, must_change_password = :must_change, revision = :revision,
        updated_at = :now
    WHERE id = :id";

const SET_DISOWNED: &str = "UPDATE users SET disowned_at = :at WHERE id = :id";

const STAMP: &str = "UPDATE users SET revision = :revision, updated_at = :now WHERE id = :id";

const SET_LAST_LOGIN: &str = "UPDATE users SET last_login_at = :now WHERE id = :id";

const SET_IMPORTED_HASH: &str = "UPDATE users SET password_hash = :hash WHERE id = :id";

/// Where the password is checked; an account that a directory manages has none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Here.
    Local,
    /// In a directory.
    Directory,
}

impl Origin {
    /// Where the password of somebody with these facts is checked.
    pub(crate) const fn of(facts: &Facts) -> Self {
        if facts.directory.is_some() { Self::Directory } else { Self::Local }
    }

    /// The word in JSON and in the store.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Directory => "directory",
        }
    }
}

impl FromSql for Origin {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        word(value, &[Self::Local, Self::Directory].map(|origin| (origin.name(), origin)))
    }
}

/// A stored password hash; it is a secret, so it has no `Debug` of its own.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    /// In the place of a hash that was once and is not known any more: no password fits.
    pub(in crate::user) const fn lost() -> Self {
        Self(String::new())
    }

    /// The text of the hash.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A person as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// Never reused.
    pub(crate) id: i64,
    /// What an administrator can write.
    pub(crate) facts: Facts,
    /// The password's hash, if a password was ever set.
    pub(crate) password_hash: Option<PasswordHash>,
    /// When it was set.
    pub(crate) password_changed_at: Option<Instant>,
    /// Where the password is checked.
    pub(crate) origin: Origin,
    /// The last complete login.
    pub(crate) last_login_at: Option<Instant>,
    /// For how long logins are not taken, and from where.
    pub(crate) holds: Vec<Hold>,
    /// When the person was moved to the bin.
    pub(crate) deleted_at: Option<Instant>,
    /// The audit row of the last change.
    pub(crate) revision: i64,
    /// When the person was made.
    pub(crate) created_at: Instant,
    /// When the person was last changed.
    pub(crate) updated_at: Instant,
    /// The place in lists.
    pub(crate) sort_name: String,
    /// The roles held, in role order.
    pub(crate) role_assignments: Vec<RoleAssignment>,
    /// The company, whose name is in the facts.
    pub(crate) company_id: Option<i64>,
    /// When they said that it was not them: nobody logs in until they have chosen a password by a mail to their address.
    pub(crate) disowned_at: Option<Instant>,
    /// Their second factor, if they have one.
    pub(crate) second_factor: Option<SecondFactor>,
    /// Until when they have to have one again, as it was said; [`User::grace_until`] says whether that still counts.
    pub(crate) two_factor_grace_until: Option<Instant>,
    /// The last invitation, if they were invited.
    pub(crate) invitation: Option<Invitation>,
    /// The groups the person is in, however that comes, by name.
    pub(crate) in_groups: Vec<GroupMembership>,
    /// The directory that manages the account, if one does.
    pub(crate) managed_by: Option<ManagedBy>,
}

pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    of_row(("users", "id"), row, whole)
}

fn whole(row: &Row<'_>) -> rusqlite::Result<User> {
    // By place: a name would be looked for among all columns, for each row of a list.
    let instant = |index: usize| -> rusqlite::Result<Option<Instant>> {
        Ok(row.get::<_, Option<i64>>(index)?.map(Instant::from_micros))
    };
    let role_assignments = parsed(row, 28, assignments::role_assignments)?;
    let in_groups = parsed(row, 29, assignments::groups)?;
    let slugs = |role_assignments: &mut dyn Iterator<Item = &RoleAssignment>| {
        let mut slugs: Vec<String> = role_assignments.map(|assignment| assignment.slug.clone()).collect();
        slugs.sort_unstable();
        slugs
    };
    Ok(User {
        id: row.get(0)?,
        facts: Facts {
            email: row.get(1)?,
            first_name: row.get(2)?,
            last_name: row.get(3)?,
            phone: row.get(4)?,
            company: row.get(5)?,
            department: row.get(6)?,
            position: row.get(7)?,
            active: row.get(8)?,
            start_date: row.get(9)?,
            end_date: row.get(10)?,
            staff: row.get(11)?,
            superuser: row.get(12)?,
            profile_completed: row.get(13)?,
            two_factor_required: row.get(14)?,
            must_change_password: row.get(15)?,
            color: row.get(16)?,
            language: row.get(17)?,
            roles: slugs(&mut role_assignments.iter()),
            roles_without_groups: slugs(
                &mut role_assignments.iter().filter(|assignment| !assignment.apply_groups),
            ),
            groups: assignments::by_hand(&in_groups),
            deleted: row.get::<_, Option<i64>>(18)?.is_some(),
            directory: row.get(36)?,
            directory_guid: row.get(37)?,
            directory_disabled: row.get(38)?,
            directory_expires_at: instant(39)?,
            directory_missing_since: instant(40)?,
            directory_groups: assignments::by_directory(&in_groups),
        },
        deleted_at: instant(18)?,
        password_hash: row.get::<_, Option<String>>(19)?.map(PasswordHash),
        password_changed_at: instant(20)?,
        origin: row.get(21)?,
        last_login_at: instant(22)?,
        holds: parsed(row, 23, throttle::holds)?,
        revision: row.get(24)?,
        created_at: Instant::from_micros(row.get(25)?),
        updated_at: Instant::from_micros(row.get(26)?),
        sort_name: row.get(27)?,
        role_assignments,
        in_groups,
        company_id: row.get(30)?,
        disowned_at: instant(31)?,
        second_factor: instant(32)?
            .map(|enrolled_at| {
                Ok::<_, rusqlite::Error>(SecondFactor { enrolled_at, codes_left: row.get(33)? })
            })
            .transpose()?,
        two_factor_grace_until: instant(34)?,
        invitation: parsed(row, 35, |json| invite::invitation(json).map(Some))?,
        managed_by: row
            .get::<_, Option<String>>(42)?
            .map(|connection| {
                let (seen_at, is_active) = (instant(41)?, row.get(43)?);
                Ok::<_, rusqlite::Error>(ManagedBy { connection, is_active, seen_at })
            })
            .transpose()?,
    })
}

/// What the store tells as JSON in a column; nothing where it tells nothing.
fn parsed<T: Default>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> serde_json::Result<T>,
) -> rusqlite::Result<T> {
    let json = row.get_ref(column)?.as_str_or_null()?;
    json.map_or_else(|| Ok(T::default()), parse).map_err(|source| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(source))
    })
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<User>> {
    Ok(tx.sql().prepare_cached(BY_ID)?.query_row(named_params! { ":id": id }, user).optional()?)
}

pub(super) fn by_email(tx: &Tx<'_>, folded: &str) -> Result<Option<User>> {
    Ok(tx.sql().prepare_cached(BY_EMAIL)?.query_row(named_params! { ":email": folded }, user).optional()?)
}

/// Everybody in the bin who had that email, the last deleted first.
pub(super) fn in_bin(tx: &Tx<'_>, folded: &str) -> Result<Vec<User>> {
    let mut statement = tx.sql().prepare_cached(IN_BIN)?;
    let users = statement.query_map(named_params! { ":email": folded }, user)?;
    Ok(users.collect::<Result<_, _>>()?)
}

/// The ids of those who have been in the bin since before `before`.
pub(super) fn binned_before(tx: &Tx<'_>, before: Instant) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(BINNED_BEFORE)?;
    let ids = statement.query_map(named_params! { ":before": before.micros() }, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

pub(super) fn similar_emails(tx: &Tx<'_>, folded: &str) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(SIMILAR)?;
    let emails = statement.query_map(named_params! { ":email": folded }, |row| row.get(0))?;
    Ok(emails.collect::<Result<_, _>>()?)
}

/// The first superuser who passes; no more are read.
pub(super) fn find_superuser(tx: &Tx<'_>, passes: impl Fn(&User) -> bool) -> Result<Option<User>> {
    let mut statement = tx.sql().prepare_cached(SUPERUSERS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let superuser = user(row)?;
        if passes(&superuser) {
            return Ok(Some(superuser));
        }
    }
    Ok(None)
}

/// Every superuser, also those in the bin.
pub(super) fn superusers(tx: &Tx<'_>) -> Result<Vec<User>> {
    let mut statement = tx.sql().prepare_cached(SUPERUSERS)?;
    Ok(statement.query_map([], user)?.collect::<Result<_, _>>()?)
}

/// People, also those in the bin.
pub(super) fn count(tx: &Tx<'_>) -> Result<u64> {
    Ok(tx.sql().prepare_cached(COUNT)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// People outside the bin.
pub(super) fn live_count(tx: &Tx<'_>) -> Result<u64> {
    Ok(tx.sql().prepare_cached(LIVE_COUNT)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

pub(super) fn set_password(
    tx: &Tx<'_>,
    id: i64,
    hash: &str,
    must_change: bool,
    revision: i64,
    now: Instant,
) -> Result<()> {
    let changed = tx.sql().prepare_cached(SET_PASSWORD)?.execute(named_params! {
        ":id": id, ":hash": hash, ":must_change": must_change, ":revision": revision, ":now": now.micros(),
    })?;
    Ok(one_row(changed, "users", id)?)
}

pub(super) fn set_last_login(tx: &Tx<'_>, id: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_LAST_LOGIN)?.execute(parameters)?, "users", id)?)
}

pub(super) fn set_imported_hash(tx: &Tx<'_>, id: i64, hash: &str) -> Result<()> {
    let parameters = named_params! { ":id": id, ":hash": hash };
    Ok(one_row(tx.sql().prepare_cached(SET_IMPORTED_HASH)?.execute(parameters)?, "users", id)?)
}

/// Keeps since when nobody logs in, for the person said that it was not them; none, and they may again.
pub(super) fn set_disowned(tx: &Tx<'_>, id: i64, at: Option<Instant>) -> Result<()> {
    let parameters = named_params! { ":id": id, ":at": at.map(Instant::micros) };
    Ok(one_row(tx.sql().prepare_cached(SET_DISOWNED)?.execute(parameters)?, "users", id)?)
}

pub(super) fn stamp(tx: &Tx<'_>, id: i64, revision: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":revision": revision, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(STAMP)?.execute(parameters)?, "users", id)?)
}

/// How superusers are found.
#[cfg(test)]
pub(super) fn superusers_plan(tx: &Tx<'_>) -> String {
    let mut statement = tx.sql().prepare(&format!("EXPLAIN QUERY PLAN {SUPERUSERS}")).unwrap();
    let steps = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
    steps.collect::<Result<Vec<_>, _>>().unwrap().join("\n")
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    write::INSERT,
    BY_ID,
    BY_EMAIL,
    IN_BIN,
    BINNED_BEFORE,
    write::ERASE,
    write::TAKE_ROLES,
    write::GIVE_ROLES,
    write::TAKE_GROUPS,
    write::GIVE_GROUPS,
    write::TAKE_DIRECTORY_GROUPS,
    write::GIVE_DIRECTORY_GROUPS,
    write::INDEXED,
    SUPERUSERS,
    COUNT,
    LIVE_COUNT,
    SIMILAR,
    SET_PASSWORD,
    SET_DISOWNED,
    SET_IMPORTED_HASH,
    SET_LAST_LOGIN,
    STAMP,
    lost::IN_BIN_WITH[0],
    lost::IN_BIN_WITH[1],
    lost::IN_BIN_WITH[2],
    lost::IN_BIN_WITH[3],
    lost::IN_BIN_WITH[4],
    lost::LOSE[0],
    lost::LOSE[1],
    lost::LOSE[2],
    lost::LOSE[3],
    lost::LOSE[4],
    lost::PLACE_IDS,
    lost::ROLE_IDS,
    lost::GROUP_IDS,
    BY_GUID,
    directory::OF_CONNECTION,
    directory::COUNT_OF,
    directory::CONNECTION_NAME,
    directory::SET_SEEN,
    photo::SET_PHOTO,
    photo::PHOTO,
    photo::HAS_PHOTO,
    photo::REMOVE_PHOTO,
];
