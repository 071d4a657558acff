//! What is answered of the past is what was answered then.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::board::{Site, Step, permissions, step};
use crate::permission::ask::{self, Asked, EffectivePermission};
use crate::permission::who_can::{Holder, who_can};
use crate::text::instant::Instant;

/// Every answer there is: what each person has, and who has each permission for each company and for all.
#[derive(Debug, PartialEq, Eq)]
struct Answers {
    of_people: BTreeMap<String, Vec<EffectivePermission>>,
    of_permissions: Vec<Vec<Holder>>,
}

fn answers(site: &Site, people: &[String], companies: &[String], as_of: Option<Instant>) -> Answers {
    let of_person = |email: &String| (email.clone(), ask::show(&site.cx, email, as_of).unwrap());
    let mut of_permissions = Vec::new();
    for permission in permissions() {
        for company in [None].into_iter().chain(companies.iter().map(|name| Some(name.as_str()))) {
            let mut holders = Vec::new();
            who_can(&site.cx, permission, Asked { company, as_of }, |holder| {
                holders.push(holder);
                Ok(())
            })
            .unwrap();
            of_permissions.push(holders);
        }
    }
    Answers { of_people: people.iter().map(of_person).collect(), of_permissions }
}

/// What everybody had at the end of `before` is answered the same after `since`.
fn assert_remembered(before: &[Step], since: &[Step]) {
    let mut site = Site::after(before);
    let then = site.now();
    let people: Vec<String> = site.people(false).into_iter().map(|user| user.facts.email).collect();
    let companies = site.companies();
    let answered = answers(&site, &people, &companies, None);
    assert_eq!(answers(&site, &people, &companies, Some(then)), answered, "nothing changed yet");
    for step in since {
        site.take(*step);
    }
    assert_eq!(answers(&site, &people, &companies, Some(then)), answered);
}

#[test]
fn a2_somebody_in_the_bin_had_a_company_that_is_gone_since() {
    let before = [
        Step::NewCompany,
        Step::NewPerson(2),
        Step::NewRole(0, Some(2)),
        Step::AddRole(4, 2, true),
        Step::Grant(0, 0, None),
    ];
    let allowed = |site: &Site| ask::show(&site.cx, &site.people(false)[4].facts.email, None).unwrap().len();
    assert_eq!(allowed(&Site::after(&before)), 1);
    let since = [Step::Bin(4), Step::DeleteRole(2), Step::DeleteCompany(2)];
    let companies = |steps: &[Step]| Site::after(&[&before, steps].concat()).companies().len();
    assert_eq!((companies(&since[..2]), companies(&since)), (3, 2));
    assert_remembered(&before, &since);
}

#[test]
fn a2_what_is_gone_for_good_is_answered_as_it_was() {
    let before = [Step::Grant(0, 0, None), Step::AddGroup(1, 0), Step::AddRole(2, 0, true)];
    let since =
        [Step::DeleteGroup(0), Step::DeleteRole(0), Step::RenamePerson(2), Step::Bin(1), Step::Purge(0)];
    assert_remembered(&before, &since);
}

#[test]
fn a2_somebody_in_the_bin_was_in_a_group_that_is_gone_since() {
    let before = [Step::DeleteGroup(0), Step::Grant(2, 0, None), Step::AddGroup(2, 2)];
    assert_remembered(&before, &[Step::Bin(2), Step::DeleteGroup(2)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a2_the_past_is_answered_as_it_was(
        before in proptest::collection::vec(step(), 0..30),
        since in proptest::collection::vec(step(), 0..30),
    ) {
        assert_remembered(&before, &since);
    }
}
