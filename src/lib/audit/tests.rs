use super::{Entry, Filter, list, record, verify};
use crate::context::Context;

fn three_rows() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex", "Initech"] {
        cx.write(|tx| record(&cx, tx, Entry::new("company.create", "company", name))).unwrap();
    }
    cx
}

#[test]
fn a3_rows_are_numbered_from_one_and_the_chain_holds() {
    let cx = three_rows();
    let verdict = verify(&cx, None).unwrap();
    assert_eq!((verdict.rows, verdict.broken), (3, None));
    let mut subjects = Vec::new();
    list(&cx, &Filter::default(), |row| {
        subjects.push(row.subject);
        Ok(())
    })
    .unwrap();
    assert_eq!(subjects, ["Initech", "Globex", "Acme"]);
}

#[test]
fn a3_the_audit_is_append_only() {
    let cx = three_rows();
    for sql in ["UPDATE audit SET actor = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 3"] {
        let failure = cx.write(|tx| Ok(tx.sql().execute(sql, [])?)).unwrap_err();
        assert!(failure.causes().iter().any(|cause| cause.contains("append-only")), "{sql}");
    }
}

/// Somebody with the file and SQLite, who drops the triggers first.
fn tamper(cx: &Context, sql: &str) {
    cx.write(|tx| {
        tx.sql().execute_batch(&format!(
            "DROP TRIGGER audit_is_append_only_update; DROP TRIGGER audit_is_append_only_delete; {sql}"
        ))?;
        Ok(())
    })
    .unwrap();
}

#[test]
fn a3_an_edited_row_is_named() {
    let cx = three_rows();
    tamper(&cx, "UPDATE audit SET subject = 'Evil' WHERE seq = 2");
    assert_eq!(verify(&cx, None).unwrap().broken.map(|(seq, _)| seq), Some(2));
}

#[test]
fn a3_a_removed_row_is_named_also_at_the_end() {
    let cx = three_rows();
    tamper(&cx, "DELETE FROM audit WHERE seq = 2");
    assert_eq!(verify(&cx, None).unwrap().broken.map(|(seq, _)| seq), Some(3));
    let cx = three_rows();
    tamper(&cx, "DELETE FROM audit WHERE seq = 3");
    assert_eq!(verify(&cx, None).unwrap().broken.map(|(seq, _)| seq), Some(3));
}

#[test]
fn a3_a_chain_rewritten_as_a_whole_is_caught_by_a_checkpoint() {
    let cx = three_rows();
    let checkpoint = super::checkpoint(&cx).unwrap().unwrap();
    assert_eq!(verify(&cx, Some(&checkpoint)).unwrap().broken, None);
    tamper(&cx, "DELETE FROM audit; DELETE FROM sqlite_sequence WHERE name = 'audit'");
    for name in ["Acme", "Evil", "Initech"] {
        cx.write(|tx| record(&cx, tx, Entry::new("company.create", "company", name))).unwrap();
    }
    assert_eq!(verify(&cx, None).unwrap().broken, None, "it fits together");
    assert_eq!(verify(&cx, Some(&checkpoint)).unwrap().broken.map(|(seq, _)| seq), Some(3));
}

#[test]
fn a3_a_row_that_is_no_text_is_named_and_nothing_breaks() {
    let cx = three_rows();
    tamper(&cx, "UPDATE audit SET subject = CAST(x'ff' AS TEXT) WHERE seq = 2");
    let (seq, reason) = verify(&cx, None).unwrap().broken.unwrap();
    assert_eq!(seq, 2);
    assert!(reason.contains("never written"), "{reason}");
}

#[test]
fn subjects_are_found_in_any_letter_case_of_any_script() {
    let cx = three_rows();
    cx.write(|tx| record(&cx, tx, Entry::new("company.create", "company", "Дніпро"))).unwrap();
    let count = |subject: &str, limit: Option<u32>| {
        let filter = Filter { subject: Some(subject.to_owned()), limit, ..Filter::default() };
        let mut count = 0;
        list(&cx, &filter, |_| {
            count += 1;
            Ok(())
        })
        .unwrap();
        count
    };
    assert_eq!((count("ДНІПРО", None), count("acme", None), count("Umbrella", None)), (1, 1, 0));
    assert_eq!(count("acme", Some(0)), 0);
}

#[test]
fn a_checkpoint_is_read_as_it_was_printed() {
    let head = super::checkpoint(&three_rows()).unwrap().unwrap();
    assert_eq!(super::Checkpoint::parse("f", &format!("{}\n", head.line())).unwrap(), head);
    for bad in ["", "3", "3 abc 2026-11-21T10:00:00Z", "x y z", "3 4 5 6"] {
        assert!(super::Checkpoint::parse("f", bad).is_err(), "{bad}");
    }
}

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
