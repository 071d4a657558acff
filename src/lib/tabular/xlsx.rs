//! Workbooks (ECMA-376), one sheet, row by row.
//!
//! The reader of the sheet borrows the workbook, and it is made for files that people trust. Both are answered by a
//! thread of its own: it owns the workbook, hands over rows in batches through a short queue, and ends when nobody
//! takes them. Should the reader panic over a malformed file, the thread ends, and the file is refused; should it lack memory,
//! reading failed.

use std::fs::File;
use std::io::{self, BufReader};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::error::InputError;
use super::row::{Fault, Row};
use super::{MAX_COLUMNS, archive};
use crate::error::Died;

/// Rows handed over at once, and batches that may wait.
const BATCH: usize = 256;
const WAITING: usize = 4;

/// A formula whose result is not in the file.
const UNCALCULATED: &str = "has a formula without a result: open and save the file in a spreadsheet program";

/// A number in a cell of dates that counts to no day between 1900 and 9999.
const NO_DATE: &str = "stands in a cell of dates and is no date";

/// The numbers that are dates, in workbooks that count days from 1900 and in those that count from 1904. The first count
/// knows a 29 February 1900, which never was.
const SINCE_1900: Range<f64> = 1.0..2_958_466.0;
const SINCE_1904: Range<f64> = 0.0..2_957_004.0;
const NEVER_WAS: Range<f64> = 60.0..61.0;

/// From here on a number is shown by its power of ten.
const LONG: f64 = 1e15;

/// A row and what is wrong with it.
type Judged = (Row, Vec<Fault>);

/// What the thread says.
enum Message {
    Header(Vec<String>),
    Rows(Vec<Judged>),
    Failed(InputError),
    End,
}

/// The rows of one sheet.
pub(super) struct SheetRows {
    messages: Receiver<Message>,
    thread: Option<JoinHandle<()>>,
    batch: std::vec::IntoIter<Judged>,
    ended: bool,
}

impl SheetRows {
    /// Opens the named sheet, or the first visible one, and gives its header too.
    pub(super) fn open(
        file: File,
        name: &str,
        sheet: Option<String>,
    ) -> Result<(Self, Vec<String>), InputError> {
        archive::inspect(&file, name)?;
        let (sender, messages) = sync_channel(WAITING);
        let walk = Walk { name: name.into(), sender };
        let begun = std::thread::Builder::new().spawn(move || walk.run(file, sheet));
        let thread = begun.map_err(|source| InputError::Read { file: name.into(), source })?;
        let mut rows = Self { messages, thread: Some(thread), batch: Vec::new().into_iter(), ended: false };
        let header = rows.header(name)?;
        Ok((rows, header))
    }

    /// Why the thread ended before it said that it would.
    fn broken(&mut self, name: &str) -> InputError {
        let panic = self.thread.take().and_then(|thread| thread.join().err());
        let died = panic.map(|panic| Died::of("reading a workbook", &*panic));
        match died.filter(Died::is_for_want_of_memory) {
            Some(died) => InputError::Read { file: name.into(), source: io::Error::other(died) },
            None => InputError::BadWorkbook { file: name.into(), reason: "its structure is broken".into() },
        }
    }

    fn header(&mut self, name: &str) -> Result<Vec<String>, InputError> {
        match self.messages.recv() {
            Ok(Message::Header(header)) => Ok(header),
            Ok(Message::Failed(error)) => Err(error),
            Ok(Message::End | Message::Rows(_)) => Err(InputError::Empty { file: name.into() }),
            Err(_) => Err(self.broken(name)),
        }
    }

    /// The next row that holds anything; `false` at the end.
    pub(super) fn next(
        &mut self,
        name: &str,
        row: &mut Row,
        faults: &mut Vec<Fault>,
    ) -> Result<bool, InputError> {
        loop {
            if let Some((read, mut found)) = self.batch.next() {
                *row = read;
                faults.append(&mut found);
                return Ok(true);
            }
            if self.ended {
                return Ok(false);
            }
            match self.messages.recv() {
                Ok(Message::Rows(rows)) => self.batch = rows.into_iter(),
                Ok(Message::End | Message::Header(_)) => self.ended = true,
                Ok(Message::Failed(error)) => return Err(error),
                Err(_) => return Err(self.broken(name)),
            }
        }
    }
}

