//! The SQL of accounts of mail.

use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Account, Dkim, Facts};
use crate::error::Result;
use crate::store::value::{of_row, one_row, unreadable};
use crate::store::{SealedColumn, Tx};
use crate::text::fold::fold;
use crate::text::instant::Instant;

/// Passwords, which key rotation finds.
pub(crate) const PASSWORD: SealedColumn = SealedColumn {
    table: "mail_accounts",
    column: "password_sealed",
    after: "
        SELECT '', id, password_sealed
        FROM mail_accounts
        WHERE id > :row AND :owner = '' AND password_sealed IS NOT NULL
        ORDER BY id
        LIMIT 1000",
    replace: "UPDATE mail_accounts SET password_sealed = :sealed WHERE id = :row AND :owner = ''",
};

/// Keys that sign, which key rotation finds.
pub(crate) const DKIM_KEY: SealedColumn = SealedColumn {
    table: "mail_accounts",
    column: "dkim_key_sealed",
    after: "
        SELECT '', id, dkim_key_sealed
        FROM mail_accounts
        WHERE id > :row AND :owner = '' AND dkim_key_sealed IS NOT NULL
        ORDER BY id
        LIMIT 1000",
    replace: "UPDATE mail_accounts SET dkim_key_sealed = :sealed WHERE id = :row AND :owner = ''",
};

const INSERT: &str = "
    INSERT INTO mail_accounts (id, name, name_folded, server_id, company_id, from_address, from_name, reply_to, user_name,
        dkim_domain, dkim_selector, dkim_record, active, revision, created_at, updated_at)
    VALUES (:id, :name, :name_folded, :server, :company, :from, :from_name, :reply_to, :user,
        :dkim_domain, :dkim_selector, :dkim_record, :active, :revision, :now, :now)";

const UPDATE: &str = "
    UPDATE mail_accounts
    SET name = :name, name_folded = :name_folded, server_id = :server, company_id = :company, from_address = :from,
        from_name = :from_name, reply_to = :reply_to, user_name = :user, dkim_domain = :dkim_domain,
        dkim_selector = :dkim_selector, dkim_record = :dkim_record, active = :active, revision = :revision,
        updated_at = :now
    WHERE id = :id";

const DELETE: &str = "DELETE FROM mail_accounts WHERE id = :id";

const SET_PASSWORD: &str = "UPDATE mail_accounts SET password_sealed = :sealed WHERE id = :id";

const SET_KEY: &str = "UPDATE mail_accounts SET dkim_key_sealed = :sealed WHERE id = :id";

const SEALED_PASSWORD: &str = "SELECT password_sealed FROM mail_accounts WHERE id = :id";

/// Of the other accounts of a host.
const OTHER_PASSWORDS: &str = "
    SELECT id, password_sealed
    FROM mail_accounts
    WHERE id <> :id AND password_sealed IS NOT NULL
        AND server_id IN (SELECT id FROM mail_servers WHERE fold(host) = :host)";

const SEALED_KEY: &str = "SELECT dkim_key_sealed FROM mail_accounts WHERE id = :id";

/// The start of every question about whole accounts.
macro_rules! accounts {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.name, a.server_id, s.name AS server, a.company_id, c.name AS company, a.from_address, a.from_name,
                a.reply_to, a.user_name, a.password_sealed IS NOT NULL AS has_password, a.dkim_domain, a.dkim_selector,
                a.dkim_record, a.active, a.created_at, a.updated_at
            FROM mail_accounts a
            JOIN mail_servers s ON s.id = a.server_id
            LEFT JOIN companies c ON c.id = a.company_id ",
            $rest
        )
    };
}

const LIST: &str = accounts!("ORDER BY sort_key(a.name_folded)");

const GET: &str = accounts!("WHERE a.id = :id");

const FIND: &str = "SELECT id FROM mail_accounts WHERE name_folded = :name";

pub(super) fn insert(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, INSERT, id, facts, at)
}

pub(super) fn update(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, UPDATE, id, facts, at)
}

