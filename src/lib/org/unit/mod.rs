//! Units: the departments of a company, and the positions that people have in them.
//!
//! A department is a part of a company, under another one or under the position that leads it. A position belongs to a
//! department, and hangs under it or under another position of it, with which it moves along. Else the two are one thing:
//! each hangs somewhere in the tree, has a name that differs within its owner (a department's is its company, a position's
//! its department), and is named by it alone where only one has that name. None can be deleted while anything refers to
//! it; people in the bin do not count, they lose it, which is told.

pub(crate) mod cli;
mod error;
mod kind;
mod lookup;
mod store;
pub(crate) mod target;

#[cfg(test)]
mod tests;

pub(crate) use error::Error;
pub(crate) use kind::{Above, DEPARTMENT, Home, POSITION, UnitKind};
pub(crate) use lookup::{department_in, departments_with, find_in, find_under, unknown_under};
pub(crate) use store::{Unit, Uses};

use serde_json::json;

use super::Node;
use crate::audit::{self, Event, Fields};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Ask, BinLosses, BinRemoval, Committed, Engine, Spec};
use crate::store::Tx;
use crate::text::color::Color;
use crate::text::count::counted;
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::text::note::check_note;
use lookup::{home_in, resolve_selector, scope_in};

/// Where a unit shall be, as people name it; a position needs at least one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct UnitParent {
    /// The department; beside a position, the one which that position belongs to.
    pub(crate) department: Option<String>,
    /// The position above.
    pub(crate) parent_position: Option<String>,
}

/// A unit to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct New {
    /// Its name.
    pub(crate) name: String,
    /// The company of a department, the department of a position.
    pub(crate) owner_id: i64,
    /// What it hangs under, unless that is its owner.
    pub(crate) parent: Option<Node>,
    /// `#rrggbb`, for the chart.
    pub(crate) color: Option<String>,
    /// A note.
    pub(crate) note: Option<String>,
}

/// A unit to be made, its company and place named as people do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// Its name.
    pub(crate) name: String,
    /// The company's name or slug.
    pub(crate) company: String,
    /// Where it shall be.
    pub(crate) place: UnitParent,
    /// `#rrggbb`, for the chart.
    pub(crate) color: Option<String>,
    /// A note.
    pub(crate) note: Option<String>,
}

/// Which unit is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    /// Its name, in any letter case.
    pub(crate) name: String,
    /// The company's name or slug, where more than one has a unit of that name.
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
    pub(crate) place: Option<UnitParent>,
    /// The new colour; an empty one removes it.
    pub(crate) color: Option<String>,
    /// The new note; an empty one removes it.
    pub(crate) note: Option<String>,
}

/// Makes a unit; returns it, its uses and whether it is new (`if_absent` accepts the one there is).
pub(crate) fn create(
    cx: &Context,
    kind: UnitKind,
    draft: &Draft,
    if_absent: bool,
) -> Result<(Unit, Uses, bool)> {
    cx.write(|tx| {
        let permission = kind.permission_to_add();
        cx.actor.require_anywhere(permission)?;
        let name = check_title(&draft.name)?;
        let seen = cx.actor.scope_of_any(&["org.view", permission]);
        let company = company::get_in(tx, &draft.company, &seen)?;
        cx.actor.require(permission, Some(company.id))?;
        let flags = kind.either("`--parent`", "`--department`");
        let find_home = || home_in(cx, tx, (kind, company.id), &name, (&draft.place, flags));
        // Which position it is, depends on where it shall be; a department that there is needs no place.
        let known = match kind {
            UnitKind::Department => None,
            UnitKind::Position => Some(find_home()?),
        };
        let owner_id = known.as_ref().and_then(Home::department_id).unwrap_or(company.id);
        if let Some(found) = store::find(tx, kind, owner_id, &fold(&name))? {
            let uses = store::uses(tx, kind, found.id)?;
            return if if_absent { Ok((found, uses, false)) } else { Err(exists(found)) };
        }
        let home = known.map_or_else(find_home, Ok)?;
        let unit = Unit {
            home,
            color: draft.color.as_deref().map_or(Ok(None), check_color)?,
            note: draft.note.as_deref().map_or(Ok(None), check_note)?,
            ..Unit::blank(cx, kind, name, (company.id, company.name))
        };
        let id = insert(cx, tx, unit, None)?;
        Ok((store::get(tx, kind, id)?, store::uses(tx, kind, id)?, true))
    })
}

