//! `secboard ad capture` and `ad replay`: what a directory says, without who it says it of.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::Value;

use crate::directory_sync::{at, becomes, crowd, directory, group, olena, petro, with};
use crate::harness::{Board, Ran};
use crate::ldap::{At, BASE, Directory, Entry, Fault, Script};

/// A directory with what syncs meet, and people who are here already under an email of it.
fn awkward() -> (Board, Directory) {
    let twice = |login: &str| with(Entry::person(login, "Same", "Email"), "mail", "same@corp.test");
    let (mut one, mut other) = (Entry::person("one", "Same", "Guid"), Entry::person("other", "Same", "Guid"));
    for entry in [&mut one, &mut other] {
        entry.attributes.retain(|(name, _)| name != "objectGUID");
        entry.add("objectGUID", &[7; 16]);
    }
    let mut nobody = Entry::person("noguid", "No", "Guid");
    nobody.attributes.retain(|(name, _)| name != "objectGUID");
    let people = vec![
        olena(),
        with(petro(), "userAccountControl", "514"),
        twice("first"),
        twice("second"),
        one,
        other,
        nobody,
        with(Entry::person("nomail", "No", "Mail"), "mail", ""),
        with(Entry::person("noname", "No", "Name"), "sn", ""),
        Entry::person("local", "Is", "Here"),
        with(Entry::person("phone", "Good", "Phone"), "telephoneNumber", "+380 44 123 45 67"),
    ];
    let one = |place: usize| people.get(place).unwrap();
    let desk = group("Desk", 1101, &[one(0), one(1)]);
    let groups = vec![
        group("Traders", 1102, &[&desk, one(10)]),
        group("Auditors", 1103, &[one(1)]),
        group("Unheard of", 1104, &[one(2)]),
        desk,
    ];
    let directory = directory([people, groups].concat());
    let board = at(&directory);
    for line in [
        "user create --email LOCAL@corp.test --first-name Lo --last-name Cal --company acme-bank",
        "group create Traders",
        "group create Auditors",
        "ad edit corp --group-sync additive --departments create --positions create",
    ] {
        board.run(line).ok();
    }
    (board, directory)
}

/// What a plan does, without saying to whom: of each person made the facts they have and in how many groups they are, and what
/// else there is to say.
fn shape(ran: &Ran) -> String {
    let rows = ran.json();
    let mut lines: Vec<String> = rows.as_array().unwrap().iter().map(shape_of).collect();
    lines.sort_unstable();
    let said = ran.stderr.lines().filter(|line| !line.starts_with("  "));
    for line in said {
        let line = line.replace("corp", "capture");
        let line = line.split_once(": ").map_or(line.as_str(), |(before, behind)| {
            if before.contains("group") { "a group" } else { behind }
        });
        lines.push(line.to_owned());
    }
    let reasons = ran.stderr.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": "));
    let mut reasons: Vec<&str> = reasons.map(|(_, why)| why.split('`').next().unwrap()).collect();
    reasons.sort_unstable();
    lines.extend(reasons.into_iter().map(str::to_owned));
    lines.join("\n")
}

fn shape_of(row: &Value) -> String {
    let mut shape = format!("{} {}", row["action"].as_str().unwrap(), row["kind"].as_str().unwrap());
    for (name, value) in row["after"].as_object().into_iter().flatten() {
        match value {
            Value::Array(values) => write!(shape, " {name}={}", values.len()).unwrap(),
            Value::Bool(value) => write!(shape, " {name}={value}").unwrap(),
            _ => write!(shape, " {name}").unwrap(),
        }
    }
    shape
}

