//! Accounts that a directory manages: which entry somebody is there, and what the directory says of them.
//!
//! All of it are [`Facts`] of the person: `directory` (the id of the connection), `directory_guid` (the entry), what is said of the
//! account there (`directory_disabled`, `directory_expires_at`, `directory_missing_since`), and `directory_groups`. So plans,
//! audit, undo and the past know them as they know any fact; nobody writes them by hand, and no import does. When an entry was
//! last [seen](saw) is knowledge and no fact: no row of the audit tells of it.
//!
//! Whoever follows a directory plans a run of what differs. Nothing else is needed for it than the engine of runs, one
//! [`Follower`], which looks names up for the whole run, and facts:
//!
//! ```text
//! let spec = Spec { kind: "directory.sync", source: &connection.facts.name, repeats: true, is_whole: false };
//! let plan = run::plan(cx, engine, &spec, |tx, planner| {
//!     planner.concerns_all(cx, "directory.sync")?;
//!     let mut follower = Follower::new();
//!     for entry in entries {
//!         let planned = match user::directory::with_guid(tx, connection.id, entry.guid)? {
//!             None => follower.create(cx, tx, planner, Facts {
//!                 directory: Some(connection.id), directory_guid: Some(entry.guid), company: …, ..Facts::new(entry.email)
//!             }),
//!             Some(user) => {
//!                 let facts = Facts { directory_disabled: entry.is_disabled, …, ..user.facts.clone() };
//!                 follower.change(cx, tx, planner, (&user, facts))
//!             }
//!         };
//!         // Refused, not found, not to be created, denied: about this one alone, who is kept aside with the reason.
//!     }
//!     Ok(())
//! })?;
//! run::commit(cx, engine, plan)?;
//! ```
//!
//! A person whose facts are as they were is counted as unchanged and makes no change. The kinds of such runs begin with
//! `directory.`; who has `directory.sync` for the person's company makes them. An account has no password here: it goes when a
//! directory takes the account over, and does not come back.

mod error;
mod local;
mod login;
mod meant;

pub(crate) use error::Error;
pub(crate) use local::plan_local;
pub(crate) use login::{Shown, note_login};
pub(crate) use meant::{Meant, meant};

use super::bulk::plan_one;
pub(crate) use super::guard::SYNC;
use super::import::new_place;
use super::org_lookup::OrgLookup;
use super::store::{self, User};
use super::{Facts, KIND, guard, rules, save};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Change, Ids, Planner};
use crate::store::Tx;
use crate::text::guid::Guid;
use crate::text::instant::Instant;

/// The directory that manages an account, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManagedBy {
    /// What its connection is called.
    pub(crate) connection: String,
    /// Whether people log in by it.
    pub(crate) is_active: bool,
    /// When the entry was last seen there.
    pub(crate) seen_at: Option<Instant>,
}

/// Whoever is that entry of a connection, also in the bin.
pub(crate) fn with_guid(tx: &Tx<'_>, connection: i64, guid: Guid) -> Result<Option<User>> {
    store::by_guid(tx, connection, guid)
}

/// Calls `each` with everybody of a connection, by GUID: the entry, the id of the person, whether they are in the bin.
pub(crate) fn each_of(
    tx: &Tx<'_>,
    connection: i64,
    each: impl FnMut(Guid, i64, bool) -> Result<()>,
) -> Result<()> {
    store::each_of(tx, connection, each)
}

/// How many people a connection has outside the bin, and in it.
pub(crate) fn count_of(tx: &Tx<'_>, connection: i64) -> Result<(u64, u64)> {
    store::count_of(tx, connection)
}

/// Notes when an entry was seen; whether it is somebody's.
pub(crate) fn saw(tx: &Tx<'_>, (connection, guid): (i64, Guid), at: Instant) -> Result<bool> {
    store::set_seen(tx, (connection, guid), at)
}

/// Plans what a directory says of people; looks the names up for a whole run.
pub(crate) struct Follower {
    places: OrgLookup,
}

impl Follower {
    /// One to whom a place that does not exist is refused.
    pub(crate) fn new() -> Self {
        Self { places: OrgLookup::of_run() }
    }

