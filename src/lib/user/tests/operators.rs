//! What operators can make of their rights: everything that could gain more is tried, with every subset of the rights of
//! administration that matter, in any order, and nobody ends with more than there was to give.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::audit;
use crate::context::{Actor, Companies, Context, FixedClock};
use crate::error::{Kind, Result};
use crate::group::{self, Which};
use crate::operator;
use crate::permission::{self, Access, Asked, Permission};
use crate::role;
use crate::run::{self, Target};
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::avatar::PhotoChange;
use crate::user::bin::{self, Anew};
use crate::user::bulk::{self, Verb, Who};
use crate::user::create::create;
use crate::user::edit::edit;
use crate::user::filter::Filter;
use crate::user::password::{MustChange, set};
use crate::user::target::People;
use crate::user::{Facts, User, as_of, get, get_in, store};
use crate::{company, setting};

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

/// Those who hold more than any operator here, or who are superusers.
const ABOVE: [&str; 2] = ["root@acme.example", "boss@acme.example"];

/// The rights whose every subset is tried.
const RIGHTS: [&str; 6] =
    ["users.add", "users.edit", "users.delete", "groups.edit", "roles.add", "roles.edit"];

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

fn which(name: &str) -> Which {
    Which { name: name.to_owned(), company: None }
}