#[test]
fn a_copy_that_is_followed_anywhere_makes_the_same_plan() {
    let (board, _directory) = awkward();
    let plan = board.run("ad plan corp -o json");
    let copy = board.run("ad capture corp").ok().stdout;
    board.write("copy.jsonl", &copy);
    // Neither store nor directory is asked.
    let elsewhere = Board::new();
    elsewhere.write("copy.jsonl", &copy);
    std::fs::remove_file(elsewhere.path("secboard.db")).unwrap();
    let replayed = elsewhere.run("ad replay copy.jsonl -o json");
    assert_eq!(replayed.code, plan.code);
    assert_eq!(shape(&replayed), shape(&plan));
    assert_snapshot!(shape(&plan), @"
    create department name company
    create position name department company
    create user email first_name last_name company active=true directory directory_guid directory_disabled=true directory_groups=2
    create user email first_name last_name phone company active=true directory directory_guid directory_groups=1
    create user email first_name last_name phone company department position active=true directory directory_guid directory_groups=1
    people: 3 created; also created: 1 department, 1 position
    8 entries
    phones in no international writing, kept as they are: 1
    an account here has the email 
    first or last name is missing
    nothing says who that stays, whatever they are called
    several entries have the same email
    several entries have the same email
    several entries have the same guid
    several entries have the same guid
    there is no email, or none that is one
    ");
    assert!(!elsewhere.path("secboard.db").exists());
    let by_stream = elsewhere.run_with_input("ad replay - -o json", &copy);
    assert_eq!(by_stream.stdout, replayed.stdout);
    assert_eq!(board.run("user list -o json").ok().json().as_array().unwrap().len(), 2, "nobody was made");
}

#[test]
fn d9_what_a_copy_has_is_nobodys_name_address_phone_or_password() {
    let mut people = Vec::new();
    for login in ["canary1", "canary2"] {
        let mut entry = Entry::person(login, "CanaryFirst", "CanaryLast");
        for (name, value) in [
            ("telephoneNumber", "+380 67 765 43 21"),
            ("department", "CanaryDepartment"),
            ("title", "CanaryTitle"),
            ("description", "CanaryPassword"),
            ("userPassword", "CanaryPassword"),
            ("memberOf", "CN=CanaryGroup,DC=canary"),
        ] {
            entry.add(name, value.as_bytes());
        }
        people.push(entry);
    }
    let odd = with(Entry::person("canary3", "Canary", "Canary"), "telephoneNumber", "canary 765 43 21");
    let mut members: Vec<&Entry> = people.iter().collect();
    members.push(&odd);
    let groups = [group("CanaryGroup", 1101, &members), group("CanaryHere", 1102, &members)];
    let directory = directory([people.clone(), vec![odd.clone()], groups.to_vec()].concat());
    let board = at(&directory);
    board.run("group create CanaryHere").ok();
    board.run("ad edit corp --group-sync mirror --map expires=accountExpires --name canary-corp").ok();
    let copy = board.run("ad capture canary-corp").ok();
    assert_eq!(copy.stdout.lines().count(), 3 + 2 + 2, "{copy}");
    let said = format!("{}{}", copy.stdout, copy.stderr).to_lowercase();
    let guids = people.iter().chain([&odd]).map(|entry| {
        let (_, values) = entry.attributes.iter().find(|(name, _)| name == "objectGUID").unwrap();
        values[0].iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    });
    // Texts of guids have other bytes first; what is behind is the same.
    let guids: Vec<String> = guids.map(|hex| hex[20..].to_owned()).collect();
    // No shorter number: hashes have digits of their own.
    let canaries =
        ["canary", "765 43 21", "7654321", "corp.test", "dc=", "svc@", "reader-secret", "localhost", "acme"];
    for canary in canaries.into_iter().chain(guids.iter().map(String::as_str)) {
        assert!(!said.contains(canary), "{canary}: {said}");
    }
    // Another copy has other names for the same: two of them cannot be laid side by side.
    let again = board.run("ad capture canary-corp").ok();
    let first = |copy: &Ran| copy.stdout.lines().nth(1).unwrap().to_owned();
    assert_ne!(first(&again), first(&copy));
}

#[test]
fn what_is_no_copy_or_was_cut_is_refused_with_its_line() {
    let (board, _directory) = awkward();
    let copy = board.run("ad capture corp").ok().stdout;
    let lines: Vec<&str> = copy.lines().collect();
    let without = |left_out: usize| {
        let kept = lines.iter().enumerate().filter(|(place, _)| *place != left_out);
        kept.flat_map(|(_, line)| [*line, "\n"]).collect::<String>()
    };
    let last = lines.len();
    for (text, line) in [
        (String::new(), 1),
        ("not JSON".to_owned(), 1),
        (copy.replacen("\"format\":1", "\"format\":2", 1), 1),
        (without(0), 1),
        (without(3), last - 1),
        (without(last - 1), last),
        (format!("{copy}{}\n", lines[2]), last + 1),
        (copy.replacen("\"fault\":null", "\"fault\":\"no_such\"", 1), 2),
        (copy.replacen("\"is_taken\":false", "\"is_taken\":7", 1), 2),
    ] {
        let ran = board.run_with_input("ad replay -", &text);
        assert_eq!(ran.code, Some(65), "{ran}");
        assert!(
            ran.stderr.contains(&format!("line {line} is none of a copy of a directory")),
            "{line}: {ran}"
        );
    }
}

#[test]
fn d3_a_directory_that_is_not_read_in_whole_is_not_copied() {
    let (board, _directory) = awkward();
    for (at, fault) in [(At::Page(0), Fault::Cut), (At::PageEnd(0), Fault::NoControl)] {
        let broken = Directory::start(Script::of(crowd(3)).with(at, fault));
        becomes(&board, &broken);
        let ran = board.run("ad capture corp");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(69), ""), "{ran}");
    }
    let mut script = Script::of(crowd(3));
    script.entries.push(Entry::new(&format!("OU=Groups,{BASE}"), &[("objectClass", "organizationalUnit")]));
    script.elsewhere = vec!["ldap://sub.corp.test/DC=sub,DC=corp,DC=test".to_owned()];
    let elsewhere = Directory::start(script);
    becomes(&board, &elsewhere);
    assert_snapshot!(board.run("ad capture corp"), @"
    ------- stderr -------
    error: more of the directory `corp` may be at `ldap://sub.corp.test/DC=sub,DC=corp,DC=test`, which is not asked
    hint: name with `--search-base` an entry below which nobody else is
    [exit status: 69]
    ");
}
