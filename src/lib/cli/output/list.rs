//! Lists: machine formats stream row by row, a table is laid out when it is complete.

use std::io::{self, BufWriter, StdoutLock, Write as _};

use super::{Error, Format, Output, Record, table};
use crate::error::Result;
use crate::tabular::write::CsvWriter;

/// A list being printed. Dropped without [`List::finish`], it leaves the document incomplete on purpose: a reader of
/// half a list must notice.
pub(crate) struct List<R> {
    columns: Vec<usize>,
    sink: Sink<R>,
}

enum Sink<R> {
    Table(Output, Vec<R>),
    Json { out: BufWriter<StdoutLock<'static>>, line: Vec<u8>, lines: bool, rows: u64 },
    Csv(Box<CsvWriter<BufWriter<StdoutLock<'static>>>>),
}

impl<R: Record> List<R> {
    pub(super) fn start(output: &Output) -> Result<Self> {
        let default = if output.format == Format::Table { R::TABLE } else { R::FIELDS };
        let columns = chosen::<R>(output.columns.as_deref(), default)?;
        let stdout = || BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let sink = match output.format {
            Format::Table => Sink::Table(output.clone(), Vec::new()),
            Format::Json | Format::Jsonl => {
                Sink::Json { out: stdout(), line: Vec::new(), lines: output.format == Format::Jsonl, rows: 0 }
            }
            Format::Csv => {
                let mut writer = CsvWriter::new(stdout(), output.raw);
                let names: Vec<&str> =
                    columns.iter().filter_map(|index| R::FIELDS.get(*index).copied()).collect();
                writer.row(names).map_err(Error::from)?;
                Sink::Csv(Box::new(writer))
            }
        };
        Ok(Self { columns, sink })
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, row: &R) -> Result<()> {
        match &mut self.sink {
            Sink::Table(_, rows) => rows.push(row.clone()),
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
                out.write_all(line).map_err(Error::from)?;
            }
            Sink::Csv(writer) => {
                let cells: Vec<_> = self.columns.iter().map(|index| row.field(*index).text()).collect();
                writer.row(cells.iter().map(AsRef::as_ref)).map_err(Error::from)?;
            }
        }
        Ok(())
    }

    /// Ends the list.
    pub(crate) fn finish(self) -> Result<()> {
        match self.sink {
            Sink::Table(output, rows) => {
                if !rows.is_empty() {
                    super::text(&table::table(&output, &rows, &self.columns, output.columns.is_some()))?;
                }
            }
            Sink::Json { mut out, lines, rows, .. } => {
                let end: &[u8] = match (lines, rows) {
                    (true, _) => b"",
                    (false, 0) => b"[]\n",
                    (false, _) => b"\n]\n",
                };
                out.write_all(end).and_then(|()| out.flush()).map_err(Error::from)?;
            }
            Sink::Csv(writer) => writer.finish().and_then(|mut out| out.flush()).map_err(Error::from)?,
        }
        Ok(())
    }
}

/// The places of the asked columns, or of the default ones.
pub(super) fn chosen<R: Record>(asked: Option<&[String]>, default: &[&str]) -> Result<Vec<usize>> {
    let place = |name: &str| R::FIELDS.iter().position(|field| *field == name);
    let Some(asked) = asked else {
        return Ok(default.iter().filter_map(|name| place(name)).collect());
    };
    let mut places = Vec::with_capacity(asked.len());
    for name in asked {
        let place =
            place(name).ok_or_else(|| Error::UnknownColumn { column: name.clone(), known: R::FIELDS })?;
        places.push(place);
    }
    Ok(places)
}

/// Appends a row as one JSON object.
pub(super) fn append_object<R: Record>(out: &mut Vec<u8>, row: &R, columns: &[usize]) {
    out.push(b'{');
    for (count, index) in columns.iter().enumerate() {
        if count > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(R::FIELDS.get(*index).unwrap_or(&"").as_bytes());
        out.extend_from_slice(b"\":");
        row.field(*index).json(out);
    }
    out.push(b'}');
}
