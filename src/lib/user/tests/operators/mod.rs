//! What operators can make of their rights.

mod actors;
mod gains;
mod held;
mod oneself;
mod restored;

use crate::catalog::Permission;
use crate::company;
use crate::context::{Actor, Context};
use crate::error::{Kind, Result};
use crate::group::{self, Selector};
use crate::operator;
use crate::permission::{self, Asked};
use crate::registry::engine;
use crate::role;
use crate::run;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::avatar::PhotoChange;
use crate::user::bin;
use crate::user::bulk::{self, Verb, Who};
use crate::user::create::create;
use crate::user::edit::edit;
use crate::user::filter::Filter;
use crate::user::password::{MustChange, set};
use crate::user::{Facts, as_of, get, get_in};

const OPERATOR: &str = "op@acme.example";

/// Everybody who is there before the operator begins.
const PEOPLE: [&str; 7] = [
    "root@acme.example",
    "boss@acme.example",
    "peer@acme.example",
    "plain@acme.example",
    OPERATOR,
    "eve@globex.example",
    "sleeper@acme.example",
];

fn person(email: &str, company: &str, change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = Facts {
        first_name: Some("Ann".to_owned()),
        last_name: Some("Lee".to_owned()),
        company: Some(company.to_owned()),
        ..Facts::new(email.to_owned())
    };
    change(&mut facts);
    facts
}

fn which(name: &str) -> Selector {
    Selector { name: name.to_owned(), company: None }
}

fn grant(cx: &Context, group: &str, permissions: &[&str], companies: &[&str]) -> Result<()> {
    let order = group::GrantSpec {
        patterns: permissions.iter().map(|&permission| permission.to_owned()).collect(),
        companies: companies.iter().map(|&company| company.to_owned()).collect(),
        ..group::GrantSpec::default()
    };
    group::grant(cx, &which(group), &order).map(|_| ())
}

fn names(of: &[&str]) -> Vec<String> {
    of.iter().map(|&name| name.to_owned()).collect()
}

/// A site with people above, beside and below an operator who holds these rights, for Acme alone or for all companies.
fn site(rights: &[&str], companies: &[&str]) -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex"] {
        company::create(&cx, &company::New { name: name.into(), ..Default::default() }, false).unwrap();
    }
    for (name, company, permissions) in [
        ("Admins", None, &["users.*", "groups.*", "roles.*", "settings.*", "companies.*"][..]),
        ("Risk", None, &["risk.view_report"]),
        ("Desk", None, &["users.view", "audit.view"]),
        ("Lunch", None, &["incidents.view"]),
        ("Local", Some("Acme"), &["risk.edit_report", "users.delete"]),
        ("Foreign", Some("Globex"), &["settings.edit"]),
    ] {
        let new = group::New { name: name.to_owned(), ..group::New::default() };
        group::create(&cx, &new, company, false).unwrap();
        grant(&cx, name, permissions, &[]).unwrap();
    }
    for name in ["Desk", "Lunch"] {
        let assignable = group::Edit { assignable: Some(true), ..group::Edit::default() };
        group::tests::edit(&cx, &which(name), &assignable).unwrap();
    }
    group::create(&cx, &group::New { name: "Op".into(), ..group::New::default() }, None, false).unwrap();
    if !rights.is_empty() {
        grant(&cx, "Op", rights, companies).unwrap();
    }
    for (name, groups, inactive) in [
        ("Chief", &["Admins"][..], false),
        ("Eater", &["Lunch"], false),
        ("Own", &[], false),
        ("Mover", &["Foreign@Globex"], false),
    ] {
        let new =
            role::New { name: name.to_owned(), groups: names(groups), inactive, ..role::New::default() };
        role::create(&cx, &new, false).unwrap();
    }
    let people = [
        person("root@acme.example", "Acme", |facts| facts.superuser = true),
        person("boss@acme.example", "Acme", |facts| facts.groups = names(&["Admins"])),
        person("peer@acme.example", "Acme", |facts| facts.groups = names(&["Risk"])),
        person("plain@acme.example", "Acme", |_| ()),
        person(OPERATOR, "Acme", |facts| {
            facts.groups = names(&["Op"]);
            facts.roles = names(&["own"]);
            facts.staff = true;
        }),
        person("eve@globex.example", "Globex", |facts| facts.groups = names(&["Foreign@Globex"])),
        person("sleeper@acme.example", "Acme", |facts| facts.roles = names(&["mover"])),
    ];
    for facts in people {
        create(&cx, facts, None, false).unwrap();
    }
    bulk::apply_one(&cx, "peer@acme.example", &Verb::ForcePasswordChange(true)).unwrap();
    cx
}

