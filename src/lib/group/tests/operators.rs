//! What operators may do with groups, permission by permission.

use super::{bring_by_role, cx_with_companies, delete, edit, make, put_in, revoke, sql, which};
use crate::company;
use crate::context::for_tests::{is_denied, is_unknown};
use crate::context::{Actor, CompanyScope, Context, Service};
use crate::error::Result;
use crate::group::{
    Edit, GrantSpec, New, check_may_give, create, each_member, find_id_in, grant, list, name_to_give,
    refuse_below, refuse_those_above, show,
};
use crate::user::bulk::{self, Verb};
use crate::user::{self, Facts};

/// A store with the groups Risk of Acme, of Globex and of none, each of which grants `risk.view_report`.
fn cx() -> Context {
    let cx = cx_with_companies();
    for company in [None, Some("Acme"), Some("Globex")] {
        make(&cx, "Risk", company).unwrap();
    }
    for name in ["Risk", "Risk@Acme", "Risk@Globex"] {
        grant(&cx, &which(name), &order("risk.view_report", None)).unwrap();
    }
    cx
}

fn order(pattern: &str, company: Option<&str>) -> GrantSpec {
    let companies = company.map(str::to_owned).into_iter().collect();
    GrantSpec { patterns: vec![pattern.to_owned()], companies, ..GrantSpec::default() }
}

/// Lets an operator act who has these permissions for Acme, and those for all companies.
fn act(cx: &mut Context, for_acme: &[&'static str], for_all: &[&'static str]) {
    let acme = cx.read(|tx| Ok(company::get_in(tx, "Acme", &CompanyScope::All)?.id)).unwrap();
    cx.actor = Actor::operator_with(&[(for_acme, CompanyScope::of([acme])), (for_all, CompanyScope::All)]);
}

fn listed(cx: &Context) -> Vec<String> {
    let mut names = Vec::new();
    list(cx, None, |group| {
        names.push(group.canonical());
        Ok(())
    })
    .unwrap();
    names
}

#[test]
fn a1_without_permission_nothing_is_read_or_changed() {
    let mut cx = cx();
    act(&mut cx, &[], &[]);
    let new = New { name: "Mine".to_owned(), ..New::default() };
    assert!(is_denied(list(&cx, None, |_| Ok(()))));
    assert!(is_denied(show(&cx, &which("Risk"))));
    assert!(is_denied(show(&cx, &which("No such group"))));
    assert!(is_denied(each_member(&cx, &which("Risk"), |_| Ok(()))));
    assert!(is_denied(create(&cx, &new, Some("Acme"), false)));
    assert!(is_denied(edit(&cx, &which("Risk"), &Edit::default())));
    assert!(is_denied(grant(&cx, &which("Risk"), &order("risk.view_report", None))));
    assert!(is_denied(revoke(&cx, &which("Risk"), &order("risk.view_report", None))));
    assert!(is_denied(delete(&cx, &which("Risk"), false)));
}

/// Else what was taken from them they gave back to themselves.
#[test]
fn a1_nobody_changes_what_their_own_groups_grant_be_it_by_a_role() {
    let mut cx = cx();
    put_in(&cx, "Risk", "op@acme.example", "Acme");
    let changed = |cx: &Context, group: &str| {
        let edited = |it| edit(cx, &which(group), &it);
        [
            is_denied(grant(cx, &which(group), &order("incidents.view", None))),
            is_denied(revoke(cx, &which(group), &order("risk.view_report", None))),
            is_denied(edited(Edit { assignable: Some(true), ..Edit::default() })),
            is_denied(edited(Edit { name: Some("Other".to_owned()), ..Edit::default() })),
        ]
    };
    let all = ["groups.edit", "groups.view", "risk.view_report", "incidents.view"];
    act(&mut cx, &[], &all);
    assert_eq!(changed(&cx, "Risk"), [true; 4]);
    sql(&cx, "DELETE FROM memberships");
    bring_by_role(&cx, "Risk");
    assert_eq!(changed(&cx, "Risk"), [true; 4], "by a role");
    let described = Edit { description: Some("What for".to_owned()), ..Edit::default() };
    assert!(edit(&cx, &which("Risk"), &described).is_ok(), "what nobody has more or less by");
    sql(&cx, "DELETE FROM user_roles");
    assert_eq!(changed(&cx, "Risk"), [false; 4], "others' groups");
}

