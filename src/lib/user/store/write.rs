//! Writing what an administrator decides of a person, and keeping the index of searches in step with it.

use rusqlite::{Row, ToSql, named_params};

use crate::audit::Fields;
use crate::error::Result;
use crate::store::value::one_row;
use crate::store::{Indexed, SearchAside, SearchIndex, Tx};
use crate::text::email;
use crate::text::fold::{SearchParts, search_text};
use crate::text::instant::Instant;
use crate::user::Facts;
use crate::user::assignment_lookup::AssignmentIds;
use crate::user::org_lookup::Ids;

pub(super) const INSERT: &str = "
    INSERT INTO users (id, email, email_folded, password_hash, password_changed_at, must_change_password, active, staff,
        superuser, two_factor_required, first_name, last_name, company_id, department_id, position_id, phone, color,
        start_date, end_date, language, profile_completed, sort_name, search, deleted_at, revision, created_at, updated_at,
        origin, directory_id, directory_guid, directory_disabled, directory_expires_at, directory_missing_since)
    VALUES (:id, :email, :email_folded, NULL, NULL, :must_change_password, :active, :staff, :superuser,
        :two_factor_required, :first_name, :last_name, :company_id, :department_id, :position_id, :phone, :color,
        :start_date, :end_date, :language, :profile_completed, :sort_name, :search, :deleted_at, :revision, :now, :now,
        iif(:directory_id IS NULL, 'local', 'directory'), :directory_id, :directory_guid, :directory_disabled,
        :directory_expires_at, :directory_missing_since)";

/// What each changed fact sets. The others are left out, so that only the indexes over what changed are written: a place
/// sets all three ids, as a department of the same name may be another company's.
const SET: [(&[&str], &str); 23] = [
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
    // Until when it was to be there counts for that requirement alone.
    (&["two_factor_required"], "two_factor_required = :two_factor_required, two_factor_grace_until = NULL"),
    (&["must_change_password"], "must_change_password = :must_change_password"),
    (&["color"], "color = :color"),
    (&["language"], "language = :language"),
    (&["deleted"], "deleted_at = :deleted_at"),
    // A password that was theirs before does not come back by it, and what another directory knew is not known of this one.
    (
        &["directory"],
        "origin = iif(:directory_id IS NULL, 'local', 'directory'), password_hash = NULL, password_changed_at = NULL, \
         directory_seen_at = NULL",
    ),
    (&["directory", "directory_guid"], "directory_id = :directory_id, directory_guid = :directory_guid"),
    (&["directory_disabled"], "directory_disabled = :directory_disabled"),
    (&["directory_expires_at"], "directory_expires_at = :directory_expires_at"),
    (&["directory_missing_since"], "directory_missing_since = :directory_missing_since"),
];

pub(super) const ERASE: &str = "DELETE FROM users WHERE id = :id";

/// By what people are found; what it holds are rows of the view `users_searched`.
const SEARCH: SearchIndex = SearchIndex {
    add: "INSERT INTO users_search (rowid, search) VALUES (:place, :text)",
    remove: "INSERT INTO users_search (users_search, rowid, search) VALUES ('delete', :place, :text)",
    rebuild: "INSERT INTO users_search (users_search) VALUES ('rebuild')",
};

pub(super) const INDEXED: &str = "SELECT place, search FROM users_searched WHERE id = :id";

pub(super) const TAKE_ROLES: &str = "
    DELETE FROM user_roles
    WHERE user_id = :id AND role_id NOT IN (SELECT value ->> 0 FROM json_each(:roles))";

pub(super) const GIVE_ROLES: &str = "
    INSERT INTO user_roles (user_id, role_id, apply_groups, created_at)
    SELECT :id, value ->> 0, value ->> 1, :now FROM json_each(:roles) WHERE true
    ON CONFLICT (user_id, role_id) DO UPDATE SET apply_groups = excluded.apply_groups";

pub(super) const TAKE_GROUPS: &str = "
    DELETE FROM memberships
    WHERE user_id = :id AND origin = 'manual' AND group_id NOT IN (SELECT value FROM json_each(:groups))";

pub(super) const GIVE_GROUPS: &str = "
    INSERT INTO memberships (user_id, group_id, origin, created_at)
    SELECT :id, value, 'manual', :now FROM json_each(:groups) WHERE true
    ON CONFLICT (user_id, group_id, origin) DO NOTHING";

pub(super) const TAKE_DIRECTORY_GROUPS: &str = "
    DELETE FROM memberships
    WHERE user_id = :id AND origin <> 'manual'
        AND (origin IS NOT 'directory:' || :directory OR group_id NOT IN (SELECT value FROM json_each(:groups)))";

pub(super) const GIVE_DIRECTORY_GROUPS: &str = "
    INSERT INTO memberships (user_id, group_id, origin, created_at)
    SELECT :id, value, 'directory:' || :directory, :now FROM json_each(:groups) WHERE true
    ON CONFLICT (user_id, group_id, origin) DO NOTHING";

