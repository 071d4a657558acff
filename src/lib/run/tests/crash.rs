//! A kill at any moment of a run: what the disk holds then is opened again, and is as it was before.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::super::{
    self as run, AffectedPeople, Change, Coming, Done, Engine, Measure, Measured, Reverted, Run, Spec, State,
    Step, Target,
};
use super::worlds::{World, world};
use crate::audit::{self, Fields, Proof};
use crate::context::Context;
use crate::error::Result;
use crate::operator::acting_account;
use crate::permission::Losses;
use crate::permission::tests::board::Site;
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};
use crate::store::{Store, Tx};
use crate::user::Notices;
use crate::user::bulk::Everybody;
use crate::user::target::UserTarget;

/// All that a store holds of people, what they are in, runs and the audit.
#[derive(Debug, PartialEq)]
struct Held {
    world: World,
    runs: Vec<(String, i64)>,
    next_row: i64,
}

impl Held {
    /// What is in a store, which is proved to be whole.
    fn in_store(store: Store) -> Self {
        let cx = Context { store, ..Context::for_tests() };
        let verdict =
            audit::verify(&cx, Proof { state: Some(crate::state::TABLES), ..Proof::default() }).unwrap();
        assert_eq!((verdict.broken, verdict.damages), (None, Vec::new()));
        assert_eq!(verdict.state.unwrap().first, []);
        let runs = cx.read(|tx| {
            let sql =
                "SELECT state, (SELECT count(*) FROM run_changes WHERE run_id = id) FROM runs ORDER BY rowid";
            let mut statement = tx.sql().prepare(sql)?;
            let runs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(runs.collect::<rusqlite::Result<_>>()?)
        });
        Self { world: world(&cx).0, runs: runs.unwrap(), next_row: cx.read(audit::next_seq).unwrap() }
    }

    /// What is found after a kill at this moment.
    fn after_a_kill(path: &Path) -> Self {
        let elsewhere = tempfile::tempdir().unwrap();
        let copy = elsewhere.path().join("s.db");
        fs::copy(path, &copy).unwrap();
        fs::copy(path.with_extension("db-wal"), copy.with_extension("db-wal")).unwrap();
        Self::in_store(Store::open(&copy).unwrap())
    }
}

/// A store in which is looked, at each moment of a run, what a kill would leave.
struct Watch {
    path: PathBuf,
    before: Held,
    looks: Cell<usize>,
}

impl Watch {
    fn look(&self) {
        self.looks.set(self.looks.get() + 1);
        assert_eq!(Held::after_a_kill(&self.path), self.before);
    }
}

struct Watched<T>(T, Rc<Watch>);

impl<T> Watched<T> {
    fn around<R>(&mut self, work: impl FnOnce(&mut T) -> R) -> R {
        self.1.look();
        let done = work(&mut self.0);
        self.1.look();
        done
    }
}

impl<T: Target> Target for Watched<T> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn counted(&self) -> &'static str {
        self.0.counted()
    }

    fn affected(&self, tx: &Tx<'_>, change: &Change, affected: &mut AffectedPeople) -> Result<()> {
        self.0.affected(tx, change, affected)
    }

    fn begin(&mut self, cx: &Context, tx: &Tx<'_>, coming: &Coming<'_>) -> Result<()> {
        self.around(|target| target.begin(cx, tx, coming))
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        self.around(|target| target.apply(cx, tx, step, change))
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        self.around(|target| target.revert(cx, tx, step, done))
    }

    fn finish(&mut self, cx: &Context, tx: &Tx<'_>) -> Result<()> {
        self.around(|target| target.finish(cx, tx))
    }
}

impl<T: Measure> Measure for Watched<T> {
    fn before(&mut self, cx: &Context, tx: &Tx<'_>, affected: &AffectedPeople) -> Result<()> {
        self.around(|measure| measure.before(cx, tx, affected))
    }

    fn after(&mut self, cx: &Context, tx: &Tx<'_>, with_losses: bool) -> Result<Measured> {
        self.around(|measure| measure.after(cx, tx, with_losses))
    }
}

/// Does something with an engine that is watched, and checks that afterwards a kill leaves all of it.
fn watched<T>(site: &mut Site, path: &Path, work: impl FnOnce(&mut Site, &mut Engine, &Watch) -> T) -> T {
    // So that changes go to the log before they are committed.
    site.read(|tx| Ok(tx.sql().execute_batch("PRAGMA cache_size = 1")?));
    let before = Held::after_a_kill(path);
    let watch = Rc::new(Watch { path: path.to_owned(), before, looks: Cell::new(0) });
    let people = Watched(UserTarget::default(), Rc::clone(&watch));
    let measure = Watched(Losses::default(), Rc::clone(&watch));
    let mut engine =
        Engine::new(vec![Box::new(people)], Box::new(measure), &Everybody, &Notices, acting_account);
    let done = work(site, &mut engine, &watch);
    assert!(watch.looks.get() >= 10, "{}", watch.looks.get());
    let after = Held::after_a_kill(path);
    assert_ne!(after, watch.before, "it was done");
    assert_eq!(after.world, world(&site.cx).0);
    done
}

/// Switches three people off.
fn switch_off(site: &Site, engine: &mut Engine, watch: &Watch) -> Run {
    let spec = Spec { kind: "user.deactivate", source: "3 named", repeats: false, is_whole: false };
    let people = site.people(false).into_iter().filter(|user| !user.facts.superuser);
    let plan = run::plan(&site.cx, engine, &spec, |_, planner| {
        for user in people {
            let switch = |on: bool| Fields::from_iter([("active".to_owned(), on.into())]);
            let subject = (user.facts.email, user.id);
            let change = Change::of(run::Action::Deactivate, "user", subject, (switch(true), switch(false)));
            watch.look();
            planner.change(&change)?;
        }
        watch.look();
        Ok(())
    });
    run::commit(&site.cx, engine, plan.unwrap()).unwrap().run.unwrap()
}

#[test]
fn a13_a_kill_at_any_moment_of_a_run_leaves_all_or_nothing_of_it() {
    for is_held in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut site = Site::of(Context { store: Store::create(&path).unwrap(), ..Context::for_tests() });
        if is_held {
            site.cx.settings_mut().set(&BRAKE_PEOPLE, 0);
            site.cx.settings_mut().set(&BRAKE_PERCENT, 0);
        }
        let mut run = watched(&mut site, &path, |site, engine, watch| switch_off(site, engine, watch));
        if is_held {
            assert_eq!(run.state, State::Held);
            let released =
                watched(&mut site, &path, |site, engine, _| run::release(&mut site.cx, engine, &run.id));
            run = released.unwrap().run.unwrap();
        }
        assert_eq!(run.state, State::Applied);
        let undone = watched(&mut site, &path, |site, engine, _| run::undo(&site.cx, engine, &run.id));
        assert_eq!(undone.unwrap().reverted, 3);
    }
}
