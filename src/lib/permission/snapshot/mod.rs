//! Everything that decides what people may do, in memory: as it is, or as it was.
//!
//! Questions that look at more than one person's grants (why not, who would bring it) and questions about the past are
//! asked of a [`AccessSnapshot`]. It is loaded as it is now and then, row by row of the audit, taken back to the time in question
//! (`history`). Answers come as the same [`Access`] that is loaded from the store, with the same [`grant_scope`](crate::catalog::grant_scope)
//! and [`covers`](crate::catalog::covers), so that now and then are decided alike.

mod history;
mod store;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use std::collections::{BTreeMap, BTreeSet};

use super::access::{Access, Granted, Membership};
use crate::catalog::{Origin, Permission};
use crate::error::Result;
use crate::group;
use crate::store::Tx;
use crate::text::collate::place_in_lists;
use crate::text::date::Day;
use crate::text::fold::fold;
use crate::text::instant::Instant;
use crate::user::Facts;
use crate::user::login::Moment;

/// Which people are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SnapshotPeople {
    /// Everybody.
    All,
    /// The one with this id.
    One(i64),
    /// Nobody.
    None,
}

/// How much a snapshot holds; less is quicker.
#[derive(Debug, Clone, Copy)]
pub(super) struct SnapshotScope {
    /// These people.
    pub(super) people: SnapshotPeople,
    /// Only grants of this permission.
    pub(super) permission: Option<Permission>,
}

/// Companies, groups, roles and people, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AccessSnapshot {
    pub(super) companies: BTreeMap<i64, Company>,
    pub(super) groups: BTreeMap<i64, Group>,
    pub(super) roles: BTreeMap<i64, Role>,
    pub(super) people: BTreeMap<i64, Person>,
    /// What connections to directories are called today.
    pub(super) connections: BTreeMap<i64, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Company {
    pub(super) name: String,
    pub(super) slug: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) company: Option<i64>,
    /// Each permission with the company it is granted for; none for all.
    pub(super) grants: BTreeSet<(Permission, Option<i64>)>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) active: bool,
    pub(super) companies: BTreeSet<i64>,
    pub(super) groups: BTreeSet<i64>,
}

/// What of a person decides what they may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) company: Option<i64>,
    pub(super) active: bool,
    pub(super) start_date: Option<Day>,
    pub(super) end_date: Option<Day>,
    pub(super) superuser: bool,
    pub(super) deleted: bool,
    /// The connection whose directory manages the account.
    pub(super) directory: Option<i64>,
    pub(super) directory_disabled: bool,
    pub(super) directory_expires_at: Option<Instant>,
    pub(super) directory_missing_since: Option<Instant>,
    /// The roles held, each with whether its groups come with it.
    pub(super) roles: BTreeMap<i64, bool>,
    /// The groups they are in, roles apart, each with the origin as it is stored.
    pub(super) groups: BTreeSet<(i64, String)>,
}

/// Why a role that somebody holds does not bring its groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Idle {
    /// It is inactive.
    Inactive,
    /// It is not for the person's company.
    Elsewhere,
    /// It is held without its groups.
    WithoutGroups,
}

impl AccessSnapshot {
    /// What the scope takes in, as it is now.
    pub(super) fn now(tx: &Tx<'_>, scope: SnapshotScope) -> Result<Self> {
        store::load(tx, scope)
    }

    /// What the scope takes in, as it was at `at`, worked back from what the audit recorded since.
    pub(super) fn as_of(tx: &Tx<'_>, scope: SnapshotScope, at: Instant) -> Result<Self> {
        history::rewind(tx, Self::now(tx, scope)?, scope, at)
    }

    /// What the person may do.
    pub(super) fn access(&self, person: &Person, moment: Moment) -> Access {
        self.access_through(self.groups_of(person), person.superuser, person.is_active(moment))
    }

    /// The groups the person is in, by name.
    pub(super) fn memberships(&self, person: &Person) -> Vec<Membership> {
        self.memberships_in(self.groups_of(person))
    }

    /// The groups the person is in by id, each with all it comes from.
    fn groups_of(&self, person: &Person) -> BTreeMap<i64, Vec<Origin>> {
        let mut groups: BTreeMap<i64, Vec<Origin>> = BTreeMap::new();
        for (group, origin) in &person.groups {
            groups.entry(*group).or_default().push(self.origin(origin));
        }
        let mut roles: Vec<&Role> = self.roles_in_force(person).collect();
        roles.sort_by(|a, b| a.slug.cmp(&b.slug));
        for role in roles {
            for group in role.groups.iter().filter(|group| self.takes(**group, person.company)) {
                groups.entry(*group).or_default().push(Origin::Role(role.slug.clone()));
            }
        }
        groups
    }

    /// What a stored membership comes from, by the name of its connection.
    fn origin(&self, stored: &str) -> Origin {
        match Origin::stored(stored, None) {
            Origin::Directory(id) => {
                let name = id.parse().ok().and_then(|id: i64| self.connections.get(&id));
                Origin::Directory(name.unwrap_or(&id).clone())
            }
            origin => origin,
        }
    }