/// The thread's side.
struct Walk {
    name: String,
    sender: SyncSender<Message>,
}

/// Why the thread stops before the last row.
enum Stop {
    Failed(InputError),
    /// Nobody wants further rows.
    Unwanted,
}

impl Walk {
    fn run(self, file: File, sheet: Option<String>) {
        let last = match self.rows(file, sheet) {
            Ok(()) => Message::End,
            Err(Stop::Failed(error)) => Message::Failed(error),
            Err(Stop::Unwanted) => return,
        };
        // The receiver may be gone, which is no fault.
        drop(self.sender.send(last));
    }

    fn rows(&self, file: File, sheet: Option<String>) -> Result<(), Stop> {
        let mut book = Xlsx::new(BufReader::new(file)).map_err(|error| self.bad(&error))?;
        let sheet = self.choose(&book, sheet)?;
        let mut cells = book.worksheet_cells_reader(&sheet).map_err(|error| self.bad(&error))?;
        let mut line = Line::default();
        let mut header: Option<Vec<String>> = None;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let cell = cells.next_cell_with_formula_metadata().map_err(|error| self.bad(&error))?;
            let position = cell.as_ref().map(|cell| cell.pos);
            if line.is_over(position) {
                if let Some(columns) = &header {
                    batch.extend(line.judge(columns));
                } else if let Some(columns) =
                    line.header().map_err(|fault| self.broken_header(&line, &fault))?
                {
                    self.send(Message::Header(columns.clone()))?;
                    header = Some(columns);
                }
            }
            if batch.len() >= BATCH || cell.is_none() {
                self.send(Message::Rows(std::mem::take(&mut batch)))?;
            }
            match cell {
                Some(cell) => line.put(cell.pos, text(&cell.value, cell.formula.is_some())),
                None => return Ok(()),
            }
        }
    }

    fn choose(&self, book: &Xlsx<BufReader<File>>, asked: Option<String>) -> Result<String, Stop> {
        let sheets = book.sheets_metadata();
        let Some(asked) = asked else {
            let readable = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
            let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
            let first = readable.clone().find(visible).or_else(|| readable.clone().next());
            return first
                .map(|sheet| sheet.name.clone())
                .ok_or_else(|| Stop::Failed(InputError::Empty { file: self.name.clone() }));
        };
        if sheets.iter().any(|sheet| sheet.name == asked) {
            return Ok(asked);
        }
        let sheets = sheets.iter().map(|sheet| sheet.name.clone()).collect();
        Err(Stop::Failed(InputError::NoSheet { file: self.name.clone(), sheet: asked, sheets }))
    }

    fn bad(&self, error: &XlsxError) -> Stop {
        let file = self.name.clone();
        Stop::Failed(match error {
            XlsxError::Password => InputError::Protected { file },
            _ => InputError::BadWorkbook { file, reason: error.to_string() },
        })
    }

    fn broken_header(&self, line: &Line, (number, reason): &(usize, &'static str)) -> Stop {
        let (file, line) = (self.name.clone(), u64::from(line.number) + 1);
        Stop::Failed(InputError::BrokenHeader { file, line, number: *number, reason })
    }

    fn send(&self, message: Message) -> Result<(), Stop> {
        self.sender.send(message).map_err(|_| Stop::Unwanted)
    }
}

/// The cells of the row at hand, by their place in it.
#[derive(Default)]
struct Line {
    /// Counted from 0, as the reader does.
    number: u32,
    cells: Vec<Result<String, CellFault>>,
    /// A cell further right than any table goes.
    beyond: Option<String>,
}

/// A cell without a usable value: what it shows, and why it will not do.
struct CellFault {
    shown: String,
    reason: &'static str,
}

impl Line {
    /// Whether the next cell stands in another row, or there is none.
    fn is_over(&self, next: Option<(u32, u32)>) -> bool {
        let has_any = !self.cells.is_empty() || self.beyond.is_some();
        has_any && next.is_none_or(|(row, _)| row != self.number)
    }

    fn put(&mut self, (row, column): (u32, u32), cell: Result<String, CellFault>) {
        self.number = row;
        let index = column as usize;
        if index >= MAX_COLUMNS {
            let shown = cell.unwrap_or_else(|fault| fault.shown);
            if !shown.is_empty() {
                self.beyond = Some(shown);
            }
            return;
        }
        while self.cells.len() <= index {
            self.cells.push(Ok(String::new()));
        }
        if let Some(place) = self.cells.get_mut(index) {
            *place = cell;
        }
    }

