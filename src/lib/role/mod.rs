//! Roles: what somebody's job is, which groups come with it, and what its holders see at a glance.
//!
//! A role is named by its name in any letter case, or by its slug. It may be for some companies only: then it is held,
//! and brings its groups, only by their people. What it brings is worked out whenever it is asked, so a change of the
//! role is felt at once by everyone who holds it; an inactive role brings nothing and is not offered. Who holds a role is
//! a fact of people, kept by `user`.

pub(crate) mod cli;
mod create;
pub(crate) mod dashboard;
mod delete;
mod edit;
mod error;
mod store;
pub(crate) mod target;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use create::{New, create, create_in};
pub(crate) use delete::delete;
pub(crate) use edit::{Changes, Edit, Edited, edit, plan_without_group};
pub(crate) use error::Error;
pub(crate) use store::{Found, OfCompany, OfGroup, Role};

use serde_json::json;

use crate::audit::Fields;
use crate::company;
use crate::context::{CompanyScope, Context, Denied};
use crate::error::Result;
use crate::group;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::text::slug::is_slug;

/// The word for a role in the audit and in runs.
pub(crate) const KIND: &str = "role";

/// Which roles a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    /// Those whose holders may be of this company, by name or slug.
    pub(crate) company: Option<String>,
    /// The inactive ones too.
    pub(crate) inactive: bool,
}

/// The roles in role order, cut to the companies the actor may see.
pub(crate) fn list(cx: &Context, shown: &Shown) -> Result<Vec<Role>> {
    cx.read(|tx| {
        cx.actor.require_anywhere("roles.view")?;
        let seen = cx.actor.scope_of_any(&["org.view", "roles.view"]);
        let company = shown.company.as_deref().map(|name| company::id_in(tx, name, &seen)).transpose()?;
        let mut roles = list_in(tx)?;
        roles.retain(|role| shown.inactive || role.active);
        if let Some(company) = company {
            roles.retain(|role| role.is_for(company));
        }
        let mut seen = Vec::new();
        for role in roles.into_iter().filter_map(|role| role.seen_by(cx).ok()) {
            seen.push(role.with_holders_seen_by(cx, tx)?);
        }
        Ok(seen)
    })
}

/// Every role in role order, in a transaction of the caller.
pub(crate) fn list_in(tx: &Tx<'_>) -> Result<Vec<Role>> {
    store::list(tx)
}

/// The role of that name or slug.
pub(crate) fn get(cx: &Context, name: &str) -> Result<Role> {
    cx.read(|tx| which_in(cx, tx, name, "roles.view")?.seen_by(cx)?.with_holders_seen_by(cx, tx))
}

/// The role of that name or slug, in a transaction of the caller, if there is one.
pub(crate) fn find_in(tx: &Tx<'_>, name: &str) -> Result<Option<Role>> {
    match store::id_of(tx, name)? {
        Some(id) => store::by_id(tx, id),
        None => Ok(None),
    }
}

/// The role of that name or slug as far as people's facts need it; quicker, for it counts nobody.
pub(crate) fn find_held_in(tx: &Tx<'_>, name: &str) -> Result<Option<Found>> {
    match store::id_of(tx, name)? {
        Some(id) => store::held(tx, id),
        None => Ok(None),
    }
}

/// The role with that id, as [`find_held_in`] finds it.
pub(crate) fn held_by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Found>> {
    store::held(tx, id)
}

/// The role of that name or slug, for an actor who has the permission for one of its companies, or for any where it is for
/// all.
pub(crate) fn resolve(cx: &Context, tx: &Tx<'_>, name: &str, permission: &str) -> Result<Role> {
    let scope = cx.actor.scope(permission);
    match find_in(tx, name)?.filter(|role| role.is_within(&scope)) {
        Some(role) => Ok(role),
        None => Err(not_found(tx, name, &scope)?.into()),
    }
}

