//! What was wrong with the rows: the first faults in memory, all of them in a file if one is asked for.

use super::Error;
use crate::context::{Context, Refusal};
use crate::error::{BadRow, Result};
use crate::tabular::file::{Output, OutputError};
use crate::tabular::guard::Guarded;
use crate::tabular::write::CsvWriter;

/// Faults that are kept to be told; more are counted.
const KEPT: usize = 1000;

/// Warnings that are told; more are counted.
const WARNED: usize = 20;

/// The faults of an import.
#[derive(Default)]
pub(crate) struct Bad {
    kept: Vec<BadRow>,
    faults: u64,
    rows: u64,
    read: u64,
    denied: Denied,
    warnings: Vec<String>,
    warned: usize,
    notes: Vec<String>,
    repeated: u64,
    file: Option<File>,
    file_name: Option<String>,
}

/// Rows that are not the actor's to bring in.
#[derive(Default)]
struct Denied {
    rows: u64,
    first: String,
}

struct File {
    name: String,
    writer: CsvWriter<Output>,
}

impl Bad {
    /// Faults that are also written to `output`, a CSV file that appears when all rows were read.
    pub(crate) fn written_to(output: Output) -> Result<Self> {
        let mut file =
            File { name: output.name().to_owned(), writer: CsvWriter::new(output, Guarded::Everywhere) };
        file.write(["file", "line", "column", "value", "reason", "advice"])?;
        Ok(Self { file: Some(file), ..Self::default() })
    }

    /// Counts a row that was read, and says how many there were.
    pub(super) fn count_row(&mut self) -> u64 {
        self.read += 1;
        self.read
    }

    /// Adds the faults of one row.
    pub(super) fn add(&mut self, faults: Vec<BadRow>) -> Result<()> {
        self.rows += 1;
        if let Some(fault) = faults.iter().find(|fault| fault.is_denied) {
            self.denied.rows += 1;
            if self.denied.rows == 1 {
                self.denied.first = format!("{}:{}: {}", fault.file, fault.line, fault.reason);
            }
        }
        for fault in faults {
            self.faults += 1;
            if let Some(file) = &mut self.file {
                let advice = fault.advice.as_deref().unwrap_or_default();
                let line = fault.line.to_string();
                file.write([&fault.file, &line, &fault.column, &fault.value, &fault.reason, advice])?;
            }
            if self.kept.len() < KEPT {
                self.kept.push(fault);
            }
        }
        Ok(())
    }

    /// Whether any row was refused.
    pub(super) const fn has_rows(&self) -> bool {
        self.rows > 0
    }

    /// Counts a row that says nothing that another row did not say.
    pub(super) fn count_repeated(&mut self) {
        self.repeated += 1;
    }

    /// Keeps what there is to know of a file as a whole.
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// What there is to know of the files as a whole.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        let repeated = match self.repeated {
            0 => None,
            1 => Some("1 row repeats another and was passed over".to_owned()),
            rows => Some(format!("{rows} rows repeat others and were passed over")),
        };
        self.notes.iter().cloned().chain(repeated)
    }

    /// Keeps what there is to know of a row that was taken.
    pub(super) fn warn(&mut self, warning: String) {
        self.warned += 1;
        if self.warnings.len() < WARNED {
            self.warnings.push(warning);
        }
    }

    /// What there is to know of the rows that were taken: the first few, and how many more.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        let more = self.warned - self.warnings.len();
        let more = (more > 0).then(|| format!("{more} more such rows"));
        self.warnings.iter().cloned().chain(more)
    }

    /// Ends the file.
    pub(super) fn finish(&mut self) -> Result<()> {
        if let Some(File { name, writer }) = self.file.take() {
            let output = writer.finish().map_err(|source| OutputError::writing(&name, source))?;
            output.commit()?;
            self.file_name = Some(name);
        }
        Ok(())
    }

    /// Notes rows that were not the actor's to bring in: once for all of them, whatever became of the others.
    pub(crate) fn note_denied(&self, cx: &Context) {
        let Denied { rows, first } = &self.denied;
        let why = match rows {
            0 => return,
            1 => first.clone(),
            rows => format!("{first} (rows refused like that: {rows})"),
        };
        cx.note_refusal(Refusal { subject: None, why });
    }

    /// The error that tells of the refused rows, if there are any.
    pub(crate) fn error(&self, partial: bool) -> Option<Error> {
        (self.rows > 0).then(|| Error::Refused {
            refused: self.rows,
            read: self.read,
            rows: self.kept.clone(),
            faults: self.faults,
            partial,
            file: self.file_name.clone(),
        })
    }
}

impl File {
    fn write<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<()> {
        Ok(self.writer.row(cells).map_err(|source| OutputError::writing(&self.name, source))?)
    }
}
