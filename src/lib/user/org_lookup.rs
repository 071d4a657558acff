//! Where a person works and what they hold: the names in their facts, looked up as ids.
//!
//! One [`OrgLookup`] serves a whole run, so that a hundred thousand people of a few companies ask the store a few times. A
//! plan that may make what is missing uses the same lookups; what it will make has a negative id until it exists.

use std::collections::HashMap;

use super::assignment_lookup::{AssignmentIds, AssignmentLookup};
use super::{Error, Facts, User, guard};
use crate::audit::Fields;
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::org::unit::{self, UnitKind};
use crate::state::KeptHistory;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::slug::slug;

/// The ids behind the names in a person's facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ids {
    /// The company.
    pub(super) company: Option<i64>,
    /// A department of the company.
    pub(super) department: Option<i64>,
    /// A position under the department.
    pub(super) position: Option<i64>,
    /// Roles and groups.
    pub(super) assignments: AssignmentIds,
}

/// The facts that say where a person works, from the largest to the smallest.
const PLACES: [&str; 3] = [company::KIND, unit::DEPARTMENT, unit::POSITION];

/// The found places of a run: an id and the name as it is stored.
#[derive(Debug, Default)]
pub(crate) struct OrgLookup {
    companies: HashMap<String, Found>,
    departments: HashMap<(i64, String), Found>,
    positions: HashMap<(i64, String), Found>,
    planned: Option<Planned>,
    /// What the planned departments that are in another are in.
    planned_in: HashMap<i64, Found>,
    /// Companies are found wherever they are: a run names those of its people, and says whose they are not to change.
    finds_all: bool,
    assignments: AssignmentLookup,
    /// What groups granted and roles brought when people came to the bin.
    pub(super) history: KeptHistory,
}

#[derive(Debug, Clone)]
struct Found {
    /// Negative for a place that is only planned.
    id: i64,
    name: String,
}

impl Found {
    /// The id, unless it is only planned.
    fn stored(&self) -> Option<i64> {
        Some(self.id).filter(|id| *id >= 0)
    }

    /// As what something belongs to.
    fn within(&self, field: &'static str) -> (&'static str, String, i64) {
        (field, self.name.clone(), self.id)
    }
}

/// A place that a plan has to make first.
#[derive(Debug)]
pub(super) struct NewPlace {
    /// What it is.
    pub(super) kind: &'static str,
    /// The number it goes by in the plan, below zero.
    pub(super) id: i64,
    /// Its name.
    pub(super) name: String,
    /// What it belongs to: the field, the name, the id or number.
    pub(super) within: Vec<(&'static str, String, i64)>,
}

/// Places that do not exist yet.
#[derive(Debug, Default)]
struct Planned {
    last_id: i64,
    /// Those the plan was not told of yet, each with where it is kept.
    new: Vec<(NewPlace, Kept)>,
}

#[derive(Debug)]
enum Kept {
    Company(String),
    Department((i64, String)),
    Position((i64, String)),
}

impl OrgLookup {
    /// Those of a run, which brings back what people held: inactive roles as well.
    pub(super) fn of_run() -> Self {
        Self { assignments: AssignmentLookup::of_run(), ..Self::default() }
    }

    /// Those of a run that is made or taken back, whose names were looked up before, and which says all that it takes.
    pub(super) fn of_changes() -> Self {
        Self { finds_all: true, assignments: AssignmentLookup::of_changes(), ..Self::default() }
    }

    /// Takes places that do not exist as planned, instead of refusing them.
    pub(super) fn planning(self) -> Self {
        Self { planned: Some(Planned::default()), ..self }
    }

    /// The places that were planned since this was last asked, each after what it belongs to.
    pub(super) fn take_planned(&mut self) -> Vec<NewPlace> {
        let new = self.planned.as_mut().map(|planned| std::mem::take(&mut planned.new)).unwrap_or_default();
        new.into_iter().map(|(place, _)| place).collect()
    }

