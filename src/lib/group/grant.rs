//! What a group grants.
//!
//! A grant is a permission for a company or for all. Granting adds what is not there; nothing subtracts, so a grant for
//! all companies can only be revoked for all of them. Revoking for all companies leaves nothing of the permission, for
//! whichever company it was granted.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::name::{RequiredAccess, resolve_selector};
use super::{Error, Group, KIND, Selector, canonical, edit, refuse_those_above, rules, store, target};
use crate::audit::{self, Event, Fields};
use crate::catalog::{Level, Module, Permission, matching};
use crate::company::{self, Company};
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Ask, Committed, Engine, Spec};
use crate::store::Tx;

/// The most grants a message names.
const NAMED: usize = 3;

/// A permission, for a company or for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// `module.action`; the catalogue may no longer know it.
    pub(crate) permission: String,
    /// For which company; none for all.
    pub(crate) company_id: Option<i64>,
    /// The company's name.
    pub(crate) company: Option<String>,
}

/// Which grants are meant: every permission for every company.
#[derive(Debug, Clone, Default)]
pub(crate) struct GrantSpec {
    /// `module.action`, `module.*`, or `*`.
    pub(crate) patterns: Vec<String>,
    /// How much of each of the modules besides.
    pub(crate) level: Option<Level>,
    /// The modules of the level.
    pub(crate) modules: Vec<String>,
    /// The companies' names or slugs; none for all.
    pub(crate) companies: Vec<String>,
    /// Whether a group that is assignable stays so with what it is granted.
    pub(crate) keeps_assignable: bool,
}

/// What granting did.
#[derive(Debug)]
pub(crate) struct Granted {
    /// The group as it is now.
    pub(crate) group: Group,
    /// What is new.
    pub(crate) added: Vec<Grant>,
    /// How many there were already.
    pub(crate) already: usize,
    /// How many there were for all companies already.
    pub(crate) covered: usize,
    /// Whether the group is no longer assignable, as it was before it granted this.
    pub(crate) ended_assignable: bool,
}

/// What revoking did.
#[derive(Debug)]
pub(crate) struct Revoked {
    /// The group as it is now.
    pub(crate) group: Group,
    /// What is gone.
    pub(crate) removed: Vec<Grant>,
    /// What became of it.
    pub(crate) committed: Committed,
}

impl Grant {
    /// A permission of the catalogue, for that company or for all.
    fn of(permission: Permission, company: Option<&Company>) -> Self {
        Self {
            permission: permission.id().to_owned(),
            company_id: company.map(|company| company.id),
            company: company.map(|company| company.name.clone()),
        }
    }

    /// As the audit and messages have it: `risk.view_report` for all companies, `risk.view_report@Acme` for one.
    pub(crate) fn text(&self) -> String {
        canonical(&self.permission, self.company.as_deref())
    }
}

/// Adds grants to a group. That operators may give it without what it grants was decided of what it granted then: it ends,
/// unless whoever grants more decides it of that too.
pub(crate) fn grant(cx: &Context, which: &Selector, wanted: &GrantSpec) -> Result<Granted> {
    cx.write(|tx| {
        let group = resolve_selector(cx, tx, which, RequiredAccess::Change("groups.edit"))?;
        let companies = companies_in(cx, tx, &wanted.companies)?;
        let keeps_assignable = wanted.keeps_assignable;
        let wanted = wanted.permissions()?.into_iter().flat_map(|permission| {
            companies.iter().map(move |company| Grant::of(permission, company.as_ref()))
        });
        grant_in(cx, tx, group, wanted, keeps_assignable)
    })
}

