//! What changes take from people: who may no longer log in, who loses the last group, who loses which permission where.
//!
//! Before and after a change it is noted what everybody has whom it can reach: whether switch and dates let them log in,
//! and which groups they are in. What groups grant is noted once for each set of groups that somebody is in, so that very
//! many people in the same groups cost little more than looking them up. Who was in the bin before has nothing to lose.

mod store;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use super::{Permission, Reach};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Effect, Measure, Reached};
use crate::store::Tx;

/// Ids of groups, by rising id.
type Set = Rc<[i64]>;

/// Each permission with where it is granted.
type Granted = BTreeSet<(Permission, Reach)>;

/// Permissions with where they are no longer granted.
type Pairs = Rc<[(Permission, Reach)]>;

/// The measure of what people may do.
#[derive(Default)]
pub(crate) struct Losses {
    before: Vec<Standing>,
    granted: HashMap<Set, Rc<Granted>>,
}

/// Whether switch and dates let somebody log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Login {
    No,
    /// From the start date on.
    Later,
    Now,
}

/// What somebody has.
#[derive(Debug, Clone)]
struct Standing {
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
    permissions: Pairs,
}

impl Measure for Losses {
    fn before(&mut self, cx: &Context, tx: &Tx<'_>, reached: &Reached) -> Result<()> {
        self.before = store::standings(tx, &reached.people(), cx.today())?;
        self.before.retain(|standing| !standing.in_bin);
        self.granted = granted(tx, &self.before)?;
        Ok(())
    }

    fn after(&mut self, cx: &Context, tx: &Tx<'_>) -> Result<Effect> {
        let ids: Vec<i64> = self.before.iter().map(|standing| standing.id).collect();
        let after = store::standings(tx, &ids, cx.today())?;
        let granted_now = granted(tx, &after)?;
        let after: HashMap<i64, Standing> =
            after.into_iter().map(|standing| (standing.id, standing)).collect();
        let mut lost = Lost { before: &self.granted, after: &granted_now, known: HashMap::new() };
        let mut effect = Effect::default();
        for before in &self.before {
            let taken = lost.of(before, after.get(&before.id));
            if !taken.is_something() {
                continue;
            }
            effect.people += 1;
            if taken.login {
                effect.without_login += 1;
                continue;
            }
            effect.without_group += u64::from(taken.last_group);
            effect.permissions += taken.permissions.len() as u64;
        }
        Ok(effect)
    }
}

impl Taken {
    fn is_something(&self) -> bool {
        self.login || self.last_group || !self.permissions.is_empty()
    }
}

/// What sets of groups no longer grant, each pair worked out once.
struct Lost<'a> {
    before: &'a HashMap<Set, Rc<Granted>>,
    after: &'a HashMap<Set, Rc<Granted>>,
    known: HashMap<(Set, Set), Pairs>,
}

impl Lost<'_> {
    /// What somebody had and has no longer.
    fn of(&mut self, before: &Standing, after: Option<&Standing>) -> Taken {
        let gone = || Taken { login: true, last_group: false, permissions: Rc::from([]) };
        let Some(after) = after.filter(|after| !after.in_bin) else { return gone() };
        if after.login < before.login {
            return gone();
        }
        let permissions = match (before.superuser, after.superuser) {
            (_, true) => Rc::from([]),
            (true, false) => self.of_a_superuser(after),
            (false, false) => self.between(&before.groups, &after.groups),
        };
        Taken { login: false, last_group: after.groups.is_empty() && !before.groups.is_empty(), permissions }
    }

    /// Everything but what their groups grant.
    fn of_a_superuser(&self, after: &Standing) -> Pairs {
        let kept = |permission: Permission| {
            let granted = self.after.get(&after.groups);
            granted.is_some_and(|granted| granted.contains(&(permission, Reach::Everywhere)))
        };
        let all = Permission::all().filter(|permission| !kept(*permission));
        all.map(|permission| (permission, Reach::Everywhere)).collect()
    }

    fn between(&mut self, before: &Set, after: &Set) -> Pairs {
        let pair = (Rc::clone(before), Rc::clone(after));
        if let Some(known) = self.known.get(&pair) {
            return Rc::clone(known);
        }
        let none = Granted::new();
        let had = self.before.get(before).map_or(&none, |granted| granted);
        let has = self.after.get(after).map_or(&none, |granted| granted);
        let lost = had.iter().filter(|(permission, reach)| !is_granted(has, *permission, *reach));
        let lost: Pairs = lost.copied().collect();
        self.known.insert(pair, Rc::clone(&lost));
        lost
    }
}

/// Whether the permission is granted as far as that: for all, or for the very company.
fn is_granted(granted: &Granted, permission: Permission, asked: Reach) -> bool {
    granted.contains(&(permission, Reach::Everywhere)) || granted.contains(&(permission, asked))
}

/// What each of the sets of groups that these people are in grants.
fn granted(tx: &Tx<'_>, standings: &[Standing]) -> Result<HashMap<Set, Rc<Granted>>> {
    let mut groups: HashMap<i64, Granted> = HashMap::new();
    let mut sets: HashMap<Set, Rc<Granted>> = HashMap::new();
    for standing in standings {
        if sets.contains_key(&standing.groups) {
            continue;
        }
        let mut all = Granted::new();
        for group in standing.groups.iter() {
            if !groups.contains_key(group) {
                groups.insert(*group, store::grants(tx, *group)?);
            }
            all.extend(groups.get(group).into_iter().flatten());
        }
        sets.insert(Rc::clone(&standing.groups), Rc::new(all));
    }
    Ok(sets)
}
