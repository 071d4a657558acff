//! What is refused of those who are meant by a verb.

use crate::error::{Explain, Kind};
use crate::text::count::people;
use crate::user::error::NAMED;

/// What is refused of those who are meant by a verb.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nobody has these emails or ids.
    #[error("there are no users {}", some(who))]
    NotFoundAny {
        /// As typed.
        who: Vec<String>,
    },
    /// Nobody in the bin has these emails or ids.
    #[error("nobody in the bin has the emails or ids {}", some(who))]
    NoneInBin {
        /// As typed.
        who: Vec<String>,
    },
    /// Rules refused some of those who were meant; the reasons were told one by one.
    #[error("skipped {left} of {}", people(*.of))]
    SomeLeft {
        /// How many.
        left: u64,
        /// Of how many.
        of: u64,
    },
    /// No people were named.
    #[error("nobody was named")]
    Nobody,
    /// One name stands where people and what they are given or lose are needed.
    #[error("only `{name}` was named: who, and which {what}?")]
    OneName {
        /// The name.
        name: String,
        /// `role` or `group`.
        what: &'static str,
    },
    /// People were named and filtered at once.
    #[error("people were both named and filtered")]
    NamedAndFiltered,
    /// A filter without the word that it means all.
    #[error("a filter alone does not change people")]
    FilterWithoutAll,
    /// People in the bin cannot be changed.
    #[error("people in the bin cannot be changed")]
    FilterOfBin,
    /// Standard input could not be read.
    #[error("cannot read the list of people from standard input")]
    NoList {
        /// Why.
        source: std::io::Error,
    },
    /// What came on standard input is no list of people.
    #[error("what came on standard input is no list of people: {reason}")]
    BadList {
        /// Why.
        reason: String,
    },
}

fn some(who: &[String]) -> String {
    let mut named: Vec<String> = who.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if who.len() > NAMED {
        named.push(format!("and {} more", who.len() - NAMED));
    }
    named.join(", ")
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFoundAny { .. } => "user.not_found",
            Self::NoneInBin { .. } => "user.not_in_bin",
            Self::SomeLeft { .. } => "user.some_left",
            Self::Nobody => "user.nobody",
            Self::OneName { .. } => "user.one_name",
            Self::NamedAndFiltered => "user.named_and_filtered",
            Self::FilterWithoutAll => "user.filter_without_all",
            Self::FilterOfBin => "user.filter_of_bin",
            Self::NoList { .. } => "user.no_list",
            Self::BadList { .. } => "user.bad_list",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::NotFoundAny { .. } | Self::NoneInBin { .. } => Kind::NotFound,
            Self::SomeLeft { .. } => Kind::No,
            Self::NoList { .. } => Kind::Io,
            Self::BadList { .. } => Kind::Refused,
            _ => Kind::Usage,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::NotFoundAny { .. } => Some("secboard user list".to_owned()),
            Self::NoneInBin { .. } | Self::FilterOfBin => Some("secboard user list --deleted".to_owned()),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::NotFoundAny { .. } => "nothing was changed; see who there is",
            Self::NoneInBin { .. } => "nothing was changed; see who is in the bin",
            Self::SomeLeft { .. } => "see above why; change them apart, or ask an administrator who may",
            Self::Nobody => "give emails or ids, `-` for standard input, or filters with `--all-matching`",
            Self::OneName { what, .. } => {
                return Some(format!(
                    "give the people first and the {what} last, or add `--all-matching` for everybody"
                ));
            }
            Self::NamedAndFiltered => "give either emails, or filters with `--all-matching`",
            Self::FilterWithoutAll => "add `--all-matching` to change everybody who passes it",
            Self::FilterOfBin => "bring them back first; see who is in the bin",
            Self::NoList { .. } => return None,
            Self::BadList { .. } => "give one email or id a line, in UTF-8",
        };
        Some(advice.to_owned())
    }
}
