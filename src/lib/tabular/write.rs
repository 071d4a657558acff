//! Writing CSV (RFC 4180) that comes back as it went.

use std::io::Write;

use super::guard::{self, Guarded};

/// A CSV writer: commas, line feeds, quotation marks where they are needed.
pub(crate) struct CsvWriter<W: Write> {
    inner: csv::Writer<W>,
    guarded: Guarded,
}

impl<W: Write> CsvWriter<W> {
    /// A writer of cells that are guarded against being run as formulas; see [`guard`].
    pub(crate) fn new(output: W, guarded: Guarded) -> Self {
        Self { inner: csv::WriterBuilder::new().flexible(true).from_writer(output), guarded }
    }

    /// Writes one row; the header is the first.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> std::io::Result<()> {
        for cell in cells {
            self.inner.write_field(guard::add(cell, self.guarded).as_bytes()).map_err(as_io)?;
        }
        self.inner.write_record(None::<&[u8]>).map_err(as_io)
    }

    /// Writes out what is buffered and gives the output back.
    pub(crate) fn finish(self) -> std::io::Result<W> {
        self.inner.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// The output's own error: the conversion that `csv` brings makes every kind of it `Other`, and whether a pipe was closed or
/// a disk is full would be lost.
fn as_io(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Write};

    use super::{CsvWriter, Guarded};

    /// An output that takes nothing.
    struct Refusing(ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn why_the_output_failed_is_not_lost() {
        let wide = "x".repeat(100_000);
        for kind in [ErrorKind::BrokenPipe, ErrorKind::StorageFull] {
            let mut writer = CsvWriter::new(Refusing(kind), Guarded::Everywhere);
            assert_eq!(writer.row([&*wide]).unwrap_err().kind(), kind);
            let mut writer = CsvWriter::new(Refusing(kind), Guarded::Everywhere);
            assert_eq!(writer.row(vec!["x"; 100_000]).unwrap_err().kind(), kind, "between two cells");
        }
    }
}
