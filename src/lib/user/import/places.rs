//! Where a row puts somebody: company, departments, position, roles and groups, and what is refused of them.

use super::faults::Faults;
use super::field::Field;
use super::plan::Plan;
use crate::context::{Denied, Why};
use crate::error::{Failure, Kind, Result};
use crate::text::fold::fold;
use crate::text::list;
use crate::text::name::{NameError, check_title};
use crate::user::edit::taken_away;
use crate::user::org_lookup::Ids;
use crate::user::{self, Facts, User, guard};

impl Plan<'_> {
    /// Looks up where the person works; what belongs to a company or department that is left is cleared.
    pub(super) fn place(
        &mut self,
        faults: &mut Faults<'_>,
        old: Option<&User>,
        facts: &mut Facts,
        by_hand: &[String],
    ) -> Result<()> {
        if let Some(old) = old {
            let may = guard::require_manage(self.cx, self.tx, old, "users.edit");
            if faults.check(Field::Email, may)?.is_none() {
                return Ok(());
            }
            if let Err(failure) = self.places.name_company(self.cx, self.tx, facts) {
                self.refuse(faults, place_of(&failure), failure)?;
            }
            clear_what_is_left(faults, &old.facts, facts);
        }
        if faults.places_are_good {
            let asked = facts.clone();
            let found = self.find_departments(faults, facts);
            let found = found.and_then(|()| self.places.resolve(self.cx, self.tx, old, facts));
            let refused = match found {
                Ok(ids) => {
                    old.map_or(Ok(()), |old| self.warn_of_taken(old, &asked, facts))?;
                    self.guard(old, facts, &ids).err().map(|failure| (Field::Email, failure))
                }
                Err(failure) => Some((
                    self.misnamed(&|field| faults.cell(field), &failure).unwrap_or(place_of(&failure)),
                    failure,
                )),
            };
            if refused.is_none() {
                self.check_without_groups(faults, &asked)?;
            }
            let is_refused = refused.is_some();
            if let Some((field, failure)) = refused {
                let is_certain = matches!(field, Field::Company | Field::Department | Field::Position);
                let cause = if is_certain { None } else { self.cause(faults, old, (&facts.email, &failure)) };
                self.refuse(faults, cause.unwrap_or(field), failure)?;
            }
            // What is not there was told of already.
            if !is_refused && !faults.cell(Field::Groups).is_empty() {
                let old = old.map(|old| &old.facts);
                self.places.leave_out_brought(self.cx, self.tx, (old, by_hand), facts)?;
            }
        }
        Ok(())
    }

    /// The cell with the name that nothing new can have.
    pub(super) fn misnamed<'t>(&self, cell: &dyn Fn(Field) -> &'t str, failure: &Failure) -> Option<Field> {
        let refused: &NameError = failure.get()?;
        let is_refused = |name: &str| check_title(name).as_ref() == Err(refused);
        [Field::Company, Field::Department, Field::Position].into_iter().find(|field| {
            let text = cell(*field);
            let names = if *field == Field::Department { self.cells.departments(text) } else { vec![text] };
            names.into_iter().any(|name| !name.is_empty() && is_refused(name))
        })
    }

    /// Finds the departments of a path, or plans them, each in the one before it.
    fn find_departments(&mut self, faults: &Faults<'_>, facts: &Facts) -> Result<()> {
        let path = self.cells.departments(faults.cell(Field::Department));
        match &facts.company {
            Some(company) if path.len() > 1 => self.places.find_path(self.cx, self.tx, company, &path),
            _ => Ok(()),
        }
    }

    /// Refuses roles that are to come without their groups and are not held.
    fn check_without_groups(&mut self, faults: &mut Faults<'_>, asked: &Facts) -> Result<()> {
        let said = list::split(faults.cell(Field::RolesWithoutGroups)).unwrap_or_default();
        if said.is_empty() {
            return Ok(());
        }
        let (held, _) = self.places.assignments_of(self.cx, self.tx, asked, (&asked.roles, &[]))?;
        let (bare, _) = self.places.assignments_of(self.cx, self.tx, asked, (&said, &[]))?;
        if let Some(role) = bare.iter().find(|role| !held.contains(role)) {
            let reason = format!("names the role `{role}`, which the row does not give them");
            let advice = "name it in `roles` too, or leave it out here".to_owned();
            faults.add(Field::RolesWithoutGroups, reason, Some(advice));
        }
        Ok(())
    }

    /// Notes which roles and groups a new company takes, for the row does not name them.
    fn warn_of_taken(&mut self, old: &User, asked: &Facts, facts: &Facts) -> Result<()> {
        let taken = taken_away(self.cx, self.tx, &mut self.places, old, (asked, facts))?.join(", ");
        let warning = || format!("the new company of `{}` takes from them: {taken}", facts.email);
        self.warning = if taken.is_empty() { self.warning.take() } else { Some(warning()) };
        Ok(())
    }

    /// Refuses a row that is not the actor's to bring in.
    fn guard(&self, old: Option<&User>, facts: &Facts, ids: &Ids) -> Result<()> {
        match old {
            Some(old) => guard::require_change(self.cx, self.tx, old, facts, ids),
            None => guard::require_create(self.cx, self.tx, facts, ids),
        }
    }

    /// The cell that the failure comes from: the row is written again, cell after cell, until it fails like that.
    fn cause(
        &mut self,
        faults: &Faults<'_>,
        old: Option<&User>,
        (email, failure): (&str, &Failure),
    ) -> Option<Field> {
        let told = failure.to_string();
        let mut facts = old.map_or_else(|| Facts::new(email.to_owned()), |old| old.facts.clone());
        let mut written = self.options.whom().fields().filter(|field| !faults.cell(*field).is_empty());
        written.find(|field| {
            let text = faults.cell(*field);
            if *field == Field::GroupsByHand {
                if faults.cell(Field::Groups).is_empty() {
                    facts.groups.clear();
                }
                facts.groups.extend(list::split(text).unwrap_or_default());
            }
            // What does not read has been told of already.
            self.cells.write(&mut facts, *field, text).ok();
            let mut facts = facts.clone();
            if let Some(old) = old {
                clear_what_is_left(faults, &old.facts, &mut facts);
            }
            let ids = self.places.resolve(self.cx, self.tx, old, &mut facts);
            let allowed = ids.and_then(|ids| self.guard(old, &facts, &ids));
            allowed.is_err_and(|failure| failure.to_string() == told)
        })
    }

    fn refuse(&self, faults: &mut Faults<'_>, field: Field, failure: Failure) -> Result<()> {
        let is_place = matches!(field, Field::Company | Field::Department | Field::Position);
        let can_be_made = failure.kind() == Kind::NotFound && is_place && !self.options.create_missing;
        let is_without = matches!(failure.get(), Some(user::Error::Without { .. }));
        let is_hidden = matches!(failure.get(), Some(crate::company::Error::Exists { .. }));
        let is_homeless = field == Field::Position
            && faults.cell(Field::Department).is_empty()
            && failure.kind() == Kind::NotFound;
        let is_list =
            matches!(field, Field::Roles | Field::RolesWithoutGroups | Field::Groups | Field::GroupsByHand);
        let is_joined =
            is_list && [",", "\n", "\r", "~~~", "|"].iter().any(|mark| faults.cell(field).contains(mark));
        let text = faults.cell(field);
        let nothing = faults.word_for_nothing(field);
        faults.failure(field, failure, |advice| match (can_be_made, is_without) {
            _ if nothing.is_some() => {
                let nothing = nothing.as_deref().unwrap_or_default();
                format!("if the word stands for nothing, say so: `{nothing}`")
            }
            _ if is_hidden => "ask an administrator who may".to_owned(),
            _ if is_homeless => {
                "a position belongs to a department: name the department in the same row, or once for all with `--set \
                department=NAME`"
                    .to_owned()
            }
            _ if is_list && text.contains("~~~") => {
                "`;` stands between entries; write it in the place of `~~~`".to_owned()
            }
            _ if is_joined => format!("`;` stands between entries; {advice}"),
            (true, _) if advice.ends_with('?') => {
                format!("{advice} `--create-missing` makes what is missing")
            }
            (true, _) => "`--create-missing` makes what is missing".to_owned(),
            (_, true) => "name the company in the same row".to_owned(),
            _ => advice,
        })
    }
}

/// The field of a name that means nothing, or nothing that fits; what is said of none is said of the company.
fn place_of(failure: &Failure) -> Field {
    if let Some(Denied { why: Why::Missing { permission, .. }, .. }) = failure.get() {
        return match *permission {
            "departments.add" => Field::Department,
            "positions.add" => Field::Position,
            _ => Field::Company,
        };
    }
    let named = |name| Field::ALL.into_iter().find(|field| field.name() == name);
    failure.explain().field().and_then(named).unwrap_or(Field::Company)
}

/// Clears department and position of the old place, unless the row names them again.
fn clear_what_is_left(faults: &Faults<'_>, old: &Facts, new: &mut Facts) {
    let folded = |name: &Option<String>| name.as_deref().map(fold);
    let leaves_company = old.company.is_some() && old.company != new.company;
    if leaves_company && faults.cell(Field::Department).is_empty() {
        new.department = None;
    }
    let leaves_department = leaves_company || folded(&old.department) != folded(&new.department);
    if leaves_department && faults.cell(Field::Position).is_empty() {
        new.position = None;
    }
}
