mod department;
mod position;

use super::{New, UnitKind, create_in, store};
use crate::company;
use crate::context::Context;
use crate::error::Result;
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

#[test]
fn a_note_is_checked_by_what_makes_the_thing_whoever_asks() {
    let cx = Context::for_tests();
    let note = Some("a\u{1B}[2Jb".to_owned());
    let code = |made: Result<i64>| made.unwrap_err().code();
    let new = company::New { name: "Acme".to_owned(), note: note.clone(), ..company::New::default() };
    assert_eq!(code(cx.write(|tx| company::create_in(&cx, tx, &new, None))), "note.refused");
    let good = company::New { note: None, ..new };
    let owner_id = cx.write(|tx| company::create_in(&cx, tx, &good, None)).unwrap();
    let new = New { name: "Board".to_owned(), owner_id, note: note.clone(), ..New::default() };
    let made = cx.write(|tx| create_in(&cx, tx, UnitKind::Department, &new, None));
    assert_eq!(code(made), "note.refused");
    let new = group::New { name: "Readers".to_owned(), description: note, ..group::New::default() };
    assert_eq!(code(cx.write(|tx| group::create_in(&cx, tx, &new, None))), "note.refused");
}
