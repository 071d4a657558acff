//! Where quotation marks stand in a record of CSV.
//!
//! The record parser takes any bytes. A quotation mark that opens and is never closed swallows the rows behind it, and
//! text behind a closing one is glued on: both make other people of the file than those who wrote it meant, and neither
//! can be seen in the cells. So the marks are followed here, in every column, whether anybody reads it or not. A mark
//! inside an unquoted cell (`5" disk`) separates and loses nothing, and is kept.

/// What is wrong with the quotation marks of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misquoted {
    /// The file ends inside.
    Unclosed,
    /// It is closed on a later line, and what lies between has text and just the delimiters of whole rows: rather two marks
    /// that nobody closed, in two rows.
    Swallowing,
    /// Something follows a closing mark before the next delimiter.
    TextBehind,
    /// The mark does not stand right behind the delimiter, so that it quotes nothing.
    BlanksBefore,
}

impl Misquoted {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Unclosed => "has a quotation mark that is not closed",
            Self::Swallowing => {
                "has a quotation mark that is closed on a later line, behind what looks like other rows"
            }
            Self::TextBehind => "has text behind a closing quotation mark",
            Self::BlanksBefore => "has blanks before a quotation mark",
        }
    }

    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Unclosed => {
                "close it, or write it twice in a quoted cell; what stands behind it in the file was not read"
            }
            Self::Swallowing => {
                "close it where its cell ends, or leave it out; if all of it is one cell, take away its last character"
            }
            Self::TextBehind => {
                "end the cell there, or write marks that belong to the value twice; is one on a line before it not closed?"
            }
            Self::BlanksBefore => "begin the cell with the quotation mark",
        }
    }
}

