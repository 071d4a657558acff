use super::{account, outbox, route, server};
use crate::store::Store;

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[
        server::STATEMENTS,
        account::STATEMENTS,
        route::STATEMENTS,
        outbox::STATEMENTS,
        outbox::STATEMENTS_OF_RUN,
    ]);
}
