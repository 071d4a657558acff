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

    fn counted(&self) -> &'static str {
        "positions"
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let department_id = step.id_or(change, "department", |name| {
            let reach = cx.actor.reach("positions.add");
            let company = step.id_or(change, "company", |name| Ok(company::get_in(tx, name, &reach)?.id))?;
            Ok(department::get_in(cx, tx, company, name)?.id)
        })?;
        let new = New { name: text(&change.after, "name").to_owned(), department_id, ..New::default() };
        create_in(cx, tx, &new, step.run)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let Some(position) = by_id(tx, done.subject_id)? else { return Ok(Reverted::gone()) };
        revert_creation(position.revision, done, || delete_in(cx, tx, &position, step.run))
    }
}
