//! What stands in the schema of a file, and is not what the program makes or has read.

use super::{folder, of_schema};
use crate::error::{Explain as _, Kind};
use crate::store::connection::StoreConnection;
use crate::store::open::connect;
use crate::store::{LATEST, Store, migrate};

/// What is laid in, is read by whoever has the store open, and is then taken out past SQLite stands nowhere, but would run.
#[test]
fn a3_a_trigger_that_is_taken_out_past_sqlite_does_not_run_where_it_was_read() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let store = Store::create(&path).unwrap();
    let count = |store: &Store| -> i64 {
        store
            .read(|tx| Ok(tx.sql().query_row("SELECT count(*) FROM settings", [], |row| row.get(0))?))
            .unwrap()
    };
    let make = |store: &Store, name: &str| {
        let sql = "INSERT INTO settings (name, value, created_at, updated_at) VALUES (?1, '', 1, 1)";
        store.write(|tx| Ok(tx.sql().execute(sql, [name])?)).unwrap()
    };
    let lay = |elsewhere: &StoreConnection| {
        elsewhere
            .execute_batch(
                "CREATE TRIGGER quiet BEFORE INSERT ON settings BEGIN SELECT raise(IGNORE); END;
                 PRAGMA writable_schema = ON;",
            )
            .unwrap();
    };
    let take_out = |elsewhere: &StoreConnection| {
        elsewhere.execute_batch("DELETE FROM sqlite_schema WHERE name = 'quiet'").unwrap();
    };
    // Before anything was written with this connection, and after that.
    for name in ["Acme", "Hooli"] {
        let elsewhere = connect(&path).unwrap();
        lay(&elsewhere);
        assert_eq!(count(&store), i64::from(name == "Hooli"));
        take_out(&elsewhere);
        assert_eq!(make(&store, name), 1);
    }
    assert_eq!(count(&store), 2);
}

#[test]
fn a_store_whose_schema_is_not_the_one_its_number_says_is_damaged_and_no_fault_of_the_program() {
    let folder = folder();
    let path = folder.path().join("s.db");
    drop(Store::create(&path).unwrap());
    connect(&path).unwrap().pragma_update(None, "user_version", LATEST - 2).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert_eq!((error.code(), error.kind()), ("store.undecodable", Kind::Config));
    let said =
        format!("the store is damaged: it says that its schema is number {}, and it is not: ", LATEST - 2);
    assert!(error.to_string().starts_with(&said), "{error}");
}

#[test]
fn a_store_whose_schema_has_a_number_below_0_is_damaged_at_every_door() {
    let folder = folder();
    let path = folder.path().join("s.db");
    drop(Store::create(&path).unwrap());
    connect(&path).unwrap().pragma_update(None, "user_version", -1).unwrap();
    for opened in
        [Store::open(&path), Store::open_to_look(&path), Store::open_reader(&path), Store::open_writer(&path)]
    {
        assert_eq!(opened.unwrap_err().code(), "store.undecodable");
    }
}

/// The text of a rule is changed where it stands, in a store with rows as in one without.
#[test]
fn an_upgrade_changes_the_texts_of_rules_and_no_row() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let before = migrate::MIGRATIONS.iter().position(|(name, _)| name.ends_with("_empty_json.sql")).unwrap();
    let old = of_schema(&path, before);
    old.execute_batch(
        "INSERT INTO runs (id, kind, source, state, actor, summary, created_at, updated_at)
        VALUES ('a', 'user.import', 'x', 'applied', 'system', '{}', 1, 1);
        INSERT INTO run_changes (run_id, seq, action, kind, subject, before)
        VALUES ('a', 1, 'create', 'user', 'x', '{}');",
    )
    .unwrap();
    let version = |connection: &StoreConnection| -> i64 {
        connection.pragma_query_value(None, "schema_version", |row| row.get(0)).unwrap()
    };
    let was = version(&old);
    drop(old);
    let store = Store::open(&path).unwrap();
    assert!(version(&store.connection) > was, "who has the store open learns of it");
    let (altered, damages) = store.read(|tx| Ok((tx.altered_schema()?, tx.damages(20)?))).unwrap();
    assert_eq!((altered, damages), (Vec::new(), Vec::new()));
    let changes: i64 =
        store.connection.query_row("SELECT count(*) FROM run_changes", [], |row| row.get(0)).unwrap();
    assert_eq!(changes, 1);
    let refused = store.connection.execute("UPDATE run_changes SET after = 'no JSON'", []);
    assert!(refused.unwrap_err().to_string().contains("CHECK constraint failed"));
}

/// Opening a pipe waits for somebody to write into it.
#[test]
fn a_store_beside_which_a_pipe_lies_is_refused_at_once() {
    for ending in ["-journal", "-wal", "-shm"] {
        let folder = folder();
        let path = folder.path().join("s.db");
        drop(Store::create(&path).unwrap());
        let pipe = folder.path().join(format!("s.db{ending}"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let error = Store::open(&path).unwrap_err();
        assert!(error.to_string().contains(ending), "{error}");
    }
}
