use crate::context::Context;

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in super::store::STATEMENTS {
            tx.sql().prepare(sql)?;
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_run_is_found_by_the_beginning_of_its_id() {
    let cx = Context::for_tests();
    let failure = cx.read(|tx| super::get(tx, "nothing")).unwrap_err();
    assert_eq!(failure.code(), "run.not_found");
}
