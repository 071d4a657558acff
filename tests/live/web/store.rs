//! What people see while the store under the pages is held, gone or full, and when time has passed; and that all is well again
//! without anybody's doing when it is over.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use super::browser::{Chromium, DESK};
use super::site::Site;
use super::{OLENA, PASSWORD, wait_after_a_wrong_try};

/// How long somebody may wait for a page while the store is held, with what the machine takes.
const BUSY: Duration = Duration::from_secs(20);

/// A site whose Olena can log in.
fn site() -> Site {
    let site = Site::start();
    site.has(OLENA, ("Olena", "Shevchenko"), "en");
    site.secboard_with(&["user", "set-password", OLENA, "--password-stdin", "--no-must-change"], PASSWORD);
    site
}

#[test]
fn a_login_waits_for_a_store_that_is_held_and_keeps_what_was_typed() {
    let (chromium, site) = (Chromium::start(), site());
    let olena = chromium.person(&site.address, DESK);
    olena.opens("/login/");
    let holder = rusqlite::Connection::open(site.store()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    olena.types("email", OLENA);
    olena.types("password", PASSWORD);
    olena.sends();
    olena.comes_to("login-title", "login-busy");
    olena.reads("form-busy");
    assert!(begun.elapsed() < BUSY, "{:?}", begun.elapsed());
    assert_eq!(olena.finds_in("email"), OLENA);
    holder.execute_batch("ROLLBACK").unwrap();
    olena.types("password", PASSWORD);
    olena.sends();
    olena.comes_to("cabinet-title", "cabinet-after-busy");
}

#[test]
fn people_log_in_while_an_import_changes_thousands() {
    let (chromium, site) = (Chromium::start(), site());
    let mut file = fs::File::create(site.path("people.csv")).unwrap();
    writeln!(file, "email,first_name,last_name,company").unwrap();
    for number in 0..16_000 {
        writeln!(file, "p{number}@acme.example,Test,Person{number},Acme Bank").unwrap();
    }
    let olena = chromium.person(&site.address, DESK);
    std::thread::scope(|scope| {
        let import = scope.spawn(|| {
            site.secboard(&["user", "import", &site.path("people.csv").display().to_string(), "--yes"])
        });
        let (mut came_in, mut asked_again) = (0, 0);
        while !import.is_finished() {
            olena.logs_in(OLENA, PASSWORD);
            if olena.is_on("/personal-cabinet/") {
                came_in += u32::from(!import.is_finished());
                olena.presses("header form button");
            } else {
                olena.reads("form-busy");
                asked_again += 1;
            }
            assert!(asked_again < 20, "nobody gets in");
        }
        assert!(came_in > 0, "nobody came in meanwhile");
        assert!(import.join().unwrap().contains("16000"));
    });
}

#[test]
fn a12_a_store_that_is_away_or_has_no_room_is_told_and_works_again_by_itself() {
    let (chromium, mut site) = (Chromium::start(), site());
    let olena = chromium.person(&site.address, DESK);
    olena.logs_in(OLENA, PASSWORD);
    let away = site.path("away.db");
    fs::rename(site.store(), &away).unwrap();
    olena.opens("/personal-cabinet/");
    olena.comes_to("trouble-later", "away");
    fs::rename(&away, site.store()).unwrap();
    olena.presses("main .actions a");
    olena.comes_to("cabinet-title", "cabinet-after-away");

    // A disk without room: whoever is logged in reads on, and nobody logs in.
    site.end_daemon();
    let disk = site.run_daemon_on_a_disk();
    olena.opens("/personal-cabinet/");
    olena.comes_to("cabinet-title", "cabinet-before-full");
    let mut filler = fs::File::create(disk.join("filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let taras = chromium.person(&site.address, DESK);
    taras.logs_in(OLENA, PASSWORD);
    taras.comes_to("trouble-later", "full");
    drop(filler);
    fs::remove_file(disk.join("filler")).unwrap();
    taras.logs_in(OLENA, PASSWORD);
    taras.comes_to("cabinet-title", "cabinet-after-full");
}

#[test]
fn l2_s3_links_sessions_and_forms_end_when_their_time_is_over() {
    let (chromium, mut site) = (Chromium::start(), site());
    let olena = chromium.person(&site.address, DESK);
    olena.opens("/password_reset/");
    olena.types("email", OLENA);
    olena.sends();
    let mail = site.mail_to(OLENA, "reset");
    olena.logs_in(OLENA, PASSWORD);
    olena.comes_to("cabinet-title", "cabinet-before-time");
    let taras = chromium.person(&site.address, DESK);
    taras.opens("/login/");

    site.run_daemon_ahead(2 * 60);
    olena.opens(mail.link("reset"));
    olena.comes_to("expired-title", "reset-too-old");
    olena.opens("/personal-cabinet/");
    assert!(olena.is_on("/login/"), "nobody was there for an hour");

    site.run_daemon_ahead(13 * 60);
    taras.types("email", OLENA);
    taras.types("password", PASSWORD);
    taras.sends();
    taras.comes_to("login-title", "login-too-old");
    taras.reads("form-old");
    assert_eq!(taras.finds_in("email"), OLENA);
    taras.types("password", PASSWORD);
    taras.sends();
    taras.comes_to("cabinet-title", "cabinet-after-too-old");
}

#[test]
fn s7_whoever_proved_themselves_a_while_ago_is_asked_again_before_what_matters() {
    let (chromium, mut site) = (Chromium::start(), site());
    let olena = chromium.person(&site.address, DESK);
    olena.logs_in(OLENA, PASSWORD);
    olena.opens("/login/again/");
    olena.comes_to("cabinet-title", "again-not-asked");
    site.run_daemon_ahead(15);
    olena.opens("/login/again/?next=/password_change/");
    olena.comes_to("again-title", "again");
    olena.types("password", "not my password");
    olena.sends();
    olena.comes_to("again-title", "again-wrong");
    olena.reads("password-wrong");
    wait_after_a_wrong_try();
    olena.types("password", PASSWORD);
    olena.sends();
    olena.comes_to("change-title", "again-proved");
}