/// Adds grants to a group in a transaction of the caller.
pub(crate) fn grant_in(
    cx: &Context,
    tx: &Tx<'_>,
    group: Group,
    wanted: impl IntoIterator<Item = Grant>,
    keeps_assignable: bool,
) -> Result<Granted> {
    cx.actor.require("groups.edit", group.company_id)?;
    let there: BTreeSet<(String, Option<i64>)> =
        store::grants(tx, group.id)?.into_iter().map(|grant| (grant.permission, grant.company_id)).collect();
    let (mut added, mut already, mut covered) = (Vec::new(), 0, 0);
    for grant in wanted {
        check_company(&group, &grant)?;
        if there.contains(&(grant.permission.clone(), grant.company_id)) {
            already += 1;
        } else if there.contains(&(grant.permission.clone(), None)) {
            covered += 1;
        } else {
            added.push(grant);
        }
    }
    rules::check_has(cx, group.company_id, &added, "who grants something")?;
    if added.is_empty() {
        return Ok(Granted { group, added, already, covered, ended_assignable: false });
    }
    let mut people = Vec::new();
    store::each_who_could_be_in(tx, group.id, |person| people.push(person))?;
    refuse_those_above(cx, tx, &people)?;
    let ended_assignable = group.assignable && !keeps_assignable;
    if ended_assignable {
        let new = Group { assignable: false, ..group.clone() };
        edit::write(cx, tx, (&group, &new), ("group.edit", None))?;
    }
    give(cx, tx, &group, &added, ("group.grant", None))?;
    Ok(Granted { group: store::get(tx, group.id)?, added, already, covered, ended_assignable })
}

/// Takes grants from a group. What takes something from somebody is a run, when `ask` lets it.
pub(crate) fn revoke(
    cx: &Context,
    engine: &mut Engine,
    which: &Selector,
    wanted: &GrantSpec,
    ask: &Ask<'_>,
) -> Result<Revoked> {
    let spec = Spec { kind: "group.revoke", source: "", repeats: false, is_whole: true };
    let (plan, (group, removed)) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let group = resolve_selector(cx, tx, which, RequiredAccess::Change("groups.edit"))?;
        let mut removed = grants_in(tx, group.id)?;
        let meant = wanted.meant(&removed)?;
        removed.retain(|grant| meant.contains(&grant.permission));
        let companies: Vec<Company> =
            companies_in(cx, tx, &wanted.companies)?.into_iter().flatten().collect();
        // All that a company's group grants, it grants for that company.
        let for_all =
            companies.is_empty() || companies.iter().any(|company| Some(company.id) == group.company_id);
        if !for_all {
            companies.iter().try_for_each(|company| check_not_for_all(&group, &removed, company))?;
            removed.retain(|grant| companies.iter().any(|company| grant.company_id == Some(company.id)));
        }
        rules::check_has(cx, group.company_id, &removed, "who revokes something")?;
        if !removed.is_empty() {
            rules::check_not_in(cx, tx, group.id)?;
            planner.comes_from(&group.canonical());
            planner.concerns_all(cx, "groups.edit")?;
            planner.change(&target::taking(&group, &removed))?;
        }
        Ok((group, removed))
    })?;
    let committed = run::propose(cx, engine, plan, ask)?;
    Ok(Revoked { group: edit::now(cx, group)?, removed, committed })
}

/// Takes these grants of a group, with one audit row.
pub(super) fn take(
    cx: &Context,
    tx: &Tx<'_>,
    group: &Group,
    taken: &[Grant],
    (action, run): (&str, Option<&str>),
) -> Result<()> {
    cx.actor.require("groups.edit", group.company_id)?;
    rules::check_has(cx, group.company_id, taken, "who revokes something")?;
    rules::check_not_in(cx, tx, group.id)?;
    let name = group.canonical();
    let subject = Event::of(action, (KIND, group.id), &name).in_run(run);
    let revision = audit::change(cx, tx, subject, &fields(taken), &Fields::new())?;
    store::remove_grants(tx, group.id, taken)?;
    store::touch(tx, group.id, revision, cx.now())
}

/// Gives a group these grants, none of which it has, with one audit row.
pub(super) fn give(
    cx: &Context,
    tx: &Tx<'_>,
    group: &Group,
    given: &[Grant],
    (action, run): (&str, Option<&str>),
) -> Result<()> {
    cx.actor.require("groups.edit", group.company_id)?;
    given.iter().try_for_each(|grant| check_company(group, grant))?;
    rules::check_has(cx, group.company_id, given, "who grants something")?;
    rules::check_not_in(cx, tx, group.id)?;
    let name = group.canonical();
    let subject = Event::of(action, (KIND, group.id), &name).in_run(run);
    let revision = audit::change(cx, tx, subject, &Fields::new(), &fields(given))?;
    store::add_grants(tx, group.id, given, cx.now())?;
    store::touch(tx, group.id, revision, cx.now())
}

