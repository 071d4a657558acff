//! The roles and groups in a person's facts, looked up as ids.
//!
//! Only what somebody gave by hand stands in the facts; what roles bring is worked out by the store (the view
//! `memberships_in_force`) and follows the role at once. A group of a company takes only people of that company, and a
//! role limited to companies only theirs: giving one that does not fit is refused, and one that stops fitting because the
//! person changes company is taken away.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::save::ASSIGNMENTS;
use super::{Error, Facts, User};
use crate::audit::Fields;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::{group, role};

/// The ids behind the roles and groups of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AssignmentIds {
    /// Each role, and whether its groups come with it.
    pub(super) roles: Vec<(i64, bool)>,
    /// The groups given by hand.
    pub(super) groups: Vec<i64>,
    /// The groups that the directory puts them into.
    pub(super) directory_groups: Vec<i64>,
}

/// Whose holdings are looked up: the company, and the old facts of somebody there is.
type Person<'a> = (Option<i64>, Option<&'a Facts>);

/// Who has one of these permissions for a company has to do with the roles there.
const ROLES_SEEN_BY: [&str; 3] = ["users.add", "users.edit", "roles.view"];

/// Who has one of these permissions for a company has to do with the groups there.
const GROUPS_SEEN_BY: [&str; 4] = ["users.add", "users.edit", "groups.view", "directory.sync"];

/// The found roles and groups of a run, by the name that was looked for.
#[derive(Debug, Default)]
pub(super) struct AssignmentLookup {
    /// Inactive roles are given too: by a run, which brings back what somebody held. Elsewhere they are no choice.
    gives_inactive_roles: bool,
    /// What somebody has and does not fit any more is refused: by a change that was planned, which says all that it takes.
    takes_nothing: bool,
    roles: HashMap<String, role::Found>,
    /// Also by whether it is looked for wherever it is.
    groups: HashMap<(bool, String), group::Found>,
    /// What roles bring, by slug: each group's name and company.
    brought: HashMap<String, Vec<(String, Option<i64>)>>,
}

impl AssignmentLookup {
    /// Those of a run.
    pub(super) fn of_run() -> Self {
        Self { gives_inactive_roles: true, ..Self::default() }
    }

    /// Those of a run that is made or taken back.
    pub(super) fn of_changes() -> Self {
        Self { takes_nothing: true, ..Self::of_run() }
    }

    /// Looks up the roles and groups of `facts`, for a person of that company, and writes their names as they are stored,
    /// each once and in order; takes away those of the old facts that do not fit any more, or refuses to.
    pub(super) fn resolve(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        person: Person<'_>,
        facts: &mut Facts,
    ) -> Result<AssignmentIds> {
        if facts.roles.is_empty() && facts.groups.is_empty() && facts.directory_groups.is_empty() {
            facts.roles_without_groups.clear();
            return Ok(AssignmentIds::default());
        }
        let roles = self.roles(cx, tx, person, facts)?;
        let email = facts.email.clone();
        let groups = self.groups(cx, tx, person, (&email, &mut facts.groups))?;
        let directory_groups = self.groups(cx, tx, person, (&email, &mut facts.directory_groups))?;
        Ok(AssignmentIds { roles, groups, directory_groups })
    }

    /// See [`super::org_lookup::OrgLookup::ids_of`].
    pub(super) fn ids_of(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        (fields, facts): (&Fields, &Facts),
        ids: &mut Fields,
    ) -> Result<()> {
        for field in ASSIGNMENTS {
            let Some(names) = fields.get(field).and_then(Value::as_array) else { continue };
            let names = names.iter().filter_map(Value::as_str);
            let found = names.map(|name| match field {
                "groups" | "directory_groups" => Ok(self.group(cx, tx, Some(facts), name)?.id),
                _ => Ok(self.role(cx, tx, Some(facts), name)?.id),
            });
            ids.insert(field.to_owned(), found.collect::<Result<Vec<i64>>>()?.into());
        }
        Ok(())
    }

    /// See [`super::org_lookup::OrgLookup::leave_out_brought`].
    pub(super) fn leave_out_brought(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        (old, said): (Option<&Facts>, &[String]),
        facts: &mut Facts,
    ) -> Result<()> {
        let mut by_hand: HashSet<String> = old.iter().flat_map(|old| old.groups.iter().cloned()).collect();
        for name in said {
            by_hand.insert(self.group(cx, tx, old, name)?.canonical());
        }
        let mut brought: HashSet<String> =
            old.iter().flat_map(|old| old.directory_groups.iter().cloned()).collect();
        for slug in facts.roles.iter().filter(|slug| !facts.roles_without_groups.contains(slug)) {
            brought.extend(self.brought(tx, slug)?.iter().map(|(group, _)| group.clone()));
        }
        facts.groups.retain(|group| by_hand.contains(group) || !brought.contains(group));
        Ok(())
    }

    /// See [`super::org_lookup::OrgLookup::assignments_of`].
    pub(super) fn named(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        old: &Facts,
        (roles, groups): (&[String], &[String]),
    ) -> Result<(Vec<String>, Vec<String>)> {
        let roles = roles.iter().map(|name| Ok(self.role(cx, tx, Some(old), name)?.slug));
        let roles = roles.collect::<Result<_>>()?;
        let groups = groups.iter().map(|name| Ok(self.group(cx, tx, Some(old), name)?.canonical()));
        Ok((roles, groups.collect::<Result<_>>()?))
    }