    /// Takes back what was planned since [`OrgLookup::take_planned`]: nobody is going to work there.
    pub(super) fn forget_planned(&mut self) {
        let Some(planned) = &mut self.planned else { return };
        for (_, kept) in planned.new.drain(..) {
            match kept {
                Kept::Company(key) => self.companies.remove(&key),
                Kept::Department(key) => self.departments.remove(&key),
                Kept::Position(key) => self.positions.remove(&key),
            };
        }
    }

    /// Looks up every name in `facts` and writes it as it is stored; roles and groups of `old` that do not fit the
    /// company any more are taken away. Of a place that stays only the company is told, and of roles and groups that stay there
    /// nothing: nothing of either will be written.
    ///
    /// # Errors
    /// Also when the actor has no business with people of that company.
    pub(super) fn resolve(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        old: Option<&User>,
        facts: &mut Facts,
    ) -> Result<Ids> {
        let stays = old.filter(|old| old.facts.place() == facts.place());
        let old_facts = old.map(|old| &old.facts);
        let mut ids = if let Some(old) = stays {
            guard::require_entry(cx, Some(old), facts, old.company_id)?;
            Ids { company: old.company_id, ..Ids::default() }
        } else {
            let company = facts.company.as_deref().map(|name| self.company(cx, tx, name)).transpose()?;
            guard::require_entry(cx, old, facts, company.as_ref().map(|company| company.id))?;
            self.resolve_place(cx, tx, company, facts)?
        };
        let holds_the_same = |old: &User| {
            old.facts.assignments() == facts.assignments() && old.facts.directory == facts.directory
        };
        if !stays.is_some_and(holds_the_same) {
            ids.assignments = self.assignments.resolve(cx, tx, (ids.company, old_facts), facts)?;
        }
        Ok(ids)
    }

    /// The place; a position without a department brings its own when it is the only one of its name in the company.
    fn resolve_place(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        company: Option<Found>,
        facts: &mut Facts,
    ) -> Result<Ids> {
        let Some(company) = company else {
            return match (&facts.department, &facts.position) {
                (None, None) => Ok(Ids::default()),
                (Some(_), _) => Err(Error::Without { what: "department", of: "company" }.into()),
                (None, Some(_)) => Err(Error::Without { what: "position", of: "company" }.into()),
            };
        };
        facts.company = Some(company.name.clone());
        if facts.department.is_none()
            && let Some(name) = &facts.position
        {
            facts.department = Some(department_of_position(tx, company.id, &company.name, name)?);
        }
        let Some(department) = &facts.department else {
            return Ok(Ids { company: Some(company.id), ..Ids::default() });
        };
        let department = self.department(cx, tx, &company, department)?;
        facts.department = Some(department.name.clone());
        let position = match &facts.position {
            Some(name) => Some(self.position(cx, tx, (&company, &department), name)?),
            None => None,
        };
        facts.position = position.as_ref().map(|position| position.name.clone());
        Ok(Ids {
            company: Some(company.id),
            department: Some(department.id),
            position: position.map(|position| position.id),
            ..Ids::default()
        })
    }

    /// Leaves out groups that a role brings, unless they were given by hand before or are said to be: what was exported
    /// names both kinds.
    pub(super) fn leave_out_brought(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        by_hand: (Option<&Facts>, &[String]),
        facts: &mut Facts,
    ) -> Result<()> {
        self.assignments.leave_out_brought(cx, tx, by_hand, facts)
    }

    /// The roles and groups of these names as they are stored, whether they fit or not, for somebody who has `old`.
    pub(super) fn assignments_of(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        old: &Facts,
        names: (&[String], &[String]),
    ) -> Result<(Vec<String>, Vec<String>)> {
        self.assignments.named(cx, tx, old, names)
    }

