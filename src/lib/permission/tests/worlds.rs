//! The rules of access, over random sites.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::board::{Site, Step, permissions, removal, step};
use crate::catalog::{GrantScope, Origin, Permission};
use crate::permission::access::Access;
use crate::permission::ask::{self, Asked};
use crate::permission::explain::explain;
use crate::permission::snapshot::{AccessSnapshot, Person, SnapshotPeople, SnapshotScope};
use crate::permission::who_can::who_can;
use crate::user::login::Moment;

/// Everything of a site, with what everybody may do.
struct Known {
    snapshot: AccessSnapshot,
    access: BTreeMap<i64, Access>,
}

impl Known {
    fn of(site: &Site) -> Self {
        let snapshot = site.read(|tx| {
            AccessSnapshot::now(tx, SnapshotScope { people: SnapshotPeople::All, permission: None })
        });
        let moment = Moment::of(&site.cx);
        let access =
            snapshot.people.iter().map(|(id, person)| (*id, snapshot.access(person, moment))).collect();
        Self { snapshot, access }
    }

    fn people(&self) -> impl Iterator<Item = (&Person, &Access)> {
        self.snapshot.people.values().zip(self.access.values())
    }

    /// Every company, one that nothing is granted for, and all.
    fn companies(&self) -> Vec<Option<i64>> {
        self.snapshot.companies.keys().copied().chain([i64::MAX]).map(Some).chain([None]).collect()
    }

    /// Every question about one person.
    fn questions(&self) -> Vec<(Permission, Option<i64>)> {
        let companies = self.companies();
        permissions()
            .flat_map(|permission| companies.iter().map(move |company| (permission, *company)))
            .collect()
    }
}

/// The rule in the words of the manual, worked out in the plainest way.
fn by_the_book(
    snapshot: &AccessSnapshot,
    person: &Person,
    permission: Permission,
    company: Option<i64>,
) -> bool {
    let brought = person.roles.iter().filter(|(_, applied)| **applied).flat_map(|(id, _)| {
        let role = &snapshot.roles[id];
        let holds =
            role.companies.is_empty() || person.company.is_some_and(|own| role.companies.contains(&own));
        role.groups.iter().filter(move |_| role.active && holds)
    });
    let brought = brought.copied().filter(|id| {
        let group = &snapshot.groups[id];
        group.company.is_none() || group.company == person.company
    });
    let groups = person.groups.iter().map(|(group, _)| *group).chain(brought);
    let granted = groups.map(|id| &snapshot.groups[&id]).any(|group| {
        group.grants.iter().any(|(granted, of)| {
            *granted == permission
                && match (group.company, of) {
                    (None, None) => true,
                    (None, Some(of)) => company == Some(*of),
                    (Some(own), None) => company == Some(own),
                    (Some(own), Some(of)) => company == Some(own) && own == *of,
                }
        })
    });
    let active = person.active && !person.deleted && person.end_date.is_none();
    active && (person.superuser || granted)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 0..50)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a2_everything_is_denied_that_no_grant_allows_for_that_company(steps in steps()) {
        let known = Known::of(&Site::after(&steps));
        for (person, access) in known.people() {
            for (permission, company) in known.questions() {
                let expected = by_the_book(&known.snapshot, person, permission, company);
                prop_assert_eq!(access.allows(permission, company), expected, "{} {:?}", person.email, company);
            }
        }
    }

    #[test]
    fn a2_the_store_and_the_world_in_memory_answer_alike(steps in steps()) {
        let site = Site::after(&steps);
        let known = Known::of(&site);
        for user in site.people(false).into_iter().chain(site.people(true)) {
            let access = &known.access[&user.id];
            prop_assert_eq!(&site.read(|tx| Access::load(&site.cx, tx, &user)), access);
        }
    }

    #[test]
    fn a2_access_is_the_union_over_the_groups(steps in steps()) {
        let known = Known::of(&Site::after(&steps));
        for (person, access) in known.people().filter(|(person, _)| !person.superuser) {
            let alone = access.memberships.iter().map(|membership| {
                let groups = BTreeMap::from([(membership.group, vec![Origin::Manual])]);
                known.snapshot.access_through(groups, false, access.active)
            });
            let alone: Vec<Access> = alone.collect();
            for (permission, company) in known.questions() {
                let any = alone.iter().any(|one| one.allows(permission, company));
                prop_assert_eq!(access.allows(permission, company), any, "{}", person.email);
            }
        }
    }

    #[test]
    fn a2_taking_away_never_adds(steps in steps(), taken in removal()) {
        let mut site = Site::after(&steps);
        let before = Known::of(&site);
        site.take(taken);
        let after = Known::of(&site);
        for (id, access) in &after.access {
            for (permission, scope) in access.permissions() {
                let was = before.access[id].allows(permission, scope.company());
                prop_assert!(was, "{taken:?} gave {permission:?} to {}", after.snapshot.people[id].email);
            }
        }
    }

    #[test]
    fn a2_a_group_stays_until_its_last_origin_is_gone(steps in steps()) {
        let known = Known::of(&Site::after(&steps));
        for (person, access) in known.people() {
            for membership in &access.memberships {
                prop_assert!(!membership.origins.is_empty());
                for origin in &membership.origins {
                    let holds = match origin {
                        Origin::Manual => person.groups.iter().any(|(group, _)| *group == membership.group),
                        Origin::Role(slug) => person.roles.keys().any(|id| known.snapshot.roles[id].slug == *slug),
                        Origin::Directory(_) => false,
                    };
                    prop_assert!(holds, "{} is in {} by {origin}", person.email, membership.name);
                }
            }
        }
    }

    #[test]
    fn a2_explain_who_can_and_check_agree(steps in steps()) {
        let site = Site::after(&steps);
        let companies = site.companies();
        for company in companies.iter().map(|name| Some(name.as_str())).chain([None]) {
            for permission in permissions() {
                let asked = Asked { company, as_of: None };
                let mut holders = BTreeMap::new();
                who_can(&site.cx, permission, asked, |holder| {
                    holders.insert(holder.email, holder.via);
                    Ok(())
                }).unwrap();
                for user in site.people(false) {
                    let email = user.facts.email;
                    let allowed = ask::check(&site.cx, &email, permission, asked).unwrap();
                    let explained = explain(&site.cx, &email, permission, asked).unwrap();
                    prop_assert_eq!(explained.allowed, allowed);
                    prop_assert_eq!(explained.missing.is_empty(), allowed, "{:?}", explained);
                    prop_assert_eq!(holders.contains_key(&email), allowed);
                    if let Some(via) = holders.get(&email) {
                        prop_assert_eq!(&explained.because, via);
                        prop_assert!(explained.superuser || !via.is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn a2_two_people_differ_in_nothing_exactly_when_their_permissions_are_equal(steps in steps()) {
        let site = Site::after(&steps);
        let known = Known::of(&site);
        let held = |id: i64| -> Vec<(Permission, GrantScope)> { known.access[&id].permissions().collect() };
        let people = site.people(false);
        for a in &people {
            for b in &people {
                let (only_a, only_b) = ask::diff(&site.cx, &a.facts.email, &b.facts.email, None).unwrap();
                prop_assert_eq!(only_a.is_empty() && only_b.is_empty(), held(a.id) == held(b.id));
            }
        }
    }
}