/// The operator as an actor, with what the account may do now.
fn acting(cx: &mut Context) {
    cx.actor = Actor::system(None);
    let actor = cx.read(|tx| operator::actor(cx, tx, &get_in(cx, tx, OPERATOR, "users.view")?)).unwrap();
    cx.actor = actor;
}

fn several(cx: &Context, who: &Who, verb: &Verb) -> Result<run::Committed> {
    let plan = bulk::plan(cx, &mut engine(), who, verb, |_, _| ())?;
    run::commit(cx, &mut engine(), plan)
}

fn change(cx: &Context, who: &str, change: impl Fn(&mut Facts)) -> Result<()> {
    edit(cx, who, &PhotoChange::Keep, |facts| {
        change(facts);
        Ok(())
    })
    .map(|_| ())
}

fn one(cx: &Context, who: &str, verb: &Verb) -> Result<()> {
    bulk::apply_one(cx, who, verb).map(|_| ())
}

fn edit_role(cx: &Context, role: &str, add: &[&str], active: Option<bool>) -> Result<()> {
    let groups = role::Changes { add: names(add), ..role::Changes::default() };
    role::tests::edit(cx, role, &role::Edit { active, groups, ..role::Edit::default() }).map(|_| ())
}

fn everybody(cx: &Context, verb: &Verb) -> Result<()> {
    let filter = Filter::default();
    several(cx, &Who::Filtered(Box::new(filter), String::new()), verb).map(|_| ())
}

fn password(cx: &Context, who: &str) -> Result<()> {
    set(cx, who, &Secret::new("harbour-lantern-copper".to_owned()), MustChange::No).map(|_| ())
}

#[test]
fn a1_everybody_who_is_there_is_looked_at() {
    let cx = site(&[], &[]);
    for email in PEOPLE {
        get(&cx, email).unwrap();
    }
}

