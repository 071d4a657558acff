//! kill -9 of the worker at any moment: each mail arrives, and at most one of them twice.

use std::collections::HashMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::site::Site;
use crate::smtp::{Script, Server};

/// A site whose mails leave by that server, with so many notices that wait.
fn site(server: &Server, mails: usize) -> Site {
    let site = Site::new();
    let port = server.port().to_string();
    let relay =
        ["mail", "server", "create", "relay", "--host", "127.0.0.1", "--security", "none", "--auth", "none"];
    let ran = site.run(&[&relay[..], &["--force", "--port", &port]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let account =
        ["mail", "account", "create", "noreply", "--server", "relay", "--from", "noreply@acme.example"];
    assert_eq!(site.run(&account).code, Some(0));
    assert_eq!(site.run(&["mail", "route", "set", "--account", "noreply"]).code, Some(0));
    let store = site.sql();
    store
        .execute(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
             INSERT INTO mails (id, message, feature, urgency, to_address, to_folded, facts, has_link, state, due_at,
                 attempts, created_at)
             SELECT printf('m%09d', n), 'password-set', 'security-notice', 1, printf('p%d@acme.example', n),
                 printf('p%d@acme.example', n), '{\"message\":\"password-set\",\"at\":\"2026-11-29T12:05:00Z\"}', 0,
                 'queued', 0, 0, 0
             FROM number",
            [i64::try_from(mails).unwrap()],
        )
        .unwrap();
    store.close().unwrap();
    site
}

/// How many mails are as far.
fn count(site: &Site, state: &str) -> i64 {
    site.sql().query_row("SELECT count(*) FROM mails WHERE state = ?1", [state], |row| row.get(0)).unwrap()
}

/// Has the leases of a worker that was killed run out, as they do after two minutes.
fn let_leases_run_out(site: &Site) {
    site.sql().execute("UPDATE mails SET leased_until = 0 WHERE state = 'sending'", []).unwrap();
}

/// Kills a flush so many times, at moments spread over its work, then lets one end; how often each mail arrived.
fn killed(kills: u32, mails: usize) -> (Site, HashMap<String, usize>, u32) {
    let server = Server::start(Script::default());
    let site = site(&server, mails);
    let mut struck = 0;
    for kill in 0..kills {
        let there = server.received().len();
        let mut flush =
            site.secboard(&["mail", "flush"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        // From its first mail on, a little later each time.
        while server.received().len() == there && flush.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is sent");
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(u64::from(kill) * 613 % 9000));
        flush.kill().unwrap();
        struck += u32::from(flush.wait().unwrap().code().is_none());
        // Two lanes at most had one each in hand.
        assert!(count(&site, "sending") <= 2);
        let_leases_run_out(&site);
    }
    let ran = site.run(&["mail", "flush"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut arrived: HashMap<String, usize> = HashMap::new();
    for mail in server.received() {
        let text = String::from_utf8_lossy(&mail.mail).into_owned();
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
        *arrived.entry(format!("{id} {}", mail.envelope.get(1).unwrap())).or_default() += 1;
    }
    (site, arrived, struck)
}

fn assert_nothing_is_lost(kills: u32, mails: usize) {
    let (site, arrived, struck) = killed(kills, mails);
    assert_eq!(arrived.len(), mails, "each has arrived, under one Message-ID");
    let twice: usize = arrived.values().map(|times| times - 1).sum();
    assert!(struck > kills / 2, "{struck} of {kills} were killed at work");
    assert!(twice <= struck as usize, "{twice} twice by {struck} kills");
    assert_eq!(count(&site, "sent"), i64::try_from(mails).unwrap());
    site.assert_whole();
}

#[test]
fn m1_kill_9_of_a_flush_loses_no_mail_and_sends_at_most_one_twice() {
    assert_nothing_is_lost(20, 500);
}

#[test]
#[ignore = "takes minutes; `cargo test --test robust -- --ignored m1`"]
fn m1_kill_9_of_a_flush_at_two_hundred_moments() {
    assert_nothing_is_lost(200, 500);
}
