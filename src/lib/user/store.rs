//! The SQL of people: one at a time. Lists are in `filter`'s own SQL.

use std::fmt;

use rusqlite::{OptionalExtension as _, Row, ToSql, named_params};

use super::Facts;
use super::held::{self, Badge, InGroup};
use super::holdings::HoldingIds;
use super::places::Ids;
use crate::audit::Fields;
use crate::error::Result;
use crate::store::{Indexed, Tx};
use crate::text::collate::place_in_lists;
use crate::text::date::Day;
use crate::text::fold::{SearchParts, fold, search_text};
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO users (id, email, email_folded, password_hash, password_changed_at, must_change_password, active, staff,
        superuser, two_factor_required, first_name, last_name, company_id, department_id, position_id, phone, color,
        start_date, end_date, language, profile_completed, sort_name, search, deleted_at, revision, created_at, updated_at)
    VALUES (:id, :email, :email_folded, NULL, NULL, :must_change_password, :active, :staff, :superuser,
        :two_factor_required, :first_name, :last_name, :company_id, :department_id, :position_id, :phone, :color,
        :start_date, :end_date, :language, :profile_completed, :sort_name, :search, :deleted_at, :revision, :now, :now)";

/// What each changed fact sets. The others are left out, so that only the indexes over what changed are written: a place
/// sets all three ids, as a department of the same name may be another company's.
const SET: [(&[&str], &str); 18] = [
    (&["email"], "email = :email, email_folded = :email_folded"),
    (&["first_name"], "first_name = :first_name"),
    (&["last_name"], "last_name = :last_name"),
    (&["email", "first_name", "last_name"], "sort_name = :sort_name"),
    (&["email", "first_name", "last_name", "phone"], "search = :search"),
    (&["phone"], "phone = :phone"),
    (
        &["company", "department", "position"],
        "company_id = :company_id, department_id = :department_id, position_id = :position_id",
    ),
    (&["active"], "active = :active"),
    (&["start_date"], "start_date = :start_date"),
    (&["end_date"], "end_date = :end_date"),
    (&["staff"], "staff = :staff"),
    (&["superuser"], "superuser = :superuser"),
    (&["profile_completed"], "profile_completed = :profile_completed"),
    (&["two_factor_required"], "two_factor_required = :two_factor_required"),
    (&["must_change_password"], "must_change_password = :must_change_password"),
    (&["color"], "color = :color"),
    (&["language"], "language = :language"),
    (&["deleted"], "deleted_at = :deleted_at"),
];

/// Every column a [`User`] is made of. Whether there is a role or group at all is asked first: to gather none takes
/// three times as long.
macro_rules! columns {
    () => {
        "u.id, u.email, u.first_name, u.last_name, u.phone, c.name AS company, d.name AS department, p.name AS position,
            u.active, u.start_date, u.end_date, u.staff, u.superuser, u.profile_completed, u.two_factor_required,
            u.must_change_password, u.color, u.language, u.deleted_at, u.password_hash, u.password_changed_at, u.origin,
            u.last_login_at, u.held_until, u.revision, u.created_at, u.updated_at, u.sort_name,
            CASE WHEN EXISTS (SELECT 1 FROM user_roles h WHERE h.user_id = u.id) THEN
                (SELECT json_group_array(json_array(r.sort_order, r.slug, h.apply_groups, r.color))
                    FROM user_roles h JOIN roles r ON r.id = h.role_id WHERE h.user_id = u.id)
            END AS roles,
            CASE WHEN EXISTS (SELECT 1 FROM user_roles h WHERE h.user_id = u.id)
                OR EXISTS (SELECT 1 FROM memberships s WHERE s.user_id = u.id) THEN
                (SELECT json_group_array(json_array(g.name, o.name, m.origin, m.slug))
                    FROM (
                        SELECT s.group_id, s.origin, NULL AS slug FROM memberships s WHERE s.user_id = u.id
                        UNION ALL
                        SELECT b.group_id, 'role', r.slug FROM memberships_by_role b JOIN roles r ON r.id = b.role_id
                            WHERE b.user_id = u.id
                    ) m
                    JOIN groups g ON g.id = m.group_id LEFT JOIN companies o ON o.id = g.company_id)
            END AS groups,
            u.company_id"
    };
}

