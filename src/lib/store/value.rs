//! Values of secboard's own as SQLite holds them.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};

use crate::text::date::Day;

/// As `YYYY-MM-DD`. A text that is no day, such as `2026-02-31`, is an error: read as absent, it would open an account
/// that has ended.
impl FromSql for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(FromSqlError::other)
    }
}
