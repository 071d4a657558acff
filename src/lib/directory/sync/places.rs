//! Departments and positions, as a connection follows them.

use std::collections::{BTreeMap, HashMap};

use crate::directory::connection::{Facts as ConnectionFacts, Places as Mode};
use crate::directory::mapping::Candidate;
use crate::error::{Kind, Result};
use crate::org::unit::{self, UnitKind};
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::name::check_title;
use crate::user::Facts;

/// Finds the departments and positions that a directory names, each once.
pub(super) struct Places {
    company_id: i64,
    departments: Mode,
    positions: Mode,
    /// By name, with the id of that which is here.
    known_departments: HashMap<String, Option<i64>>,
    known_positions: HashMap<(i64, String), bool>,
}

impl Places {
    pub(super) fn of(facts: &ConnectionFacts) -> Self {
        Self {
            company_id: facts.company_id,
            departments: facts.following.departments,
            positions: facts.following.positions,
            known_departments: HashMap::new(),
            known_positions: HashMap::new(),
        }
    }

    /// Whether some are made where they are missing.
    pub(super) fn makes_any(&self) -> bool {
        [self.departments, self.positions].contains(&Mode::Create)
    }

    /// Writes where somebody works; counts what is not here and not made, and leaves that as it was;
    /// with a department also the position.
    pub(super) fn write(
        &mut self,
        tx: &Tx<'_>,
        facts: &mut Facts,
        said: &Candidate,
        missing: &mut BTreeMap<String, u64>,
    ) -> Result<()> {
        if let Some(name) = asked(said.department.as_deref(), self.departments)
            && !is_called(facts.department.as_deref(), &name)
        {
            if self.department(tx, &name)?.is_some() || self.departments == Mode::Create {
                (facts.department, facts.position) = (Some(name), None);
            } else {
                *missing.entry(format!("department `{name}`")).or_default() += 1;
                // The position is one of that department, and none of where they were before.
                return Ok(());
            }
        }
        let Some(name) = asked(said.position.as_deref(), self.positions) else { return Ok(()) };
        let Some(department) = facts.department.clone() else { return Ok(()) };
        if is_called(facts.position.as_deref(), &name) {
            return Ok(());
        }
        if self.has_position(tx, &department, &name)? || self.positions == Mode::Create {
            facts.position = Some(name);
        } else {
            *missing.entry(format!("position `{name}` in `{department}`")).or_default() += 1;
        }
        Ok(())
    }

    fn department(&mut self, tx: &Tx<'_>, name: &str) -> Result<Option<i64>> {
        let key = fold(name);
        if let Some(known) = self.known_departments.get(&key) {
            return Ok(*known);
        }
        let found = unit::find_in(tx, UnitKind::Department, self.company_id, name)?.map(|unit| unit.id);
        self.known_departments.insert(key, found);
        Ok(found)
    }

    fn has_position(&mut self, tx: &Tx<'_>, department: &str, name: &str) -> Result<bool> {
        let Some(department) = self.department(tx, department)? else { return Ok(false) };
        let key = (department, fold(name));
        if let Some(known) = self.known_positions.get(&key) {
            return Ok(*known);
        }
        let found = match unit::find_under(tx, department, name) {
            Ok(found) => found.is_some(),
            // Several below the department are called so, and nobody says which is meant.
            Err(failure) if failure.kind() == Kind::Refused => false,
            Err(failure) => return Err(failure),
        };
        self.known_positions.insert(key, found);
        Ok(found)
    }
}

/// What is said, where it is followed and can be the name of a place.
fn asked(said: Option<&str>, mode: Mode) -> Option<String> {
    said.filter(|_| mode != Mode::Ignore).and_then(|said| check_title(said).ok())
}

fn is_called(has: Option<&str>, name: &str) -> bool {
    has.is_some_and(|has| fold(has) == fold(name))
}
