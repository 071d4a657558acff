//! What an operator is told.

use std::collections::HashMap;

use super::board::{Site, Step};
use crate::catalog::Permission;
use crate::context::{Account, Actor, Authority, CompanyScope};
use crate::permission::ask::{self, Asked};
use crate::permission::explain::explain;
use crate::permission::matrix::{Of, matrix};
use crate::permission::who_can::who_can;

/// A site where two people of the first company and one of the second may do something, asked by the first of them as
/// an operator of the first company with these permissions.
fn asked_by_an_operator(held: &[&'static str]) -> (Site, Vec<String>) {
    let mut site = Site::after(&[Step::Grant(0, 0, None), Step::AddGroup(1, 0), Step::AddGroup(3, 0)]);
    let people: Vec<String> = site.people(false).into_iter().map(|user| user.facts.email).collect();
    let own = CompanyScope::These(vec![1]);
    let held: HashMap<_, _> = held.iter().map(|permission| (*permission, own.clone())).collect();
    site.cx.actor = Actor {
        name: people[1].clone(),
        shell_user: None,
        authority: Authority::Account(Account { id: 2, superuser: false, permissions: held }),
    };
    (site, people)
}

fn report() -> Permission {
    Permission::parse("risk.view_report").unwrap()
}

#[test]
fn a1_an_operator_asks_about_people_of_their_companies_and_about_themselves() {
    let asked = Asked::default();
    let (site, people) = asked_by_an_operator(&["users.view"]);
    assert!(!ask::check(&site.cx, &people[2], report(), asked).unwrap());
    for as_of in [None, Some(site.now())] {
        let asked = Asked { as_of, ..asked };
        let refused = |who: &str| ask::check(&site.cx, who, report(), asked).unwrap_err().code();
        assert_eq!(refused(&people[3]), "user.not_found", "of another company");
        assert_eq!(refused(&people[0]), "user.not_found", "of no company");
        assert!(explain(&site.cx, &people[3], report(), asked).is_err());
        assert!(ask::show(&site.cx, &people[3], as_of).is_err());
        assert!(ask::diff(&site.cx, &people[1], &people[3], as_of).is_err());
        assert!(matrix(&site.cx, Of::User(&people[3]), asked).is_err());
    }
    let (site, people) = asked_by_an_operator(&[]);
    assert!(ask::check(&site.cx, &people[1], report(), asked).unwrap(), "themselves");
    for who in [people[2].as_str(), "nobody@x.example"] {
        assert_eq!(ask::check(&site.cx, who, report(), asked).unwrap_err().code(), "permission.denied");
    }
}

#[test]
fn a1_who_can_shows_an_operator_people_of_their_companies() {
    let (site, people) = asked_by_an_operator(&["users.view"]);
    for as_of in [None, Some(site.now())] {
        let mut told = Vec::new();
        who_can(&site.cx, report(), Asked { company: None, as_of }, |holder| {
            told.push(holder.email);
            Ok(())
        })
        .unwrap();
        assert_eq!(told, [people[1].as_str()]);
    }
    let (site, _) = asked_by_an_operator(&["groups.view"]);
    let refused = who_can(&site.cx, report(), Asked::default(), |_| Ok(())).unwrap_err();
    assert_eq!(refused.code(), "permission.denied");
}

#[test]
fn a1_a_matrix_of_a_group_or_role_needs_the_permission_to_look_at_it() {
    let (site, _) = asked_by_an_operator(&["groups.view"]);
    assert!(matrix(&site.cx, Of::Group("G003"), Asked::default()).is_ok(), "of no company");
    assert!(matrix(&site.cx, Of::Role("r006"), Asked::default()).is_err());
    let (site, _) = asked_by_an_operator(&["roles.view"]);
    assert!(matrix(&site.cx, Of::Group("G003"), Asked::default()).is_err());
    assert!(matrix(&site.cx, Of::Role("r006"), Asked::default()).is_ok());
}

#[test]
fn a1_what_is_lacking_names_no_group_the_operator_may_not_see() {
    let asked = Asked::default();
    let (site, people) = asked_by_an_operator(&["users.view"]);
    let codes = |site: &Site| -> Vec<&str> {
        let explained = explain(&site.cx, &people[2], report(), asked).unwrap();
        explained.missing.iter().map(|missing| missing.code).collect()
    };
    assert_eq!(codes(&site), ["no_grant"]);
    let (site, _) = asked_by_an_operator(&["users.view", "groups.view"]);
    assert_eq!(codes(&site), ["no_membership"]);
}
