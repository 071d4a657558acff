use super::server::{At, Authority, Certified, Fault, Protection, Script, Server as Peer};
use super::*;

/// What becomes of a mail to a server at `localhost`, trusted through `authority`.
fn fate(script: Script, security: Security, authority: &Authority) -> (String, String, Vec<String>) {
    fate_within(AMPLE, script, security, authority)
}

fn fate_within(
    patience: Patience,
    script: Script,
    security: Security,
    authority: &Authority,
) -> (String, String, Vec<String>) {
    let peer = Peer::start(script);
    let smtp = Smtp {
        host: "localhost".to_owned(),
        security,
        authorities: Some(authority.pem().as_bytes().to_vec()),
        patience,
        ..plain(&peer)
    };
    let (outcomes, walk) = send(smtp, &[mail()]);
    assert_eq!(peer.received().is_empty(), !matches!(outcomes[0], Outcome::Sent { .. }));
    (told(&outcomes[0]), steps(&walk), peer.heard())
}

fn script(protection: Protection) -> Script {
    Script { protection, ..Script::default() }
}

#[test]
fn m6_a_mail_goes_by_starttls_and_by_tls_when_the_certificate_is_right() {
    let authority = Authority::new();
    let config = authority.server("localhost", Certified::Now);
    let (told, walk, heard) =
        fate(script(Protection::StartTls(config.clone())), Security::StartTls, &authority);
    assert_eq!(told, "sent: 250 2.0.0 (taken)");
    assert!(walk.contains("TLS: TLS 1.3, certificate for localhost verified\n"), "{walk}");
    assert_eq!(
        heard.iter().filter(|line| line.starts_with("EHLO")).count(),
        2,
        "what was said in plain is asked again"
    );
    let (told, walk, _) = fate(script(Protection::Tls(config)), Security::Tls, &authority);
    assert_eq!(told, "sent: 250 2.0.0 (taken)");
    assert!(walk.contains("TCP: ") && walk.contains("TLS: TLS 1.3"), "{walk}");
}

#[test]
fn m6_a_certificate_that_is_not_right_is_named_and_nothing_is_said() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for (config, expected) in [
        (
            theirs.server("localhost", Certified::Now),
            "Account: TLS: no trusted authority vouches for the certificate of the server",
        ),
        (
            ours.server("localhost", Certified::Once),
            "Account: TLS: the certificate of the server has expired",
        ),
        (
            ours.server("localhost", Certified::Later),
            "Account: TLS: the certificate of the server is not valid yet",
        ),
        (
            ours.server("mail.other.example", Certified::Now),
            "Account: TLS: the certificate is not for `localhost`; it is for `mail.other.example`",
        ),
        (
            ours.itself(),
            "Account: TLS: the certificate of the server is that of an authority, which no server may show; make one \
             for the server",
        ),
    ] {
        for (protection, security) in [
            (Protection::StartTls(config.clone()), Security::StartTls),
            (Protection::Tls(config.clone()), Security::Tls),
        ] {
            let (told, _, heard) = fate(script(protection), security, &ours);
            assert_eq!(told, expected);
            assert!(heard.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{heard:?}");
        }
    }
}

#[test]
fn m6_starttls_that_is_not_offered_refused_or_tampered_with_ends_it() {
    let authority = Authority::new();
    let protection = || Protection::StartTls(authority.server("localhost", Certified::Now));
    let (told, _, heard) = fate(Script::default(), Security::StartTls, &authority);
    assert_eq!(
        told,
        "Account: STARTTLS: the server offers no STARTTLS, so nothing was sent: somebody may have taken it out on the \
         way"
    );
    assert_eq!(heard.len(), 1, "{heard:?}");
    for (at, fault, expected) in [
        (At::StartTls, Fault::Say("454 4.7.0 not now\r\n"), "Account: STARTTLS: 454 4.7.0 not now"),
        (At::StartTls, Fault::Cut, "Account: STARTTLS: the server ended the connection"),
        (
            At::StartTls,
            Fault::Say("220 go ahead\r\n250 and here is more\r\n"),
            "Account: STARTTLS: something was said in plain behind STARTTLS: somebody is in between",
        ),
        (At::Handshake, Fault::Cut, "Account: TLS: the server ended the connection"),
        (
            At::Handshake,
            Fault::Say("454 4.7.0 TLS not available\r\n"),
            "Account: TLS: the server does not speak TLS here",
        ),
    ] {
        let mut script = Script::with(at, fault);
        script.protection = protection();
        let (told, _, heard) = fate(script, Security::StartTls, &authority);
        assert_eq!(told, expected, "{at:?} {fault:?}");
        assert_eq!(heard.last().map(String::as_str), Some("STARTTLS"));
    }
    for at in [At::StartTls, At::Handshake] {
        let mut script = Script::with(at, Fault::Hang);
        script.protection = protection();
        let (told, ..) = fate_within(SHORT, script, Security::StartTls, &authority);
        assert!(told.starts_with("Account: ") && told.ends_with("no answer within 3 seconds"), "{told}");
    }
}

#[test]
fn m6_a_server_that_knows_only_old_versions_is_named() {
    let authority = Authority::new();
    // What such a server answers: an alert of TLS 1.1 that it speaks no such version (RFC 5246, 7.2.2).
    let mut script = Script::with(At::Handshake, Fault::SayAndCut("\u{15}\u{3}\u{2}\0\u{2}\u{2}\u{46}"));
    script.protection = Protection::Tls(authority.server("localhost", Certified::Now));
    let (told, ..) = fate(script, Security::Tls, &authority);
    assert_eq!(told, "Account: TLS: the server speaks no TLS 1.2 or newer");
}

#[test]
fn a_security_that_the_port_does_not_speak_is_named() {
    let authority = Authority::new();
    let (told, ..) = fate(Script::default(), Security::Tls, &authority);
    assert_eq!(told, "Account: TLS: the server does not speak TLS here");
    let tls = script(Protection::Tls(authority.server("localhost", Certified::Now)));
    let (told, ..) = fate_within(SHORT, tls, Security::StartTls, &authority);
    assert_eq!(told, "Account: greeting: no answer within 3 seconds");
}

#[test]
fn authorities_that_are_none_are_refused_before_anything_is_tried() {
    let peer = Peer::start(Script::default());
    for (pem, expected) in [
        ("", "Account: set-up: the file of authorities holds no certificate"),
        (
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            "Account: set-up: the file of authorities holds a certificate that cannot be read",
        ),
    ] {
        let authorities = Some(pem.as_bytes().to_vec());
        let (outcomes, _) = send(Smtp { authorities, security: Security::Tls, ..plain(&peer) }, &[mail()]);
        assert_eq!(told(&outcomes[0]), expected);
    }
    assert!(peer.heard().is_empty());
}
