//! The doors through which `fuzz/` and `tests/fuzz_seeds.rs` reach every parser of outside input.
//!
//! A fuzz target is a program of its own and sees only what is public, and nothing else of the library is: so this thin
//! door is. It is no interface to build on. Each function takes any bytes, must come back soon, and panics only over a
//! promise that the parser breaks.

use std::io::{Cursor, Write as _};
use std::path::Path;

use jiff::civil::date;
use jiff::tz::TimeZone;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::audit::Checkpoint;
use crate::config::{self, Listen};
use crate::crypto::key::MasterKey;
use crate::directory;
use crate::mail::dkim::Signer;
use crate::mail::transport::Reply;
use crate::password::foreign::{self, Scheme};
use crate::photo;
use crate::tabular::{Encoding, Format, Next, ReadOptions, Row, Source, Table, guard};
use crate::text::character::is_driving;
use crate::text::color::{Color, contrast};
use crate::text::date::{Day, DayOrNever};
use crate::text::email::Email;
use crate::text::fold::{fold, search_term};
use crate::text::instant::Instant;
use crate::text::list;
use crate::text::name::{check_name, check_title};
use crate::text::phone::parse_phone;
use crate::two_factor::Typed;
use crate::web::Fields;
use crate::web::front::head;
use crate::web::multipart as form_with_file;

/// Shows any bytes to a parser.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its program in `fuzz/fuzz_targets` and of its folder in `fuzz/seeds`.
pub const TARGETS: &[(&str, Target)] = &[
    ("checkpoint", checkpoint),
    ("code", code),
    ("color", color),
    ("config", config),
    ("csv", csv),
    ("date", date_and_time),
    ("dkim", dkim),
    ("email", email),
    ("form", form),
    ("hash", hash),
    ("head", head),
    ("jsonl", jsonl),
    ("key", key),
    ("ldap", ldap),
    ("list", list),
    ("multipart", multipart),
    ("name", name),
    ("phone", phone),
    ("photo", photo),
    ("reply", reply),
    ("sheet", sheet),
    ("workbook", workbook),
];

/// The checkpoint of an audit: what was understood is written as it was read.
pub fn checkpoint(bytes: &[u8]) {
    if let Ok(checkpoint) = Checkpoint::parse("checkpoint", &text(bytes)) {
        assert_eq!(Checkpoint::parse("checkpoint", &checkpoint.line()).ok(), Some(checkpoint));
    }
}

/// A code of a second factor, as it is typed: what counts of it has the length of a code and no other sign, and counts the same
/// when it is typed as it is shown.
pub fn code(bytes: &[u8]) {
    let counted = |text: &str| {
        Typed::parse(text).map(|typed| match typed {
            Typed::App(code) => (6, code.expose().to_owned()),
            Typed::Backup(code) => (16, code.expose().to_owned()),
        })
    };
    let Some((length, plain)) = counted(&text(bytes)) else { return };
    assert_eq!(plain.len(), length);
    let is_counted = |byte: u8| byte.is_ascii_digit() || (length == 16 && byte.is_ascii_lowercase());
    assert!(plain.bytes().all(|byte| is_counted(byte) && !b"ilou".contains(&byte)));
    let (first, second) = plain.split_at(length / 2);
    let shown = format!(" {}-{}\u{a0}", first.to_uppercase(), second.to_uppercase());
    assert_eq!(counted(&shown), Some((length, plain.clone())));
}

/// A colour: it reads back, and something can be read on it.
pub fn color(bytes: &[u8]) {
    if let Ok(color) = Color::parse(&text(bytes)) {
        assert!(Color::parse(&color.to_string()).is_ok_and(|read| read.rgb() == color.rgb()));
        assert!(contrast(color, color.readable_text()) >= 4.5);
    }
}

/// The configuration file: a daemon that starts listens beyond the loopback interface only with TLS.
pub fn config(bytes: &[u8]) {
    if let Ok(config) = config::from_text(Path::new("secboard.toml"), &text(bytes)) {
        let is_beyond =
            |place: &Listen| matches!(place, Listen::Address(address) if !address.ip().is_loopback());
        assert!(config.daemon.tls.is_some() || !config.daemon.listen.iter().any(is_beyond));
    }
}