    /// The groups that a new company takes from somebody though the role that brings them stays: each with the role. What
    /// was given by hand too stands in the facts.
    pub(super) fn left_behind(
        &mut self,
        tx: &Tx<'_>,
        old: &User,
        facts: &Facts,
    ) -> Result<Vec<(String, String)>> {
        if old.facts.company == facts.company {
            Ok(Vec::new())
        } else {
            self.assignments.left_behind(tx, old, facts)
        }
    }

    /// The ids behind the names in these fields of a person's facts, for a plan to keep: in a snapshot a name as it is
    /// stored means one thing only.
    pub(super) fn ids_of(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        fields: &Fields,
        facts: &Facts,
    ) -> Result<Fields> {
        let mut ids = Fields::new();
        if PLACES.iter().any(|field| fields.get(*field).is_some_and(|name| !name.is_null())) {
            let [company, department, position] = facts.place();
            let company = company.map(|name| self.company(cx, tx, name)).transpose()?;
            let department = match (&company, department) {
                (Some(company), Some(name)) => Some(self.department(cx, tx, company, name)?),
                _ => None,
            };
            let position = match (&company, &department, position) {
                (Some(company), Some(department), Some(name)) => {
                    Some(self.position(cx, tx, (company, department), name)?)
                }
                _ => None,
            };
            for (field, found) in PLACES.into_iter().zip([company, department, position]) {
                if let Some(found) = found.filter(|_| fields.contains_key(field)) {
                    ids.insert(field.to_owned(), found.id.into());
                }
            }
        }
        self.assignments.ids_of(cx, tx, (fields, facts), &mut ids)?;
        Ok(ids)
    }

    /// Writes the company's name as it is stored, so that it can be compared.
    pub(super) fn name_company(&mut self, cx: &Context, tx: &Tx<'_>, facts: &mut Facts) -> Result<()> {
        if let Some(company) = &mut facts.company {
            *company = self.company(cx, tx, company)?.name;
        }
        Ok(())
    }

    fn company(&mut self, cx: &Context, tx: &Tx<'_>, name: &str) -> Result<Found> {
        let key = fold(name);
        if let Some(found) = self.companies.get(&key) {
            return Ok(found.clone());
        }
        let seen = if self.finds_all {
            CompanyScope::All
        } else {
            cx.actor.scope_of_any(&["org.view", "users.add", "users.edit", "directory.sync"])
        };
        let known = company::find_in(tx, name)?.filter(|company| seen.contain(Some(company.id)));
        let found = match (known, &mut self.planned) {
            (Some(company), _) => Found { id: company.id, name: company.name },
            (None, None) => return company::not_found(tx, name, &seen),
            (None, Some(planned)) => {
                let of_that_slug = |found: &&Found| found.id < 0 && slug(&found.name).as_ref() == Some(&key);
                let first = self.companies.values().filter(of_that_slug).max_by_key(|found| found.id);
                if let Some(found) = first {
                    return Ok(found.clone());
                }
                let name = company::check_new(cx, tx, name)?;
                planned.add(company::KIND, name, Vec::new(), Kept::Company(key.clone()))
            }
        };
        self.companies.insert(key, found.clone());
        Ok(found)
    }

    fn department(&mut self, cx: &Context, tx: &Tx<'_>, company: &Found, name: &str) -> Result<Found> {
        let key = (company.id, fold(name));
        if let Some(found) = self.departments.get(&key) {
            return Ok(found.clone());
        }
        let found = match (unit::find_in(tx, UnitKind::Department, company.id, name)?, &mut self.planned) {
            (Some(department), _) => Found { id: department.id, name: department.name },
            (None, None) => {
                let department = unit::department_in(cx, tx, company.id, name)?;
                Found { id: department.id, name: department.name }
            }
            (None, Some(planned)) => {
                let name = unit::check_new(cx, UnitKind::Department, company.stored(), name)?;
                planned.add(
                    unit::DEPARTMENT,
                    name,
                    vec![company.within(company::KIND)],
                    Kept::Department(key.clone()),
                )
            }
        };
        self.departments.insert(key, found.clone());
        Ok(found)
    }

