//! What all exports do alike: the audit learns who takes what, and only then something leaves.

use serde_json::json;

use super::{Request, RowsAs};
use crate::audit::{self, Event, Fields};
use crate::cli::output::Record;
use crate::cli::output::stream::{RowColumn, Stream};
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::tabular::file::{Output, OutputError};
use crate::tabular::workbook::{CellValue, Column, Fill, RowStyle, Workbook};
use crate::text::color::Color;

/// The word for an export in the audit.
pub(super) const KIND: &str = "export";

/// The sheet that says where a workbook comes from.
pub(super) const ABOUT: &str = "About";

/// The sheet of rows for other programs, and how wide its columns are.
const ROWS: &str = "Rows";
const ROWS_WIDTH: f64 = 24.0;

/// Told how many were written so far, while an export runs.
pub(crate) type Watch<'a> = &'a mut dyn FnMut(u64);

/// Writes a row, from any thread.
pub(super) type Write<'a, R> = &'a mut (dyn FnMut(&R) -> Result<()> + Send);

/// What is exported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// The action in the audit.
    pub(super) action: &'static str,
    /// What is counted: the field of the audit that says how many.
    pub(super) counted: &'static str,
    /// What no filter means.
    pub(super) all: &'static str,
}

/// An export under way.
pub(super) struct Job<'a> {
    pub(super) cx: &'a Context,
    request: &'a Request,
    subject: Subject,
    watch: Watch<'a>,
    count: u64,
}

impl<'a> Job<'a> {
    pub(super) fn new(cx: &'a Context, request: &'a Request, subject: Subject, watch: Watch<'a>) -> Self {
        Self { cx, request, subject, watch, count: 0 }
    }

    /// Counts one of what is exported.
    pub(super) fn one(&mut self) -> Result<()> {
        self.count += 1;
        (self.watch)(self.count);
        Ok(self.cx.cancel.check()?)
    }

    /// Writes a workbook of the sheets that `fill` makes, and says in a last one where it comes from; returns how many
    /// were counted. Nothing of it leaves before the audit has it.
    pub(super) fn workbook(
        mut self,
        output: Output,
        fill: impl FnOnce(&mut Self, &mut Workbook) -> Result<()>,
    ) -> Result<u64> {
        let mut book = Workbook::create(output, self.cx.now().timestamp());
        fill(&mut self, &mut book)?;
        book.info_sheet(ABOUT, self.about());
        self.record(self.count)?;
        self.ended(self.count, book.finish().map_err(Into::into))
    }

