//! The store under a running daemon: read-only, gone, full, replaced, upgraded, with another key. Pages say that the site is
//! being looked after, nothing ends but where it must, and all is well again by itself when the cause is gone.

use std::fs;
use std::time::{Duration, Instant};

use crate::browser::{Browser, Page};
use crate::daemon::Daemon;
use crate::site::{Site, chmod};

const ADA: &str = "ada@acme.example";
const PASSWORD: &str = "correct horse 9 battery";

/// How long the daemon may take to be as before.
const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon whom file modes bind, and somebody who is logged in.
fn served() -> (Site, Daemon, Browser) {
    served_by(Daemon::start_unprivileged)
}

fn served_by(start: fn(&Site) -> Daemon) -> (Site, Daemon, Browser) {
    let site = Site::new();
    site.done("setting set site.kind test");
    let daemon = start(&site);
    let mut ada = daemon.browser();
    assert_eq!(log_in(&mut ada).location, "/personal-cabinet/");
    (site, daemon, ada)
}

/// Opens a page, and sends its form once if there is one.
fn send(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let shown = browser.get(path).unwrap();
    if shown.status == 200 { browser.post(path, &shown, fields).unwrap() } else { shown }
}

fn log_in(browser: &mut Browser) -> Page {
    send(browser, "/login/", &[("email", ADA), ("password", PASSWORD)])
}

fn change_name(browser: &mut Browser) -> Page {
    send(
        browser,
        "/update_profile/",
        &[("first_name", "Augusta"), ("last_name", "Admin"), ("language", "en")],
    )
}

/// What `/readyz` says: its status, and of what it tells one word.
fn ready(daemon: &Daemon, of: &str) -> (u16, String) {
    let page = daemon.browser().get("/readyz").unwrap();
    let told: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    (page.status, told.get(of).and_then(serde_json::Value::as_str).unwrap().to_owned())
}

fn is_looked_after(page: &Page) -> bool {
    page.status == 503 && page.body.contains("being looked after")
}

