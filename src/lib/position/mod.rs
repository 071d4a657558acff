//! Positions: what people are in a department, under it or under each other.
//!
//! Names differ within a department, so a position is named by its name, company and department; where only one has that
//! name, the name is enough. A position under another one belongs to that one's department and moves along with it. A
//! position cannot be deleted while anything refers to it; people in the bin do not count, they lose the position.

pub(crate) mod cli;
mod error;
mod store;
pub(crate) mod target;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;
pub(crate) use store::{Position, Uses};

use serde_json::json;

use crate::audit::{self, Entry, Fields};
use crate::company;
use crate::context::Context;
use crate::department;
use crate::error::Result;
use crate::org::{self, Node};
use crate::store::Tx;
use crate::text::color::Color;
use crate::text::count::counted;
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::text::note::check_note;
use crate::text::suggest::nearest;
use store::Scope;

/// The word for a position in the audit and in runs.
pub(crate) const KIND: &str = "position";

/// A position to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct New {
    /// Its name.
    pub(crate) name: String,
    /// The department it belongs to.
    pub(crate) department_id: i64,
    /// The position of that department that it hangs under.
    pub(crate) parent_position_id: Option<i64>,
    /// `#rrggbb`, for the chart.
    pub(crate) color: Option<String>,
    /// A note.
    pub(crate) note: Option<String>,
}

/// Where a position shall be, as people name it; at least one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// The department; that of the position above when absent.
    pub(crate) department: Option<String>,
    /// The position above.
    pub(crate) parent_position: Option<String>,
}

/// A position to be made, its company and place named as people do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Its name.
    pub(crate) name: String,
    /// The company's name or slug.
    pub(crate) company: String,
    /// Where it shall be.
    pub(crate) place: Place,
    /// `#rrggbb`, for the chart.
    pub(crate) color: Option<String>,
    /// A note.
    pub(crate) note: Option<String>,
}

/// Which position is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Which {
    /// Its name, in any letter case.
    pub(crate) name: String,
    /// The company's name or slug, where more than one has a position of that name.
    pub(crate) company: Option<String>,
    /// The department, where more than one has a position of that name.
    pub(crate) department: Option<String>,
}

/// What to change; absent fields stay as they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edit {
    /// The new name.
    pub(crate) name: Option<String>,
    /// The new place.
    pub(crate) place: Option<Place>,
    /// The new colour; an empty one removes it.
    pub(crate) color: Option<String>,
    /// The new note; an empty one removes it.
    pub(crate) note: Option<String>,
}

/// Makes a position; returns it, its uses and whether it is new (`if_absent` accepts the one there is).
pub(crate) fn create(cx: &Context, draft: &Draft, if_absent: bool) -> Result<(Position, Uses, bool)> {
    cx.write(|tx| {
        cx.actor.require_anywhere("positions.add")?;
        let name = check_title(&draft.name)?;
        let seen = cx.actor.reach_of_any(&["org.view", "positions.add"]);
        let company = company::get_in(tx, &draft.company, &seen)?;
        cx.actor.require("positions.add", Some(company.id))?;
        let (department_id, parent) = place_in(cx, tx, company.id, &name, (&draft.place, "`--department`"))?;
        if let Some(found) = store::find(tx, department_id, &fold(&name))? {
            let uses = store::uses(tx, found.id)?;
            return if if_absent { Ok((found, uses, false)) } else { Err(exists(found)) };
        }
        let new = New {
            name,
            department_id,
            parent_position_id: parent.map(|parent| parent.id),
            color: draft.color.clone(),
            note: draft.note.as_deref().map_or(Ok(None), check_note)?,
        };
        let id = create_in(cx, tx, &new, None)?;
        Ok((store::get(tx, id)?, store::uses(tx, id)?, true))
    })
}