    /// Finds the departments of these names, each in the one before it; with [`OrgLookup::planning`] plans what is missing.
    ///
    /// # Errors
    /// Also when a department lies elsewhere.
    pub(super) fn find_path(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        company: &str,
        path: &[&str],
    ) -> Result<()> {
        let company = self.company(cx, tx, company)?;
        let mut above: Option<Found> = None;
        for name in path {
            let key = (company.id, fold(name));
            let is_known = self.departments.contains_key(&key)
                || unit::find_in(tx, UnitKind::Department, company.id, name)?.is_some();
            let found = match (&above, &mut self.planned) {
                (Some(above), Some(planned)) if !is_known => {
                    let name = unit::check_new(cx, UnitKind::Department, company.stored(), name)?;
                    let within = vec![company.within(company::KIND), above.within("parent")];
                    let found = planned.add(unit::DEPARTMENT, name, within, Kept::Department(key.clone()));
                    self.departments.insert(key, found.clone());
                    self.planned_in.insert(found.id, above.clone());
                    found
                }
                _ => self.department(cx, tx, &company, name)?,
            };
            if let Some(above) = above {
                self.check_lies_in(tx, company.id, &found, &above)?;
            }
            above = Some(found);
        }
        Ok(())
    }

    /// Refuses a department that lies elsewhere than a path says.
    fn check_lies_in(&self, tx: &Tx<'_>, company: i64, found: &Found, above: &Found) -> Result<()> {
        let lies_in = match found.stored() {
            None => self.planned_in.get(&found.id).map(|home| (home.id, home.name.clone())),
            Some(_) => unit::find_in(tx, UnitKind::Department, company, &found.name)?
                .and_then(|unit| Some((unit.home.department_id()?, unit.home.department?.name))),
        };
        if lies_in.as_ref().is_some_and(|(id, _)| *id == above.id) {
            return Ok(());
        }
        let lies_in = lies_in.map_or_else(|| "no other".to_owned(), |(_, name)| format!("`{name}`"));
        let (department, said) = (found.name.clone(), format!("`{}`", above.name));
        Err(Error::OtherParent { department, lies_in, said }.into())
    }

    fn position(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        (company, department): (&Found, &Found),
        name: &str,
    ) -> Result<Found> {
        let key = (department.id, fold(name));
        if let Some(found) = self.positions.get(&key) {
            return Ok(found.clone());
        }
        let found = match (unit::find_under(tx, department.id, name)?, &mut self.planned) {
            (Some(position), _) => Found { id: position.id, name: position.name },
            (None, None) => {
                return Err(unit::unknown_under(tx, company.id, department.id, name)?.into());
            }
            (None, Some(planned)) => {
                let name = unit::check_new(cx, UnitKind::Position, company.stored(), name)?;
                let within = vec![department.within(unit::DEPARTMENT), company.within(company::KIND)];
                planned.add(unit::POSITION, name, within, Kept::Position(key.clone()))
            }
        };
        self.positions.insert(key, found.clone());
        Ok(found)
    }
}

impl Planned {
    fn add(
        &mut self,
        kind: &'static str,
        name: String,
        within: Vec<(&'static str, String, i64)>,
        kept: Kept,
    ) -> Found {
        self.last_id -= 1;
        let id = self.last_id;
        self.new.push((NewPlace { kind, id, name: name.clone(), within }, kept));
        Found { id, name }
    }
}

fn department_of_position(tx: &Tx<'_>, company_id: i64, company: &str, name: &str) -> Result<String> {
    let mut departments = unit::departments_with(tx, company_id, name)?;
    match (departments.pop(), departments.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            Err(Error::PositionAmbiguous { position: name.to_owned(), company: company.to_owned() }.into())
        }
        (None, _) => {
            let (kind, name, within) = (UnitKind::Position, name.to_owned(), Some(company.to_owned()));
            Err(unit::Error::NotFound { kind, name, within, near: None, elsewhere: Vec::new() }.into())
        }
    }
}
