//! Departments: parts of a company, under each other or under the position that leads them.
//!
//! Names differ within a company, so a department is named by its name and its company; where only one company has that
//! name, the name is enough. A department cannot be deleted while anything refers to it; people in the bin do not count,
//! they lose the department.

pub(crate) mod cli;
mod error;
mod store;
pub(crate) mod target;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;
pub(crate) use store::{Department, Uses};

use serde_json::json;

use crate::audit::{self, Entry, Fields};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::org::{self, Node};
use crate::position;
use crate::store::Tx;
use crate::text::color::Color;
use crate::text::count::counted;
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::text::note::check_note;
use crate::text::suggest::nearest;

/// The word for a department in the audit and in runs.
pub(crate) const KIND: &str = "department";

/// What a department hangs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Parent {
    /// Nothing but its company.
    #[default]
    Company,
    /// A department of the same company.
    Department(i64),
    /// A position of the same company.
    Position(i64),
}

/// What a department shall hang under, as people name it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum ParentName {
    /// Nothing but its company.
    #[default]
    Company,
    /// A department of the same company.
    Department(String),
    /// A position of the same company.
    Position {
        /// Its name.
        name: String,
        /// The department it belongs to, where more than one has a position of that name.
        department: Option<String>,
    },
}

/// A department to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct New {
    /// Its name.
    pub(crate) name: String,
    /// Whose it is.
    pub(crate) company_id: i64,
    /// What it hangs under.
    pub(crate) parent: Parent,
    /// `#rrggbb`, for the chart.
    pub(crate) color: Option<String>,
    /// A note.
    pub(crate) note: Option<String>,
}

/// A department to be made, its company and parent named as people do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Its name.
    pub(crate) name: String,
    /// The company's name or slug.
    pub(crate) company: String,
    /// What it hangs under.
    pub(crate) parent: ParentName,
    /// `#rrggbb`, for the chart.
    pub(crate) color: Option<String>,
    /// A note.
    pub(crate) note: Option<String>,
}

/// Which department is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Which {
    /// Its name, in any letter case.
    pub(crate) name: String,
    /// The company's name or slug, where more than one has a department of that name.
    pub(crate) company: Option<String>,
}

/// What to change; absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The new name.
    pub(crate) name: Option<String>,
    /// The new parent.
    pub(crate) parent: Option<ParentName>,
    /// The new colour; an empty one removes it.
    pub(crate) color: Option<String>,
    /// The new note; an empty one removes it.
    pub(crate) note: Option<String>,
}

/// Makes a department; returns it, its uses and whether it is new (`if_absent` accepts the one there is).
pub(crate) fn create(cx: &Context, draft: &Draft, if_absent: bool) -> Result<(Department, Uses, bool)> {
    cx.write(|tx| {
        cx.actor.require_anywhere("departments.add")?;
        let name = check_title(&draft.name)?;
        let seen = cx.actor.reach_of_any(&["org.view", "departments.add"]);
        let company = company::get_in(tx, &draft.company, &seen)?;
        cx.actor.require("departments.add", Some(company.id))?;
        if let Some(found) = store::find(tx, company.id, &fold(&name))? {
            let uses = store::uses(tx, found.id)?;
            return if if_absent { Ok((found, uses, false)) } else { Err(exists(found)) };
        }
        let new = New {
            name,
            company_id: company.id,
            parent: parent_in(cx, tx, company.id, &draft.parent)?,
            color: draft.color.clone(),
            note: draft.note.as_deref().map_or(Ok(None), check_note)?,
        };
        let id = create_in(cx, tx, &new, None)?;
        Ok((store::get(tx, id)?, store::uses(tx, id)?, true))
    })
}

