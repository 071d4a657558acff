use proptest::prelude::*;

use super::connection::{self, Edit};
use super::filter;
use super::lockout::Lockout;
use super::mapping::{Candidate, Map};
use super::store;
use super::transport::Entry;
use crate::company;
use crate::context::Context;
use crate::store::Store;
use crate::text::instant::Instant;
use crate::text::secret::Secret;

mod alerts;
mod connections;
mod following;
mod login;
mod trial;
mod undone;

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[connection::STATEMENTS, store::STATEMENTS]);
}

#[test]
fn d2_only_a_filter_that_can_be_asked_for_is_one() {
    for good in [
        "(objectClass=user)",
        "(&(objectClass=user)(!(department=Audit)))",
        "(memberOf:1.2.840.113556.1.4.1941:=CN=All,DC=corp,DC=test)",
        "(sn=Ко\\2aваль*)",
        filter::USUAL,
    ] {
        assert!(filter::is_filter(good), "{good}");
    }
    let deep = |levels: usize| format!("{}(a=b){}", "(!".repeat(levels), ")".repeat(levels));
    assert!(filter::is_filter(&deep(31)));
    for bad in [
        "",
        "objectClass=user",
        "(objectClass=user",
        "(objectClass=user))",
        "(a=b)(c=d)",
        "()",
        "(&",
        &deep(32),
        &deep(100_000),
        &format!("(a={})", "x".repeat(5000)),
    ] {
        assert!(!filter::is_filter(bad), "{}", bad.chars().take(40).collect::<String>());
    }
}

/// What a filter says that a value is, as a directory reads it.
fn unescaped(value: &str) -> Vec<u8> {
    let mut bytes = value.bytes();
    let mut read = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            read.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            read.push(byte);
        }
    }
    read
}

proptest! {
    #[test]
    fn d2_whatever_is_typed_is_a_value_in_a_filter_and_nothing_else(login in "\\PC{0,40}|[()*\\\\|&!=]{0,20}") {
        let escaped = filter::escaped(&login);
        prop_assert!(escaped.chars().all(|c| c.is_ascii() && !"()*|&!=\0".contains(c)));
        prop_assert_eq!(unescaped(&escaped), login.as_bytes());
        let whole = filter::of_login(filter::USUAL, ["mail", "sAMAccountName"].into_iter(), &login);
        prop_assert!(filter::is_filter(&whole));
        prop_assert_eq!(whole.matches('(').count(), 7);
    }
}

fn instant(text: &str) -> Instant {
    Instant::parse(text, &jiff::tz::TimeZone::UTC).unwrap()
}

#[test]
fn t9_tries_end_two_before_a_directory_locks_an_account() {
    let domain = |threshold, window| {
        Lockout::of(Some(&Entry::made(
            "",
            &[("lockoutThreshold", &[threshold]), ("lockOutObservationWindow", &[window])],
        )))
    };
    let half_an_hour = "-18000000000";
    for (lockout, tries, minutes, told) in [
        (domain("5", half_an_hour), 3, 30, "an account is locked after 5 wrong passwords within 30 minutes"),
        (domain("3", "-6000000000"), 1, 10, "an account is locked after 3 wrong passwords within 10 minutes"),
        (domain("2", half_an_hour), 0, 30, "an account is locked after 2 wrong passwords within 30 minutes"),
        (domain("1", "0"), 0, 30, "an account is locked after 1 wrong password within 30 minutes"),
        (domain("0", half_an_hour), 3, 30, "accounts are never locked after wrong passwords"),
        (domain("-7", "x"), 3, 30, "the directory does not say when it locks accounts"),
        (Lockout::of(Some(&Entry::default())), 3, 30, "the directory does not say when it locks accounts"),
        (Lockout::of(None), 3, 30, "the directory does not say when it locks accounts"),
    ] {
        assert_eq!((lockout.tries(), lockout.window().as_mins()), (tries, minutes), "{told}");
        assert_eq!(lockout.to_string(), told);
    }
}

#[test]
fn t9_wrong_passwords_that_the_directory_has_counted_count_until_their_time_is_over() {
    let domain =
        Entry::made("", &[("lockoutThreshold", &["5"]), ("lockOutObservationWindow", &["-18000000000"])]);
    let lockout = Lockout::of(Some(&domain));
    // 2026-11-29T12:00:00Z in ten millionths of a second since 1601.
    let tried = |count| {
        Entry::made("CN=x", &[("badPwdCount", &[count]), ("badPasswordTime", &["134404272000000000"])])
    };
    assert_eq!(lockout.counted(&tried("2"), instant("2026-11-29T12:10:00Z")), 2);
    assert_eq!(lockout.counted(&tried("2"), instant("2026-11-29T12:29:59Z")), 2);
    assert_eq!(lockout.counted(&tried("2"), instant("2026-11-29T12:30:01Z")), 0);
    assert_eq!(lockout.counted(&tried("-1"), instant("2026-11-29T12:10:00Z")), 0);
    assert_eq!(
        lockout.counted(&Entry::made("CN=x", &[("badPwdCount", &["4"])]), instant("2026-11-29T12:10:00Z")),
        4
    );
}

#[test]
fn somebody_of_a_directory_would_be_here_what_the_map_reads() {
    let entry = Entry::made(
        "CN=Олена,OU=Staff,DC=corp,DC=test",
        &[
            ("mail", &["", " olena@corp.test "]),
            ("givenName", &["Олена"]),
            ("sn", &["О’Коваль"]),
            ("telephoneNumber", &["067 123 45 67"]),
            ("mobile", &["ext. 12"]),
            ("department", &["Скарбниця"]),
            ("userAccountControl", &["514"]),
        ],
    );
    let usual = Candidate::of(&entry, &Map::default(), Some("UA"));
    assert_eq!(
        usual.told(),
        "Олена О’Коваль <olena@corp.test>, +380671234567, department `Скарбниця`, disabled"
    );
    let map = ["phone=mobile", "department=-", "account_control=-", "email=proxyAddresses"];
    let map = map.into_iter().fold(Map::default(), |map, typed| map.with(typed).unwrap());
    // A phone that is none in any country stays as it is.
    assert_eq!(Candidate::of(&entry, &map, Some("UA")).told(), "Олена О’Коваль <no email>, ext. 12");
}

#[test]
fn a_map_takes_what_is_typed_and_goes_back_to_the_usual() {
    let map = Map::default().with("phone=mobile").unwrap().with(" position = - ").unwrap();
    assert_eq!(map.json().to_string(), r#"{"phone":"mobile","position":null}"#);
    assert_eq!(map.with("phone=telephoneNumber").unwrap().with("position=").unwrap(), Map::default());
    for bad in ["", "phone", "fax=facsimile", "phone=a b", "phone=(x)", "phone=*", "=mail"] {
        assert!(Map::default().with(bad).is_err(), "{bad}");
    }
    let needed = Map::default().with("guid=-").unwrap_err();
    assert_eq!(needed.to_string(), "`guid` cannot be left out");
}

/// What a connection has at least.
fn least() -> Edit {
    Edit {
        servers: vec!["ldaps://dc1.corp.test".to_owned()],
        bind_dn: Some("svc@corp.test".to_owned()),
        base_dn: Some("DC=corp,DC=test".to_owned()),
        password: Some(Secret::new("reader-secret".to_owned())),
        ..Edit::default()
    }
}

/// A store with the companies Acme and Globex.
fn site() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex"] {
        company::create(&cx, &company::New { name: name.to_owned(), ..Default::default() }, false).unwrap();
    }
    cx
}
