//! The SQL of servers of mail.

use rusqlite::types::FromSqlError;
use rusqlite::{OptionalExtension as _, Row, named_params};

use super::facts::SECURITIES;
use super::{Auth, Facts, Login, Protection, Server, ServerKind, Smtp, Way, security_word};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{json_if_any, of_row, one_row, unreadable, word};
use crate::text::fold::fold;
use crate::text::instant::Instant;

const INSERT: &str = "
    INSERT INTO mail_servers (id, name, name_folded, kind, host, port, security, ca_file, auth, token_command, folder,
        command, connect_timeout, answer_timeout, mail_timeout, rate, connections, revision, created_at, updated_at)
    VALUES (:id, :name, :name_folded, :kind, :host, :port, :security, :ca_file, :auth, :token_command, :folder,
        :command, :connect_timeout, :answer_timeout, :mail_timeout, :rate, :connections, :revision, :now, :now)";

const UPDATE: &str = "
    UPDATE mail_servers
    SET name = :name, name_folded = :name_folded, kind = :kind, host = :host, port = :port, security = :security,
        ca_file = :ca_file, auth = :auth, token_command = :token_command, folder = :folder, command = :command,
        connect_timeout = :connect_timeout, answer_timeout = :answer_timeout, mail_timeout = :mail_timeout,
        rate = :rate, connections = :connections, revision = :revision, updated_at = :now
    WHERE id = :id";

const DELETE: &str = "DELETE FROM mail_servers WHERE id = :id";

const LIST: &str = "
    SELECT id, name, kind, host, port, security, ca_file, auth, token_command, folder, command, connect_timeout,
        answer_timeout, mail_timeout, rate, connections, created_at, updated_at
    FROM mail_servers
    ORDER BY sort_key(name_folded)";

const GET: &str = "
    SELECT id, name, kind, host, port, security, ca_file, auth, token_command, folder, command, connect_timeout,
        answer_timeout, mail_timeout, rate, connections, created_at, updated_at
    FROM mail_servers
    WHERE id = :id";

const FIND: &str = "SELECT id FROM mail_servers WHERE name_folded = :name";

const ACCOUNTS: &str = "SELECT name FROM mail_accounts WHERE server_id = :id ORDER BY sort_key(name_folded)";

const HAS_PASSWORDS: &str =
    "SELECT EXISTS (SELECT 1 FROM mail_accounts WHERE server_id = :id AND password_sealed IS NOT NULL)";

const WAS_GIVEN: &str = "SELECT EXISTS (SELECT 1 FROM mail_given WHERE host = :host)";

const PUT_GIVEN: &str = "
    INSERT OR IGNORE INTO mail_given (host)
    SELECT fold(host) FROM mail_servers WHERE id = :id AND host IS NOT NULL";

pub(super) fn insert(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, INSERT, id, facts, at)
}

pub(super) fn update(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, UPDATE, id, facts, at)
}

fn write(tx: &Tx<'_>, sql: &str, id: i64, facts: &Facts, (revision, now): (i64, Instant)) -> Result<()> {
    let list = |words: Option<&Vec<String>>| words.map(|words| serde_json::json!(words).to_string());
    let (way, smtp) = (&facts.way, facts.way.smtp());
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": id,
        ":name": facts.name,
        ":name_folded": fold(&facts.name),
        ":kind": way.kind().word(),
        ":host": smtp.map(|smtp| &smtp.host),
        ":port": smtp.map(|smtp| smtp.port),
        ":security": smtp.map(|smtp| security_word(smtp.protection.security())),
        ":ca_file": way.ca_file(),
        ":auth": smtp.map(|smtp| smtp.login.auth().word()),
        ":token_command": list(way.token_command()),
        ":folder": way.folder(),
        ":command": list(way.command()),
        ":connect_timeout": facts.connect_timeout,
        ":answer_timeout": facts.answer_timeout,
        ":mail_timeout": facts.mail_timeout,
        ":rate": facts.rate,
        ":connections": facts.connections,
        ":revision": revision,
        ":now": now.micros(),
    })?;
    Ok(one_row(changed, "mail_servers", id)?)
}

fn server(row: &Row<'_>) -> rusqlite::Result<Server> {
    of_row(("mail_servers", "id"), row, |row| {
        Ok(Server {
            id: row.get("id")?,
            facts: Facts {
                name: row.get("name")?,
                way: way(row)?,
                connect_timeout: row.get("connect_timeout")?,
                answer_timeout: row.get("answer_timeout")?,
                mail_timeout: row.get("mail_timeout")?,
                rate: row.get("rate")?,
                connections: row.get("connections")?,
            },
            created_at: Instant::from_micros(row.get("created_at")?),
            updated_at: Instant::from_micros(row.get("updated_at")?),
        })
    })
}

