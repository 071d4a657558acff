use super::{Action, Change, Done, Reverted, Spec, Step, Target};
use crate::audit::Fields;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

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

/// A target that forgets to record what it does.
struct Forgetful;

impl Target for Forgetful {
    fn kind(&self) -> &'static str {
        "thing"
    }

    fn apply(&mut self, _: &Context, _: &Tx<'_>, _: &Step<'_>, _: &Change) -> Result<()> {
        Ok(())
    }

    fn revert(&mut self, _: &Context, _: &Tx<'_>, _: &Step<'_>, _: &Done) -> Result<Reverted> {
        Ok(Reverted::gone())
    }
}

#[test]
fn a3_a_change_without_its_audit_row_takes_the_whole_run_back() {
    let cx = Context::for_tests();
    let change = Change {
        action: Action::Create,
        kind: "thing".to_owned(),
        subject: "it".to_owned(),
        subject_id: None,
        before: Fields::new(),
        after: Fields::new(),
        reason: None,
        sealed: None,
    };
    let spec = Spec { kind: "thing.import", source: "things.csv", in_scope: 1 };
    let mut targets: Vec<Box<dyn Target>> = vec![Box::new(Forgetful)];
    let made = cx.write(|tx| super::execute(&cx, tx, &mut targets, &spec, |planner| planner.change(&change)));
    assert_eq!(made.map(|_| ()).unwrap_err().code(), "run.not_one_row");
    let rows = cx.read(crate::audit::next_seq).unwrap();
    assert_eq!(rows, 1, "nothing stands in the audit either");
}
