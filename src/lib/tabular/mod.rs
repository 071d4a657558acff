//! Tables of outside data: CSV, JSONL and XLSX, read for imports and written for exports.
//!
//! [`Table`] reads rows as a stream, whatever their number. What is wrong with the file as a whole ends the reading
//! with an [`InputError`]; what is wrong with one row is told as [`BadRow`]s, and reading goes on, so that a person
//! can be shown everything that has to be mended at once. No bytes make it panic, and no file makes it take memory
//! without end.
//!
//! Output goes through [`file::Output`]: a file that appears under its name when it is complete, or standard output.
//! [`guard`] keeps cells from being run as formulas, and [`workbook`] writes workbooks for people.

mod archive;
mod beginning;
mod delimited;
mod encoding;
mod error;
pub(crate) mod file;
mod file_or_stream;
mod foreign;
pub(crate) mod guard;
mod in_use;
mod json;
mod preamble;
mod quotes;
mod row;
mod source;
mod unhurried;
mod unique;
pub(crate) mod workbook;
pub(crate) mod write;
mod written;
mod xlsx;
mod xlsx_aside;
mod xlsx_line;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::Path;

use beginning::Beginning;
pub(crate) use error::InputError;
pub(crate) use file_or_stream::FileOrStream;
pub(crate) use in_use::InUse;
pub(crate) use row::{CellKind, Row};
pub(crate) use source::{Source, open_file};
pub(crate) use unhurried::Unhurried;

use crate::error::BadRow;
use crate::text::secret::{holds_hash, is_secret_name};
use row::{Fault, shorten};

/// Bytes of one row of text; more is taken for a quotation mark that was never closed.
const MAX_ROW: usize = 1 << 20;

/// Columns of one table.
const MAX_COLUMNS: usize = 1000;

/// The most bytes that are kept of what comes by a pipe: several times as many as millions of people take.
const MAX_AWAITED: u64 = 2 << 30;

/// How a table is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Cells between delimiters, RFC 4180.
    Csv,
    /// One JSON object a line; one array of objects is understood too.
    Jsonl,
    /// A workbook, ECMA-376.
    Xlsx,
}

impl Format {
    /// The format that a file's extension names.
    pub(crate) fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => Some(Self::Csv),
            "jsonl" | "ndjson" | "json" => Some(Self::Jsonl),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

/// The encoding of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-16 when the file shows it, else UTF-8; with or without a byte order mark.
    #[default]
    Auto,
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16; little-endian unless the file shows otherwise.
    Utf16,
    /// Cyrillic, as Windows has it.
    Windows1251,
    /// Western European, as Windows has it.
    Windows1252,
    /// Central European, as Windows has it.
    Windows1250,
}

impl Encoding {
    /// The encoding of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "auto" => Self::Auto,
            "utf-8" => Self::Utf8,
            "utf-16" => Self::Utf16,
            "windows-1251" => Self::Windows1251,
            "windows-1252" => Self::Windows1252,
            "windows-1250" => Self::Windows1250,
            _ => return None,
        })
    }
}

/// What is known of a file beforehand; the rest is found out.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadOptions {
    /// Else the extension decides, else the first bytes.
    pub(crate) format: Option<Format>,
    /// The encoding of CSV and JSONL.
    pub(crate) encoding: Encoding,
    /// The delimiter of CSV, one of `,` `;` tab `|` when found out.
    pub(crate) delimiter: Option<char>,
    /// The sheet of a workbook, else its first visible one with anything in it; the list in the object of JSON, by the keys that lead
    /// to it.
    pub(crate) sheet: Option<String>,
    /// The line, from 1, that names the columns of CSV and workbooks, else the first that is not known to come before.
    pub(crate) header_line: Option<u64>,
    /// Keys of JSON objects that are not looked into.
    pub(crate) left_out: Vec<String>,
    /// Cells of CSV are as they stand: no guard is taken away from them.
    pub(crate) raw: bool,
}

/// What [`Table::next_row`] found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A row, now in the buffer given.
    Row,
    /// A row that cannot be used, and everything that is wrong with it; reading can go on.
    Bad(Vec<BadRow>),
    /// There are no more rows.
    End,
}

