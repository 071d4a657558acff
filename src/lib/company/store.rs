//! The SQL of companies.

use rusqlite::{OptionalExtension as _, Row, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row};
use crate::text::fold::fold;
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO companies (id, name, name_folded, slug, note, revision, created_at, updated_at)
    VALUES (:id, :name, :name_folded, :slug, :note, :revision, :now, :now)";

const UPDATE: &str = "
    UPDATE companies
    SET name = :name, name_folded = :name_folded, slug = :slug, note = :note, revision = :revision, updated_at = :now
    WHERE id = :id";

const SET_CREATED: &str = "UPDATE companies SET created_at = :made WHERE id = :id";

const IS_IN_BIN: &str =
    "SELECT EXISTS (SELECT 1 FROM users WHERE company_id = :id AND deleted_at IS NOT NULL)";

/// The groups that grant something for a company alone.
const GRANTING: &str = "
    SELECT g.name, c.id, c.name
    FROM groups g LEFT JOIN companies c ON c.id = g.company_id
    WHERE g.id IN (SELECT t.group_id FROM grants t WHERE t.company_id = :id)
    ORDER BY sort_key(g.name_folded), sort_key(c.name_folded)";

const ROLES_FOR: &str = "
    SELECT r.slug
    FROM role_companies k JOIN roles r ON r.id = k.role_id
    WHERE k.company_id = :id
    ORDER BY r.sort_order, sort_key(r.name_folded)";

const DELETE: &str = "DELETE FROM companies WHERE id = :id";

const NAMES: &str = "SELECT id, name FROM companies ORDER BY sort_key(name_folded)";

const LIST: &str = "
    SELECT c.id, c.name, c.slug, c.note, c.revision, c.created_at, c.updated_at, w.set_at
    FROM companies c LEFT JOIN control_words w ON w.company_id = c.id
    ORDER BY sort_key(c.name_folded)";

const GET: &str = "
    SELECT c.id, c.name, c.slug, c.note, c.revision, c.created_at, c.updated_at, w.set_at
    FROM companies c LEFT JOIN control_words w ON w.company_id = c.id
    WHERE c.id = :id";

const SET_CONTROL_WORD: &str = "
    INSERT INTO control_words (company_id, hash, set_at) VALUES (:id, :hash, :now)
    ON CONFLICT (company_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at";

const CONTROL_WORD: &str = "SELECT hash FROM control_words WHERE company_id = :id";

const REMOVE_CONTROL_WORD: &str = "DELETE FROM control_words WHERE company_id = :id";

const ID_BY_NAME: &str = "SELECT id FROM companies WHERE name_folded = :name";

const ID_BY_SLUG: &str = "SELECT id FROM companies WHERE slug = :slug";

/// What the audit has of the companies there are.
const WAS_ANOTHERS: &str = "
    SELECT EXISTS (
        SELECT 1
        FROM audit a JOIN companies c ON c.id = a.subject_id
        WHERE a.kind = 'company' AND a.subject_id IS NOT :own
            AND (fold(json_extract(a.after, '$.name')) = :name OR fold(json_extract(a.after, '$.slug')) = :name)
    )";

const USES: &str = "
    SELECT
        (SELECT count(*) FROM users u WHERE u.company_id = :id AND u.deleted_at IS NULL) AS people,
        (SELECT count(*) FROM departments d WHERE d.company_id = :id) AS departments,
        (SELECT count(*) FROM positions p WHERE p.company_id = :id) AS positions,
        (SELECT count(*) FROM groups g WHERE g.company_id = :id) AS groups,
        (SELECT count(*) FROM grants t WHERE t.company_id = :id) AS grants,
        (SELECT count(*) FROM role_companies k WHERE k.company_id = :id) AS roles,
        (SELECT count(*) FROM mail_accounts a WHERE a.company_id = :id) AS mail_accounts,
        (SELECT count(*) FROM mail_routes t WHERE t.company_id = :id) AS mail_routes,
        (SELECT count(*) FROM directory_connections d WHERE d.company_id = :id) AS connections";

/// How much refers to a company. Counting walks its people, so a lookup does not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Its people outside the bin.
    pub(crate) people: i64,
    /// Its departments.
    pub(crate) departments: i64,
    /// Its positions.
    pub(crate) positions: i64,
    /// Groups of the company.
    pub(crate) groups: i64,
    /// Grants for the company alone.
    pub(crate) grants: i64,
    /// Roles for people of the company.
    pub(crate) roles: i64,
    /// Accounts of mail that send for it alone.
    pub(crate) mail_accounts: i64,
    /// Routes of its mails.
    pub(crate) mail_routes: i64,
    /// Connections to directories that know its people.
    pub(crate) connections: i64,
}

