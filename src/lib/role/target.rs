//! How runs change roles.
//!
//! A plan writes down what a role had, so that it can be put back with its id, and by the ids of the companies and groups
//! it names. Who holds a role is a fact of people, and stands in changes of theirs.

use serde_json::json;

use super::dashboard::Dashboard;
use super::{
    KIND, OfCompany, OfGroup, Role, check_may_give, check_name, check_slug, delete, edit, require_for, store,
};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Action, AffectedPeople, Change, Done, Error, Recorded, Reverted, Step, Target};
use crate::store::Tx;
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

    fn makers(&self, run: &str) -> &'static [&'static str] {
        if run == "role.delete" { &["roles.delete"] } else { &["roles.edit"] }
    }

    fn affected(&self, tx: &Tx<'_>, change: &Change, affected: &mut AffectedPeople) -> Result<()> {
        let touches = |field: &&str| change.was().has(field) || change.will_be().has(field);
        if let (Some(id), true) = (change.subject_id, ACCESS.iter().any(touches)) {
            store::holders(tx, id)?.iter().for_each(|holder| affected.through(holder.id));
        }
        Ok(())
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let role = change.unchanged(KIND, |id| store::by_id(tx, id), |role| role.revision)?;
        if change.action == Action::Delete {
            delete::delete_in(cx, tx, &role, step)?;
        } else {
            let new = with(tx, &role, change.will_be())?;
            edit::write(cx, tx, (&role, new), (step.made_by, step.run))?;
        }
        Ok(role.id)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let put_back = || put_back(cx, tx, step, done);
        done.revert(store::by_id(tx, done.subject_id)?, put_back, |role| {
            if !audit::stands_at(tx, (KIND, role.id), role.revision, done.revision)? {
                return Ok(Reverted::changed());
            }
            Reverted::of(
                with(tx, &role, done.change.was())
                    .and_then(|new| edit::write(cx, tx, (&role, new), (step.made_by, step.run))),
            )
        })
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

/// The role with some of its fields replaced.
fn with(tx: &Tx<'_>, role: &Role, written: Recorded<'_>) -> Result<Role> {
    let mut new = role.clone();
    for field in written.names() {
        match field {
            "name" => new.name = written.field(field)?,
            "slug" => new.slug = written.field(field)?,
            "description" => new.description = written.field(field)?,
            "color" => new.color = written.field(field)?,
            "order" => new.order = written.field(field)?,
            "active" => new.active = written.field(field)?,
            "companies" => new.companies = listed(written, field, |id| company_of(tx, id))?,
            "groups" => new.groups = listed(written, field, |id| group_of(tx, id))?,
            "modules" => new.modules = written.field(field)?,
            "dashboard" => new.dashboard = dashboard(written)?,
            _ => return Err(Error::unreadable(field, "no role has it").into()),
        }
    }
    Ok(new)
}

fn listed<T>(written: Recorded<'_>, field: &str, find: impl Fn(i64) -> Result<T>) -> Result<Vec<T>> {
    written.ids(field)?.into_iter().map(find).collect()
}

/// Nothing was written down of the dashboard that every role begins with.
fn dashboard(written: Recorded<'_>) -> Result<Dashboard, Error> {
    Ok(written.field::<Option<Dashboard>>("dashboard")?.unwrap_or_default())
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
    let was = done.change.was();
    let mut role = Role {
        id: done.subject_id,
        name: was.field("name")?,
        slug: was.field("slug")?,
        description: was.field("description")?,
        color: was.field("color")?,
        order: was.field("order")?,
        companies: listed(was, "companies", |id| company_of(tx, id))?,
        groups: listed(was, "groups", |id| group_of(tx, id))?,
        modules: was.field("modules")?,
        active: was.field("active")?,
        dashboard: dashboard(was)?,
        revision: 0,
        created_at: was.made_at()?,
        updated_at: cx.now(),
        holders: 0,
    };
    require_for(cx, &role.companies, "roles.add")?;
    check_name(cx, tx, &role.name, None)?;
    check_slug(cx, tx, &role.slug, None)?;
    role.check_groups(cx)?;
    check_may_give(cx, tx, &role.groups)?;
    let subject = Event::of(step.made_by, (KIND, role.id), &role.slug).in_run(step.run);
    role.revision = audit::change(cx, tx, subject, &Fields::new(), &role.fields())?;
    store::put_back(tx, &role)
}
