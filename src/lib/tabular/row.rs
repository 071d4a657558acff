//! One row of a table, in buffers that are used again for the next.

/// The cells of one row, as text; a cell without a value is the empty string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    line: u64,
    text: String,
    ends: Vec<usize>,
    /// The cells that were no text, from left to right.
    typed: Vec<(usize, CellKind)>,
    /// The cells that the file does not have, from left to right.
    absent: Vec<usize>,
}

/// What a cell was before it became text, where its file says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// A day, which a spreadsheet program may have made of anything like `1-2`.
    Date,
    /// True or false.
    Truth,
}

impl Row {
    /// An empty row to be filled by [`super::Table::next_row`].
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The line (CSV, JSONL) or row (XLSX) where it begins, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// How many cells it has; once read, as many as the header.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell of column `index` (from 0); empty when there is none.
    pub(crate) fn get(&self, index: usize) -> &str {
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).copied().unwrap_or(self.text.len()),
        };
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    /// What the cell of column `index` was, if it was no text and the file says so.
    pub(crate) fn kind(&self, index: usize) -> Option<CellKind> {
        self.typed.iter().find(|(place, _)| *place == index).map(|(_, kind)| *kind)
    }

    /// Whether the file has no cell there, as an object does that lacks the key; a cell without a value is there.
    pub(crate) fn is_absent(&self, index: usize) -> bool {
        index >= self.len() || self.absent.binary_search(&index).is_ok()
    }

    /// The cells from left to right.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Whether no cell holds anything but white space, as in the tail a spreadsheet program leaves behind.
    pub(super) fn is_blank(&self) -> bool {
        self.text.chars().all(char::is_whitespace)
    }

    /// All cells on end; for searches that do not care for columns.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn start(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.ends.clear();
        self.typed.clear();
        self.absent.clear();
    }

    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// A cell that the file does not have.
    pub(super) fn push_absent(&mut self) {
        self.absent.push(self.len());
        self.push("");
    }

    /// A cell that is more than text.
    pub(super) fn push_typed(&mut self, cell: &str, kind: Option<CellKind>) {
        self.typed.extend(kind.map(|kind| (self.len(), kind)));
        self.push(cell);
    }

    /// As many cells as the table has columns: those that are not written at the end are empty. Says whether a value stands
    /// further right.
    pub(super) fn fit(&mut self, columns: usize) -> bool {
        while self.len() < columns {
            self.push("");
        }
        let is_beyond = self.iter().skip(columns).any(|cell| !cell.trim().is_empty());
        self.ends.truncate(columns);
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
        is_beyond
    }
}

/// What is wrong with a row or one of its cells, before the file's name is put to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The column of the cell; none for the row as a whole.
    pub(super) place: Option<usize>,
    /// The value as read.
    pub(super) value: String,
    pub(super) reason: String,
    pub(super) advice: Option<String>,
    /// Whether it makes another row of this one, so that it counts in a column that nobody reads, too.
    pub(super) is_of_row: bool,
}

impl Fault {
    /// A fault of the row as a whole.
    pub(super) fn of_row(reason: impl Into<String>) -> Self {
        Self { place: None, value: String::new(), reason: reason.into(), advice: None, is_of_row: true }
    }

    /// A fault of one cell, which is none where nobody reads its column.
    pub(super) fn of_cell(place: usize, value: &str, reason: impl Into<String>) -> Self {
        let value = value.to_owned();
        Self { place: Some(place), value, reason: reason.into(), advice: None, is_of_row: false }
    }

    /// A fault in one cell that the row as a whole has.
    pub(super) fn of_row_at(place: usize, reason: impl Into<String>) -> Self {
        Self { place: Some(place), ..Self::of_row(reason) }
    }

    /// A cell that holds bytes which are no character of the file's encoding.
    pub(super) fn undecodable(place: usize, value: &str) -> Self {
        Self::of_cell(place, value, "does not fit the file's encoding")
            .advice("save the file as UTF-8, or say its encoding with `--encoding`")
    }

    pub(super) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Characters of a value that is shown in a fault.
const SHOWN: usize = 60;

/// A value fit to be shown: not too long, and without characters that steer a terminal.
pub(super) fn shorten(value: &str) -> String {
    let mut shown = String::new();
    for (count, character) in value.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}
