mod crash;
mod every_change;
mod in_any_order;
mod proof;
mod recorded;
mod worlds;

use std::collections::BTreeSet;

use super::State::{Discarded, Held, Superseded};
use super::{
    Action, AffectedPeople, Assignment, BinLoss, BinRemoval, Change, Done, Effect, Engine, Error, MAKING,
    Mails, Measure, Measured, Planner, Reverted, Spec, Step, Target, Users, WaitingMails, audited, store,
};
use crate::audit::{self, Event, Fields};
use crate::context::{Actor, CompanyScope, Context, Settings};
use crate::error::{Kind, Result};
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};
use crate::store::Tx;

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        store::clear_stage(tx)?;
        for sql in [store::STATEMENTS, store::OF_PROOF, store::held::STATEMENTS].concat() {
            tx.sql().prepare(sql)?;
        }
        Ok(())
    })
    .unwrap();
}

/// `operator::needs` lets who has any of these ask about runs.
#[test]
fn whatever_lets_a_run_be_made_is_what_asking_about_runs_takes() {
    let engine = crate::registry::engine();
    let verbs = ["import", "edit", "delete", "revoke", "invite"];
    // A run that invites people is one of people.
    let kinds = engine.kinds().filter(|kind| *kind != "link");
    let runs = kinds.flat_map(|kind| verbs.map(|verb| format!("{kind}.{verb}")));
    let others = ["two_factor.require", "two_factor.unrequire", "directory.sync"].map(str::to_owned);
    let made = runs.chain(others).flat_map(|run| engine.makers(&run));
    assert_eq!(made.collect::<BTreeSet<_>>(), MAKING.iter().collect());
    assert_eq!(engine.makers("group.revoke"), ["groups.edit"]);
    assert_eq!(engine.makers("user.import"), ["users.add", "users.edit"]);
    assert_eq!(engine.makers("group.delete"), ["groups.delete"]);
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_id() {
    let cx = Context::for_tests();
    let failure = cx.read(|tx| super::get(tx, "nothing")).unwrap_err();
    assert_eq!(failure.code(), "run.not_found");
}

/// A target that records each change `applied` times, and each undo `reverted` times.
struct Careless {
    applied: usize,
    reverted: usize,
}

impl Careless {
    fn record(cx: &Context, tx: &Tx<'_>, step: &Step<'_>, times: usize) -> Result<()> {
        for _ in 0..times {
            let subject = Event::of("thing.change", ("thing", 1), "it").in_run(step.run);
            audit::note(cx, tx, subject, &Fields::new())?;
        }
        Ok(())
    }
}

impl Target for Careless {
    fn kind(&self) -> &'static str {
        "thing"
    }

    fn counted(&self) -> &'static str {
        "things"
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, _: &Change) -> Result<i64> {
        Self::record(cx, tx, step, self.applied).map(|()| 1)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, _: &Done) -> Result<Reverted> {
        Self::record(cx, tx, step, self.reverted).map(|()| Reverted::Yes)
    }
}

/// Says that everybody who is reached loses something.
#[derive(Default)]
struct ForWorst {
    affected: u64,
}

impl Measure for ForWorst {
    fn before(&mut self, _: &Context, _: &Tx<'_>, affected: &AffectedPeople) -> Result<()> {
        self.affected = affected.people().len() as u64;
        Ok(())
    }

    fn after(&mut self, _: &Context, _: &Tx<'_>, _: bool) -> Result<Measured> {
        let effect = Effect { people: self.affected, ..Effect::default() };
        Ok(Measured { effect, ..Measured::default() })
    }
}

/// Who has nothing.
struct Nobody;

impl Users for Nobody {
    fn in_scope(&self, _: &Context, _: &Tx<'_>, _: &str) -> Result<u64> {
        Ok(0)
    }

    fn find(&self, _: &Context, _: &Tx<'_>, _: &str, _: &str) -> Result<(i64, String)> {
        Err(Error::NotMade.into())
    }

