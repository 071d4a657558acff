//! What a directory answers, and what is made of it.

use super::peer::ber::element;
use super::peer::{Account, At, Fault, message, result};
use super::*;

#[test]
fn d7_all_pages_are_read_however_many_people_there_are() {
    for (count, page_size) in [(1, 2), (2, 2), (3, 2), (1000, 1000), (1501, 1000), (4501, 1000)] {
        let directory = Directory::start(Script::of(staff(count)));
        let query = Query { page_size, ..people() };
        let found = emails(&at(&directory, Protection::None), &way(), query).unwrap();
        let expected: Vec<String> = (0..count).map(|number| format!("user{number}@corp.test")).collect();
        assert_eq!(found, expected, "{count} in pages of {page_size}");
    }
}

/// A directory with a group of so many members, of whom three are told at once.
fn group(count: usize) -> Script {
    let mut script = Script { values_at_once: 3, ..Script::of(Vec::new()) };
    let mut group = Known::new(&format!("CN=All,{BASE}"), &[("objectClass", "group"), ("cn", "All")]);
    for number in 0..count {
        group.add("member", format!("CN={number},{BASE}").as_bytes());
    }
    script.entries.push(group);
    script
}

/// How many members the group has, by a search and by its name, or where that ends.
fn members(script: Script) -> Result<[usize; 2], Failure> {
    let directory = Directory::start(script);
    let short = Duration::from_secs(5);
    let way = Way { answer_timeout: short, ..way() };
    block_on(async {
        let mut walk = Walk::default();
        let mut session = Session::open(&at(&directory, Protection::None), &way, &mut walk).await?;
        session.bind(&reader(), &mut walk).await?;
        let mut searched = None;
        let query = Query { filter: "(objectClass=group)", attributes: &["cn", "member"], ..people() };
        session.search(Step::Groups, query, |entry| searched = Some(entry)).await?;
        let read = session.read(Step::Groups, &format!("CN=All,{BASE}"), &["member"]).await?;
        for entry in [&searched, &read].into_iter().flatten() {
            let expected: Vec<_> =
                (0..entry.values("member").len()).map(|number| format!("CN={number},{BASE}")).collect();
            let found: Vec<_> =
                entry.values("member").iter().map(|value| String::from_utf8_lossy(value)).collect();
            assert_eq!(found, expected);
        }
        Ok([searched, read].map(|entry| entry.unwrap().values("member").len()))
    })
    .unwrap()
}

#[test]
fn d7_all_values_are_read_however_many_are_given_at_once() {
    for count in [0, 1, 3, 4, 6, 7, 100] {
        assert_eq!(members(group(count)), Ok([count, count]), "{count}");
    }
}

/// An entry with these values of that attribute and nothing else.
fn range(id: u32, name: &str, values: &[u8]) -> Vec<u8> {
    let attribute = element(0x30, &[element(0x04, name.as_bytes()), element(0x31, values)].concat());
    let body = [element(0x04, b"CN=All"), element(0x30, &attribute)].concat();
    [message(id, element(0x64, &body)), result(id, 0x65, 0, "")].concat()
}

#[test]
fn d7_values_that_are_missing_are_a_failure() {
    let lost: &[fn(u32) -> Vec<u8>] = &[
        // Nothing more, the same again, a hole, none at all, another attribute, another count.
        |id| result(id, 0x65, 0, ""),
        |id| range(id, "member;range=0-2", &element(0x04, b"x").repeat(3)),
        |id| range(id, "member;range=4-*", &element(0x04, b"x")),
        |id| range(id, "member;range=3-5", b""),
        |id| range(id, "owner;range=3-*", &element(0x04, b"x")),
        |id| range(id, "member;range=3-5", &element(0x04, b"x").repeat(2)),
        |id| range(id, "member", &element(0x04, b"x")),
    ];
    for (number, said) in lost.iter().enumerate() {
        let failure = members(group(7).with(At::Range(3), Fault::Say(*said))).unwrap_err();
        assert_eq!(failure.to_string(), "groups: the server did not give all values of `member`", "{number}");
    }
    for (fault, told) in [
        (Fault::Cut, "groups: the server ended the connection"),
        (Fault::Hang, "groups: no answer within 5 seconds"),
    ] {
        assert_eq!(members(group(7).with(At::Range(6), fault)).unwrap_err().to_string(), told);
    }
}

