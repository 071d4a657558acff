//! JSON objects, one a line (JSONL), or all in one array as `--format json` prints them, or inside of one object ([`shape`]).
//!
//! The keys of the first object are the columns; a key that comes later is one more column from there on, for empty keys
//! are often left out. What stands in an object inside of it is a column of the names of both keys, such as `fields.email`. An object is cut out of the text first and understood then, so that
//! one bad object costs one row.

mod cells;
mod pages;
mod shape;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufRead, BufReader, Read};

use serde_json::{Map, Value};

pub(super) use self::shape::{Shape, begins_objects, lists};

use self::cells::Filling;
use self::pages::Pages;
use super::MAX_ROW;
use super::error::InputError;
use super::row::{Fault, Row};
use super::unique::{TWICE, Unique};

/// The column of the keys under which the objects of an object stand.
const KEY: &str = "key";

/// What the refusal of an object says whose key another has.
const SAME_KEY: &str = "stands under a key under which another stands";

/// Objects that one object may hold: their keys are all remembered.
const MAX_MEMBERS: usize = 1 << 20;

/// Bytes of a member beside the list that are looked at.
const MAX_BESIDE: usize = 64 * 1024;

/// The rows of a JSON file.
pub(super) struct Objects {
    input: BufReader<Box<dyn Read + Send>>,
    /// Where the objects stand.
    shape: Shape,
    /// Keys that are not looked into.
    left_out: Vec<String>,
    /// The key under which the object at hand stands.
    key: Option<String>,
    /// The digests of those before.
    keys: HashSet<u64>,
    /// The key of the object at hand is among them.
    is_doubled: bool,
    /// Objects so far, and entries that are `null`.
    count: u64,
    nulls: u64,
    /// What stands beside the list.
    pages: Pages,
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
    /// `input` gives UTF-8, or what should be.
    pub(super) fn new(input: Box<dyn Read + Send>, shape: Shape, left_out: Vec<String>) -> Self {
        let input = BufReader::with_capacity(64 * 1024, input);
        Self {
            input,
            shape,
            left_out,
            key: None,
            keys: HashSet::new(),
            is_doubled: false,
            count: 0,
            nulls: 0,
            pages: Pages::default(),
            line: 1,
            bytes: Vec::new(),
            first: None,
        }
    }

    /// The keys of the first object.
    pub(super) fn header(&mut self, name: &str) -> Result<Vec<String>, InputError> {
        let begun = self.begin();
        begun.map_err(|source| Self::failed(name, self.line, source))?;
        let line = match self.piece(name)? {
            Piece::Found(line) => line,
            Piece::TooLong(line) => {
                return Err(InputError::RowTooLong { file: name.into(), line, limit: MAX_ROW });
            }
            Piece::End => return Err(InputError::Empty { file: name.into() }),
        };
        let object =
            self.object().map_err(|reason| InputError::Malformed { file: name.into(), line, reason })?;
        let mut columns = Vec::new();
        Filling { header: &mut columns, left_out: &self.left_out }.name(&object);
        self.first = Some((line, object));
        Ok(columns)
    }

    /// Whether the objects stand in a list inside of another.
    pub(super) const fn is_list(&self) -> bool {
        matches!(self.shape, Shape::ListUnder(_))
    }

    /// Whether the first object was reached.
    pub(super) const fn has_begun(&self) -> bool {
        self.count > 0
    }

    /// Passes over what stands before the first object.
    fn begin(&mut self) -> io::Result<()> {
        match self.shape.clone() {
            Shape::Lines => {}
            Shape::Array | Shape::Members => {
                self.skip_space()?;
                self.input.consume(1);
            }
            Shape::ListUnder(path) => {
                for key in &path {
                    self.enter(b'{')?;
                    loop {
                        if self.skip_space()? == Some(b'}') {
                            return Err(malformed("it has no list of that name"));
                        }
                        let beside = self.member_key()?;
                        if beside == *key {
                            break;
                        }
                        self.look_beside(&beside)?;
                    }
                }
                self.enter(b'[')?;
            }
        }
        Ok(())
    }

    /// Passes the bracket that opens what leads to the list.
    fn enter(&mut self, open: u8) -> io::Result<()> {
        if self.skip_space()? != Some(open) {
            return Err(malformed("no list of objects stands there"));
        }
        self.input.consume(1);
        Ok(())
    }

    /// Looks at a member beside the list.
    fn look_beside(&mut self, key: &str) -> io::Result<()> {
        let is_whole = self.take_element(b'}', MAX_BESIDE)?;
        if let (true, Ok(value)) = (is_whole, serde_json::from_slice(&self.bytes)) {
            self.pages.see(key, &value);
        }
        Ok(())
    }

    /// What there is to know of the file when all of it was read.
    pub(super) fn remarks(&self, name: &str) -> Vec<String> {
        let nulls = match self.nulls {
            0 => None,
            1 => Some(format!("1 entry of `{name}` is `null`, which is nobody, and was passed over")),
            many => {
                Some(format!("{many} entries of `{name}` are `null`, which is nobody, and were passed over"))
            }
        };
        self.pages.remark(name, self.count).into_iter().chain(nulls).collect()
    }

