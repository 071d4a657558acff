//! Email addresses, as RFC 5321 limits them and RFC 6531 opens them to every script.
//!
//! The address is stored as typed and compared by its [`key`]. What RFC 5321 allows but no mailbox of a person uses
//! (quoted local parts, address literals) is refused with its reason rather than half supported.
//!
//! An international domain has two spellings, `bücher.example` and `xn--bcher-kva.example` (RFC 5890: U-label and
//! A-label). Mail systems and directories rewrite one into the other, so they are one mailbox, and the key holds the
//! first.

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::char::is_combining_mark;

use super::character::{is_control, is_invisible};
use super::fold::fold;
use super::script;
use crate::error::{Explain, Kind};

/// RFC 5321, 4.5.3.1.1, in bytes.
const MAX_LOCAL: usize = 64;
/// RFC 5321, 4.5.3.1.3 less the two angle brackets of a path, in bytes.
const MAX_ADDRESS: usize = 254;
/// RFC 1035, 2.3.4, in bytes.
const MAX_LABEL: usize = 63;

/// An email address as typed, without the white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Email(String);

/// Why an email address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{email}` is not an email address: {fault}")]
pub(crate) struct EmailError {
    email: String,
    fault: EmailFault,
}

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EmailFault {
    #[error("it is empty")]
    Empty,
    #[error("it has no `@`")]
    NoAt,
    #[error("it has more than one `@`")]
    SeveralAts,
    #[error("nothing stands before the `@`")]
    NoLocalPart,
    #[error("nothing stands after the `@`")]
    NoDomain,
    #[error("it is longer than {MAX_ADDRESS} bytes")]
    TooLong,
    #[error("the part before the `@` is longer than {MAX_LOCAL} bytes")]
    LocalTooLong,
    #[error("quoted text before the `@` is not supported")]
    Quoted,
    #[error("before the `@` a dot stands first, last or beside another dot")]
    LocalDot,
    #[error("it holds a space")]
    Space,
    #[error("it holds the invisible character U+{code:04X}")]
    Invisible { code: u32 },
    #[error("`{found}` cannot stand before the `@`")]
    LocalCharacter { found: char },
    #[error("a number instead of a domain is not supported")]
    Literal,
    #[error("the domain has no dot")]
    NoDot,
    #[error("it begins with `-`, as an option of a command does")]
    Hyphen,
    #[error("in the domain a dot stands first, last or beside another dot")]
    DomainDot,
    #[error("a part of the domain is longer than {MAX_LABEL} bytes")]
    LabelTooLong,
    #[error("a part of the domain begins or ends with `-`")]
    LabelHyphen,
    #[error("`{found}` cannot stand in a domain")]
    DomainCharacter { found: char },
    #[error("a part of the domain begins with `xn--` and spells no name")]
    NoSpelling,
}

impl Explain for EmailError {
    fn code(&self) -> &'static str {
        "email.malformed"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn field(&self) -> Option<&'static str> {
        Some("email")
    }

    fn advice(&self) -> Option<String> {
        Some("write it like `anna.koval@acme.example`".into())
    }
}

impl Email {
    /// Reads an address and says what is wrong with one that is refused.
    pub(crate) fn parse(text: &str) -> Result<Self, EmailError> {
        let email = text.trim();
        match check(email) {
            Ok(()) => Ok(Self(email.to_owned())),
            Err(fault) => Err(EmailError { email: email.chars().take(MAX_ADDRESS).collect(), fault }),
        }
    }

    /// The address as it was typed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key by which the address is compared.
    ///
    /// Mail systems tell letter cases apart before the `@` only in theory. Mail goes to the stored address, never to
    /// the one that was typed to find it, so a look-alike of equal key receives nothing.
    pub(crate) fn folded(&self) -> String {
        key(&self.0)
    }
}

/// What a text is compared by where it may be an address: folded, and an international domain in its own letters.
pub(crate) fn key(text: &str) -> String {
    let folded = fold(text);
    match folded.rsplit_once('@') {
        Some((local, domain)) if domain.contains(A_LABEL) => {
            fold(&format!("{local}@{}", own_letters(domain)))
        }
        _ => folded,
    }
}

/// The other spelling of an address whose domain is international: the ASCII one, folded.
pub(crate) fn ascii_spelling(email: &str) -> Option<String> {
    let (local, domain) = email.rsplit_once('@')?;
    let has_a_label =
        domain.as_bytes().windows(A_LABEL.len()).any(|part| part.eq_ignore_ascii_case(A_LABEL.as_bytes()));
    if domain.is_ascii() && !has_a_label {
        return None;
    }
    if own_letters(&fold(domain)).is_ascii() {
        return None;
    }
    let ascii = idna::domain_to_ascii(domain).ok()?;
    Some(fold(&format!("{local}@{ascii}")))
}

