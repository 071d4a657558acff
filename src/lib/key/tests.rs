use std::fs;
use std::path::PathBuf;

use rusqlite::named_params;

use super::{GiveUp, SecretLocation, rotate, seal};
use crate::audit;
use crate::config::Config;
use crate::context::Context;
use crate::crypto::kept::kept_path;
use crate::crypto::key::{KeyError, MasterKey};
use crate::error::{Explain as _, Kind};
use crate::registry::SEALED;
use crate::store::Store;

/// A store and its key in files, as after `secboard init`.
struct Site {
    folder: tempfile::TempDir,
    cx: Context,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut cx = Context::for_tests();
        cx.store = Store::create(&folder.path().join("secboard.db")).unwrap();
        cx.store.write(|tx| tx.bind_key(&cx.key)).unwrap();
        cx.key.create_file(&folder.path().join("secboard.key")).unwrap();
        Self { folder, cx }
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("secboard.key")
    }

    fn config(&self) -> Config {
        Config {
            file: None,
            store: self.folder.path().join("secboard.db"),
            key: self.key(),
            daemon: crate::config::Daemon::default(),
            templates: None,
            resolver: None,
        }
    }

    /// What the next command does first.
    fn opened(&self) -> crate::error::Result<MasterKey> {
        self.cx.store.load_key(&self.key())
    }

    /// Everything a rotation does before it moves files, and what it would have moved.
    fn cut_off_after_commit(&self) -> MasterKey {
        let new = MasterKey::generate(&*self.cx.rng).unwrap();
        new.create_waiting(&self.key()).unwrap();
        self.cx.store.write(|tx| tx.bind_key(&new)).unwrap();
        new
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("secboard.key"))
            .collect();
        names.sort();
        names
    }
}

/// Two runs whose changes hold a secret each.
fn seal_two(cx: &Context) {
    cx.write(|tx| {
        for (run, row) in [("aaaaaaaaaa", 1), ("bbbbbbbbbb", 7)] {
            tx.sql().execute(
                "INSERT INTO runs (id, kind, source, state, actor, summary, created_at, updated_at)
                 VALUES (:id, 'user.import', 'x', 'held', 'system', '{}', 0, 0)",
                named_params! { ":id": run },
            )?;
            let place = SecretLocation { table: "run_changes", column: "sealed", row };
            let sealed = seal::seal(&cx.key, &*cx.rng, place, run.as_bytes())?;
            tx.sql().execute(
                "INSERT INTO run_changes (run_id, seq, action, kind, subject, sealed)
                 VALUES (:id, :seq, 'create', 'user', 'x', :sealed)",
                named_params! { ":id": run, ":seq": row, ":sealed": sealed },
            )?;
        }
        Ok(())
    })
    .unwrap();
}

fn secrets(cx: &Context, key: &MasterKey) -> Vec<String> {
    cx.read(|tx| {
        let mut statement = tx.sql().prepare("SELECT seq, sealed FROM run_changes ORDER BY seq")?;
        let rows: Vec<(i64, Vec<u8>)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let open = |(row, sealed): &(i64, Vec<u8>)| {
            let place = SecretLocation { table: "run_changes", column: "sealed", row: *row };
            seal::open(key, place, sealed)
                .map_or("?".to_owned(), |text| String::from_utf8(text.to_vec()).unwrap())
        };
        Ok(rows.iter().map(open).collect())
    })
    .unwrap()
}

#[test]
fn a6_a_rotation_seals_every_secret_anew() {
    let site = Site::new();
    seal_two(&site.cx);
    let rotated = rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap();
    assert_eq!(rotated.secrets, 3, "the key of the audit among them");
    let new = site.opened().unwrap();
    assert_eq!(new.fingerprint(), rotated.fingerprint);
    assert_eq!(secrets(&site.cx, &new), ["aaaaaaaaaa", "bbbbbbbbbb"]);
    assert_eq!(secrets(&site.cx, &site.cx.key), ["?", "?"], "the old key opens nothing any more");
    assert_eq!(audit::show(&site.cx, 1).unwrap().action, "key.rotate");
}

#[test]
fn a3_keyed_hashes_outlive_the_key_they_were_made_under() {
    let mut site = Site::new();
    for _ in 0..2 {
        rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap();
        site.cx.key = site.opened().unwrap().into();
    }
    let verdict = audit::verify(&site.cx, audit::Proof::default()).unwrap();
    assert!(verdict.is_good() && verdict.keyed_proved, "{verdict:?}");
    assert_eq!((verdict.rows, verdict.keyed_from), (2, Some(1)));
}

#[test]
fn the_old_key_is_kept_for_older_copies() {
    let site = Site::new();
    let rotated = rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap();
    assert_eq!(MasterKey::load(&rotated.kept).unwrap().fingerprint(), site.cx.key.fingerprint());
    assert_eq!(site.files().len(), 2, "{:?}", site.files());
}

#[test]
fn a13_killed_before_the_commit_the_old_key_opens_the_store() {
    let site = Site::new();
    let unused = MasterKey::generate(&*site.cx.rng).unwrap();
    unused.create_waiting(&site.key()).unwrap();
    assert_eq!(site.opened().unwrap().fingerprint(), site.cx.key.fingerprint());
    rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap();
    assert_ne!(site.opened().unwrap().fingerprint(), unused.fingerprint());
}

#[test]
fn a13_killed_after_the_commit_the_next_command_finishes_the_rotation() {
    let site = Site::new();
    let new = site.cut_off_after_commit();
    assert_eq!(site.opened().unwrap().fingerprint(), new.fingerprint());
    let old = format!("secboard.key.old-{}", site.cx.key.fingerprint());
    assert_eq!(site.files(), ["secboard.key".to_owned(), old]);
}

