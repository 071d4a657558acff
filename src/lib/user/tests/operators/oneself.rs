//! What nobody does to themself, by whatever way, superusers as little; and what one does.

use super::{OPERATOR, acting, change, names, one, password, several, site};
use crate::context::{Actor, Context};
use crate::error::{Kind, Result};
use crate::registry::engine;
use crate::run;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::throttle;
use crate::user::bulk::{Verb, Who};
use crate::user::password::set_generated;
use crate::user::{User, bin, get};

type Attempt = (&'static str, fn(&Context) -> Result<()>);

const ATTEMPTS: &[Attempt] = &[
    ("another email", |cx| change(cx, OPERATOR, |facts| facts.email = "other@acme.example".into())),
    ("the email in other letters", |cx| change(cx, OPERATOR, |facts| facts.email = "OP@acme.example".into())),
    ("a forced change lifted", |cx| one(cx, OPERATOR, &Verb::ForcePasswordChange(false))),
    ("a forced change edited away", |cx| change(cx, OPERATOR, |facts| facts.must_change_password = false)),
    ("a password", |cx| password(cx, OPERATOR)),
    ("a password made for oneself", |cx| set_generated(cx, OPERATOR, |_, _| Ok(())).map(drop)),
    ("the end of a hold", |cx| bin::unlock(cx, &names(&[OPERATOR])).map(drop)),
    ("a role less", |cx| one(cx, OPERATOR, &Verb::RemoveRole("own".into()))),
    ("a group more", |cx| one(cx, OPERATOR, &Verb::AddGroup("Lunch".into()))),
    ("no second factor", |cx| change(cx, OPERATOR, |facts| facts.two_factor_required = false)),
    ("a mark", |cx| change(cx, OPERATOR, |facts| facts.superuser = !facts.superuser)),
    ("the switch", |cx| one(cx, OPERATOR, &Verb::Deactivate)),
    ("a day", |cx| change(cx, OPERATOR, |facts| facts.end_date = facts.start_date)),
    ("another company", |cx| change(cx, OPERATOR, |facts| facts.company = Some("Globex".into()))),
    ("the bin", |cx| one(cx, OPERATOR, &Verb::Delete)),
];

/// An operator who may change everybody, and is flagged, held, and required to have a second factor.
fn operator(is_superuser: bool) -> Context {
    let mut cx = site(&["users.*", "groups.*", "roles.*", "two_factor.require"], &[]);
    change(&cx, OPERATOR, |facts| {
        facts.superuser = is_superuser;
        facts.must_change_password = true;
        facts.two_factor_required = true;
        facts.start_date = Day::parse("2026-01-01").ok();
    })
    .unwrap();
    let id = get(&cx, OPERATOR).unwrap().id;
    cx.write(|tx| throttle::hold(&cx, tx, id, Instant::from_micros(cx.now().micros() + 1_000_000))).unwrap();
    acting(&mut cx);
    cx
}

fn oneself(cx: &Context) -> User {
    get(cx, OPERATOR).unwrap()
}

#[test]
fn a1_nobody_does_to_themself_what_only_another_may() {
    for is_superuser in [false, true] {
        let cx = operator(is_superuser);
        let before = oneself(&cx);
        for (what, attempt) in ATTEMPTS {
            let refused = attempt(&cx).map(|()| what).unwrap_err();
            assert_eq!(refused.kind(), Kind::Denied, "{what}, superuser: {is_superuser}");
            assert!(refused.to_string().contains("nobody"), "{what}: {refused}");
            assert_eq!(oneself(&cx), before, "{what}, superuser: {is_superuser}");
        }
    }
}

#[test]
fn a1_whoever_flags_everybody_flags_themself_and_lifts_it_from_the_others_alone() {
    let mut cx = operator(false);
    cx.actor = Actor::system(None);
    one(&cx, OPERATOR, &Verb::ForcePasswordChange(false)).unwrap();
    acting(&mut cx);
    let who = Who::Named(names(&["plain@acme.example", OPERATOR]));
    let several = |on| {
        let committed = several(&cx, &who, &Verb::ForcePasswordChange(on)).unwrap();
        (committed.run, committed.summary)
    };
    let (run, summary) = several(true);
    assert_eq!((summary.people.update, summary.people.refused), (2, 0));
    let undone = run::undo(&cx, &mut engine(), &run.unwrap().id).unwrap();
    assert_eq!((undone.reverted, undone.left.count), (1, 1), "an undo is no way either");
    assert!(oneself(&cx).facts.must_change_password);
    several(true);
    let (_, summary) = several(false);
    assert_eq!((summary.people.update, summary.people.refused), (1, 1));
    assert!(oneself(&cx).facts.must_change_password);
}

#[test]
fn a1_what_a_person_may_change_at_the_web_an_operator_may_change_too() {
    for is_superuser in [false, true] {
        let cx = operator(is_superuser);
        change(&cx, OPERATOR, |facts| {
            facts.phone = Some("+380671234567".into());
            facts.last_name = Some("Koval".into());
            facts.language = Some("uk".into());
        })
        .unwrap();
        assert_eq!(oneself(&cx).facts.full_name(), "Ann Koval");
    }
}
