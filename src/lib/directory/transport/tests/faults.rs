//! Directories that do what none should.

use std::time::Instant;

use super::ber::{Malformed, check_bounds};
use super::peer::ber::{element, integer};
use super::peer::{At, Fault, done, message, result};
use super::*;

const SHORT: Duration = Duration::from_secs(2);

/// What becomes of a read from a directory with one fault.
fn read(at_place: At, fault: Fault) -> String {
    let directory = Directory::start(Script::of(staff(5)).with(at_place, fault));
    let way = Way { connect_timeout: SHORT, answer_timeout: SHORT, ..way() };
    let begun = Instant::now();
    let read = emails(&at(&directory, Protection::None), &way, people());
    assert!(begun.elapsed() < 3 * SHORT, "{at_place:?} {fault:?} took {:?}", begun.elapsed());
    match read {
        Ok(emails) => format!("read {}", emails.len()),
        Err(failure) => failure.to_string(),
    }
}

/// Elements in each other.
fn nested(levels: usize) -> Vec<u8> {
    let head = |below: usize| {
        let [a, b, c, d] = u32::try_from(6 * below).unwrap().to_be_bytes();
        [0x30, 0x84, a, b, c, d]
    };
    (0..levels).rev().flat_map(head).collect()
}

/// An entry with these values of an attribute.
fn entry(id: u32, values: &[u8]) -> Vec<u8> {
    let attribute = element(0x30, &[element(0x04, b"mail"), element(0x31, values)].concat());
    message(id, element(0x64, &[element(0x04, b"CN=x"), element(0x30, &attribute)].concat()))
}

#[test]
fn d10_neither_depth_nor_count_of_elements_is_without_a_bound() {
    let bounded = |content: &[u8], mut left| check_bounds(content, 64, &mut left);
    assert_eq!(bounded(&nested(63), 63), Ok(()));
    assert_eq!(bounded(&nested(64), 64), Err(Malformed));
    assert_eq!(bounded(&nested(63), 62), Err(Malformed));
    let siblings = element(0x31, &element(0x04, b"").repeat(9));
    assert_eq!((bounded(&siblings, 10), bounded(&siblings, 9)), (Ok(()), Err(Malformed)));
}

#[test]
fn d10_a_page_of_more_entries_than_were_asked_for_is_a_failure() {
    let three: fn(u32) -> Vec<u8> = |id| entry(id, &element(0x04, b"x@corp.test")).repeat(3);
    assert_eq!(
        read(At::Page(1), Fault::Say(three)),
        "people: the server gives more entries than were asked for"
    );
}

#[test]
fn d10_a_read_has_an_end_however_patient_each_page_is() {
    let directory = Directory::start(Script::of(staff(5)).with(At::PageEnd(1), Fault::Trickle));
    let way = Way { search_timeout: SHORT, ..way() };
    let failure = emails(&at(&directory, Protection::None), &way, people()).unwrap_err();
    assert_eq!(failure.to_string(), "people: not all was there within 2 seconds");
}

#[test]
fn d3_a_read_that_is_not_whole_is_a_failure() {
    for (place, fault, told) in [
        (At::PageEnd(2), Fault::NoControl, "people: the server did not say whether there are more pages"),
        (At::PageEnd(0), Fault::NoControl, "people: the server did not say whether there are more pages"),
        (At::PageEnd(1), Fault::SameCookie, "people: the server gives the same page again"),
        (
            At::PageEnd(1),
            Fault::Code(4, ""),
            "people: the server gives no more entries than its size limit (answer 4)",
        ),
        (At::PageEnd(1), Fault::Code(3, ""), "people: the time limit of the server is over (answer 3)"),
        (
            At::PageEnd(1),
            Fault::Code(11, "too many"),
            "people: a limit of the administrator of the server was reached (answer 11): too many",
        ),
        (
            At::PageEnd(0),
            Fault::Code(10, ""),
            "people: the server knows only who may know it, a referral (answer 10)",
        ),
        (At::PageEnd(0), Fault::Code(53, ""), "people: the server is unwilling (answer 53)"),
        (At::PageEnd(0), Fault::Code(4711, "huh"), "people: answer 4711: huh"),
        (At::PageEnd(1), Fault::Cut, "people: the server ended the connection"),
        (At::Page(2), Fault::Cut, "people: the server ended the connection"),
    ] {
        assert_eq!(read(place, fault), told, "{place:?} {fault:?}");
    }
}