/// What to know of a stored address that can pass for another, naming the letters: it mixes scripts before the `@` or in a part
/// of the domain, or has what looks like something else there. Whole words of another script belong where the domain ends in
/// that script.
pub(crate) fn warning(email: &str) -> Option<String> {
    let (local, typed) = email.rsplit_once('@')?;
    let domain = own_letters(&fold(typed)).into_owned();
    let last = domain.rsplit('.').next().unwrap_or_default();
    let mixed = std::iter::once(local).chain(domain.split('.')).find_map(script::mixture);
    if let Some(mixed) = mixed {
        return Some(format!(
            "`{email}` mixes scripts, as an address does that shall pass for another: {mixed}"
        ));
    }
    // Folded, a domain in other forms of its letters would be what it looks like.
    let typed = if typed.is_ascii() { domain.as_str() } else { typed };
    let is_written_so = |part: &str| script::is_of_the_script_of(part, last);
    let mut parts = std::iter::once(local).chain(typed.split('.'));
    let alike = parts.find_map(|part| script::look_alikes(part, is_written_so))?;
    Some(format!("`{email}` can pass for another address: {alike}"))
}

/// How a label begins that spells letters of other scripts in ASCII (RFC 5890, 2.3.2.1).
const A_LABEL: &str = "xn--";

/// A folded domain with every label in its own letters; a label that spells nothing stays as it is.
fn own_letters(domain: &str) -> Cow<'_, str> {
    if !domain.contains(A_LABEL) {
        return Cow::Borrowed(domain);
    }
    let labels = domain.split('.').map(|label| spelt_out(label).unwrap_or_else(|| label.to_owned()));
    Cow::Owned(labels.collect::<Vec<_>>().join("."))
}

