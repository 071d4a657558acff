//! Searching: what the trigram index says, and how to find a page of those who match without looking at all of them.
//!
//! The index stands in the order of lists as far as the first two letters of the name; those who share them are a
//! *shelf*, and within it they stand by id. So the first few thousand places say it all: either nobody else matches, or
//! whole shelves of them hold the page, or very many match on one shelf. That shelf is walked by name then, passing by whom
//! the index does not name, and the next few thousand places follow.
//!
//! A text of three letters or more is looked up by its rarest trigrams, a shorter one by all that begin with it. The
//! index says who may match; what is found is compared in full.

use std::cmp::Reverse;
use std::ops::Range;

use rusqlite::{OptionalExtension, named_params};

use super::sql::Where;
use crate::error::Result;
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::fold::{Term, search_term};
use crate::user::filter::Page;

/// Places looked at for a page at a time, unless the page lies far back.
const LOOK: usize = sized(500, 6);

/// Times that places are looked at before the rest of the list is walked.
const LOOKS: usize = 3;

/// Places on one shelf above which they stand so close that walking it soon meets them.
const CLOSE_ON_SHELF: usize = sized(5000, 10);

/// The same on all the shelves that are left.
const CLOSE_ON_REST: usize = sized(50_000, 20);

/// Places looked at for a page at most.
const MOST: usize = sized(20_000, 24);

/// People up to which fetching them all is quicker than walking a list for them.
const FEW: usize = sized(3000, 8);

/// Trigrams that begin with a letter, above which it stands everywhere and a walk soon fills a page.
const COMMON: usize = sized(600, 12);

/// Trigrams of a text that are looked up; the comparison decides about the rest of it, and each one more costs time.
const ENOUGH: usize = sized(4, 2);

/// Trigrams of a text among which these are chosen.
const CHOICE: usize = 32;

/// Bits of a place that are an id, and a letter; see the view `users_searched`.
const ID_BITS: u32 = 29;
const LETTER_BITS: u32 = 16;

/// The shelf of all names whose first letter has no room in a place.
const LAST_SHELF: i64 = 0x3FFFF << LETTER_BITS;

const EVERY_SHELF: Range<i64> = 0..LAST_SHELF + 1;

const TEXT: &str = "contains(u.search, :text)";
const TEXT_OR_DIGITS: &str = "(contains(u.search, :text) OR contains(u.search, :digits))";
const NOBODY: &str = "0";
const FROM_SHELF_ON: &str = "u.sort_name >= :first_shelf";
const UP_TO_SHELF: &str = "u.sort_name < :next_shelf";
const THOSE_FOUND: &str = "json_each(:found) f CROSS JOIN users u ON u.id = f.value";
const ALL_FOUND: &str = "
    (SELECT rowid & 0x1FFFFFFF AS id FROM users_search WHERE users_search MATCH :trigrams) f
    CROSS JOIN users u ON u.id = f.id";
/// The `+` leaves the order of the list to its own index.
const AMONG_ALL_FOUND: &str =
    "+u.id IN (SELECT rowid & 0x1FFFFFFF FROM users_search WHERE users_search MATCH :trigrams)";

const AMONG_THOSE_FOUND: &str = "+u.id IN (SELECT value FROM json_each(:found))";

const PLACES: &str = "
    SELECT rowid FROM users_search
    WHERE users_search MATCH :trigrams AND rowid >= :first AND rowid < :end
    ORDER BY rowid LIMIT :most";

const PLACES_FROM_THE_END: &str = "
    SELECT rowid FROM users_search
    WHERE users_search MATCH :trigrams AND rowid >= :first AND rowid < :end
    ORDER BY rowid DESC LIMIT :most";

const FIFTIETH_PLACE: &str = "
    SELECT rowid FROM users_search WHERE users_search MATCH :trigram ORDER BY rowid LIMIT 1 OFFSET 49";

