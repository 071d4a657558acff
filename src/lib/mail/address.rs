//! Addresses as mails carry them: an ASCII domain, and a name that adds nothing to the header it stands in.

use std::fmt;

use super::message::names::beside_address;
use crate::error::{Explain, Kind};
use crate::text::character::is_driving;
use crate::text::email::Email;

/// The most characters of a name beside an address.
const MAX_NAME: usize = 100;

/// An address with the name beside it, for the headers of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mailbox {
    name: Option<String>,
    path: Path,
}

/// An address on the wire: the domain in ASCII, whatever letters it was typed with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Path {
    local: String,
    domain: String,
}

/// Why an address or its name cannot stand in a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    /// The domain has no spelling in ASCII.
    #[error("the domain of `{address}` has no spelling in ASCII, which mail needs")]
    Domain {
        /// The address.
        address: String,
    },
    /// The name would do more than be shown.
    #[error(
        "the name beside an address holds U+{code:04X}, which is not shown but changes how text is shown"
    )]
    Driving {
        /// The character.
        code: u32,
    },
    /// The name looks like the encoding of another one.
    #[error(
        "the name beside an address holds `=?`, which mail programs read as the beginning of another name"
    )]
    Encoded,
    /// The name is too long.
    #[error("the name beside an address has {found} characters, more than {MAX_NAME}")]
    TooLong {
        /// How many it has.
        found: usize,
    },
}

impl Explain for AddressError {
    fn code(&self) -> &'static str {
        "mail.address"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Domain { .. } => "correct the domain".to_owned(),
            Self::Driving { .. } | Self::Encoded => "type the name again, in letters alone".to_owned(),
            Self::TooLong { .. } => "shorten the name".to_owned(),
        })
    }
}

impl Mailbox {
    /// An address with a name; an empty name is none.
    pub(crate) fn new(name: &str, email: &Email) -> Result<Self, AddressError> {
        let name = name.trim();
        if let Some(driving) = name.chars().find(|c| is_driving(*c)) {
            return Err(AddressError::Driving { code: u32::from(driving) });
        }
        if name.contains("=?") {
            return Err(AddressError::Encoded);
        }
        let found = name.chars().count();
        if found > MAX_NAME {
            return Err(AddressError::TooLong { found });
        }
        Ok(Self { name: Some(name.to_owned()).filter(|name| !name.is_empty()), path: Path::of(email)? })
    }

    /// The address of a person, without a name that cannot stand in a mail or is no plain name: the mail shall arrive all the
    /// same.
    pub(crate) fn of_person(name: &str, email: &Email) -> Result<Self, AddressError> {
        Self::new(beside_address(name), email).or_else(|_| Self::new("", email))
    }

    /// The name.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address.
    pub(crate) const fn path(&self) -> &Path {
        &self.path
    }
}

impl Path {
    /// The address with its domain in ASCII.
    pub(crate) fn of(email: &Email) -> Result<Self, AddressError> {
        let refused = || AddressError::Domain { address: email.as_str().to_owned() };
        let (local, domain) = email.as_str().rsplit_once('@').ok_or_else(refused)?;
        let domain = idna::domain_to_ascii(domain).map_err(|_| refused())?;
        Ok(Self { local: local.to_owned(), domain })
    }

    /// What stands before the `@`.
    pub(crate) fn local(&self) -> &str {
        &self.local
    }

    /// The domain, in ASCII.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether it can only travel by servers that know SMTPUTF8 (RFC 6531).
    pub(crate) fn needs_utf8(&self) -> bool {
        !self.local.is_ascii()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    #[test]
    fn a_domain_travels_in_ascii_and_a_local_part_as_it_is() {
        let path = Path::of(&email("Anna@Bücher.example")).unwrap();
        assert_eq!(path.to_string(), "Anna@xn--bcher-kva.example");
        assert!(!path.needs_utf8());
        let path = Path::of(&email("анна@пошта.example")).unwrap();
        assert_eq!(path.to_string(), "анна@xn--80a1acn3a.example");
        assert!(path.needs_utf8());
    }

    #[test]
    fn m5_a_name_that_does_more_than_be_shown_is_refused_and_a_person_still_gets_the_mail() {
        let anna = email("anna@acme.example");
        for name in
            ["a\r\nBcc: b@c.example", "a\0b", "a\nb", "\u{202E}nimda", "=?utf-8?q?x?=", &"x".repeat(101)]
        {
            let error = Mailbox::new(name, &anna).unwrap_err();
            assert_eq!((error.code(), error.kind()), ("mail.address", Kind::Refused));
            assert!(error.advice().is_some());
            assert_eq!(Mailbox::of_person(name, &anna).unwrap().name(), None);
        }
        assert_eq!(Mailbox::new(" Дар'я \"D\" ", &anna).unwrap().name(), Some("Дар'я \"D\""));
        assert_eq!(Mailbox::new("", &anna).unwrap().name(), None);
    }
}
