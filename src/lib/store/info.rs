//! The store's own facts.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use rusqlite::{OptionalExtension as _, named_params};

use super::{Store, Tx};
use crate::crypto::key::{KeyError, MasterKey};
use crate::error::Result;

const GET: &str = "SELECT value FROM store_info WHERE name = :name";

const SET: &str = "
    INSERT INTO store_info (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// Without the tables that full-text search keeps for itself.
const SCHEMA: &str = "
    SELECT sql FROM sqlite_schema
    WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'
        AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
    ORDER BY rowid";

/// What there is, but for what SQLite makes itself: its own tables, the indexes of constraints, the tables of full-text search.
/// What acts by itself can have any name, also one of SQLite's.
const EVERYTHING: &str = "
    SELECT type, name, sql FROM sqlite_schema
    WHERE NOT (type = 'index' AND sql IS NULL)
        AND NOT (
            type = 'table' AND (
                name IN (
                    'sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4',
                    'users_search_data', 'users_search_idx', 'users_search_config'
                )
            )
        )
    ORDER BY rowid";

/// How many of [`MADE`] are always there.
static MADE_TO_STAY: LazyLock<usize> = LazyLock::new(|| MADE.iter().filter(|sql| !is_index(sql)).count());

/// The statements that make a store, as the newest migration leaves it.
static MADE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let (_, statements) = include_str!("../../../docs/schema.sql").split_once("\n\n").unwrap_or_default();
    statements.trim_end().trim_end_matches(';').split(";\n\n").collect()
});

const KEY_FINGERPRINT: &str = "key_fingerprint";

impl Store {
    /// Reads the key of this store; one that belongs to another store is refused.
    pub(crate) fn load_key(&self, path: &Path) -> Result<MasterKey> {
        let fingerprint = self.read(key_fingerprint)?;
        match MasterKey::load_expected(path, &fingerprint) {
            // A rotation that ended just now: the store asked first and the file read later disagree.
            Err(KeyError::OtherStore { .. }) => {
                Ok(MasterKey::load_expected(path, &self.read(key_fingerprint)?)?)
            }
            loaded => Ok(loaded?),
        }
    }
}

impl Tx<'_> {
    /// Refuses a key that a rotation has replaced: what it sealed now, nobody could open. A store that is just being
    /// made has no key yet.
    pub(crate) fn check_key(&self, key: &MasterKey) -> Result<()> {
        match key_fingerprint(self)?.as_str() {
            "" => Ok(()),
            bound if bound == key.fingerprint() => Ok(()),
            _ => Err(KeyError::Replaced.into()),
        }
    }

    /// The tables, indexes, triggers and views of the store that are missing, are not as the migrations make them, or are
    /// none of theirs. An index that leaves somebody out hides them from every list.
    pub(crate) fn altered_schema(&self) -> Result<Vec<String>> {
        let mut made = Store::temporary()?.read(named_schema)?;
        let mut altered = BTreeSet::new();
        for (object, sql) in named_schema(self)? {
            if made.remove(&object).as_ref() != Some(&sql) {
                altered.insert(object.name);
            }
        }
        altered.extend(made.into_keys().map(|object| object.name));
        Ok(altered.into_iter().collect())
    }

    /// What no migration makes so: a trigger, a view, an index or a table can each have a change be another
    /// one than is asked for, or none. What keeps a row of the audit from being changed must be there; an index may be
    /// away for a while.
    pub(crate) fn foreign_schema(&self) -> Result<Option<Alteration>> {
        let mut statement = self.sql().prepare_cached(EVERYTHING)?;
        let mut rows = statement.query([])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            let sql = row.get_ref(2)?.as_str_or_null().map_err(rusqlite::Error::from)?.unwrap_or_default();
            if !MADE.contains(sql) {
                return Ok(Some(Alteration::Added { kind: row.get(0)?, name: row.get(1)? }));
            }
            found += usize::from(!is_index(sql));
        }
        Ok((found < *MADE_TO_STAY).then(|| self.missing()).transpose()?.flatten())
    }

    /// The first of what must be there and is not.
    fn missing(&self) -> Result<Option<Alteration>> {
        let found = named_schema(self)?;
        let mut made = Store::temporary()?.read(named_schema)?;
        made.retain(|object, _| object.kind != "index" && !found.contains_key(object));
        let object = made.into_keys().next();
        Ok(object.map(|Object { kind, name }| Alteration::Missing { kind, name }))
    }

    /// Binds the store to a key from now on.
    pub(crate) fn bind_key(&self, key: &MasterKey) -> Result<()> {
        let parameters = named_params! { ":name": KEY_FINGERPRINT, ":value": key.fingerprint() };
        self.sql().prepare_cached(SET)?.execute(parameters)?;
        Ok(())
    }
}

/// The statements that make a store as the newest migration leaves it, with the comments on its columns.
pub(crate) fn schema() -> Result<Vec<String>> {
    let store = Store::temporary()?;
    store.read(|tx| {
        let mut statement = tx.sql().prepare(SCHEMA)?;
        let statements = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(statements)
    })
}

/// What is otherwise in a store than the migrations make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Alteration {
    /// There is something of that name that none makes, or not so.
    Added {
        /// `table`, `index`, `trigger` or `view`.
        kind: String,
        /// Its name.
        name: String,
    },
    /// Something that one makes is not there.
    Missing {
        /// `table`, `trigger` or `view`.
        kind: String,
        /// Its name.
        name: String,
    },
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added { kind, name } => {
                write!(f, "has the {kind} `{name}`, which nobody made by secboard")
            }
            Self::Missing { kind, name } => write!(f, "lacks the {kind} `{name}`, which secboard has made"),
        }
    }
}

/// Something of a schema; a trigger may have the name of a table.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Object {
    kind: String,
    name: String,
}

fn named_schema(tx: &Tx<'_>) -> Result<BTreeMap<Object, Option<String>>> {
    let mut statement = tx.sql().prepare(EVERYTHING)?;
    let named =
        statement.query_map([], |row| Ok((Object { kind: row.get(0)?, name: row.get(1)? }, row.get(2)?)))?;
    Ok(named.collect::<Result<_, _>>()?)
}

/// An index may be away for a while.
fn is_index(sql: &str) -> bool {
    sql.starts_with("CREATE INDEX") || sql.starts_with("CREATE UNIQUE INDEX")
}

fn key_fingerprint(tx: &Tx<'_>) -> Result<String> {
    let mut statement = tx.sql().prepare_cached(GET)?;
    let parameters = named_params! { ":name": KEY_FINGERPRINT };
    Ok(statement.query_row(parameters, |row| row.get(0)).optional()?.unwrap_or_default())
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[GET, SET, SCHEMA, EVERYTHING];
