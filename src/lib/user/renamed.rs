//! Names that were written down earlier, as they are now.
//!
//! The plan of a held run and the inverse of an applied one name companies, departments, positions, roles and groups, and
//! keep their ids. Since then things may have been renamed or moved, and a name may have passed from one to another: what
//! counts is the id.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Value, json};

use crate::audit::Fields;
use crate::error::Result;
use crate::org::unit::{self, UnitKind};
use crate::run::{Error, Step};
use crate::store::Tx;
use crate::{company, group, role};

/// The facts that name one thing, and those that name several.
const PLACES: [&str; 3] = ["company", "department", "position"];
const LISTS: [&str; 4] = ["roles", "roles_without_groups", "groups", "directory_groups"];

/// The names of now, each looked up once a run.
#[derive(Default)]
pub(super) struct Names {
    known: HashMap<(&'static str, i64), String>,
}

impl Names {
    /// The fields with every name as it is now.
    ///
    /// # Errors
    /// When something is gone, or the plan did not keep what a name means.
    pub(super) fn of(
        &mut self,
        tx: &Tx<'_>,
        step: &Step<'_>,
        fields: &Fields,
        ids: &Fields,
    ) -> Result<Fields> {
        let mut now = fields.clone();
        for field in PLACES.into_iter().filter(|field| fields.contains_key(*field)) {
            if let Some(id) = step.id(fields, ids, field)? {
                now.insert(field.to_owned(), json!(self.name(tx, step, (field, id))?));
            }
        }
        for field in LISTS.into_iter().filter(|field| fields.contains_key(*field)) {
            let ids = step.list(fields, ids, field)?;
            let names = ids.into_iter().map(|id| Ok(self.name(tx, step, (field, id))?.to_owned()));
            let mut names = names.collect::<Result<Vec<String>>>()?;
            names.sort_unstable();
            now.insert(field.to_owned(), Value::from(names));
        }
        Ok(now)
    }

    fn name(&mut self, tx: &Tx<'_>, step: &Step<'_>, (field, id): (&'static str, i64)) -> Result<&str> {
        Ok(match self.known.entry((field, id)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let kind = kind(field);
                match look_up(tx, kind, id)? {
                    Some(name) => new.insert(name),
                    None => return Err(Error::gone(tx, (kind, id), step.run)?.into()),
                }
            }
        })
    }
}

/// Refuses places that are not where somebody will be: by its name alone a department would be found in any company.
///
/// `now` has the ids of the company, the department and the position that they are in.
pub(super) fn check_places(
    tx: &Tx<'_>,
    step: &Step<'_>,
    (fields, ids): (&Fields, &Fields),
    now: [Option<i64>; 3],
) -> Result<()> {
    let [company, department, position] = now;
    let id_of =
        |field: &str, now| if fields.contains_key(field) { step.id(fields, ids, field) } else { Ok(now) };
    let company = id_of(company::KIND, company)?;
    let department = id_of(unit::DEPARTMENT, department)?;
    let position = id_of(unit::POSITION, position)?;
    let unit_of = |kind: UnitKind, id: Option<i64>| match id.filter(|_| fields.contains_key(kind.word())) {
        Some(id) => unit::by_id(tx, kind, id),
        None => Ok(None),
    };
    if let Some(unit) = unit_of(UnitKind::Department, department)?
        && company != Some(unit.company_id)
    {
        let (kind, of) = (unit::DEPARTMENT, company::KIND);
        return Err(Error::Elsewhere { kind, name: unit.name, of, above: unit.company }.into());
    }
    if let Some(unit) = unit_of(UnitKind::Position, position)?
        && department != unit.home.department_id()
    {
        let above = unit.home.department.map(|above| above.name).unwrap_or_default();
        let (kind, of) = (unit::POSITION, unit::DEPARTMENT);
        return Err(Error::Elsewhere { kind, name: unit.name, of, above }.into());
    }
    Ok(())
}

fn kind(field: &str) -> &'static str {
    match field {
        "company" => company::KIND,
        "department" => unit::DEPARTMENT,
        "position" => unit::POSITION,
        "groups" | "directory_groups" => group::KIND,
        _ => role::KIND,
    }
}

/// What the thing with that id is called now, as people's facts name it.
fn look_up(tx: &Tx<'_>, kind: &'static str, id: i64) -> Result<Option<String>> {
    Ok(match kind {
        company::KIND => company::by_id(tx, id)?.map(|company| company.name),
        unit::DEPARTMENT => unit::by_id(tx, UnitKind::Department, id)?.map(|department| department.name),
        unit::POSITION => unit::by_id(tx, UnitKind::Position, id)?.map(|position| position.name),
        group::KIND => group::by_id(tx, id)?.map(|group| group.canonical()),
        _ => role::held_by_id(tx, id)?.map(|role| role.slug),
    })
}