/// Makes a position in a transaction of the caller; returns its id.
pub(crate) fn create_in(cx: &Context, tx: &Tx<'_>, new: &New, run: Option<&str>) -> Result<i64> {
    let name = check_title(&new.name)?;
    let Some(department) = department::by_id(tx, new.department_id)? else {
        return Err(Error::NoPlace { name }.into());
    };
    cx.actor.require("positions.add", Some(department.company_id))?;
    if let Some(found) = store::find(tx, department.id, &fold(&name))? {
        return Err(exists(found));
    }
    let parent = new.parent_position_id.map_or(Ok(None), |id| by_id(tx, id))?;
    if let Some(parent) = parent.as_ref().filter(|parent| parent.department_id != department.id) {
        return Err(Error::ParentElsewhere { name, parent: parent.name.clone() }.into());
    }
    let color = new.color.as_deref().map_or(Ok(None), Color::parse_optional)?;
    let color = color.map(|color| color.to_string());
    let note = new.note.as_deref().filter(|note| !note.is_empty());
    let mut after = Fields::new();
    after.insert("name".into(), json!(name));
    after.insert("company".into(), json!(department.company));
    after.insert("department".into(), json!(department.name));
    let optional = [
        ("parent_position", parent.as_ref().map(|parent| parent.name.as_str())),
        ("color", color.as_deref()),
        ("note", note),
    ];
    for (field, value) in optional {
        if let Some(value) = value {
            after.insert(field.into(), json!(value));
        }
    }
    let id = tx.next_id("positions")?;
    let after = audit::fields_text(&after);
    let entry = Entry {
        subject_id: Some(id),
        after: after.as_deref(),
        run,
        ..Entry::new("position.create", KIND, &name)
    };
    let revision = audit::record(cx, tx, entry)?;
    store::insert(
        tx,
        &store::Values {
            id,
            company_id: department.company_id,
            department_id: department.id,
            parent_position_id: parent.map(|parent| parent.id),
            name: &name,
            color: color.as_deref(),
            note,
            revision,
            now: cx.now(),
        },
    )?;
    Ok(id)
}

/// Calls `each` with every position of a company and a department, or of all, by company, department and name.
pub(crate) fn list(
    cx: &Context,
    company: Option<&str>,
    department: Option<&str>,
    mut each: impl FnMut(Position, Uses) -> Result<()>,
) -> Result<()> {
    let seen = cx.actor.reach("org.view");
    let shown = |position: Position, uses| {
        if seen.contain(Some(position.company_id)) { each(position, uses) } else { Ok(()) }
    };
    cx.read(|tx| store::list(tx, scope_in(cx, tx, (company, department), "org.view")?, shown))
}

/// The position that is meant, and how much refers to it.
pub(crate) fn get(cx: &Context, which: &Which) -> Result<(Position, Uses)> {
    cx.read(|tx| {
        let position = which_in(cx, tx, which, "org.view")?;
        let uses = store::uses(tx, position.id)?;
        Ok((position, uses))
    })
}

/// The position with that id.
pub(crate) fn by_id(tx: &Tx<'_>, id: i64) -> Result<Option<Position>> {
    store::by_id(tx, id)
}

/// The position of that name in a department, else the nearest one in the departments below it, if only one is so near.
pub(crate) fn find_under(tx: &Tx<'_>, department_id: i64, name: &str) -> Result<Option<Position>> {
    let folded = fold(name);
    if let Some(found) = store::find(tx, department_id, &folded)? {
        return Ok(Some(found));
    }
    let below = store::find_below(tx, department_id, &folded)?;
    Ok(one_of(below, Named { name, flags: "`--department`" })?)
}

/// The error that a department has no position of that name, with the nearest one it has.
pub(crate) fn unknown_under(tx: &Tx<'_>, department_id: i64, department: &str, name: &str) -> Result<Error> {
    let scope = Scope { department_id: Some(department_id), ..Scope::default() };
    let names: Vec<String> = store::names(tx, scope)?.into_iter().map(|(_, name)| name).collect();
    let near = near(name, &names);
    let elsewhere = match department::by_id(tx, department_id)? {
        Some(department) => departments_with(tx, department.company_id, name)?,
        None => Vec::new(),
    };
    Ok(Error::NotFound { name: name.to_owned(), of: department.to_owned(), near, elsewhere })
}

/// The names of the departments of a company that have a position of that name.
pub(crate) fn departments_with(tx: &Tx<'_>, company_id: i64, name: &str) -> Result<Vec<String>> {
    store::departments_with(tx, company_id, &fold(name))
}

/// A position as it was named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a> {
    /// The name as typed.
    pub(crate) name: &'a str,
    /// The flags by which the command is told which, where there are several.
    pub(crate) flags: &'static str,
}

/// The one position of that name in a company, or in one department of it.
pub(crate) fn named_in(
    cx: &Context,
    tx: &Tx<'_>,
    company_id: i64,
    department: Option<&str>,
    named: Named<'_>,
) -> Result<Position> {
    let department = department.map(|name| department::get_in(cx, tx, company_id, name)).transpose()?;
    let department_id = department.map(|department| department.id);
    only(tx, Scope { company_id: Some(company_id), department_id }, named, |_| true)
}

