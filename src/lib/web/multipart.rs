//! Forms with a file (RFC 7578), as browsers write them, with the bounds of [`Fields`]; what is written otherwise is refused.

use memchr::memmem;
use zeroize::Zeroizing;

use super::fields::{Fields, LONGEST_NAME, MOST_FIELDS};

/// What the body of such a form says of itself.
const MULTIPART: &str = "multipart/form-data";

/// The most bytes of a boundary (RFC 2046, 5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// The most bytes of what a part says of itself: names of files are no longer than that.
const LONGEST_HEAD: usize = 4 * 1024;

/// It is no such form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The boundary that a content type names, where it is that of such a form.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let (media_type, parameters) = content_type.split_once(';')?;
    if !media_type.trim().eq_ignore_ascii_case(MULTIPART) {
        return None;
    }
    let mut named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let (_, value) = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    let value = value.trim();
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    ((1..=LONGEST_BOUNDARY).contains(&value.len()) && value.bytes().all(is_plain)).then_some(value)
}

/// Reads the parts between that boundary; the bytes of a file are the value of its field.
///
/// # Errors
/// When it is not written as browsers do, or has more fields, or longer names, than any form.
pub(crate) fn parse(bytes: &[u8], boundary: &str) -> Result<Fields, Malformed> {
    let delimiter = format!("\r\n--{boundary}");
    let (first, between) = (delimiter.as_bytes().get(2..).unwrap_or_default(), delimiter.as_bytes());
    let mut rest = bytes.strip_prefix(first).ok_or(Malformed)?;
    let mut fields = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let (head, content) = split(part, b"\r\n\r\n").ok_or(Malformed)?;
        let name = std::str::from_utf8(head).ok().filter(|head| head.len() <= LONGEST_HEAD).and_then(name_of);
        let (content, after) = split(content, between).ok_or(Malformed)?;
        let name = name.filter(|name| name.len() <= LONGEST_NAME).ok_or(Malformed)?;
        if fields.len() == MOST_FIELDS {
            return Err(Malformed);
        }
        fields.push((name.to_owned(), Zeroizing::new(content.to_vec())));
        rest = after;
    }
    if matches!(rest, b"--" | b"--\r\n") { Ok(Fields::of(fields)) } else { Err(Malformed) }
}

/// What stands before the first of these, and behind it.
fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(bytes, separator)?;
    Some((bytes.get(..at)?, bytes.get(at + separator.len()..)?))
}

/// The name of the field that a part is of.
fn name_of(head: &str) -> Option<&str> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, said) = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))?;
    let mut rest = said.trim().strip_prefix("form-data")?;
    loop {
        let (name, value) = rest.trim_start().strip_prefix(';')?.split_once("=\"")?;
        let (value, after) = value.split_once('"')?;
        if name.trim() == "name" {
            return Some(value);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::FieldFault;
    use super::{Malformed, boundary, parse};

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n\
        --b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a; name=%22x%22.png\"\r\n\
        Content-Type: image/png\r\n\r\n\x00--b\r\n\r\n\r\n--b--\r\n";

    #[test]
    fn fields_and_files_are_read_as_a_browser_writes_them() {
        let fields = parse(FORM.as_bytes(), "b").unwrap();
        assert_eq!((fields.text("csrf"), fields.bytes("photo")), (Ok("token"), Ok(&b"\0--b\r\n\r\n"[..])));
        assert_eq!(fields.bytes("other"), Err(FieldFault::Missing));
        let doubled = FORM.replace("name=\"csrf\"", "name=\"photo\"");
        assert_eq!(parse(doubled.as_bytes(), "b").unwrap().bytes("photo"), Err(FieldFault::Doubled));
        let none = FORM.replace("\0--b\r\n\r\n", "");
        assert_eq!(parse(none.as_bytes(), "b").unwrap().bytes("photo"), Err(FieldFault::Missing));
    }

    #[test]
    fn f5_what_no_browser_writes_is_refused_wherever_it_ends() {
        let whole = FORM.trim_end().len();
        for length in 0..whole {
            assert_eq!(parse(&FORM.as_bytes()[..length], "b").err(), Some(Malformed), "{length}");
        }
        let part = |head: &str| format!("--b\r\n{head}\r\n\r\nx\r\n--b--");
        assert!(parse(part("content-disposition:form-data;name=\"a\"").as_bytes(), "b").is_ok());
        for head in [
            "",
            "Content-Disposition: attachment; name=\"a\"",
            "Content-Disposition: form-data",
            "Content-Disposition: form-data; filename=\"name=\"",
            "Content-Disposition: form-data; name=a",
            &format!("Content-Disposition: form-data; name=\"{}\"", "n".repeat(65)),
            &format!("Content-Disposition: form-data; name=\"a\"; filename=\"{}\"", "n".repeat(5000)),
        ] {
            assert_eq!(parse(part(head).as_bytes(), "b").err(), Some(Malformed), "{head}");
        }
        let many = |count: usize| {
            let one = "\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
            format!("{}\r\n--b--", one.repeat(count).trim_start())
        };
        assert!(parse(many(64).as_bytes(), "b").is_ok());
        assert_eq!(parse(many(65).as_bytes(), "b").err(), Some(Malformed));
        assert_eq!(parse(FORM.as_bytes(), "c").err(), Some(Malformed));
    }

    #[test]
    fn the_boundary_is_what_the_content_type_names() {
        for (content_type, named) in [
            ("multipart/form-data; boundary=----WebKitFormBoundaryAb1", Some("----WebKitFormBoundaryAb1")),
            ("Multipart/Form-Data;charset=utf-8; Boundary=\"a b\"", None),
            ("multipart/form-data; boundary=\"a:b\"", Some("a:b")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/mixed; boundary=a", None),
            (&format!("multipart/form-data; boundary={}", "a".repeat(71)), None),
        ] {
            assert_eq!(boundary(content_type), named, "{content_type}");
        }
    }
}
