mod schema;

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::connection::StoreConnection;
use super::open::connect;
use super::value::{json, json_if_any, of_row, one_row};
use super::{Error, Store, migrate};
use crate::error::{Explain as _, Kind};
use crate::text::date::Day;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A store as a program left it that knew only so many migrations.
fn of_schema(path: &Path, schema: usize) -> StoreConnection {
    fs::write(path, "").unwrap();
    let connection = connect(path).unwrap();
    for (_, sql) in migrate::MIGRATIONS.iter().take(schema) {
        connection.execute_batch(sql).unwrap();
    }
    connection.pragma_update(None, "user_version", i64::try_from(schema).unwrap()).unwrap();
    connection.pragma_update(None, "application_id", migrate::APPLICATION_ID).unwrap();
    connection
}

#[test]
fn an_upgrade_leaves_the_rows_of_the_audit_as_they_are() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let old = of_schema(&path, 6);
    old.execute_batch(
        "INSERT INTO audit (at, actor, via, action, kind, subject, before, hash)
        VALUES (7, 'system', 'cli', 'company.create', 'company', 'Acme', 'no JSON', zeroblob(32))",
    )
    .unwrap();
    drop(old);
    let store = Store::open(&path).unwrap();
    let row: (i64, String, Option<i64>, Option<Vec<u8>>) = store
        .connection
        .query_row("SELECT at, before, actor_id, keyed FROM audit", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!(row, (7, "no JSON".to_owned(), None, None));
    assert_eq!(store.read(|tx| Ok(tx.altered_schema()?.len())).unwrap(), 0);
}