#[test]
fn d10_what_is_no_answer_ends_the_read_and_nothing_else() {
    let nonsense = "people: what came is no answer of LDAP to what was asked";
    let odd: &[fn(u32) -> Vec<u8>] = &[
        |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        // Lengths without an end, of more octets than there is memory, and short of what follows.
        |_| vec![0x30, 0x80, 0, 0],
        |_| vec![0x30, 0x88, 1, 1, 1, 1, 1, 1, 1, 1],
        |id| element(0x30, &[integer(id), vec![0x64, 0x05, 0x04]].concat()),
        // 100,000 levels, and a few more than there may be.
        |_| nested(100_000),
        |id| message(id, element(0x64, &nested(70))),
        // An entry of more values than there is memory for.
        |id| entry(id, &element(0x04, b"").repeat(200_000)),
        // What the next page is asked for with would be asked for thousands of times.
        |id| done(id, Some(&"1".repeat(5000))),
        // Answers to nothing that was asked.
        |id| result(id, 0x61, 0, ""),
        |id| result(id, 0x78, 0, ""),
        |id| result(id + 1, 0x65, 0, ""),
        |id| message(id, element(0x79, b"")),
        |_| element(0x30, b""),
        // Entries and results in which something is missing, is something else, or is no text.
        |id| message(id, element(0x64, b"")),
        |id| message(id, element(0x64, &element(0x04, b"CN=x"))),
        |id| message(id, element(0x64, &[element(0x04, b"\xff"), element(0x30, b"")].concat())),
        |id| {
            message(
                id,
                element(0x64, &[element(0x04, b"CN=x"), element(0x30, &element(0x04, b"mail"))].concat()),
            )
        },
        |id| {
            let attribute =
                element(0x30, &[element(0x04, b"mail"), element(0x31, &element(0x02, b"1"))].concat());
            message(id, element(0x64, &[element(0x04, b"CN=x"), element(0x30, &attribute)].concat()))
        },
        |id| message(id, element(0x65, &element(0x0A, &[0]))),
        |id| {
            message(
                id,
                element(0x65, &[element(0x0A, &[0xFF]), element(0x04, b""), element(0x04, b"")].concat()),
            )
        },
        |id| {
            message(
                id,
                element(0x65, &[element(0x0A, &[0]), element(0x04, b""), element(0x04, b"\xff")].concat()),
            )
        },
        |id| {
            let body = [element(0x0A, &[0]), element(0x04, b""), element(0x04, b""), element(0x03, b"")];
            message(id, element(0x65, &body.concat()))
        },
        // Controls that are none.
        |id| {
            let done = [element(0x0A, &[0]), element(0x04, b""), element(0x04, b"")].concat();
            element(0x30, &[integer(id), element(0x65, &done), element(0xA0, &element(0x30, b""))].concat())
        },
        |id| {
            let done = [element(0x0A, &[0]), element(0x04, b""), element(0x04, b"")].concat();
            let control = element(0x30, &[element(0x04, b"1.2"), element(0x01, b"")].concat());
            element(0x30, &[integer(id), element(0x65, &done), element(0xA0, &control)].concat())
        },
    ];
    for (number, said) in odd.iter().enumerate() {
        assert_eq!(read(At::Page(1), Fault::Say(*said)), nonsense, "{number}");
    }
}

#[test]
fn d3_a_reference_that_cannot_be_read_may_lead_to_more_people() {
    let said: [fn(u32) -> Vec<u8>; 2] = [
        |id| element(0x30, &[integer(id), element(0x73, &element(0x04, b"ldap://\xFF\xFE/"))].concat()),
        |id| element(0x30, &[integer(id), element(0x73, b"")].concat()),
    ];
    for said in said {
        let told = read(At::Page(1), Fault::Say(said));
        assert_eq!(told, "people: what came is no answer of LDAP to what was asked");
    }
}

#[test]
fn d10_an_answer_that_is_too_large_is_refused_when_it_is_announced() {
    let announced: fn(u32) -> Vec<u8> = |_| vec![0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF];
    assert_eq!(read(At::Page(0), Fault::Say(announced)), "people: an answer has more than 16 MiB");
}

#[test]
fn d10_what_is_in_the_depth_of_a_bind_is_refused_before_anybody_has_logged_in() {
    let deep: fn(u32) -> Vec<u8> = |_| nested(100_000);
    assert_eq!(read(At::Bind, Fault::Say(deep)), "bind: what came is no answer of LDAP to what was asked");
}

#[test]
fn every_wait_has_an_end() {
    for (place, fault, told) in [
        (At::Bind, Fault::Hang, "bind: no answer within 2 seconds"),
        (At::Page(0), Fault::Hang, "people: no answer within 2 seconds"),
        (At::PageEnd(1), Fault::Hang, "people: no answer within 2 seconds"),
        (At::PageEnd(1), Fault::Trickle, "people: no answer within 2 seconds"),
        (At::Bind, Fault::Cut, "bind: the server ended the connection"),
        (At::Connect, Fault::Cut, "bind: the server ended the connection"),
    ] {
        assert_eq!(read(place, fault), told, "{place:?} {fault:?}");
    }
}

#[test]
fn a_notice_of_disconnection_is_told_in_the_words_of_the_server() {
    // As Active Directory writes it: the name of the notice stands outside of it.
    let notice: fn(u32) -> Vec<u8> = |_| {
        let body = [element(0x0A, &[52]), element(0x04, b""), element(0x04, b"going down")].concat();
        let name = element(0x8A, b"1.3.6.1.4.1.1466.20036");
        element(0x30, &[integer(0), element(0x78, &body), name].concat())
    };
    assert_eq!(
        read(At::Page(1), Fault::Say(notice)),
        "people: the server is not available (answer 52): going down"
    );
}

#[test]
fn d9_a_server_that_repeats_the_password_is_not_repeated() {
    let told = read(At::Bind, Fault::Echo);
    assert!(!told.contains(PASSWORD), "{told}");
    assert!(told.contains("left out: it repeats the password"), "{told}");
    // Neither later, nor with something between the letters that nobody sees.
    let later: fn(u32) -> Vec<u8> = |id| result(id, 0x65, 53, "for `reader-\u{7}secret`");
    let told = read(At::PageEnd(1), Fault::Say(later));
    assert_eq!(told, "people: the server is unwilling (answer 53): … (left out: it repeats the password)");
}

#[test]
fn a_filter_that_is_none_is_not_asked_for() {
    let directory = Directory::start(Script::of(Vec::new()));
    let query = Query { filter: "(mail=", ..people() };
    let failure = emails(&at(&directory, Protection::None), &way(), query).unwrap_err();
    assert_eq!(failure.to_string(), "people: the filter is none of LDAP");
}
