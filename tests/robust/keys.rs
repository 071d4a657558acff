//! The key of a store: missing, too open, of another store, no key at all.

use std::fs;

use crate::site::{Ended, Site, chmod};

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
