//! Which group a name means: `Name`, or `Name@Company` where that is not enough.
//!
//! A plain name means the group of no company, else the only company's group of that name. The first `@` ends the
//! group's name, so the company's may have more of them.

use std::collections::BTreeSet;

use super::store;
use super::{Error, Found, Group};
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::text::suggest::nearest;

/// The most groups that are offered for a name there is none of.
const OFFERED: usize = 3;

/// Which group is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    /// `Name` or `Name@Company`, in any letter case.
    pub(crate) name: String,
    /// The company's name or slug, where it does not stand in the name.
    pub(crate) company: Option<String>,
}

/// A group as it is named everywhere: with its company's name where it has one.
pub(crate) fn canonical(name: &str, company: Option<&str>) -> String {
    company.map_or_else(|| name.to_owned(), |company| format!("{name}@{company}"))
}

/// The group of that name among those within the scope, without what hangs on it; none when there is none.
pub(crate) fn find_id_in(tx: &Tx<'_>, name: &str, scope: &CompanyScope) -> Result<Option<Found>> {
    let (own, company) = split(name);
    let mut found = store::named(tx, &fold(own))?;
    if let Some(company) = company {
        let Some(company) = company::find_in(tx, company)? else { return Ok(None) };
        found.retain(|group| group.company_id == Some(company.id));
    }
    found.retain(|group| is_visible(scope, group.company_id));
    only(found, own)
}

/// The group with that id, without what hangs on it.
pub(crate) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Found>> {
    store::found_by_id(tx, id)
}

/// The group of that name, if there is one.
pub(crate) fn find_in(tx: &Tx<'_>, name: &str) -> Result<Option<Group>> {
    find_id_in(tx, name, &CompanyScope::All)?.map(|found| store::get(tx, found.id)).transpose()
}

/// The group of that name, for no actor but the system; the nearest names are offered when there is none.
pub(crate) fn get_in(tx: &Tx<'_>, name: &str) -> Result<Group> {
    match find_in(tx, name)? {
        Some(group) => Ok(group),
        None => Err(not_found(tx, name, &CompanyScope::All)?.into()),
    }
}

/// The group of that name, for an actor who has the permission for its company, or for any where it is for all.
pub(crate) fn resolve(cx: &Context, tx: &Tx<'_>, name: &str, permission: &'static str) -> Result<Group> {
    let which = Selector { name: name.to_owned(), company: None };
    resolve_selector(cx, tx, &which, RequiredAccess::Use(permission))
}

/// What an actor wants with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequiredAccess {
    /// To look at it, or to put people in and take them out, for which this permission for any company is enough where the
    /// group is for all.
    Use(&'static str),
    /// To change it, which takes this permission for its company; for all where the group is for all.
    Change(&'static str),
}

/// The group that is meant, for an actor who may do that with it. Of groups that the actor may neither look at nor have to
/// do with is said what is said of those there are not.
pub(super) fn resolve_selector(
    cx: &Context,
    tx: &Tx<'_>,
    which: &Selector,
    access: RequiredAccess,
) -> Result<Group> {
    let (RequiredAccess::Use(permission) | RequiredAccess::Change(permission)) = access;
    cx.actor.require_anywhere(permission)?;
    let scope = cx.actor.scope_of_any(&["groups.view", permission]);
    let (own, company) = match &which.company {
        Some(company) => (which.name.as_str(), Some(company.as_str())),
        None => split(&which.name),
    };
    let mut found = store::named(tx, &fold(own))?;
    if let Some(company) = company {
        let seen = cx.actor.scope_of_any(&["org.view", "groups.view", permission]);
        let company = company::get_in(tx, company, &seen)?;
        found.retain(|group| group.company_id == Some(company.id));
    }
    found.retain(|group| is_visible(&scope, group.company_id));
    let Some(found) = only(found, own)? else {
        return Err(not_found(tx, &canonical(own, company), &scope)?.into());
    };
    if found.company_id.is_some() || matches!(access, RequiredAccess::Change(_)) {
        cx.actor.require(permission, found.company_id)?;
    }
    store::get(tx, found.id)
}

/// Whether a group of that company, or of none, shows to who has a permission with that scope.
pub(super) fn is_visible(scope: &CompanyScope, company_id: Option<i64>) -> bool {
    scope.contain(company_id) || (company_id.is_none() && !scope.is_empty())
}

/// A group's name as it is stored.
pub(super) fn check(typed: &str) -> Result<String> {
    let name = check_title(typed)?;
    match meaning(&name) {
        Some(why) => Err(Error::BadName { name, why }.into()),
        None => Ok(name),
    }
}

/// What a name means where groups are named, if that is no group.
fn meaning(name: &str) -> Option<&'static str> {
    let folded = fold(name);
    if name.contains('@') {
        return Some("`@` stands between a group and its company");
    }
    if name.contains(';') {
        return Some("`;` stands between the groups of a cell");
    }
    if name == "*" {
        return Some("`*` means all");
    }
    let origin = ["role:", "directory:"].iter().any(|origin| folded.starts_with(origin));
    origin.then_some("`role:` and `directory:` begin what somebody is in a group through")
}

/// Refuses a name that another group of the same company has, or of none.
pub(super) fn check_free(
    tx: &Tx<'_>,
    name: &str,
    company_id: Option<i64>,
    but: Option<i64>,
) -> Result<(), crate::error::Failure> {
    let same = store::named(tx, &fold(name))?;
    match same.iter().find(|group| group.company_id == company_id && Some(group.id) != but) {
        Some(taken) if but.is_some() => Err(Error::NameTaken { name: taken.canonical() }.into()),
        Some(taken) => Err(Error::Exists { name: taken.canonical() }.into()),
        None => Ok(()),
    }
}

fn split(name: &str) -> (&str, Option<&str>) {
    name.split_once('@').map_or((name, None), |(own, company)| (own.trim_end(), Some(company)))
}

/// The one that the name alone means: that of no company stands first.
fn only(mut found: Vec<Found>, name: &str) -> Result<Option<Found>> {
    match found.as_slice() {
        [] => Ok(None),
        [first, ..] if found.len() == 1 || first.company_id.is_none() => Ok(Some(found.swap_remove(0))),
        _ => {
            let groups = found.iter().map(Found::canonical).collect();
            Err(Error::Ambiguous { name: name.to_owned(), groups }.into())
        }
    }
}

/// The error for a name there is no group of: offered are groups of that name elsewhere, else of nearly that name.
pub(crate) fn not_found(tx: &Tx<'_>, name: &str, scope: &CompanyScope) -> Result<Error> {
    let (own, _) = split(name);
    let mut known = store::names(tx)?;
    known.retain(|group| is_visible(scope, group.company_id));
    let names: BTreeSet<&str> = known.iter().map(|group| group.name.as_str()).collect();
    let near = nearest(own, names).into_iter();
    let of_that_name = |near| known.iter().filter(move |group| group.name == near).map(Found::canonical);
    let near = near.flat_map(of_that_name).take(OFFERED).collect();
    Ok(Error::NotFound { name: name.to_owned(), near })
}
