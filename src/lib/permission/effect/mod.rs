//! What changes take from people: who may no longer log in, who loses the last group, who loses which permission where.
//!
//! Before and after a change it is noted what everybody has whom it can reach: whether switch and dates let them log in,
//! and which groups they are in. What groups grant is noted once for each set of groups that somebody is in, so that very
//! many people in the same groups cost little more than looking them up. Who was in the bin before has nothing to lose.
//!
//! A group that loses half of its people is told too, whatever they may do without it: one list that was cut short looks so.

mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use crate::catalog::{GrantScope, Permission};
use crate::context::Context;
use crate::error::Result;
use crate::group;
use crate::run::BRAKE_PEOPLE;
use crate::run::{AffectedPeople, Effect, Loss, Measure, Measured, Reason};
use crate::store::Tx;
use crate::user;
use crate::user::login::Moment;

/// Ids of groups, by rising id.
type Set = Rc<[i64]>;

/// Each permission with where it is granted.
type Granted = BTreeSet<(Permission, GrantScope)>;

/// Permissions with where they are no longer granted.
type Pairs = Rc<[(Permission, GrantScope)]>;

/// The measure of what people may do.
#[derive(Default)]
pub(crate) struct Losses {
    before: Vec<AccessState>,
    granted: HashMap<Set, Rc<Granted>>,
    /// The groups, for the names of those that go.
    groups: HashMap<i64, group::Found>,
    /// How many people outside the bin are in each group of which so many are reached that it could lose half of them.
    members: HashMap<i64, u64>,
}

/// Whether switch, dates and directory let somebody log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Login {
    No,
    /// From the start date on.
    Later,
    Now,
}

/// What somebody has.
#[derive(Debug, Clone)]
struct AccessState {
    id: i64,
    login: Login,
    superuser: bool,
    in_bin: bool,
    groups: Set,
}

/// What somebody has no longer.
struct Taken {
    login: bool,
    last_group: bool,
    groups: Vec<i64>,
    permissions: Pairs,
}

impl Measure for Losses {
    fn before(&mut self, cx: &Context, tx: &Tx<'_>, affected: &AffectedPeople) -> Result<()> {
        self.before = store::access_states(tx, &affected.people(), Moment::of(cx))?;
        self.before.retain(|state| !state.in_bin);
        self.granted = granted(tx, &self.before)?;
        self.groups.clear();
        self.members = self.members_of_large_groups(cx, tx)?;
        for group in self.granted.keys().flat_map(|set| set.iter()) {
            if !self.groups.contains_key(group) {
                self.groups.extend(group::by_id(tx, *group)?.map(|found| (*group, found)));
            }
        }
        Ok(())
    }

    fn after(&mut self, cx: &Context, tx: &Tx<'_>, with_losses: bool) -> Result<Measured> {
        let ids: Vec<i64> = self.before.iter().map(|state| state.id).collect();
        let after = store::access_states(tx, &ids, Moment::of(cx))?;
        let granted_now = granted(tx, &after)?;
        let after: HashMap<i64, AccessState> = after.into_iter().map(|state| (state.id, state)).collect();
        let mut lost = LossFinder { before: &self.granted, after: &granted_now, known: HashMap::new() };
        let mut measured = Measured::default();
        let told = LossNames { companies: super::store::companies(tx)?, groups: &self.groups };
        for before in &self.before {
            let taken = lost.of(before, after.get(&before.id));
            if !taken.is_something() {
                continue;
            }
            taken.tell(cx, before.id);
            let effect: &mut Effect = &mut measured.effect;
            effect.people += 1;
            effect.without_login += u64::from(taken.login);
            effect.without_group += u64::from(taken.last_group);
            effect.permissions += taken.permissions.len() as u64;
            if with_losses {
                measured.losses.extend(told.loss(cx, tx, before.id, &taken)?);
            }
        }
        measured.reasons = self.halved(cx, &after);
        Ok(measured)
    }
}

impl Losses {
    fn members_of_large_groups(&self, cx: &Context, tx: &Tx<'_>) -> Result<HashMap<i64, u64>> {
        let mut affected: HashMap<i64, u64> = HashMap::new();
        for group in self.before.iter().flat_map(|state| state.groups.iter()) {
            *affected.entry(*group).or_default() += 1;
        }
        affected.retain(|_, affected| *affected > (*cx.settings.get(&BRAKE_PEOPLE)).into());
        affected.into_keys().map(|group| Ok((group, store::members(tx, group)?))).collect()
    }

    /// The groups that lose half of the people in them. Who goes to the bin leaves none: that is counted as their login.
    fn halved(&self, cx: &Context, after: &HashMap<i64, AccessState>) -> Vec<Reason> {
        let mut losing: BTreeMap<i64, u64> = BTreeMap::new();
        for before in &self.before {
            let Some(after) = after.get(&before.id).filter(|after| !after.in_bin) else { continue };
            if after.groups == before.groups {
                continue;
            }
            for group in before.groups.iter().filter(|group| !after.groups.contains(group)) {
                *losing.entry(*group).or_default() += 1;
            }
        }
        let reason = |(id, losing)| {
            let group = self.groups.get(&id)?;
            let is_told = group::is_told(cx, group.company_id);
            let what = if is_told { format!("group `{}`", group.canonical()) } else { "a group".to_owned() };
            Reason::loses_half(&cx.settings, what, (losing, *self.members.get(&id)?))
        };
        losing.into_iter().filter_map(reason).collect()
    }
}

