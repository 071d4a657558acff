mod department;
mod position;

use super::{New, UnitKind, create_in, store};
use crate::context::Context;
use crate::group;
use crate::store::Store;

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[store::STATEMENTS]);
}

#[test]
fn nothing_is_made_in_a_company_that_is_gone() {
    let cx = Context::for_tests();
    let new = New { name: "Board".to_owned(), owner_id: 404, ..New::default() };
    let failure = cx.write(|tx| create_in(&cx, tx, UnitKind::Department, &new, None)).unwrap_err();
    assert_eq!(failure.code(), "run.gone");
    let new = group::New { name: "Readers".to_owned(), company_id: Some(404), ..group::New::default() };
    let failure = cx.write(|tx| group::create_in(&cx, tx, &new, None)).unwrap_err();
    assert_eq!(failure.code(), "run.gone");
}
