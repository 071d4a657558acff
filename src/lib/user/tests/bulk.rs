use super::last::superuser;
use super::{acme, add, emails, person};
use crate::context::Context;
use crate::error::Result;
use crate::group;
use crate::registry::engine;
use crate::role;
use crate::run::{self, Action, Run, Summary, undo};
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};
use crate::text::date::Day;
use crate::user::bulk::{self, Verb, Who};
use crate::user::filter::Filter;
use crate::user::{Facts, User, get};

fn named(names: &[&str]) -> Who {
    Who::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn several(cx: &Context, who: &Who, verb: Verb) -> Result<(Option<Run>, Summary)> {
    let plan = bulk::plan(cx, &mut engine(), who, &verb, |_, _| ())?;
    let committed = run::commit(cx, &mut engine(), plan)?;
    Ok((committed.run, committed.summary))
}

/// A company of `count` people, `p0@acme.example` and so on.
fn crowd(count: usize) -> Context {
    let cx = acme();
    for number in 0..count {
        add(&cx, person(&format!("p{number}@acme.example"), "A", &format!("B{number}")));
    }
    cx
}

#[test]
fn one_person_is_a_plain_change_and_the_same_again_is_none() {
    let cx = crowd(1);
    assert!(bulk::apply_one(&cx, "p0@acme.example", &Verb::Deactivate).unwrap().1);
    assert!(!bulk::apply_one(&cx, "p0@acme.example", &Verb::Deactivate).unwrap().1);
    assert!(!get(&cx, "p0@acme.example").unwrap().facts.active);
    let (user, changed) = bulk::apply_one(&cx, "p0@acme.example", &Verb::ForcePasswordChange(true)).unwrap();
    assert!(changed && user.facts.must_change_password);
}

#[test]
fn several_people_are_a_run_that_undo_takes_back() {
    let cx = crowd(3);
    let who = named(&["p0@acme.example", "P1@acme.example", "p0@acme.example"]);
    let (run, summary) = several(&cx, &who, Verb::Delete).unwrap();
    assert_eq!((summary.people.delete, summary.people.unchanged), (2, 0), "each once");
    assert_eq!(emails(&cx, &Filter::default()), ["p2@acme.example"]);
    assert_eq!(undo(&cx, &mut engine(), &run.unwrap().id).unwrap().reverted, 2);
    assert_eq!(emails(&cx, &Filter::default()).len(), 3);
}

#[test]
fn a_filter_means_everybody_who_passes_and_no_change_makes_no_run() {
    let cx = crowd(2);
    let everybody = Who::Filtered(Box::default(), String::new());
    assert!(several(&cx, &everybody, Verb::Activate).unwrap().0.is_none());
    let (run, summary) = several(&cx, &everybody, Verb::ForcePasswordChange(true)).unwrap();
    assert_eq!((run.unwrap().source.as_str(), summary.people.update), ("everybody", 2));
}

#[test]
fn unknown_people_are_all_named_and_nothing_is_changed() {
    let cx = crowd(1);
    let who = named(&["p0@acme.example", "x@acme.example", "y@acme.example"]);
    let failure = several(&cx, &who, Verb::Deactivate).unwrap_err();
    assert_eq!(failure.code(), "user.not_found");
    assert_eq!(failure.to_string(), "there are no users `x@acme.example`, `y@acme.example`");
    assert!(get(&cx, "p0@acme.example").unwrap().facts.active);
}

#[test]
fn the_brake_holds_what_takes_access_from_many() {
    let cx = crowd(21);
    let (run, _) = several(&cx, &Who::Filtered(Box::default(), String::new()), Verb::Deactivate).unwrap();
    assert!(run.unwrap().held_because.is_some());
    assert!(get(&cx, "p0@acme.example").unwrap().facts.active);
}

#[test]
fn the_last_superuser_stays_whatever_the_verb_and_however_named() {
    let cx = crowd(1);
    superuser(&cx, "root@acme.example");
    for verb in [Verb::Deactivate, Verb::Delete] {
        let alone = bulk::apply_one(&cx, "root@acme.example", &verb).unwrap_err();
        let among = several(&cx, &named(&["p0@acme.example", "root@acme.example"]), verb).unwrap_err();
        assert_eq!((alone.code(), among.code()), ("user.last_superuser", "user.last_superuser"));
    }
    assert!(get(&cx, "p0@acme.example").unwrap().facts.active, "the others of the run stay too");
}

#[test]
fn what_locks_everybody_out_is_refused_when_it_is_planned_and_never_held() {
    let mut cx = crowd(1);
    superuser(&cx, "root@acme.example");
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let everybody = Who::Filtered(Box::default(), String::new());
    assert_eq!(several(&cx, &everybody, Verb::Deactivate).unwrap_err().code(), "user.last_superuser");
    let mut runs = 0;
    run::list(&cx, &engine(), None, |_| {
        runs += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(runs, 0);
    let (run, _) = several(&cx, &named(&["p0@acme.example"]), Verb::Deactivate).unwrap();
    assert!(run.unwrap().held_because.is_some());
}

#[test]
fn a_role_that_was_left_without_its_groups_meanwhile_is_left_out_and_no_undo_gives_the_groups() {
    let cx = crowd(2);
    group::create(&cx, &group::New { name: "Risk".to_owned(), ..Default::default() }, None, false).unwrap();
    let new = role::New { name: "Ciso".to_owned(), groups: vec!["Risk".to_owned()], ..Default::default() };
    role::create(&cx, &new, false).unwrap();
    let give = |who: &str, with_groups| {
        bulk::apply_one(&cx, who, &Verb::AddRole { role: "ciso".to_owned(), with_groups }).unwrap()
    };
    for who in ["p0@acme.example", "p1@acme.example"] {
        assert!(give(who, true).1);
    }
    let who = named(&["p0@acme.example", "p1@acme.example"]);
    let plan = bulk::plan(&cx, &mut engine(), &who, &Verb::RemoveRole("ciso".to_owned()), |_, _| ()).unwrap();
    give("p1@acme.example", false);
    let committed = run::commit(&cx, &mut engine(), plan).unwrap();
    let why = "`p1@acme.example` has been changed since the run was planned";
    assert_eq!(committed.left.named, [("p1@acme.example".to_owned(), why.to_owned())]);
    undo(&cx, &mut engine(), &committed.run.unwrap().id).unwrap();
    let bare = |who: &str| get(&cx, who).unwrap().facts.roles_without_groups;
    assert_eq!([bare("p0@acme.example"), bare("p1@acme.example")], [vec![], vec!["ciso".to_owned()]]);
}

#[test]
fn a_change_is_counted_by_what_it_does_whichever_command_makes_it() {
    type Change = fn(&mut Facts);
    let cx = acme();
    let ann = add(&cx, person("ann@acme.example", "Ann", "Lee"));
    let cases: [(Change, Action); 6] = [
        (|facts| facts.deleted = true, Action::Delete),
        (|facts| facts.active = false, Action::Deactivate),
        (|facts| facts.end_date = Day::parse("2026-11-20").ok(), Action::Deactivate),
        (|facts| facts.start_date = Day::parse("2027-01-01").ok(), Action::Deactivate),
        (|facts| facts.end_date = Day::parse("2027-01-01").ok(), Action::Update),
        (|facts| facts.first_name = Some("Anna".to_owned()), Action::Update),
    ];
    for (change, expected) in cases {
        let mut facts = ann.facts.clone();
        change(&mut facts);
        assert_eq!(bulk::action_on(&cx, &ann, &facts), expected, "{facts:?}");
    }
    let gone = Facts { end_date: Day::parse("2026-11-20").ok(), ..ann.facts.clone() };
    let off = Facts { active: false, ..gone.clone() };
    assert_eq!(bulk::action_on(&cx, &User { facts: gone, ..ann }, &off), Action::Update, "nothing to lose");
}
