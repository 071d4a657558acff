//! The SQL of servers of mail.

use rusqlite::types::FromSqlError;
use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Auth, Facts, SECURITIES, Server, ServerKind, security_word};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{json_if_any, of_row, one_row, word};
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

pub(super) fn insert(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, INSERT, id, facts, at)
}

pub(super) fn update(tx: &Tx<'_>, id: i64, facts: &Facts, at: (i64, Instant)) -> Result<()> {
    write(tx, UPDATE, id, facts, at)
}

fn write(tx: &Tx<'_>, sql: &str, id: i64, facts: &Facts, (revision, now): (i64, Instant)) -> Result<()> {
    let list = |words: &Option<Vec<String>>| words.as_ref().map(|words| serde_json::json!(words).to_string());
    let changed = tx.sql().prepare_cached(sql)?.execute(named_params! {
        ":id": id,
        ":name": facts.name,
        ":name_folded": fold(&facts.name),
        ":kind": facts.kind.word(),
        ":host": facts.host,
        ":port": facts.port,
        ":security": facts.security.map(security_word),
        ":ca_file": facts.ca_file,
        ":auth": facts.auth.map(Auth::word),
        ":token_command": list(&facts.token_command),
        ":folder": facts.folder,
        ":command": list(&facts.command),
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
                kind: chosen(row, "kind", &ServerKind::WORDS)?.unwrap_or_default(),
                host: row.get("host")?,
                port: row.get("port")?,
                security: chosen(row, "security", &SECURITIES)?,
                ca_file: row.get("ca_file")?,
                auth: chosen(row, "auth", &Auth::WORDS)?,
                token_command: json_if_any(row, "token_command")?,
                folder: row.get("folder")?,
                command: json_if_any(row, "command")?,
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

#[cfg(test)]
pub(in crate::mail) const STATEMENTS: &[&str] =
    &[INSERT, UPDATE, DELETE, LIST, GET, FIND, ACCOUNTS, HAS_PASSWORDS];
