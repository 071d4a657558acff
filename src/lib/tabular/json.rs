//! JSON objects, one a line (JSONL), or all in one array as `--format json` prints them.
//!
//! The keys of the first object are the columns; a key that comes later is one more column from there on, for empty keys
//! are often left out. An object is cut out of the text first and understood then, so that
//! one bad object costs one row.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::error::InputError;
use super::row::{Fault, Row};
use super::{MAX_COLUMNS, MAX_ROW};
use crate::text::list;

/// The rows of a JSON file.
pub(super) struct Objects {
    input: BufReader<Box<dyn Read + Send>>,
    /// Whether the objects stand in one array.
    array: bool,
    /// The line of the next byte.
    line: u64,
    bytes: Vec<u8>,
    /// The first object, kept from when the columns were asked for.
    first: Option<(u64, Map<String, Value>)>,
}

/// How the search for the next object ended.
enum Piece {
    /// Its text is in `bytes`; it began on this line.
    Found(u64),
    /// It began on this line and is too long to be one row.
    TooLong(u64),
    End,
}

impl Objects {
    /// `input` gives UTF-8, or what should be; its first character that is not white space says which form it has.
    pub(super) fn new(input: Box<dyn Read + Send>) -> Self {
        let input = BufReader::with_capacity(64 * 1024, input);
        Self { input, array: false, line: 1, bytes: Vec::new(), first: None }
    }

    /// The keys of the first object.
    pub(super) fn header(&mut self, name: &str) -> Result<Vec<String>, InputError> {
        let failed = |source| InputError::Read { file: name.into(), source };
        if self.skip_space().map_err(failed)? == Some(b'[') {
            self.array = true;
            self.input.consume(1);
        }
        let line = match self.piece(name)? {
            Piece::Found(line) => line,
            Piece::TooLong(line) => {
                return Err(InputError::RowTooLong { file: name.into(), line, limit: MAX_ROW });
            }
            Piece::End => return Err(InputError::Empty { file: name.into() }),
        };
        let object = object(&self.bytes).map_err(|reason| InputError::Malformed {
            file: name.into(),
            line,
            reason,
        })?;
        let columns = object.keys().cloned().collect();
        self.first = Some((line, object));
        Ok(columns)
    }

    /// The next object as a row, and what is wrong with it; `false` at the end. New keys are added to `header`.
    pub(super) fn next(
        &mut self,
        name: &str,
        header: &mut Vec<String>,
        row: &mut Row,
        faults: &mut Vec<Fault>,
    ) -> Result<bool, InputError> {
        if let Some((line, first)) = self.first.take() {
            row.start(line);
            fill(&first, header, row, faults);
            return Ok(true);
        }
        match self.piece(name)? {
            Piece::End => return Ok(false),
            Piece::TooLong(line) => {
                row.start(line);
                faults.push(Fault::of_row(format!("is longer than {MAX_ROW} bytes")));
            }
            Piece::Found(line) => {
                row.start(line);
                match object(&self.bytes) {
                    Ok(object) => fill(&object, header, row, faults),
                    Err(reason) => {
                        faults.push(Fault::of_row(reason).advice("write one JSON object a line"));
                    }
                }
            }
        }
        Ok(true)
    }

