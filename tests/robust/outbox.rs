//! The outbox among sudden death, full disks and other processes: each mail arrives, and none twice but by a kill, which
//! doubles one at most.

use std::collections::HashMap;
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::disk::{can_mount, lines_on_a_disk};
use crate::site::{Ended, SECBOARD, Site};
use crate::smtp::{At, Fault, Script, Server, Trouble};
use crate::terminal::Terminal;

/// A site whose mails leave by that server, with so many notices that wait.
fn site(server: &Server, mails: usize) -> Site {
    let relay = "--host 127.0.0.1 --security none --auth none --force --port";
    site_of(&format!("{relay} {}", server.port()), mails)
}

/// The same by a server of other options.
fn site_of(server: &str, mails: usize) -> Site {
    let site = Site::new();
    let made = site.bash(&format!(
        r#""$0" mail server create relay {server} &&
           "$0" mail account create noreply --server relay --from noreply@acme.example &&
           "$0" mail route set --account noreply"#
    ));
    assert_eq!(made.code, Some(0), "{made:?}");
    let store = site.sql();
    store
        .execute(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1)
             INSERT INTO mails (id, message, feature, urgency, to_address, to_folded, facts, has_link, state, due_at,
                 attempts, created_at)
             SELECT printf('m%09d', n), 'password-set', 'security-notice', 1, printf('p%d@acme.example', n),
                 printf('p%d@acme.example', n), '{\"message\":\"password-set\",\"at\":\"2026-11-29T12:05:00Z\"}', 0,
                 'queued', 0, 0, CAST(unixepoch('subsec') * 1000000 AS INTEGER)
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

/// Has the leases of a worker that was killed run out, as they do after two minutes, and the pauses of mails with which
/// several were killed.
fn let_leases_run_out(site: &Site) {
    let sql = "UPDATE mails SET leased_until = 0 WHERE state = 'sending'; UPDATE mails SET due_at = 0 WHERE state = 'queued'";
    site.sql().execute_batch(sql).unwrap();
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
    // A mail that the last three who were killed had in hand pauses once more.
    for _ in 0..2 {
        let ran = site.run(&["mail", "flush"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let_leases_run_out(&site);
    }
    (site, arrived(&server), struck)
}

/// How often each mail arrived at a recipient, by both.
fn arrived(server: &Server) -> HashMap<String, usize> {
    let mut arrived: HashMap<String, usize> = HashMap::new();
    for mail in server.received() {
        let text = String::from_utf8_lossy(&mail.mail).into_owned();
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
        *arrived.entry(format!("{id} {}", mail.envelope.get(1).unwrap())).or_default() += 1;
    }
    arrived
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

/// A server that takes half a second for each mail.
fn slow() -> Server {
    Server::start(Script::with(At::Data, Fault::Late(Duration::from_millis(500))))
}

/// Waits until something is so.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Starts something on a site, and waits until a mail has left.
fn started(site: &Site, line: &str, server: &Server) -> Child {
    let mut bash = site.program("bash");
    bash.args(["-c", line, SECBOARD]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = bash.spawn().unwrap();
    wait_until("nothing was sent", || !server.received().is_empty());
    child
}

/// Each of so many has arrived once, and is known to have.
fn assert_each_went_once(site: &Site, server: &Server, mails: usize) {
    let arrived = arrived(server);
    assert_eq!((arrived.len(), server.received().len()), (mails, mails), "{arrived:?}");
    assert_eq!(count(site, "sent"), i64::try_from(mails).unwrap());
    site.assert_whole();
}

#[test]
fn a12_a_disk_that_is_full_before_mails_are_sent_or_queued_is_74_and_the_rest_goes_with_room_again() {
    let server = Server::start(Script::default());
    let site = site(&server, 3);
    if !can_mount(&site) {
        return;
    }
    let ended = site.bash(&lines_on_a_disk(
        r#"fill
            flush=0; "$0" mail flush || flush=$?
            send=0; echo words | "$0" mail send --to late@acme.example --subject Late || send=$?
            rm disk/filler
            echo "$flush $send"
            "$0" mail outbox list -o csv --columns state
            echo words | "$0" mail send --to late@acme.example --subject Late > /dev/null
            "$0" mail flush
            keep"#,
    ));
    ended.refused(0, &["error: the disk is full", "free some space", "4 sent"]);
    assert_eq!(ended.stdout, "74 74\nstate\nqueued\nqueued\nqueued\n", "{ended:?}");
    assert_each_went_once(&site, &server, 4);
}

#[test]
fn a12_a_disk_that_fills_while_mails_are_sent_ends_it_and_what_was_taken_is_written_down_first() {
    let server = slow();
    let site = site(&server, 8);
    if !can_mount(&site) {
        return;
    }
    let line = lines_on_a_disk(
        r#""$0" mail flush & flush=$!
            while [ ! -e to-fill ]; do sleep 0.01; done
            fill; touch filled
            while [ ! -e to-free ]; do sleep 0.01; done
            rm disk/filler to-fill filled to-free
            code=0; wait $flush || code=$?
            echo $code
            "$0" mail flush
            keep"#,
    );
    let child = started(&site, &line, &server);
    fs::write(site.path("to-fill"), "").unwrap();
    wait_until("the disk is not filled", || site.path("filled").exists());
    let there = server.received().len();
    std::thread::sleep(Duration::from_secs(3));
    assert!(server.received().len() <= there + 2, "nothing is taken but what two lanes had in hand");
    fs::write(site.path("to-free"), "").unwrap();
    let ended = Ended::from(child);
    ended.refused(0, &["sent; then the disk is full", "free some space", "sent"]);
    assert_eq!(ended.stdout, "74\n", "{ended:?}");
    assert_each_went_once(&site, &server, 8);
}

#[test]
fn a12_a_folder_of_mails_without_room_has_the_account_rest_and_keeps_no_half_of_one() {
    let site = site_of("--kind file --folder .", 3);
    if !can_mount(&site) {
        return;
    }
    let ended = site.bash(&lines_on_a_disk(
        r#"mkdir disk/mails
            export SECBOARD_STORE=$PWD/secboard.db
            "$0" mail server edit relay --folder disk/mails
            fill
            flush=0; "$0" mail flush || flush=$?
            ls -A disk/mails
            rm disk/filler
            "$0" mail server edit relay --rate 1000
            "$0" mail flush
            echo "$flush $(ls -A disk/mails | wc -l)""#,
    ));
    ended.refused(0, &["error: account `noreply` rests", "hand-over: ", "No space left", "3 sent"]);
    assert_eq!(ended.stdout, "69 3\n", "{ended:?}");
    assert_eq!(count(&site, "sent"), 3);
    site.assert_whole();
}

#[test]
fn a12_mails_of_a_store_that_cannot_be_written_stay_and_none_is_sent_or_queued() {
    let server = Server::start(Script::default());
    let site = site(&server, 3);
    if !can_mount(&site) {
        return;
    }
    let ended = site.bash(&lines_on_a_disk(
        r#"freeze
            flush=0; "$0" mail flush || flush=$?
            send=0; echo words | "$0" mail send --to late@acme.example --subject Late || send=$?
            upkeep=0; "$0" upkeep --only outbox --quiet || upkeep=$?
            echo "$flush $send $upkeep"
            "$0" mail outbox list -o csv --columns state"#,
    ));
    ended.refused(0, &["cannot be written", "must be writable"]);
    assert_eq!(ended.stdout, "73 73 1\nstate\nqueued\nqueued\nqueued\n", "{ended:?}");
    assert!(server.heard().is_empty(), "{:?}", server.heard());
    assert_eq!(site.run(&["mail", "flush"]).code, Some(0));
    assert_each_went_once(&site, &server, 3);
}

#[test]
fn a_store_that_is_held_for_longer_than_a_command_waits_is_waited_for_while_a_mail_is_recorded() {
    let server = slow();
    let site = site(&server, 4);
    let flush = started(&site, r#"exec "$0" mail flush"#, &server);
    let other = site.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let there = server.received().len();
    std::thread::sleep(Duration::from_secs(12));
    assert!(server.received().len() <= there + 2, "nothing is taken but what two lanes had in hand");
    other.execute_batch("COMMIT").unwrap();
    other.close().unwrap();
    let ended = Ended::from(flush);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_each_went_once(&site, &server, 4);
}

#[test]
fn a_mail_that_is_queued_while_somebody_holds_the_store_waits_for_it() {
    let site = site_of("--kind file --folder .", 1);
    let other = site.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let line = r#"echo words | "$0" mail send --to late@acme.example --subject Late"#;
    let mut bash = site.program("bash");
    let mut send =
        bash.args(["-c", line, SECBOARD]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(send.try_wait().unwrap(), None, "it waits");
    other.execute_batch("COMMIT").unwrap();
    other.close().unwrap();
    assert_eq!(Ended::from(send).code, Some(0));
    assert_eq!(count(&site, "queued"), 2);
    site.assert_whole();
}

#[test]
fn a_terminal_shows_all_that_a_server_answered_and_times_of_the_site() {
    let said = "450 4.2.0 <p1@acme.example>: Recipient address rejected: Greylisted, see \
                https://postgrey.example.org/help/acme.example.html and come again in 300 seconds, at 14:05 o'clock";
    let words: &'static str = Box::leak(format!("{said}\r\n").into_boxed_str());
    let put_off = Trouble { at: At::Rcpt, fault: Fault::Say(words), connection: None, mail: None };
    let server = Server::start(Script { troubles: vec![put_off], ..Script::default() });
    let site = site(&server, 1);
    assert_eq!(
        site.bash(r#""$0" setting set site.time_zone Asia/Kathmandu && "$0" mail flush"#).code,
        Some(0)
    );
    for command in [&["mail", "outbox", "show", "m000000001"][..], &["mail", "trace", "p1@acme.example"]] {
        let shown = Terminal::start(&site, command).all();
        assert!(shown.lines().all(|line| !line.contains('…')), "{shown}");
        let unbroken = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(unbroken.contains(said), "{shown}");
    }
    let shown = site.bash(r#""$0" mail outbox show m000000001"#).stdout;
    assert!(shown.contains("+05:45") && !shown.contains('Z'), "{shown}");
    let told = site.bash(r#""$0" mail outbox show m000000001 -o json"#).stdout;
    assert!(told.contains("Z\"") && !told.contains("+05:45"), "{told}");
}
