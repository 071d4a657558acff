//! The key of a store: missing, too open, of another store, no key at all.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use crate::site::{Ended, Site, chmod, is_root, tries};

/// A command that reads and one that writes end the same way, and change nothing.
fn both(site: &Site) -> [Ended; 2] {
    let ended = [site.run(&["user", "list"]), site.add("late")];
    for one in &ended {
        assert!(one.stdout.is_empty(), "{one:?}");
    }
    ended
}

#[test]
fn a12_a_missing_key_is_78_and_says_to_put_it_back() {
    let site = Site::new();
    let saved = fs::read(site.key()).unwrap();
    fs::remove_file(site.key()).unwrap();
    for ended in both(&site) {
        ended.refused(78, &["is missing", "put back the key"]);
    }
    assert_eq!(site.files(), ["secboard.db"], "no key is made up");
    fs::write(site.key(), saved).unwrap();
    chmod(&site.key(), 0o600);
    assert_eq!(site.people(), 1);
    site.assert_whole();
}

#[test]
fn a_key_that_others_can_read_is_78_and_says_chmod() {
    let site = Site::new();
    for mode in [0o644, 0o640, 0o660] {
        chmod(&site.key(), mode);
        for ended in both(&site) {
            ended.refused(78, &["is open to others", "chmod 600"]);
        }
    }
}

#[test]
fn a_key_of_another_store_is_78() {
    let (site, other) = (Site::new(), Site::new());
    fs::copy(other.key(), site.key()).unwrap();
    for ended in both(&site) {
        ended.refused(78, &["belongs to another store", "hint: "]);
    }
}

#[test]
fn what_is_no_key_is_78_and_its_text_is_not_repeated() {
    let site = Site::new();
    for text in ["", "a secret of something else", "secboard-key-1 00"] {
        fs::write(site.key(), text).unwrap();
        for ended in both(&site) {
            ended.refused(78, &["is not a secboard key", "put back the key"]);
            assert!(!ended.stderr.contains("a secret of"), "{ended:?}");
        }
    }
    fs::remove_file(site.key()).unwrap();
    fs::create_dir(site.key()).unwrap();
    for ended in both(&site) {
        ended.refused(78, &["hint: "]);
    }
}

#[test]
fn a_store_that_others_can_read_works_with_a_warning() {
    let site = Site::new();
    chmod(&site.store(), 0o644);
    let ended = site.run(&["user", "list", "-o", "json"]);
    ended.refused(0, &["warning: ", "chmod 600"]);
    assert!(ended.stdout.starts_with('['));
}

#[test]
fn what_root_makes_beside_a_store_belongs_to_the_owner_of_the_store() {
    if !tries("gives files away", is_root()) {
        return;
    }
    let site = Site::new();
    site.give_away();
    let owner = fs::metadata(site.folder()).unwrap().uid();
    assert_ne!(owner, 0);
    let held = site.sql();
    held.execute_batch("PRAGMA journal_mode = WAL; BEGIN; SELECT count(*) FROM users;").unwrap();
    assert_eq!(site.add("one").code, Some(0));
    let ended = site.run(&["key", "rotate", "--yes"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let init = "init --email ada@acme.example --first-name Ada --last-name Admin --company Acme --time-zone UTC \
                --generate-password --no-input --store second.db --config second.toml";
    fs::write(site.path("second.toml"), "key = 'second.key'\n").unwrap();
    let ended = site.run(&init.split_whitespace().collect::<Vec<_>>());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut names = site.files();
    names.retain(|name| name != "second.toml");
    assert!(
        names.iter().any(|name| name.contains(".old-")) && names.iter().any(|name| name.ends_with("-wal"))
    );
    for name in names {
        assert_eq!(fs::metadata(site.path(&name)).unwrap().uid(), owner, "{name}");
    }
    drop(held);
    for store in ["secboard.db", "second.db"] {
        let key = if store == "second.db" { "second.toml" } else { "/dev/null" };
        let ended = site.run_unprivileged(&["--store", store, "--config", key, "user", "list"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}
