//! Everything that could gain more is tried, with every subset of the rights of administration that matter, in any order,
//! and nobody ends with more than there was to give.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    OPERATOR, acting, change, edit_role, everybody, grant, names, one, password, person, site, which,
};
use crate::catalog::Permission;
use crate::context::{Actor, CompanyScope, Context};
use crate::error::{Kind, Result};
use crate::permission::Access;
use crate::registry::engine;
use crate::store::Tx;
use crate::user::bin::{self, RestoreOptions};
use crate::user::bulk::Verb;
use crate::user::create::create;
use crate::user::{Facts, User, get, store};
use crate::{audit, group, operator, role, run, setting};

/// Those who hold more than any operator here, or who are superusers.
const ABOVE: [&str; 2] = ["root@acme.example", "boss@acme.example"];

/// The rights whose every subset is tried.
const RIGHTS: [&str; 6] =
    ["users.add", "users.edit", "users.delete", "groups.edit", "roles.add", "roles.edit"];

type Attempt = (&'static str, fn(&Context) -> Result<()>);

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
        group::tests::edit(cx, &which("Local@Acme"), &edit).map(|_| ())
    }),
    ("make the administrators assignable", |cx| {
        let edit = group::Edit { assignable: Some(true), ..group::Edit::default() };
        group::tests::edit(cx, &which("Admins"), &edit).map(|_| ())
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
        let options =
            RestoreOptions { email: Some("mine@acme.example".into()), company: Some("Globex".into()) };
        bin::restore(cx, "plain@acme.example", options).map(|_| ())
    }),
    ("permanently delete somebody", |cx| bin::purge(cx, &names(&["boss@acme.example"])).map(|_| ())),
    ("unlock a superior", |cx| bin::unlock(cx, &names(&["boss@acme.example"])).map(|_| ())),
    ("require the second factor", |cx| {
        change(cx, "plain@acme.example", |facts| facts.two_factor_required = true)
    }),
    ("undo what others did", |cx| {
        let mut runs = Vec::new();
        run::list(cx, &engine(), None, |run| {
            runs.push(run.id);
            Ok(())
        })?;
        runs.iter().try_for_each(|id| run::undo(cx, &mut engine(), id).map(|_| ()))
    }),
    ("change a setting", |cx| setting::set(cx, "user.bin_days", "1").map(|_| ())),
    ("make oneself an operator again", |cx| {
        operator::set(cx, "61235", "boss@acme.example", None).map(|_| ())
    }),
];

/// What everybody may do, the marks, and what superiors look like.
#[derive(Debug, PartialEq, Eq)]
struct State {
    held: BTreeMap<String, BTreeMap<&'static str, CompanyScope>>,
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

fn held(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<BTreeMap<&'static str, CompanyScope>> {
    let mut access = Access::load(cx, tx, user)?;
    access.active = true;
    Ok(Permission::all()
        .map(|permission| (permission.id(), CompanyScope::of_grants(&access.scopes(permission))))
        .filter(|(_, companies)| !companies.is_empty())
        .collect())
}

/// Whether each of `companies` is held by one of these.
fn together(
    companies: &CompanyScope,
    holders: &[&BTreeMap<&'static str, CompanyScope>],
    permission: &str,
) -> bool {
    let held: Vec<&CompanyScope> = holders.iter().filter_map(|held| held.get(permission)).collect();
    match companies {
        CompanyScope::All => held.contains(&&CompanyScope::All),
        CompanyScope::These(ids) => ids.iter().all(|id| held.iter().any(|held| held.contain(Some(*id)))),
    }
}

/// Lets the operator try everything in this order and proves that nobody gained what was not the operator's to give.
fn nobody_gains(rights: &[&str], companies: &[&str], order: impl Iterator<Item = usize>) {
    let mut cx = site(rights, companies);
    let before = state(&cx);
    let operator = get(&cx, OPERATOR).unwrap().id.to_string();
    let assignable = BTreeMap::from([
        ("users.view", CompanyScope::All),
        ("audit.view", CompanyScope::All),
        ("incidents.view", CompanyScope::All),
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
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

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