/// A group that grants something for a company alone.
pub(super) struct Granting {
    pub(super) group: String,
    /// Its own company.
    pub(super) company_id: Option<i64>,
    pub(super) company: Option<String>,
}

/// A company as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Company {
    /// Never reused.
    pub(crate) id: i64,
    /// As typed.
    pub(crate) name: String,
    /// For file names and addresses.
    pub(crate) slug: String,
    /// Free text.
    pub(crate) note: Option<String>,
    /// The audit row of the last change.
    pub(crate) revision: i64,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
    /// When its control word was set, if it has one.
    pub(crate) control_word_at: Option<Instant>,
}

/// What is written of a company.
pub(super) struct Values<'a> {
    pub(super) id: i64,
    pub(super) name: &'a str,
    pub(super) slug: &'a str,
    pub(super) note: Option<&'a str>,
    pub(super) revision: i64,
    pub(super) now: Instant,
}

fn company(row: &Row<'_>) -> rusqlite::Result<Company> {
    of_row(("companies", "id"), row, |row| {
        Ok(Company {
            id: row.get("id")?,
            name: row.get("name")?,
            slug: row.get("slug")?,
            note: row.get("note")?,
            revision: row.get("revision")?,
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
            control_word_at: row.get::<_, Option<i64>>("set_at")?.map(Instant::from_micros),
        })
    })
}

pub(super) fn insert(tx: &Tx<'_>, values: &Values<'_>) -> Result<()> {
    write(tx, INSERT, values)
}

pub(super) fn update(tx: &Tx<'_>, values: &Values<'_>) -> Result<()> {
    write(tx, UPDATE, values)
}

fn write(tx: &Tx<'_>, sql: &str, values: &Values<'_>) -> Result<()> {
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": values.id,
        ":name": values.name,
        ":name_folded": fold(values.name),
        ":slug": values.slug,
        ":note": values.note,
        ":revision": values.revision,
        ":now": values.now.micros(),
    })?;
    Ok(one_row(changed, "companies", values.id)?)
}

/// Writes a company that was deleted, as it was made then.
pub(super) fn put_back(tx: &Tx<'_>, values: &Values<'_>, made: Instant) -> Result<()> {
    write(tx, INSERT, values)?;
    let parameters = named_params! { ":id": values.id, ":made": made.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_CREATED)?.execute(parameters)?, "companies", values.id)?)
}

/// Whether somebody in the bin is of the company.
pub(super) fn is_in_bin(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(IS_IN_BIN)?.query_row(named_params! { ":id": id }, |row| row.get(0))?)
}

/// The groups that grant something for the company alone.
pub(super) fn granting(tx: &Tx<'_>, id: i64) -> Result<Vec<Granting>> {
    let mut statement = tx.sql().prepare_cached(GRANTING)?;
    let groups = statement.query_map(named_params! { ":id": id }, |row| {
        Ok(Granting { group: row.get(0)?, company_id: row.get(1)?, company: row.get(2)? })
    })?;
    Ok(groups.collect::<Result<_, _>>()?)
}

/// The slugs of the roles for people of the company.
pub(super) fn roles_for(tx: &Tx<'_>, id: i64) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(ROLES_FOR)?;
    let slugs = statement.query_map(named_params! { ":id": id }, |row| row.get(0))?;
    Ok(slugs.collect::<Result<_, _>>()?)
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "companies", id)?)
}

