//! BER as LDAP has it: definite lengths, tags of one byte. What is read is bounded, and nothing here panics.

/// The most octets that a length may have beside the first.
const LENGTH_OCTETS: usize = 4;

/// Tags of the universal class.
pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const ENUMERATED: u8 = 0x0A;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The bit of a tag whose content is elements.
const CONSTRUCTED: u8 = 0x20;

/// What all bits of the number of a tag mean: that more of it follows, which LDAP never needs.
const LONG_TAG: u8 = 0x1F;

/// Bytes that are no BER of LDAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// What the beginning of an element says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The tag.
    pub(super) tag: u8,
    /// How many bytes tag and length take.
    pub(super) length: usize,
    /// How many bytes follow.
    pub(super) content: usize,
}

/// The beginning of an element; nothing while it is not all there.
pub(super) fn header(bytes: &[u8]) -> Result<Option<Header>, Malformed> {
    let Some((&tag, rest)) = bytes.split_first() else { return Ok(None) };
    if tag & LONG_TAG == LONG_TAG {
        return Err(Malformed);
    }
    let Some((&first, rest)) = rest.split_first() else { return Ok(None) };
    if first < 0x80 {
        return Ok(Some(Header { tag, length: 2, content: first.into() }));
    }
    let octets = usize::from(first & 0x7F);
    if octets == 0 || octets > LENGTH_OCTETS {
        return Err(Malformed);
    }
    let Some(octets_read) = rest.get(..octets) else { return Ok(None) };
    let content = octets_read.iter().fold(0_usize, |all, octet| all << 8 | usize::from(*octet));
    Ok(Some(Header { tag, length: 2 + octets, content }))
}

/// Reads elements one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next element.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The tag and the content of the next element.
    pub(super) fn next(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        let header = header(self.0)?.ok_or(Malformed)?;
        let end = header.length.checked_add(header.content).ok_or(Malformed)?;
        let content = self.0.get(header.length..end).ok_or(Malformed)?;
        self.0 = self.0.get(end..).ok_or(Malformed)?;
        Ok((header.tag, content))
    }

    /// The content of the next element, which has that tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        match self.next()? {
            (found, content) if found == tag => Ok(content),
            _ => Err(Malformed),
        }
    }

    /// The content of the next element, if it has that tag.
    pub(super) fn take_if(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.peek() == Some(tag) { self.expect(tag).map(Some) } else { Ok(None) }
    }

    /// A text of the next element, which has that tag.
    pub(super) fn text(&mut self, tag: u8) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.expect(tag)?).map_err(|_| Malformed)
    }

    /// A number of the next element, which is not below zero and has that tag.
    pub(super) fn number(&mut self, tag: u8) -> Result<u32, Malformed> {
        let octets = self.expect(tag)?;
        match octets {
            [first, ..] if octets.len() <= 4 && first & 0x80 == 0 => {
                Ok(octets.iter().fold(0, |all, octet| all << 8 | u32::from(*octet)))
            }
            _ => Err(Malformed),
        }
    }

    /// That nothing follows.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// Refuses content whose elements do not fill it, at any depth, lie deeper than `levels`, or are more than are `left`.
pub(super) fn check_bounds(content: &[u8], levels: usize, left: &mut usize) -> Result<(), Malformed> {
    let levels = levels.checked_sub(1).ok_or(Malformed)?;
    let mut elements = Reader::new(content);
    while !elements.is_empty() {
        *left = left.checked_sub(1).ok_or(Malformed)?;
        let (tag, below) = elements.next()?;
        if tag & CONSTRUCTED != 0 {
            check_bounds(below, levels, left)?;
        }
    }
    Ok(())
}
