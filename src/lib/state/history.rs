//! How everything was called, and what groups granted and roles brought, when the audit had come to some row.

use serde_json::Value;

use super::people::Walk;
use super::store;
use super::things::{Thing, Things};
use crate::error::Result;
use crate::org::unit;
use crate::store::Tx;
use crate::{group, role};

/// The names of the department and the position that a person had when the row `seq` was written, as they were called then.
///
/// # Errors
/// When a row of the audit does not decode, or names what there was not.
pub(crate) fn places_then(tx: &Tx<'_>, person: i64, seq: i64) -> Result<[Option<String>; 2]> {
    let history = History::of(tx)?;
    let mut walk = Walk::of(&history.0, person);
    store::changes_of_person(tx, (person, seq), |change| walk.follow(change))?;
    let Some(then) = walk.now(seq) else { return Ok([None, None]) };
    let department = then.department.and_then(|id| history.0.called(unit::DEPARTMENT, id, seq));
    let position = then.position.first().and_then(|id| history.0.called(unit::POSITION, *id, seq));
    Ok([department, position])
}

/// How everything but people was called when, for looking at what people lost.
pub(crate) struct History(Things);

/// A group as it was.
pub(crate) struct GroupThen {
    /// Its company; none when it was for all.
    pub(crate) company_id: Option<i64>,
    /// What it granted: each permission with its company, or none for all.
    pub(crate) grants: Vec<(String, Option<i64>)>,
}

impl History {
    /// What the audit tells up to now.
    ///
    /// # Errors
    /// When a row of the audit does not decode, or names what there was not.
    pub(crate) fn of(tx: &Tx<'_>) -> Result<Self> {
        let mut things = Things::default();
        store::changes_of_things(tx, |change| things.follow(change))?;
        Ok(Self(things))
    }

    /// What the audit had told when it had come to the row `seq`.
    ///
    /// # Errors
    /// When a row of the audit does not decode, or names what there was not.
    pub(crate) fn until(tx: &Tx<'_>, seq: i64) -> Result<Self> {
        let mut things = Things::default();
        store::changes_of_things(
            tx,
            |change| if change.seq <= seq { things.follow(change) } else { Ok(()) },
        )?;
        Ok(Self(things))
    }

    /// A group at the end of the history; none where there is no such group.
    pub(crate) fn group(&self, group: i64) -> Option<GroupThen> {
        let group = self.0.all.get(&(group::KIND, group))?;
        let company_id = group.fields.get("company").and_then(Value::as_i64);
        Some(GroupThen { company_id, grants: group.grants.keys().cloned().collect() })
    }

    /// The groups that a role brings at the end of the history, by their ids; an inactive one brings none.
    pub(crate) fn brought(&self, role: i64) -> Vec<i64> {
        let role = self.0.all.get(&(role::KIND, role));
        let is_active = |role: &&Thing| role.fields.get("active").and_then(Value::as_bool) != Some(false);
        let groups = role.filter(is_active).and_then(|role| role.fields.get("groups")?.as_array());
        groups.into_iter().flatten().filter_map(Value::as_i64).collect()
    }

    /// What a person had when the row `seq` was written and has no longer, as it was called then: kinds and names.
    ///
    /// # Errors
    /// When a row of the audit does not decode, or names what there was not.
    pub(crate) fn lost_since(
        &self,
        tx: &Tx<'_>,
        (person, seq): (i64, i64),
    ) -> Result<Vec<(&'static str, String)>> {
        let mut walk = Walk::of(&self.0, person);
        let mut then = None;
        store::changes_of_person(tx, (person, i64::MAX), |change| {
            if change.seq > seq && then.is_none() {
                then = Some(walk.now(seq));
            }
            walk.follow(change)
        })?;
        let then = then.unwrap_or_else(|| walk.now(seq));
        let (Some(then), Some(now)) = (then, walk.end()) else { return Ok(Vec::new()) };
        let lost = then.without(&now).into_iter();
        Ok(lost.filter_map(|(kind, id)| Some((kind, self.0.called(kind, id, seq)?))).collect())
    }
}
