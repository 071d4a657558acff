//! Looking at groups: what they grant, who is in them, which roles bring them.

use super::name::{RequiredAccess, is_visible, resolve_selector};
use super::{Found, Grant, Group, Selector, grant, store};
use crate::catalog::Origin;
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;

/// A group with all that an administrator asks of it.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The group.
    pub(crate) group: Group,
    /// What it grants, in the order of the catalogue.
    pub(crate) grants: Vec<Grant>,
    /// The slugs of the roles that bring it.
    pub(crate) roles: Vec<String>,
}

/// Somebody who is in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The person's id.
    pub(crate) id: i64,
    /// The login name.
    pub(crate) email: String,
    /// None for an account without a profile.
    pub(crate) full_name: Option<String>,
    /// The person's company.
    pub(crate) company_id: Option<i64>,
    /// The company's name.
    pub(crate) company: Option<String>,
    /// The department's name.
    pub(crate) department: Option<String>,
    /// All that the membership comes from.
    pub(crate) origins: Vec<Origin>,
}

/// Calls `each` with every group that shows to the actor, of one company or of all, by name.
pub(crate) fn list(
    cx: &Context,
    company: Option<&str>,
    mut each: impl FnMut(Group) -> Result<()>,
) -> Result<()> {
    cx.actor.require_anywhere("groups.view")?;
    let scope = cx.actor.scope("groups.view");
    cx.read(|tx| {
        let seen = cx.actor.scope_of_any(&["org.view", "groups.view"]);
        let company = company.map(|name| company::id_in(tx, name, &seen)).transpose()?;
        if company.is_some() {
            cx.actor.require("groups.view", company)?;
        }
        super::list_in(tx, company, |group| {
            if is_visible(&scope, group.company_id) { each(counted(tx, &scope, group)?) } else { Ok(()) }
        })
    })
}

/// The group that is meant; of what it grants, and of the roles that bring it, what concerns the actor's companies.
pub(crate) fn show(cx: &Context, which: &Selector) -> Result<Shown> {
    let scope = cx.actor.scope("groups.view");
    cx.read(|tx| {
        let group = resolve_selector(cx, tx, which, RequiredAccess::Use("groups.view"))?;
        shown(tx, &scope, group)
    })
}

/// Calls `each` with every group that shows to the actor, by name, as [`show`] shows it.
pub(crate) fn each_shown(cx: &Context, mut each: impl FnMut(Shown) -> Result<()>) -> Result<()> {
    cx.actor.require_anywhere("groups.view")?;
    let scope = cx.actor.scope("groups.view");
    cx.read(|tx| {
        super::list_in(tx, None, |group| {
            if is_visible(&scope, group.company_id) { each(shown(tx, &scope, group)?) } else { Ok(()) }
        })
    })
}

/// Calls `each` with every group that shows to the actor, by name, and with what it grants as far as that concerns the
/// actor's companies: in the order of the catalogue.
pub(crate) fn each_granting(
    cx: &Context,
    tx: &Tx<'_>,
    mut each: impl FnMut(Found, Vec<Grant>) -> Result<()>,
) -> Result<()> {
    cx.actor.require_anywhere("groups.view")?;
    let scope = cx.actor.scope("groups.view");
    for group in store::names(tx)? {
        if is_visible(&scope, group.company_id) {
            let grants = grants_shown(tx, &scope, group.id)?;
            each(group, grants)?;
        }
    }
    Ok(())
}

fn shown(tx: &Tx<'_>, scope: &CompanyScope, group: Group) -> Result<Shown> {
    let grants = grants_shown(tx, scope, group.id)?;
    let mut roles = store::roles(tx, group.id)?;
    roles.retain(|(_, company)| is_visible(scope, *company));
    Ok(Shown { group: counted(tx, scope, group)?, grants, roles: slugs(roles) })
}

/// The group with as much counted as concerns the actor's companies.
fn counted(tx: &Tx<'_>, scope: &CompanyScope, mut group: Group) -> Result<Group> {
    if *scope == CompanyScope::All {
        return Ok(group);
    }
    group.members = 0;
    store::members(tx, group.id, |member| {
        group.members += i64::from(scope.contain(member.company_id));
        Ok(())
    })?;
    let roles = store::roles(tx, group.id)?.into_iter().filter(|(_, company)| is_visible(scope, *company));
    group.roles = i64::try_from(slugs(roles.collect()).len()).unwrap_or(i64::MAX);
    group.grants = i64::try_from(grants_shown(tx, scope, group.id)?.len()).unwrap_or(i64::MAX);
    Ok(group)
}

fn grants_shown(tx: &Tx<'_>, scope: &CompanyScope, group_id: i64) -> Result<Vec<Grant>> {
    let mut grants = grant::grants_in(tx, group_id)?;
    grants.retain(|grant| is_visible(scope, grant.company_id));
    Ok(grants)
}

/// Calls `each` with everybody outside the bin who is in the group and whom the actor may look at, by email. Returns how
/// many more of the actor's companies there are.
pub(crate) fn each_member(
    cx: &Context,
    which: &Selector,
    mut each: impl FnMut(Member) -> Result<()>,
) -> Result<u64> {
    let (scope, named_of) = (cx.actor.scope("groups.view"), cx.actor.reach_of_names());
    cx.read(|tx| {
        let group = resolve_selector(cx, tx, which, RequiredAccess::Use("groups.view"))?;
        let mut unnamed = 0;
        store::members(tx, group.id, |member| {
            if !scope.contain(member.company_id) {
                return Ok(());
            }
            if named_of.contain(member.company_id) {
                return each(member);
            }
            unnamed += 1;
            Ok(())
        })?;
        Ok(unnamed)
    })
}

/// The slugs of the roles that bring a group, in their order.
pub(crate) fn roles(tx: &Tx<'_>, group_id: i64) -> Result<Vec<String>> {
    Ok(slugs(store::roles(tx, group_id)?))
}

/// Those of them that the actor may look at, or at the group with.
pub(super) fn roles_told(cx: &Context, tx: &Tx<'_>, group_id: i64) -> Result<Vec<String>> {
    let scope = cx.actor.scope_of_any(&["groups.view", "roles.view"]);
    let mut roles = store::roles(tx, group_id)?;
    roles.retain(|(_, company)| is_visible(&scope, *company));
    Ok(slugs(roles))
}

fn slugs(roles: Vec<(String, Option<i64>)>) -> Vec<String> {
    let mut slugs: Vec<String> = roles.into_iter().map(|(slug, _)| slug).collect();
    slugs.dedup();
    slugs
}