fn write(tx: &Tx<'_>, sql: &str, id: i64, facts: &Facts, (revision, now): (i64, Instant)) -> Result<()> {
    let dkim = facts.dkim.as_ref();
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": id,
        ":name": facts.name,
        ":name_folded": fold(&facts.name),
        ":server": facts.server_id,
        ":company": facts.company_id,
        ":from": facts.from,
        ":from_name": facts.from_name,
        ":reply_to": facts.reply_to,
        ":user": facts.user,
        ":dkim_domain": dkim.map(|dkim| &dkim.domain),
        ":dkim_selector": dkim.map(|dkim| &dkim.selector),
        ":dkim_record": dkim.map(|dkim| &dkim.record),
        ":active": facts.active,
        ":revision": revision,
        ":now": now.micros(),
    })?;
    Ok(one_row(changed, "mail_accounts", id)?)
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    of_row(("mail_accounts", "id"), row, |row| {
        let signed: (Option<String>, Option<String>, Option<String>) =
            (row.get("dkim_domain")?, row.get("dkim_selector")?, row.get("dkim_record")?);
        let dkim = match signed {
            (Some(domain), Some(selector), Some(record)) => Some(Dkim { domain, selector, record }),
            (None, None, None) => None,
            // Read as unsigned, mails would go without the signature that they are to have.
            _ => return Err(unreadable(row, "dkim_domain", "domain, selector and record belong together")),
        };
        Ok(Account {
            id: row.get("id")?,
            facts: Facts {
                name: row.get("name")?,
                server_id: row.get("server_id")?,
                server: row.get("server")?,
                company_id: row.get("company_id")?,
                company: row.get("company")?,
                from: row.get("from_address")?,
                from_name: row.get("from_name")?,
                reply_to: row.get("reply_to")?,
                user: row.get("user_name")?,
                dkim,
                active: row.get("active")?,
            },
            has_password: row.get("has_password")?,
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
        })
    })
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "mail_accounts", id)?)
}

pub(super) fn set_password(tx: &Tx<'_>, id: i64, sealed: Option<&[u8]>) -> Result<()> {
    set(tx, SET_PASSWORD, id, sealed)
}

pub(super) fn set_key(tx: &Tx<'_>, id: i64, sealed: Option<&[u8]>) -> Result<()> {
    set(tx, SET_KEY, id, sealed)
}

fn set(tx: &Tx<'_>, sql: &str, id: i64, sealed: Option<&[u8]>) -> Result<()> {
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! { ":id": id, ":sealed": sealed })?;
    Ok(one_row(changed, "mail_accounts", id)?)
}

/// The sealed password.
pub(super) fn password(tx: &Tx<'_>, id: i64) -> Result<Option<Vec<u8>>> {
    Ok(tx.sql().prepare_cached(SEALED_PASSWORD)?.query_row(named_params! { ":id": id }, |row| row.get(0))?)
}

/// The sealed key.
/// The sealed passwords of the other accounts of a host, each with its account.
pub(super) fn other_passwords(tx: &Tx<'_>, id: i64, host: &str) -> Result<Vec<(i64, Vec<u8>)>> {
    let mut statement = tx.sql().prepare_cached(OTHER_PASSWORDS)?;
    let parameters = named_params! { ":id": id, ":host": fold(host) };
    let found = statement.query_map(parameters, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn key(tx: &Tx<'_>, id: i64) -> Result<Option<Vec<u8>>> {
    Ok(tx.sql().prepare_cached(SEALED_KEY)?.query_row(named_params! { ":id": id }, |row| row.get(0))?)
}

pub(super) fn list(tx: &Tx<'_>) -> Result<Vec<Account>> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let accounts = statement.query_map([], account)?;
    Ok(accounts.collect::<Result<_, _>>()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Account> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, account)?)
}

pub(super) fn find(tx: &Tx<'_>, folded: &str) -> Result<Option<Account>> {
    let mut statement = tx.sql().prepare_cached(FIND)?;
    let id: Option<i64> =
        statement.query_row(named_params! { ":name": folded }, |row| row.get(0)).optional()?;
    id.map(|id| get(tx, id)).transpose()
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    DELETE,
    SET_PASSWORD,
    SET_KEY,
    SEALED_PASSWORD,
    SEALED_KEY,
    OTHER_PASSWORDS,
    LIST,
    GET,
    FIND,
];
