mod department;
mod position;

use super::store;
use crate::store::Store;

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[store::STATEMENTS]);
}