#[test]
fn a1_a_run_is_of_the_account_that_made_it_whoever_has_its_email_now() {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    acting(&mut cx);
    let who = Who::Named(names(&["peer@acme.example", "plain@acme.example"]));
    let verb = Verb::AddGroup("Lunch".to_owned());
    let run = several(&cx, &who, &verb).unwrap().run.unwrap().id;
    cx.actor = Actor::system(None);
    change(&cx, OPERATOR, |facts| facts.email = "former@acme.example".to_owned()).unwrap();
    let heir = person(OPERATOR, "Acme", |facts| {
        facts.groups = names(&["Op"]);
        facts.staff = true;
    });
    create(&cx, heir, None, false).unwrap();
    acting(&mut cx);
    let mut seen = 0;
    run::list(&cx, &engine(), None, |_| {
        seen += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, 0);
    assert_eq!(run::undo(&cx, &mut engine(), &run).unwrap_err().code(), "run.not_found");
    cx.actor = Actor::system(None);
    let former = cx
        .read(|tx| operator::actor(&cx, tx, &get_in(&cx, tx, "former@acme.example", "users.view")?))
        .unwrap();
    cx.actor = former;
    assert_eq!(run::undo(&cx, &mut engine(), &run).unwrap().reverted, 2);
}

#[test]
fn a1_the_brake_counts_the_people_an_operator_could_reach() {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    for number in 0..500 {
        let email = format!("eve{number}@globex.example");
        create(&cx, person(&email, "Globex", |_| ()), None, false).unwrap();
    }
    let many: Vec<String> = (0..21).map(|number| format!("ann{number}@acme.example")).collect();
    for email in &many {
        create(&cx, person(email, "Acme", |_| ()), None, false).unwrap();
    }
    acting(&mut cx);
    let run = several(&cx, &Who::Named(many), &Verb::Deactivate).unwrap().run;
    let held = run.unwrap().held_because.unwrap();
    assert_eq!(
        held,
        "21 of 27 people would be able to do less than before, more than 20 are not let through"
    );
}

#[test]
fn a1_an_operator_ends_those_of_an_old_bin_who_are_theirs_to_end() {
    let mut cx = site(&["users.view", "users.delete"], &["Acme"]);
    for gone in ["plain@acme.example", "boss@acme.example", "eve@globex.example"] {
        one(&cx, gone, &Verb::Delete).unwrap();
    }
    acting(&mut cx);
    cx.stop_clock(Instant::from_micros(cx.now().micros() + 31 * bin::DAY));
    assert_eq!((bin::count_expired(&cx).unwrap(), bin::purge_expired(&cx).unwrap()), (1, 1));
    assert_eq!((bin::count_expired(&cx).unwrap(), bin::purge_expired(&cx).unwrap()), (0, 0));
    cx.actor = Actor::system(None);
    assert_eq!(bin::get_deleted(&cx, "plain@acme.example").unwrap_err().code(), "user.not_in_bin");
    assert_eq!(bin::purge_expired(&cx).unwrap(), 2, "the other two were left");
}

#[test]
fn a1_who_came_from_another_company_is_not_shown_as_they_were_there() {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    let then = cx.now();
    cx.stop_clock(Instant::from_micros(then.micros() + 1_000_000));
    change(&cx, "eve@globex.example", |facts| facts.company = Some("Acme".to_owned())).unwrap();
    acting(&mut cx);
    let eve = |at| {
        cx.read(|tx| as_of(&cx, tx, &permission::AccessQueries, "eve@globex.example", at))
            .map(|user| user.facts.company)
    };
    assert_eq!(eve(cx.now()).unwrap().as_deref(), Some("Acme"));
    assert_eq!(eve(then).unwrap_err().code(), "user.not_found");
}

#[test]
fn a1_who_went_to_another_company_is_not_asked_about_as_they_were_before() {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    let then = cx.now();
    cx.stop_clock(Instant::from_micros(then.micros() + 1_000_000));
    change(&cx, "plain@acme.example", |facts| facts.company = Some("Globex".to_owned())).unwrap();
    acting(&mut cx);
    let asked = |who| {
        let asked = Asked { as_of: Some(then), ..Asked::default() };
        permission::check(&cx, who, Permission::find("users.view").unwrap(), asked)
    };
    assert!(!asked("peer@acme.example").unwrap());
    assert_eq!(asked("plain@acme.example").unwrap_err().code(), "user.not_found");
}

#[test]
fn a1_who_could_stand_above_again_is_not_changed_either() {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    let new = role::New { name: "Resting".into(), groups: names(&["Admins"]), ..role::New::default() };
    role::create(&cx, &new, false).unwrap();
    change(&cx, "plain@acme.example", |facts| facts.roles = names(&["resting"])).unwrap();
    edit_role(&cx, "resting", &[], Some(false)).unwrap();
    let bare = Verb::AddRole { role: "chief".into(), with_groups: false };
    one(&cx, "peer@acme.example", &bare).unwrap();
    acting(&mut cx);
    for who in ["plain@acme.example", "peer@acme.example"] {
        assert_eq!(password(&cx, who).unwrap_err().kind(), Kind::Denied, "{who}");
    }
}

#[test]
fn a1_what_was_lost_while_a_command_waited_for_an_answer_is_lost() {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    acting(&mut cx);
    cx.revalidate_actor = operator::revalidate_actor;
    one(&cx, "plain@acme.example", &Verb::AddGroup("Lunch".into())).unwrap();
    let began = std::mem::replace(&mut cx.actor, Actor::system(None));
    one(&cx, OPERATOR, &Verb::RemoveGroup("Op".into())).unwrap();
    cx.actor = began.clone();
    let refused = one(&cx, "plain@acme.example", &Verb::RemoveGroup("Lunch".into())).unwrap_err();
    assert_eq!(refused.kind(), Kind::Denied);
    cx.actor = Actor::system(None);
    one(&cx, OPERATOR, &Verb::AddGroup("Op".into())).unwrap();
    one(&cx, OPERATOR, &Verb::Deactivate).unwrap();
    cx.actor = began;
    let refused = one(&cx, "plain@acme.example", &Verb::RemoveGroup("Lunch".into())).unwrap_err();
    assert_eq!(refused.code(), "operator.inactive");
}