    /// One that plans to make the departments and positions that do not exist.
    pub(crate) fn making_places() -> Self {
        Self { places: OrgLookup::of_run().planning() }
    }

    /// Plans to make somebody. The facts name the connection and the entry.
    ///
    /// # Errors
    /// What a rule refuses of this person: an email or entry that is somebody's, a place or group that is not there. Of what
    /// the same plan makes before nothing is known: that two entries have one email is the caller's to see.
    pub(crate) fn create(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        planner: &mut Planner<'_>,
        facts: Facts,
    ) -> Result<()> {
        let creation = self.creation(cx, tx, facts);
        let change = self.with_places(planner, creation)?;
        planner.change(&change)
    }

    /// Plans what differs of somebody; counts who stays as they are.
    ///
    /// # Errors
    /// What a rule refuses of this person.
    pub(crate) fn change(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        planner: &mut Planner<'_>,
        (user, facts): (&User, Facts),
    ) -> Result<()> {
        let checked = self.checked(cx, tx, user, facts);
        let facts = self.with_places(planner, checked)?;
        plan_one(cx, tx, &mut self.places, planner, (user, &facts))
    }

    fn creation(&mut self, cx: &Context, tx: &Tx<'_>, mut facts: Facts) -> Result<Change> {
        rules::check(&facts)?;
        check(tx, None, &facts)?;
        let ids = self.places.resolve(cx, tx, None, &mut facts)?;
        guard::require_create(cx, tx, &facts, &ids)?;
        save::free_email(cx, tx, &facts.email, None)?;
        let after = facts.as_created();
        let ids = Ids { after: self.places.ids_of(cx, tx, &after, &facts)?, ..Ids::default() };
        Ok(Change { ids, ..Change::creation(KIND, facts.email, after) })
    }

    fn checked(&mut self, cx: &Context, tx: &Tx<'_>, old: &User, mut facts: Facts) -> Result<Facts> {
        rules::check(&facts)?;
        check(tx, Some(old), &facts)?;
        let ids = self.places.resolve(cx, tx, Some(old), &mut facts)?;
        guard::require_change(cx, tx, old, &facts, &ids)?;
        save::free_new_email(cx, tx, old, &facts)?;
        Ok(facts)
    }

    /// Plans the places that somebody needs first, and forgets those of whom a rule refuses.
    fn with_places<T>(&mut self, planner: &mut Planner<'_>, made: Result<T>) -> Result<T> {
        match &made {
            Ok(_) => self
                .places
                .take_planned()
                .into_iter()
                .try_for_each(|place| planner.change(&new_place(place)))?,
            Err(_) => self.places.forget_planned(),
        }
        made
    }
}

/// Refuses what nobody can be of a directory: of none, or of one that is gone; nobody in particular, or somebody else.
pub(super) fn check(tx: &Tx<'_>, old: Option<&User>, facts: &Facts) -> Result<()> {
    let email = || facts.email.clone();
    let is_said = facts.directory_disabled
        || facts.directory_expires_at.is_some()
        || facts.directory_missing_since.is_some()
        || !facts.directory_groups.is_empty();
    let (connection, guid) = match (facts.directory, facts.directory_guid) {
        (None, None) if !is_said => return Ok(()),
        (None, _) => return Err(Error::WithoutDirectory { email: email() }.into()),
        (Some(_), None) => return Err(Error::WithoutEntry { email: email() }.into()),
        (Some(connection), Some(guid)) => (connection, guid),
    };
    if facts.must_change_password {
        return Err(super::Error::DirectoryPassword { email: email() }.into());
    }
    if old
        .is_some_and(|old| (old.facts.directory, old.facts.directory_guid) == (Some(connection), Some(guid)))
    {
        return Ok(());
    }
    if store::connection_name(tx, connection)?.is_none() {
        return Err(Error::ConnectionGone { email: email() }.into());
    }
    match store::by_guid(tx, connection, guid)? {
        Some(other) if old.is_none_or(|old| old.id != other.id) => {
            Err(Error::EntryTaken { guid: guid.to_string(), holder: other.facts.email }.into())
        }
        _ => Ok(()),
    }
}
