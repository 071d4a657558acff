//! The SQL of routes.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::Route;
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row};
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO mail_routes (id, feature, company_id, account_id, second_id, revision, created_at, updated_at)
    VALUES (:id, :feature, :company, :account, :second, :revision, :now, :now)";

const UPDATE: &str = "
    UPDATE mail_routes
    SET feature = :feature, company_id = :company, account_id = :account, second_id = :second, revision = :revision,
        updated_at = :now
    WHERE id = :id";

const DELETE: &str = "DELETE FROM mail_routes WHERE id = :id";

/// The start of every question about whole routes.
macro_rules! routes {
    ($rest:literal) => {
        concat!(
            "SELECT r.id, r.feature, r.company_id, c.name AS company, r.account_id, a.name AS account, a.active, r.second_id,
                b.name AS second, r.created_at, r.updated_at
            FROM mail_routes r
            JOIN mail_accounts a ON a.id = r.account_id
            LEFT JOIN mail_accounts b ON b.id = r.second_id
            LEFT JOIN companies c ON c.id = r.company_id ",
            $rest
        )
    };
}

const LIST: &str = routes!("ORDER BY c.id IS NULL, sort_key(c.name_folded), r.feature IS NULL, r.feature");

const GET: &str = routes!("WHERE r.id = :id");

const OF_ACCOUNT: &str = routes!(
    "WHERE r.account_id = :account OR r.second_id = :account
    ORDER BY c.id IS NULL, sort_key(c.name_folded), r.feature IS NULL, r.feature"
);

/// Written as the unique index has it.
const FIND: &str = "
    SELECT id
    FROM mail_routes
    WHERE coalesce(feature, '') = coalesce(:feature, '') AND coalesce(company_id, 0) = coalesce(:company, 0)";

/// What is written of a route.
pub(super) struct Values<'a> {
    pub(super) id: i64,
    pub(super) feature: Option<&'a str>,
    pub(super) company_id: Option<i64>,
    pub(super) account_id: i64,
    pub(super) second_id: Option<i64>,
    pub(super) revision: i64,
    pub(super) now: Instant,
}

/// Writes a route, new or not.
pub(super) fn put(tx: &Tx<'_>, values: &Values<'_>, is_new: bool) -> Result<()> {
    let sql = if is_new { INSERT } else { UPDATE };
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": values.id,
        ":feature": values.feature,
        ":company": values.company_id,
        ":account": values.account_id,
        ":second": values.second_id,
        ":revision": values.revision,
        ":now": values.now.micros(),
    })?;
    Ok(one_row(changed, "mail_routes", values.id)?)
}

fn route(row: &Row<'_>) -> rusqlite::Result<Route> {
    of_row(("mail_routes", "id"), row, |row| {
        Ok(Route {
            id: row.get("id")?,
            feature: row.get("feature")?,
            company_id: row.get("company_id")?,
            company: row.get("company")?,
            account_id: row.get("account_id")?,
            account: row.get("account")?,
            active: row.get("active")?,
            second_id: row.get("second_id")?,
            second: row.get("second")?,
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
        })
    })
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "mail_routes", id)?)
}

pub(super) fn list(tx: &Tx<'_>) -> Result<Vec<Route>> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let routes = statement.query_map([], route)?;
    Ok(routes.collect::<Result<_, _>>()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Route> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, route)?)
}

/// The routes that name an account.
pub(super) fn of_account(tx: &Tx<'_>, account: i64) -> Result<Vec<Route>> {
    let mut statement = tx.sql().prepare_cached(OF_ACCOUNT)?;
    let routes = statement.query_map(named_params! { ":account": account }, route)?;
    Ok(routes.collect::<Result<_, _>>()?)
}

pub(super) fn find(tx: &Tx<'_>, feature: Option<&str>, company: Option<i64>) -> Result<Option<Route>> {
    let mut statement = tx.sql().prepare_cached(FIND)?;
    let parameters = named_params! { ":feature": feature, ":company": company };
    let id: Option<i64> = statement.query_row(parameters, |row| row.get(0)).optional()?;
    id.map(|id| get(tx, id)).transpose()
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[INSERT, UPDATE, DELETE, LIST, GET, OF_ACCOUNT, FIND];
