//! What the index is asked about a text.
//!
//! A text of three letters or more is looked up by its rarest trigrams, a shorter one by all that begin with it.

use std::cmp::Reverse;

use rusqlite::{OptionalExtension, named_params};

use super::shelf::first_from;
use crate::error::Result;
use crate::store::Tx;
use crate::user::filter::store::sized;

/// Trigrams that begin with a letter, above which it stands everywhere and a walk soon fills a page.
const COMMON: usize = sized(600, 12);

/// Trigrams of a text that are looked up; the comparison decides about the rest of it, and each one more costs time.
const ENOUGH: usize = sized(3, 2);

/// Trigrams of a text among which these are chosen.
const CHOICE: usize = 32;

/// People by whose place in the list a trigram is called rare.
const FAR: usize = sized(500, 3);

pub(super) const FAR_PLACE: &str = "
    SELECT rowid FROM users_search WHERE users_search MATCH :trigram ORDER BY rowid LIMIT 1 OFFSET :far";

/// From one to the next, without reading who has them.
pub(super) const BEGINNING_WITH: &str = "
    WITH RECURSIVE found (term) AS (
        SELECT (SELECT term FROM users_trigrams WHERE term >= :from AND term < :to LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM users_trigrams WHERE term >= found.term || char(0) AND term < :to LIMIT 1)
        FROM found WHERE found.term IS NOT NULL)
    SELECT term FROM found WHERE term IS NOT NULL LIMIT :most";

/// What the index is asked.
pub(super) enum Lookup {
    /// Nothing, so everybody is compared: of a letter that stands everywhere, of the empty text, and of a short one whose
    /// last letter is the last there is, so that no trigram marks the end of those that begin with it.
    Unasked,
    /// Nothing, as nobody has it.
    NoMatch,
    /// This query.
    Trigrams(String),
}

impl Lookup {
    /// The query that everything containing the text passes.
    pub(super) fn new(tx: &Tx<'_>, text: &str) -> Result<Self> {
        let letters: Vec<char> = text.chars().collect();
        if letters.len() < 3 {
            return shorter(tx, &letters);
        }
        let trigrams: Vec<String> = letters.windows(3).take(CHOICE).map(String::from_iter).collect();
        Ok(Self::Trigrams(query(telling(tx, &trigrams)?, " AND ")))
    }

    /// What passes one or the other.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unasked, _) | (_, Self::Unasked) => Self::Unasked,
            (Self::NoMatch, other) | (other, Self::NoMatch) => other,
            (Self::Trigrams(one), Self::Trigrams(other)) => Self::Trigrams(format!("({one}) OR ({other})")),
        }
    }
}

/// A trigram of a text: how rare it is, where it stands, and in which word unless it reaches from one to another.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Part<'a> {
    rareness: Reverse<i64>,
    position: usize,
    word: Option<usize>,
    trigram: &'a String,
}

/// The trigrams that say most: the rarest one of each word, then the rarest ones, those apart from each other first, as
/// neighbours say much the same.
fn telling<'a>(tx: &Tx<'_>, trigrams: &'a [String]) -> Result<Vec<&'a String>> {
    if trigrams.len() <= ENOUGH {
        return Ok(trigrams.iter().collect());
    }
    let mut parts = parts(tx, trigrams)?;
    parts.sort_unstable();
    let mut chosen: Vec<&Part<'_>> = Vec::new();
    for part in parts.iter().filter(|part| part.word.is_some()) {
        if chosen.len() < ENOUGH && chosen.iter().all(|other| other.word != part.word) {
            chosen.push(part);
        }
    }
    for apart in [3, 2, 1] {
        for part in &parts {
            let is_new = |other: &&Part<'_>| {
                other.position.abs_diff(part.position) >= apart && other.trigram != part.trigram
            };
            if chosen.len() < ENOUGH && chosen.iter().all(is_new) {
                chosen.push(part);
            }
        }
    }
    Ok(chosen.into_iter().map(|part| part.trigram).collect())
}

fn parts<'a>(tx: &Tx<'_>, trigrams: &'a [String]) -> Result<Vec<Part<'a>>> {
    let mut word = 0;
    let mut parts = Vec::new();
    for (position, trigram) in trigrams.iter().enumerate() {
        let rareness = Reverse(rareness(tx, trigram)?);
        let within = (!trigram.contains(' ')).then_some(word);
        parts.push(Part { rareness, position, word: within, trigram });
        word += usize::from(trigram.starts_with(' '));
    }
    Ok(parts)
}

/// How far into the list one has to go until so many people had this trigram.
fn rareness(tx: &Tx<'_>, trigram: &String) -> Result<i64> {
    let far = i64::try_from(FAR).unwrap_or(i64::MAX);
    let parameters = named_params! { ":trigram": query([trigram], ""), ":far": far };
    let mut statement = tx.sql().prepare_cached(FAR_PLACE)?;
    let place = statement.query_row(parameters, |row| row.get(0)).optional()?;
    Ok(place.unwrap_or(i64::MAX))
}

/// The query for a text of one or two letters; everybody has the empty one.
fn shorter(tx: &Tx<'_>, letters: &[char]) -> Result<Lookup> {
    let Some((last, rest)) = letters.split_last() else { return Ok(Lookup::Unasked) };
    let Some(next) = first_from(u32::from(*last) + 1) else { return Ok(Lookup::Unasked) };
    let beginning = |last: &char| rest.iter().chain([last]).collect::<String>();
    let most = i64::try_from(COMMON + 1).unwrap_or(i64::MAX);
    let parameters = named_params! { ":from": beginning(last), ":to": beginning(&next), ":most": most };
    let mut statement = tx.sql().prepare_cached(BEGINNING_WITH)?;
    let trigrams = statement.query_map(parameters, |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(match trigrams.len() {
        0 => Lookup::NoMatch,
        1..=COMMON => Lookup::Trigrams(query(&trigrams, " OR ")),
        _ => Lookup::Unasked,
    })
}

fn query<'a>(trigrams: impl IntoIterator<Item = &'a String>, word: &str) -> String {
    let quoted: Vec<String> =
        trigrams.into_iter().map(|three| format!("\"{}\"", three.replace('"', "\"\""))).collect();
    quoted.join(word)
}