/// The position that is meant, in a transaction of the caller, for an actor who has the permission for its company. Those
/// of companies beyond the actor's sight neither make a name ambiguous nor are offered for another.
fn which_in(cx: &Context, tx: &Tx<'_>, which: &Which, permission: &'static str) -> Result<Position> {
    let scope = scope_in(cx, tx, (which.company.as_deref(), which.department.as_deref()), permission)?;
    let is_seen = |company: i64| cx.actor.has_any(&["org.view", permission], Some(company));
    let named = Named { name: &which.name, flags: "`--company` and `--department`" };
    let position = only(tx, scope, named, is_seen)?;
    cx.actor.require(permission, Some(position.company_id))?;
    Ok(position)
}

/// Changes a position; returns it, its uses and the names of the fields that changed.
pub(crate) fn edit(cx: &Context, which: &Which, edit: &Edit) -> Result<(Position, Uses, Vec<String>)> {
    cx.write(|tx| {
        let old = which_in(cx, tx, which, "positions.edit")?;
        let new = edited(cx, tx, &old, edit)?;
        let changed = change(cx, tx, &old, &new)?;
        if new.department_id != old.department_id {
            take_along(cx, tx, &new)?;
            org::check_people(cx, tx, new.company_id)?;
        }
        Ok((store::get(tx, old.id)?, store::uses(tx, old.id)?, changed))
    })
}

/// The position that is meant to be deleted.
pub(crate) fn before_delete(cx: &Context, which: &Which) -> Result<Position> {
    cx.read(|tx| which_in(cx, tx, which, "positions.delete"))
}

/// Deletes a position that nothing refers to.
pub(crate) fn delete(cx: &Context, which: &Which) -> Result<Position> {
    cx.write(|tx| {
        let position = which_in(cx, tx, which, "positions.delete")?;
        delete_in(cx, tx, &position, None)?;
        Ok(position)
    })
}

/// Deletes a position in a transaction of the caller.
pub(crate) fn delete_in(cx: &Context, tx: &Tx<'_>, position: &Position, run: Option<&str>) -> Result<()> {
    let uses = store::uses(tx, position.id)?;
    let uses = counted(&[
        (uses.people.unsigned_abs(), "person", "people"),
        (uses.positions.unsigned_abs(), "position under it", "positions under it"),
        (uses.departments.unsigned_abs(), "department under it", "departments under it"),
    ]);
    if !uses.is_empty() {
        return Err(Error::InUse { name: position.name.clone(), uses }.into());
    }
    let before = audit::fields_text(&position.fields());
    let entry = Entry::new("position.delete", KIND, &position.name);
    audit::record(cx, tx, Entry { subject_id: Some(position.id), before: before.as_deref(), run, ..entry })?;
    store::delete(tx, position.id)
}

/// The position as it will be.
fn edited(cx: &Context, tx: &Tx<'_>, old: &Position, edit: &Edit) -> Result<Position> {
    let mut new = old.clone();
    if let Some(typed) = &edit.name {
        new.name = check_title(typed)?;
    }
    if let Some(place) = &edit.place {
        let (department_id, parent) =
            place_in(cx, tx, old.company_id, &new.name, (place, "`--to-department`"))?;
        let department = department::by_id(tx, department_id)?.map(|department| department.name);
        new.department_id = department_id;
        new.department = department.unwrap_or_default();
        new.parent_position_id = parent.as_ref().map(|parent| parent.id);
        new.parent_name = parent.map(|parent| parent.name);
        let above = match (new.parent_position_id, &new.parent_name) {
            (Some(id), Some(name)) => (Node::Position(id), name),
            _ => (Node::Department(department_id), &new.department),
        };
        org::check_move(tx, (Node::Position(old.id), &new.name), (above.0, above.1))?;
    }
    if let Some(typed) = &edit.color {
        new.color = Color::parse_optional(typed)?.map(|color| color.to_string());
    }
    if let Some(typed) = &edit.note {
        new.note = check_note(typed)?;
    }
    Ok(new)
}

/// Records and stores the difference between two states; returns the names of the fields that changed.
fn change(cx: &Context, tx: &Tx<'_>, old: &Position, new: &Position) -> Result<Vec<String>> {
    match store::find(tx, new.department_id, &fold(&new.name))? {
        Some(found) if found.id != old.id => {
            return Err(Error::NameTaken { name: found.name, department: found.department }.into());
        }
        _ => {}
    }
    let (before, after) = audit::difference(&old.fields(), &new.fields());
    if after.is_empty() {
        return Ok(Vec::new());
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
            ..Entry::new("position.edit", KIND, &new.name)
        },
    )?;
    store::update(
        tx,
        &store::Values {
            id: new.id,
            company_id: new.company_id,
            department_id: new.department_id,
            parent_position_id: new.parent_position_id,
            name: &new.name,
            color: new.color.as_deref(),
            note: new.note.as_deref(),
            revision,
            now: cx.now(),
        },
    )?;
    Ok(changed)
}

