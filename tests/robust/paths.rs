//! `--store` where there is no store, or something that is none.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use crate::site::{Site, chmod};

fn list(site: &Site, store: &str) -> crate::site::Ended {
    site.run(&["--store", store, "user", "list"])
}

#[test]
fn a12_a_store_that_is_not_there_is_66_and_not_made() {
    let site = Site::new();
    list(&site, "no.db").refused(66, &["there is no store at `no.db`", "secboard init"]);
    list(&site, "no/such/folder/s.db").refused(66, &["there is no store"]);
    list(&site, "secboard.db/s.db").refused(66, &["Not a directory"]);
    assert_eq!(site.files(), ["secboard.db", "secboard.key"]);
}

#[test]
fn a12_a_store_that_was_removed_is_not_made_anew() {
    let site = Site::new();
    fs::remove_file(site.store()).unwrap();
    site.add("late").refused(66, &["there is no store", "hint: "]);
    assert_eq!(site.files(), ["secboard.key"]);
}

#[test]
fn a12_what_is_no_store_is_78() {
    let site = Site::new();
    fs::write(site.path("text"), "no database, but longer than any magic number is").unwrap();
    fs::write(site.path("empty"), "").unwrap();
    for other in ["text", "empty", ".", "/dev/null"] {
        list(&site, other).refused(78, &["is not a secboard store", "nothing was touched"]);
    }
    assert_eq!(fs::metadata(site.path("empty")).unwrap().len(), 0);
}

#[test]
fn a12_links_that_lead_nowhere_are_66() {
    let site = Site::new();
    symlink("loop-b", site.path("loop-a")).unwrap();
    symlink("loop-a", site.path("loop-b")).unwrap();
    symlink("nowhere", site.path("dangling")).unwrap();
    list(&site, "loop-a").refused(66, &["cannot open the store", "symbolic links"]);
    list(&site, "dangling").refused(66, &["there is no store"]);
    assert!(!site.path("nowhere").exists());
}

#[test]
fn a12_a_pipe_in_place_of_store_or_key_is_not_waited_for() {
    let site = Site::new();
    assert_eq!(site.bash("mkfifo pipe").code, Some(0));
    let pipe = site.path("pipe");
    for arguments in [&["--store", "pipe", "user", "list"][..], &["init", "--store", "pipe"]] {
        let mut child = site.secboard(arguments).spawn().unwrap();
        let code = ended_within(&mut child, Duration::from_secs(20)).code();
        assert!(matches!(code, Some(73 | 78)), "{arguments:?}: {code:?}");
    }
    fs::rename(&pipe, site.key()).unwrap();
    let mut child = site.secboard(&["user", "list"]).spawn().unwrap();
    assert_eq!(ended_within(&mut child, Duration::from_secs(20)).code(), Some(78));
}

fn ended_within(child: &mut std::process::Child, limit: Duration) -> std::process::ExitStatus {
    let step = Duration::from_millis(10);
    for _ in 0..limit.as_millis() / step.as_millis() {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(step);
    }
    child.kill().unwrap();
    panic!("still waiting after {limit:?}");
}

#[test]
fn a12_a_store_of_somebody_else_is_66() {
    let site = Site::new();
    site.give_away();
    chmod(&site.store(), 0o000);
    site.run_unprivileged(&["user", "list"]).refused(66, &["cannot open the store", "Permission denied"]);
    chmod(&site.store(), 0o600);
    site.assert_whole();
}
