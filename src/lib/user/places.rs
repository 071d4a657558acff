//! Where a person works: the names in their facts, looked up as ids.
//!
//! One [`Places`] serves a whole run, so that a hundred thousand people of a few companies ask the store a few times.

use std::collections::HashMap;

use super::{Error, Facts};
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::{company, department, position};

/// The ids behind a person's company, department and position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ids {
    /// The company.
    pub(super) company: Option<i64>,
    /// A department of the company.
    pub(super) department: Option<i64>,
    /// A position under the department.
    pub(super) position: Option<i64>,
}

/// The found places of a run: an id and the name as it is stored.
#[derive(Debug, Default)]
pub(crate) struct Places {
    companies: HashMap<String, Found>,
    departments: HashMap<(i64, String), Found>,
    positions: HashMap<(i64, String), Found>,
}

#[derive(Debug, Clone)]
struct Found {
    id: i64,
    name: String,
}

impl Places {
    /// Looks up the places of `facts` and writes their names as they are stored; a position without a department brings
    /// its own when it is the only one of its name in the company.
    pub(super) fn resolve(&mut self, tx: &Tx<'_>, facts: &mut Facts) -> Result<Ids> {
        let Some(company) = &facts.company else {
            return match (&facts.department, &facts.position) {
                (None, None) => Ok(Ids::default()),
                (Some(_), _) => Err(Error::Without { what: "department", of: "company" }.into()),
                (None, Some(_)) => Err(Error::Without { what: "position", of: "company" }.into()),
            };
        };
        let company = self.company(tx, company)?;
        facts.company = Some(company.name.clone());
        if facts.department.is_none()
            && let Some(name) = &facts.position
        {
            facts.department = Some(department_of_position(tx, company.id, &company.name, name)?);
        }
        let Some(department) = &facts.department else {
            return Ok(Ids { company: Some(company.id), ..Ids::default() });
        };
        let department = self.department(tx, company.id, department)?;
        facts.department = Some(department.name.clone());
        let position = match &facts.position {
            Some(name) => Some(self.position(tx, &department, name)?),
            None => None,
        };
        facts.position = position.as_ref().map(|position| position.name.clone());
        Ok(Ids {
            company: Some(company.id),
            department: Some(department.id),
            position: position.map(|position| position.id),
        })
    }

    fn company(&mut self, tx: &Tx<'_>, name: &str) -> Result<Found> {
        let key = fold(name);
        if let Some(found) = self.companies.get(&key) {
            return Ok(found.clone());
        }
        let company = company::get_in(tx, name)?;
        let found = Found { id: company.id, name: company.name };
        self.companies.insert(key, found.clone());
        Ok(found)
    }

    fn department(&mut self, tx: &Tx<'_>, company_id: i64, name: &str) -> Result<Found> {
        let key = (company_id, fold(name));
        if let Some(found) = self.departments.get(&key) {
            return Ok(found.clone());
        }
        let department = department::get_in(tx, company_id, name)?;
        let found = Found { id: department.id, name: department.name };
        self.departments.insert(key, found.clone());
        Ok(found)
    }

    fn position(&mut self, tx: &Tx<'_>, department: &Found, name: &str) -> Result<Found> {
        let key = (department.id, fold(name));
        if let Some(found) = self.positions.get(&key) {
            return Ok(found.clone());
        }
        let position = position::find_under(tx, department.id, name)?.ok_or_else(|| {
            Error::PositionElsewhere { position: name.to_owned(), department: department.name.clone() }
        })?;
        let found = Found { id: position.id, name: position.name };
        self.positions.insert(key, found.clone());
        Ok(found)
    }
}

fn department_of_position(tx: &Tx<'_>, company_id: i64, company: &str, name: &str) -> Result<String> {
    let mut departments = position::departments_with(tx, company_id, name)?;
    match (departments.pop(), departments.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => {
            Err(Error::PositionAmbiguous { position: name.to_owned(), company: company.to_owned() }.into())
        }
        (None, _) => {
            Err(position::Error::NotFound { name: name.to_owned(), of: company.to_owned(), near: None }
                .into())
        }
    }
}