    fn memberships_in(&self, groups: BTreeMap<i64, Vec<Origin>>) -> Vec<Membership> {
        let membership = |(id, origins)| {
            let group = self.groups.get(&id)?;
            Some(Membership { group: id, name: self.group_name(group), company: group.company, origins })
        };
        let mut memberships: Vec<Membership> = groups.into_iter().filter_map(membership).collect();
        memberships.sort_by_cached_key(|membership| {
            let name = self.groups.get(&membership.group).map_or("", |group| group.name.as_str());
            (fold(name), membership.group)
        });
        memberships
    }

    /// What a person who is in these groups may do.
    pub(super) fn access_through(
        &self,
        groups: BTreeMap<i64, Vec<Origin>>,
        superuser: bool,
        active: bool,
    ) -> Access {
        let memberships = self.memberships_in(groups);
        let mut grants: BTreeMap<Permission, Vec<Granted>> = BTreeMap::new();
        for (place, membership) in memberships.iter().enumerate() {
            for (permission, company) in
                self.groups.get(&membership.group).into_iter().flat_map(|group| &group.grants)
            {
                grants.entry(*permission).or_default().push(Granted { membership: place, company: *company });
            }
        }
        Access::of(active, superuser, memberships, grants)
    }

    /// Why a role that somebody of that company holds brings nothing; nothing when it does.
    pub(super) fn idle(role: &Role, company: Option<i64>, applied: bool) -> Option<Idle> {
        let is_for = |company: Option<i64>| company.is_some_and(|company| role.companies.contains(&company));
        if !applied {
            Some(Idle::WithoutGroups)
        } else if !role.active {
            Some(Idle::Inactive)
        } else if !role.companies.is_empty() && !is_for(company) {
            Some(Idle::Elsewhere)
        } else {
            None
        }
    }

    /// Whether the group takes people of that company: a company's group takes its people only.
    pub(super) fn takes(&self, group: i64, company: Option<i64>) -> bool {
        self.groups.get(&group).is_some_and(|group| group.company.is_none() || group.company == company)
    }

    fn roles_in_force(&self, person: &Person) -> impl Iterator<Item = &Role> {
        person.roles.iter().filter_map(|(id, applied)| {
            let role = self.roles.get(id)?;
            Self::idle(role, person.company, *applied).is_none().then_some(role)
        })
    }

    /// The name of a company, with that of a missing one empty.
    pub(super) fn company_name(&self, id: i64) -> &str {
        self.companies.get(&id).map_or("", |company| company.name.as_str())
    }

    /// How a group is named everywhere.
    pub(super) fn group_name(&self, group: &Group) -> String {
        group::canonical(&group.name, group.company.map(|company| self.company_name(company)))
    }

    /// The company of that name, in any letter case, or slug.
    pub(super) fn company(&self, name: &str) -> Option<i64> {
        let folded = fold(name);
        let is = |company: &Company| fold(&company.name) == folded || company.slug == folded;
        self.companies.iter().find(|(_, company)| is(company)).map(|(id, _)| *id)
    }

    /// The groups of that name, or of that name and company: one of no company alone, else those of companies.
    pub(super) fn groups_named(&self, name: &str) -> Vec<(i64, &Group)> {
        let folded = fold(name);
        let is = |group: &Group| fold(&group.name) == folded || fold(&self.group_name(group)) == folded;
        let found = self.groups.iter().filter(|(_, group)| is(group));
        let (for_all, of_companies): (Vec<_>, Vec<_>) =
            found.map(|(id, group)| (*id, group)).partition(|(_, group)| group.company.is_none());
        if for_all.is_empty() { of_companies } else { for_all }
    }

    /// The role of that name, in any letter case, or slug.
    pub(super) fn role(&self, name: &str) -> Option<i64> {
        let folded = fold(name);
        let is = |role: &Role| role.slug == folded || fold(&role.name) == folded;
        self.roles.iter().find(|(_, role)| is(role)).map(|(id, _)| *id)
    }
}

impl Person {
    /// Whether the account is active then.
    pub(super) fn is_active(&self, moment: Moment) -> bool {
        !self.deleted && self.facts().service().is_open(moment)
    }

    /// As much of the facts as decides whether the account is active, for what is said about that.
    pub(super) fn facts(&self) -> Facts {
        Facts {
            active: self.active,
            start_date: self.start_date,
            end_date: self.end_date,
            deleted: self.deleted,
            directory_disabled: self.directory_disabled,
            directory_expires_at: self.directory_expires_at,
            directory_missing_since: self.directory_missing_since,
            ..Facts::new(self.email.clone())
        }
    }

    /// First and last name; nothing without a profile.
    pub(super) fn full_name(&self) -> Option<String> {
        let (first, last) = (self.first_name.as_ref()?, self.last_name.as_ref()?);
        Some(format!("{first} {last}"))
    }

    /// The place in lists.
    pub(super) fn sort_name(&self) -> String {
        place_in_lists(self.last_name.as_deref(), self.first_name.as_deref(), &self.email)
    }
}
