use jiff::tz::TimeZone;
use proptest::prelude::*;
use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::*;
use crate::text::email::Email;

const RSA: &str = include_str!("test_keys/rsa-pkcs8.pem");
const ED25519_PEM: &str = include_str!("test_keys/ed25519.pem");

/// The key of RFC 8463, appendix A.2, and what it publishes.
const RFC_SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const RFC_PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// The mail of RFC 8463, appendix A.3, and the signature of it.
const RFC_MAIL: &str = "From: Joe SixPack <joe@football.example.com>\r\n\
    To: Suzie Q <suzie@shopping.example.net>\r\n\
    Subject: Is dinner ready?\r\n\
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\
    \r\n\
    Hi.\r\n\
    \r\n\
    We lost the game.  Are you hungry yet?\r\n\
    \r\n\
    Joe.\r\n";
const RFC_UNSIGNED: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
    d=football.example.com; i=@football.example.com;\r\n \
    q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n \
    subject : date : message-id : from : subject : date;\r\n \
    bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
const RFC_SIGNATURE: &str =
    "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";

fn signer(key: &str) -> Signer {
    Signer::new("football.example.com", "brisbane", key).unwrap()
}

fn at() -> Instant {
    Instant::parse("2026-11-29T12:05:00Z", &TimeZone::UTC).unwrap()
}

/// The value of a tag in a list such as `v=1; a=…`, without white space.
fn tag(list: &str, name: &str) -> String {
    let mut tags = list.split(';').filter_map(|tag| tag.split_once('='));
    let found = tags.find(|(found, _)| found.trim() == name);
    found.map(|(_, value)| value.split_whitespace().collect()).unwrap_or_default()
}

/// Whether the first signature of a mail is good by the published record; a reader of its own, by RFC 6376, 6.1.
fn verify(mail: &str, record: &str) -> Result<(), &'static str> {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    let mut fields: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        match fields.last_mut() {
            Some(field) if line.starts_with([' ', '\t']) => field.push_str(line),
            _ => fields.push(line.to_owned()),
        }
    }
    let relaxed = |field: &str| {
        let (name, value) = field.split_once(':').unwrap();
        let value = value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        format!("{}:{value}", name.trim().to_lowercase())
    };
    let signature = fields.remove(0);
    assert!(signature.starts_with("DKIM-Signature:"));
    let tags = signature.split_once(':').unwrap().1;
    let relaxed_line = |line: &str| {
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        let lead = if line.starts_with([' ', '\t']) && !words.is_empty() { " " } else { "" };
        format!("{lead}{}\r\n", words.join(" "))
    };
    let mut lines: Vec<String> = body.split("\r\n").map(relaxed_line).collect();
    while lines.last().is_some_and(|line| line == "\r\n") {
        lines.pop();
    }
    let body = lines.concat();
    if BASE64_STANDARD.encode(Sha256::digest(body)) != tag(tags, "bh") {
        return Err("body");
    }
    let mut text = String::new();
    for name in tag(tags, "h").split(':') {
        let of = |field: &String| field.split_once(':').unwrap().0.trim().eq_ignore_ascii_case(name);
        if let Some(last) = fields.iter().rposition(of) {
            text.push_str(&relaxed(&fields.remove(last)));
            text.push_str("\r\n");
        }
    }
    let own = signature.rfind("b=").unwrap();
    text.push_str(&relaxed(&signature[..own + 2]));
    let signed = BASE64_STANDARD.decode(tag(tags, "b")).unwrap();
    let public = BASE64_STANDARD.decode(tag(record, "p")).unwrap();
    let good = match (tag(tags, "a").as_str(), tag(record, "k").as_str()) {
        ("ed25519-sha256", "ed25519") => {
            UnparsedPublicKey::new(&ED25519, public).verify(&Sha256::digest(text), &signed)
        }
        // Behind what names the algorithm stand the two numbers that ring reads.
        ("rsa-sha256", "rsa") => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public[24..])
            .verify(text.as_bytes(), &signed),
        other => panic!("{other:?}"),
    };
    good.map_err(|_| "signature")
}

#[test]
fn the_example_of_rfc_8463_is_signed_as_it_is_there() {
    let key = SigningKey::import(RFC_SEED).unwrap();
    assert_eq!(key.record(), format!("v=DKIM1; k=ed25519; p={RFC_PUBLIC}"));
    let (fields, body) = split(RFC_MAIL.as_bytes());
    let hash = BASE64_STANDARD.encode(Sha256::digest(relax_body(body)));
    assert!(RFC_UNSIGNED.contains(&format!("bh={hash};")));
    let names = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"];
    let signature = key.sign(&signed_text(&fields, &names, RFC_UNSIGNED.as_bytes())).unwrap();
    assert_eq!(BASE64_STANDARD.encode(signature), RFC_SIGNATURE);
    let mail = format!("{RFC_UNSIGNED}{RFC_SIGNATURE}\r\n{RFC_MAIL}");
    assert_eq!(verify(&mail, &key.record()), Ok(()), "the reader of these tests reads it too");
}