#[test]
fn a1_a_list_shows_groups_for_all_and_those_of_the_operators_companies() {
    let mut cx = cx();
    make(&cx, "Globex Secrets", Some("Globex")).unwrap();
    act(&mut cx, &["groups.view"], &[]);
    assert_eq!(listed(&cx), ["Risk", "Risk@Acme"]);
    assert!(is_unknown(show(&cx, &which("Risk@Globex"))));
    let failure = show(&cx, &which("Globex Secretz")).unwrap_err();
    assert_eq!(failure.explain().hint().unwrap(), "see them with `secboard group list`");
}

#[test]
fn a1_people_and_grants_of_other_companies_do_not_show() {
    let mut cx = cx();
    put_in(&cx, "Risk", "a@x.example", "Acme");
    put_in(&cx, "Risk", "g@x.example", "Globex");
    grant(&cx, &which("Risk"), &order("fim.view", Some("Globex"))).unwrap();
    act(&mut cx, &["groups.view", "users.view"], &[]);
    let mut emails = Vec::new();
    each_member(&cx, &which("Risk"), |member| {
        emails.push(member.email);
        Ok(())
    })
    .unwrap();
    assert_eq!(emails, ["a@x.example"]);
    let shown = show(&cx, &which("Risk")).unwrap();
    assert_eq!((shown.grants.len(), shown.group.grants, shown.group.members), (1, 1, 1));
    list(&cx, None, |group| {
        if group.name == "Risk" && group.company.is_none() {
            assert_eq!((group.grants, group.members), (1, 1));
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn a1_a_group_for_all_takes_the_permission_for_all() {
    let mut cx = cx();
    act(&mut cx, &["groups.add", "groups.edit", "groups.delete"], &[]);
    let new = New { name: "New".to_owned(), ..New::default() };
    assert!(is_denied(create(&cx, &new, None, false)));
    assert!(is_unknown(create(&cx, &new, Some("Globex"), false)));
    assert!(create(&cx, &new, Some("Acme"), false).is_ok());
    assert!(is_denied(delete(&cx, &which("Risk"), false)));
    assert!(is_unknown(delete(&cx, &which("Risk@Globex"), false)));
    assert!(delete(&cx, &which("Risk@Acme"), false).is_ok());
}

#[test]
fn a1_nobody_grants_or_revokes_what_they_do_not_have_as_far() {
    let mut cx = cx();
    act(&mut cx, &["groups.edit", "fim.view"], &[]);
    assert!(is_denied(grant(&cx, &which("Risk@Acme"), &order("fim.edit", None))));
    assert!(is_denied(grant(&cx, &which("Risk@Acme"), &order("fim.*", Some("Acme")))));
    assert!(grant(&cx, &which("Risk@Acme"), &order("fim.view", None)).is_ok());
    assert!(is_denied(revoke(&cx, &which("Risk@Acme"), &order("risk.view_report", None))));
    act(&mut cx, &["fim.view"], &["groups.edit"]);
    assert!(is_denied(grant(&cx, &which("Risk"), &order("fim.view", None))));
    assert!(is_denied(grant(&cx, &which("Risk"), &order("fim.view", Some("Globex")))));
    assert!(grant(&cx, &which("Risk"), &order("fim.view", Some("Acme"))).is_ok());
}

#[test]
fn a1_a_group_is_made_assignable_only_by_who_has_all_it_grants() {
    let mut cx = cx();
    let assignable = Edit { assignable: Some(true), ..Edit::default() };
    act(&mut cx, &["groups.edit"], &[]);
    assert!(is_denied(edit(&cx, &which("Risk@Acme"), &assignable)));
    act(&mut cx, &["groups.edit", "risk.view_report"], &[]);
    assert!(edit(&cx, &which("Risk@Acme"), &assignable).is_ok());
}

#[test]
fn a1_what_a_group_is_granted_later_is_not_given_by_who_has_it_not_unless_that_is_said_again() {
    let mut cx = cx();
    let assignable = Edit { assignable: Some(true), ..Edit::default() };
    let is_assignable = |cx: &Context, name: &str| show(cx, &which(name)).unwrap().group.assignable;
    make(&cx, "Empty", Some("Acme")).unwrap();
    act(&mut cx, &["groups.edit"], &[]);
    edit(&cx, &which("Empty@Acme"), &assignable).unwrap();
    cx.actor = Actor::system(None);
    let granted = grant(&cx, &which("Empty@Acme"), &order("risk.edit_report", None)).unwrap();
    assert!(granted.ended_assignable && !granted.group.assignable);

    edit(&cx, &which("Empty@Acme"), &assignable).unwrap();
    let granted = grant(&cx, &which("Empty@Acme"), &order("risk.edit_report", None)).unwrap();
    assert!(!granted.ended_assignable && granted.group.assignable, "that is granted already");
    let kept = GrantSpec { keeps_assignable: true, ..order("risk.view_report", None) };
    let granted = grant(&cx, &which("Empty@Acme"), &kept).unwrap();
    assert!(!granted.ended_assignable && granted.group.assignable);

    let wider = Edit { company: Some(String::new()), ..Edit::default() };
    edit(&cx, &which("Empty@Acme"), &wider).unwrap();
    assert!(!is_assignable(&cx, "Empty"), "it reaches further than when that was decided");
    edit(&cx, &which("Empty"), &assignable).unwrap();
    edit(&cx, &which("Empty"), &Edit { company: Some("Acme".to_owned()), ..Edit::default() }).unwrap();
    assert!(is_assignable(&cx, "Empty@Acme"), "it reaches less far");
    edit(&cx, &which("Empty@Acme"), &Edit { company: Some(String::new()), ..assignable }).unwrap();
    assert!(is_assignable(&cx, "Empty"));
}

#[test]
fn a1_a_group_is_renamed_only_by_who_has_all_it_grants() {
    let mut cx = cx();
    let renamed = Edit { name: Some("Lunch".to_owned()), ..Edit::default() };
    act(&mut cx, &["groups.edit"], &[]);
    assert!(is_denied(edit(&cx, &which("Risk@Acme"), &renamed)));
    let described = Edit { description: Some("of the bank".to_owned()), ..Edit::default() };
    assert!(edit(&cx, &which("Risk@Acme"), &described).is_ok());
    act(&mut cx, &["groups.edit", "risk.view_report"], &[]);
    assert!(edit(&cx, &which("Risk@Acme"), &renamed).is_ok());
}

#[test]
fn a1_a_group_reaches_further_only_by_who_has_all_it_grants_that_far() {
    let mut cx = cx();
    let everywhere = Edit { company: Some(String::new()), name: Some("Wide".to_owned()), ..Edit::default() };
    act(&mut cx, &["groups.edit", "risk.view_report"], &[]);
    assert!(is_denied(edit(&cx, &which("Risk@Acme"), &everywhere)));
    act(&mut cx, &["risk.view_report"], &["groups.edit"]);
    assert!(is_denied(edit(&cx, &which("Risk@Acme"), &everywhere)));
    act(&mut cx, &[], &["groups.edit", "risk.view_report"]);
    assert!(edit(&cx, &which("Risk@Acme"), &everywhere).is_ok());
}

#[test]
fn a1_a_group_is_given_by_who_has_all_it_grants_or_when_it_is_assignable() {
    let mut cx = cx();
    let may_give = |cx: &Context, name: &str| {
        cx.read(|tx| {
            let found = find_id_in(tx, name, &CompanyScope::All)?.unwrap();
            check_may_give(cx, tx, &found, true)
        })
    };
    act(&mut cx, &["risk.view_report"], &[]);
    assert!(may_give(&cx, "Risk@Acme").is_ok());
    assert!(is_denied(may_give(&cx, "Risk")));
    cx.actor = Actor::system(None);
    edit(&cx, &which("Risk"), &Edit { assignable: Some(true), ..Edit::default() }).unwrap();
    act(&mut cx, &[], &[]);
    assert!(may_give(&cx, "Risk").is_ok());
    assert!(is_denied(may_give(&cx, "Risk@Acme")));
}

#[test]
fn a1_people_are_put_into_a_group_by_who_may_edit_groups_of_its_company_and_give_it() {
    let mut cx = cx();
    edit(&cx, &which("Risk"), &Edit { assignable: Some(true), ..Edit::default() }).unwrap();
    act(&mut cx, &["groups.edit"], &[]);
    assert_eq!(name_to_give(&cx, &which("Risk")).unwrap(), "Risk");
    assert!(is_denied(name_to_give(&cx, &which("Risk@Acme"))));
    assert!(is_unknown(name_to_give(&cx, &which("Risk@Globex"))));
    act(&mut cx, &["groups.view", "risk.view_report"], &[]);
    assert!(is_denied(name_to_give(&cx, &which("Risk@Acme"))));
}

#[test]
fn a1_a_forced_deletion_takes_nothing_the_operator_may_not_give() {
    let mut cx = cx();
    put_in(&cx, "Risk@Acme", "a@x.example", "Acme");
    act(&mut cx, &["groups.delete", "groups.edit", "users.edit"], &[]);
    assert!(is_denied(delete(&cx, &which("Risk@Acme"), true)));
}

#[test]
fn a1_who_deletes_a_group_takes_it_from_the_bin_but_not_from_somebody_above() {
    let mut cx = cx();
    make(&cx, "Admins", None).unwrap();
    grant(&cx, &which("Admins"), &order("users.delete", None)).unwrap();
    for (group, email) in [("Club", "plain@x.example"), ("Board", "boss@x.example")] {
        make(&cx, group, None).unwrap();
        put_in(&cx, group, email, "Acme");
    }
    bulk::apply_one(&cx, "boss@x.example", &Verb::AddGroup("Admins".into())).unwrap();
    for email in ["plain@x.example", "boss@x.example"] {
        bulk::apply_one(&cx, email, &Verb::Delete).unwrap();
    }
    act(&mut cx, &[], &["groups.delete"]);
    assert!(
        is_denied(delete(&cx, &which("Club"), false)),
        "the people of Acme are not the actor's to change"
    );
    act(&mut cx, &["users.edit"], &["groups.delete"]);
    assert!(is_denied(delete(&cx, &which("Board"), false).map(drop)));
    let committed = delete(&cx, &which("Club"), false).unwrap();
    assert_eq!(committed.in_bin.named(), "1 person in the bin");
    assert!(committed.run.is_some());
}

#[test]
fn a1_what_somebody_above_has_is_changed_by_nobody_below() {
    let mut cx = cx();
    make(&cx, "Admins", None).unwrap();
    grant(&cx, &which("Admins"), &order("users.delete", None)).unwrap();
    put_in(&cx, "Risk@Globex", "op@acme.example", "Globex");
    put_in(&cx, "Risk", "boss@x.example", "Acme");
    bulk::apply_one(&cx, "boss@x.example", &Verb::AddGroup("Admins".into())).unwrap();
    let below = ["groups.edit", "groups.delete", "users.edit", "risk.view_report", "risk.edit_report"];
    let changes: [fn(&Context) -> Result<()>; 4] = [
        |cx| revoke(cx, &which("Risk"), &order("risk.view_report", None)).map(drop),
        |cx| grant(cx, &which("Risk"), &order("risk.edit_report", None)).map(drop),
        |cx| {
            let moved = Edit { company: Some("Acme".into()), name: Some("Other".into()), ..Edit::default() };
            edit(cx, &which("Risk"), &moved).map(drop)
        },
        |cx| delete(cx, &which("Risk"), true).map(drop),
    ];
    for change in changes {
        act(&mut cx, &[], &below);
        cx.dry_run = true;
        assert!(is_denied(change(&cx)));
        act(&mut cx, &[], &[&below[..], &["users.delete"]].concat());
        change(&cx).unwrap();
    }
    act(&mut cx, &[], &below);
    let described = Edit { description: Some("who look after risks".into()), ..Edit::default() };
    edit(&cx, &which("Risk"), &described).unwrap();
}

#[test]
fn a1_one_rule_says_who_stands_above_of_one_person_and_of_many() {
    let mut cx = cx();
    grant(&cx, &which("Risk"), &order("groups.edit", None)).unwrap();
    let facts = Facts { groups: vec!["Risk".to_owned()], ..Facts::new("boss@acme.example".to_owned()) };
    let id = user::create::create(&cx, facts, None, false).unwrap().0.id;
    let asked = |cx: &Context| {
        let one = cx.read(|tx| refuse_below(cx, tx, id));
        let many = cx.read(|tx| refuse_those_above(cx, tx, &[id]));
        [one, many].map(|answer| answer.err().map(|failure| failure.to_string()))
    };
    for service in Service::ALL {
        cx.actor = Actor::service(service);
        assert_eq!(asked(&cx), [None, None], "{service:?}");
    }
    act(&mut cx, &[], &["groups.edit"]);
    assert_eq!(asked(&cx), [None, None]);
    act(&mut cx, &["groups.edit"], &["users.view"]);
    let [one, many] = asked(&cx).map(Option::unwrap);
    assert_eq!(one.replace("the person", "`boss@acme.example`"), many);
    assert!(one.contains("the person holds the permission of administration `groups.edit`"), "{one}");
}
