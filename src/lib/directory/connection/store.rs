//! The SQL of connections.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Connection, Facts, Following, GroupSync, Leavers, Places, Scope};
use crate::directory::mapping::Map;
use crate::error::Result;
use crate::store::value::{json, of_row, one_row, unreadable, word};
use crate::store::{SealedColumn, Tx};
use crate::text::fold::fold;
use crate::text::instant::Instant;

/// Passwords, which key rotation finds.
pub(crate) const PASSWORD: SealedColumn = SealedColumn {
    table: "directory_connections",
    column: "password_sealed",
    after: "
        SELECT '', id, password_sealed
        FROM directory_connections
        WHERE id > :row AND :owner = '' AND password_sealed IS NOT NULL
        ORDER BY id
        LIMIT 1000",
    replace: "UPDATE directory_connections SET password_sealed = :sealed WHERE id = :row AND :owner = ''",
};

const INSERT: &str = "
    INSERT INTO directory_connections (id, name, name_folded, company_id, active, servers, insecure, ca_file, certificate_name,
        bind_dn, base_dn, search_base, filter, scope, page_size, map, login_domains, connect_timeout, answer_timeout,
        creates, group_sync, departments, positions, leavers, leaver_runs, brake_people, brake_percent,
        revision, created_at, updated_at)
    VALUES (:id, :name, :name_folded, :company, :active, :servers, :insecure, :ca_file, :certificate_name,
        :bind_dn, :base_dn, :search_base, :filter, :scope, :page_size, :map, :login_domains, :connect_timeout, :answer_timeout,
        :creates, :group_sync, :departments, :positions, :leavers, :leaver_runs, :brake_people, :brake_percent,
        :revision, :now, :now)";

const UPDATE: &str = "
    UPDATE directory_connections
    SET name = :name, name_folded = :name_folded, company_id = :company, active = :active, servers = :servers,
        insecure = :insecure, ca_file = :ca_file, certificate_name = :certificate_name, bind_dn = :bind_dn,
        base_dn = :base_dn, search_base = :search_base, filter = :filter, scope = :scope, page_size = :page_size,
        map = :map, login_domains = :login_domains, connect_timeout = :connect_timeout,
        answer_timeout = :answer_timeout, creates = :creates, group_sync = :group_sync, departments = :departments,
        positions = :positions, leavers = :leavers, leaver_runs = :leaver_runs, brake_people = :brake_people,
        brake_percent = :brake_percent, revision = :revision, updated_at = :now
    WHERE id = :id";

const DELETE: &str = "DELETE FROM directory_connections WHERE id = :id";

const SET_PASSWORD: &str = "UPDATE directory_connections SET password_sealed = :sealed WHERE id = :id";

const SEALED_PASSWORD: &str = "SELECT password_sealed FROM directory_connections WHERE id = :id";

/// The start of every question about whole connections.
macro_rules! connections {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, d.name, d.company_id, c.name AS company, d.active, d.servers, d.insecure, d.ca_file,
                d.certificate_name, d.bind_dn, d.base_dn, d.search_base, d.filter, d.scope, d.page_size, d.map,
                d.login_domains, d.connect_timeout, d.answer_timeout, d.creates, d.group_sync, d.departments, d.positions,
                d.leavers, d.leaver_runs, d.brake_people, d.brake_percent, d.created_at, d.updated_at
            FROM directory_connections d
            JOIN companies c ON c.id = d.company_id ",
            $rest
        )
    };
}

const LIST: &str = connections!("ORDER BY sort_key(d.name_folded)");

const GET: &str = connections!("WHERE d.id = :id");

const FIND: &str = "SELECT id FROM directory_connections WHERE name_folded = :name";

pub(super) fn insert(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, INSERT, id, facts, at)
}

pub(super) fn update(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, UPDATE, id, facts, at)
}

