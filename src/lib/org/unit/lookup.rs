//! Which unit a name means, for whom.

use super::store::{self, UnitScope};
use super::{Error, Home, Selector, Unit, UnitKind, UnitParent, by_id};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::suggest::nearest_one;

/// A unit as it was named.
#[derive(Clone, Copy)]
struct UnitName<'a> {
    kind: UnitKind,
    /// The name as typed.
    name: &'a str,
    /// The flags by which the command is told which, where there are several.
    flags: &'static str,
}

/// The unit of that name in a company (a department) or a department (a position), if there is one.
pub(crate) fn find_in(tx: &Tx<'_>, kind: UnitKind, owner_id: i64, name: &str) -> Result<Option<Unit>> {
    store::find(tx, kind, owner_id, &fold(name))
}

/// The position of that name in a department, else the nearest one in the departments below it, if only one is so near.
pub(crate) fn find_under(tx: &Tx<'_>, department_id: i64, name: &str) -> Result<Option<Unit>> {
    let kind = UnitKind::Position;
    if let Some(found) = find_in(tx, kind, department_id, name)? {
        return Ok(Some(found));
    }
    let below = store::find_below(tx, department_id, &fold(name))?;
    Ok(one_of(below, UnitName { kind, name, flags: "`--department`" })?)
}

/// The error that a department of a company has no position of that name, with the nearest one it has.
pub(crate) fn unknown_under(tx: &Tx<'_>, company_id: i64, department_id: i64, name: &str) -> Result<Error> {
    let scope = UnitScope { company_id: Some(company_id), department_id: Some(department_id) };
    not_found(tx, UnitKind::Position, scope, name, |_| true)
}

/// The names of the departments of a company that have a position of that name.
pub(crate) fn departments_with(tx: &Tx<'_>, company_id: i64, name: &str) -> Result<Vec<String>> {
    let scope = UnitScope { company_id: Some(company_id), department_id: None };
    let positions = store::find_all(tx, UnitKind::Position, scope, &fold(name))?;
    Ok(positions.iter().map(|position| position.owner().to_owned()).collect())
}

/// The department of that name in a company that the actor has to do with.
pub(crate) fn department_in(cx: &Context, tx: &Tx<'_>, company_id: i64, name: &str) -> Result<Unit> {
    let named = UnitName { kind: UnitKind::Department, name, flags: "`--company`" };
    resolve_name(cx, tx, UnitScope { company_id: Some(company_id), department_id: None }, named)
}

/// The one unit of that name in a company that the actor has to do with, or in one department of it.
fn resolve_name(cx: &Context, tx: &Tx<'_>, scope: UnitScope, named: UnitName<'_>) -> Result<Unit> {
    let seen = cx.actor.scope("org.view");
    only(tx, scope, named, |company| scope.company_id == Some(company) || seen.contain(Some(company)))
}

/// The unit that is meant, in a transaction of the caller, for an actor who has the permission for its company. Those of
/// companies beyond the actor's sight neither make a name ambiguous nor are offered for another.
pub(super) fn resolve_selector(
    cx: &Context,
    tx: &Tx<'_>,
    kind: UnitKind,
    which: &Selector,
    permission: &'static str,
) -> Result<Unit> {
    let scope = scope_in(cx, tx, (which.company.as_deref(), which.department.as_deref()), permission)?;
    let is_seen = |company: i64| cx.actor.has_any(&["org.view", permission], Some(company));
    let flags = kind.either("`--company`", "`--company` and `--department`");
    let unit = only(tx, scope, UnitName { kind, name: &which.name, flags }, is_seen)?;
    cx.actor.require(permission, Some(unit.company_id))?;
    Ok(unit)
}

