pub(crate) mod board;
mod operators;
mod past;
mod proved;
mod taken;
mod worlds;

use super::{effect, snapshot, store};
use crate::context::Context;

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in store::STATEMENTS {
            tx.assert_no_walk_of_memberships(sql);
        }
        for sql in effect::STATEMENTS {
            tx.assert_no_walk_of_memberships(sql);
        }
        for sql in snapshot::STATEMENTS {
            tx.sql().prepare(sql).unwrap();
        }
        Ok(())
    })
    .unwrap();
}
