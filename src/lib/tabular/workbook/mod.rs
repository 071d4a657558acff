//! Workbooks for people: tables of typed cells with a fixed, filterable header, rows filled with a colour, and a sheet
//! that says where it all came from. Several tables can grow at the same time, each on its sheet, in any thread.
//!
//! The library makes everything that stands around the rows ([`frame`]); the rows themselves, of which there may be
//! millions, are written here ([`sheet`]), as the library takes several times as long for a cell. Each sheet is packed
//! into a temporary file as its rows come, so a workbook of any size needs little memory, and at the end the packed
//! sheets take the places of those in the frame. Text is always written as text, so that nothing in it is ever run as a
//! formula. Fills are static formats of the cells, which every viewer shows, as opposed to conditional ones.

mod fail_once;
mod forward_only;
mod frame;
mod packer;
mod sheet;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error as _;
use std::io::{self, Cursor};

use rust_xlsxwriter::XlsxError;
use zip::result::ZipResult;
use zip::{ZipArchive, ZipWriter};

use fail_once::FailOnceWriter;
use forward_only::ForwardOnlyWriter;
use frame::Frame;
pub(crate) use frame::in_one_cell;
use packer::cause;
pub(crate) use sheet::Sheet;
use sheet::{Packed, Target};

use super::file::{Output, OutputError};

/// Fills of one workbook. Excel opens no workbook with more than some 65,000 cell formats, of which a fill takes two;
/// rows of further colours stay without one.
const MAX_FILLS: usize = 30_000;

/// The width of a column of ticks, in characters.
const TICK_WIDTH: f64 = 12.0;

/// What the cells of a column are; cells typed in later by hand take after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Text,
    Date,
    /// A tick or a few words, in the middle, below a title that is written upwards.
    Tick,
}

/// A column of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Column {
    /// What the header says.
    pub(crate) title: Cow<'static, str>,
    /// In characters of the standard font.
    pub(crate) width: f64,
    pub(crate) kind: ColumnKind,
}

impl Column {
    /// A column of text.
    pub(crate) const fn text(title: &'static str, width: f64) -> Self {
        Self { title: Cow::Borrowed(title), width, kind: ColumnKind::Text }
    }

    /// A column of text that somebody named.
    pub(crate) fn named(title: &str, width: f64) -> Self {
        Self { title: Cow::Owned(title.to_owned()), width, kind: ColumnKind::Text }
    }

    /// A column of days.
    pub(crate) const fn date(title: &'static str) -> Self {
        Self { title: Cow::Borrowed(title), width: 13.0, kind: ColumnKind::Date }
    }

    /// A narrow column of ticks.
    pub(crate) const fn tick(title: &'static str) -> Self {
        Self { title: Cow::Borrowed(title), width: TICK_WIDTH, kind: ColumnKind::Tick }
    }
}

/// The colours of a row, as 0xRRGGBB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fill {
    pub(crate) background: u32,
    /// The text, to be chosen readable on the background.
    pub(crate) font: u32,
}

/// How a row looks: plain, or with a fill of its workbook ([`Workbook::style`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RowStyle(Option<u32>);

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CellValue<'a> {
    Empty,
    /// Never a formula, whatever it begins with. What a cell cannot hold is cut off.
    Text(&'a str),
    Date(jiff::civil::Date),
    Number(i32),
}

/// A workbook in the making.
pub(crate) struct Workbook {
    output: Output,
    created: jiff::Timestamp,
    /// Complete sheets, in the order of their tabs.
    sheets: Vec<Packed>,
    /// The fills of rows so far, each with its place in `fills`.
    looks: HashMap<Fill, u32>,
    fills: Vec<Fill>,
    info: Option<(String, Vec<(String, String)>)>,
}

impl Workbook {
    /// Begins a workbook that says it was made at `created`; nothing appears at `output` before
    /// [`Workbook::finish`].
    pub(crate) fn create(output: Output, created: jiff::Timestamp) -> Self {
        Self { output, created, sheets: Vec::new(), looks: HashMap::new(), fills: Vec::new(), info: None }
    }