    /// The object at hand, with the key under which it stands.
    fn object(&mut self) -> Result<Map<String, Value>, String> {
        if self.is_doubled {
            self.key = None;
            return Err(SAME_KEY.to_owned());
        }
        let mut object = object(&self.bytes)?;
        if let Some(key) = self.key.take()
            && !object.contains_key(KEY)
        {
            object.insert(KEY.to_owned(), key.into());
        }
        Ok(object)
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
            Filling { header, left_out: &self.left_out }.fill(&first, row, faults);
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
                match self.object() {
                    Ok(object) => Filling { header, left_out: &self.left_out }.fill(&object, row, faults),
                    Err(reason) => {
                        let advice = if [TWICE, SAME_KEY].contains(&reason.as_str()) {
                            "leave one of the two out"
                        } else {
                            "write one JSON object a line"
                        };
                        faults.push(Fault::of_row(reason).advice(advice));
                    }
                }
            }
        }
        Ok(true)
    }

    /// Cuts out the next object; what is `null` is counted, and is none.
    fn piece(&mut self, name: &str) -> Result<Piece, InputError> {
        loop {
            let line = self.line;
            let piece = match self.shape {
                Shape::Lines => self.text_line(),
                Shape::Array | Shape::ListUnder(_) => self.element(b']'),
                Shape::Members => self.element(b'}'),
            };
            let piece = piece.map_err(|source| Self::failed(name, line, source))?;
            match piece {
                Piece::Found(_) if self.bytes.trim_ascii() == b"null" => self.nulls += 1,
                Piece::Found(_) | Piece::TooLong(_) => {
                    self.count += 1;
                    return Ok(piece);
                }
                Piece::End => return Ok(piece),
            }
        }
    }

    fn failed(name: &str, line: u64, source: io::Error) -> InputError {
        match source.kind() {
            io::ErrorKind::InvalidData => {
                InputError::Malformed { file: name.into(), line, reason: source.to_string() }
            }
            _ => InputError::Read { file: name.into(), source },
        }
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

    /// Cuts out the next element of the array or object that this byte closes.
    fn element(&mut self, close: u8) -> io::Result<Piece> {
        let mut next = self.skip_space()?;
        if next == Some(b',') {
            self.input.consume(1);
            next = self.skip_space()?;
        }
        if next == Some(close) {
            self.input.consume(1);
            self.end()?;
            return Ok(Piece::End);
        }
        if close == b'}' {
            let key = self.member_key()?;
            let mut digest = DefaultHasher::new();
            key.hash(&mut digest);
            self.is_doubled = !self.keys.insert(digest.finish());
            self.key = Some(key);
            if self.keys.len() > MAX_MEMBERS {
                return Err(malformed(
                    "an object holds more than a million of them: write one JSON object a line",
                ));
            }
        }
        let line = self.line;
        let is_whole = self.take_element(close, MAX_ROW)?;
        Ok(if is_whole { Piece::Found(line) } else { Piece::TooLong(line) })
    }

    /// Nothing may follow, but for the other members of the objects around a list.
    fn end(&mut self) -> io::Result<()> {
        if let Shape::ListUnder(path) = self.shape.clone() {
            for around in path.iter().rev() {
                while self.skip_space()? == Some(b',') {
                    let key = self.member_key()?;
                    if key == *around {
                        return Err(malformed("the object around the list has its key twice"));
                    }
                    self.look_beside(&key)?;
                }
                if self.skip_space()? != Some(b'}') {
                    return Err(malformed("the object is not closed"));
                }
                self.input.consume(1);
            }
        }
        match self.skip_space()? {
            None => Ok(()),
            Some(_) => Err(malformed("something follows the last object")),
        }
    }

    /// The key of the next member, and passes over the colon behind it.
    fn member_key(&mut self) -> io::Result<String> {
        if self.skip_space()? == Some(b',') {
            self.input.consume(1);
            self.skip_space()?;
        }
        self.take_element(b':', MAX_ROW)?;
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let key = serde_json::from_str(text.trim()).map_err(|_| malformed("a key is missing"))?;
        if self.skip_space()? != Some(b':') {
            return Err(malformed("a key has no value"));
        }
        self.input.consume(1);
        self.skip_space()?;
        Ok(key)
    }

    /// Takes the element at hand into `bytes`, up to so many; says whether that is all of it.
    fn take_element(&mut self, close: u8, most: usize) -> io::Result<bool> {
        self.bytes.clear();
        let mut walk = Walk { close, ..Walk::default() };
        let mut is_whole = true;
        loop {
            let ahead = self.input.fill_buf()?;
            if ahead.is_empty() {
                return Err(malformed(if close == b']' {
                    "the array is not closed"
                } else {
                    "the object is not closed"
                }));
            }
            let length = walk.until_end(ahead);
            let part = ahead.get(..length).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', part).count() as u64;
            if self.bytes.len() + length <= most {
                self.bytes.extend_from_slice(part);
            } else {
                is_whole = false;
            }
            self.input.consume(length);
            if walk.ended {
                return Ok(is_whole);
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

/// Finds where an element of an array or object ends, across any number of reads.
#[derive(Default)]
struct Walk {
    /// What stands behind the last one.
    close: u8,
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
                b',' | b']' | b'}' | b':' if self.depth == 0 => {
                    // A bracket too many belongs to the element, which it makes unreadable.
                    self.ended = true;
                    return if *byte == b',' || *byte == self.close { index } else { index + 1 };
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
        Ok(Unique(Value::Object(object))) => Ok(object),
        Ok(_) => Err("is not a JSON object".into()),
        Err(error) => Err(place(&error)),
    }
}

/// The parser's own words, without its line, which is always 1 here.
fn place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with(TWICE) {
        return TWICE.to_owned();
    }
    let words = text.split(" at line ").next().unwrap_or_default();
    format!("is not JSON ({words}, character {})", error.column())
}