    /// Writes the rows that `feed` passes on; returns how many were counted. A file appears once the audit has it. What
    /// goes to a pipe is on its way with its first row, so the audit has it before: with the number that `expect` gives,
    /// and with a second row when it ends otherwise.
    pub(super) fn rows<R: Record + Send>(
        mut self,
        output: Output,
        RowsAs { encoding, columns }: RowsAs<'_>,
        expect: impl FnOnce() -> Result<u64>,
        feed: impl FnOnce(&mut Self, Write<'_, R>) -> Result<()>,
    ) -> Result<u64> {
        let Some(encoding) = encoding else { return self.sheet(output, columns, feed) };
        let name = output.name().to_owned();
        let failed = |source| OutputError::writing(&name, source);
        let is_stream = output.is_stream();
        let mut told = 0;
        if is_stream {
            told = expect()?;
            self.record(told)?;
        }
        let write = || {
            let mut stream = Stream::<R, _>::start(output, encoding, columns.to_vec()).map_err(failed)?;
            feed(&mut self, &mut |row| Ok(stream.row(row).map_err(failed)?))?;
            Ok(stream.finish().map_err(failed)?)
        };
        if is_stream {
            let sent = write().and_then(|output| Ok(output.commit()?));
            return self.ended(told, sent);
        }
        let written = write()?;
        self.record(self.count)?;
        self.ended(self.count, written.commit().map_err(Into::into))
    }

    /// Writes the rows that `feed` passes on into a workbook, as the text that other programs read.
    fn sheet<R: Record + Send>(
        self,
        output: Output,
        columns: &[RowColumn],
        feed: impl FnOnce(&mut Self, Write<'_, R>) -> Result<()>,
    ) -> Result<u64> {
        let titles: Vec<Column> =
            columns.iter().map(|column| Column::named(column.heading(), ROWS_WIDTH)).collect();
        self.workbook(output, |job, book| {
            let mut sheet = book.sheet(ROWS, &titles, 0)?;
            feed(job, &mut |row: &R| {
                let cells: Vec<_> = columns.iter().map(|column| column.cell(row)).collect();
                let cells: Vec<_> = cells.iter().map(|cell| given(Some(cell))).collect();
                Ok(sheet.row(RowStyle::default(), &cells)?)
            })?;
            Ok(book.add(sheet)?)
        })
    }

    /// How it ended, after the audit was told of so many. What ended otherwise than it was told gets a row of its own.
    fn ended(&self, told: u64, sent: Result<()>) -> Result<u64> {
        let why = match &sent {
            Ok(()) if told == self.count => return Ok(self.count),
            Ok(()) => "something was changed meanwhile",
            Err(failure) => failure.code(),
        };
        let mut fields = Fields::new();
        fields.insert("export".to_owned(), json!(self.subject.action));
        fields.insert(self.subject.counted.to_owned(), json!(self.count));
        fields.insert("why".to_owned(), json!(why));
        let action = if sent.is_ok() { "export.recounted" } else { "export.failed" };
        // Whoever wished it to end does not wish that nobody learns how.
        let noted = self.cx.cancel.regardless(|| self.write_down(action, &fields));
        sent?;
        noted.map(|()| self.count)
    }

    /// When, by whom, with which filters.
    fn about(&self) -> Vec<(String, String)> {
        let cx = self.cx;
        let actor = match &cx.actor.shell_user {
            Some(shell_user) => format!("{} (shell user {shell_user})", cx.actor.name),
            None => cx.actor.name.clone(),
        };
        let made = cx.now().timestamp().to_zoned(cx.time_zone().clone());
        let words = &self.request.words;
        let filters = if words.is_empty() { format!("none: {}", self.subject.all) } else { words.clone() };
        let lines = [
            ("Site", cx.settings.get(&site::NAME).to_string()),
            ("Made", made.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()),
            ("By", actor),
            ("Filters", filters),
            (self.subject.counted, self.count.to_string()),
            ("Statuses as of", cx.today().to_string()),
            ("Program", concat!("secboard ", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        lines.map(|(name, value)| (capitalised(name), value)).into()
    }

    /// Writes who takes what into the audit. Folders are left out: they may say more than the reader of an audit should
    /// know.
    fn record(&self, count: u64) -> Result<()> {
        let mut fields = Fields::new();
        fields.insert("format".to_owned(), self.request.format.name().into());
        fields.insert(self.subject.counted.to_owned(), json!(count));
        if !self.request.words.is_empty() {
            fields.insert("filters".to_owned(), json!(self.request.words));
        }
        if let Some(to) = &self.request.mail_to {
            fields.insert("mail_to".to_owned(), json!(to));
        }
        self.write_down(self.subject.action, &fields)
    }

    fn write_down(&self, action: &str, fields: &Fields) -> Result<()> {
        let subject = Event::without_id(action, KIND, &self.request.name);
        self.cx.write(|tx| audit::note(self.cx, tx, subject, fields))?;
        Ok(())
    }
}

/// How many things `each` calls it for.
pub(super) fn counting(each: impl FnOnce(&mut dyn FnMut() -> Result<()>) -> Result<()>) -> Result<u64> {
    let mut count = 0;
    each(&mut || {
        count += 1;
        Ok(())
    })?;
    Ok(count)
}

/// A word as a heading.
fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A text that may be missing.
pub(super) fn given(text: Option<&str>) -> CellValue<'_> {
    text.filter(|text| !text.is_empty()).map_or(CellValue::Empty, CellValue::Text)
}

/// A count.
pub(super) fn number(count: i64) -> CellValue<'static> {
    CellValue::Number(i32::try_from(count).unwrap_or(i32::MAX))
}

/// The fill of a row in a colour as it is stored, with the text that stays readable on it.
pub(super) fn fill(color: Option<&str>) -> Option<Fill> {
    let color = Color::parse(color?).ok()?;
    let number = |color: Color| {
        let [red, green, blue] = color.rgb();
        u32::from_be_bytes([0, red, green, blue])
    };
    Some(Fill { background: number(color), font: number(color.readable_text()) })
}