    fn piece(&mut self, name: &str) -> Result<Piece, InputError> {
        let line = self.line;
        let piece = if self.array { self.element() } else { self.text_line() };
        piece.map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => {
                InputError::Malformed { file: name.into(), line, reason: source.to_string() }
            }
            _ => InputError::Read { file: name.into(), source },
        })
    }

    /// Cuts out the next line that holds anything.
    fn text_line(&mut self) -> io::Result<Piece> {
        if self.skip_space()?.is_none() {
            return Ok(Piece::End);
        }
        let line = self.line;
        self.bytes.clear();
        let mut limited = Read::take(&mut self.input, MAX_ROW as u64);
        limited.read_until(b'\n', &mut self.bytes)?;
        if self.bytes.ends_with(b"\n") || self.bytes.len() < MAX_ROW {
            self.line += 1;
            return Ok(Piece::Found(line));
        }
        self.input.skip_until(b'\n')?;
        self.line += 1;
        Ok(Piece::TooLong(line))
    }

    /// Cuts out the next element of the array.
    fn element(&mut self) -> io::Result<Piece> {
        let mut next = self.skip_space()?;
        if next == Some(b',') {
            self.input.consume(1);
            next = self.skip_space()?;
        }
        let line = self.line;
        match next {
            None => return Err(malformed("the array is not closed")),
            Some(b']') => {
                self.input.consume(1);
                return match self.skip_space()? {
                    None => Ok(Piece::End),
                    Some(_) => Err(malformed("something follows the array")),
                };
            }
            Some(_) => {}
        }
        self.bytes.clear();
        let mut walk = Walk::default();
        let mut too_long = false;
        loop {
            let ahead = self.input.fill_buf()?;
            if ahead.is_empty() {
                return Err(malformed("the array is not closed"));
            }
            let length = walk.until_end(ahead);
            let part = ahead.get(..length).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', part).count() as u64;
            if self.bytes.len() + length <= MAX_ROW {
                self.bytes.extend_from_slice(part);
            } else {
                too_long = true;
            }
            self.input.consume(length);
            if walk.ended {
                return Ok(if too_long { Piece::TooLong(line) } else { Piece::Found(line) });
            }
        }
    }

    /// Passes white space and gives the byte after it.
    fn skip_space(&mut self) -> io::Result<Option<u8>> {
        loop {
            let ahead = self.input.fill_buf()?;
            let spaces = ahead.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let passed = ahead.get(..spaces).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
            let next = ahead.get(spaces).copied();
            self.input.consume(spaces);
            if next.is_some() || spaces == 0 {
                return Ok(next);
            }
        }
    }
}

/// Finds where an element of an array ends, across any number of reads.
#[derive(Default)]
struct Walk {
    depth: usize,
    in_string: bool,
    escaped: bool,
    ended: bool,
}

impl Walk {
    /// How many of these bytes belong to the element.
    fn until_end(&mut self, bytes: &[u8]) -> usize {
        for (index, byte) in bytes.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b',' | b']' | b'}' if self.depth == 0 => {
                    self.ended = true;
                    // A brace too many belongs to the element, which it makes unreadable.
                    return if *byte == b'}' { index + 1 } else { index };
                }
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
        }
        bytes.len()
    }
}

fn malformed(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// Understands one object; says in words what is wrong with it.
fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    match serde_json::from_str(text.trim_end()) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("is not a JSON object".into()),
        Err(error) => Err(format!("is not JSON ({})", place(&error))),
    }
}

/// The parser's own words, without its line, which is always 1 here.
fn place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let words = text.split(" at line ").next().unwrap_or_default();
    format!("{words}, character {}", error.column())
}

fn fill(object: &Map<String, Value>, header: &mut Vec<String>, row: &mut Row, faults: &mut Vec<Fault>) {
    for (key, value) in object {
        if value.is_null() || header.contains(key) {
            continue;
        }
        if header.len() < MAX_COLUMNS && !key.is_empty() && !key.contains('\0') {
            header.push(key.clone());
        } else {
            let reason = format!("is not a key, or one more than {MAX_COLUMNS}");
            faults.push(Fault::of_cell(key, &value.to_string(), reason));
        }
    }
    for column in header.iter() {
        match object.get(column).map_or(Ok(String::new()), text) {
            Ok(cell) => row.push(&cell),
            Err(reason) => {
                let value = object.get(column).map(Value::to_string).unwrap_or_default();
                row.push("");
                faults.push(Fault::of_cell(column, &value, reason));
            }
        }
    }
}

/// A value as the text of a cell.
fn text(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(entry).collect::<Result<_, _>>()?;
            Ok(list::join(entries.into_iter().map(Cow::Owned)))
        }
        Value::Object(_) => Err("is an object, not a single value"),
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
    }
}

/// An entry of a list: a string, or an object with a `name` and perhaps a `company`, as lists are printed.
fn entry(value: &Value) -> Result<String, &'static str> {
    let named = value.get("name").unwrap_or(value);
    let Some(name) = named.as_str() else {
        return Err("holds an entry that is neither text nor an object with a `name`");
    };
    Ok(match value.get("company").and_then(Value::as_str) {
        Some(company) => format!("{name}@{company}"),
        None => name.to_owned(),
    })
}
