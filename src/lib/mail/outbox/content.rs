//! What a mail tells, and what is attached: as it lies in the store, in clear or sealed.
//!
//! Sealed, it is one line of JSON, the message and what there is to know of each attachment, then the attachments
//! themselves, one behind the other.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::store::SEALED;
use crate::context::Context;
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::mail::error::Error;
use crate::mail::message::Message;
use crate::mail::message::compose::Attachment;

/// What a mail tells, and what is attached.
pub(crate) struct Content {
    /// What it says.
    pub(crate) message: Message,
    /// What is attached.
    pub(crate) attachments: Vec<Enclosure>,
}

/// A file that is attached.
pub(crate) struct Enclosure {
    /// The name of the file.
    pub(crate) name: String,
    /// What it is, such as `text/csv`.
    pub(crate) media_type: String,
    /// The file.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl Enclosure {
    /// The file as it is put into a mail.
    pub(crate) fn as_attachment(&self) -> Attachment<'_> {
        Attachment { name: &self.name, media_type: &self.media_type, bytes: &self.bytes }
    }
}

/// The first line of what is sealed.
#[derive(Serialize, Deserialize)]
struct Head {
    message: Message,
    attachments: Vec<About>,
}

/// What there is to know of an attachment.
#[derive(Serialize, Deserialize)]
struct About {
    name: String,
    media_type: String,
    bytes: usize,
}

const fn place(seq: i64) -> SecretLocation<'static> {
    SecretLocation { table: SEALED.table, column: SEALED.column, row: seq }
}

/// What a message tells, in clear.
pub(super) fn facts(message: &Message) -> Result<String> {
    serde_json::to_string(message).map_err(|source| Error::Unwritable { source }.into())
}

/// The message that facts tell.
pub(super) fn read(seq: i64, facts: &str) -> Result<Message> {
    serde_json::from_str(facts).map_err(|_| Error::UnreadableMail { seq }.into())
}

/// What a mail tells and what is attached, sealed to its row.
pub(super) fn seal(
    cx: &Context,
    seq: i64,
    message: &Message,
    attachments: &[Attachment<'_>],
) -> Result<Vec<u8>> {
    let about = |attachment: &Attachment<'_>| About {
        name: attachment.name.to_owned(),
        media_type: attachment.media_type.to_owned(),
        bytes: attachment.bytes.len(),
    };
    let head = Head { message: message.clone(), attachments: attachments.iter().map(about).collect() };
    let line = serde_json::to_vec(&head).map_err(|source| Error::Unwritable { source })?;
    let line = Zeroizing::new(line);
    // As large as it becomes, so that it does not grow and leave copies behind.
    let size = line.len() + 1 + attachments.iter().map(|attachment| attachment.bytes.len()).sum::<usize>();
    let mut plain = Zeroizing::new(Vec::with_capacity(size));
    plain.extend_from_slice(&line);
    plain.push(b'\n');
    for attachment in attachments {
        plain.extend_from_slice(attachment.bytes);
    }
    seal::seal(&cx.key, &*cx.rng, place(seq), &plain)
}

/// The reverse of [`seal()`].
pub(super) fn open(cx: &Context, seq: i64, sealed: &[u8]) -> Result<Content> {
    let unreadable = || Error::UnreadableMail { seq };
    let plain = seal::open(&cx.key, place(seq), sealed)?;
    let end = plain.iter().position(|byte| *byte == b'\n').ok_or_else(unreadable)?;
    let (line, files) = plain.split_at(end);
    let head: Head = serde_json::from_slice(line).map_err(|_| unreadable())?;
    let mut files = files.get(1..).unwrap_or_default();
    let mut attachments = Vec::with_capacity(head.attachments.len());
    for About { name, media_type, bytes } in head.attachments {
        let (file, rest) = files.split_at_checked(bytes).ok_or_else(unreadable)?;
        attachments.push(Enclosure { name, media_type, bytes: Zeroizing::new(file.to_vec()) });
        files = rest;
    }
    Ok(Content { message: head.message, attachments })
}
