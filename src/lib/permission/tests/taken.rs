//! What a change takes is measured as what the other questions answer about each person before and after it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::board::{Site, Step, removal, step};
use crate::catalog::{GrantScope, Permission, covers};
use crate::group;
use crate::permission::Losses;
use crate::permission::access::Access;
use crate::registry::engine;
use crate::role;
use crate::run::{self, AffectedPeople, Ask, Committed, Effect, Measure};
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};
use crate::text::date::Day;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb, Who};
use crate::user::edit::edit;
use crate::user::{Facts, login};

/// What somebody outside the bin has.
struct Has {
    logs_in: bool,
    superuser: bool,
    groups: BTreeSet<i64>,
    granted: BTreeSet<(Permission, GrantScope)>,
}

fn everybody(site: &Site) -> BTreeMap<i64, Has> {
    let mut all = BTreeMap::new();
    for user in site.people(false) {
        let access = site.cx.read(|tx| Access::load(&site.cx, tx, &user)).unwrap();
        let granted = |permission| access.granted(permission).map(move |(_, scope)| (permission, scope));
        let has = Has {
            logs_in: login::is_active(&user, login::Moment::of(&site.cx)),
            superuser: user.facts.superuser,
            groups: access.memberships.iter().map(|membership| membership.group).collect(),
            granted: Permission::all().flat_map(granted).collect(),
        };
        all.insert(user.id, has);
    }
    all
}

fn worked_out(before: &BTreeMap<i64, Has>, after: &BTreeMap<i64, Has>) -> Effect {
    let mut effect = Effect::default();
    for (id, had) in before {
        let has = after.get(id).filter(|has| has.logs_in || !had.logs_in);
        let Some(has) = has else {
            effect.people += 1;
            effect.without_login += 1;
            continue;
        };
        let had_granted: BTreeSet<(Permission, GrantScope)> = if had.superuser {
            Permission::all().map(|permission| (permission, GrantScope::Everywhere)).collect()
        } else {
            had.granted.clone()
        };
        let is_left = |permission: Permission, asked: GrantScope| {
            let mut left = has.granted.iter().filter(|(granted, _)| *granted == permission);
            has.superuser || left.any(|(_, scope)| covers(*scope, asked.company()))
        };
        let lost =
            had_granted.iter().filter(|(permission, scope)| !is_left(*permission, *scope)).count() as u64;
        let last_group = !has.superuser && has.groups.is_empty() && !had.groups.is_empty();
        effect.people += u64::from(lost > 0 || last_group);
        effect.without_group += u64::from(last_group);
        effect.permissions += lost;
    }
    effect
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_change_takes_what_people_had_before_it_and_have_no_longer(
        steps in proptest::collection::vec(step(), 0..40),
        then in prop_oneof![removal(), step()],
    ) {
        let mut site = Site::after(&steps);
        let before = everybody(&site);
        let mut affected = AffectedPeople::default();
        for id in before.keys() {
            affected.person(*id);
        }
        let mut losses = Losses::default();
        site.cx.read(|tx| losses.before(&site.cx, tx, &affected)).unwrap();
        site.take(then);
        let measured = site.cx.read(|tx| losses.after(&site.cx, tx, true)).unwrap().effect;
        prop_assert_eq!(measured, worked_out(&before, &everybody(&site)));
    }
}

#[test]
fn each_thing_that_can_be_taken_is_counted() {
    let given =
        [Step::Grant(0, 0, None), Step::Grant(0, 1, Some(1)), Step::AddGroup(1, 0), Step::AddGroup(2, 0)];
    let lost = |people, without_login, without_group, permissions| Effect {
        people,
        without_login,
        without_group,
        permissions,
    };
    for (then, taken) in [
        (Step::Revoke(0, 0, None), lost(2, 0, 0, 2)),
        (Step::RemoveGroup(1, 0), lost(1, 0, 1, 2)),
        (Step::SwitchPerson(1, false), lost(1, 1, 0, 0)),
        (Step::EndPerson(2, true), lost(1, 1, 0, 0)),
        (Step::Bin(1), lost(1, 1, 0, 0)),
        (Step::Grant(0, 2, None), lost(0, 0, 0, 0)),
        (Step::RenamePerson(1), lost(0, 0, 0, 0)),
    ] {
        let mut site = Site::after(&given);
        let mut affected = AffectedPeople::default();
        site.people(false).iter().for_each(|user| affected.person(user.id));
        let mut losses = Losses::default();
        site.cx.read(|tx| losses.before(&site.cx, tx, &affected)).unwrap();
        site.take(then);
        assert_eq!(site.cx.read(|tx| losses.after(&site.cx, tx, false)).unwrap().effect, taken, "{then:?}");
    }
}

