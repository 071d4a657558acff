//! The organisation as one tree: companies, and under them departments and positions, which may hang under each other.
//!
//! A department hangs under its company, under another department or under a position (whoever holds it leads the
//! department); a position hangs under its department or under another position of it. Nothing hangs under itself, over
//! however many steps, and a person's position lies under the person's department: both rules span departments and
//! positions and are therefore kept here.

mod chart;
pub(crate) mod cli;
mod store;
pub(crate) mod unit;

#[cfg(test)]
pub(crate) mod tests;

use crate::context::Context;
use crate::error::{Explain, Kind, Result};
use crate::run::{self, BinLosses, BinRemoval, Engine};
use crate::store::Tx;

/// A place in the tree below a company, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// A department.
    Department(i64),
    /// A position.
    Position(i64),
}

impl Node {
    const fn department_id(self) -> Option<i64> {
        match self {
            Self::Department(id) => Some(id),
            Self::Position(_) => None,
        }
    }

    const fn position_id(self) -> Option<i64> {
        match self {
            Self::Position(id) => Some(id),
            Self::Department(_) => None,
        }
    }
}

/// A move that would break the tree, or a chart that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The new parent hangs under what is moved.
    #[error("`{name}` cannot hang under `{parent}`, which hangs under it")]
    Cycle {
        /// What is moved.
        name: String,
        /// Where it was to go.
        parent: String,
    },
    /// The new parent is what is moved.
    #[error("`{name}` cannot hang under itself")]
    Itself {
        /// What is moved.
        name: String,
    },
    /// People would hold a position outside their department.
    #[error("people who would be left with a position outside their department: {people}")]
    PeopleOutside {
        /// How many.
        people: i64,
    },
    /// Things hang under each other over more levels than a chart follows.
    #[error("`{name}` hangs under more than {deepest} others")]
    TooDeep {
        /// What hangs there.
        name: String,
        /// How many levels a chart follows.
        deepest: usize,
    },
    /// A tree was asked for as rows.
    #[error("a chart has no rows and cannot be CSV")]
    NoRows,
    /// The name of the file says nothing known.
    #[error("`{file}` does not say what to draw")]
    UnknownExtension {
        /// The file as typed.
        file: String,
    },
    /// A chart could not be written as JSON.
    #[error("writing the chart as JSON failed")]
    Json {
        /// Why.
        source: serde_json::Error,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Cycle { .. } | Self::Itself { .. } => "org.cycle",
            Self::PeopleOutside { .. } => "org.people_outside",
            Self::TooDeep { .. } => "org.too_deep",
            Self::NoRows => "org.no_rows",
            Self::UnknownExtension { .. } => "org.unknown_extension",
            Self::Json { .. } => "org.json",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Cycle { .. } | Self::Itself { .. } | Self::PeopleOutside { .. } | Self::TooDeep { .. } => {
                Kind::Refused
            }
            Self::NoRows | Self::UnknownExtension { .. } => Kind::Usage,
            Self::Json { .. } => Kind::Bug,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Cycle { parent, .. } => format!("move `{parent}` first, or choose another parent"),
            Self::Itself { .. } => "choose another parent".to_owned(),
            Self::PeopleOutside { .. } => "give these people another department or position first".to_owned(),
            Self::TooDeep { .. } => "let it hang under something further up".to_owned(),
            Self::UnknownExtension { .. } => {
                "let it end in .txt, .json, .dot, .mmd or .svg, or say what with `--form`".to_owned()
            }
            Self::NoRows => "give `-o json`, or a form with `--form`".to_owned(),
            Self::Json { .. } => return None,
        })
    }
}

/// Refuses a new parent that is the moved node itself or hangs under it.
pub(crate) fn check_move(tx: &Tx<'_>, (node, name): (Node, &str), (parent, to): (Node, &str)) -> Result<()> {
    if parent == node {
        return Err(Error::Itself { name: name.to_owned() }.into());
    }
    if store::is_under(tx, parent, node)? {
        return Err(Error::Cycle { name: name.to_owned(), parent: to.to_owned() }.into());
    }
    Ok(())
}

/// Called after a move in a company: refuses it when a person's position came to lie outside the person's department.
///
/// People in the bin do not hinder a move; they lose such a position, and are returned.
pub(crate) fn check_people(
    cx: &Context,
    tx: &Tx<'_>,
    engine: &mut Engine,
    company_id: i64,
    made_by: &str,
) -> Result<BinLosses> {
    let outside = store::people_outside(tx, company_id)?;
    if outside > 0 {
        return Err(Error::PeopleOutside { people: outside }.into());
    }
    let mut in_bin = BinLosses::default();
    for (position, people) in store::in_bin_outside(tx, company_id)? {
        let lost = BinRemoval { kind: unit::POSITION, id: position, only: Some(&people) };
        in_bin.join(run::take_from_bin(cx, tx, engine, made_by, lost)?);
    }
    Ok(in_bin)
}
