//! The SQL of roles.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::dashboard::Dashboard;
use crate::error::Result;
use crate::group::canonical;
use crate::store::Tx;
use crate::store::value::{json_if_any, of_row, one_row};
use crate::text::fold::fold;
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO roles (id, name, name_folded, slug, description, color, sort_order, active, dashboard, revision,
        created_at, updated_at)
    VALUES (:id, :name, :name_folded, :slug, :description, :color, :sort_order, :active, :dashboard, :revision,
        :now, :now)";

const UPDATE: &str = "
    UPDATE roles
    SET name = :name, name_folded = :name_folded, slug = :slug, description = :description, color = :color,
        sort_order = :sort_order, active = :active, dashboard = :dashboard, revision = :revision, updated_at = :now
    WHERE id = :id";

const SET_CREATED: &str = "UPDATE roles SET created_at = :made WHERE id = :id";

const DELETE: &str = "DELETE FROM roles WHERE id = :id";

/// The start of every question about whole roles. The dashboard is the last, for it is the longest.
macro_rules! roles {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.name, r.slug, r.description, r.color, r.sort_order, r.active, r.revision, r.created_at,
                r.updated_at,
                (SELECT count(*) FROM user_roles h JOIN users u ON u.id = h.user_id
                    WHERE h.role_id = r.id AND u.deleted_at IS NULL) AS holders,
                r.dashboard
            FROM roles r ",
            $rest
        )
    };
}

const GET: &str = roles!("WHERE r.id = :id");

const LIST: &str = roles!("ORDER BY r.sort_order, sort_key(r.name_folded)");

/// The same conditions as in the view `memberships_by_role`.
const IN_FORCE_OF: &str = roles!(
    "JOIN user_roles o ON o.role_id = r.id
    JOIN users p ON p.id = o.user_id
    WHERE p.id = :user AND r.active = 1
        AND (NOT EXISTS (SELECT 1 FROM role_companies c WHERE c.role_id = r.id)
            OR EXISTS (SELECT 1 FROM role_companies c WHERE c.role_id = r.id AND c.company_id = p.company_id))
    ORDER BY r.sort_order, sort_key(r.name_folded)"
);

/// People in the bin come last.
const HOLDERS: &str = "
    SELECT u.id, u.email, u.company_id, u.deleted_at IS NOT NULL AS in_bin
    FROM user_roles h JOIN users u ON u.id = h.user_id
    WHERE h.role_id = :id
    ORDER BY u.deleted_at IS NOT NULL, u.email_folded";

const COMPANY_OF: &str = "SELECT company_id FROM users WHERE id = :user";

const ID_BY_SLUG: &str = "SELECT id FROM roles WHERE slug = :name";

const ID_BY_NAME: &str = "SELECT id FROM roles WHERE name_folded = :name";

const HELD: &str = "SELECT id, slug, active FROM roles WHERE id = :id";

const COMPANIES: &str = "
    SELECT c.id, c.name FROM role_companies l JOIN companies c ON c.id = l.company_id
    WHERE l.role_id = :id
    ORDER BY sort_key(c.name_folded)";

const COMPANY_IDS: &str = "SELECT company_id FROM role_companies WHERE role_id = :id";

const GROUPS: &str = "
    SELECT g.id, g.name, c.name, g.company_id FROM role_groups l
    JOIN groups g ON g.id = l.group_id
    LEFT JOIN companies c ON c.id = g.company_id
    WHERE l.role_id = :id
    ORDER BY sort_key(g.name_folded), sort_key(c.name_folded)";

const MODULES: &str = "SELECT module FROM role_modules WHERE role_id = :id ORDER BY module";

const ADD_COMPANY: &str = "INSERT INTO role_companies (role_id, company_id) VALUES (:id, :value)";

const ADD_GROUP: &str = "INSERT INTO role_groups (role_id, group_id) VALUES (:id, :value)";

const ADD_MODULE: &str = "INSERT INTO role_modules (role_id, module) VALUES (:id, :value)";

const CLEAR: [&str; 3] = [
    "DELETE FROM role_companies WHERE role_id = :id",
    "DELETE FROM role_groups WHERE role_id = :id",
    "DELETE FROM role_modules WHERE role_id = :id",
];

/// A company a role is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfCompany {
    /// Its id.
    pub(crate) id: i64,
    /// Its name.
    pub(crate) name: String,
}

/// A group a role brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OfGroup {
    /// Its id.
    pub(crate) id: i64,
    /// `Name`, or `Name@Company` for a company's group.
    pub(crate) name: String,
    /// Its company.
    pub(crate) company_id: Option<i64>,
}

