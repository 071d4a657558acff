//! Packing a sheet into a temporary file, in a thread of its own: it takes longer than anything else about a workbook.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use zip::result::{ZipError, ZipResult};
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipArchive, ZipWriter};

use super::fail_once::FailOnceWriter;
use crate::error::Died;

/// Half the time of the default level 6 for files larger by a fortieth.
const COMPRESSION: i64 = 4;

/// Bytes that are written to the file at once.
const BUFFER: usize = 1 << 16;

/// Chunks that may wait: enough that neither side stands still, and little memory.
const WAITING: usize = 1;

/// Holds nothing but the sheet.
pub(super) type Archive = ZipArchive<BufReader<File>>;

/// Takes a sheet chunk by chunk.
pub(super) struct Packer {
    /// None once there are no more.
    chunks: Option<SyncSender<Vec<u8>>>,
    thread: Option<JoinHandle<ZipResult<Archive>>>,
}

impl Packer {
    /// Begins to pack into that file.
    pub(super) fn begin(file: File) -> io::Result<Self> {
        Self::of(move |chunks| pack(chunks, file))
    }

    fn of(pack: impl FnOnce(&Receiver<Vec<u8>>) -> ZipResult<Archive> + Send + 'static) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(WAITING);
        let thread = thread::Builder::new().spawn(move || pack(&chunks))?;
        Ok(Self { chunks: Some(sender), thread: Some(thread) })
    }

    /// Takes the next chunk.
    pub(super) fn take(&mut self, chunk: Vec<u8>) -> io::Result<()> {
        let taken = self.chunks.as_ref().is_some_and(|chunks| chunks.send(chunk).is_ok());
        // Who takes no more has failed, and says why.
        if taken { Ok(()) } else { self.finish().map(drop) }
    }

    /// The sheet, when all of it was taken.
    pub(super) fn finish(&mut self) -> io::Result<Archive> {
        self.chunks = None;
        let Some(thread) = self.thread.take() else { return Err(io::ErrorKind::Other.into()) };
        let packed = thread.join().map_err(|panic| io::Error::other(Died::of("packing a sheet", &*panic)))?;
        packed.map_err(cause)
    }
}

fn pack(chunks: &Receiver<Vec<u8>>, file: File) -> ZipResult<Archive> {
    let mut archive = ZipWriter::new(FailOnceWriter::new(BufWriter::with_capacity(BUFFER, file)));
    let options = SimpleFileOptions::default()
        .compression_level(Some(COMPRESSION))
        .unix_permissions(0o600)
        .last_modified_time(DateTime::default());
    archive.start_file("sheet.xml", options)?;
    for chunk in chunks {
        archive.write_all(&chunk)?;
    }
    let file = archive.finish()?.into_inner().into_inner().map_err(io::IntoInnerError::into_error)?;
    ZipArchive::new(BufReader::new(file))
}

/// Why an archive cannot be written or read.
pub(super) fn cause(error: ZipError) -> io::Error {
    match error {
        ZipError::Io(source) => source,
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::Packer;

    #[test]
    fn a_sheet_for_which_there_is_no_memory_is_an_error_that_says_so() {
        let begin = || Packer::of(|_| panic!("no more memory than {}", 7)).unwrap();
        let expected = "packing a sheet ended in the middle: no more memory than 7";
        assert_eq!(begin().finish().unwrap_err().to_string(), expected);
        let mut packer = begin();
        // Chunks are taken for as long as the thread lives.
        let failure = std::iter::repeat_with(|| packer.take(vec![0])).find_map(Result::err).unwrap();
        assert_eq!(failure.to_string(), expected);
    }
}
