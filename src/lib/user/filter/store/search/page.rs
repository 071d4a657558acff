//! A page in the order of names of those who match.
//!
//! The first few hundred places say it all: either nobody else matches, or whole shelves of them hold the page, or many
//! match on one shelf. Of that shelf the first few hundred people are met by name, then those whom the index names; then
//! the next places follow.

use std::ops::Range;

use super::shelf::{EVERY_SHELF, Names, ids_at, take_last_shelf};
use super::{CLOSE, Search, found};
use crate::error::Result;
use crate::store::Tx;
use crate::user::filter::Page;
use crate::user::filter::store::sized;
use crate::user::filter::store::sql::Where;
use crate::user::login::Moment;

/// Places looked at for a page at a time, unless the page lies far back.
const LOOK: usize = sized(500, 6);

/// Places looked at for a page at a time at most.
const MOST: usize = sized(20_000, 24);

/// Times that places are looked at before the rest of the list is walked.
const LOOKS: usize = 3;

/// Places on one shelf above which they stand so close that walking it soon meets them.
const CLOSE_ON_SHELF: usize = sized(20_000, 10);

const BETWEEN_NAMES: &str = "u.sort_name >= :from AND u.sort_name < :to";

/// The `+` leaves the order of the list to its own index.
const AMONG_THOSE_FOUND: &str = "+u.id IN (SELECT value FROM json_each(:found))";

/// A page while it is filled.
struct Filling<'a> {
    tx: &'a Tx<'a>,
    search: &'a Search,
    sql: &'a Where,
    page: Page,
    moment: Moment,
    needed: usize,
    ids: Vec<i64>,
}

/// The ids of a page of those who pass.
pub(super) fn ids(tx: &Tx<'_>, search: &Search, sql: &Where, page: Page, moment: Moment) -> Result<Vec<i64>> {
    let (skip, take) = page.window.unwrap_or((0, u64::MAX));
    let needed = saturated(skip.saturating_add(take));
    let mut filling = Filling { tx, search, sql, page, moment, needed, ids: Vec::new() };
    filling.fill()?;
    Ok(filling.ids.into_iter().skip(saturated(skip)).take(saturated(take)).collect())
}

impl Filling<'_> {
    fn fill(&mut self) -> Result<()> {
        let look = self.needed.saturating_mul(2).clamp(LOOK, MOST);
        let mut shelves = EVERY_SHELF;
        for _ in 0..LOOKS {
            let mut places = self.search.places(self.tx, &shelves, self.page.descending, look + 1)?;
            let going_on = if places.len() > look { take_last_shelf(&mut places) } else { None };
            self.fetch(&places)?;
            let Some(open) = going_on.filter(|_| !self.is_full()) else { return Ok(()) };
            self.walk_open(&(open..open + 1))?;
            if self.is_full() {
                return Ok(());
            }
            shelves = if self.page.descending { shelves.start..open } else { open + 1..shelves.end };
        }
        self.walk_named(&shelves, &Names::on(&shelves), CLOSE)
    }

    const fn is_full(&self) -> bool {
        self.ids.len() >= self.needed
    }

    /// Adds all who stand at some places, in order.
    fn fetch(&mut self, places: &[i64]) -> Result<()> {
        let mut sql = self.sql.clone();
        found(&mut sql, places);
        self.ids.extend(sql.ids(self.tx, Page { window: None, ..self.page }, self.moment)?);
        Ok(())
    }

    /// Walks along a shelf that goes on after the places looked at.
    fn walk_open(&mut self, open: &Range<i64>) -> Result<()> {
        let (near, far) = Names::on(open).near_and_far(self.tx, self.page.descending)?;
        self.walk(&near, None)?;
        far.map_or(Ok(()), |far| self.walk_named(open, &far, CLOSE_ON_SHELF))
    }

    /// Walks along some names, passing by whom the index does not name, unless it names too many.
    fn walk_named(&mut self, shelves: &Range<i64>, names: &Names, close: usize) -> Result<()> {
        if self.is_full() {
            return Ok(());
        }
        let places = self.search.places(self.tx, shelves, false, close + 1)?;
        self.walk(names, (places.len() <= close).then_some(&places))
    }

    /// Walks along some names until the page is full, past everybody or past some places only.
    fn walk(&mut self, names: &Names, places: Option<&Vec<i64>>) -> Result<()> {
        if self.is_full() {
            return Ok(());
        }
        let mut sql = self.sql.clone();
        sql.and(BETWEEN_NAMES);
        sql.value(":from", names.from.clone());
        sql.value(":to", names.to.clone());
        if let Some(places) = places {
            sql.and(AMONG_THOSE_FOUND);
            sql.value(":found", ids_at(places));
        }
        let missing = (self.needed - self.ids.len()) as u64;
        let page = Page { window: Some((0, missing)), ..self.page };
        self.ids.extend(sql.ids(self.tx, page, self.moment)?);
        Ok(())
    }
}

fn saturated(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
