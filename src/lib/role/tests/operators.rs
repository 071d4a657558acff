//! What operators may do with roles, permission by permission.

use super::{add, names, new, remove, with_companies};
use crate::company;
use crate::context::for_tests::{is_denied, is_unknown};
use crate::context::{Actor, CompanyScope, Context};
use crate::error::Result;
use crate::group;
use crate::role::tests::{delete, edit};
use crate::role::{Edit, New, Shown, create, dashboard, get, list};
use crate::user::{self, Facts};

/// Acme and Globex with a role each, one for all, and the group Risk, which grants `risk.view_report` for all.
fn cx() -> Context {
    let cx = with_companies(&["Acme", "Globex"]);
    let risk = group::New { name: "Risk".to_owned(), ..Default::default() };
    group::create(&cx, &risk, None, false).unwrap();
    let report = group::GrantSpec { patterns: names(&["risk.view_report"]), ..Default::default() };
    group::grant(&cx, &risk_group(), &report).unwrap();
    create(&cx, &new("Global"), false).unwrap();
    create(&cx, &New { companies: names(&["Acme"]), ..new("Of Acme") }, false).unwrap();
    create(&cx, &New { companies: names(&["Globex"]), ..new("Of Globex") }, false).unwrap();
    cx
}

fn risk_group() -> group::Selector {
    group::Selector { name: "Risk".to_owned(), company: None }
}

/// Lets an operator act who has these permissions for Acme, and those for all companies.
fn act(cx: &mut Context, for_acme: &[&'static str], for_all: &[&'static str]) {
    let acme = cx.read(|tx| Ok(company::get_in(tx, "Acme", &CompanyScope::All)?.id)).unwrap();
    cx.actor = Actor::operator_with(&[(for_acme, CompanyScope::of([acme])), (for_all, CompanyScope::All)]);
}

fn bring_risk() -> Edit {
    Edit { groups: add(&["Risk"]), ..Edit::default() }
}

#[test]
fn a1_without_permission_nothing_is_read_or_changed() {
    let mut cx = cx();
    act(&mut cx, &[], &[]);
    for role in ["global", "of-acme", "no such role"] {
        assert!(is_denied(get(&cx, role)));
        assert!(is_denied(edit(&cx, role, &Edit::default())));
        assert!(is_denied(delete(&cx, role, true)));
        assert!(is_denied(dashboard::reset(&cx, role)));
    }
    assert!(is_denied(list(&cx, &Shown::default())));
    assert!(is_denied(create(&cx, &new("Global"), true)));
    assert!(is_denied(dashboard::of_person(&cx, &crate::registry::engine(), "nobody@acme.example")));
}

#[test]
fn a1_a_list_shows_roles_for_all_and_those_of_the_operators_companies() {
    let mut cx = cx();
    let both = New { companies: names(&["Acme", "Globex"]), ..new("Of both") };
    create(&cx, &both, false).unwrap();
    act(&mut cx, &["roles.view"], &[]);
    let listed: Vec<_> = list(&cx, &Shown::default()).unwrap();
    let seen: Vec<_> = listed.iter().map(|role| (role.name.as_str(), role.companies.len())).collect();
    assert_eq!(seen, [("Global", 0), ("Of Acme", 1), ("Of both", 1)]);
    for role in ["of-globex", "of-globax"] {
        let failure = get(&cx, role).unwrap_err();
        assert_eq!(failure.to_string(), format!("there is no role `{role}`"));
        assert_ne!(failure.explain().hint().unwrap(), "did you mean `of-globex`?");
    }
}

#[test]
fn a1_a_role_is_changed_only_by_who_may_for_each_of_its_companies() {
    let mut cx = cx();
    act(&mut cx, &["roles.view", "roles.add", "roles.edit", "roles.delete"], &[]);
    let rename = Edit { description: Some("mine".into()), ..Edit::default() };
    edit(&cx, "of-acme", &rename).unwrap();
    assert!(is_denied(edit(&cx, "global", &rename)));
    assert!(is_denied(delete(&cx, "global", false)));
    assert!(is_denied(dashboard::reset(&cx, "global")));
    assert_eq!(edit(&cx, "of-globex", &rename).unwrap_err().code(), "role.not_found");
    assert_eq!(delete(&cx, "of-globex", false).unwrap_err().code(), "role.not_found");
    assert_eq!(dashboard::reset(&cx, "of-globex").unwrap_err().code(), "role.not_found");
    let of_others = Edit { companies: add(&["Globex"]), ..Edit::default() };
    assert!(is_unknown(edit(&cx, "of-acme", &of_others)));
    assert!(is_denied(edit(&cx, "of-acme", &Edit { companies: remove(&["Acme"]), ..Edit::default() })));
    assert!(is_denied(create(&cx, &new("For all"), false)));
    assert!(is_unknown(create(&cx, &New { companies: names(&["Globex"]), ..new("Theirs") }, false)));
    create(&cx, &New { companies: names(&["Acme"]), ..new("Ours") }, false).unwrap();
    delete(&cx, "ours", false).unwrap();
}

