//! How runs make companies, for an import that may create what is missing, and end them.

use serde_json::{Value, json};

use super::{Company, KIND, New, by_id, create_in, delete_in, put_back, store};
use crate::audit::Fields;
use crate::context::Context;
use crate::error::Result;
use crate::run::{
    Action, Change, Done, Error, Reverted, Step, Target, check_out_of_bin, revert_creation, text,
};
use crate::store::Tx;
use crate::text::instant::Instant;

/// The target of companies.
pub(crate) struct CompanyTarget;

impl Target for CompanyTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "companies"
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        if change.action == Action::Delete {
            let company = as_planned(tx, change)?;
            check_out_of_bin(store::is_in_bin(tx, company.id)?, (KIND, &company.name))?;
            delete_in(cx, tx, &company, (step.made_by, step.run))?;
            return Ok(company.id);
        }
        let new = New { name: text(&change.after, "name").to_owned(), ..New::default() };
        create_in(cx, tx, &new, step.run)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let made_by = (step.made_by, step.run);
        match (by_id(tx, done.subject_id)?, done.change.action) {
            (None, Action::Delete) => Reverted::of(put_back(cx, tx, &as_it_was(done), made_by)),
            (Some(_), Action::Delete) => Ok(Reverted::changed()),
            (None, _) => Ok(Reverted::gone()),
            (Some(company), _) if store::is_in_bin(tx, company.id)? => Ok(Reverted::of_somebody_in_the_bin()),
            (Some(company), _) => revert_creation(company.revision, done, || {
                delete_in(cx, tx, &company, ("company.delete", step.run))
            }),
        }
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

/// The company as it was when its end was planned.
fn as_planned(tx: &Tx<'_>, change: &Change) -> Result<Company> {
    let name = || change.subject.clone();
    let found = change.subject_id.map(|id| by_id(tx, id)).transpose()?.flatten();
    let Some(company) = found else { return Err(Error::Gone { kind: KIND, name: name() }.into()) };
    match change.ids.before.get("revision").and_then(Value::as_i64) {
        Some(revision) if revision == company.revision => Ok(company),
        Some(_) => Err(Error::Changed { kind: KIND, name: name() }.into()),
        None => Err(Error::WithoutIds.into()),
    }
}

/// The company before it was deleted.
fn as_it_was(done: &Done) -> Company {
    let Change { before, ids, .. } = &done.change;
    let made = ids.before.get("created_at").and_then(Value::as_i64).unwrap_or_default();
    Company {
        id: done.subject_id,
        name: text(before, "name").to_owned(),
        slug: text(before, "slug").to_owned(),
        note: before.get("note").and_then(Value::as_str).map(str::to_owned),
        revision: 0,
        created_at: Instant::from_micros(made),
        updated_at: Instant::from_micros(made),
    }
}