#[test]
fn a_new_store_is_private_and_has_the_newest_schema() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let path = folder.path().join("s.db");
    drop(Store::create(&path).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.read(|tx| Ok(tx.damages(20)?)).unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_no_store_is_refused_and_left_as_it_is() {
    let folder = folder();
    let path = folder.path().join("x.db");
    assert!(matches!(Store::open(&path), Err(Error::Missing { .. })));
    for text in ["", "hello", &"a text that is longer than the first page".repeat(100)] {
        fs::write(&path, text).unwrap();
        assert!(matches!(Store::open(&path), Err(Error::NotAStore { .. })), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(matches!(Store::create(&path), Err(Error::Exists { .. })));
    }
    assert!(matches!(Store::open(folder.path()), Err(Error::NotAStore { .. })));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a database of somebody else")]
fn a_database_of_another_program_is_refused() {
    let folder = folder();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(matches!(Store::open(&path), Err(Error::NotAStore { .. })));
}

#[test]
fn a_newer_store_is_refused() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let store = Store::create(&path).unwrap();
    store.connection.pragma_update(None, "user_version", 999).unwrap();
    drop(store);
    assert!(matches!(Store::open(&path), Err(Error::Newer { found: 999, .. })));
}

#[test]
fn who_only_looks_changes_nothing_and_upgrades_nothing() {
    let folder = folder();
    let path = folder.path().join("s.db");
    drop(Store::create(&path).unwrap());
    let store = Store::open_to_look(&path).unwrap();
    let insert = "INSERT INTO store_info (name, value) VALUES ('a', 'b')";
    assert!(store.write(|tx| Ok(tx.sql().execute(insert, [])?)).is_err());
    drop(store);
    Store::open(&path).unwrap().connection.pragma_update(None, "user_version", 1).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(Store::open_to_look(&path), Err(Error::Older { found: 1, .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "the write-ahead log is not left behind");
}

#[test]
fn an_upgrade_puts_people_in_the_order_of_the_alphabet_and_keeps_them_findable() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let old = of_schema(&path, 5);
    old.execute_batch(
        "INSERT INTO users (id, email, email_folded, active, first_name, last_name, sort_name, search, deleted_at, revision,
            created_at, updated_at)
        VALUES (1, 'g@x.example', 'g@x.example', 1, 'Ян', 'Ґудзь', 'ґудзь ян', 'ґудзь ян', 1, 1, 0, 0),
            (2, 'Ö@x.example', 'ö@x.example', 1, NULL, NULL, 'ö@x.example', 'ö@x.example', NULL, 1, 0, 0);
        INSERT INTO users_search (rowid, search) SELECT place, search FROM users_searched;",
    ).unwrap();
    drop(old);
    let store = Store::open(&path).unwrap();
    let mut statement = store.connection.prepare("SELECT sort_name FROM users ORDER BY id").unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(names, ["г\u{10FFF1}удзь ян", "o@x.example"]);
    let check = "INSERT INTO users_search (users_search, rank) VALUES ('integrity-check', 1)";
    store.connection.execute(check, []).unwrap();
}

/// A store as the schema before the refolding left it, with these emails and their keys of then.
fn store_with_old_keys(path: &Path, emails: &[(&str, &str)]) {
    let old = of_schema(path, 7);
    for (email, key) in emails {
        let insert = "INSERT INTO users (email, email_folded, active, sort_name, search, revision, created_at, updated_at)
            VALUES (?1, ?2, 1, ?2, ?2, 1, 0, 0)";
        old.execute(insert, [email, key]).unwrap();
    }
    old.execute_batch(
        "INSERT INTO companies (name, name_folded, slug, revision, created_at, updated_at)
            VALUES ('A\u{3164}B', 'a\u{1160}b', 'ab', 1, 0, 0);
        INSERT INTO users_search (rowid, search) SELECT place, search FROM users_searched ORDER BY place;",
    )
    .unwrap();
}

#[test]
fn an_upgrade_makes_one_key_of_two_spellings() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let emails = [("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"), ("B@x.example", "b@x.example")];
    store_with_old_keys(&path, &emails);
    let store = Store::open(&path).unwrap();
    let column = |sql: &str| -> Vec<String> {
        let mut statement = store.connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(column("SELECT email_folded FROM users ORDER BY id"), ["a@bücher.example", "b@x.example"]);
    assert_eq!(column("SELECT email FROM users WHERE id = 1"), ["a@xn--bcher-kva.example"]);
    assert_eq!(column("SELECT name_folded FROM companies"), ["ab"]);
    let found = "SELECT u.email FROM users u JOIN users_searched s USING (id)
        WHERE s.place IN (SELECT rowid FROM users_search WHERE users_search MATCH 'büc') ORDER BY u.id";
    assert_eq!(column(found), ["a@xn--bcher-kva.example"]);
    let check = "INSERT INTO users_search (users_search, rank) VALUES ('integrity-check', 1)";
    store.connection.execute(check, []).unwrap();
}

#[test]
fn an_upgrade_that_would_make_two_people_one_is_refused_and_names_them() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let spellings = ["a@bücher.example", "a@xn--bcher-kva.example"];
    store_with_old_keys(&path, &spellings.map(|email| (email, email)));
    let Err(refused) = Store::open(&path) else { panic!("upgraded") };
    assert_eq!(
        refused.to_string(),
        "the store cannot be upgraded: `a@bücher.example`, `a@xn--bcher-kva.example` are the same by the rules of \
        this secboard"
    );
    assert!(matches!(Store::open_to_look(&path), Err(Error::Older { found: 7, .. })), "it is as it was");
}

#[test]
fn an_upgrade_keeps_runs_with_their_changes() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let old = of_schema(&path, 8);
    let sql = r#"INSERT INTO runs (id, kind, source, state, actor, summary, created_at, updated_at)
        VALUES ('aaaaaaaaaa', 'user.import', 'a.csv', 'held', 'system', '{}', 1, 2);
        INSERT INTO run_changes (run_id, seq, action, kind, subject, after)
        VALUES ('aaaaaaaaaa', 1, 'create', 'user', 'a@x.example', '{"active":true}');"#;
    old.execute_batch(sql).unwrap();
    drop(old);
    let store = Store::open(&path).unwrap();
    let sql = "SELECT r.state || c.subject || coalesce(c.ids, '') FROM runs r JOIN run_changes c ON c.run_id = r.id";
    let found: String = store.connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(found, "helda@x.example");
    let cascades = "DELETE FROM runs; SELECT 1";
    store.connection.execute_batch(cascades).unwrap();
    let left: i64 =
        store.connection.query_row("SELECT count(*) FROM run_changes", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn an_upgrade_of_a_store_with_a_run_that_does_not_read_is_refused_and_says_which() {
    let damages = [
        ("UPDATE runs SET summary = '{'", "`summary` of `runs`, row `aaaaaaaaaa`,"),
        ("UPDATE runs SET state = 'lost'", "`state` of `runs`, row `aaaaaaaaaa`,"),
        ("UPDATE run_changes SET before = '{'", "`before` of `run_changes`, row `aaaaaaaaaa 1`,"),
        ("UPDATE run_changes SET after = 'none'", "`after` of `run_changes`, row `aaaaaaaaaa 1`,"),
        ("UPDATE run_changes SET action = 'improve'", "`action` of `run_changes`, row `aaaaaaaaaa 1`,"),
        ("UPDATE run_changes SET run_id = 'b'", "`run_id` of `run_changes`, row `b 1`,"),
    ];
    for (damage, place) in damages {
        let folder = folder();
        let path = folder.path().join("s.db");
        let old = of_schema(&path, 8);
        let whole = r#"INSERT INTO runs (id, kind, source, state, actor, summary, created_at, updated_at)
            VALUES ('aaaaaaaaaa', 'user.import', 'a.csv', 'held', 'system', '{}', 1, 2);
            INSERT INTO run_changes (run_id, seq, action, kind, subject, after)
            VALUES ('aaaaaaaaaa', 1, 'create', 'user', 'a@x.example', '{"active":true}');"#;
        old.execute_batch(whole).unwrap();
        old.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
        old.execute_batch(damage).unwrap();
        drop(old);
        let Err(refused) = Store::open(&path) else { panic!("upgraded: {damage}") };
        assert_eq!((refused.code(), refused.kind()), ("store.undecodable", Kind::Config), "{damage}");
        assert!(refused.to_string().contains(place), "{refused}");
        assert!(matches!(Store::open_to_look(&path), Err(Error::Older { found: 8, .. })), "it is as it was");
    }
}

#[test]
fn a_failed_change_leaves_nothing() {
    let store = Store::in_memory();
    let failed: crate::error::Result<()> = store.write(|tx| {
        tx.sql().execute("INSERT INTO store_info (name, value) VALUES ('a', 'b')", [])?;
        Err(Error::Interrupted.into())
    });
    assert!(failed.is_err());
    store
        .rehearse(|tx| Ok(tx.sql().execute("INSERT INTO store_info (name, value) VALUES ('a', 'b')", [])?))
        .unwrap();
    let count: i64 = store
        .read(|tx| Ok(tx.sql().query_row("SELECT count(*) FROM store_info", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(count, 0);
}

/// The indexes of people, in no order.
fn indexes(store: &Store) -> Vec<String> {
    let mut names: Vec<String> = store
        .read(|tx| {
            let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'users'";
            let names = tx.sql().prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(names)
        })
        .unwrap();
    names.sort();
    names
}

#[test]
fn indexes_set_aside_are_made_anew_or_come_back_with_the_transaction() {
    let store = Store::in_memory();
    let before = indexes(&store);
    let failed: crate::error::Result<()> = store.write(|tx| {
        let _aside = tx.set_indexes_aside(&["users_by_name"])?;
        Err(Error::Interrupted.into())
    });
    assert!(failed.is_err());
    assert_eq!(indexes(&store), before);
    store
        .write(|tx| {
            let aside = tx.set_indexes_aside(&["users_by_name", "users_by_company"])?;
            tx.rebuild_indexes(&aside)
        })
        .unwrap();
    assert_eq!(indexes(&store), before);
}

#[test]
fn what_an_index_lacks_is_found_in_a_file_and_in_memory() {
    let folder = folder();
    for store in [Store::create(&folder.path().join("s.db")).unwrap(), Store::in_memory()] {
        let lose = "PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, '(kind, subject_id)', '(kind, subject_id) WHERE seq < 0')
            WHERE name = 'audit_by_subject';
            PRAGMA writable_schema = RESET;
            REINDEX audit_by_subject;
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, ' WHERE seq < 0', '') WHERE name = 'audit_by_subject';
            PRAGMA writable_schema = RESET;";
        let add = "INSERT INTO audit (seq, at, actor, via, action, kind, subject, hash)
            VALUES (1, 0, 'system', 'cli', 'x', 'x', 'x', zeroblob(32))";
        store.connection.execute_batch(add).unwrap();
        let found = || store.read(|tx| Ok(tx.damages(20)?)).unwrap();
        assert_eq!(found(), Vec::<String>::new());
        store.connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
        store.connection.execute_batch(lose).unwrap();
        let found = found();
        assert!(found.iter().any(|damage| damage.contains("audit_by_subject")), "{found:?}");
    }
}

/// The indexes of people that are found after a crash at this moment: what the disk holds now, opened again.
fn indexes_after_a_crash(path: &Path) -> Vec<String> {
    let elsewhere = folder();
    let copy = elsewhere.path().join("s.db");
    let log = |store: &Path| store.with_extension("db-wal");
    fs::copy(path, &copy).unwrap();
    assert!(fs::copy(log(path), log(&copy)).unwrap() > 0, "some of the change is in the log");
    let store = Store::open(&copy).unwrap();
    assert_eq!(store.read(|tx| Ok(tx.damages(20)?)).unwrap(), Vec::<String>::new());
    indexes(&store)
}

#[test]
fn a13_indexes_set_aside_are_there_after_a_crash_at_any_moment() {
    let folder = folder();
    let path = folder.path().join("s.db");
    let store = Store::create(&path).unwrap();
    store.connection.pragma_update(None, "cache_size", 10).unwrap();
    let before = indexes(&store);
    let fill_the_cache = |tx: &super::Tx<'_>| {
        let insert = "INSERT INTO store_info (name, value) SELECT 'x' || count(*), hex(zeroblob(200000)) FROM store_info";
        tx.sql().execute(insert, []).unwrap();
    };
    store
        .write(|tx| {
            let aside = tx.set_indexes_aside(&["users_by_name", "users_by_company"])?;
            fill_the_cache(tx);
            assert_eq!(indexes_after_a_crash(&path), before);
            tx.rebuild_indexes(&aside)?;
            fill_the_cache(tx);
            assert_eq!(indexes_after_a_crash(&path), before);
            Ok(())
        })
        .unwrap();
    assert_eq!(indexes_after_a_crash(&path), before);
}

#[test]
fn contains_looks_for_bytes() {
    let store = Store::in_memory();
    let contains = |text: &str, part: &str| -> bool {
        store
            .read(|tx| Ok(tx.sql().query_row("SELECT contains(?1, ?2)", [text, part], |row| row.get(0))?))
            .unwrap()
    };
    assert!(contains("шевченко дар'я", "дар"));
    assert!(!contains("шевченко дар'я", "дара"));
    assert!(contains("anything", ""));
}

#[test]
fn a_stored_day_that_is_none_is_an_error_and_not_taken_for_absent() {
    let store = Store::in_memory();
    let day = |text: Option<&str>| {
        store.read(|tx| Ok(tx.sql().query_row("SELECT ?1", [text], |row| row.get::<_, Option<Day>>(0))?))
    };
    assert_eq!(day(None).unwrap(), None);
    assert_eq!(day(Some("2026-02-28")).unwrap(), Some(Day::parse("2026-02-28").unwrap()));
    assert!(day(Some("2026-02-31")).is_err());
}

/// What does not read is no default: the error names table, column and row.
#[test]
fn a_value_that_does_not_read_is_named_with_its_place() {
    let store = Store::in_memory();
    let read = |sql: &str| {
        store.read(|tx| {
            let map = |row: &rusqlite::Row<'_>| {
                of_row(("things", "id"), row, |row| {
                    row.get::<_, Option<Day>>("day")?;
                    json_if_any::<Vec<i64>>(row, "list")?;
                    json::<bool>(row, "flag")?;
                    row.get::<_, u32>("count")
                })
            };
            Ok(tx.sql().query_row(sql, [], map)?)
        })
    };
    let sound = "SELECT 7 AS id, NULL AS day, NULL AS list, 'true' AS flag, 5 AS count";
    assert_eq!(read(sound).unwrap(), 5);
    for (from, to, said) in [
        ("NULL AS day", "'2026-02-31' AS day", "the column `day` of `things`, row 7, does not read"),
        ("NULL AS list", "'[1, x' AS list", "the column `list` of `things`, row 7, does not read"),
        ("'true'", "'{}'", "the column `flag` of `things`, row 7, does not read"),
        ("5 AS", "-5 AS", "the column `count` of `things`, row 7, does not read: -5 is out of range"),
        ("5 AS", "'many' AS", "the column `count` of `things`, row 7, does not read: it is of the type Text"),
    ] {
        let failure = read(&sound.replace(from, to)).unwrap_err();
        assert_eq!((failure.code(), failure.kind()), ("store.undecodable", Kind::Config));
        assert!(failure.to_string().contains(said), "{failure}");
    }
    let elsewhere = store.read(|tx| Ok(tx.sql().query_row("SELECT 'x'", [], |row| row.get::<_, i64>(0))?));
    assert_eq!(
        elsewhere.unwrap_err().code(),
        "store.undecodable",
        "also where nobody said which table it is"
    );
}

#[test]
fn a_change_of_one_row_says_when_it_was_not_one() {
    assert!(one_row(1, "things", 7).is_ok());
    for changed in [0, 2] {
        let error = one_row(changed, "things", 7).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("store.astray", Kind::Config));
        assert!(error.to_string().contains(&format!("row 7 in `things` changed {changed} rows")), "{error}");
    }
}

/// An older SQLite takes an empty column for no JSON, and its shell such a row for damage.
#[test]
fn a_rule_about_json_says_that_an_empty_column_is_none() {
    let schema = super::schema().unwrap();
    let columns = || schema.iter().flat_map(|sql| sql.lines()).filter(|line| line.contains("json_valid("));
    for line in columns() {
        let (_, column) = line.split_once("json_valid(").unwrap();
        let (column, _) = column.split_once(')').unwrap();
        let says_so = line.contains("NOT NULL") || line.contains(&format!("{column} IS NULL OR json_valid"));
        assert!(says_so, "{line}");
    }
    assert!(columns().count() > 6);
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[
        super::ids::STATEMENTS,
        super::info::STATEMENTS,
        super::indexes::STATEMENTS,
        migrate::STATEMENTS,
    ]);
}

/// A file that is opened and closed beside SQLite takes SQLite's locks along; who then reads the store elsewhere takes
/// themself for the last, and removes the log with what was committed.
#[cfg(target_os = "linux")]
#[test]
fn a11_opening_a_store_again_lets_go_of_no_lock_on_it() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = folder();
    let path = folder.path().join("s.db");
    let store = Store::create(&path).unwrap();
    store
        .read(|tx| Ok(tx.sql().query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0))?))
        .unwrap();
    let (process, inode) = (std::process::id().to_string(), fs::metadata(&path).unwrap().ino().to_string());
    let locks = || {
        let held = fs::read_to_string("/proc/locks").unwrap();
        let own = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.contains(&process.as_str())
                && words.iter().any(|word| word.rsplit_once(':').is_some_and(|(_, of)| of == inode))
        };
        held.lines().filter(own).count()
    };
    let held = locks();
    assert!(held > 0, "SQLite holds what it has open");
    drop(Store::open_reader(&path).unwrap());
    drop(Store::open(&path).unwrap());
    assert_eq!(locks(), held);
}
