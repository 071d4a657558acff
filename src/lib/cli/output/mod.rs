//! What commands print: rows as a table, JSON, JSON Lines or CSV on standard output; everything said to the person on
//! standard error.

mod list;
mod record;
mod stdout;
pub(crate) mod stream;
mod table;

#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::retry_on_intr;
use serde_json::json;
use zeroize::Zeroizing;

pub(crate) use list::List;
pub(crate) use record::{Field, Record, append_json, record};
pub(crate) use stdout::{Stdout, settle};

use super::{Clocks, StoreFlags};
use crate::error::{Explain, Kind, Result};
use crate::tabular::guard::{self, Guarded};
use crate::text::secret::Secret;
use crate::text::width::{sanitize_json, sanitize_lines};

/// How many seconds somebody has to begin to read what a secret is shown to.
const READ_WITHIN: i64 = 5;

/// How long a secret may take to be shown then: the change that waits for it keeps every other one waiting.
const SHOWN_WITHIN: Duration = Duration::from_millis(500);

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// RFC 4180, with a header.
    Csv,
}

/// What `--format` takes: how to print, or the workbook that only `export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormatArg {
    /// A way to print.
    Print(Format),
    /// A workbook.
    Xlsx,
}

impl ValueEnum for FormatArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [FormatArg; 5] = [
            FormatArg::Print(Format::Table),
            FormatArg::Print(Format::Json),
            FormatArg::Print(Format::Jsonl),
            FormatArg::Print(Format::Csv),
            FormatArg::Xlsx,
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Print(format) => format.to_possible_value(),
            Self::Xlsx => Some(PossibleValue::new("xlsx").help("A workbook; exports alone write it")),
        }
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Printing that cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// `--columns` names a field the list does not have.
    #[error("there is no column `{column}`")]
    UnknownColumn {
        /// The name.
        column: String,
        /// The fields there are.
        known: &'static [&'static str],
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Write {
        /// Why.
        source: io::Error,
    },
    /// A secret that is shown once went nowhere. Who reads no further is no success here.
    #[error("the password could not be shown, so it is not set")]
    Unseen {
        /// Why.
        source: io::Error,
    },
    /// The reader of standard output went away, which ends a long list in silence.
    #[error("standard output was closed")]
    Closed,
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownColumn { .. } => "output.unknown_column",
            Self::Write { .. } => "output.write",
            Self::Unseen { .. } => "output.unseen",
            Self::Closed => "output.closed",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::UnknownColumn { .. } => Kind::Usage,
            Self::Write { .. } | Self::Unseen { .. } | Self::Closed => Kind::Io,
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::UnknownColumn { column, known } => {
                Some(match crate::text::suggest::nearest(column, known.iter().copied()).first() {
                    Some(near) => format!("did you mean `{near}`? the columns are {}", known.join(", ")),
                    None => format!("the columns are {}", known.join(", ")),
                })
            }
            Self::Unseen { .. } => {
                Some("nothing was changed; run it again where standard output can be written".to_owned())
            }
            Self::Write { .. } | Self::Closed => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Write { source } }
    }
}

/// How this command prints, decided once from the global flags and the terminal.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// How rows are printed.
    pub(crate) format: Format,
    /// The columns asked for, if any.
    pub(crate) columns: Option<Vec<String>>,
    /// Whether standard output takes colours.
    pub(crate) color: bool,
    /// Columns of the terminal; none when standard output is no terminal, so that nothing is cut in a pipe.
    pub(crate) width: Option<usize>,
    /// Say nothing but errors.
    pub(crate) quiet: bool,
    /// Write CSV cells as they are, without the guard against formulas.
    pub(crate) raw: bool,
    /// What printed commands say of where the store is.
    pub(crate) store_flags: StoreFlags,
    /// By which clocks people are told of times.
    pub(crate) clocks: Clocks,
}

impl Output {
    /// Starts a list; its rows are printed as they come, or when it is finished.
    pub(crate) fn list<R: Record>(&self) -> Result<List<R>> {
        List::start(self, Guarded::Everywhere, Stdout::of_answer())
    }

    /// Starts a list that may be long and is all there is to the answer: it fails, in silence, when nobody reads any more.
    pub(crate) fn long_list<R: Record>(&self) -> Result<List<R>> {
        List::start(self, Guarded::Everywhere, Stdout::of_long_list())
    }

    /// Prints one object: all its fields, one a line, or as one JSON object or one CSV row.
    pub(crate) fn object<R: Record>(&self, row: &R) -> Result<()> {
        match self.format {
            Format::Table => text(&table::fields(self, row)?),
            Format::Json | Format::Jsonl => {
                let mut line = Vec::new();
                list::append_object(&mut line, row, &list::chosen::<R>(self.columns.as_deref(), R::FIELDS)?);
                line.push(b'\n');
                write_out(&line)
            }
            Format::Csv => {
                let mut list = List::<R>::start(self, Guarded::AtTheStart, Stdout::of_answer())?;
                list.row(row)?;
                list.finish()
            }
        }
    }

    /// Prints a JSON document: indented for people, in one line for `jsonl`.
    pub(crate) fn document(&self, value: &serde_json::Value) -> Result<()> {
        let json = match self.format {
            Format::Jsonl => format!("{value}\n"),
            Format::Table | Format::Json | Format::Csv => format!("{value:#}\n"),
        };
        text(&sanitize_json(&json))
    }

    /// How CSV is written, to standard output or elsewhere.
    pub(crate) fn csv(&self, guarded: Guarded, to_stdout: bool) -> stream::Encoding {
        let guarded = if self.raw { Guarded::Nowhere } else { guarded };
        stream::Encoding::Csv { guarded, shown: to_stdout && self.width.is_some() }
    }

