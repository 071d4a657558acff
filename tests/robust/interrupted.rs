//! kill -9, Ctrl-C and SIGTERM at any moment: all of a command or nothing of it, and the next one works.

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::site::{Ended, Site, email};

/// Rows of the import that is interrupted; far more than it gets through before.
const ROWS: u64 = 100_000;

fn write_people(site: &Site) {
    let mut text = String::from("email,first_name,last_name,company\n");
    for row in 0..ROWS {
        writeln!(text, "row{row}@acme.example,Row,Number{row},Acme").unwrap();
    }
    fs::write(site.path("people.csv"), text).unwrap();
}

fn start_import(site: &Site) -> Child {
    let mut command = site.secboard(&["user", "import", "people.csv"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until the import listens for Ctrl-C, which it does just before it begins; then lets it get into its work.
fn wait_until_at_work(child: &Child) {
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

/// Checks that the store is whole and nobody was imported, then that the next command works.
fn assert_untouched(site: &Site, next: &str) {
    fs::rename(site.path("people.csv"), site.folder().with_extension("csv")).unwrap();
    site.assert_whole();
    fs::rename(site.folder().with_extension("csv"), site.path("people.csv")).unwrap();
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
    write_people(&site);
    for (round, millis) in [30, 100, 300, 700].into_iter().enumerate() {
        let mut child = start_import(&site);
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it was still at work");
        assert_untouched(&site, &format!("after{round}"));
    }
}

#[test]
fn a13_ctrl_c_and_term_during_an_import_are_130_and_change_nothing() {
    let site = Site::new();
    write_people(&site);
    for (round, signal) in [Signal::INT, Signal::TERM, Signal::HUP].into_iter().enumerate() {
        let child = start_import(&site);
        wait_until_at_work(&child);
        send(&child, signal);
        let ended = Ended::from(child.wait_with_output().unwrap());
        ended.refused(130, &["interrupted", "nothing was changed"]);
        assert_untouched(&site, &format!("after{round}"));
    }
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
