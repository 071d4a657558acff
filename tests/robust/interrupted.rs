//! kill -9, Ctrl-C and SIGTERM at any moment: all of a command or nothing of it, and the next one works.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::site::{Ended, Site, email};

/// Rows of an import that is interrupted long before its end.
const ENDLESS: u64 = 100_000;

/// As few rows as are written with the indexes of lists set aside.
const MANY: u64 = 10_000;

fn write_people(site: &Site, rows: u64) {
    let mut text = String::from("email,first_name,last_name,company\n");
    for row in 0..rows {
        writeln!(text, "row{row}@acme.example,Row,Number{row},Acme").unwrap();
    }
    fs::write(site.path("people.csv"), text).unwrap();
}

fn start_import(site: &Site) -> Child {
    let mut command = site.secboard(&["user", "import", "people.csv"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the import listens for Ctrl-C, which it does just before it begins; then lets it get into its work.
pub(crate) fn wait_until_at_work(child: &Child) {
    let listens = || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim();
        u64::from_str_radix(caught, 16).unwrap() >> (Signal::INT.as_raw() - 1) & 1 == 1
    };
    for _ in 0..6000 {
        if listens() {
            return std::thread::sleep(Duration::from_millis(200));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the import never began");
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Checks that the store is whole, apart from the file that was imported.
fn assert_whole(site: &Site) {
    fs::rename(site.path("people.csv"), site.folder().with_extension("csv")).unwrap();
    site.assert_whole();
    fs::rename(site.folder().with_extension("csv"), site.path("people.csv")).unwrap();
}

/// Checks that the store is whole and nobody was imported, then that the next command works.
fn assert_untouched(site: &Site, next: &str) {
    assert_whole(site);
    let found = site.run(&["user", "list", "--search", "row1", "--count"]);
    assert_eq!(found.stdout.trim(), "0", "{found:?}");
    assert_eq!(site.add(next).code, Some(0));
}

#[test]
fn a13_kill_9_at_any_moment_leaves_all_or_nothing_of_a_command() {
    let site = Site::new();
    let mut made = 1;
    for round in 0..24u64 {
        let name = format!("k{round}");
        let email = email(&name);
        let arguments = ["user", "create", "--email", &email, "--first-name", "Kay", "--last-name", "Nine"];
        let mut command = site.secboard(&arguments);
        command.args(["--company", "Acme"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_micros(1500 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let there = site.run(&["user", "show", &email]).code == Some(0);
        made += u64::from(there);
        assert_eq!(site.people(), made);
        let recorded =
            site.run(&["audit", "list", "--action", "user.create", "--subject", &email, "-o", "jsonl"]);
        assert_eq!(
            recorded.stdout.lines().count(),
            usize::from(there),
            "the change and its record go together"
        );
    }
    site.assert_whole();
}

#[test]
fn a13_kill_9_during_an_import_leaves_nothing_of_it() {
    let site = Site::new();
    write_people(&site, ENDLESS);
    for (round, millis) in [30, 100, 300, 700].into_iter().enumerate() {
        let mut child = start_import(&site);
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it was still at work");
        assert_untouched(&site, &format!("after{round}"));
    }
}

/// The processor time a process has used, in ticks: how far it is, however busy the machine.
fn ticks(child: &Child) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    // The name, in brackets, is the second field; user and system time are the 14th and 15th (proc_pid_stat(5)).
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}

/// Sends the signal when it is time, unless the process has ended before.
fn send_when(child: &mut Child, signal: Signal, is_time: impl Fn(&Child) -> bool) {
    while child.try_wait().unwrap().is_none() {
        if is_time(child) {
            return send(child, signal);
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Checks that the store is whole, with all of the schema, and all of the import or nothing of it, and that the next command works.
fn assert_all_or_nothing(site: &Site, schema: &[String], ended: Ended) {
    assert_whole(site);
    assert_eq!(site.schema(), schema);
    let imported = site.people() - 2;
    assert!(imported == 0 || imported == MANY, "{imported} of {MANY}");
    assert!(ended.code != Some(0) || imported == MANY, "{ended:?}");
    let count =
        |sql: &str| site.sql().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap().cast_unsigned();
    assert_eq!(count("SELECT count(*) FROM audit WHERE action = 'user.import' AND kind = 'user'"), imported);
    assert_eq!(count("SELECT count(*) FROM run_changes"), imported);
    assert_eq!(count("SELECT count(*) FROM runs"), imported / MANY);
    let listed = site.run(&["user", "list", "--sort", "name", "-o", "jsonl"]);
    assert_eq!(listed.stdout.lines().count() as u64, 2 + imported, "{}", listed.stderr);
    assert_eq!(site.add("next").code, Some(0));
}

/// A site with two people, and an import of so many more that the indexes of lists are set aside.
fn start_large_import() -> (Site, Child) {
    let site = Site::new();
    assert_eq!(site.add("before").code, Some(0));
    write_people(&site, MANY);
    let child = start_import(&site);
    (site, child)
}

#[test]
fn a13_an_import_with_indexes_set_aside_ends_at_any_moment_and_leaves_them_all() {
    let schema = Site::new().schema();
    let is_larger = |path: &Path, size: u64| fs::metadata(path).is_ok_and(|file| file.len() > size);

    // While what is in the log goes to the store, at the very end.
    let (site, mut child) = start_large_import();
    let (store, before, all) = (site.store(), fs::metadata(site.store()).unwrap().len(), Cell::new(0));
    send_when(&mut child, Signal::KILL, |child| {
        all.set(ticks(child));
        is_larger(&store, before)
    });
    assert_all_or_nothing(&site, &schema, child.into());
    assert_eq!(site.people(), 3 + MANY, "it was written when it was killed");

    // While its changes go to the log.
    let (site, mut child) = start_large_import();
    let log = site.path("secboard.db-wal");
    send_when(&mut child, Signal::KILL, |_| is_larger(&log, 0));
    assert_all_or_nothing(&site, &schema, child.into());

    // Before, while the indexes are away.
    for (signal, percent) in [(Signal::INT, 40), (Signal::KILL, 55)] {
        let (site, mut child) = start_large_import();
        send_when(&mut child, signal, |child| ticks(child) * 100 >= all.get() * percent);
        let ended = Ended::from(child);
        if signal == Signal::INT {
            ended.refused(130, &["interrupted", "nothing was changed"]);
        }
        assert_all_or_nothing(&site, &schema, ended);
    }
}

#[test]
fn a13_ctrl_c_and_term_during_an_import_are_130_and_change_nothing() {
    let site = Site::new();
    write_people(&site, ENDLESS);
    for (round, signal) in [Signal::INT, Signal::TERM, Signal::HUP].into_iter().enumerate() {
        let child = start_import(&site);
        wait_until_at_work(&child);
        send(&child, signal);
        let ended = Ended::from(child);
        ended.refused(130, &["interrupted", "nothing was changed"]);
        assert_untouched(&site, &format!("after{round}"));
    }
}

/// What a store holds of people, runs and the audit.
fn counts(site: &Site) -> Vec<i64> {
    let sql = "SELECT (SELECT count(*) FROM users WHERE active), (SELECT count(*) FROM memberships),
        (SELECT count(*) FROM run_changes), (SELECT count(*) FROM audit),
        (SELECT count(*) FROM runs WHERE state = 'held'), (SELECT count(*) FROM runs WHERE state = 'applied'),
        (SELECT count(*) FROM runs WHERE state = 'undone')";
    let row = |row: &rusqlite::Row<'_>| (0..7).map(|column| row.get(column)).collect();
    site.sql().query_row(sql, [], row).unwrap()
}

fn copy_of(site: &Site) -> Site {
    let copy = Site::new();
    for name in ["secboard.db", "secboard.key"] {
        fs::copy(site.path(name), copy.path(name)).unwrap();
    }
    copy
}

/// Kills a command at several moments, each on a copy of the site, and then does it as a whole.
fn kill_at_several_moments(site: &Site, arguments: &[&str], code: i32) {
    let moments = std::env::var("SECBOARD_TEST_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let (before, whole) = (counts(site), copy_of(site));
    let begun = Instant::now();
    assert_eq!(whole.run(arguments).code, Some(code));
    let (took, after) = (begun.elapsed(), counts(&whole));
    assert_ne!(before, after);
    let mut killed = 0;
    for moment in 1..=moments {
        let copy = copy_of(site);
        let mut child = copy.secboard(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(took * moment / moments);
        child.kill().unwrap();
        killed += u32::from(child.wait().unwrap().code().is_none());
        copy.assert_whole();
        let found = counts(&copy);
        assert!(found == before || found == after, "{arguments:?}: {before:?}, {after:?}, {found:?}");
        assert_eq!(copy.add("next").code, Some(0));
    }
    assert!(killed > 0, "{arguments:?}: it was always done before");
    assert_eq!(site.run(arguments).code, Some(code));
}

/// Six kills of each command, or as many as `SECBOARD_TEST_KILLS` says.
#[test]
fn a13_kill_9_while_a_run_is_held_released_made_and_undone_leaves_all_or_nothing_of_it() {
    let site = Site::new();
    write_people(&site, 200);
    assert_eq!(site.run(&["user", "import", "people.csv"]).code, Some(0));
    fs::remove_file(site.path("people.csv")).unwrap();
    assert_eq!(site.run(&["group", "create", "Readers"]).code, Some(0));
    let everybody = ["--search", "row", "--all-matching", "--yes"];
    let newest = || -> String {
        site.sql().query_row("SELECT id FROM runs ORDER BY rowid DESC", [], |row| row.get(0)).unwrap()
    };
    let with_everybody = |verb: &[&'static str]| [verb, &everybody].concat();
    kill_at_several_moments(&site, &with_everybody(&["user", "deactivate"]), 76);
    kill_at_several_moments(&site, &["run", "release", &newest()], 0);
    kill_at_several_moments(&site, &["run", "undo", &newest(), "--yes"], 0);
    kill_at_several_moments(&site, &with_everybody(&["user", "add-group", "Readers"]), 0);
}

#[test]
fn a13_kill_9_during_init_leaves_a_whole_store_or_nothing_in_the_way() {
    let site = Site::new();
    for round in 0..10u64 {
        let store = format!("new{round}/s.db");
        let words = format!(
            "init --store {store} --email a@b.example --first-name A --last-name B --company C --time-zone UTC \
             --generate-password --no-input"
        );
        let words: Vec<&str> = words.split_whitespace().collect();
        let mut command = site.secboard(&words);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(15 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let ended = site.run(&["--store", &store, "audit", "verify"]);
        if ended.code != Some(0) {
            ended.refused(66, &["there is no store"]);
            assert_eq!(site.run(&words).code, Some(0), "nothing is in the way of the next attempt");
        }
    }
}
