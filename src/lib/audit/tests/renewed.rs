//! A key of the audit that was damaged or lost, and the one that takes its place.

use std::collections::HashMap;

use super::{made, tamper, three_rows};
use crate::audit::{Proof, checkpoint, renew_key, verify};
use crate::context::{Account, Actor, Authority, Context};
use crate::error::Kind;

#[test]
fn a3_a_key_that_was_lost_proves_nothing_and_is_told() {
    let cx = three_rows();
    let checkpoint = checkpoint(&cx).unwrap().unwrap();
    for lose in ["DELETE FROM audit_keys", "UPDATE audit_keys SET sealed = zeroblob(90)"] {
        tamper(&cx, lose);
        let refused = cx.write(|tx| made(&cx, tx, "Later")).unwrap_err();
        assert_eq!(refused.kind(), Kind::Config, "{refused}");
        cx.write(|tx| renew_key(&cx, tx)).unwrap();
    }
    cx.write(|tx| made(&cx, tx, "Later")).unwrap();
    let verdict = verify(&cx, Proof::default()).unwrap();
    assert_eq!((verdict.broken, verdict.keyed_from, verdict.keyed_lost), (None, Some(5), 4));
    assert_eq!(verdict.new_key_from, Some(5), "the last that was begun");
    let proof = Proof { checkpoint: Some(&checkpoint), ..Proof::default() };
    assert_eq!(verify(&cx, proof).unwrap().broken.map(|(seq, _)| seq), Some(3));
}

/// A renewal proves all before it as it was then, and nothing of what had become of it.
#[test]
fn a3_a_new_key_is_no_way_to_a_clean_proof_for_who_has_only_the_store() {
    let renewed = || {
        let cx = three_rows();
        tamper(&cx, "UPDATE audit_keys SET sealed = x'00'");
        cx.write(|tx| renew_key(&cx, tx)).unwrap();
        cx.write(|tx| made(&cx, tx, "Later")).unwrap();
        cx
    };
    let verdict = verify(&renewed(), Proof::default()).unwrap();
    assert!(verdict.is_good());
    assert_eq!((verdict.new_key_from, verdict.keyed_from, verdict.rows), (Some(4), Some(4), 5));
    let forged: [fn(&Context); 6] = [
        |cx| tamper(cx, "UPDATE audit SET subject = 'Other' WHERE seq = 2"),
        |cx| tamper(cx, "UPDATE audit SET action = 'company.edit' WHERE action = 'audit.new_key'"),
        |cx| tamper(cx, "UPDATE audit SET keyed = NULL"),
        |cx| tamper(cx, "DELETE FROM audit WHERE seq = 4"),
        |cx| tamper(cx, "UPDATE audit_keys SET head = NULL"),
        // What an actor with the store alone can do again: the key no longer opens, and that is told.
        |cx| tamper(cx, "UPDATE audit_keys SET sealed = x'00'"),
    ];
    for (number, forge) in forged.into_iter().enumerate() {
        let cx = renewed();
        forge(&cx);
        assert!(!verify(&cx, Proof::default()).unwrap().is_good(), "{number}");
    }
    // However the rows from before are stripped, the row that tells of the new key stays.
    let cx = renewed();
    tamper(&cx, "UPDATE audit SET keyed = NULL WHERE seq < 4");
    assert_eq!(verify(&cx, Proof::default()).unwrap().new_key_from, Some(4));
}

#[test]
fn a3_only_the_owner_of_the_store_begins_a_new_key_and_only_where_the_old_one_is_lost() {
    let mut cx = three_rows();
    assert_eq!(cx.write(|tx| renew_key(&cx, tx)).unwrap_err().code(), "audit.key_is_whole");
    let empty = Context::for_tests();
    assert_eq!(empty.write(|tx| renew_key(&empty, tx)).unwrap_err().code(), "audit.key_is_whole");
    tamper(&cx, "UPDATE audit_keys SET sealed = x'00'");
    let account = Account { id: 1, superuser: true, permissions: HashMap::new() };
    cx.actor = Actor { authority: Authority::Account(account), ..Actor::system(None) };
    assert_eq!(cx.write(|tx| renew_key(&cx, tx)).unwrap_err().kind(), Kind::Denied);
}
