//! Filters of LDAP: those that are typed, and values in those that are made here (RFC 4515).

use std::fmt::Write as _;

use crate::text::guid::Guid;

/// The longest filter that is kept, in bytes.
const LONGEST: usize = 4096;

/// How deep a filter may nest.
const DEEPEST: usize = 32;

/// The usual filter of people.
pub(super) const USUAL: &str = "(objectClass=user)";

/// Whether a text is a filter that can be asked for. Its parser recurses, so depth and length are looked at first.
pub(super) fn is_filter(text: &str) -> bool {
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            _ => {}
        }
        if depth > DEEPEST {
            return false;
        }
    }
    let is_whole = text.starts_with('(') && text.ends_with(')') && depth == 0;
    is_whole && text.len() <= LONGEST && ldap3::parse_filter(text).is_ok()
}

/// The people among the entries that a filter takes: computers are users too, in Active Directory.
pub(super) fn of_people(filter: &str) -> String {
    format!("(&{filter}(!(objectClass=computer)))")
}

/// Those among what a filter takes that changed from this count of a server on.
pub(super) fn of_changes(filter: &str, from: i64) -> String {
    format!("(&{filter}(uSNChanged>={from}))")
}

/// The person whom a name belongs to, by any of these attributes.
pub(super) fn of_login<'a>(filter: &str, attributes: impl Iterator<Item = &'a str>, login: &str) -> String {
    let value = escaped(login);
    let any = attributes.fold(String::new(), |mut any, name| {
        // Writing to a string cannot fail.
        write!(any, "({name}={value})").ok();
        any
    });
    format!("(&{filter}(!(objectClass=computer))(|{any}))")
}

/// The people who are one of these entries, whether the directory has the bytes of a guid or its text.
pub(super) fn of_guids(filter: &str, attribute: &str, guids: &[Guid]) -> String {
    let any = guids.iter().fold(String::new(), |mut any, guid| {
        let bytes = guid.bytes().iter().fold(String::new(), |mut bytes, byte| {
            // Writing to a string cannot fail.
            write!(bytes, "\\{byte:02x}").ok();
            bytes
        });
        write!(any, "({attribute}={bytes})({attribute}={guid})").ok();
        any
    });
    format!("(&{filter}(!(objectClass=computer))(|{any}))")
}

/// A value as a filter has it: every byte that could mean something, and every byte that is not ASCII, by its number.
pub(super) fn escaped(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b" @.-_".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "\\{byte:02x}").ok();
        }
        escaped
    })
}
