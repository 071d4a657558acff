//! A mail that an administrator or another program writes.
//!
//! It is a row of the outbox, sealed: nobody who looks into the store or at the outbox reads it, and the audit has to whom
//! it goes and never what it says.

mod error;
mod store;

pub(crate) use error::Error;
use serde_json::json;
#[cfg(test)]
pub(super) use store::STATEMENTS;
use zeroize::Zeroizing;

use super::address::Path;
use super::message::compose::Attachment;
use super::message::{AskedBy, Message, compose};
use super::outbox::{self, NewMail};
use super::{person, route};
use crate::audit::{self, Event, fields_of};
use crate::company;
use crate::context::{Context, Denied};
use crate::error::Result;
use crate::store::Tx;
use crate::text::email::Email;

/// The most bytes of a text.
pub(crate) const MAX_TEXT: u64 = 64 * 1024;

/// The most files, and the most bytes of all of them.
pub(crate) const MAX_FILES: usize = 10;
pub(crate) const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// What files are, by how their names end.
const MEDIA_TYPES: [(&str, &str); 12] = [
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("jsonl", "application/jsonl"),
    ("md", "text/markdown"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("zip", "application/zip"),
];

/// A file that goes with a mail.
pub(crate) struct File {
    /// Its name.
    pub(crate) name: String,
    /// All of it.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

impl File {
    /// The file as it is put into a mail: it is what its name says.
    fn as_attachment(&self) -> Attachment<'_> {
        let end = self.name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        let known = MEDIA_TYPES.iter().find(|(known, _)| end.as_deref() == Some(known));
        let media_type = known.map_or("application/octet-stream", |(_, media_type)| media_type);
        Attachment { name: &self.name, media_type, bytes: &self.bytes }
    }
}

/// A mail as it is written.
pub(crate) struct Letter {
    /// Whom it is to.
    pub(crate) to: String,
    /// The subject: one line.
    pub(crate) subject: String,
    /// The text, of any number of lines.
    pub(crate) text: String,
    /// What goes with it.
    pub(crate) files: Vec<File>,
    /// What for, by which its account is chosen; none for messages as such.
    pub(crate) feature: Option<String>,
    /// For which company it is sent.
    pub(crate) company: Option<String>,
    /// Where answers go, if elsewhere than those to the account.
    pub(crate) reply_to: Option<String>,
}

/// A mail that was queued.
#[derive(Debug)]
pub(crate) struct Queued {
    /// Its id.
    pub(crate) id: String,
    /// Why it waits, where nothing sends it now.
    pub(crate) waits_for: Option<String>,
}

impl Queued {
    /// What whoever queued it is told of it, where it waits.
    pub(crate) fn told(&self) -> Option<String> {
        let why = self.waits_for.as_ref()?;
        Some(format!("it waits: {why}; see `secboard mail doctor`"))
    }
}

/// Queues a mail.
pub(crate) fn send(cx: &Context, letter: &Letter) -> Result<Queued> {
    cx.write(|tx| {
        let seen = cx.actor.scope("mail.send");
        let company = letter.company.as_deref().map(|name| company::get_in(tx, name, &seen)).transpose()?;
        let company = company.map(|company| company.id);
        cx.actor.require("mail.send", company)?;
        let to = Email::parse(&letter.to)?;
        Path::of(&to)?;
        let reply_to = letter.reply_to.as_deref().map(Email::parse).transpose()?;
        reply_to.as_ref().map(Path::of).transpose()?;
        compose::check_line("subject", &letter.subject)?;
        let message =
            Message::Free { subject: letter.subject.clone(), text: checked(&letter.text)?, reply_to };
        let feature = letter.feature.as_deref().map(route::check_feature).transpose()?;
        require_feature(cx, feature.as_deref())?;
        let post =
            Post { message: &message, feature: feature.as_deref(), files: &letter.files, to: &to, company };
        let queued = queue(cx, tx, &post)?;
        let mut told = fields_of([
            ("to", json!(to.as_str())),
            ("feature", json!(feature)),
            ("company", json!(letter.company)),
            ("files", json!(letter.files.len())),
        ]);
        told.retain(|_, value| !value.is_null());
        audit::note(cx, tx, Event::without_id("mail.send", outbox::KIND, &queued.id), &told)?;
        Ok(queued)
    })
}

/// Refuses whoever is no superuser to write what would go as if secboard itself had written it: by the account that people
/// know from their links and notices.
fn require_feature(cx: &Context, feature: Option<&str>) -> Result<(), Denied> {
    match feature.filter(|feature| route::FEATURES.contains(feature)) {
        Some(feature) if !cx.actor.is_superuser() => Err(cx.actor.denied(format!(
            "what secboard itself sends for `{feature}`, nobody else writes but a superuser"
        ))),
        _ => Ok(()),
    }
}

/// A message with files, to an address.
pub(crate) struct Post<'a> {
    /// What it says.
    pub(crate) message: &'a Message,
    /// What for; none for what the message is for.
    pub(crate) feature: Option<&'a str>,
    /// What goes with it.
    pub(crate) files: &'a [File],
    /// To which address.
    pub(crate) to: &'a Email,
    /// For which company.
    pub(crate) company: Option<i64>,
}

