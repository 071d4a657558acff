//! Messages of a server, looked at before `ldap3` sees them.
//!
//! The parser of `ldap3` recurses as deep as a message nests and panics over what is not where it should be. So each message
//! is looked at here first: how large it is, how deep, whether it answers what was asked, and whether everything stands where
//! RFC 4511 has it.

use super::ber::{
    BOOLEAN, ENUMERATED, INTEGER, Malformed, OCTET_STRING, Reader, SEQUENCE, SET, check_bounds,
};

/// The most bytes of a message.
pub(super) const LARGEST: usize = 16 << 20;

/// How deep a message may nest. One of LDAP nests six levels, and its shape is looked at afterwards; but the parts of an
/// answer that nobody looks into have a bound by this alone.
const DEEPEST: usize = 64;

/// The most elements of a message: each takes many times the memory of its two bytes once it was parsed.
const MOST_ELEMENTS: usize = 200_000;

/// The most bytes of what the next page is asked for with.
const LONGEST_COOKIE: usize = 4 << 10;

/// Operations that are asked for.
const BIND_REQUEST: u8 = 0x60;
const SEARCH_REQUEST: u8 = 0x63;

/// What a server answers.
const BIND_RESPONSE: u8 = 0x61;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;
const EXTENDED_RESPONSE: u8 = 0x78;

/// Parts of answers.
const CONTROLS: u8 = 0xA0;
const REFERRAL: u8 = 0xA3;
const SASL_CREDENTIALS: u8 = 0x87;
const EXTENDED_NAME: u8 = 0x8A;
const EXTENDED_VALUE: u8 = 0x8B;

/// What was asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// The number of the message.
    pub(super) id: u32,
    /// The tag of the operation.
    operation: u8,
}

/// What a message of a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// An answer to what was asked, in its place.
    Answer,
    /// The server ends the connection, with code and words.
    Notice(u32, String),
}

/// What a message of ours asks.
pub(super) fn asked(message: &[u8]) -> Result<Asked, Malformed> {
    let mut parts = Reader::new(Reader::new(message).expect(SEQUENCE)?);
    let id = parts.number(INTEGER)?;
    let (operation, _) = parts.next()?;
    Ok(Asked { id, operation })
}

/// Looks at a message of a server, to which nothing but what was `asked` can have led.
pub(super) fn check(message: &[u8], asked: Option<Asked>) -> Result<Heard, Malformed> {
    check_size(message)?;
    let mut outer = Reader::new(message);
    let mut parts = Reader::new(outer.expect(SEQUENCE)?);
    outer.end()?;
    let id = parts.number(INTEGER)?;
    let (operation, content) = parts.next()?;
    // A notice of disconnection, behind which Active Directory has what belongs into it.
    if id == 0 && operation == EXTENDED_RESPONSE {
        let (code, words) = result(&mut Reader::new(content))?;
        return Ok(Heard::Notice(code, words.to_owned()));
    }
    let asked = asked.filter(|asked| asked.id == id).ok_or(Malformed)?;
    match (asked.operation, operation) {
        (BIND_REQUEST, BIND_RESPONSE) | (SEARCH_REQUEST, SEARCH_DONE) => whole_result(content)?,
        (SEARCH_REQUEST, SEARCH_ENTRY) => entry(content)?,
        (SEARCH_REQUEST, SEARCH_REFERENCE) => texts(content)?,
        _ => return Err(Malformed),
    }
    if let Some(controls) = parts.take_if(CONTROLS)? {
        check_controls(controls)?;
    }
    parts.end()?;
    Ok(Heard::Answer)
}

/// Whether a message would be handed on, as an answer to a bind or a search of the number 1.
pub(crate) fn is_answer(message: &[u8]) -> bool {
    let answers = |operation| check(message, Some(Asked { id: 1, operation })) == Ok(Heard::Answer);
    answers(BIND_REQUEST) || answers(SEARCH_REQUEST)
}

/// Code and words of an extended answer to the message of that number.
pub(super) fn extended(message: &[u8], id: u32) -> Result<(u32, String), Malformed> {
    check_size(message)?;
    let mut parts = Reader::new(Reader::new(message).expect(SEQUENCE)?);
    let found = parts.number(INTEGER)?;
    let content = parts.expect(EXTENDED_RESPONSE)?;
    if found != id && found != 0 {
        return Err(Malformed);
    }
    let (code, words) = result(&mut Reader::new(content))?;
    Ok((code, words.to_owned()))
}

/// The cookie of a control of paged results.
pub(super) fn cookie(control: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut parts = Reader::new(Reader::new(control).expect(SEQUENCE)?);
    parts.number(INTEGER)?;
    let cookie = parts.expect(OCTET_STRING)?;
    parts.end()?;
    if cookie.len() <= LONGEST_COOKIE { Ok(cookie.to_vec()) } else { Err(Malformed) }
}

/// Refuses what is too deep or of too many parts, before anything else is made of it.
fn check_size(message: &[u8]) -> Result<(), Malformed> {
    check_bounds(message, DEEPEST, &mut MOST_ELEMENTS.clone())
}

/// Code and words of a result, with what may follow left unread.
fn result<'a>(parts: &mut Reader<'a>) -> Result<(u32, &'a str), Malformed> {
    let code = parts.number(ENUMERATED)?;
    parts.text(OCTET_STRING)?;
    Ok((code, parts.text(OCTET_STRING)?))
}

fn whole_result(content: &[u8]) -> Result<(), Malformed> {
    let mut parts = Reader::new(content);
    result(&mut parts)?;
    while !parts.is_empty() {
        match parts.next()? {
            (REFERRAL, addresses) => texts(addresses)?,
            (EXTENDED_NAME, name) => drop(std::str::from_utf8(name).map_err(|_| Malformed)?),
            (SASL_CREDENTIALS | EXTENDED_VALUE, _) => {}
            _ => return Err(Malformed),
        }
    }
    Ok(())
}

fn texts(content: &[u8]) -> Result<(), Malformed> {
    let mut parts = Reader::new(content);
    while !parts.is_empty() {
        parts.text(OCTET_STRING)?;
    }
    Ok(())
}

fn entry(content: &[u8]) -> Result<(), Malformed> {
    let mut parts = Reader::new(content);
    parts.text(OCTET_STRING)?;
    let mut attributes = Reader::new(parts.expect(SEQUENCE)?);
    parts.end()?;
    while !attributes.is_empty() {
        let mut attribute = Reader::new(attributes.expect(SEQUENCE)?);
        attribute.text(OCTET_STRING)?;
        let mut values = Reader::new(attribute.expect(SET)?);
        attribute.end()?;
        while !values.is_empty() {
            values.expect(OCTET_STRING)?;
        }
    }
    Ok(())
}

fn check_controls(content: &[u8]) -> Result<(), Malformed> {
    let mut controls = Reader::new(content);
    while !controls.is_empty() {
        let mut control = Reader::new(controls.expect(SEQUENCE)?);
        control.text(OCTET_STRING)?;
        if control.take_if(BOOLEAN)?.is_some_and(|switch| switch.len() != 1) {
            return Err(Malformed);
        }
        control.take_if(OCTET_STRING)?;
        control.end()?;
    }
    Ok(())
}