/// From one to the next, without reading who has them.
const BEGINNING_WITH: &str = "
    WITH RECURSIVE found (term) AS (
        SELECT (SELECT term FROM users_trigrams WHERE term >= :from AND term < :to LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM users_trigrams WHERE term >= found.term || char(0) AND term < :to LIMIT 1)
        FROM found WHERE found.term IS NOT NULL)
    SELECT term FROM found WHERE term IS NOT NULL LIMIT :most";

/// A limit; tiny in tests, so that a handful of people comes to both sides of it.
const fn sized(limit: usize, in_tests: usize) -> usize {
    if cfg!(test) { in_tests } else { limit }
}

/// A text that is looked for.
pub(super) struct Search {
    term: Term,
    lookup: Lookup,
}

/// What the index is asked.
enum Lookup {
    /// Nothing: too many have it.
    Nothing,
    /// Nothing: nobody has it.
    Nobody,
    /// This query.
    Trigrams(String),
}

impl Search {
    pub(super) fn new(tx: &Tx<'_>, text: &str) -> Result<Self> {
        tx.settle_search()?;
        let term = search_term(text);
        let lookup = match &term.digits {
            None => lookup(tx, &term.folded)?,
            // Whoever has the one has the other.
            Some(digits) if term.folded.contains(digits) => lookup(tx, digits)?,
            Some(digits) => lookup(tx, &term.folded)?.or(lookup(tx, digits)?),
        };
        Ok(Self { term, lookup })
    }

    /// Adds the comparison, by which everybody is found whoever else is looked at.
    pub(super) fn compare(&self, sql: &mut Where) {
        if matches!(self.lookup, Lookup::Nobody) {
            return sql.and(NOBODY);
        }
        sql.and(if self.term.digits.is_some() { TEXT_OR_DIGITS } else { TEXT });
        sql.value(":text", self.term.folded.clone());
        if let Some(digits) = &self.term.digits {
            sql.value(":digits", digits.clone());
        }
    }

    /// Goes through those who match alone, in no order; returns whether the index knows them.
    pub(super) fn through_matches(&self, tx: &Tx<'_>, sql: &mut Where) -> Result<()> {
        match (&self.lookup, self.few(tx)?) {
            (_, Some(few)) => found(sql, &few),
            (Lookup::Trigrams(trigrams), None) => {
                sql.from = ALL_FOUND;
                sql.value(":trigrams", trigrams.clone());
            }
            (Lookup::Nothing | Lookup::Nobody, None) => {}
        }
        Ok(())
    }

    /// Goes through those who match when they are few, else along a list, passing the others by.
    pub(super) fn along_list(&self, tx: &Tx<'_>, sql: &mut Where) -> Result<()> {
        match (&self.lookup, self.few(tx)?) {
            (_, Some(few)) => found(sql, &few),
            (Lookup::Trigrams(trigrams), None) => {
                sql.and(AMONG_ALL_FOUND);
                sql.value(":trigrams", trigrams.clone());
            }
            (Lookup::Nothing | Lookup::Nobody, None) => {}
        }
        Ok(())
    }

    /// Goes through those who match when they are few, and else compares everybody on the way.
    pub(super) fn if_few(&self, tx: &Tx<'_>, sql: &mut Where) -> Result<()> {
        if let Some(few) = self.few(tx)? {
            found(sql, &few);
        }
        Ok(())
    }

    /// The ids of a page in the order of names.
    pub(super) fn page(&self, tx: &Tx<'_>, sql: &Where, page: Page, today: Day) -> Result<Vec<i64>> {
        let Lookup::Trigrams(_) = self.lookup else { return sql.clone().ids(tx, page, today) };
        let (skip, take) = page.window.unwrap_or((0, u64::MAX));
        let mut ids = self.first(tx, sql, (page, saturated(skip.saturating_add(take))), today)?;
        ids.drain(..ids.len().min(saturated(skip)));
        ids.truncate(saturated(take));
        Ok(ids)
    }

