//! Workbooks (ECMA-376), one sheet, row by row.
//!
//! The reader of the sheet borrows the workbook, and it is made for files that people trust. Both are answered by a
//! thread of its own: it owns the workbook, hands over rows in batches through a short queue, and ends when nobody
//! takes them. Should the reader panic over a malformed file, the thread ends, and the file is refused; should it lack memory,
//! reading failed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::archive;
use super::beginning::{self, Beginning};
use super::error::InputError;
use super::row::{Fault, Row};
use super::xlsx_aside::Aside;
use super::xlsx_line::{Cell, Judged, Line, Merges};
use crate::error::Died;

/// Rows handed over at once, and batches that may wait.
const BATCH: usize = 256;
const WAITING: usize = 4;

/// What the thread says.
enum Message {
    /// The names of the columns, the row in which they stand, and the names of the sheets there are.
    Header(Vec<String>, u64, Vec<String>),
    /// The first rows, and what stands beside them all; before any others.
    Beginning(Vec<Beginning>, Aside),
    Rows(Vec<Judged>),
    Failed(InputError),
    End,
}

/// The rows of one sheet.
pub(super) struct SheetRows {
    messages: Receiver<Message>,
    thread: Option<JoinHandle<()>>,
    batch: std::vec::IntoIter<Judged>,
    ended: bool,
    /// The row that names the columns.
    header: u64,
    beginning: Vec<Beginning>,
    aside: Aside,
}

impl SheetRows {
    /// Opens the named sheet, or the first visible one, whose header stands in that row or below; gives the header and the
    /// names of all sheets too.
    pub(super) fn open(
        file: File,
        name: &str,
        (sheet, from_row): (Option<String>, u64),
    ) -> Result<(Self, Vec<String>, Vec<String>), InputError> {
        let hiding = archive::inspect(&file, name)?;
        let (sender, messages) = sync_channel(WAITING);
        let walk = Walk { name: name.into(), sender };
        let begun = std::thread::Builder::new().spawn(move || walk.run(file, sheet, from_row, &hiding));
        let thread = begun.map_err(|source| InputError::Read { file: name.into(), source })?;
        let mut rows = Self {
            messages,
            thread: Some(thread),
            batch: Vec::new().into_iter(),
            ended: false,
            header: 0,
            beginning: Vec::new(),
            aside: Aside::default(),
        };
        let (header, sheets) = rows.header(name)?;
        Ok((rows, header, sheets))
    }

    /// The first rows, once any of them was read.
    pub(super) fn beginning(&self) -> &[Beginning] {
        &self.beginning
    }

    /// What there is to know beside the rows.
    pub(super) fn remarks(
        &self,
        (file, header): (&str, &[String]),
        is_read: &dyn Fn(usize) -> bool,
    ) -> Vec<String> {
        self.aside.remarks((file, header, self.header), is_read)
    }

    /// Why the thread ended before it said that it would.
    fn broken(&mut self, name: &str) -> InputError {
        let panic = self.thread.take().and_then(|thread| thread.join().err());
        let died = panic.map(|panic| Died::of("reading a workbook", &*panic));
        match died.filter(Died::is_for_want_of_memory) {
            Some(died) => InputError::Read { file: name.into(), source: io::Error::other(died) },
            None => InputError::BadWorkbook { file: name.into(), reason: "its structure is broken".into() },
        }
    }

    fn header(&mut self, name: &str) -> Result<(Vec<String>, Vec<String>), InputError> {
        loop {
            return match self.messages.recv() {
                Ok(Message::Header(header, row, sheets)) => {
                    self.header = row;
                    Ok((header, sheets))
                }
                Ok(Message::Failed(error)) => Err(error),
                // What stands above the header, where none was found.
                Ok(Message::Beginning(..) | Message::Rows(_)) => continue,
                Ok(Message::End) => Err(InputError::Empty { file: name.into() }),
                Err(_) => Err(self.broken(name)),
            };
        }
    }

    /// The next row that holds anything; `false` at the end.
    pub(super) fn next(
        &mut self,
        name: &str,
        row: &mut Row,
        faults: &mut Vec<Fault>,
    ) -> Result<bool, InputError> {
        loop {
            if let Some((read, mut found)) = self.batch.next() {
                *row = read;
                faults.append(&mut found);
                return Ok(true);
            }
            if self.ended {
                return Ok(false);
            }
            match self.messages.recv() {
                Ok(Message::Rows(rows)) => self.batch = rows.into_iter(),
                Ok(Message::Beginning(rows, aside)) => (self.beginning, self.aside) = (rows, aside),
                Ok(Message::End | Message::Header(..)) => self.ended = true,
                Ok(Message::Failed(error)) => return Err(error),
                Err(_) => return Err(self.broken(name)),
            }
        }
    }
}

/// The thread's side.
struct Walk {
    name: String,
    sender: SyncSender<Message>,
}

/// Why the thread stops before the last row.
enum Stop {
    Failed(InputError),
    /// Nobody wants further rows.
    Unwanted,
}

impl Walk {
    fn run(self, file: File, sheet: Option<String>, from_row: u64, hiding: &[String]) {
        let last = match self.rows(file, sheet, from_row, hiding) {
            Ok(()) => Message::End,
            Err(Stop::Failed(error)) => Message::Failed(error),
            Err(Stop::Unwanted) => return,
        };
        // The receiver may be gone, which is no fault.
        drop(self.sender.send(last));
    }

