//! What somebody with the file of the store laid into it, so that changes are not told or nothing can be.

use super::{made, tamper, three_rows};
use crate::audit::next_seq;
use crate::error::Kind;

/// Whoever has the file of the store could else have changes go untold, and nobody would find that afterwards.
#[test]
fn a3_nothing_is_written_where_something_acts_by_itself_that_nobody_made() {
    for (sql, what) in [
        (
            "CREATE TRIGGER quiet BEFORE INSERT ON audit WHEN new.action LIKE '%export%' BEGIN SELECT raise(IGNORE); END",
            "trigger `quiet`",
        ),
        ("CREATE TRIGGER quiet AFTER UPDATE ON audit_keys BEGIN UPDATE audit_keys SET head = old.head; END", "trigger `quiet`"),
        (
            "ALTER TABLE audit RENAME TO told; CREATE VIEW audit AS SELECT * FROM told;",
            "table `told`",
        ),
        (
            "CREATE INDEX few ON audit (actor)",
            "index `few`",
        ),
        (
            "DROP VIEW memberships_in_force;
             CREATE VIEW memberships_in_force (user_id, group_id, origin, role_id) AS SELECT 1, 2, 'manual', 3",
            "view `memberships_in_force`",
        ),
        ("CREATE TABLE users_search_hoard (name)", "table `users_search_hoard`"),
        ("DROP TRIGGER audit_is_append_only_update", "lacks the trigger `audit_is_append_only_update`"),
        (
            "PRAGMA writable_schema = ON;
             INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('trigger', 'sqlite_stat1', 'audit', 0,
                'CREATE TRIGGER sqlite_stat1 BEFORE INSERT ON audit BEGIN SELECT raise(IGNORE); END');
             PRAGMA writable_schema = RESET;",
            "trigger `sqlite_stat1`",
        ),
    ] {
        let cx = three_rows();
        cx.write(|tx| Ok(tx.sql().execute_batch(sql)?)).unwrap();
        let failure = cx.write(|tx| made(&cx, tx, "Hooli")).unwrap_err();
        assert!(failure.to_string().contains(what), "{failure}");
        assert_eq!((failure.code(), failure.kind()), ("audit.foreign", Kind::Config));
    }
}

#[test]
fn a3_the_highest_number_that_there_is_is_told_to_be_damage() {
    let cx = three_rows();
    tamper(&cx, &format!("UPDATE audit SET seq = {} WHERE seq = 3", i64::MAX));
    let failure = cx.write(|tx| made(&cx, tx, "Hooli")).unwrap_err();
    assert_eq!(failure.kind(), Kind::Config, "{failure}");
    assert_eq!(cx.read(next_seq).unwrap_err().code(), "audit.damaged");
}