/// The name of a unit that is to be made, if the actor may make it; none is the company that is to be made before.
pub(crate) fn check_new(cx: &Context, kind: UnitKind, company: Option<i64>, name: &str) -> Result<String> {
    cx.actor.require(kind.permission_to_add(), company)?;
    Ok(check_title(name)?)
}

/// Makes a unit in a transaction of the caller; returns its id.
pub(crate) fn create_in(
    cx: &Context,
    tx: &Tx<'_>,
    kind: UnitKind,
    new: &New,
    run: Option<&str>,
) -> Result<i64> {
    let name = check_title(&new.name)?;
    let (company, department) = match kind {
        UnitKind::Department => match company::by_id(tx, new.owner_id)? {
            Some(company) => ((company.id, company.name), None),
            None => return Err(run::Error::gone(tx, (company::KIND, new.owner_id), run)?.into()),
        },
        UnitKind::Position => match by_id(tx, UnitKind::Department, new.owner_id)? {
            Some(department) => {
                ((department.company_id, department.company.clone()), Some(department.into()))
            }
            None => return Err(Error::NoPlace { name }.into()),
        },
    };
    cx.actor.require(kind.permission_to_add(), Some(company.0))?;
    let mut home = Home { department, position: None };
    if let Some(parent) = new.parent {
        let (parent_kind, id) = match parent {
            Node::Department(id) => (UnitKind::Department, id),
            Node::Position(id) => (UnitKind::Position, id),
        };
        let parent = store::get(tx, parent_kind, id)?;
        let its_owner = kind.either(Some(parent.company_id), parent.home.department_id());
        if its_owner != Some(new.owner_id) {
            return Err(Error::ParentElsewhere { kind, name, parent: parent.name }.into());
        }
        match parent_kind {
            UnitKind::Department => home.department = Some(parent.into()),
            UnitKind::Position => home.position = Some(parent.into()),
        }
    }
    let unit = Unit {
        home,
        color: new.color.as_deref().map_or(Ok(None), check_color)?,
        note: new.note.as_deref().map_or(Ok(None), check_note)?,
        ..Unit::blank(cx, kind, name, company)
    };
    insert(cx, tx, unit, run)
}

/// Records and stores a unit that is new; returns its id.
fn insert(cx: &Context, tx: &Tx<'_>, mut unit: Unit, run: Option<&str>) -> Result<i64> {
    let kind = unit.kind;
    unit.id = audit::new_id(tx, (kind.word(), kind.table()))?;
    record_new(cx, tx, &mut unit, (kind.either("department.create", "position.create"), run))?;
    store::insert(tx, &unit)?;
    Ok(unit.id)
}

/// Records a unit that comes to be, whose name is free; keeps the row as its revision.
fn record_new(cx: &Context, tx: &Tx<'_>, unit: &mut Unit, (action, run): (&str, Option<&str>)) -> Result<()> {
    let kind = unit.kind;
    if let Some(found) = store::find(tx, kind, unit.owner_id(), &fold(&unit.name))? {
        return Err(exists(found));
    }
    let mut after = unit.fields();
    after.retain(|_, value| !value.is_null());
    let subject = Event::of(action, (kind.word(), unit.id), &unit.name).in_run(run);
    unit.revision = audit::change(cx, tx, subject, &Fields::new(), &after)?;
    Ok(())
}

/// Calls `each` with every unit of a company and a department, or of all, by owner and name.
pub(crate) fn list(
    cx: &Context,
    kind: UnitKind,
    (company, department): (Option<&str>, Option<&str>),
    mut each: impl FnMut(Unit, Uses) -> Result<()>,
) -> Result<()> {
    let seen = cx.actor.scope("org.view");
    let shown = |unit: Unit, uses| {
        if seen.contain(Some(unit.company_id)) { each(unit, uses) } else { Ok(()) }
    };
    cx.read(|tx| store::list(tx, kind, scope_in(cx, tx, (company, department), "org.view")?, shown))
}

/// The unit that is meant, and how much refers to it.
pub(crate) fn get(cx: &Context, kind: UnitKind, which: &Selector) -> Result<(Unit, Uses)> {
    cx.read(|tx| {
        let unit = resolve_selector(cx, tx, kind, which, "org.view")?;
        let uses = store::uses(tx, kind, unit.id)?;
        Ok((unit, uses))
    })
}

