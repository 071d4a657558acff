//! Signatures of the sending domain (DKIM, RFC 6376 and 8463), made with ring.
//!
//! Header and body are signed in their relaxed form. Every field that a reader sees or a program acts on is named once
//! more than it is there, so that none can be added to a signed mail; and no length is given, so that nothing can be
//! added to its end.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use self::canonical::{Field, relax_body, relax_field, split};
pub(crate) use self::key::{KeyFault, SigningKey};
use super::address::Path;
use crate::error::{Explain, Kind};
use crate::text::instant::Instant;

mod canonical;
mod key;

#[cfg(test)]
mod tests;

/// The fields that are signed, each once more than it is there.
const SIGNED: [&str; 12] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Auto-Submitted",
    "List-Id",
];

/// Where a line of the signature is folded.
const WIDTH: usize = 72;

/// The most bytes of one string of a TXT record (RFC 1035, 3.3).
const MAX_STRING: usize = 255;

/// Signs for one domain, with one key.
pub(crate) struct Signer {
    domain: String,
    selector: String,
    key: SigningKey,
}

/// Why nothing can be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DkimError {
    /// The domain is none.
    #[error("`{domain}` is not a domain")]
    Domain {
        /// What was given.
        domain: String,
    },
    /// The selector is no name in the DNS.
    #[error("`{selector}` is not a selector")]
    Selector {
        /// What was given.
        selector: String,
    },
    /// The key is refused.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The system gives no randomness.
    #[error("the mail cannot be signed: the system gives no random bytes")]
    Unsigned,
}

impl Explain for DkimError {
    fn code(&self) -> &'static str {
        match self {
            Self::Domain { .. } => "mail.dkim_domain",
            Self::Selector { .. } => "mail.dkim_selector",
            Self::Key(fault) => fault.code(),
            Self::Unsigned => "mail.unsigned",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Unsigned => Kind::Io,
            _ => Kind::Refused,
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Domain { .. } => Some("domain"),
            Self::Selector { .. } => Some("selector"),
            Self::Key(fault) => fault.field(),
            Self::Unsigned => None,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Domain { .. } => Some("give the domain of the sender, such as `acme.example`".to_owned()),
            Self::Selector { .. } => Some("use letters, digits and hyphens, such as `mail-2026`".to_owned()),
            Self::Key(fault) => fault.advice(),
            Self::Unsigned => None,
        }
    }
}

/// What the domain has to publish in its DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// The name of the record.
    pub(crate) name: String,
    /// The text of the record.
    pub(crate) text: String,
}

impl Record {
    /// The record as a zone file has it: a text of several strings where one cannot hold it.
    pub(crate) fn zone_line(&self) -> String {
        let strings = self.text.as_bytes().chunks(MAX_STRING);
        let strings: Vec<String> =
            strings.map(|chunk| format!("\"{}\"", String::from_utf8_lossy(chunk))).collect();
        format!("{}. IN TXT ( {} )", self.name, strings.join(" "))
    }
}

impl Signer {
    /// A signer; the key is text as it was given and is kept.
    pub(crate) fn new(domain: &str, selector: &str, key: &str) -> Result<Self, DkimError> {
        let no_domain = || DkimError::Domain { domain: domain.to_owned() };
        let ascii = idna::domain_to_ascii_strict(domain.trim()).map_err(|_| no_domain())?;
        if !ascii.contains('.') || !ascii.split('.').all(is_label) {
            return Err(no_domain());
        }
        let selector = selector.trim().to_ascii_lowercase();
        if !selector.split('.').all(is_label) {
            return Err(DkimError::Selector { selector });
        }
        Ok(Self { domain: ascii, selector, key: SigningKey::import(key)? })
    }

    /// The domain, in ASCII.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// Under which name the domain publishes the key.
    pub(crate) fn selector(&self) -> &str {
        &self.selector
    }

    /// What the domain has to publish.
    pub(crate) fn record(&self) -> Record {
        Record { name: format!("{}._domainkey.{}", self.selector, self.domain), text: self.key.record() }
    }

    /// The mail with its signature before it.
    pub(crate) fn sign(&self, mail: &[u8], at: Instant) -> Result<Vec<u8>, DkimError> {
        let (fields, body) = split(mail);
        let mut names = Vec::new();
        for name in SIGNED {
            let found = fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name.as_bytes()));
            names.extend(std::iter::repeat_n(name, found.count() + 1));
        }
        let unsigned = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed;\r\n d={}; s={}; t={};\r\n h={};\r\n bh={};\r\n b=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            at.micros().div_euclid(1_000_000),
            folded(&names.join(":"), ':'),
            BASE64_STANDARD.encode(Sha256::digest(relax_body(body))),
        );
        let signature = self.key.sign(&signed_text(&fields, &names, unsigned.as_bytes()));
        let signature = BASE64_STANDARD.encode(signature.ok_or(DkimError::Unsigned)?);
        let signature: Vec<&str> = pieces(&signature, WIDTH);
        let header = format!("{unsigned}{}\r\n", signature.join("\r\n  "));
        Ok([header.as_bytes(), mail].concat())
    }
}

/// Whether a signature of a domain speaks for an address: that is of the domain, or of one below it.
pub(crate) fn speaks_for(domain: &str, address: &Path) -> bool {
    let of = address.domain();
    of == domain || of.strip_suffix(domain).is_some_and(|above| above.ends_with('.'))
}

/// What is signed: the named fields, each name taking the last one not taken yet, and the signature without itself.
fn signed_text(fields: &[Field<'_>], names: &[&str], unsigned: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut left: Vec<&Field<'_>> = fields.iter().collect();
    for name in names {
        let last =
            left.iter().rposition(|field| field.name.trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
        if let Some(last) = last {
            relax_field(*left.remove(last), &mut text);
            text.extend_from_slice(b"\r\n");
        }
    }
    if let (signature, _) = split(unsigned)
        && let Some(field) = signature.first()
    {
        relax_field(*field, &mut text);
    }
    text
}

/// A list in lines, folded behind its separators.
fn folded(list: &str, separator: char) -> String {
    let mut folded = String::new();
    let mut width = 0;
    for item in list.split_inclusive(separator) {
        if width + item.len() > WIDTH {
            folded.push_str("\r\n  ");
            width = 0;
        }
        folded.push_str(item);
        width += item.len();
    }
    folded
}

/// An ASCII text in pieces of one width.
fn pieces(text: &str, width: usize) -> Vec<&str> {
    (0..text.len()).step_by(width).filter_map(|at| text.get(at..text.len().min(at + width))).collect()
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