/// The role that is meant, for an actor who needs `permission` for some company. Who may not even look at it is told as if
/// there were none.
fn which_in(cx: &Context, tx: &Tx<'_>, name: &str, permission: &'static str) -> Result<Role> {
    cx.actor.require_anywhere(permission)?;
    let seen = cx.actor.scope_of_any(&["roles.view", permission]);
    match find_in(tx, name)?.filter(|role| role.is_within(&seen)) {
        Some(role) => Ok(role),
        None => Err(not_found(tx, name, &seen)?.into()),
    }
}

/// The error for a name or slug that no role has of those within the scope, which are offered.
pub(crate) fn not_found(tx: &Tx<'_>, name: &str, seen: &CompanyScope) -> Result<Error> {
    let told = list_in(tx)?.into_iter().filter(|role| role.is_within(seen));
    let names: Vec<String> = told.flat_map(|role| [role.name, role.slug]).collect();
    Ok(Error::not_found(name, &names))
}

impl Role {
    /// Whether people of that company may hold it.
    pub(crate) fn is_for(&self, company: i64) -> bool {
        self.suits(Some(company))
    }

    /// Whether somebody of that company, or of none, may hold it.
    pub(crate) fn suits(&self, company: Option<i64>) -> bool {
        self.companies.is_empty() || self.companies.iter().any(|own| Some(own.id) == company)
    }

    /// Whether it is for people of one of these companies.
    fn is_within(&self, scope: &CompanyScope) -> bool {
        is_within(scope, self.companies.iter().map(|company| company.id))
    }

    /// Refuses unless the actor has the permission for each of its companies; for all when it is for all.
    pub(crate) fn require(&self, cx: &Context, permission: &'static str) -> Result<(), Denied> {
        require_for(cx, &self.companies, permission)
    }

    /// What the actor may see of it: a role for all, or as much of one as is about the companies the actor may look at.
    pub(crate) fn seen_by(mut self, cx: &Context) -> Result<Self, Denied> {
        cx.actor.require_anywhere("roles.view")?;
        let scope = cx.actor.scope("roles.view");
        self.groups.retain(|group| group.company_id.is_none() || scope.contain(group.company_id));
        if let Some(first) = self.companies.first().map(|company| company.id) {
            self.companies.retain(|company| scope.contain(Some(company.id)));
            if self.companies.is_empty() {
                cx.actor.require("roles.view", Some(first))?;
            }
        }
        Ok(self)
    }

    /// What the actor may see of it after a change; nothing for who may not look at it.
    fn shown_to(self, cx: &Context, tx: &Tx<'_>) -> Result<Option<Self>> {
        self.seen_by(cx).ok().map(|role| role.with_holders_seen_by(cx, tx)).transpose()
    }

    /// Counts as holders only those whom the actor may look at.
    fn with_holders_seen_by(self, cx: &Context, tx: &Tx<'_>) -> Result<Self> {
        self.with_holders_within(tx, &cx.actor.scope("roles.view"))
    }

    fn with_holders_within(mut self, tx: &Tx<'_>, scope: &CompanyScope) -> Result<Self> {
        if *scope != CompanyScope::All {
            let holders = store::holders(tx, self.id)?;
            let seen = holders.iter().filter(|holder| !holder.in_bin && scope.contain(holder.company_id));
            self.holders = i64::try_from(seen.count()).unwrap_or(i64::MAX);
        }
        Ok(self)
    }

    /// All that an administrator decides of it, as the audit has it.
    fn fields(&self) -> Fields {
        let sorted = |mut names: Vec<&str>| {
            names.sort_unstable();
            json!(names)
        };
        let companies = self.companies.iter().map(|company| company.name.as_str());
        let groups = self.groups.iter().map(|group| group.name.as_str());
        let modules = self.modules.iter().map(String::as_str);
        let mut fields = Fields::new();
        fields.insert("name".into(), json!(self.name));
        fields.insert("slug".into(), json!(self.slug));
        fields.insert("description".into(), json!(self.description));
        fields.insert("color".into(), json!(self.color));
        fields.insert("order".into(), json!(self.order));
        fields.insert("companies".into(), sorted(companies.collect()));
        fields.insert("groups".into(), sorted(groups.collect()));
        fields.insert("modules".into(), sorted(modules.collect()));
        fields.insert("active".into(), json!(self.active));
        fields.insert("dashboard".into(), self.dashboard.recorded());
        fields
    }