fn grant(cx: &Context, group: &str, permissions: &[&str], companies: &[&str]) -> Result<()> {
    let order = group::Order {
        patterns: permissions.iter().map(|&permission| permission.to_owned()).collect(),
        companies: companies.iter().map(|&company| company.to_owned()).collect(),
        ..group::Order::default()
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
        group::edit(&cx, &which(name), &assignable).unwrap();
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
    bulk::one(&cx, "peer@acme.example", &Verb::ForcePasswordChange(true)).unwrap();
    cx
}

/// The operator as an actor, with what the account may do now.
fn acting(cx: &mut Context) {
    cx.actor = Actor::system(None);
    let actor = cx.read(|tx| operator::actor(cx, tx, &get_in(cx, tx, OPERATOR)?)).unwrap();
    cx.actor = actor;
}

fn targets() -> Vec<Box<dyn Target>> {
    vec![Box::new(company::target::Companies), Box::new(People::default())]
}

type Attempt = (&'static str, fn(&Context) -> Result<()>);

fn change(cx: &Context, who: &str, change: impl Fn(&mut Facts)) -> Result<()> {
    edit(cx, who, &PhotoChange::Keep, |facts| {
        change(facts);
        Ok(())
    })
    .map(|_| ())
}

fn one(cx: &Context, who: &str, verb: &Verb) -> Result<()> {
    bulk::one(cx, who, verb).map(|_| ())
}

fn edit_role(cx: &Context, role: &str, add: &[&str], active: Option<bool>) -> Result<()> {
    let groups = role::Changes { add: names(add), ..role::Changes::default() };
    role::edit(cx, role, &role::Edit { active, groups, ..role::Edit::default() }).map(|_| ())
}

fn everybody(cx: &Context, verb: &Verb) -> Result<()> {
    let filter = Filter::default();
    cx.write(|tx| bulk::several(cx, tx, &Who::Filtered(Box::new(filter), String::new()), verb, |_, _| ()))
        .map(|_| ())
}

fn password(cx: &Context, who: &str) -> Result<()> {
    set(cx, who, &Secret::new("harbour-lantern-copper".to_owned()), MustChange::No).map(|_| ())
}

/// Everything an operator could try in order to gain more, for themselves or for somebody else.
const ATTEMPTS: &[Attempt] = &[
    ("mark oneself as superuser", |cx| change(cx, OPERATOR, |facts| facts.superuser = true)),
    ("mark another as superuser", |cx| change(cx, "plain@acme.example", |facts| facts.superuser = true)),
    ("mark another as staff", |cx| change(cx, "plain@acme.example", |facts| facts.staff = true)),
    ("make a superuser", |cx| {
        create(cx, person("new1@acme.example", "Acme", |facts| facts.superuser = true), None, false)
            .map(|_| ())
    }),
    ("make an administrator", |cx| {
        let facts = person("new2@acme.example", "Acme", |facts| facts.groups = names(&["Admins"]));
        create(cx, facts, None, false).map(|_| ())
    }),
    ("make somebody with a role of administrators", |cx| {
        let facts = person("new3@acme.example", "Acme", |facts| facts.roles = names(&["chief"]));
        create(cx, facts, None, false).map(|_| ())
    }),
    ("make somebody with what is assignable", |cx| {
        let facts = person("new4@acme.example", "Acme", |facts| facts.groups = names(&["Desk"]));
        create(cx, facts, None, false).map(|_| ())
    }),
    ("put oneself into a group", |cx| one(cx, OPERATOR, &Verb::AddGroup("Admins".into()))),
    ("put oneself into an assignable group", |cx| one(cx, OPERATOR, &Verb::AddGroup("Desk".into()))),
    ("take oneself a role", |cx| {
        one(cx, OPERATOR, &Verb::AddRole { role: "chief".into(), with_groups: true })
    }),
    ("take oneself a role of an assignable group", |cx| {
        one(cx, OPERATOR, &Verb::AddRole { role: "eater".into(), with_groups: true })
    }),
    ("put another into the administrators", |cx| {
        one(cx, "plain@acme.example", &Verb::AddGroup("Admins".into()))
    }),
    ("put another into an assignable group", |cx| {
        one(cx, "plain@acme.example", &Verb::AddGroup("Lunch".into()))
    }),
    ("put everybody into the administrators", |cx| everybody(cx, &Verb::AddGroup("Admins".into()))),
    ("give everybody the role", |cx| {
        everybody(cx, &Verb::AddRole { role: "chief".into(), with_groups: true })
    }),
    ("give another the role, then its groups", |cx| {
        one(cx, "plain@acme.example", &Verb::AddRole { role: "chief".into(), with_groups: false })?;
        one(cx, "plain@acme.example", &Verb::AddRole { role: "chief".into(), with_groups: true })
    }),
    ("take somebody's group away", |cx| one(cx, "boss@acme.example", &Verb::RemoveGroup("Admins".into()))),
    ("move somebody to where a role brings more", |cx| {
        change(cx, "sleeper@acme.example", |facts| facts.company = Some("Globex".into()))
    }),
    ("move oneself", |cx| change(cx, OPERATOR, |facts| facts.company = Some("Globex".into()))),
    ("grant to one's own group", |cx| grant(cx, "Op", &["settings.edit"], &[])),
    ("grant everything to one's own group", |cx| grant(cx, "Op", &["*"], &[])),
    ("grant one's own rights further", |cx| grant(cx, "Op", &RIGHTS, &[])),
    ("grant to an assignable group", |cx| grant(cx, "Lunch", &["settings.edit"], &[])),
    ("make a group of company one's own for all", |cx| {
        let edit = group::Edit { company: Some(String::new()), ..group::Edit::default() };
        group::edit(cx, &which("Local@Acme"), &edit).map(|_| ())
    }),
    ("make the administrators assignable", |cx| {
        let edit = group::Edit { assignable: Some(true), ..group::Edit::default() };
        group::edit(cx, &which("Admins"), &edit).map(|_| ())
    }),
    ("make a group, grant to it, fill it", |cx| {
        group::create(cx, &group::New { name: "Mine".into(), ..group::New::default() }, None, true)?;
        grant(cx, "Mine", &["users.delete"], &[])?;
        one(cx, "plain@acme.example", &Verb::AddGroup("Mine".into()))
    }),
    ("bring more by the role one holds", |cx| edit_role(cx, "own", &["Admins"], None)),
    ("bring something assignable by the role one holds", |cx| edit_role(cx, "own", &["Desk"], None)),
    ("bring more by another's role", |cx| edit_role(cx, "eater", &["Admins"], Some(true))),
    ("make a role of administrators and give it", |cx| {
        let new = role::New { name: "Mine".into(), groups: names(&["Admins"]), ..role::New::default() };
        role::create(cx, &new, true)?;
        one(cx, "plain@acme.example", &Verb::AddRole { role: "mine".into(), with_groups: true })
    }),
    ("set the password of a superuser", |cx| password(cx, "root@acme.example")),
    ("set the password of a superior", |cx| password(cx, "boss@acme.example")),
    ("take the email of a superior", |cx| {
        change(cx, "boss@acme.example", |facts| facts.email = "mine@acme.example".into())
    }),
    ("switch a superior off", |cx| one(cx, "boss@acme.example", &Verb::Deactivate)),
    ("switch a superuser off", |cx| one(cx, "root@acme.example", &Verb::Deactivate)),
    ("end a superior's dates", |cx| {
        change(cx, "boss@acme.example", |facts| facts.end_date = facts.start_date)?;
        change(cx, "boss@acme.example", |facts| facts.phone = Some("+380671234567".into()))
    }),
    ("let a superior change the password", |cx| {
        one(cx, "boss@acme.example", &Verb::ForcePasswordChange(true))
    }),
    ("bin a superior", |cx| one(cx, "boss@acme.example", &Verb::Delete)),
    ("bin everybody", |cx| everybody(cx, &Verb::Delete)),
    ("switch everybody off", |cx| everybody(cx, &Verb::Deactivate)),
    ("bring somebody back as somebody else", |cx| {
        let anew = Anew { email: Some("mine@acme.example".into()), company: Some("Globex".into()) };
        bin::restore(cx, "plain@acme.example", anew).map(|_| ())
    }),
    ("end somebody for good", |cx| bin::purge(cx, &names(&["boss@acme.example"])).map(|_| ())),
    ("unlock a superior", |cx| bin::unlock(cx, &names(&["boss@acme.example"])).map(|_| ())),
    ("require the second factor", |cx| {
        change(cx, "plain@acme.example", |facts| facts.two_factor_required = true)
    }),
    ("undo what others did", |cx| {
        let mut runs = Vec::new();
        run::list(cx, None, |run| {
            runs.push(run.id);
            Ok(())
        })?;
        runs.iter().try_for_each(|id| run::undo(cx, &mut targets(), id).map(|_| ()))
    }),
    ("change a setting", |cx| setting::set(cx, "user.bin_days", "1").map(|_| ())),
    ("make oneself an operator anew", |cx| operator::set(cx, "61235", "boss@acme.example").map(|_| ())),
];

/// What everybody may do, the marks, and what superiors look like.
#[derive(Debug, PartialEq, Eq)]
struct State {
    held: BTreeMap<String, BTreeMap<&'static str, Companies>>,
    marks: BTreeMap<String, (bool, bool)>,
    above: Vec<Option<(Facts, Option<String>)>>,
}

fn state(cx: &Context) -> State {
    cx.read(|tx| {
        let mut state = State { held: BTreeMap::new(), marks: BTreeMap::new(), above: Vec::new() };
        for id in 1..=40 {
            let Some(user) = store::by_id(tx, id)? else { continue };
            state.held.insert(user.id.to_string(), held(cx, tx, &user)?);
            state.marks.insert(user.id.to_string(), (user.facts.staff, user.facts.superuser));
        }
        for email in ABOVE {
            let user = crate::user::find_in(tx, email)?;
            let hash = |user: &User| user.password_hash.as_ref().map(|hash| hash.expose().to_owned());
            state.above.push(user.map(|user| (user.facts.clone(), hash(&user))));
        }
        Ok(state)
    })
    .unwrap()
}

fn held(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<BTreeMap<&'static str, Companies>> {
    let mut access = Access::load(cx, tx, user)?;
    access.active = true;
    Ok(Permission::all()
        .map(|permission| (permission.id(), Companies::reached(&access.reach(permission))))
        .filter(|(_, companies)| !companies.is_empty())
        .collect())
}

/// Whether each of `companies` is held by one of these.
fn together(companies: &Companies, holders: &[&BTreeMap<&'static str, Companies>], permission: &str) -> bool {
    let held: Vec<&Companies> = holders.iter().filter_map(|held| held.get(permission)).collect();
    match companies {
        Companies::All => held.contains(&&Companies::All),
        Companies::These(ids) => ids.iter().all(|id| held.iter().any(|held| held.contain(Some(*id)))),
    }
}

/// Lets the operator try everything in this order and proves that nobody gained what was not the operator's to give.
fn nobody_gains(rights: &[&str], companies: &[&str], order: impl Iterator<Item = usize>) {
    let mut cx = site(rights, companies);
    let before = state(&cx);
    let operator = get(&cx, OPERATOR).unwrap().id.to_string();
    let assignable = BTreeMap::from([
        ("users.view", Companies::All),
        ("audit.view", Companies::All),
        ("incidents.view", Companies::All),
    ]);
    let mut known = cx.read(audit::next_seq).unwrap();
    for index in order {
        let (name, attempt) = ATTEMPTS[index];
        acting(&mut cx);
        if let Err(failure) = attempt(&cx) {
            assert_ne!(failure.kind(), Kind::Bug, "{name}: {failure}");
        }
        cx.actor = Actor::system(None);
        let next = cx.read(audit::next_seq).unwrap();
        if next == known {
            continue;
        }
        known = next;
        let after = state(&cx);
        let own = &before.held[&operator];
        for (id, held) in &after.held {
            let had = before.held.get(id).cloned().unwrap_or_default();
            for (permission, companies) in held {
                let is_given = if *id == operator {
                    together(companies, &[&had], permission)
                } else {
                    together(companies, &[&had, own, &assignable], permission)
                };
                assert!(is_given, "{name}: `{id}` has `{permission}` for {companies:?} with {rights:?}");
            }
        }
        for (id, marks) in &after.marks {
            assert_eq!(*marks, before.marks.get(id).copied().unwrap_or_default(), "{name}: {id}");
        }
        assert_eq!(after.above, before.above, "{name} with {rights:?} for {companies:?}");
    }
}

#[test]
fn a1_with_every_subset_of_rights_nobody_gains_more_than_could_be_given() {
    for subset in 0_u32..1 << RIGHTS.len() {
        let rights: Vec<&str> = RIGHTS
            .iter()
            .enumerate()
            .filter(|(bit, _)| subset >> bit & 1 == 1)
            .map(|(_, right)| *right)
            .collect();
        // Each subset for one of the two reaches, and all rights for both.
        let companies: &[&str] = if subset.count_ones() % 2 == 0 { &["Acme"] } else { &[] };
        nobody_gains(&rights, companies, 0..ATTEMPTS.len());
    }
    nobody_gains(&RIGHTS, &[], 0..ATTEMPTS.len());
    nobody_gains(&RIGHTS, &["Acme"], 0..ATTEMPTS.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a1_with_any_rights_in_any_order_nobody_gains_more_than_could_be_given(
        picks in proptest::collection::btree_set(0..Permission::all().count(), 0..12),
        everywhere: bool,
        order in Just((0..ATTEMPTS.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        // Who holds all that the boss holds stands beside the boss, so one of those is always lacking.
        let rights: Vec<&str> = Permission::all()
            .enumerate()
            .filter(|(place, permission)| picks.contains(place) && permission.module() != "settings")
            .map(|(_, permission)| permission.id())
            .chain(["users.edit"])
            .collect();
        let companies: &[&str] = if everywhere { &[] } else { &["Acme"] };
        nobody_gains(&rights, companies, order.into_iter());
    }
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
    let (run, _) = cx.write(|tx| bulk::several(&cx, tx, &who, &verb, |_, _| ())).unwrap();
    let run = run.unwrap().id;
    cx.actor = Actor::system(None);
    change(&cx, OPERATOR, |facts| facts.email = "former@acme.example".to_owned()).unwrap();
    let heir = person(OPERATOR, "Acme", |facts| {
        facts.groups = names(&["Op"]);
        facts.staff = true;
    });
    create(&cx, heir, None, false).unwrap();
    acting(&mut cx);
    let mut seen = 0;
    run::list(&cx, None, |_| {
        seen += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, 0);
    assert_eq!(run::undo(&cx, &mut targets(), &run).unwrap_err().kind(), Kind::Denied);
    cx.actor = Actor::system(None);
    let former = cx.read(|tx| operator::actor(&cx, tx, &get_in(&cx, tx, "former@acme.example")?)).unwrap();
    cx.actor = former;
    assert_eq!(run::undo(&cx, &mut targets(), &run).unwrap().reverted, 2);
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
    let (run, _) =
        cx.write(|tx| bulk::several(&cx, tx, &Who::Named(many), &Verb::Deactivate, |_, _| ())).unwrap();
    let held = run.unwrap().held_because.unwrap();
    assert_eq!(held, "21 of 27 people would lose access, more than 20 are not let through");
}

#[test]
fn a1_an_operator_ends_those_of_an_old_bin_who_are_theirs_to_end() {
    let mut cx = site(&["users.view", "users.delete"], &["Acme"]);
    for gone in ["plain@acme.example", "boss@acme.example", "eve@globex.example"] {
        one(&cx, gone, &Verb::Delete).unwrap();
    }
    acting(&mut cx);
    cx.clock = Box::new(FixedClock::new(Instant::from_micros(cx.now().micros() + 31 * bin::DAY)));
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
    cx.clock = Box::new(FixedClock::new(Instant::from_micros(then.micros() + 1_000_000)));
    change(&cx, "eve@globex.example", |facts| facts.company = Some("Acme".to_owned())).unwrap();
    acting(&mut cx);
    let eve = |at| cx.read(|tx| as_of(&cx, tx, "eve@globex.example", at)).map(|user| user.facts.company);
    assert_eq!(eve(cx.now()).unwrap().as_deref(), Some("Acme"));
    assert_eq!(eve(then).unwrap_err().kind(), Kind::Denied);
}

#[test]
fn a1_who_went_to_another_company_is_not_asked_about_as_they_were_before() {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    let then = cx.now();
    cx.clock = Box::new(FixedClock::new(Instant::from_micros(then.micros() + 1_000_000)));
    change(&cx, "plain@acme.example", |facts| facts.company = Some("Globex".to_owned())).unwrap();
    acting(&mut cx);
    let asked = |who| {
        let asked = Asked { as_of: Some(then), ..Asked::default() };
        permission::check(&cx, who, Permission::find("users.view").unwrap(), asked)
    };
    assert!(!asked("peer@acme.example").unwrap());
    assert_eq!(asked("plain@acme.example").unwrap_err().kind(), Kind::Denied);
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
    cx.still_may = operator::still_may;
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