/// The marks of the record at hand.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    delimiter: u8,
    /// What ends a line of the file: a line feed, alone or behind a carriage return, or a carriage return alone.
    line_end: u8,
    place: QuoteState,
    /// The column, from 0.
    column: usize,
    /// The column where the last mark opened.
    opened: usize,
    /// The lines that ended since, the delimiters since, and the last byte.
    lines: usize,
    delimiters: usize,
    last: u8,
    /// Whether anything else stood since.
    has_text: bool,
    /// How many columns the table has; 0 while that is not known.
    columns: usize,
    /// The first thing that is wrong, and its column.
    fault: Option<(Misquoted, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum QuoteState {
    /// At the beginning of a cell.
    #[default]
    Start,
    /// Behind nothing but blanks.
    Blank,
    /// In an unquoted cell.
    Text,
    /// Between quotation marks.
    Quoted,
    /// Behind a mark that closes, unless another follows.
    Closed,
    /// Behind blanks that follow it.
    Behind,
}

impl Quotes {
    /// Those of a table whose cells are separated by `delimiter`, and whose lines are ended by `line_end`.
    pub(super) fn new(delimiter: u8, line_end: u8) -> Self {
        Self { delimiter, line_end, ..Self::default() }
    }

    /// A record begins, of a table with so many columns; 0 where that is not known.
    pub(super) fn start(&mut self, columns: usize) {
        *self = Self { columns, ..Self::new(self.delimiter, self.line_end) };
    }

    /// Follows the next bytes of the record; `is_all` says that they are all of it.
    pub(super) fn follow(&mut self, bytes: &[u8], is_all: bool) {
        if is_all && memchr::memchr(b'"', bytes).is_none() {
            return;
        }
        for &byte in bytes {
            self.place = self.next(byte);
        }
    }

    /// What is wrong, and in which column, now that the record has ended.
    pub(super) fn fault(&self) -> Option<(Misquoted, usize)> {
        let found = match self.place {
            QuoteState::Quoted => Some(Misquoted::Unclosed),
            QuoteState::Closed | QuoteState::Behind if self.holds_rows() => Some(Misquoted::Swallowing),
            _ => None,
        };
        self.fault.or(found.map(|found| (found, self.opened)))
    }

    /// Whether what stands between the marks looks like the end of a row, whole rows, and the beginning of another.
    fn holds_rows(&self) -> bool {
        let begins_a_cell = match self.opened {
            0 => self.last == self.line_end,
            _ => self.last == self.delimiter,
        };
        begins_a_cell
            && self.has_text
            && self.lines > 0
            && self.columns > 1
            && self.delimiters == self.lines * (self.columns - 1)
    }

    fn next(&mut self, byte: u8) -> QuoteState {
        match (self.place, byte) {
            (QuoteState::Quoted, b'"') => QuoteState::Closed,
            (QuoteState::Quoted, _) | (QuoteState::Closed, b'"') => {
                self.lines += usize::from(byte == self.line_end);
                self.delimiters += usize::from(byte == self.delimiter);
                self.has_text |= byte != self.delimiter && !matches!(byte, b'\r' | b'\n' | b' ' | b'\t');
                self.last = byte;
                QuoteState::Quoted
            }
            (_, byte) if byte == self.delimiter => {
                self.fault = self.fault();
                self.column += 1;
                QuoteState::Start
            }
            (_, b'\r' | b'\n') => {
                self.fault = self.fault();
                QuoteState::Start
            }
            (QuoteState::Start, b'"') => {
                self.opened = self.column;
                (self.lines, self.delimiters, self.last, self.has_text) = (0, 0, 0, false);
                QuoteState::Quoted
            }
            (QuoteState::Blank, b'"') => self.wrong(Misquoted::BlanksBefore),
            // The last three are a byte order mark, as there is one where files were joined.
            (QuoteState::Start | QuoteState::Blank, b' ' | b'\t' | 0xEF | 0xBB | 0xBF) => QuoteState::Blank,
            (QuoteState::Closed | QuoteState::Behind, b' ' | b'\t') => QuoteState::Behind,
            (QuoteState::Closed | QuoteState::Behind, _) => self.wrong(Misquoted::TextBehind),
            (QuoteState::Start | QuoteState::Blank | QuoteState::Text, _) => QuoteState::Text,
        }
    }

    fn wrong(&mut self, what: Misquoted) -> QuoteState {
        self.fault.get_or_insert((what, self.column));
        QuoteState::Text
    }
}

#[cfg(test)]
mod tests {
    use super::{Misquoted, Quotes};

    /// Followed at once and byte by byte, which must not differ.
    fn fault(record: &str) -> Option<(Misquoted, usize)> {
        let line_end = if record.contains('\n') { b'\n' } else { b'\r' };
        let (mut quotes, mut slowly) = (Quotes::new(b',', line_end), Quotes::new(b',', line_end));
        quotes.start(2);
        slowly.start(2);
        quotes.follow(record.as_bytes(), true);
        record.as_bytes().chunks(1).for_each(|byte| slowly.follow(byte, false));
        assert_eq!(quotes.fault(), slowly.fault(), "{record}");
        quotes.fault()
    }

    #[test]
    fn marks_as_rfc_4180_has_them_are_well() {
        for record in [
            "",
            "a,b\r\n",
            "\"a\",\"b, c\"\n",
            "\"a \"\"b\"\" c\",d",
            "\"\",\"\"\"\"",
            "\"a\nb\",c",
            "\"a\" ,b",
            "\"a,\",b",
            "\"\n,\"\"\",b",
            "a,\"\n,\"\n",
            "a,\"\r,\"\n",
            "\",\r\",b\n",
            "\" ,\r\n\",b\r\n",
            "a,\"x\rb,\"\n",
            "a,\"x\ry,\"\r\n",
        ] {
            assert_eq!(fault(record), None, "{record}");
        }
        assert_eq!(fault("5\" disk,Anna \"Ann\" Lee,O\"Neil"), None, "inside an unquoted cell they are text");
    }

    #[test]
    fn what_loses_or_joins_text_is_found_with_its_column() {
        for (record, what, column) in [
            ("a,\"b", Misquoted::Unclosed, 1),
            ("a,\"b\nc,\"\"d\n", Misquoted::Unclosed, 1),
            ("a,\"\nb,\"\n", Misquoted::Swallowing, 1),
            ("a,\"x\r\nb,y\r\nc,\"\n", Misquoted::Swallowing, 1),
            ("\",a\n\",b\n", Misquoted::Swallowing, 0),
            ("\",a\r\",b\r", Misquoted::Swallowing, 0),
            ("a,\"x\rb,y\rc,\"\r", Misquoted::Swallowing, 1),
            ("\"a\"b,c", Misquoted::TextBehind, 0),
            ("a,\"b\" c", Misquoted::TextBehind, 1),
            ("a,\"b\nc,\"d\",e", Misquoted::TextBehind, 1),
            ("\"a\\\"b\",c", Misquoted::TextBehind, 0),
            ("a, \"b, c\"", Misquoted::BlanksBefore, 1),
            ("\u{feff}\"a\",b", Misquoted::BlanksBefore, 0),
        ] {
            assert_eq!(fault(record), Some((what, column)), "{record}");
        }
    }
}
