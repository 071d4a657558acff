//! Plan, commit and undo over random worlds that others change in between: what was refused is named, and an undo gives
//! back what there was.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::super::{self as run, Ask, Committed, Effect, State};
use crate::audit::{self, Proof};
use crate::context::Context;
use crate::error::Result;
use crate::permission::tests::board::{Site, Step, step};
use crate::registry::engine;
use crate::role;
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT, Left, Run, Undone};
use crate::store::Store;
use crate::user::bulk::{self, Verb, Who};
use crate::user::import::tests::plan_of_files;
use crate::user::import::{Bad, OnExisting, Options};
use crate::{company, group};

/// Tables with the column that says whose each row is.
const TABLES: [(&str, &str, &str); 10] = [
    ("user", "users", "id"),
    ("user", "user_roles", "user_id"),
    ("user", "memberships", "user_id"),
    ("group", "groups", "id"),
    ("group", "grants", "group_id"),
    ("role", "roles", "id"),
    ("role", "role_companies", "role_id"),
    ("role", "role_groups", "role_id"),
    ("role", "role_modules", "role_id"),
    ("company", "companies", "id"),
];

/// What there is to each thing; when it was written last is told apart.
pub(super) type World = BTreeMap<(&'static str, i64), BTreeSet<String>>;

/// The audit row of the last change of each thing.
pub(super) type Revisions = BTreeMap<(&'static str, i64), i64>;

/// All that there is.
pub(super) fn world(cx: &Context) -> (World, Revisions) {
    let (mut world, mut revisions) = (World::new(), Revisions::new());
    cx.read(|tx| {
        for (kind, table, owner) in TABLES {
            let mut statement = tx.sql().prepare(&format!("SELECT * FROM {table}"))?;
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let of = (kind, row.get(owner)?);
                let mut told = String::from(table);
                for (place, name) in names.iter().enumerate() {
                    match name.as_str() {
                        "revision" => drop(revisions.insert(of, row.get(place)?)),
                        "created_at" | "updated_at" => {}
                        _ => write!(told, " {name}={:?}", row.get::<_, Value>(place)?).unwrap(),
                    }
                }
                world.entry(of).or_default().insert(told);
            }
        }
        Ok(())
    })
    .unwrap();
    (world, revisions)
}

/// Checks that there is the same, and tells what differs.
#[track_caller]
pub(super) fn assert_same(now: &World, expected: &World) {
    let without = |world: &World, other: &World| {
        let differing = world.iter().filter(|(of, rows)| other.get(of) != Some(rows));
        differing.map(|(of, rows)| (*of, rows.clone())).collect::<World>()
    };
    assert_eq!(without(now, expected), without(expected, now));
}

/// What is planned.
#[derive(Debug, Clone)]
pub(super) enum Planned {
    /// A verb for some.
    Some(Vec<usize>, Change),
    /// A verb for everybody.
    All(Change),
    /// A file that makes some and changes others.
    File(Vec<usize>, usize),
}

/// What is done to each person.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Switch(bool),
    Delete,
    Role(usize, bool),
    Group(usize, bool),
}

fn change() -> impl Strategy<Value = Change> {
    let n = || 0..4_usize;
    prop_oneof![
        any::<bool>().prop_map(Change::Switch),
        Just(Change::Delete),
        (n(), any::<bool>()).prop_map(|(role, on)| Change::Role(role, on)),
        (n(), any::<bool>()).prop_map(|(group, on)| Change::Group(group, on)),
    ]
}

pub(super) fn planned() -> impl Strategy<Value = Planned> {
    let some = || proptest::collection::vec(0..8_usize, 1..5);
    prop_oneof![
        (some(), change()).prop_map(|(people, change)| Planned::Some(people, change)),
        change().prop_map(Planned::All),
        (some(), 0..4_usize).prop_map(|(people, group)| Planned::File(people, group)),
    ]
}

/// A change of a group or role that takes something.
#[derive(Debug, Clone, Copy)]
pub(super) enum Proposed {
    DeleteGroup(usize),
    DeleteRole(usize),
    DeleteCompany(usize),
    SwitchRoleOff(usize),
    KeepGroup(usize, usize),
    KeepRole(usize, usize),
}

