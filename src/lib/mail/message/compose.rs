//! A whole mail of what was rendered: headers, both parts, attachments, as it goes over the wire.
//!
//! Whatever is not fixed (time, Message-ID, randomness) is an argument. Every value that reaches a header has been
//! refused or is encoded, so none can add a header, a recipient or a line.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};

use crate::crypto::rng::{Random, symbols};
use crate::error::{Explain, Kind, Result};
use crate::mail::address::{Mailbox, Path};
use crate::setting::site::without_port;
use crate::text::character::is_driving;
use crate::text::instant::Instant;

/// The most characters of a subject or the name of an attachment.
const MAX_LINE: usize = 200;

/// What is said to be wrong where it is how a file is called.
const ATTACHED: &str = "name of the attachment";

/// The characters of a Message-ID and of what separates parts: no letter that could end either.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A mail that is to be built.
pub(crate) struct Mail<'a> {
    /// Whom it is from.
    pub(crate) from: &'a Mailbox,
    /// Where answers go, if elsewhere.
    pub(crate) reply_to: Option<&'a Mailbox>,
    /// Whom it is to.
    pub(crate) to: &'a Mailbox,
    /// The subject: one line.
    pub(crate) subject: &'a str,
    /// The text part.
    pub(crate) text: &'a str,
    /// The HTML part.
    pub(crate) html: Option<&'a str>,
    /// What is attached.
    pub(crate) attachments: &'a [Attachment<'a>],
    /// The host of the site, by which mail programs sort its mails.
    pub(crate) host: &'a str,
    /// The Message-ID, of [`message_id`]: the same when the same mail goes again.
    pub(crate) message_id: &'a str,
    /// The time in the header.
    pub(crate) date: Instant,
}

/// A file in a mail.
pub(crate) struct Attachment<'a> {
    /// The name of the file.
    pub(crate) name: &'a str,
    /// What it is, such as `text/csv`.
    pub(crate) media_type: &'a str,
    /// The file.
    pub(crate) bytes: &'a [u8],
}

/// A mail as it goes over the wire, with its envelope.
#[derive(Clone)]
pub(crate) struct Composed {
    /// Headers and body, lines ended by CR LF.
    pub(crate) bytes: Vec<u8>,
    /// Whom the envelope says it is from.
    pub(crate) sender: Path,
    /// Whom it goes to.
    pub(crate) recipient: Path,
    /// Its Message-ID.
    pub(crate) message_id: String,
    /// Whether files are attached, which alone make a mail large.
    pub(crate) has_attachments: bool,
}

impl Composed {
    /// Whether it can only travel by servers that know SMTPUTF8.
    pub(crate) fn needs_utf8(&self) -> bool {
        self.sender.needs_utf8() || self.recipient.needs_utf8() || !self.bytes.is_ascii()
    }
}

/// Why a mail cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ComposeError {
    /// A value would do more than be shown.
    #[error("the {what} holds U+{code:04X}, which a header of a mail cannot have")]
    Driving {
        /// Which value.
        what: &'static str,
        /// The character.
        code: u32,
    },
    /// A value is empty or too long.
    #[error("the {what} must have 1 to {MAX_LINE} characters, not {found}")]
    Length {
        /// Which value.
        what: &'static str,
        /// How many it has.
        found: usize,
    },
    /// The name of an attachment looks like the encoding of another one.
    #[error(
        "the name of the attachment `{name}` holds `=?`, which mail programs read as the beginning of another name"
    )]
    Encoded {
        /// The name.
        name: String,
    },
    /// The name of an attachment is that of a path.
    #[error("the name of the attachment `{name}` is a path")]
    Path {
        /// The name.
        name: String,
    },
    /// The kind of an attachment is none.
    #[error("`{media_type}` is not a media type")]
    MediaType {
        /// What was given.
        media_type: String,
    },
    /// lettre refuses it.
    #[error("the mail cannot be built: {what}")]
    Refused {
        /// What it says.
        what: String,
    },
}

impl Explain for ComposeError {
    fn code(&self) -> &'static str {
        "mail.refused"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Driving { what: ATTACHED, .. } => Some("rename the file".to_owned()),
            Self::Driving { .. } => Some("write it in one line of text".to_owned()),
            Self::Length { what: ATTACHED, .. } => {
                Some(format!("rename the file, with at most {MAX_LINE} characters"))
            }
            Self::Length { found: 0, .. } => Some("give it a word or more".to_owned()),
            Self::Length { .. } => Some(format!("shorten it to at most {MAX_LINE} characters")),
            Self::Encoded { .. } => Some("give the file another name".to_owned()),
            Self::Path { .. } => Some("give the name alone".to_owned()),
            Self::MediaType { .. } => Some("write it like `text/csv`".to_owned()),
            Self::Refused { .. } => None,
        }
    }
}

/// A new Message-ID of the domain that a mail is from.
pub(crate) fn message_id(rng: &dyn Random, from: &Path) -> Result<String> {
    Ok(format!("<{}@{}>", symbols(rng, ALPHABET, 26)?, from.domain()))
}

