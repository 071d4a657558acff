//! `secboard ad plan`, `ad sync` and `ad quarantine`: who is there is here, and who is gone there may not log in.

use std::process::Stdio;
use std::time::{Duration, Instant};

use insta::{allow_duplicates, assert_snapshot};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::harness::{Board, Ran};
use crate::ldap::{At, BASE, Directory, Entry, Fault, PASSWORD, READER, Script};

/// Somebody with a department, a position and a phone.
pub(crate) fn olena() -> Entry {
    let mut olena = Entry::person("olena", "Олена", "Коваль");
    for (name, value) in
        [("telephoneNumber", "067 123 45 67"), ("department", "Treasury"), ("title", "Dealer")]
    {
        olena.add(name, value.as_bytes());
    }
    olena
}

pub(crate) fn petro() -> Entry {
    Entry::person("petro", "Petro", "O'Neil")
}

/// The same entry with another value.
pub(crate) fn with(mut entry: Entry, name: &str, value: &str) -> Entry {
    entry.attributes.retain(|(of, _)| of != name);
    if !value.is_empty() {
        entry.add(name, value.as_bytes());
    }
    entry
}

/// So many people, each with an email.
pub(crate) fn crowd(count: usize) -> Vec<Entry> {
    (0..count).map(|number| Entry::person(&format!("user{number:03}"), "Crowd", "Member")).collect()
}

/// A group of Active Directory with these members, which goes by that number in its domain.
pub(crate) fn group(name: &str, number: u32, members: &[&Entry]) -> Entry {
    let mut group =
        Entry::new(&format!("CN={name},OU=Groups,{BASE}"), &[("objectClass", "group"), ("cn", name)]);
    group.add("objectSid", &sid(number));
    for member in members {
        group.add("member", member.dn.as_bytes());
    }
    group
}

/// What the domain counts by.
fn sid(number: u32) -> Vec<u8> {
    let head = [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    [&head[..], &number.to_le_bytes()].concat()
}

pub(crate) fn directory(entries: Vec<Entry>) -> Directory {
    let (people, others): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| entry.attributes.iter().any(|(name, _)| name == "sAMAccountName"));
    let mut script = Script::of(people);
    script.entries.push(Entry::new(&format!("OU=Groups,{BASE}"), &[("objectClass", "organizationalUnit")]));
    script.entries.extend(others);
    Directory::start(script)
}

/// A board with a connection to a directory.
pub(crate) fn at(directory: &Directory) -> Board {
    let board = Board::new();
    let corp = format!("ad create corp --company acme-bank --server ldap://localhost:{}", directory.port());
    let corp = format!("{corp} --insecure --bind-dn {READER} --base-dn {BASE} --password-stdin");
    board.run_with_input(&format!("{corp} --connect-timeout 3 --answer-timeout 3"), PASSWORD).ok();
    board
}

/// Has the connection ask another directory: what the first has become.
pub(crate) fn becomes(board: &Board, directory: &Directory) {
    board.run(&format!("ad edit corp --server ldap://localhost:{}", directory.port())).ok();
}

/// What was printed, whatever the ids of runs.
pub(crate) fn steady(board: &Board, ran: &Ran) -> String {
    let runs = board.run("run list -o json").ok().json();
    let ids = runs.as_array().unwrap().iter().filter_map(|run| run.get("id")?.as_str().map(str::to_owned));
    ids.fold(ran.to_string(), |text, id| text.replace(&id, "[run]"))
}

/// Whether somebody may log in, as far as the directory says.
pub(crate) fn may(board: &Board, who: &str) -> bool {
    let why = board.run(&format!("user why {who} -o json")).json();
    let checks = why.get("checks").unwrap().as_array().unwrap();
    let is_it = |check: &&Value| check.get("code").and_then(Value::as_str) == Some("directory");
    checks.iter().find(is_it).unwrap().get("ok").unwrap().as_bool().unwrap()
}

