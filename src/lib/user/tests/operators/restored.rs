//! What somebody brings back with who they restore: nothing that was granted meanwhile and is not theirs to give.

use super::{acting, change, grant, names, one, several, site, which};
use crate::context::{Actor, Context};
use crate::group;
use crate::registry::engine;
use crate::role;
use crate::run;
use crate::user::bin::{self, RestoreOptions, Restored};
use crate::user::bulk::{Verb, Who};
use crate::user::get;
use crate::user::grown::Grown;

const PLAIN: &str = "plain@acme.example";

/// A site with an operator of these rights, and somebody in the bin who is in `Risk`, and in `Lunch` by the role `eater`.
fn site_with_a_bin(rights: &[&str]) -> Context {
    let cx = site(rights, &[]);
    change(&cx, PLAIN, |facts| (facts.groups, facts.roles) = (names(&["Risk"]), names(&["eater"]))).unwrap();
    one(&cx, PLAIN, &Verb::Delete).unwrap();
    cx
}

fn both_grow(cx: &Context) {
    grant(cx, "Risk", &["risk.edit_report"], &[]).unwrap();
    grant(cx, "Lunch", &["incidents.edit"], &["Acme"]).unwrap();
}

fn restore(cx: &Context) -> Restored {
    bin::restore(cx, PLAIN, RestoreOptions::default()).unwrap()
}

fn said(grown: &[Grown]) -> Vec<String> {
    grown.iter().map(Grown::said).collect()
}

#[test]
fn a1_a_group_that_grew_stays_behind_where_that_is_not_the_operators_to_give() {
    let mut cx = site_with_a_bin(&["users.view", "users.edit"]);
    both_grow(&cx);
    acting(&mut cx);
    let restored = restore(&cx);
    assert!(restored.grown.is_empty());
    assert_eq!(
        said(&restored.left_behind),
        [
            "group `Risk`, which since gives what is not yours to look at",
            "role `eater`, which since gives what is not yours to look at"
        ]
    );
    assert!(restored.cleared.taken.is_empty(), "it is told once: {:?}", restored.cleared);
    assert!(restored.missing.is_nothing());
    let facts = get(&cx, PLAIN).unwrap().facts;
    assert_eq!((facts.groups, facts.roles), (names(&[]), names(&[])));
}

#[test]
fn a1_who_has_what_a_group_grants_more_brings_it_back_with_it_and_is_told() {
    let mut cx = site_with_a_bin(&["users.view", "users.edit", "groups.view", "risk.edit_report"]);
    both_grow(&cx);
    acting(&mut cx);
    let restored = restore(&cx);
    assert_eq!(said(&restored.grown), ["group `Risk`, which since gives `risk.edit_report`"]);
    assert_eq!(said(&restored.left_behind), ["role `eater`, which since gives `incidents.edit@Acme`"]);
    let facts = get(&cx, PLAIN).unwrap().facts;
    assert_eq!((facts.groups, facts.roles), (names(&["Risk"]), names(&[])));
}

/// Of a group and a role that share a name, only the one that grew stays behind.
#[test]
fn a_group_that_stays_behind_takes_no_role_of_its_name_with_it_nor_a_role_a_group() {
    for grows in ["eater", "Lunch"] {
        let mut cx = site(&["users.view", "users.edit", "incidents.view"], &[]);
        group::create(&cx, &group::New { name: "eater".into(), ..group::New::default() }, None, false)
            .unwrap();
        change(&cx, PLAIN, |facts| (facts.groups, facts.roles) = (names(&["eater"]), names(&["eater"])))
            .unwrap();
        one(&cx, PLAIN, &Verb::Delete).unwrap();
        grant(&cx, grows, &["risk.edit_report"], &[]).unwrap();
        acting(&mut cx);
        let restored = restore(&cx);
        let (kind, groups, roles) = if grows == "eater" {
            ("group", names(&[]), names(&["eater"]))
        } else {
            ("role", names(&["eater"]), names(&[]))
        };
        let left = format!("{kind} `eater`, which since gives what is not yours to look at");
        assert_eq!(said(&restored.left_behind), [left]);
        let facts = get(&cx, PLAIN).unwrap().facts;
        assert_eq!((facts.groups, facts.roles), (groups, roles), "{grows}");
    }
}

/// Of a group and a role that share a name, only the one that ends is taken from who is in the bin.
#[test]
fn what_ends_takes_nothing_of_its_name_and_another_kind_from_who_is_in_the_bin() {
    for ends in ["group", "role"] {
        let cx = site(&[], &[]);
        group::create(&cx, &group::New { name: "eater".into(), ..group::New::default() }, None, false)
            .unwrap();
        change(&cx, PLAIN, |facts| (facts.groups, facts.roles) = (names(&["eater"]), names(&["eater"])))
            .unwrap();
        one(&cx, PLAIN, &Verb::Delete).unwrap();
        if ends == "group" {
            group::delete(&cx, &mut engine(), &which("eater"), true, &run::Ask::nothing(false)).unwrap();
        } else {
            role::delete(&cx, &mut engine(), "eater", true, &run::Ask::nothing(false)).unwrap();
        }
        let missing = restore(&cx).missing.said();
        assert_eq!(missing, format!("{ends} `eater`"));
        let facts = get(&cx, PLAIN).unwrap().facts;
        assert_eq!((facts.groups.len(), facts.roles.len()), if ends == "group" { (0, 1) } else { (1, 0) });
    }
}

