//! How runs change groups: what is taken from one, and what it is.
//!
//! A plan writes down what a group had, so that it can be put back with its id: its properties, its grants, and the ids
//! of what they name. Who is in a group is a fact of people, and stands in changes of theirs.

use serde_json::{Value, json};

use super::delete::delete_in;
use super::{Grant, Group, KIND, edit, grant, name, rules, store};
use crate::audit::{self, Event, Fields};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::run::{
    Action, AffectedPeople, Change, Done, Error, Recorded, Reverted, Step, Target, check_out_of_bin,
};
use crate::store::Tx;

/// The target of groups.
pub(crate) struct GroupTarget;

impl Target for GroupTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "groups"
    }

    fn makers(&self, run: &str) -> &'static [&'static str] {
        if run == "group.delete" { &["groups.delete"] } else { &["groups.edit"] }
    }

    fn affected(&self, tx: &Tx<'_>, change: &Change, affected: &mut AffectedPeople) -> Result<()> {
        let touches = |field: &str| change.was().has(field) || change.will_be().has(field);
        match change.subject_id {
            Some(id) if touches("grants") || touches("company") => {
                store::each_who_could_be_in(tx, id, |person| affected.through(person))
            }
            _ => Ok(()),
        }
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let group = change.unchanged(KIND, |id| store::find(tx, id), |group| group.revision)?;
        match change.action {
            Action::Delete => {
                let in_bin = store::members_in_bin(tx, group.id, None)?;
                check_out_of_bin(!in_bin.is_empty(), (KIND, &group.canonical()))?;
                delete_in(cx, tx, &group, step)?;
            }
            _ if change.was().has("grants") => {
                let taken = granted(tx, &group, change.was())?;
                grant::take(cx, tx, &group, &taken, (step.made_by, step.run))?;
            }
            _ => {
                let new = with(tx, &group, change.will_be())?;
                edit::write(cx, tx, (&group, &new), (step.made_by, step.run))?;
            }
        }
        Ok(group.id)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let was = done.change.was();
        let put_back = || put_back(cx, tx, step, done);
        done.revert(store::find(tx, done.subject_id)?, put_back, |group| {
            if !audit::stands_at(tx, (KIND, group.id), group.revision, done.revision)? {
                return Ok(Reverted::changed());
            }
            Reverted::of(if was.has("grants") {
                grants_of(tx, was)
                    .and_then(|given| grant::give(cx, tx, &group, &given, (step.made_by, step.run)))
            } else {
                with(tx, &group, was)
                    .and_then(|new| edit::write(cx, tx, (&group, &new), (step.made_by, step.run)))
            })
        })
    }
}

/// The change that takes grants from a group.
pub(super) fn taking(group: &Group, taken: &[Grant]) -> Change {
    planned(
        Action::Update,
        group,
        (grant::fields(taken), Fields::new()),
        (ids_of(group, taken), Fields::new()),
    )
}

/// The change of what a group is; none where nothing changes.
pub(super) fn changing(old: &Group, new: &Group) -> Option<Change> {
    let fields = audit::difference(&old.properties().fields(), &new.properties().fields());
    let after = Fields::from_iter([("company".to_owned(), json!(new.company_id))]);
    (!fields.1.is_empty()).then(|| planned(Action::Update, old, fields, (ids_of(old, &[]), after)))
}

/// The end of a group.
pub(super) fn ending(group: &Group, grants: &[Grant]) -> Change {
    let mut before = group.properties().fields();
    before.extend(grant::fields(grants));
    planned(Action::Delete, group, (before, Fields::new()), (ids_of(group, grants), Fields::new()))
}

fn planned(action: Action, group: &Group, fields: (Fields, Fields), ids: (Fields, Fields)) -> Change {
    let mut change = Change::of(action, KIND, (group.canonical(), group.id), fields);
    (change.ids.before, change.ids.after) = ids;
    change
}

/// What the names stand for, and what a group is found unchanged by.
fn ids_of(group: &Group, grants: &[Grant]) -> Fields {
    let grants: Vec<Value> = grants.iter().map(|grant| json!([grant.permission, grant.company_id])).collect();
    Fields::from_iter([
        ("revision".to_owned(), json!(group.revision)),
        ("created_at".to_owned(), json!(group.created_at.micros())),
        ("company".to_owned(), json!(group.company_id)),
        ("grants".to_owned(), json!(grants)),
    ])
}

/// Those of the group's grants that were written down.
fn granted(tx: &Tx<'_>, group: &Group, was: Recorded<'_>) -> Result<Vec<Grant>> {
    let meant: Vec<(String, Option<i64>)> = was.ids("grants")?;
    let mut there = grant::grants_in(tx, group.id)?;
    there.retain(|grant| meant.contains(&(grant.permission.clone(), grant.company_id)));
    if there.len() == meant.len() {
        Ok(there)
    } else {
        Err(Error::Changed { kind: KIND, name: group.canonical() }.into())
    }
}

/// The grants that were written down, with the names that their companies have now.
fn grants_of(tx: &Tx<'_>, was: Recorded<'_>) -> Result<Vec<Grant>> {
    let grants = was.ids("grants")?.into_iter().map(|(permission, company_id)| {
        Ok(Grant { permission, company_id, company: company_name(tx, company_id)? })
    });
    grants.collect()
}

pub(super) fn company_name(tx: &Tx<'_>, id: Option<i64>) -> Result<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    match company::by_id(tx, id)? {
        Some(company) => Ok(Some(company.name)),
        None => Err(Error::gone(tx, (company::KIND, id), None)?.into()),
    }
}

/// The group with some of its properties replaced.
fn with(tx: &Tx<'_>, group: &Group, written: Recorded<'_>) -> Result<Group> {
    let mut new = group.clone();
    for field in written.names() {
        match field {
            "name" => new.name = written.field(field)?,
            "company" => {
                new.company_id = written.id_behind(field)?;
                new.company = company_name(tx, new.company_id)?;
            }
            "description" => new.description = written.field(field)?,
            "color" => new.color = written.field(field)?,
            "assignable" => new.assignable = written.field(field)?,
            "grants" => {}
            _ => return Err(Error::unreadable(field, "no group has it").into()),
        }
    }
    Ok(new)
}

/// Puts a group back that was deleted, with its id and its grants.
fn put_back(cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<()> {
    let was = done.change.was();
    let made = was.made_at()?;
    let company_id = was.id_behind("company")?;
    let group = Group {
        id: done.subject_id,
        name: was.field("name")?,
        company: company_name(tx, company_id)?,
        company_id,
        description: was.field("description")?,
        color: was.field("color")?,
        assignable: was.field("assignable")?,
        revision: 0,
        created_at: made,
        updated_at: made,
        members: 0,
        grants: 0,
        roles: 0,
    };
    cx.actor.require("groups.add", group.company_id)?;
    name::check_free(tx, &group.name, group.company_id, None)?;
    let grants = grants_of(tx, was)?;
    rules::check_has(cx, group.company_id, &grants, "who brings back what a group granted")?;
    let mut after = group.properties().fields();
    after.extend(grant::fields(&grants));
    let name = group.canonical();
    let subject = Event::of(step.made_by, (KIND, group.id), &name).in_run(step.run);
    let revision = audit::change(cx, tx, subject, &Fields::new(), &after)?;
    let properties = group.properties();
    store::put_back(tx, &store::Values { id: group.id, properties, revision, now: cx.now() }, made)?;
    store::add_grants(tx, group.id, &grants, cx.now())
}