/// By what mails leave. What a server of that kind has not is not there.
fn way(row: &Row<'_>) -> rusqlite::Result<Way> {
    Ok(match chosen(row, "kind", &ServerKind::WORDS)?.unwrap_or_default() {
        ServerKind::Smtp => Way::Smtp(smtp(row)?),
        ServerKind::File => Way::File { folder: row.get("folder")? },
        ServerKind::Sendmail => {
            let missing = || unreadable(row, "command", "a program is what mails are given to");
            Way::Sendmail { command: json_if_any(row, "command")?.ok_or_else(missing)? }
        }
    })
}

fn smtp(row: &Row<'_>) -> rusqlite::Result<Smtp> {
    let missing = |column: &'static str| move || unreadable(row, column, "a server that speaks SMTP has one");
    let security = chosen(row, "security", &SECURITIES)?.ok_or_else(missing("security"))?;
    let auth = chosen(row, "auth", &Auth::WORDS)?.ok_or_else(missing("auth"))?;
    let trusted = || unreadable(row, "ca_file", "nobody vouches for a plain connection");
    let token = || unreadable(row, "token_command", "a token and what prints it belong together");
    Ok(Smtp {
        host: row.get("host")?,
        port: row.get("port")?,
        protection: Protection::of(security, row.get("ca_file")?).ok_or_else(trusted)?,
        login: Login::of(auth, json_if_any(row, "token_command")?).ok_or_else(token)?,
    })
}

/// One of some words, or NULL.
fn chosen<T: Copy>(row: &Row<'_>, column: &str, words: &[(&str, T)]) -> rusqlite::Result<Option<T>> {
    let value = row.get_ref(column)?;
    if value.data_type() == rusqlite::types::Type::Null {
        return Ok(None);
    }
    let index = row.as_ref().column_index(column)?;
    word(value, words).map(Some).map_err(|error: FromSqlError| {
        rusqlite::Error::FromSqlConversionFailure(index, value.data_type(), Box::new(error))
    })
}

pub(super) fn delete(tx: &Tx<'_>, id: i64) -> Result<()> {
    let deleted = tx.sql().prepare_cached(DELETE)?.execute(named_params! { ":id": id })?;
    Ok(one_row(deleted, "mail_servers", id)?)
}

pub(super) fn list(tx: &Tx<'_>) -> Result<Vec<Server>> {
    let mut statement = tx.sql().prepare_cached(LIST)?;
    let servers = statement.query_map([], server)?;
    Ok(servers.collect::<Result<_, _>>()?)
}

pub(super) fn get(tx: &Tx<'_>, id: i64) -> Result<Server> {
    Ok(tx.sql().prepare_cached(GET)?.query_row(named_params! { ":id": id }, server)?)
}

pub(super) fn find(tx: &Tx<'_>, folded: &str) -> Result<Option<Server>> {
    let mut statement = tx.sql().prepare_cached(FIND)?;
    let id: Option<i64> =
        statement.query_row(named_params! { ":name": folded }, |row| row.get(0)).optional()?;
    id.map(|id| get(tx, id)).transpose()
}

/// The names of the accounts that use it.
pub(super) fn accounts(tx: &Tx<'_>, id: i64) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(ACCOUNTS)?;
    let names = statement.query_map(named_params! { ":id": id }, |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

pub(super) fn has_passwords(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(HAS_PASSWORDS)?.query_row(named_params! { ":id": id }, |row| row.get(0))?)
}

pub(super) fn was_given(tx: &Tx<'_>, host: &str) -> Result<bool> {
    let parameters = named_params! { ":host": fold(host) };
    Ok(tx.sql().prepare_cached(WAS_GIVEN)?.query_row(parameters, |row| row.get(0))?)
}

pub(super) fn put_given(tx: &Tx<'_>, id: i64) -> Result<()> {
    tx.sql().prepare_cached(PUT_GIVEN)?.execute(named_params! { ":id": id })?;
    Ok(())
}

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] =
    &[INSERT, UPDATE, DELETE, LIST, GET, FIND, ACCOUNTS, HAS_PASSWORDS, WAS_GIVEN, PUT_GIVEN];
