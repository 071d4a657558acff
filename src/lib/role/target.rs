//! How runs change roles.
//!
//! A plan writes down what a role had, so that it can be put back with its id, and by the ids of the companies and groups
//! it names. Who holds a role is a fact of people, and stands in changes of theirs.

use serde_json::{Value, json};

use super::dashboard::Dashboard;
use super::{
    KIND, OfCompany, OfGroup, Role, check_may_give, check_name, check_slug, delete, edit, require_for, store,
};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Action, AffectedPeople, Change, Done, Error, Reverted, Step, Target};
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::{company, group};

/// The fields that decide what those who hold a role have by it.
const ACCESS: [&str; 3] = ["active", "companies", "groups"];

/// The target of roles.
pub(crate) struct RoleTarget;

impl Target for RoleTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "roles"
    }

    fn affected(&self, tx: &Tx<'_>, change: &Change, affected: &mut AffectedPeople) -> Result<()> {
        let touches = |field: &&str| change.before.contains_key(*field) || change.after.contains_key(*field);
        if let (Some(id), true) = (change.subject_id, ACCESS.iter().any(touches)) {
            store::holders(tx, id)?.iter().for_each(|holder| affected.through(holder.id));
        }
        Ok(())
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let role = as_planned(tx, change)?;
        if change.action == Action::Delete {
            delete::delete_in(cx, tx, &role, step)?;
        } else {
            let new = with(tx, &role, &change.after, &change.ids.after)?;
            edit::write(cx, tx, (&role, new), (step.made_by, step.run))?;
        }
        Ok(role.id)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let change = &done.change;
        let role = match (store::by_id(tx, done.subject_id)?, change.action) {
            (None, Action::Delete) => return Reverted::of(put_back(cx, tx, step, done)),
            (Some(_), Action::Delete) => return Ok(Reverted::changed()),
            (Some(role), _) => role,
            (None, _) => return Ok(Reverted::gone()),
        };
        if !audit::stands_at(tx, (KIND, role.id), role.revision, done.revision)? {
            return Ok(Reverted::changed());
        }
        Reverted::of(
            with(tx, &role, &change.before, &change.ids.before)
                .and_then(|new| edit::write(cx, tx, (&role, new), (step.made_by, step.run))),
        )
    }
}

/// The change of a role; none where nothing changes.
pub(super) fn changing(old: &Role, new: &Role) -> Option<Change> {
    let fields = audit::difference(&old.fields(), &new.fields());
    (!fields.1.is_empty()).then(|| planned(Action::Update, old, fields, ids_of(new)))
}

/// The end of a role.
pub(super) fn ending(role: &Role) -> Change {
    planned(Action::Delete, role, (role.fields(), Fields::new()), Fields::new())
}

fn planned(action: Action, role: &Role, fields: (Fields, Fields), after: Fields) -> Change {
    let mut change = Change::of(action, KIND, (role.slug.clone(), role.id), fields);
    (change.ids.before, change.ids.after) = (ids_of(role), after);
    change
}

/// What the names stand for, and what a role is found unchanged by.
fn ids_of(role: &Role) -> Fields {
    let companies: Vec<i64> = role.companies.iter().map(|company| company.id).collect();
    let groups: Vec<i64> = role.groups.iter().map(|group| group.id).collect();
    Fields::from_iter([
        ("revision".to_owned(), json!(role.revision)),
        ("created_at".to_owned(), json!(role.created_at.micros())),
        ("companies".to_owned(), json!(companies)),
        ("groups".to_owned(), json!(groups)),
    ])
}

/// The role as it was when the change was planned.
fn as_planned(tx: &Tx<'_>, change: &Change) -> Result<Role> {
    let name = || change.subject.clone();
    let found = change.subject_id.map(|id| store::by_id(tx, id)).transpose()?.flatten();
    let Some(role) = found else { return Err(Error::Gone { kind: KIND, name: name() }.into()) };
    match change.ids.before.get("revision").and_then(Value::as_i64) {
        Some(revision) if revision == role.revision => Ok(role),
        Some(_) => Err(Error::Changed { kind: KIND, name: name() }.into()),
        None => Err(Error::WithoutIds.into()),
    }
}

/// The role with some of its fields replaced.
fn with(tx: &Tx<'_>, role: &Role, fields: &Fields, ids: &Fields) -> Result<Role> {
    let mut new = role.clone();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for (field, value) in fields {
        match field.as_str() {
            "name" => new.name = text(value).unwrap_or_default(),
            "slug" => new.slug = text(value).unwrap_or_default(),
            "description" => new.description = text(value),
            "color" => new.color = text(value),
            "order" => new.order = value.as_i64().unwrap_or_default(),
            "active" => new.active = value.as_bool().unwrap_or_default(),
            "companies" => new.companies = listed(ids, field, |id| company_of(tx, id))?,
            "groups" => new.groups = listed(ids, field, |id| group_of(tx, id))?,
            "modules" => {
                let modules = value.as_array().into_iter().flatten().filter_map(text);
                new.modules = modules.collect();
            }
            "dashboard" => new.dashboard = dashboard(value)?,
            _ => {}
        }
    }
    Ok(new)
}

fn dashboard(recorded: &Value) -> Result<Dashboard, Error> {
    if recorded.is_null() {
        return Ok(Dashboard::default());
    }
    serde_json::from_value(recorded.clone()).map_err(|source| Error::Unreadable { source })
}

fn listed<T>(ids: &Fields, field: &str, find: impl Fn(i64) -> Result<T>) -> Result<Vec<T>> {
    let ids = ids.get(field).and_then(Value::as_array).ok_or(Error::WithoutIds)?;
    ids.iter().filter_map(Value::as_i64).map(find).collect()
}

fn company_of(tx: &Tx<'_>, id: i64) -> Result<OfCompany> {
    match company::by_id(tx, id)? {
        Some(company) => Ok(OfCompany { id, name: company.name }),
        None => Err(Error::gone(tx, (company::KIND, id), None)?.into()),
    }
}

fn group_of(tx: &Tx<'_>, id: i64) -> Result<OfGroup> {
    match group::by_id(tx, id)? {
        Some(found) => Ok(OfGroup { id, name: found.canonical(), company_id: found.company_id }),
        None => Err(Error::gone(tx, (group::KIND, id), None)?.into()),
    }
}

/// Puts a role back that was deleted, with its id.
fn put_back(cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<()> {
    let ids = &done.change.ids.before;
    let made = Instant::from_micros(ids.get("created_at").and_then(Value::as_i64).unwrap_or_default());
    let bare = Role {
        id: done.subject_id,
        name: String::new(),
        slug: String::new(),
        description: None,
        color: None,
        order: 0,
        companies: Vec::new(),
        groups: Vec::new(),
        modules: Vec::new(),
        active: true,
        dashboard: Dashboard::default(),
        revision: 0,
        created_at: made,
        updated_at: cx.now(),
        holders: 0,
    };
    let mut role = with(tx, &bare, &done.change.before, ids)?;
    require_for(cx, &role.companies, "roles.add")?;
    check_name(cx, tx, &role.name, None)?;
    check_slug(cx, tx, &role.slug, None)?;
    role.check_groups()?;
    check_may_give(cx, tx, &role.groups)?;
    let subject = Event::of(step.made_by, (KIND, role.id), &role.slug).in_run(step.run);
    role.revision = audit::change(cx, tx, subject, &Fields::new(), &role.fields())?;
    store::put_back(tx, &role)
}