#[test]
fn a_signed_mail_is_good_until_anything_that_counts_is_changed() {
    for key in [RSA, ED25519_PEM, RFC_SEED] {
        let signer = signer(key);
        let record = signer.record().text;
        let mail = String::from_utf8(signer.sign(RFC_MAIL.as_bytes(), at()).unwrap()).unwrap();
        assert_eq!(verify(&mail, &record), Ok(()));
        assert!(mail.lines().all(|line| line.len() < 100), "{mail}");
        for (from, to, fault) in [
            ("lost the game", "won the game", Err("body")),
            ("Joe.\r\n", "Joe.\r\nPS\r\n", Err("body")),
            ("dinner", "supper", Err("signature")),
            ("\r\nFrom: Joe", "\r\nFrom: Eve", Err("signature")),
            ("\r\nTo: Suzie", "\r\nTo: eve@x.example\r\nTo: Suzie", Err("signature")),
            ("\r\nSubject", "\r\nSubject: x\r\nSubject", Err("signature")),
            ("\r\nSubject", "\r\nReply-To: eve@x.example\r\nSubject", Err("signature")),
            ("\r\nSubject", "\r\nContent-Type: text/html\r\nSubject", Err("signature")),
            ("t=1795953900", "t=1795953901", Err("signature")),
            ("Is dinner ready?", "Is  dinner\r\n ready?  ", Ok(())),
            ("the game.  Are", "the game. \t Are", Ok(())),
            ("Joe.\r\n", "Joe. \r\n\r\n\r\n", Ok(())),
            ("\r\nFrom: Joe", "\r\nReceived: by x\r\nFrom: Joe", Ok(())),
        ] {
            assert!(mail.contains(from), "{from}: {mail}");
            assert_eq!(verify(&mail.replacen(from, to, 1), &record), fault, "{from} -> {to}");
        }
    }
}

#[test]
fn keys_are_read_in_every_common_form() {
    let pkcs1 = signer(include_str!("test_keys/rsa-pkcs1.pem"));
    assert_eq!(pkcs1.record(), signer(RSA).record());
    let record = |pem: &str| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let public = record(include_str!("test_keys/rsa-public.pem"));
    assert_eq!(pkcs1.record().text, format!("v=DKIM1; k=rsa; p={public}"), "as OpenSSL writes it");
    let public = BASE64_STANDARD.decode(record(include_str!("test_keys/ed25519-public.pem"))).unwrap();
    assert_eq!(tag(&signer(ED25519_PEM).record().text, "p"), BASE64_STANDARD.encode(&public[12..]));
    assert!(SigningKey::import(&format!("\n{RFC_SEED}\n")).is_ok());
}

#[test]
fn other_keys_are_refused_saying_what_they_are() {
    for (key, fault) in [
        ("", KeyFault::NoKey),
        ("nonsense", KeyFault::NoKey),
        ("c2hvcnQ=", KeyFault::NoKey),
        ("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", KeyFault::Damaged),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", KeyFault::NoKey),
        (include_str!("test_keys/encrypted.pem"), KeyFault::Encrypted),
        (include_str!("test_keys/rsa-public.pem"), KeyFault::Public),
        (include_str!("test_keys/rsa-1024.pem"), KeyFault::TooShort),
        (include_str!("test_keys/ec.pem"), KeyFault::OtherAlgorithm),
        (&RSA[..RSA.len() / 2], KeyFault::NoKey),
    ] {
        let error = Signer::new("acme.example", "s", key).err().unwrap();
        assert_eq!(error, DkimError::Key(fault), "{key}");
        assert_eq!(
            (error.code(), error.kind(), error.advice().is_some()),
            ("mail.dkim_key", Kind::Refused, true)
        );
    }
}

#[test]
fn the_record_to_publish_fits_into_a_zone() {
    let record = signer(RSA).record();
    assert_eq!(record.name, "brisbane._domainkey.football.example.com");
    let line = record.zone_line();
    assert!(
        line.starts_with("brisbane._domainkey.football.example.com. IN TXT ( \"v=DKIM1; k=rsa; p="),
        "{line}"
    );
    let strings: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
    assert_eq!(strings.len(), 2);
    assert!(strings.iter().all(|string| string.len() <= 255));
    assert_eq!(strings.concat(), record.text);
    assert_eq!(signer(RFC_SEED).record().zone_line().matches('"').count(), 2);
}

#[test]
fn a_domain_and_a_selector_are_names_of_the_dns() {
    for domain in ["", "acme", "a b.example", "-a.example", "acme.example\r\nx: y", "a..example"] {
        let error = Signer::new(domain, "s", RFC_SEED).err().unwrap();
        assert_eq!(error.code(), "mail.dkim_domain", "{domain}");
    }
    for selector in ["", "a b", "-a", "a;b", "a\r\nb", "ключ"] {
        let error = Signer::new("acme.example", selector, RFC_SEED).err().unwrap();
        assert_eq!(error.code(), "mail.dkim_selector", "{selector}");
    }
    let signer = Signer::new("Bücher.example", "Mail.2026", RFC_SEED).unwrap();
    assert_eq!(signer.record().name, "mail.2026._domainkey.xn--bcher-kva.example");
    let covers = |text| speaks_for(signer.domain(), &Path::of(&Email::parse(text).unwrap()).unwrap());
    assert!(covers("a@bücher.example") && covers("a@news.bücher.example"));
    assert!(!covers("a@example.com") && !covers("a@xbücher.example"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_mail_is_signed_so_that_it_verifies(
        subject in "[ -~]{0,80}", lines in prop::collection::vec("[ -~\\t]{0,40}", 0..8),
    ) {
        let mail = format!("From: a@b.example\r\nSubject: {subject}\r\n\r\n{}", lines.join("\r\n"));
        let signer = signer(RFC_SEED);
        let signed = String::from_utf8(signer.sign(mail.as_bytes(), at()).unwrap()).unwrap();
        prop_assert_eq!(verify(&signed, &signer.record().text), Ok(()));
    }

    #[test]
    fn whatever_is_signed_gets_an_answer(mail in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(signer(RFC_SEED).sign(&mail, at()).unwrap().ends_with(&mail));
    }

    #[test]
    fn whatever_is_given_as_a_key_gets_an_answer(text in any::<String>()) {
        drop(SigningKey::import(&text));
        drop(SigningKey::import(&format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")));
    }
}
