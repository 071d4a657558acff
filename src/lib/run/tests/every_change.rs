//! Every kind of change to every kind of thing is made and taken back, and the audit tells of both what the tables hold.

use std::collections::BTreeSet;

use super::super::{self as run, State};
use crate::audit::{self, Proof};
use crate::context::Context;
use crate::org::unit::{self, Draft, UnitKind};
use crate::registry::engine;
use crate::run::{Ask, Committed, Run};
use crate::user::bulk::{self, Verb, Who};
use crate::user::import::tests::plan_of_files;
use crate::user::import::{Bad, OnExisting, Options};
use crate::{company, group, role};

/// A store whose runs are made and taken back, one after the other.
struct Proved {
    cx: Context,
    /// The kinds and actions of the changes that were taken back.
    undone: BTreeSet<(String, &'static str)>,
}

impl Proved {
    fn import(&self, table: &str) -> Run {
        let options = Options { create_missing: true, on_existing: OnExisting::Update, ..Options::default() };
        let plan = plan_of_files(&self.cx, &[table], &options, &mut Bad::default()).unwrap();
        run::commit(&self.cx, &mut engine(), plan).unwrap().run.unwrap()
    }

    fn bulk(&self, verb: &Verb) -> Committed {
        let who = Who::Named(["a", "b"].map(|name| format!("{name}@acme.example")).to_vec());
        let plan = bulk::plan(&self.cx, &mut engine(), &who, verb, |_, _| ()).unwrap();
        run::commit(&self.cx, &mut engine(), plan).unwrap()
    }

    fn one(&self, name: &str, verb: &Verb) {
        bulk::apply_one(&self.cx, &format!("{name}@acme.example"), verb).unwrap();
    }

    #[track_caller]
    fn assert_proved(&self) {
        let proof = Proof { state: Some(crate::state::TABLES), ..Proof::default() };
        let state = audit::verify(&self.cx, proof).unwrap().state.unwrap();
        assert_eq!(state.first, []);
    }