fn write(tx: &Tx<'_>, sql: &str, id: i64, facts: &Facts, (revision, now): (i64, Instant)) -> Result<()> {
    let list = |texts: &[String]| serde_json::json!(texts).to_string();
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": id,
        ":name": facts.name,
        ":name_folded": fold(&facts.name),
        ":company": facts.company_id,
        ":active": facts.active,
        ":servers": list(&facts.servers),
        ":insecure": facts.insecure,
        ":ca_file": facts.ca_file,
        ":certificate_name": facts.certificate_name,
        ":bind_dn": facts.bind_dn,
        ":base_dn": facts.base_dn,
        ":search_base": facts.search_base,
        ":filter": facts.filter,
        ":scope": facts.scope.word(),
        ":page_size": facts.page_size,
        ":map": facts.map.json().to_string(),
        ":login_domains": list(&facts.login_domains),
        ":connect_timeout": facts.connect_timeout,
        ":answer_timeout": facts.answer_timeout,
        ":creates": facts.following.creates,
        ":group_sync": facts.following.groups.word(),
        ":departments": facts.following.departments.word(),
        ":positions": facts.following.positions.word(),
        ":leavers": facts.following.leavers.word(),
        ":leaver_runs": facts.following.leaver_runs,
        ":brake_people": facts.following.brake_people,
        ":brake_percent": facts.following.brake_percent,
        ":revision": revision,
        ":now": now.micros(),
    })?;
    Ok(one_row(changed, "directory_connections", id)?)
}

fn connection(row: &Row<'_>) -> rusqlite::Result<Connection> {
    of_row(("directory_connections", "id"), row, |row| {
        let map = Map::stored(json(row, "map")?);
        let scope = word(row.get_ref("scope")?, &Scope::WORDS);
        Ok(Connection {
            id: row.get("id")?,
            facts: Facts {
                name: row.get("name")?,
                company_id: row.get("company_id")?,
                company: row.get("company")?,
                active: row.get("active")?,
                servers: json(row, "servers")?,
                insecure: row.get("insecure")?,
                ca_file: row.get("ca_file")?,
                certificate_name: row.get("certificate_name")?,
                bind_dn: row.get("bind_dn")?,
                base_dn: row.get("base_dn")?,
                search_base: row.get("search_base")?,
                filter: row.get("filter")?,
                scope: scope.map_err(|_| unreadable(row, "scope", "it is no scope"))?,
                page_size: row.get("page_size")?,
                map: map.ok_or_else(|| unreadable(row, "map", "it names no field"))?,
                login_domains: json(row, "login_domains")?,
                connect_timeout: row.get("connect_timeout")?,
                answer_timeout: row.get("answer_timeout")?,
                following: following(row)?,
            },
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
        })
    })
}

fn following(row: &Row<'_>) -> rusqlite::Result<Following> {
    let unknown = |column| move |_| unreadable(row, column, "it is none of its words");
    Ok(Following {
        creates: row.get("creates")?,
        groups: word(row.get_ref("group_sync")?, &GroupSync::WORDS).map_err(unknown("group_sync"))?,
        departments: word(row.get_ref("departments")?, &Places::WORDS).map_err(unknown("departments"))?,
        positions: word(row.get_ref("positions")?, &Places::WORDS).map_err(unknown("positions"))?,
        leavers: word(row.get_ref("leavers")?, &Leavers::WORDS).map_err(unknown("leavers"))?,
        leaver_runs: row.get("leaver_runs")?,
        brake_people: row.get("brake_people")?,
        brake_percent: row.get("brake_percent")?,
    })
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "directory_connections", id)?)
}

pub(super) fn set_password(tx: &Tx<'_>, id: i64, sealed: &[u8]) -> Result<()> {
    let parameters = named_params! { ":id": id, ":sealed": sealed };
    let changed = tx.sql().prepare_cached(SET_PASSWORD)?.execute(parameters)?;
    Ok(one_row(changed, "directory_connections", id)?)
}

/// The sealed password.
pub(super) fn password(tx: &Tx<'_>, id: i64) -> Result<Option<Vec<u8>>> {
    let mut statement = tx.sql().prepare_cached(SEALED_PASSWORD)?;
    Ok(statement.query_row(named_params! { ":id": id }, |row| row.get(0))?)
}

pub(super) fn list(tx: &Tx<'_>) -> Result<Vec<Connection>> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let connections = statement.query_map([], connection)?;
    Ok(connections.collect::<Result<_, _>>()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Connection> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, connection)?)
}

pub(super) fn find(tx: &Tx<'_>, folded: &str) -> Result<Option<Connection>> {
    let mut statement = tx.sql().prepare_cached(FIND)?;
    let id: Option<i64> =
        statement.query_row(named_params! { ":name": folded }, |row| row.get(0)).optional()?;
    id.map(|id| get(tx, id)).transpose()
}

#[cfg(test)]
pub(in crate::directory) const STATEMENTS: &[&str] =
    &[INSERT, UPDATE, DELETE, SET_PASSWORD, SEALED_PASSWORD, LIST, GET, FIND];
