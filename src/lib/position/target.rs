//! How runs make positions: an import that may create what is missing.

use super::{KIND, New, by_id, create_in, delete_in};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Change, Done, Reverted, Step, Target, revert_creation, text};
use crate::store::Tx;
use crate::{company, department};

/// The target of positions.
pub(crate) struct Positions;

impl Target for Positions {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<()> {
        let company_id =
            company::get_in(tx, text(&change.after, "company"), &cx.actor.reach("positions.add"))?.id;
        step.check_name(tx, (company::KIND, company_id), text(&change.after, "company"))?;
        let department_id = department::get_in(cx, tx, company_id, text(&change.after, "department"))?.id;
        step.check_name(tx, (department::KIND, department_id), text(&change.after, "department"))?;
        let new = New { name: text(&change.after, "name").to_owned(), department_id, ..New::default() };
        create_in(cx, tx, &new, Some(step.run)).map(|_| ())
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let Some(position) = by_id(tx, done.subject_id)? else { return Ok(Reverted::gone()) };
        revert_creation(position.revision, done, || delete_in(cx, tx, &position, Some(step.run)))
    }
}