/// Moves the positions under one into its department, however deep they hang.
fn take_along(cx: &Context, tx: &Tx<'_>, above: &Position) -> Result<()> {
    let mut waiting = store::under(tx, above.id)?;
    while let Some(old) = waiting.pop() {
        let mut new = old.clone();
        new.department_id = above.department_id;
        new.department.clone_from(&above.department);
        change(cx, tx, &old, &new)?;
        waiting.extend(store::under(tx, old.id)?);
    }
    Ok(())
}

impl Position {
    /// All that an administrator decides of it, as the audit has it.
    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert("name".into(), json!(self.name));
        fields.insert("company".into(), json!(self.company));
        fields.insert("department".into(), json!(self.department));
        fields.insert("color".into(), json!(self.color));
        fields.insert("note".into(), json!(self.note));
        fields.insert("parent_position".into(), json!(self.parent_name));
        fields
    }
}

/// The department, and the position above if there is one, that a place means in a company; the flag is the one that names
/// the department.
fn place_in(
    cx: &Context,
    tx: &Tx<'_>,
    company_id: i64,
    name: &str,
    (place, flags): (&Place, &'static str),
) -> Result<(i64, Option<Position>)> {
    let department = place.department.as_deref();
    if let Some(parent) = &place.parent_position {
        let parent = named_in(cx, tx, company_id, department, Named { name: parent, flags })?;
        return Ok((parent.department_id, Some(parent)));
    }
    let Some(department) = department else {
        return Err(Error::NoPlace { name: name.to_owned() }.into());
    };
    Ok((department::get_in(cx, tx, company_id, department)?.id, None))
}

/// Where to look, for an actor who has the permission there; a department without a company must be the only one of its
/// name.
fn scope_in(
    cx: &Context,
    tx: &Tx<'_>,
    (company, department): (Option<&str>, Option<&str>),
    permission: &'static str,
) -> Result<Scope> {
    cx.actor.require_anywhere(permission)?;
    if let Some(department) = department {
        let which = department::Which { name: department.to_owned(), company: company.map(str::to_owned) };
        let department = department::which_in(cx, tx, &which, permission)?;
        return Ok(Scope { company_id: Some(department.company_id), department_id: Some(department.id) });
    }
    let seen = cx.actor.reach_of_any(&["org.view", permission]);
    let company_id = company.map(|name| company::id_in(tx, name, &seen)).transpose()?;
    if company_id.is_some() {
        cx.actor.require(permission, company_id)?;
    }
    Ok(Scope { company_id, department_id: None })
}

/// The one position of that name in a scope, among those of companies that are seen.
fn only(tx: &Tx<'_>, scope: Scope, named: Named<'_>, is_seen: impl Fn(i64) -> bool) -> Result<Position> {
    let mut found = store::find_all(tx, scope, &fold(named.name))?;
    found.retain(|position| is_seen(position.company_id));
    match one_of(found, named)? {
        Some(position) => Ok(position),
        None => Err(not_found(tx, scope, named.name, is_seen)?.into()),
    }
}

/// The only one of these, if there is any; several are told by their places.
fn one_of(mut found: Vec<Position>, Named { name, flags }: Named<'_>) -> Result<Option<Position>, Error> {
    if found.len() < 2 {
        return Ok(found.pop());
    }
    let place = |position: &Position| format!("{} / {}", position.company, position.department);
    let places = found.iter().map(place).collect();
    Err(Error::Ambiguous { name: name.to_owned(), places, flags })
}

fn not_found(tx: &Tx<'_>, scope: Scope, name: &str, is_seen: impl Fn(i64) -> bool) -> Result<Error> {
    let department = scope.department_id.map_or(Ok(None), |id| department::by_id(tx, id))?;
    if let Some(department) = department {
        return unknown_under(tx, department.id, &department.name, name);
    }
    let names = store::names(tx, scope)?.into_iter().filter(|(company, _)| is_seen(*company));
    let names: Vec<String> = names.map(|(_, name)| name).collect();
    let (near, name) = (near(name, &names), name.to_owned());
    let company = scope.company_id.map_or(Ok(None), |id| company::by_id(tx, id))?;
    Ok(match company {
        Some(company) => Error::NotFound { name, of: company.name, near, elsewhere: Vec::new() },
        None => Error::Unknown { name, near },
    })
}

fn near(name: &str, names: &[String]) -> Option<String> {
    nearest(name, names.iter().map(String::as_str)).first().map(|near| (*near).to_owned())
}

fn exists(found: Position) -> crate::error::Failure {
    Error::Exists { name: found.name, department: found.department }.into()
}
