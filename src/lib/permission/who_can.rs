//! Who has a permission: the question asked the other way round.

use super::access::Via;
use super::ask::{Asked, company_in, moment, named_company};
use super::snapshot::{AccessSnapshot, Group, Person, Role, SnapshotPeople, SnapshotScope};
use super::store::{self, Candidate};
use crate::catalog::{GrantScope, Origin, Permission, covers, grant_scope};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
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
    let visible = cx.actor.scope("users.view");
    cx.read(|tx| {
        if let Some(at) = asked.as_of {
            return as_of(cx, tx, permission, asked, at, &visible)?.into_iter().try_for_each(each);
        }
        let company = asked.company.map(|name| named_company(cx, tx, name)).transpose()?;
        now(cx, tx, permission, company, &visible, each)
    })
}

/// How many active people whom the actor may look at have the permission for single companies, of those that the actor has to do
/// with, and not for all.
pub(crate) fn only_for_companies(
    cx: &Context,
    permission: Permission,
    as_of: Option<Instant>,
) -> Result<u64> {
    cx.actor.require_anywhere("users.view")?;
    let (visible, known) = (cx.actor.scope("users.view"), cx.actor.widest_scope());
    let is_known = |scope: GrantScope| known.contain(scope.company());
    cx.read(|tx| {
        let counted = if let Some(at) = as_of {
            let people = SnapshotScope { people: SnapshotPeople::All, permission: Some(permission) };
            let (snapshot, moment) = (AccessSnapshot::as_of(tx, people, at)?, moment(cx, Some(at)));
            let has = |person: &&Person| {
                let access = snapshot.access(person, moment);
                let is_for_all = access.allows(permission, None);
                !is_for_all && access.scopes(permission).into_iter().any(is_known)
            };
            let seen = snapshot.people.values().filter(|person| visible.contain(person.company));
            seen.filter(has).count()
        } else {
            let snapshot = current(tx, permission)?;
            let count = |answers: &dyn Fn(GrantScope) -> bool| -> Result<usize> {
                let groups = granting(&snapshot, answers);
                let question = Question::of(tx, &snapshot, &groups)?;
                Ok(question.holders(cx, tx, &visible)?.len())
            };
            let for_all = |scope| covers(scope, None);
            count(&|scope| for_all(scope) || is_known(scope))? - count(&for_all)?
        };
        Ok(u64::try_from(counted).unwrap_or(u64::MAX))
    })
}

fn current(tx: &Tx<'_>, permission: Permission) -> Result<AccessSnapshot> {
    AccessSnapshot::now(tx, SnapshotScope { people: SnapshotPeople::None, permission: Some(permission) })
}

fn now(
    cx: &Context,
    tx: &Tx<'_>,
    permission: Permission,
    company: Option<i64>,
    visible: &CompanyScope,
    mut each: impl FnMut(Holder) -> Result<()>,
) -> Result<()> {
    let snapshot = current(tx, permission)?;
    let groups = granting(&snapshot, &|scope| covers(scope, company));
    let question = Question::of(tx, &snapshot, &groups)?;
    let mut holders = question.holders(cx, tx, visible)?;
    holders.sort_unstable_by(|(a, _), (b, _)| (&a.sort_name, a.id).cmp(&(&b.sort_name, b.id)));
    for (person, first) in holders {
        // Made only now: kept for everybody, they would take more room and time than the people.
        let via = vias(&groups, question.ways(&person, first));
        each(Holder { email: person.email, full_name: person.full_name, superuser: person.superuser, via })?;
    }
    Ok(())
}

/// Everything that says who is in the groups that answer.
struct Question<'a> {
    snapshot: &'a AccessSnapshot,
    groups: &'a [Granting],
    /// By person and group.
    members: Vec<Member<'a>>,
}

impl<'a> Question<'a> {
    fn of(tx: &Tx<'_>, snapshot: &'a AccessSnapshot, groups: &'a [Granting]) -> Result<Self> {
        Ok(Self { members: members(tx, snapshot, groups)?, snapshot, groups })
    }

    /// Everybody active who has the permission and may be looked at, each with where their ways begin.
    fn holders(&self, cx: &Context, tx: &Tx<'_>, visible: &CompanyScope) -> Result<Vec<(Candidate, usize)>> {
        let people = self.people(store::superusers(tx)?);
        let mut holders: Vec<(Candidate, usize)> = Vec::new();
        let mut first = 0;
        let keep = |person: Candidate| {
            first = self.first_of(person.id, first);
            let may = person.superuser || self.ways(&person, first).next().is_some();
            if may && visible.contain(person.company) {
                holders.push((person, first));
            }
        };
        tx.walk(|| store::each_active(tx, &people, moment(cx, None), keep))?;
        Ok(holders)
    }

    /// The ids of everybody who may have the permission, and of these, by rising id.
    fn people(&self, others: Vec<i64>) -> Vec<i64> {
        let mut ids = others;
        ids.extend(self.members.iter().map(|member| member.user));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Where somebody's ways begin, not before `from`.
    fn first_of(&self, user: i64, from: usize) -> usize {
        let rest = self.members.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|member| member.user < user).count()
    }

    /// The ways in which somebody, whose ways begin there, is in these groups.
    fn ways(&self, person: &Candidate, first: usize) -> impl Iterator<Item = &Member<'_>> {
        let (id, company) = (person.id, person.company);
        let rest = self.members.get(first..).unwrap_or_default();
        let own = rest.iter().take_while(move |member| member.user == id);
        own.filter(move |member| member.holds(self.snapshot, self.groups, company))
    }
}

