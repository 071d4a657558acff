mod operators;

use super::store;
use super::unit::{self, Edit, Selector, Unit, UnitKind, Uses};
use crate::context::Context;
use crate::error::Result;
use crate::registry::engine;
use crate::store::Store;

/// Changes a unit, whoever loses a position by that.
pub(crate) fn edit(
    cx: &Context,
    kind: UnitKind,
    which: &Selector,
    edit: &Edit,
) -> Result<(Unit, Uses, Vec<String>)> {
    let edited = unit::edit(cx, &mut engine(), kind, which, edit)?;
    Ok((edited.unit, edited.uses, edited.changed))
}

/// Deletes a unit, whoever loses it by that.
pub(crate) fn delete(cx: &Context, kind: UnitKind, which: &Selector) -> Result<Unit> {
    Ok(unit::delete(cx, &mut engine(), kind, which)?.0)
}

/// Puts a person somewhere in a company; `bin` into the bin.
pub(crate) fn add_person(
    cx: &Context,
    email: &str,
    (company_id, department_id, position_id): (i64, Option<i64>, Option<i64>),
    bin: bool,
) -> i64 {
    let sql = "
        INSERT INTO users (
            email, email_folded, active, first_name, last_name, company_id, department_id, position_id, sort_name,
            search, deleted_at, revision, created_at, updated_at
        )
        VALUES (?1, ?1, 1, 'Anna', ?1, ?2, ?3, ?4, ?1, ?1, ?5, 1, 0, 0)";
    let deleted_at = bin.then_some(1);
    cx.write(|tx| {
        tx.sql().prepare(sql)?.execute((email, company_id, department_id, position_id, deleted_at))?;
        Ok(tx.sql().last_insert_rowid())
    })
    .unwrap()
}

/// Where a person is.
pub(crate) fn place_of(cx: &Context, id: i64) -> (Option<i64>, Option<i64>) {
    let sql = "SELECT department_id, position_id FROM users WHERE id = ?1";
    cx.read(|tx| Ok(tx.sql().query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)))?)).unwrap()
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[store::STATEMENTS]);
}