/// A delimited table: every row has as many cells as the header, and what is guarded comes back.
pub fn csv(bytes: &[u8]) {
    for encoding in [Encoding::Auto, Encoding::Utf16, Encoding::Windows1251] {
        let options = ReadOptions { format: Some(Format::Csv), encoding, ..ReadOptions::default() };
        read_table(bytes, options, |cell| {
            assert_eq!(guard::remove(&guard::add(cell, guard::Guarded::Everywhere)), cell);
        });
    }
    read_table(bytes, ReadOptions::default(), |_| ());
}

/// A day, a day or never, a point in time: each reads back.
pub fn date_and_time(bytes: &[u8]) {
    let text = text(bytes);
    let Some(today) = Day::new(date(2024, 2, 29)) else { return };
    if let Ok(day) = DayOrNever::parse(&text, today) {
        assert_eq!(DayOrNever::parse(&day.to_string(), today).ok(), Some(day));
    }
    for zone in [TimeZone::UTC, TimeZone::get("Europe/Kyiv").unwrap_or(TimeZone::UTC)] {
        if let Ok(instant) = Instant::parse(&text, &zone) {
            assert_eq!(Instant::parse(&instant.to_string(), &zone).ok(), Some(instant));
            instant.day_in(&zone);
        }
    }
}

/// A list in a cell: what was understood is written so that it is understood again.
pub fn list(bytes: &[u8]) {
    if let Ok(entries) = list::split(&text(bytes)) {
        let written = list::join(entries.iter().map(|entry| entry.as_str().into()));
        assert_eq!(list::split(&written), Ok(entries));
    }
}

/// A key that signs mails: what is taken publishes a record of printable text.
pub fn dkim(bytes: &[u8]) {
    if let Ok(signer) = Signer::new("acme.example", "s", &text(bytes)) {
        assert!(signer.record().text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
    }
}

/// An email address: what was taken is taken again, and has one key.
pub fn email(bytes: &[u8]) {
    if let Ok(email) = Email::parse(&text(bytes)) {
        assert!(Email::parse(email.as_str()).is_ok_and(|again| again.as_str() == email.as_str()));
        assert_eq!(fold(&email.folded()), email.folded());
    }
}

/// What a form says: a text that was read is read again from what it is written as.
pub fn form(bytes: &[u8]) {
    let Ok(fields) = Fields::parse(bytes) else { return };
    for name in ["a", "email", "csrf"] {
        fields.shown(name);
        if let Ok(text) = fields.text(name) {
            let encoded: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let again = Fields::parse(format!("{name}={}", encoded.concat()).as_bytes());
            assert!(again.is_ok_and(|again| again.text(name) == Ok(text)));
        }
    }
}

/// A form with a file, whose content type is the first line: what was read is read again from what it is written as.
pub fn multipart(bytes: &[u8]) {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (first, body) = bytes.split_at(at);
    let first = text(first);
    let Some(boundary) = form_with_file::boundary(&first) else { return };
    let Ok(fields) = form_with_file::parse(body.get(1..).unwrap_or_default(), boundary) else { return };
    for name in ["a", "photo", "csrf"] {
        fields.shown(name);
        let Ok(value) = fields.bytes(name) else { continue };
        let mut again =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").into_bytes();
        again.extend(value);
        again.extend(format!("\r\n--{boundary}--\r\n").bytes());
        let read = form_with_file::parse(&again, boundary);
        assert!(read.is_ok_and(|read| read.bytes(name) == Ok(value)));
    }
}

/// The head of a request: one that is taken is read alike by those who forgive and those who do not.
pub fn head(bytes: &[u8]) {
    let Some(end) = head::end(bytes, 0) else {
        assert!(!head::is_plain(bytes));
        return;
    };
    let (head, _) = bytes.split_at(end);
    if !head::is_plain(head) {
        return;
    }
    let forgiving: Vec<&[u8]> = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
    let text = String::from_utf8_lossy(head);
    let strict: Vec<&str> = text.split("\r\n").map(str::trim_end).collect();
    assert!(forgiving.iter().copied().eq(strict.iter().map(|line| line.as_bytes())));
    let fields = strict.iter().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name);
    for framing in ["host", "content-length", "transfer-encoding"] {
        assert!(fields.clone().filter(|name| name.trim().eq_ignore_ascii_case(framing)).count() <= 1);
    }
}