#[test]
fn a1_only_groups_the_operator_may_give_are_made_part_of_roles() {
    let mut cx = cx();
    let roles = ["roles.add", "roles.edit"];
    act(&mut cx, &["risk.view_report"], &roles);
    assert!(
        is_denied(edit(&cx, "of-acme", &bring_risk())),
        "held for Acme alone, the group grants it for all"
    );
    let with_risk = New { groups: names(&["Risk"]), ..new("Readers") };
    assert!(is_denied(create(&cx, &with_risk, false)));
    act(&mut cx, &[], &["roles.add", "roles.edit", "risk.view_report"]);
    edit(&cx, "of-acme", &bring_risk()).unwrap();
    create(&cx, &with_risk, false).unwrap();
}

#[test]
fn a1_a_role_is_renamed_only_by_who_may_give_its_groups() {
    let mut cx = cx();
    edit(&cx, "of-acme", &bring_risk()).unwrap();
    let renamed = Edit { name: Some("Chef".to_owned()), ..Edit::default() };
    let other_slug = Edit { slug: Some("chef".to_owned()), ..Edit::default() };
    act(&mut cx, &["roles.edit"], &[]);
    assert!(is_denied(edit(&cx, "of-acme", &renamed)));
    assert!(is_denied(edit(&cx, "of-acme", &other_slug)));
    act(&mut cx, &["roles.edit"], &["risk.view_report"]);
    edit(&cx, "of-acme", &renamed).unwrap();
    edit(&cx, "of-acme", &other_slug).unwrap();
}

#[test]
fn a1_assignable_groups_are_made_part_of_roles_by_anybody_who_may_edit_them() {
    let mut cx = cx();
    group::tests::edit(&cx, &risk_group(), &group::Edit { assignable: Some(true), ..Default::default() })
        .unwrap();
    act(&mut cx, &["roles.edit"], &[]);
    edit(&cx, "of-acme", &bring_risk()).unwrap();
}

#[test]
fn a1_what_holders_have_is_changed_only_by_who_may_give_it() {
    let mut cx = cx();
    edit(&cx, "of-acme", &bring_risk()).unwrap();
    act(&mut cx, &[], &["roles.edit"]);
    for change in [
        Edit { active: Some(false), ..Edit::default() },
        Edit { companies: add(&["Globex"]), ..Edit::default() },
        Edit { groups: remove(&["Risk"]), ..Edit::default() },
    ] {
        assert!(is_denied(edit(&cx, "of-acme", &change)), "{change:?}");
    }
    let harmless = Edit { order: Some(5), modules: add(&["risk"]), ..Edit::default() };
    edit(&cx, "of-acme", &harmless).unwrap();
}

#[test]
fn a1_a_role_of_somebody_above_is_changed_by_nobody_below() {
    let mut cx = cx();
    let admins = group::New { name: "Admins".into(), ..group::New::default() };
    group::create(&cx, &admins, None, false).unwrap();
    let order = group::GrantSpec { patterns: vec!["users.delete".into()], ..group::GrantSpec::default() };
    group::grant(&cx, &group::Selector { name: "Admins".into(), company: None }, &order).unwrap();
    let facts = Facts {
        first_name: Some("B".into()),
        last_name: Some("B".into()),
        company: Some("Acme".into()),
        groups: vec!["Admins".into()],
        roles: vec!["global".into()],
        ..Facts::new("boss@x.example".into())
    };
    user::create::create(&cx, Facts::new("op@acme.example".into()), None, false).unwrap();
    user::create::create(&cx, facts, None, false).unwrap();
    let below = ["roles.edit", "roles.delete", "users.edit", "risk.view_report"];
    let changes: [fn(&Context) -> Result<()>; 3] = [
        |cx| edit(cx, "global", &Edit { active: Some(false), ..Edit::default() }).map(drop),
        |cx| edit(cx, "global", &Edit { groups: add(&["Risk"]), ..Edit::default() }).map(drop),
        |cx| delete(cx, "global", true).map(drop),
    ];
    for change in changes {
        act(&mut cx, &[], &below);
        cx.dry_run = true;
        assert!(is_denied(change(&cx)));
        act(&mut cx, &[], &[&below[..], &["users.delete"]].concat());
        change(&cx).unwrap();
    }
}