    /// Refuses groups of companies it is not for.
    fn check_groups(&self, cx: &Context) -> Result<(), Error> {
        let elsewhere = |company: Option<i64>| company.is_some_and(|company| !self.is_for(company));
        match self.groups.iter().find(|group| elsewhere(group.company_id)) {
            Some(group) => Err(Error::GroupElsewhere {
                role: self.name.clone(),
                group: group::is_told(cx, group.company_id).then(|| group.name.clone()),
            }),
            None => Ok(()),
        }
    }
}

impl Found {
    /// Whether it is for people of one of these companies.
    pub(crate) fn is_within(&self, scope: &CompanyScope) -> bool {
        is_within(scope, self.companies.iter().copied())
    }
}

/// Whether one of a role's companies is within the scope; a role for all is within any.
fn is_within(scope: &CompanyScope, mut companies: impl ExactSizeIterator<Item = i64>) -> bool {
    if companies.len() == 0 {
        !scope.is_empty()
    } else {
        companies.any(|company| scope.contain(Some(company)))
    }
}

/// Refuses unless the actor has the permission for each of the companies; for all when there are none.
fn require_for(cx: &Context, companies: &[OfCompany], permission: &'static str) -> Result<(), Denied> {
    if companies.is_empty() {
        return cx.actor.require(permission, None);
    }
    companies.iter().try_for_each(|company| cx.actor.require(permission, Some(company.id)))
}

/// Refuses unless the actor may give these groups: whoever changes what a role brings gives and takes them.
fn check_may_give<'a>(
    cx: &Context,
    tx: &Tx<'_>,
    groups: impl IntoIterator<Item = &'a OfGroup>,
) -> Result<()> {
    for group in groups {
        if let Some(found) = group::find_id_in(tx, &group.name, &CompanyScope::All)? {
            group::check_may_give(cx, tx, &found, false)?;
        }
    }
    Ok(())
}

/// A name as it is stored, which no other role has for a name or slug.
fn check_name(cx: &Context, tx: &Tx<'_>, typed: &str, own: Option<i64>) -> Result<String> {
    let name = check_title(typed)?;
    match other(tx, &name, own)? {
        Some(other) if fold(&other.name) == fold(&name) && !is_seen(cx, &other) => {
            Err(Error::Taken { name }.into())
        }
        Some(other) if fold(&other.name) == fold(&name) && own.is_some() => {
            Err(Error::NameTaken { name: other.name }.into())
        }
        Some(other) if fold(&other.name) == fold(&name) => Err(Error::Exists { name: other.name }.into()),
        Some(other) => Err(slug_taken(cx, &name, other).into()),
        None => Ok(name),
    }
}

/// A slug as it is typed, which no other role has for a slug or name.
fn check_slug(cx: &Context, tx: &Tx<'_>, typed: &str, own: Option<i64>) -> Result<String> {
    if !is_slug(typed) {
        return Err(Error::BadSlug { slug: typed.to_owned() }.into());
    }
    match other(tx, typed, own)? {
        Some(other) => Err(slug_taken(cx, typed, other).into()),
        None => Ok(typed.to_owned()),
    }
}

/// Whether the actor, who makes or changes roles, may look at that one.
fn is_seen(cx: &Context, role: &Role) -> bool {
    role.is_within(&cx.actor.scope_of_any(&["roles.view", "roles.add", "roles.edit"]))
}

/// The error that another role has the slug, or is called so; which, is said to who may look at it.
fn slug_taken(cx: &Context, typed: &str, other: Role) -> Error {
    if is_seen(cx, &other) {
        let slug = if is_slug(typed) { typed.to_owned() } else { other.slug };
        return Error::SlugTaken { slug, owner: Some(other.name) };
    }
    Error::SlugTaken { slug: typed.to_owned(), owner: None }
}

/// Another role of that name or slug.
fn other(tx: &Tx<'_>, name: &str, own: Option<i64>) -> Result<Option<Role>> {
    Ok(find_in(tx, name)?.filter(|found| Some(found.id) != own))
}
