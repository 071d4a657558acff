#[test]
fn every_statement_fits_the_schema() {
    let cx = crate::context::Context::for_tests();
    cx.read(|tx| {
        for sql in super::store::STATEMENTS {
            tx.sql().prepare(sql)?;
        }
        Ok(())
    })
    .unwrap();
}