    /// The ids of the first `needed` in the order of names, and perhaps of a few more.
    fn first(&self, tx: &Tx<'_>, sql: &Where, (page, needed): (Page, usize), today: Day) -> Result<Vec<i64>> {
        let look = needed.saturating_mul(2).clamp(LOOK, MOST);
        let still = |ids: &[i64]| Page { window: Some((0, (needed - ids.len()) as u64)), ..page };
        let mut ids = Vec::new();
        let mut shelves = EVERY_SHELF;
        for _ in 0..LOOKS {
            let mut places = self.places(tx, &shelves, page.descending, look + 1)?;
            let going_on = if places.len() > look { take_last_shelf(&mut places) } else { None };
            let mut whole = sql.clone();
            found(&mut whole, &places);
            ids.extend(whole.ids(tx, Page { window: None, ..page }, today)?);
            let Some(open) = going_on.filter(|_| ids.len() < needed) else { return Ok(ids) };
            let walk = self.walk(tx, sql, &(open..open + 1), CLOSE_ON_SHELF)?;
            ids.extend(walk.ids(tx, still(&ids), today)?);
            if ids.len() >= needed {
                return Ok(ids);
            }
            shelves = if page.descending { shelves.start..open } else { open + 1..shelves.end };
        }
        let walk = self.walk(tx, sql, &shelves, CLOSE_ON_REST)?;
        ids.extend(walk.ids(tx, still(&ids), today)?);
        Ok(ids)
    }

    /// Goes along some shelves by name, passing by whom the index does not name unless it names more than `close`.
    fn walk(&self, tx: &Tx<'_>, sql: &Where, shelves: &Range<i64>, close: usize) -> Result<Where> {
        let mut sql = sql.clone();
        on_shelves(&mut sql, shelves);
        let places = self.places(tx, shelves, false, close + 1)?;
        if places.len() <= close {
            sql.and(AMONG_THOSE_FOUND);
            sql.value(":found", ids_at(&places));
        }
        Ok(sql)
    }

    /// The places of all who may match, when there are few.
    fn few(&self, tx: &Tx<'_>) -> Result<Option<Vec<i64>>> {
        if matches!(self.lookup, Lookup::Nothing) {
            return Ok(None);
        }
        let places = self.places(tx, &EVERY_SHELF, false, FEW + 1)?;
        Ok((places.len() <= FEW).then_some(places))
    }

    /// The first places on some shelves of those who may match by the index, or the last ones, from the end.
    fn places(&self, tx: &Tx<'_>, shelves: &Range<i64>, from_the_end: bool, most: usize) -> Result<Vec<i64>> {
        let Lookup::Trigrams(trigrams) = &self.lookup else { return Ok(Vec::new()) };
        let sql = if from_the_end { PLACES_FROM_THE_END } else { PLACES };
        let parameters = named_params! {
            ":trigrams": trigrams,
            ":first": shelves.start << ID_BITS,
            ":end": shelves.end << ID_BITS,
            ":most": i64::try_from(most).unwrap_or(i64::MAX),
        };
        let mut statement = tx.sql().prepare_cached(sql)?;
        Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

impl Lookup {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::Nobody, other) | (other, Self::Nobody) => other,
            (Self::Trigrams(one), Self::Trigrams(other)) => Self::Trigrams(format!("({one}) OR ({other})")),
        }
    }
}

fn found(sql: &mut Where, places: &[i64]) {
    sql.from = THOSE_FOUND;
    sql.value(":found", ids_at(places));
}

fn ids_at(places: &[i64]) -> String {
    let ids: Vec<i64> = places.iter().map(|place| place & ((1 << ID_BITS) - 1)).collect();
    serde_json::Value::from(ids).to_string()
}

/// Takes away the places on the last shelf, which may go on; returns it.
fn take_last_shelf(places: &mut Vec<i64>) -> Option<i64> {
    let last = places.last()? >> ID_BITS;
    places.retain(|place| place >> ID_BITS != last);
    Some(last)
}

/// Keeps to the names on some shelves.
fn on_shelves(sql: &mut Where, shelves: &Range<i64>) {
    for (condition, name, shelf) in
        [(FROM_SHELF_ON, ":first_shelf", shelves.start), (UP_TO_SHELF, ":next_shelf", shelves.end)]
    {
        if let Some(edge) = first_name(shelf) {
            sql.and(condition);
            sql.value(name, edge);
        }
    }
}

