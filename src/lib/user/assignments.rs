//! The roles and groups a person holds, as the store tells them beside the person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Facts, User};
use crate::group;

/// A role as it is shown beside a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleAssignment {
    /// The role's slug.
    pub(crate) slug: String,
    /// `#rrggbb`.
    pub(crate) color: Option<String>,
    /// Whether its groups come with it.
    pub(crate) apply_groups: bool,
}

/// A group somebody is in, with all that the membership comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct GroupMembership {
    /// Its name.
    pub(crate) name: String,
    /// Its company, if it has one.
    pub(crate) company: Option<String>,
    /// `manual`, `role:SLUG`, `directory:CONNECTION`.
    pub(crate) origins: Vec<String>,
}

impl GroupMembership {
    /// The name as commands take it.
    pub(crate) fn canonical(&self) -> String {
        group::canonical(&self.name, self.company.as_deref())
    }
}

/// Where somebody worked and what they held, as everything was named then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastAssignments {
    /// The company, with its name.
    pub(crate) company: Option<(i64, String)>,
    /// The roles by slug, each with whether its groups came with it.
    pub(crate) roles: Vec<(String, bool)>,
    /// The groups by name, each with all it came from.
    pub(crate) groups: Vec<GroupMembership>,
}

const MANUAL: &str = "manual";

/// The names of the groups that were given by hand, in order.
pub(super) fn by_hand(groups: &[GroupMembership]) -> Vec<String> {
    let manual = groups.iter().filter(|group| group.origins.iter().any(|origin| origin == MANUAL));
    let mut names: Vec<String> = manual.map(GroupMembership::canonical).collect();
    names.sort_unstable();
    names
}

/// The names of the groups that a directory puts them into, in order.
pub(super) fn by_directory(groups: &[GroupMembership]) -> Vec<String> {
    let is_by_directory = |origin: &String| origin.starts_with("directory:");
    let groups = groups.iter().filter(|group| group.origins.iter().any(is_by_directory));
    let mut names: Vec<String> = groups.map(GroupMembership::canonical).collect();
    names.sort_unstable();
    names
}

impl User {
    /// Takes the company, roles and groups of another time.
    pub(super) fn hold(&mut self, held: PastAssignments) {
        let PastAssignments { company, roles, groups } = held;
        let bare = roles.iter().filter(|(_, brings_groups)| !brings_groups);
        self.facts.roles_without_groups = bare.map(|(slug, _)| slug.clone()).collect();
        self.facts.roles = roles.iter().map(|(slug, _)| slug.clone()).collect();
        self.facts.groups = by_hand(&groups);
        self.facts.directory_groups = by_directory(&groups);
        self.role_assignments = roles
            .into_iter()
            .map(|(slug, apply_groups)| RoleAssignment { slug, color: None, apply_groups })
            .collect();
        self.in_groups = groups;
        (self.company_id, self.facts.company) = company.unzip();
    }
}

/// Whether a change takes the last group of somebody who has one; a role that comes new is taken to bring some.
pub(super) fn loses_last_group(user: &User, new: &Facts) -> bool {
    let comes_new = new.roles.iter().any(|slug| !user.facts.roles.contains(slug))
        || new.groups.iter().any(|group| !user.facts.groups.contains(group))
        || new.directory_groups.iter().any(|group| !user.facts.directory_groups.contains(group));
    let brings = |slug: &str| {
        new.roles.iter().any(|held| held == slug) && !new.roles_without_groups.iter().any(|bare| bare == slug)
    };
    let stays = |group: &GroupMembership| {
        (group.company.is_none() || group.company == new.company)
            && group.origins.iter().any(|origin| match origin.split_once(':') {
                Some(("role", slug)) => brings(slug),
                Some(_) => new.directory_groups.contains(&group.canonical()),
                None => new.groups.contains(&group.canonical()),
            })
    };
    !user.in_groups.is_empty() && !comes_new && !user.in_groups.iter().any(stays)
}

/// A role in the store's words: order, slug, whether its groups come with it, colour.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct StoredRole(i64, String, i64, Option<String>);

/// A membership in the store's words: name, company, origin, the slug of the role that brings it.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct StoredMembership(String, Option<String>, String, Option<String>);

/// The roles in their order.
pub(super) fn role_assignments(json: &str) -> serde_json::Result<Vec<RoleAssignment>> {
    let mut roles: Vec<StoredRole> = serde_json::from_str(json)?;
    roles.sort_unstable();
    let assignment =
        |StoredRole(_, slug, groups, color)| RoleAssignment { slug, color, apply_groups: groups != 0 };
    Ok(roles.into_iter().map(assignment).collect())
}

/// The groups by name, each once with all its origins.
pub(super) fn groups(json: &str) -> serde_json::Result<Vec<GroupMembership>> {
    let mut stored: Vec<StoredMembership> = serde_json::from_str(json)?;
    stored.sort_unstable();
    let mut groups: BTreeMap<(String, Option<String>), Vec<String>> = BTreeMap::new();
    for StoredMembership(name, company, origin, role) in stored {
        let origin = role.map_or(origin, |slug| format!("role:{slug}"));
        groups.entry((name, company)).or_default().push(origin);
    }
    let group = |((name, company), origins)| GroupMembership { name, company, origins };
    Ok(groups.into_iter().map(group).collect())
}
