//! How everything was called, and what groups granted and roles brought, when the audit had come to some row.

use std::ops::Range;

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
#[derive(Debug)]
pub(crate) struct History(Things);

/// The history until a row, kept for whoever asks about many rows one after the other: between those by which people came to
/// the bin there is seldom one about anything else, and each walk goes through all of those.
#[derive(Debug, Default)]
pub(crate) struct KeptHistory(Option<(Range<i64>, History)>);

/// A group as it was.
pub(crate) struct GroupThen {
    /// Its company; none when it was for all.
    pub(crate) company_id: Option<i64>,
    /// What it granted: each permission with its company, or none for all.
    pub(crate) grants: Vec<(String, Option<i64>)>,
}

impl KeptHistory {
    /// What the audit had told when it had come to the row `seq`.
    ///
    /// # Errors
    /// When a row of the audit does not decode, or names what there was not.
    pub(crate) fn until(&mut self, tx: &Tx<'_>, seq: i64) -> Result<&History> {
        let kept = match self.0.take() {
            Some(kept) if kept.0.contains(&seq) => kept,
            _ => {
                let (last, history) = History::until(tx, seq)?;
                (last..store::unchanged_until(tx, seq)?, history)
            }
        };
        Ok(&self.0.insert(kept).1)
    }
}

impl History {
    /// What the audit tells up to now.
    ///
    /// # Errors
    /// When a row of the audit does not decode, or names what there was not.
    pub(crate) fn of(tx: &Tx<'_>) -> Result<Self> {
        Ok(Self::until(tx, i64::MAX)?.1)
    }

    /// What the audit had told when it had come to the row `seq`, and the last row that told anything of it.
    fn until(tx: &Tx<'_>, seq: i64) -> Result<(i64, Self)> {
        let (mut last, mut things) = (0, Things::default());
        store::changes_of_things(tx, seq, |change| {
            last = change.seq;
            things.follow(change)
        })?;
        Ok((last, Self(things)))
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

#[cfg(test)]
mod tests {
    use super::{History, KeptHistory};
    use crate::group;
    use crate::state::tests::{last_row, site};
    use crate::user::avatar::PhotoChange;
    use crate::user::{Facts, edit};

    /// One walk answers for all rows between two that are about things, and another row has another.
    #[test]
    fn what_is_kept_of_the_history_is_what_a_walk_of_its_own_tells() {
        let cx = site();
        let make = |name: &str| {
            group::create(&cx, &group::New { name: name.into(), ..Default::default() }, None, false).unwrap();
        };
        let call = |name: &str| {
            let change = |facts: &mut Facts| {
                facts.first_name = Some(name.to_owned());
                Ok(())
            };
            edit::edit(&cx, "ann@acme.example", &PhotoChange::Keep, change).unwrap();
        };
        make("Here");
        let between = ["Anna", "Anne", "Annie"].map(|name| {
            call(name);
            last_row(&cx)
        });
        make("There");
        let all: Vec<i64> = (1..=last_row(&cx)).collect();
        let told = |history: &History| (1..9).map(|id| history.group(id).is_some()).collect::<Vec<_>>();
        cx.read(|tx| {
            let mut kept = KeptHistory::default();
            for &seq in all.iter().chain(all.iter().rev()) {
                let own = told(&History::until(tx, seq)?.1);
                assert_eq!(told(kept.until(tx, seq)?), own, "{seq}");
            }
            let mut walks = Vec::new();
            for seq in between {
                kept.until(tx, seq)?;
                walks.push(kept.0.as_ref().map(|(rows, _)| rows.clone()));
            }
            walks.dedup();
            assert_eq!(walks.len(), 1, "{walks:?}");
            Ok(())
        })
        .unwrap();
    }
}