/// A group with grants that answer the question.
struct Granting {
    id: i64,
    /// With its company's name where it has one.
    name: String,
    /// The names of the companies the permission is granted for; none for all.
    grants: Vec<Option<String>>,
}

/// The groups with a grant that answers the question, by name.
fn granting(snapshot: &AccessSnapshot, answers: &dyn Fn(GrantScope) -> bool) -> Vec<Granting> {
    let answering = |(id, group): (&i64, &Group)| {
        let answers = |grant: &Option<i64>| grant_scope(group.company, *grant).is_some_and(answers);
        let grants = group.grants.iter().map(|(_, grant)| *grant).filter(answers);
        let grants: Vec<Option<String>> =
            grants.map(|grant| grant.map(|company| snapshot.company_name(company).to_owned())).collect();
        let is_any = !grants.is_empty();
        is_any.then(|| (fold(&group.name), Granting { id: *id, name: snapshot.group_name(group), grants }))
    };
    let mut groups: Vec<(String, Granting)> = snapshot.groups.iter().filter_map(answering).collect();
    groups.sort_by(|(a, group), (b, other)| (a, group.id).cmp(&(b, other.id)));
    groups.into_iter().map(|(_, group)| group).collect()
}

/// One way in which somebody may be in a group.
struct Member<'a> {
    user: i64,
    /// The place of the group.
    group: usize,
    way: Way<'a>,
}

enum Way<'a> {
    /// The membership is stored.
    Stored(Origin),
    /// A role brings it to people of the companies that it is for.
    Role(&'a Role),
}

impl Member<'_> {
    /// Whether a person of that company is in the group in this way.
    fn holds(&self, snapshot: &AccessSnapshot, groups: &[Granting], company: Option<i64>) -> bool {
        let takes = || groups.get(self.group).is_some_and(|group| snapshot.takes(group.id, company));
        match self.way {
            Way::Stored(_) => true,
            Way::Role(role) => AccessSnapshot::idle(role, company, true).is_none() && takes(),
        }
    }

    fn origin(&self) -> Origin {
        match &self.way {
            Way::Stored(origin) => origin.clone(),
            Way::Role(role) => Origin::Role(role.slug.clone()),
        }
    }
}

/// Every way into these groups by person and group, the stored ones before those of roles, as a person's own groups are
/// listed.
fn members<'a>(tx: &Tx<'_>, snapshot: &'a AccessSnapshot, groups: &[Granting]) -> Result<Vec<Member<'a>>> {
    let mut members = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        store::members(tx, group.id, |user, origin| {
            members.push(Member { user, group: place, way: Way::Stored(origin) });
        })?;
    }
    let mut roles: Vec<(&i64, &Role)> = snapshot.roles.iter().filter(|(_, role)| role.active).collect();
    roles.sort_by(|(_, a), (_, b)| a.slug.cmp(&b.slug));
    for (id, role) in roles {
        let brings = |(place, group): (usize, &Granting)| role.groups.contains(&group.id).then_some(place);
        let brought: Vec<usize> = groups.iter().enumerate().filter_map(brings).collect();
        if !brought.is_empty() {
            let member = |user, group: &usize| Member { user, group: *group, way: Way::Role(role) };
            store::holders(tx, *id, |user| members.extend(brought.iter().map(|group| member(user, group))))?;
        }
    }
    members.sort_by_key(|member| (member.user, member.group));
    Ok(members)
}

/// One for each grant of each group that somebody is in, by group; the ways into one come one after the other.
fn vias<'a>(groups: &[Granting], ways: impl Iterator<Item = &'a Member<'a>>) -> Vec<Via> {
    let mut origins: Vec<(usize, Vec<Origin>)> = Vec::new();
    for member in ways {
        match origins.last_mut() {
            Some((group, origins)) if *group == member.group => origins.push(member.origin()),
            _ => origins.push((member.group, vec![member.origin()])),
        }
    }
    let granted = origins.iter().filter_map(|(group, origins)| Some((groups.get(*group)?, origins)));
    granted.flat_map(|(group, origins)| group.vias(origins)).collect()
}

impl Granting {
    fn vias(&self, origins: &[Origin]) -> impl Iterator<Item = Via> {
        let via = |grant_company: &Option<String>| Via {
            group: self.name.clone(),
            grant_company: grant_company.clone(),
            origins: origins.to_vec(),
        };
        self.grants.iter().map(via)
    }
}

fn as_of(
    cx: &Context,
    tx: &Tx<'_>,
    permission: Permission,
    asked: Asked<'_>,
    at: Instant,
    visible: &CompanyScope,
) -> Result<Vec<Holder>> {
    let snapshot = AccessSnapshot::as_of(
        tx,
        SnapshotScope { people: SnapshotPeople::All, permission: Some(permission) },
        at,
    )?;
    let company = company_in(cx, tx, &snapshot, asked)?;
    let moment = moment(cx, Some(at));
    let mut holders = Vec::new();
    for (id, person) in &snapshot.people {
        let access = snapshot.access(person, moment);
        if access.allows(permission, company) && visible.contain(person.company) {
            let name = |company| snapshot.company_name(company).to_owned();
            let via = access.because(permission, company).map(|because| because.named(name)).collect();
            let (email, full_name) = (person.email.clone(), person.full_name());
            let holder = Holder { email, full_name, superuser: person.superuser, via };
            holders.push(((person.sort_name(), *id), holder));
        }
    }
    holders.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(holders.into_iter().map(|(_, holder)| holder).collect())
}
