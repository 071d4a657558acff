//! Many requests on one site, with the operations of features.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use super::{command, open, store_and_key};
use crate::audit::{self, Proof};
use crate::context::{Actor, Context, Site, Via, Visit};
use crate::error::{Kind, Result};
use crate::registry::SETTINGS;
use crate::user::BIN_DAYS;
use crate::{company, key, setting, state};

fn visit() -> Visit {
    Visit::of(Actor::system(None), Via::Cli)
}

fn found(site: &Site, name: &str) -> Result<()> {
    let new = company::New { name: name.to_owned(), ..company::New::default() };
    site.serve(visit(), |cx| company::create(cx, &new, false)).map(|_| ())
}

fn companies(cx: &Context) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let listed = company::list(cx, |company, _| {
        names.insert(company.name);
        Ok(())
    });
    listed.unwrap();
    names
}

/// Checks that the audit is whole, that the tables hold what it tells, and how many rows it has.
fn assert_whole(cx: &Context, rows: usize) {
    let verdict = audit::verify(cx, Proof { state: Some(state::TABLES), ..Proof::default() }).unwrap();
    assert!(verdict.is_good() && verdict.keyed_proved, "{verdict:?}");
    assert_eq!(usize::try_from(verdict.rows).unwrap(), rows);
}