/// A hash that another system wrote: what was taken can be checked at every login without an error.
pub fn hash(bytes: &[u8]) {
    if let Ok(Some(scheme)) = foreign::recognise(&text(bytes))
        && is_cheap(&scheme)
    {
        assert!(scheme.matches("correct horse").is_ok());
    }
}

/// Whether checking it takes no more than some milliseconds, so that many are tried.
fn is_cheap(scheme: &Scheme) -> bool {
    match scheme {
        Scheme::Pbkdf2 { rounds, .. } => *rounds <= 1000,
        Scheme::Argon2(hash) => hash.block_count() <= 1024,
        Scheme::BcryptSha256(hash) | Scheme::Bcrypt(hash) => hash.get(4..6) == Some("04"),
    }
}

/// JSON, an object a line or all in an array: every row has as many cells as the first object has keys.
pub fn jsonl(bytes: &[u8]) {
    read_table(bytes, ReadOptions { format: Some(Format::Jsonl), ..ReadOptions::default() }, |_| ());
}

/// The key file: only one spelling of a key is one.
pub fn key(bytes: &[u8]) {
    if let Some(key) = MasterKey::parse(bytes) {
        assert!(text(bytes).trim_end().eq_ignore_ascii_case(key.line().trim_end()));
    }
}

/// Names of people and things, and the key by which they are compared and found.
pub fn name(bytes: &[u8]) {
    let text = text(bytes);
    for check in [check_name, check_title] {
        if let Ok(name) = check(&text) {
            assert_eq!(check(&name).ok(), Some(name));
        }
    }
    let folded = fold(&text);
    assert_eq!(fold(&folded), folded);
    assert_eq!(search_term(&text).folded, folded);
}

/// A phone number, national in Ukraine or with its country: what is stored reads back without a region.
pub fn phone(bytes: &[u8]) {
    for region in [Some("UA"), None] {
        if let Ok(phone) = parse_phone(&text(bytes), region) {
            assert!(parse_phone(phone.as_str(), None).is_ok_and(|again| again.as_str() == phone.as_str()));
        }
    }
}

/// A picture: what is stored of it keeps the limits.
pub fn photo(bytes: &[u8]) {
    if let Ok(photo) = photo::check_photo(bytes) {
        assert!(photo.width().min(photo.height()) >= 200);
        assert!(photo.image().len() <= 4 << 20);
    }
}

/// What a mail server answers: it says yes or no, and drives no terminal.
pub fn reply(bytes: &[u8]) {
    if let Some(reply) = Reply::parse(bytes) {
        assert!((200..600).contains(&reply.status()));
        assert!(!reply.to_string().contains(is_driving));
    }
}

/// What a server of a directory sends, its certificate among it, and what is typed about one.
pub fn ldap(bytes: &[u8]) {
    directory::fuzzing::parse(bytes);
}

/// The members of a workbook, in a sound archive: the bytes up to each zero byte are one.
///
/// Bytes changed at random break an archive's checksums and go no further; this is the way past them.
pub fn sheet(bytes: &[u8]) {
    if let Ok(archive) = archive(bytes) {
        workbook(&archive);
    }
}

/// A workbook as a file.
pub fn workbook(bytes: &[u8]) {
    read_table(bytes, ReadOptions { format: Some(Format::Xlsx), ..ReadOptions::default() }, |_| ());
}

/// In the order in which [`sheet`] finds them; the last ones may be missing.
const MEMBERS: [&str; 5] = [
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
];

fn archive(bytes: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in MEMBERS.into_iter().zip(bytes.split(|byte| *byte == 0)) {
        writer.start_file(name, stored)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// Reads a table to its end or its first error, and shows every cell to `each`.
fn read_table(bytes: &[u8], options: ReadOptions, each: impl Fn(&str)) {
    let source = Source::Stream { name: "table".to_owned(), reader: Box::new(Cursor::new(bytes.to_vec())) };
    let Ok(mut table) = Table::open(source, options) else { return };
    let mut row = Row::new();
    loop {
        match table.next_row(&mut row) {
            Ok(Next::Row) => {
                assert_eq!(row.len(), table.header().len());
                row.iter().for_each(&each);
            }
            Ok(Next::Bad(faults)) => assert!(!faults.is_empty()),
            Ok(Next::End) | Err(_) => return,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