/// A role as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// Never reused.
    pub(crate) id: i64,
    /// As typed.
    pub(crate) name: String,
    /// How scripts name it.
    pub(crate) slug: String,
    /// Free text.
    pub(crate) description: Option<String>,
    /// `#rrggbb`, of its badge.
    pub(crate) color: Option<String>,
    /// The place in lists; equal ones go by name.
    pub(crate) order: i64,
    /// The companies whose people may hold it; none for all.
    pub(crate) companies: Vec<OfCompany>,
    /// The groups it brings.
    pub(crate) groups: Vec<OfGroup>,
    /// The modules whose widgets its dashboard may show; none for all.
    pub(crate) modules: Vec<String>,
    /// An inactive role is not offered and brings nothing.
    pub(crate) active: bool,
    /// What its holders see at a glance.
    pub(crate) dashboard: Dashboard,
    /// The audit row of the last change.
    pub(crate) revision: i64,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
    /// People outside the bin who hold it.
    pub(crate) holders: i64,
}

/// What an import or a change of a person has to know of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The role's id.
    pub(crate) id: i64,
    /// Its slug, by which people's facts name it.
    pub(crate) slug: String,
    /// The companies whose people may hold it; none for all.
    pub(crate) companies: Vec<i64>,
    /// Whether it is active.
    pub(crate) active: bool,
}

/// Somebody who holds a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) company_id: Option<i64>,
    pub(super) in_bin: bool,
}

/// Writes a new role; its revision and time of change count, as in [`update`].
pub(super) fn insert(tx: &Tx<'_>, role: &Role) -> Result<()> {
    write(tx, INSERT, role)?;
    write_lists(tx, role)
}

/// Writes a role that was deleted, as it was made then.
pub(super) fn put_back(tx: &Tx<'_>, role: &Role) -> Result<()> {
    insert(tx, role)?;
    let parameters = named_params! { ":id": role.id, ":made": role.created_at.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_CREATED)?.execute(parameters)?, "roles", role.id)?)
}

pub(super) fn update(tx: &Tx<'_>, role: &Role) -> Result<()> {
    write(tx, UPDATE, role)?;
    for sql in CLEAR {
        tx.sql().prepare_cached(sql)?.execute(named_params! { ":id": role.id })?;
    }
    write_lists(tx, role)
}

fn write(tx: &Tx<'_>, sql: &str, role: &Role) -> Result<()> {
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": role.id,
        ":name": role.name,
        ":name_folded": fold(&role.name),
        ":slug": role.slug,
        ":description": role.description,
        ":color": role.color,
        ":sort_order": role.order,
        ":active": role.active,
        ":dashboard": role.dashboard.stored(),
        ":revision": role.revision,
        ":now": role.updated_at.micros(),
    })?;
    Ok(one_row(changed, "roles", role.id)?)
}

fn write_lists(tx: &Tx<'_>, role: &Role) -> Result<()> {
    let mut add = tx.sql().prepare_cached(ADD_COMPANY)?;
    for company in &role.companies {
        add.execute(named_params! { ":id": role.id, ":value": company.id })?;
    }
    let mut add = tx.sql().prepare_cached(ADD_GROUP)?;
    for group in &role.groups {
        add.execute(named_params! { ":id": role.id, ":value": group.id })?;
    }
    let mut add = tx.sql().prepare_cached(ADD_MODULE)?;
    for module in &role.modules {
        add.execute(named_params! { ":id": role.id, ":value": module })?;
    }
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "roles", id)?)
}

/// Every role, in role order.
pub(super) fn list(tx: &Tx<'_>) -> Result<Vec<Role>> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let roles = statement.query_map([], role)?.collect::<Result<Vec<_>, _>>()?;
    roles.into_iter().map(|role| with_lists(tx, role)).collect()
}

/// The roles a person holds that are active and for the person's company, in role order.
pub(super) fn in_force_of(tx: &Tx<'_>, user: i64) -> Result<Vec<Role>> {
    let mut statement = tx.sql().prepare_cached(IN_FORCE_OF)?;
    let roles = statement.query_map(named_params! { ":user": user }, role)?.collect::<Result<Vec<_>, _>>()?;
    roles.into_iter().map(|role| with_lists(tx, role)).collect()
}

