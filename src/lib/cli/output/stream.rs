//! Rows for programs, written one by one as they come to any writer: standard output, or the file of an export.

use std::borrow::Cow;
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

/// A column of rows for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowColumn {
    /// The place among the fields.
    place: usize,
    /// What stands above it.
    heading: Cow<'static, str>,
    /// Yes where the field says no, and no where it says yes.
    is_opposite: bool,
}

impl RowColumn {
    /// What stands above it.
    pub(crate) fn heading(&self) -> &str {
        &self.heading
    }

    /// Whether it is called otherwise than its field, or says something else.
    pub(crate) fn is_renamed<R: Record>(&self) -> bool {
        self.is_opposite || R::FIELDS.get(self.place).is_none_or(|name| *name != self.heading)
    }

    /// Its cell in a row, as CSV has it.
    pub(crate) fn cell<'r, R: Record>(&self, row: &'r R) -> Cow<'r, str> {
        let cell = row.field(self.place).csv();
        match (self.is_opposite, cell.as_ref()) {
            (true, "yes") => Cow::Borrowed("No"),
            (true, "no") => Cow::Borrowed("Yes"),
            _ => cell,
        }
    }
}

/// Rows on their way to `W`. Dropped without [`Stream::finish`], it leaves the document incomplete on purpose: a
/// reader of half a list must notice.
pub(crate) struct Stream<R, W: Write> {
    columns: Vec<RowColumn>,
    places: Vec<usize>,
    sink: Sink<W>,
    rows: PhantomData<R>,
}

enum Sink<W: Write> {
    Json { out: W, line: Vec<u8>, lines: bool, rows: u64 },
    Csv { writer: Box<CsvWriter<W>>, shown: bool },
}

/// The columns asked for, all of them unless asked: the name of a field, `HEADING=FIELD` to call it otherwise, or
/// `HEADING=!FIELD` to turn yes and no round as well.
pub(crate) fn columns<R: Record>(asked: Option<&[String]>) -> Result<Vec<RowColumn>> {
    let Some(asked) = asked else {
        return Ok(fields::<R>(&chosen::<R>(None, R::FIELDS)?));
    };
    let mut columns = Vec::with_capacity(asked.len());
    for text in asked {
        let (heading, field) =
            text.rsplit_once('=').map_or((None, text.as_str()), |(heading, field)| (Some(heading), field));
        let is_opposite = heading.is_some() && field.starts_with('!');
        let name = if is_opposite { field.trim_start_matches('!') } else { field };
        for mut column in fields::<R>(&chosen::<R>(Some(&[name.trim().to_owned()]), R::FIELDS)?) {
            column.is_opposite = is_opposite;
            if let Some(heading) = heading {
                column.heading = Cow::Owned(heading.to_owned());
            }
            columns.push(column);
        }
    }
    Ok(columns)
}

/// The columns of these places, under the names of their fields.
pub(super) fn fields<R: Record>(places: &[usize]) -> Vec<RowColumn> {
    let column = |place: &usize| RowColumn {
        place: *place,
        heading: Cow::Borrowed(R::FIELDS.get(*place).copied().unwrap_or_default()),
        is_opposite: false,
    };
    places.iter().map(column).collect()
}

impl<R: Record, W: Write> Stream<R, W> {
    /// Begins a document of these columns; JSON has the names of their fields.
    pub(crate) fn start(out: W, encoding: Encoding, columns: Vec<RowColumn>) -> io::Result<Self> {
        let sink = match encoding {
            Encoding::Json | Encoding::Jsonl => {
                Sink::Json { out, line: Vec::new(), lines: encoding == Encoding::Jsonl, rows: 0 }
            }
            Encoding::Csv { guarded, shown } => {
                let mut writer = CsvWriter::new(out, guarded);
                writer.row(columns.iter().map(RowColumn::heading))?;
                Sink::Csv { writer: Box::new(writer), shown }
            }
        };
        let places = columns.iter().map(|column| column.place).collect();
        Ok(Self { columns, places, sink, rows: PhantomData })
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, row: &R) -> io::Result<()> {
        match &mut self.sink {
            Sink::Json { out, line, lines, rows } => {
                line.clear();
                if !*lines {
                    line.extend_from_slice(if *rows == 0 { b"[\n" } else { b",\n" });
                }
                append_object(line, row, &self.places);
                if *lines {
                    line.push(b'\n');
                }
                *rows += 1;
                out.write_all(line)
            }
            Sink::Csv { writer, shown } => {
                let cells: Vec<_> = self.columns.iter().map(|column| column.cell(row)).collect();
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
