use proptest::prelude::*;

use super::super::compose::{Attachment, ComposeError, Composed, Mail, compose, message_id};
use super::super::templates::Templates;
use super::*;
use crate::crypto::rng::SeededRandom;
use crate::error::Explain;
use crate::mail::address::Mailbox;
use crate::text::email::Email;

fn mailbox(name: &str, email: &str) -> Mailbox {
    Mailbox::new(name, &Email::parse(email).unwrap()).unwrap()
}

struct Parts<'a> {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    to: Mailbox,
    subject: &'a str,
    attachments: Vec<Attachment<'a>>,
}

impl Default for Parts<'_> {
    fn default() -> Self {
        Self {
            from: mailbox("Acme Bank", "noreply@acme.example"),
            reply_to: None,
            to: mailbox("Олена Шевченко", "olena@acme.example"),
            subject: "Hello",
            attachments: Vec::new(),
        }
    }
}

fn built(parts: &Parts<'_>) -> Result<Composed, String> {
    let mail = Mail {
        from: &parts.from,
        reply_to: parts.reply_to.as_ref(),
        to: &parts.to,
        subject: parts.subject,
        text: "Hello,\n\n.\nпривіт\n",
        html: Some("<p>привіт</p>"),
        attachments: &parts.attachments,
        host: "secboard.acme.example:8443",
        message_id: "<x@acme.example>",
        date: at(),
    };
    compose(&mail, &SeededRandom::new(1)).map_err(|error| error.to_string())
}

fn text(mail: &Composed) -> &str {
    std::str::from_utf8(&mail.bytes).unwrap()
}

/// The names of the headers of the mail, in order.
fn headers(mail: &str) -> Vec<&str> {
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    lines.map(|line| line.split_once(':').unwrap().0).collect()
}

/// The value of a header, unfolded.
fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let start = head.find(&format!("{name}: ")).unwrap() + name.len() + 2;
    let rest = &head[start..];
    let end = rest.match_indices("\r\n").find(|(at, _)| !rest[at + 2..].starts_with([' ', '\t']));
    &rest[..end.map_or(rest.len(), |(at, _)| at)]
}

const HEADERS: [&str; 9] = [
    "From",
    "To",
    "Date",
    "Message-ID",
    "Subject",
    "Auto-Submitted",
    "List-Id",
    "MIME-Version",
    "Content-Type",
];

#[test]
fn no_line_with_an_encoded_name_is_longer_than_the_standard_has_it() {
    let name = "Відділ інформаційної безпеки, Відділ інформаційної безпеки";
    let from = mailbox(name, "noreply@subdomain.department.acme.example");
    let mail = built(&Parts { reply_to: Some(from.clone()), from, ..Parts::default() }).unwrap();
    let mail = text(&mail);
    let too_long = mail.lines().find(|line| line.contains("=?") && line.trim_end().len() > 76);
    assert_eq!(too_long, None);
    for header_name in ["From", "Reply-To"] {
        assert!(header(mail, header_name).ends_with("?=\r\n <noreply@subdomain.department.acme.example>"));
    }
}