/// A table that is being read.
pub(crate) struct Table {
    name: String,
    header: Vec<String>,
    rows: Rows,
    /// The text came through a decoder, which leaves U+FFFD where it failed.
    decoded: bool,
    /// The first row and what is wrong with it, read to know that there is one.
    ahead: Option<(Row, Vec<Fault>)>,
    /// The sheets of the workbook.
    sheets: Vec<String>,
    /// The first lines of CSV.
    lines: Vec<Beginning>,
}

/// Says of the headings so far and a column whether anybody reads it.
pub(crate) type IsRead<'a> = &'a mut dyn FnMut(&[String], usize) -> bool;

enum Rows {
    Csv(Box<delimited::Records>),
    Json(Box<json::Objects>),
    Sheet(xlsx::SheetRows),
}

impl Table {
    /// Opens a table and reads its header.
    pub(crate) fn open(source: Source, options: ReadOptions) -> Result<Self, InputError> {
        let by_name = match &source {
            Source::File(path) => Format::of_path(path),
            Source::Stream { .. } => None,
        };
        let opened = source.open()?;
        let name = opened.name.clone();
        let is_archive = opened.head.starts_with(b"PK\x03\x04");
        if opened.head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(InputError::Protected { file: name });
        }
        if let Some(what) = foreign::named(&opened.head) {
            return Err(InputError::Foreign { file: name, what });
        }
        let opened = opened.awaited(if is_archive { archive::MAX_PACKED } else { MAX_AWAITED })?;
        let mut table = match options.format.or(by_name) {
            Some(Format::Xlsx) => Self::open_workbook(opened, options)?,
            None if is_archive => Self::open_workbook(opened, options)?,
            _ if is_archive => return Err(InputError::NotText { file: name }),
            format => Self::open_text(opened, format, &options)?,
        };
        table.check_header()?;
        table.read_ahead()?;
        Ok(table)
    }

    fn open_workbook(opened: source::Opened, options: ReadOptions) -> Result<Self, InputError> {
        let name = opened.name.clone();
        if opened.head.is_empty() {
            return Err(InputError::Empty { file: name });
        }
        let file = opened.into_file()?;
        let (rows, header, sheets) =
            xlsx::SheetRows::open(file, &name, (options.sheet, options.header_line.unwrap_or(1)))?;
        Ok(Self {
            name,
            header,
            rows: Rows::Sheet(rows),
            decoded: false,
            ahead: None,
            sheets,
            lines: Vec::new(),
        })
    }

    fn open_text(
        opened: source::Opened,
        format: Option<Format>,
        options: &ReadOptions,
    ) -> Result<Self, InputError> {
        let name = opened.name.clone();
        let found = encoding::find(&opened.head, options.encoding);
        if found.decoder.is_none()
            && let Some(line) = encoding::first_bad_line(&opened.head, opened.is_whole())
        {
            let looks_like = encoding::guess(&opened.head);
            if looks_like != Some("utf-16") && opened.head.contains(&0) {
                return Err(InputError::NotText { file: name });
            }
            return Err(InputError::WrongEncoding { file: name, line, expected: "UTF-8", looks_like });
        }
        let sample = sample(opened.head.get(found.mark..).unwrap_or_default(), found.decoder);
        if sample.trim_start().is_empty() {
            return Err(InputError::Empty { file: name });
        }
        let is_json = format.map_or_else(|| looks_like_json(&sample), |format| format == Format::Jsonl);
        let is_whole = opened.is_whole();
        let bytes = opened.into_reader(found.mark);
        let text: Box<dyn Read + Send> = match found.decoder {
            None => bytes,
            Some(decoder) => Box::new(encoding::Decoding::new(bytes, decoder)),
        };
        let mut lines = Vec::new();
        let (rows, header) = if is_json {
            let shape = json::Shape::of(&sample, options.sheet.as_deref());
            let shape = shape.map_err(|lists| InputError::SeveralLists { file: name.clone(), lists })?;
            let mut objects = json::Objects::new(text, shape, options.left_out.clone());
            let header = objects.header(&name).map_err(|error| match (error, &options.sheet) {
                (InputError::Malformed { file, .. }, Some(sheet)) if !objects.has_begun() => {
                    InputError::NoSheet { file, sheet: sheet.clone(), sheets: json::lists(&sample) }
                }
                (error, _) => error,
            })?;
            (Rows::Json(Box::new(objects)), header)
        } else {
            let before = preamble::find(&sample, options.header_line);
            if let Some(line) = options.header_line.filter(|_| is_whole && before.rest.trim().is_empty()) {
                let lines = sample.lines().count() as u64;
                return Err(InputError::NoSuchLine { file: name, line, lines });
            }
            preamble::check_is_table(&name, before.rest)?;
            lines = beginning::of_text(before.rest, before.lines);
            let delimiter = delimited::delimiter(options.delimiter.or(before.delimiter), before.rest)?;
            let mut records = delimited::Records::new(text, before.rest, (delimiter, options.raw));
            records.skip_lines(&name, before.lines)?;
            let header = records.header(&name)?;
            (Rows::Csv(Box::new(records)), header.iter().map(|column| column.trim().to_owned()).collect())
        };
        let decoded = found.decoder.is_some();
        Ok(Self { name, header, rows, decoded, ahead: None, sheets: Vec::new(), lines })
    }

    /// The first lines and what stands in them, whichever names the columns; of JSON there are none.
    pub(crate) fn beginning(&self) -> &[Beginning] {
        match &self.rows {
            Rows::Sheet(sheet) => sheet.beginning(),
            Rows::Csv(_) | Rows::Json(_) => &self.lines,
        }
    }

    /// What there is to know of the file beside its rows, when they were read: of its columns only those that are read.
    pub(crate) fn remarks(&self, is_read: &dyn Fn(usize) -> bool) -> Vec<String> {
        match &self.rows {
            Rows::Csv(_) => Vec::new(),
            Rows::Json(objects) => objects.remarks(&self.name),
            Rows::Sheet(sheet) => sheet.remarks((&self.name, &self.header), is_read),
        }
    }

    /// The sheets of the workbook; of any other file there are none.
    pub(crate) fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// The first row, where nothing is wrong with it, before it is read.
    pub(crate) fn first_row(&self) -> Option<&Row> {
        self.ahead.as_ref().filter(|(_, faults)| faults.is_empty()).map(|(row, _)| row)
    }

    /// The file's name as it was typed.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How it is written down.
    pub(crate) const fn format(&self) -> Format {
        match self.rows {
            Rows::Csv(_) => Format::Csv,
            Rows::Json(_) => Format::Jsonl,
            Rows::Sheet(_) => Format::Xlsx,
        }
    }

    /// Whether a sheet or a list of it can be chosen.
    pub(crate) fn has_sheets(&self) -> bool {
        match &self.rows {
            Rows::Csv(_) => false,
            Rows::Json(objects) => objects.is_list(),
            Rows::Sheet(_) => true,
        }
    }

    /// Whether rows may have columns that the rows before did not.
    pub(crate) const fn grows(&self) -> bool {
        matches!(self.rows, Rows::Json(_))
    }

    /// The names of the columns so far; of CSV and XLSX without the white space around them.
    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Reads the next row that is not blank into `row`, of whose columns every one is read.
    pub(crate) fn next_row(&mut self, row: &mut Row) -> Result<Next, InputError> {
        self.next_row_of(row, &mut |_, _| true)
    }

    /// Reads the next row that is not blank into `row`; what is wrong in columns that are not read is no fault.
    pub(crate) fn next_row_of(&mut self, row: &mut Row, is_read: IsRead<'_>) -> Result<Next, InputError> {
        loop {
            let mut faults = match self.ahead.take() {
                Some((first, faults)) => {
                    *row = first;
                    faults
                }
                None => match self.any_row(row)? {
                    Some(faults) => faults,
                    None => return Ok(Next::End),
                },
            };
            let header = &self.header;
            faults.retain(|fault| fault.is_of_row || fault.place.is_none_or(|place| is_read(header, place)));
            if !faults.is_empty() {
                let line = row.line();
                return Ok(Next::Bad(faults.into_iter().map(|fault| self.bad_row(line, fault)).collect()));
            }
            if !row.is_blank() {
                return Ok(Next::Row);
            }
        }
    }

    /// Reads the next row that holds anything, and gives what is wrong with it in any column.
    fn any_row(&mut self, row: &mut Row) -> Result<Option<Vec<Fault>>, InputError> {
        let mut faults = Vec::new();
        loop {
            let found = match &mut self.rows {
                Rows::Csv(records) => records.next(&self.name, Some(&self.header), row, &mut faults),
                Rows::Json(objects) => objects.next(&self.name, &mut self.header, row, &mut faults),
                Rows::Sheet(sheet) => sheet.next(&self.name, row, &mut faults),
            };
            if !found? {
                return Ok(None);
            }
            self.check_text(row, &mut faults);
            if !faults.is_empty() || !row.is_blank() {
                self.check_named(row, &mut faults);
                return Ok(Some(faults));
            }
        }
    }

    /// Looks for values in columns that have no name.
    fn check_named(&self, row: &Row, faults: &mut Vec<Fault>) {
        for (place, _) in self.header.iter().enumerate().filter(|(_, heading)| heading.is_empty()) {
            if !row.get(place).trim().is_empty() {
                let reason = format!("has a value in column {}, which has no name", place + 1);
                let advice = "name the column in the header, or clear the cell";
                faults.push(Fault { is_of_row: false, ..Fault::of_row_at(place, reason) }.advice(advice));
            }
        }
    }

    /// Looks for what no text holds.
    fn check_text(&self, row: &Row, faults: &mut Vec<Fault>) {
        let has_zero = memchr::memchr(0, row.text().as_bytes()).is_some();
        let has_gap = self.decoded && row.text().contains('\u{FFFD}');
        if !has_zero && !has_gap {
            return;
        }
        for (place, cell) in row.iter().enumerate() {
            if cell.contains('\0') {
                faults.push(Fault::of_cell(place, cell, "holds a zero byte").advice(
                    "take the byte out, or save the file again as UTF-8 from the program it comes from",
                ));
            } else if self.decoded && cell.contains('\u{FFFD}') {
                faults.push(Fault::undecodable(place, cell));
            }
        }
    }

    /// What is wrong with a cell of `row`, or with the row itself when no column is named.
    pub(crate) fn fault_of(
        &self,
        row: &Row,
        place: Option<usize>,
        reason: String,
        advice: Option<String>,
    ) -> BadRow {
        let value = place.map(|place| row.get(place).trim().to_owned()).unwrap_or_default();
        self.bad_row(row.line(), Fault { place, value, reason, advice, is_of_row: false })
    }

    fn bad_row(&self, line: u64, fault: Fault) -> BadRow {
        let column = fault.place.and_then(|place| self.header.get(place)).cloned().unwrap_or_default();
        let is_secret = is_secret_name(&column) || holds_hash(&fault.value);
        let value = if is_secret { String::new() } else { shorten(&fault.value) };
        let column = if holds_hash(&column) { String::new() } else { column };
        BadRow {
            file: self.name.clone(),
            line,
            column,
            value,
            reason: fault.reason,
            is_sentence: false,
            is_denied: false,
            advice: fault.advice,
        }
    }

    fn check_header(&self) -> Result<(), InputError> {
        let file = || self.name.clone();
        if self.header.iter().any(|column| column.contains('\0')) {
            return Err(InputError::NotText { file: file() });
        }
        if self.header.iter().any(|column| holds_hash(column)) {
            return Err(InputError::HashInHeader { file: file() });
        }
        if self.header.len() > MAX_COLUMNS {
            return Err(InputError::TooManyColumns { file: file(), limit: MAX_COLUMNS });
        }
        if let (Rows::Csv(_), Some(looks_like)) = (&self.rows, delimited::unused_delimiter(&self.header)) {
            let header = shorten(&self.header.join(""));
            return Err(InputError::WrongDelimiter { file: file(), header, looks_like });
        }
        if self.header.iter().all(String::is_empty) {
            return Err(InputError::Empty { file: file() });
        }
        Ok(())
    }

    fn read_ahead(&mut self) -> Result<(), InputError> {
        let mut row = Row::new();
        match self.any_row(&mut row)? {
            None => Err(InputError::OnlyHeader { file: self.name.clone(), sheets: self.sheets.clone() }),
            Some(faults) => {
                self.ahead = Some((row, faults));
                Ok(())
            }
        }
    }
}

/// The beginning of a text, for guesses only.
fn sample(head: &[u8], decoder: Option<&'static encoding_rs::Encoding>) -> String {
    let Some(decoder) = decoder else { return String::from_utf8_lossy(head).into_owned() };
    decoder.decode_without_bom_handling(head).0.into_owned()
}

/// Whether a text begins with an object, or with an array of objects.
fn looks_like_json(sample: &str) -> bool {
    let text = sample.trim_start();
    text.starts_with('{') || text.strip_prefix('[').is_some_and(json::begins_objects) || sample.trim() == "[]"
}