    /// The row as column names, and nothing if it is blank. Empty cells on the right name nothing; one without a usable
    /// value is an error: its number and why.
    fn header(&mut self) -> Result<Option<Vec<String>>, (usize, &'static str)> {
        let mut names = Vec::with_capacity(self.cells.len());
        for (place, cell) in std::mem::take(&mut self.cells).into_iter().enumerate() {
            names.push(cell.map_err(|fault| (place + 1, fault.reason))?.trim().to_owned());
        }
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        if let Some(name) = self.beyond.take() {
            // One name more than a table may have, which the table then refuses.
            names.resize(MAX_COLUMNS, String::new());
            names.push(name);
        }
        Ok((!names.is_empty()).then_some(names))
    }

    /// The row under these columns.
    fn judge(&mut self, columns: &[String]) -> Option<Judged> {
        let mut row = Row::new();
        let mut faults = Vec::new();
        row.start(u64::from(self.number) + 1);
        let mut cells = std::mem::take(&mut self.cells).into_iter();
        for column in columns {
            match cells.next().unwrap_or_else(|| Ok(String::new())) {
                Ok(cell) => row.push(&cell),
                Err(fault) => {
                    row.push("");
                    faults.push(Fault::of_cell(column, &fault.shown, fault.reason));
                }
            }
        }
        let mut outside = cells.map(|cell| cell.unwrap_or_else(|fault| fault.shown));
        let outside = outside.find(|cell| !cell.trim().is_empty());
        if let Some(cell) = outside.or(self.beyond.take()) {
            let fault = Fault::of_row(format!("has a cell to the right of the last column: `{cell}`"));
            faults.push(fault.advice("name the column in the first row, or clear the cell"));
        }
        (!row.is_blank() || !faults.is_empty()).then_some((row, faults))
    }
}

/// A cell as text: whole numbers without a fraction, dates as `YYYY-MM-DD`, formulas by their last result. A formula
/// without one is no empty cell: a program wrote it, and nobody knows what it will say.
fn text(value: &DataRef<'_>, is_formula: bool) -> Result<String, CellFault> {
    Ok(match value {
        DataRef::Empty if is_formula => {
            return Err(CellFault { shown: "=…".to_owned(), reason: UNCALCULATED });
        }
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(is) => is.to_string(),
        DataRef::DateTime(date) if date.is_duration() => {
            return Err(CellFault { shown: date.as_f64().to_string(), reason: "is a duration, not a date" });
        }
        DataRef::DateTime(date) => date_text(date)?,
        DataRef::DateTimeIso(date) => {
            date.strip_suffix("T00:00:00").or(date.strip_suffix("T00:00:00Z")).unwrap_or(date).to_owned()
        }
        DataRef::DurationIso(duration) => {
            return Err(CellFault { shown: duration.clone(), reason: "is a duration, not a date" });
        }
        DataRef::Error(error) => {
            return Err(CellFault {
                shown: error.to_string(),
                reason: "is the error that a formula gave, not a value",
            });
        }
    })
}

/// A date as ISO 8601, without a time when it is midnight; a time of no day alone. The library behind presses any number
/// into its range of days, so one outside of it is refused before.
fn date_text(date: &ExcelDateTime) -> Result<String, CellFault> {
    let number = date.as_f64();
    let is_1904 = *date == ExcelDateTime::new(number, ExcelDateTimeType::DateTime, true);
    let is_time = !is_1904 && number > 0.0 && number < SINCE_1900.start;
    let is_date = if is_1904 {
        SINCE_1904.contains(&number)
    } else {
        SINCE_1900.contains(&number) && !NEVER_WAS.contains(&number)
    };
    if !is_date && !is_time {
        let shown = if number.abs() < LONG { number.to_string() } else { format!("{number:e}") };
        return Err(CellFault { shown, reason: NO_DATE });
    }
    let (year, month, day, hours, minutes, seconds, _) = date.to_ymd_hms_milli();
    let (date, time) =
        (format!("{year:04}-{month:02}-{day:02}"), format!("{hours:02}:{minutes:02}:{seconds:02}"));
    Ok(match (hours, minutes, seconds) {
        _ if is_time => time,
        (0, 0, 0) => date,
        _ => format!("{date}T{time}"),
    })
}