pub(super) fn list(tx: &Tx<'_>, mut each: impl FnMut(Company) -> Result<()>) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(company(row)?)?;
    }
    Ok(())
}

pub(super) fn names(tx: &Tx<'_>) -> Result<Vec<(i64, String)>> {
    let mut statement = tx.sql().prepare_cached(NAMES)?;
    let names = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Company> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, company)?)
}

pub(super) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Company>> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, company).optional()?)
}

pub(super) fn uses(tx: &Tx<'_>, id: i64) -> Result<Uses> {
    let mut statement = tx.sql().prepare_cached(USES)?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| {
        Ok(Uses {
            people: row.get("people")?,
            departments: row.get("departments")?,
            positions: row.get("positions")?,
            groups: row.get("groups")?,
            grants: row.get("grants")?,
            roles: row.get("roles")?,
            mail_accounts: row.get("mail_accounts")?,
            mail_routes: row.get("mail_routes")?,
            connections: row.get("connections")?,
        })
    })?)
}

/// By folded name, else by slug.
pub(super) fn find(tx: &Tx<'_>, folded: &str) -> Result<Option<Company>> {
    find_id(tx, folded)?.map(|id| get(tx, id)).transpose()
}

/// The id alone, without counting who is there.
pub(super) fn find_id(tx: &Tx<'_>, folded: &str) -> Result<Option<i64>> {
    match id_by_name(tx, folded)? {
        Some(id) => Ok(Some(id)),
        None => id_by_slug(tx, folded),
    }
}

/// Whether a company there is, other than `own`, has or had this name or slug.
pub(super) fn was_anothers(tx: &Tx<'_>, folded: &str, own: Option<i64>) -> Result<bool> {
    let mut statement = tx.sql().prepare_cached(WAS_ANOTHERS)?;
    Ok(statement.query_row(named_params! { ":name": folded, ":own": own }, |row| row.get(0))?)
}

pub(super) fn find_by_name(tx: &Tx<'_>, folded: &str) -> Result<Option<Company>> {
    id_by_name(tx, folded)?.map(|id| get(tx, id)).transpose()
}

fn id_by_name(tx: &Tx<'_>, folded: &str) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(ID_BY_NAME)?;
    Ok(statement.query_row(named_params! { ":name": folded }, |row| row.get(0)).optional()?)
}

fn id_by_slug(tx: &Tx<'_>, slug: &str) -> Result<Option<i64>> {
    let mut statement = tx.sql().prepare_cached(ID_BY_SLUG)?;
    Ok(statement.query_row(named_params! { ":slug": slug }, |row| row.get(0)).optional()?)
}

pub(super) fn set_control_word(tx: &Tx<'_>, id: i64, hash: &str, now: Instant) -> Result<()> {
    let parameters = named_params! { ":id": id, ":hash": hash, ":now": now.micros() };
    Ok(one_row(tx.sql().prepare_cached(SET_CONTROL_WORD)?.execute(parameters)?, "control_words", id)?)
}

/// The hash of a company's control word, if it has one.
pub(crate) fn control_word_hash(tx: &Tx<'_>, id: i64) -> Result<Option<String>> {
    let mut statement = tx.sql().prepare_cached(CONTROL_WORD)?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| row.get(0)).optional()?)
}

/// Takes the control word from a company; whether it had one.
pub(super) fn remove_control_word(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(REMOVE_CONTROL_WORD)?.execute(named_params! { ":id": id })? == 1)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    SET_CONTROL_WORD,
    CONTROL_WORD,
    REMOVE_CONTROL_WORD,
    INSERT,
    UPDATE,
    SET_CREATED,
    IS_IN_BIN,
    GRANTING,
    ROLES_FOR,
    DELETE,
    NAMES,
    LIST,
    GET,
    ID_BY_NAME,
    ID_BY_SLUG,
    WAS_ANOTHERS,
    USES,
];
