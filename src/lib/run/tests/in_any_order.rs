//! Runs that are made, held, released and taken back in any order, while others change things: whatever is taken back is as
//! it was before its run, or is named and as it was before the undo.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::{self as run, Ask, Change, Committed, State};
use super::worlds::{
    KINDS, Planned, Proposed, Shared, World, assert_same, assert_told, planned, proposed, steps,
};
use crate::error::{Kind, Result};
use crate::permission::tests::board::{Step, step};
use crate::registry::engine;
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};

/// What happens next; a number says with which of the runs there are.
#[derive(Debug, Clone)]
enum Deed {
    Others(Step),
    Plan(Planned, bool),
    Propose(Proposed, bool),
    Release(usize),
    Undo(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => step().prop_map(Deed::Others),
        4 => (planned(), any::<bool>()).prop_map(|(planned, is_held)| Deed::Plan(planned, is_held)),
        2 => (proposed(), any::<bool>()).prop_map(|(proposed, is_held)| Deed::Propose(proposed, is_held)),
        2 => (0..3_usize).prop_map(Deed::Release),
        5 => (0..4_usize).prop_map(Deed::Undo),
    ]
}

/// A thing, by its kind and id.
type Of = (&'static str, i64);

/// A run that was applied.
struct Past {
    id: String,
    /// What there was.
    before: World,
    /// What it changed and was not taken back yet, with how it is told.
    changed: BTreeMap<Of, Change>,
}

/// The runs of a site.
struct Runs {
    shared: Shared,
    held: Vec<String>,
    applied: Vec<Past>,
}

impl Runs {
    fn take(&mut self, deed: Deed) {
        match deed {
            Deed::Others(step) => self.shared.others.take(step),
            Deed::Plan(planned, is_held) => self.make(is_held, |shared| {
                shared.plan(&planned).and_then(|plan| run::commit(&shared.site.cx, &mut engine(), plan))
            }),
            Deed::Propose(proposed, is_held) => {
                self.make(is_held, |shared| shared.propose(proposed, &Ask::nothing(true)));
            }
            Deed::Release(n) => self.release(n),
            Deed::Undo(n) => self.undo(n),
        }
        self.shared.assert_proved();
    }

    fn make(&mut self, is_held: bool, work: impl FnOnce(&Shared) -> Result<Committed>) {
        let settings = self.shared.site.cx.settings_mut();
        settings.set(&BRAKE_PEOPLE, if is_held { 0 } else { 1000 });
        settings.set(&BRAKE_PERCENT, if is_held { 0 } else { 100 });
        let before = self.shared.world().0;
        let made = work(&self.shared);
        self.keep(before, made);
    }

    fn release(&mut self, n: usize) {
        if self.held.is_empty() {
            return;
        }
        let held = self.held.remove(n % self.held.len());
        let before = self.shared.world().0;
        let released = run::release(&mut self.shared.site.cx, &mut engine(), &held);
        self.keep(before, released);
    }

    fn keep(&mut self, before: World, made: Result<Committed>) {
        let committed = match made {
            Ok(committed) => committed,
            Err(failure) => {
                assert_ne!(failure.kind(), Kind::Bug, "{failure}");
                return assert_same(&self.shared.world().0, &before);
            }
        };
        let Some(run) = &committed.run else { return };
        if run.state == State::Held {
            assert_same(&self.shared.world().0, &before);
            return self.held.push(run.id.clone());
        }
        self.shared.assert_left_out_as_it_was(run, &committed, &before);
        let mut changed = BTreeMap::new();
        let each = |_, _, done: run::Done| {
            let of = KINDS.into_iter().find(|kind| *kind == done.change.kind).unwrap();
            changed.insert((of, done.subject_id), done.change);
            Ok(())
        };
        self.shared.site.read(|tx| super::super::store::each_done(tx, run, false, each));
        self.applied.push(Past { id: run.id.clone(), before, changed });
    }

    /// Takes a run back, and checks that each of its subjects is as it was before the run, or named and left.
    fn undo(&mut self, n: usize) {
        let Some(n) = self.applied.len().checked_sub(1 + n % self.applied.len().max(1)) else { return };
        let past = self.applied.get_mut(n).unwrap();
        let meanwhile = self.shared.world().0;
        let undone = run::undo(&self.shared.site.cx, &mut engine(), &past.id);
        let now = self.shared.world().0;
        let undone = match undone {
            Ok(undone) => undone,
            Err(failure) => {
                assert_ne!(failure.kind(), Kind::Bug, "{failure}");
                return assert_same(&now, &meanwhile);
            }
        };
        for (of, rows) in meanwhile.iter().filter(|(of, _)| !past.changed.contains_key(of)) {
            assert_eq!(now.get(of), Some(rows), "{of:?}");
        }
        let mut given_back = Vec::new();
        past.changed.retain(|of, change| {
            let subject = change.subject.as_str();
            let is_left = undone.left.named.iter().any(|(other, _)| other == subject);
            if is_left || !change.ids.before.contains_key("lost") {
                return assert_told(&undone, (of, subject), &now, (&past.before, &meanwhile));
            }
            // Whoever is back from the bin may have got something else since.
            let holdings = holdings(&now, of, change);
            assert_eq!(holdings, self::holdings(&past.before, of, change), "{subject}");
            given_back.extend(holdings.into_iter().map(|row| (*of, row)));
            false
        });
        let mut later = n + 1;
        if past.changed.is_empty() {
            self.applied.remove(n);
            later = n;
        }
        // Who got back in the bin what was taken from them there has it when their own deletion is undone too.
        for (of, row) in given_back {
            let later = self.applied.iter_mut().skip(later).filter_map(|past| past.before.get_mut(&of));
            for rows in later {
                rows.insert(row.clone());
            }
        }
    }
}

/// What somebody has of the kinds that a change took.
fn holdings(world: &World, of: &Of, change: &Change) -> BTreeSet<String> {
    let tables = [("roles", "user_roles "), ("groups", "memberships ")];
    let tables = tables.into_iter().filter(|(field, _)| change.before.contains_key(*field));
    let rows = world.get(of).into_iter().flatten();
    rows.filter(|row| tables.clone().any(|(_, table)| row.starts_with(table))).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn a3_runs_taken_back_in_any_order_give_back_what_there_was_or_name_it(
        first in steps(20),
        deeds in proptest::collection::vec(deed(), 1..16),
    ) {
        let mut runs = Runs { shared: Shared::after(&first), held: Vec::new(), applied: Vec::new() };
        for deed in deeds {
            runs.take(deed);
        }
    }
}
