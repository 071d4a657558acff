//! What a person, a group or a role has of every permission.

use std::collections::BTreeMap;

use super::Error;
use super::access::Access;
use super::ask::{Asked, company_in, scene};
use super::snapshot::{AccessSnapshot, Group, Role, SnapshotPeople, SnapshotScope};
use crate::catalog::{Origin, Permission};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::group;
use crate::store::Tx;

/// Whose permissions are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of<'a> {
    /// A person's, by email or id.
    User(&'a str),
    /// Those of everybody in the group of this name.
    Group(&'a str),
    /// Those of everybody who holds the role of this name or slug.
    Role(&'a str),
}

/// What there is of one permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Which.
    pub(crate) permission: Permission,
    /// Whether it is held for the company that was asked for, or for all.
    pub(crate) allowed: bool,
    /// Whether it is held for all companies.
    pub(crate) everywhere: bool,
    /// The companies it is held for, when it is not for all.
    pub(crate) companies: Vec<String>,
}

/// Every permission of the catalogue, in its order, with what there is of it: for a group or a role, as far as it concerns
/// the actor's companies.
pub(crate) fn matrix(cx: &Context, of: Of<'_>, asked: Asked<'_>) -> Result<Vec<Cell>> {
    cx.read(|tx| {
        let ((snapshot, access), permission) = match of {
            Of::User(who) => {
                let scene = scene(cx, tx, who, None, asked.as_of)?;
                let access = scene.access();
                ((scene.snapshot, access), None)
            }
            Of::Group(name) => (of_group(cx, tx, name, asked)?, Some("groups.view")),
            Of::Role(name) => (of_role(cx, tx, name, asked)?, Some("roles.view")),
        };
        let company = company_in(cx, tx, &snapshot, asked)?;
        if let (Some(permission), Some(company)) = (permission, company) {
            cx.actor.require(permission, Some(company))?;
        }
        let told =
            permission.map_or_else(|| cx.actor.widest_scope(), |permission| cx.actor.scope(permission));
        let asked = (company, &told);
        Ok(Permission::all().map(|permission| cell(&snapshot, &access, permission, asked)).collect())
    })
}

fn cell(
    snapshot: &AccessSnapshot,
    access: &Access,
    permission: Permission,
    (company, told): (Option<i64>, &CompanyScope),
) -> Cell {
    let grant_scopes = access.scopes(permission);
    let companies =
        grant_scopes.iter().filter_map(|scope| scope.company()).filter(|id| told.contain(Some(*id)));
    Cell {
        permission,
        allowed: access.allows(permission, company),
        everywhere: access.allows(permission, None),
        companies: companies.map(|id| snapshot.company_name(id).to_owned()).collect(),
    }
}

fn of_group(cx: &Context, tx: &Tx<'_>, name: &str, asked: Asked<'_>) -> Result<(AccessSnapshot, Access)> {
    cx.actor.require_anywhere("groups.view")?;
    let scope = cx.actor.scope("groups.view");
    let snapshot = snapshot(tx, asked)?;
    let is_seen = |group: &Group| group.company.is_none() || scope.contain(group.company);
    let found = if asked.as_of.is_none() {
        group::find_id_in(tx, name, &scope)?.map(|found| found.id)
    } else {
        let mut then = snapshot.groups_named(name);
        then.retain(|(_, group)| is_seen(group));
        if then.len() > 1 {
            let groups = then.iter().map(|(_, group)| snapshot.group_name(group)).collect();
            return Err(group::Error::Ambiguous { name: name.to_owned(), groups }.into());
        }
        then.pop().map(|(id, _)| id)
    };
    let Some(id) = found.filter(|id| snapshot.groups.contains_key(id)) else {
        let told = snapshot.groups.values().filter(|group| is_seen(group));
        return Err(Error::no_such("group", name, told.map(|group| snapshot.group_name(group))).into());
    };
    let access = snapshot.access_through(BTreeMap::from([(id, vec![Origin::Manual])]), false, true);
    Ok((snapshot, access))
}

fn of_role(cx: &Context, tx: &Tx<'_>, name: &str, asked: Asked<'_>) -> Result<(AccessSnapshot, Access)> {
    cx.actor.require_anywhere("roles.view")?;
    let snapshot = snapshot(tx, asked)?;
    let visible = cx.actor.scope("roles.view");
    let is_seen = |role: &Role| {
        role.companies.is_empty() || role.companies.iter().any(|company| visible.contain(Some(*company)))
    };
    let Some(role) = snapshot.role(name).and_then(|id| snapshot.roles.get(&id)).filter(|role| is_seen(role))
    else {
        let told = snapshot.roles.values().filter(|role| is_seen(role));
        return Err(Error::no_such("role", name, told.map(|role| role.slug.clone())).into());
    };
    let origins = || vec![Origin::Role(role.slug.clone())];
    let groups = role.groups.iter().map(|group| (*group, origins())).collect();
    let access = snapshot.access_through(groups, false, role.active);
    Ok((snapshot, access))
}

fn snapshot(tx: &Tx<'_>, asked: Asked<'_>) -> Result<AccessSnapshot> {
    let scope = SnapshotScope { people: SnapshotPeople::None, permission: None };
    match asked.as_of {
        None => AccessSnapshot::now(tx, scope),
        Some(at) => AccessSnapshot::as_of(tx, scope, at),
    }
}