/// Queues a message with files in the transaction of what causes it: to the person whose address it is, if it is one that the
/// actor may look at.
pub(crate) fn queue(cx: &Context, tx: &Tx<'_>, post: &Post<'_>) -> Result<Queued> {
    let Post { message, feature, files, to, company } = *post;
    let bytes = files.iter().map(|file| file.bytes.len() as u64).sum();
    check_files(files.len(), bytes)?;
    files.iter().try_for_each(|file| compose::check_file(&file.name))?;
    let feature = feature.unwrap_or(message.feature());
    let route = route::chosen(tx, feature, company)?;
    if let Some(route) = &route {
        check_size(tx, route.account_id, bytes)?;
    }
    let person = person::of_address(cx, tx, to)?;
    let name = person.as_ref().map_or("", |person| person.full_name.as_str());
    let user = person.as_ref().map(|person| person.id);
    let attachments: Vec<Attachment<'_>> = files.iter().map(File::as_attachment).collect();
    let mail = NewMail { message, to, name, user, company, run: None };
    let id = outbox::queue_with(cx, tx, &mail, feature, &attachments)?;
    Ok(Queued { id, waits_for: outbox::hindrance(cx, tx, feature, company)? })
}

/// Queues an export, for the company of whose address it goes to, with who asked for it.
pub(crate) fn queue_export(
    cx: &Context,
    tx: &Tx<'_>,
    (to, asked): (&Email, Option<AskedBy>),
    (file, rows): (File, u64),
) -> Result<Queued> {
    let company = person::of_address(cx, tx, to)?.and_then(|person| person.company_id);
    let message = Message::Export { file: file.name.clone(), rows, at: cx.now(), asked };
    queue(cx, tx, &Post { message: &message, feature: None, files: &[file], to, company })
}

/// Refuses more than a mail can carry.
pub(crate) fn check_files(count: usize, bytes: u64) -> Result<(), Error> {
    if count > MAX_FILES {
        return Err(Error::TooManyFiles { count });
    }
    if bytes > MAX_BYTES {
        return Err(Error::TooLarge);
    }
    Ok(())
}

/// Refuses what the server of an account has said that it does not take. What stands around the files may still make it too
/// much; then it fails when it is sent.
fn check_size(tx: &Tx<'_>, account: i64, bytes: u64) -> Result<()> {
    // In base64, in lines of 76 letters.
    let coded = bytes.div_ceil(3) * 4;
    let coded = coded + coded.div_ceil(76) * 2;
    match store::size_limit(tx, account)?.map(i64::unsigned_abs) {
        Some(limit) if coded > limit => Err(Error::TooLargeForServer { size: coded, limit }.into()),
        _ => Ok(()),
    }
}

/// The text with line feeds alone at the ends of its lines; one that would do more than be shown is refused.
fn checked(text: &str) -> Result<String, Error> {
    let text = text.replace("\r\n", "\n");
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if let Some(found) = text.chars().find(|c| is_control(*c)) {
        return Err(Error::ControlInText { code: u32::from(found) });
    }
    if text.trim().is_empty() {
        return Err(Error::NoText);
    }
    if text.len() as u64 > MAX_TEXT {
        return Err(Error::TextTooLong);
    }
    Ok(text)
}