/// The grants of a group: in the order of the catalogue, those for all companies first.
pub(crate) fn grants_in(tx: &Tx<'_>, group_id: i64) -> Result<Vec<Grant>> {
    let mut grants = store::grants(tx, group_id)?;
    grants.sort_by_key(|grant| {
        let known = Permission::find(&grant.permission);
        (known.is_none(), known)
    });
    Ok(grants)
}

/// Some grants as a message names them: the first few, and how many more.
pub(crate) fn named(grants: &[Grant]) -> String {
    let first: Vec<String> = grants.iter().take(NAMED).map(|grant| format!("`{}`", grant.text())).collect();
    let more = grants.len().saturating_sub(NAMED);
    let first = first.join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}

/// The field of the audit that holds grants.
pub(super) fn fields(grants: &[Grant]) -> Fields {
    let grants: Vec<Value> = grants.iter().map(|grant| json!(grant.text())).collect();
    Fields::from_iter([("grants".to_owned(), Value::Array(grants))])
}

impl GrantSpec {
    /// The permissions of the catalogue that are meant.
    fn permissions(&self) -> Result<BTreeSet<Permission>> {
        let mut all = self.of_level()?;
        for pattern in &self.patterns {
            all.extend(matching(pattern)?);
        }
        Ok(all)
    }

    /// The ids that are meant among those of the catalogue and of what there is: an id that the catalogue has dropped can
    /// still be revoked.
    fn meant(&self, there: &[Grant]) -> Result<BTreeSet<String>> {
        let mut all: BTreeSet<String> =
            self.of_level()?.into_iter().map(|known| known.id().to_owned()).collect();
        for pattern in &self.patterns {
            let fits = |grant: &&Grant| takes(pattern, &grant.permission);
            let there: Vec<String> =
                there.iter().filter(fits).map(|grant| grant.permission.clone()).collect();
            if there.is_empty() {
                matching(pattern)?;
            }
            all.extend(there);
        }
        Ok(all)
    }

    fn of_level(&self) -> Result<BTreeSet<Permission>> {
        let mut all = BTreeSet::new();
        if let Some(level) = self.level {
            for module in &self.modules {
                let permissions = Module::parse(module)?.permissions();
                all.extend(permissions.filter(|permission| level.holds(*permission)));
            }
        }
        Ok(all)
    }
}

/// Whether a pattern names that id.
fn takes(pattern: &str, id: &str) -> bool {
    let module = pattern.strip_suffix('*').filter(|module| module.is_empty() || module.ends_with('.'));
    pattern == id || module.is_some_and(|module| id.starts_with(module))
}

/// The companies of these names; none at all means all companies.
fn companies_in(cx: &Context, tx: &Tx<'_>, names: &[String]) -> Result<Vec<Option<Company>>> {
    if names.is_empty() {
        return Ok(vec![None]);
    }
    let seen = cx.actor.scope_of_any(&["org.view", "groups.edit"]);
    let mut companies: Vec<Option<Company>> = Vec::with_capacity(names.len());
    for name in names {
        let company = company::get_in(tx, name, &seen)?;
        if !companies.iter().flatten().any(|known| known.id == company.id) {
            companies.push(Some(company));
        }
    }
    Ok(companies)
}

fn check_company(group: &Group, grant: &Grant) -> Result<(), Error> {
    match (&group.company, &grant.company) {
        (Some(own), Some(company)) if group.company_id != grant.company_id => {
            Err(Error::OtherCompany { group: group.canonical(), own: own.clone(), company: company.clone() })
        }
        _ => Ok(()),
    }
}

/// Refuses to revoke for one company what is granted for all.
fn check_not_for_all(group: &Group, meant: &[Grant], company: &Company) -> Result<(), Error> {
    let for_all: Vec<Grant> = meant.iter().filter(|grant| grant.company_id.is_none()).cloned().collect();
    if for_all.is_empty() {
        return Ok(());
    }
    Err(Error::GrantedForAll {
        group: group.canonical(),
        grants: named(&for_all),
        company: company.name.clone(),
    })
}
