//! Whether the head of a request can be read in one way only.
//!
//! Programs between a visitor and the site forgive different faults, and what one of them forgives another reads as a
//! second request. So nothing is forgiven: lines end with CR LF, none goes on in the next, there is one space where one
//! belongs, and every byte is one that is seen.

/// The most bytes of a head.
pub(crate) const LONGEST: usize = 16 * 1024;

/// What ends a head.
const END: &[u8] = b"\r\n\r\n";

/// What decides how a request is read, and so is there once.
const FRAMING: [&str; 3] = ["host", "content-length", "transfer-encoding"];

/// How far the head goes at the beginning of these bytes; none while its end has not come. `from` is how much of them was
/// looked at before.
///
/// A bare line feed ends it too, so that a head with faults is not waited for: [`is_plain`] refuses it.
pub(crate) fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let from = from.saturating_sub(END.len());
    let looked_at = bytes.get(from..).unwrap_or_default();
    let ends = |at: usize| {
        let before = looked_at.get(..=at).unwrap_or_default();
        before.ends_with(END) || before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n")
    };
    (0..looked_at.len()).find(|at| looked_at.get(*at) == Some(&b'\n') && ends(*at)).map(|at| from + at + 1)
}

/// Whether a whole head, with what ends it, can be read in one way only.
pub(crate) fn is_plain(head: &[u8]) -> bool {
    let Some(lines) = head.strip_suffix(END) else { return false };
    let mut lines = split_lines(lines);
    let mut seen = [false; FRAMING.len()];
    lines.next().is_some_and(is_request_line) && lines.all(|line| is_field(line) && is_first(line, &mut seen))
}

/// Whether a field is not one that decides how a request is read and was there before.
fn is_first(line: &[u8], seen: &mut [bool; FRAMING.len()]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let seen = FRAMING.iter().zip(seen).find(|(framing, _)| name.eq_ignore_ascii_case(framing.as_bytes()));
    seen.is_none_or(|(_, seen)| !std::mem::replace(seen, true))
}

/// The lines between CR LF.
fn split_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = text.windows(2).position(|pair| pair == b"\r\n");
        rest = at.and_then(|at| text.get(at + 2..));
        Some(at.and_then(|at| text.get(..at)).unwrap_or(text))
    })
}

/// A method, a target and a version, with one space between them.
fn is_request_line(line: &[u8]) -> bool {
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts.as_slice() else { return false };
    !method.is_empty()
        && method.iter().all(u8::is_ascii_uppercase)
        && !target.is_empty()
        && target.iter().all(u8::is_ascii_graphic)
        && matches!(*version, b"HTTP/1.1" | b"HTTP/1.0")
}

/// A name, a colon, and a value of bytes that are seen.
fn is_field(line: &[u8]) -> bool {
    let Some(at) = line.iter().position(|byte| *byte == b':') else { return false };
    let (name, value) = line.split_at(at);
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_seen = |byte: &u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t');
    !name.is_empty() && name.iter().all(is_token) && value.iter().all(is_seen)
}

#[cfg(test)]
mod tests {
    use super::{end, is_plain};

    #[test]
    fn a_plain_head_is_read() {
        for head in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /a?b=c%20d HTTP/1.0\r\nHost:a\r\nX-Empty:\r\nCookie: a=b; c=\"d\"\t \r\n\r\n",
        ] {
            assert_eq!(end(head.as_bytes(), 0), Some(head.len()));
            assert!(is_plain(head.as_bytes()), "{head}");
        }
    }

    #[test]
    fn f5_what_could_be_read_in_two_ways_is_refused() {
        for head in [
            "",
            "\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\nHost: a\n\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            "GET / HTTP/1.1\r\n: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: \u{e4}\r\n\r\n",
            "GET /\u{e4} HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
            "get / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n",
        ] {
            assert!(!is_plain(head.as_bytes()), "{head:?}");
        }
    }

    #[test]
    fn f5_the_end_of_a_head_is_found_wherever_it_was_cut() {
        let two = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\n\r\n";
        let first = 27;
        for cut in 0..=first {
            assert_eq!(end(&two[..cut], 0), (cut == first).then_some(first), "{cut}");
            assert_eq!(end(two, cut.min(first - 1)), Some(first), "{cut}");
        }
        assert_eq!(end(b"GET / HTTP/1.1\n\nrest", 0), Some(16));
        assert_eq!(end(b"GET / HTTP/1.1\n\r\nrest", 0), Some(17));
    }
}