/// Who holds a role, people in the bin last.
pub(super) fn holders(tx: &Tx<'_>, id: i64) -> Result<Vec<Holder>> {
    let mut statement = tx.sql().prepare_cached(HOLDERS)?;
    let holders = statement.query_map(named_params! { ":id": id }, |row| {
        Ok(Holder {
            id: row.get("id")?,
            email: row.get("email")?,
            company_id: row.get("company_id")?,
            in_bin: row.get("in_bin")?,
        })
    })?;
    Ok(holders.collect::<Result<_, _>>()?)
}

/// The company of a person.
pub(super) fn company_of(tx: &Tx<'_>, user: i64) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(COMPANY_OF)?;
    Ok(statement.query_row(named_params! { ":user": user }, |row| row.get(0))?)
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Role>> {
    let mut statement = tx.sql().prepare_cached(GET)?;
    let found = statement.query_row(named_params! { ":id": id }, role).optional()?;
    found.map(|role| with_lists(tx, role)).transpose()
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Role> {
    with_lists(tx, tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, role)?)
}

/// By slug, else by folded name. No role has the slug of another for a name, so one word never means two roles.
pub(super) fn id_of(tx: &Tx<'_>, name: &str) -> Result<Option<i64>> {
    let folded = fold(name);
    for sql in [ID_BY_SLUG, ID_BY_NAME] {
        let mut statement = tx.sql().prepare_cached(sql)?;
        let id = statement.query_row(named_params! { ":name": folded }, |row| row.get(0)).optional()?;
        if id.is_some() {
            return Ok(id);
        }
    }
    Ok(None)
}

pub(super) fn held(tx: &Tx<'_>, id: i64) -> Result<Option<Found>> {
    let mut statement = tx.sql().prepare_cached(HELD)?;
    let found = statement.query_row(named_params! { ":id": id }, |row| {
        Ok(Found {
            id: row.get("id")?,
            slug: row.get("slug")?,
            companies: Vec::new(),
            active: row.get("active")?,
        })
    });
    let Some(mut found) = found.optional()? else { return Ok(None) };
    found.companies = column(tx, COMPANY_IDS, id)?;
    Ok(Some(found))
}

fn role(row: &Row<'_>) -> rusqlite::Result<Role> {
    of_row(("roles", "id"), row, |row| {
        Ok(Role {
            id: row.get("id")?,
            name: row.get("name")?,
            slug: row.get("slug")?,
            description: row.get("description")?,
            color: row.get("color")?,
            order: row.get("sort_order")?,
            companies: Vec::new(),
            groups: Vec::new(),
            modules: Vec::new(),
            active: row.get("active")?,
            dashboard: json_if_any(row, "dashboard")?.unwrap_or_default(),
            revision: row.get("revision")?,
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
            holders: row.get("holders")?,
        })
    })
}

fn with_lists(tx: &Tx<'_>, mut role: Role) -> Result<Role> {
    let id = named_params! { ":id": role.id };
    let mut statement = tx.sql().prepare_cached(COMPANIES)?;
    let company = |row: &Row<'_>| Ok(OfCompany { id: row.get(0)?, name: row.get(1)? });
    role.companies = statement.query_map(id, company)?.collect::<Result<_, _>>()?;
    let mut statement = tx.sql().prepare_cached(GROUPS)?;
    role.groups = statement.query_map(id, group)?.collect::<Result<_, _>>()?;
    role.modules = column(tx, MODULES, role.id)?;
    Ok(role)
}

fn group(row: &Row<'_>) -> rusqlite::Result<OfGroup> {
    let (name, company): (String, Option<String>) = (row.get(1)?, row.get(2)?);
    Ok(OfGroup { id: row.get(0)?, name: canonical(&name, company.as_deref()), company_id: row.get(3)? })
}

fn column<T: rusqlite::types::FromSql>(tx: &Tx<'_>, sql: &str, id: i64) -> Result<Vec<T>> {
    let mut statement = tx.sql().prepare_cached(sql)?;
    let values = statement.query_map(named_params! { ":id": id }, |row| row.get(0))?;
    Ok(values.collect::<Result<_, _>>()?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    SET_CREATED,
    DELETE,
    GET,
    LIST,
    IN_FORCE_OF,
    HOLDERS,
    COMPANY_OF,
    ID_BY_SLUG,
    ID_BY_NAME,
    HELD,
    COMPANIES,
    COMPANY_IDS,
    GROUPS,
    MODULES,
    ADD_COMPANY,
    ADD_GROUP,
    ADD_MODULE,
    CLEAR[0],
    CLEAR[1],
    CLEAR[2],
];
