//! How runs make departments and positions: an import that may create what is missing.

use super::{New, UnitKind, by_id, create_in, delete_in, department_in};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::run::{self, Change, Done, Reverted, Step, Target, revert_creation, text};
use crate::store::Tx;

/// The target of departments, or that of positions.
pub(crate) struct Units(pub(crate) UnitKind);

impl Target for Units {
    fn kind(&self) -> &'static str {
        self.0.word()
    }

    fn counted(&self) -> &'static str {
        self.0.table()
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let find_company = || {
            step.id_or(change, "company", |name| {
                Ok(company::get_in(tx, name, &cx.actor.reach(self.0.permission_to_add()))?.id)
            })
        };
        let owner_id = match self.0 {
            UnitKind::Department => {
                let company_id = find_company()?;
                company::by_id(tx, company_id)?.ok_or(run::Error::NotMade)?.id
            }
            UnitKind::Position => {
                step.id_or(change, "department", |name| Ok(department_in(cx, tx, find_company()?, name)?.id))?
            }
        };
        let new = New { name: text(&change.after, "name").to_owned(), owner_id, ..New::default() };
        create_in(cx, tx, self.0, &new, step.run)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let Some(unit) = by_id(tx, self.0, done.subject_id)? else { return Ok(Reverted::gone()) };
        revert_creation(unit.revision, done, || delete_in(cx, tx, &unit, step.run))
    }
}