    fn refuse_those_above(&self, _: &Context, _: &Tx<'_>, _: &[i64]) -> Result<()> {
        Ok(())
    }

    fn losing(&self, _: &Context, _: &Tx<'_>, _: BinRemoval<'_>) -> Result<Vec<BinLoss>> {
        Ok(Vec::new())
    }

    fn let_go(
        &self,
        _: &Context,
        _: &Tx<'_>,
        _: &mut Planner<'_>,
        _: &Assignment<'_>,
        _: &[i64],
    ) -> Result<()> {
        Ok(())
    }
}

impl Mails for Nobody {
    fn unasked(&self, _: &Settings) -> u64 {
        0
    }

    fn waiting(&self, _: &Tx<'_>, _: &str, _: i64) -> Result<WaitingMails> {
        Ok(WaitingMails::default())
    }

    fn tell_held(&self, _: &Context, _: &Tx<'_>, _: &super::Run, _: &str) -> Result<()> {
        Ok(())
    }
}

fn engine_of(targets: Vec<Box<dyn Target>>) -> Engine {
    let account = |_: &Context, _: &Tx<'_>, _: i64| Err(Error::NotMade.into());
    Engine::new(targets, Box::new(ForWorst::default()), &Nobody, &Nobody, account)
}

fn careless(applied: usize, reverted: usize) -> Engine {
    engine_of(vec![Box::new(Careless { applied, reverted })])
}

fn run(cx: &Context, engine: &mut Engine) -> Result<super::Run> {
    let change = Change::creation("thing", "it".to_owned(), Fields::new());
    let spec = Spec { kind: "thing.import", source: "things.csv", repeats: true, is_whole: true };
    let plan = super::plan(cx, engine, &spec, |_, planner| planner.change(&change))?;
    Ok(super::commit(cx, engine, plan)?.run.unwrap())
}

fn rows(cx: &Context) -> i64 {
    cx.read(audit::next_seq).unwrap() - 1
}

#[test]
fn a3_a_change_without_its_audit_row_takes_the_whole_run_back() {
    for applied in [0, 2] {
        let cx = Context::for_tests();
        assert_eq!(run(&cx, &mut careless(applied, 1)).unwrap_err().code(), "run.not_one_row");
        assert_eq!(rows(&cx), 0, "nothing stands in the audit either");
    }
}

#[test]
fn a3_an_undo_without_its_audit_row_takes_nothing_back() {
    for reverted in [0, 2] {
        let cx = Context::for_tests();
        let run = run(&cx, &mut careless(1, 1)).unwrap();
        let before = rows(&cx);
        let failure = super::undo(&cx, &mut careless(1, reverted), &run.id).unwrap_err();
        assert_eq!((failure.code(), rows(&cx)), ("run.not_one_row", before));
    }
}

#[test]
fn a_kind_that_nobody_knows_is_neither_planned_nor_undone_nor_released() {
    let mut cx = Context::for_tests();
    let nobody = || engine_of(Vec::new());
    assert_eq!(run(&cx, &mut nobody()).unwrap_err().code(), "run.unknown_kind");
    let applied = run(&cx, &mut careless(1, 1)).unwrap();
    assert_eq!(super::undo(&cx, &mut nobody(), &applied.id).unwrap_err().code(), "run.unknown_kind");
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let held = held_run(&cx, "a.csv", true);
    let before = rows(&cx);
    assert_eq!(super::release(&mut cx, &mut nobody(), &held.id).unwrap_err().code(), "run.unknown_kind");
    assert_eq!(rows(&cx), before);
}

