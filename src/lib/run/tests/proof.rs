//! Whatever is changed of runs past secboard is found.

use super::super::{self as run, State};
use crate::audit::{self, Proof};
use crate::company;
use crate::context::Context;
use crate::group;
use crate::registry::engine;
use crate::run::Run;
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};
use crate::store::Store;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb, Who};
use crate::user::{Facts, create, edit};

/// Makes a company of four people who are in nothing, and a group.
fn fill(cx: &Context) {
    company::create(cx, &company::New { name: "Acme".to_owned(), ..Default::default() }, false).unwrap();
    for name in ["a", "b", "c", "d"] {
        let facts = Facts {
            first_name: Some(name.to_owned()),
            last_name: Some("X".to_owned()),
            company: Some("Acme".to_owned()),
            ..Facts::new(format!("{name}@acme.example"))
        };
        create::create(cx, facts, None, false).unwrap();
    }
    group::create(cx, &group::New { name: "Readers".to_owned(), ..Default::default() }, None, false).unwrap();
}

fn several(cx: &Context, names: &[&str], verb: &Verb) -> Run {
    let who = Who::Named(names.iter().map(|name| format!("{name}@acme.example")).collect());
    let plan = bulk::plan(cx, &mut engine(), &who, verb, |_, _| ()).unwrap();
    run::commit(cx, &mut engine(), plan).unwrap().run.unwrap()
}

fn rename(cx: &Context, name: &str) {
    edit::edit(cx, &format!("{name}@acme.example"), &PhotoChange::Keep, |facts| {
        facts.first_name = Some(format!("{}x", facts.first_name.as_deref().unwrap_or_default()));
        Ok(())
    })
    .unwrap();
}

/// Runs in every state: one applied, one with a change left out, one undone, one that an undo took back but for a person,
/// one of which it took back nothing, one held, one discarded and one superseded.
fn with_runs() -> Context {
    let mut cx = Context::for_tests();
    fill(&cx);
    cx.reason = Some("tidying up".to_owned());
    let put_in = Verb::AddGroup("Readers".to_owned());
    several(&cx, &["a", "b"], &put_in);
    let undone = several(&cx, &["c", "d"], &put_in);
    run::undo(&cx, &mut engine(), &undone.id).unwrap();
    let partly = several(&cx, &["c", "d"], &put_in);
    rename(&cx, "d");
    assert_eq!(run::undo(&cx, &mut engine(), &partly.id).unwrap().reverted, 1);
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let released = several(&cx, &["a", "b"], &Verb::Deactivate);
    bulk::apply_one(&cx, "b@acme.example", &Verb::Deactivate).unwrap();
    assert_eq!(run::release(&mut cx, &mut engine(), &released.id).unwrap().left.count, 1);
    rename(&cx, "a");
    assert_eq!(run::undo(&cx, &mut engine(), &released.id).unwrap().reverted, 0);
    let who = Who::Filtered(Box::default(), "everybody".to_owned());
    for state in [State::Superseded, State::Held] {
        let plan = bulk::plan(&cx, &mut engine(), &who, &Verb::Delete, |_, _| ()).unwrap();
        let run = run::commit(&cx, &mut engine(), plan).unwrap().run.unwrap();
        assert_eq!(run.state, State::Held, "{state:?} later");
    }
    let discarded = several(&cx, &["c", "d"], &Verb::Deactivate);
    run::discard(&cx, &mut engine(), &discarded.id).unwrap();
    cx
}

/// The second change first.
const REORDERED: &str =
    "UPDATE run_changes SET seq = seq + 100; UPDATE run_changes SET seq = 103 - seq WHERE seq <= 102";

/// What holding the tables against the audit finds, by table and field.
fn found(cx: &Context) -> Vec<(&'static str, String)> {
    let state = audit::verify(cx, Proof { state: Some(crate::state::TABLES), ..Proof::default() })
        .unwrap()
        .state
        .unwrap();
    state.first.into_iter().map(|difference| (difference.table, difference.field)).collect()
}

#[test]
fn a3_the_audit_tells_of_every_run_there_is() {
    let cx = with_runs();
    let mut states = Vec::new();
    run::list(&cx, &engine(), None, |run| {
        states.push(run.state.name());
        Ok(())
    })
    .unwrap();
    states.sort_unstable();
    let all = ["applied", "applied", "discarded", "held", "partly_undone", "superseded", "undone"];
    assert_eq!(states, all);
    assert_eq!(found(&cx), []);
}