#[test]
fn the_name_of_the_list_is_one_of_domains_whatever_the_host_is() {
    use crate::setting::site::without_port;
    for (domain, host) in [
        ("secboard.acme.example:8443", "secboard.acme.example"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[2001:db8::1]:8443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("localhost", "localhost"),
    ] {
        assert_eq!(without_port(domain), host);
    }
}

#[test]
fn a_mail_as_it_goes_over_the_wire() {
    let mail =
        built(&Parts { reply_to: Some(mailbox("", "help@acme.example")), ..Parts::default() }).unwrap();
    insta::assert_snapshot!(text(&mail).replace("\r\n", "\n"), @r#"
    From: "Acme Bank" <noreply@acme.example>
    To: =?utf-8?b?0J7Qu9C10L3QsCDQqNC10LLRh9C10L3QutC+?= <olena@acme.example>
    Date: Sun, 29 Nov 2026 12:05:00 +0000
    Message-ID: <x@acme.example>
    Subject: Hello
    Auto-Submitted: auto-generated
    List-Id: <mail.secboard.acme.example>
    Reply-To: help@acme.example
    MIME-Version: 1.0
    Content-Type: multipart/alternative; boundary="rr52afy2t1g8849jqesq30k2b9"

    --rr52afy2t1g8849jqesq30k2b9
    Content-Type: text/plain; charset=utf-8
    Content-Transfer-Encoding: base64

    SGVsbG8sDQoNCi4NCtC/0YDQuNCy0ZbRgg0K
    --rr52afy2t1g8849jqesq30k2b9
    Content-Type: text/html; charset=utf-8
    Content-Transfer-Encoding: base64

    PHA+0L/RgNC40LLRltGCPC9wPg==
    --rr52afy2t1g8849jqesq30k2b9--
    "#);
}

#[test]
fn the_same_mail_is_the_same_bytes_whenever_it_is_built() {
    let message = sample("password-set");
    let (rendered, _) =
        Templates::built_in().render(&message, &site(), &reader(Language::Ukrainian)).unwrap();
    let parts = Parts { subject: &rendered.subject, ..Parts::default() };
    assert_eq!(built(&parts).unwrap().bytes, built(&parts).unwrap().bytes);
}

#[test]
fn a_message_id_is_of_the_domain_of_the_sender() {
    let rng = SeededRandom::new(1);
    let path = mailbox("", "a@Bücher.example").path().clone();
    let (one, other) = (message_id(&rng, &path).unwrap(), message_id(&rng, &path).unwrap());
    assert!(one.starts_with('<') && one.ends_with("@xn--bcher-kva.example>"), "{one}");
    assert_ne!(one, other);
}

#[test]
fn names_and_domains_are_encoded_and_a_local_part_is_not() {
    let mail = built(&Parts {
        from: mailbox("Банк \"А\", ТОВ", "noreply@Bücher.example"),
        to: mailbox("Müller, Jörg", "jörg@acme.example"),
        subject: "Ваш пароль змінено адміністратором, і старий більше не діє",
        ..Parts::default()
    })
    .unwrap();
    assert!(mail.needs_utf8());
    let mail = text(&mail);
    assert!(header(mail, "From").contains("<noreply@xn--bcher-kva.example>"), "{mail}");
    assert!(header(mail, "To").contains("jörg@acme.example"), "{mail}");
    assert!(header(mail, "Subject").is_ascii() && header(mail, "Subject").starts_with("=?utf-8?"));
    assert!(!built(&Parts::default()).unwrap().needs_utf8());
}

#[test]
fn an_attachment_keeps_its_name_and_bytes() {
    let bytes: Vec<u8> = (0..=255).collect();
    let attachments = vec![Attachment {
        name: "Користувачі за листопад.csv",
        media_type: "text/csv; charset=utf-8",
        bytes: &bytes,
    }];
    let mail = built(&Parts { attachments, ..Parts::default() }).unwrap();
    let mail = text(&mail);
    assert!(mail.contains("Content-Type: text/csv; charset=utf-8\r\n"), "{mail}");
    assert!(mail.contains("filename*0*=utf-8''") || mail.contains("filename*=utf-8''"), "{mail}");
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &bytes);
    assert!(mail.replace("\r\n", "").contains(&encoded));
}

#[test]
fn m5_what_no_header_can_have_is_refused() {
    for (subject, code) in [
        ("a\r\nBcc: x@y.example", 0xD),
        ("a\nb", 0xA),
        ("a\0b", 0),
        ("\u{202E}b", 0x202E),
        ("a\u{2028}b", 0x2028),
    ] {
        let error = built(&Parts { subject, ..Parts::default() }).err().unwrap();
        assert_eq!(error, ComposeError::Driving { what: "subject", code }.to_string());
    }
    for subject in ["", &"x".repeat(201)] {
        assert!(built(&Parts { subject, ..Parts::default() }).err().unwrap().contains("1 to 200 characters"));
    }
    for (name, media_type, refusal) in [
        ("a\r\nX: y", "text/csv", "U+000D"),
        ("\u{202E}fdp.exe", "text/csv", "U+202E"),
        ("../users.csv", "text/csv", "is a path"),
        ("..", "text/csv", "is a path"),
        ("=?utf-8?q?invoice.exe?=", "text/csv", "the beginning of another name"),
        ("", "text/csv", "1 to 200"),
        ("a.csv", "text/csv\r\nX: y", "is not a media type"),
        ("a.csv", "nonsense", "is not a media type"),
    ] {
        let attachments = vec![Attachment { name, media_type, bytes: b"x" }];
        let error = built(&Parts { attachments, ..Parts::default() }).err().unwrap();
        assert!(error.contains(refusal), "{error}");
    }
    let error = ComposeError::Length { what: "subject", found: 0 };
    assert_eq!((error.code(), error.advice().is_some()), ("mail.refused", true));
}

#[test]
fn m5_an_encoded_word_in_a_subject_is_shown_as_it_was_typed() {
    let typed = "=?utf-8?b?DQpCY2M6IHg=?= і ще багато слів, щоб рядок був довшим за одне кодоване слово";
    let mail = built(&Parts { subject: typed, ..Parts::default() }).unwrap();
    let words = header(text(&mail), "Subject").split_whitespace();
    let decoded: Vec<u8> = words
        .flat_map(|word| {
            assert!(word.len() <= 75, "{word}");
            let word = word.strip_prefix("=?utf-8?b?").unwrap().strip_suffix("?=").unwrap();
            base64::Engine::decode(&base64::prelude::BASE64_STANDARD, word).unwrap()
        })
        .collect();
    assert_eq!(String::from_utf8(decoded).unwrap(), typed);
}

/// Text with what breaks headers, more often than chance has it.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[a-z]{1,80}",
        Just("\r\nBcc: eve@evil.example\r\n".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\0".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("<eve@evil.example>, ".to_owned()),
        Just("=?utf-8?q?=0D=0A?=".to_owned()),
        Just("\u{202E}".to_owned()),
        Just(" ; filename=x".to_owned()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn m5_no_value_adds_a_header_a_recipient_or_a_line(
        from in nasty(), to in nasty(), reply_to in nasty(), subject in nasty(), file in nasty(), media in nasty(),
    ) {
        let named = |name: &str, email: &str| Mailbox::of_person(name, &Email::parse(email).unwrap()).unwrap();
        let attachments = vec![
            Attachment { name: &file, media_type: "text/csv", bytes: b"x" },
            Attachment { name: "x.csv", media_type: &media, bytes: b"x" },
        ];
        for attachments in [Vec::new(), attachments] {
            let with_files = !attachments.is_empty();
            let mail = built(&Parts {
                from: named(&from, "noreply@acme.example"),
                to: named(&to, "olena@acme.example"),
                reply_to: Some(named(&reply_to, "help@acme.example")),
                subject: &subject,
                attachments,
            });
            let Ok(mail) = mail else { continue };
            prop_assert_eq!(mail.recipient.to_string(), "olena@acme.example");
            let mail = text(&mail);
            let mut found = headers(mail);
            found.sort_unstable();
            let mut expected: Vec<&str> = HEADERS.iter().copied().chain(["Reply-To"]).collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
            for line in mail.split("\r\n") {
                prop_assert!(line.len() <= 998 && !line.contains(['\r', '\n', '\0']), "{:?}", line);
            }
            prop_assert_eq!(mail.matches("\r\nContent-Disposition: ").count(), if with_files { 2 } else { 0 });
            for name in ["From", "To", "Reply-To", "Subject"] {
                prop_assert!(header(mail, name).is_ascii());
            }
        }
    }
}