#[test]
fn what_of_a_run_does_not_read_is_an_error_that_says_where() {
    let damage = |sql: &str, look: fn(&Context, &str) -> Result<()>| {
        let cx = Context::for_tests();
        let run = run(&cx, &mut careless(1, 1)).unwrap();
        cx.write(|tx| Ok(tx.sql().execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {sql}"))?))
            .unwrap();
        look(&cx, &run.id).unwrap_err().to_string().replace(&run.id, "ID")
    };
    let show = |cx: &Context, id: &str| cx.read(|tx| super::changes(tx, id, |_, _| Ok(())));
    let list = |cx: &Context, _: &str| super::list(cx, &careless(1, 1), None, |_| Ok(()));
    for (sql, look, column) in [
        (
            "UPDATE run_changes SET before = '{'",
            show as fn(&Context, &str) -> Result<()>,
            "`before` of `run_changes`, row 1,",
        ),
        ("UPDATE run_changes SET after = '[]'", show, "`after` of `run_changes`, row 1,"),
        ("UPDATE run_changes SET ids = '7'", show, "`ids` of `run_changes`, row 1,"),
        ("UPDATE run_changes SET action = 'improve'", show, "`action` of `run_changes`, row 1,"),
        ("UPDATE runs SET summary = '{}'", list, "`summary` of `runs`, row `ID`,"),
        ("UPDATE runs SET state = 'lost'", list, "`state` of `runs`, row `ID`,"),
        ("UPDATE runs SET meant = '{'", list, "`meant` of `runs`, row `ID`,"),
    ] {
        let message = damage(sql, look);
        assert!(message.contains(column), "{sql}: {message}");
    }
}

#[test]
fn a3_a_run_that_is_not_what_was_planned_is_neither_undone_nor_released() {
    let tampers = [
        r#"UPDATE run_changes SET before = '{"superuser": true}'"#,
        r#"UPDATE run_changes SET after = '{"superuser": true}', action = 'update'"#,
        "UPDATE run_changes SET subject_id = 7",
        r#"UPDATE run_changes SET ids = '{"after": {"groups": [1]}}'"#,
        "DELETE FROM run_changes",
        "UPDATE runs SET actor_id = 2",
        "UPDATE runs SET meant = '{}'",
    ];
    let tamper = |cx: &Context, sql: &str| cx.write(|tx| Ok(tx.sql().execute_batch(sql)?)).unwrap();
    for sql in tampers.into_iter().chain(["UPDATE runs SET first_audit_seq = first_audit_seq - 1"]) {
        let cx = Context::for_tests();
        let mut engine = careless(1, 1);
        let run = run(&cx, &mut engine).unwrap();
        tamper(&cx, sql);
        let before = rows(&cx);
        let failure = super::undo(&cx, &mut engine, &run.id).unwrap_err();
        assert_eq!((failure.code(), rows(&cx)), ("run.altered", before), "{sql}");
    }
    for sql in tampers {
        let mut cx = Context::for_tests();
        cx.settings_mut().set(&BRAKE_PEOPLE, 0);
        cx.settings_mut().set(&BRAKE_PERCENT, 0);
        let run = held_run(&cx, "a.csv", true);
        tamper(&cx, sql);
        let failure =
            super::release(&mut cx, &mut engine_of(vec![Box::new(LikePeople)]), &run.id).unwrap_err();
        assert_eq!(failure.code(), "run.altered", "{sql}");
    }
}

#[test]
fn a_run_whose_maker_may_do_something_else_when_it_is_applied_stays_held_and_nobody_was_refused() {
    /// The account may edit everybody until somebody acts on its behalf.
    #[expect(clippy::unnecessary_wraps, reason = "an engine asks for it like this")]
    fn account(cx: &Context, _: &Tx<'_>, id: i64) -> Result<Actor> {
        let companies = if cx.actor.is_account(id) { CompanyScope::none() } else { CompanyScope::All };
        Ok(Actor::operator_with(&[(&["users.edit"], companies)]))
    }
    let mut cx = Context::for_tests();
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let system = std::mem::replace(&mut cx.actor, Actor::operator_with(&[]));
    let run = held_run(&cx, "a.csv", true);
    cx.actor = system.clone();
    let before = rows(&cx);
    let measure = Box::new(ForWorst::default());
    let mut engine = Engine::new(vec![Box::new(LikePeople)], measure, &Nobody, &Nobody, account);
    let failure = super::release(&mut cx, &mut engine, &run.id).unwrap_err();
    assert_eq!((failure.code(), failure.kind()), ("run.maker_changed", Kind::Busy));
    assert!(failure.to_string().starts_with("what `op@acme.example` may do has changed"), "{failure}");
    assert_eq!((rows(&cx), &cx.actor), (before, &system));
    assert_eq!(cx.read(|tx| Ok(super::get(tx, &run.id)?.state)).unwrap(), Held);
}

/// A run that the brake holds.
fn held_run(cx: &Context, source: &str, repeats: bool) -> super::Run {
    let change = Change::of(Action::Delete, "thing", ("it".to_owned(), 1), (Fields::new(), Fields::new()));
    let spec = Spec { kind: "thing.delete", source, repeats, is_whole: true };
    let mut engine = engine_of(vec![Box::new(LikePeople)]);
    let plan = super::plan(cx, &mut engine, &spec, |_, planner| planner.change(&change)).unwrap();
    super::commit(cx, &mut engine, plan).unwrap().run.unwrap()
}

#[test]
fn a_held_run_is_ended_by_hand_or_by_a_newer_of_the_same_source_and_cannot_be_released_then() {
    let mut cx = Context::for_tests();
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let held = |source: &str, repeats: bool| held_run(&cx, source, repeats);
    let state = |id: &str| cx.read(|tx| Ok(super::get(tx, id)?.state)).unwrap();
    let (first, other, named) = (held("a.csv", true), held("b.csv", true), held("2 named", false));
    let second = held("a.csv", true);
    held("2 named", false);
    assert_eq!([&first, &other, &named, &second].map(|run| state(&run.id)), [Superseded, Held, Held, Held]);
    super::discard(&cx, &mut engine_of(vec![Box::new(LikePeople)]), &second.id).unwrap();
    assert_eq!(state(&second.id), Discarded);
    for run in [first, second] {
        let mut engine = engine_of(vec![Box::new(LikePeople)]);
        assert_eq!(super::discard(&cx, &mut engine, &run.id).unwrap_err().code(), "run.not_held");
        assert_eq!(super::release(&mut cx, &mut engine, &run.id).unwrap_err().code(), "run.not_held");
        assert_eq!(super::undo(&cx, &mut engine, &run.id).unwrap_err().code(), "run.not_applied");
    }
}

/// A target whose things are counted as people are.
struct LikePeople;

impl Target for LikePeople {
    fn kind(&self) -> &'static str {
        "thing"
    }

    fn counted(&self) -> &'static str {
        "people"
    }

    fn affected(&self, _: &Tx<'_>, change: &Change, affected: &mut AffectedPeople) -> Result<()> {
        change.subject_id.into_iter().for_each(|id| affected.person(id));
        Ok(())
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, _: &Change) -> Result<i64> {
        Careless::record(cx, tx, step, 1).map(|()| 1)
    }

    fn revert(&mut self, _: &Context, _: &Tx<'_>, _: &Step<'_>, _: &Done) -> Result<Reverted> {
        Ok(Reverted::gone())
    }
}

#[test]
fn a_row_about_a_run_that_tells_nothing_known_does_not_tell_that_it_was_applied() {
    let cx = Context::for_tests();
    let told = |action: &str| {
        let row =
            cx.write(|tx| audit::note(&cx, tx, Event::without_id(action, "run", action), &Fields::new()));
        let seq = row.unwrap();
        let told = cx.read(|tx| audited::audited(tx, action));
        told.map(|run| (run.unwrap().first, seq)).map_err(|failure| failure.code())
    };
    let (first, seq) = told("user.import").unwrap();
    assert_eq!(first, Some(seq + 1));
    for action in ["run.discard.undo", "user.import.undo"] {
        assert_eq!(told(action), Err("audit.damaged"), "{action}");
    }
}
