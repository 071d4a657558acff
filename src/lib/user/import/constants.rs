//! What is said for everybody, judged before the first row: a constant that cannot be is told once, and not row by row.

use super::Error;
use super::columns::Columns;
use super::error::option;
use super::field::Field;
use super::plan::Plan;
use crate::error::{Failure, Kind, Result};
use crate::user::Facts;

/// Places, and what the fields under them are looked up by, from the largest to the smallest.
const PLACES: [Field; 3] = [Field::Company, Field::Department, Field::Position];

impl Plan<'_> {
    /// Refuses a constant whose value is none of its field, or names what is not there. What a column may say otherwise is left to
    /// the rows: a department is one of the row's company.
    pub(super) fn check_constants(&mut self, columns: &Columns<'_>) -> Result<()> {
        let rules = columns.rules();
        let constants = rules.constants.iter().filter(|constant| self.options.whom().has(constant.field));
        let constants: Vec<_> = constants.collect();
        let mut all = Facts::new(String::new());
        for constant in &constants {
            let written = self.cells.write(&mut all, constant.field, &constant.value);
            written.map_err(|failure| self.refused(columns, constant.field, &failure))?;
        }
        let is_for_all = |field: Field| rules.constant(field).is_some() && columns.place(field).is_none();
        if !is_for_all(Field::Company) {
            return Ok(());
        }
        let mut facts =
            Facts { company: all.company, roles: all.roles, groups: all.groups, ..Facts::new(String::new()) };
        if is_for_all(Field::Department) {
            facts.department = all.department;
            facts.position = all.position.filter(|_| is_for_all(Field::Position));
            let path = self.cells.departments(rules.constant(Field::Department).unwrap_or_default());
            if let Some(company) = facts.company.clone().filter(|_| path.len() > 1) {
                let found = self.places.find_path(self.cx, self.tx, &company, &path);
                found.map_err(|failure| self.refused(columns, Field::Department, &failure))?;
            }
        }
        let found = self.places.resolve(self.cx, self.tx, None, &mut facts);
        self.places.forget_planned();
        match found {
            // What somebody may do is looked at row by row.
            Err(failure) if failure.kind() != Kind::Denied => {
                let named = |name| Field::ALL.into_iter().find(|field| field.name() == name);
                let field = failure.explain().field().and_then(named);
                let field = field
                    .or_else(|| self.misnamed(&|field| rules.constant(field).unwrap_or_default(), &failure));
                Err(self.refused(columns, field.unwrap_or(Field::Company), &failure))
            }
            _ => Ok(()),
        }
    }

    fn refused(&self, columns: &Columns<'_>, field: Field, failure: &Failure) -> Failure {
        let value = columns.rules().constant(field).unwrap_or_default();
        let can_be_made =
            failure.kind() == Kind::NotFound && PLACES.contains(&field) && !self.options.create_missing;
        let hint = failure.explain().hint();
        let hint = match hint {
            Some(hint) if can_be_made && hint.ends_with('?') => {
                Some(format!("{hint} `--create-missing` makes what is missing"))
            }
            _ if can_be_made => Some("`--create-missing` makes what is missing".to_owned()),
            hint => hint,
        };
        let option = option("--set", &format!("{}={value}", field.name())).trim().to_owned();
        Error::Constant { option, reason: failure.to_string(), hint }.into()
    }
}