    fn rows(&self, file: File, sheet: Option<String>, from_row: u64, hiding: &[String]) -> Result<(), Stop> {
        let bad = |error: XlsxError| self.bad(&error);
        let file = At::new(file);
        let mut book =
            Xlsx::new(BufReader::new(file.again().map_err(XlsxError::Io).map_err(bad)?)).map_err(bad)?;
        let sheet = self.choose(&mut book, sheet)?;
        let sheets = book.sheets_metadata().iter().map(|sheet| sheet.name.clone()).collect::<Vec<_>>();
        let joined = book.merge_cells_by_sheet_name(&sheet).map_err(bad)?;
        let aside = Aside::of(&mut book, &file.file, (&sheet, hiding));
        let mut first = Some((Vec::new(), aside));
        let mut cells = book.worksheet_cells_reader(&sheet).map_err(bad)?;
        // How a cell is shown is read beside its value only where that may matter: it takes as long again.
        let is_padded = cells.styles().iter().any(|style| padding(style).is_some());
        let mut styled_book =
            if is_padded { Some(Xlsx::new(BufReader::new(file)).map_err(bad)?) } else { None };
        let mut styled = match &mut styled_book {
            Some(book) => Some(book.worksheet_cells_reader(&sheet).map_err(bad)?),
            None => None,
        };
        let mut line = Line::default();
        let mut header: Option<Vec<String>> = None;
        let mut merges = Merges::default();
        let mut last = 0;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let cell = cells.next_cell_with_formula_metadata().map_err(bad)?;
            let shown = match &mut styled {
                Some(styled) => styled.next_cell_with_style_id().map_err(bad)?.map(|(_, style)| style),
                None => None,
            };
            let position = cell.as_ref().map(|cell| cell.pos);
            if line.is_over(position) {
                if let Some((rows, _)) = first.as_mut().filter(|(rows, _)| rows.len() < beginning::LINES) {
                    rows.push((line.row(), line.texts()));
                }
                if let Some(columns) = &header {
                    batch.extend(line.judge(columns, &mut merges));
                } else if line.row() >= from_row
                    && let Some(columns) = line.header().map_err(|fault| self.broken_header(&line, &fault))?
                {
                    self.send(Message::Header(columns.clone(), line.row(), sheets.clone()))?;
                    merges = Merges::below(&joined, line.row());
                    header = Some(columns);
                }
                last = line.row();
                line.clear();
            }
            if batch.len() >= BATCH || cell.is_none() {
                if let Some((rows, aside)) = first.take() {
                    self.send(Message::Beginning(rows, aside))?;
                }
                self.send(Message::Rows(std::mem::take(&mut batch)))?;
            }
            let Some(cell) = cell else {
                return if header.is_none() && from_row > 1 {
                    Err(self.no_such_line(from_row, last))
                } else {
                    Ok(())
                };
            };
            let digits = shown.and_then(|style| cells.styles().get(style)).and_then(padding);
            line.put(cell.pos, Cell::of(&cell.value, cell.formula.is_some(), digits));
        }
    }

    /// The sheet that is asked for, else the first visible one with anything in it.
    fn choose(&self, book: &mut Xlsx<BufReader<At>>, asked: Option<String>) -> Result<String, Stop> {
        let sheets = book.sheets_metadata().to_vec();
        let Some(asked) = asked else {
            let mut readable: Vec<_> =
                sheets.into_iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
            readable.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
            for sheet in readable.iter().filter(|sheet| sheet.visible == SheetVisible::Visible) {
                if self.has_cells(book, &sheet.name)? {
                    return Ok(sheet.name.clone());
                }
            }
            return readable
                .first()
                .map(|sheet| sheet.name.clone())
                .ok_or_else(|| Stop::Failed(InputError::Empty { file: self.name.clone() }));
        };
        if sheets.iter().any(|sheet| sheet.name == asked) {
            return Ok(asked);
        }
        let sheets = sheets.iter().map(|sheet| sheet.name.clone()).collect();
        Err(Stop::Failed(InputError::NoSheet { file: self.name.clone(), sheet: asked, sheets }))
    }

    fn has_cells(&self, book: &mut Xlsx<BufReader<At>>, sheet: &str) -> Result<bool, Stop> {
        let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| self.bad(&error))?;
        while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|error| self.bad(&error))? {
            if !Cell::of(&cell.value, cell.formula.is_some(), None).is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn bad(&self, error: &XlsxError) -> Stop {
        let file = self.name.clone();
        Stop::Failed(match error {
            XlsxError::Password => InputError::Protected { file },
            _ => InputError::BadWorkbook { file, reason: error.to_string() },
        })
    }

    fn no_such_line(&self, line: u64, lines: u64) -> Stop {
        Stop::Failed(InputError::NoSuchLine { file: self.name.clone(), line, lines })
    }

    fn broken_header(&self, line: &Line, (number, reason): &(usize, &'static str)) -> Stop {
        let (file, line) = (self.name.clone(), line.row());
        Stop::Failed(InputError::BrokenHeader { file, line, number: *number, reason })
    }

    fn send(&self, message: Message) -> Result<(), Stop> {
        self.sender.send(message).map_err(|_| Stop::Unwanted)
    }
}

/// A file that is read from a place of its own, whoever else reads it.
struct At {
    file: File,
    place: u64,
}

impl At {
    fn new(file: File) -> Self {
        Self { file, place: 0 }
    }

    /// The same file once more, from its beginning.
    fn again(&self) -> io::Result<Self> {
        Ok(Self::new(self.file.try_clone()?))
    }
}

impl Read for At {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.place)?;
        self.place += read as u64;
        Ok(read)
    }
}

impl Seek for At {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.place.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.place = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.place)
    }
}

/// How many digits a number is shown with at least, if its cell shows nothing but digits: `0000`.
fn padding(style: &calamine::Style) -> Option<usize> {
    let code = style.number_format.as_ref()?.format_code.as_str();
    (code.len() > 1 && code.bytes().all(|byte| byte == b'0')).then_some(code.len())
}
