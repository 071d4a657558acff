//! Which encoding a text is in, and reading it as UTF-8.
//!
//! UTF-8 passes through untouched, since most files are UTF-8 and are checked row by row anyway. Anything else goes
//! through a streaming decoder. A byte order mark decides before everything else; without one, UTF-16 gives itself
//! away by the zero bytes between ASCII letters.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

use super::Encoding;

/// How many bytes [`Decoding`] takes from its source at a time.
const CHUNK: usize = 64 * 1024;

/// The encoding found, and how many bytes of byte order mark stand before the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// `None` for UTF-8.
    pub(super) decoder: Option<&'static encoding_rs::Encoding>,
    pub(super) mark: usize,
}

/// Decides by what was asked for and by the beginning of the file.
pub(super) fn find(head: &[u8], asked: Encoding) -> Found {
    let marked = encoding_rs::Encoding::for_bom(head);
    let utf_16 = || marked.map(|(found, _)| found).or_else(|| unmarked_utf_16(head));
    let decoder = match asked {
        Encoding::Utf8 => None,
        Encoding::Windows1251 => Some(WINDOWS_1251),
        Encoding::Windows1252 => Some(WINDOWS_1252),
        Encoding::Windows1250 => Some(WINDOWS_1250),
        Encoding::Utf16 => Some(utf_16().unwrap_or(UTF_16LE)),
        Encoding::Auto => utf_16(),
    };
    let decoder = decoder.filter(|found| *found != encoding_rs::UTF_8);
    let mark = match marked {
        Some((found, length)) if decoder.unwrap_or(encoding_rs::UTF_8) == found => length,
        _ => 0,
    };
    Found { decoder, mark }
}

/// UTF-16 without a mark: zero bytes in every other place only, in at least every twentieth pair.
fn unmarked_utf_16(head: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let start = head.get(..head.len().min(1024)).unwrap_or_default();
    let (mut pairs, mut first_zero, mut second_zero) = (0, 0, 0);
    for pair in start.chunks_exact(2) {
        pairs += 1;
        first_zero += usize::from(pair.first() == Some(&0));
        second_zero += usize::from(pair.last() == Some(&0));
    }
    let enough = |zeros: usize| zeros > 1 && zeros * 20 >= pairs;
    match (first_zero, second_zero) {
        (0, zeros) if enough(zeros) => Some(UTF_16LE),
        (zeros, 0) if enough(zeros) => Some(UTF_16BE),
        _ => None,
    }
}

/// The line of the first byte that is not UTF-8; `whole` says that `head` is all there is.
pub(super) fn first_bad_line(head: &[u8], whole: bool) -> Option<u64> {
    let error = std::str::from_utf8(head).err()?;
    if error.error_len().is_none() && !whole {
        return None;
    }
    let good = head.get(..error.valid_up_to()).unwrap_or_default();
    let is_end = |(place, byte): (usize, &u8)| match byte {
        b'\n' => true,
        b'\r' => good.get(place + 1).is_some_and(|next| *next != b'\n') || place + 1 == good.len(),
        _ => false,
    };
    Some(1 + good.iter().enumerate().filter(|at| is_end(*at)).count() as u64)
}

/// The name of the encoding on offer that bytes which are not UTF-8 are in; none if they read as words in none of them.
pub(super) fn guess(head: &[u8]) -> Option<&'static str> {
    if matches!(encoding_rs::Encoding::for_bom(head), Some((found, _)) if found != encoding_rs::UTF_8) {
        return Some("utf-16");
    }
    let candidates =
        [("windows-1251", WINDOWS_1251), ("windows-1252", WINDOWS_1252), ("windows-1250", WINDOWS_1250)];
    let reads = |encoding: &'static encoding_rs::Encoding| {
        let (text, _) = encoding.decode_without_bom_handling(head);
        let words = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic());
        let (mut foreign, mut odd) = (0, 0);
        for word in words.filter(|word| !word.is_ascii()) {
            foreign += 1;
            odd += usize::from(
                is_odd(word)
                    || encoding == WINDOWS_1252 && is_central(word)
                    || encoding == WINDOWS_1250 && is_of_macintosh(word),
            );
        }
        odd * 20 <= foreign
    };
    candidates.into_iter().find(|(_, encoding)| reads(encoding)).map(|(name, _)| name)
}