    /// Begins a sheet of rows whose first `fixed` columns stay where they are when one scrolls. Rows beyond what a sheet
    /// can hold go to further sheets: `Users 2`, `Users 3`, ….
    pub(crate) fn sheet(&self, title: &str, columns: &[Column], fixed: u16) -> Result<Sheet, OutputError> {
        let target =
            Target { name: self.output.name().into(), directory: self.output.directory().map(Into::into) };
        Sheet::begin(target, title, columns, fixed)
    }

    /// Takes a sheet that has all its rows; its tab comes after those of the sheets before.
    pub(crate) fn add(&mut self, sheet: Sheet) -> Result<(), OutputError> {
        self.sheets.extend(sheet.pack()?);
        Ok(())
    }

    /// The look of rows with that fill.
    pub(crate) fn style(&mut self, fill: Option<Fill>) -> RowStyle {
        let Some(fill) = fill else { return RowStyle::default() };
        if let Some(place) = self.looks.get(&fill) {
            return RowStyle(Some(*place));
        }
        let place = u32::try_from(self.fills.len()).ok().filter(|_| self.fills.len() < MAX_FILLS);
        if let Some(place) = place {
            self.fills.push(fill);
            self.looks.insert(fill, place);
        }
        RowStyle(place)
    }

    /// The last sheet: names and values, such as when and by whom the workbook was made.
    pub(crate) fn info_sheet(&mut self, title: &str, lines: Vec<(String, String)>) {
        self.info = Some((title.to_owned(), lines));
    }

    /// Writes the workbook to its output, where it appears complete.
    pub(crate) fn finish(self) -> Result<(), OutputError> {
        let frame = self.frame().map_err(|error| failed(self.output.name(), error))?;
        let Self { mut output, sheets, .. } = self;
        if let Err(error) = assemble(frame, sheets, &mut output) {
            return Err(output.failed(cause(error)));
        }
        output.commit()
    }

    /// The workbook without its rows.
    fn frame(&self) -> Result<Vec<u8>, XlsxError> {
        let mut frame = Frame::new(self.created, &self.fills)?;
        for sheet in &self.sheets {
            frame.table(&sheet.layout, sheet.rows)?;
        }
        if let Some((title, lines)) = &self.info {
            frame.info(title, lines)?;
        }
        frame.save()
    }
}

/// Puts the packed sheets in the places of those in the frame.
fn assemble(frame: Vec<u8>, sheets: Vec<Packed>, output: &mut Output) -> ZipResult<()> {
    let mut frame = ZipArchive::new(Cursor::new(frame))?;
    let named = (1..).zip(sheets).map(|(number, sheet)| (frame::sheet_name(number), sheet));
    let mut sheets: HashMap<String, Packed> = named.collect();
    let mut book = ZipWriter::new(FailOnceWriter::new(ForwardOnlyWriter::new(output)));
    for index in 0..frame.len() {
        let member = frame.by_index_raw(index)?;
        let name = member.name()?.into_owned();
        match sheets.get_mut(&name) {
            Some(sheet) => book.raw_copy_file_rename(sheet.archive.by_index_raw(0)?, name)?,
            None => book.raw_copy_file(member)?,
        }
    }
    book.finish()?;
    Ok(())
}

/// What a failure of the library, making the workbook of that name, means.
fn failed(name: &str, error: XlsxError) -> OutputError {
    if let XlsxError::IoError(source) = error {
        return OutputError::writing(name, source);
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(reason) = inner.downcast_ref::<io::Error>() {
            // An `io::Error` cannot be cloned, and its code says all there is.
            let source = reason.raw_os_error().map_or(reason.kind().into(), io::Error::from_raw_os_error);
            return OutputError::writing(name, source);
        }
        cause = inner.source();
    }
    OutputError::Workbook { file: name.into(), source: error }
}
