//! Entries that are kept aside: of them nobody is made and nobody's names are changed, with the reason, until the directory is
//! put right. Everybody else goes on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::store;
use crate::context::Context;
use crate::directory::connection;
use crate::directory::mapping::Candidate;
use crate::error::Result;
use crate::text::guid::Guid;
use crate::text::instant::Instant;
use crate::text::name::check_name;
use crate::text::shell::secboard;

/// Why an entry is kept aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    /// Nothing says who that stays, whatever they are called.
    NoGuid,
    /// Two say that they are the same.
    GuidTwice,
    /// There is no email, or none that is one.
    NoEmail,
    /// Several have the email, be it in another letter case.
    EmailTwice,
    /// An account has the email that is not this one.
    EmailTaken,
    /// First or last name is missing.
    NoName,
    /// First or last name is none that anybody can have.
    BadName,
    /// The account is in the bin here.
    InBin,
    /// A rule refuses it.
    Refused,
}

impl Fault {
    const ALL: [Self; 9] = [
        Self::NoGuid,
        Self::GuidTwice,
        Self::NoEmail,
        Self::EmailTwice,
        Self::EmailTaken,
        Self::NoName,
        Self::BadName,
        Self::InBin,
        Self::Refused,
    ];

    /// As programs read it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::NoGuid => "no_guid",
            Self::GuidTwice => "guid_twice",
            Self::NoEmail => "no_email",
            Self::EmailTwice => "email_twice",
            Self::EmailTaken => "email_taken",
            Self::NoName => "no_name",
            Self::BadName => "bad_name",
            Self::InBin => "in_bin",
            Self::Refused => "refused",
        }
    }

    /// The one of that word.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.word() == word)
    }

    /// In words, where nothing more is to be said.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::NoGuid => "nothing says who that stays, whatever they are called",
            Self::GuidTwice => "several entries have the same guid",
            Self::NoEmail => "there is no email, or none that is one",
            Self::EmailTwice => "several entries have the same email",
            Self::EmailTaken => "another account has the email",
            Self::NoName => "first or last name is missing",
            Self::BadName => "the name is none that a person can have",
            Self::InBin => "the account is in the bin here",
            Self::Refused => "a rule refuses it",
        }
    }

    /// What an entry lacks, as far as it alone tells.
    pub(super) fn of(guid: Option<Guid>, said: &Candidate) -> Option<Self> {
        let names = [&said.first_name, &said.last_name].map(Option::as_deref);
        let is_bad = |name: Option<&str>| name.is_some_and(|name| check_name(name).is_err());
        if guid.is_none() {
            Some(Self::NoGuid)
        } else if said.email.is_none() {
            Some(Self::NoEmail)
        } else if names.iter().any(Option::is_none) {
            Some(Self::NoName)
        } else if names.into_iter().any(is_bad) {
            Some(Self::BadName)
        } else {
            None
        }
    }
}

/// Whether an entry alone tells that nobody is made of it.
pub(crate) fn lacks_something(guid: Option<Guid>, said: &Candidate) -> bool {
    Fault::of(guid, said).is_some()
}

impl Fault {
    /// Whether it stays so until the entry itself changes.
    pub(super) const fn is_of_the_entry_alone(self) -> bool {
        matches!(self, Self::NoGuid | Self::NoEmail | Self::NoName | Self::BadName)
    }
}

/// An entry that is kept aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The name of the entry there; empty of somebody who is gone there.
    pub(crate) dn: String,
    /// Which entry it stays, if anything says that.
    pub(crate) guid: Option<Guid>,
    /// The email, if there is one.
    pub(crate) email: Option<String>,
    /// Why, as programs read it.
    pub(crate) code: String,
    /// Why, in words.
    pub(crate) words: String,
    /// Since when.
    pub(crate) since: Instant,
}

impl Kept {
    /// Whether it is kept aside for what the other was kept aside for.
    fn is_as(&self, other: &Self) -> bool {
        (self.guid, &self.email, &self.code, &self.words)
            == (other.guid, &other.email, &other.code, &other.words)
            && self.dn == other.dn
    }
}

/// The entries of a connection that the last sync kept aside, in the order in which they were read.
pub(crate) fn list(cx: &Context, name: &str) -> Result<Vec<Kept>> {
    cx.actor.require_anywhere(super::SYNC)?;
    cx.read(|tx| {
        let connection = connection::get_in(tx, name, &cx.actor.scope(super::SYNC))?;
        store::quarantine(tx, connection.id)
    })
}

/// Where to see who is kept aside, and why.
pub(crate) fn see_why(connection: &str) -> String {
    format!("see why with `{}`", secboard("ad quarantine").operand(connection))
}

/// Who was kept aside and was not read anew, and these.
pub(super) fn with_unread(cx: &Context, connection: i64, kept: Vec<Kept>) -> Result<Vec<Kept>> {
    let mut all = cx.read(|tx| store::quarantine(tx, connection))?;
    cx.stage(|tx| {
        let mut unread = Vec::new();
        for kept in all.drain(..) {
            if !store::is_entry_read(tx, &kept)? {
                unread.push(kept);
            }
        }
        all = unread;
        Ok(())
    })?;
    all.extend(kept);
    Ok(all)
}

/// Keeps these aside, each since it was first; nothing is written where nothing changed.
pub(super) fn replace(cx: &Context, connection: i64, mut kept: Vec<Kept>) -> Result<Vec<Kept>> {
    let before = cx.read(|tx| store::quarantine(tx, connection))?;
    // Those who are gone have no entry any more, but are who they were.
    let known: BTreeMap<(&str, Option<Guid>), &Kept> =
        before.iter().map(|kept| ((kept.dn.as_str(), kept.guid), kept)).collect();
    for kept in &mut kept {
        if let Some(before) = known.get(&(kept.dn.as_str(), kept.guid)).filter(|before| before.is_as(kept)) {
            kept.since = before.since;
        }
    }
    if kept != before {
        cx.write(|tx| store::set_quarantine(tx, connection, &kept))?;
    }
    Ok(kept)
}
