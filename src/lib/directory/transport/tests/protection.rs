//! D1: TLS is verified always, and nothing falls back.

use super::peer::{At, Fault, Protection as Theirs, result};
use super::*;
use crate::mail::transport::tests::server::{Authority, Certified};

/// What becomes of a read, and what the directory was asked.
fn read(script: Script, server: impl Fn(&Directory) -> Server, way: &Way) -> (String, Vec<String>) {
    let directory = Directory::start(script);
    let read = emails(&server(&directory), way, people());
    let told = read.map_or_else(|failure| failure.to_string(), |emails| format!("read {}", emails.len()));
    (told, directory.asked())
}

fn trusting(authority: &Authority) -> Way {
    Way { authorities: Some(authority.pem().as_bytes().to_vec()), ..way() }
}

fn named(directory: &Directory, protection: Protection) -> Server {
    Server { host: "localhost".to_owned(), ..at(directory, protection) }
}

#[test]
fn d1_people_are_read_by_tls_and_by_starttls() {
    let authority = Authority::new();
    let config = authority.server("localhost", Certified::Now);
    for (theirs, ours) in
        [(Theirs::Tls(config.clone()), Protection::Tls), (Theirs::StartTls(config), Protection::StartTls)]
    {
        let script = Script { protection: theirs, ..Script::of(staff(5)) };
        let (told, asked) = read(script, |directory| named(directory, ours), &trusting(&authority));
        assert_eq!(told, "read 5");
        let first = if ours == Protection::StartTls { "StartTLS" } else { "bind svc@corp.test" };
        assert_eq!(asked.first().map(String::as_str), Some(first));
    }
}

#[test]
fn d1_a_certificate_that_is_not_right_ends_it_before_anything_is_said() {
    let (authority, other) = (Authority::new(), Authority::new());
    let now = authority.server("localhost", Certified::Now);
    let trusted = trusting(&authority);
    for (config, way, told) in [
        (now.clone(), trusting(&other), "no trusted authority vouches for the certificate of the server"),
        (now.clone(), way(), "no trusted authority vouches for the certificate of the server"),
        (
            authority.server("localhost", Certified::Once),
            trusted.clone(),
            "the certificate of the server has expired",
        ),
        (
            authority.server("localhost", Certified::Later),
            trusted.clone(),
            "the certificate of the server is not valid yet",
        ),
        (
            authority.server("dc2.corp.test", Certified::Now),
            trusted.clone(),
            "the certificate is not for `localhost`; it is for `dc2.corp.test`",
        ),
        (
            now,
            Way { certificate_name: Some("dc1.corp.test".to_owned()), ..trusted.clone() },
            "the certificate is not for `dc1.corp.test`; it is for `localhost`",
        ),
    ] {
        for (theirs, ours) in [
            (Theirs::Tls(config.clone()), Protection::Tls),
            (Theirs::StartTls(config.clone()), Protection::StartTls),
        ] {
            let script = Script { protection: theirs, ..Script::of(staff(5)) };
            let (said, asked) = read(script, |directory| named(directory, ours), &way);
            assert_eq!(said, format!("TLS: {told}"));
            assert!(!asked.iter().any(|asked| asked.starts_with("bind")), "{asked:?}");
        }
    }
}

#[test]
fn d1_the_name_of_a_certificate_may_be_another_than_the_servers() {
    let authority = Authority::new();
    let config = authority.server("dc1.corp.test", Certified::Now);
    let script = Script { protection: Theirs::Tls(config), ..Script::of(staff(5)) };
    let way = Way { certificate_name: Some("dc1.corp.test".to_owned()), ..trusting(&authority) };
    assert_eq!(read(script, |directory| at(directory, Protection::Tls), &way).0, "read 5");
}

#[test]
fn d1_starttls_that_is_refused_or_tampered_with_falls_back_to_nothing() {
    let authority = Authority::new();
    let config = authority.server("localhost", Certified::Now);
    let script = || Script { protection: Theirs::StartTls(config.clone()), ..Script::of(staff(5)) };
    let forged: fn(u32) -> Vec<u8> = |id| result(id + 7, 0x78, 0, "");
    for (script, told) in [
        (
            Script::of(staff(5)),
            "StartTLS: the server does not begin TLS, so nothing was sent: a protocol error (answer 2)",
        ),
        (
            script().with(At::StartTls, Fault::Code(52, "no TLS today")),
            "StartTLS: the server does not begin TLS, so nothing was sent: the server is not available (answer 52): no TLS today",
        ),
        (
            script().with(At::StartTls, Fault::Inject),
            "StartTLS: something was said in plain behind StartTLS: somebody is in between",
        ),
        (
            script().with(At::StartTls, Fault::Say(forged)),
            "StartTLS: what came is no answer of LDAP to what was asked",
        ),
        (script().with(At::StartTls, Fault::Cut), "StartTLS: the server ended the connection"),
    ] {
        let (said, asked) =
            read(script, |directory| named(directory, Protection::StartTls), &trusting(&authority));
        assert_eq!(said, told);
        assert_eq!(asked, ["StartTLS"]);
    }
}

#[test]
fn d1_a_plain_server_is_no_server_of_tls() {
    let authority = Authority::new();
    let way = Way { connect_timeout: Duration::from_secs(2), ..trusting(&authority) };
    let script = Script::of(staff(1)).with(At::Connect, Fault::Say(|_| result(0, 0x78, 52, "plain")));
    let (told, asked) = read(script, |directory| named(directory, Protection::Tls), &way);
    assert_eq!(told, "TLS: the server does not speak TLS here");
    assert_eq!(asked, Vec::<String>::new());
}

#[test]
fn every_wait_for_protection_has_an_end() {
    let authority = Authority::new();
    let config = authority.server("localhost", Certified::Now);
    let short = Duration::from_secs(1);
    let way = Way { connect_timeout: short, answer_timeout: short, ..trusting(&authority) };
    let starttls = (Theirs::StartTls(config.clone()), Protection::StartTls);
    let tls = (Theirs::Tls(config), Protection::Tls);
    for ((theirs, ours), place, told) in [
        (starttls.clone(), At::StartTls, "StartTLS: no answer within 1 second"),
        (starttls, At::Handshake, "TLS: no answer within 1 second"),
        (tls, At::Handshake, "TLS: no answer within 1 second"),
    ] {
        let script = Script { protection: theirs, ..Script::of(staff(1)) }.with(place, Fault::Hang);
        let (said, asked) = read(script, |directory| named(directory, ours), &way);
        assert_eq!(said, told, "{ours:?} {place:?}");
        assert!(!asked.iter().any(|asked| asked.starts_with("bind")), "{asked:?}");
    }
}

#[test]
fn d1_the_end_of_a_certificate_is_known() {
    let authority = Authority::new();
    let config = authority.server("localhost", Certified::Now);
    let directory = Directory::start(Script { protection: Theirs::Tls(config), ..Script::of(Vec::new()) });
    let way = trusting(&authority);
    let until = block_on(async {
        let mut walk = Walk::default();
        let session = Session::open(&named(&directory, Protection::Tls), &way, &mut walk).await.unwrap();
        session.certified_until
    })
    .unwrap();
    // As long as certificates of tests are valid unless something else is said.
    assert_eq!(until.map(|until| until.to_string()).as_deref(), Some("4096-01-01T00:00:00.000000Z"));
}
