//! Stores that are newer, foreign or damaged: said, never mended in silence, never made again.

use std::fs;

use crate::site::{Ended, Site};

#[test]
fn a12_a_newer_store_is_78_and_untouched() {
    let site = Site::new();
    site.sql().pragma_update(None, "user_version", 999).unwrap();
    let before = fs::read(site.store()).unwrap();
    for ended in [site.run(&["user", "list"]), site.add("late")] {
        ended.refused(78, &["has schema 999", "use the newer secboard"]);
    }
    assert_eq!(fs::read(site.store()).unwrap(), before);
}

#[test]
fn a12_the_database_of_another_program_is_78() {
    let site = Site::new();
    fs::remove_file(site.store()).unwrap();
    site.sql().execute_batch("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);").unwrap();
    site.add("late").refused(78, &["is not a secboard store"]);
    let count: i64 = site.sql().query_row("SELECT count(*) FROM theirs", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a12_a_damaged_store_is_78_with_the_way_back_and_stays_as_it_is() {
    let site = Site::new();
    for name in ["one", "two", "three"] {
        assert_eq!(site.add(name).code, Some(0));
    }
    let sound = fs::read(site.store()).unwrap();
    let mut damaged = sound.clone();
    let middle = 4096..;
    damaged.get_mut(middle).unwrap().fill(0xA5);
    fs::write(site.store(), &damaged).unwrap();
    let commands: [&[&str]; 3] = [&["audit", "verify"], &["user", "list"], &["audit", "list", "-o", "jsonl"]];
    for arguments in commands {
        site.run(arguments).refused(78, &["the store is damaged", "put back the latest copy"]);
    }
    site.add("late").refused(78, &["the store is damaged"]);
    assert_eq!(fs::read(site.store()).unwrap(), damaged, "kept for whoever looks into it");
    fs::write(site.store(), &sound).unwrap();
    assert_eq!(site.people(), 4);
}

/// Wherever one page is overwritten, the command answers what it answers from the whole store, or says that the store is
/// damaged; it neither crashes nor answers less.
#[test]
fn a12_no_damaged_page_crashes_a_command() {
    let site = Site::new();
    assert_eq!(site.add("one").code, Some(0));
    let sound = fs::read(site.store()).unwrap();
    let commands: [&[&str]; 2] = [&["user", "list", "--search", "one"], &["user", "why", "one@acme.example"]];
    let whole = commands.map(|arguments| site.run(arguments));
    let (mut answered, mut refused) = (0, 0);
    for page in 1..sound.len() / 4096 {
        let mut damaged = sound.clone();
        damaged.get_mut(page * 4096..(page + 1) * 4096).unwrap().fill(0xFF);
        fs::write(site.store(), &damaged).unwrap();
        for (arguments, whole) in commands.iter().zip(&whole) {
            let ended = site.run(arguments);
            if ended.code == Some(78) {
                ended.refused(78, &["the store is damaged"]);
                refused += 1;
            } else {
                assert_eq!(
                    (ended.code, &ended.stdout),
                    (whole.code, &whole.stdout),
                    "page {page}: {ended:?}"
                );
                answered += 1;
            }
        }
    }
    assert!(answered > 0 && refused > 0, "{answered} {refused}");
}

/// Whatever a store lacks that every store has, what needs it says that the store is damaged; what does not need it
/// answers as ever.
#[test]
fn a12_what_is_no_whole_store_is_78_for_every_command() {
    let site = Site::new();
    assert_eq!(site.add("one").code, Some(0));
    let sound = fs::read(site.store()).unwrap();
    let commands = [
        "user list",
        "user why one@acme.example",
        "user list --search one",
        "role list",
        "group list",
        "permission show one@acme.example",
        "org chart",
        "run list",
        "setting list",
        "audit list",
        "audit verify",
        "key show",
        "export users -o csv",
        "user edit one@acme.example --first-name Two",
        "group create G",
    ];
    let run = |command: &str| site.run(&command.split(' ').collect::<Vec<_>>());
    let whole = commands.map(run);
    let (mut refused, mut audit) = (0, 0);
    for what in site.schema() {
        let (kind, name) = what.split_once(':').unwrap().0.split_once(' ').unwrap();
        let is_whole = matches!(kind, "table" | "view") && !name.starts_with("users_search_");
        if !is_whole || name.starts_with("sqlite_") {
            continue;
        }
        fs::write(site.store(), &sound).unwrap();
        let store = site.sql();
        store.execute_batch(&format!("PRAGMA foreign_keys = OFF; DROP {kind} {name}")).unwrap();
        store.close().unwrap();
        for (command, whole) in commands.into_iter().zip(&whole) {
            let ended = run(command);
            let told = ["the store is damaged", "the store lacks the"]
                .iter()
                .any(|words| ended.stderr.contains(words));
            let answer = |ended: &Ended| (ended.code, ended.stdout.clone());
            let misses = command == "audit verify" && ended.code == Some(1) && ended.stderr.contains(name);
            assert!(
                ended.code == Some(78) && told || misses || answer(&ended) == answer(whole),
                "{name}: {command}: {ended:?}, not {whole:?}"
            );
            refused += u32::from(told);
            audit += u32::from(told && name == "audit");
        }
    }
    assert!(refused > 40, "{refused}");
    assert!(audit >= 5, "{audit}");
}

#[test]
fn a12_a_store_cut_off_is_78() {
    let site = Site::new();
    let sound = fs::read(site.store()).unwrap();
    for length in [16, 100, 4096, sound.len() / 2] {
        fs::write(site.store(), sound.get(..length).unwrap()).unwrap();
        site.add("late").refused(78, &["hint: "]);
    }
}

/// What a shell is offered for an email that begins with `ada`.
fn offered(site: &Site) -> Ended {
    let mut command = site.secboard(&["--", "secboard", "user", "show", "ada"]);
    command.env("COMPLETE", "bash").env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_INDEX", "3");
    command.output().unwrap().into()
}

#[test]
fn a14_a_tab_in_the_shell_never_upgrades_a_store() {
    let site = Site::new();
    assert_eq!(offered(&site).stdout.trim(), "ada@acme.example");
    site.sql().pragma_update(None, "user_version", 1).unwrap();
    let ended = offered(&site);
    assert_eq!((ended.code, ended.stdout.trim(), ended.stderr.trim()), (Some(0), "", ""));
    let schema: i64 = site.sql().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(schema, 1);
}
