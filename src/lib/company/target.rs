//! How runs make companies: an import that may create what is missing.

use super::{KIND, New, by_id, create_in, delete_in};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Change, Done, Reverted, Step, Target, revert_creation, text};
use crate::store::Tx;

/// The target of companies.
pub(crate) struct Companies;

impl Target for Companies {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "companies"
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let new = New { name: text(&change.after, "name").to_owned(), ..New::default() };
        create_in(cx, tx, &new, step.run)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let Some(company) = by_id(tx, done.subject_id)? else { return Ok(Reverted::gone()) };
        revert_creation(company.revision, done, || delete_in(cx, tx, &company, step.run))
    }
}