/// Makes a department in a transaction of the caller; returns its id.
pub(crate) fn create_in(cx: &Context, tx: &Tx<'_>, new: &New, run: Option<&str>) -> Result<i64> {
    cx.actor.require("departments.add", Some(new.company_id))?;
    let name = check_title(&new.name)?;
    if let Some(found) = store::find(tx, new.company_id, &fold(&name))? {
        return Err(exists(found));
    }
    let color = new.color.as_deref().map_or(Ok(None), Color::parse_optional)?;
    let color = color.map(|color| color.to_string());
    let note = new.note.as_deref().filter(|note| !note.is_empty());
    let parent_name = check_parent(tx, new.company_id, &name, new.parent)?;
    let company = company::by_id(tx, new.company_id)?.map(|company| company.name);
    let mut after = Fields::new();
    after.insert("name".into(), json!(name));
    after.insert("company".into(), json!(company));
    let optional =
        [(new.parent.field(), parent_name.as_deref()), ("color", color.as_deref()), ("note", note)];
    for (field, value) in optional {
        if let Some(value) = value {
            after.insert(field.into(), json!(value));
        }
    }
    let id = tx.next_id("departments")?;
    let after = audit::fields_text(&after);
    let entry = Entry {
        subject_id: Some(id),
        after: after.as_deref(),
        run,
        ..Entry::new("department.create", KIND, &name)
    };
    let revision = audit::record(cx, tx, entry)?;
    let (company_id, parent) = (new.company_id, new.parent);
    store::insert(
        tx,
        &store::Values {
            id,
            company_id,
            name: &name,
            parent,
            color: color.as_deref(),
            note,
            revision,
            now: cx.now(),
        },
    )?;
    Ok(id)
}

/// Calls `each` with every department, of one company or of all, by company and name.
pub(crate) fn list(
    cx: &Context,
    company: Option<&str>,
    mut each: impl FnMut(Department, Uses) -> Result<()>,
) -> Result<()> {
    let seen = cx.actor.reach("org.view");
    let shown = |department: Department, uses| {
        if seen.contain(Some(department.company_id)) { each(department, uses) } else { Ok(()) }
    };
    cx.read(|tx| {
        cx.actor.require_anywhere("org.view")?;
        let company = company.map(|name| company::id_in(tx, name, &seen)).transpose()?;
        store::list(tx, company, shown)
    })
}

/// The department that is meant, and how much refers to it.
pub(crate) fn get(cx: &Context, which: &Which) -> Result<(Department, Uses)> {
    cx.read(|tx| {
        let department = which_in(cx, tx, which, "org.view")?;
        let uses = store::uses(tx, department.id)?;
        Ok((department, uses))
    })
}

/// The department with that id.
pub(crate) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Department>> {
    store::by_id(tx, id)
}

/// The department of that name in a company, if there is one.
pub(crate) fn find_in(tx: &Tx<'_>, company_id: i64, name: &str) -> Result<Option<Department>> {
    store::find(tx, company_id, &fold(name))
}

/// The department of that name in a company that the actor has to do with.
pub(crate) fn get_in(cx: &Context, tx: &Tx<'_>, company_id: i64, name: &str) -> Result<Department> {
    let folded = fold(name);
    if let Some(found) = store::find(tx, company_id, &folded)? {
        return Ok(found);
    }
    let seen = cx.actor.reach("org.view");
    let elsewhere = store::companies_with(tx, &folded)?.into_iter().filter(|(id, _)| seen.contain(Some(*id)));
    let elsewhere = elsewhere.map(|(_, company)| company).collect();
    let company = company::by_id(tx, company_id)?.map(|company| company.name);
    let names: Vec<String> = store::names(tx, Some(company_id))?.into_iter().map(|(_, name)| name).collect();
    Err(not_found(name, &names, company, elsewhere))
}