#[test]
fn the_first_sync_makes_people_and_the_second_has_nothing_to_do() {
    let nobody = with(Entry::person("nobody", "No", "Mail"), "mail", "");
    let computer = {
        let mut computer = Entry::person("pc$", "", "");
        computer.add("objectClass", b"computer");
        computer
    };
    let petro = with(petro(), "userAccountControl", "514");
    let directory = directory(vec![olena(), petro, nobody, computer]);
    let board = at(&directory);
    assert_snapshot!(board.run("ad plan corp"), @"
    + user olena@corp.test  first_name=Олена, last_name=Коваль, phone=067 123 45 67, company=Acme Bank, active=yes, directory=1, directory_guid=6e656c6f-6f61-656c-6e61-6f6c656e616f
    + user petro@corp.test  first_name=Petro, last_name=O'Neil, company=Acme Bank, active=yes, directory=1, directory_guid=72746570-706f-7465-726f-706574726f70, directory_disabled=yes
    ------- stderr -------
    `corp` gives: people: 2 created
    kept aside: 1 entry
      CN=nobody,OU=Staff,DC=corp,DC=test: there is no email, or none that is one
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --columns email,full_name,phone"), @"
    EMAIL             FULL NAME  PHONE
    ada@acme.example  Ada Admin
    ");
    assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
    ------- stderr -------
    `corp` gives: people: 2 created
    run `[run]`; undo it with `secboard run undo [run]`
    kept aside: 1 entry; see why with `secboard ad quarantine 'corp'`
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --columns email,full_name,phone"), @"
    EMAIL             FULL NAME     PHONE
    ada@acme.example  Ada Admin
    petro@corp.test   Petro O'Neil
    olena@corp.test   Олена Коваль  067 123 45 67
    ");
    assert_snapshot!(board.run("user why petro@corp.test"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            yes  no dates are set
    directory        no   disabled there; `corp`, seen just now
    password         yes  checked by the directory
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    what to do:
      directory: it is the directory that decides: have it changed there
    ------- stderr -------
    petro@corp.test may not log in
    [exit status: 1]
    ");
    assert_snapshot!(board.run("ad quarantine corp"), @"
    CODE      EMAIL  DN                                  WORDS
    no_email         CN=nobody,OU=Staff,DC=corp,DC=test  there is no email, or none that is one
    ");
    let audited = board.run("audit list -o json").ok().json();
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 3 people
    kept aside: 1 entry; see why with `secboard ad quarantine 'corp'`
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    [exit status: 1]
    ");
    assert_eq!(
        board.run("audit list -o json").ok().json(),
        audited,
        "a sync that changes nothing writes nothing"
    );
    board.run("audit verify --state").ok();
    let run = board.newest_run();
    board.run(&format!("run undo {run} --yes")).ok();
    assert_snapshot!(board.run("user list --columns email,full_name,phone"), @"
    EMAIL             FULL NAME  PHONE
    ada@acme.example  Ada Admin
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn d4_a_filter_that_finds_nobody_is_held_and_everybody_still_logs_in() {
    let directory = directory(crowd(30));
    let board = at(&directory);
    board.run("ad sync corp").ok();
    board.run("ad edit corp --filter '(cn=nobody)'").ok();
    assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
    ------- stderr -------
    `corp` takes: planned, not done: people: 30 losing access
    not found: 30 people, who are gone after 2 whole reads in a row that do not find them
    error: run `[run]` is held: the directory has nobody; 30 of 30 people would be able to do less than before, more than 20 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert!(may(&board, "user007@corp.test"));
    // Again, and the older one gives way.
    assert_eq!(board.run("ad sync corp").code, Some(76));
    board.run("ad edit corp --filter default").ok();
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 30 people
    ");
    assert_snapshot!(board.run("run list --columns kind,state,source"), @"
    KIND            STATE       SOURCE
    directory.take  superseded  corp
    directory.take  superseded  corp
    directory.sync  applied     corp
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn d4_nobody_at_all_is_held_also_where_the_brake_would_let_so_few_go() {
    let board = at(&directory(vec![olena(), petro()]));
    board.run("ad edit corp --filter '(cn=nobody)'").ok();
    let directory = directory(vec![olena(), petro()]);
    becomes(&board, &directory);
    assert_eq!(board.run("ad sync corp").code, Some(0), "nobody is here who could lose anything");
    board.run("ad edit corp --filter default").ok();
    board.run("ad sync corp").ok();
    board.run("ad edit corp --filter '(cn=nobody)'").ok();
    let held = board.run("ad sync corp");
    assert_eq!(held.code, Some(76));
    assert!(held.stderr.contains("the directory has nobody"), "{held}");
    // Who knows better releases it.
    board.run(&format!("run release {}", board.newest_run())).ok();
    assert!(!may(&board, "olena@corp.test"));
    board.run("ad edit corp --filter default").ok();
    assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
    ------- stderr -------
    `corp` gives: people: 2 changed
    run `[run]`; undo it with `secboard run undo [run]`
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    assert!(may(&board, "olena@corp.test"));
    board.run("audit verify --state").ok();
}

#[test]
fn d4_very_many_who_are_gone_are_held_at_every_sync_until_somebody_decides() {
    let first = directory([vec![petro()], crowd(30)].concat());
    let board = at(&first);
    board.run("ad sync corp").ok();
    let second = directory(vec![petro()]);
    becomes(&board, &second);
    board.run("ad sync corp").ok();
    for _ in 0..3 {
        allow_duplicates! {
            assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
            ------- stderr -------
            `corp` takes: planned, not done: people: 30 losing access
            error: run `[run]` is held: 30 people would be gone; 30 of 31 people would be able to do less than before, more than 20 are not let through
            hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
            [exit status: 76]
            ");
        }
    }
    assert!(may(&board, "user007@corp.test"));
    assert_snapshot!(board.run("run list --columns kind,state,source"), @"
    KIND            STATE       SOURCE
    directory.take  held        corp
    directory.take  superseded  corp
    directory.take  superseded  corp
    directory.sync  applied     corp
    ");
    // What is applied is done once, and who comes back counts anew.
    board.run(&format!("run release {}", board.newest_run())).ok();
    assert!(!may(&board, "user007@corp.test"));
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 1 person
    ");
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    becomes(&board, &second);
    board.run("ad sync corp").ok();
    assert!(may(&board, "user007@corp.test"));
    board.run("audit verify --state").ok();
}

#[test]
fn d12_what_gives_is_applied_though_what_takes_is_held() {
    let board = at(&directory(crowd(30)));
    let first = directory(crowd(30));
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    let mut disabled: Vec<Entry> =
        crowd(30).into_iter().map(|entry| with(entry, "userAccountControl", "514")).collect();
    disabled.push(olena());
    let second = directory(disabled);
    becomes(&board, &second);
    assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
    ------- stderr -------
    `corp` gives: people: 1 created, 30 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    `corp` takes: planned, not done: people: 30 losing access
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    error: run `[run]` is held: 30 of 31 people would be able to do less than before, more than 20 are not let through
    hint: apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it with `secboard run show [run]`
    [exit status: 76]
    ");
    assert!(may(&board, "olena@corp.test"));
    assert!(may(&board, "user000@corp.test"));
    board.run(&format!("run release {}", board.newest_run())).ok();
    assert!(!may(&board, "user000@corp.test"));
    board.run("audit verify --state").ok();
}

#[test]
fn d5_who_is_renamed_is_the_same_account_and_an_email_takes_nobody_over() {
    let board = at(&directory(Vec::new()));
    let first = directory(vec![olena(), petro()]);
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    let id = board.run("user show petro@corp.test -o json").ok().json().get("id").cloned();
    // Olena gets the email of an account of this store, in another letter case; Petro a new one.
    board.run("user create --email local@corp.test --first-name Lo --last-name Cal --company acme-bank").ok();
    let second = directory(vec![
        with(with(olena(), "mail", "LOCAL@corp.test"), "sn", "Нова"),
        with(with(petro(), "mail", "peter@corp.test"), "sn", "O’Neill"),
    ]);
    becomes(&board, &second);
    assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
    ------- stderr -------
    `corp` gives: people: 1 changed, 1 unchanged; mails: 2
    run `[run]`; undo it with `secboard run undo [run]`
    kept aside: 1 entry; see why with `secboard ad quarantine 'corp'`
    [exit status: 1]
    ");
    assert_snapshot!(board.run("ad quarantine corp"), @"
    CODE         EMAIL            DN                                 WORDS
    email_taken  LOCAL@corp.test  CN=olena,OU=Staff,DC=corp,DC=test  an account here has the email `LOCAL@corp.test`, and is none of a directory
    ");
    assert_eq!(board.run("user show peter@corp.test -o json").ok().json().get("id").cloned(), id);
    assert_snapshot!(board.run("user list --columns email,full_name"), @"
    EMAIL             FULL NAME
    ada@acme.example  Ada Admin
    local@corp.test   Lo Cal
    peter@corp.test   Petro O’Neill
    olena@corp.test   Олена Коваль
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn what_cannot_be_made_of_an_entry_keeps_that_entry_aside_and_nobody_else() {
    let twin = |login: &str| with(Entry::person(login, "Twin", "Twin"), "mail", "twin@corp.test");
    let mut no_guid = Entry::person("noguid", "No", "Guid");
    no_guid.attributes.retain(|(name, _)| name != "objectGUID");
    let same_guid = |login: &str, mail: &str| {
        let mut same = with(Entry::person(login, "Same", "Guid"), "mail", mail);
        same.attributes.retain(|(name, _)| name != "objectGUID");
        same.add("objectGUID", &[7; 16]);
        same
    };
    let directory = directory(vec![
        olena(),
        twin("one"),
        with(twin("two"), "mail", "TWIN@corp.test"),
        no_guid,
        same_guid("a", "a@corp.test"),
        same_guid("b", "b@corp.test"),
        with(Entry::person("bad", "Bad", "Mail"), "mail", "not an email"),
        with(Entry::person("nameless", "Name", ""), "sn", ""),
        // The same entry once more, as it comes where it is changed while all are read.
        olena(),
    ]);
    let board = at(&directory);
    assert_eq!(board.run("ad sync corp").code, Some(1));
    assert_snapshot!(board.run("ad quarantine corp --columns code,email,dn"), @"
    CODE         EMAIL               DN
    email_twice  twin@corp.test      CN=one,OU=Staff,DC=corp,DC=test
    email_twice  TWIN@corp.test      CN=two,OU=Staff,DC=corp,DC=test
    no_guid      noguid@corp.test    CN=noguid,OU=Staff,DC=corp,DC=test
    guid_twice   a@corp.test         CN=a,OU=Staff,DC=corp,DC=test
    guid_twice   b@corp.test         CN=b,OU=Staff,DC=corp,DC=test
    no_email                         CN=bad,OU=Staff,DC=corp,DC=test
    no_name      nameless@corp.test  CN=nameless,OU=Staff,DC=corp,DC=test
    ");
    assert_snapshot!(board.run("user list --columns email"), @"
    EMAIL
    ada@acme.example
    olena@corp.test
    ");
}

#[test]
fn who_is_disabled_is_kept_out_also_where_the_email_is_gone() {
    let board = at(&directory(Vec::new()));
    let first = directory(vec![olena(), petro()]);
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    let second = directory(vec![with(with(olena(), "userAccountControl", "514"), "mail", ""), petro()]);
    becomes(&board, &second);
    assert_eq!(board.run("ad sync corp").code, Some(1));
    assert!(!may(&board, "olena@corp.test"));
    // And back.
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    assert!(may(&board, "olena@corp.test"));
}

#[test]
fn d3_a_read_that_is_not_whole_takes_nothing_away() {
    let board = at(&directory(Vec::new()));
    let first = directory(crowd(5));
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    board.run("ad edit corp --page-size 2 --leaver-runs 1").ok();
    let audited = board.run("audit list -o json").ok().json();
    for (at, fault) in [
        (At::Page(1), Fault::Cut),
        (At::Page(0), Fault::Hang),
        (At::PageEnd(0), Fault::NoControl),
        (At::PageEnd(0), Fault::Code(4, "size limit")),
        (At::PageEnd(1), Fault::Code(3, "time limit")),
        (At::PageEnd(1), Fault::Code(10, "referral")),
        (At::PageEnd(0), Fault::SameCookie),
    ] {
        let broken = Directory::start(Script::of(crowd(3)).with(at, fault));
        let server = format!("ldap://localhost:{}", broken.port());
        board.run(&format!("ad edit corp --server {server}")).ok();
        let ran = board.run("ad sync corp");
        assert_eq!(ran.code, Some(69), "{fault:?} {ran}");
        assert!(may(&board, "user004@corp.test"));
    }
    // One that leads elsewhere is followed, and takes nothing.
    let mut script = Script::of(crowd(3));
    script.elsewhere = vec!["ldap://sub.corp.test/DC=sub,DC=corp,DC=test".to_owned()];
    let elsewhere = Directory::start(script);
    becomes(&board, &elsewhere);
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 3 people
    more people may be at `ldap://sub.corp.test/DC=sub,DC=corp,DC=test`, which is not asked: so nothing was taken
    [exit status: 1]
    ");
    assert!(may(&board, "user004@corp.test"));
    assert_ne!(board.run("audit list -o json").ok().json(), audited, "the connection was changed");
}

#[test]
fn who_is_gone_for_two_whole_reads_may_not_log_in_and_is_the_same_account_when_they_come_back() {
    let board = at(&directory(Vec::new()));
    let both = directory(vec![olena(), petro()]);
    becomes(&board, &both);
    board.run("ad sync corp").ok();
    let id = board.run("user show petro@corp.test -o json").ok().json().get("id").cloned();
    let one = directory(vec![olena()]);
    becomes(&board, &one);
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 1 person
    not found: 1 person, who are gone after 2 whole reads in a row that do not find them
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    assert!(may(&board, "petro@corp.test"));
    assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
    ------- stderr -------
    `corp` takes: people: 1 losing access
    run `[run]`; undo it with `secboard run undo [run]`
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    assert!(!may(&board, "petro@corp.test"));
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 1 person
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    becomes(&board, &both);
    board.run("ad sync corp").ok();
    assert!(may(&board, "petro@corp.test"));
    assert_eq!(board.run("user show petro@corp.test -o json").ok().json().get("id").cloned(), id);
    // Once more for one read only: counting begins anew.
    becomes(&board, &one);
    board.run("ad sync corp").ok();
    becomes(&board, &both);
    board.run("ad sync corp").ok();
    becomes(&board, &one);
    board.run("ad sync corp").ok();
    assert!(may(&board, "petro@corp.test"));
    board.run("audit verify --state").ok();
}

#[test]
fn groups_of_the_same_name_are_followed_however_deep_and_round_they_are() {
    let (mut olena, petro, third) = (olena(), petro(), Entry::person("third", "Third", "Person"));
    olena.add("primaryGroupID", b"1200");
    olena.add("objectSid", &sid(1101));
    let inner = group("Inner", 1102, &[&petro]);
    let mut traders = group("Traders", 1103, &[&inner]);
    // Each in the other.
    let mut inner = inner;
    inner.add("member", traders.dn.as_bytes());
    let primary = group("Primary", 1200, &[]);
    let near = group("AUDITORS", 1104, &[&third]);
    traders.add("member", b"CN=Somebody Else,DC=other");
    let everybody = vec![olena.clone(), petro.clone(), third.clone()];
    let first = directory([everybody.clone(), vec![traders, inner, primary, near]].concat());
    let board = at(&first);
    for name in ["Traders", "Primary", "Auditors"] {
        board.run(&format!("group create {name}")).ok();
    }
    board.run("ad sync corp").ok();
    assert_snapshot!(board.run("user list --columns email,groups"), @"
    EMAIL             GROUPS
    ada@acme.example
    petro@corp.test
    third@corp.test
    olena@corp.test
    ");
    board.run("ad edit corp --group-sync additive").ok();
    assert_snapshot!(board.run("ad plan corp"), @r#"
    ~ user olena@corp.test  directory_groups: [] → ["Primary"]
    ~ user petro@corp.test  directory_groups: [] → ["Traders"]
    ------- stderr -------
    `corp` gives: people: 2 changed, 1 unchanged
    the group `Auditors` here is called `AUDITORS` there: nobody comes into it until both are called the same
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    "#);
    board.run("ad sync corp").ok();
    assert_snapshot!(board.run("user list --columns email,groups"), @"
    EMAIL             GROUPS
    ada@acme.example
    petro@corp.test   Traders
    third@corp.test
    olena@corp.test   Primary
    ");
    // By hand as well: what the directory takes, the hand keeps.
    board.run("user add-group petro@corp.test Traders").ok();
    let empty =
        directory([everybody, vec![group("Traders", 1103, &[]), group("Primary", 1201, &[])]].concat());
    becomes(&board, &empty);
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 3 people
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    board.run("ad edit corp --group-sync mirror").ok();
    assert_snapshot!(steady(&board, &board.run("ad sync corp")), @"
    ------- stderr -------
    `corp` takes: people: 1 changed, 1 losing access
    run `[run]`; undo it with `secboard run undo [run]`
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    assert_snapshot!(board.run("user list --columns email,groups"), @"
    EMAIL             GROUPS
    ada@acme.example
    petro@corp.test   Traders
    third@corp.test
    olena@corp.test
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn a_group_as_which_several_are_called_there_stays_as_it_is() {
    let (olena, petro) = (olena(), petro());
    let traders = group("Traders", 1103, &[&petro]);
    let mut second = group("Traders", 1104, &[&olena]);
    second.dn = format!("CN=Traders,OU=Projects,{BASE}");
    let everybody = vec![olena, petro];
    let one = directory([everybody.clone(), vec![traders.clone()]].concat());
    let board = at(&one);
    board.run("group create Traders").ok();
    board.run("ad edit corp --group-sync mirror").ok();
    board.run("ad sync corp").ok();
    let several = directory([everybody.clone(), vec![traders, second]].concat());
    becomes(&board, &several);
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 2 people
    several groups are called `Traders` there: nobody comes into the one here, or out of it
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    // Neither of them names Petro any more.
    let mut neither = [group("Traders", 1103, &[]), group("Traders", 1104, &[])];
    neither[1].dn = format!("CN=Traders,OU=Projects,{BASE}");
    let left = directory([everybody.clone(), neither.to_vec()].concat());
    becomes(&board, &left);
    board.run("ad sync corp").ok();
    assert_snapshot!(board.run("user list --columns email,groups"), @"
    EMAIL             GROUPS
    ada@acme.example
    petro@corp.test   Traders
    olena@corp.test
    ");
    assert_snapshot!(board.run("ad lint corp"), @"
    CODE         SUBJECT  WORDS
    group_twice  Traders  2 groups are called so there
    ------- stderr -------
    group_twice: leave one of that name there: until then nobody comes into it or out of it here
    looked at 2 people of `corp`: 1 finding
    [exit status: 1]
    ");
    let cleared = directory([everybody, vec![group("Traders", 1103, &[])]].concat());
    becomes(&board, &cleared);
    board.run("ad sync corp").ok();
    assert_snapshot!(board.run("user list --columns email,groups"), @"
    EMAIL             GROUPS
    ada@acme.example
    petro@corp.test
    olena@corp.test
    ");
}

#[test]
fn a_sync_says_which_groups_are_called_nearly_the_same() {
    let near = group("risk-managers", 1101, &[&olena()]);
    let directory = directory(vec![olena(), near, group("Traders", 1102, &[&olena()])]);
    let board = at(&directory);
    for name in ["'Risk Managers'", "Traders", "Auditors"] {
        board.run(&format!("group create {name}")).ok();
    }
    let said = |line: &str| board.run(line).stderr.lines().filter(|line| line.contains("risk")).count();
    assert_eq!(said("ad sync corp"), 0, "groups are not followed");
    board.run("ad edit corp --group-sync additive").ok();
    let ran = board.run("ad sync corp");
    let told = "the group `Risk Managers` here is called `risk-managers` there: nobody comes into it until both are called the same";
    assert!(ran.stderr.contains(told), "{ran}");
    assert_eq!(said("ad plan corp --full"), 1);
    let rows = board.run("ad sync corp --full -o json").json();
    assert_eq!(rows[0]["near_groups"], serde_json::json!(["Risk Managers ~ risk-managers"]));
    assert_snapshot!(board.run("user show olena@corp.test --columns email,groups"), @"
    EMAIL   olena@corp.test
    GROUPS  Traders
    ");
}

#[test]
fn d4_a_group_of_ten_that_loses_more_than_half_is_held() {
    let people = crowd(12);
    let members: Vec<&Entry> = people.iter().collect();
    let first = directory([people.clone(), vec![group("Traders", 1103, &members)]].concat());
    let board = at(&first);
    board.run("group create Traders").ok();
    board.run("ad edit corp --group-sync mirror --create yes").ok();
    board.run("ad sync corp").ok();
    let second = directory([people.clone(), vec![group("Traders", 1103, &members[..5])]].concat());
    becomes(&board, &second);
    let held = board.run("ad sync corp");
    assert_eq!(held.code, Some(76), "{held}");
    assert!(held.stderr.contains("would lose 7 of the 12 people"), "{held}");
    let third = directory([people.clone(), vec![group("Traders", 1103, &members[..7])]].concat());
    becomes(&board, &third);
    board.run("ad sync corp").ok();
}

#[test]
fn departments_and_positions_are_matched_made_or_left() {
    let first = directory(vec![olena()]);
    let board = at(&first);
    assert_snapshot!(board.run("ad sync corp").stderr.lines().last().unwrap(), @"there is no department `Treasury` here: 1 person");
    board.run("ad edit corp --departments create --positions create").ok();
    board.run("ad sync corp").ok();
    assert_snapshot!(board.run("user list --columns email,department,position"), @"
    EMAIL             DEPARTMENT  POSITION
    ada@acme.example
    olena@corp.test   Treasury    Dealer
    ");
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 1 person
    warning: phones in no international writing, kept as they are: 1
    ");
}

#[test]
fn a_position_of_a_department_that_is_not_here_is_none_of_the_old_one() {
    let sales = with(with(olena(), "department", "Sales"), "title", "Seller");
    let first = directory(vec![sales]);
    let board = at(&first);
    board.run("ad edit corp --departments create --positions create").ok();
    board.run("ad sync corp").ok();
    board.run("position create Dealer --company acme-bank --department Sales").ok();
    let second = directory(vec![olena()]);
    becomes(&board, &second);
    for positions in ["create", "match"] {
        board.run(&format!("ad edit corp --departments match --positions {positions}")).ok();
        allow_duplicates! {
            assert_snapshot!(board.run("ad sync corp"), @"
            ------- stderr -------
            `corp`: nothing to do for 1 person
            warning: phones in no international writing, kept as they are: 1
            there is no department `Treasury` here: 1 person
            ");
            assert_snapshot!(board.run("user list --columns email,department,position"), @"
            EMAIL             DEPARTMENT  POSITION
            ada@acme.example
            olena@corp.test   Sales       Seller
            ");
        }
    }
}

#[test]
fn d8_of_two_syncs_at_once_the_second_is_told_to_wait() {
    let directory = Directory::start(Script::of(vec![olena()]).with(At::Page(0), Fault::Hang));
    let board = at(&directory);
    board.run("ad edit corp --answer-timeout 20").ok();
    let mut first = board.command("ad sync corp");
    let mut first = first.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !directory.asked().iter().any(|asked| asked.starts_with("search")) {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    error: connection `corp` is followed just now by another command
    hint: try again when that has ended
    [exit status: 75]
    ");
    // D11: nobody waits for what waits for the server.
    board
        .run("user create --email meanwhile@acme.example --first-name M --last-name W --company acme-bank")
        .ok();
    first.kill().unwrap();
    first.wait().unwrap();
    board.run("ad edit corp --answer-timeout 1").ok();
    assert_ne!(board.run("ad sync corp").code, Some(75), "who was killed keeps nobody waiting");
}

#[test]
fn ctrl_c_ends_a_sync_that_waits_for_a_server() {
    let directory = Directory::start(Script::of(vec![olena()]).with(At::Page(0), Fault::Hang));
    let board = at(&directory);
    board.run("ad edit corp --answer-timeout 300").ok();
    let mut sync = board.command("ad sync corp");
    let sync = sync.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !directory.asked().iter().any(|asked| asked.starts_with("search")) {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    kill_process(Pid::from_child(&sync), Signal::INT).unwrap();
    let ran = sync.wait_with_output().unwrap();
    assert_eq!(ran.status.code(), Some(130));
    assert_snapshot!(String::from_utf8_lossy(&ran.stderr), @"error: interrupted; nothing was changed");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn what_a_sync_changes_is_in_the_audit_as_the_directory_s() {
    let first = directory(vec![olena(), petro()]);
    let board = at(&first);
    board.run("ad sync corp").ok();
    let second = directory(vec![olena(), with(petro(), "userAccountControl", "514")]);
    becomes(&board, &second);
    board.run("ad sync corp").ok();
    board.run("user edit olena@corp.test --color '#0000ff'").ok();
    let rows = board.run("audit list -o json").ok().json();
    let told = |row: &Value| {
        ["via", "action", "subject"].map(|name| row[name].as_str().unwrap().to_owned()).join(" ")
    };
    let mut rows: Vec<String> = rows.as_array().unwrap().iter().map(told).collect();
    rows.retain(|row| !row.starts_with("cli run"));
    let runs = board.run("run list -o json").ok().json();
    let ids: Vec<&str> = runs.as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect();
    let rows = ids.iter().fold(rows.join("\n"), |rows, id| rows.replace(id, "[run]"));
    assert_snapshot!(rows, @"
    cli user.edit olena@corp.test
    directory directory.take petro@corp.test
    directory directory.take [run]
    cli directory.edit corp
    directory directory.sync petro@corp.test
    directory directory.sync olena@corp.test
    directory directory.sync [run]
    cli directory.create corp
    cli user.set_password ada@acme.example
    cli user.create ada@acme.example
    cli company.create Acme Bank
    cli setting.set site.time_zone
    cli store.init store
    ");
}

#[test]
fn a_held_run_is_ended_by_the_next_sync_whatever_the_connection_is_called_then() {
    let first = directory(crowd(30));
    let board = at(&first);
    board.run("ad sync corp").ok();
    let second = directory(Vec::new());
    becomes(&board, &second);
    assert_eq!(board.run("ad sync corp").code, Some(76));
    board.run("ad edit corp --name head-office").ok();
    // Another takes the name; what is held is none of its.
    let other = directory(vec![olena()]);
    let corp = format!("ad create corp --company acme-bank --server ldap://localhost:{}", other.port());
    let corp = format!("{corp} --insecure --bind-dn {READER} --base-dn {BASE} --password-stdin");
    board.run_with_input(&corp, PASSWORD).ok();
    board.run("ad sync corp").ok();
    assert_snapshot!(board.run("run list --columns kind,state,source"), @"
    KIND            STATE    SOURCE
    directory.sync  applied  corp
    directory.take  held     corp
    directory.sync  applied  corp
    ");
    board.run(&format!("ad edit head-office --server ldap://localhost:{}", first.port())).ok();
    board.run("ad sync head-office").ok();
    assert_snapshot!(board.run("run list --columns kind,state,source"), @"
    KIND            STATE       SOURCE
    directory.sync  applied     corp
    directory.take  superseded  corp
    directory.sync  applied     corp
    ");
}

#[test]
fn a_sync_says_in_json_what_it_gives_and_takes_and_why_it_is_held() {
    let first = directory(crowd(3));
    let board = at(&first);
    board.run("ad sync corp").ok();
    let renamed = with(crowd(1).remove(0), "sn", "Other");
    let disabled = with(crowd(2).remove(1), "userAccountControl", "514");
    let second = directory(vec![renamed, disabled, crowd(3).remove(2)]);
    becomes(&board, &second);
    board.run("ad edit corp --brake-people 0 --brake-percent 0").ok();
    assert_snapshot!(steady(&board, &board.run("ad sync corp -o json")), @r#"
    [
    {"connection":"corp","people":3,"full":true,"created":0,"changed":1,"taken":1,"losing":1,"unchanged":2,"quarantined":0,"absent":0,"near_groups":[],"run":"[run]","taking_run":"[run]","held_because":"1 of 3 people would be able to do less than before, more than 0 are not let through"}
    ]
    ------- stderr -------
    `corp` gives: people: 1 changed, 2 unchanged
    run `[run]`; undo it with `secboard run undo [run]`
    `corp` takes: planned, not done: people: 1 losing access
    {"error":{"code":"run.held","kind":"held","message":"run `[run]` is held: 1 of 3 people would be able to do less than before, more than 0 are not let through","causes":[],"command":"secboard run show [run]","advice":"apply it with `secboard run release [run]`, end it with `secboard run discard [run]`, or look at it","exit":76,"rows":[]}}
    [exit status: 76]
    "#);
}

#[test]
fn a_base_of_groups_that_is_not_there_is_named() {
    let directory = directory(vec![olena()]);
    let board = at(&directory);
    board
        .run(&format!(
            "ad edit corp --search-base OU=Staff,{BASE} --base-dn DC=nowhere --group-sync additive"
        ))
        .ok();
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    error: connection `corp`: there is no entry `DC=nowhere`
    hint: see every step with `secboard ad test 'corp'`
    [exit status: 65]
    ");
}

#[test]
fn d5_an_email_takes_over_no_account_and_who_is_linked_is_as_the_directory_says() {
    let mut olena = with(olena(), "userAccountControl", "514");
    olena.add("accountExpires", b"135694224000000000");
    let namesake = with(Entry::person("namesake", "Petro", "Other"), "userPrincipalName", "petro@corp.test");
    let directory = directory(vec![olena, petro(), namesake]);
    let board = at(&directory);
    board.run("ad edit corp --map expires=accountExpires --create no").ok();
    let create = "user create --last-name Koval --company acme-bank --email";
    board.run(&format!("{create} o.koval@acme.example --first-name Olena")).ok();
    board.run(&format!("{create} petro@corp.test --first-name Petro")).ok();
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing to do for 3 people
    not made, for the connection makes nobody: 3 people
    ");
    let link = |arguments: &str| board.run(&format!("ad link {arguments} --yes"));
    // Petro's email is the name of another there as well.
    assert_snapshot!(link("petro@corp.test"), @"
    ------- stderr -------
    error: more than one person is called `petro@corp.test` in `corp`
    hint: say what they log in with there with `--login`, and see whether the filter of the connection takes them in
    [exit status: 67]
    ");
    assert_snapshot!(link("petro@corp.test --login petro"), @"
    ------- stderr -------
    people: 1 changed
    run `[run]`; undo it with `secboard run undo [run]`
    ");
    assert_snapshot!(link("petro@corp.test --login petro"), @"
    ------- stderr -------
    error: `petro@corp.test` is an account of the directory `corp` already
    [exit status: 65]
    ");
    assert_snapshot!(link("o.koval@acme.example --login nobody"), @"
    ------- stderr -------
    error: nobody is called `nobody` in `corp`
    hint: say what they log in with there with `--login`, and see whether the filter of the connection takes them in
    [exit status: 67]
    ");
    assert_snapshot!(link("o.koval@acme.example --login petro"), @"
    ------- stderr -------
    error: the entry `72746570-706f-7465-726f-706574726f70` of the directory is the account `petro@corp.test` already
    hint: an entry is one account, also in the bin
    [exit status: 73]
    ");
    assert_snapshot!(link("ada@acme.example --login olena"), @"
    ------- stderr -------
    error: `ada@acme.example` is the last superuser who can log in
    hint: let another superuser log in first, without an end date: `secboard user edit EMAIL --superuser`, and `secboard user set-password EMAIL`
    [exit status: 65]
    ");
    assert_snapshot!(link("o.koval@acme.example --login olena --dry-run"), @"
    - user o.koval@acme.example  directory: none → 1, directory_guid: none → 6e656c6f-6f61-656c-6e61-6f6c656e616f, directory_disabled: no → yes, directory_expires_at: none → [time]
    ------- stderr -------
    people: 1 losing access (dry run: nothing was changed)
    ");
    assert!(
        board.run("user show o.koval@acme.example -o json").ok().json()["directory_connection"].is_null()
    );
    link("o.koval@acme.example --login olena").ok();
    let olena = board.run("user show o.koval@acme.example -o json").ok().json();
    assert_eq!(olena["directory_connection"], "corp");
    assert_snapshot!([&olena["directory_disabled"], &olena["directory_expires_at"]].map(Value::to_string).join(" "), @r#"true "2030-12-31T12:00:00.000000Z""#);
    assert_snapshot!(board.run("ad plan corp"), @"
    ~ user o.koval@acme.example  email: o.koval@acme.example → olena@corp.test, first_name: Olena → Олена, last_name: Koval → Коваль, phone: none → 067 123 45 67
    ~ user petro@corp.test  last_name: Koval → O'Neil
    ------- stderr -------
    `corp` gives: people: 2 changed; mails: 2
    not made, for the connection makes nobody: 1 person
    warning: phones in no international writing, kept as they are: 1
    there is no department `Treasury` here: 1 person
    ");
    board.run(&format!("run undo {} --yes", board.newest_run())).ok();
    assert!(
        board.run("user show o.koval@acme.example -o json").ok().json()["directory_connection"].is_null()
    );
    board.run("audit verify --state").ok();
}

#[test]
fn a_connection_that_is_switched_off_follows_nobody_and_a_base_that_is_not_there_is_a_mistake() {
    let directory = directory(vec![olena()]);
    let board = at(&directory);
    board.run("ad edit corp --inactive").ok();
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    error: connection `corp` is switched off, and follows nobody
    hint: switch it on with `secboard ad edit 'corp' --active`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("ad sync --all"), @"");
    board.run("ad edit corp --active --search-base OU=Nowhere,DC=corp,DC=test").ok();
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    error: connection `corp`: there is no entry `OU=Nowhere,DC=corp,DC=test`
    hint: see every step with `secboard ad test 'corp'`
    [exit status: 65]
    ");
    board.run("ad edit corp --search-base ''").ok();
    board.run("ad edit corp --create no").ok();
    assert_snapshot!(board.run("ad sync --all -o json"), @r#"
    [
    {"connection":"corp","people":1,"full":true,"created":0,"changed":0,"taken":0,"losing":0,"unchanged":0,"quarantined":0,"absent":0,"near_groups":[],"run":null,"taking_run":null,"held_because":null}
    ]
    ------- stderr -------
    `corp`: nothing to do for 1 person
    not made, for the connection makes nobody: 1 person
    "#);
}

#[test]
fn d8_a_sync_that_is_killed_leaves_the_store_as_it_was_before_or_after() {
    let directory = directory(crowd(200));
    let board = at(&directory);
    let count = || board.run("user list --columns email -o csv").ok().stdout.lines().count();
    let before = count();
    for moment in [20, 60, 100, 150, 220, 300] {
        let mut sync = board.command("ad sync corp");
        let mut sync = sync.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(moment));
        sync.kill().unwrap();
        sync.wait().unwrap();
        let now = count();
        assert!([before, before + 200].contains(&now), "{now} after {moment} ms");
        board.run("audit verify --state").ok();
        if now != before {
            board.run(&format!("run undo {} --yes", board.newest_run())).ok();
        }
    }
    board.run("ad sync corp").ok();
    assert_eq!(count(), before + 200);
}

#[test]
fn d4_very_many_who_are_gone_are_held_also_where_they_could_not_log_in() {
    let disabled = |people: Vec<Entry>| -> Vec<Entry> {
        people.into_iter().map(|entry| with(entry, "userAccountControl", "514")).collect()
    };
    let board = at(&directory(Vec::new()));
    let first = directory([vec![olena()], disabled(crowd(30))].concat());
    becomes(&board, &first);
    board.run("ad sync corp").ok();
    let second = directory(vec![olena()]);
    becomes(&board, &second);
    board.run("ad edit corp --leaver-runs 1").ok();
    let held = board.run("ad sync corp");
    assert_eq!(held.code, Some(76), "{held}");
    assert!(held.stderr.contains("30 people would be gone"), "{held}");
    // A brake of its own lets them go.
    board.run("ad edit corp --brake-people 30").ok();
    board.run("ad sync corp").ok();
    board.run("audit verify --state").ok();
}

/// A directory that counts its changes: who changed at which count, up to which it is, and which of its databases it is.
fn counted(entries: Vec<(Entry, u64)>, usn: u64, database: u8) -> Script {
    let service = format!("CN=NTDS Settings,CN=DC1,{BASE}");
    let is_person = |entry: &Entry| entry.attributes.iter().any(|(name, _)| name == "sAMAccountName");
    let entries = entries.into_iter().map(|(entry, at)| with(entry, "uSNChanged", &at.to_string()));
    let (people, others): (Vec<_>, Vec<_>) = entries.partition(is_person);
    let mut script = Script::of(people);
    script.entries.push(Entry::new(&format!("OU=Groups,{BASE}"), &[("objectClass", "organizationalUnit")]));
    script.entries.extend(others);
    script.root.add("highestCommittedUSN", usn.to_string().as_bytes());
    script.root.add("dsServiceName", service.as_bytes());
    let mut service = Entry::new(&service, &[("objectClass", "nTDSDSA")]);
    service.add("invocationId", &[database; 16]);
    script.entries.push(service);
    script
}

/// Follows the directory; how many people were read, and whether that is everybody.
fn read(board: &Board) -> (i64, bool) {
    let ran = board.run("ad sync corp -o json");
    let rows = ran.json();
    let said = |name: &str| rows.get(0).and_then(|row| row.get(name)).cloned().unwrap();
    (said("people").as_i64().unwrap(), said("full").as_bool().unwrap())
}

#[test]
fn after_the_first_sync_what_changed_there_is_read_and_once_a_day_everybody() {
    let renamed = with(Entry::person("olena", "Olena", "Koval"), "sn", "Married");
    let mut olena = Entry::person("olena", "Olena", "Koval");
    let nobody = with(Entry::person("nobody", "No", "Mail"), "mail", "");
    let directory =
        Directory::start(counted(vec![(olena.clone(), 5), (petro(), 6), (nobody.clone(), 7)], 10, 1));
    let board = at(&directory);
    assert_eq!(read(&board), (3, true));
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp`: nothing changed there since the last sync
    kept aside: 1 entry; see why with `secboard ad quarantine 'corp'`
    [exit status: 1]
    ");
    // Olena changed; that Petro is gone is among no changes.
    directory.becomes(counted(vec![(renamed, 12), (nobody.clone(), 7)], 13, 1));
    assert_snapshot!(board.run("ad plan corp"), @"
    ~ user olena@corp.test  last_name: Koval → Married
    ------- stderr -------
    `corp` gives: people: 1 changed
    kept aside: 1 entry
      CN=nobody,OU=Staff,DC=corp,DC=test: there is no email, or none that is one
    [exit status: 1]
    ");
    assert_snapshot!(board.run("ad sync corp"), @"
    ------- stderr -------
    `corp` gives: people: 1 changed
    run `[run]`; undo it with `secboard run undo [run]`
    kept aside: 1 entry; see why with `secboard ad quarantine 'corp'`
    [exit status: 1]
    ");
    assert_snapshot!(board.run("ad quarantine corp --columns code,dn"), @"
    CODE      DN
    no_email  CN=nobody,OU=Staff,DC=corp,DC=test
    ");
    assert_snapshot!(board.run("ad sync corp --full"), @"
    ------- stderr -------
    `corp`: nothing to do for 2 people
    kept aside: 1 entry; see why with `secboard ad quarantine 'corp'`
    not found: 1 person, who are gone after 2 whole reads in a row that do not find them
    [exit status: 1]
    ");
    // While somebody is on the way to being gone everybody is read.
    assert_eq!(read(&board), (2, true));
    assert!(!may(&board, "petro@corp.test"));
    assert_eq!(read(&board), (0, false));
    // Disabled, and with an email, at last.
    olena = with(olena, "userAccountControl", "514");
    let found = with(nobody, "mail", "found@corp.test");
    directory.becomes(counted(vec![(olena, 14), (found, 15)], 15, 1));
    assert_eq!(read(&board), (2, false));
    assert!(!may(&board, "olena@corp.test"));
    assert_snapshot!(board.run("ad quarantine corp --columns code,dn"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(board.run("user list --columns email,last_name"), @"
    EMAIL             LAST NAME
    ada@acme.example  Admin
    olena@corp.test   Koval
    found@corp.test   Mail
    petro@corp.test   O'Neil
    ");
    // What was taken back here is no change there.
    board.run(&format!("run undo {} --yes", board.newest_run())).ok();
    assert_eq!(read(&board), (2, true));
    assert!(!may(&board, "olena@corp.test"));
    board.run("audit verify --state").ok();
}

#[test]
fn d3_the_count_of_one_server_says_nothing_of_another_and_a_count_that_went_back_nothing_at_all() {
    let people = || vec![(olena(), 5), (petro(), 6)];
    let directory = Directory::start(counted(people(), 10, 1));
    let board = at(&directory);
    assert_eq!(read(&board), (2, true));
    assert_eq!(read(&board), (0, false));
    for (usn, database) in [(20, 2), (19, 2)] {
        directory.becomes(counted(people(), usn, database));
        assert_eq!(read(&board), (2, true), "{usn} {database}");
        assert_eq!(read(&board), (0, false));
    }
    // What failed, or led elsewhere, was not followed.
    directory.becomes(counted(people(), 30, 2).with(At::Page(0), Fault::Cut));
    assert_eq!(board.run("ad sync corp").code, Some(69));
    let mut script = counted(vec![(olena(), 31), (petro(), 6)], 31, 2);
    script.elsewhere = vec!["ldap://sub.corp.test/DC=sub,DC=corp,DC=test".to_owned()];
    directory.becomes(script);
    assert_eq!(read(&board), (1, false));
    directory.becomes(counted(people(), 32, 2));
    assert_eq!(read(&board), (2, true));
    // A connection that asks otherwise has everybody read, and so has a change of the site.
    for line in ["ad edit corp --filter '(sn=*)'", "group create Traders", "setting set site.region UA"] {
        board.run(line).ok();
        assert_eq!(read(&board), (2, true), "{line}");
        assert_eq!(read(&board), (0, false), "{line}");
    }
}

#[test]
fn d4_what_is_held_and_who_is_in_which_group_is_known_by_reading_everybody() {
    let disabled =
        |people: Vec<Entry>| people.into_iter().map(|entry| with(entry, "userAccountControl", "514"));
    let at_5 = |people: Vec<Entry>| people.into_iter().map(|entry| (entry, 5)).collect::<Vec<_>>();
    let directory = Directory::start(counted(at_5(crowd(30)), 10, 1));
    let board = at(&directory);
    board.run("group create Traders").ok();
    board.run("ad edit corp --group-sync mirror").ok();
    assert_eq!(read(&board), (30, true));
    let many = disabled(crowd(30)).map(|entry| (entry, 12)).collect::<Vec<_>>();
    directory.becomes(counted(many, 12, 1));
    assert_eq!(read(&board), (30, false));
    assert!(may(&board, "user007@corp.test"), "it is held");
    assert_eq!(read(&board), (30, true));
    directory.becomes(counted(at_5(crowd(30)), 14, 1));
    assert_eq!(read(&board), (30, true));
    assert_eq!(read(&board), (0, false));
    // A group changed.
    let mut people = at_5(crowd(30));
    people.push((group("Traders", 1103, &[&crowd(1)[0]]), 15));
    directory.becomes(counted(people.clone(), 15, 1));
    assert_eq!(read(&board), (30, true));
    assert_snapshot!(board.run("user show user000@corp.test --columns email,groups"), @"
    EMAIL   user000@corp.test
    GROUPS  Traders
    ");
    // Of whom only they changed nobody knows the groups: they stay.
    people[0] = (with(crowd(1).remove(0), "sn", "Renamed"), 16);
    directory.becomes(counted(people.clone(), 16, 1));
    assert_eq!(read(&board), (1, false));
    assert_snapshot!(board.run("user show user000@corp.test --columns email,groups,last_name"), @"
    EMAIL      user000@corp.test
    GROUPS     Traders
    LAST NAME  Renamed
    ");
    // Who comes new may be in one.
    people.push((petro(), 17));
    directory.becomes(counted(people, 17, 1));
    assert_eq!(read(&board), (31, true));
    assert_eq!(read(&board), (0, false));
}

#[test]
fn upkeep_follows_each_directory_once_an_hour_and_one_that_is_away_keeps_no_other_waiting() {
    let directory = directory(vec![olena(), petro()]);
    let board = at(&directory);
    let away = Directory::start(Script::of(Vec::new())).port();
    let line = "--insecure --bind-dn svc --base-dn DC=away --password-stdin";
    let line = format!("ad create away --company acme-bank --server ldap://localhost:{away} {line}");
    board.run_with_input(&line, PASSWORD).ok();
    let upkeep = || {
        let ran = board.run("upkeep -o json");
        let rows = ran.stdout.lines().filter(|line| line.contains("directories"));
        (rows.map(|row| row.replace(&away.to_string(), "[port]")).collect::<String>(), ran.code)
    };
    assert_snapshot!(board.run("upkeep --dry-run --columns task,detail").stdout, @"
    TASK               DETAIL
    reminders          0 people reminded
    bin                0 people permanently deleted
    links              0 links forgotten
    mails              0 mails forgotten
    messages           0 messages forgotten
    counters           0 counters forgotten
    sessions           0 sessions forgotten
    enrolments         0 secrets forgotten
    unfinished-logins  0 people told
    directories        2 directories followed
    outbox             nothing is due
    ");
    let (told, code) = upkeep();
    assert_snapshot!(told, @r#"{"task":"directories","result":"left","detail":"1 directory followed; the directory `away` cannot be asked: TCP: no connection: 127.0.0.1:[port]: Connection refused (os error 111); `corp`: 2 people created or changed","count":1},"#);
    assert_eq!(code, Some(69));
    let (told, code) = upkeep();
    assert_snapshot!(told, @r#"{"task":"directories","result":"nothing","detail":"no directory is due","count":0},"#);
    assert_eq!(code, Some(0));
    assert_snapshot!(board.run("user list --columns email,full_name"), @"
    EMAIL             FULL NAME
    ada@acme.example  Ada Admin
    petro@corp.test   Petro O'Neil
    olena@corp.test   Олена Коваль
    ");
    let rows = board.run("audit list -o json").ok().json();
    let created = rows.as_array().unwrap().iter().find(|row| row["subject"] == "olena@corp.test").unwrap();
    assert_snapshot!(["actor", "via", "action"].map(|name| created[name].to_string()).join(" "), @r#""sync" "directory" "directory.sync""#);
    board.run("audit verify --state").ok();
}

/// The units of `packaging/systemd`.
const SERVICE: &str = include_str!("../../packaging/systemd/secboard-sync.service");
const TIMER: &str = include_str!("../../packaging/systemd/secboard-sync.timer");

#[test]
fn the_unit_for_systemd_follows_every_directory_and_fails_where_somebody_has_to_look() {
    let value = |unit: &'static str, key: &str| {
        let of = |line: &'static str| line.strip_prefix(key)?.strip_prefix('=');
        unit.lines().find_map(of).unwrap_or_else(|| panic!("no {key}"))
    };
    let command = value(SERVICE, "ExecStart").strip_prefix("/usr/bin/secboard ").unwrap();
    let good: Vec<i32> =
        value(SERVICE, "SuccessExitStatus").split(' ').map(|code| code.parse().unwrap()).collect();
    let is_success = |ran: &Ran| ran.code.is_some_and(|code| code == 0 || good.contains(&code));
    let whole = directory([crowd(30), vec![with(petro(), "mail", "")]].concat());
    let board = at(&whole);
    let ran = board.run(command);
    assert!(ran.code == Some(1) && is_success(&ran), "an entry is kept aside: {ran}");
    board.run("ad edit corp --filter '(cn=nobody)'").ok();
    let held = board.run(command);
    assert!(held.code == Some(76) && !is_success(&held), "{held}");
    becomes(&board, &Directory::start(Script::of(Vec::new()).with(At::Page(0), Fault::Cut)));
    let away = board.run(command);
    assert!(away.code == Some(69) && !is_success(&away), "{away}");
    assert_eq!(value(TIMER, "OnCalendar"), "hourly");
}