/// The unit with that id.
pub(crate) fn by_id(tx: &Tx<'_>, kind: UnitKind, id: i64) -> Result<Option<Unit>> {
    store::by_id(tx, kind, id)
}

/// What an edit did.
pub(crate) struct Edited {
    /// The unit.
    pub(crate) unit: Unit,
    /// What refers to it.
    pub(crate) uses: Uses,
    /// The names of the fields that changed.
    pub(crate) changed: Vec<String>,
    /// Who in the bin lost a position that no longer lies under their department.
    pub(crate) in_bin: BinLosses,
}

/// Changes a unit.
pub(crate) fn edit(
    cx: &Context,
    engine: &mut Engine,
    kind: UnitKind,
    which: &Selector,
    edit: &Edit,
) -> Result<Edited> {
    cx.write(|tx| {
        let old = resolve_selector(cx, tx, kind, which, kind.either("departments.edit", "positions.edit"))?;
        let new = edited(cx, tx, &old, edit)?;
        let changed = change(cx, tx, &old, &new)?;
        let mut in_bin = BinLosses::default();
        if new.home != old.home {
            if kind == UnitKind::Position {
                take_along(cx, tx, &new)?;
            }
            let made_by = kind.either("department.edit", "position.edit");
            in_bin = super::check_people(cx, tx, engine, new.company_id, made_by)?;
        }
        let (unit, uses) = (store::get(tx, kind, old.id)?, store::uses(tx, kind, old.id)?);
        Ok(Edited { unit, uses, changed, in_bin })
    })
}

/// Deletes a unit that nothing refers to; who is in the bin loses it, and then it is a run.
pub(crate) fn delete(
    cx: &Context,
    engine: &mut Engine,
    kind: UnitKind,
    which: &Selector,
) -> Result<(Unit, Committed)> {
    let made_by = kind.either("department.delete", "position.delete");
    let spec = Spec { kind: made_by, source: "", repeats: false, is_whole: true };
    let (plan, unit) = run::plan_for(cx, engine, &spec, |tx, planner| {
        let unit = resolve_selector(cx, tx, kind, which, kind.permission_to_delete())?;
        planner.comes_from(&unit.name);
        check_unused(tx, &unit)?;
        planner.take_from_bin(cx, BinRemoval::by_all(kind.word(), unit.id))?;
        planner.change(&target::ending(&unit))?;
        Ok(unit)
    })?;
    Ok((unit, run::propose(cx, engine, plan, &Ask::nothing(false))?))
}

/// Ends a unit that nothing refers to.
fn delete_in(cx: &Context, tx: &Tx<'_>, unit: &Unit, (action, run): (&str, Option<&str>)) -> Result<()> {
    check_unused(tx, unit)?;
    let subject = Event::of(action, (unit.kind.word(), unit.id), &unit.name).in_run(run);
    audit::change(cx, tx, subject, &unit.fields(), &Fields::new())?;
    store::delete(tx, unit.kind, unit.id)
}

/// Refuses to end a unit that something refers to, people in the bin apart.
fn check_unused(tx: &Tx<'_>, unit: &Unit) -> Result<()> {
    let kind = unit.kind;
    let uses = store::uses(tx, kind, unit.id)?;
    let (position, positions) =
        kind.either(("position", "positions"), ("position under it", "positions under it"));
    let uses = counted(&[
        (uses.people.unsigned_abs(), "person", "people"),
        (uses.positions.unsigned_abs(), position, positions),
        (uses.departments.unsigned_abs(), "department under it", "departments under it"),
    ]);
    if uses.is_empty() {
        return Ok(());
    }
    Err(Error::InUse { kind, name: unit.name.clone(), uses }.into())
}

/// Writes a unit that was deleted as it was then, with its id.
fn put_back(cx: &Context, tx: &Tx<'_>, mut unit: Unit, step: (&str, Option<&str>)) -> Result<()> {
    let kind = unit.kind;
    cx.actor.require(kind.permission_to_add(), Some(unit.company_id))?;
    let made = unit.created_at;
    (unit.created_at, unit.updated_at) = (cx.now(), cx.now());
    record_new(cx, tx, &mut unit, step)?;
    store::put_back(tx, &unit, made)
}

