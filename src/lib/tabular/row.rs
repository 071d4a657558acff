//! One row of a table, in buffers that are used again for the next.

/// The cells of one row, as text; a cell without a value is the empty string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    line: u64,
    text: String,
    ends: Vec<usize>,
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
    }

    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }
}

/// What is wrong with a row or one of its cells, before the file's name is put to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The column's name; empty for the row as a whole.
    pub(super) column: String,
    /// The value as read.
    pub(super) value: String,
    pub(super) reason: String,
    pub(super) advice: Option<String>,
}

impl Fault {
    /// A fault of the row as a whole.
    pub(super) fn of_row(reason: impl Into<String>) -> Self {
        Self { column: String::new(), value: String::new(), reason: reason.into(), advice: None }
    }

    /// A fault of one cell.
    pub(super) fn of_cell(column: &str, value: &str, reason: impl Into<String>) -> Self {
        Self { column: column.into(), value: value.into(), reason: reason.into(), advice: None }
    }

    /// A cell that holds bytes which are no character of the file's encoding.
    pub(super) fn undecodable(column: &str, value: &str) -> Self {
        Self::of_cell(column, value, "does not fit the file's encoding")
            .advice("save the file as UTF-8, or say its encoding with `--encoding`")
    }

    pub(super) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}