impl Taken {
    fn is_something(&self) -> bool {
        self.login || self.last_group || !self.permissions.is_empty()
    }

    /// Tells what was asked about: a person, and what is taken from them.
    fn tell(&self, cx: &Context, person: i64) {
        let ends = [u8::from(self.login), u8::from(self.last_group)];
        cx.asked.tell(&["loses".as_bytes(), &person.to_le_bytes(), &ends]);
        for (permission, scope) in self.permissions.iter() {
            let company = scope.company().unwrap_or_default().to_le_bytes();
            cx.asked.tell(&[permission.id().as_bytes(), &company]);
        }
    }
}

/// What sets of groups no longer grant, each pair worked out once.
struct LossFinder<'a> {
    before: &'a HashMap<Set, Rc<Granted>>,
    after: &'a HashMap<Set, Rc<Granted>>,
    known: HashMap<(Set, Set), Pairs>,
}

impl LossFinder<'_> {
    /// What somebody had and has no longer.
    fn of(&mut self, before: &AccessState, after: Option<&AccessState>) -> Taken {
        let gone = || Taken { login: true, last_group: false, groups: Vec::new(), permissions: Rc::from([]) };
        let Some(after) = after.filter(|after| !after.in_bin) else { return gone() };
        if after.login < before.login {
            return gone();
        }
        let groups: Vec<i64> =
            before.groups.iter().filter(|group| !after.groups.contains(group)).copied().collect();
        let permissions = match (before.superuser, after.superuser) {
            (_, true) => Rc::from([]),
            (true, false) => self.of_a_superuser(after),
            (false, false) => self.between(&before.groups, &after.groups),
        };
        Taken {
            login: false,
            last_group: !after.superuser && after.groups.is_empty() && !before.groups.is_empty(),
            groups,
            permissions,
        }
    }

    /// Everything but what their groups grant.
    fn of_a_superuser(&self, after: &AccessState) -> Pairs {
        let kept = |permission: Permission| {
            let granted = self.after.get(&after.groups);
            granted.is_some_and(|granted| granted.contains(&(permission, GrantScope::Everywhere)))
        };
        let all = Permission::all().filter(|permission| !kept(*permission));
        all.map(|permission| (permission, GrantScope::Everywhere)).collect()
    }

    fn between(&mut self, before: &Set, after: &Set) -> Pairs {
        let pair = (Rc::clone(before), Rc::clone(after));
        if let Some(known) = self.known.get(&pair) {
            return Rc::clone(known);
        }
        let none = Granted::new();
        let had = self.before.get(before).map_or(&none, |granted| granted);
        let has = self.after.get(after).map_or(&none, |granted| granted);
        let lost = had.iter().filter(|(permission, scope)| !is_granted(has, *permission, *scope));
        let lost: Pairs = lost.copied().collect();
        self.known.insert(pair, Rc::clone(&lost));
        lost
    }
}

/// Whether the permission is granted as far as that: for all, or for the very company.
fn is_granted(granted: &Granted, permission: Permission, asked: GrantScope) -> bool {
    granted.contains(&(permission, GrantScope::Everywhere)) || granted.contains(&(permission, asked))
}

/// What each of the sets of groups that these people are in grants.
fn granted(tx: &Tx<'_>, access_states: &[AccessState]) -> Result<HashMap<Set, Rc<Granted>>> {
    let mut groups: HashMap<i64, Granted> = HashMap::new();
    let mut sets: HashMap<Set, Rc<Granted>> = HashMap::new();
    for state in access_states {
        if sets.contains_key(&state.groups) {
            continue;
        }
        let mut all = Granted::new();
        for group in state.groups.iter() {
            if !groups.contains_key(group) {
                groups.insert(*group, store::grants(tx, *group)?);
            }
            all.extend(groups.get(group).into_iter().flatten());
        }
        sets.insert(Rc::clone(&state.groups), Rc::new(all));
    }
    Ok(sets)
}

/// The names of what is told.
struct LossNames<'a> {
    companies: BTreeMap<i64, String>,
    groups: &'a HashMap<i64, group::Found>,
}

impl LossNames<'_> {
    /// What one person loses in words, if the actor may be told.
    fn loss(&self, cx: &Context, tx: &Tx<'_>, id: i64, taken: &Taken) -> Result<Option<Loss>> {
        let Some(user) = user::by_id(tx, id)? else { return Ok(None) };
        if !cx.actor.reach_of_names().contain(user.company_id) {
            return Ok(None);
        }
        let groups = taken.groups.iter().filter_map(|group| self.groups.get(group));
        let groups = groups.filter(|group| group::is_told(cx, group.company_id));
        let text = |(permission, scope): &(Permission, GrantScope)| match scope.company() {
            Some(company) => {
                format!("{}@{}", permission.id(), self.companies.get(&company).map_or("", String::as_str))
            }
            None => permission.id().to_owned(),
        };
        let facts = user.facts;
        Ok(Some(Loss {
            full_name: facts.has_profile().then(|| facts.full_name()),
            email: facts.email,
            company: facts.company,
            groups: groups.map(group::Found::canonical).collect(),
            permissions: taken.permissions.iter().map(text).collect(),
            in_bin: false,
            taken: Vec::new(),
        }))
    }
}
