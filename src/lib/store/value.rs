//! Values of secboard's own as SQLite holds them, and what it means when one does not read.
//!
//! A stored value that is not what its column holds is an error that names table, column and row. Read as absent, or as
//! what there is by default, it would let somebody in, or report as done what was not.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Error as Refusal, Row, RowIndex};
use serde::de::DeserializeOwned;

use super::Error;
use crate::text::date::Day;

/// As `YYYY-MM-DD`. A text that is no day, such as `2026-02-31`, is an error: read as absent, it would open an account
/// that has ended.
impl FromSql for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(FromSqlError::other)
    }
}

/// A value that does not read, and where it stands.
#[derive(Debug, thiserror::Error)]
#[error("the column `{column}` of `{table}`, row {row}, does not read: {reason}")]
pub(super) struct Unreadable {
    table: &'static str,
    column: String,
    row: String,
    reason: String,
}

/// Makes something of a row of `table`, which is known by its column `key`; what does not read is an error that says
/// where it stands.
pub(crate) fn of_row<'row, T>(
    (table, key): (&'static str, &'static str),
    row: &'row Row<'_>,
    make: impl FnOnce(&'row Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    make(row).map_err(|refusal| located(table, key, row, refusal))
}

fn located(table: &'static str, key: &str, row: &Row<'_>, refusal: Refusal) -> Refusal {
    let (place, reason) = match refusal {
        Refusal::FromSqlConversionFailure(place, _, source) => (place, source.to_string()),
        Refusal::IntegralValueOutOfRange(place, number) => (place, format!("{number} is out of range")),
        Refusal::InvalidColumnType(place, _, found) => (place, format!("it is of the type {found}")),
        Refusal::Utf8Error(place, source) => (place, source.to_string()),
        other => return other,
    };
    let name = |place: usize| row.as_ref().column_name(place).map(str::to_owned);
    let unreadable = Unreadable {
        table,
        column: name(place).unwrap_or_else(|_| place.to_string()),
        row: row.get_ref(key).map_or_else(|_| "unknown".to_owned(), shown),
        reason,
    };
    Refusal::FromSqlConversionFailure(place, Type::Null, Box::new(unreadable))
}

/// The key of a row: a number, or a short name.
fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => format!("`{}`", String::from_utf8_lossy(text)),
        _ => "unknown".to_owned(),
    }
}

/// A column of JSON as what it says.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T> {
    let place = column.idx(row.as_ref())?;
    parsed(place, row.get_ref(place)?.as_str()?)
}

/// The same, where there may be nothing.
pub(crate) fn json_if_any<T: DeserializeOwned>(
    row: &Row<'_>,
    column: impl RowIndex,
) -> rusqlite::Result<Option<T>> {
    let place = column.idx(row.as_ref())?;
    row.get_ref(place)?.as_str_or_null()?.map(|text| parsed(place, text)).transpose()
}

/// That a column does not read, for [`of_row`].
pub(crate) fn unreadable(row: &Row<'_>, column: &str, why: &'static str) -> Refusal {
    match row.as_ref().column_index(column) {
        Ok(place) => Refusal::FromSqlConversionFailure(place, Type::Null, why.into()),
        Err(refusal) => refusal,
    }
}

fn parsed<T: DeserializeOwned>(place: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|source| Refusal::FromSqlConversionFailure(place, Type::Text, Box::new(source)))
}

/// One of a few words.
pub(crate) fn word<T: Copy>(value: ValueRef<'_>, words: &[(&str, T)]) -> FromSqlResult<T> {
    let text = value.as_str()?;
    let found = words.iter().find(|(word, _)| *word == text);
    found
        .map(|(_, meant)| *meant)
        .ok_or_else(|| FromSqlError::other(NoSuchWord(text.chars().take(40).collect())))
}

/// A word that means nothing in its column.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` means nothing there")]
struct NoSuchWord(String);

/// Insists that a statement about one row of a table changed that row: done and not there is never told as done.
pub(crate) fn one_row(changed: usize, table: &'static str, row: impl fmt::Display) -> Result<(), Error> {
    if changed == 1 { Ok(()) } else { Err(Error::Astray { table, row: row.to_string(), changed }) }
}
