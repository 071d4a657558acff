//! What a transaction knows of the end of the chain is what is there.

use super::{broken, made, three_rows};
use crate::audit::{Error, next_seq, time_of};
use crate::context::Context;
use crate::store::Tx;
use crate::text::instant::Instant;

/// The row that is the last, by the key.
fn keyed_head(tx: &Tx<'_>) -> Option<Vec<u8>> {
    tx.sql().query_row("SELECT head FROM audit_keys", [], |row| row.get(0)).unwrap()
}

#[test]
fn a3_rows_that_are_taken_back_are_neither_counted_nor_the_last() {
    let cx = three_rows();
    cx.write(|tx| {
        assert_eq!(made(&cx, tx, "Fourth")?, 4);
        tx.attempt(|| {
            made(&cx, tx, "Never")?;
            assert_eq!(next_seq(tx)?, 6);
            Ok((false, ()))
        })?;
        assert_eq!(next_seq(tx)?, 5);
        tx.attempt(|| Ok((true, made(&cx, tx, "Fifth")?)))?;
        assert_eq!(made(&cx, tx, "Sixth")?, 6);
        Ok(())
    })
    .unwrap();
    assert_eq!(broken(&cx), None);
    let failed = cx.write(|tx| {
        made(&cx, tx, "Never")?;
        Err::<(), _>(Error::KeyIsWhole.into())
    });
    failed.unwrap_err();
    assert_eq!(cx.read(next_seq).unwrap(), 7);
    assert_eq!(broken(&cx), None);
}

#[test]
fn a3_many_rows_of_one_transaction_are_told_by_the_key_once_and_before_its_end() {
    let cx = three_rows();
    let before = cx.read(|tx| Ok(keyed_head(tx))).unwrap();
    cx.write(|tx| {
        for _ in 0..100 {
            made(&cx, tx, "Acme")?;
        }
        assert_eq!(keyed_head(tx), before, "it waits");
        Ok(())
    })
    .unwrap();
    assert_ne!(cx.read(|tx| Ok(keyed_head(tx))).unwrap(), before);
    assert_eq!(broken(&cx), None);
}

#[test]
fn the_time_of_a_row_is_its_own_whichever_is_the_last() {
    let mut cx = Context::for_tests();
    let times = [3, 1, 2].map(Instant::from_micros);
    for (row, time) in (1..).zip(times) {
        cx.stop_clock(time);
        cx.write(|tx| {
            assert_eq!(made(&cx, tx, "Acme")?, row);
            assert_eq!(time_of(tx, row)?, time);
            assert_eq!(time_of(tx, 1)?, times[0]);
            Ok(())
        })
        .unwrap();
    }
}
