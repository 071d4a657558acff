//! Lists: machine formats stream row by row, a table is laid out when it is complete.

use std::borrow::Cow;
use std::io::{BufWriter, Write as _};

use super::stream::{self, Encoding, Stream};
use super::{Error, Format, Output, Record, Stdout, table};
use crate::error::Result;
use crate::tabular::guard::Guarded;
use crate::text::width::sanitize_json;

/// A list being printed. Dropped without [`List::finish`], it leaves the document incomplete on purpose: a reader of
/// half a list must notice.
pub(crate) enum List<R: Record> {
    /// For people.
    Table {
        /// How to print.
        output: Output,
        /// What to show, as places in [`Record::FIELDS`].
        columns: Vec<usize>,
        /// What has come so far.
        rows: Vec<R>,
    },
    /// For programs.
    Stream(Stream<R, BufWriter<Stdout>>),
}

impl<R: Record> List<R> {
    pub(super) fn start(output: &Output, guarded: Guarded, stdout: Stdout) -> Result<Self> {
        let encoding = match output.format {
            Format::Table => {
                let columns = chosen::<R>(output.columns.as_deref(), R::TABLE)?;
                return Ok(Self::Table { output: output.clone(), columns, rows: Vec::new() });
            }
            Format::Json => Encoding::Json,
            Format::Jsonl => Encoding::Jsonl,
            Format::Csv => output.csv(guarded, true),
        };
        let columns = stream::fields::<R>(&chosen::<R>(output.columns.as_deref(), R::FIELDS)?);
        let stdout = BufWriter::with_capacity(1 << 16, stdout);
        Ok(Self::Stream(Stream::start(stdout, encoding, columns).map_err(Error::from)?))
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, row: &R) -> Result<()> {
        match self {
            Self::Table { rows, .. } => rows.push(row.clone()),
            Self::Stream(stream) => stream.row(row).map_err(Error::from)?,
        }
        Ok(())
    }

    /// Ends the list. That there is nothing in a table is said, for an empty answer reads as none.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Table { output, columns, rows } => {
                if rows.is_empty() {
                    output.say("nothing matches");
                } else {
                    super::text(&table::table(&output, &rows, &columns, output.columns.is_some()))?;
                }
            }
            Self::Stream(stream) => stream.finish().and_then(|mut out| out.flush()).map_err(Error::from)?,
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

/// Appends a row as one JSON object, in which nothing drives a terminal.
pub(super) fn append_object<R: Record>(out: &mut Vec<u8>, row: &R, columns: &[usize]) {
    let start = out.len();
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
    if let Some(Cow::Owned(harmless)) =
        std::str::from_utf8(out.get(start..).unwrap_or_default()).ok().map(sanitize_json)
    {
        out.truncate(start);
        out.extend_from_slice(harmless.as_bytes());
    }
}
