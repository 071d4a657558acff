//! Rows for programs, written one by one as they come to any writer: standard output, or the file of an export.

use std::io::{self, Write};
use std::marker::PhantomData;

use super::Record;
use super::list::{append_object, chosen};
use crate::error::Result;
use crate::tabular::guard::Guarded;
use crate::tabular::write::CsvWriter;
use crate::text::width::sanitize_for_terminal;

/// How rows are written for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// RFC 4180 with a header.
    Csv {
        /// Where cells are guarded against being run as formulas.
        guarded: Guarded,
        /// On a terminal, where no cell may drive it.
        shown: bool,
    },
}

/// Rows on their way to `W`. Dropped without [`Stream::finish`], it leaves the document incomplete on purpose: a
/// reader of half a list must notice.
pub(crate) struct Stream<R, W: Write> {
    columns: Vec<usize>,
    sink: Sink<W>,
    rows: PhantomData<R>,
}

enum Sink<W: Write> {
    Json { out: W, line: Vec<u8>, lines: bool, rows: u64 },
    Csv { writer: Box<CsvWriter<W>>, shown: bool },
}

/// The places in [`Record::FIELDS`] of the columns asked for; all of them unless asked.
pub(crate) fn columns<R: Record>(asked: Option<&[String]>) -> Result<Vec<usize>> {
    chosen::<R>(asked, R::FIELDS)
}

impl<R: Record, W: Write> Stream<R, W> {
    /// Begins a document of these columns, given by their places.
    pub(crate) fn start(out: W, encoding: Encoding, columns: Vec<usize>) -> io::Result<Self> {
        let sink = match encoding {
            Encoding::Json | Encoding::Jsonl => {
                Sink::Json { out, line: Vec::new(), lines: encoding == Encoding::Jsonl, rows: 0 }
            }
            Encoding::Csv { guarded, shown } => {
                let mut writer = CsvWriter::new(out, guarded);
                writer.row(columns.iter().filter_map(|index| R::FIELDS.get(*index).copied()))?;
                Sink::Csv { writer: Box::new(writer), shown }
            }
        };
        Ok(Self { columns, sink, rows: PhantomData })
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, row: &R) -> io::Result<()> {
        match &mut self.sink {
            Sink::Json { out, line, lines, rows } => {
                line.clear();
                if !*lines {
                    line.extend_from_slice(if *rows == 0 { b"[\n" } else { b",\n" });
                }
                append_object(line, row, &self.columns);
                if *lines {
                    line.push(b'\n');
                }
                *rows += 1;
                out.write_all(line)
            }
            Sink::Csv { writer, shown } => {
                let cells: Vec<_> = self.columns.iter().map(|index| row.field(*index).csv()).collect();
                if *shown {
                    let cells: Vec<_> = cells.iter().map(|cell| sanitize_for_terminal(cell)).collect();
                    return writer.row(cells.iter().map(AsRef::as_ref));
                }
                writer.row(cells.iter().map(AsRef::as_ref))
            }
        }
    }

    /// Ends the document and gives the writer back.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self.sink {
            Sink::Json { mut out, lines, rows, .. } => {
                let end: &[u8] = match (lines, rows) {
                    (true, _) => b"",
                    (false, 0) => b"[]\n",
                    (false, _) => b"\n]\n",
                };
                out.write_all(end)?;
                Ok(out)
            }
            Sink::Csv { writer, .. } => writer.finish(),
        }
    }
}
