//! Searching: what the trigram index says, and how to find a page of those who match without looking at all of them.
//!
//! The index stands in the order of lists as far as the first two letters of the name; those who share them are a
//! *shelf*, and within it they stand by id. It says who may match; what is found is compared in full.

mod lookup;
mod page;
mod shelf;

use std::ops::Range;

use rusqlite::named_params;

use self::lookup::Lookup;
use self::shelf::{EVERY_SHELF, ids_at};
use super::sql::Where;
use super::{FEW, sized};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::{Term, search_term};
use crate::user::filter::Page;
use crate::user::login::Moment;

/// Places above which they stand so close in the list that walking it soon meets enough of them.
const CLOSE: usize = sized(50_000, 20);

const TEXT: &str = "contains(u.search, :text)";
const TEXT_OR_DIGITS: &str = "(contains(u.search, :text) OR contains(u.search, :digits))";
const NOBODY: &str = "0";
const THOSE_FOUND: &str = "json_each(:found) f CROSS JOIN users u ON u.id = f.value";
const ALL_FOUND: &str = "
    (SELECT rowid & 0x1FFFFFFF AS id FROM users_search WHERE users_search MATCH :trigrams) f
    CROSS JOIN users u ON u.id = f.id";
/// The `+` leaves the order of the list to its own index.
const AMONG_ALL_FOUND: &str =
    "+u.id IN (SELECT rowid & 0x1FFFFFFF FROM users_search WHERE users_search MATCH :trigrams)";

const PLACES: &str = "
    SELECT rowid FROM users_search
    WHERE users_search MATCH :trigrams AND rowid >= :first AND rowid < :end
    ORDER BY rowid LIMIT :most";

const PLACES_FROM_THE_END: &str = "
    SELECT rowid FROM users_search
    WHERE users_search MATCH :trigrams AND rowid >= :first AND rowid < :end
    ORDER BY rowid DESC LIMIT :most";

/// A text that is looked for.
pub(super) struct Search {
    term: Term,
    lookup: Lookup,
}

impl Search {
    pub(super) fn new(tx: &Tx<'_>, text: &str) -> Result<Self> {
        tx.settle_search()?;
        let term = search_term(text);
        let lookup = match &term.digits {
            None => Lookup::new(tx, &term.folded)?,
            // Whoever has the one has the other.
            Some(digits) if term.folded.contains(digits) => Lookup::new(tx, digits)?,
            Some(digits) => Lookup::new(tx, &term.folded)?.or(Lookup::new(tx, digits)?),
        };
        Ok(Self { term, lookup })
    }

    /// Adds the comparison, by which everybody is found whoever else is looked at.
    pub(super) fn compare(&self, sql: &mut Where) {
        if matches!(self.lookup, Lookup::NoMatch) {
            return sql.and(NOBODY);
        }
        sql.and(if self.term.digits.is_some() { TEXT_OR_DIGITS } else { TEXT });
        sql.value(":text", self.term.folded.clone());
        if let Some(digits) = &self.term.digits {
            sql.value(":digits", digits.clone());
        }
    }

    /// Goes through those who match alone, in no order.
    pub(super) fn through_matches(&self, tx: &Tx<'_>, sql: &mut Where) -> Result<()> {
        match (&self.lookup, self.all(tx, FEW)?) {
            (_, Some(few)) => found(sql, &few),
            (Lookup::Trigrams(trigrams), None) => {
                sql.from = ALL_FOUND;
                sql.value(":trigrams", trigrams.clone());
            }
            (Lookup::Unasked | Lookup::NoMatch, None) => {}
        }
        Ok(())
    }

    /// Goes through those who match when they are few, else along a list, passing the others by.
    pub(super) fn along_list(&self, tx: &Tx<'_>, sql: &mut Where) -> Result<()> {
        match (&self.lookup, self.all(tx, FEW)?) {
            (_, Some(few)) => found(sql, &few),
            (Lookup::Trigrams(trigrams), None) => {
                sql.and(AMONG_ALL_FOUND);
                sql.value(":trigrams", trigrams.clone());
            }
            (Lookup::Unasked | Lookup::NoMatch, None) => {}
        }
        Ok(())
    }

    /// Goes through those who match when they are few, and else compares everybody on the way.
    pub(super) fn if_few(&self, tx: &Tx<'_>, sql: &mut Where) -> Result<()> {
        self.up_to(tx, FEW, sql)
    }

    /// Goes through those who match unless they are very many, and else compares everybody on the way.
    pub(super) fn through_matches_unless_many(&self, tx: &Tx<'_>, sql: &mut Where) -> Result<()> {
        self.up_to(tx, CLOSE, sql)
    }

    fn up_to(&self, tx: &Tx<'_>, most: usize, sql: &mut Where) -> Result<()> {
        if let Some(places) = self.all(tx, most)? {
            found(sql, &places);
        }
        Ok(())
    }

    /// The ids of a page in the order of names.
    pub(super) fn page(&self, tx: &Tx<'_>, sql: &Where, page: Page, moment: Moment) -> Result<Vec<i64>> {
        match self.lookup {
            Lookup::Trigrams(_) => page::ids(tx, self, sql, page, moment),
            Lookup::Unasked | Lookup::NoMatch => sql.clone().ids(tx, page, moment),
        }
    }

    /// The places of all who may match, unless there are more.
    fn all(&self, tx: &Tx<'_>, most: usize) -> Result<Option<Vec<i64>>> {
        if matches!(self.lookup, Lookup::Unasked) {
            return Ok(None);
        }
        let places = self.places(tx, &EVERY_SHELF, false, most + 1)?;
        Ok((places.len() <= most).then_some(places))
    }

    /// The first places on some shelves of those who may match by the index, or the last ones, from the end.
    fn places(&self, tx: &Tx<'_>, shelves: &Range<i64>, from_the_end: bool, most: usize) -> Result<Vec<i64>> {
        let Lookup::Trigrams(trigrams) = &self.lookup else { return Ok(Vec::new()) };
        let sql = if from_the_end { PLACES_FROM_THE_END } else { PLACES };
        let Range { start, end } = shelf::places(shelves);
        let parameters = named_params! {
            ":trigrams": trigrams,
            ":first": start,
            ":end": end,
            ":most": i64::try_from(most).unwrap_or(i64::MAX),
        };
        let mut statement = tx.sql().prepare_cached(sql)?;
        Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

/// Goes through those who stand at some places.
fn found(sql: &mut Where, places: &[i64]) {
    sql.from = THOSE_FOUND;
    sql.value(":found", ids_at(places));
}

#[cfg(test)]
pub(in crate::user) const STATEMENTS: &[&str] = &[
    PLACES,
    PLACES_FROM_THE_END,
    lookup::FAR_PLACE,
    lookup::BEGINNING_WITH,
    shelf::NAME_AFTER_THE_NEAR,
    shelf::NAME_BEFORE_THE_NEAR,
];
