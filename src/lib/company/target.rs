//! How runs make companies, for an import that may create what is missing, and end them.

use serde_json::json;

use super::{Company, KIND, New, by_id, create_in, delete_in, put_back, store};
use crate::audit::Fields;
use crate::context::Context;
use crate::error::Result;
use crate::run::{Action, Change, Done, Error, Reverted, Step, Target, check_out_of_bin, revert_creation};
use crate::store::Tx;

/// The target of companies.
pub(crate) struct CompanyTarget;

impl Target for CompanyTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "companies"
    }

    fn makers(&self, _: &str) -> &'static [&'static str] {
        &["companies.delete"]
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        if change.action == Action::Delete {
            let company = change.unchanged(KIND, |id| by_id(tx, id), |company| company.revision)?;
            check_out_of_bin(store::is_in_bin(tx, company.id)?, (KIND, &company.name))?;
            delete_in(cx, tx, &company, (step.made_by, step.run))?;
            return Ok(company.id);
        }
        let new = New { name: change.will_be().field("name")?, ..New::default() };
        create_in(cx, tx, &new, step.run)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let put_back = || put_back(cx, tx, &as_it_was(done)?, (step.made_by, step.run));
        done.revert(by_id(tx, done.subject_id)?, put_back, |company| {
            if store::is_in_bin(tx, company.id)? {
                return Ok(Reverted::of_somebody_in_the_bin());
            }
            revert_creation(company.revision, done, || {
                delete_in(cx, tx, &company, ("company.delete", step.run))
            })
        })
    }
}

/// The end of a company.
pub(super) fn ending(company: &Company) -> Change {
    let subject = (company.name.clone(), company.id);
    let mut change = Change::of(Action::Delete, KIND, subject, (company.fields(), Fields::new()));
    change.ids.before = Fields::from_iter([
        ("revision".to_owned(), json!(company.revision)),
        ("created_at".to_owned(), json!(company.created_at.micros())),
    ]);
    change
}

/// The company before it was deleted.
fn as_it_was(done: &Done) -> Result<Company, Error> {
    let was = done.change.was();
    let made = was.made_at()?;
    Ok(Company {
        id: done.subject_id,
        name: was.field("name")?,
        slug: was.field("slug")?,
        note: was.field("note")?,
        revision: 0,
        created_at: made,
        updated_at: made,
        control_word_at: None,
    })
}
