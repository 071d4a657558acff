//! The rows of a sheet, written as they come (ECMA-376, 18.3.1.80: `sheetData`).

use std::io::{self, Write as _};
use std::path::PathBuf;

use super::frame::{Layout, Style, around, cut};
use super::packer::{Archive, Packer};
use super::{CellValue, Column, ColumnKind, RowStyle, failed};
use crate::tabular::file::OutputError;

/// Rows of one sheet, the header included (Excel specifications and limits).
const MAX_ROWS: u32 = 1_048_576;

/// Bytes of rows that are packed at once: many, as the packers of many sheets drive each other out of the processor's
/// caches.
const CHUNK: usize = 1 << 17;

/// Characters of a line in a column of ticks, words being kept whole.
const TICK_LINE: usize = 10;

/// The height of a line, in points, …
const LINE_HEIGHT: u32 = 15;

/// … and the most that a row has of them.
const MAX_LINES: usize = 10;

/// What a workbook is called in messages, and where there is room for its temporary files.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: String,
    /// None for the usual one.
    pub(super) directory: Option<PathBuf>,
}

impl Target {
    fn failed(&self, error: impl Into<io::Error>) -> OutputError {
        OutputError::writing(&self.name, error.into())
    }
}

/// A sheet with all its rows.
pub(super) struct Packed {
    pub(super) layout: Layout,
    /// The header apart.
    pub(super) rows: u32,
    /// Holds nothing but the sheet.
    pub(super) archive: Archive,
}

/// A sheet in the making; its rows are written in order, also when other sheets get theirs in between.
pub(crate) struct Sheet {
    target: Target,
    layout: Layout,
    places: Vec<ColumnRef>,
    /// Sheets of this table that are full.
    full: Vec<Packed>,
    part: SheetPart,
    limit: u32,
}

/// A column as its cells name it.
struct ColumnRef {
    letters: String,
    kind: ColumnKind,
}

/// The sheet at hand.
struct SheetPart {
    layout: Layout,
    /// Rows so far, the header included.
    rows: u32,
    /// What was not handed to the packer yet.
    xml: Vec<u8>,
    packer: Packer,
}

impl Sheet {
    pub(super) fn begin(
        target: Target,
        title: &str,
        columns: &[Column],
        fixed: u16,
    ) -> Result<Self, OutputError> {
        let layout = Layout { title: title.into(), columns: columns.to_vec(), fixed };
        let place =
            |(number, column): (usize, &Column)| ColumnRef { letters: letters(number), kind: column.kind };
        let places = columns.iter().enumerate().map(place).collect();
        let part = SheetPart::begin(&target, layout.clone())?;
        Ok(Self { target, layout, places, full: Vec::new(), part, limit: MAX_ROWS })
    }

    /// Writes one row, from the first column on.
    pub(crate) fn row(&mut self, style: RowStyle, cells: &[CellValue<'_>]) -> Result<(), OutputError> {
        if self.part.rows == self.limit {
            let title = format!("{} {}", self.layout.title, self.full.len() + 2);
            let next = SheetPart::begin(&self.target, Layout { title, ..self.layout.clone() })?;
            let full = std::mem::replace(&mut self.part, next);
            self.full.push(full.pack(&self.target)?);
        }
        self.part.rows += 1;
        let number = self.part.rows.to_string();
        let xml = &mut self.part.xml;
        let lines = lines(&self.places, cells);
        put(xml, &["<row r=\"", &number, "\""]);
        if lines > 1 {
            put(xml, &[" ht=\"", &(lines * LINE_HEIGHT).to_string(), "\" customHeight=\"1\""]);
        }
        put(xml, &[">"]);
        for (place, cell) in self.places.iter().zip(cells) {
            write_cell(xml, place, &number, style, *cell);
        }
        put(xml, &["</row>"]);
        if xml.len() >= CHUNK {
            let chunk = std::mem::replace(xml, Vec::with_capacity(CHUNK + CHUNK / 8));
            self.part.packer.take(chunk).map_err(|error| self.target.failed(error))?;
        }
        Ok(())
    }

    /// Ends the sheet; one for each that its rows needed.
    pub(super) fn pack(self) -> Result<Vec<Packed>, OutputError> {
        let Self { target, mut full, part, .. } = self;
        full.push(part.pack(&target)?);
        Ok(full)
    }

    /// Lets sheets be full at so many rows, the header included.
    #[cfg(test)]
    pub(super) fn limit_to(&mut self, rows: u32) {
        self.limit = rows;
    }
}

impl SheetPart {
    fn begin(target: &Target, layout: Layout) -> Result<Self, OutputError> {
        let (before, _) = around(&layout, 0).map_err(|error| failed(&target.name, error))?;
        let directory = target.directory.clone().unwrap_or_else(std::env::temp_dir);
        let file = tempfile::tempfile_in(directory).map_err(|error| target.failed(error))?;
        let packer = Packer::begin(file).map_err(|error| target.failed(error))?;
        Ok(Self { layout, rows: 1, xml: before.into_bytes(), packer })
    }

