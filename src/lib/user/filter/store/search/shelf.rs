//! Places and shelves: where people stand in the index, as the view `users_searched` says.

use std::ops::Range;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::user::filter::store::sized;

/// People at the near end of a shelf.
const NEAR: usize = sized(500, 4);

/// Bits of a place that are an id, and a letter.
const ID_BITS: u32 = 29;
const LETTER_BITS: u32 = 16;

/// The shelf of all names whose first letter has no room in a place.
const LAST_SHELF: i64 = 0x3FFFF << LETTER_BITS;

pub(super) const EVERY_SHELF: Range<i64> = 0..LAST_SHELF + 1;

pub(super) const NAME_AFTER_THE_NEAR: &str = "
    SELECT sort_name FROM users WHERE deleted_at IS NULL AND sort_name >= :from AND sort_name < :to
    ORDER BY sort_name LIMIT 1 OFFSET :near";

pub(super) const NAME_BEFORE_THE_NEAR: &str = "
    SELECT sort_name FROM users WHERE deleted_at IS NULL AND sort_name >= :from AND sort_name < :to
    ORDER BY sort_name DESC LIMIT 1 OFFSET :near";

/// The names from one on, up to but not including another.
pub(super) struct Names {
    pub(super) from: Value,
    pub(super) to: Value,
}

impl Names {
    /// Those on some shelves.
    pub(super) fn on(shelves: &Range<i64>) -> Self {
        Self { from: edge(shelves.start), to: edge(shelves.end) }
    }

    /// Those of the first few hundred people, or of the last ones, and the others if there are any.
    pub(super) fn near_and_far(self, tx: &Tx<'_>, from_the_end: bool) -> Result<(Self, Option<Self>)> {
        let sql = if from_the_end { NAME_BEFORE_THE_NEAR } else { NAME_AFTER_THE_NEAR };
        let near = i64::try_from(NEAR).unwrap_or(i64::MAX);
        let parameters = named_params! { ":from": self.from, ":to": self.to, ":near": near };
        let mut statement = tx.sql().prepare_cached(sql)?;
        let Some(middle) = statement.query_row(parameters, |row| row.get::<_, Value>(0)).optional()? else {
            return Ok((self, None));
        };
        let before = Self { from: self.from, to: middle.clone() };
        let after = Self { from: middle, to: self.to };
        Ok(if from_the_end { (after, Some(before)) } else { (before, Some(after)) })
    }
}

/// The places of some shelves.
pub(super) const fn places(shelves: &Range<i64>) -> Range<i64> {
    shelves.start << ID_BITS..shelves.end << ID_BITS
}

/// The ids that stand at some places, as JSON.
pub(super) fn ids_at(places: &[i64]) -> String {
    let ids: Vec<i64> = places.iter().map(|place| place & ((1 << ID_BITS) - 1)).collect();
    serde_json::Value::from(ids).to_string()
}

/// Takes away the places on the last shelf, which may go on; returns it.
pub(super) fn take_last_shelf(places: &mut Vec<i64>) -> Option<i64> {
    let last = places.last()? >> ID_BITS;
    places.retain(|place| place >> ID_BITS != last);
    Some(last)
}

/// The name a shelf begins with, of as many letters as it says. After the last one comes a blob, which no text comes after.
fn edge(shelf: i64) -> Value {
    if shelf > LAST_SHELF {
        return Value::Blob(Vec::new());
    }
    let letter = |bits: i64| u32::try_from(bits).ok().and_then(first_from);
    let second = shelf & ((1 << LETTER_BITS) - 1);
    let letters = [letter(shelf >> LETTER_BITS), letter(second).filter(|_| second > 0)];
    Value::Text(letters.into_iter().flatten().collect())
}

/// The first letter at or after a code point; between them lie the surrogates.
pub(super) fn first_from(code: u32) -> Option<char> {
    (code..=u32::from(char::MAX)).find_map(char::from_u32)
}
