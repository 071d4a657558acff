//! A row of a workbook's sheet: its cells as text, those that are merged with their common value.

use std::ops::Range;

use calamine::{DataRef, Dimensions, ExcelDateTime, ExcelDateTimeType};

use super::MAX_COLUMNS;
use super::row::{CellKind, Fault, Row};

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
pub(super) type Judged = (Row, Vec<Fault>);

/// The cells of the row at hand, by their place in it.
#[derive(Default)]
pub(super) struct Line {
    /// Counted from 0, as the reader does.
    number: u32,
    cells: Vec<Cell>,
    /// A cell further right than any table goes.
    beyond: Option<String>,
}

/// A cell: its text, and what it was; or why it has no value of use.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    /// What it shows.
    text: String,
    kind: Option<CellKind>,
    fault: Option<&'static str>,
}

impl Cell {
    /// A cell as text: whole numbers without a fraction and with as many digits as are shown, dates as `YYYY-MM-DD`,
    /// formulas by their last result. A formula without one is no empty cell: a program wrote it, and nobody knows what it
    /// will say.
    pub(super) fn of(value: &DataRef<'_>, is_formula: bool, digits: Option<usize>) -> Self {
        let kind = match value {
            DataRef::Bool(_) => Some(CellKind::Truth),
            DataRef::DateTime(_) | DataRef::DateTimeIso(_) => Some(CellKind::Date),
            _ => None,
        };
        match text(value, is_formula, digits) {
            Ok(text) => Self { text, kind, fault: None },
            Err(CellFault { shown, reason }) => Self { text: shown, kind, fault: Some(reason) },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fault.is_none() && self.text.trim().is_empty()
    }
}

/// What a cell without a usable value shows, and why it will not do.
struct CellFault {
    shown: String,
    reason: &'static str,
}

/// Cells that are merged into one, below the header: the value of the first counts for each.
#[derive(Default)]
pub(super) struct Merges {
    /// The last first.
    coming: Vec<Dimensions>,
    open: Vec<(Dimensions, Cell)>,
}

impl Merges {
    /// Those of a sheet whose header stands in that row, from 1.
    pub(super) fn below(all: &[Dimensions], header: u64) -> Self {
        let mut coming: Vec<Dimensions> =
            all.iter().filter(|merged| u64::from(merged.start.0) >= header).copied().collect();
        coming.sort_unstable_by_key(|merged| std::cmp::Reverse(merged.start));
        Self { coming, open: Vec::new() }
    }

    /// Fills the row of that number, from 0, with the values of merged cells.
    fn fill(&mut self, number: u32, cells: &mut Vec<Cell>) {
        self.open.retain(|(merged, _)| merged.end.0 >= number);
        while let Some(merged) = self.coming.pop_if(|merged| merged.start.0 <= number) {
            let first = cells.get(merged.start.1 as usize).filter(|_| merged.start.0 == number);
            if let Some(first) = first.filter(|first| !first.is_empty()) {
                self.open.push((merged, first.clone()));
            }
        }
        if self.open.is_empty() || cells.iter().all(Cell::is_empty) {
            return;
        }
        for (merged, first) in &self.open {
            let (from, to) = (merged.start.1 as usize, (merged.end.1 as usize).min(MAX_COLUMNS - 1));
            if cells.len() <= to {
                cells.resize(to + 1, Cell::default());
            }
            for cell in cells.get_mut(from..=to).into_iter().flatten().filter(|cell| cell.is_empty()) {
                cell.clone_from(first);
            }
        }
    }
}

impl Line {
    /// The row, from 1.
    pub(super) fn row(&self) -> u64 {
        u64::from(self.number) + 1
    }

    /// Makes room for the next row.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.beyond = None;
    }

    /// Whether the next cell stands in another row, or there is none.
    pub(super) fn is_over(&self, next: Option<(u32, u32)>) -> bool {
        let has_any = !self.cells.is_empty() || self.beyond.is_some();
        has_any && next.is_none_or(|(row, _)| row != self.number)
    }

    pub(super) fn put(&mut self, (row, column): (u32, u32), cell: Cell) {
        self.number = row;
        let index = column as usize;
        if index >= MAX_COLUMNS {
            if !cell.is_empty() {
                self.beyond = Some(cell.text);
            }
            return;
        }
        if self.cells.len() <= index {
            self.cells.resize(index + 1, Cell::default());
        }
        if let Some(place) = self.cells.get_mut(index) {
            *place = cell;
        }
    }

    /// What stands in the cells.
    pub(super) fn texts(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.text.trim().to_owned()).collect()
    }

    /// The row as column names, and nothing if it is blank. Empty cells on the right name nothing; one without a usable
    /// value is an error: its number and why.
    pub(super) fn header(&mut self) -> Result<Option<Vec<String>>, (usize, &'static str)> {
        let mut names = Vec::with_capacity(self.cells.len());
        for (place, cell) in std::mem::take(&mut self.cells).into_iter().enumerate() {
            match cell.fault {
                Some(reason) => return Err((place + 1, reason)),
                None => names.push(cell.text.trim().to_owned()),
            }
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
    pub(super) fn judge(&mut self, columns: &[String], merges: &mut Merges) -> Option<Judged> {
        let mut row = Row::new();
        let mut faults = Vec::new();
        row.start(self.row());
        merges.fill(self.number, &mut self.cells);
        let mut cells = std::mem::take(&mut self.cells).into_iter();
        for place in 0..columns.len() {
            let cell = cells.next().unwrap_or_default();
            match cell.fault {
                None => row.push_typed(&cell.text, cell.kind),
                Some(reason) => {
                    row.push("");
                    faults.push(Fault::of_cell(place, &cell.text, reason));
                }
            }
        }
        let outside = cells.map(|cell| cell.text).find(|text| !text.trim().is_empty());
        if outside.or(self.beyond.take()).is_some() {
            // Without the value, which may hold anything.
            let fault = Fault::of_row("has a cell to the right of the last column");
            faults.push(fault.advice("name the column in the first row, or clear the cell"));
        }
        (!row.is_blank() || !faults.is_empty()).then_some((row, faults))
    }
}

fn text(value: &DataRef<'_>, is_formula: bool, digits: Option<usize>) -> Result<String, CellFault> {
    let width = digits.unwrap_or_default();
    Ok(match value {
        DataRef::Empty if is_formula => {
            return Err(CellFault { shown: "=…".to_owned(), reason: UNCALCULATED });
        }
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => format!("{number:0width$}"),
        DataRef::Float(number) if number.fract() != 0.0 => number.to_string(),
        DataRef::Float(number) => format!("{number:0width$}"),
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