    fn pack(mut self, target: &Target) -> Result<Packed, OutputError> {
        let rows = self.rows - 1;
        let (_, after) = around(&self.layout, rows).map_err(|error| failed(&target.name, error))?;
        put(&mut self.xml, &[&after]);
        let packed = self.packer.take(self.xml).and_then(|()| self.packer.finish());
        Ok(Packed { layout: self.layout, rows, archive: packed.map_err(|error| target.failed(error))? })
    }
}

/// The name of a column, by its place from 0: A, B, …, Z, AA.
pub(super) fn letters(place: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0));
    match place / 26 {
        0 => letter.to_string(),
        before => letters(before - 1) + letter.encode_utf8(&mut [0; 4]),
    }
}

/// How many lines the names below titles written upwards need.
fn lines(places: &[ColumnRef], cells: &[CellValue<'_>]) -> u32 {
    let narrow = places.iter().zip(cells).filter(|(place, _)| place.kind == ColumnKind::Tick);
    let lines = narrow.map(|(_, cell)| match cell {
        CellValue::Text(text) if text.len() > TICK_LINE => text.chars().count().div_ceil(TICK_LINE),
        _ => 1,
    });
    u32::try_from(lines.max().unwrap_or(1).min(MAX_LINES)).unwrap_or(1)
}

/// A row without a fill has no cells where it holds nothing; one with a fill has it there too.
fn write_cell(
    xml: &mut Vec<u8>,
    place: &ColumnRef,
    row: &str,
    RowStyle(fill): RowStyle,
    cell: CellValue<'_>,
) {
    let style = fill.map_or(Style::of_column(place.kind), |fill| Style::of_fill(fill, false));
    let start = (place, row, style);
    match cell {
        CellValue::Empty | CellValue::Text("") => {
            if fill.is_some() {
                begin_cell(xml, start);
                put(xml, &["/>"]);
            }
        }
        CellValue::Text(text) => write_text(xml, start, text),
        CellValue::Number(number) => write_number(xml, start, number),
        CellValue::Date(date) => match serial(date) {
            Some(serial) => {
                let style = fill.map_or(Style::Date as u32, |fill| Style::of_fill(fill, true));
                write_number(xml, (place, row, style), serial);
            }
            None => write_text(xml, start, &date.to_string()),
        },
    }
}

/// A cell as it begins: its column, its row and its format.
type Start<'a> = (&'a ColumnRef, &'a str, u32);

fn begin_cell(xml: &mut Vec<u8>, (place, row, style): Start<'_>) {
    put(xml, &["<c r=\"", &place.letters, row, "\""]);
    if style > 0 {
        write!(xml, " s=\"{style}\"").ok();
    }
}

fn write_text(xml: &mut Vec<u8>, start: Start<'_>, text: &str) {
    const BLANK: [char; 3] = ['\t', '\n', ' '];
    let text = cut(text);
    begin_cell(xml, start);
    let keeps = text.starts_with(BLANK) || text.ends_with(BLANK);
    put(xml, &[" t=\"inlineStr\"><is><t", if keeps { " xml:space=\"preserve\">" } else { ">" }]);
    escape(xml, text);
    put(xml, &["</t></is></c>"]);
}

fn write_number(xml: &mut Vec<u8>, start: Start<'_>, number: i32) {
    begin_cell(xml, start);
    write!(xml, "><v>{number}</v></c>").ok();
}

fn put(xml: &mut Vec<u8>, texts: &[&str]) {
    for text in texts {
        xml.extend_from_slice(text.as_bytes());
    }
}

/// Writes text so that it is read back as it was: what XML cannot hold stands as `_xHHHH_`, and what looks like that
/// already has its first sign written so (ECMA-376, 22.9.2.19: `ST_Xstring`).
fn escape(xml: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: u8| !matches!(byte, 0..0x20 | b'&' | b'<' | b'>' | b'_' | 0xef);
    if text.bytes().all(is_plain) {
        return put(xml, &[text]);
    }
    for (place, character) in text.char_indices() {
        match character {
            '&' => put(xml, &["&amp;"]),
            '<' => put(xml, &["&lt;"]),
            '>' => put(xml, &["&gt;"]),
            '_' if text.get(place..).is_some_and(is_escaped) => put(xml, &["_x005F_"]),
            '\t' | '\n' => put(xml, &[character.encode_utf8(&mut [0; 4])]),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => drop(write!(xml, "_x{:04X}_", u32::from(character))),
            other => put(xml, &[other.encode_utf8(&mut [0; 4])]),
        }
    }
}

/// Whether a text begins with what a reader would take for an escaped character.
fn is_escaped(text: &str) -> bool {
    let digits = text.strip_prefix("_x").and_then(|rest| rest.split_once('_')).map(|(digits, _)| digits);
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The day number of a date, counted from 1899-12-30. Before 1900-03-01 spreadsheet programs disagree on it, because
/// Excel knows a 29 February 1900; such dates have none.
pub(super) fn serial(date: jiff::civil::Date) -> Option<i32> {
    let days = date.since(jiff::civil::date(1899, 12, 30)).ok()?.get_days();
    (days > 60).then_some(days)
}
