//! What `ad test` tells of a server beside whether it answers.

use std::fs;

use jiff::tz::TimeZone;

use super::{least, site};
use crate::directory::connection::{self, Edit};
use crate::directory::transport::tests::peer::{Directory, Entry, Protection, Script};
use crate::directory::trial;
use crate::mail::transport::tests::server::{Authority, Certified};
use crate::text::instant::Instant;

/// The clock of the tests, as directories write it.
const NOON: &str = "20261121100000.0Z";

/// What is told of a step, as good or as bad.
fn told(script: Script, edit: Edit, now: Option<&str>, step: &str) -> Option<(bool, String)> {
    let mut cx = site();
    let directory = Directory::start(script);
    let scheme = if edit.insecure == Some(true) { "ldap" } else { "ldaps" };
    let servers = vec![format!("{scheme}://localhost:{}", directory.port())];
    connection::create(&cx, ("corp", "Acme"), &Edit { servers, ..edit }).unwrap();
    if let Some(now) = now {
        cx.stop_clock(Instant::parse(now, &TimeZone::UTC).unwrap());
    }
    let tried = trial::run(&cx, "corp").unwrap();
    let found = tried.found.into_iter().find(|found| found.step == step)?;
    assert_eq!(found.is_good, found.advice.is_none(), "{found:?}");
    Some((found.is_good, found.words))
}

fn plain() -> Edit {
    Edit { insecure: Some(true), ..least() }
}

#[test]
fn a_clock_that_is_far_from_ours_is_told() {
    for (theirs, expected) in [
        (NOON, (true, "as ours")),
        ("20261121100500.0Z", (true, "300 s ahead of ours")),
        ("20261121095500.0Z", (true, "300 s behind ours")),
        ("20261121100501.0Z", (false, "301 s ahead of ours")),
        ("20261121095459.0Z", (false, "301 s behind ours")),
    ] {
        let mut script = Script::of(Vec::new());
        script.root.add("currentTime", theirs.as_bytes());
        let (is_good, words) = told(script, plain(), None, "clock").unwrap();
        assert_eq!((is_good, words.as_str()), expected, "{theirs}");
    }
    // OpenLDAP says nothing of its clock.
    assert_eq!(told(Script::of(Vec::new()), plain(), None, "clock"), None);
}

#[test]
fn a_server_that_does_not_say_that_it_gives_pages_is_told() {
    let mut script = Script::of(Vec::new());
    script.root = Entry::new("", &[("defaultNamingContext", "DC=corp,DC=test")]);
    let told = told(script, plain(), None, "root DSE");
    assert_eq!(told, Some((false, "DC=corp,DC=test: no paged results".to_owned())));
}

#[test]
fn a_directory_that_is_asked_in_plain_is_told() {
    let told = told(Script::of(Vec::new()), plain(), None, "protection");
    assert_eq!(told, Some((false, "asked in plain: everybody on the way reads every password".to_owned())));
}

#[test]
fn where_more_people_may_be_is_told_but_for_what_every_domain_has_beside_them() {
    let mut script = Script::of(Vec::new());
    let partitions =
        ["DC=ForestDnsZones,DC=corp,DC=test", "CN=Configuration,DC=corp,DC=test", "DC=kyiv,DC=corp,DC=test"];
    script.elsewhere.extend(partitions.map(|entry| format!("ldap://corp.test/{entry}")));
    let told = told(script, plain(), None, "elsewhere");
    let words = "more may be at `ldap://corp.test/DC=kyiv,DC=corp,DC=test`, which is not asked";
    assert_eq!(told, Some((false, words.to_owned())));
}

#[test]
fn the_largest_group_is_told_with_all_its_members() {
    let mut script = Script::of(Vec::new());
    assert_eq!(told(script.clone(), plain(), None, "groups"), Some((true, "0 groups".to_owned())));
    for (name, members) in [("Empty", 0), ("All", 1623), ("Some", 3)] {
        let mut group =
            Entry::new(&format!("CN={name},DC=corp,DC=test"), &[("objectClass", "group"), ("cn", name)]);
        for number in 0..members {
            group.add("member", format!("CN={number}").as_bytes());
        }
        script.entries.push(group);
        let words = match name {
            "Empty" => "1 group, none of which shows a member".to_owned(),
            "All" => "2 groups; the largest is `All`, of 1623 members".to_owned(),
            _ => "3 groups; the largest is `All`, of 1623 members".to_owned(),
        };
        assert_eq!(told(script.clone(), plain(), None, "groups"), Some((true, words)));
    }
}

#[test]
fn a_certificate_that_ends_soon_is_told() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    fs::write(&ca_file, authority.pem()).unwrap();
    // That of the tests ends with the year 4095.
    for (now, expected) in [
        ("4095-11-30T00:00:00Z", None),
        ("4095-12-03T00:00:00Z", Some((false, "ends in 29 days".to_owned()))),
    ] {
        let protection = Protection::Tls(authority.server("localhost", Certified::Now));
        let script = Script { protection, ..Script::of(Vec::new()) };
        let edit = Edit { ca_file: Some(ca_file.clone()), ..least() };
        assert_eq!(told(script, edit, Some(now), "certificate"), expected, "{now}");
    }
}