#[test]
fn a13_killed_when_the_old_key_was_kept_the_next_command_finishes_too() {
    let site = Site::new();
    let new = site.cut_off_after_commit();
    site.cx.key.create_file(&kept_path(&site.key(), &site.cx.key.fingerprint())).unwrap();
    assert_eq!(site.opened().unwrap().fingerprint(), new.fingerprint());
    assert_eq!(MasterKey::load(&site.key()).unwrap().fingerprint(), new.fingerprint());
}

#[test]
fn a_key_in_use_that_still_waits_for_its_place_is_never_overwritten() {
    let mut site = Site::new();
    site.cx.key = site.cut_off_after_commit().into();
    let waiting = site.folder.path().join("secboard.key.new");
    assert!(rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).is_err());
    assert_eq!(MasterKey::load(&waiting).unwrap().fingerprint(), site.cx.key.fingerprint());
}

/// Copies of the store that were made before open only with the old key.
#[test]
fn what_is_where_the_old_key_is_to_be_kept_stops_the_rotation_unless_it_is_that_key() {
    let site = Site::new();
    let kept = kept_path(&site.key(), &site.cx.key.fingerprint());
    let puts: [&dyn Fn(); 3] = [
        &|| fs::write(&kept, "").unwrap(),
        &|| std::os::unix::fs::symlink(site.key(), &kept).unwrap(),
        &|| std::os::unix::fs::symlink("nowhere", &kept).unwrap(),
    ];
    for put in puts {
        put();
        let refused = rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap_err();
        assert_eq!((refused.code(), refused.kind().exit_code()), ("key.place_taken", 73));
        assert_eq!(site.opened().unwrap().fingerprint(), site.cx.key.fingerprint());
        fs::remove_file(&kept).unwrap();
    }
    site.cx.key.create_file(&kept).unwrap();
    let rotated = rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap();
    assert_eq!(MasterKey::load(&rotated.kept).unwrap().fingerprint(), site.cx.key.fingerprint());
}

#[test]
fn a_secret_that_does_not_open_is_named_and_stops_the_rotation_until_it_may_be_dropped() {
    let site = Site::new();
    seal_two(&site.cx);
    site.cx
        .write(|tx| Ok(tx.sql().execute("UPDATE run_changes SET sealed = x'00' WHERE seq = 7", [])?))
        .unwrap();
    let refused = rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("key.damaged_secrets", Kind::Config));
    assert!(refused.to_string().contains("run_changes.sealed of row `bbbbbbbbbb 7`"), "{refused}");
    assert_eq!(site.opened().unwrap().fingerprint(), site.cx.key.fingerprint());
    assert_eq!(secrets(&site.cx, &site.cx.key), ["aaaaaaaaaa", "?"]);
    let rotated =
        rotate(&site.cx, &site.config(), SEALED, GiveUp { secrets: true, audit_key: false }).unwrap();
    assert_eq!((rotated.secrets, rotated.dropped.len()), (2, 1), "one, and the key of the audit");
    let row = audit::show(&site.cx, 1).unwrap();
    assert!(row.after.unwrap().contains("run_changes.sealed of row `bbbbbbbbbb 7`"));
    let left: i64 = site
        .cx
        .read(|tx| {
            let sql = "SELECT count(*) FROM run_changes WHERE sealed IS NOT NULL";
            Ok(tx.sql().query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(left, 1);
}

#[test]
fn a_key_that_is_a_link_stays_one() {
    let site = Site::new();
    let real = site.folder.path().join("real.key");
    fs::rename(site.key(), &real).unwrap();
    std::os::unix::fs::symlink("real.key", site.key()).unwrap();
    let rotated = rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap();
    assert!(fs::symlink_metadata(site.key()).unwrap().is_symlink());
    assert_eq!(MasterKey::load(&real).unwrap().fingerprint(), rotated.fingerprint);
    assert_eq!(MasterKey::load(&rotated.kept).unwrap().fingerprint(), site.cx.key.fingerprint());
    assert_eq!(site.opened().unwrap().fingerprint(), rotated.fingerprint);
}

#[test]
fn a_dry_run_touches_neither_store_nor_files() {
    let mut site = Site::new();
    seal_two(&site.cx);
    site.cx.dry_run = true;
    assert_eq!(
        rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap().secrets,
        3,
        "the key of the audit among them"
    );
    assert_eq!(site.files(), ["secboard.key"]);
    assert_eq!(site.opened().unwrap().fingerprint(), site.cx.key.fingerprint());
}

#[test]
fn whoever_still_has_the_old_key_can_change_nothing() {
    let site = Site::new();
    rotate(&site.cx, &site.config(), SEALED, GiveUp::default()).unwrap();
    let failure = site.cx.write(|_| Ok(())).unwrap_err();
    assert_eq!(failure.code(), KeyError::Replaced.code());
}

#[test]
fn every_column_of_the_schema_that_holds_sealed_secrets_is_listed() {
    let cx = Context::for_tests();
    let mut found: Vec<(String, String)> = cx
        .read(|tx| {
            let mut statement = tx.sql().prepare(
                "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND c.name LIKE '%sealed%'",
            )?;
            Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
        })
        .unwrap();
    let mut listed: Vec<_> =
        SEALED.iter().map(|column| (column.table.to_owned(), column.column.to_owned())).collect();
    found.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, found);
}

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in SEALED.iter().flat_map(|column| [column.after, column.replace]) {
            tx.sql().prepare(sql)?;
        }
        Ok(())
    })
    .unwrap();
}