#[test]
fn what_grew_is_told_to_a_superuser_too_and_nothing_stays_behind() {
    let cx = site_with_a_bin(&[]);
    both_grow(&cx);
    let restored = restore(&cx);
    assert_eq!(
        said(&restored.grown),
        [
            "group `Risk`, which since gives `risk.edit_report`",
            "role `eater`, which since gives `incidents.edit@Acme`"
        ]
    );
    assert!(restored.left_behind.is_empty());
    let facts = get(&cx, PLAIN).unwrap().facts;
    assert_eq!((facts.groups, facts.roles), (names(&["Risk"]), names(&["eater"])));
}

#[test]
fn a1_a_role_that_brings_another_group_gives_more_and_one_that_was_renamed_does_not() {
    let mut cx = site_with_a_bin(&["users.view", "users.edit"]);
    group::create(&cx, &group::New { name: "Tea".into(), ..group::New::default() }, None, false).unwrap();
    grant(&cx, "Tea", &["incidents.add"], &[]).unwrap();
    super::edit_role(&cx, "eater", &["Tea"], None).unwrap();
    let called = group::Edit { name: Some("Hazards".to_owned()), ..group::Edit::default() };
    group::tests::edit(&cx, &which("Risk"), &called).unwrap();
    acting(&mut cx);
    let restored = restore(&cx);
    assert_eq!(said(&restored.left_behind), ["role `eater`, which since gives what is not yours to look at"]);
    let facts = get(&cx, PLAIN).unwrap().facts;
    assert_eq!((facts.groups, facts.roles), (names(&["Hazards"]), names(&[])));
}

#[test]
fn what_was_granted_and_taken_again_or_stood_for_all_companies_is_nothing_more() {
    let mut cx = site_with_a_bin(&["users.view", "users.edit"]);
    both_grow(&cx);
    grant(&cx, "Risk", &["risk.view_report"], &["Globex"]).unwrap();
    for (group, permission) in [("Risk", "risk.edit_report"), ("Lunch", "incidents.edit")] {
        let taken = group::GrantSpec { patterns: names(&[permission]), ..group::GrantSpec::default() };
        group::revoke(&cx, &mut engine(), &which(group), &taken, &run::Ask::nothing(false)).unwrap();
    }
    acting(&mut cx);
    let restored = restore(&cx);
    assert_eq!((said(&restored.grown), said(&restored.left_behind)), (vec![], vec![]));
    let facts = get(&cx, PLAIN).unwrap().facts;
    assert_eq!((facts.groups, facts.roles), (names(&["Risk"]), names(&["eater"])));
}

#[test]
fn a1_a_companys_group_that_comes_to_be_of_all_gives_more() {
    let mut cx = site(&["users.view", "users.edit", "incidents.add"], &["Acme"]);
    group::create(&cx, &group::New { name: "Tea".into(), ..group::New::default() }, Some("Acme"), false)
        .unwrap();
    grant(&cx, "Tea", &["incidents.add"], &[]).unwrap();
    change(&cx, PLAIN, |facts| facts.groups = names(&["Tea@Acme"])).unwrap();
    one(&cx, PLAIN, &Verb::Delete).unwrap();
    let everywhere = group::Edit { company: Some(String::new()), ..group::Edit::default() };
    group::tests::edit(&cx, &which("Tea"), &everywhere).unwrap();
    acting(&mut cx);
    assert_eq!(restore(&cx).left_behind.len(), 1);
    assert_eq!(get(&cx, PLAIN).unwrap().facts.groups, names(&[]));
}

#[test]
fn a1_an_undone_deletion_brings_back_no_more_than_a_restore() {
    let mut cx = site(&["users.view", "users.edit", "users.delete"], &["Acme"]);
    change(&cx, PLAIN, |facts| facts.groups = names(&["Risk"])).unwrap();
    acting(&mut cx);
    let both = Who::Named(names(&[PLAIN, "peer@acme.example"]));
    let deleted = several(&cx, &both, &Verb::Delete).unwrap().run.unwrap().id;
    cx.actor = Actor::system(None);
    grant(&cx, "Risk", &["risk.edit_report"], &[]).unwrap();
    acting(&mut cx);
    let undone = run::undo(&cx, &mut engine(), &deleted).unwrap();
    assert_eq!((undone.reverted, undone.without.count, undone.taken_by), (2, 2, vec![]));
    for who in [PLAIN, "peer@acme.example"] {
        assert_eq!(get(&cx, who).unwrap().facts.groups, names(&[]), "{who}");
    }
}
