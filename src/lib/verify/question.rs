//! What a proxy asks, and how it is told who somebody is.
//!
//! Whatever is not understood is refused: a question that was mistyped must not be answered with yes.

use std::fmt::Write as _;

use crate::catalog::Permission;
use crate::user::User;
use crate::web::{Request, unescaped};

/// What may stand in the address.
const KNOWN: [&str; 3] = [PERMISSION, COMPANY, REDIRECT];

const PERMISSION: &str = "permission";
const COMPANY: &str = "company";
const REDIRECT: &str = "redirect";

/// What a proxy asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// Which permission; none where anybody may who is logged in.
    pub(super) permission: Option<Permission>,
    /// For which company; none for all.
    pub(super) company: Option<String>,
    /// Whether who is not logged in is led to the login by the answer itself.
    pub(super) is_led: bool,
}

impl Question {
    /// What is asked; none where it is not understood.
    pub(super) fn of(request: &Request) -> Option<Self> {
        if request.query.names().any(|name| !KNOWN.contains(&name)) {
            return None;
        }
        let permission = match said(request, PERMISSION).ok()? {
            Some(id) => Some(Permission::find(&id)?),
            None => None,
        };
        let company = said(request, COMPANY).ok()?;
        if company.is_some() && permission.is_none() {
            return None;
        }
        let is_led = match request.query.shown(REDIRECT) {
            None => false,
            Some(_) if request.query.text(REDIRECT) == Ok("1") => true,
            Some(_) => return None,
        };
        Some(Self { permission, company, is_led })
    }
}

/// What is not understood.
struct Misunderstood;

/// What the address or a header says, once in all.
fn said(request: &Request, name: &'static str) -> Result<Option<String>, Misunderstood> {
    let in_query = request.query.shown(name).map(|_| request.query.text(name));
    let in_query = in_query.transpose().map_err(|_| Misunderstood)?.map(str::to_owned);
    let in_header = if request.has_header(name) {
        let value = request.header(http::HeaderName::from_static(name)).and_then(unescaped);
        Some(value.ok_or(Misunderstood)?)
    } else {
        None
    };
    match (in_query, in_header) {
        (Some(_), Some(_)) => Err(Misunderstood),
        (Some(said), None) | (None, Some(said)) if said.trim().is_empty() => Err(Misunderstood),
        (said, None) | (None, said) => Ok(said),
    }
}

/// Who somebody is, as the headers say it.
pub(super) fn told(user: &User) -> [(&'static str, String); 5] {
    let groups = user.in_groups.iter().map(|group| escaped(&group.canonical()));
    let roles = user.facts.roles.iter().map(|slug| escaped(slug));
    [
        ("remote-user", escaped(&user.facts.email)),
        ("remote-name", escaped(&user.facts.full_name())),
        ("remote-email", escaped(&user.facts.email)),
        ("remote-groups", groups.collect::<Vec<_>>().join(",")),
        ("remote-roles", roles.collect::<Vec<_>>().join(",")),
    ]
}

/// A text as a header takes it: what is not plain ASCII is percent-encoded as UTF-8, and so are commas, which stand between
/// names, and percent signs.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if !matches!(byte, b'%' | b',') => escaped.push(char::from(byte)),
            _ => percent(&mut escaped, byte),
        }
    }
    escaped
}

fn percent(text: &mut String, byte: u8) {
    write!(text, "%{byte:02X}").ok();
}

/// A text as a value of an address.
pub(super) fn in_address(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => percent(&mut encoded, byte),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{escaped, in_address};

    #[test]
    fn a_name_in_a_header_is_one_whatever_is_in_it() {
        for (name, header) in [
            ("Risk Managers", "Risk Managers"),
            ("\"Quoted\"", "\"Quoted\""),
            ("Sales, North", "Sales%2C North"),
            ("100 %", "100 %25"),
            ("Олена", "%D0%9E%D0%BB%D0%B5%D0%BD%D0%B0"),
            ("a\r\nRemote-User: root", "a%0D%0ARemote-User: root"),
            ("a\0b\u{7f}", "a%00b%7F"),
        ] {
            assert_eq!(escaped(name), header);
        }
    }

    #[test]
    fn a_place_in_an_address_is_one_value_whatever_is_in_it() {
        assert_eq!(in_address("/a?b=1&c=%2F#d+e f"), "/a%3Fb%3D1%26c%3D%252F%23d%2Be%20f");
    }
}
