//! The form in which a mail is signed: the relaxed one (RFC 6376, 3.4), which survives what relays do to white space.

/// A field of the header of a mail, as it stands there, without the line end behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// The name as written.
    pub(super) name: &'a [u8],
    /// What stands behind the colon, with the folds in it.
    pub(super) value: &'a [u8],
}

/// The fields of a mail, and its body.
pub(super) fn split(mail: &[u8]) -> (Vec<Field<'_>>, &[u8]) {
    let mut fields = Vec::new();
    let mut rest = mail;
    while !rest.is_empty() {
        if let Some(body) = rest.strip_prefix(b"\r\n") {
            return (fields, body);
        }
        let (field, behind) = rest.split_at(end_of_field(rest));
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            let (name, value) = field.split_at(colon);
            fields.push(Field { name, value: value.get(1..).unwrap_or_default() });
        }
        rest = behind.strip_prefix(b"\r\n").unwrap_or(behind);
    }
    (fields, &[])
}

/// Where a field ends: at the first line end behind which no white space stands.
fn end_of_field(text: &[u8]) -> usize {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.windows(2).position(|pair| pair == b"\r\n"))
    {
        let end = from + found;
        if !matches!(text.get(end + 2), Some(b' ' | b'\t')) {
            return end;
        }
        from = end + 2;
    }
    text.len()
}

/// Adds a field in its relaxed form, without a line end.
pub(super) fn relax_field(field: Field<'_>, out: &mut Vec<u8>) {
    let name = field.name.iter().filter(|byte| !is_blank(**byte)).map(u8::to_ascii_lowercase);
    out.extend(name);
    out.push(b':');
    let unfolded: Vec<u8> =
        field.value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let trimmed = unfolded.iter().position(|byte| !is_blank(*byte)).unwrap_or(unfolded.len());
    relax_line(unfolded.get(trimmed..).unwrap_or_default(), out);
}

/// The relaxed form of a body: no white space at the end of lines, no empty lines at its end.
pub(super) fn relax_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len() + 2);
    let mut end = 0;
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let start = relaxed.len();
        relax_line(line, &mut relaxed);
        let is_empty = relaxed.len() == start;
        relaxed.extend_from_slice(b"\r\n");
        if !is_empty {
            end = relaxed.len();
        }
    }
    relaxed.truncate(end);
    relaxed
}

/// A line with each run of white space as one space, and none at its end.
fn relax_line(line: &[u8], out: &mut Vec<u8>) {
    let mut is_gap = false;
    for byte in line {
        if is_blank(*byte) {
            is_gap = true;
        } else {
            if is_gap {
                out.push(b' ');
            }
            is_gap = false;
            out.push(*byte);
        }
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