/// The name a shelf begins with, of as many letters as it says; none after the last shelf.
fn first_name(shelf: i64) -> Option<String> {
    if shelf > LAST_SHELF {
        return None;
    }
    let first = u32::try_from(shelf >> LETTER_BITS).ok()?;
    let second = u32::try_from(shelf & ((1 << LETTER_BITS) - 1)).ok()?;
    [Some(first), (second > 0).then_some(second)].into_iter().flatten().map(first_from).collect()
}

/// The first letter at or after a code point; between them lie the surrogates.
fn first_from(code: u32) -> Option<char> {
    (code..=u32::from(char::MAX)).find_map(char::from_u32)
}

/// The query that everything containing the text passes.
fn lookup(tx: &Tx<'_>, text: &str) -> Result<Lookup> {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() < 3 {
        return shorter(tx, &letters);
    }
    let trigrams: Vec<String> = letters.windows(3).take(CHOICE).map(String::from_iter).collect();
    Ok(Lookup::Trigrams(query(telling(tx, &trigrams)?, " AND ")))
}

/// The trigrams that say most: the rarest ones, those apart from each other first, as neighbours say much the same.
fn telling<'a>(tx: &Tx<'_>, trigrams: &'a [String]) -> Result<Vec<&'a String>> {
    if trigrams.len() <= ENOUGH {
        return Ok(trigrams.iter().collect());
    }
    let mut rarest = Vec::new();
    for (position, trigram) in trigrams.iter().enumerate() {
        rarest.push((Reverse(rareness(tx, trigram)?), position, trigram));
    }
    rarest.sort_unstable();
    let mut chosen: Vec<(usize, &String)> = Vec::new();
    for apart in [2, 1] {
        for (_, position, trigram) in &rarest {
            let is_new =
                |(other, same): &(usize, &String)| other.abs_diff(*position) >= apart && same != trigram;
            if chosen.len() < ENOUGH && chosen.iter().all(is_new) {
                chosen.push((*position, *trigram));
            }
        }
    }
    Ok(chosen.into_iter().map(|(_, trigram)| trigram).collect())
}

/// How far into the list one has to go until fifty people had this trigram.
fn rareness(tx: &Tx<'_>, trigram: &String) -> Result<i64> {
    let mut statement = tx.sql().prepare_cached(FIFTIETH_PLACE)?;
    let place = statement.query_row([query([trigram], "")], |row| row.get(0)).optional()?;
    Ok(place.unwrap_or(i64::MAX))
}

/// The same for a text of one or two letters; everybody has the empty one.
fn shorter(tx: &Tx<'_>, letters: &[char]) -> Result<Lookup> {
    let Some((last, rest)) = letters.split_last() else { return Ok(Lookup::Nothing) };
    let Some(next) = first_from(u32::from(*last) + 1) else { return Ok(Lookup::Nothing) };
    let beginning = |last: &char| rest.iter().chain([last]).collect::<String>();
    let most = i64::try_from(COMMON + 1).unwrap_or(i64::MAX);
    let parameters = named_params! { ":from": beginning(last), ":to": beginning(&next), ":most": most };
    let mut statement = tx.sql().prepare_cached(BEGINNING_WITH)?;
    let trigrams = statement.query_map(parameters, |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(match trigrams.len() {
        0 => Lookup::Nobody,
        1..=COMMON => Lookup::Trigrams(query(&trigrams, " OR ")),
        _ => Lookup::Nothing,
    })
}

fn query<'a>(trigrams: impl IntoIterator<Item = &'a String>, word: &str) -> String {
    let quoted: Vec<String> =
        trigrams.into_iter().map(|three| format!("\"{}\"", three.replace('"', "\"\""))).collect();
    quoted.join(word)
}

fn saturated(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
pub(in crate::user) const STATEMENTS: &[&str] =
    &[PLACES, PLACES_FROM_THE_END, FIFTIETH_PLACE, BEGINNING_WITH];