/// Where those columns come from beside `users u`.
macro_rules! joins {
    () => {
        " LEFT JOIN companies c ON c.id = u.company_id
            LEFT JOIN departments d ON d.id = u.department_id
            LEFT JOIN positions p ON p.id = u.position_id "
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

const IN_BIN: &str =
    select!("WHERE u.email_folded = :email AND u.deleted_at IS NOT NULL ORDER BY u.deleted_at DESC LIMIT 1");

const BINNED_BEFORE: &str = "SELECT id FROM users WHERE deleted_at < :before";

const NEXT_ID: &str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'users'), 0) + 1";

const ERASE: &str = "DELETE FROM users WHERE id = :id";

const INDEXED: &str = "SELECT place, search FROM users_searched WHERE id = :id";

const TAKE_ROLES: &str = "
    DELETE FROM user_roles
    WHERE user_id = :id AND role_id NOT IN (SELECT value ->> 0 FROM json_each(:roles))";

const GIVE_ROLES: &str = "
    INSERT INTO user_roles (user_id, role_id, apply_groups, created_at)
    SELECT :id, value ->> 0, value ->> 1, :now FROM json_each(:roles) WHERE true
    ON CONFLICT (user_id, role_id) DO UPDATE SET apply_groups = excluded.apply_groups";

const TAKE_GROUPS: &str = "
    DELETE FROM memberships
    WHERE user_id = :id AND origin = 'manual' AND group_id NOT IN (SELECT value FROM json_each(:groups))";

const GIVE_GROUPS: &str = "
    INSERT INTO memberships (user_id, group_id, origin, created_at)
    SELECT :id, value, 'manual', :now FROM json_each(:groups) WHERE true
    ON CONFLICT (user_id, group_id, origin) DO NOTHING";

const SUPERUSER_LEFT: &str = "
    SELECT EXISTS (
        SELECT 1 FROM users
        WHERE superuser = 1 AND active = 1 AND origin = 'local' AND deleted_at IS NULL AND end_date IS NULL
            AND (start_date IS NULL OR start_date <= :today))";

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

const UNLOCK: &str = "UPDATE users SET failed_logins = 0, held_until = NULL WHERE id = :id";

const STAMP: &str = "UPDATE users SET revision = :revision, updated_at = :now WHERE id = :id";

const SET_IMPORTED_HASH: &str = "UPDATE users SET password_hash = :hash WHERE id = :id";

const SET_PHOTO: &str = "
    INSERT INTO photos (user_id, media_type, width, height, image, created_at, updated_at)
    VALUES (:id, :media_type, :width, :height, :image, :now, :now)
    ON CONFLICT (user_id) DO UPDATE
    SET media_type = excluded.media_type, width = excluded.width, height = excluded.height, image = excluded.image,
        updated_at = excluded.updated_at";

const PHOTO: &str = "SELECT media_type, width, height, image, updated_at FROM photos WHERE user_id = :id";

const REMOVE_PHOTO: &str = "DELETE FROM photos WHERE user_id = :id";

/// Where the password is checked; an account that a directory manages has none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Here.
    Local,
    /// In a directory.
    Directory,
}

impl Origin {
    /// The word in JSON and in the store.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Directory => "directory",
        }
    }
}

/// A stored password hash; it is a secret, so it has no `Debug` of its own.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
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
    /// Logins are refused until then.
    pub(crate) held_until: Option<Instant>,
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
    pub(crate) badges: Vec<Badge>,
    /// The company, whose name is in the facts.
    pub(crate) company_id: Option<i64>,
    /// The groups the person is in, however that comes, by name.
    pub(crate) in_groups: Vec<InGroup>,
}

pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    // By place: a name would be looked for among all columns, for each row of a list.
    let instant = |index: usize| -> rusqlite::Result<Option<Instant>> {
        Ok(row.get::<_, Option<i64>>(index)?.map(Instant::from_micros))
    };
    let origin = row.get_ref(21)?.as_str()?;
    let badges = parsed(row, 28, held::badges)?;
    let in_groups = parsed(row, 29, held::groups)?;
    let slugs = |badges: &mut dyn Iterator<Item = &Badge>| {
        let mut slugs: Vec<String> = badges.map(|badge| badge.slug.clone()).collect();
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
            roles: slugs(&mut badges.iter()),
            roles_without_groups: slugs(&mut badges.iter().filter(|badge| !badge.apply_groups)),
            groups: held::by_hand(&in_groups),
            deleted: row.get::<_, Option<i64>>(18)?.is_some(),
        },
        deleted_at: instant(18)?,
        password_hash: row.get::<_, Option<String>>(19)?.map(PasswordHash),
        password_changed_at: instant(20)?,
        origin: if origin == "directory" { Origin::Directory } else { Origin::Local },
        last_login_at: instant(22)?,
        held_until: instant(23)?,
        revision: row.get(24)?,
        created_at: Instant::from_micros(row.get(25)?),
        updated_at: Instant::from_micros(row.get(26)?),
        sort_name: row.get(27)?,
        badges,
        in_groups,
        company_id: row.get(30)?,
    })
}

/// What the store tells as JSON in a column; nothing where it tells nothing.
fn parsed<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> serde_json::Result<Vec<T>>,
) -> rusqlite::Result<Vec<T>> {
    let json = row.get_ref(column)?.as_str_or_null()?;
    json.map_or_else(|| Ok(Vec::new()), parse).map_err(|source| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(source))
    })
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<User>> {
    Ok(tx.sql().prepare_cached(BY_ID)?.query_row(named_params! { ":id": id }, user).optional()?)
}

pub(super) fn by_email(tx: &Tx<'_>, folded: &str) -> Result<Option<User>> {
    Ok(tx.sql().prepare_cached(BY_EMAIL)?.query_row(named_params! { ":email": folded }, user).optional()?)
}

