//! Looking through a workbook's archive before any reader of workbooks unpacks it.
//!
//! An XLSX file is a ZIP archive, and a small one can unpack to gigabytes. The reader that follows holds shared
//! strings, styles and the like in memory, and trusts the counts written in them. So every member is unpacked here
//! once, into nothing, and measured. The sizes that the archive itself declares are not believed.

use std::fs::File;
use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::InputError;

/// What a workbook may be.
struct Limits {
    /// Members of the archive; a workbook has some dozens.
    members: usize,
    /// Bytes of all members together, unpacked.
    total: u64,
    /// Bytes of one sheet, unpacked; sheets are read as a stream. As many rows as Excel allows, of a
    /// dozen columns, take about 1 GiB.
    sheet: u64,
    /// Bytes of any other member, unpacked; these are held in memory.
    other: u64,
    /// How often larger a member may be than its packed form, once it is over `ratio_from`.
    ratio: u64,
    ratio_from: u64,
    /// Bytes between two tags, which are held in memory. A cell of Excel has at most 32,767 characters.
    text: u64,
    /// Digits of the count of shared strings, for which memory is taken at once.
    count_digits: usize,
}

const LIMITS: Limits = Limits {
    members: 10_000,
    total: 4 << 30,
    sheet: 2 << 30,
    other: 64 << 20,
    ratio: 200,
    ratio_from: 8 << 20,
    text: 1 << 20,
    count_digits: 7,
};

/// The largest packed workbook that is taken from a pipe.
pub(super) const MAX_PACKED: u64 = 512 << 20;

/// Unpacks every member into nothing, and refuses the workbook that is larger than it may be. Gives the names of the sheets
/// that hide a row or a column.
pub(super) fn inspect(file: &File, name: &str) -> Result<Vec<String>, InputError> {
    let bad = |error: ZipError| InputError::BadWorkbook { file: name.into(), reason: error.to_string() };
    let too_large = |reason: String| InputError::TooLarge { file: name.into(), reason };
    let handle = file.try_clone().map_err(|source| InputError::Read { file: name.into(), source })?;
    let mut archive = ZipArchive::new(BufReader::new(handle)).map_err(bad)?;
    if archive.len() > LIMITS.members {
        return Err(too_large(format!("it has {} members", archive.len())));
    }
    let (mut total, mut hiding) = (0, Vec::new());
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(bad)?;
        let mut gauge = Gauge::new(&member.name().map_err(bad)?, member.compressed_size());
        loop {
            let chunk = gauge
                .take(&mut member)
                .map_err(|error| InputError::BadWorkbook { file: name.into(), reason: error.to_string() })?;
            if chunk == 0 {
                break;
            }
            total += chunk;
            if total > LIMITS.total {
                return Err(too_large("all sheets together are too large".into()));
            }
            if let Some(reason) = gauge.complaint() {
                return Err(too_large(reason));
            }
        }
        if gauge.hides {
            hiding.push(gauge.member);
        }
    }
    Ok(hiding)
}

/// The measure of one member.
struct Gauge {
    member: String,
    is_xml: bool,
    limit: u64,
    packed: u64,
    size: u64,
    /// Bytes since the last `<`.
    text: u64,
    longest_text: u64,
    count_is_absurd: bool,
    /// It is a sheet, and something in it is said to be hidden or not.
    hides: bool,
    is_sheet: bool,
    /// The end of the last chunk and the chunk at hand.
    window: Vec<u8>,
}

/// How much of the last chunk is kept, so that what lies across two chunks is seen.
const OVERLAP: usize = 256;
const CHUNK: usize = 64 * 1024;
const COUNT: &[u8] = b"uniqueCount";
const HIDDEN: &[u8] = b"hidden=";

impl Gauge {
    fn new(member: &str, packed: u64) -> Self {
        let is_sheet = member.to_ascii_lowercase().contains("/worksheets/");
        Self {
            member: member.into(),
            is_xml: !member.to_ascii_lowercase().contains("/media/"),
            limit: if is_sheet { LIMITS.sheet } else { LIMITS.other },
            packed,
            size: 0,
            text: 0,
            longest_text: 0,
            count_is_absurd: false,
            hides: false,
            is_sheet,
            window: Vec::with_capacity(OVERLAP + CHUNK),
        }
    }

    /// Measures the next chunk and gives its size; 0 at the end.
    fn take(&mut self, member: &mut impl Read) -> io::Result<u64> {
        let kept = self.window.len().saturating_sub(OVERLAP);
        self.window.drain(..kept);
        let overlap = self.window.len();
        let read = member.take(CHUNK as u64).read_to_end(&mut self.window)? as u64;
        self.size += read;
        if self.is_xml {
            self.measure(overlap);
        }
        Ok(read)
    }

    fn measure(&mut self, overlap: usize) {
        let fresh = self.window.get(overlap..).unwrap_or_default();
        let mut last = 0;
        for tag in memchr::memchr_iter(b'<', fresh) {
            self.longest_text = self.longest_text.max(self.text + (tag - last) as u64);
            self.text = 0;
            last = tag;
        }
        self.text += (fresh.len() - last) as u64;
        self.longest_text = self.longest_text.max(self.text);
        self.hides |= self.is_sheet && memchr::memmem::find(&self.window, HIDDEN).is_some();
        for found in memchr::memmem::find_iter(&self.window, COUNT) {
            let after = self.window.get(found + COUNT.len()..).unwrap_or_default();
            let is_sign = |byte: &&u8| matches!(byte, b'=' | b'"' | b'\'') || byte.is_ascii_whitespace();
            let signs = after.iter().take_while(is_sign).count();
            let number = after.get(signs..).unwrap_or_default();
            let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.count_is_absurd |= digits > LIMITS.count_digits || signs > OVERLAP / 4;
        }
    }

    fn complaint(&self) -> Option<String> {
        let member = &self.member;
        if self.size > self.limit {
            return Some(format!("`{member}` is larger than {} MiB", self.limit >> 20));
        }
        if self.size > LIMITS.ratio_from && self.size / self.packed.max(1) > LIMITS.ratio {
            return Some(format!("`{member}` is more than {} times its packed size", LIMITS.ratio));
        }
        if self.longest_text > LIMITS.text {
            return Some(format!("`{member}` holds a text longer than {} KiB", LIMITS.text >> 10));
        }
        if self.count_is_absurd {
            return Some(format!("`{member}` claims more texts than a workbook can have"));
        }
        None
    }
}