/// Builds a mail.
pub(crate) fn compose(mail: &Mail<'_>, rng: &dyn Random) -> Result<Composed> {
    check_line("subject", mail.subject)?;
    check_line("Message-ID", mail.message_id)?;
    check_line("host of the site", mail.host)?;
    // The name of a list is one of domains (RFC 2919), which an address of IPv6 is not.
    let host = Some(without_port(mail.host)).filter(|host| !host.contains(':')).unwrap_or("localhost");
    let mut builder = lettre::Message::builder()
        .from(mailbox(mail.from)?)
        .to(mailbox(mail.to)?)
        .date(UNIX_EPOCH + Duration::from_secs(seconds(mail.date)))
        .message_id(Some(mail.message_id.to_owned()))
        .raw_header(subject(mail.subject))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
        .raw_header(header("List-Id", format!("<mail.{host}>")));
    if let Some(reply_to) = mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    let mut built = builder.multipart(parts(mail, rng)?).map_err(refused)?;
    for (name, of) in [("From", Some(mail.from)), ("To", Some(mail.to)), ("Reply-To", mail.reply_to)] {
        if let Some(folded) = of.and_then(|of| folded(name, of)) {
            built.headers_mut().insert_raw(folded);
        }
    }
    Ok(Composed {
        bytes: built.formatted(),
        sender: mail.from.path().clone(),
        recipient: mail.to.path().clone(),
        message_id: mail.message_id.to_owned(),
        has_attachments: !mail.attachments.is_empty(),
    })
}

/// Both parts, and what is attached to them.
fn parts(mail: &Mail<'_>, rng: &dyn Random) -> Result<MultiPart> {
    let text = SinglePart::plain(mail.text.to_owned());
    let alternative = MultiPart::alternative().boundary(symbols(rng, ALPHABET, 26)?).singlepart(text);
    let body = match mail.html {
        Some(html) => alternative.singlepart(SinglePart::html(html.to_owned())),
        None => alternative,
    };
    if mail.attachments.is_empty() {
        return Ok(body);
    }
    let mut mixed = MultiPart::mixed().boundary(symbols(rng, ALPHABET, 26)?).multipart(body);
    for attachment in mail.attachments {
        mixed = mixed.singlepart(attached(attachment)?);
    }
    Ok(mixed)
}

/// Refuses the name of a file that is more than a name.
pub(crate) fn check_file(name: &str) -> Result<(), ComposeError> {
    check_line(ATTACHED, name)?;
    if name.contains("=?") {
        return Err(ComposeError::Encoded { name: name.to_owned() });
    }
    if name.contains(['/', '\\']) || matches!(name, "." | "..") {
        return Err(ComposeError::Path { name: name.to_owned() });
    }
    Ok(())
}

fn attached(attachment: &Attachment<'_>) -> Result<SinglePart, ComposeError> {
    let Attachment { name, media_type, bytes } = *attachment;
    check_file(name)?;
    let no_type = || ComposeError::MediaType { media_type: media_type.chars().take(MAX_LINE).collect() };
    if media_type.chars().any(is_driving) || !media_type.is_ascii() || media_type.len() > MAX_LINE {
        return Err(no_type());
    }
    let kind = ContentType::parse(media_type).map_err(|_| no_type())?;
    let body = Body::new_with_encoding(bytes.to_vec(), ContentTransferEncoding::Base64);
    let body = body.map_err(|_| ComposeError::Refused { what: format!("`{name}` cannot be encoded") })?;
    Ok(lettre::message::Attachment::new(name.to_owned()).body(body, kind))
}

fn mailbox(of: &Mailbox) -> Result<lettre::message::Mailbox, ComposeError> {
    let address = lettre::Address::new(of.path().local(), of.path().domain()).map_err(refused)?;
    Ok(lettre::message::Mailbox::new(of.name().map(str::to_owned), address))
}

/// A mailbox whose name has to be encoded and is long, with the address on a line of its own: a line that holds an encoded
/// word has at most 76 characters (RFC 2047, section 2).
fn folded(name: &'static str, of: &Mailbox) -> Option<HeaderValue> {
    let shown = of.name().filter(|shown| !shown.is_ascii())?;
    let (raw, encoded) = (format!("{shown} <{}>", of.path()), encoded_words(shown));
    if format!("{name}: {encoded} <{}>", of.path()).len() <= 76 {
        return None;
    }
    let encoded = format!("{encoded}\r\n <{}>", of.path());
    Some(HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), raw, encoded))
}

fn refused(error: impl std::fmt::Display) -> ComposeError {
    ComposeError::Refused { what: error.to_string() }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// The subject. One that holds the beginning of an encoded word is encoded whole, or it would be read as what that says.
fn subject(text: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Subject");
    if !text.contains("=?") {
        return HeaderValue::new(name, text.to_owned());
    }
    HeaderValue::dangerous_new_pre_encoded(name, text.to_owned(), encoded_words(text))
}

/// RFC 2047: words of at most 75 characters, none with half a character in it.
fn encoded_words(text: &str) -> String {
    let mut words = vec![String::new()];
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + c.len_utf8() <= 36 => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let words = words.iter().map(|word| format!("=?utf-8?b?{}?=", BASE64_STANDARD.encode(word)));
    words.collect::<Vec<_>>().join("\r\n ")
}

/// Refuses what cannot stand in one line of a header.
pub(crate) fn check_line(what: &'static str, text: &str) -> Result<(), ComposeError> {
    if let Some(driving) = text.chars().find(|c| is_driving(*c)) {
        return Err(ComposeError::Driving { what, code: u32::from(driving) });
    }
    let found = text.chars().count();
    if !(1..=MAX_LINE).contains(&found) {
        return Err(ComposeError::Length { what, found });
    }
    Ok(())
}

/// Seconds since 1970, within the years that the date of a mail can have.
fn seconds(at: Instant) -> u64 {
    const LAST: u64 = 253_402_300_799;
    u64::try_from(at.micros() / 1_000_000).unwrap_or_default().min(LAST)
}