/// Whether nobody writes such a word: with signs between its letters, with letters of two scripts, with a capital in the
/// middle that is no ASCII, or with more accents on end than any language of Western Europe has.
fn is_odd(word: &str) -> bool {
    let letters: Vec<char> = word.chars().filter(|c| !"’‘–—´·«»„“”…№ª°º€".contains(*c)).collect();
    let is_cyrillic = |c: &char| ('\u{400}'..='\u{52f}').contains(c);
    let all_high = letters.iter().all(|c| !c.is_ascii());
    if letters.iter().any(|c| !c.is_alphabetic()) {
        return letters.len() > 1 || letters.iter().any(|c| c.is_control());
    }
    if letters.iter().any(is_cyrillic) {
        return !letters.iter().all(is_cyrillic) || has_late_capital(&letters);
    }
    has_late_capital(&letters) || (all_high && letters.len() > 1) || has_run(&letters)
}

/// The vowels, with those of Central Europe.
const VOWELS: &str = "aeiouyáéíóúýąęěů";

/// Whether `ź` or `š` stands between consonants, as in no language of Central Europe, where a Macintosh writes `ü` and `ö`: «Mźller».
fn is_of_macintosh(word: &str) -> bool {
    let letters: Vec<char> = word.to_lowercase().chars().collect();
    letters.windows(3).any(|three| match three {
        [before, 'ź' | 'š', after] => !VOWELS.contains(*before) && !VOWELS.contains(*after),
        _ => false,
    })
}

/// Whether the letters of a word stand as in no language of Western Europe, where a Czech, Slovak or Hungarian one has `č`, `ř`, `ě`,
/// `ů` or `ő` in their places: «Kuèera» is Kučera, «Jiøí» Jiří, «Zdenìk» Zdeněk, «Jùza» Jůza, and «Erdõs» Erdős.
fn is_central(word: &str) -> bool {
    let letters: Vec<char> = word.to_lowercase().chars().collect();
    let is_vowel = |c: Option<&char>| c.is_some_and(|c| VOWELS.contains(*c));
    letters.iter().enumerate().any(|(at, letter)| {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        match letter {
            'ì' | 'ù' => after.is_some(),
            'è' => is_vowel(after),
            'ø' => {
                after.is_some_and(|c| "aioáíéýì".contains(*c))
                    || before.is_some_and(|c| "aoiáíý".contains(*c))
            }
            'õ' => after.is_some_and(|c| *c != 'e'),
            _ => false,
        }
    })
}

/// A capital behind a small letter, or small letters behind two capitals, where one of them is no ASCII.
fn has_late_capital(letters: &[char]) -> bool {
    letters.windows(2).any(|pair| match pair {
        [before, here] => {
            before.is_lowercase() && here.is_uppercase() && !(before.is_ascii() && here.is_ascii())
        }
        _ => false,
    }) || letters.windows(3).any(|three| match three {
        [first, second, third] => {
            first.is_uppercase() && second.is_uppercase() && !second.is_ascii() && third.is_lowercase()
        }
        _ => false,
    })
}

/// Three letters on end that are no ASCII.
fn has_run(letters: &[char]) -> bool {
    letters.windows(3).any(|three| three.iter().all(|c| !c.is_ascii()))
}

/// A reader that turns another encoding into UTF-8; what cannot be decoded becomes U+FFFD.
pub(super) struct Decoding<R> {
    inner: R,
    decoder: Decoder,
    chunk: Vec<u8>,
    start: usize,
    end: usize,
    finished: bool,
}

impl<R: Read> Decoding<R> {
    /// `inner` stands behind the byte order mark.
    pub(super) fn new(inner: R, encoding: &'static encoding_rs::Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { inner, decoder, chunk: vec![0; CHUNK], start: 0, end: 0, finished: false }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder needs room for one character of any length.
        if out.len() < 4 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        while !self.finished {
            if self.start == self.end {
                self.start = 0;
                self.end = self.inner.read(&mut self.chunk)?;
            }
            let last = self.start == self.end;
            let source = self.chunk.get(self.start..self.end).unwrap_or_default();
            let (result, read, written, _) = self.decoder.decode_to_utf8(source, out, last);
            self.start += read;
            self.finished = last && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
