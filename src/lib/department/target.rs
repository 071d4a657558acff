//! How runs make departments: an import that may create what is missing.

use super::{KIND, New, by_id, create_in, delete_in};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Change, Done, Reverted, Step, Target, revert_creation, text};
use crate::store::Tx;

/// The target of departments.
pub(crate) struct Departments;

impl Target for Departments {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "departments"
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let company_id = step.id_or(change, "company", |name| {
            Ok(company::get_in(tx, name, &cx.actor.reach("departments.add"))?.id)
        })?;
        if company::by_id(tx, company_id)?.is_none() {
            return Err(run::Error::NotMade.into());
        }
        let new = New { name: text(&change.after, "name").to_owned(), company_id, ..New::default() };
        create_in(cx, tx, &new, step.run)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let Some(department) = by_id(tx, done.subject_id)? else { return Ok(Reverted::gone()) };
        revert_creation(department.revision, done, || delete_in(cx, tx, &department, step.run))
    }
}
