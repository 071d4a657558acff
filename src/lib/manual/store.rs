//! The SQL of completions: names that begin with what was typed.

use rusqlite::named_params;

use crate::error::Result;
use crate::store::Tx;

/// No folded text sorts behind this letter.
const LAST: char = '\u{10ffff}';

const EMAILS: &str = "
    SELECT email FROM users
    WHERE deleted_at IS NULL AND email_folded BETWEEN :first AND :last
    ORDER BY email_folded LIMIT 100";

const STAFF_EMAILS: &str = "
    SELECT email FROM users
    WHERE deleted_at IS NULL AND staff = 1 AND email_folded BETWEEN :first AND :last
    ORDER BY email_folded LIMIT 100";

const COMPANIES: &str = "
    SELECT name FROM companies WHERE name_folded BETWEEN :first AND :last ORDER BY name_folded LIMIT 100";

const DEPARTMENTS: &str = "
    SELECT DISTINCT name FROM departments WHERE name_folded BETWEEN :first AND :last ORDER BY name_folded LIMIT 100";

const POSITIONS: &str = "
    SELECT DISTINCT name FROM positions WHERE name_folded BETWEEN :first AND :last ORDER BY name_folded LIMIT 100";

const ROLES: &str = "SELECT slug FROM roles WHERE slug BETWEEN :first AND :last ORDER BY slug LIMIT 100";

const ACTIVE_ROLES: &str =
    "SELECT slug FROM roles WHERE active = 1 AND slug BETWEEN :first AND :last ORDER BY slug LIMIT 100";

const GROUPS: &str = "
    SELECT g.name || coalesce('@' || c.name, '')
    FROM groups g
    LEFT JOIN companies c ON c.id = g.company_id
    WHERE g.name_folded BETWEEN :first AND :last
    ORDER BY g.name_folded, c.name_folded LIMIT 100";

const RUNS: &str = "
    SELECT id FROM runs WHERE id BETWEEN :first AND :last ORDER BY rowid DESC LIMIT 100";

const MAIL_SERVERS: &str = "
    SELECT name FROM mail_servers WHERE name_folded BETWEEN :first AND :last ORDER BY name_folded LIMIT 100";

const MAIL_ACCOUNTS: &str = "
    SELECT name FROM mail_accounts WHERE name_folded BETWEEN :first AND :last ORDER BY name_folded LIMIT 100";

const CONNECTIONS: &str = "
    SELECT name FROM directory_connections WHERE name_folded BETWEEN :first AND :last ORDER BY name_folded LIMIT 100";

const MAILS: &str = "
    SELECT id FROM mails WHERE id BETWEEN :first AND :last ORDER BY seq DESC LIMIT 100";

/// What can be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// People's login names.
    Emails,
    /// Login names of those who may be operators.
    StaffEmails,
    /// Companies' names.
    Companies,
    /// Departments' names.
    Departments,
    /// Positions' names.
    Positions,
    /// Roles' slugs.
    Roles,
    /// Slugs of the roles that can be given.
    ActiveRoles,
    /// Groups, with their companies where they have one.
    Groups,
    /// Runs' ids.
    Runs,
    /// Names of what mails leave by.
    MailServers,
    /// Names of accounts of mail.
    MailAccounts,
    /// Names of connections to directories.
    Connections,
    /// Mails' ids.
    Mails,
}

impl Source {
    const fn sql(self) -> &'static str {
        match self {
            Self::Emails => EMAILS,
            Self::StaffEmails => STAFF_EMAILS,
            Self::Companies => COMPANIES,
            Self::Departments => DEPARTMENTS,
            Self::Positions => POSITIONS,
            Self::Roles => ROLES,
            Self::ActiveRoles => ACTIVE_ROLES,
            Self::Groups => GROUPS,
            Self::Runs => RUNS,
            Self::MailServers => MAIL_SERVERS,
            Self::MailAccounts => MAIL_ACCOUNTS,
            Self::Connections => CONNECTIONS,
            Self::Mails => MAILS,
        }
    }
}

/// At most a hundred names that begin with the folded `first`.
pub(super) fn beginning_with(tx: &Tx<'_>, source: Source, first: &str) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare(source.sql())?;
    let parameters = named_params! { ":first": first, ":last": format!("{first}{LAST}") };
    let names = statement.query_map(parameters, |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    EMAILS,
    STAFF_EMAILS,
    COMPANIES,
    DEPARTMENTS,
    POSITIONS,
    ROLES,
    ACTIVE_ROLES,
    GROUPS,
    RUNS,
    MAIL_SERVERS,
    MAIL_ACCOUNTS,
    CONNECTIONS,
    MAILS,
];