/// The unit as it will be.
fn edited(cx: &Context, tx: &Tx<'_>, old: &Unit, edit: &Edit) -> Result<Unit> {
    let mut new = old.clone();
    if let Some(typed) = &edit.name {
        new.name = check_title(typed)?;
    }
    if let Some(place) = &edit.place {
        let flags = old.kind.either("`--parent`", "`--to-department`");
        new.home = home_in(cx, tx, (old.kind, old.company_id), &new.name, (place, flags))?;
        if let Some(above) = new.home.above() {
            super::check_move(tx, (old.kind.node(old.id), &new.name), above)?;
        }
    }
    if let Some(typed) = &edit.color {
        new.color = check_color(typed)?;
    }
    if let Some(typed) = &edit.note {
        new.note = check_note(typed)?;
    }
    Ok(new)
}

/// Records and stores the difference between two states; returns the names of the fields that changed.
fn change(cx: &Context, tx: &Tx<'_>, old: &Unit, new: &Unit) -> Result<Vec<String>> {
    let kind = old.kind;
    match store::find(tx, kind, new.owner_id(), &fold(&new.name))? {
        Some(found) if found.id != old.id => {
            let owner = found.owner().to_owned();
            return Err(Error::NameTaken { kind, name: found.name, owner }.into());
        }
        _ => {}
    }
    let (mut before, mut after) = audit::difference(&old.fields(), &new.fields());
    // Positions of two departments may be called alike.
    if old.home.position != new.home.position {
        before.insert("parent_position".into(), json!(Above::name_of(old.home.position.as_ref())));
        after.insert("parent_position".into(), json!(Above::name_of(new.home.position.as_ref())));
    }
    if after.is_empty() {
        return Ok(Vec::new());
    }
    let changed = after.keys().cloned().collect();
    let action = kind.either("department.edit", "position.edit");
    let subject = Event::of(action, (kind.word(), old.id), &new.name);
    let revision = audit::change(cx, tx, subject, &before, &after)?;
    store::update(tx, &Unit { revision, updated_at: cx.now(), ..new.clone() })?;
    Ok(changed)
}

/// Moves the positions under one into its department, however deep they hang.
fn take_along(cx: &Context, tx: &Tx<'_>, above: &Unit) -> Result<()> {
    let mut waiting = store::under(tx, above.id)?;
    while let Some(old) = waiting.pop() {
        let mut new = old.clone();
        new.home.department.clone_from(&above.home.department);
        change(cx, tx, &old, &new)?;
        waiting.extend(store::under(tx, old.id)?);
    }
    Ok(())
}

fn check_color(typed: &str) -> Result<Option<String>> {
    Ok(Color::parse_optional(typed)?.map(|color| color.to_string()))
}

fn exists(found: Unit) -> crate::error::Failure {
    let owner = found.owner().to_owned();
    Error::Exists { kind: found.kind, name: found.name, owner }.into()
}

impl Unit {
    /// One that is not stored yet.
    fn blank(cx: &Context, kind: UnitKind, name: String, (company_id, company): (i64, String)) -> Self {
        Self {
            kind,
            id: 0,
            company_id,
            company,
            home: Home::default(),
            name,
            color: None,
            note: None,
            revision: 0,
            created_at: cx.now(),
            updated_at: cx.now(),
        }
    }

    /// The id of that within which its name is the only one.
    fn owner_id(&self) -> i64 {
        self.kind.either(Some(self.company_id), self.home.department_id()).unwrap_or(self.company_id)
    }

    /// The name of that within which its name is the only one.
    fn owner(&self) -> &str {
        let department = Above::name_of(self.home.department.as_ref());
        self.kind.either(Some(self.company.as_str()), department).unwrap_or_default()
    }

    /// All that an administrator decides of it, as the audit has it.
    fn fields(&self) -> Fields {
        let department = json!(Above::name_of(self.home.department.as_ref()));
        let mut fields = Fields::new();
        fields.insert("name".into(), json!(self.name));
        fields.insert("company".into(), json!(self.company));
        if self.kind == UnitKind::Position {
            fields.insert("department".into(), department.clone());
        }
        fields.insert("color".into(), json!(self.color));
        fields.insert("note".into(), json!(self.note));
        if self.kind == UnitKind::Department {
            fields.insert("parent".into(), department);
        }
        fields.insert("parent_position".into(), json!(Above::name_of(self.home.position.as_ref())));
        fields
    }
}
