//! A copy of what a directory says that says it of nobody, and a sync of that copy: `ad capture`, `ad replay`.
//!
//! What names somebody or something stands there as a keyed hash ([`pseudonym`]), the same for the same, by a key that is made for one
//! copy and kept nowhere: so who is who twice, who has whose email and who is in which group is in it, and nobody else is. A copy is
//! followed in a store that is made for it ([`replay()`]), in which are the groups that the copy names, and an account for each email that
//! is one of an account of the store it is of.

mod capture;
mod pseudonym;
mod replay;

pub(crate) use capture::capture;
pub(crate) use replay::{Replay, replay};
use serde::{Deserialize, Serialize};

use super::quarantine::Fault;
use crate::text::guid::Guid;

/// The one format there is.
const FORMAT: u32 = 1;

/// A line of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    /// The first.
    Capture {
        /// Which format the others are in.
        format: u32,
        /// What the connection does.
        does: Does,
    },
    /// An entry of a person.
    Person(Box<Person>),
    /// A group.
    Group(Group),
    /// The last: what is not behind it was cut.
    End {
        /// How many people there are.
        people: u64,
        /// How many groups there are.
        groups: u64,
    },
}

/// What a connection does, as far as it changes what a sync of nobody would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Does {
    makes_people: bool,
    follows_groups: bool,
    makes_departments: bool,
    makes_positions: bool,
}

/// An entry of a person. All texts are pseudonyms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Person {
    place: String,
    guid: Option<Guid>,
    email: Option<String>,
    /// Whether an account that is none of a directory has the email.
    is_taken: bool,
    first_name: Option<String>,
    last_name: Option<String>,
    /// Whether there is a phone, and whether it is in international writing.
    has_good_phone: Option<bool>,
    department: Option<String>,
    position: Option<String>,
    is_disabled: Option<bool>,
    ends: Option<Ends>,
    primary_group: Option<String>,
    /// Why nobody is made of it, by the entry alone.
    fault: Option<Fault>,
}

/// When an account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ends {
    Never,
    Ended,
    Later,
}

/// A group. All texts are pseudonyms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Group {
    name: String,
    place: String,
    sid: Option<String>,
    members: Vec<String>,
    /// Whether a group for people of the connection has exactly its name.
    is_here: bool,
}