pub(super) fn proposed() -> impl Strategy<Value = Proposed> {
    let n = || 0..4_usize;
    prop_oneof![
        n().prop_map(Proposed::DeleteGroup),
        n().prop_map(Proposed::DeleteRole),
        n().prop_map(Proposed::DeleteCompany),
        n().prop_map(Proposed::SwitchRoleOff),
        (n(), n()).prop_map(|(group, company)| Proposed::KeepGroup(group, company)),
        (n(), n()).prop_map(|(role, company)| Proposed::KeepRole(role, company)),
    ]
}

/// People in groups that grant something, by hand and by roles.
const SOMETHING_TO_TAKE: [Step; 8] = [
    Step::Grant(0, 0, None),
    Step::Grant(1, 1, None),
    Step::Grant(2, 2, None),
    Step::AddGroup(1, 0),
    Step::AddGroup(2, 2),
    Step::AddRole(1, 1, true),
    Step::AddRole(2, 0, true),
    Step::AddRole(3, 0, true),
];

pub(super) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 0..most)
}

/// A site in a file, which others have open too.
pub(super) struct Shared {
    /// Goes with this.
    _folder: TempDir,
    pub(super) site: Site,
    pub(super) others: Site,
}

impl Shared {
    pub(super) fn after(steps: &[Step]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut site = Site::of(Context { store: Store::create(&path).unwrap(), ..Context::for_tests() });
        for step in SOMETHING_TO_TAKE.iter().chain(steps) {
            site.take(*step);
        }
        let others = site.to_others(Context { store: Store::open(&path).unwrap(), ..Context::for_tests() });
        Self { _folder: folder, site, others }
    }

    fn verb(&self, change: Change) -> Verb {
        match change {
            Change::Switch(true) => Verb::Activate,
            Change::Switch(false) => Verb::Deactivate,
            Change::Delete => Verb::Delete,
            Change::Role(n, true) => Verb::AddRole { role: self.site.role(n), with_groups: true },
            Change::Role(n, false) => Verb::RemoveRole(self.site.role(n)),
            Change::Group(n, true) => Verb::AddGroup(self.site.group(n).name),
            Change::Group(n, false) => Verb::RemoveGroup(self.site.group(n).name),
        }
    }

    pub(super) fn plan(&self, planned: &Planned) -> Result<run::Plan> {
        let cx = &self.site.cx;
        match planned {
            Planned::Some(people, change) => {
                let names = people.iter().map(|n| self.site.person(*n)).collect();
                bulk::plan(cx, &mut engine(), &Who::Named(names), &self.verb(*change), |_, _| ())
            }
            Planned::All(change) => {
                let who = Who::Filtered(Box::default(), "everybody".to_owned());
                bulk::plan(cx, &mut engine(), &who, &self.verb(*change), |_, _| ())
            }
            Planned::File(people, group) => self.plan_import(people, &self.site.group(*group).name),
        }
    }

    /// Two who come to be, and some who get a new name and a group.
    fn plan_import(&self, people: &[usize], group: &str) -> Result<run::Plan> {
        let mut text = String::from("email,first_name,last_name,company,groups\n");
        let company = self.site.company(0);
        let emails: BTreeSet<String> = people.iter().map(|n| self.site.person(*n)).collect();
        for email in emails.iter().map(String::as_str).chain(["p501@acme.example", "new@acme.example"]) {
            writeln!(text, "{email},New,Name,{company},{group}").unwrap();
        }
        let options = Options { on_existing: OnExisting::Update, partial: true, ..Options::default() };
        plan_of_files(&self.site.cx, &[text], &options, &mut Bad::default())
    }