/// Waits until people come in again, without anybody's doing.
fn recovers(daemon: &Daemon, ada: &mut Browser) {
    let begun = Instant::now();
    while log_in(&mut daemon.browser()).location != "/personal-cabinet/" {
        assert!(begun.elapsed() < PATIENCE, "nobody comes in: {:?}", log_in(&mut daemon.browser()));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(daemon.browser().get("/readyz").unwrap().status, 200);
    assert_eq!(ada.get("/personal-cabinet/").unwrap().status, 200, "whoever was in still is");
}

/// Puts a copy of the store in its place, as somebody does who brings one back.
fn replace(site: &Site, mode: u32) {
    let copy = site.path("copy.db");
    let sql = site.sql();
    sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    sql.close().unwrap();
    fs::copy(site.store(), &copy).unwrap();
    chmod(&copy, mode);
    fs::rename(copy, site.store()).unwrap();
    for ending in ["wal", "shm"] {
        fs::remove_file(site.path(&format!("secboard.db-{ending}"))).ok();
    }
    site.give_away();
}

#[test]
fn a12_a_store_that_becomes_read_only_is_told_of_and_written_again_once_it_can_be() {
    let (site, mut daemon, mut ada) = served();
    replace(&site, 0o400);
    assert_eq!(ready(&daemon, "disk"), (503, "read-only".to_owned()));
    assert_eq!(ada.get("/personal-cabinet/").unwrap().status, 200, "whoever is in reads on");
    let page = log_in(&mut daemon.browser());
    assert!(is_looked_after(&page), "{page:?}");
    let page = change_name(&mut ada);
    assert!(is_looked_after(&page), "{page:?}");
    chmod(&site.store(), 0o600);
    recovers(&daemon, &mut ada);
    assert_eq!(daemon.stop(), Some(0));
    site.assert_whole();
}

/// Nothing of the daemon is new then: it has the store open since it could be written.
#[test]
fn a12_a_store_whose_mode_is_changed_stops_nobody_and_is_told_of() {
    let (site, mut daemon, mut ada) = served();
    chmod(&site.store(), 0o400);
    assert_eq!(ready(&daemon, "disk"), (503, "read-only".to_owned()));
    for page in [log_in(&mut daemon.browser()), change_name(&mut ada)] {
        assert!(page.status == 303 || is_looked_after(&page), "{page:?}");
    }
    assert_eq!(ada.get("/personal-cabinet/").unwrap().status, 200);
    chmod(&site.store(), 0o600);
    recovers(&daemon, &mut ada);
    assert_eq!(daemon.stop(), Some(0));
    site.assert_whole();
}

#[test]
fn a12_a_daemon_that_starts_on_a_read_only_store_reads_it_and_writes_it_once_it_can() {
    let (site, mut daemon, mut ada) = served();
    assert_eq!(daemon.stop(), Some(0));
    chmod(&site.store(), 0o400);
    let mut daemon = Daemon::start_unprivileged(&site);
    ada.move_to(&daemon.address);
    assert_eq!(ready(&daemon, "disk"), (503, "read-only".to_owned()));
    assert_eq!(ada.get("/personal-cabinet/").unwrap().status, 200, "whoever is in reads on");
    let page = log_in(&mut daemon.browser());
    assert!(is_looked_after(&page), "{page:?}");
    chmod(&site.store(), 0o600);
    recovers(&daemon, &mut ada);
    assert_eq!(change_name(&mut ada).status, 303);
    assert_eq!(daemon.stop(), Some(0));
    site.assert_whole();
}

#[test]
fn a12_a_store_that_is_gone_is_told_of_and_served_again_where_it_comes_back() {
    let (site, mut daemon, mut ada) = served();
    let away = site.path("away.db");
    fs::rename(site.store(), &away).unwrap();
    assert_eq!(ready(&daemon, "store"), (503, "missing".to_owned()));
    for page in [ada.get("/personal-cabinet/").unwrap(), log_in(&mut daemon.browser()), change_name(&mut ada)]
    {
        assert!(is_looked_after(&page), "{page:?}");
    }
    assert_eq!(daemon.browser().get("/healthz").unwrap().status, 200, "it lives");
    fs::rename(&away, site.store()).unwrap();
    recovers(&daemon, &mut ada);
    replace(&site, 0o600);
    recovers(&daemon, &mut ada);
    assert_eq!(change_name(&mut ada).status, 303);
    assert_eq!(daemon.stop(), Some(0));
    site.assert_whole();
}

/// What a limit on the size of files stops is what a full disk stops.
#[test]
fn a12_a_store_without_room_is_told_of_and_written_again_once_there_is_some() {
    let (site, mut daemon, mut ada) = served_by(Daemon::start);
    let before = daemon.limit_files(Some(1));
    assert_eq!(ada.get("/personal-cabinet/").unwrap().status, 200, "whoever is in reads on");
    for page in [log_in(&mut daemon.browser()), change_name(&mut ada)] {
        assert!(is_looked_after(&page), "{page:?}");
    }
    daemon.limit_files(before);
    recovers(&daemon, &mut ada);
    assert_eq!(change_name(&mut ada).status, 303);
    assert_eq!(daemon.stop(), Some(0));
    site.assert_whole();
}

#[test]
fn a6_a_key_that_is_rotated_under_the_daemon_is_taken_and_one_that_does_not_fit_is_told_of() {
    let (site, mut daemon, mut ada) = served();
    site.done("key rotate");
    site.give_away();
    assert_eq!(ada.get("/personal-cabinet/").unwrap().status, 200, "whoever is in stays");
    recovers(&daemon, &mut ada);
    assert_eq!(change_name(&mut ada).status, 303);

    let right = fs::read(site.key()).unwrap();
    site.done("key rotate");
    let newest = fs::read(site.key()).unwrap();
    fs::write(site.key(), &right).unwrap();
    let page = log_in(&mut daemon.browser());
    assert!(is_looked_after(&page), "{page:?}");
    assert_eq!(daemon.browser().get("/readyz").unwrap().status, 503);
    fs::write(site.key(), &newest).unwrap();
    recovers(&daemon, &mut ada);
    assert_eq!(daemon.stop(), Some(0));
    for file in site.files().iter().filter(|file| file.contains(".key.old-")) {
        fs::remove_file(site.path(file)).unwrap();
    }
    site.assert_whole();
}
