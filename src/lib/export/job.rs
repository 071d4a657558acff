//! What all exports do alike: rows go out as they come, the audit learns who took what, and only then something appears.

use serde_json::json;

use super::{Encoding, Request};
use crate::audit::{self, Entry, Fields};
use crate::cli::output::Record;
use crate::cli::output::stream::Stream;
use crate::context::Context;
use crate::error::Result;
use crate::tabular::file::{Output, OutputError};
use crate::tabular::workbook::{CellValue, Fill, Workbook};
use crate::text::color::Color;

/// The word for an export in the audit.
const KIND: &str = "export";

/// The sheet that says where a workbook comes from.
pub(super) const ABOUT: &str = "About";

/// What an export tells while it runs, and what it asks: an error ends it.
pub(crate) type Watch<'a> = &'a mut dyn FnMut(u64) -> Result<()>;

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
        (self.watch)(self.count)
    }

    /// Writes a workbook of the sheets that `fill` makes, and says in a last one where it comes from; returns how many
    /// were counted.
    pub(super) fn workbook(
        mut self,
        output: Output,
        fill: impl FnOnce(&mut Self, &mut Workbook) -> Result<()>,
    ) -> Result<u64> {
        let mut book = Workbook::create(output, self.cx.now().timestamp());
        fill(&mut self, &mut book)?;
        book.info_sheet(ABOUT, self.about());
        self.record()?;
        book.finish()?;
        Ok(self.count)
    }

    /// Writes the rows that `feed` passes on; returns how many were counted. What goes to a pipe is on its way when
    /// something fails, so that is recorded too.
    pub(super) fn rows<R: Record + Send>(
        mut self,
        output: Output,
        (encoding, columns): (Encoding, &[usize]),
        feed: impl FnOnce(&mut Self, Write<'_, R>) -> Result<()>,
    ) -> Result<u64> {
        let name = output.name().to_owned();
        let failed = |source| OutputError::writing(&name, source);
        let is_stream = output.is_stream();
        let mut stream = Stream::<R, _>::start(output, encoding, columns.to_vec()).map_err(failed)?;
        let written = feed(&mut self, &mut |row| Ok(stream.row(row).map_err(failed)?));
        if written.is_ok() || is_stream {
            self.record()?;
        }
        written?;
        stream.finish().map_err(failed)?.commit()?;
        Ok(self.count)
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
            ("Site", cx.settings.site_name.clone()),
            ("Made", made.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()),
            ("By", actor),
            ("Filters", filters),
            (self.subject.counted, self.count.to_string()),
            ("Statuses as of", cx.today().to_string()),
            ("Program", concat!("secboard ", env!("CARGO_PKG_VERSION")).to_owned()),
        ];
        lines.map(|(name, value)| (capitalised(name), value)).into()
    }

    /// Writes who took what into the audit. Folders are left out: they may say more than the reader of an audit should
    /// know.
    fn record(&self) -> Result<()> {
        let request = self.request;
        let mut fields = Fields::new();
        fields.insert("format".to_owned(), request.format.name().into());
        fields.insert(self.subject.counted.to_owned(), json!(self.count));
        if !request.words.is_empty() {
            fields.insert("filters".to_owned(), json!(request.words));
        }
        let after = audit::fields_text(&fields);
        let entry = Entry { after: after.as_deref(), ..Entry::new(self.subject.action, KIND, &request.name) };
        self.cx.write(|tx| audit::record(self.cx, tx, entry))?;
        Ok(())
    }
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