pub(super) fn in_bin(tx: &Tx<'_>, folded: &str) -> Result<Option<User>> {
    Ok(tx.sql().prepare_cached(IN_BIN)?.query_row(named_params! { ":email": folded }, user).optional()?)
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

pub(super) fn next_id(tx: &Tx<'_>) -> Result<i64> {
    Ok(tx.sql().prepare_cached(NEXT_ID)?.query_row([], |row| row.get(0))?)
}

/// What is written of a person beside the facts.
pub(super) struct Stamp {
    pub(super) id: i64,
    pub(super) ids: Ids,
    pub(super) deleted_at: Option<Instant>,
    pub(super) revision: i64,
    pub(super) now: Instant,
}

pub(super) fn insert(tx: &Tx<'_>, facts: &Facts, stamp: &Stamp) -> Result<()> {
    write(tx, INSERT, facts, stamp)?;
    tx.index(indexed(tx, stamp.id)?)?;
    if stamp.ids.held == HoldingIds::default() { Ok(()) } else { hold_only(tx, stamp) }
}

/// Gives a person these roles and groups, and takes every other that was given by hand.
pub(super) fn hold_only(tx: &Tx<'_>, stamp: &Stamp) -> Result<()> {
    let held = &stamp.ids.held;
    let roles: Vec<(i64, i64)> =
        held.roles.iter().map(|(role, groups)| (*role, i64::from(*groups))).collect();
    let (roles, groups) = (serde_json::json!(roles).to_string(), serde_json::json!(held.groups).to_string());
    let (id, now) = (stamp.id, stamp.now.micros());
    let sql = tx.sql();
    sql.prepare_cached(TAKE_ROLES)?.execute(named_params! { ":id": id, ":roles": roles })?;
    sql.prepare_cached(GIVE_ROLES)?.execute(named_params! { ":id": id, ":roles": roles, ":now": now })?;
    sql.prepare_cached(TAKE_GROUPS)?.execute(named_params! { ":id": id, ":groups": groups })?;
    sql.prepare_cached(GIVE_GROUPS)?.execute(named_params! { ":id": id, ":groups": groups, ":now": now })?;
    Ok(())
}

/// Writes the facts of a person that `changed` names.
pub(super) fn update(tx: &Tx<'_>, facts: &Facts, changed: &Fields, stamp: &Stamp) -> Result<()> {
    let sql = update_of(changed);
    let old = if sql.contains(":search") { Some(indexed(tx, stamp.id)?) } else { None };
    write(tx, &sql, facts, stamp)?;
    let Some(old) = old else { return Ok(()) };
    let new = indexed(tx, stamp.id)?;
    if old != new {
        tx.unindex(old)?;
        tx.index(new)?;
    }
    Ok(())
}

/// The statement that writes these facts.
pub(super) fn update_of(changed: &Fields) -> String {
    let set: String = SET
        .iter()
        .filter(|(facts, _)| facts.iter().any(|fact| changed.contains_key(*fact)))
        .flat_map(|(_, set)| [*set, ", "])
        .collect();
    format!("UPDATE users SET {set}revision = :revision, updated_at = :now WHERE id = :id")
}

/// What a search looks in.
fn searched(facts: &Facts) -> String {
    search_text(SearchParts {
        first_name: facts.first_name.as_deref().unwrap_or_default(),
        last_name: facts.last_name.as_deref().unwrap_or_default(),
        email: &facts.email,
        phone: facts.phone.as_deref(),
    })
}

/// What the search index holds of a person as stored.
fn indexed(tx: &Tx<'_>, id: i64) -> Result<Indexed> {
    let mut statement = tx.sql().prepare_cached(INDEXED)?;
    let read = |row: &Row<'_>| Ok(Indexed { place: row.get(0)?, text: row.get(1)? });
    Ok(statement.query_row(named_params! { ":id": id }, read)?)
}

/// Writes what the statement asks for of a person.
fn write(tx: &Tx<'_>, sql: &str, facts: &Facts, stamp: &Stamp) -> Result<()> {
    // What is derived is made only for statements that write it.
    let writes = |name: &str| sql.contains(name);
    let email_folded = writes(":email_folded").then(|| fold(&facts.email));
    let sort_name = writes(":sort_name").then(|| sort_name(facts));
    let [start_date, end_date] = [facts.start_date, facts.end_date].map(|day| day.map(|day| day.to_string()));
    let deleted_at = stamp.deleted_at.map(Instant::micros);
    let now = stamp.now.micros();
    let search = writes(":search").then(|| searched(facts));
    let values: [(&str, &dyn ToSql); 24] = [
        (":id", &stamp.id),
        (":email", &facts.email),
        (":email_folded", &email_folded),
        (":must_change_password", &facts.must_change_password),
        (":active", &facts.active),
        (":staff", &facts.staff),
        (":superuser", &facts.superuser),
        (":two_factor_required", &facts.two_factor_required),
        (":first_name", &facts.first_name),
        (":last_name", &facts.last_name),
        (":company_id", &stamp.ids.company),
        (":department_id", &stamp.ids.department),
        (":position_id", &stamp.ids.position),
        (":phone", &facts.phone),
        (":color", &facts.color),
        (":start_date", &start_date),
        (":end_date", &end_date),
        (":language", &facts.language),
        (":profile_completed", &facts.profile_completed),
        (":sort_name", &sort_name),
        (":search", &search),
        (":deleted_at", &deleted_at),
        (":revision", &stamp.revision),
        (":now", &now),
    ];
    let mut statement = tx.sql().prepare_cached(sql)?;
    for (name, value) in values {
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    statement.raw_execute()?;
    Ok(())
}

fn sort_name(facts: &Facts) -> String {
    place_in_lists(facts.last_name.as_deref(), facts.first_name.as_deref(), &facts.email)
}

pub(super) fn erase(tx: &Tx<'_>, id: i64) -> Result<()> {
    tx.unindex(indexed(tx, id)?)?;
    tx.sql().prepare_cached(ERASE)?.execute(named_params! { ":id": id })?;
    Ok(())
}

pub(super) fn superuser_left(tx: &Tx<'_>, today: Day) -> Result<bool> {
    let parameters = named_params! { ":today": today.to_string() };
    Ok(tx.sql().prepare_cached(SUPERUSER_LEFT)?.query_row(parameters, |row| row.get(0))?)
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
    tx.sql().prepare_cached(SET_PASSWORD)?.execute(named_params! {
        ":id": id, ":hash": hash, ":must_change": must_change, ":revision": revision, ":now": now.micros(),
    })?;
    Ok(())
}

pub(super) fn set_imported_hash(tx: &Tx<'_>, id: i64, hash: &str) -> Result<()> {
    tx.sql().prepare_cached(SET_IMPORTED_HASH)?.execute(named_params! { ":id": id, ":hash": hash })?;
    Ok(())
}

pub(super) fn unlock(tx: &Tx<'_>, id: i64) -> Result<()> {
    tx.sql().prepare_cached(UNLOCK)?.execute(named_params! { ":id": id })?;
    Ok(())
}

pub(super) fn stamp(tx: &Tx<'_>, id: i64, revision: i64, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":revision": revision, ":now": now.micros() };
    tx.sql().prepare_cached(STAMP)?.execute(parameters)?;
    Ok(())
}

/// Holds a person's logins, as the throttle will.
#[cfg(test)]
pub(super) fn hold(tx: &Tx<'_>, id: i64, until: Instant) -> Result<()> {
    let sql = "UPDATE users SET failed_logins = 10, held_until = :until WHERE id = :id";
    tx.sql().execute(sql, named_params! { ":id": id, ":until": until.micros() })?;
    Ok(())
}

/// A stored photo.
pub(crate) struct Photo {
    /// `image/jpeg` or `image/png`.
    pub(crate) media_type: String,
    /// Pixels across.
    pub(crate) width: u32,
    /// Pixels down.
    pub(crate) height: u32,
    /// The file's bytes.
    pub(crate) image: Vec<u8>,
    /// When it was set.
    pub(crate) updated_at: Instant,
}

pub(super) fn set_photo(tx: &Tx<'_>, id: i64, photo: &Photo) -> Result<()> {
    tx.sql().prepare_cached(SET_PHOTO)?.execute(named_params! {
        ":id": id, ":media_type": photo.media_type, ":width": photo.width, ":height": photo.height,
        ":image": photo.image, ":now": photo.updated_at.micros(),
    })?;
    Ok(())
}

pub(super) fn photo(tx: &Tx<'_>, id: i64) -> Result<Option<Photo>> {
    let mut statement = tx.sql().prepare_cached(PHOTO)?;
    let photo = statement
        .query_row(named_params! { ":id": id }, |row| {
            Ok(Photo {
                media_type: row.get("media_type")?,
                width: row.get("width")?,
                height: row.get("height")?,
                image: row.get("image")?,
                updated_at: Instant::from_micros(row.get("updated_at")?),
            })
        })
        .optional()?;
    Ok(photo)
}

pub(super) fn remove_photo(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(REMOVE_PHOTO)?.execute(named_params! { ":id": id })? > 0)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    BY_ID,
    BY_EMAIL,
    IN_BIN,
    BINNED_BEFORE,
    NEXT_ID,
    ERASE,
    TAKE_ROLES,
    GIVE_ROLES,
    TAKE_GROUPS,
    GIVE_GROUPS,
    INDEXED,
    SUPERUSER_LEFT,
    LIVE_COUNT,
    SIMILAR,
    SET_PASSWORD,
    SET_IMPORTED_HASH,
    UNLOCK,
    STAMP,
    SET_PHOTO,
    PHOTO,
    REMOVE_PHOTO,
];