    /// Says something to the person, on standard error, unless `--quiet`.
    pub(crate) fn say(&self, message: &str) {
        if !self.quiet {
            // In the order in which it is printed and said; what cannot be written is told by who writes.
            settle().ok();
            let message = self.store_flags.in_text(message);
            let message = self.clocks.in_text(&message);
            io::stderr().write_all(sanitize_lines(&message).as_bytes()).ok();
        }
    }

    /// Says what nobody may miss, on standard error, whatever the flags.
    pub(crate) fn warn(&self, message: &str) {
        Self { quiet: false, ..self.clone() }.say(message);
    }

    /// Prints sentences for people to standard output.
    pub(crate) fn prose(&self, sentences: &str) -> Result<()> {
        text(&self.clocks.in_text(sentences))
    }

    /// Prints a stored value alone in its line: as it is for a program, harmless on a terminal.
    pub(crate) fn value(&self, value: &str) -> Result<()> {
        if self.width.is_some() { text(&sanitize_lines(value)) } else { text(&format!("{value}\n")) }
    }

    /// Whether rows go to people rather than to a program.
    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }
}

/// Prints the beginning of a JSON object: the fields of `row`, and the name of a last one. The caller prints its value, and
/// the brace that ends the object.
pub(crate) fn begin_object<R: Record>(row: &R, last: &str) -> Result<()> {
    let mut object = Vec::new();
    list::append_object(&mut object, row, &list::chosen::<R>(None, R::FIELDS)?);
    object.pop();
    object.extend_from_slice(format!(",\"{last}\":").as_bytes());
    write_out(&object)
}

/// Prints text to standard output as it is.
pub(crate) fn text(text: &str) -> Result<()> {
    write_out(text.as_bytes())
}

/// Prints a secret that is never shown again to standard output, before it counts: when this returns, it was written.
///
/// A reader who takes nothing in at once is given up, and with that the change: only the thread that writes waits on, until
/// the process ends. What waits for a reader, while it keeps nobody waiting, is [`await_reader`].
fn secret(text: Zeroizing<String>) -> Result<()> {
    is_read(Timespec::default())?;
    let (told, is_shown) = mpsc::sync_channel(1);
    let writer = thread::Builder::new().spawn(move || told.send(write_secret(&text)).ok());
    let written = writer.and_then(|_| is_shown.recv_timeout(SHOWN_WITHIN).unwrap_or_else(|_| Err(unread())));
    Ok(written.map_err(|source| Error::Unseen { source })?)
}

/// The one place where a secret is printed: one that was just made, of that name, and whose it is, on standard output alone.
pub(crate) fn secret_of(
    out: &Output,
    (field, of): (&str, &str),
    (name, made): (&str, &Secret),
) -> Result<()> {
    let object = json!({ field: of, name: made.expose() });
    secret(Zeroizing::new(match out.format {
        Format::Table => format!("{}\n", made.expose()),
        Format::Jsonl => format!("{object}\n"),
        Format::Json => format!("{object:#}\n"),
        Format::Csv => {
            let guarded = if out.raw { Guarded::Nowhere } else { Guarded::AtTheStart };
            let mut of = guard::add(of, guarded).into_owned();
            if of.contains([',', '"']) {
                of = format!("\"{}\"", of.replace('"', "\"\""));
            }
            // A secret that was made has nothing that is to be quoted.
            format!("{field},{name}\n{of},{}\n", made.expose())
        }
    }))
}

/// Waits until standard output takes something in, before a secret is shown with the store locked.
pub(crate) fn await_reader() -> Result<()> {
    Ok(is_read(Timespec { tv_sec: READ_WITHIN, tv_nsec: 0 })?)
}

/// Refuses a standard output that takes nothing in within that time. One whose reader has gone fails when it is written.
fn is_read(within: Timespec) -> Result<(), Error> {
    if stdout::is_behind() {
        return Err(Error::Unseen { source: unread() });
    }
    let out = io::stdout();
    let mut asked = [PollFd::new(&out, PollFlags::OUT)];
    let ready = retry_on_intr(|| poll(&mut asked, Some(&within)));
    match ready {
        Ok(0) => Err(Error::Unseen { source: unread() }),
        Ok(_) => Ok(()),
        Err(error) => Err(Error::Unseen { source: error.into() }),
    }
}

fn unread() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "nobody reads standard output")
}

fn write_secret(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    check_open(&out)?;
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Refuses a standard output that was closed when the command began: in its place, Rust opens `/dev/null` for reading
/// and writing. Who wants nothing to be shown opens it for writing.
fn check_open(out: &impl AsFd) -> io::Result<()> {
    let (mine, null) = (rustix::fs::fstat(out)?, rustix::fs::stat("/dev/null")?);
    let is_null = (mine.st_dev, mine.st_ino) == (null.st_dev, null.st_ino);
    if is_null && rustix::fs::fcntl_getfl(out)?.contains(OFlags::RDWR) {
        return Err(io::Error::other("standard output is closed"));
    }
    Ok(())
}

/// Prints bytes to standard output.
fn write_out(bytes: &[u8]) -> Result<()> {
    let mut out = Stdout::of_answer();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Error::from)?;
    Ok(())
}

/// The columns of the terminal behind standard output, if it is one.
pub(crate) fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let asked = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col);
    let width = asked.filter(|columns| *columns > 0).or_else(crate::config::columns_hint).unwrap_or(80);
    Some(usize::from(width))
}

/// Whether standard output takes colours.
pub(crate) fn wants_color(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => io::stdout().is_terminal() && !crate::config::no_color(),
    }
}
