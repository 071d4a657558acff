//! How runs make departments and positions, for an import that may create what is missing, and end them.

use serde_json::json;

use super::{
    Above, Home, New, Node, Unit, UnitKind, by_id, create_in, delete_in, department_in, put_back, store,
};
use crate::audit::Fields;
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::run::{Action, Change, Done, Error, Reverted, Step, Target, check_out_of_bin, revert_creation};
use crate::store::Tx;

/// The target of departments, or that of positions.
pub(crate) struct UnitTarget(pub(crate) UnitKind);

impl Target for UnitTarget {
    fn kind(&self) -> &'static str {
        self.0.word()
    }

    fn counted(&self) -> &'static str {
        self.0.table()
    }

    fn makers(&self, _: &str) -> &'static [&'static str] {
        match self.0 {
            UnitKind::Department => &["departments.delete"],
            UnitKind::Position => &["positions.delete"],
        }
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        if change.action == Action::Delete {
            let find = |id| by_id(tx, self.0, id);
            let unit = change.unchanged(self.0.word(), find, |unit| unit.revision)?;
            check_out_of_bin(store::is_in_bin(tx, self.0, unit.id)?, (self.0.word(), &unit.name))?;
            delete_in(cx, tx, &unit, (step.made_by, step.run))?;
            return Ok(unit.id);
        }
        let find_company = || {
            step.id_or(change, "company", |name| {
                Ok(company::get_in(tx, name, &cx.actor.scope(self.0.permission_to_add()))?.id)
            })
        };
        let owner_id = match self.0 {
            UnitKind::Department => {
                let company_id = find_company()?;
                company::by_id(tx, company_id)?.ok_or(Error::NotMade)?.id
            }
            UnitKind::Position => {
                step.id_or(change, "department", |name| Ok(department_in(cx, tx, find_company()?, name)?.id))?
            }
        };
        let parent = if self.0 == UnitKind::Department && change.after.contains_key("parent") {
            let find = |name: &str| Ok(department_in(cx, tx, owner_id, name)?.id);
            Some(Node::Department(step.id_or(change, "parent", find)?))
        } else {
            None
        };
        let new = New { name: change.will_be().field("name")?, owner_id, parent, ..New::default() };
        create_in(cx, tx, self.0, &new, step.run)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let put_back =
            || as_it_was(tx, self.0, done).and_then(|unit| put_back(cx, tx, unit, (step.made_by, step.run)));
        done.revert(by_id(tx, self.0, done.subject_id)?, put_back, |unit| {
            if store::is_in_bin(tx, self.0, unit.id)? {
                return Ok(Reverted::of_somebody_in_the_bin());
            }
            revert_creation(unit.revision, done, || {
                let action = self.0.either("department.delete", "position.delete");
                delete_in(cx, tx, &unit, (action, step.run))
            })
        })
    }
}

/// The end of a unit.
pub(super) fn ending(unit: &Unit) -> Change {
    let subject = (unit.name.clone(), unit.id);
    let mut change = Change::of(Action::Delete, unit.kind.word(), subject, (unit.fields(), Fields::new()));
    let id = |above: &Option<Above>| json!(above.as_ref().map(|above| above.id));
    change.ids.before = Fields::from_iter([
        ("revision".to_owned(), json!(unit.revision)),
        ("created_at".to_owned(), json!(unit.created_at.micros())),
        ("company".to_owned(), json!(unit.company_id)),
        ("department".to_owned(), id(&unit.home.department)),
        ("position".to_owned(), id(&unit.home.position)),
    ]);
    change
}

/// The unit before it was deleted, with what it hung under as that is called now.
fn as_it_was(tx: &Tx<'_>, kind: UnitKind, done: &Done) -> Result<Unit> {
    let was = done.change.was();
    let above = |kind: UnitKind, field: &str| -> Result<Option<Above>> {
        if was.field::<Option<&str>>(field)?.is_none() {
            return Ok(None);
        }
        let id = was.id(kind.word())?;
        match by_id(tx, kind, id)? {
            Some(unit) => Ok(Some(unit.into())),
            None => Err(Error::gone(tx, (kind.word(), id), None)?.into()),
        }
    };
    let company_id = was.id(company::KIND)?;
    let Some(company) = company::by_id(tx, company_id)? else {
        return Err(Error::gone(tx, (company::KIND, company_id), None)?.into());
    };
    let department = above(UnitKind::Department, kind.either("parent", "department"))?;
    let position = above(UnitKind::Position, "parent_position")?;
    let made = was.made_at()?;
    Ok(Unit {
        kind,
        id: done.subject_id,
        company_id,
        company: company.name,
        home: Home { department, position },
        name: was.field("name")?,
        color: was.field("color")?,
        note: was.field("note")?,
        revision: 0,
        created_at: made,
        updated_at: made,
    })
}
