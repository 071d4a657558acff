//! Writing CSV (RFC 4180) that comes back as it went.

use std::borrow::Cow;
use std::io::Write;

use super::guard;

/// A CSV writer: commas, line feeds, quotation marks where they are needed.
pub(crate) struct CsvWriter<W: Write> {
    inner: csv::Writer<W>,
    raw: bool,
}

impl<W: Write> CsvWriter<W> {
    /// `raw` leaves out the guard against formulas, for files that only machines read; see
    /// [`guard`]. A raw cell that looks guarded, such as `'=1`, would lose its apostrophe in an import.
    pub(crate) fn new(output: W, raw: bool) -> Self {
        Self { inner: csv::WriterBuilder::new().flexible(true).from_writer(output), raw }
    }

    /// Writes one row; the header is the first.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> std::io::Result<()> {
        for cell in cells {
            let cell = if self.raw { Cow::Borrowed(cell) } else { guard::add(cell) };
            self.inner.write_field(cell.as_bytes())?;
        }
        self.inner.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes out what is buffered and gives the output back.
    pub(crate) fn finish(self) -> std::io::Result<W> {
        self.inner.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}