/// The department that is meant, in a transaction of the caller, for an actor who has the permission for its company.
/// Those of companies beyond the actor's sight neither make a name ambiguous nor are offered for another.
pub(crate) fn which_in(
    cx: &Context,
    tx: &Tx<'_>,
    which: &Which,
    permission: &'static str,
) -> Result<Department> {
    cx.actor.require_anywhere(permission)?;
    if let Some(company) = &which.company {
        let seen = cx.actor.reach_of_any(&["org.view", permission]);
        let company = company::get_in(tx, company, &seen)?;
        cx.actor.require(permission, Some(company.id))?;
        return get_in(cx, tx, company.id, &which.name);
    }
    let is_seen = |company: i64| cx.actor.has_any(&["org.view", permission], Some(company));
    let mut companies = store::companies_with(tx, &fold(&which.name))?;
    companies.retain(|(id, _)| is_seen(*id));
    match companies.as_slice() {
        [] => {
            let names = store::names(tx, None)?.into_iter().filter(|(company, _)| is_seen(*company));
            let names: Vec<String> = names.map(|(_, name)| name).collect();
            Err(not_found(&which.name, &names, None, Vec::new()))
        }
        [(company, _)] => {
            cx.actor.require(permission, Some(*company))?;
            get_in(cx, tx, *company, &which.name)
        }
        _ => {
            let companies = companies.into_iter().map(|(_, company)| company).collect();
            Err(Error::Ambiguous { name: which.name.clone(), companies }.into())
        }
    }
}

/// Changes a department; returns it, its uses and the names of the fields that changed.
pub(crate) fn edit(cx: &Context, which: &Which, edit: &Edit) -> Result<(Department, Uses, Vec<String>)> {
    cx.write(|tx| {
        let old = which_in(cx, tx, which, "departments.edit")?;
        let new = edited(cx, tx, &old, edit)?;
        let (before, after) = differences(&old, &new);
        if after.is_empty() {
            let uses = store::uses(tx, old.id)?;
            return Ok((old, uses, Vec::new()));
        }
        let changed = after.keys().cloned().collect();
        let (before, after) = (audit::fields_text(&before), audit::fields_text(&after));
        let revision = audit::record(
            cx,
            tx,
            Entry {
                subject_id: Some(old.id),
                before: before.as_deref(),
                after: after.as_deref(),
                ..Entry::new("department.edit", KIND, &new.name)
            },
        )?;
        store::update(
            tx,
            &store::Values {
                id: new.id,
                company_id: new.company_id,
                name: &new.name,
                parent: new.parent,
                color: new.color.as_deref(),
                note: new.note.as_deref(),
                revision,
                now: cx.now(),
            },
        )?;
        if new.parent != old.parent {
            org::check_people(cx, tx, new.company_id)?;
        }
        Ok((store::get(tx, old.id)?, store::uses(tx, old.id)?, changed))
    })
}

/// The department that is meant to be deleted.
pub(crate) fn before_delete(cx: &Context, which: &Which) -> Result<Department> {
    cx.read(|tx| which_in(cx, tx, which, "departments.delete"))
}

/// Deletes a department that nothing refers to.
pub(crate) fn delete(cx: &Context, which: &Which) -> Result<Department> {
    cx.write(|tx| {
        let department = which_in(cx, tx, which, "departments.delete")?;
        delete_in(cx, tx, &department, None)?;
        Ok(department)
    })
}

/// Deletes a department in a transaction of the caller.
pub(crate) fn delete_in(cx: &Context, tx: &Tx<'_>, department: &Department, run: Option<&str>) -> Result<()> {
    let uses = store::uses(tx, department.id)?;
    let uses = counted(&[
        (uses.people.unsigned_abs(), "person", "people"),
        (uses.positions.unsigned_abs(), "position", "positions"),
        (uses.departments.unsigned_abs(), "department under it", "departments under it"),
    ]);
    if !uses.is_empty() {
        return Err(Error::InUse { name: department.name.clone(), uses }.into());
    }
    let before = audit::fields_text(&department.fields());
    let entry = Entry::new("department.delete", KIND, &department.name);
    audit::record(
        cx,
        tx,
        Entry { subject_id: Some(department.id), before: before.as_deref(), run, ..entry },
    )?;
    store::delete(tx, department.id)
}

impl Parent {
    /// Its place in the tree, unless that is the company.
    const fn node(self) -> Option<Node> {
        match self {
            Self::Company => None,
            Self::Department(id) => Some(Node::Department(id)),
            Self::Position(id) => Some(Node::Position(id)),
        }
    }