/// What is written of a person beside the facts.
pub(in crate::user) struct Stamp {
    pub(in crate::user) id: i64,
    pub(in crate::user) ids: Ids,
    pub(in crate::user) deleted_at: Option<Instant>,
    pub(in crate::user) revision: i64,
    pub(in crate::user) now: Instant,
}

pub(in crate::user) fn insert(tx: &Tx<'_>, facts: &Facts, stamp: &Stamp) -> Result<()> {
    write(tx, INSERT, facts, stamp)?;
    tx.index(&SEARCH, indexed(tx, stamp.id)?)?;
    if stamp.ids.assignments == AssignmentIds::default() { Ok(()) } else { hold_only(tx, facts, stamp) }
}

/// Gives a person these roles and groups, and takes every other that was given by hand or by a directory.
pub(in crate::user) fn hold_only(tx: &Tx<'_>, facts: &Facts, stamp: &Stamp) -> Result<()> {
    let held = &stamp.ids.assignments;
    let roles: Vec<(i64, i64)> =
        held.roles.iter().map(|(role, groups)| (*role, i64::from(*groups))).collect();
    let (roles, groups) = (serde_json::json!(roles).to_string(), serde_json::json!(held.groups).to_string());
    let (id, now) = (stamp.id, stamp.now.micros());
    let sql = tx.sql();
    sql.prepare_cached(TAKE_ROLES)?.execute(named_params! { ":id": id, ":roles": roles })?;
    sql.prepare_cached(GIVE_ROLES)?.execute(named_params! { ":id": id, ":roles": roles, ":now": now })?;
    sql.prepare_cached(TAKE_GROUPS)?.execute(named_params! { ":id": id, ":groups": groups })?;
    sql.prepare_cached(GIVE_GROUPS)?.execute(named_params! { ":id": id, ":groups": groups, ":now": now })?;
    let (directory, groups) = (facts.directory, serde_json::json!(held.directory_groups).to_string());
    let values = named_params! { ":id": id, ":directory": directory, ":groups": groups };
    sql.prepare_cached(TAKE_DIRECTORY_GROUPS)?.execute(values)?;
    let values = named_params! { ":id": id, ":directory": directory, ":groups": groups, ":now": now };
    sql.prepare_cached(GIVE_DIRECTORY_GROUPS)?.execute(values)?;
    Ok(())
}

/// Writes the facts of a person that `changed` names.
pub(in crate::user) fn update(tx: &Tx<'_>, facts: &Facts, changed: &Fields, stamp: &Stamp) -> Result<()> {
    let sql = update_of(changed);
    let old = if sql.contains(":search") { Some(indexed(tx, stamp.id)?) } else { None };
    write(tx, &sql, facts, stamp)?;
    let Some(old) = old else { return Ok(()) };
    let new = indexed(tx, stamp.id)?;
    if old != new {
        tx.unindex(&SEARCH, old)?;
        tx.index(&SEARCH, new)?;
    }
    Ok(())
}

/// The statement that writes these facts.
pub(in crate::user) fn update_of(changed: &Fields) -> String {
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

/// How many values a statement can ask for of a person.
const ALL: usize = 29;

/// Writes what the statement asks for of a person.
fn write(tx: &Tx<'_>, sql: &str, facts: &Facts, stamp: &Stamp) -> Result<()> {
    // What is derived is made only for statements that write it.
    let writes = |name: &str| sql.contains(name);
    let email_folded = writes(":email_folded").then(|| email::key(&facts.email));
    let sort_name = writes(":sort_name").then(|| facts.sort_name());
    let [start_date, end_date] = [facts.start_date, facts.end_date].map(|day| day.map(|day| day.to_string()));
    let deleted_at = stamp.deleted_at.map(Instant::micros);
    let now = stamp.now.micros();
    let [expires_at, missing_since] =
        [facts.directory_expires_at, facts.directory_missing_since].map(|at| at.map(Instant::micros));
    let search = writes(":search").then(|| searched(facts));
    let values: [(&str, &dyn ToSql); ALL] = [
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
        (":directory_id", &facts.directory),
        (":directory_guid", &facts.directory_guid),
        (":directory_disabled", &facts.directory_disabled),
        (":directory_expires_at", &expires_at),
        (":directory_missing_since", &missing_since),
    ];
    let mut statement = tx.sql().prepare_cached(sql)?;
    // The names of a statement come in this order, with gaps: each is looked for from where the last was found.
    let mut values = values.iter().cycle();
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index);
        let found = values.by_ref().take(ALL).find(|(known, _)| Some(*known) == name);
        if let Some((_, value)) = found {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(one_row(statement.raw_execute()?, "users", stamp.id)?)
}

pub(in crate::user) fn erase(tx: &Tx<'_>, id: i64) -> Result<()> {
    if !tx.has_search_aside() {
        tx.unindex(&SEARCH, indexed(tx, id)?)?;
    }
    Ok(one_row(tx.sql().prepare_cached(ERASE)?.execute(named_params! { ":id": id })?, "users", id)?)
}

/// Lets people be found again by what there is of them.
pub(in crate::user) fn rebuild_search(tx: &Tx<'_>, aside: SearchAside) -> Result<()> {
    tx.rebuild_search(&SEARCH, aside)
}