#[test]
fn a13_changes_of_many_are_each_durable_and_in_the_audit() {
    let (_folder, config) = store_and_key();
    let site = open(&config, &SETTINGS).unwrap();
    let name = |thread, number| format!("Company {thread} {number}");
    thread::scope(|scope| {
        for thread in 0..8 {
            let (site, config) = (&site, &config);
            scope.spawn(move || {
                for number in 0..20 {
                    found(site, &name(thread, number)).unwrap();
                    // Refused, and with it nothing of what the others do meanwhile.
                    assert_eq!(found(site, &name(thread, 0)).unwrap_err().code(), "company.exists");
                    let is_there = companies(&command(config)).contains(&name(thread, number));
                    assert!(is_there, "others see it when it is told as done");
                }
            });
        }
    });
    site.serve(visit(), |cx| {
        assert_eq!(companies(cx).len(), 160);
        assert_whole(cx, 160);
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_was_staged_is_changed_from_where_it_lies() {
    let (_folder, config) = store_and_key();
    let site = open(&config, &SETTINGS).unwrap();
    for _ in 0..2 {
        let kept = site.serve(visit(), |cx| {
            cx.stage(|tx| {
                Ok(tx.sql().execute_batch("CREATE TEMP TABLE staged (n); INSERT INTO staged VALUES (7)")?)
            })?;
            cx.write(|tx| {
                Ok(tx.sql().query_row("SELECT n FROM temp.staged", [], |row| row.get::<_, i64>(0))?)
            })
        });
        assert_eq!(kept.unwrap(), 7, "and the next visit finds nothing of it");
    }
}

#[test]
fn a_dry_run_leaves_nothing_and_a_visit_that_only_reads_can_write_nothing() {
    let (_folder, config) = store_and_key();
    let site = open(&config, &SETTINGS).unwrap();
    let new = company::New { name: "Acme".to_owned(), ..company::New::default() };
    let dry = Visit { dry_run: true, ..visit() };
    site.serve(dry, |cx| company::create(cx, &new, false)).unwrap();
    let written = site.serve(visit(), |cx| {
        assert_eq!(companies(cx).len(), 0);
        cx.read(|tx| Ok(tx.sql().execute("DELETE FROM store_info", [])?))
    });
    assert_eq!(written.unwrap_err().code(), "store.read_only");
}

#[test]
fn settings_that_another_process_changes_are_those_of_the_next_visit() {
    let (_folder, config) = store_and_key();
    let site = open(&config, &SETTINGS).unwrap();
    let days = || site.serve(visit(), |cx| Ok(*cx.settings.get(&BIN_DAYS))).unwrap();
    assert_eq!(days(), 30);
    let other = command(&config);
    site.serve(visit(), |cx| {
        setting::set(&other, "user.bin_days", "7")?;
        assert_eq!(*cx.settings.get(&BIN_DAYS), 30, "nothing changes under a visit");
        Ok(())
    })
    .unwrap();
    assert_eq!(days(), 7);
    site.serve(visit(), |cx| setting::set(cx, "user.bin_days", "8")).unwrap();
    assert_eq!(days(), 8, "its own change too");
}

#[test]
fn a3_a_key_that_another_process_replaces_is_that_of_the_next_visit() {
    let (_folder, config) = store_and_key();
    let site = open(&config, &SETTINGS).unwrap();
    found(&site, "Before").unwrap();
    let other = command(&config);
    let late = site.serve(visit(), |cx| {
        key::rotate(&other, &config, crate::registry::SEALED, key::GiveUp::default())?;
        let new = company::New { name: "Late".to_owned(), ..company::New::default() };
        company::create(cx, &new, false)
    });
    let late = late.unwrap_err();
    assert_eq!((late.code(), late.kind()), ("key.replaced", Kind::Busy));
    found(&site, "After").unwrap();
    site.serve(visit(), |cx| {
        assert_whole(cx, 3);
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_store_that_was_put_in_its_place_is_the_one_that_is_served() {
    let (folder, config) = store_and_key();
    let site = open(&config, &SETTINGS).unwrap();
    found(&site, "Old").unwrap();
    let (_other_folder, other) = store_and_key();
    found(&open(&other, &SETTINGS).unwrap(), "Of another store").unwrap();
    fs::copy(&other.key, &config.key).unwrap();
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(folder.path().join(format!("secboard.db{suffix}"))).ok();
    }
    fs::copy(&other.store, folder.path().join("restored.db")).unwrap();
    fs::rename(folder.path().join("restored.db"), &config.store).unwrap();
    found(&site, "New").unwrap();
    let names = site.serve(visit(), |cx| Ok(companies(cx))).unwrap();
    assert_eq!(names, ["New", "Of another store"].map(str::to_owned).into());
}

#[test]
fn a_visit_that_is_cancelled_or_panics_ends_alone() {
    let (_folder, config) = store_and_key();
    let site = open(&config, &SETTINGS).unwrap();
    let gone = visit();
    let token = gone.cancel.clone();
    let ended = site.serve(gone, |cx| {
        token.cancel();
        cx.read(|tx| SETTINGS.load(tx))?;
        company::create(cx, &company::New { name: "Acme".to_owned(), ..company::New::default() }, false)
    });
    assert_eq!(ended.unwrap_err().kind(), Kind::Interrupted);
    let panicked = thread::scope(|scope| {
        scope.spawn(|| site.serve(visit(), |cx| -> Result<()> { panic!("{}", cx.now()) })).join()
    });
    assert!(panicked.is_err());
    found(&site, "Acme").unwrap();
    site.serve(visit(), |cx| {
        assert_whole(cx, 1);
        Ok(())
    })
    .unwrap();
}

/// Makes changes in the store whose folder comes on standard input, and says each when it is told that it is done.
#[test]
#[ignore = "the process that `a13_kill_9_leaves_what_was_told_as_done` kills"]
fn changes_until_it_is_killed() {
    let mut folder = String::new();
    std::io::stdin().read_line(&mut folder).unwrap();
    let folder = Path::new(folder.trim_end());
    if folder.as_os_str().is_empty() {
        return;
    }
    let site = open(&super::config_in(folder), &SETTINGS).unwrap();
    thread::scope(|scope| {
        for thread in 0..8 {
            let site = &site;
            scope.spawn(move || {
                for number in 0.. {
                    let name = format!("Company {thread} {number}");
                    found(site, &name).unwrap();
                    writeln!(std::io::stdout(), "done: {name}").unwrap();
                }
            });
        }
    });
}

#[test]
fn a13_kill_9_leaves_what_was_told_as_done() {
    for count in [1, 100, 200] {
        let (folder, config) = store_and_key();
        let itself = "daemon::tests::site::changes_until_it_is_killed";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", itself, "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{}", folder.path().display()).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let name = |line: String| line.split_once("done: ").map(|(_, name)| name.to_owned());
        let mut done: BTreeSet<String> = lines.by_ref().filter_map(name).take(count).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        // And what it said before it was killed, and is read only now.
        done.extend(lines.filter_map(name));
        assert!(done.len() >= count);
        let site = open(&config, &SETTINGS).unwrap();
        site.serve(visit(), |cx| {
            let there = companies(cx);
            assert!(done.is_subset(&there), "{:?}", done.difference(&there));
            assert_whole(cx, there.len());
            Ok(())
        })
        .unwrap();
    }
}