#[test]
fn nobody_at_all_is_an_empty_page_and_no_failure() {
    let directory = Directory::start(Script::of(staff(3)));
    let query = Query { filter: "(objectClass=printer)", ..people() };
    assert_eq!(emails(&at(&directory, Protection::None), &way(), query), Ok(Vec::new()));
}

#[test]
fn an_entry_is_read_by_its_name_and_one_that_is_not_there_is_none() {
    let directory = Directory::start(Script::of(staff(1)));
    let read = |dn: &'static str| {
        block_on(async {
            let mut walk = Walk::default();
            let mut session = Session::open(&at(&directory, Protection::None), &way(), &mut walk).await?;
            session.bind(&reader(), &mut walk).await?;
            session.read(Step::Base, dn, &["lockoutThreshold"]).await
        })
        .unwrap()
    };
    let domain = read(BASE).unwrap().unwrap();
    assert_eq!((domain.dn.as_str(), domain.number("LOCKOUTTHRESHOLD")), (BASE, Some(5)));
    assert_eq!(read("DC=elsewhere").unwrap(), None);
}

#[test]
fn a_refusal_is_told_by_the_number_behind_data() {
    let numbers = ["525", "52e", "530", "531", "532", "533", "701", "773", "775"];
    for refused in numbers {
        let mut script = Script::of(Vec::new());
        script.accounts =
            vec![Account { name: READER.to_owned(), password: PASSWORD.to_owned(), refused: Some(refused) }];
        let directory = Directory::start(script);
        let failure = bind(&at(&directory, Protection::None), &reader()).unwrap_err();
        let Cause::Answer(answer) = &failure.cause else { panic!("{failure}") };
        assert_eq!((answer.code, answer.refusal().map(Refusal::number)), (49, Some(refused)));
        let told = failure.to_string();
        assert!(
            told.starts_with("bind: ") && told.ends_with(&format!("(answer 49, data {refused})")),
            "{told}"
        );
        // The words of the directory, which say nothing to anybody, are left out.
        assert!(!told.contains("AcceptSecurityContext"), "{told}");
    }
}

#[test]
fn a_bind_without_a_name_or_a_password_is_refused_before_it_is_sent() {
    let directory = Directory::start(Script::of(Vec::new()));
    for (name, password) in [(READER, ""), ("", PASSWORD)] {
        let who = Credentials { name: name.to_owned(), password: Secret::new(password.to_owned()) };
        let failure = bind(&at(&directory, Protection::None), &who).unwrap_err();
        assert_eq!(failure.to_string(), "bind: a bind needs a name and a password");
    }
    assert_eq!(directory.asked(), Vec::<String>::new());
}

#[test]
fn a_password_goes_as_it_is_whatever_is_in_it() {
    for password in ["*", ")(", "a\\b", "пароль з ґанком", "\"quoted\" & <more>", &"x".repeat(500)]
    {
        let mut script = Script::of(Vec::new());
        script.accounts =
            vec![Account { name: READER.to_owned(), password: password.to_owned(), refused: None }];
        let directory = Directory::start(script);
        let who = Credentials { name: READER.to_owned(), password: Secret::new(password.to_owned()) };
        assert_eq!(bind(&at(&directory, Protection::None), &who), Ok(()), "{password}");
    }
}

#[test]
fn times_of_directories_and_certificates_are_in_utc_and_odd_ones_are_none() {
    let told = |text| instant(text).map(|at| at.to_string());
    assert_eq!(told("20261129120500.0Z").as_deref(), Some("2026-11-29T12:05:00.000000Z"));
    assert_eq!(told("20260101000000Z").as_deref(), Some("2026-01-01T00:00:00.000000Z"));
    for odd in [
        "",
        "Z",
        "20261329120500Z",
        "20260230000000Z",
        "20261129250000Z",
        "2026112912050Z",
        "20261129120500",
        "ґ0261129120500Z",
    ] {
        assert_eq!(told(odd), None, "{odd}");
    }
}
