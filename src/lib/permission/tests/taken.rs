//! What a change takes is measured as what the other questions answer about each person before and after it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::board::{Site, Step, removal, step};
use crate::catalog::{Permission, Reach, covers};
use crate::permission::Losses;
use crate::permission::access::Access;
use crate::run::{Effect, Measure, Reached};
use crate::text::date::Day;
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb};
use crate::user::edit::edit;
use crate::user::{Facts, login};

/// What somebody outside the bin has.
struct Has {
    logs_in: bool,
    superuser: bool,
    groups: BTreeSet<i64>,
    granted: BTreeSet<(Permission, Reach)>,
}

fn everybody(site: &Site) -> BTreeMap<i64, Has> {
    let mut all = BTreeMap::new();
    for user in site.people(false) {
        let access = site.cx.read(|tx| Access::load(&site.cx, tx, &user)).unwrap();
        let granted = |permission| access.granted(permission).map(move |(_, reach)| (permission, reach));
        let has = Has {
            logs_in: login::is_active(&user, site.cx.today()),
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
        let had_granted: BTreeSet<(Permission, Reach)> = if had.superuser {
            Permission::all().map(|permission| (permission, Reach::Everywhere)).collect()
        } else {
            had.granted.clone()
        };
        let is_left = |permission: Permission, asked: Reach| {
            let mut left = has.granted.iter().filter(|(granted, _)| *granted == permission);
            has.superuser || left.any(|(_, reach)| covers(*reach, asked.company()))
        };
        let lost =
            had_granted.iter().filter(|(permission, reach)| !is_left(*permission, *reach)).count() as u64;
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
        let mut reached = Reached::default();
        for id in before.keys() {
            reached.person(*id);
        }
        let mut losses = Losses::default();
        site.cx.read(|tx| losses.before(&site.cx, tx, &reached)).unwrap();
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
        let mut reached = Reached::default();
        site.people(false).iter().for_each(|user| reached.person(user.id));
        let mut losses = Losses::default();
        site.cx.read(|tx| losses.before(&site.cx, tx, &reached)).unwrap();
        site.take(then);
        assert_eq!(site.cx.read(|tx| losses.after(&site.cx, tx, false)).unwrap().effect, taken, "{then:?}");
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
        let mut reached = Reached::default();
        site.people(false).iter().for_each(|user| reached.person(user.id));
        let mut losses = Losses::default();
        cx.read(|tx| losses.before(cx, tx, &reached)).unwrap();
        change();
        cx.read(|tx| losses.after(cx, tx, false)).unwrap().effect.without_login
    };
    let deactivate = || bulk::one(cx, &who, &Verb::Deactivate).map(drop).unwrap();
    assert_eq!(taken(&|| edit(cx, &who, &PhotoChange::Keep, starts).map(drop).unwrap()), 1, "until then");
    assert_eq!([taken(&deactivate), taken(&deactivate)], [1, 0]);
}