/// Where to look, for an actor who has the permission there; a department without a company must be the only one of its
/// name.
pub(super) fn scope_in(
    cx: &Context,
    tx: &Tx<'_>,
    (company, department): (Option<&str>, Option<&str>),
    permission: &'static str,
) -> Result<UnitScope> {
    cx.actor.require_anywhere(permission)?;
    if let Some(department) = department {
        let company = company.map(str::to_owned);
        let which = Selector { name: department.to_owned(), company, department: None };
        let department = resolve_selector(cx, tx, UnitKind::Department, &which, permission)?;
        return Ok(UnitScope { company_id: Some(department.company_id), department_id: Some(department.id) });
    }
    let seen = cx.actor.scope_of_any(&["org.view", permission]);
    let company_id = company.map(|name| company::id_in(tx, name, &seen)).transpose()?;
    if company_id.is_some() {
        cx.actor.require(permission, company_id)?;
    }
    Ok(UnitScope { company_id, department_id: None })
}

/// Where a place is in a company, for a unit of that name; the flag is the one that names the department.
pub(super) fn home_in(
    cx: &Context,
    tx: &Tx<'_>,
    (kind, company_id): (UnitKind, i64),
    name: &str,
    (place, flags): (&UnitParent, &'static str),
) -> Result<Home> {
    let department = place.department.as_deref().map(|name| department_in(cx, tx, company_id, name));
    let department = department.transpose()?;
    if let Some(parent) = &place.parent_position {
        let department_id = department.map(|department| department.id);
        let scope = UnitScope { company_id: Some(company_id), department_id };
        let named = UnitName { kind: UnitKind::Position, name: parent, flags };
        let parent = resolve_name(cx, tx, scope, named)?;
        // A position is in the department of the one above; a department hangs under that one alone.
        let department = parent.home.department.clone().filter(|_| kind == UnitKind::Position);
        return Ok(Home { department, position: Some(parent.into()) });
    }
    if kind == UnitKind::Position && department.is_none() {
        return Err(Error::NoPlace { name: name.to_owned() }.into());
    }
    Ok(Home { department: department.map(Into::into), position: None })
}

/// The one unit of that name in a scope, among those of companies that are seen.
fn only(tx: &Tx<'_>, scope: UnitScope, named: UnitName<'_>, is_seen: impl Fn(i64) -> bool) -> Result<Unit> {
    let mut found = store::find_all(tx, named.kind, scope, &fold(named.name))?;
    found.retain(|unit| is_seen(unit.company_id));
    match one_of(found, named)? {
        Some(unit) => Ok(unit),
        None => Err(not_found(tx, named.kind, scope, named.name, is_seen)?.into()),
    }
}

/// The only one of these, if there is any; several are told by where they are.
fn one_of(mut found: Vec<Unit>, UnitName { kind, name, flags }: UnitName<'_>) -> Result<Option<Unit>, Error> {
    if found.len() < 2 {
        return Ok(found.pop());
    }
    let place = |unit: &Unit| match kind {
        UnitKind::Department => unit.company.clone(),
        UnitKind::Position => format!("{} / {}", unit.company, unit.owner()),
    };
    Err(Error::Ambiguous { kind, name: name.to_owned(), places: found.iter().map(place).collect(), flags })
}

fn not_found(
    tx: &Tx<'_>,
    kind: UnitKind,
    scope: UnitScope,
    name: &str,
    is_seen: impl Fn(i64) -> bool,
) -> Result<Error> {
    let within = match (scope.department_id, scope.company_id) {
        (Some(id), _) => by_id(tx, UnitKind::Department, id)?.map(|department| department.name),
        (None, Some(id)) => company::by_id(tx, id)?.map(|company| company.name),
        (None, None) => None,
    };
    let names = store::names(tx, kind, scope)?;
    let names = names.iter().filter(|(company, _)| is_seen(*company)).map(|(_, name)| name.as_str());
    let near = nearest_one(name, names);
    // Departments may be meant in another company, positions in another department of the same.
    let around = UnitScope { company_id: kind.either(None, scope.company_id), department_id: None };
    let elsewhere = store::find_all(tx, kind, around, &fold(name))?;
    let elsewhere = elsewhere.iter().filter(|unit| is_seen(unit.company_id));
    let elsewhere = elsewhere.map(|unit| unit.owner().to_owned()).collect();
    Ok(Error::NotFound { kind, name: name.to_owned(), within, near, elsewhere })
}