    /// See [`super::org_lookup::OrgLookup::left_behind`].
    pub(super) fn left_behind(
        &mut self,
        tx: &Tx<'_>,
        old: &User,
        facts: &Facts,
    ) -> Result<Vec<(String, String)>> {
        let brings = |of: &Facts, slug| of.roles.contains(slug) && !of.roles_without_groups.contains(slug);
        let mut left = Vec::new();
        for slug in facts.roles.iter().filter(|slug| brings(&old.facts, slug) && brings(facts, slug)) {
            let of_company = self.brought(tx, slug)?.iter();
            let of_company = of_company.filter(|(_, of)| of.is_some() && *of == old.company_id);
            let brought_alone = of_company.filter(|(group, _)| !old.facts.groups.contains(group));
            left.extend(brought_alone.map(|(group, _)| (group.clone(), slug.clone())));
        }
        Ok(left)
    }

    /// The groups a role brings, each with its company.
    fn brought(&mut self, tx: &Tx<'_>, slug: &str) -> Result<&[(String, Option<i64>)]> {
        if !self.brought.contains_key(slug) {
            let role = role::find_in(tx, slug)?.filter(|role| role.active);
            let groups = role.map(|role| role.groups).unwrap_or_default();
            self.brought.insert(
                slug.to_owned(),
                groups.into_iter().map(|group| (group.name, group.company_id)).collect(),
            );
        }
        Ok(self.brought.get(slug).map(Vec::as_slice).unwrap_or_default())
    }

    fn roles(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        (company, old): Person<'_>,
        facts: &mut Facts,
    ) -> Result<Vec<(i64, bool)>> {
        let without: Vec<String> = std::mem::take(&mut facts.roles_without_groups);
        let mut bare = Vec::new();
        for name in &without {
            bare.push(self.role(cx, tx, old, name)?.slug);
        }
        let mut kept: Vec<role::Found> = Vec::new();
        for name in std::mem::take(&mut facts.roles) {
            let role = self.role(cx, tx, old, &name)?;
            let had = old.is_some_and(|old| old.roles.contains(&role.slug));
            let fits = role.companies.is_empty() || company.is_some_and(|id| role.companies.contains(&id));
            if !fits && (!had || self.takes_nothing) {
                return Err(Error::RoleElsewhere { role: role.slug, email: facts.email.clone() }.into());
            }
            if !had && !role.active && !self.gives_inactive_roles {
                return Err(Error::RoleInactive { role: role.slug }.into());
            }
            if fits {
                kept.push(role);
            }
        }
        kept.sort_by(|a, b| a.slug.cmp(&b.slug));
        kept.dedup_by_key(|role| role.id);
        facts.roles = kept.iter().map(|role| role.slug.clone()).collect();
        facts.roles_without_groups = facts.roles.iter().filter(|slug| bare.contains(slug)).cloned().collect();
        Ok(kept.into_iter().map(|role| (role.id, !bare.contains(&role.slug))).collect())
    }

    fn groups(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        (company, old): Person<'_>,
        (email, groups): (&str, &mut Vec<String>),
    ) -> Result<Vec<i64>> {
        let mut kept: Vec<group::Found> = Vec::new();
        for name in std::mem::take(groups) {
            let group = self.group(cx, tx, old, &name)?;
            let had = old.is_some_and(|old| is_in(old, &group.canonical()));
            let fits = group.company_id.is_none() || group.company_id == company;
            if !fits && (!had || self.takes_nothing) {
                return Err(
                    Error::GroupElsewhere { group: group.canonical(), email: email.to_owned() }.into()
                );
            }
            if fits {
                kept.push(group);
            }
        }
        kept.sort_by_cached_key(group::Found::canonical);
        kept.dedup_by_key(|group| group.id);
        *groups = kept.iter().map(group::Found::canonical).collect();
        Ok(kept.into_iter().map(|group| group.id).collect())
    }

    /// The role of that name: one the person holds, or one the actor has to do with.
    fn role(&mut self, cx: &Context, tx: &Tx<'_>, old: Option<&Facts>, name: &str) -> Result<role::Found> {
        let key = fold(name);
        if !self.roles.contains_key(&key)
            && let Some(found) = role::find_held_in(tx, name)?
        {
            self.roles.insert(key.clone(), found);
        }
        let seen = cx.actor.scope_of_any(&ROLES_SEEN_BY);
        let had = |role: &role::Found| old.is_some_and(|old| old.roles.contains(&role.slug));
        match self.roles.get(&key) {
            Some(role) if had(role) || role.is_within(&seen) => Ok(role.clone()),
            _ => Err(role::not_found(tx, name, &seen)?.into()),
        }
    }

    /// The group of that name: one the person is in, or one the actor has to do with.
    fn group(&mut self, cx: &Context, tx: &Tx<'_>, old: Option<&Facts>, name: &str) -> Result<group::Found> {
        let had = old.is_some_and(|old| is_in(old, name));
        let key = (had, fold(name));
        if let Some(found) = self.groups.get(&key) {
            return Ok(found.clone());
        }
        let scope = if had { CompanyScope::All } else { cx.actor.scope_of_any(&GROUPS_SEEN_BY) };
        let Some(found) = group::find_id_in(tx, name, &scope)? else {
            return Err(group::not_found(tx, name, &scope)?.into());
        };
        self.groups.insert(key, found.clone());
        Ok(found)
    }
}

/// Whether somebody is in the group of that name, by hand or by a directory.
fn is_in(facts: &Facts, name: &str) -> bool {
    facts.groups.iter().chain(&facts.directory_groups).any(|group| group == name)
}