/// The letters that a label in ASCII spells.
fn spelt_out(label: &str) -> Option<String> {
    if !label.starts_with(A_LABEL) {
        return None;
    }
    let (letters, valid) = idna::domain_to_unicode(label);
    (valid.is_ok() && !letters.is_ascii()).then_some(letters)
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Email {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl serde::Serialize for Email {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn check(email: &str) -> Result<(), EmailFault> {
    if email.is_empty() {
        return Err(EmailFault::Empty);
    }
    if email.len() > MAX_ADDRESS {
        return Err(EmailFault::TooLong);
    }
    check_seen(email)?;
    if email.contains('"') {
        return Err(EmailFault::Quoted);
    }
    let (local, domain) = email.split_once('@').ok_or(EmailFault::NoAt)?;
    if domain.contains('@') {
        return Err(EmailFault::SeveralAts);
    }
    check_local(local)?;
    check_domain(domain)
}

fn check_seen(email: &str) -> Result<(), EmailFault> {
    for c in email.chars() {
        if c == ' ' || c == '\u{A0}' {
            return Err(EmailFault::Space);
        }
        if is_control(c) || is_invisible(c) || c.is_whitespace() {
            return Err(EmailFault::Invisible { code: u32::from(c) });
        }
    }
    Ok(())
}

fn check_local(local: &str) -> Result<(), EmailFault> {
    if local.is_empty() {
        return Err(EmailFault::NoLocalPart);
    }
    if local.starts_with('-') {
        return Err(EmailFault::Hyphen);
    }
    if local.len() > MAX_LOCAL {
        return Err(EmailFault::LocalTooLong);
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailFault::LocalDot);
    }
    match local.chars().find(|&c| c != '.' && !is_atom(c)) {
        Some(found) => Err(EmailFault::LocalCharacter { found }),
        None => Ok(()),
    }
}

/// `atext` of RFC 5322, 3.2.3, and all that RFC 6531, 3.3 adds.
fn is_atom(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn check_domain(domain: &str) -> Result<(), EmailFault> {
    if domain.is_empty() {
        return Err(EmailFault::NoDomain);
    }
    if domain.starts_with('[') {
        return Err(EmailFault::Literal);
    }
    if domain == "localhost" {
        return Ok(());
    }
    domain.split('.').try_for_each(check_label)?;
    let last = domain.rsplit_once('.').ok_or(EmailFault::NoDot)?.1;
    if last.chars().all(|c| c.is_ascii_digit()) {
        return Err(EmailFault::Literal);
    }
    Ok(())
}

fn check_label(label: &str) -> Result<(), EmailFault> {
    if label.is_empty() {
        return Err(EmailFault::DomainDot);
    }
    if label.len() > MAX_LABEL {
        return Err(EmailFault::LabelTooLong);
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(EmailFault::LabelHyphen);
    }
    if let Some(found) = label.chars().find(|&c| c != '-' && !c.is_alphanumeric() && !is_combining_mark(c)) {
        return Err(EmailFault::DomainCharacter { found });
    }
    let folded = fold(label);
    if folded.starts_with(A_LABEL) && spelt_out(&folded).is_none() {
        return Err(EmailFault::NoSpelling);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> EmailFault {
        Email::parse(text).unwrap_err().fault
    }

    #[test]
    fn addresses_of_people_are_accepted_as_typed() {
        for email in [
            "a@b.example",
            "Anna.Koval@Acme.Example",
            "o'neil+news@sub.acme.example",
            "дар'я@пошта.укр",
            "müller@bücher.example",
            "山田@例え.テスト",
            "x@xn--bcher-kva.example",
            "admin@localhost",
            "a@हिन्दी.example",
        ] {
            assert_eq!(Email::parse(&format!(" {email}\n")).unwrap().as_str(), email);
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong() {
        for (email, expected) in [
            ("", EmailFault::Empty),
            ("anna", EmailFault::NoAt),
            ("a@b@c.example", EmailFault::SeveralAts),
            ("@b.example", EmailFault::NoLocalPart),
            ("a@", EmailFault::NoDomain),
            ("\"a b\"@c.example", EmailFault::Space),
            ("\"a\"@c.example", EmailFault::Quoted),
            (".a@b.example", EmailFault::LocalDot),
            ("a..b@c.example", EmailFault::LocalDot),
            ("a b@c.example", EmailFault::Space),
            ("a\u{0}b@c.example", EmailFault::Invisible { code: 0 }),
            ("a\u{202E}b@c.example", EmailFault::Invisible { code: 0x202E }),
            ("a\u{200B}b@c.example", EmailFault::Invisible { code: 0x200B }),
            ("a,b@c.example", EmailFault::LocalCharacter { found: ',' }),
            ("a@[192.0.2.1]", EmailFault::Literal),
            ("a@192.0.2.1", EmailFault::Literal),
            ("a@acme", EmailFault::NoDot),
            ("a@acme..example", EmailFault::DomainDot),
            ("a@acme.example.", EmailFault::DomainDot),
            ("a@-acme.example", EmailFault::LabelHyphen),
            ("a@ac_me.example", EmailFault::DomainCharacter { found: '_' }),
            ("a@acme。example", EmailFault::DomainCharacter { found: '。' }),
            ("-a@acme.example", EmailFault::Hyphen),
            ("--store=/tmp/x@acme.example", EmailFault::Hyphen),
            ("a\u{115F}b@c.example", EmailFault::Invisible { code: 0x115F }),
            ("a\u{3164}b@c.example", EmailFault::Invisible { code: 0x3164 }),
            ("a@b\u{FFA0}.example", EmailFault::Invisible { code: 0xFFA0 }),
            ("a\u{2800}b@c.example", EmailFault::Invisible { code: 0x2800 }),
            ("a@xn--zz--a.example", EmailFault::NoSpelling),
            ("a@XN--a.example", EmailFault::NoSpelling),
        ] {
            assert_eq!(fault(email), expected, "{email:?}");
        }
    }

    #[test]
    fn the_limits_of_the_standard_are_bytes() {
        let domain = "b.example";
        assert!(Email::parse(&format!("{}@{domain}", "a".repeat(64))).is_ok());
        assert_eq!(fault(&format!("{}@{domain}", "a".repeat(65))), EmailFault::LocalTooLong);
        assert_eq!(fault(&format!("{}@{domain}", "я".repeat(33))), EmailFault::LocalTooLong);
        assert_eq!(fault(&format!("a@{}.example", "b".repeat(64))), EmailFault::LabelTooLong);
        assert_eq!(fault(&format!("a@{}example", "b.".repeat(130))), EmailFault::TooLong);
    }

    #[test]
    fn the_message_names_the_address_and_the_reason() {
        let error = Email::parse("anna.acme.example").unwrap_err();
        assert_eq!(error.to_string(), "`anna.acme.example` is not an email address: it has no `@`");
        assert_eq!((error.code(), error.kind()), ("email.malformed", Kind::Refused));
        assert!(error.advice().is_some());
    }

    #[test]
    fn letter_case_makes_no_second_address() {
        let typed = Email::parse("ДАР’Я@Пошта.УКР").unwrap();
        assert_eq!(typed.folded(), "дар'я@пошта.укр");
        assert_eq!(typed.to_string(), typed.as_str());
    }

    #[test]
    fn both_spellings_of_a_domain_are_one_mailbox() {
        for (one, other) in [
            ("anna@bücher.example", "anna@xn--bcher-kva.example"),
            ("anna@BÜCHER.example", "ANNA@XN--BCHER-KVA.EXAMPLE"),
            ("anna@bu\u{308}cher.example", "anna@xn--bcher-kva.example"),
            ("anna@a.bücher.example", "anna@a.ｘn--bcher-kva.example"),
            ("дар'я@пошта.укр", "дар'я@xn--80a1acn3a.xn--j1amh"),
            ("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"),
        ] {
            assert_eq!(key(one), key(other), "{one} and {other}");
            assert_eq!(Email::parse(one).unwrap().folded(), Email::parse(other).unwrap().folded());
            assert_eq!(ascii_spelling(one), ascii_spelling(other), "{one} and {other}");
            assert!(ascii_spelling(one).unwrap().rsplit_once('@').unwrap().1.is_ascii());
        }
        assert_eq!(key("anna@xn--bcher-kva.example"), "anna@bücher.example");
        assert_eq!(ascii_spelling("Anna@Bücher.example").unwrap(), "anna@xn--bcher-kva.example");
        assert_eq!(ascii_spelling("anna@acme.example"), None);
        assert_ne!(key("xn--bcher-kva@acme.example"), key("bücher@acme.example"), "no domain");
        assert_eq!(key("Bücher xn--bcher-kva"), "bücher xn--bcher-kva", "no address");
    }

    #[test]
    fn an_address_of_two_scripts_is_taken_with_a_warning() {
        for (email, letters) in [
            ("аnna@acme.example", "`а` is Cyrillic beside Latin"),
            ("anna@аcme.example", "`а` is Cyrillic beside Latin"),
            ("anna@xn--cme-5cd.example", "`а` is Cyrillic beside Latin"),
            ("Οlena@acme.example", "`Ο` is Greek beside Latin"),
            ("пoштa@acme.example", "`o`, `a` are Latin beside Cyrillic"),
        ] {
            let warning = warning(Email::parse(email).unwrap().as_str()).unwrap_or_default();
            assert!(warning.contains(letters), "{email}: {warning}");
        }
        for email in
            ["дар'я@пошта.com", "müller.2@bücher.example", "山田たろう@例えテスト.example", "김金@x.example"]
        {
            assert_eq!(warning(Email::parse(email).unwrap().as_str()), None, "{email}");
        }
    }

    #[test]
    fn an_address_that_looks_like_another_is_taken_with_a_warning() {
        for (email, letters) in [
            ("anna\u{2024}lee@acme.example", "`\u{2024}` (U+2024) looks like `.`"),
            ("anna\u{2010}lee@acme.example", "`\u{2010}` (U+2010) looks like `-`"),
            ("\u{FF41}nna@acme.example", "`\u{FF41}` (U+FF41) looks like `a`"),
            ("anna@\u{FF41}cme.example", "`\u{FF41}` (U+FF41) looks like `a`"),
            ("сосо@acme.example", "`с` (U+0441) looks like `c`, `о` (U+043E) looks like `o`"),
            ("сосо@пошта.com", "`с` (U+0441) looks like `c`"),
            ("anna@сосо.example", "`с` (U+0441) looks like `c`"),
            ("anna@xn--n1aahb.example", "looks like"),
        ] {
            let warning = warning(Email::parse(email).unwrap().as_str()).unwrap_or_default();
            assert!(warning.contains(letters), "{email}: {warning}");
        }
        for email in [
            "оса@пошта.укр",
            "оса@сорт.рус",
            "оса@сосо.укр",
            "дар'я@пошта.com",
            "ДАР’Я@пошта.укр",
            "ışıl@örnek.example",
        ] {
            assert_eq!(warning(Email::parse(email).unwrap().as_str()), None, "{email}");
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(text in "[a-zA-Z@.ßüяİﬁ-]{0,12}|[a-z]@xn--[a-z0-9-]{1,12}(\\.xn--[a-z0-9-]{1,8})?") {
            let once = key(&text);
            prop_assert_eq!(key(&once), once);
        }

        #[test]
        fn the_ascii_spelling_of_an_address_is_the_same_mailbox(domain in "[a-zа-яüö]{1,6}\\.[a-zєі]{2,4}") {
            let email = format!("a@{domain}");
            if let Some(ascii) = ascii_spelling(&email) {
                prop_assert_eq!(key(&ascii), key(&email));
            }
        }

        #[test]
        fn whatever_is_typed_gets_an_answer(text in any::<String>()) {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            }
        }
    }
}
