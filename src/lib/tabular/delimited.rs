//! CSV and its kin (RFC 4180), row by row.
//!
//! The record parser is the one beneath the `csv` crate. It is fed here by hand, because only then is it known on
//! which line of the file a record begins when cells hold line breaks, and how long a record may grow when a
//! quotation mark is never closed.

use std::io::{BufRead, BufReader, Read};

use csv_core::ReadRecordResult;

use super::MAX_ROW;
use super::error::InputError;
use super::quotes::Quotes;
use super::row::{Fault, Row};
use super::written::Written;

/// What may separate cells, the likeliest first, and what it is called.
const DELIMITERS: [(u8, &str); 4] = [(b',', "`,`"), (b';', "`;`"), (b'\t', "a tab (`\\t`)"), (b'|', "`|`")];

/// What may separate cells.
pub(super) fn delimiters() -> impl Iterator<Item = char> {
    DELIMITERS.iter().map(|(byte, _)| char::from(*byte))
}

/// The delimiter that is asked for, else the one that is found.
pub(super) fn delimiter(asked: Option<char>, sample: &str) -> Result<u8, InputError> {
    let Some(delimiter) = asked else { return Ok(find_delimiter(sample)) };
    match u8::try_from(delimiter) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, 0 | b'"' | b'\r' | b'\n') => Ok(byte),
        _ => Err(InputError::BadDelimiter { delimiter }),
    }
}

/// How many records decide on the delimiter.
const SAMPLED: usize = 50;

/// The delimiter that splits the header and splits most of the first records into as many cells.
pub(super) fn find_delimiter(sample: &str) -> u8 {
    let best = DELIMITERS.iter().rev().max_by_key(|(delimiter, _)| agreement(sample, *delimiter));
    best.map_or(b',', |(delimiter, _)| *delimiter)
}

/// How many of the first records have as many delimiters as the header, and how many that is.
fn agreement(sample: &str, delimiter: u8) -> (usize, usize) {
    let mut counts = Vec::new();
    let (mut count, mut quoted) = (0, false);
    let line_end = line_end(sample);
    for byte in sample.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            _ if byte == line_end && !quoted => counts.push(std::mem::take(&mut count)),
            _ if byte == delimiter && !quoted => count += 1,
            _ => {}
        }
        if counts.len() == SAMPLED {
            break;
        }
    }
    // The header alone, without a line break behind it.
    if counts.is_empty() {
        counts.push(count);
    }
    match counts.first() {
        None | Some(0) => (0, 0),
        Some(header) => (counts.iter().filter(|count| *count == header).count(), *header),
    }
}

/// The byte that ends a line, alone or behind another.
fn line_end(sample: &str) -> u8 {
    if sample.contains('\n') { b'\n' } else { b'\r' }
}

/// The other delimiter that a header of one column holds, as it is named to people.
pub(super) fn unused_delimiter(header: &[String]) -> Option<&'static str> {
    let [only] = header else { return None };
    DELIMITERS.iter().find(|(byte, _)| only.contains(char::from(*byte))).map(|(_, name)| *name)
}

/// The rows of a CSV file, the header among them.
pub(super) struct Records {
    input: BufReader<Box<dyn Read + Send>>,
    core: csv_core::Reader,
    quotes: Quotes,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line of the next byte.
    line: u64,
    /// The byte before it is a carriage return, which ends a line unless a line feed follows.
    after_return: bool,
    written: Written,
}

