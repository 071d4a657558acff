//! Who has a permission: the question asked the other way round.

use std::collections::BTreeMap;

use super::access::{Origin, Via};
use super::ask::{Asked, company_in, day};
use super::store::{self, Candidate, Granting};
use super::world::{Part, People, World};
use super::{Permission, covers, reach};
use crate::company;
use crate::context::{Companies, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Somebody who has the permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The login name.
    pub(crate) email: String,
    /// First and last name.
    pub(crate) full_name: Option<String>,
    /// Has it whatever the groups.
    pub(crate) superuser: bool,
    /// The grants that say yes.
    pub(crate) via: Vec<Via>,
}

/// Calls `each` with everybody active who has the permission and whom the actor may look at, by name.
pub(crate) fn who_can(
    cx: &Context,
    permission: Permission,
    asked: Asked<'_>,
    each: impl FnMut(Holder) -> Result<()>,
) -> Result<()> {
    cx.actor.require_anywhere("users.view")?;
    let visible = cx.actor.reach("users.view");
    cx.read(|tx| {
        if let Some(at) = asked.as_of {
            return then(cx, tx, permission, asked.company, at, &visible)?.into_iter().try_for_each(each);
        }
        let company = asked.company.map(|name| company::id_in(tx, name)).transpose()?;
        now(cx, tx, permission, company, &visible, each)
    })
}

fn now(
    cx: &Context,
    tx: &Tx<'_>,
    permission: Permission,
    company: Option<i64>,
    visible: &Companies,
    mut each: impl FnMut(Holder) -> Result<()>,
) -> Result<()> {
    let names = store::companies(tx)?;
    let groups = granting(tx, permission, company)?;
    let mut members: BTreeMap<i64, Vec<(usize, Origin)>> = BTreeMap::new();
    for (place, group) in groups.iter().enumerate() {
        store::members(tx, group.id, |user, origin| members.entry(user).or_default().push((place, origin)))?;
    }
    for id in store::superusers(tx)? {
        members.entry(id).or_default();
    }
    let mut holders: Vec<(Candidate, Vec<(usize, Origin)>)> = Vec::new();
    for (id, through) in members {
        if let Some(person) = store::by_id(tx, id)?
            && person.is_active(cx.today())
            && visible.contain(person.company)
        {
            holders.push((person, through));
        }
    }
    holders.sort_by(|(a, _), (b, _)| (&a.sort_name, a.id).cmp(&(&b.sort_name, b.id)));
    for (person, through) in holders {
        let via = vias(&groups, through, &names);
        each(Holder { email: person.email, full_name: person.full_name, superuser: person.superuser, via })?;
    }
    Ok(())
}

/// The groups with a grant that answers the question, by name.
fn granting(tx: &Tx<'_>, permission: Permission, company: Option<i64>) -> Result<Vec<Granting>> {
    let mut groups = store::granting(tx, permission)?;
    for group in &mut groups {
        let own = group.company;
        group.grants.retain(|grant| reach(own, *grant).is_some_and(|reach| covers(reach, company)));
    }
    groups.retain(|group| !group.grants.is_empty());
    Ok(groups)
}

/// One for each grant of each group somebody is in, whose origins come one after the other.
fn vias(groups: &[Granting], through: Vec<(usize, Origin)>, names: &BTreeMap<i64, String>) -> Vec<Via> {
    let mut by_group: BTreeMap<usize, Vec<Origin>> = BTreeMap::new();
    for (place, origin) in through {
        by_group.entry(place).or_default().push(origin);
    }
    let mut all = Vec::new();
    for (place, origins) in by_group {
        let Some(group) = groups.get(place) else { continue };
        for grant in &group.grants {
            let grant_company = grant.and_then(|company| names.get(&company)).cloned();
            all.push(Via { group: group.name.clone(), grant_company, origins: origins.clone() });
        }
    }
    all
}

fn then(
    cx: &Context,
    tx: &Tx<'_>,
    permission: Permission,
    company: Option<&str>,
    at: Instant,
    visible: &Companies,
) -> Result<Vec<Holder>> {
    let world = World::then(tx, Part { people: People::All, permission: Some(permission) }, at)?;
    let company = company_in(tx, &world, company)?;
    let today = day(cx, Some(at));
    let mut holders = Vec::new();
    for (id, person) in &world.people {
        let access = world.access(person, today);
        if access.allows(permission, company) && visible.contain(person.company) {
            let name = |company| world.company_name(company).to_owned();
            let via = access.because(permission, company).map(|because| because.named(name)).collect();
            let (email, full_name) = (person.email.clone(), person.full_name());
            let holder = Holder { email, full_name, superuser: person.superuser, via };
            holders.push(((person.sort_name(), *id), holder));
        }
    }
    holders.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(holders.into_iter().map(|(_, holder)| holder).collect())
}