    pub(super) fn propose(&self, proposed: Proposed, ask: &Ask<'_>) -> Result<Committed> {
        let (cx, site) = (&self.site.cx, &self.site);
        match proposed {
            Proposed::DeleteGroup(n) => {
                group::delete(cx, &mut engine(), &site.group(n), true, ask).map(|deleted| deleted.committed)
            }
            Proposed::DeleteRole(n) => {
                role::delete(cx, &mut engine(), &site.role(n), true, ask).map(|deleted| deleted.committed)
            }
            Proposed::SwitchRoleOff(n) => {
                let off = role::Edit { active: Some(false), ..Default::default() };
                role::edit(cx, &mut engine(), &site.role(n), &off, ask).map(|edited| edited.committed)
            }
            Proposed::DeleteCompany(n) => {
                company::delete(cx, &mut engine(), &site.company(n)).map(|(_, committed)| committed)
            }
            Proposed::KeepGroup(n, company) => {
                let kept = group::Edit { company: Some(site.company(company)), ..Default::default() };
                group::edit(cx, &mut engine(), &site.group(n), &kept, ask).map(|edited| edited.committed)
            }
            Proposed::KeepRole(n, company) => {
                let companies = role::Changes { add: vec![site.company(company)], ..Default::default() };
                let kept = role::Edit { companies, force: true, ..Default::default() };
                role::edit(cx, &mut engine(), &site.role(n), &kept, ask).map(|edited| edited.committed)
            }
        }
    }

    pub(super) fn world(&self) -> (World, Revisions) {
        world(&self.others.cx)
    }

    pub(super) fn assert_proved(&self) {
        let verdict =
            audit::verify(&self.others.cx, Proof { state: Some(crate::state::TABLES), ..Proof::default() })
                .unwrap();
        assert_eq!((verdict.broken, verdict.state.unwrap().first), (None, Vec::new()));
    }

    /// Checks that what was left out of a run is named and is as it was, as is all that the run does not change.
    pub(super) fn assert_left_out_as_it_was(&self, run: &Run, committed: &Committed, before: &World) {
        let now = self.world().0;
        let mut untouched: World = before.clone();
        let mut left = Vec::new();
        self.site
            .cx
            .read(|tx| {
                run::changes(tx, &run.id, |change, left_out| {
                    match (left_out.of_run, change.subject_id) {
                        (Some(why), _) => left.push((change.subject, why)),
                        (None, Some(id)) => {
                            let of = KINDS.into_iter().find(|kind| *kind == change.kind).unwrap();
                            assert!(
                                untouched.remove(&(of, id)).is_some(),
                                "{} was not there",
                                change.subject
                            );
                        }
                        (None, None) => {}
                    }
                    Ok(())
                })
            })
            .unwrap();
        assert_eq!(committed.left.named, left);
        for (of, rows) in &untouched {
            assert_eq!(now.get(of), Some(rows), "{of:?}");
        }
    }

    /// Takes a run back that nobody changed anything after, and checks that all is as it was before.
    fn assert_undone_is(&self, run: &Run, before: &World) {
        let undone = run::undo(&self.site.cx, &mut engine(), &run.id).unwrap();
        assert_eq!((undone.left, undone.without), (Left::default(), Left::default()));
        assert_same(&self.world().0, before);
        let run = self.site.cx.read(|tx| run::get(tx, &run.id)).unwrap();
        assert_eq!(run.state, State::Undone);
    }

    /// Takes a run back after others changed things, and checks that each subject is as it was before the run, but for what
    /// is told to be gone, or named and as the others left it.
    fn assert_undone_but_for_what_is_named(&mut self, run: &Run, before: &World, later: &[Step]) {
        let applied = self.world().1;
        for step in later {
            self.others.take(*step);
        }
        let (meanwhile, revisions) = self.world();
        let undone = run::undo(&self.site.cx, &mut engine(), &run.id);
        let now = self.world().0;
        let Ok(undone) = undone else {
            return assert_same(&now, &meanwhile);
        };
        let mut changed = BTreeMap::new();
        self.site
            .cx
            .read(|tx| {
                super::super::store::each_done(tx, run, false, |_, _, done| {
                    let of = KINDS.into_iter().find(|kind| *kind == done.change.kind).unwrap();
                    changed.insert((of, done.subject_id), done.change.subject);
                    Ok(())
                })
            })
            .unwrap();
        for (of, subject) in &changed {
            let is_left = assert_told(&undone, (of, subject), &now, (before, &meanwhile));
            let is_without = undone.without.named.iter().any(|(other, _)| other == subject);
            assert!(
                is_left || is_without || applied.get(of) == revisions.get(of),
                "{subject} was changed since"
            );
        }
        for (of, rows) in meanwhile.iter().filter(|(of, _)| !changed.contains_key(of)) {
            assert_eq!(now.get(of), Some(rows), "{of:?}");
        }
    }
}

