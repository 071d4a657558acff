//! Whatever happens, the audit tells of all of it.

use proptest::prelude::*;

use super::board::{Site, step};
use crate::audit::{self, Proof};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a3_the_state_worked_forward_from_the_audit_is_the_state(
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let site = Site::after(&steps);
        let verdict = audit::verify(&site.cx, Proof { state: Some(crate::state::TABLES), ..Proof::default() }).unwrap();
        prop_assert_eq!(verdict.broken, None);
        let state = verdict.state.unwrap();
        prop_assert_eq!(state.first, Vec::new());
    }
}