#[test]
fn a3_whatever_is_changed_of_runs_past_secboard_is_found() {
    let (of_run, of_change) = ("runs", "run_changes");
    let changes = [
        ("DELETE FROM runs WHERE state = 'applied'", of_run, "it"),
        ("DELETE FROM runs WHERE state = 'held'", of_run, "it"),
        ("PRAGMA defer_foreign_keys = ON; DELETE FROM run_changes WHERE seq = 1", of_run, "the plan"),
        ("DELETE FROM run_changes", of_run, "the plan"),
        (REORDERED, of_run, "the plan"),
        (REORDERED, of_change, "it"),
        (
            "INSERT INTO run_changes (run_id, seq, action, kind, subject, subject_id, after)
                SELECT id, 5, 'update', 'user', 'd@acme.example', 4, '{\"superuser\":true}' FROM runs WHERE state = 'held'",
            of_run,
            "the plan",
        ),
        (
            "INSERT INTO run_changes (run_id, seq, action, kind, subject, subject_id, after)
                SELECT id, 3, 'update', 'user', 'd@acme.example', 4, '{\"superuser\":true}' FROM runs WHERE state = 'applied'",
            of_change,
            "it",
        ),
        (
            "INSERT INTO runs SELECT 'aaaaaaaaaa', kind, source, state, actor, actor_id, summary, held_because, meant, reason,
                first_audit_seq, created_at, updated_at, source_id FROM runs WHERE state = 'held'",
            of_run,
            "it",
        ),
        ("UPDATE run_changes SET before = NULL", of_run, "the plan"),
        ("UPDATE run_changes SET after = '{\"superuser\":true}'", of_run, "the plan"),
        ("UPDATE run_changes SET subject_id = 4", of_run, "the plan"),
        ("UPDATE run_changes SET subject = 'x@acme.example'", of_run, "the plan"),
        ("UPDATE run_changes SET ids = NULL", of_run, "the plan"),
        ("UPDATE run_changes SET left_out = 'for no reason' WHERE left_out IS NOT NULL", of_change, "left_out"),
        ("UPDATE run_changes SET left_out = NULL", of_change, "left_out"),
        ("UPDATE run_changes SET left_out = 'it was held'", of_change, "left_out"),
        ("UPDATE run_changes SET undo_refused = NULL", of_change, "being left by an undo"),
        ("UPDATE run_changes SET undo_refused = 'so'", of_change, "being left by an undo"),
        ("UPDATE runs SET state = 'held' WHERE state = 'applied'", of_run, "state"),
        ("UPDATE runs SET state = 'held' WHERE state = 'discarded'", of_run, "state"),
        ("UPDATE runs SET state = 'held' WHERE state = 'superseded'", of_run, "state"),
        ("UPDATE runs SET state = 'held' WHERE state = 'undone'", of_run, "state"),
        ("UPDATE runs SET state = 'applied' WHERE state = 'undone'", of_run, "state"),
        ("UPDATE runs SET state = 'applied' WHERE state = 'held'", of_run, "state"),
        ("UPDATE runs SET state = 'undone' WHERE state = 'partly_undone'", of_run, "state"),
        ("UPDATE runs SET state = 'undone' WHERE state = 'applied'", of_run, "state"),
        ("UPDATE runs SET state = 'discarded' WHERE state = 'held'", of_run, "state"),
        ("UPDATE runs SET first_audit_seq = first_audit_seq + 1", of_run, "first_audit_seq"),
        ("UPDATE runs SET first_audit_seq = 1 WHERE state = 'held'", of_run, "first_audit_seq"),
        ("UPDATE runs SET kind = 'user.import' WHERE state = 'applied'", of_run, "kind"),
        ("UPDATE runs SET kind = 'user.import' WHERE state = 'held'", of_run, "the plan"),
        ("UPDATE runs SET source = 'x.csv'", of_run, "the plan"),
        ("UPDATE runs SET source_id = 7", of_run, "the plan"),
        ("UPDATE runs SET actor = 'eve@acme.example'", of_run, "actor"),
        ("UPDATE runs SET actor_id = 4", of_run, "the plan"),
        ("UPDATE runs SET meant = '{}'", of_run, "the plan"),
        ("UPDATE runs SET reason = NULL", of_run, "reason"),
        ("UPDATE runs SET held_because = 'for fun' WHERE state = 'held'", of_run, "held_because"),
    ];
    for (change, table, field) in changes {
        let cx = with_runs();
        cx.write(|tx| Ok(tx.sql().execute_batch(change)?)).unwrap();
        let found = found(&cx);
        assert!(found.contains(&(table, field.to_owned())), "{change}: {found:?}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever has the file keeps to no rule")]
fn a3_changes_without_their_run_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let cx = Context { store: Store::create(&path).unwrap(), ..Context::for_tests() };
    fill(&cx);
    several(&cx, &["a", "b"], &Verb::Deactivate);
    let past = rusqlite::Connection::open(&path).unwrap();
    past.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM runs").unwrap();
    assert_eq!(found(&cx), [("runs", "it".to_owned()), ("run_changes", "it".to_owned())]);
}

#[test]
fn a3_a_run_that_was_ended_is_not_released_because_the_store_says_that_it_is_held() {
    for state in ["discarded", "superseded", "undone"] {
        let mut cx = with_runs();
        let id = cx.read(|tx| {
            let find = format!("SELECT id FROM runs WHERE state = '{state}'");
            Ok(tx.sql().query_row(&find, [], |row| row.get::<_, String>(0))?)
        });
        let id = id.unwrap();
        cx.write(|tx| Ok(tx.sql().execute("UPDATE runs SET state = 'held' WHERE id = ?1", [&id])?)).unwrap();
        let failure = run::release(&mut cx, &mut engine(), &id).unwrap_err();
        assert_eq!(failure.code(), "run.altered", "{state}");
    }
}