/// A site of three people who are in two groups that grant the same, in the first by hand or by a role.
fn twice_granted(in_the_first: &[Step]) -> Site {
    let given = [Step::Grant(0, 0, None), Step::Grant(2, 0, None)];
    let in_the_second = [1, 2, 3].map(|person| Step::AddGroup(person, 2));
    let steps: Vec<Step> = given.iter().chain(&in_the_second).chain(in_the_first).copied().collect();
    let mut site = Site::after(&steps);
    site.cx.settings_mut().set(&BRAKE_PEOPLE, 1);
    site.cx.settings_mut().set(&BRAKE_PERCENT, 100);
    site
}

/// What is done to a site.
type Change<'a> = &'a dyn Fn(&Site) -> Committed;

#[test]
fn what_leaves_a_group_half_of_its_people_is_held_whatever_it_is_and_they_may_do_without_it() {
    let by_hand = [1, 2, 3].map(|person| Step::AddGroup(person, 0));
    let by_role = [1, 2, 3].map(|person| Step::AddRole(person, 0, true));
    let leave = |site: &Site, people: &[usize]| {
        let who = Who::Named(people.iter().map(|n| site.person(*n)).collect());
        let verb = Verb::RemoveGroup(site.group(0).name);
        let plan = bulk::plan(&site.cx, &mut engine(), &who, &verb, |_, _| ()).unwrap();
        run::commit(&site.cx, &mut engine(), plan).unwrap()
    };
    let edit = |site: &Site, edit: &role::Edit| {
        role::edit(&site.cx, &mut engine(), &site.role(0), edit, &Ask::nothing(false)).unwrap().committed
    };
    let switch_off = |site: &Site| edit(site, &role::Edit { active: Some(false), ..Default::default() });
    let bring_no_more = |site: &Site| {
        let groups = role::Changes { remove: vec![site.group(0).name], ..Default::default() };
        edit(site, &role::Edit { groups, ..Default::default() })
    };
    let delete_role = |site: &Site| {
        role::delete(&site.cx, &mut engine(), &site.role(0), true, &Ask::nothing(false)).unwrap().committed
    };
    let delete_group = |site: &Site| group::tests::delete(&site.cx, &site.group(0), true).unwrap();
    let cases: [(&[Step], Change<'_>, Option<u64>); 7] = [
        (&by_hand, &|site| leave(site, &[1]), None),
        (&by_hand, &|site| leave(site, &[1, 2]), Some(2)),
        (&by_hand, &delete_group, Some(3)),
        (&by_role, &delete_group, Some(3)),
        (&by_role, &switch_off, Some(3)),
        (&by_role, &bring_no_more, Some(3)),
        (&by_role, &delete_role, Some(3)),
    ];
    for (place, (in_the_first, change, leaving)) in cases.into_iter().enumerate() {
        let site = twice_granted(in_the_first);
        let before = everybody(&site);
        let name = site.group(0).name;
        let because = change(&site).run.and_then(|run| run.held_because);
        let told =
            leaving.map(|leaving| format!("group `{name}` would lose {leaving} of the 3 people in it"));
        assert_eq!(because, told, "{place}");
        let is_as_it_was = everybody(&site).iter().all(|(id, has)| has.groups == before[id].groups);
        assert_eq!(is_as_it_was, leaving.is_some(), "{place}");
    }
}

#[test]
fn who_goes_to_the_bin_or_is_switched_off_leaves_no_group() {
    let by_hand = [1, 2, 3].map(|person| Step::AddGroup(person, 0));
    for verb in [Verb::Deactivate, Verb::Delete] {
        let site = twice_granted(&by_hand);
        let who = Who::Named([1, 2].map(|n| site.person(n)).to_vec());
        let plan = bulk::plan(&site.cx, &mut engine(), &who, &verb, |_, _| ()).unwrap();
        let run = run::commit(&site.cx, &mut engine(), plan).unwrap().run.unwrap();
        assert_eq!(run.held_because, None, "{verb:?}");
    }
}

#[test]
fn who_begins_later_has_access_to_lose() {
    let site = Site::new();
    let cx = &site.cx;
    let who = site.people(false)[1].facts.email.clone();
    let tomorrow = Day::parse_relative("+1d", cx.today()).unwrap();
    let starts = |facts: &mut Facts| {
        facts.start_date = Some(tomorrow);
        Ok(())
    };
    let taken = |change: &dyn Fn()| {
        let mut affected = AffectedPeople::default();
        site.people(false).iter().for_each(|user| affected.person(user.id));
        let mut losses = Losses::default();
        cx.read(|tx| losses.before(cx, tx, &affected)).unwrap();
        change();
        cx.read(|tx| losses.after(cx, tx, false)).unwrap().effect.without_login
    };
    let deactivate = || bulk::apply_one(cx, &who, &Verb::Deactivate).map(drop).unwrap();
    assert_eq!(taken(&|| edit(cx, &who, &PhotoChange::Keep, starts).map(drop).unwrap()), 1, "until then");
    assert_eq!([taken(&deactivate), taken(&deactivate)], [1, 0]);
}