    #[track_caller]
    fn undo(&mut self, run: &Run) {
        self.assert_proved();
        assert_eq!(run::undo(&self.cx, &mut engine(), &run.id).unwrap().left.named, []);
        self.assert_proved();
        let now = self.cx.read(|tx| run::get(tx, &run.id)).unwrap();
        assert_eq!(now.state, State::Undone);
        let undone = &mut self.undone;
        self.cx
            .read(|tx| {
                run::changes(tx, &run.id, |change, _| {
                    undone.insert((change.kind, change.action.name()));
                    Ok(())
                })
            })
            .unwrap();
    }
}

/// Two people of a company with a department, a position, a role and two groups of theirs.
fn site() -> Proved {
    let site = Proved { cx: Context::for_tests(), undone: BTreeSet::new() };
    let cx = &site.cx;
    for name in ["Readers", "Writers"] {
        group::create(cx, &group::New { name: name.to_owned(), ..Default::default() }, None, false).unwrap();
        let permission =
            group::GrantSpec { patterns: vec!["risk.view_report".to_owned()], ..Default::default() };
        group::grant(cx, &selected(name), &permission).unwrap();
    }
    let clerk =
        role::New { name: "Clerk".to_owned(), groups: vec!["Readers".to_owned()], ..Default::default() };
    role::create(cx, &clerk, false).unwrap();
    site.import(
        "email,first_name,last_name,company,department,position,roles,groups\n\
        a@acme.example,A,X,Acme,Sales,Lead,clerk,Writers\n\
        b@acme.example,B,X,Acme,Sales,Lead,clerk,Writers\n",
    );
    site
}

fn selected(name: &str) -> group::Selector {
    group::Selector { name: name.to_owned(), company: None }
}

fn unit(name: &str) -> unit::Selector {
    unit::Selector { name: name.to_owned(), company: Some("Acme".to_owned()), department: None }
}

#[test]
fn a3_every_kind_of_change_is_taken_back_as_the_audit_tells() {
    let mut site = site();
    let made = site.import(
        "email,first_name,last_name,company,department,position\n\
        new@acme.example,N,X,Gamma,Desk,Head\n\
        a@acme.example,A,X,Acme,Night,Guard\n",
    );
    site.undo(&made);
    for verb in [Verb::Invite, Verb::Deactivate, Verb::Delete, Verb::RemoveRole("clerk".to_owned())] {
        let run = site.bulk(&verb).run.unwrap();
        site.undo(&run);
    }
    let silent = Ask::nothing(false);
    let risk = group::GrantSpec { patterns: vec!["risk.*".to_owned()], ..Default::default() };
    site.one("a", &Verb::RemoveRole("clerk".to_owned()));
    let revoked = group::revoke(&site.cx, &mut engine(), &selected("Writers"), &risk, &silent).unwrap();
    site.undo(&revoked.committed.run.unwrap());
    let off = role::Edit { active: Some(false), ..Default::default() };
    site.one("b", &Verb::RemoveGroup("Writers".to_owned()));
    let edited = role::edit(&site.cx, &mut engine(), "clerk", &off, &silent).unwrap();
    site.undo(&edited.committed.run.unwrap());
    let deleted = group::delete(&site.cx, &mut engine(), &selected("Readers"), true, &silent).unwrap();
    site.undo(&deleted.committed.run.unwrap());
    let deleted = role::delete(&site.cx, &mut engine(), "clerk", true, &silent).unwrap();
    site.undo(&deleted.committed.run.unwrap());
    for name in ["a", "b"] {
        site.one(name, &Verb::Delete);
    }
    for (kind, name) in [(UnitKind::Position, "Lead"), (UnitKind::Department, "Sales")] {
        let (_, deleted) = unit::delete(&site.cx, &mut engine(), kind, &unit(name)).unwrap();
        let run = deleted.run.unwrap();
        site.undo(&run);
        unit::delete(&site.cx, &mut engine(), kind, &unit(name)).unwrap();
    }
    let (_, deleted) = company::delete(&site.cx, &mut engine(), "Acme").unwrap();
    site.undo(&deleted.run.unwrap());
    let expected = [
        ("company", "create"),
        ("company", "delete"),
        ("department", "create"),
        ("department", "delete"),
        ("group", "delete"),
        ("group", "update"),
        ("link", "create"),
        ("position", "create"),
        ("position", "delete"),
        ("role", "delete"),
        ("role", "update"),
        ("user", "create"),
        ("user", "deactivate"),
        ("user", "delete"),
        ("user", "update"),
    ];
    let undone: Vec<(&str, &str)> =
        site.undone.iter().map(|(kind, action)| (kind.as_str(), *action)).collect();
    assert_eq!(undone, expected);
    let kinds: BTreeSet<&str> = undone.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, engine().kinds().collect::<BTreeSet<_>>(), "a target that is not tried here");
}

#[test]
fn a3_what_an_undo_leaves_of_what_was_made_is_told_apart_from_what_it_took_back() {
    let site = site();
    let made = site.import("email,first_name,last_name,company\nz@acme.example,Z,X,Gamma\n");
    let desk = Draft { company: "Gamma".to_owned(), name: "Desk".to_owned(), ..Draft::default() };
    unit::create(&site.cx, UnitKind::Department, &desk, false).unwrap();
    let undone = run::undo(&site.cx, &mut engine(), &made.id).unwrap();
    assert_eq!((undone.reverted, undone.left.count), (1, 1));
    site.assert_proved();
    let desk = unit::Selector { company: Some("Gamma".to_owned()), ..unit("Desk") };
    unit::delete(&site.cx, &mut engine(), UnitKind::Department, &desk).unwrap();
    let undone = run::undo(&site.cx, &mut engine(), &made.id).unwrap();
    assert_eq!((undone.reverted, undone.left.count), (1, 0));
    site.assert_proved();
    let run = site.cx.read(|tx| run::get(tx, &made.id)).unwrap();
    assert_eq!(run.state, State::Undone);
}