    /// The audit's name of the field that holds it.
    const fn field(self) -> &'static str {
        match self {
            Self::Company | Self::Department(_) => "parent",
            Self::Position(_) => "parent_position",
        }
    }
}

/// The department as it will be.
fn edited(cx: &Context, tx: &Tx<'_>, old: &Department, edit: &Edit) -> Result<Department> {
    let mut new = old.clone();
    if let Some(typed) = &edit.name {
        new.name = check_title(typed)?;
        match store::find(tx, old.company_id, &fold(&new.name))? {
            Some(found) if found.id != old.id => {
                return Err(Error::NameTaken { name: found.name, company: found.company }.into());
            }
            _ => {}
        }
    }
    if let Some(typed) = &edit.parent {
        new.parent = parent_in(cx, tx, old.company_id, typed)?;
        new.parent_name = check_parent(tx, old.company_id, &new.name, new.parent)?;
        if let (Some(node), Some(parent)) = (new.parent.node(), &new.parent_name) {
            org::check_move(tx, (Node::Department(old.id), &new.name), (node, parent))?;
        }
    }
    if let Some(typed) = &edit.color {
        new.color = Color::parse_optional(typed)?.map(|color| color.to_string());
    }
    if let Some(typed) = &edit.note {
        new.note = check_note(typed)?;
    }
    Ok(new)
}

impl Department {
    /// All that an administrator decides of it, as the audit has it.
    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert("name".into(), json!(self.name));
        fields.insert("company".into(), json!(self.company));
        fields.insert("color".into(), json!(self.color));
        fields.insert("note".into(), json!(self.note));
        for field in ["parent", "parent_position"] {
            let name = self.parent_name.as_ref().filter(|_| self.parent.field() == field);
            fields.insert(field.into(), json!(name));
        }
        fields
    }
}

/// The fields in which two states differ, before and after.
fn differences(old: &Department, new: &Department) -> (Fields, Fields) {
    let (mut before, mut after) = audit::difference(&old.fields(), &new.fields());
    // Positions of two departments may be called alike.
    if old.parent != new.parent {
        before.insert(old.parent.field().into(), json!(old.parent_name));
        after.insert(new.parent.field().into(), json!(new.parent_name));
    }
    (before, after)
}

/// The parent that a name means in a company.
fn parent_in(cx: &Context, tx: &Tx<'_>, company_id: i64, parent: &ParentName) -> Result<Parent> {
    Ok(match parent {
        ParentName::Company => Parent::Company,
        ParentName::Department(name) => Parent::Department(get_in(cx, tx, company_id, name)?.id),
        ParentName::Position { name, department } => {
            let named = position::Named { name, flags: "`--parent`" };
            Parent::Position(position::named_in(cx, tx, company_id, department.as_deref(), named)?.id)
        }
    })
}

/// The name of the parent, which must be of the same company.
fn check_parent(tx: &Tx<'_>, company_id: i64, name: &str, parent: Parent) -> Result<Option<String>> {
    let found = match parent {
        Parent::Company => return Ok(None),
        Parent::Department(id) => by_id(tx, id)?.map(|parent| (parent.company_id, parent.name)),
        Parent::Position(id) => position::by_id(tx, id)?.map(|parent| (parent.company_id, parent.name)),
    };
    match found {
        Some((parent_company, parent)) if parent_company != company_id => {
            Err(Error::ParentElsewhere { name: name.to_owned(), parent }.into())
        }
        found => Ok(found.map(|(_, parent)| parent)),
    }
}

fn exists(found: Department) -> crate::error::Failure {
    Error::Exists { name: found.name, company: found.company }.into()
}

fn not_found(
    name: &str,
    names: &[String],
    company: Option<String>,
    elsewhere: Vec<String>,
) -> crate::error::Failure {
    let near = nearest(name, names.iter().map(String::as_str)).first().map(|near| (*near).to_owned());
    Error::NotFound { name: name.to_owned(), company, near, elsewhere }.into()
}
