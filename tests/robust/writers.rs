//! Several processes at once.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::interrupted::wait_until_at_work;
use crate::site::Site;

#[test]
fn a11_eight_processes_write_at_once_and_nothing_is_lost() {
    const PROCESSES: u32 = 8;
    const EACH: u32 = 25;
    let site = Site::new();
    thread::scope(|scope| {
        for writer in 0..PROCESSES {
            let site = &site;
            scope.spawn(move || {
                for count in 0..EACH {
                    let ended = site.add(&format!("p{writer}x{count}"));
                    assert_eq!(ended.code, Some(0), "{ended:?}");
                }
            });
        }
    });
    assert_eq!(site.people(), u64::from(PROCESSES * EACH) + 1);
    site.assert_whole();
}

#[test]
fn a11_of_many_who_make_the_same_person_one_does() {
    let site = Site::new();
    let codes: Vec<_> = thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| site.add("same").code)).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(73)).count(), 7, "{codes:?}");
    assert_eq!(site.people(), 2);
    site.assert_whole();
}

/// Whether a password is the current one is told by an answer that counts, never by how long a command goes on.
#[test]
fn p4_a_guess_is_answered_however_often_the_person_is_changed_meanwhile() {
    let site = Site::new();
    assert_eq!(site.add("ann").code, Some(0));
    let set = r#"timeout 30 "$0" user set-password ann@acme.example --password-stdin <<< "$1""#;
    let set = |password: &str| site.bash(&set.replace("$1", password));
    assert_eq!(set("copper lantern orbits").code, Some(0));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for writer in 0..3 {
            let (site, is_over) = (&site, &is_over);
            scope.spawn(move || {
                for count in 0.. {
                    let name = format!("N{writer}x{count}");
                    site.run(&["user", "edit", "ann@acme.example", "--last-name", &name]);
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        let (same, another) = (set("copper lantern orbits"), set("another lantern orbits"));
        is_over.store(true, Ordering::Relaxed);
        assert_eq!((same.code, another.code), (Some(65), Some(0)), "{same:?} {another:?}");
    });
    let counted = "SELECT count(*) FROM audit WHERE action = 'login.failed'";
    assert_eq!(site.sql().query_row(counted, [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[test]
fn a11_of_many_who_make_the_same_store_one_does() {
    let site = Site::new();
    let words = "init --store new/s.db --email a@b.example --first-name A --last-name B --company C --time-zone UTC \
                 --generate-password --no-input";
    let words: Vec<&str> = words.split_whitespace().collect();
    let codes: Vec<_> = thread::scope(|scope| {
        let tries: Vec<_> = (0..6).map(|_| scope.spawn(|| site.run(&words).code)).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(73)).count(), 5, "{codes:?}");
    assert_eq!(
        site.run(&["--store", "new/s.db", "audit", "verify"]).code,
        Some(0),
        "key and store belong together"
    );
}

/// Checks that somebody else can write within a second.
#[track_caller]
fn assert_others_write(site: &Site, name: &str) {
    let begun = Instant::now();
    assert_eq!(site.add(name).code, Some(0));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn a11_a_pipe_that_stalls_keeps_nobody_from_writing() {
    let site = Site::new();
    site.add("bo");
    let header = "email,first_name,last_name,company\n";
    let mut rows = String::from(header);
    for row in 0..3000 {
        writeln!(rows, "row{row}@acme.example,Row,Number{row},Acme").unwrap();
    }
    for (round, (arguments, first, last)) in [
        (&["user", "import", "-"][..], rows.as_str(), "last@acme.example,Last,Row,Acme\n"),
        (
            &["user", "import", "-", "--dry-run", "-o", "json"],
            rows.as_str(),
            "other@acme.example,Other,Row,Acme\n",
        ),
        (&["user", "deactivate", "-", "--yes"], "bo@acme.example\n", "ada@acme.example\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut command = site.secboard(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // More than a pipe holds: it has been read from.
        input.write_all(first.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(500));
        assert_others_write(&site, &format!("meanwhile{round}"));
        input.write_all(last.as_bytes()).unwrap();
        drop(input);
        let ended: crate::site::Ended = child.into();
        let done = match round {
            0 => "3001 created",
            1 => "3001 refused",
            _ => "no superuser would be left",
        };
        assert!(ended.stderr.contains(done) || round > 0, "{ended:?}");
    }
    assert_eq!(site.people(), 2 + 3 + 3001);
    site.assert_whole();
}

/// How many bytes the log of the store has once it was emptied as far as it can be.
fn log_after_a_checkpoint(site: &Site) -> u64 {
    site.sql().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    fs::metadata(site.path("secboard.db-wal")).unwrap().len()
}

#[test]
fn a11_the_log_can_be_emptied_while_an_import_waits_for_its_input() {
    let site = Site::new();
    // Somebody else has the store open: the log stays.
    let held = site.sql();
    held.query_row("SELECT count(*) FROM users", [], |_| Ok(())).unwrap();
    let mut rows = String::from("email,first_name,last_name,company\n");
    for row in 0..10_000 {
        writeln!(rows, "row{row}@acme.example,Row,Number{row},Acme").unwrap();
    }
    for (input_of, arguments) in [
        ("a pipe", &["user", "import", "-"][..]),
        ("a pipe with a name", &["user", "import", "people.csv", "--on-existing", "skip"]),
    ] {
        let named = site.path("people.csv");
        let mut command = site.secboard(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let (child, mut input): (_, Box<dyn std::io::Write>) = if input_of == "a pipe" {
            let mut child = command.spawn().unwrap();
            let input = child.stdin.take().unwrap();
            (child, Box::new(input))
        } else {
            assert_eq!(site.bash("mkfifo -m 666 people.csv").code, Some(0));
            let child = command.spawn().unwrap();
            (child, Box::new(fs::File::options().write(true).open(named).unwrap()))
        };
        // Many times as much as a pipe holds and is looked at in advance: rows were read.
        input.write_all(rows.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(500));
        assert_others_write(&site, if input_of == "a pipe" { "ann" } else { "bo" });
        assert_eq!(log_after_a_checkpoint(&site), 0, "{input_of}: a snapshot is held");
        input.write_all(b"last@acme.example,Last,Row,Acme\n").unwrap();
        drop(input);
        let ended: crate::site::Ended = child.into();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    assert_eq!(site.people(), 1 + 2 + 10_001);
}

#[test]
fn a11_what_was_changed_while_a_plan_was_made_is_left_out_or_refuses_the_whole() {
    let site = Site::new();
    let mut rows = String::from("email,first_name,last_name,company\nann@acme.example,Ann,Lee,Acme\n");
    // A row that repeats another is looked at and passed over: the plan takes its time and stays small.
    for _ in 0..150_000 {
        rows.push_str("bo@acme.example,Bo,Lee,Acme\n");
    }
    fs::write(site.path("people.csv"), rows).unwrap();
    for (partial, code, bo) in [(None, 73, 67), (Some("--partial"), 1, 0)] {
        let mut command = site.secboard(&["user", "import", "people.csv"]);
        command.args(partial).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        wait_until_at_work(&child);
        assert_others_write(&site, "ann");
        let ended: crate::site::Ended = child.into();
        ended.refused(code, &["ann@acme.example"]);
        assert_eq!(site.run(&["user", "show", "bo@acme.example"]).code, Some(bo));
        assert_eq!(site.run(&["user", "delete", "ann@acme.example", "--yes"]).code, Some(0));
    }
    fs::remove_file(site.path("people.csv")).unwrap();
    site.assert_whole();
}

#[test]
fn a11_who_reads_a_dry_run_slowly_keeps_nobody_from_writing() {
    let site = Site::new();
    let mut people = String::from("email,first_name,last_name,company\n");
    for row in 0..3000 {
        writeln!(people, "row{row}@acme.example,Row,Number{row},Acme").unwrap();
    }
    fs::write(site.path("people.csv"), people).unwrap();
    let mut command = site.secboard(&["user", "import", "people.csv", "--dry-run", "-o", "jsonl"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut plan = child.stdout.take().unwrap();
    // It prints, and nobody reads on: more than a pipe holds is still to come.
    plan.read_exact(&mut [0]).unwrap();
    assert_eq!(site.add("late").code, Some(0));
    let mut rest = String::new();
    plan.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.lines().count(), 3000);
    assert!(child.wait().unwrap().success());
    assert_eq!(site.people(), 2);
}
