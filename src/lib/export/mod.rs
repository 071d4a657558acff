//! Exports: people handed out as a workbook to look at, or as rows that programs read.
//!
//! An export reads one snapshot and needs the same little memory for ten people as for a million: each row is written
//! as it is read. A file gets its name when it is complete, and not before the audit says who took what: the audit row
//! is written when all rows are known and none has appeared. What goes to a pipe is on its way by then, so there the
//! row is written however the export ends.

pub(crate) mod cli;
mod error;
mod sheet;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use serde_json::json;

pub(crate) use error::Error;

use crate::audit::{self, Entry, Fields};
use crate::cli::output::stream::{Encoding, Stream};
use crate::context::Context;
use crate::error::Result;
use crate::tabular::file::{Output, OutputError};
use crate::tabular::workbook::Workbook;
use crate::text::date::Day;
use crate::user::User;
use crate::user::filter::{self, Filter, Page};
use crate::user::row::UserRow;

/// The word for an export in the audit.
const KIND: &str = "export";

/// People handed at once to the thread that writes a workbook, …
const BATCH: usize = 256;

/// … and how many such batches may wait for it: enough that neither side stands still, and little memory.
const BATCHES: usize = 8;

/// As what people are exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Format {
    /// The users workbook.
    Xlsx,
    /// Rows for programs.
    Rows {
        /// How they are written.
        encoding: Encoding,
        /// Which fields, as places in those of [`UserRow`].
        columns: Vec<usize>,
    },
}

impl Format {
    /// The word on the command line and in the audit.
    const fn name(&self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Rows { encoding: Encoding::Json, .. } => "json",
            Self::Rows { encoding: Encoding::Jsonl, .. } => "jsonl",
            Self::Rows { encoding: Encoding::Csv { .. }, .. } => "csv",
        }
    }
}

/// Whom to export, and how.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Who.
    pub(crate) filter: Filter,
    /// The filters in words, for the audit and the second sheet; empty for everybody.
    pub(crate) words: String,
    /// In which order.
    pub(crate) page: Page,
    /// As what.
    pub(crate) format: Format,
    /// The file's name without its folder, or `-`.
    pub(crate) name: String,
}

/// What an export tells while it runs, and what it asks: an error ends it.
pub(crate) type Watch<'a> = &'a mut dyn FnMut(u64) -> Result<()>;

/// Exports people to `output`; returns how many.
///
/// # Errors
/// When reading, writing or the audit fails, or `watch` does; a file then never appears.
pub(crate) fn users(cx: &Context, request: &Request, output: Output, watch: Watch<'_>) -> Result<u64> {
    match &request.format {
        Format::Xlsx => workbook(cx, request, output, watch),
        Format::Rows { encoding, columns } => rows(cx, request, output, (*encoding, columns), watch),
    }
}

fn workbook(cx: &Context, request: &Request, output: Output, watch: Watch<'_>) -> Result<u64> {
    let mut book = sheet::begin(cx, output)?;
    let people = fill(cx, request, &mut book, watch)?;
    book.info_sheet(sheet::ABOUT, &sheet::about(cx, request, people))?;
    record(cx, request, people)?;
    book.finish()?;
    Ok(people)
}

/// Reads people here while another thread writes their rows.
fn fill(cx: &Context, request: &Request, book: &mut Workbook, watch: Watch<'_>) -> Result<u64> {
    let today = cx.today();
    let (sender, receiver) = mpsc::sync_channel(BATCHES);
    thread::scope(|scope| {
        let writer = scope.spawn(move || write(book, &receiver, today));
        let read = send(cx, request, sender, watch);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // A writer that failed ends the reader too, and knows why.
        written?;
        read
    })
}

/// Reads people and sends them in batches; returns how many.
fn send(cx: &Context, request: &Request, to: SyncSender<Vec<User>>, watch: Watch<'_>) -> Result<u64> {
    let mut people = 0;
    let mut batch = Vec::with_capacity(BATCH);
    let gone = |_| OutputError::Closed { source: io::ErrorKind::BrokenPipe.into() };
    each(cx, request, |user| {
        batch.push(user);
        if batch.len() == BATCH {
            to.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).map_err(gone)?;
        }
        people += 1;
        watch(people)
    })?;
    to.send(batch).map_err(gone)?;
    Ok(people)
}

/// Writes the rows of everybody who comes.
fn write(book: &mut Workbook, people: &Receiver<Vec<User>>, today: Day) -> Result<(), OutputError> {
    let mut sheet = book.sheet(sheet::TITLE, &sheet::COLUMNS)?;
    for user in people.iter().flatten() {
        sheet::row(&mut sheet, &user, today)?;
    }
    sheet.finish()
}

fn rows(
    cx: &Context,
    request: &Request,
    output: Output,
    (encoding, columns): (Encoding, &[usize]),
    watch: Watch<'_>,
) -> Result<u64> {
    let name = output.name().to_owned();
    let failed = |source| OutputError::writing(&name, source);
    let is_stream = output.is_stream();
    let mut stream = Stream::<UserRow, _>::start(output, encoding, columns.to_vec()).map_err(failed)?;
    let mut people = 0;
    let today = cx.today();
    let written = each(cx, request, |user| {
        stream.row(&UserRow::new(user, today)).map_err(failed)?;
        people += 1;
        watch(people)
    });
    if written.is_ok() || is_stream {
        record(cx, request, people)?;
    }
    written?;
    stream.finish().map_err(failed)?.commit()?;
    Ok(people)
}

fn each(cx: &Context, request: &Request, row: impl FnMut(User) -> Result<()>) -> Result<()> {
    cx.read(|tx| filter::each(cx, tx, &request.filter, request.page, row))
}

/// Writes who took what into the audit. Folders are left out: they may say more than the reader of an audit should know.
fn record(cx: &Context, request: &Request, people: u64) -> Result<()> {
    let mut fields = Fields::new();
    fields.insert("format".to_owned(), request.format.name().into());
    fields.insert("people".to_owned(), json!(people));
    if !request.words.is_empty() {
        fields.insert("filters".to_owned(), json!(request.words));
    }
    let after = audit::fields_text(&fields);
    let entry = Entry { after: after.as_deref(), ..Entry::new("export.users", KIND, &request.name) };
    cx.write(|tx| audit::record(cx, tx, entry))?;
    Ok(())
}