/// Checks that a subject is as it was before the run that was undone, but for as many roles and groups as it is told to be
/// without; or that it is named and as it was meanwhile, which is told.
pub(super) fn assert_told(
    undone: &Undone,
    (of, subject): (&(&'static str, i64), &str),
    now: &World,
    (before, meanwhile): (&World, &World),
) -> bool {
    let told =
        |left: &Left| left.named.iter().find(|(other, _)| other == subject).map(|(_, what)| what.clone());
    if told(&undone.left).is_some() {
        assert_eq!(now.get(of), meanwhile.get(of), "{subject}, left");
        return true;
    }
    let Some(without) = told(&undone.without) else {
        assert_eq!(now.get(of), before.get(of), "{subject}");
        return false;
    };
    let (now, before) = (&now[of], &before[of]);
    assert_eq!(now.difference(before).next(), None, "{subject}, without {without}");
    assert_eq!(
        before.len() - now.len(),
        without.split(", ").count(),
        "{subject}, without {without}: {now:#?}"
    );
    false
}

/// The kinds of things.
pub(super) const KINDS: [&str; 4] = ["user", "group", "role", "company"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn a3_plan_commit_and_undo_give_back_what_others_made_meanwhile(
        first in steps(30),
        planned in planned(),
        meanwhile in steps(10),
        is_held in any::<bool>(),
        later in steps(6),
    ) {
        let mut shared = Shared::after(&first);
        if is_held {
            shared.site.cx.settings_mut().set(&BRAKE_PEOPLE, 0);
            shared.site.cx.settings_mut().set(&BRAKE_PERCENT, 0);
        }
        let Ok(plan) = shared.plan(&planned) else { return Ok(()) };
        for step in &meanwhile {
            shared.others.take(*step);
        }
        let mut before = shared.world().0;
        let Ok(mut committed) = run::commit(&shared.site.cx, &mut engine(), plan) else {
            assert_same(&shared.world().0, &before);
            return Ok(());
        };
        if let Some(held) = committed.run.as_ref().filter(|run| run.state == State::Held) {
            assert_same(&shared.world().0, &before);
            for step in &later {
                shared.others.take(*step);
            }
            before = shared.world().0;
            let Ok(released) = run::release(&mut shared.site.cx, &mut engine(), &held.id) else {
                assert_same(&shared.world().0, &before);
                return Ok(());
            };
            committed = released;
        }
        let Some(run) = committed.run.as_ref() else {
            assert_same(&shared.world().0, &before);
            return Ok(());
        };
        shared.assert_left_out_as_it_was(run, &committed, &before);
        shared.assert_proved();
        if is_held {
            shared.assert_undone_is(run, &before);
        } else {
            shared.assert_undone_but_for_what_is_named(run, &before, &later);
        }
        shared.assert_proved();
    }

    #[test]
    fn a3_a_change_that_takes_something_is_whole_or_refused_whatever_others_do_while_it_is_asked(
        first in steps(40),
        proposed in proposed(),
        meanwhile in steps(6),
    ) {
        let shared = Shared::after(&first);
        let asked = RefCell::new(None);
        let others = RefCell::new(shared.others);
        let question = |_: &Effect| {
            for step in &meanwhile {
                others.borrow_mut().take(*step);
            }
            *asked.borrow_mut() = Some(world(&others.borrow().cx).0);
            Ok(true)
        };
        let shared = Shared { others: shared.site.to_others(Context::for_tests()), ..shared };
        let committed = shared.propose(proposed, &Ask { with_losses: true, question: &question });
        let shared = Shared { others: others.into_inner(), ..shared };
        // Who was not asked lost nothing: then it was a plain change.
        let Some(before) = asked.take() else { return Ok(()) };
        match committed.map(|committed| committed.run) {
            Ok(Some(run)) => shared.assert_undone_is(&run, &before),
            Ok(None) => prop_assert!(false, "it took something, and is no run"),
            Err(_) => assert_same(&shared.world().0, &before),
        }
        shared.assert_proved();
    }
}