impl Records {
    /// `input` gives UTF-8, or what should be, and begins with `sample`.
    pub(super) fn new(input: Box<dyn Read + Send>, sample: &str, (delimiter, is_raw): (u8, bool)) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let input = BufReader::with_capacity(64 * 1024, input);
        let (bytes, ends) = (vec![0; 4096], vec![0; 64]);
        let quotes = Quotes::new(delimiter, line_end(sample));
        let written = Written { is_raw, is_csvde: false };
        Self { input, core, quotes, bytes, ends, line: 1, after_return: false, written }
    }

    /// Passes over so many lines of the file, whatever is in them.
    pub(super) fn skip_lines(&mut self, name: &str, lines: u64) -> Result<(), InputError> {
        let last = self.line + lines;
        let read = |source| InputError::Read { file: name.into(), source };
        loop {
            let ahead = self.input.fill_buf().map_err(read)?;
            // A carriage return alone ended the line before this byte, unless it is the line feed of the two.
            let is_whole = self.line + u64::from(self.after_return) >= last && ahead.first() != Some(&b'\n');
            if ahead.is_empty() || self.line >= last || is_whole {
                return Ok(());
            }
            let rest = memchr::memchr2(b'\n', b'\r', ahead).map_or(ahead.len(), |end| end + 1);
            self.line += count_lines(ahead.get(..rest).unwrap_or_default(), &mut self.after_return);
            self.input.consume(rest);
        }
    }

    /// The header: the first record.
    pub(super) fn header(&mut self, name: &str) -> Result<Vec<String>, InputError> {
        let mut row = Row::new();
        let mut faults = Vec::new();
        let found = self.next(name, None, &mut row, &mut faults)?;
        if let Some((misquoted, column)) = self.quotes.fault() {
            let (file, reason) = (name.to_owned(), misquoted.reason());
            return Err(InputError::BrokenHeader { file, line: row.line(), number: column + 1, reason });
        }
        if !faults.is_empty() {
            return Err(InputError::NotText { file: name.into() });
        }
        if !found {
            return Err(InputError::Empty { file: name.into() });
        }
        // Which `csvde` alone writes, and always first.
        self.written.is_csvde = row.get(0).trim() == "DN";
        Ok(row.iter().map(str::to_owned).collect())
    }

    /// The next record, and what is wrong with it; `false` at the end.
    pub(super) fn next(
        &mut self,
        name: &str,
        header: Option<&[String]>,
        row: &mut Row,
        faults: &mut Vec<Fault>,
    ) -> Result<bool, InputError> {
        let read = |source| InputError::Read { file: name.into(), source };
        self.skip_line_breaks().map_err(read)?;
        let line = self.line;
        row.start(line);
        self.quotes.start(header.map_or(0, <[String]>::len));
        let Some(fields) = self.record(name)? else { return Ok(false) };
        self.fill(fields, row, faults);
        if let Some((misquoted, column)) = self.quotes.fault() {
            // Without the value, which may be the rest of the file.
            faults.insert(0, Fault::of_row_at(column, misquoted.reason()).advice(misquoted.advice()));
        }
        if let Some(header) = header
            && row.fit(header.len())
            && faults.is_empty()
        {
            faults.push(ragged(fields, header.len()));
        }
        Ok(true)
    }

    /// Empty lines belong to no record; to pass them here keeps `line` at the record's own first line.
    fn skip_line_breaks(&mut self) -> std::io::Result<()> {
        loop {
            let ahead = self.input.fill_buf()?;
            let breaks = ahead.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if breaks == 0 {
                self.line += u64::from(std::mem::take(&mut self.after_return) && !ahead.is_empty());
                return Ok(());
            }
            let passed = ahead.get(..breaks).unwrap_or_default();
            self.line += count_lines(passed, &mut self.after_return);
            self.input.consume(breaks);
        }
    }

    /// Reads one record into `bytes` and `ends`, and says how many fields it has.
    fn record(&mut self, name: &str) -> Result<Option<usize>, InputError> {
        let first_line = self.line;
        let (mut length, mut fields) = (0, 0);
        loop {
            let ahead =
                self.input.fill_buf().map_err(|source| InputError::Read { file: name.into(), source })?;
            let room = self.bytes.get_mut(length..).unwrap_or_default();
            let marks = self.ends.get_mut(fields..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(ahead, room, marks);
            let part = ahead.get(..read).unwrap_or_default();
            let is_all = length == 0 && matches!(result, ReadRecordResult::Record);
            self.quotes.follow(part, is_all);
            self.line += count_lines(part, &mut self.after_return);
            self.input.consume(read);
            length += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if length < MAX_ROW => {
                    self.bytes.resize(self.bytes.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if fields < MAX_ROW => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(InputError::RowTooLong {
                        file: name.into(),
                        line: first_line,
                        limit: MAX_ROW,
                    });
                }
                ReadRecordResult::Record => return Ok(Some(fields)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Turns the record's bytes into cells.
    fn fill(&self, fields: usize, row: &mut Row, faults: &mut Vec<Fault>) {
        let ends = self.ends.get(..fields).unwrap_or_default();
        let whole = self.bytes.get(..ends.last().copied().unwrap_or(0)).unwrap_or_default();
        let text = std::str::from_utf8(whole).ok();
        let mut start = 0;
        for (index, end) in ends.iter().enumerate() {
            let cell = match text {
                Some(text) => text.get(start..*end),
                None => whole.get(start..*end).and_then(|bytes| std::str::from_utf8(bytes).ok()),
            };
            if let Some(cell) = cell {
                let meant = self.written.meant(cell);
                row.push(meant.as_deref().unwrap_or(cell));
                if meant.is_err() {
                    faults.push(Fault::of_cell(index, cell, "stands for bytes that are no text"));
                }
            } else {
                let value = String::from_utf8_lossy(whole.get(start..*end).unwrap_or_default());
                row.push("");
                faults.push(Fault::undecodable(index, &value));
            }
            start = *end;
        }
    }
}

/// A row with a value to the right of the last column. Cells that are missing at the end are no fault: spreadsheet programs
/// leave them out.
fn ragged(fields: usize, columns: usize) -> Fault {
    let advice =
        "put quotation marks around a value that holds the delimiter, or name its column in the header";
    Fault::of_row(format!("has {fields} cells where the header has {columns}")).advice(advice)
}

/// The line ends in these bytes: a line feed, a carriage return, or both together. `after_return` carries over to the
/// next bytes whether these end between the two.
fn count_lines(bytes: &[u8], after_return: &mut bool) -> u64 {
    let Some(first) = bytes.first() else { return 0 };
    let mut lines = u64::from(std::mem::take(after_return) && *first != b'\n');
    lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
    for place in memchr::memchr_iter(b'\r', bytes) {
        match bytes.get(place + 1) {
            Some(b'\n') => {}
            Some(_) => lines += 1,
            None => *after_return = true,
        }
    }
    lines
}
